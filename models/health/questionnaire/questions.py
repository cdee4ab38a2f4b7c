"""What residents are asked, and whom: questions, quotas and bands as data (``questionnaire_<edition>.toml``).

Which indicators a question speaks of is said by the indicators (``IndicatorDef.questions``), many to many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from resources.standards import standard


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Parameters
    ----------
    id : str
        ``"Q-H1"``: part and number; also the column of the answers.
    part : str
        ``"housing"``, ``"community"``, ``"block"`` or ``"city"``.
    name, name_en : str
    """

    id: str
    part: str
    name: str
    name_en: str

    def title(self, lang: str) -> str:
        """Return it in a language."""
        return self.name_en if lang == "en" else self.name


@dataclass(frozen=True, slots=True)
class Band:
    """A group of people: an age band with the share that it should have, or a group of incomes."""

    id: str
    name: str
    name_en: str
    start: float = 0.0
    end: float = 0.0
    share: float = 0.0

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.name_en if lang == "en" else self.name


@dataclass(frozen=True, slots=True)
class Quota:
    """What is asked of the sample; shares 0…1.

    Parameters
    ----------
    least_age, least_months : float
        Years; months of residence.
    per_community, total : int
    share_of_population, share_of_population_most : float
    women_most, public_servants_most : float
    tolerance : float
        Of the share of an age band.
    """

    least_age: float
    least_months: float
    per_community: int
    total: int
    share_of_population: float
    share_of_population_most: float
    women_most: float
    public_servants_most: float
    tolerance: float


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One edition of the questionnaire.

    Parameters
    ----------
    questions : mapping of str to Question
        By id, in their order.
    quota : Quota
    ages, incomes : tuple of Band
    thin : int
        Cells with fewer answers are not shown.
    confidence : float
        Of intervals, 0…1.
    lowers_below : float
        An indicator with less satisfaction (0…100) is graded one lower.
    source : str
    """

    questions: Mapping[str, Question]
    quota: Quota
    ages: tuple[Band, ...]
    incomes: tuple[Band, ...]
    thin: int
    confidence: float
    lowers_below: float
    source: str


@lru_cache(maxsize=4)
def questionnaire(edition: str = "2025") -> Questionnaire:
    """Return the questionnaire of an edition."""
    table = standard(f"health/questionnaire_{edition}")
    quota, how = table["quota"], table["satisfaction"]
    asked = [Question(row["id"], row["part"], row["zh"], row["en"]) for row in table["question"]]
    return Questionnaire(
        {one.id: one for one in asked},
        Quota(**{name: quota[name] for name in Quota.__dataclass_fields__}),
        tuple(Band(row["id"], row["zh"], row["en"], row["from"], row["to"], row["share"]) for row in table["age_band"]),
        tuple(Band(row["id"], row["zh"], row["en"]) for row in table["income"]),
        how["thin"],
        how["confidence"],
        how["lowers_below"],
        table["edition"]["source"],
    )

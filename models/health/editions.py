"""Editions of the health-check indicator set, read from data.

Names, formulas and limits change between editions, and provinces and cities may set their own limits; therefore nothing
of this stands in code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from models.core.errors import UserError
from models.health.profile import CityProfile
from resources.standards import standard

#: Units of numerators that are the same in every language.
METRIC = ("m²", "km")


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A value against which a result is held.

    Parameters
    ----------
    value : float
        In the indicator's unit.
    op : str
        ``">="`` or ``"<="``.
    name, name_en : str
        Whose aim it is.
    source : str
        Document and clause.
    uncertain : bool
        Whether the source could not be read.
    applies : mapping of str to tuple of str
        Fields of the city profile → classes for which it holds; empty where it holds for every city.
    """

    value: float
    op: str
    name: str
    name_en: str
    source: str
    uncertain: bool
    applies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def met(self, value: float) -> bool:
        """Whether a value meets it."""
        return value >= self.value if self.op == ">=" else value <= self.value

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.name_en if lang == "en" else self.name

    @property
    def threshold(self) -> Threshold:
        """Return it as a rule that goes into a result."""
        facts = {"value": self.value, "op": self.op, "zh": self.name, "en": self.name_en}
        return Threshold("benchmark", facts, self.source, self.uncertain)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A rule that went into a result, and where it comes from.

    Parameters
    ----------
    code : str
        ``health.threshold.<code>`` is its sentence.
    facts : mapping
        Values for the sentence.
    source : str
        Document and clause; empty for a rule of our own.
    uncertain : bool
    """

    code: str
    facts: Mapping[str, Any]
    source: str = ""
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class InputDef:
    """A layer that an indicator needs, by its role in the city."""

    role: str
    name: str
    name_en: str

    def title(self, lang: str) -> str:
        """Return what it is in a language."""
        return self.name_en if lang == "en" else self.name


@dataclass(frozen=True, slots=True)
class IndicatorDef:
    """One indicator of an edition.

    Parameters
    ----------
    code : str
        ``"HC25-25"``: edition and number.
    number : int
        In its edition.
    edition : str
        The edition it comes from; ``"2021"`` for one that was kept from there.
    name, name_en : str
    dimension : str
        ``"housing"``, ``"community"``, ``"block"``, ``"city"`` or ``"rectification"``.
    aspect, aspect_en : str
    unit, unit_en : str
    direction : str
        ``"up"`` (more is better), ``"down"`` or ``"context"``.
    computed : bool
        Whether this program works it out from layers.
    rank : int
        Place among the computed ones where they are listed, lowest first.
    method : str
        Which module of :mod:`models.health.methods` does.
    formula, formula_en : str
        In words.
    numerator, numerator_en, denominator, denominator_en : str
        What is divided.
    quantity_unit, quantity_unit_en, denominator_unit : str
        Units of numerator and denominator.
    survey_themes : tuple of str
        Themes of the survey table without which a district has no data.
    inputs : tuple of InputDef
    benchmarks : tuple of Benchmark
        Of those that hold for the city, the first is the one a result is graded by.
    parameters : mapping
        Radii, classes, rules: what the method reads.
    uncertain : bool
        Whether the formula itself could not be checked.
    """

    code: str
    number: int
    edition: str
    name: str
    name_en: str
    dimension: str
    aspect: str
    aspect_en: str
    unit: str
    unit_en: str
    direction: str
    computed: bool = False
    rank: int = 0
    method: str = ""
    formula: str = ""
    formula_en: str = ""
    numerator: str = ""
    numerator_en: str = ""
    denominator: str = ""
    denominator_en: str = ""
    quantity_unit: str = ""
    quantity_unit_en: str = ""
    denominator_unit: str = ""
    survey_themes: tuple[str, ...] = ()
    inputs: tuple[InputDef, ...] = ()
    benchmarks: tuple[Benchmark, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    uncertain: bool = False

    def benchmarks_for(self, profile: CityProfile) -> tuple[Benchmark, ...]:
        """Return the benchmarks that hold for a city, the one that grades first."""
        return tuple(row for row in self.benchmarks if all(profile.of(f) in known for f, known in row.applies.items()))

    def undecided(self, profile: CityProfile) -> tuple[str, ...]:
        """Return the fields of the city profile that decide over the benchmark and are not filled in."""
        return tuple(name for name in self.profile_fields if not profile.of(name))

    @property
    def profile_fields(self) -> tuple[str, ...]:
        """Return the fields of the city profile that decide over the benchmark."""
        return tuple(dict.fromkeys(name for row in self.benchmarks for name in row.applies))

    def title(self, lang: str) -> str:
        """Return the name in a language."""
        return self.name_en if lang == "en" else self.name

    def unit_text(self, lang: str) -> str:
        """Return the unit in a language."""
        return self.unit_en if lang == "en" else self.unit

    def quantity_text(self, lang: str) -> str:
        """Return the unit of the numerator in a language; what is counted has none in English."""
        return self.quantity_unit_en if lang == "en" and self.quantity_unit not in METRIC else self.quantity_unit

    def formula_text(self, lang: str) -> str:
        """Return the formula in words."""
        return self.formula_en if lang == "en" else self.formula


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of the indicator set.

    Parameters
    ----------
    id : str
        ``"2025"``.
    name, name_en, issued, source : str
    indicators : mapping of str to IndicatorDef
        By code, in the order of the edition.
    dimensions : mapping of str to (str, str)
        Chinese and English names by id.
    complete_share : float
        From this share of known inputs on, a value counts as complete.
    city : tuple of str
        What the row over all districts is called, Chinese and English.
    """

    id: str
    name: str
    name_en: str
    issued: str
    source: str
    indicators: Mapping[str, IndicatorDef]
    dimensions: Mapping[str, tuple[str, str]]
    complete_share: float
    city: tuple[str, str] = ("", "")

    @property
    def computed(self) -> tuple[str, ...]:
        """Return the codes of what this program works out, in the order in which they are listed."""
        rows = [row for row in self.indicators.values() if row.computed]
        return tuple(row.code for row in sorted(rows, key=lambda row: row.rank))

    def title(self, lang: str) -> str:
        """Return the edition's name in a language."""
        return self.name_en if lang == "en" else self.name


@lru_cache(maxsize=8)
def edition(name: str = "2025") -> Edition:
    """Return an edition.

    Raises
    ------
    UserError
        ``health.no_edition``.
    """
    try:
        table = standard(f"health_{name}")
    except FileNotFoundError as error:
        raise UserError("health.no_edition", edition=name) from error
    about = table["edition"]
    return Edition(
        id=about["id"],
        name=about["name"],
        name_en=about["name_en"],
        issued=about["issued"],
        source=about["source"],
        indicators={row["code"]: _indicator(row, about["id"]) for row in table["indicator"]},
        dimensions={row["id"]: (row["zh"], row["en"]) for row in table["dimension"]},
        complete_share=table["complete"]["share"],
        city=(table["city"]["zh"], table["city"]["en"]),
    )


def indicator(code: str, edition_name: str = "2025") -> IndicatorDef:
    """Return one indicator of an edition.

    Raises
    ------
    UserError
        ``health.no_indicator``.
    """
    book = edition(edition_name)
    try:
        return book.indicators[code]
    except KeyError:
        known = ", ".join(book.computed)
        raise UserError("health.no_indicator", indicator=code, edition=edition_name, known=known) from None


def _indicator(row: Mapping[str, Any], edition_id: str) -> IndicatorDef:
    plain = {name: row[name] for name in row if name in IndicatorDef.__dataclass_fields__}
    plain |= {
        "edition": row.get("edition", edition_id),
        "survey_themes": tuple(row.get("survey_themes", ())),
        "inputs": tuple(InputDef(item["role"], item["zh"], item["en"]) for item in row.get("input", ())),
        "benchmarks": tuple(
            Benchmark(
                item["value"], item["op"], item["zh"], item["en"], item["source"], item["uncertain"],
                {name: tuple(classes) for name, classes in item.get("applies", {}).items()},
            )
            for item in row.get("benchmark", ())
        ),
    }  # fmt: skip
    return IndicatorDef(**plain)

"""What a health check came to in a year: plain values, no table and no geometry, kept in a project or in a file.

Invariants
----------
1. Objects are named by their business keys and units by their codes: rows of a table mean nothing elsewhere.
2. What was not looked at is not there; nothing here stands for "good" but what was looked at and is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from models.health.lists.rows import ProblemRow

LEVELS = ("city", "district", "estate")


@dataclass(frozen=True, slots=True)
class YearValue:
    """What an indicator came to in one unit.

    Parameters
    ----------
    level : str
        One of :data:`LEVELS`.
    code, name, name_en : str
    value, numerator, denominator, coverage : float or None
    grade : str
        As :attr:`models.health.results.UnitValue.grade`.
    """

    level: str
    code: str
    name: str
    name_en: str = ""
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    coverage: float | None = None
    grade: str = "no_data"

    def title(self, lang: str) -> str:
        """Return the unit's name in a language."""
        return (self.name_en if lang == "en" and self.name_en else self.name) or self.code


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a figure is a figure of: where two years differ in this, their values cannot be held against each other.

    Parameters
    ----------
    edition, reading, unit, extent, method, formula : str
    parameters : str
        Print of what the method reads: radii, classes, limits.
    """

    edition: str
    reading: str = ""
    unit: str = ""
    extent: str = ""
    method: str = ""
    formula: str = ""
    parameters: str = ""


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Objects of one role that were looked at and are good.

    Parameters
    ----------
    role : str
    names : str
        Prints of their business keys, packed.
    """

    role: str
    names: str


@dataclass(frozen=True, slots=True)
class YearIndicator:
    """What one indicator came to.

    Parameters
    ----------
    code, name, name_en : str
    meaning : Meaning
    values : tuple of YearValue
        The city first, then sub-districts and estates.
    origin : str
        As :attr:`models.health.results.IndicatorResult.origin`.
    was_old : bool
        Whether something that it read had changed when the record was made.
    decided : str
        The grade that a person gave it; empty for none.
    good : tuple of LookedAt
    """

    code: str
    name: str
    name_en: str
    meaning: Meaning
    values: tuple[YearValue, ...]
    origin: str = "computed"
    was_old: bool = False
    decided: str = ""
    good: tuple[LookedAt, ...] = ()

    @property
    def city(self) -> YearValue | None:
        """Return the value of the city."""
        return next((one for one in self.values if one.level == "city"), None)


@dataclass(frozen=True, slots=True)
class YearProblem:
    """An object that made an indicator bad.

    Parameters
    ----------
    indicator, reason : str
    role : str
        Of its layer.
    object : str
        Business key; empty where it has none, then it cannot be found again.
    name, name_en : str
    district : str
        Code of its sub-district.
    loss : float or None
        In the unit of the indicator's numerator.
    """

    indicator: str
    reason: str
    role: str
    object: str
    name: str = ""
    name_en: str = ""
    district: str = ""
    loss: float | None = None

    def title(self, lang: str) -> str:
        """Return its name in a language, else its code."""
        return (self.name_en if lang == "en" and self.name_en else self.name) or self.object


@dataclass(frozen=True, slots=True)
class FieldPrint:
    """A field of a layer as it was read.

    Parameters
    ----------
    name : str
    whole : str
        Fingerprint of the whole column.
    rows : str
        Prints row by row in the order of :attr:`LayerPrint.names`, packed; empty for large layers.
    """

    name: str
    whole: str
    rows: str = ""


@dataclass(frozen=True, slots=True)
class LayerPrint:
    """A layer as it was read.

    Parameters
    ----------
    role, id, name, name_en : str
    count : int
        Rows.
    crs : str
    key : str
        Field by which its objects are known; empty for none.
    names : str
        Prints of their business keys, ascending, packed; empty for large layers.
    fields : tuple of FieldPrint
    """

    role: str
    id: str
    name: str
    name_en: str
    count: int
    crs: str = ""
    key: str = ""
    names: str = ""
    fields: tuple[FieldPrint, ...] = ()

    def title(self, lang: str) -> str:
        """Return the layer's name in a language."""
        return (self.name_en if lang == "en" and self.name_en else self.name) or self.id


@dataclass(frozen=True, slots=True)
class YearRecord:
    """What the check of one city came to in one year.

    Parameters
    ----------
    year : int
    city, city_en : str
    edition : str
    made_at : str
        ISO 8601.
    program : str
        Version of the program.
    synthetic : bool
        Whether it is made up, as the sample city is.
    source : str
        Name of the file it was read from; empty for the project's own.
    indicators : tuple of YearIndicator
    problems : tuple of YearProblem
    listed : tuple of ProblemRow
        The problem list, for the rate of rectification.
    layers : tuple of LayerPrint
    """

    year: int
    city: str
    city_en: str = ""
    edition: str = ""
    made_at: str = ""
    program: str = ""
    synthetic: bool = False
    source: str = ""
    indicators: tuple[YearIndicator, ...] = ()
    problems: tuple[YearProblem, ...] = field(default=(), hash=False)
    listed: tuple[ProblemRow, ...] = field(default=(), hash=False)
    layers: tuple[LayerPrint, ...] = field(default=(), hash=False)

    @property
    def id(self) -> str:
        """Return what it is known by: one city has one record a year."""
        return f"{self.year}|{self.city}"

    def title(self, lang: str) -> str:
        """Return the city's name in a language."""
        return self.city_en if lang == "en" and self.city_en else self.city

    def by_code(self) -> dict[str, YearIndicator]:
        """Return its indicators by code."""
        return {one.code: one for one in self.indicators}

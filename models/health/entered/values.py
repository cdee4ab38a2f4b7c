"""One value that a person entered for a unit, with where it is from: date, department, evidence and its grade."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

#: Levels of units for which values are entered, from the whole down.
LEVELS = ("city", "district", "community")
#: Grades of evidence, best first: statistics, department or monitoring, GIS and field work, survey, machine or guess.
#: Source: facts of 2026, 1.4 (one province and one city, certainty C).
GRADES = ("A", "B", "C", "D", "E")
ENTERED, IMPORTED, COMPUTED = "entered", "imported", "computed"

#: Indicator, level and unit code: what names a value.
ValueKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that proves a value; it is named, never copied.

    Parameters
    ----------
    path : str
        Relative to the folder of the project where possible, with ``/``.
    sha256 : str
        Of its content when it was named; empty where the file was not there.
    """

    path: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class EnteredValue:
    """A value of one indicator for one unit.

    Parameters
    ----------
    indicator : str
        Code.
    level : str
        One of :data:`LEVELS`.
    unit : str
        Code of the unit; empty for the city.
    value : float or None
        In the indicator's unit; None where only numerator and denominator were given.
    numerator, denominator : float or None
        In the units of the indicator's formula.
    as_of : str
        Day for which it holds, ISO 8601; empty where nobody said.
    source, department : str
        Book, system or survey; who is responsible for it.
    evidence : tuple of EvidenceFile
    grade : str
        One of :data:`GRADES`; empty where nobody said.
    note : str
    origin : str
        ``"entered"`` or ``"imported"``.
    who, at : str
        Who put it into the project, and when (ISO 8601).
    """

    indicator: str
    level: str
    unit: str
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    as_of: str = ""
    source: str = ""
    department: str = ""
    evidence: tuple[EvidenceFile, ...] = ()
    grade: str = ""
    note: str = ""
    origin: str = ENTERED
    who: str = ""
    at: str = ""

    @property
    def key(self) -> ValueKey:
        """Return what names it."""
        return self.indicator, self.level, self.unit

    @property
    def is_blank(self) -> bool:
        """Whether it holds no number."""
        return self.value is None and self.numerator is None

    def says_the_same(self, other: EnteredValue) -> bool:
        """Whether another value has the same content, whoever brought it, when and how."""
        return replace(self, origin="", who="", at="") == replace(other, origin="", who="", at="")


@dataclass(frozen=True, slots=True)
class Counting:
    """Which of a computed and an entered value counts, as a person said.

    Parameters
    ----------
    code : str
    origin : str
        ``"computed"`` or ``"entered"`` (imported ones are meant too).
    who, at : str
    """

    code: str
    origin: str
    who: str = ""
    at: str = ""


def with_values(before: tuple[EnteredValue, ...], fresh: Iterable[EnteredValue]) -> tuple[EnteredValue, ...]:
    """Return values with fresh ones in the place of those they name; a blank one takes its place away."""
    found = {one.key: one for one in before}
    for one in fresh:
        if one.is_blank:
            found.pop(one.key, None)
        elif one.key not in found or not found[one.key].says_the_same(one):
            found[one.key] = one
    return tuple(found.values())


def with_counting(before: tuple[Counting, ...], fresh: Counting) -> tuple[Counting, ...]:
    """Return what counts with one decision more, or another in its place."""
    return (*(one for one in before if one.code != fresh.code), fresh)

"""How a workbook of values is laid out, for who writes it and who reads it.

A sheet a level of units: codes and names of units at the left, and for each indicator a column (a count) or three
(numerator, denominator, value). Above stand its key, name, part and unit. A sheet of evidence says where values are
from; a hidden one says what the workbook is, so that a foreign workbook is not taken for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.health.editions import IndicatorDef
from models.health.entered.values import EnteredValue, EvidenceFile

#: Name of the hidden sheet, and what it says in its first row.
MARK_SHEET, MARK, VERSION = "chengjing", "chengjing.health.values", "1"
#: Rows of a level's sheet: title, how to, key, name, part, unit; then the units.
KEY_ROW, NAME_ROW, PART_ROW, UNIT_ROW, FIRST_ROW = 3, 4, 5, 6, 7
#: Columns at the left of a level's sheet: code and name of the unit.
FIRST_COLUMN = 3
#: Rows of the sheet of evidence above its first row.
EVIDENCE_HEAD = 3
#: Columns of the sheet of evidence; the empty level and unit mean all of an indicator.
EVIDENCE_COLUMNS = ("indicator", "level", "unit", "as_of", "source", "department", "grade", "files", "note")
#: Between several files in a cell.
FILE_MARK = "; "
PARTS = ("numerator", "denominator", "value")
_SUFFIXES = {"numerator": "/N", "denominator": "/D", "value": ""}

#: Which levels are asked of a dimension.
LEVELS_OF = {
    "housing": ("city", "district", "community"),
    "community": ("city", "district", "community"),
    "block": ("city", "district"),
    "city": ("city", "district"),
    "rectification": ("city", "district"),
}


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """One column of numbers.

    Parameters
    ----------
    code : str
        Of the indicator.
    part : str
        One of :data:`PARTS`.
    units : tuple of str
        Its unit in both languages; empty texts where it has none.
    """

    code: str
    part: str
    units: tuple[str, str]

    @property
    def key(self) -> str:
        """Return what stands above it for the program."""
        return self.code + _SUFFIXES[self.part]


def levels_of(dimension: str) -> tuple[str, ...]:
    """Return the levels of units for which a dimension's values are asked."""
    return LEVELS_OF.get(dimension, ("city", "district"))


def columns_of(definitions: Iterable[IndicatorDef]) -> tuple[ValueColumn, ...]:
    """Return the columns of indicators, in their order."""
    found = []
    for one in definitions:
        own = ValueColumn(one.code, "value", (one.unit, one.unit_en))
        if one.form == "count":
            found.append(own)
        else:
            quantity = (one.quantity_unit, one.quantity_text("en"))
            found += [
                ValueColumn(one.code, "numerator", quantity),
                ValueColumn(one.code, "denominator", (one.denominator_unit, one.denominator_unit)),
                own,
            ]
    return tuple(found)


def column_of(key: str) -> tuple[str, str] | None:
    """Return indicator and part of a column's key, None for a text that is no key."""
    code, mark, letter = key.strip().partition("/")
    part = next((name for name, suffix in _SUFFIXES.items() if suffix == mark + letter), None)
    return None if not code or part is None else (code, part)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where values are from: all of an :class:`EnteredValue` but its numbers."""

    as_of: str = ""
    source: str = ""
    department: str = ""
    grade: str = ""
    files: tuple[EvidenceFile, ...] = ()
    note: str = ""

    @classmethod
    def of(cls, one: EnteredValue) -> Provenance:
        """Return where a value is from."""
        return cls(one.as_of, one.source, one.department, one.grade, one.evidence, one.note)


def evidence_rows(values: Sequence[EnteredValue]) -> list[tuple[str, str, str, Provenance]]:
    """Return rows of indicator, level, unit and provenance: one for all values of one origin."""
    by_code: dict[str, list[EnteredValue]] = {}
    for one in values:
        by_code.setdefault(one.indicator, []).append(one)
    rows = []
    for code, many in by_code.items():
        found = {Provenance.of(one) for one in many}
        if len(found) == 1:
            rows.append((code, "", "", found.pop()))
        else:
            rows += [(code, one.level, one.unit, Provenance.of(one)) for one in many]
    return rows

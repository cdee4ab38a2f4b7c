"""Read a filled-in workbook of values: what it says, and cell by cell what cannot be taken.

Nothing is guessed: a cell that is no number, in another unit, merged or without a unit of the project is left out and
named; the others are taken. A workbook that is none of ours is refused as a whole.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.core.errors import UserError, first_line
from models.core.progress import Progress
from models.health.editions import Edition, IndicatorDef
from models.health.entered.evidence import evidence_file
from models.health.entered.faults import Fault
from models.health.entered.layout import (
    EVIDENCE_HEAD,
    FIRST_COLUMN,
    FIRST_ROW,
    KEY_ROW,
    MARK,
    MARK_SHEET,
    UNIT_ROW,
    VERSION,
    Provenance,
    ValueColumn,
    column_of,
    columns_of,
)
from models.health.entered.results import factor_of
from models.health.entered.values import GRADES, IMPORTED, EnteredValue, EvidenceFile
from models.io.common.archives import members

#: What a workbook may unpack to, and rows of a sheet; a form of values is far below.
MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 300 * 1024**2, 100_000, 1_000
#: A value may differ so much (of itself) from numerator ÷ denominator: what rounding does.
ROUNDING = 0.006
_NUMBER = re.compile(r"[+-]?\d[\d,]*\.?\d*(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class ValuesRead:
    """What a workbook of values says.

    Parameters
    ----------
    values : tuple of EnteredValue
    faults : tuple of Fault
        In the order of sheets and cells.
    """

    values: tuple[EnteredValue, ...]
    faults: tuple[Fault, ...]


def read_values(
    path: Path,
    book: Edition,
    units: Mapping[str, Mapping[str, str]],
    folder: Path | None,
    progress: Progress | None = None,
) -> ValuesRead:
    """Read a workbook that :func:`viewers.documents.value_book.write_value_book` laid out and somebody filled in.

    Parameters
    ----------
    path : Path
    book : Edition
        Of the project.
    units : mapping of str to mapping of str to str
        By level: code → name.
    folder : Path or None
        Of the project, against which evidence files are named.
    progress : Progress, optional

    Raises
    ------
    UserError
        ``health.values_unreadable``, ``health.values_foreign``, ``health.values_edition``, ``health.values_huge``;
        those of the archive.
    """
    progress, path = progress or Progress(), Path(path)
    plain, worked_out = _workbook(path)
    progress.step(0.3, "progress.health.reading_values")
    marks = _marks(plain, path)
    if marks.get("edition", book.id) != book.id:
        raise UserError("health.values_edition", file=path.name, found=marks["edition"], edition=book.id)
    levels = dict(_listed(plain, "sheet"))
    faults: list[Fault] = []
    numbers: dict[tuple[str, str, str], dict[str, float]] = {}
    for sheet in plain.worksheets:
        progress.step()
        if sheet.title in levels:
            values = worked_out[sheet.title] if worked_out is not None else None
            _read_level(sheet, values, levels[sheet.title], book, units, numbers, faults)
    proofs = _read_evidence(plain, marks, book, folder, faults)
    progress.step(0.8, "progress.health.reading_values")
    found = []
    for (code, level, unit), parts in numbers.items():
        told = next(
            (proofs[key] for key in ((code, level, unit), (code, level, ""), (code, "", "")) if key in proofs),
            Provenance(),
        )
        one = EnteredValue(
            code, level, unit, parts.get("value"), parts.get("numerator"), parts.get("denominator"), told.as_of,
            told.source, told.department, told.files, told.grade, told.note, IMPORTED,
        )  # fmt: skip
        checked = _sound(one, book.indicators[code], faults)
        if checked is not None:
            found.append(checked)
    return ValuesRead(tuple(found), tuple(faults))


def _workbook(path: Path) -> tuple[Any, Any]:
    """Return the workbook, and it with the values of formulas where it has some."""
    import openpyxl

    if not path.is_file():
        raise UserError("io.missing", file=str(path))
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        raise UserError("health.values_foreign", file=path.name)
    if sum(info.file_size for info in members(path).values()) > MOST_BYTES:
        raise UserError("health.values_huge", file=path.name)
    try:
        plain = openpyxl.load_workbook(path)
        is_huge = any(sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS for sheet in plain.worksheets)
        formulas = not is_huge and any(
            cell.data_type == "f" for sheet in plain.worksheets for row in sheet.iter_rows() for cell in row
        )
        worked_out = openpyxl.load_workbook(path, data_only=True) if formulas else None
    except Exception as error:  # openpyxl fails in as many ways as a workbook can be broken
        raise UserError("health.values_unreadable", file=path.name, reason=first_line(error)) from error
    if is_huge:
        raise UserError("health.values_huge", file=path.name)
    return plain, worked_out


def _marks(workbook: Any, path: Path) -> dict[str, str]:
    """Return what the hidden sheet says."""
    if MARK_SHEET not in workbook.sheetnames:
        raise UserError("health.values_foreign", file=path.name)
    rows = [[_text(cell) for cell in row] for row in workbook[MARK_SHEET].iter_rows(values_only=True, max_col=3)]
    if not rows or rows[0][:2] != [MARK, VERSION]:
        raise UserError("health.values_foreign", file=path.name)
    return {row[0]: row[1] for row in rows if row[0] not in ("sheet", "level")}


def _listed(workbook: Any, what: str) -> list[tuple[str, str]]:
    rows = workbook[MARK_SHEET].iter_rows(values_only=True, max_col=3)
    return [(_text(row[1]), _text(row[2])) for row in rows if _text(row[0]) == what]


def _read_level(
    sheet: Any,
    worked_out: Any,
    level: str,
    book: Edition,
    units: Mapping[str, Mapping[str, str]],
    numbers: dict[tuple[str, str, str], dict[str, float]],
    faults: list[Fault],
) -> None:
    """Read the numbers of one level's sheet."""

    def fault(code: str, place: str, *, is_error: bool = True, **facts: str) -> None:
        faults.append(Fault(code, sheet.title, place, facts, is_error))

    merged: set[tuple[int, int]] = set()
    for area in sheet.merged_cells.ranges:
        if area.max_row >= FIRST_ROW:
            fault("merged", str(area.coord))
            merged |= {(row, at) for row, at in _inside(area) if row >= FIRST_ROW}
    columns = _columns(sheet, book, fault)
    seen: dict[str, int] = {}
    for row in range(FIRST_ROW, sheet.max_row + 1):
        cells = {at: sheet.cell(row, at) for at in columns}
        filled = {at: cell for at, cell in cells.items() if cell.value is not None and str(cell.value).strip()}
        unit = _text(sheet.cell(row, 1).value)
        if not filled or (row, 1) in merged:
            continue
        if level != "city":
            if unit not in units.get(level, {}):
                fault(
                    "no_unit" if not unit else "unknown_unit",
                    f"A{row}",
                    unit=unit,
                    name=_text(sheet.cell(row, 2).value),
                )
                continue
        elif unit:
            fault("unknown_unit", f"A{row}", unit=unit, name="")
            continue
        if unit in seen:
            fault("twice", f"A{row}", unit=unit, row=str(seen[unit]))
            continue
        seen[unit] = row
        for at, cell in filled.items():
            if (row, at) in merged:
                continue
            column = columns[at]
            value = cell.value
            if cell.data_type == "f":
                value = worked_out.cell(row, at).value if worked_out is not None else None
                if value is None:
                    fault("formula", cell.coordinate)
                    continue
            number, wrong = _number(value, cell.number_format, column)
            if wrong:
                fault(wrong, cell.coordinate, text=str(value)[:60], unit=column.units[0] or column.units[1])
            else:
                numbers.setdefault((column.code, level, unit), {})[column.part] = number


def _columns(sheet: Any, book: Edition, fault: Any) -> dict[int, ValueColumn]:
    """Return the columns of a sheet that can be read, by their number."""
    known = {column.key: column for column in columns_of(book.indicators.values())}
    found: dict[int, ValueColumn] = {}
    for at in range(FIRST_COLUMN, sheet.max_column + 1):
        head = sheet.cell(KEY_ROW, at)
        key = _text(head.value)
        if not key:
            continue
        column = known.get(key)
        if column is None:
            told = column_of(key)
            is_known = told is not None and told[0] in book.indicators
            fault("unknown_part" if is_known else "unknown_indicator", head.coordinate, text=key[:60])
        elif column in found.values():
            fault("column_twice", head.coordinate, text=key)
        else:
            stated = _text(sheet.cell(UNIT_ROW, at).value)
            if stated and any(column.units) and stated not in column.units:
                fault("wrong_unit", sheet.cell(UNIT_ROW, at).coordinate, text=stated[:60], unit=column.units[0])
            else:
                found[at] = column
    return found


def _number(value: Any, number_format: str, column: ValueColumn) -> tuple[float, str]:
    """Return a cell as a number in the column's unit, or what is wrong with it."""
    if isinstance(value, (bool, dt.date, dt.time, dt.timedelta)):
        return math.nan, "no_number"
    if isinstance(value, (int, float)):
        number = float(value)
        if "%" in number_format:
            if "%" not in column.units:
                return math.nan, "wrong_unit"
            number *= 100.0
    else:
        text = str(value).strip().replace("，", ",").replace("％", "%")
        told = _NUMBER.match(text)
        if told is None:
            return math.nan, "no_number"
        rest = text[told.end() :].strip()
        if rest and rest not in column.units:
            return math.nan, "wrong_unit" if len(rest) <= 12 else "no_number"
        number = float(told[0].replace(",", ""))
    if not math.isfinite(number):
        return math.nan, "no_number"
    return number, "negative" if number < 0 else ""


def _sound(one: EnteredValue, definition: IndicatorDef, faults: list[Fault]) -> EnteredValue | None:
    """Return a value, what contradicts itself being named; None where nothing of it can be taken."""

    def fault(code: str, *, is_error: bool = True, **facts: str) -> None:
        place = " ".join(part for part in (one.level, one.unit) if part)
        faults.append(Fault(code, one.indicator, place, facts, is_error))

    if definition.form != "count":
        if one.value is None and (one.numerator is None or one.denominator is None):
            fault("half_a_ratio")
            return None
        if one.value is None and not one.denominator:
            fault("zero_denominator")
            return None
        if one.value is not None and one.numerator is not None and one.denominator:
            made = factor_of(definition) * one.numerator / one.denominator
            if definition.unit == "%" and abs(made - one.value) > ROUNDING * max(abs(made), abs(one.value), 1.0) + 0.05:
                fault("contradiction", value=f"{one.value:g}", made=f"{made:g}")
                return None
    top = one.value
    if definition.unit == "%" and top is not None and top > 100:
        fault("above_100", is_error=False, value=f"{top:g}")
    return one


def _read_evidence(
    workbook: Any, marks: Mapping[str, str], book: Edition, folder: Path | None, faults: list[Fault]
) -> dict[tuple[str, str, str], Provenance]:
    """Return where values are from, by indicator, level and unit."""
    name = marks.get("evidence", "")
    if name not in workbook.sheetnames:
        return {}
    sheet = workbook[name]
    levels = dict(_listed(workbook, "level"))
    found: dict[tuple[str, str, str], Provenance] = {}
    for row in range(EVIDENCE_HEAD + 1, sheet.max_row + 1):
        cells = [sheet.cell(row, at).value for at in range(1, 10)]
        if all(value is None or not str(value).strip() for value in cells):
            continue
        texts = [_text(value) for value in cells]
        code, level, unit = texts[0], levels.get(texts[1], texts[1]), texts[2]

        def fault(what: str, at: str, *, is_error: bool = True, row: int = row, **facts: str) -> None:
            faults.append(Fault(what, sheet.title, f"{at}{row}", facts, is_error))

        if code not in book.indicators:
            fault("unknown_indicator", "A", text=code[:60])
            continue
        if level and level not in levels.values():
            fault("unknown_level", "B", text=level[:60])
            continue
        if (code, level, unit) in found:
            fault("evidence_twice", "A", text=code)
            continue
        day, is_day = _day(cells[3])
        if not is_day:
            fault("no_day", "D", text=texts[3][:60])
        grade = texts[6].upper()
        if grade and grade not in GRADES:
            fault("no_grade", "G", text=texts[6][:60])
            grade = ""
        files: Sequence[EvidenceFile] = [
            evidence_file(part, folder) for part in re.split(r"[;；\n]", texts[7]) if part.strip()
        ]
        for one in files:
            if not one.sha256:
                fault("no_file", "H", is_error=False, file=one.path[:120])
        found[code, level, unit] = Provenance(day, texts[4], texts[5], grade, tuple(files), texts[8])
    return found


def _day(value: Any) -> tuple[str, bool]:
    """Return a day as ISO 8601 (or a year, or year and month), and whether it is one."""
    if value is None or not str(value).strip():
        return "", True
    if isinstance(value, dt.datetime):
        return value.date().isoformat(), True
    if isinstance(value, dt.date):
        return value.isoformat(), True
    text = re.sub(r"[年月./]", "-", str(value).strip()).rstrip("日-")
    told = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", text)
    if told is None:
        return "", False
    year, month, day = (int(part) if part else 0 for part in told.groups())
    try:
        dt.date(year, month or 1, day or 1)
    except ValueError:
        return "", False
    return "-".join(
        part for part in (f"{year:04}", f"{month:02}" if month else "", f"{day:02}" if day else "") if part
    ), True


def _inside(area: Any) -> list[tuple[int, int]]:
    return [(row, at) for row in range(area.min_row, min(area.max_row, MOST_ROWS) + 1)
            for at in range(area.min_col, min(area.max_col, MOST_COLUMNS) + 1)]  # fmt: skip


def _text(value: Any) -> str:
    """Return a cell as text; a code that a spreadsheet made a number is written whole."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dt.datetime):
        value = value.date().isoformat()
    return str(value).strip()

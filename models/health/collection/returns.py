"""What a filled-in form says: answers object by object, values of the community, and place by place what is wrong.

Objects are known again by their code. What a form says of an object that did not go out with it, or that the project
has not, is left out and named; so is an answer that is neither yes nor no.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from models.core.errors import UserError, first_line
from models.core.progress import Progress
from models.health.collection.kinds import FormItem, ObjectKind, items_of, object_kinds
from models.health.collection.layout import (
    FIRST_ROW,
    KEY_ROW,
    MARK,
    MARK_SHEET,
    PHOTO_MARK,
    VALUE_COLUMNS,
    VALUES,
    VALUES_HEAD,
    VERSION,
)
from models.health.editions import Edition
from models.health.entered.evidence import evidence_file
from models.health.entered.faults import Fault
from models.health.entered.values import IMPORTED, EnteredValue
from models.health.partition import has_value, yes_or_no
from models.io.common.archives import members
from models.io.field.geopackage import read_field_geopackage

#: Columns of the table of records.
RECORD_COLUMNS = (
    "object_code", "object_kind", "indicator", "item", "found", "severity", "checked_on", "checked_by", "note", "photo",
)  # fmt: skip
#: What a workbook may unpack to, and the rows and columns of a sheet.
MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 300 * 1024**2, 100_000, 1_000


@dataclass(frozen=True, slots=True)
class Returned:
    """What one file says.

    Parameters
    ----------
    file, sha256 : str
    batch, unit : str
        As the form says.
    records : DataFrame
        :data:`RECORD_COLUMNS`, one row an answer; ``source`` says in which file and row it stands.
    values : tuple of EnteredValue
        Of the community.
    objects : int
        How many objects stand on the form.
    faults : tuple of Fault
    """

    file: str
    sha256: str
    batch: str
    unit: str
    records: pd.DataFrame
    values: tuple[EnteredValue, ...]
    objects: int
    faults: tuple[Fault, ...]


def no_records() -> pd.DataFrame:
    """Return an empty table of records."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in (*RECORD_COLUMNS, "source")})


def read_return(
    path: Path,
    book: Edition,
    known: Mapping[str, Mapping[str, str]],
    folder: Path | None,
    progress: Progress | None = None,
) -> Returned:
    """Read a filled-in form, a workbook or a GeoPackage.

    Parameters
    ----------
    path : Path
    book : Edition
    known : mapping of str to mapping of str to str
        By kind of objects: the codes that the project has, with the value by which they are told apart.
    folder : Path or None
        Of the project, against which photographs are named.
    progress : Progress, optional

    Raises
    ------
    UserError
        ``health.return_foreign``, ``health.return_unreadable``, ``health.return_huge``, ``health.return_edition``.
    """
    path, progress = Path(path), progress or Progress()
    progress.step(0.0, "progress.health.reading_return")
    if not path.is_file():
        raise UserError("io.missing", file=str(path))
    suffix = path.suffix.lower()
    if suffix == ".gpkg":
        marks, tables = read_field_geopackage(path)
    elif suffix == ".xlsx":
        marks, tables = _workbook_tables(path)
    else:
        raise UserError("health.return_foreign", file=path.name)
    progress.step(0.5, "progress.health.reading_return")
    if marks.get("format") != MARK or marks.get("version") != VERSION:
        raise UserError("health.return_foreign", file=path.name)
    if marks.get("edition", book.id) != book.id:
        raise UserError("health.return_edition", file=path.name, found=marks["edition"], edition=book.id)
    indicators = [code for code in marks.get("indicators", "").split(",") if code]
    faults: list[Fault] = []
    parts, objects = [no_records()], 0
    for kind in object_kinds():
        if kind.id in tables:
            items = items_of(book, [code for code in indicators if code in kind.indicators])
            told, count = _records(tables[kind.id], kind, items, known.get(kind.id, {}), path, folder, faults)
            parts.append(told)
            objects += count
    values = _values(tables.get(VALUES), book, marks.get("unit", ""), faults)
    full = [part for part in parts if len(part)] or parts[:1]
    return Returned(
        path.name, hashlib.sha256(path.read_bytes()).hexdigest(), marks.get("batch", ""), marks.get("unit", ""),
        pd.concat(full, ignore_index=True), values, objects, tuple(faults),
    )  # fmt: skip


def _records(
    table: pd.DataFrame,
    kind: ObjectKind,
    items: Sequence[FormItem],
    known: Mapping[str, str],
    path: Path,
    folder: Path | None,
    faults: list[Fault],
) -> tuple[pd.DataFrame, int]:
    """Return the answers of one table, and how many objects of the project stand in it."""

    def fault(code: str, row: Any, *, is_error: bool = True, **facts: str) -> None:
        faults.append(Fault(code, f"{path.name} {kind.name}", str(row), facts, is_error))

    if "object_code" not in table.columns:
        fault("no_code_column", "")
        return no_records(), 0
    rows = table["_row"] if "_row" in table.columns else pd.Series(range(1, len(table) + 1), index=table.index)
    codes = _texts(table, "object_code")
    is_known = codes.isin(list(known))
    answered = [item for item in items if item.column in table.columns]
    for item in items:
        if item.column not in table.columns:
            fault("no_item_column", "", item=item.item.id)
    spoken = pd.DataFrame({item.column: has_value(table[item.column]) for item in answered}).any(axis=1)
    if not len(spoken):
        spoken = pd.Series(False, index=table.index)
    for at in table.index[spoken & ~is_known]:
        fault("unknown_object" if codes[at] else "no_object", rows[at], object=codes[at][:60])
    people, days = _texts(table, "checked_by"), table.get("checked_on", pd.Series("", index=table.index)).map(_day)
    doubled = (
        is_known
        & spoken
        & pd.DataFrame({"code": codes, "by": people})[spoken & is_known]
        .duplicated()
        .reindex(table.index, fill_value=False)
    )
    for at in table.index[doubled]:
        fault("object_twice", rows[at], object=codes[at])
    kept = is_known & spoken & ~doubled
    for at in table.index[kept & (people == "")]:
        fault("no_recorder", rows[at], is_error=False, object=codes[at])
    for at in table.index[kept & (days == "")]:
        fault("no_check_day", rows[at], is_error=False, object=codes[at])
    photos = _photos(_texts(table, "photo")[kept], path.parent, folder, lambda at, name: fault(
        "no_photo", rows[at], is_error=False, file=name, object=codes[at]))  # fmt: skip
    found = []
    for item in answered:
        cells = table[item.column]
        said = yes_or_no(cells)
        for at in table.index[kept & has_value(cells) & said.isna()]:
            fault("no_answer", rows[at], text=str(cells[at])[:60], item=item.item.id, object=codes[at])
        asked = codes.map(lambda code, one=item: kind.concerns(one.indicator, known.get(code, ""))).astype(bool)
        for at in table.index[kept & said.notna() & ~asked]:
            fault("not_asked", rows[at], item=item.item.id, object=codes[at])
        there = kept & said.notna() & asked
        is_bad = said[there].astype(bool)
        found.append(
            pd.DataFrame(
                {
                    "object_code": codes[there], "object_kind": kind.id, "indicator": item.indicator,
                    "item": item.item.id, "found": is_bad.map({True: "yes", False: "no"}),
                    "severity": is_bad.map({True: item.item.severity or None, False: None}).astype(object),
                    "checked_on": days[there], "checked_by": people[there], "note": _texts(table, "note")[there],
                    "photo": photos.reindex(table.index[there], fill_value="").where(is_bad, ""),
                    "source": rows[there].map(lambda row: f"{path.name} {row}"),
                }
            )
        )  # fmt: skip
    full = [part for part in found if len(part)]
    return (pd.concat(full, ignore_index=True) if full else no_records()), int(codes[is_known].nunique())


def _photos(names: pd.Series, beside: Path, folder: Path | None, missing: Callable[[Any, str], None]) -> pd.Series:
    """Return photographs relative to the project; they are named, not copied."""
    made = {}
    for at, text in names.items():
        told = []
        for name in (part.strip() for part in str(text).split(PHOTO_MARK)):
            if not name:
                continue
            path = beside / name.replace("\\", "/")
            proof = evidence_file(str(path.resolve()) if path.exists() else name, folder)
            if not proof.sha256:
                missing(at, name[:120])
            told.append(proof.path)
        made[at] = PHOTO_MARK.join(told)
    return pd.Series(made, dtype=object)


def _values(table: pd.DataFrame | None, book: Edition, unit: str, faults: list[Fault]) -> tuple[EnteredValue, ...]:
    """Return the values that a form says of its community."""
    if table is None or "indicator" not in table.columns:
        return ()
    found = []
    for at in table.index:
        code = _cell(table, "indicator", at)
        numbers: dict[str, float | None] = {}
        for part in ("numerator", "denominator", "value"):
            text = _cell(table, part, at)
            try:
                numbers[part] = float(text) if text else None
            except ValueError:
                faults.append(Fault("no_number", VALUES, code, {"text": text[:60]}))
                numbers[part] = None
        if all(number is None for number in numbers.values()):
            continue
        if code not in book.indicators:
            faults.append(Fault("unknown_indicator", VALUES, "", {"text": code[:60]}))
        elif any(number is not None and number < 0 for number in numbers.values()):
            faults.append(
                Fault("negative", VALUES, code, {"text": str(min(n for n in numbers.values() if n is not None))})
            )
        elif numbers["value"] is None and (
            numbers["numerator"] is None or (book.indicators[code].form != "count" and not numbers["denominator"])
        ):
            faults.append(Fault("half_a_ratio", VALUES, code))
        else:
            found.append(
                EnteredValue(
                    code, "community", unit, numbers["value"], numbers["numerator"], numbers["denominator"],
                    _day(table["as_of"][at]) if "as_of" in table.columns else "", _cell(table, "source", at),
                    note=_cell(table, "note", at), grade="C", origin=IMPORTED,
                )
            )  # fmt: skip
    return tuple(found)


def _workbook_tables(path: Path) -> tuple[dict[str, str], dict[str, pd.DataFrame]]:
    """Return what a workbook says it is, and its sheets as tables by the keys above their columns."""
    import openpyxl

    try:
        if sum(info.file_size for info in members(path).values()) > MOST_BYTES:
            raise UserError("health.return_huge", file=path.name)
        workbook = openpyxl.load_workbook(path, data_only=True)
    except UserError:
        raise
    except Exception as error:  # openpyxl fails in as many ways as a workbook can be broken
        raise UserError("health.return_unreadable", file=path.name, reason=first_line(error)) from error
    if MARK_SHEET not in workbook.sheetnames:
        raise UserError("health.return_foreign", file=path.name)
    if any(sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS for sheet in workbook.worksheets):
        raise UserError("health.return_huge", file=path.name)
    told = [[_plain(cell) for cell in row] for row in workbook[MARK_SHEET].iter_rows(values_only=True, max_col=3)]
    marks = {row[0]: row[1] for row in told if row[0] != "sheet"}
    tables = {}
    for name, kind in ((row[1], row[2]) for row in told if row[0] == "sheet"):
        if name in workbook.sheetnames:
            head = VALUES_HEAD if kind == VALUES else KEY_ROW
            tables[kind] = _sheet_table(workbook[name], head, VALUES_HEAD + 1 if kind == VALUES else FIRST_ROW)
            if kind == VALUES:
                tables[kind].columns = [*VALUE_COLUMNS[: len(tables[kind].columns) - 1], "_row"]
    return marks, tables


def _sheet_table(sheet: Any, head: int, first: int) -> pd.DataFrame:
    keys = [_plain(cell.value) for cell in sheet[head]]
    rows = [
        [*(row[at] for at in range(len(keys)) if keys[at]), number]
        for number, row in enumerate(sheet.iter_rows(min_row=first, values_only=True, max_col=len(keys)), first)
        if any(value is not None for value in row)
    ]
    table = pd.DataFrame(rows, columns=[*(key for key in keys if key), "_row"], dtype=object)
    return table.loc[:, ~table.columns.duplicated()]


def _texts(table: pd.DataFrame, name: str) -> pd.Series:
    if name not in table.columns:
        return pd.Series("", index=table.index, dtype=object)
    return table[name].map(_plain).astype(object)


def _cell(table: pd.DataFrame, name: str, at: Any) -> str:
    return _plain(table[name][at]) if name in table.columns else ""


def _plain(value: Any) -> str:
    if value is None or (isinstance(value, float) and value != value) or value is pd.NaT:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _day(value: Any) -> str:
    """Return a day as ISO 8601, empty for what is none."""
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, (dt.datetime, dt.date)):
        return value.strftime("%Y-%m-%d")
    try:
        return dt.date.fromisoformat(str(value).strip()[:10]).isoformat()
    except ValueError:
        return ""

"""Workbooks: every sheet of an ``.xlsx`` or ``.ods`` that holds a table.

Chinese offices put a title over a table, merged over its width, and notes below. The header is therefore looked for:
the first row in which most columns have a text that no other column has. Cells keep what they say; a code that was
typed as text keeps its zeros.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from models.core.errors import Caution, UserError, first_line
from models.core.progress import Progress
from models.io.common.archives import members
from models.io.common.limits import require_fields
from models.io.file_info import FileInfo
from models.io.request import Opened, ReadRequest
from models.io.vector.plain_tables import inspect_table, layer_of, with_types

#: Rows among which the header is looked for, and columns of an Excel sheet.
_HEADER_ROWS = 12
_MOST_COLUMNS = 16_384
_LONG_NUMBER = re.compile(r"^-?\d+\.\d{16}$")
Row = tuple[str | None, ...]


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read the sheets of a workbook, or those asked for.

    Raises
    ------
    UserError
        ``io.not_what_it_says``, ``io.no_sublayer``, ``io.no_rows``, ``vector.old_excel``; those of the archive.
    """
    path = Path(path)
    progress.step(0.0, "progress.io.reading")
    names = sheets(path)
    for name in request.sublayers:
        if name not in names:
            raise UserError("io.no_sublayer", file=path.name, name=name)
    wanted = request.sublayers or tuple(names)
    opened: list[Opened] = []
    unread: UserError | None = None
    for number, name in enumerate(wanted):
        progress.step(number / len(wanted), "progress.io.reading")
        table, skipped = table_of(path, name, progress=progress)
        if table is None or not len(table):
            continue
        title = name if len(names) > 1 else path.stem
        cautions = [Caution("vector.rows_above", file=path.name, sheet=name, count=skipped)] if skipped else []
        try:
            opened.append(layer_of(table, path, "spreadsheet", request, title, sublayer=name, cautions=cautions))
        except UserError as error:  # one bad sheet does not cost the others; a CRS that is asked for serves them all
            if error.code == "io.no_crs":
                raise
            unread = unread or error
    if not opened:
        raise unread or UserError("io.no_rows", file=path.name)
    if hidden := hidden_sheets(path):
        names_told = ", ".join(hidden[:5])
        opened[0].data.cautions.append(
            Caution("vector.hidden_sheets", file=path.name, count=len(hidden), names=names_told)
        )
    if unread is not None:
        opened[0].data.cautions.append(Caution("io.table_skipped", file=path.name, reason=unread.code))
    return opened


def inspect(path: Path, info: FileInfo) -> None:
    """Complete what is known of the sheets of a workbook.

    Raises
    ------
    UserError
        ``io.no_rows``, and those of :func:`read`.
    """
    info.schema = "ODS" if path.suffix.lower() == ".ods" else "XLSX"
    names = sheets(path)
    for name in names:
        table, _ = table_of(path, name)
        if table is not None and len(table):
            inspect_table(path, info, table, name, name)


def first_rows(path: Path, sublayer: str, encoding: str, count: int) -> tuple[pd.DataFrame, str]:
    """Return the first rows, with types, and the encoding in which they were read."""
    table, _ = table_of(path, sublayer, count)
    return (pd.DataFrame() if table is None else with_types(table)), ""


def sheets(path: Path) -> list[str]:
    """Return the names of the sheets that are shown.

    Raises
    ------
    UserError
        ``io.damaged``, ``io.not_what_it_says``, and those of the archive.
    """
    if path.suffix.lower() == ".ods":
        import pyogrio

        from models.io.vector.plain_path import plainly_named

        members(path)
        with _gdal_says(path), plainly_named(path) as plain:
            return [str(name) for name, _ in pyogrio.list_layers(plain)]
    book = _book(path)
    try:
        shown = [str(sheet.title) for sheet in book.worksheets if sheet.sheet_state == "visible"]
    finally:
        book.close()
    return shown


def hidden_sheets(path: Path) -> list[str]:
    """Return the names of the sheets that are not shown, and not read."""
    if path.suffix.lower() == ".ods":
        return []
    book = _book(path)
    try:
        return [str(sheet.title) for sheet in book.worksheets if sheet.sheet_state != "visible"]
    finally:
        book.close()


def table_of(
    path: Path, sheet: str, limit: int | None = None, progress: Progress | None = None
) -> tuple[pd.DataFrame | None, int]:
    """Return one sheet as texts, and how many rows stand above its header; None for a sheet without a table."""
    rows: list[Row] = []
    for number, row in enumerate(_rows(path, sheet)):
        if progress is not None and number % 5000 == 0:
            progress.step()
        if number >= _HEADER_ROWS and not any(row):  # sheets go on for a million lines that have borders and no text
            continue
        rows.append(row)
        if limit is not None and len(rows) >= limit + _HEADER_ROWS:
            break
    header = header_row(rows)
    if header is None:
        return None, 0
    require_fields(sum(cell is not None for cell in rows[header]), path.name)
    used = [at for at in range(len(rows[header])) if any(at < len(row) and row[at] for row in rows[header:])]
    body = [[row[at] if at < len(row) else None for at in used] for row in rows[header + 1 :]]
    body = [row for row in body if any(cell is not None for cell in row)]
    table = pd.DataFrame(body, columns=[rows[header][at] or "" for at in used], dtype=object)
    return table.iloc[:limit], sum(any(row) for row in rows[:header])


def header_row(rows: list[Row]) -> int | None:
    """Return which row names the columns: of the first rows, the first that has (nearly) as many texts as any."""
    head = rows[:_HEADER_ROWS]
    counts = [len({cell for cell in row if cell and not _is_number(cell)}) for row in head]
    filled = [sum(cell is not None for cell in row) for row in head]
    if not counts or max(counts) == 0:
        return None
    wide = max(filled)
    for at, (texts, cells) in enumerate(zip(counts, filled, strict=True)):
        if texts and texts >= 0.6 * wide and texts >= 0.8 * cells:
            return at
    return next((at for at, texts in enumerate(counts) if texts), None)


def _rows(path: Path, sheet: str) -> Iterator[Row]:
    return _ods_rows(path, sheet) if path.suffix.lower() == ".ods" else _xlsx_rows(path, sheet)


def _xlsx_rows(path: Path, sheet: str) -> Iterator[Row]:
    book = _book(path)
    try:
        page = book[sheet]
        page.reset_dimensions()  # some writers state a size that is not true
        for row in page.iter_rows(values_only=True):  # as wide as each is: told a width, openpyxl fills up every row
            yield tuple(_text(cell) for cell in row[:_MOST_COLUMNS])
    except (ValueError, TypeError, KeyError, AttributeError, zipfile.BadZipFile, EOFError, SyntaxError) as error:
        raise UserError("io.damaged", file=path.name, reason=f"{type(error).__name__}: {error}"[:200]) from error
    finally:
        book.close()


def _ods_rows(path: Path, sheet: str) -> Iterator[Row]:
    import pyogrio

    from models.io.vector.plain_path import plainly_named

    settings = {"OGR_ODS_HEADERS": "DISABLE", "OGR_ODS_FIELD_TYPES": "STRING"}
    pyogrio.set_gdal_config_options(settings)
    try:
        with _gdal_says(path), plainly_named(path) as plain:
            frame = pyogrio.read_dataframe(plain, layer=sheet)
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(settings))
    for row in frame.itertuples(index=False):
        yield tuple(_text(None if cell is None or cell != cell else cell) for cell in row)


def _book(path: Path) -> Any:
    import openpyxl

    names = members(path)
    if not any(name.startswith("xl/") for name in names):
        raise UserError("io.not_what_it_says", file=path.name, suffix=path.suffix)
    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl fails in as many ways as a workbook can be broken
        raise UserError("io.damaged", file=path.name, reason=f"{type(error).__name__}: {error}"[:200]) from error


class _gdal_says:  # noqa: N801 - reads as a phrase
    """Turn GDAL's refusal into ours."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from pyogrio.errors import DataLayerError, DataSourceError

        if isinstance(error, (DataSourceError, DataLayerError, RuntimeError, UnicodeDecodeError)):
            raise UserError("io.damaged", file=self.path.name, reason=first_line(error)) from error


def _text(cell: Any) -> str | None:
    """Return what a cell says, None for nothing; numbers as they would be typed, dates in ISO form."""
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ", "seconds")
    text = str(cell).strip()
    if _LONG_NUMBER.match(text):
        return _text(float(text))
    return text if text and text not in ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!") else None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return bool(re.match(r"^\d{4}-\d\d-\d\d", text))
    return True

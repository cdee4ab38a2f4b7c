"""Small tables of texts that people fill in (class tables, crosswalks): read from CSV, XLSX, ODS or TOML; written."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd

from models.core.errors import UserError
from models.core.foreign import foreign
from models.core.progress import Progress
from models.core.spreadsheet_text import guarded
from models.io.vector import delimited_text, spreadsheet
from models.store.atomic import replacing
from models.store.whole_files import of_rows, of_sheets

TEXTS, BOOKS, TOML = (".csv", ".tsv", ".txt"), (".xlsx", ".ods"), ".toml"
#: Nobody fills in so many by hand; what has more is another file.
MOST_ROWS = 100_000


def texts_json(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Return ``fields`` and ``rows`` of the table ``arguments["path"]``; for a child process."""
    progress.step(0.1, "progress.io.reading")
    table = read_texts(Path(arguments["path"]))
    return {"fields": [str(name) for name in table.columns], "rows": table.to_numpy(object).tolist()}


def sheets_json(arguments: dict[str, Any], progress: Progress) -> list[dict[str, Any]]:
    """Return ``name``, ``fields`` and ``rows`` of each table of a workbook, or of a text; for a child process.

    Raises
    ------
    UserError
        ``io.no_rows``, and what :func:`read_texts` raises.
    """
    path = Path(arguments["path"])
    progress.step(0.1, "progress.io.reading")
    if path.suffix.lower() not in BOOKS:
        return [{"name": "", **texts_json(arguments, progress)}]
    found = []
    with foreign(path):
        for name in spreadsheet.sheets(path):
            table = spreadsheet.table_of(path, name, MOST_ROWS, progress)[0]
            if table is not None:
                texts = table.astype(object).where(table.notna(), "").astype("str")
                fields = [str(field) for field in texts.columns]
                found.append({"name": name, "fields": fields, "rows": texts.to_numpy(object).tolist()})
    if not found:
        raise UserError("io.no_rows", file=path.name)
    return found


def read_texts(path: Path) -> pd.DataFrame:
    """Return a table of texts, empty where there is no value.

    Raises
    ------
    UserError
        ``io.unknown_format``, ``io.no_rows``, ``io.damaged`` and what reading files raises.
    """
    suffix = path.suffix.lower()
    with foreign(path):
        table: pd.DataFrame | None
        if suffix in TEXTS:
            encoding, _ = delimited_text.encoding_of(path, "")
            delimiter = delimited_text.delimiter_of(path, encoding)
            table = delimited_text.rows_of(path, encoding, delimiter, MOST_ROWS)
        elif suffix in BOOKS:
            sheets = spreadsheet.sheets(path)
            table = spreadsheet.table_of(path, sheets[0], MOST_ROWS)[0] if sheets else None
        elif suffix == TOML:
            table = _toml(path)
        else:
            raise UserError("facilities.table_format", file=path.name)
        if table is None:
            raise UserError("io.no_rows", file=path.name)
        return table.astype(object).where(table.notna(), "").astype("str")


def write_texts(path: Path, table: pd.DataFrame, encoding: str = "") -> None:
    """Write a table of texts as CSV or XLSX; a cell that looks like a formula stays text.

    Parameters
    ----------
    path : Path
    table : DataFrame
        May have no rows: then only the heads are written.
    encoding : str
        Of a CSV; UTF-8 with the mark that Excel wants where empty.

    Raises
    ------
    UserError
        ``facilities.table_format``, and what writing files raises.
    """
    rows = [list(table.columns), *table.astype(object).where(table.notna(), "").to_numpy(object).tolist()]
    if path.suffix.lower() == ".csv":
        wanted = encoding or "utf-8-sig"
        with replacing(path, of_rows(len(rows), wanted)) as fresh, fresh.open("w", encoding=wanted, newline="") as file:
            csv.writer(file).writerows([guarded(cell) for cell in row] for row in rows)
    elif path.suffix.lower() == ".xlsx":
        from openpyxl import Workbook

        from models.io.common import workbook_cells

        book = Workbook(write_only=True)
        sheet = book.create_sheet("1")
        sheet.freeze_panes = "A2"
        for number in range(len(table.columns)):
            sheet.column_dimensions[chr(65 + number)].width = 20
        for row in rows:
            sheet.append(workbook_cells.cells(sheet, row))
        with replacing(path, of_sheets([len(rows)])) as fresh:
            book.save(fresh)
    else:
        raise UserError("facilities.table_format", file=path.name)


def _toml(path: Path) -> pd.DataFrame:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError("io.damaged", file=path.name, reason=str(error)) from error
    lists = [
        value for value in document.values() if isinstance(value, list) and all(isinstance(v, dict) for v in value)
    ]
    if not lists:
        raise UserError("io.no_rows", file=path.name)
    longest = max(lists, key=len)
    return pd.DataFrame(longest, dtype=object)

"""Tables as delimited text: component registers, POI lists, survey points, sensor readings.

What their columns mean is found out in :mod:`models.io.common.column_types`.
"""

from __future__ import annotations

import codecs
import csv
import re
from pathlib import Path
from typing import Any

import pandas as pd

from models.core.errors import Caution, UserError, first_line
from models.core.progress import Progress
from models.core.spreadsheet_text import unguarded
from models.io.common.coordinates import stem_of
from models.io.common.file_head import refusal
from models.io.common.limits import require_fields
from models.io.common.text_encoding import decodes, lines_beyond_ascii, settled
from models.io.file_info import FileInfo
from models.io.request import Opened, ReadRequest
from models.io.vector.plain_tables import inspect_table, layer_of, with_types

#: From here on a file is read in pieces of so many rows.
_LARGE_BYTES, _PIECE_ROWS = 20_000_000, 100_000
_NONE = ["", "NULL", "null", "None", "NaN", "nan", "<NULL>", "<Null>", "#N/A"]


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a delimited text table.

    Returns
    -------
    list of Opened
        One layer: ``vector`` where coordinate columns were found, else ``table`` with a caution.

    Raises
    ------
    UserError
        ``io.no_rows``; ``io.no_crs`` for coordinates in metres without ``request.crs``; ``io.no_column`` for a column
        named in the options that is not there; ``io.damaged``.
    """
    path = Path(path)
    progress.step(0.0, "progress.io.reading")
    encoding, cautions = encoding_of(path, request.encoding)
    delimiter = request.options.get("delimiter") or delimiter_of(path, encoding)
    table = rows_of(path, encoding, delimiter, progress=progress.part(0.0, 0.5))
    if not len(table):
        raise UserError("io.no_rows", file=path.name)
    progress.step(0.5, "progress.io.reading")
    cut = _cut_rows(path, encoding, delimiter, len(table))
    if cut:
        cautions.append(Caution("vector.rows_skipped", file=path.name, count=cut))
    options = {"encoding": encoding, "delimiter": delimiter}
    rest = progress.part(0.5, 1.0)
    return [
        layer_of(table, path, "points_csv", request, stem_of(path), cautions=cautions, options=options, progress=rest)
    ]


def inspect(path: Path, info: FileInfo) -> None:
    """Complete what is known of a table as delimited text.

    Raises
    ------
    UserError
        ``io.no_rows``, and those of :func:`read`.
    """
    encoding, found = encoding_of(path, "")
    delimiter = delimiter_of(path, encoding)
    info.schema = "CSV"
    info.facts |= {"encoding": encoding, "delimiter": delimiter}
    info.cautions += found
    inspect_table(path, info, rows_of(path, encoding, delimiter), stem_of(path), "")


def first_rows(path: Path, sublayer: str, encoding: str, count: int) -> tuple[pd.DataFrame, str]:
    """Return the first rows, with types, and the encoding in which they were read."""
    used, _ = encoding_of(path, encoding)
    return with_types(rows_of(path, used, delimiter_of(path, used), count)), used


def rows_of(
    path: Path, encoding: str, delimiter: str, limit: int | None = None, progress: Progress | None = None
) -> pd.DataFrame:
    """Return the rows as texts, None for what is missing; a large file is read piece by piece, stepping ``progress``.

    Raises
    ------
    UserError
        ``io.damaged``, ``vector.bad_encoding``, ``vector.too_many_fields``.
    """
    settings: Any = {
        "sep": delimiter, "encoding": encoding, "dtype": str, "keep_default_na": False, "na_values": _NONE,
        "encoding_errors": "replace", "on_bad_lines": "skip", "skipinitialspace": True, "low_memory": False,
        "index_col": False,
    }  # fmt: skip
    try:
        size = path.stat().st_size
        require_fields(len(pd.read_csv(path, nrows=0, **settings).columns), path.name)
        if limit is not None or progress is None or size < _LARGE_BYTES:
            whole: pd.DataFrame = pd.read_csv(path, nrows=limit, **settings)
            return _unguarded(whole)
        parts = []
        with path.open("rb") as file, pd.read_csv(file, chunksize=_PIECE_ROWS, **settings) as pieces:
            for piece in pieces:
                parts.append(piece)
                progress.step(min(file.tell() / size, 1.0), "progress.io.reading")
        return _unguarded(pd.concat(parts, ignore_index=True))
    except OSError as error:  # it was there a moment ago
        raise refusal(path, error) from error
    except LookupError as error:
        raise UserError("vector.bad_encoding", encoding=encoding) from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error, ValueError) as error:
        raise UserError("io.damaged", file=path.name, reason=first_line(error)) from error


def _unguarded(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without the apostrophes that our writer puts before what looks like a formula."""
    fresh = table.rename(columns=unguarded)
    for at in range(fresh.shape[1]):
        column = fresh.iloc[:, at]
        if pd.api.types.is_string_dtype(column.dtype) and column.str.startswith("'").any():
            fresh.isetitem(at, column.map(unguarded).array)
    return fresh


def encoding_of(path: Path, asked: str) -> tuple[str, list[Caution]]:
    """Return the encoding of a text, and a caution where it is a guess."""
    if asked:
        return asked, []
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", []
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16", []
    lines = lines_beyond_ascii(path)
    name, is_guess = settled(lines)
    cautions = [Caution("io.encoding_guessed", file=path.name, encoding=name)] if is_guess else []
    if odd := sum(not decodes(line, name) for line in lines):
        cautions.append(Caution("vector.odd_texts", file=path.name, count=odd, encoding=name))
    return name, cautions


def delimiter_of(path: Path, encoding: str) -> str:
    """Return the sign that parts the columns of the first line.

    Raises
    ------
    UserError
        ``io.no_rows``, ``vector.bad_encoding``.
    """
    try:
        with path.open(encoding=encoding, errors="replace") as file:
            lines = [line for line in (file.readline() for _ in range(20)) if line.strip()]
    except (LookupError, UnicodeError) as error:
        raise UserError("vector.bad_encoding", encoding=encoding) from error
    if not lines:
        raise UserError("io.no_rows", file=path.name)
    bare = re.sub(r'"[^"]*"', "", lines[0])
    counts = {mark: bare.count(mark) for mark in (",", ";", "\t", "|")}
    return max(counts, key=lambda mark: counts[mark])


def _cut_rows(path: Path, encoding: str, delimiter: str, kept: int) -> int:
    """Count rows that have more cells than the header, which were left out; big files are not read a second time."""
    if path.stat().st_size > _LARGE_BYTES:
        return 0
    try:
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            rows = sum(1 for row in csv.reader(file, delimiter=delimiter, skipinitialspace=True) if any(row))
    except (csv.Error, UnicodeError):
        return 0
    return max(rows - 1 - kept, 0)

"""A table of any length in pieces: CSV and Parquet within bounded memory; a workbook, bounded itself, at once."""

from __future__ import annotations

import re
import threading
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from models.core.errors import UserError
from models.core.foreign import foreign
from models.io.vector import delimited_text, spreadsheet

#: Rows of a piece, and of a workbook at the most.
ROWS, MOST_BOOK_ROWS = 250_000, 1_048_576
_SKIPPED = re.compile(r"Skipping line (\d+)")
#: What is warned of is caught for the whole process, one reader at a time.
_catching = threading.Lock()


@dataclass(slots=True)
class Damage:
    """What of a text could not be read as it stands.

    Parameters
    ----------
    lines : int
        Lines with more cells than the table has columns: left out; ``numbers`` has some of them, from 1.
    numbers : Counter of str
    cells : int
        Cells, among those that are read as texts, with bytes that are no text in the file's encoding: each byte is
        replaced by U+FFFD.
    """

    lines: int = 0
    numbers: Counter[str] = field(default_factory=Counter)
    cells: int = 0


def heads(path: Path, sheet: str = "", encoding: str = "", count: int = 50) -> pd.DataFrame:
    """Return the first rows of a table, as texts where they are a text's.

    Raises
    ------
    UserError
        ``io.unknown_format``, ``io.no_rows``, ``io.damaged`` and what reading files raises.
    """
    for frame, _ in pieces(path, (), sheet=sheet, encoding=encoding, rows=count):
        return frame.head(count)
    raise UserError("io.no_rows", file=Path(path).name)


def pieces(
    path: Path,
    columns: Sequence[str],
    *,
    texts: Sequence[str] = (),
    sheet: str = "",
    encoding: str = "",
    rows: int = ROWS,
    damage: Damage | None = None,
) -> Iterator[tuple[pd.DataFrame, float]]:
    """Yield a table in pieces, each with the share of the file that is read then.

    Parameters
    ----------
    path : Path
    columns : sequence of str
        Those that are wanted; all where none is named.
    texts : sequence of str
        Columns that are no numbers though they look so: codes.
    sheet : str
        Of a workbook; the first where empty.
    encoding : str
        Of a text; looked at where empty.
    rows : int
    damage : Damage, optional
        Is told of what of a text is skipped or replaced.

    Raises
    ------
    UserError
        ``readings.no_columns`` with those that the table lacks; ``io.unknown_format``, ``io.no_rows``, ``io.damaged``.
    """
    path = Path(path)
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise UserError("readings.table_format", file=path.name)
    with foreign(path):
        yield from read(path, list(columns), list(texts), sheet, encoding, rows, damage or Damage())


def _text(
    path: Path, columns: list[str], texts: list[str], sheet: str, encoding: str, rows: int, damage: Damage
) -> Iterator[tuple[pd.DataFrame, float]]:
    used = encoding or delimited_text.encoding_of(path, "")[0]
    delimiter = delimited_text.delimiter_of(path, used)
    size = max(path.stat().st_size, 1)
    with path.open("rb") as file:
        try:
            there = pd.read_csv(file, encoding=used, sep=delimiter, nrows=0).columns
        except pd.errors.EmptyDataError:
            raise UserError("io.no_rows", file=path.name) from None
        _require(path, columns, [str(one) for one in there])
        file.seek(0)
        with pd.read_csv(  # all columns: with some left out, cells too many of a line would be cut in silence
            file, encoding=used, encoding_errors="replace", sep=delimiter, chunksize=rows, index_col=False,
            dtype=dict.fromkeys(texts, str) if columns else str, keep_default_na=bool(columns), on_bad_lines="warn",
        ) as reader:  # fmt: skip
            while (frame := _next(reader, columns, damage)) is not None:
                yield frame, min(file.tell() / size, 1.0)


def _next(reader: Iterator[pd.DataFrame], columns: list[str], damage: Damage) -> pd.DataFrame | None:
    """Return the next piece; lines that the fast parser skips are known by its warnings alone."""
    with _catching, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", pd.errors.ParserWarning)
        frame = next(reader, None)
    numbers = [number for one in told for number in _SKIPPED.findall(str(one.message))]
    damage.lines += len(numbers)
    damage.numbers.update(numbers[: max(20 - len(damage.numbers), 0)])
    if frame is None:
        return None
    frame = frame[columns] if columns else frame
    for _, values in frame.select_dtypes(["object", "string"]).items():
        damage.cells += int(values.astype("string").str.contains("\ufffd", regex=False).fillna(False).sum())
    return frame


def _parquet(
    path: Path, columns: list[str], texts: list[str], sheet: str, encoding: str, rows: int, damage: Damage
) -> Iterator[tuple[pd.DataFrame, float]]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        _require(path, columns, list(file.schema_arrow.names))
        done, total = 0, max(file.metadata.num_rows, 1)
        for batch in file.iter_batches(batch_size=rows, columns=columns or None):
            done += batch.num_rows
            yield batch.to_pandas(), done / total


def _book(
    path: Path, columns: list[str], texts: list[str], sheet: str, encoding: str, rows: int, damage: Damage
) -> Iterator[tuple[pd.DataFrame, float]]:
    names = spreadsheet.sheets(path)
    table = spreadsheet.table_of(path, sheet or names[0], MOST_BOOK_ROWS)[0] if names else None
    if table is None or not len(table):
        raise UserError("io.no_rows", file=path.name)
    frame = pd.DataFrame(table)
    _require(path, columns, [str(one) for one in frame.columns])
    yield frame[columns] if columns else frame, 1.0


_READERS = {
    ".csv": _text, ".tsv": _text, ".txt": _text, ".parquet": _parquet, ".geoparquet": _parquet, ".xlsx": _book,
    ".ods": _book,
}  # fmt: skip
SUFFIXES = tuple(_READERS)


def _require(path: Path, columns: list[str], there: list[str]) -> None:
    lacking = [name for name in columns if name not in there]
    if lacking:
        raise UserError("readings.no_columns", file=path.name, columns=", ".join(lacking), there=", ".join(there[:30]))

"""The first rows of a table, to look at before it is opened; may run in a child process, so it gives plain values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from models.core.errors import UserError
from models.core.foreign import foreign
from models.core.plain_values import is_missing
from models.core.progress import Progress
from models.io.common.column_types import coordinate_columns, kind_of
from models.io.format import function_of
from models.io.registry import find_format

ROWS = 50
#: Cells are cut after so many letters when they are shown.
_CELL = 80


def rows_json(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Return the first rows of one table.

    Parameters
    ----------
    arguments : dict
        ``path``, ``sublayer``, ``encoding``; the last two may be empty.
    progress : Progress

    Returns
    -------
    dict
        ``fields``, ``types``, ``rows`` (texts, None for no data), ``encoding`` as used, ``x`` and ``y``: the columns
        that seem to be coordinates, empty for none.
    """
    progress.step(0.1, "progress.io.reading")
    path, sublayer = Path(arguments["path"]), str(arguments.get("sublayer", ""))
    frame, encoding = first_rows(path, sublayer, str(arguments.get("encoding", "")), ROWS)
    frame = pd.DataFrame(frame.drop(columns=[c for c in ("geometry",) if c in frame.columns]))
    fields = [str(column) for column in frame.columns]
    pair = coordinate_columns(fields)
    return {
        "fields": fields,
        "types": [kind_of(frame[column]) for column in frame.columns],
        "rows": [[_shown(value) for value in row] for row in frame.itertuples(index=False, name=None)],
        "encoding": encoding,
        "x": pair[0][0] if pair else "",
        "y": pair[0][1] if pair else "",
    }


def first_rows(path: Path, sublayer: str, encoding: str, count: int) -> tuple[pd.DataFrame, str]:
    """Return the first rows of one table of a file, and the encoding in which they were read.

    Raises
    ------
    UserError
        As the file's reader; ``io.holds_no_rows`` for what is no table (a model, a raster, a point cloud).
    """
    with foreign(path):
        target = find_format(path).first_rows
        if not target:
            raise UserError("io.holds_no_rows", file=path.name)
        rows: tuple[pd.DataFrame, str] = function_of(target)(path, sublayer, encoding, count)
        return rows


def _shown(value: Any) -> str | None:
    if is_missing(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat(" ", "seconds")
    if isinstance(value, float):
        return repr(value) if not value.is_integer() else str(int(value))
    text = str(value)
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"

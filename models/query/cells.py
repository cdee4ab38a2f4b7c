"""Cells of a table: typed text as a value of the column, and a value as an edit stores it."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from models.core.errors import UserError
from models.core.plain_values import is_missing
from models.project.edits import Value
from models.query import values
from models.query.columns import Columns


def typed(columns: Columns, field: str, text: str) -> Value:
    """Return what was typed into a cell as a value of its column; blank is no data.

    Raises
    ------
    UserError
        ``ask.not_a_number``, ``ask.not_a_date``, ``ask.not_a_truth``.
    """
    plain = text.strip()
    if not plain:
        return None
    kind = columns.value(field).kind if field in columns.fields else "text"
    if kind == "number":
        is_whole = columns.value(field).data.dtype.kind in "iu"
        return _number(plain, field, is_whole=is_whole)
    if kind == "bool":
        truth = {"true": True, "yes": True, "1": True, "是": True, "真": True,
                 "false": False, "no": False, "0": False, "否": False, "假": False}.get(plain.casefold())  # fmt: skip
        if truth is None:
            raise UserError("ask.not_a_truth", text=plain, field=field)
        return truth
    if kind == "date":
        from models.query.functions.table import to_date

        moment = to_date(values.constant(plain))
        if not moment.known[0]:
            raise UserError("ask.not_a_date", text=plain, field=field)
        return plain_of(moment.data[0])
    return plain


def _number(text: str, field: str, *, is_whole: bool) -> int | float:
    """Return the number that was typed; a whole one of a column of whole numbers never becomes a float on the way."""
    bare = text.replace(",", "").replace("，", "").replace("−", "-")
    if is_whole and re.fullmatch(r"[-+]?\d{1,19}", bare) and -(2**63) <= int(bare) < 2**63:
        return int(bare)
    try:
        number = float(bare)
    except ValueError:
        raise UserError("ask.not_a_number", text=text, field=field) from None
    if not math.isfinite(number):
        raise UserError("ask.not_a_number", text=text, field=field)
    return int(number) if is_whole and number.is_integer() and abs(number) < 2**53 else number


def plain_of(value: Any) -> Value:
    """Return a value of a table as an edit keeps it: plain Python, None for no data."""
    if is_missing(value):
        return None
    if hasattr(value, "isoformat") or isinstance(value, np.datetime64):
        text = str(value.astype("datetime64[ms]")) if isinstance(value, np.datetime64) else str(value.isoformat())
        return None if text == "NaT" else text.removesuffix("T00:00:00.000").removesuffix("T00:00:00")
    if isinstance(value, np.generic):
        value = value.item()
    return value if isinstance(value, (int, float, str, bool)) else str(value)

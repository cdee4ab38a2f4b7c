"""Cells of a table: typed text as a value of the column, and a value as an edit stores it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from models.core.errors import UserError
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
        try:
            number = float(plain.replace(",", "").replace("，", ""))
        except ValueError:
            raise UserError("ask.not_a_number", text=plain, field=field) from None
        if not math.isfinite(number):
            raise UserError("ask.not_a_number", text=plain, field=field)
        whole = columns.value(field).data.dtype.kind == "i"
        return int(number) if whole and number.is_integer() else number
    if kind == "bool":
        truth = {"true": True, "yes": True, "1": True, "是": True, "真": True,
                 "false": False, "no": False, "0": False, "否": False, "假": False}.get(plain.casefold())  # fmt: skip
        if truth is None:
            raise UserError("ask.not_a_truth", text=plain, field=field)
        return truth
    if kind == "date":
        from models.query.functions import to_date

        if not to_date(values.constant(plain)).known[0]:
            raise UserError("ask.not_a_date", text=plain, field=field)
    return plain


def plain_of(value: Any) -> Value:
    """Return a value of a table as an edit keeps it: plain Python, None for no data."""
    if value is None or value != value:
        return None
    if hasattr(value, "isoformat") or isinstance(value, np.datetime64):
        text = str(value.astype("datetime64[ms]")) if isinstance(value, np.datetime64) else str(value.isoformat())
        return None if text == "NaT" else text.replace("T00:00:00.000", "").replace("T00:00:00", "")
    if isinstance(value, np.generic):
        value = value.item()
    return value if isinstance(value, (int, float, str, bool)) else str(value)

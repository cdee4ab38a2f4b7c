"""Cells of a workbook: text that stays text, whole numbers that stay exact.

Excel keeps 15 significant digits; a longer code is written as text. A text that looks like a formula is stored as text
and marked as such, so that it is shown as it is and stays text when somebody edits it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from models.core.spreadsheet_text import is_formula
from models.core.value_text import is_whole

#: Whole numbers up to here are exact in Excel.
MOST_WHOLE = 10**15
#: Signs that a cell holds.
MOST_SIGNS = 32_767


class Formula(str):
    """A formula that we write ourselves; any other text is never one."""

    __slots__ = ()


def cells(sheet: Any, row: Iterable[Any]) -> list[Any]:
    """Return a row as ``sheet.append`` takes it."""
    return [cell(sheet, value) for value in row]


def cell(sheet: Any, value: Any) -> Any:
    """Return a value as a workbook holds it exactly, or a cell that says that it is text."""
    if isinstance(value, str) and not isinstance(value, Formula):
        text = ILLEGAL_CHARACTERS_RE.sub("", value)[:MOST_SIGNS]
        if not is_formula(text):
            return text
        made = WriteOnlyCell(sheet, value=text)
        made.data_type = "s"
        made.quotePrefix = True
        return made
    if is_long(value):
        made = WriteOnlyCell(sheet, value=str(int(value)))
        made.number_format = "@"
        return made
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, (str, int, float, bool, dt.date, dt.time, type(None))) else str(value)


def is_long(value: Any) -> bool:
    """Whether Excel would round a whole number."""
    return is_whole(value) and abs(int(value)) >= MOST_WHOLE


def is_cut(value: Any) -> bool:
    """Whether a cell does not hold all of a text."""
    return isinstance(value, str) and len(value) > MOST_SIGNS

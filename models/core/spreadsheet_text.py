"""Text that no spreadsheet program runs as a formula, for CSV and the clipboard, and the way back.

A program such as Excel takes what begins with ``=``, ``+``, ``-`` or ``@`` for a formula, in CSV and in what is pasted,
quoted or not; so a stranger's name ``=HYPERLINK(…)`` becomes a link in the table that somebody passes on. An apostrophe
before it makes it text. In workbooks a cell says itself that it is text (:mod:`models.io.common.workbook_cells`).

Source: OWASP, CSV Injection.
"""

from __future__ import annotations

import re
from typing import Any

#: Signs that begin a formula, those of full width too, and what Excel passes over before one.
_BEGINS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
#: Texts that begin so and are no formula: numbers, and a dash for nothing.
_HARMLESS = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|-+")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")


def is_formula(value: Any) -> bool:
    """Whether a spreadsheet program may take a cell for a formula; only texts are."""
    return isinstance(value, str) and _BEGINS.match(value) is not None and _HARMLESS.fullmatch(value) is None


def guarded(value: Any) -> Any:
    """Return a cell that no spreadsheet program runs; all but texts as they are.

    Examples
    --------
    >>> guarded("=1+1"), guarded("-12.5"), guarded(-3), guarded("中山路")
    ("'=1+1", '-12.5', -3, '中山路')
    """
    return f"'{value}" if is_formula(value) else value


def unguarded(value: Any) -> Any:
    """Return what :func:`guarded` was given."""
    return value[1:] if isinstance(value, str) and _GUARDED.match(value) else value

"""Values of tables as plain Python: what NumPy, pandas and the format libraries give, as JSON and people take it.

No data has many faces in a table: ``None``, NaN, ``NaT`` and ``pandas.NA``. Here they are one.
"""

from __future__ import annotations

import json
import math
from typing import Any

_MISSING = frozenset({"NaTType", "NAType"})


def is_missing(value: Any) -> bool:
    """Whether a cell holds no data.

    Examples
    --------
    >>> is_missing(float("nan")), is_missing(None), is_missing(""), is_missing(0)
    (True, True, False, False)
    """
    return value is None or (isinstance(value, float) and value != value) or type(value).__name__ in _MISSING


def plain(value: Any) -> Any:
    """Return a NumPy scalar as Python's own type and None for no data; anything else as it is."""
    if type(value).__module__ == "numpy" and not getattr(value, "shape", ()):
        value = value.item()
    return None if is_missing(value) else value


def json_scalar(value: Any) -> str | bool | int | float | None:
    """Return a value as one JSON scalar: None for no data and for numbers that JSON lacks, other things as text."""
    value = plain(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)


def json_text(value: Any) -> str | None:
    """Return a cell as text: text as it is, None for no data, lists and mappings as JSON."""
    if is_missing(value) or isinstance(value, str):
        return None if is_missing(value) else str(value)
    if hasattr(value, "tolist"):
        value = value.tolist()
    return json.dumps(value, ensure_ascii=False, default=str)

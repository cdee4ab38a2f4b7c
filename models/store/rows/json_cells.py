"""JSON in the cells of a project, read so that no depth of brackets can bring anybody down."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

#: Brackets inside one another, at the most; a style, the deepest that we write, has eight.
MOST_DEEP = 64
#: What reading a cell of somebody's making can raise.
FAULTS = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


def loaded(text: Any, kind: type = object) -> Any:
    """Return the value of a cell; an empty one is an empty ``kind``.

    Raises
    ------
    ValueError
        Not JSON, deeper than :data:`MOST_DEEP`, or of another kind.
    """
    if not text and kind is not object:
        return kind()
    if text.count("[") + text.count("{") > MOST_DEEP and _may_be_deep(text) and _depth(text) > MOST_DEEP:
        raise ValueError(f"more than {MOST_DEEP} brackets inside one another")
    value = json.loads(text)
    if not isinstance(value, kind):
        raise ValueError(f"{type(value).__name__} instead of {kind.__name__}")
    return value


def _may_be_deep(text: str) -> bool:
    """Whether the brackets go deep, those in words counted with them: quick, for cells of many megabytes."""
    signs = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
    steps = ((signs == 0x5B) | (signs == 0x7B)).astype(np.int8) - ((signs == 0x5D) | (signs == 0x7D)).astype(np.int8)
    return int(np.cumsum(steps, dtype=np.int32).max(initial=0)) > MOST_DEEP


def _depth(text: str) -> int:
    deepest = depth = 0
    for token in _TOKEN.finditer(text):
        sign = token.group()[0]
        depth += (sign in "[{") - (sign in "]}")
        deepest = max(deepest, depth)
        if deepest > MOST_DEEP:
            break
    return deepest

"""What graduated classes are called where nobody named them: ``< 10``, ``10 – 20``, ``≥ 20``, in every language."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from models.core.field_kinds import kind_of
from models.core.value_text import class_limit
from models.style.kinds import Class


def range_names(classes: Sequence[Class], field: str) -> list[str]:
    """Return the range of each class, with no digits that its neighbours do not need; empty for all values."""
    limits = [one.low for one in classes[1:] if one.low is not None]
    step = min((b - a for a, b in itertools.pairwise(limits)), default=abs(limits[0]) if limits else 1.0)
    grouped = kind_of(field).id != "year"
    return [range_name(one.low, one.high, step, grouped=grouped) for one in classes]


def range_name(low: float | None, high: float | None, step: float, *, grouped: bool = True) -> str:
    """Return a range as a legend says it; empty for one without ends."""
    least, most = (None if end is None else class_limit(end, step, grouped=grouped) for end in (low, high))
    if least is None:
        return "" if most is None else f"< {most}"
    return f"≥ {least}" if most is None else f"{least} – {most}"

"""Times as they are written: with the offset from UTC that they state, never moved to another.

One column can keep one offset. Where a column states several, or some times state none, it stays text: every way to
make moments of it would invent something.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

#: An offset stands behind a time of day only: the end of a date looks like one.
_OFFSET = r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?P<offset>Z|[+-]\d{2}(?::?\d{2})?)$"
_SLASHED = r"^(\d{4})/(\d{2})/(\d{2})"


def moments(texts: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Return ISO texts as moments with the one offset that they share, or as they are.

    Parameters
    ----------
    texts : pyarrow string array
        ``"2024-03-01T00:30:00+08:00"``, None for no data.

    Returns
    -------
    pyarrow array
        Timestamps to the millisecond, or finer where the texts are, without a zone or in a fixed one; the texts
        themselves where they state several offsets, or are no times.
    """
    offsets = offsets_of(texts)
    if len(offsets) != 1:
        return texts
    dashed = pc.replace_substring_regex(texts, _SLASHED, r"\1-\2-\3")
    for unit in ("ms", "us", "ns"):
        try:
            return dashed.cast(pa.timestamp(unit, tz=zone_of(offsets[0]) or None))
        except pa.ArrowInvalid:
            continue
    return texts


def offsets_of(texts: pa.ChunkedArray | pa.Array) -> list[str]:
    """Return the offsets that times state, each once, empty text for none; ``[""]`` for a column without data."""
    known = texts.drop_null()
    found = pc.struct_field(pc.extract_regex(known, _OFFSET), [0])
    values = sorted(value or "" for value in pc.unique(found).to_pylist())
    zones = {zone_of(value): value for value in values}  # Z and +00:00 are the same
    return list(zones.values()) or [""]


def zone_of(offset: str) -> str:
    """Return the fixed zone of an offset as Arrow names it, empty for none.

    Examples
    --------
    >>> zone_of("Z"), zone_of("+0800"), zone_of("-05"), zone_of("")
    ('UTC', '+08:00', '-05:00', '')
    """
    if not offset:
        return ""
    digits = offset[1:].replace(":", "").ljust(4, "0")
    return "UTC" if offset == "Z" or digits == "0000" else f"{offset[0]}{digits[:2]}:{digits[2:]}"


def as_moments(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a pandas column of ISO texts as :func:`moments` does."""
    array = pa.array(column, pa.string(), from_pandas=True)
    made = moments(array)
    if made is array:
        return column
    return pd.Series(made.to_pandas()).set_axis(column.index)


def is_mixed(column: pd.Series[Any]) -> bool:
    """Whether texts are times of several offsets, or some with and some without one."""
    return len(offsets_of(pa.array(column, pa.string(), from_pandas=True))) > 1


def of_day(times: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Return times of day, which belong to no date, as text: ``"08:30:00"``."""
    return pc.replace_substring_regex(times.cast(pa.string()), r"\.0+$", "")

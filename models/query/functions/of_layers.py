"""Figures of a whole layer in an expression: ``sum("area", group_by:="use", filter:="storeys" > 3)``.

Arguments stand in QGIS's order (expression, group_by, filter, concatenator) or are named. Each row has the figure of
the rows of its group that pass the filter. What is missing counts for nothing; a figure of nothing is unknown, but a
count of nothing is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.query import values
from models.query.syntax_tree import Aggregate, Literal, Node
from models.query.values import MOST_BYTES, Value

#: Figures, and what else they are called.
AGGREGATES: dict[str, tuple[str, ...]] = {
    "sum": ("求和", "合计"), "count": ("计数",), "count_distinct": ("不同值数",), "mean": ("平均", "avg", "average"),
    "median": ("中位数",), "minimum": ("最小值",), "maximum": ("最大值",), "stdev": ("标准差", "stddev"),
    "concatenate": ("合并文本", "string_agg"),
}  # fmt: skip
#: Functions of a row that are a figure of the layer where they have named arguments.
OF_ROWS = {"min": "minimum", "max": "maximum"}
#: The arguments in their order.
ARGUMENTS = ("expression", "group_by", "filter", "concatenator")


def aggregate_named(name: str, *, is_named: bool = False) -> str:
    """Return the figure that a name means, empty for none; ``is_named``: whether it has named arguments."""
    low = name.casefold()
    if is_named and low in OF_ROWS:
        return OF_ROWS[low]
    return next((own for own, others in AGGREGATES.items() if low == own or low in others), "")


def understood(name: str, plain: Sequence[Node], named: Mapping[str, Node], at: int) -> Aggregate:
    """Return the node of a figure.

    Raises
    ------
    UserError
        ``ask.arguments``, ``ask.no_argument`` for a name that there is not, ``ask.constant``.
    """
    most = len(ARGUMENTS) if name == "concatenate" else len(ARGUMENTS) - 1
    if len(plain) + len(named) > most or (not plain and "expression" not in named):
        raise UserError("ask.arguments", name=name, at=at, wanted=f"1–{most}", found=len(plain) + len(named))
    given: dict[str, Node] = dict(zip(ARGUMENTS, plain, strict=False))
    for key, node in named.items():
        low = key.casefold()
        if low not in ARGUMENTS[:most] or low in given:
            raise UserError("ask.no_argument", name=key, function=name, at=node.at, like="  ".join(ARGUMENTS[:most]))
        given[low] = node
    joint = given.get("concatenator", Literal(""))
    if not isinstance(joint, Literal) or not isinstance(joint.value, str):
        raise UserError("ask.constant", name=name, at=joint.at)
    absent = Literal(None)
    by, test = (None if given.get(one, absent) == absent else given[one] for one in ARGUMENTS[1:3])
    return Aggregate(name, given["expression"], by, test, joint.value, at=at)


def aggregated(
    node: Aggregate, value: Value, by: Value | None, test: Value | None, count: int,
) -> Value:  # fmt: skip
    """Return a figure for each row; one value where there are no groups.

    Raises
    ------
    UserError
        ``ask.argument`` for figures of what is no number (nor a date, for the least and the most), ``ask.too_much``.
    """
    name, at = node.name, node.inner.at or node.at
    kinds = {"minimum": ("number", "date"), "maximum": ("number", "date")}.get(name, ("number",))
    if name not in ("count", "count_distinct", "concatenate") and value.kind not in (*kinds, "null"):
        raise UserError("ask.argument", name=name, wanted="number", found=value.kind, at=at)
    if value.kind == "geometry" and name != "count":
        raise UserError("ask.argument", name=name, wanted="text", found=value.kind, at=at)
    codes, groups = _groups(by, count)
    taken = np.broadcast_to(value.known, count)
    if test is not None:
        taken = taken & np.broadcast_to(test.data, count)
    if name == "count":
        found = values.number(np.bincount(codes[taken], minlength=groups).astype(np.int64), np.ones(groups, bool))
    elif name == "concatenate":
        found = _joined(value, taken, codes, groups, node.joint, count)
    elif value.kind == "null":
        found = values.number(np.zeros(groups), np.zeros(groups, bool))
    elif name == "sum" and value.data.dtype.kind == "i":
        total = np.zeros(groups, np.int64)
        np.add.at(total, codes[taken], np.broadcast_to(value.data, count)[taken])
        found = values.number(total, np.bincount(codes[taken], minlength=groups) > 0)
    else:
        found = _figure(name, value, taken, codes, groups, count)
    return found if by is None else _spread(found, codes)


def _groups(by: Value | None, count: int) -> tuple[NDArray[np.int64], int]:
    """Return the number of each row's group, and how many there are; rows without a group are one."""
    if by is None:
        return np.zeros(count, np.int64), 1
    import pandas as pd

    codes, distinct = pd.factorize(pd.Series(values.as_cells(by, count), dtype=object), use_na_sentinel=False)
    return codes.astype(np.int64), len(distinct)


def _figure(name: str, value: Value, taken: values.Mask, codes: NDArray[np.int64], groups: int, count: int) -> Value:
    import pandas as pd

    is_date = value.kind == "date"
    if name == "count_distinct":
        plain: Any = values.as_cells(value, count)[taken]
    elif is_date:
        plain = np.broadcast_to(value.data, count)[taken].astype(np.int64)
    else:
        plain = np.broadcast_to(values.as_float(value), count)[taken]
    grouped = pd.Series(plain).groupby(codes[taken])
    ways: dict[str, Callable[[], Any]] = {
        "sum": grouped.sum, "mean": grouped.mean, "median": grouped.median, "minimum": grouped.min,
        "maximum": grouped.max, "stdev": grouped.std, "count_distinct": grouped.nunique,
    }  # fmt: skip
    made = ways[name]()
    if name == "count_distinct":
        return values.number(made.reindex(range(groups), fill_value=0).to_numpy(np.int64), np.ones(groups, bool))
    if is_date:
        known = np.isin(np.arange(groups), made.index)
        return values.date(made.reindex(range(groups), fill_value=0).to_numpy("datetime64[ms]"), known)
    every = made.reindex(range(groups)).to_numpy(np.float64)
    return values.number(every, ~np.isnan(every))


def _joined(
    value: Value, taken: values.Mask, codes: NDArray[np.int64], groups: int, joint: str, count: int
) -> Value:  # fmt: skip
    import pandas as pd
    import pyarrow as pa

    texts = values.as_objects(values.as_text(value), count)[taken]
    lengths = np.array([len(one) + len(joint) for one in texts], dtype=np.int64)
    size = np.bincount(codes[taken], weights=lengths, minlength=groups)
    if float((size * np.bincount(codes, minlength=groups)).sum() if groups > 1 else size.sum()) > MOST_BYTES:
        raise UserError("ask.too_much")
    made = pd.Series(texts, dtype=object).groupby(codes[taken]).agg(joint.join)
    return values.text(pa.array([made.get(at) for at in range(groups)], pa.string()))


def _spread(found: Value, codes: NDArray[np.int64]) -> Value:
    """Return the figure of each row's group."""
    if found.kind == "text":
        import pyarrow as pa

        return values.text(found.data.take(pa.array(codes)))
    return Value(found.kind, found.data[codes], found.known[codes])

"""Why an expression finds nothing: which of its conditions no row meets, and which values there are instead."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.core.errors import UserError
from models.query import syntax_tree
from models.query.columns import Columns
from models.query.evaluate import Evaluation
from models.query.syntax_tree import Between, Compare, Field, Literal, Node, Within

#: So many values are named, and so many of them are looked through for one that is spelt alike.
MOST_NAMED, MOST_COMPARED = 5, 5_000


@dataclass(frozen=True, slots=True)
class Unmet:
    """A condition that no row meets.

    Parameters
    ----------
    field : str
    asked : str
        The condition in its own spelling.
    near : tuple of str
        Values of the column that are spelt alike.
    common : tuple of (str, int)
        Its commonest values, with how many rows have each.
    least, most : int, float, str or None
        Of numbers and dates.
    count : int
        Rows with a value at all.
    """

    field: str
    asked: str
    near: tuple[str, ...] = ()
    common: tuple[tuple[str, int], ...] = ()
    least: float | str | None = None
    most: float | str | None = None
    count: int = 0


def unmet(
    tree: Node, columns: Columns, words_of: Callable[[str, str], Sequence[str]] = lambda _field, _value: ()
) -> list[Unmet]:
    """Return the conditions on fields that no row meets by itself; none where only their combination is not met.

    Parameters
    ----------
    tree : Node
        With fields as the columns are called.
    columns : Columns
    words_of : callable
        (field, value) → what is shown for it, so that what is spelt alike is sought among shown words too.
    """
    evaluation = Evaluation(lambda node: columns.value(node.name), lambda: None, lambda: columns.oids, len(columns))
    found = []
    for node in syntax_tree.walk(tree):
        field = node.left if isinstance(node, Compare) else node.inner if isinstance(node, (Between, Within)) else None
        if not isinstance(field, Field) or not _is_plain(node):
            continue
        try:
            if evaluation.truth(node).data.any():
                continue
        except UserError:
            continue
        found.append(_unmet(field.name, node, columns, words_of))
    return found


def _is_plain(node: Node) -> bool:
    return all(isinstance(one, (Literal, Field)) for one in syntax_tree.children(node))


def _unmet(field: str, node: Node, columns: Columns, words_of: Callable[[str, str], Sequence[str]]) -> Unmet:
    value, asked = columns.value(field), syntax_tree.printed(node)
    count = int(np.count_nonzero(value.known))
    if value.kind == "text":
        counted: Any = value.data.drop_null().value_counts()
        pairs = [(str(one["values"]), int(one["counts"])) for one in counted.to_pylist()]
        pairs.sort(key=lambda pair: (-pair[1], pair[0]))
        return Unmet(field, asked, _near(field, node, [name for name, _ in pairs[:MOST_COMPARED]], words_of),
                     tuple(pairs[:MOST_NAMED]), count=count)  # fmt: skip
    if value.kind in ("number", "date") and count:
        known = value.data[value.known]
        ends = (known.min(), known.max())
        least, most = (str(end)[:19] if value.kind == "date" else end.item() for end in ends)
        return Unmet(field, asked, least=least, most=most, count=count)
    return Unmet(field, asked, count=count)


def _near(field: str, node: Node, held: list[str], words_of: Callable[[str, str], Sequence[str]]) -> tuple[str, ...]:
    texts = [one.value for one in syntax_tree.children(node) if isinstance(one, Literal) and isinstance(one.value, str)]
    pool: dict[str, str] = {}
    for value in held:
        for text in (value, *words_of(field, value)):
            pool.setdefault(text.casefold().strip(), value)
    near: dict[str, None] = {}
    for text in texts:
        low = text.casefold().strip()
        alike = [*([low] if low in pool else []), *difflib.get_close_matches(low, pool, 3, 0.5)]
        alike += [one for one in pool if low and one and (low in one or one in low)][:3]
        near |= dict.fromkeys(pool[one] for one in alike)
    return tuple(near)[:MOST_NAMED]

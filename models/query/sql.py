"""Translates an expression to an SQL condition: text with placeholders, and the values apart from it.

What a database would do differently, or not at all (functions, cases, measures of the geometry), is not translated:
then the question is asked here, after the rows have come.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.query import syntax_tree
from models.query.syntax_tree import Node

#: How a comparison is written; ``%s`` is its right side.
_COMPARE = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_LIKE = {"contains": "%{}%", "startswith": "{}%", "endswith": "%{}"}


class Untranslatable(Exception):  # noqa: N818 - it is no fault, only an answer
    """The expression holds something that a database is not asked."""


def condition(tree: Node, quoted: Callable[[str], str]) -> tuple[str, list[Any]]:
    """Return the condition with ``%s`` placeholders, and their values.

    Parameters
    ----------
    tree : Node
        Of an :class:`~models.query.expression.Expression`.
    quoted : callable
        Writes the name of a column as the database wants it.

    Raises
    ------
    Untranslatable
    """
    values: list[Any] = []

    def of(node: Node) -> str:
        if isinstance(node, syntax_tree.Literal):
            values.append(node.value)
            return "%s"
        if isinstance(node, syntax_tree.Field):
            return quoted(node.name)
        if isinstance(node, syntax_tree.And):
            return "(" + " AND ".join(of(part) for part in node.parts) + ")"
        if isinstance(node, syntax_tree.Or):
            return "(" + " OR ".join(of(part) for part in node.parts) + ")"
        if isinstance(node, syntax_tree.Not):
            return f"(NOT {of(node.inner)})"
        if isinstance(node, syntax_tree.IsNull) and not node.blank:
            return f"({of(node.inner)} IS NULL)"
        if isinstance(node, syntax_tree.Between):
            return f"({of(node.inner)} BETWEEN {of(node.low)} AND {of(node.high)})"
        if isinstance(node, syntax_tree.Within):
            return f"({of(node.inner)} IN ({', '.join(of(option) for option in node.options)}))"
        if isinstance(node, syntax_tree.Compare):
            return compare(node)
        raise Untranslatable

    def compare(node: syntax_tree.Compare) -> str:
        if node.operator in _COMPARE:
            return f"({of(node.left)} {_COMPARE[node.operator]} {of(node.right)})"
        if node.operator not in _LIKE or not isinstance(node.right, syntax_tree.Literal):
            raise Untranslatable
        text = str(node.right.value)
        for sign in "\\%_":
            text = text.replace(sign, "\\" + sign)
        left = of(node.left)
        values.append(_LIKE[node.operator].format(text))
        return f"({left} LIKE %s)"

    return of(tree), values

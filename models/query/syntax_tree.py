"""The tree of an expression: frozen values, and the text that gives the same tree again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from models.query.reserved_words import is_plain_name


@dataclass(frozen=True, slots=True)
class Node:
    """Base of all nodes.

    Parameters
    ----------
    at : int
        Place in the text as typed, counted from 1. Not part of what the node is.
    """

    at: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, a text, true, false, or null (None)."""

    value: int | float | str | bool | None


@dataclass(frozen=True, slots=True)
class Field(Node):
    """A column by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Shape(Node):
    """Something measured of the geometry, one of :data:`models.query.measures.MEASURES`."""

    name: str


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Sums or products from left to right: ``first`` and then (operator, node)."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Minus(Node):
    """The negative of a number."""

    inner: Node


@dataclass(frozen=True, slots=True)
class Power(Node):
    """One number to the power of another."""

    base: Node
    exponent: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """``= != < <= > >=``, ``like``, ``ilike``, ``contains``, ``startswith`` or ``endswith`` between two values."""

    left: Node
    operator: str
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """Whether a value lies between two others, both included."""

    inner: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Within(Node):
    """Whether a value is one of several."""

    inner: Node
    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class IsNull(Node):
    """Whether a value is missing; ``blank`` takes a text of nothing but spaces for missing too."""

    inner: Node
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Not(Node):
    """The opposite."""

    inner: Node


@dataclass(frozen=True, slots=True)
class And(Node):
    """All of the parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """One of the parts at least."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function of :data:`models.query.functions.table.FUNCTIONS`."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """A figure of all rows, or of those of a group: one of :data:`models.query.functions.of_layers.AGGREGATES`.

    ``by`` makes groups, ``test`` says which rows count, ``joint`` stands between texts that are joined.
    """

    name: str
    inner: Node
    by: Node | None = None
    test: Node | None = None
    joint: str = ""


@dataclass(frozen=True, slots=True)
class Case(Node):
    """The first value whose condition is true, else ``otherwise``."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes right below one, in the order of the text."""
    if isinstance(node, Chain):
        return (node.first, *(part for _, part in node.rest))
    if isinstance(node, (Minus, Not, IsNull)):
        return (node.inner,)
    if isinstance(node, Power):
        return node.base, node.exponent
    if isinstance(node, Compare):
        return node.left, node.right
    if isinstance(node, Between):
        return node.inner, node.low, node.high
    if isinstance(node, Within):
        return (node.inner, *node.options)
    if isinstance(node, (And, Or)):
        return node.parts
    if isinstance(node, Call):
        return node.arguments
    if isinstance(node, Aggregate):
        return tuple(one for one in (node.inner, node.by, node.test) if one is not None)
    if isinstance(node, Case):
        return (*(part for branch in node.branches for part in branch), node.otherwise)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it, without recursion."""
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        stack.extend(reversed(children(one)))


def depth(node: Node) -> int:
    """Return how deep the tree is, without recursion."""
    level, deepest = [node], 0
    while level:
        deepest += 1
        level = [below for one in level for below in children(one)]
    return deepest


def renamed(node: Node, name: Callable[[Field], str]) -> Node:
    """Return the tree with other names of fields."""
    return rewritten(node, lambda one: Field(name(one), at=one.at) if isinstance(one, Field) else one)


def rewritten(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return the tree with every node changed, those below first."""

    def of(one: Any) -> Any:
        if isinstance(one, Node):
            kept = {part: of(getattr(one, part)) for part in one.__dataclass_fields__ if part != "at"}
            return change(type(one)(**kept, at=one.at))
        return tuple(of(part) for part in one) if isinstance(one, tuple) else one

    found: Node = of(node)
    return found


# --- back to text -----------------------------------------------------------------------------------------------------

#: How tightly a node binds; what binds looser than its place needs is put into parentheses.
_OR, _AND, _NOT, _TEST, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(9)


def printed(node: Node) -> str:
    """Return text that :func:`models.query.grammar.parse` understands as the same tree."""
    return _print(node)[0]


def _print(node: Node) -> tuple[str, int]:
    if isinstance(node, Literal):
        negative = isinstance(node.value, (int, float)) and not isinstance(node.value, bool) and node.value < 0
        return literal_text(node.value), _SIGN if negative else _ATOM
    if isinstance(node, Field):
        return field_text(node.name), _ATOM
    if isinstance(node, Shape):
        return f"${node.name}", _ATOM
    if isinstance(node, Chain):
        own = _PRODUCT if node.rest[0][0] in "*/%" else _SUM
        text = _in(node.first, own)
        return text + "".join(f" {sign} {_in(part, own + 1)}" for sign, part in node.rest), own
    if isinstance(node, Minus):
        return f"-{_in(node.inner, _POWER)}", _SIGN
    if isinstance(node, Power):
        return f"{_in(node.base, _ATOM)} ^ {_in(node.exponent, _SIGN)}", _POWER
    if isinstance(node, Compare):
        return f"{_in(node.left, _SUM)} {node.operator} {_in(node.right, _SUM)}", _TEST
    if isinstance(node, Between):
        return f"{_in(node.inner, _SUM)} between {_in(node.low, _SUM)} and {_in(node.high, _SUM)}", _TEST
    if isinstance(node, Within):
        return f"{_in(node.inner, _SUM)} in ({', '.join(_in(one, _OR) for one in node.options)})", _TEST
    if isinstance(node, IsNull):
        return f"{_in(node.inner, _SUM)} is {'empty' if node.blank else 'null'}", _TEST
    if isinstance(node, Not):
        return f"not {_in(node.inner, _NOT)}", _NOT
    if isinstance(node, And):
        return " and ".join(_in(part, _NOT) for part in node.parts), _AND
    if isinstance(node, Or):
        return " or ".join(_in(part, _AND) for part in node.parts), _OR
    if isinstance(node, Call):
        return f"{node.name}({', '.join(_in(one, _OR) for one in node.arguments)})", _ATOM
    if isinstance(node, Aggregate):
        named = [
            ("group_by", node.by),
            ("filter", node.test),
            ("concatenator", Literal(node.joint) if node.joint else None),
        ]
        more = "".join(f", {name} := {_in(one, _OR)}" for name, one in named if one is not None)
        return f"{node.name}({_in(node.inner, _OR)}{more})", _ATOM
    assert isinstance(node, Case)  # noqa: S101 - there is nothing else
    branches = " ".join(f"when {_in(test, _OR)} then {_in(value, _OR)}" for test, value in node.branches)
    return f"case {branches} else {_in(node.otherwise, _OR)} end", _ATOM


def _in(node: Node, least: int) -> str:
    text, own = _print(node)
    return text if own >= least else f"({text})"


def field_text(name: str) -> str:
    """Return a field's name as it stands in an expression: quoted where it is no plain word."""
    return name if is_plain_name(name) else '"' + name.replace('"', '""') + '"'


def literal_text(value: int | float | str | bool | None) -> str:
    """Return a value as it stands in an expression."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return "'" + value.replace("'", "''") + "'"

"""Formulas that people write for their own indicators: from the text to a tree of figures over the layers' tables.

``count(buildings where lift = 'no' and storeys >= 7) ÷ count(buildings where storeys >= 7) × 100`` divides two figures
over the table of a role. Figures: ``count``, ``sum``, ``mean``, ``min``, ``max`` of a value (``sum(buildings,
floor_area_m2)``), ``area`` (m²), ``length`` (km) and ``share`` (of those that meet the condition, 0…1). Values and
conditions are of the query language (:mod:`models.query.grammar`). Between figures: ``+ − × ÷``, brackets, comparisons
(1 or 0), and ``min(a, b, …)``, ``max(a, b, …)``.

Invariants
----------
1. Nothing is executed: any text gives a tree of frozen values or a :class:`UserError`.
2. No text is slow: at most :data:`MOST_SIGNS` signs, :data:`MOST_DEEP` levels, :data:`MOST_NODES` nodes and
   :data:`MOST_FIGURES` figures; each figure looks at its table once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from models.core.errors import UserError
from models.query.expression import Expression, compile_expression
from models.roles import ROLES

MOST_SIGNS, MOST_DEEP, MOST_NODES, MOST_FIGURES = 2000, 40, 200, 20

#: Figures over a table, by what people call them.
_FIGURES = {
    "count": "count", "计数": "count", "sum": "sum", "求和": "sum", "mean": "mean", "average": "mean", "平均": "mean",
    "min": "min", "最小": "min", "max": "max", "最大": "max", "area": "area", "面积": "area", "length": "length",
    "长度": "length", "share": "share", "占比": "share",
}  # fmt: skip
#: Figures that need a value of each row.
_OF_VALUE = ("sum", "mean", "min", "max")
#: Figures of units that add up to that of the city.
_ADDITIVE = ("count", "sum", "area", "length")

_SIGNS = str.maketrans(dict(zip("，（）＝＜＞＋－＊／×÷−　", ",()=<>+-*/*/- ", strict=True)))
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|“[^”]*”|‘[^’]*’|「[^」]*」")
_CALL = re.compile(r"([^\W\d]\w*)\s*\(\s*(\w+)\s*(?=[,)]|where\b|其中)", re.IGNORECASE)
_WHERE = re.compile(r"(?:\bwhere\b|其中)", re.IGNORECASE)
_GRAMMAR = r"""
?start: compare
?compare: sum_ (COMPARE sum_)?
?sum_: product (SUM product)*
?product: sign (PRODUCT sign)*
?sign: SUM sign -> signed
    | atom
?atom: NUMBER -> number
    | FIGURE -> figure
    | LEAST "(" compare ("," compare)* ")" -> least
    | MOST "(" compare ("," compare)* ")" -> most
    | "(" compare ")"
COMPARE: /(?:<=|>=|!=|<>|≤|≥|≠|=|<|>)/
SUM: /[-+]/
PRODUCT: /[*\/]/
NUMBER: /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?/
FIGURE: /#\d+#/
LEAST: /(?:min|最小)(?=\s*\()/i
MOST: /(?:max|最大)(?=\s*\()/i
%ignore /\s+/
"""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it stands."""

    value: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure over the table of a role.

    Parameters
    ----------
    kind : str
        ``"count"``, ``"sum"``, ``"mean"``, ``"min"``, ``"max"``, ``"area"``, ``"length"`` or ``"share"``.
    role : str
    value, where : Expression or None
    """

    kind: str
    role: str
    value: Expression | None = None
    where: Expression | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields that it reads."""
        named = [name for part in (self.value, self.where) if part is not None for name in part.fields]
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True, slots=True)
class Operation:
    """Two or more parts with a sign between them: ``+ - * /``, a comparison, ``min`` or ``max``."""

    sign: str
    parts: tuple[Node, ...]


Node = Number | Figure | Operation


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was understood.

    Parameters
    ----------
    numerator : Node
    denominator : Node or None
        None where it is no quotient.
    factor : float
        What the quotient, or the numerator, is multiplied by.
    """

    numerator: Node
    denominator: Node | None
    factor: float

    @property
    def form(self) -> str:
        """Return the form of an indicator with such a formula."""
        return "count" if self.denominator is None else "ratio"

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Return the figures that it needs, each once."""
        parts = (self.numerator,) if self.denominator is None else (self.numerator, self.denominator)
        return tuple(dict.fromkeys(node for part in parts for node in walk(part) if isinstance(node, Figure)))

    @property
    def roles(self) -> tuple[str, ...]:
        """Return the roles that it reads."""
        return tuple(dict.fromkeys(figure.role for figure in self.figures))

    @property
    def adds_up(self) -> bool:
        """Whether the parts of the units add up to those of the city."""
        return all(is_additive(part) for part in (self.numerator, self.denominator) if part is not None)


def walk(node: Node) -> Iterator[Node]:
    """Return a node and all that it holds."""
    yield node
    if isinstance(node, Operation):
        for part in node.parts:
            yield from walk(part)


def is_additive(node: Node) -> bool:
    """Whether the values of the units of a city add up to that of the city."""
    if isinstance(node, Figure):
        return node.kind in _ADDITIVE
    if isinstance(node, Operation) and node.sign in "+-":
        return all(is_additive(part) for part in node.parts)
    if isinstance(node, Operation) and node.sign in "*/":
        first, *rest = node.parts
        if all(isinstance(part, Number) for part in rest):
            return is_additive(first)
        return node.sign == "*" and len(rest) == 1 and isinstance(first, Number) and is_additive(rest[0])
    return False


def parse(text: str) -> Formula:
    """Understand a formula.

    Raises
    ------
    UserError
        ``health.formula_empty``, ``health.formula_too_long``, ``health.formula_too_deep``, ``health.formula_syntax``
        with what stands where it fails (``found``), ``health.formula_value`` for a figure without a value or with one
        too many, ``health.formula_measures``, ``health.formula_no_figure``; what is wrong with a condition.
    """
    return _parsed(text)


@lru_cache(maxsize=128)
def _parsed(text: str) -> Formula:
    import lark

    if not text.strip():
        raise UserError("health.formula_empty")
    if len(text) > MOST_SIGNS:
        raise UserError("health.formula_too_long", most=MOST_SIGNS)
    if "#" in _QUOTED.sub("", text):  # what stands for a figure is ours
        raise UserError("health.formula_syntax", found="#")
    plain, figures = _figures_out(_plain(text))
    if len(figures) > MOST_FIGURES:
        raise UserError("health.formula_too_long", most=MOST_SIGNS)
    deep = most = 0
    for sign in plain:
        deep += (sign == "(") - (sign == ")")
        most = max(most, deep)
    if most > MOST_DEEP or len(plain) > MOST_SIGNS:
        raise UserError("health.formula_too_deep", most=MOST_DEEP)
    try:
        tree = _parser().parse(plain)
    except lark.UnexpectedInput as error:
        at = getattr(error, "pos_in_stream", None)
        rest = plain[at:] if isinstance(at, int) and at >= 0 else ""
        shown = re.sub(r"#\d+#", "…", rest)[:12].strip() or "…"
        raise UserError("health.formula_syntax", found=shown) from None
    node = _node(tree, figures, 0)
    count = sum(1 for _ in walk(node))
    if count > MOST_NODES:
        raise UserError("health.formula_too_long", most=MOST_SIGNS)
    if not any(isinstance(one, Figure) for one in walk(node)):
        raise UserError("health.formula_no_figure")
    return _split(node)


def _plain(text: str) -> str:
    """Return the text with its signs made plain outside quotes."""
    made, at = [], 0
    for found in _QUOTED.finditer(text):
        made += [text[at : found.start()].translate(_SIGNS), found[0]]
        at = found.end()
    return "".join([*made, text[at:].translate(_SIGNS)])


def _figures_out(text: str) -> tuple[str, list[Figure]]:
    """Return the text with a sign for each figure, and the figures."""
    figures: list[Figure] = []
    made, at = [], 0
    while (found := _CALL.search(text, at)) is not None:
        kind, role = _FIGURES.get(found[1].casefold()), found[2]
        if kind is None or role not in ROLES:
            made.append(text[at : found.end()])
            at = found.end()
            continue
        inner, end = _inside(text, found.end())
        made += [text[at : found.start()], f"#{len(figures)}#"]
        figures.append(_figure(kind, role, inner))
        if len(figures) > MOST_FIGURES:
            raise UserError("health.formula_too_long", most=MOST_SIGNS)
        at = end
    return "".join([*made, text[at:]]), figures


def _inside(text: str, start: int) -> tuple[str, int]:
    """Return what stands up to the bracket that closes, and where it goes on."""
    deep, at = 1, start
    while at < len(text):
        quoted = _QUOTED.match(text, at)
        if quoted is not None:
            at = quoted.end()
            continue
        deep += (text[at] == "(") - (text[at] == ")")
        if not deep:
            return text[start:at], at + 1
        at += 1
    raise UserError("health.formula_syntax", found="…")


def _figure(kind: str, role: str, inner: str) -> Figure:
    bare = _QUOTED.sub(lambda found: " " * len(found[0]), inner)
    told = _WHERE.search(bare)
    value = inner[: told.start()] if told else inner
    where = inner[told.end() :] if told else ""
    value = value.strip().removeprefix(",").strip()
    if bool(value) != (kind in _OF_VALUE):
        raise UserError("health.formula_value", figure=kind, role=role)
    if told and not where.strip():
        raise UserError("health.formula_syntax", found="…")
    if kind == "share" and not told:
        raise UserError("health.formula_value", figure=kind, role=role)
    return Figure(kind, role, _compiled(value), _compiled(where))


def _compiled(text: str) -> Expression | None:
    if not text.strip():
        return None
    made = compile_expression(text)
    if made.measures or made.is_of_all:
        raise UserError("health.formula_measures", text=text.strip()[:40])
    return made


@lru_cache(maxsize=1)
def _parser() -> Any:
    import lark

    return lark.Lark(_GRAMMAR, parser="lalr", lexer="contextual")


def _node(tree: Any, figures: list[Figure], deep: int) -> Node:
    if deep > MOST_DEEP:
        raise UserError("health.formula_too_deep", most=MOST_DEEP)
    name, parts = str(tree.data), tree.children

    def inner(part: Any) -> Node:
        return _node(part, figures, deep + 1)

    if name == "number":
        value = float(parts[0])
        if not math.isfinite(value):
            raise UserError("health.formula_syntax", found=str(parts[0])[:12])
        return Number(value)
    if name == "figure":
        return figures[int(str(parts[0])[1:-1])]
    if name in ("least", "most"):
        return Operation("min" if name == "least" else "max", tuple(inner(part) for part in parts[1:]))
    if name == "signed":
        made = inner(parts[1])
        if parts[0] == "+":
            return made
        return Number(-made.value) if isinstance(made, Number) else Operation("*", (Number(-1.0), made))
    if name == "compare":
        sign = {"≤": "<=", "≥": ">=", "≠": "!=", "<>": "!="}.get(str(parts[1]), str(parts[1]))
        return Operation(sign, (inner(parts[0]), inner(parts[2])))
    made = inner(parts[0])
    for sign, part in zip(parts[1::2], parts[2::2], strict=True):
        made = Operation(str(sign), (made, inner(part)))
    return made


def _split(node: Node) -> Formula:
    """Return a formula as numerator, denominator and what the quotient is multiplied by."""
    factor = 1.0
    while isinstance(node, Operation) and node.sign in "*/":
        left, right = node.parts
        if isinstance(right, Number) and right.value:
            factor = factor * right.value if node.sign == "*" else factor / right.value
            node = left
        elif isinstance(left, Number) and left.value and node.sign == "*":
            factor, node = factor * left.value, right
        else:
            break
    if isinstance(node, Operation) and node.sign == "/":
        return Formula(node.parts[0], node.parts[1], factor)
    return Formula(node, None, factor)

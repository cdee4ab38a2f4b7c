"""The grammar of rules: from text to a tree of conditions and back.

``IfcWall, IsExternal, FireRating < 2h`` means walls that are external *and* rated below two hours. Loosest to tightest:
a comma (and), ``or``, ``and``, ``not``; parentheses group. Chinese signs and words do the same: ，；且 或 非 包含 “ ”.

Invariants
----------
1. Nothing is executed: lark makes a tree of frozen values, and any text gives a tree or a :class:`UserError`.
2. ``parse(printed(tree)) == tree`` for every tree that :func:`parse` gives.
3. Signs are translated one by one, so that positions in errors are those of the text as typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from models.core.errors import UserError

MOST_SIGNS, MOST_PARENTHESES = 2000, 40
OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "~", "!~", "contains")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit as typed, empty for none."""

    number: float
    unit: str = ""


Operand = Quantity | bool | str


@dataclass(frozen=True, slots=True)
class OfClass:
    """Elements of a class or of a kind of it."""

    name: str


@dataclass(frozen=True, slots=True)
class Holds:
    """Elements whose property is true."""

    field: str


@dataclass(frozen=True, slots=True)
class Compare:
    """Elements whose property compares with a value; ``operator`` is one of :data:`OPERATORS`."""

    field: str
    operator: str
    value: Operand


@dataclass(frozen=True, slots=True)
class Not:
    """Elements for which ``inner`` does not hold."""

    inner: Condition


@dataclass(frozen=True, slots=True)
class And:
    """Elements for which all parts hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Elements for which one of the parts holds."""

    parts: tuple[Condition, ...]


Condition = OfClass | Holds | Compare | Not | And | Or

#: Units that may follow a number → factor to the symbol in which models keep their values.
UNITS: dict[str, tuple[float, str]] = {
    "mm": (1e-3, "m"), "cm": (1e-2, "m"), "dm": (0.1, "m"), "m": (1.0, "m"), "km": (1e3, "m"), "in": (0.0254, "m"),
    "ft": (0.3048, "m"), "毫米": (1e-3, "m"), "厘米": (1e-2, "m"), "米": (1.0, "m"),
    "mm2": (1e-6, "m²"), "cm2": (1e-4, "m²"), "m2": (1.0, "m²"), "ha": (1e4, "m²"), "㎡": (1.0, "m²"),
    "平方米": (1.0, "m²"), "ft2": (0.3048**2, "m²"),
    "mm3": (1e-9, "m³"), "cm3": (1e-6, "m³"), "dm3": (1e-3, "m³"), "m3": (1.0, "m³"), "l": (1e-3, "m³"),
    "立方米": (1.0, "m³"), "ft3": (0.3048**3, "m³"),
    "s": (1.0, "s"), "min": (60.0, "s"), "h": (3600.0, "s"), "hr": (3600.0, "s"), "d": (86400.0, "s"),
    "小时": (3600.0, "s"), "分钟": (60.0, "s"), "秒": (1.0, "s"),
    "°": (1.0, "°"), "deg": (1.0, "°"), "度": (1.0, "°"), "°c": (1.0, "°C"), "℃": (1.0, "°C"), "%": (0.01, "%"),
    "g": (1e-3, "kg"), "kg": (1.0, "kg"), "t": (1e3, "kg"), "n": (1.0, "N"), "kn": (1e3, "N"), "pa": (1.0, "Pa"),
    "kpa": (1e3, "Pa"), "mpa": (1e6, "Pa"), "w": (1.0, "W"), "kw": (1e3, "W"), "v": (1.0, "V"), "a": (1.0, "A"),
    "lx": (1.0, "lx"), "l/s": (1e-3, "m³/s"), "m3/h": (1 / 3600, "m³/s"), "m/s": (1.0, "m/s"),
    "w/m2k": (1.0, "W/(m²·K)"), "kg/m3": (1.0, "kg/m³"),
}  # fmt: skip
_TRUE, _FALSE = ("true", "yes", "是", "真"), ("false", "no", "否", "假")

_SIGNS = str.maketrans(
    dict(zip("，；、（）＝＜＞！｜＆～：＋－　", ",,,()=<>!|&~:+- ", strict=True))
    | dict.fromkeys("“”‘’「」『』＂", '"')
)
_END = r"(?=[\s,;|&!()<>=~\"']|$)"
_SPELT = {*UNITS, *(unit.replace("2", "²").replace("3", "³") for unit in UNITS)}
_UNIT = "|".join(re.escape(unit).replace("/", r"\/") for unit in sorted(_SPELT, key=len, reverse=True))
# A word may hold 且 and 或, but not right after a Latin letter or digit: "IfcWall且IsExternal" is two conditions.
_WORD = r"(?:[^\s,;|&!()<>=~\"'且或]|(?<![A-Za-z0-9_\")\s])[且或](?![\s]|$))+"
_GRAMMAR = rf"""
start: clause (_COMMA clause)* _COMMA?
clause: term (_OR term)*
term: factor (_AND factor)*
?factor: _NOT factor -> negated
    | "(" start ")" -> group
    | name -> alone
    | name OPERATOR operand -> compare
?name: WORD | QUOTED
operand: QUANTITY -> quantity
    | WORD -> bare
    | QUOTED -> quoted
_COMMA: /[,;]+/
_AND.3: /(?:and{_END}|&&?|且|并且{_END}|与{_END})/i
_OR.3: /(?:or{_END}|\|\|?|或者{_END}|或)/i
_NOT.3: /(?:not{_END}|!(?![=~])|非(?=[\s(A-Za-z"]))/i
OPERATOR.4: /(?:!=|<>|≠|<=|>=|≤|≥|==|!~|=|<|>|~|contains{_END}|不等于|不小于|不大于|等于|小于|大于|包含|含有)/i
QUANTITY.2: /[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?:\s*(?:{_UNIT}))?{_END}/i
QUOTED: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/
WORD.1: /{_WORD}/
%ignore /\s+/
"""
_OPERATOR = {
    "==": "=", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">=", "不等于": "!=", "不小于": ">=", "不大于": "<=",
    "等于": "=", "小于": "<", "大于": ">", "包含": "contains", "含有": "contains",
}  # fmt: skip
# What may stand at a place, as a person would type it.
_EXPECTED = {
    "WORD": "IfcWall", "QUOTED": '"…"', "QUANTITY": "200 mm", "OPERATOR": "= < > ~", "_COMMA": ",", "_AND": "and",
    "_OR": "or", "LPAR": "(", "RPAR": ")",
}  # fmt: skip


def parse(text: str) -> Condition:
    """Understand a rule.

    Raises
    ------
    UserError
        ``rule.empty``, ``rule.too_long``, or ``rule.syntax`` with the place (``at``, counted from 1), what stands there
        (``found``, ``"…"`` for the end) and what could (``expected``).
    """
    import lark

    plain = text.translate(_SIGNS)
    if not plain.strip():
        raise UserError("rule.empty")
    if len(plain) > MOST_SIGNS or plain.count("(") > MOST_PARENTHESES:
        raise UserError("rule.too_long", most=MOST_SIGNS)
    try:
        tree = _parser().parse(plain)
    except lark.UnexpectedInput as error:
        at = getattr(error, "pos_in_stream", None)
        ended = isinstance(error, lark.UnexpectedToken) and error.token.type == "$END"
        if ended or at is None or at < 0 or at >= len(plain.rstrip()):
            at = len(plain.rstrip())
        names = getattr(error, "accepts", None) or getattr(error, "expected", None) or getattr(error, "allowed", None)
        expected = [sign for name, sign in _EXPECTED.items() if name in (names or ())] or [",", "and", "or"]
        raise UserError(
            "rule.syntax", at=at + 1, found=text[at : at + 12].strip() or "…", expected="  ".join(expected)
        ) from None
    return _built(tree)


def printed(condition: Condition) -> str:
    """Return a condition as text that :func:`parse` understands as the same."""
    return say(condition, " and ", " or ", "not ")


def say(condition: Condition, and_: str, or_: str, not_: str, words: Any = None) -> str:
    """Return a condition as text with the given connectives.

    Parameters
    ----------
    words : callable, optional
        Says an operator or ``"true"`` / ``"false"`` in the reader's language.
    """
    if isinstance(condition, OfClass):
        return condition.name
    if isinstance(condition, Holds):
        return _name(condition.field)
    if isinstance(condition, Compare):
        operator = words(condition.operator) if words else condition.operator
        return f"{_name(condition.field)} {operator} {_operand(condition.value, words)}"
    if isinstance(condition, Not):
        inner = say(condition.inner, and_, or_, not_, words)
        return f"{not_}({inner})" if isinstance(condition.inner, (And, Or)) else f"{not_}{inner}"
    joined = and_ if isinstance(condition, And) else or_
    parts = [
        f"({text})" if isinstance(part, Or) and isinstance(condition, And) else text
        for part in condition.parts
        for text in [say(part, and_, or_, not_, words)]
    ]
    return joined.join(parts)


@lru_cache(maxsize=1)
def _parser() -> Any:
    import lark

    return lark.Lark(_GRAMMAR, parser="lalr", lexer="contextual", propagate_positions=False)


def _built(tree: Any) -> Condition:
    kind, inner = tree.data, tree.children
    if kind == "start":
        return _joined(And, [_built(child) for child in inner])
    if kind == "clause":
        return _joined(Or, [_built(child) for child in inner])
    if kind == "term":
        return _joined(And, [_built(child) for child in inner])
    if kind == "negated":
        below = tree
        times = 0
        while below.data == "negated":
            below, times = below.children[0], times + 1
        condition = _built(below)
        for _ in range(times % 2):
            condition = condition.inner if isinstance(condition, Not) else Not(condition)
        return condition
    if kind == "group":
        return _built(inner[0])
    if kind == "alone":
        name = _unquoted(inner[0])
        bare = inner[0].type == "WORD"
        return OfClass(name) if bare and re.fullmatch(r"ifc[a-z0-9]+", name, re.IGNORECASE) else Holds(name)
    operator = str(inner[1]).lower()
    return Compare(_unquoted(inner[0]), _OPERATOR.get(operator, operator), _value(inner[2]))


def _joined(kind: type[And] | type[Or], parts: Sequence[Condition]) -> Condition:
    flat: list[Condition] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else (part,)
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _value(tree: Any) -> Operand:
    text = str(tree.children[0])
    if tree.data == "quoted":
        return _unquoted(tree.children[0])
    if tree.data == "quantity":
        found = re.match(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?", text)
        number = float(found[0]) if found else 0.0
        unit = text[found.end() :].strip() if found else ""
        return Quantity(number, unit.replace("²", "2").replace("³", "3")) if abs(number) < 1e300 else text
    low = text.casefold()
    return True if low in _TRUE else False if low in _FALSE else text


def _unquoted(token: Any) -> str:
    text = str(token)
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL) if token.type == "QUOTED" else text


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _name(text: str) -> str:
    plain = re.fullmatch(r"[^\W\d][\w.]*", text) and text.translate(_SIGNS) == text
    risky = re.match(r"(?i)(and|or|not|contains|ifc[a-z0-9]*)$", text) or re.search("[且或非并与不等小大包含]", text)
    return text if plain and not risky else _quoted(text)


def _operand(value: Operand, words: Any = None) -> str:
    if isinstance(value, bool):
        return words("true" if value else "false") if words else "true" if value else "false"
    if isinstance(value, Quantity):
        number = repr(value.number)
        number = number.removesuffix(".0")
        return f"{number} {value.unit}".rstrip()
    return _quoted(value)

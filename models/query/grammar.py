"""From the text of an expression to its tree.

``层数 > 12 且 用途 in ('住宅', '公寓')`` and ``storeys > 12 and use = 'residential'`` are expressions. Fields stand as
they are or in double quotes, texts in single quotes (or “…”), Chinese and English words mix. Loosest to tightest:
``or``, ``and``, ``not``, comparisons, ``+ -``, ``* / %``, sign, ``^``.

Invariants
----------
1. Nothing is executed: any text gives a tree of frozen values (:mod:`models.query.syntax_tree`) or a
   :class:`UserError`.
2. No text is slow: at most :data:`MOST_SIGNS` signs and :data:`MOST_DEEP` levels, an LALR parser, linear patterns.
3. Signs are translated one by one and never inside quotes, so that places in errors are those of the text as typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from models.core.errors import UserError
from models.query import syntax_tree
from models.query.reserved_words import END, WORD
from models.query.syntax_tree import Node

MOST_SIGNS, MOST_DEEP = 4000, 60

_SIGNS = str.maketrans(
    dict(zip("，（）＝＜＞！｜＋－＊／％＾　：～", ",()=<>!|+-*/%^ :~", strict=True)) | {"×": "*", "÷": "/", "−": "-"}
)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]\[]*\]|“[^”]*”|‘[^’]*’|「[^」]*」")
_NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_GRAMMAR = rf"""
?start: or_
?or_: and_ (_OR and_)* -> any_of
?and_: not_ (_AND not_)* -> all_of
?not_: NOT not_ -> negated
    | test
?test: sum_
    | sum_ COMPARE sum_ -> compare
    | sum_ LIKE sum_ -> compare
    | sum_ NOT LIKE sum_ -> compare_not
    | sum_ UNLIKE sum_ -> compare_not_word
    | sum_ _IN "(" list_ ")" -> within
    | sum_ NOT _IN "(" list_ ")" -> within_not
    | sum_ _NOT_IN "(" list_ ")" -> within_not_word
    | sum_ _BETWEEN sum_ _TO sum_ -> between
    | sum_ _BETWEEN sum_ _AND sum_ -> between
    | sum_ NOT _BETWEEN sum_ _AND sum_ -> between_not
    | sum_ _IS NULL -> is_null
    | sum_ _IS NOT NULL -> is_not_null
    | sum_ _IS EMPTY -> is_null
    | sum_ _IS NOT EMPTY -> is_not_null
    | sum_ BLANK -> is_null
    | sum_ FILLED -> is_blank_not
?sum_: product (SUM product)* -> chain
?product: sign (PRODUCT sign)* -> chain
?sign: SIGN sign -> signed
    | power
?power: atom (_POWER sign)? -> power
?atom: NUMBER -> number
    | TEXT -> text
    | NAME -> field
    | WORD -> field
    | SHAPE -> shape
    | TRUE -> true
    | FALSE -> false
    | NULL -> null
    | FUNCTION "(" [arguments] ")" -> call
    | "(" or_ ")" -> group
    | CASE (_WHEN or_ _THEN or_)+ [_ELSE or_] _FINISH -> case
list_: or_ ("," or_)*
arguments: argument ("," argument)*
?argument: or_
    | WORD ":=" or_ -> named

_OR.4: /(?:or{END}|或者|或)/i
_AND.4: /(?:and{END}|并且|且|&&)/i
NOT.4: /(?:not{END}|!(?!=)|非(?=[\s(]))/i
_IN.4: /(?:in{END}|属于)/i
_NOT_IN.5: /不属于/
_BETWEEN.4: /(?:between{END}|介于)/i
_TO.4: /(?:to{END}|至|到|和|与)/i
_IS.4: /is{END}/i
NULL.4: /(?:null{END}|空值)/i
EMPTY.4: /empty{END}/i
BLANK.5: /为空/
FILLED.5: /(?:不为空|非空)/
COMPARE.4: /(?:!=|<>|≠|<=|>=|≤|≥|==|=|<|>|~|不等于|不小于|不大于|大于等于|小于等于|等于|小于|大于)/
LIKE.4: /(?:like{END}|ilike{END}|contains{END}|startswith{END}|endswith{END}|包含|含有|形如|开头为|结尾为)/i
UNLIKE.5: /不包含/
SUM: /\|\||[-+]/
PRODUCT: /[*\/%]/
SIGN: /[-+]/
_POWER: /\^|\*\*/
CASE.4: /case{END}/i
_WHEN.4: /when{END}/i
_THEN.4: /then{END}/i
_ELSE.4: /else{END}/i
_FINISH.4: /end{END}/i
TRUE.4: /(?:true{END}|真{END})/i
FALSE.4: /(?:false{END}|假{END})/i
NUMBER.2: /{_NUMBER}(?![A-Za-z0-9_.])/
TEXT: /'(?:[^']|'')*'|“[^”]*”|‘[^’]*’|「[^」]*」/
NAME: /"(?:[^"]|"")*"|`[^`]*`|\[[^\]\[]*\]/
SHAPE: /[$@]\w+/
FUNCTION.3: /{WORD}(?=\s*\()/
WORD.1: /{WORD}/
%ignore /\s+/
"""
_OPERATOR = {
    "==": "=", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">=", "不等于": "!=", "不小于": ">=", "不大于": "<=",
    "大于等于": ">=", "小于等于": "<=", "等于": "=", "小于": "<", "大于": ">", "包含": "contains", "含有": "contains",
    "不包含": "contains", "形如": "like", "开头为": "startswith", "结尾为": "endswith",
}  # fmt: skip
#: What may stand at a place, as a person would type it.
_EXPECTED = {
    "WORD": "field", "TEXT": "'…'", "NUMBER": "12.5", "COMPARE": "= < >", "_AND": "and", "_OR": "or", "LPAR": "(",
    "RPAR": ")", "COMMA": ",", "_THEN": "then", "_FINISH": "end", "NULL": "null", "_TO": "and",
}  # fmt: skip


def parse(text: str) -> Node:
    """Understand an expression.

    Raises
    ------
    UserError
        ``ask.empty``, ``ask.too_long`` (``most`` signs), ``ask.too_deep`` (``most`` levels), ``ask.quote`` for a quote
        without its end (``at``), or ``ask.syntax`` with the place (``at``, counted from 1), what stands there
        (``found``, ``"…"`` for the end) and what could (``expected``).
    """
    import lark

    if not text.strip():
        raise UserError("ask.empty")
    if len(text) > MOST_SIGNS:
        raise UserError("ask.too_long", most=MOST_SIGNS)
    plain, bare = _plain(text)
    for sign in "'\"“「‘`[":
        if sign in bare:
            raise UserError("ask.quote", at=bare.index(sign) + 1)
    deep = most = 0
    for sign in bare:
        deep += (sign == "(") - (sign == ")")
        most = max(most, deep)
    if most > MOST_DEEP:
        raise UserError("ask.too_deep", most=MOST_DEEP)
    try:
        tree: Node = _parser().parse(plain)
    except lark.UnexpectedInput as error:
        raise _explained(error, text, plain) from None
    except lark.exceptions.VisitError as error:
        if isinstance(error.orig_exc, UserError):
            raise error.orig_exc from None
        raise
    if syntax_tree.depth(tree) > MOST_DEEP:
        raise UserError("ask.too_deep", most=MOST_DEEP)
    return tree


def _plain(text: str) -> tuple[str, str]:
    """Return the text with its signs made plain outside quotes, and with everything in quotes blanked out."""
    plain, bare, at = [], [], 0
    for found in _QUOTED.finditer(text):
        between = text[at : found.start()].translate(_SIGNS)
        plain += [between, found[0]]
        bare += [between, " " * len(found[0])]
        at = found.end()
    rest = text[at:].translate(_SIGNS)
    return "".join([*plain, rest]), "".join([*bare, rest])


def _explained(error: Any, text: str, plain: str) -> UserError:
    import lark

    at = getattr(error, "pos_in_stream", None)
    ended = isinstance(error, lark.UnexpectedToken) and error.token.type == "$END"
    if ended or at is None or at < 0 or at >= len(plain.rstrip()):
        at = len(plain.rstrip())
    names = getattr(error, "accepts", None) or getattr(error, "expected", None) or getattr(error, "allowed", None)
    expected = [sign for name, sign in _EXPECTED.items() if name in (names or ())] or ["and", "or"]
    found = text[at : at + 12].strip() or "…"
    return UserError("ask.syntax", at=at + 1, found=found, expected="  ".join(dict.fromkeys(expected)))


@lru_cache(maxsize=1)
def _parser() -> Any:
    import lark

    return lark.Lark(_GRAMMAR, parser="lalr", lexer="contextual", transformer=_builder(), maybe_placeholders=True)


def _builder() -> Any:
    """Return what makes nodes while the text is parsed, from the inside out: no recursion, whatever the text."""
    import lark

    def joined(kind: Callable[..., Node], flat: type) -> Callable[..., Node]:
        def build(*parts: Node) -> Node:
            if len(parts) == 1:
                return parts[0]
            inner: list[Node] = []
            for part in parts:
                inner += part.parts if isinstance(part, flat) else [part]  # type: ignore[attr-defined]
            return kind(tuple(inner), at=parts[0].at)

        return build

    def place(token: Any) -> int:
        return int(token.start_pos) + 1

    class Builder(lark.Transformer[Any, Node]):
        def any_of(self, parts: list[Any]) -> Node:
            return joined(syntax_tree.Or, syntax_tree.Or)(*parts)

        def all_of(self, parts: list[Any]) -> Node:
            return joined(syntax_tree.And, syntax_tree.And)(*parts)

        def negated(self, parts: list[Any]) -> Node:
            inner = parts[1]
            return inner.inner if isinstance(inner, syntax_tree.Not) else syntax_tree.Not(inner, at=place(parts[0]))

        def compare(self, parts: list[Any]) -> Node:
            left, sign, right = parts
            word = str(sign).lower()
            return syntax_tree.Compare(left, _OPERATOR.get(word, word), right, at=place(sign))

        def compare_not(self, parts: list[Any]) -> Node:
            return syntax_tree.Not(self.compare([parts[0], *parts[2:]]), at=place(parts[1]))

        def compare_not_word(self, parts: list[Any]) -> Node:
            return syntax_tree.Not(self.compare(parts), at=place(parts[1]))

        def within(self, parts: list[Any]) -> Node:
            return syntax_tree.Within(parts[0], tuple(parts[1]), at=parts[0].at)

        def within_not(self, parts: list[Any]) -> Node:
            return syntax_tree.Not(self.within([parts[0], parts[2]]), at=place(parts[1]))

        def within_not_word(self, parts: list[Any]) -> Node:
            return syntax_tree.Not(self.within(parts), at=parts[0].at)

        def between(self, parts: list[Any]) -> Node:
            return syntax_tree.Between(*parts, at=parts[0].at)

        def between_not(self, parts: list[Any]) -> Node:
            return syntax_tree.Not(self.between([parts[0], *parts[2:]]), at=place(parts[1]))

        def is_null(self, parts: list[Any]) -> Node:
            return syntax_tree.IsNull(parts[0], parts[1].type != "NULL", at=parts[0].at)

        def is_not_null(self, parts: list[Any]) -> Node:
            return syntax_tree.Not(self.is_null([parts[0], parts[2]]), at=parts[0].at)

        def is_blank_not(self, parts: list[Any]) -> Node:
            return syntax_tree.Not(self.is_null(parts), at=parts[0].at)

        def chain(self, parts: list[Any]) -> Node:
            if len(parts) == 1:
                one: Node = parts[0]
                return one
            rest = tuple((str(sign), part) for sign, part in zip(parts[1::2], parts[2::2], strict=True))
            return syntax_tree.Chain(parts[0], rest, at=place(parts[1]))

        def signed(self, parts: list[Any]) -> Node:
            sign, inner = parts
            if sign == "+":
                plus: Node = inner
                return plus
            if isinstance(inner, syntax_tree.Literal) and type(inner.value) in (int, float):
                return syntax_tree.Literal(-inner.value, at=place(sign))  # type: ignore[operator]
            return syntax_tree.Minus(inner, at=place(sign))

        def power(self, parts: list[Any]) -> Node:
            return parts[0] if len(parts) == 1 else syntax_tree.Power(parts[0], parts[1], at=parts[0].at)

        def number(self, parts: list[Any]) -> Node:
            text = str(parts[0])
            whole = text.isascii() and text.isdigit() and len(text) <= 18
            value = int(text) if whole else float(text)
            if abs(value) > 1e300:
                raise UserError("ask.too_large", at=place(parts[0]))
            return syntax_tree.Literal(value, at=place(parts[0]))

        def text(self, parts: list[Any]) -> Node:
            raw = str(parts[0])
            return syntax_tree.Literal(raw[1:-1].replace("''", "'") if raw[0] == "'" else raw[1:-1], at=place(parts[0]))

        def field(self, parts: list[Any]) -> Node:
            raw = str(parts[0])
            name = raw[1:-1].replace('""', '"') if parts[0].type == "NAME" else raw
            return syntax_tree.Field(name, at=place(parts[0]))

        def shape(self, parts: list[Any]) -> Node:
            from models.query.measures import measure_named

            return syntax_tree.Shape(measure_named(str(parts[0])[1:], place(parts[0])), at=place(parts[0]))

        def true(self, parts: list[Any]) -> Node:
            return syntax_tree.Literal(True, at=place(parts[0]))

        def false(self, parts: list[Any]) -> Node:
            return syntax_tree.Literal(False, at=place(parts[0]))

        def null(self, parts: list[Any]) -> Node:
            return syntax_tree.Literal(None, at=place(parts[0]))

        def call(self, parts: list[Any]) -> Node:
            from models.query.functions import of_layers
            from models.query.functions.table import require

            said, at = str(parts[0]), place(parts[0])
            given = [one if isinstance(one, tuple) else ("", one) for one in parts[1] or ()]
            plain = tuple(node for name, node in given if not name)
            named = {name: node for name, node in given if name}
            if figure := of_layers.aggregate_named(said, is_named=bool(named)):
                return of_layers.understood(figure, plain, named, at)
            if named:
                raise UserError("ask.no_argument", name=next(iter(named)), function=said, at=at, like="—")
            return syntax_tree.Call(require(said, len(plain), at), plain, at=at)

        def named(self, parts: list[Any]) -> tuple[str, Node]:
            return str(parts[0]), parts[1]

        def arguments(self, parts: list[Any]) -> Any:
            return parts

        def group(self, parts: list[Any]) -> Node:
            inner: Node = parts[0]
            return inner

        def case(self, parts: list[Any]) -> Node:
            head, *inner, last = parts
            pairs = tuple(zip(inner[::2], inner[1::2], strict=True))
            otherwise = last or syntax_tree.Literal(None, at=place(head))
            return syntax_tree.Case(pairs, otherwise, at=place(head))

        def list_(self, parts: list[Any]) -> Any:
            return parts

    return Builder()

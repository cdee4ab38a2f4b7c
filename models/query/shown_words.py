"""Words that a table shows in place of codes, asked for in an expression: ``用途 = '居住'`` finds ``residential``.

A table shows the code ``residential`` as 居住 or Residential. Whoever reads it asks for what it shows; so the word in
any language, the code itself, and a value that is written as the word find the same rows. The expression is rewritten
to the values that the column holds, so that filters, rules and databases that get it need to know no words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from models.query import syntax_tree
from models.query.syntax_tree import Compare, Field, Literal, Node, Not, Or, Within


@dataclass(frozen=True, slots=True)
class ShownWords:
    """What is shown for the values of fields.

    Parameters
    ----------
    codes : mapping of str to mapping of str to tuple of str
        Field → code → its words in every language.
    yes, no : tuple of str
        Words for true and false.
    """

    codes: Mapping[str, Mapping[str, tuple[str, ...]]]
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()

    def alike(self, field: str, text: str) -> tuple[str, ...]:
        """Return the code and the words that mean what a text means in a field; none where it means itself alone."""
        low = text.casefold()
        for code, words in self.codes.get(field, {}).items():
            if low in (code.casefold(), *(word.casefold() for word in words)):
                return (code, *words)
        return ()

    def showing(self, field: str, test: Callable[[str], bool]) -> tuple[str, ...]:
        """Return the codes of which a word passes a test."""
        return tuple(code for code, words in self.codes.get(field, {}).items() if any(map(test, words)))

    def holding(self, field: str, text: str) -> tuple[str, ...]:
        """Return the codes of which a word holds a text, without regard to case."""
        low = text.casefold()
        return self.showing(field, lambda word: low in word.casefold())


def with_codes(
    tree: Node,
    shown: ShownWords,
    held: Callable[[str], Collection[str] | None],
    is_truth: Callable[[str], bool],
) -> Node:
    """Return an expression that asks for the values that a table holds where the given one asks for words it shows.

    Parameters
    ----------
    tree : Node
    shown : ShownWords
    held : callable
        Field → the texts that the column holds; None where nobody knows, as of a table in a database.
    is_truth : callable
        Field → whether it holds true and false.
    """

    def meant(field: str, text: str) -> tuple[str, ...]:
        alike = dict.fromkeys((text, *shown.alike(field, text)))
        there = held(field)
        kept = tuple(alike) if there is None else tuple(one for one in alike if one in there)
        return kept or (text,)

    def truth(field: str, text: str) -> bool | None:
        low = text.casefold()
        if low in (word.casefold() for word in shown.yes) and is_truth(field):
            return True
        return False if low in (word.casefold() for word in shown.no) and is_truth(field) else None

    def compared(node: Compare) -> Node:
        field, literal = node.left, node.right
        if isinstance(literal, Field) and isinstance(field, Literal) and node.operator in ("=", "!="):
            field, literal = literal, field
        if not (isinstance(field, Field) and isinstance(literal, Literal) and isinstance(literal.value, str)):
            return node
        text = literal.value
        if node.operator in ("=", "!="):
            said = truth(field.name, text)
            if said is not None:
                return Compare(field, node.operator, Literal(said, at=literal.at), at=node.at)
            values = meant(field.name, text)
            if values == (text,):
                return node
            if len(values) == 1:
                return Compare(field, node.operator, Literal(values[0], at=literal.at), at=node.at)
            among = Within(field, tuple(Literal(value, at=literal.at) for value in values), at=node.at)
            return among if node.operator == "=" else Not(among, at=node.at)
        test = _test(node.operator, text)
        there = held(field.name)
        codes = [] if test is None else [
            code for code in shown.showing(field.name, test) if there is None or code in there
        ]  # fmt: skip
        if not codes:
            return node
        return Or((node, Within(field, tuple(Literal(code) for code in codes), at=node.at)), at=node.at)

    def among(node: Within) -> Node:
        if not isinstance(node.inner, Field):
            return node
        options: list[Node] = []
        for option in node.options:
            if isinstance(option, Literal) and isinstance(option.value, str):
                said = truth(node.inner.name, option.value)
                values: tuple[Any, ...] = meant(node.inner.name, option.value) if said is None else (said,)
                options += [Literal(value, at=option.at) for value in values]
            else:
                options.append(option)
        return Within(node.inner, tuple(dict.fromkeys(options)), at=node.at)

    def changed(node: Node) -> Node:
        return compared(node) if isinstance(node, Compare) else among(node) if isinstance(node, Within) else node

    return syntax_tree.rewritten(tree, changed)


def _test(operator: str, text: str) -> Callable[[str], bool] | None:
    """Return what a word must be to satisfy a comparison of texts; None for other comparisons."""
    if operator == "contains":
        return lambda word: text in word
    if operator == "startswith":
        return lambda word: word.startswith(text)
    if operator == "endswith":
        return lambda word: word.endswith(text)
    if operator in ("like", "ilike"):
        parts = (".*" if sign == "%" else "." if sign == "_" else re.escape(sign) for sign in text)
        pattern = re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if operator == "ilike" else 0))
        return lambda word: pattern.fullmatch(word) is not None
    return None

"""Sentences from templates that people may edit, and that strangers may have written.

A template is a sentence of Jinja in a small part of that language: text, ``{{ a.b }}``, ``{% if %}``, ``{% for %}``
over a list of the context, comparisons, and the filters and functions named here. Whatever else it holds is refused
before anything runs: no attribute with an underscore, no call of anything but our functions, no ``set``, macro,
``import`` or ``include``, no power and no product. Inside that, it runs in Jinja's sandbox; loops go over what we give,
so that what a template costs is bounded by its length.

Invariants
----------
1. A context holds plain values: texts, numbers, truth values, lists and mappings of these. There is nothing to reach.
2. A template that is refused or fails names itself and its line; nothing of it is printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from models.core.errors import UserError

#: Signs of a template, of what it may say, and how deep loops may stand in each other.
MOST_SIGNS, MOST_RESULT, MOST_DEPTH = 20_000, 200_000, 2
#: Functions that a template may call: a figure by its id as it reads, its raw number, whether there is one, and a
#: reference to a table or picture of the report.
FUNCTIONS = ("f", "n", "has", "ref")
FILTERS = frozenset({"join", "first", "last", "length", "default", "trim", "upper", "lower", "capitalize"})
TESTS = frozenset({"defined", "undefined", "none", "in", "eq", "ne", "gt", "ge", "lt", "le"})
_PARAGRAPH, _SPACES, _BEFORE_STOP = (
    re.compile(r"\n[ \t]*\n"),
    re.compile(r"[ \t]{2,}"),
    re.compile(r" ([.,;:])(?=\s|$)"),
)
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.If,
    nodes.For, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr,
    nodes.Concat, nodes.Add, nodes.Sub, nodes.Neg, nodes.Call, nodes.List, nodes.Tuple, nodes.Slice,
)  # fmt: skip


class SentenceEnvironment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, in which only the small language above is compiled."""

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
        self.globals = {}
        self.filters = {name: found for name, found in self.filters.items() if name in FILTERS}
        self.tests = {name: found for name, found in self.tests.items() if name in TESTS}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        _require_small(tree, 0)
        return tree


def _require_small(node: nodes.Node, depth: int) -> None:
    if not isinstance(node, _ALLOWED):
        raise SecurityError(f"{type(node).__name__} (line {node.lineno})")
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        raise SecurityError(f".{node.attr} (line {node.lineno})")
    if isinstance(node, nodes.Call) and not (isinstance(node.node, nodes.Name) and node.node.name in FUNCTIONS):
        raise SecurityError(f"() (line {node.lineno})")
    if isinstance(node, nodes.For):
        depth += 1
        if (
            depth > MOST_DEPTH
            or node.recursive
            or not isinstance(node.iter, (nodes.Name, nodes.Getattr, nodes.Getitem))
        ):
            raise SecurityError(f"for (line {node.lineno})")
    for child in node.iter_child_nodes():
        _require_small(child, depth)


@lru_cache(maxsize=512)
def _compiled(source: str) -> Any:
    return SentenceEnvironment().from_string(source)


def require_template(name: str, source: str) -> None:
    """Refuse a template that is not of the small language.

    Raises
    ------
    UserError
        ``report.template_refused``.
    """
    if len(source) > MOST_SIGNS:
        raise UserError("report.template_refused", name=name, reason=f"> {MOST_SIGNS:,}")
    try:
        _compiled(source)
    except (TemplateError, RecursionError) as error:
        raise UserError("report.template_refused", name=name, reason=_said(error)) from None


def sentence(
    name: str, source: str, context: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]], joint: str = ""
) -> str:
    """Return what a template says, a line a paragraph.

    Parameters
    ----------
    name : str
        Of the template, for the error.
    source : str
    context : mapping
        Plain values.
    functions : mapping of str to callable
        Of :data:`FUNCTIONS`.
    joint : str
        What stands where a line of the template ends: nothing in Chinese, a space in English.

    Raises
    ------
    UserError
        ``report.template_refused``, ``report.template_failed``.
    """
    require_template(name, source)
    try:
        parts: list[str] = []
        size = 0
        for part in _compiled(source).generate({**context, **functions}):
            size += len(part)
            if size > MOST_RESULT:
                raise UserError("report.template_failed", name=name, reason=f"> {MOST_RESULT:,}")
            parts.append(part)
    except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise UserError("report.template_failed", name=name, reason=_said(error)) from None
    lines = (_joined(one, joint) for one in _PARAGRAPH.split("".join(parts)))
    return "\n".join(line for line in lines if line)


def _joined(text: str, joint: str) -> str:
    line = joint.join(part.strip() for part in text.split("\n") if part.strip())
    return _BEFORE_STOP.sub(r"\1", _SPACES.sub(" ", line)).strip()


def _said(error: BaseException) -> str:
    line = getattr(error, "lineno", None)
    return f"{error} (line {line})" if line else str(error) or type(error).__name__

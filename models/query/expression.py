"""Compiled expressions: the fields they need, the rows they are true of, the values they give."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.query import grammar, syntax_tree, values
from models.query.columns import Columns, of_frame
from models.query.evaluate import Evaluation
from models.query.syntax_tree import Node
from models.query.values import Value

Mask = NDArray[np.bool_]
#: The geometries, or what brings them; in a projected CRS where an expression measures them.
Geometry = Any


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that was understood.

    Parameters
    ----------
    text : str
        In its own plain spelling, which :func:`compile_expression` understands as the same, in any language.
    fields : tuple of str
        Fields it needs, in the order of the text.
    measures : bool
        Whether it needs geometry.
    """

    text: str
    fields: tuple[str, ...]
    measures: bool
    tree: Node = field(repr=False)

    def rows(self, attributes: Any, geometry: Geometry = None) -> Mask:
        """Return for each row whether the expression is true of it; unknown is not.

        Parameters
        ----------
        attributes : DataFrame or Columns
            Its index are the objects' ids.
        geometry : GeoSeries or callable, optional
            In a projected CRS, or what returns it, asked only where the expression measures.

        Raises
        ------
        UserError
            ``ask.no_field``, ``ask.kinds``, ``ask.no_condition`` … each with ``at``, the place in the text.
        """
        return self.truth(attributes, geometry)[0]

    def truth(self, attributes: Any, geometry: Geometry = None) -> tuple[Mask, Mask]:
        """Return for each row whether the expression is true, and whether that is known at all."""
        found = self._run(attributes, geometry).truth(self.tree)
        count = len(attributes)
        return np.broadcast_to(found.data, count).copy(), np.broadcast_to(found.known, count).copy()

    def values(self, attributes: Any, geometry: Geometry = None) -> NDArray[Any]:
        """Return what the expression gives for each row.

        Numbers come as float64 with NaN (int64 where all are whole and known), moments as datetime64[ms] with NaT,
        texts and truths as objects with None.
        """
        return values.as_objects(self.value(attributes, geometry), len(attributes))

    def value(self, attributes: Any, geometry: Geometry = None) -> Value:
        """Return what the expression gives, with its kind and what is known.

        Raises
        ------
        UserError
            As :meth:`rows`; ``ask.geometry_result`` for a geometry, which is no value of a table.
        """
        found = self._run(attributes, geometry).value(self.tree)
        if found.kind == "geometry":
            raise UserError("ask.geometry_result", at=self.tree.at)
        return found

    @property
    def is_of_all(self) -> bool:
        """Whether it holds figures of the whole layer, which part of its rows would give differently."""
        return any(isinstance(one, syntax_tree.Aggregate) for one in syntax_tree.walk(self.tree))

    def _run(self, attributes: Any, geometry: Geometry) -> Evaluation:
        table = attributes if isinstance(attributes, Columns) else of_frame(attributes)
        names = list(table.fields)

        def column(node: syntax_tree.Field) -> Value:
            return table.value(field_of(node, names))

        def shapes() -> Any:
            return geometry() if callable(geometry) else geometry

        return Evaluation(column, shapes, lambda: table.oids, len(table))


def compile_expression(
    text: str,
    fields: Iterable[str] | None = None,
    names: Mapping[str, str] | None = None,
    meant: Callable[[Node], Node] | None = None,
) -> Expression:
    """Understand an expression.

    Parameters
    ----------
    text : str
    fields : iterable of str, optional
        Fields that there are; others are refused.
    names : mapping of str to str, optional
        What fields are called by people → field, so that 高度 may stand for ``height_m``.
    meant : callable, optional
        What is done with the tree then: :func:`models.query.shown_words.with_codes`.

    Raises
    ------
    UserError
        See :func:`models.query.grammar.parse`; ``ask.no_field`` with those that are spelt alike.
    """
    if fields is None and names is None:
        return _understood(text)
    tree = grammar.parse(text)
    known = None if fields is None else [str(name) for name in fields]
    labels = {name.casefold(): own for name, own in (names or {}).items()}

    def own(node: syntax_tree.Field) -> str:
        if known is not None and node.name in known:
            return node.name
        if (meant := labels.get(node.name.casefold())) is not None:
            return meant
        return node.name if known is None else field_of(node, known, labels)

    tree = syntax_tree.renamed(tree, own)
    return _expression(tree if meant is None else meant(tree))


@lru_cache(maxsize=256)
def _understood(text: str) -> Expression:
    return _expression(grammar.parse(text))


def _expression(tree: Node) -> Expression:
    every = list(syntax_tree.walk(tree))
    fields = tuple(dict.fromkeys(one.name for one in every if isinstance(one, syntax_tree.Field)))
    measures = any(isinstance(one, syntax_tree.Shape) and one.name != "id" for one in every)
    return Expression(syntax_tree.printed(tree), fields, measures, tree)


def field_of(node: syntax_tree.Field, known: list[str], labels: Mapping[str, str] | None = None) -> str:
    """Return the column that a field means: by its very name, else without regard to case.

    Raises
    ------
    UserError
        ``ask.no_field`` with the names that are spelt alike.
    """
    if node.name in known:
        return node.name
    low = node.name.casefold()
    same = [name for name in known if name.casefold() == low]
    if len(same) == 1:
        return same[0]
    pool = {name.casefold(): name for name in known} | {name: name for name in (labels or {})}
    like = [pool[name] for name in difflib.get_close_matches(low, list(pool), 3, 0.55)]
    like += [name for key, name in pool.items() if low in key and name not in like][: 3 - len(like)]
    shown = "  ".join(syntax_tree.field_text(name) for name in (like or known[:4]))
    raise UserError(
        "ask.no_field", name=node.name, at=node.at, like=shown or "—", text=syntax_tree.literal_text(node.name)
    )


__all__ = ["Expression", "compile_expression", "field_of"]

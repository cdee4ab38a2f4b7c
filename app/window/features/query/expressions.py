"""The dialog in which an expression about a layer is written, and the layers of which one can ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from app.notices import notice_of
from app.usecases.query import query
from app.window.window_context import WindowContext
from models.core.errors import UserError
from models.core.progress import Progress
from models.core.value_text import figure, is_fraction, is_missing, is_whole
from models.layers.layer import ModelData, VectorData
from models.query import syntax_tree, values
from models.query.columns import columns_of
from models.query.filtering import geometry_in
from viewers.texts.values import field_label
from viewers.widgets.query.query_dialogs import Answer, ExpressionDialog

#: So many values of a field are offered while an expression is written.
MOST_VALUES = 60


class Expressions:
    """Opens the dialog of expressions and answers what it asks.

    Parameters
    ----------
    context : WindowContext
    """

    def __init__(self, context: WindowContext) -> None:
        self.context = context
        self.session, self.appearance = context.session, context.appearance

    def active_layer(self) -> str:
        """Return the id of the layer in question: the current one, else that of the selection."""
        known = [own for own, _ in self.layers()]
        selected = self.session.selection.layers
        wanted = [self.session.current_layer.id, *selected[-1:], *known]
        return next((own for own in wanted if own in known), "")

    def layers(self, *, places: bool = False) -> list[tuple[str, str]]:
        """Return ids and titles of the layers with attributes, top first; ``places``: only those with a geometry."""
        data = self.session.project.data
        return [
            (layer.id, layer.title(self.session.lang))
            for layer in reversed(self.session.project.state.layers)
            if isinstance(data.get(layer.id), (VectorData, ModelData)) and not (places and layer.kind == "table")
        ]

    def dialog(self, title: str, ok: str, layer_id: str, **more: Any) -> ExpressionDialog:
        """Return the dialog for an expression about a layer, not yet shown.

        Raises
        ------
        UserError
            ``ask.no_layers`` where there is nothing to ask about.
        """
        layers = self.layers()
        if not layers:
            raise UserError("ask.no_layers")
        return ExpressionDialog(
            self.appearance, title, layers, layer_id, self._fields_of, self._values_of, self._check, ok=ok,
            parent=self.context.window, **more,
        )  # fmt: skip

    def _fields_of(self, layer_id: str) -> list[tuple[str, str]]:
        columns = columns_of(self.session.project.data_of(layer_id))
        names = columns.fields if columns is not None else ()
        return [(name, field_label(name, self.session.lang)) for name in names]

    def _values_of(self, layer_id: str, field: str) -> list[str]:
        import pandas as pd

        columns = columns_of(self.session.project.data_of(layer_id))
        if columns is None:
            return []
        value = columns.value(field)
        plain = values.as_cells(value, len(columns))[:200_000]
        counted = pd.Series(plain, dtype=object).dropna().value_counts()
        found = list(counted.index[:MOST_VALUES])
        if value.kind == "number":
            found.sort()
        return [syntax_tree.literal_text(one.item() if isinstance(one, np.generic) else one)
                if isinstance(one, (int, float, str, bool, np.generic)) and value.kind != "date"
                else syntax_tree.literal_text(str(one)[:10]) for one in found]  # fmt: skip

    def _check(self, layer_id: str, text: str, then: Callable[[Answer], None]) -> None:
        session = self.session

        def work(_: Progress) -> Answer:
            try:
                asked = query.expression_for(session, layer_id, text)
                if isinstance(
                    asked.tree,
                    (
                        syntax_tree.Chain,
                        syntax_tree.Field,
                        syntax_tree.Literal,
                        syntax_tree.Shape,
                        syntax_tree.Minus,
                        syntax_tree.Case,
                        syntax_tree.Call,
                        syntax_tree.Aggregate,
                        syntax_tree.Power,
                    ),
                ):
                    data = session.project.data_of(layer_id)
                    crs = query.crs_of(session)
                    columns = query.table_of(session, layer_id)
                    shown = asked.value(
                        columns, lambda: geometry_in(data, crs) if isinstance(data, VectorData) else None
                    )
                    if shown.kind != "bool":
                        some = [_said(one) for one in values.as_cells(shown, len(columns))[:5]]
                        return Answer(session.word("ask.answer.values", values="  ".join(some)))
                found = query.matched(session, layer_id, text)
            except UserError as error:
                if error.code == "ask.no_condition":
                    return Answer(session.word("ask.answer.value"))
                notice = notice_of(error)
                return Answer(
                    notice.text(session.lang), notice.cure(session.lang), int(str(error.facts.get("at", 0))), False
                )
            key = "ask.answer.silent" if found.silent else "ask.answer"
            facts = {"count": f"{len(found.oids):,}", "asked": f"{found.asked:,}", "silent": f"{found.silent:,}"}
            why = "" if len(found.oids) else query.why_nothing(session, layer_id, text)
            return Answer(session.word(key, **facts), why)

        session.run("job.ask", work, then)


def _said(value: object) -> str:
    """Return an example of what an expression gives, as an expression would write it."""
    return "—" if is_missing(value) else figure(value) if is_whole(value) or is_fraction(value) else str(value)

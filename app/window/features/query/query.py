"""Selecting by shape, expression, location and value; filters of layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog

from app.usecases.query import query
from app.window.feature import Feature
from app.window.features.query.expressions import Expressions
from app.window.tools.selecting import SelectTool
from models.core.errors import UserError
from models.core.progress import Progress
from models.project.selection import ObjectKey
from models.views.camera import Vector
from viewers.texts.values import field_label
from viewers.widgets.query.query_dialogs import LocationDialog
from viewers.widgets.query.select_bar import SelectBar

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

#: So many values of a field are offered while an expression is written.
MOST_VALUES = 60
FOLLOW_MS = 350
#: The settings remember the columns of so many layers.
MOST_TABLES = 100


class Query(Feature):
    """Connects questions to the session."""

    name = "query"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        canvas = context.canvas
        self.bar = SelectBar(self.appearance, canvas)
        self.bar.installEventFilter(canvas)
        self.bar.resized.connect(canvas.arrange)
        self.bar.closed.connect(self.put_away)
        self._others = canvas.cards
        for card in self._others:
            card.installEventFilter(self)
        canvas.cards = (*canvas.cards, self.bar)
        self.selector = SelectTool(context, self.bar)
        self._expressions = Expressions(context)
        self._place: tuple[Vector, ObjectKey | None] | None = None
        self._here = QAction(self)
        self.appearance.paint(self._here.setIcon, "info")
        self.appearance.say(self._here.setText, "select.here")
        self._here.triggered.connect(self.guard(self._list_here))

    # --- requests of the action table --------------------------------------------------------------------------------
    def select_by(self, shape: str) -> None:
        """Open the selecting tool."""
        self.context.requests.close_section_tools()
        self.selector.open(shape)
        self.context.canvas.view.setFocus()

    def put_away(self) -> None:
        """Close the selecting tool."""
        self.selector.put_away()
        self.context.canvas.view.setFocus()

    def select_where(self) -> None:
        """Ask for an expression and select what it is true of."""
        dialog = self._expressions.dialog("ask.select.title", "ask.select", self._expressions.active_layer())
        if dialog.ask() == "ok":
            layer_id, text = dialog.layer_id, dialog.text

            def done(found: query.Matched) -> None:
                self.session.selection.set_rows(layer_id, found.oids)
                self._tell_found(len(found.oids), found.silent, layer_id, text)

            self.session.run("job.select", lambda _: query.matched(self.session, layer_id, text), done)
        dialog.deleteLater()

    def filter_layer(self, layer_id: str = "") -> None:
        """Ask what of a layer is shown."""
        chosen = layer_id or self._expressions.active_layer()
        if not chosen:
            return
        text = self.session.project.state.layer(chosen).filter
        dialog = self._expressions.dialog("ask.filter.title", "ask.filter.ok", chosen, text=text, may_be_empty=True)
        if dialog.ask() == "ok":
            self.set_filter(dialog.layer_id, dialog.text)
        dialog.deleteLater()

    def clear_filter(self, layer_id: str = "") -> None:
        """Show all of a layer again."""
        if chosen := layer_id or self._expressions.active_layer():
            query.set_filter(self.session, chosen, "")

    def set_filter(self, layer_id: str, text: str) -> None:
        """Show, list and count only what an expression is true of."""
        count = query.set_filter(self.session, layer_id, text)
        name = self.session.project.state.layer(layer_id).title(self.session.lang)
        if text.strip() and not count:
            why = query.why_nothing(self.session, layer_id, text)
            self.session.notices.info("notice.filtered_nothing", layer=name, why=why)
        elif text.strip():
            self.session.notices.info("notice.filtered", layer=name, count=f"{count:,}")

    def select_near(self) -> None:
        """Ask for a relation between two layers and select what stands in it."""
        layers = self._expressions.layers(places=True)
        if not layers:
            raise UserError("ask.no_layers")
        selected = self.session.selection.layers
        other = selected[-1] if selected else layers[-1][0]
        one = next((own for own, _ in layers if own != other), layers[0][0])
        chosen = self.session.selection
        dialog = LocationDialog(
            self.appearance, layers, one, other, lambda own: len(chosen.oids_of(own)), self.context.window
        )  # fmt: skip
        if dialog.ask() == "ok":
            mine, theirs = dialog.pair
            only = chosen.oids_of(theirs) if dialog.only.isChecked() else None
            self._find_related(
                mine, dialog.relation, theirs, dialog.metres.value(), only, str(dialog.mode.currentData())
            )
        dialog.deleteLater()

    def _find_related(
        self, mine: str, relation: str, theirs: str, metres: float, only: NDArray[np.int64] | None, mode: str
    ) -> None:
        def work(progress: Progress) -> Any:
            return query.related(self.session, mine, relation, theirs, metres, only=only, progress=progress)

        def done(found: Any) -> None:
            self.session.selection.set_rows(mine, found.oids, mode)
            self._tell_found(len(found.oids), len(found.silent))

        self.session.run("job.select", work, done)

    def invert(self) -> None:
        """Select what is not selected, in the same layers."""
        self._select_by_job(lambda _: query.inverted(self.session))

    def select_layer(self) -> None:
        """Select all of the active layer."""
        if chosen := self._expressions.active_layer():
            self._select_by_job(lambda _: {chosen: query.table_of(self.session, chosen).oids})

    def select_same(self) -> None:
        """Ask for a field and select what has the same value."""
        selection = self.session.selection
        if not selection.layers:
            raise UserError("ask.no_selection")
        fields = query.table_of(self.session, selection.layers[-1]).fields
        by_label = {field_label(name, self.session.lang): name for name in fields}
        word = self.appearance.word
        title, given = QInputDialog.getItem(
            self.context.window, word("action.query.same"), word("ask.same.which"), list(by_label), 0, False
        )
        if given:
            self._select_by_job(lambda _: query.same_value(self.session, by_label[title]))

    def grow(self) -> None:
        """Ask for a distance and take in what lies so near to the selection."""
        word = self.appearance.word
        metres, given = QInputDialog.getDouble(
            self.context.window, word("action.query.grow"), word("ask.grow.by"), 50.0, 0.0, 100_000.0, 1
        )
        if given:
            self._select_by_job(lambda progress: query.grown(self.session, metres, progress))

    # --- following ---------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow project, language and theme."""
        if not self.session.project.state.layers:
            self.selector.put_away()

    def context_actions(self, key: ObjectKey | None, world: Vector | None) -> list[QAction]:
        """Offer the list of everything at a place."""
        self._place = None if world is None else (world, key)
        return [] if world is None else [self._here]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Close the tool where another one is opened."""
        if event.type() == QEvent.Type.Show and watched in self._others:
            self.selector.put_away()
        return super().eventFilter(watched, event)

    def end(self) -> None:
        """Stop watching; the window closes."""
        self.selector.put_away()
        super().end()

    # --- small -------------------------------------------------------------------------------------------------------
    def _select_by_job(self, work: Callable[[Progress], dict[str, NDArray[np.int64]]]) -> None:
        self.session.run("job.select", work, self.session.selection.set_many)

    def _tell_found(self, count: int, silent: int, layer_id: str = "", text: str = "") -> None:
        if not count and (why := query.why_nothing(self.session, layer_id, text) if text else ""):
            self.session.notices.info("notice.found_nothing", why=why)
            return
        key = "notice.found_silent" if silent else "notice.found"
        self.session.notices.info(key, count=f"{count:,}", silent=f"{silent:,}")

    def _list_here(self) -> None:
        if self._place is not None:
            self.selector.list_under(*self._place)

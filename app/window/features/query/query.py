"""What is asked of the city: filters, expressions, selecting by place, the table, statistics, search."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog

from app.notices import notice_of
from app.usecases.query import query as ask
from app.window.features.query.search import Finding
from app.window.features.query.statistics import Counting
from app.window.part import Part
from app.window.tools.selecting import Selector
from models.core.errors import UserError
from models.core.progress import Progress
from models.layers.layer import ModelData, VectorData
from models.project.selection import ObjectKey
from models.query import syntax_tree as nodes
from models.query import values
from models.query.columns import Columns, columns_of
from models.query.filtering import geometry_in
from models.views.camera import Vector
from viewers.texts.values import field_label
from viewers.widgets.query.query_dialogs import Answer, ExpressionDialog, LocationDialog
from viewers.widgets.query.select_bar import SelectBar
from viewers.widgets.query.table_panel import Way

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

#: So many values of a field are offered while an expression is written.
MOST_VALUES = 60
FOLLOW_MS = 350
#: The settings remember the columns of so many layers.
MOST_TABLES = 100


class Ask(Part):
    """Connects questions to the session."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        canvas = window.canvas
        self.bar = SelectBar(self.appearance, canvas)
        self.bar.installEventFilter(canvas)
        self.bar.resized.connect(canvas.arrange)
        self.bar.closed.connect(self.put_away)
        self._others = canvas.cards
        for card in self._others:
            card.installEventFilter(self)
        canvas.cards = (*canvas.cards, self.bar)
        self.selector = Selector(window, self.bar)
        self.finding, self.counting = Finding(window), Counting(window)
        self._place: tuple[Vector, ObjectKey | None] | None = None
        self._here = QAction(self)
        self.appearance.paint(self._here.setIcon, "info")
        self.appearance.say(self._here.setText, "select.here")
        self._here.triggered.connect(self.guard(self._list_here))
        self._follow = QTimer(self, singleShot=True, interval=FOLLOW_MS)
        self._follow.timeout.connect(self._on_rested)
        canvas.view.camera_moved.connect(self._on_camera_moved)
        table = window.table_panel
        table.run = self.session.run
        table.condition_of, table.in_view, table.way_of = self._condition_of, self._in_view, self._way_of
        table.way_changed.connect(self._keep_way)
        table.edit_requested.connect(self.guard(self._set_cell))
        table.fill_requested.connect(self.guard(self.fill_column))
        table.copied.connect(lambda count: self.session.notices.info("notice.rows_copied", count=f"{count:,}"))

    # --- requests of the action table --------------------------------------------------------------------------------
    def select_by(self, shape: str) -> None:
        """Take the selecting tool in hand."""
        section = self.window_.parts.get("section")
        put_away = getattr(section, "put_away", None)
        if callable(put_away):
            put_away()
        self.selector.open(shape)
        self.window_.canvas.view.setFocus()

    def put_away(self) -> None:
        """Lay the selecting tool down."""
        self.selector.put_away()
        self.window_.canvas.view.setFocus()

    def select_where(self) -> None:
        """Ask for an expression and select what it is true of."""
        dialog = self._expression_dialog("ask.select.title", "ask.select", self._meant())
        if dialog.ask() == "ok":
            layer_id, text = dialog.layer_id, dialog.text

            def done(found: ask.Matched) -> None:
                self.session.selection.set_rows(layer_id, found.oids)
                self._tell_found(len(found.oids), found.silent)

            self.session.run("job.select", lambda _: ask.matched(self.session, layer_id, text), done)
        dialog.deleteLater()

    def filter_layer(self, layer_id: str = "") -> None:
        """Ask what of a layer is shown."""
        chosen = layer_id or self._meant()
        if not chosen:
            return
        text = self.session.project.state.layer(chosen).filter
        dialog = self._expression_dialog("ask.filter.title", "ask.filter.ok", chosen, text=text, may_be_empty=True)
        if dialog.ask() == "ok":
            self.set_filter(dialog.layer_id, dialog.text)
        dialog.deleteLater()

    def clear_filter(self, layer_id: str = "") -> None:
        """Show all of a layer again."""
        if chosen := layer_id or self._meant():
            ask.set_filter(self.session, chosen, "")

    def set_filter(self, layer_id: str, text: str) -> None:
        """Show, list and count only what an expression is true of."""
        count = ask.set_filter(self.session, layer_id, text)
        name = self.session.project.state.layer(layer_id).title(self.session.lang)
        if text.strip():
            self.session.notices.info("notice.filtered", layer=name, count=f"{count:,}")

    def select_near(self) -> None:
        """Ask for a relation between two layers and select what stands in it."""
        layers = self._layers(places=True)
        if not layers:
            raise UserError("ask.no_layers")
        selected = self.session.selection.layers
        other = selected[-1] if selected else layers[-1][0]
        one = next((own for own, _ in layers if own != other), layers[0][0])
        chosen = self.session.selection
        dialog = LocationDialog(
            self.appearance, layers, one, other, lambda own: len(chosen.oids_of(own)), self.window_
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
            return ask.related(self.session, mine, relation, theirs, metres, only=only, progress=progress)

        def done(found: Any) -> None:
            self.session.selection.set_rows(mine, found.oids, mode)
            self._tell_found(len(found.oids), len(found.silent))

        self.session.run("job.select", work, done)

    def invert(self) -> None:
        """Select what is not selected, in the same layers."""
        self._select_by_job(lambda _: ask.inverted(self.session))

    def select_layer(self) -> None:
        """Select all of the active layer."""
        if chosen := self._meant():
            self._select_by_job(lambda _: {chosen: ask.table_of(self.session, chosen).oids})

    def select_same(self) -> None:
        """Ask for a field and select what has the same value."""
        selection = self.session.selection
        if not selection.layers:
            raise UserError("ask.no_selection")
        fields = ask.table_of(self.session, selection.layers[-1]).fields
        said = {field_label(name, self.session.lang): name for name in fields}
        word = self.appearance.word
        title, given = QInputDialog.getItem(
            self.window_, word("action.query.same"), word("ask.same.which"), list(said), 0, False
        )
        if given:
            self._select_by_job(lambda _: ask.same_value(self.session, said[title]))

    def grow(self) -> None:
        """Ask for a distance and take in what lies so near to the selection."""
        word = self.appearance.word
        metres, given = QInputDialog.getDouble(
            self.window_, word("action.query.grow"), word("ask.grow.by"), 50.0, 0.0, 100_000.0, 1
        )
        if given:
            self._select_by_job(lambda progress: ask.grown(self.session, metres, progress))

    def open_statistics(self, layer_id: str = "") -> None:
        """Show figures and charts of the selection, or of a layer."""
        self.counting.open(layer_id)

    def fill_column(self) -> None:
        """Ask for a column and an expression, and fill it."""
        table, session = self.window_.table_panel, self.session
        layer_id = table.layer_id or self._meant()
        dialog = self._expression_dialog("ask.fill.title", "ask.fill.ok", layer_id, targets=True)
        if dialog.ask() == "ok" and dialog.field:
            field, text = dialog.field, dialog.text
            only = table.shown_oids if len(table.shown_oids) < len(table.model.columns) else None
            own = dialog.layer_id

            def done(edits: list[Any]) -> None:
                ask.apply_edits(session, edits)
                session.notices.info("notice.column_filled", field=field, count=f"{len(edits):,}")

            session.run("job.fill_column", lambda _: ask.filled(session, own, field, text, only), done)
        dialog.deleteLater()

    # --- following ---------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow project, language and theme."""
        if not self.session.project.state.layers:
            self.selector.put_away()
        self.counting.refresh()

    def on_selection_changed(self) -> None:
        """Follow the selection."""
        self.counting.on_selection_changed()

    def context_actions(self, key: ObjectKey | None, world: Vector | None) -> list[QAction]:
        """Offer the list of everything at a place."""
        self._place = None if world is None else (world, key)
        return [] if world is None else [self._here]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Lay the tool down where another one is taken in hand."""
        if event.type() == QEvent.Type.Show and watched in self._others:
            self.selector.put_away()
        return super().eventFilter(watched, event)

    def end(self) -> None:
        """Stop watching; the window closes."""
        self.selector.put_away()
        self._follow.stop()
        self.finding.end()
        self.counting.end()
        super().end()

    # --- what the table asks -----------------------------------------------------------------------------------------
    def _condition_of(self, text: str) -> Callable[[Columns], NDArray[np.bool_]] | None:
        """Return what a filter text means as an expression, None where it is none but plain text."""
        layer_id, session = self.window_.table_panel.layer_id, self.session
        try:
            asked = ask.expression_for(session, layer_id, text)
        except UserError:
            return None
        kinds = (nodes.Compare, nodes.Between, nodes.Within, nodes.IsNull, nodes.Not, nodes.And, nodes.Or, nodes.Call)
        if not isinstance(asked.tree, kinds):
            return None
        data, crs = session.project.data.get(layer_id), ask.crs_of(session)

        def geometry() -> Any:
            return geometry_in(data, crs) if isinstance(data, VectorData) else None

        return lambda columns: asked.rows(columns, geometry)

    def _in_view(self) -> Callable[[Columns], NDArray[np.bool_]] | None:
        """Return what tells the rows in view; everything is in view of what has no place."""
        layer_id, session, view = self.window_.table_panel.layer_id, self.session, self.window_.canvas.view
        data = session.project.data.get(layer_id)
        if not isinstance(data, (VectorData, ModelData)) or view.frame is None:
            return None
        from PySide6.QtCore import QPointF

        wide, high = view.width(), view.height()
        places = [QPointF(wide * x / 6, high * y / 6) for x in range(7) for y in range(7) if x in (0, 6) or y in (0, 6)]
        ground = [view.ground_point(place) for place in places]
        corners = [view.frame.to_world(point)[:2] for point in ground if point is not None]
        if len(corners) < 3:
            return None
        import shapely

        area = shapely.MultiPoint(np.array(corners)).convex_hull
        layer = session.project.state.layer(layer_id)

        def rows(columns: Columns) -> NDArray[np.bool_]:
            from models.query import spatial_relations as near

            shapes = ask.shapes_in(session, layer)
            hit = np.ones(len(columns), bool)
            if shapes is not None:
                hit[:] = False
                hit[columns.rows_of(near.inside(shapes, area))] = True
            return hit

        return rows

    def _on_camera_moved(self) -> None:
        if self.window_.table_panel.only_view.isChecked():
            self._follow.start()

    def _on_rested(self) -> None:
        table = self.window_.table_panel
        if table.only_view.isChecked() and table.isVisible():
            table.arrange()

    def _way_of(self, layer_id: str) -> Way:
        """Return how the columns of a layer were shown last."""
        kept = dict(self.session.settings.get("tables")).get(layer_id, {})
        widths = {str(name): int(width) for name, width in dict(kept.get("widths", {})).items()}
        return Way(frozenset(map(str, kept.get("hidden", ()))), widths)

    def _keep_way(self, layer_id: str, way: Way) -> None:
        """Keep how the columns of a layer are shown, the layers looked at last."""
        kept = {name: one for name, one in dict(self.session.settings.get("tables")).items() if name != layer_id}
        if way != Way():
            kept[layer_id] = {"hidden": sorted(way.hidden), "widths": dict(way.widths)}
        self.session.settings.set("tables", dict(list(kept.items())[-MOST_TABLES:]))

    def _set_cell(self, oid: int, field: str, text: str) -> None:
        ask.set_cell(self.session, self.window_.table_panel.layer_id, int(oid), field, text)

    # --- dialogs -----------------------------------------------------------------------------------------------------
    def _meant(self) -> str:
        """Return the layer that is meant: current among the layers, in the table, or of the selection."""
        known = [own for own, _ in self._layers()]
        selected = self.session.selection.layers
        wanted = [self.window_.layers_panel.current, *selected[-1:], self.window_.table_panel.layer_id, *known]
        return next((own for own in wanted if own in known), "")

    def _layers(self, *, places: bool = False) -> list[tuple[str, str]]:
        data = self.session.project.data
        return [
            (layer.id, layer.title(self.session.lang))
            for layer in reversed(self.session.project.state.layers)
            if isinstance(data.get(layer.id), (VectorData, ModelData)) and not (places and layer.kind == "table")
        ]

    def _expression_dialog(self, title: str, ok: str, layer_id: str, **more: Any) -> ExpressionDialog:
        layers = self._layers()
        if not layers:
            raise UserError("ask.no_layers")
        return ExpressionDialog(
            self.appearance, title, layers, layer_id, self._fields_of, self._values_of, self._check, ok=ok,
            parent=self.window_, **more,
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
        plain = values.as_objects(value, len(columns))[:200_000]
        counted = pd.Series(plain, dtype=object).dropna().value_counts()
        found = list(counted.index[:MOST_VALUES])
        if value.kind == "number":
            found.sort()
        return [nodes.literal_text(one.item() if isinstance(one, np.generic) else one)
                if isinstance(one, (int, float, str, bool, np.generic)) and value.kind != "date"
                else nodes.literal_text(str(one)[:10]) for one in found]  # fmt: skip

    def _check(self, layer_id: str, text: str, then: Callable[[Answer], None]) -> None:
        session = self.session

        def work(_: Progress) -> Answer:
            try:
                asked = ask.expression_for(session, layer_id, text)
                if isinstance(
                    asked.tree, (nodes.Chain, nodes.Field, nodes.Literal, nodes.Shape, nodes.Minus, nodes.Case)
                ):
                    data = session.project.data_of(layer_id)
                    crs = ask.crs_of(session)
                    columns = ask.table_of(session, layer_id)
                    shown = asked.value(
                        columns, lambda: geometry_in(data, crs) if isinstance(data, VectorData) else None
                    )
                    if shown.kind != "bool":
                        some = [str(one) for one in values.as_objects(shown, len(columns))[:5]]
                        return Answer(session.word("ask.answer.values", values="  ".join(some)))
                found = ask.matched(session, layer_id, text)
            except UserError as error:
                if error.code == "ask.no_condition":
                    return Answer(session.word("ask.answer.value"))
                said = notice_of(error)
                return Answer(
                    said.text(session.lang), said.cure(session.lang), int(str(error.facts.get("at", 0))), False
                )
            key = "ask.answer.silent" if found.silent else "ask.answer"
            facts = {"count": f"{len(found.oids):,}", "asked": f"{found.asked:,}", "silent": f"{found.silent:,}"}
            return Answer(session.word(key, **facts))

        session.run("job.ask", work, then)

    # --- small -------------------------------------------------------------------------------------------------------
    def _select_by_job(self, work: Callable[[Progress], dict[str, NDArray[np.int64]]]) -> None:
        self.session.run("job.select", work, self.session.selection.set_many)

    def _tell_found(self, count: int, silent: int) -> None:
        key = "notice.found_silent" if silent else "notice.found"
        self.session.notices.info(key, count=f"{count:,}", silent=f"{silent:,}")

    def _list_here(self) -> None:
        if self._place is not None:
            self.selector.list_under(*self._place)

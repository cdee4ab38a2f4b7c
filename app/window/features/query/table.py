"""The attribute table: its layers and columns, the filter above it, cells and columns that are filled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QTimer

from app.usecases.bim import visibility
from app.usecases.query import query
from app.window.feature import Feature
from app.window.features.query.expressions import Expressions
from app.window.window_context import WindowContext
from models.core.errors import UserError
from models.layers.layer import Layer, ModelData, VectorData
from models.project.selection import ObjectKey
from models.query import syntax_tree
from models.query.columns import Columns
from models.query.filtering import geometry_in
from viewers.texts.values import field_label, field_value, shown_words
from viewers.widgets.query.table_arranging import Way
from viewers.widgets.query.table_panel import TablePanel

FOLLOW_MS = 350
#: So many selected rows say where to fly.
MOST_ZOOMED = 20_000
#: The settings remember the columns of so many layers.
MOST_TABLES = 100


class Table(Feature):
    """The attribute table of one layer at a time."""

    name = "table"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._expressions = Expressions(context)
        self._shown: object = None
        self.panel = panel = TablePanel(
            self.appearance,
            lambda field: field_label(field, self.session.lang),
            lambda field, value, form: field_value(field, value, self.session.lang, form),
        )
        self._dock = context.docks.add("table", panel)
        self._dock.visibilityChanged.connect(lambda on: self._show() if on else None)
        self._follow = QTimer(self, singleShot=True, interval=FOLLOW_MS)
        self._follow.timeout.connect(self._on_rested)
        context.canvas.view.camera_moved.connect(self._on_camera_moved)
        panel.run = self.session.run
        panel.condition_of, panel.in_view, panel.columns.way_of = self._condition_of, self._in_view, self._way_of
        panel.codes_shown = shown_words().holding
        panel.why_nothing = lambda text: query.why_nothing(self.session, panel.layer_id, text)
        panel.layer_requested.connect(self.guard(self._on_layer_requested))
        panel.select_requested.connect(self.guard(self._select_rows))
        panel.go_requested.connect(self.guard(lambda oid: context.requests.go_to(ObjectKey(panel.layer_id, oid))))
        panel.zoom_requested.connect(self.guard(self._zoom))
        panel.properties_requested.connect(self.guard(self._show_properties))
        panel.statistics_requested.connect(
            self.guard(lambda field: context.requests.show_statistics(panel.layer_id, field))
        )
        panel.export_requested.connect(self.guard(lambda: context.requests.export_layer(panel.layer_id)))
        panel.elsewhere_requested.connect(self.guard(self._show_elsewhere))
        panel.way_changed.connect(self._keep_way)
        panel.edit_requested.connect(self.guard(self._set_cell))
        panel.fill_requested.connect(self.guard(self.fill_column))
        panel.copied.connect(lambda count: self.session.notices.info("notice.rows_copied", count=f"{count:,}"))
        context.requests.open_table.answer_with(self.open)

    def open(self, layer_id: str = "") -> None:
        """Show a layer's attribute table, of the current one where none is named."""
        if layer_id:
            self.session.current_layer.set(layer_id)
        self.context.docks.bring_forward("table")
        self._show(self.session.current_layer.id, keep=True)

    def fill_column(self) -> None:
        """Ask for a column and an expression, and fill it."""
        table, session = self.panel, self.session
        layer_id = table.layer_id or self._expressions.active_layer()
        dialog = self._expressions.dialog("ask.fill.title", "ask.fill.ok", layer_id, targets=True)
        if dialog.ask() == "ok" and dialog.field:
            field, text = dialog.field, dialog.text
            only = table.shown_oids if len(table.shown_oids) < len(table.model.columns) else None
            own = dialog.layer_id

            def done(edits: list[Any]) -> None:
                query.apply_edits(session, edits)
                session.notices.info("notice.column_filled", field=field, count=f"{len(edits):,}")

            session.run("job.fill_column", lambda _: query.filled(session, own, field, text, only), done)
        dialog.deleteLater()

    # --- following ---------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow the layers and their values."""
        tables = [(layer.id, layer.title(self.session.lang)) for layer in self._layers()]
        if tables != self._shown:
            self._shown = tables
            self.panel.set_layers(tables)
        if self._is_seen:
            self._show()

    def on_selection_changed(self) -> None:
        """Show what is selected, in the table of its layer."""
        if self._is_seen:
            self.panel.select(self.session.selection.oids_of(self.panel.layer_id))
            self._tell_elsewhere()

    def on_current_layer_changed(self) -> None:
        """Show the table of the current layer, where it has one and the table is not pinned."""
        if self._is_seen and not self.panel.is_pinned:
            self._show(self.session.current_layer.id)

    def end(self) -> None:
        """Stop following the camera."""
        self._follow.stop()
        super().end()

    @property
    def _is_seen(self) -> bool:
        return self._dock.isVisible() and self._dock.is_on_top

    def _layers(self) -> list[Layer]:
        data = self.session.project.data
        layers = self.session.project.state.layers
        return [layer for layer in reversed(layers) if isinstance(data.get(layer.id), (VectorData, ModelData))]

    def _show(self, wanted_id: str = "", *, keep: bool = False) -> None:
        """Show a layer's table; that of the one that was shown where none is named or it has none."""
        choices = self._layers()
        selected = self.session.selection.layers
        wanted = [wanted_id, self.panel.layer_id, self.session.current_layer.id, *selected[-1:]]
        by_id = {layer.id: layer for layer in choices}
        layer = next((by_id[own] for own in wanted if own in by_id), choices[0] if choices else None)
        if layer is None:
            return
        data = self.session.project.data[layer.id]
        columns = query.table_of(self.session, layer.id)
        chosen = self.session.selection.oids_of(layer.id)
        if self.panel.model.columns is columns and self.panel.layer_id == layer.id and not keep:
            self.panel.select(chosen)
        else:
            self.panel.show_layer(layer.id, columns, chosen, edits=isinstance(data, VectorData), keep=keep)
        self._tell_elsewhere()

    def _select_rows(self, oids: NDArray[np.int64]) -> None:
        self.session.selection.set_rows(self.panel.layer_id, oids)

    def _tell_elsewhere(self) -> None:
        """Say what is selected in another layer where nothing is in this one."""
        selected, lang = self.session.selection.layers, self.session.lang
        known = {layer.id: layer for layer in self._layers()}
        others = [own for own in selected if own in known]
        if not others or self.panel.layer_id in others:
            self.panel.tell_elsewhere("", 0)
            return
        count = len(self.session.selection.oids_of(others[-1]))
        self.panel.tell_elsewhere(known[others[-1]].title(lang), count)

    def _show_elsewhere(self) -> None:
        """Show the table of the layer in which something is selected."""
        with_table = {layer.id for layer in self._layers()}
        if others := [own for own in self.session.selection.layers if own in with_table]:
            self.open(others[-1])

    def _on_layer_requested(self, layer_id: str) -> None:
        """Show the table whose tab was pressed; its layer becomes the current one."""
        self._show(layer_id)
        self.session.current_layer.set(layer_id)

    def _zoom(self) -> None:
        keys = [ObjectKey(self.panel.layer_id, oid) for oid in self.panel.selected_oids[:MOST_ZOOMED].tolist()]
        self.context.scene_sync.zoom_to_keys(visibility.drawn_keys(self.session, keys))

    def _show_properties(self, oid: int) -> None:
        key = ObjectKey(self.panel.layer_id, oid)
        if key not in self.session.selection.keys:
            self.session.selection.set([key])
        self.context.docks.bring_forward("properties")

    # --- what the panel asks -----------------------------------------------------------------------------------------
    def _condition_of(self, text: str) -> Callable[[Columns], NDArray[np.bool_]] | None:
        """Return what a filter text means as an expression, None where it is none but plain text."""
        layer_id, session = self.panel.layer_id, self.session
        try:
            asked = query.expression_for(session, layer_id, text)
        except UserError:
            return None
        kinds = (
            syntax_tree.Compare,
            syntax_tree.Between,
            syntax_tree.Within,
            syntax_tree.IsNull,
            syntax_tree.Not,
            syntax_tree.And,
            syntax_tree.Or,
            syntax_tree.Call,
        )
        if not isinstance(asked.tree, kinds):
            return None
        data, crs = session.project.data.get(layer_id), query.crs_of(session)

        def geometry() -> Any:
            return geometry_in(data, crs) if isinstance(data, VectorData) else None

        return lambda columns: asked.rows(columns, geometry)

    def _in_view(self) -> Callable[[Columns], NDArray[np.bool_]] | None:
        """Return what tells the rows in view; everything is in view of what has no place."""
        layer_id, session, view = self.panel.layer_id, self.session, self.context.canvas.view
        data = session.project.data.get(layer_id)
        if not isinstance(data, (VectorData, ModelData)) or view.frame is None:
            return None
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
            from models.query import spatial_relations

            shapes = query.shapes_in(session, layer)
            hit = np.ones(len(columns), bool)
            if shapes is not None:
                hit[:] = False
                hit[columns.rows_of(spatial_relations.inside(shapes, area))] = True
            return hit

        return rows

    def _on_camera_moved(self) -> None:
        if self.panel.only_view.isChecked():
            self._follow.start()

    def _on_rested(self) -> None:
        table = self.panel
        if table.only_view.isChecked() and table.isVisible():
            table.arrange()

    def _way_of(self, layer_id: str) -> Way:
        """Return how the columns of a layer were shown last."""
        kept = dict(self.session.settings.get("tables")).get(layer_id, {})
        widths = {str(name): int(width) for name, width in dict(kept.get("widths", {})).items()}
        return Way(frozenset(map(str, kept.get("hidden", ()))), widths, tuple(map(str, kept.get("order", ()))))

    def _keep_way(self, layer_id: str, way: Way) -> None:
        """Keep how the columns of a layer are shown, the layers looked at last."""
        kept = {name: one for name, one in dict(self.session.settings.get("tables")).items() if name != layer_id}
        if way != Way():
            kept[layer_id] = {"hidden": sorted(way.hidden), "widths": dict(way.widths)}
            if way.order:
                kept[layer_id]["order"] = list(way.order)
        self.session.settings.set("tables", dict(list(kept.items())[-MOST_TABLES:]))

    def _set_cell(self, oid: int, field: str, text: str) -> None:
        query.set_cell(self.session, self.panel.layer_id, int(oid), field, text)

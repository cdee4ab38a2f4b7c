"""The statistics panel: computed by jobs; a click on a bar of the chart selects its objects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog

from app.usecases.query import query
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.core.progress import Progress
from models.layers.layer import ModelData, VectorData
from models.query.columns import MEASURED, columns_of
from models.query.statistics_report import Report, report
from models.store.atomic import replacing, write_text
from models.store.whole_files import of_picture
from viewers.texts.values import field_label, field_value
from viewers.widgets.query.statistics_panel import StatisticsPanel


class Statistics(Feature):
    """The statistics of one window."""

    name = "statistics"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.panel = StatisticsPanel(self.appearance)
        self._dock = context.docks.add("statistics", self.panel)
        self._stamp = 0
        self._shown: object = None
        self._own_choice = False
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(context.guard(self._ask))
        self.panel.value_text = lambda field, value: field_value(field, value, context.session.lang)
        self.panel.asked.connect(self._on_asked)
        self.panel.layers.activated.connect(lambda _: self._on_layer_chosen())
        self.panel.rows_chosen.connect(context.guard(self._select))
        self.panel.save_requested.connect(context.guard(self._save))
        self._dock.visibilityChanged.connect(self._on_shown)
        context.requests.show_statistics.answer_with(self.show_field)

    def end(self) -> None:
        """Stop asking."""
        self._soon.stop()
        super().end()

    def open(self, layer_id: str = "") -> None:
        """Show the panel, with a layer where one is meant."""
        self.context.docks.bring_forward("statistics")
        selected = self.session.selection.layers
        current = self.session.current_layer.id
        wanted = layer_id or (current if self._has_table(current) else selected[-1] if selected else "")
        if wanted:
            self.session.current_layer.set(wanted)
        self.refresh(wanted)
        if wanted in selected and not layer_id:
            self.panel.scope.setCurrentIndex(max(self.panel.scope.findData("selection"), 0))
            self._on_asked()

    def show_field(self, layer_id: str, field: str) -> None:
        """Show what a field of a layer says."""
        self.open(layer_id)
        self._offer_fields(layer_id)
        self.panel.choose(field=field)

    def refresh(self, layer_id: str = "") -> None:
        """Follow layers, values, language."""
        if not self._dock.isVisible():
            return
        session = self.session
        layers = [
            (layer.id, layer.title(session.lang))
            for layer in reversed(session.project.state.layers)
            if isinstance(session.project.data.get(layer.id), (VectorData, ModelData))
        ]
        state = session.project.state
        filters = tuple(layer.filter for layer in state.layers)
        shown = (tuple(layers), session.project.data_stamp(), filters, session.lang, layer_id)
        if shown == self._shown and not layer_id:
            return
        self._shown = (*shown[:-1], "")
        self.panel.set_layers(layers, layer_id)
        self._on_asked()

    def _on_shown(self, on: bool) -> None:
        """Speak of the current layer, or of what was asked last where it has no table."""
        if on:
            current = self.session.current_layer.id
            self.refresh(current if self._has_table(current) and current != self.panel.question.layer else "")

    def on_current_layer_changed(self) -> None:
        """Speak of the current layer, where it has a table."""
        current = self.session.current_layer.id
        if self._dock.isVisible() and self._has_table(current) and current != self.panel.question.layer:
            self.refresh(current)

    def _has_table(self, layer_id: str) -> bool:
        return isinstance(self.session.project.data.get(layer_id), (VectorData, ModelData))

    def on_selection_changed(self) -> None:
        """Count again what is selected, unless the choice was made here."""
        if not self._own_choice and self.panel.of_selection and self._dock.isVisible():
            self._on_asked()

    def _on_asked(self) -> None:
        self._soon.start()

    def _on_layer_chosen(self) -> None:
        self.session.current_layer.set(self.panel.question.layer)

    def _ask(self) -> None:
        session = self.session
        layer_id = self.panel.question.layer
        data = session.project.data.get(layer_id)
        columns = columns_of(data) if data is not None else None
        if columns is None:
            return
        layer = session.project.state.layer(layer_id)
        self._offer_fields(layer_id)
        asked, chosen = self.panel.question, None
        if self.panel.of_selection:
            chosen = session.selection.oids_of(layer_id)
        self._stamp += 1
        stamp = self._stamp

        def work(progress: Progress) -> Report:
            table = query.table_of(session, layer.id)
            return report(table, asked, None if chosen is None else table.rows_of(chosen), progress)

        def done(answer: Report) -> None:
            if stamp == self._stamp:
                self.panel.show_report(answer)

        session.run("job.statistics", work, done)

    def _offer_fields(self, layer_id: str) -> None:
        session = self.session
        columns = columns_of(session.project.data_of(layer_id))
        fields = columns.fields if columns is not None else ()
        every = [(name, field_label(name, session.lang)) for name in fields]
        numbers = [pair for pair in every if columns is not None and columns.value(pair[0]).kind == "number"]
        numbers.sort(key=lambda pair: not MEASURED.search(pair[0]))  # a sum of ids says nothing
        shown = (layer_id, tuple(every))
        if shown != getattr(self, "_fields_shown", None):
            self._fields_shown = shown
            self.panel.set_fields(numbers, every)
            self.panel._tell_rows()

    def _select(self, rows: NDArray[np.int64], join: bool) -> None:
        answer = self.panel.report
        if answer is None:
            return
        self._own_choice = True  # else the chart would shrink to the bar that was clicked
        try:
            self.session.selection.set_rows(answer.question.layer, answer.oids[rows], "add" if join else "new")
        finally:
            self._own_choice = False

    def _save(self, what: str) -> None:
        word, panel = self.appearance.word, self.panel
        name = "chart.png" if what == "picture" else "statistics.csv"
        key = "dialog.filter.picture" if what == "picture" else "ask.filter.csv"
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word(f"statistics.save.{what}"), str(self.context.folder() / name), word(key)
        )
        if not path:
            return
        if what == "picture" and panel.chart is not None:
            picture = panel.chart.picture()
            with replacing(Path(path).with_suffix(".png"), of_picture(picture.width(), picture.height())) as fresh:
                picture.save(str(fresh), "PNG")
        elif what == "table":
            import csv
            import io

            lines = io.StringIO()
            csv.writer(lines).writerows(line.split("\t") for line in panel.table_text().split("\n"))
            write_text(Path(path), lines.getvalue(), "utf-8-sig")

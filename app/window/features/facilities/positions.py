"""Positions of components from a satellite receiver: open, compare, take over."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from PySide6.QtWidgets import QFileDialog

from app.usecases.facilities import facilities, positions
from app.usecases.query import list_export
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.core.progress import Progress
from models.core.watch import watch
from models.facilities.positions.surveyed import Surveyed
from models.project.selection import ObjectKey
from models.query.ranking import Rows
from viewers.widgets.facilities.positions_dialog import PositionsDialog


class Positions(Feature):
    """The dialog of measured positions."""

    name = "positions"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.dialog: PositionsDialog | None = None
        self._compared = ("", "")
        self._awaited: set[str] | None = None
        self.stops.append(watch(self.session.project.data_changed, self._on_data_changed))

    def open_dialog(self) -> None:
        """Show the dialog with the layers that are there."""
        if self.dialog is None:
            made = self.dialog = PositionsDialog(self.appearance, self.context.window)
            made.open_requested.connect(self.guard(self._open))
            made.compare_requested.connect(self.guard(self._compare))
            made.take_requested.connect(self.guard(self._take))
            made.export_requested.connect(self.guard(self._export))
            made.list.go_requested.connect(self.guard(self._go))
        self._offer()
        self.dialog.show()
        self.dialog.raise_()

    def _offer(self, newest: str = "") -> None:
        if self.dialog is None:
            return
        lang = self.session.lang
        registers = [(one.id, one.title(lang)) for one in facilities.facility_layers(self.session)]
        points = [(one.id, one.title(lang)) for one in positions.point_layers(self.session)]
        points.sort(key=lambda pair: pair in registers)  # a table of measured codes may have been taken for a register
        self.dialog.set_layers(points, registers, newest)

    def _open(self) -> None:
        word = self.appearance.word
        files, _ = QFileDialog.getOpenFileNames(
            self.context.window, word("gnss.open"), str(self.context.folder()), word("dialog.filter.gnss")
        )
        if files:
            self._awaited = {layer.id for layer in self.session.project.state.layers}
            self.context.requests.open_paths(files)

    def _on_data_changed(self, layer_id: str) -> None:
        """Offer layers that came while the dialog is open, the one that was asked for first."""
        if self.dialog is None or not self.dialog.isVisible():
            return
        known = {layer.id for layer in positions.point_layers(self.session)}
        fresh = layer_id if self._awaited is not None and layer_id not in self._awaited and layer_id in known else ""
        self._offer(fresh)

    def _compare(self, points: str, register: str, antenna_m: float, reach_m: float) -> None:
        session = self.session
        self._compared = (points, register)

        def done(found: Surveyed) -> None:
            if self.dialog is not None and self._compared == (points, register):
                self.dialog.show_table(register, found.table)

        def work(progress: Progress) -> Surveyed:
            return positions.compare(session, points, register, progress, antenna_m=antenna_m, reach_m=reach_m)

        session.run("job.gnss_compare", work, done)

    def _take(self, rows: pd.DataFrame, heights: bool) -> None:
        points, register = self._compared
        source = self.session.project.state.layer(points).title(self.session.lang)
        count = positions.take(self.session, register, rows, source=Path(source).name, heights=heights)
        self.session.notices.info("gnss.taken", count=count)
        if self.dialog is not None:
            dialog = self.dialog
            self._compare(points, register, dialog.antenna.value(), dialog.reach.value())

    def _export(self, rows: Rows) -> None:
        """Ask where, and write the rows of the list as they stand."""
        if self.dialog is None:
            return
        word, listed = self.appearance.word, self.dialog.list
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("dialog.export"), str(self.context.folder() / "gnss.xlsx"),
            word("dialog.filter.table"),
        )  # fmt: skip
        if path:
            title = word("gnss.head")
            list_export.export_list(self.session, Path(path), title, listed.model.columns, listed.ranking, rows)

    def _go(self, key: ObjectKey) -> None:
        if key.oid >= 0:
            self.context.requests.go_to(key)

    def end(self) -> None:
        """Close the dialog with the window."""
        super().end()
        if self.dialog is not None:
            self.dialog.close()

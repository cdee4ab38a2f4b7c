"""Unit grids and responsibility grids in the window: made, checked, and what is wrong listed beside the city."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd
from PySide6.QtWidgets import QFileDialog

from app.usecases.facilities import coding, responsibility_grids, unit_grids
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.core.errors import UserError
from models.core.progress import Progress
from models.layers.layer import Layer
from models.project.selection import ObjectKey
from viewers.widgets.facilities.grid_dialogs import GridFindings, ResponsibilityGridDialog, UnitGridDialog

_MARGIN_PX = 24


class Grids(Feature):
    """Asks how grids are to be made, and lists what their check finds."""

    name = "grids"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.unit_dialog: UnitGridDialog | None = None
        self.responsibility_dialog: ResponsibilityGridDialog | None = None
        self.findings: GridFindings | None = None

    def make_unit_grids(self) -> None:
        """Ask how large unit grids are to be, make them and list what is not as it should be."""
        session = self.session
        dialog = self.unit_dialog = UnitGridDialog(self.appearance, self.context.window)
        answer, area_m2, sets = dialog.ask(), dialog.area.value(), dialog.bgid.isChecked()
        self.unit_dialog = None
        dialog.deleteLater()
        if answer != "ok":
            return

        def work(progress: Progress) -> unit_grids.Made:
            return unit_grids.make(session, area_m2, progress, set_bgid=sets)

        def done(made: unit_grids.Made) -> None:
            layer = unit_grids.add(session, made)
            session.notices.info("grids.made", count=f"{len(made.grids):,}", findings=self._found(made.findings))
            self._show(layer, unit_grids.places(layer, made))

        session.run("job.unit_grids", work, done)

    def check_unit_grids(self) -> None:
        """Check the current layer of unit grids, or the newest."""
        session = self.session
        layers = self._unit_grid_layers()
        layer = next((one for one in layers if one.id == session.current_layer.id), layers[0])

        def done(found: pd.DataFrame) -> None:
            session.notices.info("grids.checked", layer=layer.title(session.lang), findings=self._found(found))
            self._show(layer, found)

        session.run("job.check_grids", partial(unit_grids.check, session, layer.id), done)

    def make_responsibility_grids(self) -> None:
        """Ask how unit grids are to be joined, join them and list what is not as it should be."""
        session = self.session
        layers = [(one.id, one.title(session.lang)) for one in self._unit_grid_layers()]
        dialog = self.responsibility_dialog = ResponsibilityGridDialog(self.appearance, layers, self.context.window)
        answer, way, number = dialog.ask(), dialog.way, int(dialog.count.value())
        layer_id, sets = dialog.layer_id, dialog.member.isChecked()
        self.responsibility_dialog = None
        dialog.deleteLater()
        if answer != "ok":
            return

        def work(progress: Progress) -> responsibility_grids.Made:
            return responsibility_grids.make(session, layer_id, way, number, progress)

        def done(made: responsibility_grids.Made) -> None:
            layer = responsibility_grids.add(session, made, set_member=sets)
            facts = {"units": f"{int(made.grids['unit_grids'].sum()):,}", "findings": self._found(made.findings)}
            session.notices.info("grids.responsibility.made", count=f"{len(made.grids):,}", **facts)
            self._show(layer, responsibility_grids.places(layer, made))

        session.run("job.responsibility_grids", work, done)

    def end(self) -> None:
        """Close the list with the window."""
        super().end()
        if self.findings is not None:
            self.findings.close()

    def _unit_grid_layers(self) -> list[Layer]:
        layers = responsibility_grids.unit_grid_layers(self.session)
        if not layers:
            raise UserError("facilities.no_unit_grids")
        return layers

    def _found(self, findings: pd.DataFrame) -> str:
        word = self.session.word
        return word("grids.found", count=f"{len(findings):,}") if len(findings) else word("grids.found.none")

    def _show(self, layer: Layer, places: pd.DataFrame) -> None:
        if not len(places):
            if self.findings is not None:
                self.findings.close()
            return
        if self.findings is None:
            made = self.findings = GridFindings(self.appearance, self.context.window)
            made.go_requested.connect(self.guard(self._go))
            made.export_requested.connect(self.guard(self._export))
            corner = self.context.window.frameGeometry().bottomLeft()
            made.move(corner.x() + _MARGIN_PX, corner.y() - made.height() - 2 * _MARGIN_PX)
        self.findings.show_findings(layer.title(self.session.lang), places)
        self.findings.show()
        self.findings.raise_()

    def _go(self, layer_id: str, oid: int) -> None:
        self.context.requests.go_to(ObjectKey(layer_id, oid))

    def _export(self, rows: pd.DataFrame) -> None:
        word = self.appearance.word
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("dialog.export"), str(self.context.folder() / "grid_findings.xlsx"),
            word("dialog.filter.table"),
        )  # fmt: skip
        if path:
            coding.export_rows(self.session, rows, Path(path))

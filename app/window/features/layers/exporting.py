"""Exports layers and selections to files of other programs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from app.usecases.layers import exporting
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.core.errors import UserError
from models.crs.frame import crs_label
from models.layers.layer import ModelData, VectorData
from viewers.widgets.layers.export_dialog import ExportDialog


class Exporting(Feature):
    """Asks what, how and where, and lets it be written."""

    name = "exporting"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        context.requests.export_layer.answer_with(self.ask)

    def ask(self, layer_id: str = "") -> None:
        """Export a layer: the current one, else that of the selection, where none is named.

        Raises
        ------
        UserError
            ``export.no_layer`` where neither can be handed out.
        """
        session, appearance = self.session, self.appearance
        layer_id = layer_id or self._layer()
        layer, data = session.project.state.layer(layer_id), session.project.data_of(layer_id)
        total = data.count if isinstance(data, VectorData) else len(data.elements) if isinstance(data, ModelData) else 0
        selected = session.selection.of_layer(layer_id)
        dialog = ExportDialog(
            appearance, layer.title(session.lang), exporting.formats_of(layer, data), self._crss(layer.source.crs),
            (total, len(selected)), self.context.window,
        )  # fmt: skip
        answer, choice = dialog.ask(), dialog.choice
        dialog.deleteLater()
        if answer != "ok":
            return
        name = f"{layer.title(session.lang)}{choice.ending}".replace("/", "_")
        start = str(Path(self.context.folder()) / name)
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, appearance.word("export.title"), start, f"*{choice.ending}"
        )
        if path:
            out = path if path.lower().endswith(choice.ending) else path + choice.ending
            exporting.export(session, layer_id, Path(out), selected if choice.selected else None, choice.crs)

    def _layer(self) -> str:
        state, data = self.session.project.state, self.session.project.data
        selected = self.session.selection.layers[:1]
        for layer_id in (self.session.current_layer.id, *selected):
            layer = next((one for one in state.layers if one.id == layer_id), None)
            if layer is not None and exporting.formats_of(layer, data.get(layer_id)):
                return layer_id
        raise UserError("export.no_layer")

    def _crss(self, own: str) -> tuple[tuple[str, str], ...]:
        frame, word = self.session.project.state.frame, self.appearance.word
        project = crs_label(frame.horizontal) if frame is not None else ""
        found = {"": word("export.crs.project", crs=project)}
        if own:
            found[own] = word("export.crs.own", crs=crs_label(own))
        found["EPSG:4490"] = word("crs.cgcs2000_degrees")
        found["EPSG:4326"] = word("crs.wgs84_degrees")
        return tuple(found.items())

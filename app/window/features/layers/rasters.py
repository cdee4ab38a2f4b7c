"""Rasters in the window: display settings, values at a click, finer tiles of the view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from app.notices import Notice
from app.usecases.layers import rasters
from app.window.feature import Feature
from app.window.scene.raster_streams import RasterStreams
from models.core.value_text import coordinate, figure
from models.core.watch import watch
from models.layers.layer import RasterData
from models.project.selection import ObjectKey
from viewers.render.scene.picking import Pick
from viewers.widgets.layers.raster_dialog import RasterDialog

if TYPE_CHECKING:
    from app.window.window_context import WindowContext


@dataclass(frozen=True, slots=True)
class _Rows:
    """A section of the properties panel."""

    title: str
    rows: tuple[tuple[str, str], ...]
    links: dict[str, tuple[tuple[str, ObjectKey], ...]]


class Rasters(Feature):
    """Rasters in the window."""

    name = "rasters"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.streams = RasterStreams(self.session, context.scene_sync, context.canvas.view)
        self.streams.failed.connect(self._on_failed)
        self._reported: set[str] = set()
        context.requests.read_pieces_again.answer_with(self.streams.ask_again)
        self._again = QTimer(self, singleShot=True, interval=0)
        self._again.timeout.connect(self.guard(lambda: rasters.refresh(self.session)))
        context.canvas.view.clicked.connect(self.guard(self._on_clicked))
        project = self.session.project
        self.stops += [
            watch(project.changed, lambda *_: self._again.start()),
            watch(project.data_changed, self._on_data),
        ]

    def open_settings(self, layer_id: str = "") -> None:
        """Ask for the display settings of the chosen raster."""
        chosen = layer_id or self.session.current_layer.id or self._first()
        if not chosen:
            return
        layer = self.session.project.state.layer(chosen)
        data = self.session.project.data.get(chosen)
        if not rasters.is_raster(layer) or not isinstance(data, RasterData):
            self.session.notices.add(
                Notice("error", "error.raster.not_a_raster", {"layer": layer.title(self.session.lang)})
            )
            return
        ask = RasterDialog(self.appearance, layer, data.info, rasters.needs_overviews(layer, data), self.context.window)
        answer, display, role = ask.ask(), ask.display, ask.role
        ask.deleteLater()
        if answer == "ok":
            rasters.set_display(self.session, chosen, display, role)
        elif answer == "overviews":
            rasters.build_overviews(self.session, chosen)

    def build_overviews(self, layer_id: str = "") -> None:
        """Make overviews of the chosen raster in the cache."""
        if chosen := layer_id or self.session.current_layer.id or self._first():
            rasters.build_overviews(self.session, chosen)

    def end(self) -> None:
        """Stop reading pieces."""
        self._again.stop()
        self.streams.close()
        super().end()

    def _first(self) -> str:
        return next((one.id for one in reversed(self.session.project.state.layers) if rasters.is_raster(one)), "")

    def _on_data(self, layer_id: str) -> None:
        """Use overviews that an earlier run made of the same file."""
        state = self.session.project.state
        layer = next((one for one in state.layers if one.id == layer_id), None)
        data = self.session.project.data.get(layer_id)
        if layer is not None and rasters.needs_overviews(layer, data) and rasters.kept_overviews(self.session, layer):
            QTimer.singleShot(0, self, self.guard(lambda: rasters.attach_overviews(self.session, layer_id)))

    def _on_clicked(self, pick: Pick | None, join: bool) -> None:
        """Show the values of rasters where a click hits no object."""
        if pick is None or pick.key is not None or pick.world is None or join:
            return
        found = rasters.readings(self.session, pick.world[0], pick.world[1])
        if not found:
            return
        word, lang = self.appearance.word, self.session.lang
        rows = tuple(
            (
                one.layer.title(lang),
                word("value.none") if one.value is None else f"{figure(one.value)} {one.unit}".strip(),
            )
            for one in found
        )
        place = tuple(
            (word(f"raster.{axis}"), f"{coordinate(value)} m")
            for axis, value in zip(("easting", "northing", "height"), pick.world, strict=True)
        )
        sections = [_Rows(word("raster.section.values"), rows, {}), _Rows(word("raster.section.place"), place, {})]
        QTimer.singleShot(0, self, lambda: self._show(sections))

    def _show(self, sections: list[_Rows]) -> None:
        self.context.requests.show_sections(lambda: (self.appearance.word("raster.section.values"), sections))

    def _on_failed(self, layer_id: str, error: Exception) -> None:
        """Report once for a layer that tiles of it cannot be read."""
        if layer_id not in self._reported:
            self._reported.add(layer_id)
            self.session.fail(error)

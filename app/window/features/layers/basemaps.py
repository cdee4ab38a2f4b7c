"""Base maps in the window: the dialog, areas for use without a network, and a note when there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer

from app.usecases.layers import basemaps, keys
from app.window.feature import Feature
from models.core.errors import UserError
from models.core.progress import Progress
from models.layers.basemaps import Basemap
from models.layers.layer import Layer
from viewers.widgets.layers.basemap_dialog import BasemapDialog, OfflineDialog

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

#: How often a map that could not be reached is looked after.
LOOK_MS = 4000


class Basemaps(Feature):
    """Base maps in the window."""

    name = "basemaps"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._offline: set[str] = set()
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self.guard(self._look_after))
        self._look.start()

    def add(self) -> None:
        """Ask for a base map and lay it under the city."""
        session = self.session
        if session.project.state.frame is None:
            raise UserError("basemap.no_project")
        offered, own = basemaps.offered(), basemaps.own(session)
        ask = BasemapDialog(
            self.appearance, offered, own, lambda one: keys.known(session, one.url), self._test, self.context.window
        )
        answer, basemap, key, is_own = ask.ask(), ask.basemap, ask.key.text().strip(), ask.is_own
        ask.deleteLater()
        if answer != "ok":
            return
        basemap.check()
        if basemaps.needs_key(basemap) and key:
            basemaps.set_key(session, basemap, key)
        if is_own:
            basemaps.keep(session, basemap)
        basemaps.add(session, basemap)

    def fetch_area(self, layer_id: str = "") -> None:
        """Ask which levels of the area of the project to keep, and fetch them."""
        layer = self._chosen(layer_id)
        if layer is None:
            raise UserError("basemap.none")
        tiles, box = basemaps.pyramid(self.session, layer), basemaps.area_of(self.session, layer)
        if not tiles.basemap.bulk:
            raise UserError("basemap.no_bulk", name=layer.title(self.session.lang))
        ask = OfflineDialog(
            self.appearance, layer.title(self.session.lang), tiles.basemap.low_zoom, tiles.basemap.high_zoom,
            lambda low, high: tiles.estimate(box, low, high), self.context.window,
        )  # fmt: skip
        answer, (low, high) = ask.ask(), ask.levels
        ask.deleteLater()
        if answer == "ok":
            basemaps.fetch_area(self.session, layer, box, low, high)

    def end(self) -> None:
        """Close the stores."""
        self._look.stop()
        super().end()
        basemaps.close(self.session)

    def _chosen(self, layer_id: str) -> Layer | None:
        state = self.session.project.state
        wanted = layer_id or self.session.current_layer.id
        found = [one for one in state.layers if basemaps.is_basemap(one)]
        return next((one for one in found if one.id == wanted), found[-1] if found else None)

    def _test(self, basemap: Basemap, key: str, done: Callable[[Any], None]) -> None:
        """Fetch one tile in the middle of the project."""
        frame = self.session.project.state.frame
        lonlat = frame.lonlat(frame.origin[0], frame.origin[1]) if frame is not None else (116.39, 39.9)

        def work(_: Progress) -> Any:
            from models.io.raster.basemap_tiles import one_tile

            known = self.session.keys.of(basemap.url)
            try:
                return one_tile(basemap, replace(known, key=key) if key else known, lonlat)
            except UserError as error:
                return error

        self.session.run("job.test_basemap", work, done)

    def _look_after(self) -> None:
        """Say once that a map cannot be reached, and ask again for what is missing when it may be."""
        for layer in self.session.project.state.layers:
            if not layer.visible or not basemaps.is_basemap(layer) or layer.id not in self.session.project.data:
                continue
            tiles = basemaps.pyramid(self.session, layer)
            if tiles.trouble is not None:
                if layer.id not in self._offline:
                    self._offline.add(layer.id)
                    if tiles.trouble.code == "basemap.offline":
                        self.session.notices.info("notice.basemap.offline", name=layer.title(self.session.lang))
                    else:
                        self.session.fail(tiles.trouble)
                if tiles.may_ask:
                    self.context.requests.read_pieces_again(layer.id)
            else:
                self._offline.discard(layer.id)

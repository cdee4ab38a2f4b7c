"""Where the camera looks: the whole city, straight down, the selection, one object."""

from __future__ import annotations

import numpy as np

from app.usecases.bim import visibility
from app.usecases.layers import layers
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.crs.frame import transformer
from models.layers.layer import VectorData
from models.project.selection import ObjectKey

#: How far the camera stays from an object that is not drawn yet, metres.
REACH_M = 220.0
ZOOM_STEP = 1.6


class Navigation(Feature):
    """Moves the camera."""

    name = "navigation"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        context.canvas.home_requested.connect(self.home)
        context.canvas.zoom_selection_requested.connect(self.zoom_selection)
        context.requests.go_to.answer_with(self.go_to)

    def home(self) -> None:
        """Fly to the view of the whole city."""
        self.context.scene_sync.home()

    def top(self) -> None:
        """Look straight down."""
        self.context.canvas.view.top_view()

    def north(self) -> None:
        """Turn north up."""
        self.context.canvas.view.north_up()

    def zoom_in(self) -> None:
        """Come nearer."""
        self.context.canvas.view.zoom_step(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Go back."""
        self.context.canvas.view.zoom_step(1 / ZOOM_STEP)

    def zoom_selection(self) -> None:
        """Fly to what is selected; to all that stands in a storey or a building."""
        self.context.scene_sync.zoom_to_keys(visibility.drawn_keys(self.session, self.session.selection.keys))

    def go_to(self, key: ObjectKey) -> None:
        """Select an object and fly to it, showing its layer if it is hidden."""
        layer = self.session.project.state.layer(key.layer)
        data = self.session.project.data.get(key.layer)
        if isinstance(data, VectorData) and not data.has(key.oid):
            self.session.notices.info("notice.object_gone", layer=layer.title(self.session.lang))
            return
        if not layer.visible:
            layers.set_visible(self.session, layer.id, True)
        self.session.selection.set([key])
        if not self.context.scene_sync.zoom_to_keys(visibility.drawn_keys(self.session, [key])):
            self._fly_to_geometry(key)

    def on_selection_changed(self) -> None:
        """Offer the flight to the selection where there is one."""
        self.context.canvas.buttons.set_has_selection(bool(self.session.selection.keys))

    def _fly_to_geometry(self, key: ObjectKey) -> None:
        """Fly to an object that is not drawn yet, by its geometry in the table."""
        data, frame = self.session.project.data.get(key.layer), self.session.project.state.frame
        if not isinstance(data, VectorData) or frame is None or not data.has(key.oid):
            return
        geometry = data.row(key.oid).get("geometry")
        if geometry is None or not data.crs:
            return
        place = geometry.representative_point()
        east, north = transformer(data.crs, frame.horizontal).transform(place.x, place.y)
        view = self.context.canvas.view
        height = float(view.ground(np.array([east]), np.array([north]))[0])
        view.fly_to_point((float(east), float(north), height), REACH_M)

"""The service radius of the facility that is selected, as a ring on the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from app.window.feature import Feature
from models.core.watch import watch
from models.crs.frame import transformer
from models.health.partition import yes_or_no
from models.health.service_radius import ServiceRadius, service_radius
from models.layers.layer import VectorData
from viewers.render.scene.service_ring import put_ring

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

ROLES = ("green", "amenities")


class ServiceRing(Feature):
    """Draws how far a selected park or school serves, where a standard says so."""

    name = "service_radius"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._drawn: object = None
        self.stops.append(watch(self.session.settings.changed, lambda *_: self._show()))

    def toggle(self) -> None:
        """Draw it, or no longer."""
        self.session.settings.set("service_radius", not self.session.settings.get("service_radius"))

    def refresh(self) -> None:
        """Follow project and language."""
        self._show()

    def on_selection_changed(self) -> None:
        """Follow the selection."""
        self._show()

    def _show(self) -> None:
        scene = self.context.scene_sync.scene
        if scene is None:
            self._drawn = None
            return
        wanted = self._site() if self.session.settings.get("service_radius") else None
        told = None if wanted is None else (wanted[0].wkb, wanted[1].radius_m, self.session.lang)
        if (id(scene), told) == self._drawn:
            return
        self._drawn = id(scene), told
        if wanted is None:
            put_ring(scene, None, self.context.scene_sync.ground, 0.0)
            return
        shape, found = wanted
        put_ring(scene, shape, self.context.scene_sync.ground, found.radius_m)

    def _site(self) -> tuple[shapely.Geometry, ServiceRadius] | None:
        """Return the site that is selected in the project's CRS, and its radius; None where no standard has one."""
        keys, state = self.session.selection.keys, self.session.project.state
        if len(keys) != 1 or state.frame is None:
            return None
        layer = next((one for one in state.layers if one.id == keys[0].layer), None)
        data = self.session.project.data.get(keys[0].layer)
        if layer is None or layer.role not in ROLES or not isinstance(data, VectorData) or not data.has(keys[0].oid):
            return None
        row = data.row(keys[0].oid)
        shape = row.get("geometry")
        if shape is None or shape.is_empty or not data.crs:
            return None
        move = transformer(data.crs, state.frame.horizontal)
        shape = shapely.transform(
            shapely.force_2d(shape), lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1]))
        )
        said = yes_or_no(pd.Series([row.get("open_to_public"), row.get("historic")]))
        found = service_radius(
            str(row.get("kind") or ""), shape.area / 1e4,
            is_open=None if pd.isna(said[0]) else bool(said[0]), historic=not pd.isna(said[1]) and bool(said[1]),
        )  # fmt: skip
        return None if found is None else (shape, found)

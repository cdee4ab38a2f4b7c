"""The sun of a moment in a scene: light, sky, and the shadows of its houses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from models.crs.frame import Frame
from models.layers.layer import Layer, LayerData, VectorData
from models.project.project import ProjectState
from models.terrain.ground import Ground
from models.views.sun import Sun, SunTime, sun_at
from viewers.render.geometry.parts import Prepared
from viewers.render.layers.buildings import make_shadow
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.sunlight import look_by_sun

if TYPE_CHECKING:
    from viewers.render.scene.scene import Scene

#: A sun lower than this throws no shadow that is worth drawing, degrees.
LOWEST_DEG = 3.0
_PREFIX = "~sun:"


def sun_over(frame: Frame, sun: SunTime) -> Sun | None:
    """Return where the sun stands over a project, None where nobody knows where on Earth that is."""
    if not frame.horizontal.startswith("EPSG"):
        return None
    lon, lat = frame.lonlat(float(frame.origin[0]), float(frame.origin[1]))
    return sun_at(sun.utc, lon, lat)


def shadow_layer(layer: Layer) -> Layer:
    """Return the layer under which the shadows of a layer of houses are drawn."""
    return Layer(_PREFIX + layer.id, "", "vector", "other")


def shadows(
    state: ProjectState, data: Mapping[str, LayerData], ground: Ground, sun: Sun | None
) -> dict[str, Prepared | None]:
    """Return by id of each layer of houses the shadows that a sun throws; None takes them away. Safe on a thread."""
    found: dict[str, Prepared | None] = {}
    for layer in state.with_role("buildings"):
        found[layer.id] = None
        held = data.get(layer.id)
        if sun is not None and sun.elevation_deg >= LOWEST_DEG and layer.visible and isinstance(held, VectorData):
            assert state.frame is not None  # noqa: S101 - it has houses that are drawn
            context = PrepareContext(state.frame, ground)
            found[layer.id] = make_shadow(layer, held, context, look_by_sun(sun).to_sun)
    return found


def put_shadows(scene: Scene, state: ProjectState, made: Mapping[str, Prepared | None]) -> None:
    """Put shadows into a scene, or take them away."""
    for layer in state.layers:
        if layer.id in made:
            prepared = made[layer.id]
            scene.put(shadow_layer(layer), prepared if prepared is not None and prepared.parts else None)


def light_by_sun(
    scene: Scene, state: ProjectState, data: Mapping[str, LayerData], ground: Ground, when: SunTime
) -> None:  # fmt: skip
    """Light a filled scene by the sun of a moment, shadows included."""
    sun = sun_over(scene.frame, when)
    if sun is not None:
        scene.set_sun(sun)
        put_shadows(scene, state, shadows(state, data, ground, sun))

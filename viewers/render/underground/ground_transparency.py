"""Ground transparency: which layers fade by how much, and posts with depths below the ground."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.crs.frame import Frame
from models.layers.layer import Layer
from models.roles import drawn_row
from models.terrain.ground import Ground
from models.views.visibility import GroundTransparency
from viewers.render.geometry.parts import LabelPart, LinePart, MeshPart, Prepared

if TYPE_CHECKING:
    from viewers.render.drawing.drawn_layer import DrawnLayer
    from viewers.render.palette.lighting import Look

#: The layer under which a scene shows depth posts.
DEPTHS = Layer("~depths", "", "vector", "other")
#: Colour of the deep, which is seen where nothing lies in the ground.
EARTH = (0.46, 0.42, 0.38)
#: Depths that are told on a post, metres; posts a side; and the wanted distance between them.
LEVELS_M = (1.0, 2.0, 3.0, 5.0, 8.0, 12.0)
MOST_POSTS = 11
SPACINGS_M = (25.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0)


def is_ground(layer: Layer) -> bool:
    """Whether a layer fades with the ground."""
    return not layer.id.startswith("~") and drawn_row(layer.kind, layer.role).is_ground


def covers_the_deep(shown: Iterable[DrawnLayer]) -> bool:
    """Whether any ground is drawn that hides what lies below it."""
    rows = (drawn_row(one.layer.kind, one.layer.role) for one in shown if one.visible and is_ground(one.layer))
    return any(row.level <= 1 or row.role == "land" for row in rows)


def share_of(layer: Layer, through: GroundTransparency | None) -> float:
    """Return the opacity that a way of looking through gives a layer."""
    if through is None or layer.id.startswith("~"):
        return 1.0
    if is_ground(layer):
        return through.ground
    return through.buildings if layer.role == "buildings" else 1.0


def fade(shown: DrawnLayer, through: GroundTransparency | None) -> None:
    """Give the actors of a layer the opacity that a way of looking through wants."""
    share = share_of(shown.layer, through)
    once = through is not None and is_ground(
        shown.layer
    )  # writes its depth although it is seen through: see draw_order
    for one in shown.drawn:
        if not one.ghost and one.cap_of < 0:
            own = one.part.opacity if isinstance(one.part, MeshPart) else 1.0
            wanted = own * share
            if one.actor.GetProperty().GetOpacity() != wanted:
                one.actor.GetProperty().SetOpacity(wanted)
            one.is_seen_through = once
            one.settle()


def below(current: Look, through: GroundTransparency | None) -> Look:
    """Return the look of the hour with earth instead of sky under the horizon while the ground is looked through."""
    if through is None:
        return current
    earth = tuple(share * (0.35 + 0.65 * current.ambient) for share in EARTH)
    return replace(current, nadir=(earth[0], earth[1], earth[2]))


def depth_posts(bounds: NDArray[np.float64], frame: Frame, ground: Ground) -> Prepared:
    """Return posts that hang from the ground over a *local* box (2, 3), with their depths.

    They stand at round coordinates of the project, in a grid as wide as :data:`MOST_POSTS` allows.
    """
    low, high = (frame.to_world(bounds)[k, :2] for k in (0, 1))
    spacing = next((s for s in SPACINGS_M if max((high - low) / s) < MOST_POSTS), SPACINGS_M[-1])
    east = np.arange(np.ceil(low[0] / spacing), np.floor(high[0] / spacing) + 1) * spacing
    north = np.arange(np.ceil(low[1] / spacing), np.floor(high[1] / spacing) + 1) * spacing
    if not len(east) or not len(north):
        east, north = (np.array([(low[k] + high[k]) / 2]) for k in (0, 1))
    x, y = (grid.ravel() for grid in np.meshgrid(east, north))
    foot = frame.to_local(np.column_stack([x, y, ground.height_m(x, y)]))
    depths = np.array(LEVELS_M)
    tick = np.array([0.35, 0.0, 0.0])
    posts, spots, texts = [], [], []
    for place in foot:
        posts.append(np.stack([place, place - [0.0, 0.0, depths[-1]]]))
        for depth in depths.tolist():
            at = place - [0.0, 0.0, depth]
            posts.append(np.stack([at - tick, at + tick]))
            spots.append(at)
            texts.append(f"−{depth:.0f} m")
    points = np.concatenate(posts)
    line = LinePart(
        points.astype(np.float32), np.arange(0, len(points) + 1, 2, dtype=np.int64),
        np.full(len(posts), -1, dtype=np.int32), np.tile(np.array([[92, 72, 54, 255]], np.uint8), (len(posts), 1)),
        1.3, pickable=False,
    )  # fmt: skip
    names = LabelPart(
        np.asarray(spots, dtype=np.float32), texts, [""] * len(texts), np.full(len(texts), 30.0, dtype=np.float32),
        size_px=11, colour="#5c4836", reach_m=260.0,
    )  # fmt: skip
    return Prepared([line, names], np.stack([points.min(axis=0), points.max(axis=0)]))

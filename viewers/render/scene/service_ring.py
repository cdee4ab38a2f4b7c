"""A quiet ring on the ground: how far a facility serves."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from models.layers.layer import Layer
from models.terrain.ground import Ground
from viewers.render.geometry.parts import LabelPart, LinePart, Prepared
from viewers.render.palette.status_colours import rgba, status
from viewers.render.scene.scene import Scene

#: The layer under which a scene shows the ring.
RING = Layer("~service_radius", "", "vector", "other")
#: Between two points of the ring, and how high it floats over the ground, metres.
STEP_M, LIFT_M = 12.0, 1.5


def put_ring(scene: Scene, site: shapely.Geometry | None, ground: Ground, radius_m: float) -> None:
    """Put the ring around a site into a scene, or take it away.

    Parameters
    ----------
    scene : Scene
    site : geometry or None
        In the project's CRS.
    ground : Ground
    radius_m : float
        Counted from the boundary of the site.
    """
    scene.put(RING, None if site is None else ring(scene.frame, site, ground, radius_m))


def ring(frame: Any, site: shapely.Geometry, ground: Ground, radius_m: float) -> Prepared:
    """Return the ring and its label."""
    style = status()["service_ring"]
    around = shapely.segmentize(shapely.buffer(site, radius_m, quad_segs=32), STEP_M)
    lines, starts = [], [0]
    for part in shapely.get_parts(shapely.boundary(around)):
        xy = shapely.get_coordinates(part)
        lines.append(np.column_stack([xy, ground.height_m(xy[:, 0], xy[:, 1]) + LIFT_M]))
        starts.append(starts[-1] + len(xy))
    points = frame.to_local(np.concatenate(lines))
    colours = np.tile(np.array(rgba(style["colour"], style["opacity"]), np.uint8), (len(lines), 1))
    line = LinePart(
        points.astype(np.float32), np.array(starts), np.full(len(lines), -1, np.int32), colours, style["width_px"],
        offset=9.0, pickable=False,
    )  # fmt: skip
    outer = points[: starts[1]]
    spots = outer[[int(np.argmax(outer[:, 1])), int(np.argmin(outer[:, 1]))]].astype(np.float32)
    text = f"{radius_m:,.0f} m"
    label = LabelPart(
        spots, [text] * len(spots), [text] * len(spots), np.full(len(spots), style["priority"], np.float32),
        size_px=style["size_px"], colour=style["text"], reach_m=1e6,
    )  # fmt: skip
    return Prepared([line, label], np.stack([points.min(axis=0), points.max(axis=0)]).astype(np.float64))

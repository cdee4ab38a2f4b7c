"""How far objects reach, laid over the ground: discs of coverage and sectors of sight, see-through, with a rim.

They lie on the ground and not in the air, so that a camera's sector hides no house and is read from above as on a map;
it says how far a device is *meant* to reach: houses that stand in the way are not taken off.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.layers.layer import VectorData
from models.style.classify import codes_of, numbers_of
from models.style.kinds import Reach, Symbology
from models.style.matching import matches
from viewers.render.geometry.draping import drape, draped_lines
from viewers.render.geometry.lattice import lattice_of
from viewers.render.geometry.parts import LinePart, MeshPart
from viewers.render.overlays.style_labels import middles
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.status_colours import rgba

Floats = NDArray[np.float64]

#: Depth offset: over everything that a style lays on the ground.
OFFSET = 9.8
#: Corners of a full circle; wider than this is all round, degrees.
STEPS, ALL_ROUND_DEG = 72, 359.0
#: More reaches than this are no picture any more.
MOST = 4_000


def reach_parts(symbology: Symbology, data: VectorData, context: PrepareContext) -> list[MeshPart | LinePart]:
    """Return fills and rims of the reaches of a layer's objects, in the colours of their classes.

    Parameters
    ----------
    symbology : Symbology
        With a ``reach``.
    data : VectorData
        What passes the layer's filter.
    context : PrepareContext
    """
    reach = symbology.reach
    frame = context.local_frame(data)
    if reach is None or not len(frame):
        return []
    rows, distance, codes = reaching(symbology, frame)
    rows = rows[:MOST]
    shapes, rows = sectors(frame, rows, distance, reach, middles(frame.geometry.to_numpy()[rows], context))
    parts: list[MeshPart | LinePart] = []
    for number, one in enumerate(symbology.classes):
        mine = shapes[codes[rows] == number]
        if not len(mine) or not one.visible:
            continue
        polygons = shapely.get_parts(shapely.union_all(mine)) if reach.is_merged else mine
        parts += _laid(polygons, one.colour, reach.opacity * one.opacity, context)
    return parts


def reaching(symbology: Symbology, frame: Any) -> tuple[NDArray[np.int64], Floats, NDArray[np.int64]]:
    """Return the rows of the objects that reach somewhere, and the distance (m) and class of every row."""
    reach = symbology.reach or Reach()
    distance = numbers_of(frame, reach.field) if reach.field else np.full(len(frame), reach.constant_m)
    codes = codes_of(symbology, frame)
    drawn = np.isfinite(distance) & (distance > 0) & (codes >= 0) & (codes < len(symbology.classes))
    if reach.where:
        drawn &= matches(reach.where, frame)
    return np.flatnonzero(drawn), distance, codes


def sectors(
    frame: Any, rows: NDArray[np.int64], distance_m: Floats, reach: Reach, middle: Floats
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the local outline of each object's reach, and the rows that have one.

    Parameters
    ----------
    frame : DataFrame
    rows : ndarray of int
        Rows that reach somewhere.
    distance_m : ndarray (n,)
        Of all rows.
    reach : Reach
    middle : ndarray (len(rows), 2)
        Where the objects of ``rows`` stand, local.
    """
    angle = numbers_of(frame, reach.angle_field)[rows] if reach.angle_field else np.full(len(rows), 360.0)
    angle = np.where(np.isfinite(angle) & (angle > 0), np.minimum(angle, 360.0), 360.0)
    bearing = numbers_of(frame, reach.bearing_field)[rows] if reach.bearing_field else np.full(len(rows), np.nan)
    is_round = angle >= ALL_ROUND_DEG
    known = is_round | np.isfinite(bearing)
    rows, middle, angle, bearing, is_round = (
        rows[known],
        middle[known],
        angle[known],
        np.nan_to_num(bearing[known]),
        is_round[known],
    )
    if not len(rows):
        return np.zeros(0, dtype=object), rows
    share = np.linspace(-0.5, 0.5, STEPS + 1)
    turn = np.radians(bearing[:, None] + angle[:, None] * share[None, :])
    arc = np.stack([np.sin(turn), np.cos(turn)], axis=2) * distance_m[rows][:, None, None] + middle[:, None, :]
    rings = np.concatenate([np.where(is_round[:, None, None], arc[:, :1], middle[:, None, :]), arc], axis=1)
    return np.asarray(shapely.polygons(rings)), rows


def _laid(polygons: NDArray[Any], colour: str, opacity: float, context: PrepareContext) -> list[MeshPart | LinePart]:
    """Return areas on the ground with their rims; both answer to no pick, for they lie over half a city."""
    lattice = lattice_of(context)
    parts: list[MeshPart | LinePart] = []
    points, faces, _ = drape(np.asarray(polygons), lattice, 0.9)
    if len(faces) and opacity > 0:
        paint = np.tile(np.array(rgba(colour, opacity), dtype=np.uint8), (len(faces), 1))
        none = np.full(len(faces), -1, dtype=np.int32)
        parts.append(
            MeshPart(
                points.astype(np.float32), faces.astype(np.int32), none, paint, offset=OFFSET, lit=False, pickable=False
            )
        )  # fmt: skip
    rings = shapely.get_rings(polygons)
    rim = draped_lines(rings, np.full(len(rings), -1), rgba(colour)[:3], lattice, 1.6, 1.0)
    rim.offset, rim.pickable = OFFSET + 0.6, False
    return [*parts, rim]

"""Sites of facilities (ponding points, pumping stations, transfer stations, tunnel entrances …) as signs by kind.

A sign stays visible from afar; what covers ground (an area, or a pond of a stated size) is laid on the ground below it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.core.table_columns import numbers
from models.layers.layer import Layer, LayerData, VectorData
from viewers.render.geometry.draping import drape, local_polygons
from viewers.render.geometry.feature_columns import text
from viewers.render.geometry.lattice import lattice_of
from viewers.render.geometry.parts import GlyphPart, MeshPart, Part, Prepared, bounds_of_parts
from viewers.render.layers.trees import feet
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.status_colours import rgba, rows_of, status

#: Ground that a site covers is drawn over streets and their markings.
OFFSET = 9.2


def make(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw sites: points or areas with ``kind``, ``area_m2`` (of a pond) and ``level_m`` (of what lies below ground).

    ``level_m`` is a height of the project's datum; without one a site stands on the ground.
    """
    if not isinstance(data, VectorData):
        return Prepared()
    frame = context.local_frame(data)
    if not len(frame):
        return Prepared()
    table = status()["sites"]
    geometry = frame.geometry.to_numpy()
    points = feet(geometry, context)
    level = numbers(frame, "level_m") - context.frame.origin[2]
    points[:, 2] = np.where(np.isfinite(level), level, points[:, 2])
    kinds = np.array([kind if kind in table else "default" for kind in text(frame, ("kind",)).tolist()], dtype=object)
    oids, bearing = frame.index.to_numpy().astype(np.int32), np.nan_to_num(numbers(frame, "bearing_deg"))
    parts: list[Part] = []
    codes, names = pd.factorize(kinds)
    colours = np.zeros((len(frame), 4), dtype=np.uint8)
    for number, kind in enumerate(names):
        rows, entry = np.flatnonzero(codes == number), table[kind]
        colours[rows] = rows_of(layer.style.colour or entry["colour"], len(rows))
        height = entry["height_m"] * layer.style.size
        parts.append(
            GlyphPart(
                points[rows], oids[rows], colours[rows], entry["shape"], np.full((len(rows), 3), height, np.float32),
                bearing[rows].astype(np.float32), far=True,
            )
        )  # fmt: skip
    ground = _covered(geometry, points, numbers(frame, "area_m2"), kinds, oids, colours, context)
    parts += [ground] if ground is not None else []
    return bounds_of_parts(Prepared(parts))


def _covered(
    geometry: NDArray[np.object_], points: NDArray[np.float32], area_m2: NDArray[np.float64],
    kinds: NDArray[np.object_], oids: NDArray[np.int32], colours: NDArray[np.uint8], context: PrepareContext,
) -> MeshPart | None:  # fmt: skip
    """Return the ground that sites cover: their own areas, and discs as large as a pond is said to be."""
    shapes, owner = shapely.get_parts(geometry, return_index=True)
    own = shapely.get_type_id(shapes) == 3
    polygons, row = local_polygons(shapes[own], context), owner[own]
    ponds = np.flatnonzero((kinds == "ponding_point") & (area_m2 > 1.0) & (shapely.get_type_id(geometry) == 0))
    middle = shapely.points(points[ponds, :2].astype(np.float64))
    discs = shapely.buffer(middle, np.sqrt(area_m2[ponds] / np.pi), quad_segs=12)
    polygons, row = np.concatenate([polygons, discs]), np.concatenate([row, ponds])
    if not len(polygons):
        return None
    at, faces, which = drape(polygons, lattice_of(context), 0.3)
    if not len(faces):
        return None
    paint = colours[row].copy()
    paint[:, 3] = rgba("#000000", status()["sites"]["ground_opacity"])[3]
    return MeshPart(
        at.astype(np.float32), faces.astype(np.int32), oids[row][which], paint[which], offset=OFFSET, lit=False,
    )  # fmt: skip

"""Where what a page is about stands, as the tables say, and the outlines of its small map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.layers.layer import ModelData, VectorData
from models.project.selection import ObjectKey

if TYPE_CHECKING:
    from app.session import Session

#: Height of what has none stated, metres.
_LOW_M = 2.0
_HIGH_M = 2000.0
#: Outlines of a small map are drawn this coarsely: a share of its width.
_COARSE = 1 / 400


def boxes_of(session: Session, keys: Sequence[ObjectKey]) -> dict[ObjectKey, NDArray[np.float64]]:
    """Return the boxes (2, 3) of objects, world coordinates; those that have no place are left out.

    Height above the ground is where a field states it. An element of a building model has the box of its model. How
    things are drawn a scene knows better (:mod:`app.usecases.sheets.drawing`).
    """
    from viewers.render.scene.offscreen import ground_of

    state = session.project.state
    if state.frame is None or not keys:
        return {}
    ground = ground_of(state, session.project.data)
    found: dict[ObjectKey, NDArray[np.float64]] = {}
    for key in keys:
        data = session.project.data.get(key.layer)
        if isinstance(data, VectorData) and data.has(key.oid):
            row = data.row(key.oid)
            shape = _shape_of(row.get("geometry"), data.crs, state.frame.horizontal)
            if shape is None:
                continue
            x0, y0, x1, y1 = shape.bounds
            base = float(ground.height_m(np.array([(x0 + x1) / 2]), np.array([(y0 + y1) / 2]))[0])
            found[key] = np.array([[x0, y0, base], [x1, y1, base + _height_m(row)]])
        elif isinstance(data, ModelData):
            box = _box_of_model(session, key.layer, data)
            if box is not None:
                found[key] = box
    return found


def keys_within(session: Session, keys: Sequence[ObjectKey], shape: Any) -> set[ObjectKey]:
    """Return which objects lie in a shape (project's CRS), by a point on each; rows of tables only."""
    import geopandas as gpd
    import shapely

    frame = session.project.state.frame
    found: set[ObjectKey] = set()
    for layer in {key.layer for key in keys}:
        data = session.project.data.get(layer)
        if not isinstance(data, VectorData) or frame is None or not isinstance(data.frame, gpd.GeoDataFrame):
            continue
        rows = data.frame.loc[data.frame.index.intersection([key.oid for key in keys if key.layer == layer])]
        points = shapely.point_on_surface(rows.geometry.to_crs(frame.horizontal).to_numpy())
        inside = shapely.contains(shape, points)
        found.update(ObjectKey(layer, int(oid)) for oid in rows.index[inside])
    return found


def _height_m(row: Any) -> float:
    """Return how far above the ground the top of an object is."""
    heights = pd.to_numeric(pd.Series([row.get("bottom_m"), row.get("height_m")]), errors="coerce").fillna(0.0)
    return float(min(max(heights.sum(), _LOW_M), _HIGH_M))


def _shape_of(shape: Any, crs: str, wanted: str) -> Any:
    """Return a shape in the project's CRS, None for none."""
    import geopandas as gpd
    import shapely

    if shape is None or not crs or not isinstance(shape, shapely.Geometry) or shape.is_empty:
        return None
    moved = gpd.GeoSeries([shapely.force_2d(shape)], crs=crs).to_crs(wanted).iloc[0]
    return moved if np.isfinite(moved.bounds).all() else None


def _box_of_model(session: Session, layer_id: str, data: ModelData) -> NDArray[np.float64] | None:
    from app.usecases.project.project_frame import place_of
    from models.bim.placement import standing
    from models.crs.frame import transformer

    frame = session.project.state.frame
    place = place_of(standing(session.project.state.layer(layer_id), data))
    if place is None or frame is None:
        return None
    crs, corners = place
    x, y = transformer(crs, frame.horizontal).transform(corners[:, 0], corners[:, 1])
    points = np.column_stack([x, y, corners[:, 2]])
    return np.stack([points.min(axis=0), points.max(axis=0)]) if np.isfinite(points).all() else None


def rings_of(shapes: Sequence[Any]) -> tuple[NDArray[np.float64], ...]:
    """Return the outer rings of shapes, coarse enough for a small map."""
    import shapely

    if not len(shapes):
        return ()
    whole = shapely.total_bounds(np.asarray(shapes, dtype=object))
    simple = shapely.simplify(np.asarray(shapes, dtype=object), max(whole[2] - whole[0], 1e-9) * _COARSE)
    return tuple(
        shapely.get_coordinates(shapely.get_exterior_ring(part))
        for part in shapely.get_parts(simple)
        if part.geom_type == "Polygon"
    )

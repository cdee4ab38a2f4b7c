"""Heights of a layer near the ground, for comparison with a terrain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from models.layers.layer import CloudData, Layer, LayerData, ModelData, RasterData, VectorData
    from models.terrain.ground import Ground

Array = NDArray[np.float64]

#: Columns in which layers keep heights above the datum, metres (see :mod:`models.io.role_guess`).
HEIGHT_FIELDS = ("start_invert_m", "end_invert_m", "invert_m", "ground_m")
#: Inverts lie so far below the ground, and nobody knows it better than this, metres.
BELOW_M, UNSURE_M = 2.5, 3.0
_MOST = 4000
#: Of a cloud without classes the lowest point of each square of this side counts as ground, metres.
_CELL_M = 20.0
_GROUND_CLASS = 2


@dataclass(frozen=True, slots=True)
class Levels:
    """Heights at places.

    Parameters
    ----------
    points : ndarray (n, 2)
        In the CRS of the data.
    heights : ndarray (n,)
    below_m : float
        How far below the ground such heights usually are: 0 for ground, some metres for pipes.
    unsure_m : float
        How well that is known.
    """

    points: Array
    heights: Array
    below_m: float = 0.0
    unsure_m: float = 0.0

    def on(self, ground: Ground, crs: str) -> Array:
        """Return the terrain's heights at the same places, NaN where it has none.

        Parameters
        ----------
        ground : Ground
        crs : str
            CRS of the data.
        """
        from models.crs.frame import transformer

        x, y = self.points.T
        if crs != ground.crs:
            x, y = transformer(crs, ground.crs).transform(x, y, errcheck=False)
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        there = np.isfinite(x) & np.isfinite(y)
        there[there] = ground.is_known(x[there], y[there])
        found = np.full(len(x), np.nan)
        found[there] = ground.height_m(x[there], y[there])
        return found


def levels_of(layer: Layer, data: LayerData) -> Levels | None:
    """Return a layer's heights near the ground, None for one without."""
    from models.layers.layer import CloudData, RasterData, VectorData, is_city_model

    if isinstance(data, VectorData):
        found = _features(layer, data) if layer.kind == "vector" else None
    elif isinstance(data, RasterData):
        found = _grid(data) if layer.kind == "terrain" else None
    elif isinstance(data, CloudData):
        found = _cloud(data)
    else:
        found = _model(data) if is_city_model(data) else None
    if found is None:
        return None
    good = np.isfinite(found.points).all(axis=1) & np.isfinite(found.heights)
    few = np.flatnonzero(good)
    few = few[:: max(1, len(few) // _MOST)]
    return Levels(found.points[few], found.heights[few], found.below_m, found.unsure_m) if len(few) else None


def feet_of(data: ModelData) -> Array:
    """Return the middle of the foot of each piece of a model (n, 3): easting, northing and lowest height."""
    low, high = data.meshes.placement_boxes()
    few = slice(None, None, max(1, len(low) // _MOST))
    foot = np.column_stack([(low[few, :2] + high[few, :2]) / 2.0, low[few, 2], np.ones(len(low[few]))])
    return np.asarray((foot @ data.placement.T)[:, :3])


def _features(layer: Layer, data: VectorData) -> Levels | None:
    import shapely

    from models.crs.doctor.evidence import sample_shapes

    shapes, rows = sample_shapes(data)
    if not len(shapes):
        return None
    fields = set(data.fields)
    pipes = layer.role in ("pipes", "pipe_nodes")
    for name, below in (("ground_m", 0.0), ("invert_m", BELOW_M), ("start_invert_m", BELOW_M)):
        if pipes and name in fields:
            first = shapely.get_coordinates(shapely.get_point(shapely.get_geometry(shapes, 0), 0))
            if layer.role == "pipe_nodes":
                first = shapely.get_coordinates(shapely.centroid(shapes))
            values = np.asarray(data.attributes[name].to_numpy(dtype=np.float64, na_value=np.nan))[rows]
            if len(first) == len(values) and np.isfinite(values).any():
                return Levels(first, values, below, UNSURE_M if below else 0.0)
    if not shapely.has_z(shapes).any():
        return None
    points, owner = shapely.get_coordinates(shapes, include_z=True, return_index=True)
    order = np.lexsort((points[:, 2], owner))  # NaN last
    lowest = order[np.r_[True, np.diff(owner[order]) > 0]]
    below = BELOW_M if pipes else 0.0
    return Levels(points[lowest, :2], points[lowest, 2], below, UNSURE_M if pipes else 0.0)


def _grid(data: RasterData) -> Levels | None:
    if data.values.ndim != 2:
        return None
    rows, columns = data.values.shape
    j, i = (g.ravel() for g in np.meshgrid(*(np.unique(np.linspace(0, n - 1, 60).astype(int)) for n in (rows, columns)),
                                           indexing="ij"))  # fmt: skip
    a, b, c, d, e, f = data.transform
    x, y = a * (i + 0.5) + b * (j + 0.5) + c, d * (i + 0.5) + e * (j + 0.5) + f
    return Levels(np.column_stack([x, y]), data.values[j, i].astype(np.float64))


def _cloud(data: CloudData) -> Levels | None:
    if not len(data.points):
        return None
    points = data.points
    ground: Any = None if data.classes is None else np.flatnonzero(data.classes == _GROUND_CLASS)
    if ground is not None and len(ground) >= 50:
        few = points[ground[:: max(1, len(ground) // _MOST)]]
    else:
        cell = np.floor(points[:, :2] / _CELL_M).astype(np.int64)
        order = np.lexsort((points[:, 2], cell[:, 1], cell[:, 0]))
        fresh = np.r_[True, (np.diff(cell[order], axis=0) != 0).any(axis=1)]
        few = points[order[fresh]]
    world = few.astype(np.float64) + data.offset
    return Levels(world[:, :2], world[:, 2])


def _model(data: ModelData) -> Levels | None:
    if not data.crs or data.info.get("georef") == "none" or not len(data.meshes.placement_mesh):
        return None  # nowhere, or stood on the ground by us
    feet = feet_of(data)
    return Levels(feet[:, :2], feet[:, 2])

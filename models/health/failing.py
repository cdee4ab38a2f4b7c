"""What stands in the places that fail an indicator: the buildings of parcels out of reach, the roads of a district.

A problem list names parcels and districts, which lie under the city; what is seen is what stands on them. A building
belongs to the place in which its representative point lies, a road to that of its middle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.crs.frame import transformer
from models.health.results import IndicatorResult
from models.layers.layer import Layer, LayerData, VectorData
from models.project.project import ProjectState
from models.project.selection import Keys

Ints = NDArray[np.int64]

#: So many boxes are laid over the places at a time: a million of them as geometries would fill the memory.
AT_ONCE = 100_000
#: So many problems are looked at one by one; of more, those that lie farthest in so many directions.
FEW, DIRECTIONS = 200, 32


@dataclass(frozen=True, slots=True)
class Places:
    """Where the problems of a result are, in the project's CRS.

    Parameters
    ----------
    shapes : ndarray of geometry, shape (problems,)
        None for a problem whose object is not here.
    """

    shapes: NDArray[np.object_]

    @property
    def areas(self) -> Ints:
        """Return which problems are areas, in which other things can stand."""
        there = ~shapely.is_missing(self.shapes)
        return np.flatnonzero(there & (shapely.get_dimensions(self.shapes) == 2))


def places_of(result: IndicatorResult, data: Mapping[str, LayerData], crs: str) -> Places:
    """Return the geometries of a result's problems, worst first.

    Parameters
    ----------
    result : IndicatorResult
    data : mapping of str to LayerData
    crs : str
        The project's, projected.
    """
    shapes = np.full(len(result.problems), None, dtype=object)
    layers = np.array([problem.key.layer for problem in result.problems], dtype=object)
    oids = np.array([problem.key.oid for problem in result.problems], dtype=np.int64)
    for layer_id in dict.fromkeys(layers.tolist()):
        found = data.get(layer_id)
        if isinstance(found, VectorData):
            mine = np.flatnonzero(layers == layer_id)
            shapes[mine] = shapes_in(found, oids[mine], crs)
    return Places(shapes)


def outermost(result: IndicatorResult, data: Mapping[str, LayerData], crs: str) -> Keys:
    """Return the problems of a result between which all others lie: enough to look at all of them.

    A few are returned whole; of many those that lie farthest in each of :data:`DIRECTIONS` directions.
    """
    if len(result.problems) <= FEW:
        return result.problem_keys
    shapes = places_of(result, data, crs).shapes
    there = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if not len(there):
        return result.problem_keys
    west, south, east, north = shapely.bounds(shapes[there]).T
    angles = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    far = (west + east) / 2 * np.cos(angles)[:, None] + (south + north) / 2 * np.sin(angles)[:, None]
    return Keys.of(result.problems[row].key for row in there[np.unique(np.argmax(far, axis=1))])


def standing_in(places: Places, layer: Layer, data: VectorData, crs: str) -> tuple[Ints, Ints]:
    """Return what of a layer stands in the places: object ids, and the problem of each (the worst where it is several).

    Parameters
    ----------
    places : Places
    layer : Layer
        Told apart by its role: of roads the middle decides, of all else a point inside.
    data : VectorData
    crs : str
        The project's, projected.
    """
    areas = places.areas
    nothing = np.zeros(0, np.int64)
    if not len(areas) or not data.count or not data.crs:
        return nothing, nothing
    shapes = _in_crs(places.shapes[areas], crs, data.crs)
    shapely.prepare(shapes)
    tree = shapely.STRtree(shapes)
    boxes = _boxes(data)
    owner = np.full(len(boxes), len(areas), dtype=np.int64)
    west, south, east, north = shapely.total_bounds(shapes)
    near = np.flatnonzero((boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north)
                          & (boxes[:, 3] >= south))  # fmt: skip
    for rows in np.split(near, range(AT_ONCE, len(near), AT_ONCE)):
        at, place = tree.query(shapely.box(*boxes[rows].T), predicate="intersects")
        whole = shapely.covers(shapes[place], shapely.box(*boxes[rows[at]].T))
        np.minimum.at(owner, rows[at[whole]], place[whole])
        row, place = rows[at[~whole]], place[~whole]  # on the edge: its own point decides
        if len(row):
            asked, back = np.unique(row, return_inverse=True)
            points = _points(data, asked, is_line=layer.role == "roads")[back]
            inside = shapely.intersects(shapes[place], points)
            np.minimum.at(owner, row[inside], place[inside])
    hit = np.flatnonzero(owner < len(areas))
    features = data.columnar
    oids = features.fids if features is not None else data.frame.index.to_numpy()
    return np.asarray(oids, dtype=np.int64)[hit], areas[owner[hit]]


def failing_role(result: IndicatorResult) -> str:
    """Return the role of what is shown in the places that fail: roads where the indicator measures roads."""
    roles = {item.role for item in result.inputs}
    return "roads" if "roads" in roles else "buildings"


def failing_things(
    result: IndicatorResult, places: Places, state: ProjectState, data: Mapping[str, LayerData]
) -> dict[str, tuple[Ints, Ints]]:
    """Return what stands in the places that fail, by layer: object ids and the problem of each; empty for points."""
    found: dict[str, tuple[Ints, Ints]] = {}
    if state.frame is None or not len(places.areas):
        return found
    own = {problem.key.layer for problem in result.problems}
    for layer in state.with_role(failing_role(result)):
        table = data.get(layer.id) if layer.id not in own else None  # what fails itself stands in nothing else
        if isinstance(table, VectorData):
            oids, problem = standing_in(places, layer, table, state.frame.horizontal)
            if len(oids):
                found[layer.id] = oids, problem
    return found


def shapes_in(data: VectorData, oids: Ints, crs: str) -> NDArray[np.object_]:
    """Return the plan geometries of objects in a CRS, None for those that are not there."""
    return _in_crs(_shapes_of(data, oids), data.crs, crs)


def _shapes_of(data: VectorData, oids: Ints) -> NDArray[np.object_]:
    """Return the plan geometries of objects, None for those that are not there."""
    shapes = np.full(len(oids), None, dtype=object)
    features = data.columnar
    if features is not None:
        rows = features.row_of(oids)
        if (rows >= 0).any():
            shapes[rows >= 0] = features.shapes(rows[rows >= 0])
    elif "geometry" in data.frame.columns:
        rows = data.frame.index.get_indexer(pd.Index(oids))
        shapes[rows >= 0] = data.frame.geometry.to_numpy()[rows[rows >= 0]]
    return np.asarray(shapely.force_2d(shapes), dtype=object)


def _boxes(data: VectorData) -> NDArray[np.float64]:
    features = data.columnar
    if features is not None:
        return np.asarray(features.box, dtype=np.float64)
    if "geometry" not in data.frame.columns:
        return np.full((data.count, 4), np.nan)
    return np.asarray(shapely.bounds(data.frame.geometry.to_numpy()), dtype=np.float64)


def _points(data: VectorData, rows: Ints, *, is_line: bool) -> NDArray[np.object_]:
    features = data.columnar
    shapes = features.shapes(rows) if features is not None else data.frame.geometry.to_numpy()[rows]
    points = np.asarray(shapely.point_on_surface(shapes), dtype=object)
    if is_line:
        lines = shapely.get_dimensions(shapes) == 1
        points[lines] = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True)
    return points


def _in_crs(shapes: NDArray[np.object_], source: str, target: str) -> NDArray[np.object_]:
    if not source or source == target:
        return shapes
    moved = transformer(source, target)
    return np.asarray(
        shapely.transform(shapes, lambda xy: np.column_stack(moved.transform(xy[:, 0], xy[:, 1]))), dtype=object
    )

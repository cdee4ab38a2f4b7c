"""Spatial relations between the objects of two layers, or of a layer and a shape drawn on the map.

Everything happens in one projected CRS; distances are metres. shapely's STR-tree over boxes finds what comes near.

Invariants
----------
1. Nothing is measured in degrees: geometries come in a projected CRS, or the request is refused.
2. What has no geometry is never found and is told apart: it is neither near nor far.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import crs_label, require_projected
from models.layers.layer import VectorData

Mask = NDArray[np.bool_]
Oids = NDArray[np.int64]
Rows = NDArray[np.int64]

#: Relations of A to B: "within" is A inside B, "contains" A around B, "near" within a distance, "nearest" the one next
#: to each B.
RELATIONS = ("intersects", "within", "contains", "near", "nearest")
#: So many objects are asked about between two looks at the cancel button.
_BATCH = 20_000


class Shapes:
    """Geometries with the ids of their objects; of a large layer they are made only where boxes come near.

    Parameters
    ----------
    oids : ndarray of int64
    boxes : ndarray (n, 4)
        West, south, east, north; NaN for what has no geometry.
    pick : callable
        Row numbers → array of shapely geometries.
    crs : str
        Projected CRS of all of them.
    """

    def __init__(self, oids: Oids, boxes: NDArray[Any], pick: Callable[[Rows], NDArray[Any]], crs: str) -> None:
        self.oids, self.boxes, self.pick, self.crs = oids, boxes, pick, crs
        self._tree: Any = None
        self._lock = threading.Lock()

    @property
    def there(self) -> Mask:
        """Return which objects have a geometry."""
        found: Mask = np.isfinite(self.boxes).all(axis=1)
        return found

    @property
    def tree(self) -> Any:
        """Return the STR-tree over the boxes, made when first asked for."""
        import shapely

        with self._lock:
            if self._tree is None:
                boxes = shapely.box(*np.asarray(self.boxes, dtype=np.float64).T)
                boxes[~self.there] = None
                self._tree = shapely.STRtree(boxes)
            return self._tree

    def part(self, rows: Rows) -> Shapes:
        """Return some of the objects."""
        return Shapes(self.oids[rows], self.boxes[rows], lambda own: self.pick(rows[own]), self.crs)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a spatial question found.

    Parameters
    ----------
    oids : ndarray of int64
        Objects of A in the relation, in the order of A.
    silent : ndarray of int64
        Objects of A without geometry: nothing can be said of them.
    asked : int
        Objects of A that could be asked.
    others : int
        Objects of B with geometry.
    """

    oids: Oids
    silent: Oids
    asked: int
    others: int


def shapes_of(data: VectorData, crs: str) -> Shapes:
    """Return the geometries of a layer in a projected CRS; kept for the layers asked about last.

    Raises
    ------
    UserError
        ``ask.no_geometry``, ``crs.degrees``, ``crs.missing``.
    """
    require_projected(crs, "near")
    with _lock:
        for one, own, shapes in _kept:
            if one is data and own == crs:
                return shapes
    made = _shapes_made(data, crs)
    with _lock:
        _kept.append((data, crs, made))
        del _kept[:-6]
    return made


_kept: list[tuple[VectorData, str, Shapes]] = []
_lock = threading.Lock()


def _shapes_made(data: VectorData, crs: str) -> Shapes:
    import shapely

    columns = data.features
    if columns is not None and _same(columns.crs, crs):
        return Shapes(columns.fids, columns.box, columns.shapes, crs)
    frame: Any = data.frame
    if "geometry" not in frame.columns or not hasattr(frame, "geometry"):
        raise UserError("ask.no_geometry", at=0)
    series = frame.geometry
    if series.crs is not None and not _same(str(series.crs.to_string()), crs):
        series = series.to_crs(crs)
    geometry = np.asarray(series.array, dtype=object)
    oids = frame.index.to_numpy(dtype=np.int64)
    return Shapes(oids, shapely.bounds(geometry), lambda rows: geometry[rows], crs)


def _same(one: str, other: str) -> bool:
    return one == other or (bool(one) and crs_label(one) == crs_label(other))


def find(one: Shapes, other: Shapes, relation: str, within_m: float = 0.0, progress: Progress | None = None) -> Found:
    """Return the objects of one layer that stand in a relation to any of another.

    Parameters
    ----------
    one, other : Shapes
        In the same projected CRS.
    relation : str
        One of :data:`RELATIONS`.
    within_m : float
        For ``"near"``: greatest distance between the nearest points of both, metres. An object is near to itself.

    Raises
    ------
    UserError
        ``ask.no_relation``, ``ask.bad_distance``, ``crs.mixed``; ``ask.nothing_there`` where the other layer has no
        geometry at all: no answer, not "none".
    """
    if relation not in RELATIONS:
        raise UserError("ask.no_relation", relation=relation)
    if relation == "near" and not (np.isfinite(within_m) and within_m >= 0):
        raise UserError("ask.bad_distance", distance=within_m)
    if one.crs != other.crs:
        raise UserError("crs.mixed", one=one.crs, other=other.crs)
    there = one.there
    mine, others = np.flatnonzero(there), np.flatnonzero(other.there)
    if not len(others):
        raise UserError("ask.nothing_there")
    hit = np.zeros(len(one.oids), bool)
    progress = progress or Progress()
    if relation == "nearest":
        _mark_nearest(one, other, mine, others, hit, progress)
    elif len(others) <= len(mine):  # ask the few about the many
        for batch, done in _batches(others):
            progress.step(done)
            theirs, own = _pairs(one.tree, other.boxes[batch], within_m if relation == "near" else 0.0)
            hit[own[_related(one.pick(own), other.pick(batch[theirs]), relation, within_m)]] = True
    else:
        for batch, done in _batches(mine):
            progress.step(done)
            own, theirs = _pairs(other.tree, one.boxes[batch], within_m if relation == "near" else 0.0)
            true = _related(one.pick(batch[own]), other.pick(theirs), relation, within_m)
            hit[batch[own[true]]] = True
    return Found(one.oids[hit], one.oids[~there], len(mine), len(others))


def _batches(rows: Rows) -> Iterator[tuple[Rows, float]]:
    for begin in range(0, len(rows), _BATCH):
        yield rows[begin : begin + _BATCH], begin / len(rows)


def _pairs(tree: Any, boxes: NDArray[Any], reach_m: float) -> tuple[Rows, Rows]:
    """Return (asked, held) rows whose boxes come as near as ``reach_m``."""
    import shapely

    low = np.asarray(boxes[:, :2], dtype=np.float64) - reach_m
    high = np.asarray(boxes[:, 2:], dtype=np.float64) + reach_m
    asked, held = tree.query(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    return asked, held


def _related(mine: NDArray[Any], theirs: NDArray[Any], relation: str, within_m: float) -> Mask:
    import shapely

    if relation == "near":
        found: Mask = shapely.dwithin(mine, theirs, within_m)
    else:
        found = {"intersects": shapely.intersects, "within": shapely.within, "contains": shapely.contains}[relation](
            mine, theirs
        )
    return found


def _mark_nearest(one: Shapes, other: Shapes, mine: Rows, others: Rows, hit: Mask, progress: Progress) -> None:
    import shapely

    if not len(mine):
        return
    tree = shapely.STRtree(one.pick(mine))
    for batch, done in _batches(others):
        progress.step(done)
        hit[mine[tree.query_nearest(other.pick(batch), all_matches=True)[1]]] = True


def inside(shapes: Shapes, area: Any, *, wholly: bool = False) -> Oids:
    """Return the objects that touch an area of the map, or lie wholly in it.

    Parameters
    ----------
    shapes : Shapes
    area : shapely geometry
        In the same CRS.
    wholly : bool
        Take only what lies in the area with all its points.
    """
    import shapely

    low_x, low_y, high_x, high_y = area.bounds
    boxes = shapes.boxes
    with np.errstate(invalid="ignore"):
        near = (boxes[:, 0] <= high_x) & (boxes[:, 2] >= low_x) & (boxes[:, 1] <= high_y) & (boxes[:, 3] >= low_y)
    rows = np.flatnonzero(near)
    if not len(rows):
        return np.zeros(0, np.int64)
    shapely.prepare(area)
    core = _core_of(area)
    if core is not None:  # what lies in a rectangle within the area needs no look at its shape
        with np.errstate(invalid="ignore"):
            sure = (boxes[rows, 0] >= core[0]) & (boxes[rows, 2] <= core[2])
            sure &= (boxes[rows, 1] >= core[1]) & (boxes[rows, 3] <= core[3])
    else:
        sure = np.zeros(len(rows), bool)
    open_ = rows[~sure]
    test = shapely.covers if wholly else shapely.intersects
    found = sure.copy()
    if len(open_):
        found[~sure] = test(area, shapes.pick(open_))
    hit: Oids = shapes.oids[rows[found]]
    return hit


def _core_of(area: Any) -> tuple[float, float, float, float] | None:
    """Return the box of an area that is a rectangle along the axes, None for any other."""
    import shapely

    low_x, low_y, high_x, high_y = area.bounds
    return area.bounds if shapely.box(low_x, low_y, high_x, high_y).equals(area) else None


def at_point(shapes: Shapes, x: float, y: float, reach_m: float) -> Oids:
    """Return the objects under a point of the map or within a reach of it, the nearest and smallest first."""
    import shapely

    point = shapely.Point(x, y)
    with np.errstate(invalid="ignore"):
        near = (shapes.boxes[:, 0] <= x + reach_m) & (shapes.boxes[:, 2] >= x - reach_m)
        near &= (shapes.boxes[:, 1] <= y + reach_m) & (shapes.boxes[:, 3] >= y - reach_m)
    rows = np.flatnonzero(near)
    geometry = shapes.pick(rows)
    away = shapely.distance(geometry, point)
    order = np.lexsort((shapely.area(geometry), away))
    hit: Oids = shapes.oids[rows[order[away[order] <= reach_m]]]
    return hit


def grown(chosen: Shapes, every: Shapes, by_m: float, progress: Progress | None = None) -> Found:
    """Return what lies within a distance of chosen objects, these included."""
    return find(every, chosen, "near", by_m, progress)

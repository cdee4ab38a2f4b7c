"""Roads, water and green along which units are divided, and the cells that they cut out of an area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.health.units.sources import rows_of_role
from models.layers.layer import LayerData
from models.project.project import ProjectState

Geometries = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Barriers:
    """Lines that part units, in a metre CRS.

    Parameters
    ----------
    lines : ndarray of geometry
        Centre-lines of roads, edges of water and green.
    tree : STRtree
    """

    lines: Geometries
    tree: shapely.STRtree = field(repr=False)

    def near(self, geometry: Any, distance_m: float = 0.0) -> Geometries:
        """Return the lines within a distance of a geometry."""
        if not len(self.lines):
            return self.lines
        return np.asarray(self.lines[self.tree.query(geometry, predicate="dwithin", distance=distance_m)])

    def share_of(self, border: Any, distance_m: float) -> float:
        """Return which share of a border lies along a line, 0…1."""
        near = self.near(border, distance_m)
        if not len(near) or border.length <= 0:
            return 0.0
        reach = shapely.union_all(shapely.buffer(near, distance_m))
        return float(shapely.length(shapely.intersection(border, reach)) / border.length)


def barriers_of(
    state: ProjectState,
    data: Mapping[str, LayerData],
    crs: str,
    road_classes: Sequence[str],
    green_kinds: Sequence[str],
) -> Barriers:
    """Return the lines of roads of some classes, of all water and of green of some kinds.

    A layer of roads that does not say its classes, or of green its kinds, gives none: nobody can tell which count.
    """
    parts = []
    for role, name, wanted in (("roads", "class", road_classes), ("water", "", ()), ("green", "kind", green_kinds)):
        rows = rows_of_role(state, data, role, crs, (name,) if name else ())
        if name:
            rows = rows[rows[name].astype("str").isin(wanted)]
        shapes = shapely.get_parts(rows["_shape"].to_numpy())
        parts.append(np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes))
    lines = np.concatenate(parts)
    lines = lines[shapely.get_dimensions(lines) == 1]
    return Barriers(lines, shapely.STRtree(lines))


def cells_of(area: Any, lines: Geometries, least_m2: float) -> list[Any]:
    """Return the pieces into which lines cut an area, from west to east; together they are the area.

    Parameters
    ----------
    area : polygon or multipolygon
    lines : ndarray of geometry
        A line that ends inside the area cuts nothing off.
    least_m2 : float
        Smaller pieces are joined to the neighbour with the longest common border.
    """
    inside = shapely.intersection(np.asarray(lines, dtype=object), area)
    edges = shapely.union_all([*inside, shapely.boundary(area)])
    pieces = [piece for piece in shapely.get_parts(shapely.polygonize([edges])) if piece.area > 0]
    shapely.prepare(area)
    pieces = [piece for piece in pieces if area.contains(piece.representative_point())]
    whole = _without_slivers(pieces, least_m2) if pieces else [area]
    return sorted(whole, key=lambda piece: (piece.centroid.x, -piece.centroid.y))


def _without_slivers(pieces: list[Any], least_m2: float) -> list[Any]:
    large = [piece for piece in pieces if piece.area >= least_m2]
    if not large:
        return [shapely.union_all(pieces)]
    joined: list[list[Any]] = [[piece] for piece in large]
    tree = shapely.STRtree(large)
    for sliver in (piece for piece in pieces if piece.area < least_m2):
        touching = tree.query(sliver, predicate="intersects")
        at = max(touching, key=lambda one: large[one].intersection(sliver).length, default=int(tree.nearest(sliver)))
        joined[int(at)].append(sliver)
    return [parts[0] if len(parts) == 1 else shapely.union_all(parts) for parts in joined]

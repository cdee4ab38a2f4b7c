"""The footprint of elements of a model: outline in plan and its area.

Invariants
----------
1. Only faces that look up count: the projection of a closed body is that of its upper faces.
2. A building's outline is its outer line; yards larger than :data:`YARD_M2` without a floor stay open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from models.geometry.meshes import MeshStore
from models.layers.layer import ModelData

#: Open courtyards are larger than this; smaller holes are shafts and stairs, which gross floor area includes.
YARD_M2 = 25.0
#: Joints between parts up to twice this are closed; gaps between walls up to twice the other.
JOINT_M, GAP_M = 0.05, 0.3
#: Walls enclose something if their filled outline is so many times what they cover themselves.
ENCLOSED = 2.5
#: An element of more triangles than this counts by the hull of what it covers.
MOST_TRIANGLES = 20_000


def of_building(data: ModelData, walls: Sequence[int], floors: Sequence[int]) -> tuple[Any, list[int]]:
    """Return the outline of a storey in model coordinates (shapely, metres), and the elements that it rests on.

    Parameters
    ----------
    data : ModelData
    walls : sequence of int
        What stands: walls, curtain walls, columns. Where they enclose something, their outer line is the outline; a
        terrace outside of them is not of the building.
    floors : sequence of int
        What lies: slabs. They are the outline where nothing is enclosed, and show which enclosed parts are open yards.

    Returns
    -------
    shape : shapely geometry or None
        None if there is no geometry.
    oids : list of int
    """
    standing, of_walls = of(data, walls, GAP_M)
    lying, of_floors = of(data, floors, JOINT_M)
    if standing is None and lying is None:
        return None, []
    if standing is not None:
        filled = shapely.union_all([shapely.Polygon(part.exterior) for part in _polygons(standing)])
        if filled.area >= ENCLOSED * standing.area:
            return _without_yards(filled, standing, lying), of_walls
    whole = shapely.union_all([shape for shape in (standing, lying) if shape is not None])
    kept = [
        shapely.Polygon(part.exterior, [hole for hole in part.interiors if shapely.Polygon(hole).area >= YARD_M2])
        for part in _polygons(whole)
    ]
    return shapely.union_all(kept), [*of_walls, *of_floors]


def of(data: ModelData, oids: Sequence[int], gap_m: float = JOINT_M) -> tuple[Any, list[int]]:
    """Return what elements cover in model coordinates (shapely, metres), None if they have no geometry."""
    meshes = data.meshes
    wanted = np.zeros(len(data.elements) + 1, bool)
    wanted[list(oids)] = True
    shapes, used = [], []
    for place in np.flatnonzero(wanted[np.asarray(meshes.placement_element)]):
        shape = _placed(meshes, int(place))
        if shape is not None:
            shapes.append(shape)
            used.append(int(meshes.placement_element[place]))
    if not shapes:
        return None, []
    whole = shapely.union_all(shapes).buffer(gap_m, join_style="mitre").buffer(-gap_m, join_style="mitre")
    return (whole, list(dict.fromkeys(used))) if whole.area > 0 else (None, [])


def _without_yards(filled: Any, standing: Any, lying: Any) -> Any:
    """Take open yards away; only where floors are modelled can they be told from rooms."""
    if lying is None or lying.intersection(filled).area < 0.5 * filled.area:
        return filled
    open_ = filled.difference(shapely.union_all([standing, lying]))
    yards = [part for part in _polygons(open_) if part.area >= YARD_M2]
    return filled.difference(shapely.union_all(yards)) if yards else filled


def _polygons(shape: Any) -> list[Any]:
    return [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]


def _placed(meshes: MeshStore, place: int) -> Any:
    mesh, matrix = meshes.placement_mesh[place], np.asarray(meshes.placement_matrix[place])
    faces = np.asarray(meshes.faces[meshes.mesh_faces[mesh] : meshes.mesh_faces[mesh + 1]])
    points = np.asarray(meshes.vertices[meshes.mesh_vertices[mesh] : meshes.mesh_vertices[mesh + 1]], np.float64)
    if not len(faces):
        return None
    flat = (points @ matrix[:3, :3].T + matrix[:3, 3])[:, :2]
    if len(faces) > MOST_TRIANGLES:
        return shapely.convex_hull(shapely.multipoints(flat))
    a, b, c = flat[faces[:, 0]], flat[faces[:, 1]], flat[faces[:, 2]]
    twice = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    up = twice > 1e-8
    if not up.any():  # open or turned inside out: every face counts
        up = np.abs(twice) > 1e-8
    if not up.any():
        return None
    triangles = shapely.polygons(np.stack([a[up], b[up], c[up]], axis=1))
    whole = shapely.union_all(shapely.make_valid(triangles))
    return whole if whole.area > 0 else None

"""Objects as triangle meshes in world coordinates, for export to formats without semantics.

Invariants
----------
1. Coordinates are float64 in the project's CRS; a writer takes its own origin off before it makes float32 of them.
2. Faces of a body look outwards; a body made from a footprint is closed.
3. Every face knows its object and what surface it is (``"roof"``, ``"wall"``, ``"ground"`` or empty).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.bim.placement import standing
from models.buildings.heights import heights
from models.crs.frame import crs_label, require_projected, transformer
from models.layers.layer import Layer, ModelData, VectorData
from models.terrain.ground import Ground

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SURFACES = ("", "roof", "wall", "ground")
#: Semantic surfaces of city models as positions in :data:`SURFACES`.
_OF_CITY = {"RoofSurface": 1, "WallSurface": 2, "GroundSurface": 3}


@dataclass(slots=True)
class Bodies:
    """Triangles of many objects.

    Parameters
    ----------
    points : ndarray (n, 3) float64
        Easting, northing, height in ``crs``.
    faces : ndarray (f, 3) int64
    rows : ndarray (f,) int64
        The row of ``table`` that each face is of; ascending.
    surfaces : ndarray (f,) int8
        Position in :data:`SURFACES`.
    colours : ndarray (f, 3) uint8
    table : DataFrame
        One row an object: its attributes, index = object id.
    crs : str
    """

    points: Floats
    faces: Ints
    rows: Ints
    surfaces: NDArray[np.int8]
    colours: NDArray[np.uint8]
    table: pd.DataFrame
    crs: str

    @property
    def origin(self) -> Floats:
        """Return a point in the middle of the bodies, at their foot, whole metres."""
        if not len(self.points):
            return np.zeros(3)
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        middle: Floats = np.floor(np.array([*(low + high)[:2] / 2, low[2]]))
        return middle

    def slices(self) -> list[slice]:
        """Return the faces of each object, in the order of the table."""
        ends = np.searchsorted(self.rows, np.arange(len(self.table) + 1))
        return [slice(int(a), int(b)) for a, b in pairwise(ends)]


def of_footprints(layer: Layer, data: VectorData, oids: Ints, crs: str, ground: Ground, colour: str) -> Bodies:
    """Raise footprints to their height: closed bodies (LoD1) that stand on the lowest ground under them.

    Parameters
    ----------
    layer : Layer
        Its style says which fields give heights.
    data : VectorData
    oids : ndarray of int
        The features; what is no polygon is left out.
    crs : str
        Project CRS.
    ground : Ground
    colour : str
        ``"#rrggbb"`` of all faces.
    """
    frame: Any = data.frame.loc[oids]
    if frame.crs is not None and crs_label(frame.crs.to_string()) != crs_label(crs):
        frame = frame.to_crs(crs)
    table = pd.DataFrame(frame.drop(columns="geometry"))
    style = layer.style
    found = heights(table, style.height_field, style.storeys_field, style.storey_height_m)
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    crossed = ~shapely.is_valid(shapes)
    shapes[crossed] = shapely.make_valid(shapes[crossed])  # an outline that crosses itself has no inside to cut up
    parts, of = shapely.get_parts(shapes, return_index=True)
    nested = shapely.get_type_id(parts) == shapely.GeometryType.MULTIPOLYGON  # of what was mended to a collection
    more, inner = shapely.get_parts(parts[nested], return_index=True)
    parts, of = np.concatenate([parts[~nested], more]), np.concatenate([of[~nested], of[nested][inner]])
    fit = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & (shapely.area(parts) > 0)
    parts, of = shapely.orient_polygons(parts[fit]), np.asarray(of)[fit].astype(np.int64)
    base = _bases(parts, of, len(frame), ground) + found.bottom_m
    low, high = base[of], (base + np.asarray(found.height_m))[of]
    caps, of_cap = _triangles(parts)
    walls, of_wall = _walls(parts, low, high)
    pieces = [
        (np.concatenate([caps, _level(caps, high[of_cap])], axis=2), of[of_cap], 1),
        (walls, of[of_wall], 2),
        (np.concatenate([caps, _level(caps, low[of_cap])], axis=2)[:, ::-1], of[of_cap], 3),
    ]
    return _gathered(pieces, table, crs, colour)


def of_elements(layer: Layer, data: ModelData, oids: Ints, crs: str) -> Bodies:
    """Return elements of a building or city model where they stand, in the colours of their materials."""
    placed = standing(layer, data)
    if not isinstance(placed, ModelData):
        raise TypeError(type(placed))
    meshes = placed.meshes
    rows_of = pd.Series(np.arange(len(oids)), index=oids)
    wanted = np.flatnonzero(np.isin(np.asarray(meshes.placement_element), oids) & meshes.matter)
    points, faces, rows, colours, surfaces, count = [], [], [], [], [], 0
    kinds = np.array([_OF_CITY.get(str(one.get("type")), 0) for one in data.info.get("surfaces") or []] + [0], np.int8)
    for at in wanted.tolist():
        mesh = int(meshes.placement_mesh[at])
        first, last = int(meshes.mesh_vertices[mesh]), int(meshes.mesh_vertices[mesh + 1])
        begin, end = int(meshes.mesh_faces[mesh]), int(meshes.mesh_faces[mesh + 1])
        matrix = placed.placement @ np.asarray(meshes.placement_matrix[at], dtype=np.float64)
        points.append(np.asarray(meshes.vertices[first:last], dtype=np.float64) @ matrix[:3, :3].T + matrix[:3, 3])
        mine = np.asarray(meshes.faces[begin:end], dtype=np.int64)
        faces.append((mine[:, ::-1] if np.linalg.det(matrix[:3, :3]) < 0 else mine) + count)
        rows.append(np.full(end - begin, int(rows_of[int(meshes.placement_element[at])])))
        material = np.asarray(meshes.face_material[begin:end])
        if meshes.face_surface is None:
            surfaces.append(np.zeros(end - begin, np.int8))
        else:
            surfaces.append(kinds[np.asarray(meshes.face_surface[begin:end])])
        colours.append((np.asarray(meshes.materials)[material][:, :3] * 255 + 0.5).astype(np.uint8))
        count += last - first
    table = _city_table(data, oids) if data.info.get("city") else data.elements.loc[oids]
    if not points:
        return _gathered([], table, crs, "#ffffff")
    world, row = np.concatenate(points), np.concatenate(rows).astype(np.int64)
    if placed.crs and crs_label(placed.crs) != crs_label(crs):
        world[:, 0], world[:, 1] = transformer(placed.crs, crs).transform(world[:, 0], world[:, 1])
    order = np.argsort(row, kind="stable")
    return Bodies(
        world, np.concatenate(faces)[order], row[order], np.concatenate(surfaces)[order],
        np.concatenate(colours)[order], table, crs,
    )  # fmt: skip


def _city_table(data: ModelData, oids: Ints) -> pd.DataFrame:
    """Return city objects with the attributes they came with, and those of what they are part of."""
    parents = data.elements["parent"].to_numpy()
    rows = []
    for oid in oids.tolist():
        chain = [oid]
        while parents[chain[-1]] >= 0 and len(chain) < 8:
            chain.append(int(parents[chain[-1]]))
        found: dict[str, Any] = {}
        for one in reversed(chain):
            for values in data.psets.get(one, {}).values():
                found.update(values)
        element = data.elements.loc[oid]
        rows.append({"guid": element["guid"], "ifc_class": element["ifc_class"], "name": element["name"], **found})
    return pd.DataFrame(rows, index=pd.Index(oids), dtype=object)


def _gathered(pieces: list[tuple[Floats, Ints, int]], table: pd.DataFrame, crs: str, colour: str) -> Bodies:
    """Make bodies of triangles (t, 3, 3) with the row of each; equal corners become one point."""
    corners = np.concatenate([one for one, _, _ in pieces]) if pieces else np.zeros((0, 3, 3))
    rows = np.concatenate([row for _, row, _ in pieces]) if pieces else np.zeros(0, np.int64)
    surfaces = np.concatenate([np.full(len(row), kind, np.int8) for _, row, kind in pieces] or [np.zeros(0, np.int8)])
    order = np.argsort(rows, kind="stable")
    flat = corners[order].reshape(-1, 3)
    keyed = np.column_stack([flat, np.repeat(rows[order], 3)])
    unique, inverse = np.unique(keyed, axis=0, return_inverse=True)
    rgb = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], np.uint8)
    return Bodies(
        np.ascontiguousarray(unique[:, :3]), inverse.reshape(-1, 3).astype(np.int64), rows[order], surfaces[order],
        np.tile(rgb, (len(rows), 1)), table, crs,
    )  # fmt: skip


def _bases(parts: Any, of: Ints, count: int, ground: Ground) -> Floats:
    """Return the lowest ground under the corners of each object: no body hangs in the air on a slope."""
    corners, part = shapely.get_coordinates(parts, return_index=True)
    base = np.full(count, np.inf)
    np.minimum.at(base, of[part], ground.height_m(corners[:, 0], corners[:, 1]))
    return np.where(np.isfinite(base), base, ground.base_m)


def _triangles(parts: Any) -> tuple[Floats, Ints]:
    """Return the triangles (t, 3, 2) of polygons, turning left, and which polygon each is of."""
    pieces, of = shapely.get_parts(shapely.constrained_delaunay_triangles(parts), return_index=True)
    corners = shapely.get_coordinates(shapely.orient_polygons(pieces)).reshape(-1, 4, 2)[:, :3]
    return corners, np.asarray(of, dtype=np.int64)


def _walls(parts: Any, low: Floats, high: Floats) -> tuple[Floats, Ints]:
    """Return two triangles for each side of each ring; outlines turn left and holes right, so walls look outwards."""
    rings, of = shapely.get_rings(parts, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.flatnonzero(ring[:-1] == ring[1:])
    owner = np.asarray(of, dtype=np.int64)[ring[first]]
    a, b = corners[first], corners[first + 1]
    foot, head = low[owner][:, None], high[owner][:, None]
    a0, b0 = np.hstack([a, foot]), np.hstack([b, foot])
    a1, b1 = np.hstack([a, head]), np.hstack([b, head])
    walls = np.concatenate([np.stack([a0, b0, b1], axis=1), np.stack([a0, b1, a1], axis=1)])
    return walls, np.concatenate([owner, owner])


def _level(triangles: Floats, height_m: Floats) -> Floats:
    return np.repeat(height_m, 3).reshape(len(triangles), 3, 1)


def in_crs(bodies: Bodies, crs: str) -> Bodies:
    """Return bodies in another projected CRS; heights stay as they are."""
    if not crs or crs_label(crs) == crs_label(bodies.crs):
        return bodies
    require_projected(crs, "export")
    east, north = transformer(bodies.crs, crs).transform(bodies.points[:, 0], bodies.points[:, 1])
    return replace(bodies, points=np.column_stack([east, north, bodies.points[:, 2]]), crs=crs)

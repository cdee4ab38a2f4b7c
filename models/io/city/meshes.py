"""From the surfaces of city objects to meshes with materials, cut into triangles and pieces.

Invariants
----------
1. Points come in float64 in a projected CRS; each mesh is float32 about its own middle, in whole metres.
2. A mesh is no wider than some 200 m (:data:`PIECE_M`), so that it can be carried into another CRS to the millimetre.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.geometry.meshes import MeshStore
from models.io.city.objects import Appearance, Instances, Surfaces
from models.io.common.mesh_builder import FARTHEST_M, RGBA
from models.io.common.mesh_collector import gathered
from models.io.common.polygons import triangulate
from resources.standards import standard

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Objects wider than this are cut into pieces of half of it, metres.
PIECE_M = 200.0
_OTHER: RGBA = (0.765, 0.757, 0.737, 1.0)


def base_kind(kind: str) -> str:
    """Return the type whose colour an object wears: of ``+NoiseBuilding`` and ``BridgePart`` what they are made from.

    Examples
    --------
    >>> base_kind("BridgeConstructiveElement"), base_kind("BuildingPart")
    ('Bridge', 'BuildingPart')
    """
    known = standard("city3d")["object"]
    if kind in known:
        return kind
    short = re.sub(r"(Part|Installation|ConstructiveElement|ConstructionElement|Room|Storey|Unit|Furniture)$", "", kind)
    if short in known:
        return short
    return next((name for name in sorted(known, key=len, reverse=True) if kind.endswith(name)), "")


@lru_cache(maxsize=4096)
def colour_of(surface: str, kind: str) -> RGBA:
    """Return the colour of a surface by what it is, else by the object it belongs to."""
    rows = standard("city3d")
    colour_text = rows["surface"].get(surface) or rows["object"].get(base_kind(kind), "")
    if not colour_text:
        return _OTHER
    r, g, b = (int(colour_text[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
    return r, g, b, 0.6 if surface in ("Window", "WindowSurface") else 1.0


@dataclass(slots=True)
class Meshes:
    """Meshes one after another, each about its own middle; ``owner`` says whose each is."""

    vertices: NDArray[np.float32]
    faces: NDArray[np.int32]
    material: NDArray[np.int32]
    surface: NDArray[np.int32]
    uv: NDArray[np.float32] | None
    vertex_start: Ints
    face_start: Ints
    owner: Ints
    middle: Floats


class Palette:
    """Materials of a model: own ones first, then pictures, then colours by what a surface is."""

    def __init__(self, appearance: Appearance) -> None:
        self.appearance = appearance
        self.rows: list[RGBA] = [*appearance.materials]
        self.images: list[int] = [-1] * len(self.rows)
        self._plain: dict[tuple[str, str], int] = {}
        self.pictures: list[NDArray[np.uint8]] = []
        #: Surfaces by type, and objects by type, that wear a colour for what they are: what a legend has to explain.
        self.counts: dict[str, int] = {}
        self.objects: dict[str, int] = {}

    def worn(self, surfaces: Surfaces, kinds: Sequence[str], copies: Ints | None = None) -> Ints:
        """Return the material of each polygon; ``copies`` says how often each owner stands somewhere, once if None."""
        types = [str(row.get("type", "")) for row in self.appearance.surfaces]
        names = sorted(set(kinds))
        code = {name: i for i, name in enumerate(names)}
        kind = np.array([code[name] for name in kinds], dtype=np.int64)[surfaces.owner]
        pair = (surfaces.surface + 1) * max(len(names), 1) + kind
        lookup = np.zeros(int(pair.max(initial=-1)) + 1, dtype=np.int64)
        for one in np.flatnonzero(np.bincount(pair)).tolist() if len(pair) else ():
            row, of = divmod(one, max(len(names), 1))
            lookup[one] = self._colour(types[row - 1] if row else "", names[of])
        plain = lookup[pair]
        own = (surfaces.material >= 0) & (surfaces.material < len(self.appearance.materials))
        often = np.ones(len(kinds), dtype=np.int64) if copies is None else copies
        self._count(surfaces.owner, often, types, names, pair, ~own & (surfaces.texture < 0))
        return np.where(own, surfaces.material, plain)

    def _count(
        self, owner: Ints, often: Ints, types: list[str], kinds: list[str], pair: Ints, is_plain: NDArray[np.bool_]
    ) -> None:
        """Count what wears a colour of ours: surfaces of a type, and objects of a kind that have no such surfaces."""
        numbers = np.bincount(pair[is_plain], weights=often[owner[is_plain]])
        for one in np.flatnonzero(numbers).tolist():
            row, of = divmod(one, max(len(kinds), 1))
            if row:
                self.counts[types[row - 1]] = self.counts.get(types[row - 1], 0) + int(numbers[one])
            else:
                count = int(often[np.unique(owner[is_plain & (pair == one)])].sum())
                name = base_kind(kinds[of]) or "GenericCityObject"
                self.objects[name] = self.objects.get(name, 0) + count

    def _colour(self, surface: str, kind: str) -> int:
        key = surface, kind
        if key not in self._plain:
            rgba = colour_of(surface, kind)
            known = next((i for i in self._plain.values() if self.rows[i] == rgba), None)
            if known is None:
                known = len(self.rows)
                self.rows.append(rgba)
                self.images.append(-1)
            self._plain[key] = known
        return self._plain[key]

    def textured(self, surfaces: Surfaces, material: Ints) -> tuple[Ints, Floats | None]:
        """Return materials with the pictures put on, and texture coordinates on their sheets."""
        textures, uv = self.appearance.textures, surfaces.uv
        if textures is None or uv is None or not textures.count or not (surfaces.texture >= 0).any():
            return material, None
        starts = surfaces.polygons.corner_start
        texture_of = np.repeat(surfaces.texture, np.diff(starts))
        finite = np.isfinite(uv).all(axis=1)
        broken = np.zeros(len(surfaces.texture), dtype=bool)
        broken[np.repeat(np.arange(len(broken)), np.diff(starts))[~finite]] = True
        used = (texture_of >= 0) & finite
        low, high = np.full((textures.count, 2), np.inf), np.full((textures.count, 2), -np.inf)
        np.minimum.at(low, texture_of[used], uv[used])
        np.maximum.at(high, texture_of[used], uv[used])
        low[~np.isfinite(low)] = np.nan
        sheets = textures.sheets(low, high)
        first = len(self.rows)
        self.rows += [(1.0, 1.0, 1.0, 1.0)] * len(sheets.images)
        self.images += range(len(self.pictures), len(self.pictures) + len(sheets.images))
        self.pictures += sheets.images
        sheet = np.where((surfaces.texture >= 0) & ~broken, sheets.sheet[surfaces.texture], -1)
        placed = np.where(used[:, None], uv * sheets.scale[texture_of] + sheets.shift[texture_of], 0.0)
        return np.where(sheet >= 0, first + sheet, material), placed


def meshes_of(surfaces: Surfaces, kinds: Sequence[str], wearing: Palette, copies: Ints | None = None) -> Meshes:
    """Cut all surfaces into triangles and gather them into meshes, one an object, several where it is wide."""
    points, polygons = surfaces.points, surfaces.polygons
    material, uv = wearing.textured(surfaces, wearing.worn(surfaces, kinds, copies))
    corner_at, polygon = triangulate(points, polygons)
    row_of = polygons.corners[corner_at]
    near = np.all(np.abs(points) < FARTHEST_M, axis=1)
    if not near.all():
        good = near[row_of].all(axis=1)
        corner_at, polygon, row_of = corner_at[good], polygon[good], row_of[good]
    owner = surfaces.owner[polygon]
    if (np.diff(owner) < 0).any():
        order = np.argsort(owner, kind="stable")
        corner_at, polygon, row_of, owner = corner_at[order], polygon[order], row_of[order], owner[order]
    piece = _pieces(points, row_of, owner)
    if (np.diff(piece) < 0).any():
        order = np.argsort(piece, kind="stable")
        corner_at, polygon, row_of, owner = corner_at[order], polygon[order], row_of[order], owner[order]
        piece = piece[order]
    count = int(piece[-1]) + 1 if len(piece) else 0
    # A corner that wears a picture is a vertex of its own.
    worn = surfaces.texture[polygon] >= 0 if uv is not None else np.zeros(len(polygon), dtype=bool)
    key = np.where(worn[:, None], corner_at + len(points), row_of) if uv is not None else row_of
    vertex, vertex_start, local = gathered(
        key, piece, count, len(points) + (0 if uv is None else len(polygons.corners))
    )
    vertex_piece = np.repeat(np.arange(count), np.diff(vertex_start))
    at_corner = vertex >= len(points)
    corner = np.where(at_corner, vertex - len(points), 0)
    rows = np.where(at_corner, polygons.corners[corner], vertex) if uv is not None else vertex
    place = points[rows] if len(rows) else np.empty((0, 3))
    first = vertex_start[:-1]
    low, high = (
        side.reduceat(place, first, axis=0) if count else np.empty((0, 3)) for side in (np.minimum, np.maximum)
    )
    middle = np.round((low + high) / 2)
    laid = None
    if uv is not None:
        laid = np.where(at_corner[:, None], uv[corner], 0.0).astype(np.float32)
    face_start = np.searchsorted(piece, np.arange(count + 1))
    return Meshes(
        (place - middle[vertex_piece]).astype(np.float32) if count else np.empty((0, 3), np.float32),
        local, material[polygon].astype(np.int32), surfaces.surface[polygon].astype(np.int32), laid,
        vertex_start.astype(np.int64), face_start.astype(np.int64), owner[face_start[:-1]] if count else owner[:0],
        middle,
    )  # fmt: skip


def _pieces(points: Floats, triangles: Ints, owner: Ints) -> Ints:
    """Return which mesh each triangle goes to: faces of an object in order, wide objects by squares."""
    if not len(owner):
        return np.empty(0, dtype=np.int64)
    fresh = np.concatenate([[True], owner[1:] != owner[:-1]])
    group = np.cumsum(fresh) - 1
    first = np.flatnonzero(fresh)
    plan = points[triangles[:, 0], :2]
    low, high = np.minimum.reduceat(plan, first), np.maximum.reduceat(plan, first)
    wide = ((high - low).max(axis=1) > PIECE_M)[group]
    if not wide.any():
        return group
    cell = np.zeros((len(owner), 2), dtype=np.int64)
    cell[wide] = np.clip((plan[wide] - low[group[wide]]) / (PIECE_M / 2), 0, 1 << 20).astype(np.int64)
    _, piece = np.unique((group << np.int64(40)) + (cell[:, 0] << np.int64(20)) + cell[:, 1], return_inverse=True)
    return piece.ravel()


def placements_of(instances: Instances, shapes: Meshes, origin: Floats) -> tuple[Ints, Ints, Floats]:
    """Return mesh, element and matrix of every placed shape; a wide shape is several meshes."""
    of_shape: dict[int, list[int]] = {}
    for row, shape in enumerate(shapes.owner.tolist()):
        of_shape.setdefault(shape, []).append(row)
    mesh, element, matrices = [], [], []
    for oid, shape, matrix in instances.placed:
        for row in of_shape.get(shape, ()):
            moved = np.array(matrix, dtype=np.float64)
            moved[:3, 3] += moved[:3, :3] @ shapes.middle[row] - origin
            if not np.isfinite(moved).all():
                continue
            mesh.append(row)
            element.append(oid)
            matrices.append(moved)
    return (
        np.asarray(mesh, dtype=np.int64), np.asarray(element, dtype=np.int64),
        np.asarray(matrices, dtype=np.float64).reshape(-1, 4, 4),
    )  # fmt: skip


def store_of(parts: list[Meshes], mesh: Ints, element: Ints, matrices: Floats, wearing: Palette) -> MeshStore:
    """Return meshes and their placements as a store."""
    vertices = np.concatenate([part.vertices for part in parts])
    has_images = bool(wearing.pictures)
    uv = [part.uv if part.uv is not None else np.zeros((len(part.vertices), 2), np.float32) for part in parts]
    pixels = [np.ascontiguousarray(image).reshape(-1) for image in wearing.pictures]
    return MeshStore(
        vertices=vertices,
        faces=np.concatenate([part.faces for part in parts]),
        face_material=np.concatenate([part.material for part in parts]),
        mesh_vertices=_chained([part.vertex_start for part in parts]),
        mesh_faces=_chained([part.face_start for part in parts]),
        placement_mesh=mesh.astype(np.int32),
        placement_element=element.astype(np.int32),
        placement_matrix=matrices,
        materials=np.asarray(wearing.rows, dtype=np.float32).reshape(-1, 4),
        uv=np.concatenate(uv) if has_images else None,
        material_image=np.asarray(wearing.images, dtype=np.int32) if has_images else None,
        image_shape=np.array([image.shape for image in wearing.pictures], dtype=np.int64) if has_images else None,
        image_pixels=np.concatenate(pixels) if has_images else None,
        face_surface=np.concatenate([part.surface for part in parts]) if wearing.appearance.surfaces else None,
    )


def _chained(starts: Iterable[Ints]) -> Ints:
    result, last = [np.zeros(1, dtype=np.int64)], 0
    for one in starts:
        result.append(one[1:] + last)
        last += int(one[-1])
    return np.concatenate(result)

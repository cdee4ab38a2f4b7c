"""City objects and their surfaces, from whatever format, as a model of meshes.

What the readers of CityJSON and CityGML have in common: objects with an id, a type, attributes and a parent; flat
surfaces with holes that are roof, wall or ground; levels of detail; materials and pictures; shapes placed many times.

Invariants
----------
1. Points come in float64 in a projected CRS; each mesh is float32 about its own middle, in whole metres.
2. A mesh is no wider than some 200 m (:data:`PIECE_M`), so that it can be carried into another CRS to the millimetre.
3. One element an object. What a face is (roof, wall) is a row of ``info["surfaces"]``, not an element: a city of a
   million buildings has ten million walls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.errors import Caution
from models.geometry import MeshStore
from models.io.mesh_pile import gathered
from models.io.meshes import FARTHEST_M, RGBA
from models.io.polygons import Polygons, triangulate
from models.io.psets import PsetStore
from models.io.textures import Textures
from models.layers import ModelData
from resources.standards import standard

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Objects wider than this are cut into pieces of half of it, metres.
PIECE_M = 200.0
#: Names in these attributes, first found counts.
_NAMES = ("name", "naam", "gml:name", "gml_name", "identificatie", "addressname")
_OTHER: RGBA = (0.765, 0.757, 0.737, 1.0)
#: Words for half widths of what has none: a point is drawn as a small octahedron, a line as a crossed ribbon, metres.
POINT_M, LINE_M = 0.4, 0.15


@dataclass(slots=True)
class Objects:
    """City objects, row by row; the row number is the oid."""

    guid: list[str] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    attributes: list[Mapping[str, Any]] = field(default_factory=list)
    lod: list[str] = field(default_factory=list)

    def add(self, guid: str, kind: str, parent: int, attributes: Mapping[str, Any], lod: str = "") -> int:
        """Add an object and return its oid."""
        self.guid.append(guid)
        self.kind.append(kind)
        self.parent.append(parent)
        self.attributes.append(attributes)
        self.lod.append(lod)
        return len(self.guid) - 1


@dataclass(slots=True)
class Surfaces:
    """All surfaces of all objects.

    Parameters
    ----------
    points : ndarray (n, 3) float64
    polygons : Polygons
    owner : ndarray (p,)
        Object (or template) of each polygon.
    surface, material, texture : ndarray (p,)
        Rows of the tables of a :class:`Dress`, -1 for none.
    uv : ndarray (c, 2) or None
        Texture coordinates of the corners.
    """

    points: Floats
    polygons: Polygons
    owner: Ints
    surface: Ints
    material: Ints
    texture: Ints
    uv: Floats | None = None


@dataclass(slots=True)
class Dress:
    """What surfaces are, and what they wear.

    Parameters
    ----------
    surfaces : list of dict
        ``{"type": "RoofSurface", …attributes}``, each distinct one once.
    materials : list of RGBA
    textures : Textures or None
    """

    surfaces: list[dict[str, Any]] = field(default_factory=list)
    materials: list[RGBA] = field(default_factory=list)
    textures: Textures | None = None
    _known: dict[str, int] = field(default_factory=dict)

    def surface(self, type_: str, attributes: Mapping[str, Any] | None = None) -> int:
        """Return the row of a semantic surface, added when new; ids are no attribute, and many are too many."""
        if not attributes or (len(attributes) == 1 and "type" in attributes):
            row = self._known.get(type_)
            if row is not None:
                return row
        said = {k: v for k, v in (attributes or {}).items() if k not in _NO_ATTRIBUTE and _is_plain(v)}
        if len(self.surfaces) >= MOST_SURFACES:
            said = {}
        key = f"{type_}\0{sorted(said.items(), key=lambda item: item[0])}" if said else type_
        row = self._known.get(key)
        if row is None:
            row = self._known[key] = len(self.surfaces)
            self.surfaces.append({"type": type_, **said})
        return row


#: So many different surfaces are told apart; of the others only the type is kept.
MOST_SURFACES = 20_000
_NO_ATTRIBUTE = frozenset({"type", "id", "gml:id", "gmlid", "gml_id", "parent", "children", "fid", "uuid"})


def _is_plain(value: object) -> bool:
    return isinstance(value, (str, int, float, bool))


@dataclass(slots=True)
class Instances:
    """Shapes that are placed many times.

    Parameters
    ----------
    shapes : Surfaces or None
        ``owner`` = number of the shape.
    placed : list of (oid, shape, matrix)
        ``matrix`` (4, 4) float64 takes the shape to the CRS.
    """

    shapes: Surfaces | None = None
    placed: list[tuple[int, int, Floats]] = field(default_factory=list)


@dataclass(slots=True)
class _Meshes:
    vertices: NDArray[np.float32]
    faces: NDArray[np.int32]
    material: NDArray[np.int32]
    surface: NDArray[np.int32]
    uv: NDArray[np.float32] | None
    vertex_start: Ints
    face_start: Ints
    owner: Ints
    middle: Floats


def build(
    objects: Objects,
    surfaces: Surfaces,
    dress: Dress,
    *,
    group: str,
    schema: str,
    crs: str,
    georef: str,
    instances: Instances | None = None,
    cautions: Sequence[Caution] = (),
    info: Mapping[str, Any] | None = None,
) -> ModelData:
    """Make a model of city objects.

    Parameters
    ----------
    objects : Objects
    surfaces : Surfaces
        ``points`` in ``crs``, (easting, northing, height) in metres.
    dress : Dress
    group : str
        Name of the property set that holds the attributes: the format.
    schema : str
        ``"CityJSON 2.0"``.
    crs, georef : str
        As of :class:`~models.layers.ModelData`.
    instances : Instances, optional
    cautions : sequence of Caution
    info : mapping, optional
        What else is known of the model.
    """
    said = list(cautions)
    wearing = _Palette(dress)
    meshes = _meshes(surfaces, objects.kind, wearing)
    origin = np.floor(meshes.middle.min(axis=0)) if len(meshes.middle) else _first_place(instances)
    parts = [meshes]
    matrix = np.tile(np.eye(4), (len(meshes.middle), 1, 1))
    matrix[:, :3, 3] = meshes.middle - origin
    mesh, element, matrices = [np.arange(len(meshes.owner))], [meshes.owner], [matrix]
    if instances is not None and instances.shapes is not None and instances.placed:
        kinds = {shape: objects.kind[oid] for oid, shape, _ in reversed(instances.placed)}
        shapes = _meshes(instances.shapes, [kinds.get(i, "") for i in range(max(kinds) + 1)], wearing)
        placed = _placed(instances, shapes, origin)
        mesh.append(placed[0] + len(meshes.owner))
        element.append(placed[1])
        matrices.append(placed[2])
        parts.append(shapes)
    store = _store(parts, np.concatenate(mesh), np.concatenate(element), np.concatenate(matrices), wearing)
    if dress.textures is not None and dress.textures.missing:
        names = sorted(set(dress.textures.missing))
        said.append(Caution("city3d.textures_missing", count=len(names), first=names[0]))
    placement = np.eye(4)
    placement[:3, 3] = origin
    elements = table(objects, np.asarray(store.placement_element))
    psets = PsetStore.build(
        [(group, values) for values in objects.attributes],
        [[i] if values else [] for i, values in enumerate(objects.attributes)],
    )
    facts = {
        "schema": schema,
        "georef": georef,
        "city": True,
        "counts": {str(k): int(v) for k, v in elements["ifc_class"].value_counts().items()},
        "surfaces": dress.surfaces,
        **(info or {}),
    }
    return ModelData(store, elements, psets, placement, crs, facts, said)


#: Columns that the browser of models knows from IFC and that a city has nothing for.
EMPTY: dict[str, Any] = {
    "long_name": "", "elevation_m": float("nan"), "predefined_type": "", "object_type": "", "description": "",
    "tag": "", "material": "", "classification": "", "system": "", "group": "",
}  # fmt: skip


def table(objects: Objects, has_geometry: Ints) -> pd.DataFrame:
    """Return the table of elements, with what a record of buildings wants to know in columns of its own.

    ``height_m``, ``storeys``, ``year`` are numbers with NaN where the data is silent; ``use`` and ``roof`` are texts.
    """
    count = len(objects.guid)
    shown = np.zeros(count, dtype=bool)
    shown[has_geometry] = True
    rows = standard("city3d")
    wanted = {column: [name.lower() for name in names] for column, names in rows["attribute"].items()}
    found: dict[str, list[Any]] = {column: [None] * count for column in wanted}
    names = list(objects.guid)
    plans: dict[tuple[str, ...], tuple[list[tuple[list[Any], list[str]]], list[str]]] = {}
    for oid, attributes in enumerate(objects.attributes):
        if not attributes:
            continue
        keys = tuple(attributes)
        plan = plans.get(keys)
        if plan is None:  # thousands of objects have the same few sets of attributes
            plain = {str(key).lower().rpartition(".")[2]: key for key in reversed(keys)}
            plan = plans[keys] = (
                [
                    (found[column], [plain[name] for name in names_ if name in plain])
                    for column, names_ in wanted.items()
                ],
                [plain[key] for key in _NAMES if key in plain],
            )
            plan[0][:] = [row for row in plan[0] if row[1]]
        for values, candidates in plan[0]:
            for key in candidates:
                if attributes[key] not in (None, ""):
                    values[oid] = attributes[key]
                    break
        for key in plan[1]:
            if isinstance(attributes[key], (str, int)) and attributes[key] != "":
                names[oid] = str(attributes[key])
                break
    frame = pd.DataFrame({
        "guid": objects.guid, "ifc_class": objects.kind, "name": names, "storey": "", "type_name": "",
        "parent": np.asarray(objects.parent, dtype=np.int32), "has_geometry": shown, "lod": objects.lod,
        **EMPTY,
    })  # fmt: skip
    for column, values in found.items():
        if not any(value is not None for value in values):
            continue
        if column in ("use", "roof"):
            codes = rows["roof"] if column == "roof" else {}
            frame[column] = [None if v is None else codes.get(str(v), str(v)) for v in values]
        else:
            frame[column] = _numbers(values, year=column == "year")
    return frame


def _numbers(values: list[Any], *, year: bool) -> Floats:
    if set(map(type, values)) <= {int, float, type(None)}:
        found = np.array(values, dtype=np.float64)
        return found if year else np.where(np.abs(found) < 9000, found, np.nan)
    return np.array([number(value, year=year) for value in values], dtype=np.float64)


def number(value: Any, *, year: bool = False) -> float:
    """Return the number in an attribute, NaN where there is none; of a date its year.

    Examples
    --------
    >>> number("12.5 m"), number("1987-03-02", year=True)
    (12.5, 1987.0)
    """
    if value is None:
        return float("nan")
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) if abs(value) < 9000 or year else float("nan")
    found = re.match(r"\s*(-?\d+(?:\.\d+)?)", str(value)) if value is not None else None
    if not found:
        return float("nan")
    result = float(found.group(1))
    return result if abs(result) < 9000 else float("nan")  # -9999, 9999: "unknown" in many registers


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
    said = rows["surface"].get(surface) or rows["object"].get(base_kind(kind), "")
    if not said:
        return _OTHER
    r, g, b = (int(said[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
    return r, g, b, 0.6 if surface in ("Window", "WindowSurface") else 1.0


class _Palette:
    """Materials of a model: own ones first, then pictures, then colours by what a surface is."""

    def __init__(self, dress: Dress) -> None:
        self.dress = dress
        self.rows: list[RGBA] = [*dress.materials]
        self.images: list[int] = [-1] * len(self.rows)
        self._plain: dict[tuple[str, str], int] = {}
        self.pictures: list[NDArray[np.uint8]] = []

    def worn(self, surfaces: Surfaces, kinds: Sequence[str]) -> Ints:
        """Return the material of each polygon."""
        types = [str(row.get("type", "")) for row in self.dress.surfaces]
        names = sorted(set(kinds))
        code = {name: i for i, name in enumerate(names)}
        kind = np.array([code[name] for name in kinds], dtype=np.int64)[surfaces.owner]
        pair = (surfaces.surface + 1) * max(len(names), 1) + kind
        lookup = np.zeros(int(pair.max(initial=-1)) + 1, dtype=np.int64)
        for one in np.flatnonzero(np.bincount(pair)).tolist() if len(pair) else ():
            row, of = divmod(one, max(len(names), 1))
            lookup[one] = self._colour(types[row - 1] if row else "", names[of])
        plain = lookup[pair]
        own = (surfaces.material >= 0) & (surfaces.material < len(self.dress.materials))
        return np.where(own, surfaces.material, plain)

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
        textures, uv = self.dress.textures, surfaces.uv
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


def _meshes(surfaces: Surfaces, kinds: Sequence[str], wearing: _Palette) -> _Meshes:
    """Cut all surfaces into triangles and gather them into meshes, one an object, several where it is wide."""
    points, polygons = surfaces.points, surfaces.polygons
    material, uv = wearing.textured(surfaces, wearing.worn(surfaces, kinds))
    corner_at, polygon = triangulate(points, polygons)
    row_of = polygons.corners[corner_at]
    good = (np.abs(points[row_of]) < FARTHEST_M).all(axis=(1, 2)) if len(row_of) else np.empty(0, dtype=bool)
    corner_at, polygon, row_of = corner_at[good], polygon[good], row_of[good]
    owner = surfaces.owner[polygon]
    order = np.argsort(owner, kind="stable")
    if len(order) and (np.diff(owner) < 0).any():
        corner_at, polygon, row_of, owner = corner_at[order], polygon[order], row_of[order], owner[order]
    piece = _pieces(points, row_of, owner)
    order = np.argsort(piece, kind="stable")
    if len(order) and (np.diff(piece) < 0).any():
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
    return _Meshes(
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


def _first_place(instances: Instances | None) -> Floats:
    if instances is None or not instances.placed:
        return np.zeros(3)
    lowest: Floats = np.floor(np.min([matrix[:3, 3] for _, _, matrix in instances.placed], axis=0))
    return lowest


def _placed(instances: Instances, shapes: _Meshes, origin: Floats) -> tuple[Ints, Ints, Floats]:
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


def _store(parts: list[_Meshes], mesh: Ints, element: Ints, matrices: Floats, wearing: _Palette) -> MeshStore:
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
        face_surface=np.concatenate([part.surface for part in parts]) if wearing.dress.surfaces else None,
    )


def _chained(starts: Iterable[Ints]) -> Ints:
    result, last = [np.zeros(1, dtype=np.int64)], 0
    for one in starts:
        result.append(one[1:] + last)
        last += int(one[-1])
    return np.concatenate(result)


def octahedra(points: Floats) -> tuple[Floats, list[list[int]]]:
    """Return corners and triangles of a small body about each point: a point has no faces of its own."""
    six = np.array([[1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=np.float64) * POINT_M
    eight = [(0, 1, 4), (1, 2, 4), (2, 3, 4), (3, 0, 4), (1, 0, 5), (2, 1, 5), (3, 2, 5), (0, 3, 5)]
    corners = (points[:, None, :] + six).reshape(-1, 3)
    return corners, [[6 * i + k for k in face] for i in range(len(points)) for face in eight]


def ribbons(line: Floats) -> tuple[Floats, list[list[int]]]:
    """Return corners and quadrilaterals of a lying and a standing ribbon along a line."""
    start, end = line[:-1], line[1:]
    along = end - start
    length = np.linalg.norm(along, axis=1)
    start, end, along = start[length > 0], end[length > 0], along[length > 0] / length[length > 0][:, None]
    up = np.tile([0.0, 0.0, 1.0], (len(along), 1))
    up[np.abs(along[:, 2]) > 0.99] = [1.0, 0.0, 0.0]
    side = np.cross(along, up)
    side *= LINE_M / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-12)
    stand = np.cross(side, along)
    corners = np.stack(
        [start - side, end - side, end + side, start + side, start - stand, end - stand, end + stand, start + stand], 1
    )
    return corners.reshape(-1, 3), [[8 * i + k for k in quad] for i in range(len(start))
                                    for quad in ((0, 1, 2, 3), (4, 5, 6, 7))]  # fmt: skip


def chosen_lod(lods: Sequence[str], wanted: str = "") -> str:
    """Return which of an object's levels of detail is drawn.

    Parameters
    ----------
    lods : sequence of str
        Those it has: ``"1"``, ``"2.2"``.
    wanted : str
        Empty for the highest. An object that lacks the wanted one shows its next lower one, else its next higher.

    Examples
    --------
    >>> chosen_lod(["0", "1.2", "2.2"]), chosen_lod(["0", "2.2"], "1.3"), chosen_lod(["2"], "1")
    ('2.2', '0', '2')
    """
    if not lods:
        return ""
    ordered = sorted(set(lods), key=lod_number)
    if not wanted:
        return ordered[-1]
    # "2" asked for holds 2.0 to 2.3: whole levels are families.
    top = lod_number(wanted) + (0.999 if "." not in wanted else 0.0)
    below = [lod for lod in ordered if lod_number(lod) <= top]
    return below[-1] if below else ordered[0]


@lru_cache(maxsize=1024)
def lod_number(lod: str) -> float:
    """Return a level of detail as a number, 0 for what is none."""
    found = re.match(r"\D*(\d+(?:\.\d+)?)", lod)
    return float(found.group(1)) if found else 0.0

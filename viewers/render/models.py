"""Building models (IFC): unique meshes baked at their places, with the crisp outlines of a drawing.

Invariants
----------
1. Placement × mesh is done in float64 and only the local result becomes float32: a model may stand at 4,000,000 m.
2. Welding and outlines are found once a unique mesh, for all meshes together; placements only repeat them.
3. Glass is a part of its own, so that the rest needs no sorting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.crs import crs_label, transformer
from models.geometry import MeshStore
from models.layers import Layer, LayerData, ModelData
from viewers.render.parts import LabelPart, MeshPart, Part, Prepared
from viewers.render.prepare import PrepareContext, bounds_of_parts
from viewers.render.status import rgba, status

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Edges between faces that turn by more than this are drawn.
CREASE_DEG = 30.0

#: Corners nearer than this are one corner.
WELD_M = 1e-4

#: From this opacity on a material is drawn as solid.
SOLID = 0.97

#: Classes that hold no matter.
UNDRAWN = frozenset({"IfcSpace", "IfcOpeningElement", "IfcVirtualElement", "IfcZone", "IfcGrid", "IfcAnnotation"})

#: Sources of a place whose height is no survey: where there is a terrain, such a model is set on it.
UNSURE_HEIGHT = ("none", "site_latlon")

#: Colours of classes whose elements bring no material.
CLASS_COLOURS = {
    "IfcWall": "#efe7da", "IfcWallStandardCase": "#efe7da", "IfcSlab": "#d3d1cb", "IfcRoof": "#b9a394",
    "IfcColumn": "#dcd6cb", "IfcBeam": "#d8d2c6", "IfcWindow": "#a9c9d8", "IfcDoor": "#b48d68", "IfcStair": "#cfc9be",
    "IfcStairFlight": "#cfc9be", "IfcRailing": "#a9b0b3", "IfcPlate": "#b4cbd6", "IfcMember": "#9fa8ad",
    "IfcCurtainWall": "#b4cbd6", "IfcCovering": "#e6dfd2", "IfcFooting": "#c2beb6", "IfcSite": "#c9d3b4",
    "IfcGeographicElement": "#b5cb95", "IfcPipeSegment": "#7fa7c4", "IfcDuctSegment": "#b3c0c7",
}  # fmt: skip
DEFAULT_COLOUR = "#dedad2"


def make(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Bake a building model into the scene's frame.

    A model that does not say where it stands (``data.crs == ""``) is set on the ground at the frame's origin, its
    middle over the origin and its lowest point on the ground.
    """
    if not isinstance(data, ModelData) or not len(data.meshes.placement_mesh):
        return Prepared()
    store = data.meshes
    drawn = np.flatnonzero(_drawn(store, data.elements))
    if not len(drawn):
        return Prepared()
    matrices = placed(data, context) @ np.asarray(store.placement_matrix)[drawn]
    mesh = np.asarray(store.placement_mesh)[drawn]
    element = np.asarray(store.placement_element)[drawn]
    welded = weld(store)
    points, point_start = _instances(welded.points, welded.point_start, mesh, matrices)
    face_rows, face_of = _repeat(welded.face_start, mesh)
    triangles = welded.faces[face_rows] - welded.point_start[mesh[face_of]][:, None] + point_start[face_of][:, None]
    edge_rows, edge_of = _repeat(welded.edge_start, mesh)
    edges = welded.edges[edge_rows] - welded.point_start[mesh[edge_of]][:, None] + point_start[edge_of][:, None]
    colours = _colours(store, data.elements, face_rows, element[face_of], layer.style.colour, welded.face_order)
    colours[:, 3] = np.round(colours[:, 3] * layer.style.opacity).astype(np.uint8)
    mirrored = np.linalg.det(matrices[:, :3, :3]) < 0
    triangles[mirrored[face_of]] = triangles[mirrored[face_of]][:, ::-1]
    solid = colours[:, 3] >= 255 * SOLID * layer.style.opacity
    oids = element[face_of].astype(np.int32)
    parts: list[Part] = []
    for chosen, see_through in ((solid, False), (~solid, True)):
        if not chosen.any():
            continue
        used = np.unique(triangles[chosen])
        known = np.isin(edges, used).all(axis=1)
        parts.append(
            MeshPart(
                points[used].astype(np.float32),
                np.searchsorted(used, triangles[chosen]).astype(np.int32),
                oids[chosen],
                colours[chosen],
                edges=np.searchsorted(used, edges[known]).astype(np.int32),
                edge_colour="#8fa7b3" if see_through else "#6f777c",
                shadow=not see_through,
            )
        )
    result = bounds_of_parts(Prepared(parts))
    result.parts.append(_label(layer, result))
    return result


def placed(data: ModelData, context: PrepareContext) -> Floats:
    """Return the matrix (4, 4) from model coordinates to the scene's local frame.

    Into another CRS the model is moved rigidly: its middle is transformed exactly, and it is turned and scaled as the
    two grids are to each other there (a building is small against the bend of a projection). One whose height is not
    known (:data:`UNSURE_HEIGHT`) is set on the terrain.
    """
    box = data.meshes.bounds()
    middle = np.array([0.0, 0.0, 0.0]) if box is None else box.mean(axis=0)
    target = np.array(data.placement, dtype=np.float64)
    origin = np.asarray(context.frame.origin, dtype=np.float64)
    if not data.crs:
        low = 0.0 if box is None else box[0, 2]
        ground = float(context.ground.height_m(origin[:1], origin[1:2])[0])
        target = np.eye(4)
        target[:3, 3] = [origin[0] - middle[0], origin[1] - middle[1], ground - low]
    elif crs_label(data.crs) != crs_label(context.frame.horizontal):
        here = (target @ [*middle, 1.0])[:2]
        change = transformer(data.crs, context.frame.horizontal)
        step = 50.0
        x, y = change.transform(here[0] + np.array([0, step, -step, 0, 0]), here[1] + np.array([0, 0, 0, step, -step]))
        bend = np.eye(4)
        bend[:2, 0] = [(x[1] - x[2]) / (2 * step), (y[1] - y[2]) / (2 * step)]
        bend[:2, 1] = [(x[3] - x[4]) / (2 * step), (y[3] - y[4]) / (2 * step)]
        bend[:2, 3] = np.array([x[0], y[0]]) - bend[:2, :2] @ here
        target = bend @ target
    if box is not None and context.ground.terrain is not None and data.info.get("georef") in UNSURE_HEIGHT:
        east, north, _ = (target @ [*middle, 1.0])[:3]
        corners = np.array([[x, y, z, 1.0] for x in box[:, 0] for y in box[:, 1] for z in box[:, 2]])
        low = float((corners @ target.T)[:, 2].min())
        target[2, 3] += float(context.ground.height_m(np.array([east]), np.array([north]))[0]) - low
    target[:3, 3] -= origin
    return target


@dataclass(frozen=True, slots=True)
class Welded:
    """All unique meshes with shared corners: points, faces and outlines one mesh after another.

    Parameters
    ----------
    points : ndarray (n, 3)
    point_start, face_start, edge_start : ndarray (m + 1,)
    faces : ndarray (f, 3)
        Into ``points``; faces that vanished in welding are gone.
    face_order : ndarray (f,)
        Row of the store's faces.
    edges : ndarray (e, 2)
        Outlines, into ``points``.
    """

    points: Floats
    point_start: Ints
    faces: Ints
    face_start: Ints
    face_order: Ints
    edges: Ints
    edge_start: Ints


def weld(store: MeshStore, crease_deg: float = CREASE_DEG) -> Welded:
    """Join corners that coincide and find the outlines: open edges, and folds of more than ``crease_deg``."""
    starts = np.asarray(store.mesh_vertices)
    count = len(starts) - 1
    vertices = np.asarray(store.vertices, dtype=np.float64)
    owner = np.repeat(np.arange(count), np.diff(starts))
    grid = np.round(vertices / WELD_M).astype(np.int64)
    order = np.lexsort((grid[:, 2], grid[:, 1], grid[:, 0], owner))
    rows = np.column_stack([owner, grid])[order]
    fresh = np.concatenate([[True], (rows[1:] != rows[:-1]).any(axis=1)]) if len(rows) else np.zeros(0, bool)
    number = np.empty(len(rows), dtype=np.int64)
    number[order] = np.cumsum(fresh) - 1
    points = vertices[order[fresh]]
    point_start = np.concatenate([[0], np.cumsum(np.bincount(owner[order[fresh]], minlength=count))]).astype(np.int64)

    face_starts = np.asarray(store.mesh_faces)
    face_owner = np.repeat(np.arange(count), np.diff(face_starts))
    faces = number[np.asarray(store.faces, dtype=np.int64) + starts[face_owner][:, None]]
    whole = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    face_order = np.flatnonzero(whole)
    faces, face_owner = faces[whole], face_owner[whole]
    face_start = np.concatenate([[0], np.cumsum(np.bincount(face_owner, minlength=count))]).astype(np.int64)
    edges = _outlines(points, faces, crease_deg)
    edge_owner = np.searchsorted(point_start, edges[:, 0], side="right") - 1
    edge_start = np.concatenate([[0], np.cumsum(np.bincount(edge_owner, minlength=count))]).astype(np.int64)
    return Welded(points, point_start, faces, face_start, face_order, edges, edge_start)


def _outlines(points: Floats, faces: Ints, crease_deg: float) -> Ints:
    """Return point pairs of open and folded edges, sorted."""
    if not len(faces):
        return np.zeros((0, 2), dtype=np.int64)
    corner = points[faces]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    sides = np.sort(np.stack([faces, np.roll(faces, -1, axis=1)], axis=2).reshape(-1, 2), axis=1)
    face = np.repeat(np.arange(len(faces)), 3)
    key = sides[:, 0] * len(points) + sides[:, 1]
    order = np.argsort(key, kind="stable")
    key, face, sides = key[order], face[order], sides[order]
    first = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    size = np.diff(np.concatenate([first, [len(key)]]))
    one, two = normal[face[first]], normal[face[np.minimum(first + 1, len(face) - 1)]]
    # Faces of IFC meshes are not always wound the same way: a flat pair may look against each other.
    folded = np.abs((one * two).sum(axis=1)) < np.cos(np.radians(crease_deg))
    lone = size == 1
    return np.asarray(sides[first][lone | (size > 2) | ((size == 2) & folded)])


def _drawn(store: MeshStore, elements: pd.DataFrame) -> NDArray[np.bool_]:
    if "ifc_class" not in elements.columns:
        return np.ones(len(store.placement_mesh), dtype=bool)
    undrawn = elements["ifc_class"].isin(UNDRAWN).to_numpy()
    element = np.asarray(store.placement_element)
    return ~undrawn[np.clip(element, 0, len(undrawn) - 1)] if len(undrawn) else np.ones(len(element), dtype=bool)


def _repeat(starts: Ints, mesh: NDArray[Any]) -> tuple[Ints, Ints]:
    """Return (rows, placement of each row) when every placement takes its mesh's block ``starts[m]:starts[m + 1]``."""
    sizes = np.diff(starts)[mesh]
    of = np.repeat(np.arange(len(mesh)), sizes)
    begin = np.cumsum(sizes) - sizes
    return np.arange(len(of)) - begin[of] + starts[mesh[of]], of


def _instances(points: Floats, starts: Ints, mesh: NDArray[Any], matrices: Floats) -> tuple[Floats, Ints]:
    """Return every placement's points in the scene, and where each placement's begin."""
    rows, of = _repeat(starts, mesh)
    out = np.empty((len(rows), 3))
    block = 400_000  # keeps the gathered matrices small
    for low in range(0, len(rows), block):
        part = slice(low, low + block)
        chosen = matrices[of[part]]
        out[part] = np.einsum("nij,nj->ni", chosen[:, :3, :3], points[rows[part]]) + chosen[:, :3, 3]
    sizes = np.diff(starts)[mesh]
    return out, np.cumsum(sizes) - sizes


def _colours(
    store: MeshStore, elements: pd.DataFrame, face_rows: Ints, element: NDArray[Any], colour: str, face_order: Ints
) -> NDArray[np.uint8]:
    """Return a colour for each drawn face: its material's, else its class's."""
    if colour:
        return np.tile(np.array(rgba(colour), dtype=np.uint8), (len(face_rows), 1))
    material = np.asarray(store.face_material)[face_order[face_rows]]
    if "ifc_class" in elements.columns and len(elements):
        names = elements["ifc_class"].astype("str").to_numpy()
        table = np.array([rgba(CLASS_COLOURS.get(str(name), DEFAULT_COLOUR)) for name in names], dtype=np.uint8)
        colours = table[np.clip(element, 0, len(table) - 1)]
    else:
        colours = np.tile(np.array(rgba(DEFAULT_COLOUR), dtype=np.uint8), (len(face_rows), 1))
    if len(store.materials):
        known = (material >= 0) & (material < len(store.materials))
        own = np.clip(np.asarray(store.materials, dtype=np.float64) * 255.0 + 0.5, 0, 255)
        # Nothing in a city is pure: a material keeps its hue but stays between soot and chalk.
        own[:, :3] = 24.0 + own[:, :3] * (228.0 / 255.0)
        own[:, 3] = np.maximum(own[:, 3], 70.0)
        colours[known] = own[material[known]].astype(np.uint8)
    return np.asarray(colours)


def _label(layer: Layer, prepared: Prepared) -> LabelPart:
    style = status()["labels"]["model"]
    low, high = prepared.bounds
    top = np.array([[*(low + high)[:2] / 2, high[2] + style["height_m"]]], dtype=np.float32)
    return LabelPart(
        top,
        [layer.name],
        [layer.name_en or layer.name],
        np.array([style["priority"]], np.float32),
        size_px=style["size_px"],
        colour=style["colour"],
        reach_m=style["reach_m"],
    )

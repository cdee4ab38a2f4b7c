"""Building models (IFC): unique meshes baked at their places, with the crisp outlines of a drawing.

Invariants
----------
1. Placement × mesh is done in float64 and only the local result becomes float32: a model may stand at 4,000,000 m.
2. Corners are joined and outlines found once a unique mesh (:mod:`~viewers.render.geometry.welding`); placements
   repeat them.
3. Glass is a part of its own, so that the rest needs no sorting.
4. Faces are in runs, one an element, so that hiding, fading and lifting elements rebuilds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.bim.model_matrix import model_matrix
from models.bim.placement import standing
from models.crs.frame import crs_label, transformer
from models.geometry.meshes import MeshStore
from models.layers.layer import Layer, LayerData, ModelData, stage_of
from viewers.render.geometry.parts import Elements, LabelPart, MeshPart, Part, Prepared, bounds_of_parts
from viewers.render.geometry.welding import Block, Welded, as_made, block, coarsened, weld
from viewers.render.layers import model_extras
from viewers.render.layers.textured import has_picture, textured_faces
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.status_colours import rgba, status

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A model of fewer triangles is drawn whole.
WHOLE_FACES = 60_000
#: Most triangles of one actor.
MOST_FACES = 250_000
#: What is smaller than this, metres, stands apart from what is larger.
SMALL_M = (0.5, 2.0)
#: Fewer triangles of small things stay with the others.
LEAST_FACES = 2_000

#: A model of more triangles is drawn with fewer while the eye moves, where that saves half of them.
COARSE_FACES = 100_000

#: From this opacity on a material is drawn as solid.
SOLID = 0.97

#: Classes that hold no matter.
UNDRAWN = frozenset({"IfcSpace", "IfcSpatialZone", "IfcOpeningElement", "IfcVirtualElement", "IfcZone"})

#: Colours of classes whose elements bring no material.
CLASS_COLOURS = {
    "IfcWall": "#efe7da", "IfcWallStandardCase": "#efe7da", "IfcSlab": "#d3d1cb", "IfcRoof": "#b9a394",
    "IfcColumn": "#dcd6cb", "IfcBeam": "#d8d2c6", "IfcWindow": "#a9c9d8", "IfcDoor": "#b48d68", "IfcStair": "#cfc9be",
    "IfcStairFlight": "#cfc9be", "IfcRailing": "#a9b0b3", "IfcPlate": "#b4cbd6", "IfcMember": "#9fa8ad",
    "IfcCurtainWall": "#b4cbd6", "IfcCovering": "#e6dfd2", "IfcFooting": "#c2beb6", "IfcSite": "#c9d3b4",
    "IfcGeographicElement": "#b5cb95", "IfcPipeSegment": "#7fa7c4", "IfcDuctSegment": "#b3c0c7",
}  # fmt: skip
DEFAULT_COLOUR = "#dedad2"

#: A first picture of more unique faces than this comes without outlines; the exact one has them.
HASTY_FACES = 100_000


def make(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Bake a building model into the scene's frame.

    A model that does not say where it stands (``data.crs == ""``) is set on the ground at the frame's origin, its
    middle over the origin and its lowest point on the ground.
    """
    data = standing(layer, data)
    if not isinstance(data, ModelData):
        return Prepared()
    parts = _bodies(layer, data, context)
    for extras in (model_extras.rooms, model_extras.lines, model_extras.stations):
        parts += extras(data, context) if "ifc_class" in data.elements.columns else []
    if not parts:
        return Prepared()
    result = bounds_of_parts(Prepared(parts))
    result.parts.append(_label(layer, result))
    if "parent" in data.elements.columns:
        result.parents = data.elements["parent"].fillna(-1).to_numpy(dtype=np.int64)
    return result


def _bodies(layer: Layer, data: ModelData, context: PrepareContext) -> list[Part]:
    """Return the parts of all elements that have matter."""
    store = data.meshes
    drawn = np.flatnonzero(_drawn(store, data.elements))
    if not len(drawn):
        return []
    matrices = each_placed(data, context, drawn)
    mesh = np.asarray(store.placement_mesh)[drawn]
    element = np.asarray(store.placement_element)[drawn]
    is_hasty = stage_of(data) == "preview" and len(store.faces) > HASTY_FACES
    welded = as_made(store) if is_hasty else weld(store)
    palette, clear = _palette(store, data.elements, layer)
    pictured = has_picture(store)
    low, high = _boxes(store, mesh, matrices)
    sizes = np.diff(welded.face_start)[mesh]
    shapes = [welded]
    if sizes.sum() > COARSE_FACES:
        least, most = store.mesh_boxes()
        shapes.append(coarsened(welded, (most - least).max(axis=1)))
    blocks = [_blocks(store, shape, clear, pictured) for shape in shapes]
    sheets = list(textured_faces(store, pictured, layer.id))
    parts: list[Part] = []
    for rows, size_m in grouped(element, low, high, sizes):
        for glass in (0, 1):
            made: list[MeshPart] = []
            for one, own in (pair[glass] for pair in blocks):
                part = _part(one, own, palette, mesh, element, matrices, low, high, rows, len(store.materials))
                if part is not None:
                    part.edge_colour = "#8fa7b3" if glass else "#6f777c"
                    part.shadow, part.detail_m = not glass, size_m
                    made.append(part)
            if len(made) == 2 and 2 * len(made[1].faces) < len(made[0].faces):
                made[0].coarse = made[1]
            parts += made[:1]
        for sheet in sheets:
            part = _part(sheet.block, sheet.material, palette, mesh, element, matrices, low, high, rows,
                         len(store.materials), sheet.uv)  # fmt: skip
            if part is not None:
                part.image, part.image_key, part.tiled = sheet.image, sheet.key, sheet.tiled
                part.edge_flags, part.shadow, part.detail_m = None, True, size_m
                parts.append(part)
    return parts


def _blocks(
    store: MeshStore, shape: Welded, clear: NDArray[np.bool_], pictured: NDArray[np.bool_]
) -> list[tuple[Block, NDArray[Any]]]:
    """Return the solid and the see-through faces that wear no picture, each with their materials."""
    see_through = clear[_material(store, shape.face_order)]
    plain = ~pictured[shape.face_order]
    blocks = (block(shape, plain & ~see_through), block(shape, plain & see_through))
    return [(one, _material(store, one.face_order)) for one in blocks]


def _material(store: MeshStore, rows: Ints) -> NDArray[Any]:
    """Return the material of some of the store's faces, -1 for none."""
    material = np.asarray(store.face_material)[rows]
    return np.where(material < len(store.materials), material, -1)


def grouped(element: NDArray[Any], low: Floats, high: Floats, sizes: Ints) -> Iterator[tuple[Ints, float]]:
    """Yield placements that make one actor, those of an element together, and the size of what is small there.

    Large models are cut into boxes, so that what is outside the view costs nothing, and what is small stands apart,
    so that it can be left out where it is less than a pixel or two.

    Parameters
    ----------
    element : ndarray (p,)
    low, high : ndarray (p, 3)
        Boxes of the placements.
    sizes : ndarray (p,)
        Triangles of each placement.

    Yields
    ------
    rows : ndarray of int
    size_m : float
        Largest element of a group of small ones, 0 for the others.
    """
    order = np.argsort(element, kind="stable")
    order = order[np.isfinite(low[order, 0])]
    if not len(order):
        return
    first = np.flatnonzero(np.concatenate([[True], element[order][1:] != element[order][:-1]]))
    count = np.diff(np.concatenate([first, [len(order)]]))
    box_low, box_high = np.minimum.reduceat(low[order], first), np.maximum.reduceat(high[order], first)
    weight = np.add.reduceat(sizes[order], first)
    size = (box_high - box_low).max(axis=1)
    centre = (box_low + box_high) / 2
    kinds = np.zeros(len(first), dtype=np.int64)
    if weight.sum() > WHOLE_FACES:
        for number, limit_m in enumerate(SMALL_M, start=1):
            small = (size < limit_m) & (kinds == 0)
            if weight[small].sum() >= LEAST_FACES:
                kinds[small] = number
    for kind in np.unique(kinds):
        for chosen in _halved(np.flatnonzero(kinds == kind), centre, weight):
            ends = np.cumsum(count[chosen])
            rows = order[np.arange(ends[-1]) + np.repeat(first[chosen] - ends + count[chosen], count[chosen])]
            yield rows, float(size[chosen].max()) if kind else 0.0


def _halved(rows: Ints, centre: Floats, weight: Ints) -> Iterator[Ints]:
    """Yield rows in boxes of at most :data:`MOST_FACES` triangles, halved across their longest side."""
    if weight[rows].sum() <= MOST_FACES or len(rows) < 2:
        yield rows
        return
    axis = int(np.argmax(np.ptp(centre[rows], axis=0)))
    order = rows[np.argsort(centre[rows, axis], kind="stable")]
    total = np.cumsum(weight[order])
    half = int(np.clip(np.searchsorted(total, total[-1] / 2), 1, len(order) - 1))
    yield from _halved(np.sort(order[:half]), centre, weight)
    yield from _halved(np.sort(order[half:]), centre, weight)


def _part(
    one: Block, material: NDArray[Any], palette: NDArray[np.uint32], mesh: NDArray[Any], element: NDArray[Any],
    matrices: Floats, low: Floats, high: Floats, rows: Ints, materials: int, uv: NDArray[np.float32] | None = None,
) -> MeshPart | None:  # fmt: skip
    """Bake some placements of a block, in the order given; None if they have no face in it."""
    sizes = np.diff(one.face_start)[mesh[rows]]
    rows = rows[sizes > 0]
    if not len(rows):
        return None
    of_mesh, of_element = mesh[rows], element[rows]
    points, point_start = _instances(one, of_mesh, matrices[rows])
    face_rows, face_of = _repeat(one.face_start, of_mesh)
    faces = one.faces[face_rows]
    faces += point_start.astype(np.int32)[face_of][:, None]
    flag_rows, _ = _repeat(one.point_start, of_mesh)
    oids = of_element.astype(np.int32)[face_of]
    own = material[face_rows]
    colours = np.where(own >= 0, own, materials + np.clip(oids, 0, None))
    ends = np.cumsum(sizes[sizes > 0])
    elements = Elements(
        of_element.astype(np.int32), np.concatenate([[0], ends]).astype(np.int64),
        low[rows].astype(np.float32), high[rows].astype(np.float32),
    )  # fmt: skip
    return MeshPart(
        points, faces, oids, palette[colours].view(np.uint8).reshape(-1, 4), edge_flags=one.flags[flag_rows],
        elements=elements, uv=None if uv is None else uv[flag_rows],
    )  # fmt: skip


def each_placed(data: ModelData, context: PrepareContext, rows: Ints) -> Floats:
    """Return the matrix (k, 4, 4) of some placements to the scene's local frame.

    A building goes into another CRS as one rigid body. The objects of a city model go there one by one, each where it
    stands and turned as the grids are there: kilometres from the middle a rigid city would be off by metres.
    """
    mesh_to_model = np.asarray(data.meshes.placement_matrix)[rows]
    is_same = not data.crs or data.crs == context.frame.horizontal
    if is_same or not data.info.get("city") or crs_label(data.crs) == crs_label(context.frame.horizontal):
        return model_matrix(data, context.frame, context.ground) @ mesh_to_model
    to_crs = data.placement @ mesh_to_model
    low, high = (side[np.asarray(data.meshes.placement_mesh)[rows]] for side in data.meshes.mesh_boxes())
    middle = np.nan_to_num((low + high) / 2)
    here = np.einsum("pij,pj->pi", to_crs[:, :3, :3], middle) + to_crs[:, :3, 3]
    step = 5.0
    steps = step * np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]])
    around = (here[:, None, :2] + steps).reshape(-1, 2)
    x, y = transformer(data.crs, context.frame.horizontal).transform(around[:, 0], around[:, 1])
    there = np.stack([x, y], axis=1).reshape(-1, 5, 2)
    bend = np.tile(np.eye(4), (len(rows), 1, 1))
    bend[:, :2, 0] = (there[:, 1] - there[:, 2]) / (2 * step)
    bend[:, :2, 1] = (there[:, 3] - there[:, 4]) / (2 * step)
    bend[:, :2, 3] = there[:, 0] - np.einsum("pij,pj->pi", bend[:, :2, :2], here[:, :2])
    result: Floats = bend @ to_crs
    result[:, :3, 3] -= np.asarray(context.frame.origin, dtype=np.float64)
    return result


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


def _instances(one: Block, mesh: NDArray[Any], matrices: Floats) -> tuple[NDArray[np.float32], Ints]:
    """Return every placement's points in the scene, and where each placement's begin."""
    sizes = np.diff(one.point_start)[mesh]
    ends = np.cumsum(sizes)
    out = np.empty((int(ends[-1]), 3), dtype=np.float32)
    if len(mesh) > 2000 and len(out) < 150 * len(mesh):  # very many small ones: all together, block by block
        rows, of = _repeat(one.point_start, mesh)
        for low in range(0, len(rows), 400_000):  # keeps the gathered matrices small
            part = slice(low, low + 400_000)
            chosen = matrices[of[part]]
            out[part] = np.einsum("nij,nj->ni", chosen[:, :3, :3], one.points[rows[part]]) + chosen[:, :3, 3]
        return out, ends - sizes
    for number, end, size, matrix in zip(mesh.tolist(), ends.tolist(), sizes.tolist(), matrices, strict=True):
        first = one.point_start[number]
        out[end - size : end] = one.points[first : first + size].astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
    return out, ends - sizes


def _boxes(store: MeshStore, mesh: NDArray[Any], matrices: Floats) -> tuple[Floats, Floats]:
    """Return boxes (p, 3) in the scene that hold each placement."""
    low, high = (side[mesh] for side in store.mesh_boxes())
    middle = np.einsum("pij,pj->pi", matrices[:, :3, :3], (low + high) / 2) + matrices[:, :3, 3]
    half = np.einsum("pij,pj->pi", np.abs(matrices[:, :3, :3]), (high - low) / 2)
    return middle - half, middle + half


def _toned(colours: Floats) -> Floats:
    """Return colours 0…255 as they are drawn: nothing in a city is pure, all stays between soot and chalk."""
    return 24.0 + colours * (228.0 / 255.0)


def toned(colour: str) -> str:
    """Return a material's ``"#rrggbb"`` as a model wears it, for a legend."""
    drawn = np.round(_toned(np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float64))).astype(int)
    return "#{:02x}{:02x}{:02x}".format(*drawn.tolist())


def _palette(
    store: MeshStore, elements: pd.DataFrame, layer: Layer
) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:  # fmt: skip
    """Return the colours of all materials and then of all elements that bring none, each packed into 32 bits.

    Returns
    -------
    palette : ndarray (k + n,) uint32
        First the materials, then a colour for each element by its class.
    clear : ndarray (k + 1,) bool
        Whether a material lets the eye through; the last row is for none (``-1``).
    """
    count = len(store.materials)
    own = np.clip(np.asarray(store.materials, dtype=np.float64).reshape(-1, 4) * 255.0 + 0.5, 0, 255)
    own[:, :3] = _toned(own[:, :3])
    own[:, 3] = np.maximum(own[:, 3], 70.0)
    most = int(np.asarray(store.placement_element).max(initial=-1)) + 1
    table = np.tile(np.array(rgba(DEFAULT_COLOUR), dtype=np.uint8), (max(len(elements), most, 1), 1))
    if "ifc_class" in elements.columns and len(elements):
        codes, names = pd.factorize(elements["ifc_class"].astype("str"))
        of_class = np.array([rgba(CLASS_COLOURS.get(str(name), DEFAULT_COLOUR)) for name in names], dtype=np.uint8)
        table[: len(codes)] = of_class[codes]
    palette = np.concatenate([own.astype(np.uint8), table])
    if layer.style.colour:
        palette[:] = rgba(layer.style.colour)
    clear = np.append(palette[:count, 3] < 255 * SOLID, False)
    palette[:, 3] = np.round(palette[:, 3] * layer.style.opacity).astype(np.uint8)
    return np.ascontiguousarray(palette).view(np.uint32).ravel(), clear


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

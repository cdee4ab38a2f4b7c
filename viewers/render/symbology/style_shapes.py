"""Shapes that a style draws beside a layer: raised areas, bars, sized discs, hexagons, heat, hatch, labels.

All of it is made off the thread that renders and put into the scene under
:func:`viewers.render.symbology.style_colours.form_id`, so that a layer's own geometry stays what it is whatever its
style says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.layers.layer import Layer, LayerData, Style, VectorData
from models.style.classify import codes_of, numbers_of
from models.style.density import BIN
from models.style.kinds import Density, Extrusion, Sizes, Symbology
from viewers.render.geometry.draping import drape, draped_lines, local_polygons, polygons_of, triangulated
from viewers.render.geometry.lattice import lattice_of
from viewers.render.geometry.parts import LinePart, MeshPart, Prepared, bounds_of_parts, form_id
from viewers.render.geometry.rings import rings_of
from viewers.render.layers.areas import HATCH
from viewers.render.layers.surfaces import level_water
from viewers.render.overlays.style_labels import label_part, middles
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.status_colours import rgba
from viewers.render.symbology.heat_map import heat_grid, heat_image
from viewers.render.symbology.reach_shapes import reach_parts
from viewers.render.symbology.style_colours import HATCH_INK, hexagons_of, is_hollow, passing

if TYPE_CHECKING:
    pass

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Depth offset of what a style lays on the ground: over land, roads and washes.
OFFSET = 9.6
#: Lower than this nothing is raised: a sliver of a value is still seen.
LEAST_M = 0.4
#: Walls go on this far below the ground.
SKIRT_M = 1.0
#: More areas than this are not hatched one by one.
MOST_HATCHED = 20_000
#: Hatch lines over one area; in a larger one they stand wider apart.
MOST_LINES = 2_000
#: More rings than this get no outlines of their own.
MOST_OUTLINED = 120_000
#: What lies over water is so much above it, and so far beyond its shore: cells of the ground cross the shore.
OVER_WATER_M, SHORE_M = 1.2, 12.0
#: Corners of a disc.
SIDES = 32
BASE = "#b9c2c6"


def make_form(
    layer: Layer, data: LayerData, context: PrepareContext, waters: Sequence[LayerData] = ()
) -> Prepared | None:
    """Return what a layer's style draws beside it, None for nothing.

    Parameters
    ----------
    layer : Layer
    data : LayerData
    context : PrepareContext
    waters : sequence of LayerData
        Rivers and lakes that are drawn: heat and hexagons lie over them, not under.
    """
    if not isinstance(data, VectorData) or layer.kind != "vector":
        return None
    layer, left = passing(layer, data, context.frame)
    assert isinstance(left, VectorData)  # noqa: S101 - a part of what was one
    data, symbology = left, layer.style.symbology
    result = Prepared()
    if symbology is not None:
        if symbology.kind == "heat":
            _add(result, heat_part(layer, data, context, waters))
        elif symbology.kind == "hex":
            _add(result, hexagon_part(layer, data, context, waters))
        else:
            _by_object(result, symbology, layer, data, context)
    if result.parts:
        bounds_of_parts(result)
    if layer.style.labels is not None:
        _add(result, label_part(layer, data, context))
    return result if result.parts else None


def _add(result: Prepared, part: Any) -> None:
    if part is not None:
        result.parts.append(part)


def _by_object(result: Prepared, symbology: Symbology, layer: Layer, data: VectorData, context: PrepareContext) -> None:
    sized = any(one.size != 1.0 for one in symbology.classes)
    if is_hollow(layer):
        _add(result, fill_part(data, context))
    if symbology.extrusion is not None and symbology.extrusion.field:
        _add(result, _raised(symbology.extrusion, data, context))
    elif symbology.sizes is not None and symbology.sizes.field:
        result.parts += disc_parts(symbology.sizes, data, context)
    elif sized:
        result.parts += _class_discs(symbology, layer, data, context)
    if symbology.reach is not None:
        result.parts += reach_parts(symbology, data, context)
    if symbology.field and symbology.no_data.visible:
        _add(result, hatch_part(symbology, layer, data, context))
    raised = symbology.extrusion is not None or symbology.sizes is not None or layer.role == "buildings"
    if symbology.outline_px > 0 or (symbology.outline_px == 0 and not raised and symbology.kind != "single"):
        _add(result, _outlines(symbology, data, context))


# --- raised -----------------------------------------------------------------------------------------------------------


def _raised(extrusion: Extrusion, data: VectorData, context: PrepareContext) -> MeshPart | None:
    frame = context.local_frame(data)
    values = numbers_of(frame, extrusion.field)
    rise = np.where(np.isfinite(values), np.maximum(values * extrusion.factor, LEAST_M), 0.0)
    geometry, oids = frame.geometry.to_numpy(), frame.index.to_numpy()
    area = np.isin(shapely.get_type_id(geometry), (3, 6))
    prism = area & (extrusion.shape == "prism")
    blocks: list[tuple[NDArray[Any], NDArray[Any], Floats]] = []
    if prism.any():
        parts, row = shapely.get_parts(shapely.force_2d(geometry[prism]), return_index=True)
        blocks.append((local_polygons(parts, context), oids[prism][row], rise[prism][row]))
    bar = ~prism & np.isfinite(values)
    if bar.any():
        middle = middles(geometry[bar], context)
        half = extrusion.width_m / 2
        boxes = shapely.box(*(middle - half).T, *(middle + half).T)
        blocks.append((boxes, oids[bar], rise[bar]))
    if not blocks:
        return None
    return prisms(
        np.concatenate([block[0] for block in blocks]), np.concatenate([block[1] for block in blocks]),
        np.concatenate([block[2] for block in blocks]), context,
    )  # fmt: skip


def prisms(
    polygons: NDArray[Any], oids: NDArray[Any], rise_m: Floats, context: PrepareContext, *, pickable: bool = True
) -> MeshPart | None:
    """Return local areas raised above the ground under them, walls down to the lowest ground; flat where 0.

    Parameters
    ----------
    polygons : ndarray of Polygon
    oids : ndarray (n,)
    rise_m : ndarray (n,)
        Height above the mean ground along the outline.
    context : PrepareContext
    pickable : bool
    """
    fine = shapely.area(polygons) > 0.01
    polygons, oids, rise_m = shapely.orient_polygons(polygons[fine]), np.asarray(oids)[fine], rise_m[fine]
    if not len(polygons):
        return None
    rings = rings_of(polygons)
    owner = rings.polygon
    ground = context.ground_local_m(rings.xy[:, 0], rings.xy[:, 1])
    low = np.full(len(polygons), np.inf)
    np.minimum.at(low, owner, ground)
    number = np.maximum(np.bincount(owner, minlength=len(polygons)), 1)
    level = np.bincount(owner, weights=ground, minlength=len(polygons)) / number
    top, foot = level + np.maximum(rise_m, 0.05), low - SKIRT_M
    a, b = rings.xy, rings.xy[rings.following]
    walls = np.empty((len(a), 4, 3))
    for corner, (xy, height) in enumerate(((a, foot), (b, foot), (b, top), (a, top))):
        walls[:, corner, :2], walls[:, corner, 2] = xy, height[owner]
    first = 4 * np.arange(len(a))[:, None, None]
    wall_faces = (first + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3)
    sides = (first + np.array([[0, 3], [2, 3]])).reshape(-1, 2)
    roof, roof_faces, roof_owner = triangulated(polygons)
    points = np.concatenate([walls.reshape(-1, 3), np.column_stack([roof, top[roof_owner]])])
    faces = np.concatenate([wall_faces, roof_faces + 4 * len(a)])
    who = np.concatenate([np.repeat(owner, 2), roof_owner[roof_faces[:, 0]] if len(roof_faces) else roof_owner])
    few = len(polygons) <= 30_000
    return MeshPart(
        points.astype(np.float32), faces.astype(np.int32), oids[who].astype(np.int32), _plain(len(faces)),
        edges=sides.astype(np.int32) if few else None, edge_colour="#5f6c74", shadow=True, pickable=pickable,
    )  # fmt: skip


# --- discs ------------------------------------------------------------------------------------------------------------


def disc_parts(sizes: Sizes, data: VectorData, context: PrepareContext) -> list[Any]:
    """Return a disc on each object whose area grows with a value, larger ones below, with a light rim."""
    frame = context.local_frame(data)
    values = numbers_of(frame, sizes.field)
    known = np.isfinite(values) & (values > 0)
    if not known.any():
        return []
    top = sizes.top or float(values[known].max())
    width = sizes.largest_m * np.sqrt(np.clip(values[known] / top, 0.0, 4.0))
    middle = middles(frame.geometry.to_numpy()[known], context)
    return _discs(middle, np.maximum(width, sizes.largest_m * 0.03), frame.index.to_numpy()[known], context)


def _class_discs(symbology: Symbology, layer: Layer, data: VectorData, context: PrepareContext) -> list[Any]:
    """Return discs of points whose classes have sizes of their own."""
    frame = context.local_frame(data)
    geometry = frame.geometry.to_numpy()
    point = np.isin(shapely.get_type_id(geometry), (0, 4))
    if not point.any():
        return []
    sizes = np.array([*(one.size for one in symbology.classes), symbology.other.size, symbology.no_data.size])
    width = 8.0 * layer.style.size * sizes[codes_of(symbology, frame)[point]]
    return _discs(middles(geometry[point], context), width, frame.index.to_numpy()[point], context)


def _discs(middle: Floats, width_m: Floats, oids: NDArray[Any], context: PrepareContext) -> list[Any]:
    order = np.argsort(-width_m, kind="stable")
    middle, radius, oids = middle[order], width_m[order] / 2, oids[order]
    turn = 2 * np.pi * np.arange(SIDES) / SIDES
    around = np.column_stack([np.cos(turn), np.sin(turn)])
    rim = middle[:, None, :] + radius[:, None, None] * around
    ground = context.ground_local_m(rim[..., 0].ravel(), rim[..., 1].ravel()).reshape(rim.shape[:2])
    # Flat and over the highest ground below; small ones a little higher, so that they lie on the large ones.
    level = ground.max(axis=1) + 0.6 + 2.0 * np.arange(len(middle)) / max(len(middle), 1)
    points = np.empty((len(middle), SIDES + 1, 3))
    points[:, :SIDES, :2], points[:, SIDES, :2] = rim, middle
    points[:, :, 2] = level[:, None]
    k = np.arange(SIDES)
    fan = np.column_stack([np.full(SIDES, SIDES), k, (k + 1) % SIDES])
    faces = ((SIDES + 1) * np.arange(len(middle))[:, None, None] + fan).reshape(-1, 3)
    flat = MeshPart(
        points.reshape(-1, 3).astype(np.float32), faces.astype(np.int32), np.repeat(oids, SIDES).astype(np.int32),
        _plain(len(faces)), offset=OFFSET, lit=False,
    )  # fmt: skip
    ring = np.concatenate([points[:, :SIDES], points[:, :1]], axis=1).reshape(-1, 3)
    lines = LinePart(
        ring.astype(np.float32), np.arange(len(middle) + 1) * (SIDES + 1), np.full(len(middle), -1, dtype=np.int32),
        np.tile(np.array([255, 255, 255, 230], dtype=np.uint8), (len(middle), 1)), width_px=1.4, offset=OFFSET + 0.6,
        pickable=False,
    )  # fmt: skip
    return [flat, lines]


# --- hexagons and heat ------------------------------------------------------------------------------------------------


def hexagon_part(
    layer: Layer, data: VectorData, context: PrepareContext, waters: Sequence[LayerData] = ()
) -> MeshPart | None:
    """Return hexagons, laid on the ground or raised by what they tell."""
    symbology = layer.style.symbology
    assert symbology is not None  # noqa: S101 - make_form looked
    cells = hexagons_of(layer, data, context.frame)
    if not len(cells.values):
        return None
    corners = cells.corners()
    middle = cells.centres[:, None, :]
    polygons = shapely.polygons(middle + (corners - middle) * 0.97)
    ids = BIN + np.arange(len(polygons))
    factor = (symbology.density or Density()).factor
    if factor > 0:
        rise = np.maximum(np.nan_to_num(cells.values) * factor, LEAST_M)
        return prisms(polygons, ids, rise, context, pickable=False)
    points, faces, owner = drape(polygons, lattice_of(context), 1.0)
    if not len(faces):
        return None
    lift_over(points, waters, context)
    return MeshPart(
        points.astype(np.float32), faces.astype(np.int32), ids[owner].astype(np.int32), _plain(len(faces)),
        offset=OFFSET, pickable=False, lit=False,
    )  # fmt: skip


def lift_over(points: Floats, waters: Sequence[LayerData], context: PrepareContext) -> None:
    """Lift local points that lie under the surface of water over it; beside it the banks are higher anyway."""
    for water in waters:
        polygons, _, level = level_water(water, context)
        if not len(polygons):
            continue
        near = shapely.buffer(polygons, SHORE_M)
        at, which = shapely.STRtree(near).query(shapely.points(points[:, :2]), predicate="intersects")
        np.maximum.at(points[:, 2], at, level[which] + OVER_WATER_M)


def heat_part(
    layer: Layer, data: VectorData, context: PrepareContext, waters: Sequence[LayerData] = ()
) -> MeshPart | None:
    """Return a heat map as a picture on the ground."""
    symbology = layer.style.symbology
    assert symbology is not None  # noqa: S101 - make_form looked
    grid = heat_grid(layer, data, context)
    if not grid.values.any():
        return None
    box = shapely.box(*grid.low, *grid.high)
    if context.ground.terrain is None:
        box = shapely.segmentize(box, max(grid.high[0] - grid.low[0], 1.0) / 8)
    points, faces, _ = drape(np.array([box]), lattice_of(context), 1.2)
    if not len(faces):
        return None
    lift_over(points, waters, context)
    low, high = np.asarray(grid.low), np.asarray(grid.high)
    uv = (points[:, :2] - low) / (high - low)
    image, _, _ = heat_image(grid, symbology, layer.style.opacity)
    return MeshPart(
        points.astype(np.float32), faces.astype(np.int32), np.full(len(faces), -1, dtype=np.int32),
        np.full((len(faces), 4), 255, dtype=np.uint8), uv=uv.astype(np.float32), image=image, offset=OFFSET,
        lit=False, pickable=False,
    )  # fmt: skip


# --- fills, hatch and outlines ----------------------------------------------------------------------------------------


def fill_part(data: VectorData, context: PrepareContext) -> MeshPart | None:
    """Return areas laid on the ground, for a layer that has outlines only."""
    polygons, frame, row = polygons_of(data, context)
    if not len(polygons):
        return None
    points, faces, owner = drape(polygons, lattice_of(context), 0.8)
    if not len(faces):
        return None
    return MeshPart(
        points.astype(np.float32), faces.astype(np.int32), frame.index.to_numpy()[row][owner].astype(np.int32),
        _plain(len(faces)), offset=OFFSET - 1.0, lit=False,
    )  # fmt: skip


def hatch_part(symbology: Symbology, layer: Layer, data: VectorData, context: PrepareContext) -> LinePart | None:
    """Return the hatch of areas whose value is missing: on the ground, or on the roofs of buildings."""
    table = data.attributes
    if symbology.kind == "ramp":
        blank = ~np.isfinite(numbers_of(table, symbology.field))
    else:
        blank = codes_of(symbology, table) < 0
    if not blank.any() or blank.sum() > MOST_HATCHED:
        return None
    frame = context.local_frame(data)
    frame = frame[np.isin(frame.index.to_numpy(), table.index.to_numpy()[blank])]
    geometry = frame.geometry.to_numpy()
    parts, row = shapely.get_parts(shapely.force_2d(geometry), return_index=True)
    area = shapely.get_type_id(parts) == 3
    if not area.any():
        return None
    polygons, row = local_polygons(parts[area], context), row[area]
    step = float(np.clip(np.sqrt(np.median(shapely.area(polygons))) / 7.0, 1.2, 60.0))
    lines, owner = hatch_lines(polygons, step)
    if not len(lines):
        return None
    ids = frame.index.to_numpy()[row][owner] + HATCH
    part = draped_lines(lines, ids, rgba(HATCH_INK)[:3], lattice_of(context), 1.6, 0.4)
    if layer.role == "buildings":
        roof = _roofs(layer, frame, polygons, row, context)
        part.points[:, 2] = np.repeat(roof[owner], np.diff(part.starts))
    part.offset, part.pickable = OFFSET + 1.2, False
    return part


def _roofs(layer: Layer, frame: Any, polygons: NDArray[Any], row: Ints, context: PrepareContext) -> Floats:
    """Return the local height just over the roof of each footprint."""
    from models.buildings.heights import heights

    style = layer.style
    known = heights(frame, style.height_field, style.storeys_field, style.storey_height_m)
    xy, owner = shapely.get_coordinates(polygons, return_index=True)
    low = np.full(len(polygons), np.inf)
    np.minimum.at(low, owner, context.ground_local_m(xy[:, 0], xy[:, 1]))
    result: Floats = low + (known.bottom_m + known.height_m)[row] + 1.3
    return result


def hatch_lines(polygons: NDArray[Any], step_m: float) -> tuple[NDArray[Any], Ints]:
    """Return diagonal lines inside local polygons, and the polygon of each."""
    pieces: list[NDArray[Any]] = []
    owner: list[Ints] = []
    boxes = shapely.bounds(polygons)
    for number, (polygon, (x0, y0, x1, y1)) in enumerate(zip(polygons, boxes, strict=True)):
        tall = y1 - y0
        step = max(step_m, (x1 - x0 + tall) / MOST_LINES)
        across = np.arange(np.floor((x0 - tall) / step) * step, x1, step)
        ends = np.empty((len(across), 2, 2))
        ends[:, 0, 0], ends[:, 1, 0] = across, across + tall
        ends[:, 0, 1], ends[:, 1, 1] = y0, y1
        cut = shapely.get_parts(shapely.intersection(shapely.linestrings(ends), polygon))
        cut = cut[(shapely.get_dimensions(cut) == 1) & (shapely.length(cut) > 0.2 * step_m)]
        pieces.append(cut)
        owner.append(np.full(len(cut), number))
    return (np.concatenate(pieces), np.concatenate(owner)) if pieces else (np.zeros(0, dtype=object), np.zeros(0, int))


def _outlines(symbology: Symbology, data: VectorData, context: PrepareContext) -> LinePart | None:
    frame = context.local_frame(data)
    parts, _row = shapely.get_parts(shapely.force_2d(frame.geometry.to_numpy()), return_index=True)
    area = shapely.get_type_id(parts) == 3
    if not area.any():
        return None
    rings, owner = shapely.get_rings(local_polygons(parts[area], context), return_index=True)
    if len(owner) > MOST_OUTLINED:
        return None
    colour = rgba(symbology.outline or "#ffffff")[:3]
    ids = np.full(len(owner), -1)
    line = draped_lines(rings, ids, colour, lattice_of(context), symbology.outline_px or 1.1, 0.35)
    line.offset, line.pickable = OFFSET + 0.9, False
    return line


def _plain(count: int) -> NDArray[np.uint8]:
    return np.tile(np.array(rgba(BASE), dtype=np.uint8), (count, 1))


# --- into a scene -----------------------------------------------------------------------------------------------------


def form_layer(layer: Layer) -> Layer:
    """Return the layer under whose name a form is put into a scene."""
    return replace(layer, id=form_id(layer.id), role="other", style=Style())


def is_laid(layer: Layer) -> bool:
    """Whether a layer's form lies flat over everything on the ground, water included."""
    return layer.style.symbology is not None and layer.style.symbology.kind in ("heat", "hex")


def waters_of(layers: Iterable[Layer], data: Mapping[str, LayerData]) -> tuple[LayerData, ...]:
    """Return the rivers and lakes that are drawn."""
    return tuple(data[one.id] for one in layers if one.role == "water" and one.visible and one.id in data)


def silent_layers(layers: Iterable[Layer]) -> tuple[str, ...]:
    """Return the ids of layers whose own labels give way to those of their style."""
    return tuple(layer.id for layer in layers if layer.style.labels is not None)

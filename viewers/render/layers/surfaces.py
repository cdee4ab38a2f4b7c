"""Areas on the ground: land cover, greens, water, and any polygons, lines and points a user brings."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.layers.layer import Layer, LayerData, VectorData
from viewers.render.geometry.draping import (
    draped_lines,
    draped_part,
    line_part,
    local_polygons,
    polygons_of,
    solid_colours,
    surface_part,
    triangulated,
)
from viewers.render.geometry.lattice import lattice_of
from viewers.render.geometry.parts import MeshPart, Prepared, bounds_of_parts
from viewers.render.overlays.area_names import name_labels
from viewers.render.palette.context import Colour, PrepareContext

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def make_land(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw land cover in a soft colour for each use."""
    return _areas(layer, data, context, "land", "use")


def make_green(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw greens by kind, and name the parks."""
    prepared = _areas(layer, data, context, "green", "kind")
    polygons, frame, row = polygons_of(data, context)
    if prepared.parts and "kind" in frame.columns:
        park = (frame["kind"] == "park").to_numpy()[row]
        prepared.parts += name_labels(frame, polygons[park], row[park], "park", lattice_of(context))
    return prepared


def _areas(layer: Layer, data: LayerData, context: PrepareContext, rank: str, field_name: str) -> Prepared:
    polygons, frame, row = polygons_of(data, context)
    if not len(polygons):
        return Prepared()
    fallback = context.rgb(
        layer.style.colour or f"{rank}.other" if f"{rank}.other" in context.palette else "green.park"
    )
    colours = solid_colours(len(frame), fallback)
    if field_name in frame.columns and not layer.style.colour:
        for word, place in frame.groupby(frame[field_name].astype(str)).indices.items():
            if f"{rank}.{word}" in context.palette:
                colours[place, :3] = context.rgb(f"{rank}.{word}")
    part = draped_part(
        polygons, frame.index.to_numpy()[row], colours[row], lattice_of(context), rank, opacity=layer.style.opacity
    )
    return bounds_of_parts(Prepared([part] if part is not None else []))


def level_water(data: LayerData, context: PrepareContext) -> tuple[NDArray[Any], Ints, Floats]:
    """Return local areas of water, their oids, and levels: ``level_m``, else the lowest ground of the outline."""
    polygons, frame, row = polygons_of(data, context)
    level = np.full(len(polygons), np.nan)
    if frame is None:
        return polygons, row, level
    if "level_m" in frame.columns:
        import pandas as pd

        known = pd.to_numeric(frame["level_m"], errors="coerce").to_numpy(dtype=np.float64)
        level = known[row] - context.frame.origin[2]
    for k in np.flatnonzero(~np.isfinite(level)):
        xy = shapely.get_coordinates(polygons[k])
        level[k] = float(np.percentile(context.ground_local_m(xy[:, 0], xy[:, 1]), 10)) + 0.05
    return polygons, frame.index.to_numpy()[row], level


def make_water(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw level water, see :func:`level_water`."""
    polygons, oids, level = level_water(data, context)
    if not len(polygons):
        return Prepared()
    colour = context.rgb(layer.style.colour or "water")
    points2, faces, owner = triangulated(polygons)
    points = np.column_stack([points2, level[owner]])
    face_owner = owner[faces[:, 0]]
    normals = np.zeros((len(points), 3), dtype=np.float32)
    normals[:, 2] = 1.0
    water = MeshPart(
        points.astype(np.float32), faces.astype(np.int32), oids[face_owner].astype(np.int32),
        solid_colours(len(faces), colour), normals=normals, opacity=layer.style.opacity, texture="water",
        uv=(points[:, :2] / 64.0).astype(np.float32), offset=3.0 if context.ground.terrain is not None else 2.0,
    )  # fmt: skip
    return bounds_of_parts(Prepared([water]))


def make_other(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw any features by their geometry: areas draped, lines draped or in space, points as small posts."""
    if not isinstance(data, VectorData):
        return Prepared()
    frame = context.local_frame(data)
    if not len(frame):
        return Prepared()
    geometry, oids = frame.geometry.to_numpy(), frame.index.to_numpy()
    parts, row = shapely.get_parts(geometry, return_index=True)
    # A collection's own parts may be collections; one more round opens them.
    parts, again = shapely.get_parts(parts, return_index=True)
    row = row[again]
    kind = shapely.get_type_id(parts)
    style = layer.style
    result = Prepared()
    lattice = lattice_of(context)

    area = kind == 3
    with_z = area & shapely.has_z(parts)
    if with_z.any():
        surface = surface_part(parts[with_z], oids[row[with_z]], context, context.rgb(style.colour or "other.polygon"))
        if surface is not None:
            result.parts.append(surface)
    flat = area & ~with_z
    if flat.any():
        polygons = local_polygons(parts[flat], context)
        colours = _category_colours(frame, style.by, context.rgb(style.colour or "other.polygon"))[row[flat]]
        part = draped_part(polygons, oids[row[flat]], colours, lattice, "other", opacity=min(style.opacity, 0.92))
        if part is not None:
            result.parts.append(part)
            rings, owner = shapely.get_rings(polygons, return_index=True)
            result.parts.append(
                draped_lines(rings, oids[row[flat]][owner], context.rgb("edge"), lattice, 1.2 * style.size)
            )
    line = np.isin(kind, (1, 2))
    if line.any():
        colour = context.rgb(style.colour or "other.line")
        result.parts.append(line_part(parts[line], oids[row[line]], colour, lattice, 2.2 * style.size))
    point = kind == 0
    if point.any():
        xyz = shapely.get_coordinates(parts[point], include_z=True)
        local = context.frame.to_local(xyz)
        ground = lattice.height(local[:, 0], local[:, 1])
        local[:, 2] = np.where(np.isfinite(xyz[:, 2]), local[:, 2], ground)
        result.parts.append(post_part(local, oids[row[point]], context.rgb(style.colour or "other.point"), style.size))
    return bounds_of_parts(result)


def post_part(feet: Floats, oids: NDArray[Any], colour: Colour, size: float) -> MeshPart:
    """Return a diamond on each point, local."""
    r, h = 1.6 * size, 4.2 * size
    corners = np.array([[r, 0, h], [0, r, h], [-r, 0, h], [0, -r, h], [0, 0, 0.1], [0, 0, h + 1.6 * r]])
    shape = np.array([[0, 4, 1], [1, 4, 2], [2, 4, 3], [3, 4, 0], [0, 1, 5], [1, 2, 5], [2, 3, 5], [3, 0, 5]])
    shape = np.concatenate([shape[:4, [0, 1, 2]], shape[4:]])
    points = (feet[:, None] + corners).reshape(-1, 3)
    faces = (6 * np.arange(len(feet))[:, None, None] + shape).reshape(-1, 3)
    return MeshPart(
        points.astype(np.float32), faces.astype(np.int32), np.repeat(oids, 8).astype(np.int32),
        solid_colours(len(faces), colour), offset=2.0,
    )  # fmt: skip


def _category_colours(frame: Any, field_name: str, colour: Colour) -> NDArray[np.uint8]:
    """Return feature colours: shades of a calm wheel by category, one colour without a field."""
    colours = solid_colours(len(frame), colour)
    if field_name and field_name in frame.columns:
        wheel = ["#9db7d1", "#c9b79c", "#a8c3a0", "#d1a9a3", "#b6abc9", "#cfc58f", "#94bdbd", "#c3a4b5", "#b3b9bd"]
        for number, place in enumerate(frame.groupby(frame[field_name].astype(str)).indices.values()):
            text = wheel[number % len(wheel)]
            colours[place, :3] = [int(text[k : k + 2], 16) for k in (1, 3, 5)]
    return colours

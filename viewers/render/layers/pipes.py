"""Underground pipes as round tubes, and their manholes as shafts, in the colours of CJJ 61.

The standard gives rain and sewage the same brown: kinds that it draws with a broken line (rain) get dashes of a lighter
tint. Tubes lie at their true depth and are seen when the ground is made translucent; they are a little thicker than the
real pipe, because a 200 mm main is nothing at city scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.layers.layer import Layer, LayerData, VectorData
from resources.standards import standard
from viewers.render.geometry.feature_columns import numbers, text
from viewers.render.geometry.lattice import lattice_of
from viewers.render.geometry.parts import MeshPart, Prepared, bounds_of_parts
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.status_colours import rgba, rows_of, status

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Corners of a tube's cross-section.
SIDES = 8


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, Mapping[str, Any]]:
    """Return the standard's kinds by code (``"JS"`` water supply …)."""
    return {row["code"]: row for row in standard("pipes_cjj61")["kind"]}


def kind_colour(code: str) -> str:
    """Return the standard's colour of a kind as ``"#rrggbb"``; unheard-of kinds are drawn as unidentified."""
    row = kinds().get(code.upper()) or kinds()["BM"]
    r, g, b = row["rgb"]
    return f"#{r:02x}{g:02x}{b:02x}"


def make(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw pipes (lines) or their nodes (points).

    Parameters
    ----------
    layer : Layer
    data : VectorData
        Lines with ``kind``, ``diameter_mm`` and heights of the centre line (Z, or ``start_invert_m`` and
        ``end_invert_m``); points with ``kind``, ``node_type``, ``ground_m``, ``invert_m``. All are optional.
    context : PrepareContext
    """
    if not isinstance(data, VectorData):
        return Prepared()
    frame = context.local_frame(data)
    if not len(frame):
        return Prepared()
    geometry = frame.geometry.to_numpy()
    lines = shapely.get_dimensions(geometry) == 1
    result = Prepared()
    if lines.any():
        part = _pipe_part(layer, frame[lines], context)
        if part is not None:
            result.parts.append(part)
    points = shapely.get_type_id(geometry) == 0
    if points.any():
        shafts = _shaft_part(layer, frame[points], context)
        result.parts += [shafts] if shafts is not None else []
    return bounds_of_parts(result)


def _pipe_part(layer: Layer, frame: Any, context: PrepareContext) -> MeshPart | None:
    table = status()["pipes"]
    lines, row = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    codes = text(frame, ("kind", "type", "pipe_type"))[row]
    dashed = np.array([kinds().get(str(c).upper(), kinds()["BM"])["pattern"] != "solid" for c in codes])
    dashed &= not layer.style.colour
    if dashed.any():
        lines[dashed] = shapely.segmentize(lines[dashed], table["dash_m"])
    xyz, index = shapely.get_coordinates(lines, include_z=True, return_index=True)
    counts = np.bincount(index, minlength=len(lines))
    diameter_m = np.nan_to_num(numbers(frame, "diameter_mm")[row], nan=200.0) / 1000.0
    local = context.frame.to_local(np.nan_to_num(xyz))
    local[:, 2] = np.where(np.isfinite(xyz[:, 2]), local[:, 2], np.nan)
    lacking = np.isnan(local[:, 2])
    if lacking.any():
        local[lacking, 2] = _depth(frame, row, index, counts, local, diameter_m, context)[lacking]
    radius = (diameter_m / 2 + table["extra_radius_m"]) * layer.style.size
    tubes = tube(local, counts, radius)
    if tubes is None:
        return None
    points, normals, faces, owner, segment = tubes
    by_kind = {code: rgba(layer.style.colour or kind_colour(str(code))) for code in dict.fromkeys(codes.tolist())}
    colours = np.array([by_kind[code] for code in codes.tolist()], dtype=np.uint8)[owner]
    light = dashed[owner] & (segment % 2 == 1)
    colours[light] = rgba(table["light_dash"])
    oids = frame.index.to_numpy()[row]
    return MeshPart(
        points.astype(np.float32), faces.astype(np.int32), oids[owner].astype(np.int32), colours,
        normals=normals.astype(np.float32), opacity=layer.style.opacity,
    )  # fmt: skip


def _depth(
    frame: Any, row: Ints, index: Ints, counts: Ints, local: Floats, diameter_m: Floats, context: PrepareContext
) -> Floats:
    """Return local heights of the centre line from inverts along the line, else below the ground."""
    start, end = numbers(frame, "start_invert_m")[row], numbers(frame, "end_invert_m")[row]
    step = np.hypot(*np.diff(local[:, :2], axis=0, prepend=local[:1, :2]).T)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    step[first[counts > 0]] = 0.0
    run = np.cumsum(step)
    run -= run[first[index]]
    length = np.maximum(run[np.minimum(first + counts - 1, len(run) - 1)], 1e-9)[index]
    invert = start[index] + (end - start)[index] * run / length - context.frame.origin[2]
    ground = lattice_of(context).height(local[:, 0], local[:, 1])
    below = ground - status()["pipes"]["depth_m"] - diameter_m[index] / 2
    return np.asarray(np.where(np.isfinite(invert), invert + diameter_m[index] / 2, below))


def tube(
    points: Floats, counts: Ints, radius_m: Floats, sides: int = SIDES
) -> tuple[Floats, Floats, Ints, Ints, Ints] | None:
    """Put tubes around polylines, with mitred bends and closed ends.

    Parameters
    ----------
    points : ndarray (n, 3)
        Points of all lines one after another.
    counts : ndarray (k,)
        Points of each line.
    radius_m : ndarray (k,)
    sides : int

    Returns
    -------
    points : ndarray (n', 3)
    normals : ndarray (n', 3)
        Unit, outwards.
    faces : ndarray (f, 3)
    line : ndarray (f,)
        Which line a face belongs to.
    segment : ndarray (f,)
        Which of the line's segments, from 0.
    """
    line = np.repeat(np.arange(len(counts)), counts)
    if len(points) > 1:  # a point on the one before has no direction
        same = (line[1:] == line[:-1]) & (np.linalg.norm(np.diff(points, axis=0), axis=1) < 1e-6)
        keep = np.concatenate([[True], ~same])
        points, line = points[keep], line[keep]
        counts = np.bincount(line, minlength=len(counts))
    enough = counts[line] >= 2
    points, line = points[enough], line[enough]
    if not len(points):
        return None
    inner = line[1:] == line[:-1]
    along = np.diff(points, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
    along[~inner] = 0.0
    before, after = np.vstack([np.zeros((1, 3)), along]), np.vstack([along, np.zeros((1, 3))])
    tangent = before + after
    short = np.linalg.norm(tangent, axis=1) < 1e-6  # the line turns back on itself
    tangent[short] = before[short]
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    # In a bend the mitred ring is wider by 1/cos of half the angle; held to a factor of two in sharp ones.
    widen = 1.0 / np.clip(np.maximum((tangent * after).sum(1), (tangent * before).sum(1)), 0.5, 1.0)
    side = np.cross(tangent, [0.0, 0.0, 1.0])
    flat = np.linalg.norm(side, axis=1)
    side[flat < 1e-6] = [1.0, 0.0, 0.0]
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(side, tangent)
    angle = np.arange(sides) * 2 * np.pi / sides
    normals = np.cos(angle)[None, :, None] * side[:, None] + np.sin(angle)[None, :, None] * up[:, None]
    # Only the direction across the bend widens; a pipe in plan bends sideways.
    out = np.cos(angle)[None, :, None] * (side * widen[:, None])[:, None] + np.sin(angle)[None, :, None] * up[:, None]
    rings = points[:, None] + out * radius_m[line][:, None, None]
    first = np.flatnonzero(inner)
    k = np.arange(sides)
    a, b = first[:, None] * sides + k, first[:, None] * sides + (k + 1) % sides
    faces = np.stack([a, a + sides, b + sides, a, b + sides, b], axis=2).reshape(-1, 3)
    begins = np.concatenate([[True], ~inner])
    ends = np.concatenate([~inner, [True]])
    start_of = np.flatnonzero(begins)
    number = first - start_of[np.searchsorted(start_of, first, side="right") - 1]
    fan = np.stack([np.zeros(sides - 2, int), np.arange(1, sides - 1), np.arange(2, sides)], axis=1)
    heads, tails = np.flatnonzero(begins), np.flatnonzero(ends)
    head, tail = heads[:, None, None] * sides + fan, tails[:, None, None] * sides + fan[:, ::-1]
    caps = np.concatenate([head.reshape(-1, 3), tail.reshape(-1, 3)])
    cap_line = np.repeat(np.concatenate([line[heads], line[tails]]), sides - 2)
    last_number = (tails - heads) - 1
    cap_number = np.repeat(np.concatenate([np.zeros(len(heads), np.int64), last_number]), sides - 2)
    return (
        rings.reshape(-1, 3),
        normals.reshape(-1, 3),
        np.concatenate([faces, caps]),
        np.concatenate([np.repeat(line[first], 2 * sides), cap_line]),
        np.concatenate([np.repeat(number, 2 * sides), cap_number]),
    )


def _shaft_part(layer: Layer, frame: Any, context: PrepareContext) -> MeshPart | None:
    """Return manholes from ground to invert, and other nodes as short stubs at their depth."""
    table = status()["pipes"]
    local = context.frame.to_local(shapely.get_coordinates(frame.geometry.to_numpy()))
    ground = lattice_of(context).height(local[:, 0], local[:, 1])
    invert = numbers(frame, "invert_m") - context.frame.origin[2]
    foot = np.where(np.isfinite(invert), invert, ground - 2.0)
    kind = text(frame, ("node_type", "type"))
    shaft = np.isin(kind, ["manhole", ""])
    top = np.where(shaft, np.maximum(ground - 0.05, foot + 0.3), foot + 0.9)
    radius = np.where(shaft, table["shaft_radius_m"], 0.42) * layer.style.size
    points = np.stack([np.column_stack([local, foot]), np.column_stack([local, top])], axis=1).reshape(-1, 3)
    tubes = tube(points, np.full(len(local), 2), radius)
    if tubes is None:
        return None
    rings, normals, faces, owner, _ = tubes
    codes = text(frame, ("kind",))
    pale = np.array(rgba(table["shaft"]), dtype=float)
    by_kind = {c: np.array(rgba(kind_colour(str(c))), dtype=float) for c in dict.fromkeys(codes.tolist())}
    colours = np.array([0.35 * by_kind[c] + 0.65 * pale for c in codes.tolist()])
    if layer.style.colour:
        colours = rows_of(layer.style.colour, len(frame)).astype(float)
    return MeshPart(
        rings.astype(np.float32), faces.astype(np.int32), frame.index.to_numpy()[owner].astype(np.int32),
        colours[owner].astype(np.uint8), normals=normals.astype(np.float32), opacity=layer.style.opacity,
    )  # fmt: skip

"""Utility tunnels (综合管廊) as their compartments: floor and walls without a roof, so that what lies inside is seen.

Every feature is one compartment. The lines inside are drawn on brackets along the walls as ``holds`` says
(``"JS:600;RS:400"``: kind of CJJ 61 and millimetres); that is a scheme, for no survey gives their place in the section.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.core.table_columns import numbers
from models.layers.layer import Layer, LayerData, VectorData
from viewers.render.geometry import tubes
from viewers.render.geometry.feature_columns import text
from viewers.render.geometry.lattice import lattice_of
from viewers.render.geometry.parts import MeshPart, Part, Prepared, bounds_of_parts
from viewers.render.geometry.sections import drawn_lines, evened, swept, swept_rims
from viewers.render.layers.pipe_kinds import kind_colour
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.status_colours import rgba, rows_of, status

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Added to a compartment's oid, names what lies in it: a style colours the compartment, not its lines.
CONTENT = 1 << 29
#: Walls and floor, open above: outer faces, then inner ones.
_WALL = 0.06
TROUGH = np.array([
    [-0.5, 1.0], [-0.5, 0.0], [0.5, 0.0], [0.5, 1.0], [0.5 - _WALL, 1.0], [0.5 - _WALL, _WALL], [-0.5 + _WALL, _WALL],
    [-0.5 + _WALL, 1.0],
])  # fmt: skip
MOST_LINES = 12


def make(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw compartments: lines with ``width_m``, ``height_m``, floor heights and ``holds``; all optional.

    The floor is ``start_floor_m`` to ``end_floor_m`` (project datum), else the usual cover below the ground.
    """
    if not isinstance(data, VectorData):
        return Prepared()
    frame = context.local_frame(data)
    lines, row = drawn_lines(frame)
    if not len(lines):
        return Prepared()
    table = status()["utility_tunnels"]
    wide = np.nan_to_num(numbers(frame, "width_m")[row], nan=table["width_m"]) * layer.style.size
    high = np.nan_to_num(numbers(frame, "height_m")[row], nan=table["height_m"]) * layer.style.size
    oids = frame.index.to_numpy()[row].astype(np.int32)
    points, counts = _placed(lines, frame, row, high, context)
    at, faces, owner = swept(points, counts, TROUGH, wide, high)
    colour = rows_of(layer.style.colour or table["colour"], len(faces))
    body = MeshPart(
        at.astype(np.float32), faces.astype(np.int32), oids[owner], colour, opacity=layer.style.opacity,
        edges=swept_rims(counts, len(TROUGH), np.array([0, 3, 4, 7])).astype(np.int32), edge_colour="#59646c",
    )  # fmt: skip
    parts: list[Part] = [body]
    inside = _content(text(frame, ("holds",))[row], points, counts, wide, high, oids)
    parts += [inside] if inside is not None else []
    return bounds_of_parts(Prepared(parts))


def _placed(
    lines: NDArray[np.object_], frame: Any, row: Ints, high: Floats, context: PrepareContext
) -> tuple[Floats, Ints]:
    """Return local points of the compartments' floors, and how many each has."""
    table = status()["utility_tunnels"]
    xy, index = shapely.get_coordinates(shapely.segmentize(shapely.force_2d(lines), table["step_m"]), return_index=True)
    local = context.frame.to_local(np.column_stack([xy, np.zeros(len(xy))]))
    points, counts = evened(np.asarray(local, dtype=np.float64), np.bincount(index, minlength=len(lines)))
    line = np.repeat(np.arange(len(lines)), counts)
    ends = np.cumsum(counts)
    first, last = ends - counts, ends - 1
    step = np.linalg.norm(np.diff(points[:, :2], axis=0, prepend=points[:1, :2]), axis=1)
    step[first] = 0.0
    run = np.cumsum(step)
    run -= run[first][line]
    share = run / np.maximum(run[last][line], 1e-9)
    start, end = numbers(frame, "start_floor_m")[row], numbers(frame, "end_floor_m")[row]
    stated = start[line] + (end - start)[line] * share - context.frame.origin[2]
    usual = lattice_of(context).height(points[:, 0], points[:, 1]) - table["cover_m"] - high[line]
    points[:, 2] = np.where(np.isfinite(stated), stated, usual)
    return points, counts


def _content(
    holds: NDArray[np.object_], points: Floats, counts: Ints, wide: Floats, high: Floats, oids: NDArray[np.int32]
) -> MeshPart | None:
    """Return the lines in the compartments: the widest on the floor, the others on brackets, left and right in turn."""
    ends = np.cumsum(counts)
    blocks: list[Floats] = []
    sizes: list[int] = []
    radii: list[float] = []
    colours: list[tuple[int, int, int, int]] = []
    owner: list[int] = []
    for row in range(len(counts)):  # compartments, not objects of a city: a few hundred
        centre = points[ends[row] - counts[row] : ends[row]]
        for number, (kind, millimetres) in enumerate(_listed(str(holds[row]))):
            radius = min(millimetres / 2000.0, 0.2 * min(wide[row], high[row]))
            side, shelf = (-1.0 if number % 2 == 0 else 1.0), number // 2
            across = side * (wide[row] * (0.5 - _WALL) - radius - 0.12)
            up = high[row] * _WALL + radius + 0.1 + shelf * high[row] * 0.27
            if up + radius > high[row]:
                break
            blocks.append(_beside(centre, across, up))
            sizes.append(len(centre))
            radii.append(radius)
            colours.append(rgba(kind_colour(kind)))
            owner.append(row)
    if not blocks:
        return None
    wide_m = 2.0 * np.asarray(radii)
    made = tubes.sweep(np.concatenate(blocks), np.asarray(sizes), tubes.ROUND, wide_m, wide_m)
    if made is None:
        return None
    return MeshPart(
        made.points.astype(np.float32), made.faces.astype(np.int32),
        (oids[np.asarray(owner)][made.line] + CONTENT).astype(np.int32),
        np.asarray(colours, dtype=np.uint8)[made.line], normals=made.normals.astype(np.float32), pickable=False,
    )  # fmt: skip


def _listed(holds: str) -> list[tuple[str, float]]:
    """Return kind and diameter (mm) of each line that is named, the widest first; what has no size is thin."""
    found = []
    for entry in holds.split(";")[:MOST_LINES]:
        kind, _, size = entry.strip().partition(":")
        if kind:
            found.append((kind, float(size) if size.strip().isdigit() else 100.0))
    return sorted(found, key=lambda one: -one[1])


def _beside(centre: Floats, across: float, up: float) -> Floats:
    """Return a line beside and above another."""
    ahead = np.gradient(centre[:, :2], axis=0)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    moved = centre.copy()
    moved[:, :2] += np.column_stack([ahead[:, 1], -ahead[:, 0]]) * across
    moved[:, 2] += up
    return moved

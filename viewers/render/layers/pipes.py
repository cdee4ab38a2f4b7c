"""Underground pipes at their true sizes and depths, in the colours of CJJ 61.

The standard gives rain and sewage the same brown: kinds that it draws with a broken line carry that pattern, which
stays when a theme recolours them. Box culverts, egg-shaped sewers and banks of ducts have their own sections. What
lies at an assumed depth is drawn with gaps. Far away a pipe keeps a least width on the screen; near by nothing is
thicker than it is, unless a person asks for it (``Style.size``), and then the legend says so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.layers.layer import Layer, LayerData, VectorData
from viewers.render.geometry import tubes
from viewers.render.geometry.parts import LabelPart, MeshPart, Part, Prepared, bounds_of_parts
from viewers.render.geometry.tubes import Section, Swept
from viewers.render.layers.pipe_kinds import kind_colour, kind_pattern
from viewers.render.layers.pipe_marks import arrow_part, label_parts
from viewers.render.layers.pipe_nodes import node_parts
from viewers.render.layers.pipe_runs import BOX, DUCTS, EGG, ROUND, Runs, ducts_of, runs_of
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.pipe_shading import ASSUMED
from viewers.render.palette.status_colours import rgba, status

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Share of its cell in a bank that a duct fills, where its diameter is not known.
_DUCT_SHARE = 0.72


def make(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw pipes (lines) or their nodes (points).

    Parameters
    ----------
    layer : Layer
    data : VectorData
        Lines with ``kind``, ``diameter_mm`` or ``width_mm`` and ``section_height_mm``, ``shape``, ``ducts``,
        ``material``, and heights of the axis (Z, or ``start_invert_m`` and ``end_invert_m``); points with ``kind``,
        ``node_type``, ``ground_m``, ``invert_m``. All are optional.
    context : PrepareContext
    """
    if not isinstance(data, VectorData):
        return Prepared()
    frame = context.local_frame(data)
    if not len(frame):
        return Prepared()
    geometry = frame.geometry.to_numpy()
    lines = shapely.get_dimensions(geometry) == 1
    parts: list[Part] = []
    if lines.any():
        parts += _pipes(layer, frame[lines], context)
    points = shapely.get_type_id(geometry) == 0
    if points.any():
        parts += node_parts(layer, frame[points], context)
    result = bounds_of_parts(Prepared([part for part in parts if not isinstance(part, LabelPart)]))
    result.parts = parts
    return result


def _pipes(layer: Layer, frame: Any, context: PrepareContext) -> list[Part]:
    runs = runs_of(frame, context)
    colours = _colours(layer, runs)
    pattern = np.array([kind_pattern(code) for code in runs.kind.tolist()], dtype=np.float64)
    if layer.style.colour:
        pattern[:] = 0
    pattern[runs.assumed_depth] += ASSUMED
    oids = frame.index.to_numpy()[runs.row].astype(np.int32)
    parts: list[Part] = []
    for shape, section in ((ROUND, tubes.ROUND), (BOX, tubes.BOX), (EGG, tubes.EGG)):
        mine = runs.shape == shape
        part = _bodies(layer, runs, mine, section, colours, pattern, oids)
        parts += [] if part is None else [part]
    banks = runs.shape == DUCTS
    if banks.any():
        parts += _banks(layer, frame, runs, banks, colours, pattern, oids)
    if not parts:
        return []
    if layer.style.pipes.arrows:
        arrows = arrow_part(frame, runs, oids, layer.style.size)
        parts += [] if arrows is None else [arrows]
    if layer.style.pipes.labels and layer.style.labels is None:
        parts += label_parts(frame, runs, tints=layer.style.pipes.tints, colour=layer.style.colour)
    return parts


def _colours(layer: Layer, runs: Runs) -> NDArray[np.uint8]:
    table = {
        code: rgba(layer.style.colour or kind_colour(str(code), layer.style.pipes.tints))
        for code in dict.fromkeys(runs.kind.tolist())
    }
    return np.array([table[code] for code in runs.kind.tolist()], dtype=np.uint8).reshape(-1, 4)


def _bodies(
    layer: Layer, runs: Runs, mine: NDArray[np.bool_], section: Section, colours: NDArray[np.uint8], pattern: Floats,
    oids: NDArray[np.int32],
) -> MeshPart | None:  # fmt: skip
    if not mine.any():
        return None
    at, size = np.repeat(mine, runs.counts), layer.style.size
    swept = tubes.sweep(
        runs.points[at], runs.counts[mine], section, runs.width_m[mine] * size, runs.height_m[mine] * size
    )  # fmt: skip
    return None if swept is None else _part(swept, colours[mine], pattern[mine], oids[mine], layer.style.opacity)


def _part(
    swept: Swept, colours: NDArray[np.uint8], pattern: Floats, oids: NDArray[np.int32], opacity: float
) -> MeshPart:
    told = np.column_stack([swept.reach_m, swept.along_m, pattern[swept.point_line], swept.around])
    return MeshPart(
        swept.points.astype(np.float32), swept.faces.astype(np.int32), oids[swept.line], colours[swept.line],
        normals=swept.normals.astype(np.float32), opacity=opacity, pipe=told.astype(np.float32),
    )  # fmt: skip


def _banks(
    layer: Layer, frame: Any, runs: Runs, mine: NDArray[np.bool_], colours: NDArray[np.uint8], pattern: Floats,
    oids: NDArray[np.int32],
) -> list[MeshPart]:  # fmt: skip
    """Return the ducts of banks, and the concrete around them, which is seen through."""
    across, up = (values[runs.row][mine] for values in ducts_of(frame))
    width, height = runs.width_m[mine] * layer.style.size, runs.height_m[mine] * layer.style.size
    single = np.minimum(width / across, height / up) * _DUCT_SHARE
    points, counts = runs.points[np.repeat(mine, runs.counts)], runs.counts[mine]
    side, rise = _sideways(points, counts)
    each = across * up
    lines = np.repeat(np.arange(len(counts)), each)
    number = np.arange(len(lines)) - np.repeat(np.cumsum(each) - each, each)
    right = ((number % across[lines] + 0.5) / across[lines] - 0.5) * width[lines]
    high = ((number // across[lines] + 0.5) / up[lines] - 0.5) * height[lines]
    first = np.cumsum(counts) - counts
    take = np.concatenate([np.arange(first[k], first[k] + counts[k]) for k in lines.tolist()])
    line_of = np.repeat(np.arange(len(lines)), counts[lines])
    moved = points[take] + side[take] * right[line_of, None] + rise[take] * high[line_of, None]
    ducts = tubes.sweep(moved, counts[lines], tubes.ROUND, single[lines], single[lines])
    shell = tubes.sweep(points, counts, tubes.BOX, width, height)
    if ducts is None or shell is None:
        return []
    own_colours, own_oids, own_pattern = colours[mine], oids[mine], pattern[mine]
    concrete = np.tile(np.array(rgba(status()["pipes"]["concrete"]), np.uint8), (len(counts), 1))
    body = _part(ducts, own_colours[lines], own_pattern[lines], own_oids[lines], layer.style.opacity)
    around = _part(shell, concrete, np.zeros(len(counts)), np.full(len(counts), -1, np.int32), 0.35)
    around.pickable = False
    return [body, around]


def _sideways(points: Floats, counts: Ints) -> tuple[Floats, Floats]:
    """Return what is right and up of each point of some lines."""
    line = np.repeat(np.arange(len(counts)), counts)
    step = np.diff(points, axis=0, append=points[-1:])
    last = np.append(line[1:] != line[:-1], True)
    back = np.diff(points, axis=0, prepend=points[:1])
    step[last] = back[last]
    step /= np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)
    side = np.cross(step, [0.0, 0.0, 1.0])
    side[np.linalg.norm(side, axis=1) < 1e-6] = [1.0, 0.0, 0.0]
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    return side, np.cross(side, step)

"""Records of bridges and tunnels as bodies along their line, so that a grade of condition can be seen where they are.

A bridge is a slab over the carriageway of its road, between the heights of its two ends; a tunnel is a tube below the
ground. Both carry a sign that stays visible from afar.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from models.core.table_columns import numbers
from models.layers.layer import Layer, LayerData, VectorData
from viewers.render.geometry.feature_columns import text
from viewers.render.geometry.lattice import lattice_of
from viewers.render.geometry.parts import GlyphPart, MeshPart, Part, Prepared, bounds_of_parts
from viewers.render.geometry.sections import drawn_lines, evened, swept, swept_rims
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.status_colours import rows_of, status

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Across and up, for a section of width and height 1; the foot of a tube is its carriageway.
SLAB = np.array([[-0.5, 0.0], [-0.5, 1.0], [0.5, 1.0], [0.5, 0.0], [0.36, -0.9], [-0.36, -0.9]])
_TURN = np.linspace(np.pi, 0.0, 11)
ARCH = np.vstack([[-0.5, 0.0], np.column_stack([0.5 * np.cos(_TURN), 0.42 + 0.58 * np.sin(_TURN)]), [0.5, 0.0]])


def make(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw bridges and tunnels: lines with ``kind``, ``width_m``, ``elevated_m`` and ``depth_m``; all optional."""
    if not isinstance(data, VectorData):
        return Prepared()
    frame = context.local_frame(data)
    lines, row = drawn_lines(frame)
    if not len(lines):
        return Prepared()
    table = status()["structures"]
    below = np.isin(text(frame, ("kind",))[row], table["tunnel_kinds"])
    width = np.nan_to_num(numbers(frame, "width_m")[row], nan=table["width_m"]) + table["wider_m"]
    oids = frame.index.to_numpy()[row].astype(np.int32)
    colour = layer.style.colour or table["colour"]
    points, counts = _placed(lines, frame, row, below, context)
    parts: list[Part] = []
    for which, profile, high in ((~below, SLAB, table["slab_m"]), (below, ARCH, table["tube_m"])):
        if which.any():
            held = np.repeat(which, counts)
            tops = np.full(int(which.sum()), high)
            at, faces, owner = swept(points[held], counts[which], profile, width[which], tops)
            corners = np.array([1, 2]) if high == table["slab_m"] else np.array([0, len(profile) - 1])
            mine = oids[which]
            parts.append(
                MeshPart(
                    at.astype(np.float32), faces.astype(np.int32), mine[owner], rows_of(colour, len(faces)),
                    edges=swept_rims(counts[which], len(profile), corners).astype(np.int32), edge_colour="#4c565d",
                    opacity=layer.style.opacity, offset=6.0,
                )
            )  # fmt: skip
    parts.append(_signs(points, counts, oids, colour, layer.style.size, table))
    return bounds_of_parts(Prepared(parts))


def _placed(
    lines: NDArray[np.object_], frame: object, row: Ints, below: NDArray[np.bool_], context: PrepareContext
) -> tuple[Floats, Ints]:
    """Return local points of the lines at the height of their deck or carriageway, and how many each has."""
    table = status()["structures"]
    dense = shapely.segmentize(shapely.force_2d(lines), table["step_m"])
    xy, index = shapely.get_coordinates(dense, return_index=True)
    local = context.frame.to_local(np.column_stack([xy, np.zeros(len(xy))]))
    points, counts = evened(np.asarray(local, dtype=np.float64), np.bincount(index, minlength=len(lines)))
    line = np.repeat(np.arange(len(lines)), counts)
    lattice = lattice_of(context)
    ground = lattice.height(points[:, 0], points[:, 1])
    ends = np.cumsum(counts)
    first, last = ends - counts, ends - 1
    step = np.linalg.norm(np.diff(points[:, :2], axis=0, prepend=points[:1, :2]), axis=1)
    step[first] = 0.0
    run = np.cumsum(step)
    run -= run[first][line]
    share = run / np.maximum(run[last][line], 1e-9)
    deck = ground[first][line] + (ground[last] - ground[first])[line] * share
    raised = np.nan_to_num(numbers(frame, "elevated_m"))[row]  # type: ignore[arg-type]
    depth = np.nan_to_num(numbers(frame, "depth_m"), nan=table["depth_m"])[row]  # type: ignore[arg-type]
    points[:, 2] = np.where(below[line], deck - depth[line], deck + raised[line] + table["over_road_m"])
    return points, counts


def _signs(points: Floats, counts: Ints, oids: NDArray[np.int32], colour: str, size: float, table: dict) -> GlyphPart:  # type: ignore[type-arg]
    """Return a sign over the middle of each structure."""
    middle = np.cumsum(counts) - counts + counts // 2
    at = points[middle].copy()
    at[:, 2] = points[middle, 2] + table["slab_m"]
    return GlyphPart(
        at.astype(np.float32), oids, rows_of(colour, len(oids)), table["sign"],
        np.full((len(oids), 3), table["sign_m"] * size, np.float32), np.zeros(len(oids), np.float32), far=True,
    )  # fmt: skip

"""What is shown along pipes: arrows of the flow, and words with size, material and kind.

Invariants
----------
1. An arrow is white where levels tell the direction, and grey where only the drawn direction is known; cables have
   none.
2. Arrows lie at halves, quarters and eighths of a pipe, each with the gap to the next of its kind; of short pipes some
   stand for several. The graphics leaves out what would stand too close (:data:`LEAST_GAP_PX`): their number on the
   screen is the same from near and from far, and no array is written while the eye moves.
3. Words are as long as their pipe on the screen at the most (:mod:`viewers.render.overlays.labels`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from viewers.render.geometry.feature_columns import text
from viewers.render.geometry.parts import LabelPart, MeshPart
from viewers.render.layers.pipe_kinds import kind_colour, kind_name
from viewers.render.layers.pipe_runs import CABLES, ROUND, Runs, flows_along
from viewers.render.palette.status_colours import chance, rgba, status
from viewers.texts.values import category

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Arrows of one pipe are no closer than this, metres.
CLOSEST_M = 10.0
#: One arrow stands for so many pipes at the most, as a power of two.
MOST_HALVINGS = 9
MATERIAL_FIELDS = ("material", "Material", "管材", "材质")
#: An arrow that points along the first axis: tip, wing, notch, wing.
_ARROW = np.array([[0.72, 0.0], [-0.46, 0.52], [-0.20, 0.0], [-0.46, -0.52]])
_RIM = np.array([[1.02, 0.0], [-0.78, 0.80], [-0.42, 0.0], [-0.78, -0.80]])
_LIFT_M = 0.03


def arrow_part(frame: Any, runs: Runs, oids: NDArray[np.int32], exaggeration: float = 1.0) -> MeshPart | None:
    """Return the arrows of the flow along all pipes, None where nothing flows."""
    wet = (~np.isin(runs.kind.astype(str), CABLES)) & (runs.counts > 1)
    if not wet.any():
        return None
    known, way = flows_along(frame, runs)
    line, at, tangent, gap = _places(runs, wet)
    if not len(line):
        return None
    tangent = tangent * way[line, None]
    side = np.cross(tangent, [0.0, 0.0, 1.0])
    flat = np.linalg.norm(side, axis=1)
    keep = flat > 0.2  # up and down a shaft there is no room for an arrow
    line, at, tangent, gap, side = (values[keep] for values in (line, at, tangent, gap, side))
    if not len(line):
        return None
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    at = at + [0.0, 0.0, 1.0] * (runs.height_m[line, None] / 2 * exaggeration + _LIFT_M)
    width, table = np.clip(0.75 * runs.width_m[line] * exaggeration, 0.12, 1.2), status()["pipes"]
    full = known[line]
    faces: list[NDArray[np.int64]] = []
    colours = []
    n = len(line)
    base = (np.arange(n) * 8)[:, None, None]
    k, after = np.arange(4), (np.arange(4) + 1) % 4
    ring = np.concatenate([np.stack([k, after, after + 4], axis=1), np.stack([k, after + 4, k + 4], axis=1)])
    for rows, triangles, colour in (
        (np.arange(n), ring, table["arrow_rim"]), (np.flatnonzero(full), np.array([[0, 1, 2], [0, 2, 3]]),
                                                   table["arrow"]),
        (np.flatnonzero(~full), np.array([[0, 1, 2], [0, 2, 3]]), table["arrow_drawn"]),
    ):  # fmt: skip
        faces.append((base[rows] + triangles[None]).reshape(-1, 3))
        colours.append(np.tile(np.array(rgba(colour), np.uint8), (len(rows) * len(triangles), 1)))
    shape = np.concatenate([_ARROW, _RIM])
    offset = shape[None, :, :1] * tangent[:, None] + shape[None, :, 1:] * side[:, None]
    return MeshPart(
        np.repeat(at, 8, axis=0).astype(np.float32), np.concatenate(faces).astype(np.int32),
        np.full(sum(map(len, faces)), -1, np.int32), np.concatenate(colours),
        normals=offset.reshape(-1, 3).astype(np.float32), lit=False, pickable=False,
        arrow=np.column_stack([np.repeat(width, 8), np.repeat(gap, 8)]).astype(np.float32),
    )  # fmt: skip


def _places(runs: Runs, wet: NDArray[np.bool_]) -> tuple[Ints, Floats, Floats, Floats]:
    """Return line, place, direction and gap (m) of each arrow."""
    owner = np.repeat(np.arange(len(runs.counts)), runs.counts)
    step = np.diff(runs.points, axis=0)
    inner = owner[1:] == owner[:-1]
    length = np.where(inner, np.linalg.norm(step, axis=1), 0.0)
    run = np.concatenate([[0.0], np.cumsum(length)])
    first = runs.first
    total = run[first + np.maximum(runs.counts - 1, 0)] - run[first]
    usable = np.flatnonzero(wet & (total > 0.5))
    lines, shares, gaps = [], [], []
    for level in range(12):
        mine = usable[total[usable] / 2**level >= CLOSEST_M] if level else usable
        if not len(mine):
            break
        odd = (np.arange(2**level) + 0.5) / 2**level
        lines.append(np.repeat(mine, len(odd)))
        shares.append(np.tile(odd, len(mine)))
        gap = total[mine] / 2**level
        if not level:  # some short pipes stand for their neighbours too
            gap = gap * 2.0 ** np.minimum(np.floor(-np.log2(np.maximum(chance(mine, 11), 1e-9))), MOST_HALVINGS)
        gaps.append(np.repeat(gap, len(odd)))
    if not lines:
        return np.zeros(0, np.int64), np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0)
    line = np.concatenate(lines)
    target = run[first[line]] + np.concatenate(shares) * total[line]
    seg = np.clip(np.searchsorted(run, target, side="right") - 1, first[line], first[line] + runs.counts[line] - 2)
    span = np.maximum(length[seg], 1e-9)
    share = np.clip((target - run[seg]) / span, 0.0, 1.0)[:, None]
    at = runs.points[seg] * (1 - share) + runs.points[seg + 1] * share
    return line, at, step[seg] / span[:, None], np.concatenate(gaps)


def label_parts(frame: Any, runs: Runs, tints: bool = False, colour: str = "") -> list[LabelPart]:
    """Return the words along the pipes, one part a kind, in a dark shade of its colour or of the one of all pipes."""
    line, middle, half = _straights(runs)
    if not len(line):
        return []
    wide = np.round(1000 * runs.width_m[line]).astype(np.int64)
    tall = np.round(1000 * runs.height_m[line]).astype(np.int64)
    rows = pd.DataFrame({
        "kind": runs.kind[line].astype(str), "material": text(frame, MATERIAL_FIELDS)[runs.row[line]],
        "wide": np.where(runs.assumed_size[line], 0, wide), "tall": np.where(runs.shape[line] == ROUND, 0, tall),
    })  # fmt: skip
    number = rows.groupby(["kind", "material", "wide", "tall"], sort=False).ngroup().to_numpy()
    unique = rows.drop_duplicates()
    said = {
        lang: np.array([words(*row, lang=lang) for row in unique.itertuples(index=False, name=None)], dtype=object)
        for lang in ("zh", "en")
    }
    priority = 20.0 + 10.0 * np.clip(runs.width_m[line], 0.0, 3.0)
    parts = []
    for kind in unique["kind"].unique():
        mine = np.flatnonzero((rows["kind"] == kind).to_numpy() & (said["zh"][number] != ""))
        if len(mine):
            parts.append(LabelPart(
                middle[mine].astype(np.float32), said["zh"][number[mine]].tolist(), said["en"][number[mine]].tolist(),
                priority[mine].astype(np.float32), size_px=12, colour=_ink(colour or kind_colour(kind, tints)),
                reach_m=900.0, gap_px=4.0, plain=True, half_m=half[mine].astype(np.float32),
                beside_m=(runs.width_m[line[mine]] / 2).astype(np.float32), is_buried=True,
            ))  # fmt: skip
    return parts


def words(kind: str, material: str, wide_mm: int, tall_mm: int, *, lang: str) -> str:
    """Return what is written along a pipe: ``"DN400 钢筋混凝土 雨水"``; nothing is said of what is not known."""
    size = ""
    if wide_mm:
        size = f"{wide_mm}×{tall_mm}" if tall_mm else f"{'φ' if kind in CABLES else 'DN'}{wide_mm}"
    return " ".join(part for part in (size, category("material", material, lang), kind_name(kind, lang)) if part)


def _straights(runs: Runs) -> tuple[Ints, Floats, Floats]:
    """Return line, middle and half of the longest straight stretch of each line."""
    owner = np.repeat(np.arange(len(runs.counts)), runs.counts)
    if len(owner) < 2:
        return np.zeros(0, np.int64), np.zeros((0, 3)), np.zeros((0, 3))
    step = np.diff(runs.points, axis=0)
    length = np.where(owner[1:] == owner[:-1], np.linalg.norm(step[:, :2], axis=1), 0.0)
    order = np.lexsort((-length, owner[:-1]))
    line, place = np.unique(owner[:-1][order], return_index=True)
    seg = order[place]
    seg, line = seg[length[seg] > 0.5], line[length[seg] > 0.5]
    return line, (runs.points[seg] + runs.points[seg + 1]) / 2, step[seg] / 2


def _ink(colour: str) -> str:
    """Return a shade of a colour that is dark enough to be read on a light ground."""
    r, g, b = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    light = (0.299 * r + 0.587 * g + 0.114 * b) / 255
    share = min(1.0, 0.33 / max(light, 1e-3))
    return "#{:02x}{:02x}{:02x}".format(*(round(value * share) for value in (r, g, b)))

"""Pipes as runs in the scene's frame: axes, true sizes, shapes, and what of them had to be assumed.

Invariants
----------
1. Sizes are those of the table. A size that is missing, zero or negative is drawn as :data:`USUAL_M` and counted.
2. Heights are those of the axis (Z), else the inverts at both ends, else a usual cover below the ground: then the depth
   is *assumed*, is drawn so (with gaps) and said in the legend. One end without a height is not made up from the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.core.table_columns import numbers
from models.network.levels import levels_of, plausible
from viewers.render.geometry.feature_columns import text
from viewers.render.geometry.lattice import lattice_of
from viewers.render.layers.pipe_kinds import kind_of, kinds
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.status_colours import status

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Diameter of a pipe of which nobody says it, metres.
USUAL_M = 0.2
#: Kinds in which nothing flows.
CABLES = ("DL", "TX")
#: Shapes of a cross-section, and words of the trade for them.
ROUND, BOX, EGG, DUCTS = 0, 1, 2, 3
_SHAPE_WORDS = (
    (DUCTS, ("duct", "管块", "排管", "管群")),
    (BOX, ("box", "rect", "square", "方", "矩", "箱", "渠", "沟")),
    (EGG, ("egg", "蛋", "卵")),
)
KIND_FIELDS, DUCT_FIELDS = ("kind", "type", "pipe_type"), ("ducts", "duct_count", "总孔数", "管孔数")


@dataclass(frozen=True, slots=True)
class Runs:
    """The lines of a layer of pipes, those of one object side by side.

    Parameters
    ----------
    points : ndarray (n, 3)
        Local points of the axes of all lines.
    counts : ndarray (k,)
        Points of each line.
    row : ndarray (k,)
        Row of the table that a line is of.
    width_m, height_m : ndarray (k,)
        Of the cross-section.
    shape : ndarray (k,)
        :data:`ROUND`, :data:`BOX`, :data:`EGG` or :data:`DUCTS`.
    assumed_depth, assumed_size : ndarray (k,) bool
    kind : ndarray (k,) of str
        Codes of CJJ 61.
    """

    points: Floats
    counts: Ints
    row: Ints
    width_m: Floats
    height_m: Floats
    shape: Ints
    assumed_depth: NDArray[np.bool_]
    assumed_size: NDArray[np.bool_]
    kind: NDArray[np.object_]

    @property
    def first(self) -> Ints:
        """Return the place of each line's first point."""
        ends: Ints = np.cumsum(self.counts)
        return ends - self.counts


def runs_of(frame: Any, context: PrepareContext) -> Runs:
    """Return the lines of a table in the project's CRS (world coordinates)."""
    lines, row = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    xyz, index = shapely.get_coordinates(lines, include_z=True, return_index=True)
    counts = np.bincount(index, minlength=len(lines))
    width, height, shape, assumed_size = (values[row] for values in sizes_of(frame))
    kind = kinds_of(frame)[row]
    local = np.asarray(context.frame.to_local(np.nan_to_num(xyz)), dtype=np.float64)
    z = np.where(np.isfinite(plausible(xyz[:, 2])), local[:, 2], np.nan)
    z[~_has_heights(xyz[:, 2], index, len(lines))[index]] = np.nan
    invert = _between_inverts(frame, row, index, counts, local) - context.frame.origin[2] + height[index] / 2
    z = np.where(np.isfinite(z), z, invert)
    lacking = ~np.isfinite(z)
    assumed = np.bincount(index[lacking], minlength=len(lines)) > 0
    if lacking.any():
        ground = lattice_of(context).height(local[lacking, 0], local[lacking, 1])
        z[lacking] = ground - status()["pipes"]["depth_m"] - height[index[lacking]] / 2
    local[:, 2] = z
    return Runs(local, counts, row, width, height, shape, assumed, assumed_size, kind)


def kinds_of(frame: Any) -> NDArray[np.object_]:
    """Return the kind of each row, a code of CJJ 61; of what is not known that of unidentified pipes."""
    codes, names = pd.factorize(text(frame, KIND_FIELDS))
    known = np.array([kind_of(str(name)) for name in names] or [""], dtype=object)
    return known[codes]


def sizes_of(frame: Any) -> tuple[Floats, Floats, Ints, NDArray[np.bool_]]:
    """Return width and height (m), shape of the section, and where a size had to be assumed, of each row."""
    diameter, wide, tall = (
        _positive(numbers(frame, name)) / 1000.0 for name in ("diameter_mm", "width_mm", "section_height_mm")
    )
    shape = _shapes(text(frame, ("shape",)), np.isfinite(wide) & np.isfinite(tall) & ~np.isfinite(diameter))
    one = np.where(np.isfinite(wide), wide, np.where(np.isfinite(diameter), diameter, tall))
    width = np.where(shape == ROUND, np.where(np.isfinite(diameter), diameter, one), one)
    other = np.where(shape == EGG, 1.5 * width, width)
    height = np.where((shape != ROUND) & np.isfinite(tall), tall, other)
    assumed = ~(np.isfinite(width) & np.isfinite(height))
    usual = np.where(np.isfinite(width), width, USUAL_M)
    return usual, np.where(np.isfinite(height), height, usual), shape, assumed


def ducts_of(frame: Any) -> tuple[Ints, Ints]:
    """Return how many ducts lie side by side and above each other in each row's bank; ``"2x3"``, or a number."""
    codes, names = pd.factorize(text(frame, DUCT_FIELDS))
    grid = np.array([_grid(str(name)) for name in names] or [(1, 1)], dtype=np.int64)
    found = grid[codes]
    return found[:, 0], found[:, 1]


def _grid(said: str) -> tuple[int, int]:
    two = re.fullmatch(r"\s*(\d{1,2})\s*[x×X*]\s*(\d{1,2})\s*", said)
    if two:
        across, up = int(two[1]), int(two[2])
    else:
        one = re.match(r"\s*(\d{1,3})", said)
        count = min(int(one[1]), 48) if one else 4
        across = int(np.ceil(np.sqrt(max(count, 1))))
        up = int(np.ceil(count / across))
    return min(max(across, 1), 8), min(max(up, 1), 6)


def flows_along(frame: Any, runs: Runs) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return whether the direction of flow is known from levels, and which way along its line, 1 or -1, of each line.

    Gravity pipes flow to their lower end. Where the ends are level or unknown, and in pressure pipes, the drawn
    direction is all that is known.
    """
    gravity = {code for code, one in kinds().items() if one["gravity"]}
    drains = np.isin(runs.kind.astype(str), list(gravity))
    first = runs.first
    real = (runs.counts > 1) & ~runs.assumed_depth
    fall = runs.points[first, 2] - runs.points[first + np.maximum(runs.counts - 1, 0), 2]
    known = drains & real & (np.abs(fall) > 1e-4)
    return known, np.where(known & (fall < 0), -1, 1)


def _positive(values: Floats) -> Floats:
    return np.where(values > 0, values, np.nan)


def _shapes(words: NDArray[np.object_], boxed: NDArray[np.bool_]) -> Ints:
    codes, names = pd.factorize(words)

    def shape(name: str) -> int:
        said = name.casefold()
        return next((one for one, known in _SHAPE_WORDS if any(word in said for word in known)), -1 if not said else 0)

    found = np.array([shape(str(name)) for name in names] or [-1], dtype=np.int64)[codes]
    return np.where(found < 0, np.where(boxed, BOX, ROUND), found)


def _has_heights(z: Floats, index: Ints, count: int) -> NDArray[np.bool_]:
    """Return which lines say heights: zeros all along are what a drawing writes that knows none."""
    said = np.isfinite(z) & (z != 0.0)
    return np.bincount(index[said], minlength=count) > 0


def _between_inverts(frame: Any, row: Ints, index: Ints, counts: Ints, local: Floats) -> Floats:
    """Return the height of the invert at each point, from those of the ends; NaN where either is not known."""
    start, end = levels_of(frame, "start_invert_m")[row], levels_of(frame, "end_invert_m")[row]
    step = np.hypot(*np.diff(local[:, :2], axis=0, prepend=local[:1, :2]).T)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    step[first[counts > 0]] = 0.0
    run = np.cumsum(step)
    run -= run[first[index]]
    length = np.maximum(run[np.minimum(first + counts - 1, len(run) - 1)], 1e-9)[index]
    result: Floats = start[index] + (end - start)[index] * run / length
    return result

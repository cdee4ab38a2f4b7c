"""Pipes as bodies: straight pieces of a centre line with outer half width and half height, a whole network at once.

Invariants
----------
1. Inverts on record say where a pipe's ends are; between them it follows the line's own heights (Z of the centre line):
   what Z departs from the straight line between the ends is added to the straight line between the inverts. So an edit
   of an invert counts at once, and a bend that only Z knows stays.
2. A pipe without both inverts takes its Z. Without either its heights are unknown (NaN), never zero; a line whose
   every Z is exactly 0 has none.
3. A size on record is the inside; the wall comes from ``resources/standards/pipe_walls.toml``. Where none is known the
   body is the inside alone, and :attr:`PipeSizes.wall_known` says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.core import table_columns
from resources.standards import standard

if TYPE_CHECKING:
    import geopandas as gpd

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Names of a cross-section that is no circle (``shape`` of a pipe).
BOXES = frozenset({"box", "rect", "rectangle", "rectangular", "square", "矩形", "方形", "方沟", "方涵", "箱涵"})


@dataclass(frozen=True, slots=True)
class PipeSizes:
    """Sizes of pipes, row by row, metres.

    Parameters
    ----------
    width_m, height_m : ndarray (n,)
        Inside, NaN where unknown.
    wall_m : ndarray (n,)
        NaN where nobody knows.
    is_box : ndarray (n,)
    wall_row : ndarray (n,) of int
        Row of ``pipe_walls.toml`` that said the wall, -1 for none.
    """

    width_m: Floats
    height_m: Floats
    wall_m: Floats
    is_box: Bools
    wall_row: Ints

    @property
    def size_known(self) -> Bools:
        """Return whether both inside measures are known."""
        return np.isfinite(self.width_m) & np.isfinite(self.height_m)

    @property
    def wall_known(self) -> Bools:
        """Return whether the wall is known."""
        return np.isfinite(self.wall_m)

    @property
    def half_width_m(self) -> Floats:
        """Return half the outer width: the inside alone where the wall is unknown, 0 where the size is."""
        return np.nan_to_num(self.width_m) / 2 + np.nan_to_num(self.wall_m)

    @property
    def half_height_m(self) -> Floats:
        """Return half the outer height, as :attr:`half_width_m`."""
        return np.nan_to_num(self.height_m) / 2 + np.nan_to_num(self.wall_m)


@dataclass(frozen=True, slots=True)
class PipeBodies:
    """Straight pieces of pipes.

    Parameters
    ----------
    start, end : ndarray (n, 3)
        Of the centre line; the height is NaN where unknown.
    row : ndarray (n,)
        Row of the table that a piece belongs to.
    first_m : ndarray (n,)
        Plan distance of ``start`` from the beginning of its pipe.
    half_width_m, half_height_m : ndarray (n,)
        Outer halves.
    sizes : PipeSizes
        Of the rows.
    length_m : ndarray
        Plan length of the rows, 0 for those without a line.
    """

    start: Floats
    end: Floats
    row: Ints
    first_m: Floats
    half_width_m: Floats
    half_height_m: Floats
    sizes: PipeSizes
    length_m: Floats

    def __len__(self) -> int:
        return len(self.row)

    @property
    def has_height(self) -> Bools:
        """Return for each piece whether its heights are known."""
        return np.isfinite(self.start[:, 2]) & np.isfinite(self.end[:, 2])

    def rows_with_height(self) -> Bools:
        """Return for each row of the table whether it has a piece and all its heights are known."""
        known = np.zeros(len(self.length_m), dtype=bool)
        known[self.row] = True
        known[self.row[~self.has_height]] = False
        return known


def numbers(frame: pd.DataFrame, name: str) -> Floats:
    """Return a column as finite numbers, NaN for what is none; all NaN where there is no such column."""
    values = table_columns.numbers(frame, name)
    return np.where(np.isfinite(values), values, np.nan)


def texts(frame: pd.DataFrame, name: str) -> NDArray[np.object_]:
    """Return a column as texts without blanks around, empty for what is missing."""
    if name not in frame.columns:
        return np.full(len(frame), "", dtype=object)
    column = frame[name]
    return column.astype(object).where(column.notna(), "").astype(str).str.strip().to_numpy(dtype=object)


def sizes_of(frame: pd.DataFrame) -> PipeSizes:
    """Return the sizes of pipes.

    Parameters
    ----------
    frame : DataFrame
        ``diameter_mm`` or ``width_mm`` and ``section_height_mm``, ``shape``, ``material``. Sizes of zero and less are
        unknown.
    """
    diameter, width, height = (
        np.where((found := numbers(frame, name) / 1000.0) > 0, found, np.nan)
        for name in ("diameter_mm", "width_mm", "section_height_mm")
    )
    named = np.isin(np.char.lower(texts(frame, "shape").astype(str)), list(BOXES))
    is_box = named | (~np.isfinite(diameter) & np.isfinite(width) & np.isfinite(height))
    wide = np.where(is_box & np.isfinite(width), width, diameter)
    tall = np.where(is_box & np.isfinite(height), height, diameter)
    row, wall = _walls(texts(frame, "material"), np.where(is_box, np.nan, diameter))
    return PipeSizes(wide, tall, wall, np.asarray(is_box, dtype=bool), row)


def bodies_of(frame: gpd.GeoDataFrame, origin: Any = (0.0, 0.0, 0.0)) -> PipeBodies:
    """Return the pieces of all pipes of a table.

    Parameters
    ----------
    frame : GeoDataFrame
        Lines in metres; ``start_invert_m``, ``end_invert_m`` and what :func:`sizes_of` reads.
    origin : (3,)
        Taken off the coordinates.
    """
    sizes = sizes_of(frame)
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    lines, owner = shapely.get_parts(shapely.line_merge(shapes, directed=True), return_index=True)
    usable = shapely.get_type_id(lines) == 1
    lines, owner = lines[usable], owner[usable]
    points, line = shapely.get_coordinates(lines, include_z=True, return_index=True)
    row = owner[line]
    step = np.zeros(len(points))
    inner = np.zeros(len(points), dtype=bool)
    if len(points):
        inner[1:] = line[1:] == line[:-1]
        step[1:] = np.where(inner[1:], np.hypot(*np.diff(points[:, :2], axis=0).T), 0.0)
    length = np.zeros(len(frame))
    np.add.at(length, row, step)
    total = np.cumsum(step)
    begin = np.zeros(len(frame))
    rows, first = np.unique(row, return_index=True)
    begin[rows] = total[first]
    along = total - begin[row]
    points[:, 2] = _axis(frame, points[:, 2], row, along, length, sizes)
    points -= np.asarray(origin, dtype=np.float64)
    second = np.flatnonzero(inner & (step > 1e-6))
    return PipeBodies(
        points[second - 1], points[second], row[second], along[second - 1],
        sizes.half_width_m[row[second]], sizes.half_height_m[row[second]], sizes, length,
    )  # fmt: skip


def _axis(frame: Any, z: Floats, row: Ints, along: Floats, length: Floats, sizes: PipeSizes) -> Floats:
    """Return the height of the centre line at each point; see the first two invariants."""
    flat = np.ones(len(frame), dtype=bool)
    flat[row[z != 0.0]] = False
    z = np.where(flat[row], np.nan, z)
    rows, first = np.unique(row, return_index=True)
    last = np.append(first[1:], len(row)) - 1
    half = np.nan_to_num(sizes.height_m) / 2
    ends = []
    for name, at in (("start_invert_m", first), ("end_invert_m", last)):
        own = np.full(len(frame), np.nan)
        if len(rows):
            own[rows] = z[at]
        ends.append((own, numbers(frame, name) + half))
    (z_start, start), (z_end, end) = ends
    share = along / np.maximum(length[row], 1e-9)
    departure = z - (z_start[row] + (z_end - z_start)[row] * share)
    start, end = np.where(np.isfinite(start), start, z_start), np.where(np.isfinite(end), end, z_end)
    return np.asarray(start[row] + (end - start)[row] * share + np.nan_to_num(departure))


@lru_cache(maxsize=1)
def wall_rows() -> tuple[dict[str, Any], ...]:
    """Return the rows of ``pipe_walls.toml``."""
    return tuple(standard("pipe_walls")["row"])


def _walls(materials: NDArray[np.object_], diameter_m: Floats) -> tuple[Ints, Floats]:
    """Return the row that speaks of each material and the wall in metres: 0 where the size is the outside."""
    row, wall = np.full(len(materials), -1, dtype=np.int64), np.full(len(materials), np.nan)
    names, inverse = np.unique(materials.astype(str), return_inverse=True)
    found = np.array([_row_of(name) for name in names], dtype=np.int64)[inverse] if len(names) else row
    for number, rule in enumerate(wall_rows()):
        mine = (found == number) & np.isfinite(diameter_m)
        if rule["size_is"] == "outside":
            row[mine], wall[mine] = number, 0.0
        elif rule["walls"]:
            table = np.asarray(rule["walls"], dtype=np.float64)
            mine &= (diameter_m * 1000 >= table[0, 0] - 1e-6) & (diameter_m * 1000 <= table[-1, 0] + 1e-6)
            row[mine] = number
            wall[mine] = np.interp(diameter_m[mine] * 1000, table[:, 0], table[:, 1]) / 1000.0
    return row, wall


def _row_of(material: str) -> int:
    low = material.lower()
    words = set(re.findall(r"[a-z]+", low))
    return next(
        (n for n, rule in enumerate(wall_rows())
         if any(name in words if name.isascii() else name in low for name in rule["names"])), -1,
    )  # fmt: skip

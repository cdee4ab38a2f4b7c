"""Responsibility grids (责任网格): unions of whole unit grids, each connected, coded and looked after by somebody.

Invariants
----------
1. Each unit grid with a code belongs to exactly one responsibility grid, whole.
2. A responsibility grid is connected; an area (a community) in two places becomes two.
3. None reaches over the border of its community, or of its sub-district where that is asked for.

Source: GB/T 30428.1 as known (made of whole unit grids), certainty D. How the standard codes them is not known; the
code here is ours: the area, a hyphen and a serial number, so that nobody takes it for that of a unit grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.core.progress import Progress
from models.facilities.coding.unit_grids import NOISE_M2, ROUNDED_M, TOUCH_M

By = Literal["community", "subdistrict", "number"]
Geometries = NDArray[np.object_]
#: Digits of a unit grid's code that say the area.
_DIGITS = {"community": 12, "subdistrict": 9, "number": 12}
#: Grids are neighbours where they share so much of their border, metres.
LEAST_BORDER_M = 1.0
#: A group of less than this share of the wanted number is joined to a neighbour that stays below the second.
_LEAST_SHARE, _MOST_SHARE = 0.5, 1.5


def make_responsibility_grids(
    grids: pd.DataFrame, by: By, number: int = 10, progress: Progress | None = None
) -> tuple[pd.DataFrame, pd.Series[str]]:
    """Join unit grids to responsibility grids.

    Parameters
    ----------
    grids : DataFrame
        ``code`` (15 digits; others are left out) and ``shape`` (polygons in a projected CRS, metres); index = oid.
    by : {"community", "subdistrict", "number"}
        One for each area, or inside each community about ``number`` unit grids each.
    number : int
    progress : Progress, optional

    Returns
    -------
    DataFrame
        ``code``, ``area_code``, ``serial`` inside the area, ``of`` how many there, ``unit_grids`` (count), ``area_m2``
        and ``shape``, by code.
    Series of str
        The code of the responsibility grid of each unit grid, empty for none; index as ``grids``.
    """
    from scipy import sparse

    progress = progress or Progress()
    codes = grids["code"].astype("str")
    good = np.flatnonzero(codes.str.fullmatch("[0-9]{15}").to_numpy(dtype=bool))
    order = good[np.argsort(codes.to_numpy(object)[good].astype("U15"), kind="stable")]
    shapes = shapely.force_2d(grids["shape"].to_numpy(object)[order])
    areas = codes.str.slice(0, _DIGITS[by]).to_numpy(object)[order]
    one, other, border = borders(shapes)
    inside = areas[one] == areas[other]
    net = sparse.coo_array((border[inside], (one[inside], other[inside])), shape=(len(order), len(order))).tocsr()
    net = (net + net.T).tocsr()
    _, group = sparse.csgraph.connected_components(net, directed=False)
    if by == "number":
        group = _parted(net, group, number, progress.part(0.0, 0.8))
    rows: list[tuple[str, str, int, int, int, float, Any]] = []
    member = pd.Series("", index=grids.index, dtype="str")
    for at, (area, part) in enumerate(parts := list(pd.Series(group).groupby(areas, sort=True))):
        progress.step(0.8 + 0.2 * at / len(parts), "progress.responsibility_grids")
        names = part.unique()
        for serial, name in enumerate(names, start=1):
            held = part.index[part == name].to_numpy()
            code = f"{area}-{serial:02d}"
            member.iloc[order[held]] = code
            whole = _union(shapes[held])
            rows.append((code, str(area), serial, len(names), len(held), round(float(whole.area), 1), whole))
    progress.step(1.0)
    return pd.DataFrame(rows, columns=["code", "area_code", "serial", "of", "unit_grids", "area_m2", "shape"]), member


def borders(shapes: Geometries) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Return the pairs of neighbours (each once, the first before the second) and the border they share, metres."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOUCH_M)
    pairs = one < other
    one, other = one[pairs], other[pairs]
    reach = shapely.buffer(shapes, TOUCH_M, cap_style="flat", join_style="mitre")
    shared = shapely.length(shapely.intersection(reach[one], shapely.boundary(shapes)[other]))
    near = shared > LEAST_BORDER_M
    return one[near], other[near], shared[near]


def _union(shapes: Geometries) -> Any:
    """Return whole grids as one; what lies a hair's breadth apart is closed."""
    whole = shapely.union_all(shapes, grid_size=ROUNDED_M)
    if whole.geom_type == "Polygon":
        return whole
    closed = shapely.buffer(shapely.buffer(whole, TOUCH_M, join_style="mitre"), -TOUCH_M, join_style="mitre")
    return closed if closed.geom_type == "Polygon" else whole


def _parted(net: Any, component: NDArray[np.int32], number: int, progress: Progress) -> NDArray[np.int64]:
    """Return groups of about ``number`` grids, each connected and inside one component."""
    group = np.full(len(component), -1, dtype=np.int64)
    size: list[int] = []
    for seed in range(len(group)):
        if group[seed] >= 0:
            continue
        progress.step(seed / len(group), "progress.responsibility_grids")
        name, count, reach = len(size), 0, {seed: 0.0}
        while reach and count < number:
            best = max(reach, key=lambda grid: (reach[grid], -grid))
            del reach[best]
            group[best] = name
            count += 1
            for near, border in _beside(net, best):
                if group[near] < 0:
                    reach[near] = reach.get(near, 0.0) + border
        size.append(count)
    members: list[list[int]] = [[] for _ in size]
    for grid, name in enumerate(group.tolist()):
        members[name].append(grid)
    for name in sorted(range(len(size)), key=lambda one: size[one]):
        if 0 < size[name] < number * _LEAST_SHARE:
            shared: dict[int, float] = {}
            for grid in members[name]:
                for near, border in _beside(net, grid):
                    if group[near] != name and size[group[near]] + size[name] <= number * _MOST_SHARE:
                        shared[int(group[near])] = shared.get(int(group[near]), 0.0) + border
            if shared:
                into = max(shared, key=lambda one: shared[one])
                group[members[name]] = into
                members[into] += members[name]
                size[into] += size[name]
                members[name], size[name] = [], 0
    return group


def _beside(net: Any, grid: int) -> list[tuple[int, float]]:
    span = slice(net.indptr[grid], net.indptr[grid + 1])
    return list(zip(net.indices[span].tolist(), net.data[span].tolist(), strict=True))


def check_responsibility_grids(made: pd.DataFrame, grids: pd.DataFrame) -> pd.DataFrame:
    """Check responsibility grids, made here or elsewhere, against their unit grids.

    Parameters
    ----------
    made, grids : DataFrame
        ``code`` and ``shape``; index = oid.

    Returns
    -------
    DataFrame
        ``oid``, ``of_unit`` (whether it is that of a unit grid), ``code``, ``kind`` (``"split"`` holds a part of a
        unit grid, ``"parts"`` not connected, ``"overlap"``, ``"left"`` a unit grid in none) and ``value`` (m²).
    """
    wholes, units = made["shape"].to_numpy(object), grids["shape"].to_numpy(object)
    size = shapely.area(units)
    found: list[tuple[int, bool, str, str, float]] = []

    def add(
        frame: pd.DataFrame, rows: Sequence[int] | NDArray[np.intp], kind: str, values: Any, *, of_unit: bool
    ) -> None:
        found.extend(
            (int(frame.index[row]), of_unit, str(frame["code"].iloc[row]), kind, float(value))
            for row, value in zip(rows, values, strict=True)
        )  # fmt: skip

    tree = shapely.STRtree(wholes)
    unit, whole = tree.query(units, predicate="intersects")
    part = shapely.area(shapely.intersection(units[unit], wholes[whole], grid_size=ROUNDED_M))
    split = (part > NOISE_M2) & (part < size[unit] - NOISE_M2)
    cut = pd.Series(part[split]).groupby(whole[split]).sum()
    add(made, cut.index.to_numpy(), "split", cut.to_numpy(), of_unit=False)
    pieces = np.flatnonzero(shapely.get_num_geometries(wholes) > 1)
    add(made, pieces, "parts", shapely.area(wholes[pieces]), of_unit=False)
    one, other = tree.query(wholes, predicate="intersects")
    pairs = one < other
    shared = shapely.area(shapely.intersection(wholes[one[pairs]], wholes[other[pairs]], grid_size=ROUNDED_M))
    add(made, one[pairs][shared > NOISE_M2], "overlap", shared[shared > NOISE_M2], of_unit=False)
    held = np.bincount(unit, weights=part, minlength=len(units)) > NOISE_M2
    left = np.flatnonzero(~held)
    add(grids, left, "left", size[left], of_unit=True)
    return pd.DataFrame(found, columns=["oid", "of_unit", "code", "kind", "value"])

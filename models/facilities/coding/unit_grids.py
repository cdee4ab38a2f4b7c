"""Unit grids (单元网格): a city divided along boundaries and roads into pieces of about 10,000 m², checked and coded.

Invariants
----------
1. The grids of an area (a community) fill it: no gap, no overlap. Half of each street belongs to either side.
2. No grid reaches across a boundary or across a road that divides. Only what is too narrow to be a block (a median, a
   splitter island) is joined to its neighbour over a road.
3. A cut that we make ourselves crosses no building. Where none is possible the grid stays large and is listed.
4. A road that ends inside a block divides nothing.

Source: GB/T 30428.1 as known (area about 10,000 m², no road, building or boundary crossed), certainty D.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.core.errors import UserError
from models.core.progress import Progress

Geometries = NDArray[np.object_]

#: Highest serial of a grid inside its community (three digits).
MOST_SERIAL = 999
#: A piece that is nowhere wider than twice this is no block, metres.
SLIVER_HALF_WIDTH_M = 6.0
#: So narrow a part of a block (the strip between a fence and the street) is joined to its neighbour, metres.
STRIP_HALF_WIDTH_M = 14.0
#: A building may reach so far over a cut: tables of buildings and boundaries never meet exactly, metres.
TOUCH_M = 0.05
#: Half the width of a road that is not to be crossed, for the arithmetic, metres.
WALL_M = 0.2
#: What is joined or held against each other is rounded to this, metres: exact overlays fail on lines that nearly meet.
ROUNDED_M = 0.001
#: Areas below this are noise of the arithmetic, m².
NOISE_M2 = 1.0
#: Where along a piece it may be cut, as shares of its length, tried from the wanted place outwards.
_PLACES = np.linspace(0.2, 0.8, 25)


@dataclass(frozen=True, slots=True)
class GridOptions:
    """How large unit grids are.

    Parameters
    ----------
    area_m2 : float
        Wanted area.
    least_share, most_share : float
        Between which shares of it a grid should be.
    """

    area_m2: float = 10_000.0
    least_share: float = 0.4
    most_share: float = 1.8

    @property
    def least_m2(self) -> float:
        """Return the least area of a grid."""
        return self.area_m2 * self.least_share

    @property
    def most_m2(self) -> float:
        """Return the greatest area of a grid."""
        return self.area_m2 * self.most_share


def make_unit_grids(
    areas: Geometries, codes: list[str], roads: Geometries, minor: Geometries, buildings: Geometries,
    options: GridOptions, progress: Progress | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Divide areas into unit grids.

    Parameters
    ----------
    areas : ndarray of polygon
        Communities, in a projected CRS, metres.
    codes : list of str
        Twelve digits of each.
    roads, minor : ndarray of line
        Roads that no grid may cross; lines along which a block is divided first (lanes, borders of land).
    buildings : ndarray of polygon
    options : GridOptions
    progress : Progress, optional

    Returns
    -------
    DataFrame
        ``code`` (15 digits), ``area_code``, ``area_m2``, ``note`` (``"small"``, ``"large"`` or empty) and ``shape``,
        from north to south in each area.

    Raises
    ------
    UserError
        ``facilities.grid_area_code``, ``facilities.too_many_grids``.
    """
    progress = progress or Progress()
    for code in codes:
        if len(code) != 12 or not (code.isascii() and code.isdigit()):
            raise UserError("facilities.grid_area_code", value=code or "—")
    trees = [shapely.STRtree(part) for part in (roads, minor, buildings)]
    rows: list[pd.DataFrame] = []
    for number, (area, code) in enumerate(zip(areas, codes, strict=True)):
        progress.step(number / max(len(areas), 1), "progress.unit_grids")
        near = [part[tree.query(area, predicate="intersects")] for part, tree in
                zip((roads, minor, buildings), trees, strict=True)]  # fmt: skip
        pieces = _divided(area, near[0], near[1], near[2], options, progress)
        rows.append(_coded(pieces, code, options))
    progress.step(1.0)
    empty = pd.DataFrame(columns=["code", "area_code", "area_m2", "note", "shape"])
    return pd.concat(rows, ignore_index=True) if rows else empty


def _divided(
    area: Any, roads: Geometries, minor: Geometries, buildings: Geometries, options: GridOptions, progress: Progress
) -> list[Any]:
    """Return the grids of one area."""
    blocks = _joined_slivers(_cells(area, roads))
    found: list[Any] = []
    for block in blocks:
        progress.step()
        if block.area <= options.most_m2:
            found.append(block)
            continue
        # A road that ends inside the block divides nothing; a cut of ours over it would make it run through a grid.
        ends = shapely.get_parts(shapely.intersection(roads[_meets(roads, block)], shapely.buffer(block, -WALL_M)))
        walls = shapely.buffer(ends[~shapely.is_empty(ends)], WALL_M)
        houses = buildings[_meets(buildings, block)]
        free = _without_houses(minor[_meets(minor, block)], block, houses)
        for part in _grown(_cells(block, free), options) if len(free) else [block]:
            found += _cut(part, houses[_meets(houses, part)], walls[_meets(walls, part)], options)
    # A cut may have closed a road that ended inside its block: it divides now, however small the parts.
    return [part for piece in found for part in _joined_slivers(_cells(piece, roads[_meets(roads, piece)]))]


def _meets(shapes: Geometries, part: Any) -> NDArray[np.bool_]:
    return np.asarray(shapely.intersects(shapes, part), dtype=bool) if len(shapes) else np.zeros(0, dtype=bool)


def _cells(area: Any, lines: Geometries) -> list[Any]:
    """Return the pieces into which lines cut an area; its own outline holds them together."""
    if not len(lines):
        return [part for part in shapely.get_parts(area) if part.area > 0]
    clipped = shapely.intersection(shapely.force_2d(lines), area)
    net = shapely.union_all([area.boundary, *shapely.get_parts(clipped[~shapely.is_empty(clipped)])])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(net)))
    kept = faces[shapely.contains(area, shapely.point_on_surface(faces))] if len(faces) else faces
    return list(kept)


def _without_houses(lines: Geometries, block: Any, houses: Geometries) -> Geometries:
    """Return the parts of lines inside a block that cross no building, cut at each other so that some may fall out."""
    parts: Geometries = shapely.get_parts(shapely.intersection(shapely.force_2d(lines), block))
    parts = parts[shapely.get_dimensions(parts) == 1]
    if not len(parts):
        return parts
    noded: Geometries = shapely.get_parts(shapely.union_all(parts))
    return noded[~_crosses(noded, houses)]


def _crosses(lines: Geometries, houses: Geometries) -> NDArray[np.bool_]:
    """Return which lines run through a building, not only along it."""
    hit = np.zeros(len(lines), dtype=bool)
    if len(houses) and len(lines):
        at, house = shapely.STRtree(houses).query(lines, predicate="intersects")
        through = shapely.length(shapely.intersection(lines[at], shapely.buffer(houses[house], -TOUCH_M))) > 0
        hit[at[through]] = True
    return hit


def _joined_slivers(cells: list[Any]) -> list[Any]:
    """Join what is too narrow to be a block to the neighbour with which it shares the longest border."""
    return _merged(cells, lambda cell: shapely.buffer(cell, -SLIVER_HALF_WIDTH_M).is_empty, np.inf)


def _grown(cells: list[Any], options: GridOptions) -> list[Any]:
    """Join pieces of one block that are small or mere strips to neighbours until they are large enough."""

    def is_too_small(cell: Any) -> bool:
        return bool(cell.area < options.least_m2 or shapely.buffer(cell, -STRIP_HALF_WIDTH_M).is_empty)

    return _merged(cells, is_too_small, options.most_m2)


def _merged(cells: list[Any], is_too_small: Any, most_m2: float) -> list[Any]:
    held = list(cells)
    small = [cell for cell in held if is_too_small(cell)]
    while small and len(held) > 1:
        one = min(small, key=lambda cell: cell.area)
        others = [cell for cell in held if cell is not one]
        shared = shapely.length(shapely.intersection(np.array(others, dtype=object), one.boundary))
        total = shapely.area(np.array(others, dtype=object)) + one.area
        fits = (shared > 0) & (total <= most_m2)
        order = np.where(fits, shared, np.where(shared > 0, shared * 1e-6, -1.0))
        best = int(np.argmax(order))
        if order[best] < 0:
            small = [cell for cell in small if cell is not one]
            continue
        whole = shapely.union_all([one, others[best]])
        if whole.geom_type != "Polygon":
            small = [cell for cell in small if cell is not one]
            continue
        small = [cell for cell in small if cell is not one and cell is not others[best]]
        held = [cell for cell in others if cell is not others[best]] + [whole]
        if is_too_small(whole):
            small.append(whole)
    return held


def _cut(piece: Any, houses: Geometries, walls: Geometries, options: GridOptions) -> list[Any]:
    """Cut a piece across its length, between buildings, until the parts are small enough or no cut is possible."""
    if piece.area <= options.most_m2:
        return [piece]
    wanted = max(round(piece.area / options.area_m2), 2)
    share = (wanted // 2) / wanted
    box = shapely.oriented_envelope(piece)
    corners = shapely.get_coordinates(box)
    if len(corners) < 5:
        return [piece]
    first, second = corners[1] - corners[0], corners[3] - corners[0]
    start = corners[0]
    for along, reach in sorted(((first, second), (second, first)), key=lambda pair: -float(np.hypot(*pair[0]))):
        places = _PLACES[np.argsort(np.abs(_PLACES - share), kind="stable")]
        lines = np.array(
            [shapely.LineString([start + along * p - reach * 0.01, start + along * p + reach * 1.01]) for p in places],
            dtype=object,
        )
        inside = shapely.intersection(lines, piece)
        free = ~_crosses(inside, houses) & (shapely.length(inside) > 0)
        over_road = _crosses(inside, walls)
        for at in [*np.flatnonzero(free & ~over_road), *np.flatnonzero(free & over_road)]:
            parts = _cells(piece, np.array([lines[at]], dtype=object))
            if len(parts) > 1 and min(part.area for part in parts) >= options.least_m2:
                return [
                    small
                    for part in parts
                    for small in _cut(part, houses[_meets(houses, part)], walls[_meets(walls, part)], options)
                ]
    return [piece]


def _coded(pieces: list[Any], code: str, options: GridOptions) -> pd.DataFrame:
    """Number the grids of an area from north to south, row by row, west to east."""
    if len(pieces) > MOST_SERIAL:
        raise UserError("facilities.too_many_grids", area=code, count=len(pieces), most=MOST_SERIAL)
    shapes = np.array(pieces, dtype=object)
    middles = shapely.centroid(shapes)
    rows = np.round(shapely.get_y(middles) / np.sqrt(options.area_m2))
    order = np.lexsort((shapely.get_x(middles), -rows))
    shapes = shapes[order]
    size = shapely.area(shapes)
    note = np.select([size < options.least_m2, size > options.most_m2], ["small", "large"], "")
    return pd.DataFrame({
        "code": [f"{code}{number:03d}" for number in range(1, len(shapes) + 1)], "area_code": code,
        "area_m2": np.round(size, 1), "note": note, "shape": shapes,
    })  # fmt: skip


# --- checked ----------------------------------------------------------------------------------------------------------


def check_unit_grids(
    grids: pd.DataFrame, areas: Geometries, codes: list[str], roads: Geometries, buildings: Geometries,
    options: GridOptions,
) -> pd.DataFrame:  # fmt: skip
    """Check unit grids, made here or elsewhere.

    Parameters
    ----------
    grids : DataFrame
        ``code`` and ``shape``; index = oid.
    areas, codes, roads, buildings, options
        As :func:`make_unit_grids` takes them.

    Returns
    -------
    DataFrame
        ``oid`` (-1 for an area), ``code``, ``kind`` (``"small"``, ``"large"``, ``"road"`` cut through by a road,
        ``"building"`` cuts a building, ``"boundary"`` reaches out of its area, ``"overlap"``, ``"gap"``,
        ``"code"``) and ``value`` (m² or m).
    """
    shapes, oids = grids["shape"].to_numpy(object), grids.index.to_numpy()
    names = grids["code"].astype("str").to_numpy(object)
    found: list[tuple[int, str, str, float]] = []

    def add(rows: Any, kind: str, values: Any) -> None:
        found.extend(
            (int(oids[row]), str(names[row]), kind, float(value)) for row, value in zip(rows, values, strict=True)
        )

    size = shapely.area(shapes)
    for kind, hit in (("small", size < options.least_m2), ("large", size > options.most_m2)):
        add(np.flatnonzero(hit), kind, size[hit])
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="intersects")
    pairs = one < other
    shared = shapely.area(shapely.intersection(shapes[one[pairs]], shapes[other[pairs]], grid_size=ROUNDED_M))
    add(one[pairs][shared > NOISE_M2], "overlap", shared[shared > NOISE_M2])
    if len(roads):
        road, grid = tree.query(roads, predicate="crosses")
        inner = shapely.buffer(shapes, -TOUCH_M)
        inside = shapely.intersection(roads[road], inner[grid])
        for row in np.unique(grid[shapely.length(inside) > SLIVER_HALF_WIDTH_M]):
            lines = roads[road[grid == row]]
            parts = np.array(_joined_slivers(_cells(shapes[row], lines)), dtype=object)
            if (~shapely.is_empty(shapely.buffer(parts, -SLIVER_HALF_WIDTH_M))).sum() > 1:
                add([row], "road", [sum(shapely.length(shapely.intersection(lines, inner[row])))])
    if len(buildings):
        house, grid = tree.query(buildings, predicate="intersects")
        part = shapely.area(shapely.intersection(buildings[house], shapes[grid]))
        cut = part > NOISE_M2
        count = np.bincount(house[cut], minlength=len(buildings))
        split = cut & (count[house] > 1)
        for row in np.unique(grid[split]):
            add([row], "building", [part[split & (grid == row)].sum()])
    by_area = dict(zip(codes, areas, strict=True))
    own = np.array([by_area.get(name[:12]) for name in names], dtype=object)
    bad_code = ~pd.Series(names).str.fullmatch("[0-9]{15}").to_numpy() | np.array([area is None for area in own])
    bad_code |= pd.Series(names).duplicated(keep=False).to_numpy()
    add(np.flatnonzero(bad_code), "code", np.zeros(int(bad_code.sum())))
    known = np.flatnonzero(~np.array([area is None for area in own]))
    outside = shapely.area(shapely.difference(shapes[known], own[known], grid_size=ROUNDED_M))
    add(known[outside > NOISE_M2], "boundary", outside[outside > NOISE_M2])
    for code, area in by_area.items():
        near = tree.query(area, predicate="intersects")
        inside = shapely.area(shapely.intersection(shapes[near], area, grid_size=ROUNDED_M)).sum()
        doubled = shared[np.isin(one[pairs], near) & np.isin(other[pairs], near)].sum()
        missing = area.area - inside + doubled
        if missing > NOISE_M2:
            found.append((-1, code, "gap", float(missing)))
    return pd.DataFrame(found, columns=["oid", "code", "kind", "value"])


def grid_of(points: Geometries, grids: pd.DataFrame) -> NDArray[np.object_]:
    """Return the code of the unit grid in which each point lies, empty for none; on a border that of the first."""
    found = np.full(len(points), "", dtype=object)
    at, grid = shapely.STRtree(grids["shape"].to_numpy(object)).query(points, predicate="intersects")
    codes = grids["code"].to_numpy(object)
    found[at[::-1]] = codes[grid[::-1]]
    return found

"""Pattern matching of two layers under several hypotheses, against the matches expected by chance.

Two layers of one city share lines: district borders, streets, outlines; or avoid each other: streets do not run
through houses. A wrong reading moves one by hundreds of metres and the agreement is lost. How much agreement chance
gives is measured on the same data, moved in two dozen other directions by as much: a reading counts only if it stands
far above (or, for houses and streets, below) all of those.

Invariants
----------
1. A reading never wins by agreeing well, only by agreeing much better than every other displacement of that size.
2. All is done in metres around the middle of what the two share; points are in degrees on the way in and are moved by
   the reading itself, point by point, never by one vector.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.crs.doctor.evidence import Neighbour

Array = NDArray[np.float64]
Move = Callable[[Array], Array]

#: Metres in a degree of latitude, near enough for comparing patterns.
_DEGREE_M = 111_195.0
#: Two points nearer than this lie on each other, tried from strict to loose.
REACHES_M = (3.0, 10.0, 30.0)
#: Displacements by chance with which a reading is compared: their distances in metres.
_RING_M = (180.0, 320.0, 470.0, 640.0)
_DIRECTIONS = 6
#: A reading must stand so many deviations, and so much share, above what chance gives.
LEAST_Z = 6.0
LEAST_SHARE = 0.06
_LEAST_AGREEING = 10
_MOST_OWN = 1500
_MOST_OTHER = 120_000
#: A point is measured to so many pieces of edges about it.
_NEAREST = 4
#: Metres between points on edges of the other layer.
_STEP_M = 4.0
_MARGIN_M = 1200.0
#: Edges looked at for a translation: so many, so long at least, so many of them along it; and what is the same corner.
_MOST_EDGES, _LEAST_EDGE_M, _LEAST_EDGES, _SAME_CORNER_M = 6000, 3.0, 8, 1.0
#: Streets and houses tell no displacements apart that are smaller.
_STREET_M = 120.0


@dataclass(frozen=True, slots=True)
class Match:
    """How two layers lie to each other.

    Parameters
    ----------
    best : int
        Which reading won; -1 for none.
    z : float
        How far it stands above chance, in deviations of chance.
    share, chance : float
        Part of the points that agree under it, and under displacements by chance.
    how : str
        ``"on"`` (points on lines) or ``"clear"`` (lines clear of houses).
    spread_m : float
        Within so much four of five points that agree lie on the other; NaN for ``"clear"``.
    count : int
        Points compared.
    alike : tuple of int
        Readings that agree as well and cannot be told apart, ``best`` among them.
    """

    best: int = -1
    z: float = 0.0
    share: float = 0.0
    chance: float = 0.0
    how: str = ""
    spread_m: float = float("nan")
    count: int = 0
    alike: tuple[int, ...] = ()


def compare(own: Neighbour, other: Neighbour, readings: Sequence[tuple[Move, Move]]) -> Match:
    """Return which reading lays two layers on each other.

    Parameters
    ----------
    own, other : Neighbour
        With coordinates in degrees as they stand.
    readings : sequence of (callable, callable)
        What each reading does to the degrees of the first and of the second.

    Returns
    -------
    Match
        ``best`` is -1 where no reading stands out, or two that differ stand out alike.
    """
    shared = _shared([first(own.lonlat) for first, _ in readings], other.lonlat)
    if shared is None:
        return Match()
    middle, mine, theirs = shared
    houses = {own.shape, other.shape} == {"polygon", "line"}
    found = _lying_on(own, other, mine, theirs, middle, readings)
    if found.best < 0:  # a few long borders lie on some of many short ones, not the other way round
        turned = [(second, first) for first, second in readings]
        found = _lying_on(other, own, theirs, mine, middle, turned)
    if found.best < 0 and houses:
        found = _keeping_clear(own, other, mine, theirs, middle, readings)
    return found


def _shared(own: Sequence[Array], other: Array) -> tuple[Array, NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Return the middle of what two layers share and which of their points lie there; None if they share nothing.

    ``own`` is the one layer under each reading: a point counts that comes near the other under any.
    """
    low = np.maximum(np.min([one.min(axis=0) for one in own], axis=0), other.min(axis=0))
    high = np.minimum(np.max([one.max(axis=0) for one in own], axis=0), other.max(axis=0))
    middle = (low + high) / 2
    margin = np.array([_MARGIN_M / (_DEGREE_M * max(np.cos(np.radians(middle[1])), 0.1)), _MARGIN_M / _DEGREE_M])
    if (high - low < -margin).any():
        return None
    low, high = low - margin, high + margin

    def inside(points: Array) -> NDArray[np.bool_]:
        return np.asarray(((points >= low) & (points <= high)).all(axis=1))

    mine = np.any([inside(one) for one in own], axis=0)
    theirs = inside(other)
    return (middle, mine, theirs) if mine.sum() >= 20 and theirs.sum() >= 20 else None


def metres(lonlat: Array, middle: Array) -> Array:
    """Return metres around a point of degrees."""
    factor = np.array([_DEGREE_M * np.cos(np.radians(middle[1])), _DEGREE_M])
    return np.asarray((lonlat - middle) * factor)


def _lying_on(
    own: Neighbour, other: Neighbour, mine: NDArray[np.bool_], theirs: NDArray[np.bool_], middle: Array,
    readings: Sequence[tuple[Move, Move]],
) -> Match:  # fmt: skip
    """Compare the points of the one with the edges of the other."""
    chosen = np.flatnonzero(mine)
    chosen = chosen[:: max(1, len(chosen) // _MOST_OWN)]
    points, owner = own.lonlat[chosen], own.owner[chosen]
    trees: dict[int, _Edges] = {}
    moved: list[tuple[_Edges, Array]] = []
    for first, second in readings:
        key = id(second)
        if key not in trees:
            trees[key] = _Edges(*_pieces(metres(second(other.lonlat), middle), other.owner, other.shape, theirs))
        moved.append((trees[key], metres(first(points), middle)))
    start = moved[0][1]
    angles = np.arange(_DIRECTIONS) * 2 * np.pi / _DIRECTIONS
    ring = [r * np.array([np.cos(a + r), np.sin(a + r)]) for r in _RING_M for a in angles]
    distances = [tree.distance(where) for tree, where in moved]
    by_chance: dict[int, list[Array]] = {}  # about each reading that is best at some reach, not about a far one
    shifts = np.array([np.median(where - start, axis=0) for _, where in moved])
    found = Match(count=len(points))
    for reach in REACHES_M:
        shares = np.array([(d < reach).mean() for d in distances])
        best = int(shares.argmax())
        if best not in by_chance:
            tree, where = moved[best]
            by_chance[best] = [tree.distance(where + vector) for vector in ring]
        chance = np.array([(d < reach).mean() for d in by_chance[best]])
        # A displacement by chance that happens to be one of the readings is none.
        apart = np.array([np.linalg.norm(shifts - shifts[best] - vector, axis=1).min() > 60.0 for vector in ring])
        chance = chance[apart] if apart.sum() >= 8 else chance
        deviation = max(float(chance.std()), 0.5 / np.sqrt(len(points)) * 0.5, 0.006)
        z = (shares - chance.mean()) / deviation
        rivals = [k for k in range(len(shares)) if np.linalg.norm(shifts[k] - shifts[best]) > 2 * reach]
        runner_up = max((shares[k] for k in rivals), default=0.0)
        clear = shares[best] > 2.0 * chance.mean() and shares[best] - chance.mean() > 2.0 * max(
            runner_up - chance.mean(), 0.0
        )
        # A dozen corners of one house that lie on a street are one accident, not a dozen.
        agreeing = len(np.unique(owner[distances[best] < reach]))
        clear = clear and agreeing >= min(_LEAST_AGREEING, len(np.unique(owner)) / 2)
        if z[best] >= LEAST_Z and shares[best] - chance.mean() >= LEAST_SHARE and clear and z[best] > found.z:
            near = distances[best][distances[best] < reach]
            alike = tuple(
                k
                for k in range(len(shares))
                if shares[k] > 0.9 * shares[best] and np.linalg.norm(shifts[k] - shifts[best]) <= 2 * reach
            )
            found = Match(
                best, float(z[best]), float(shares[best]), float(chance.mean()), "on", float(np.quantile(near, 0.8)),
                len(points), alike,
            )  # fmt: skip
    return found


def _keeping_clear(
    own: Neighbour, other: Neighbour, mine: NDArray[np.bool_], theirs: NDArray[np.bool_], middle: Array,
    readings: Sequence[tuple[Move, Move]],
) -> Match:  # fmt: skip
    """Compare houses with streets: under the right reading hardly any street runs through a house."""
    import shapely

    def rings(lonlat: Array, one: Neighbour, here: NDArray[np.bool_]) -> Any:
        chosen = np.isin(one.owner, np.unique(one.owner[here])[:4000])
        xy, owner = metres(lonlat[chosen], middle), one.owner[chosen]
        _, number, counts = np.unique(owner, return_inverse=True, return_counts=True)
        whole = np.flatnonzero(counts[number] >= 4)
        whole = whole[np.argsort(number[whole], kind="stable")]  # a table need not name its owners in order
        return shapely.convex_hull(
            shapely.multipoints(xy[whole], indices=np.unique(number[whole], return_inverse=True)[1])
        )

    swap = own.shape == "line"
    houses, streets = (other, own) if swap else (own, other)
    houses_here, streets_here = (theirs, mine) if swap else (mine, theirs)
    fields, shares, shifts = [], [], []
    sample: Array | None = None
    tree = None
    for pair in readings:
        move_houses, move_streets = (pair[1], pair[0]) if swap else pair
        shapes = rings(move_houses(houses.lonlat), houses, houses_here)
        sizes = shapely.area(shapes)
        shapes = shapes[(sizes > 10) & (sizes < 40_000)]
        if len(shapes) < 15:
            return Match()
        line = _dense(metres(move_streets(streets.lonlat), middle), streets.owner, "line", streets_here)
        line = line[:: max(1, len(line) // 2000)]
        here = shapely.STRtree(shapes)
        around = shapely.bounds(shapes)
        hull = shapely.STRtree(shapely.box(*(around + np.array([-40.0, -40.0, 40.0, 40.0])).T))
        inside = _any_within(hull, line)
        shares.append(int(_any_within(here, line).sum()) / max(int(inside.sum()), 1))
        fields.append(int(inside.sum()))
        shifts.append(np.median(metres(pair[0](own.lonlat), middle) - metres(pair[1](own.lonlat), middle), axis=0))
        if tree is None:
            tree, sample, area = here, line, hull
    assert tree is not None  # noqa: S101 - there is at least one reading
    assert sample is not None  # noqa: S101 - set with it
    if min(fields) < 100:
        return Match()
    angles = np.arange(_DIRECTIONS) * 2 * np.pi / _DIRECTIONS
    by_chance = []
    for radius in _RING_M[:3]:
        for angle in angles:
            vector = radius * np.array([np.cos(angle + radius), np.sin(angle + radius)])
            if min(np.linalg.norm(np.array(shifts) - vector, axis=1)) < 60.0:
                continue
            line = sample + vector
            by_chance.append(int(_any_within(tree, line).sum()) / max(int(_any_within(area, line).sum()), 1))
    chance = np.array(by_chance)
    values = np.array(shares)
    deviation = max(float(chance.std()), 0.01)
    best = int(values.argmin())
    z = float((chance.mean() - values[best]) / deviation)
    apart = [float(np.linalg.norm(shift - shifts[best])) for shift in shifts]
    rivals = [values[k] for k in range(len(values)) if apart[k] > _STREET_M]
    alike = tuple(k for k in range(len(values)) if apart[k] <= _STREET_M)
    best = min(k for k in alike if values[k] <= values[best] + 0.05)
    clear = not rivals or min(rivals) > max(2.0 * values[best], 0.5 * chance.mean())
    if z < 4.0 or values[best] > 0.35 * chance.mean() or not clear:
        return Match(count=len(sample))
    return Match(best, z, float(values[best]), float(chance.mean()), "clear", float("nan"), len(sample), alike)


def _any_within(tree: Any, points: Array) -> NDArray[np.bool_]:
    """Return which points lie within any shape of a tree."""
    import shapely

    result = np.zeros(len(points), dtype=bool)
    result[tree.query(shapely.points(points), predicate="within")[0]] = True
    return result


class _Edges:
    """Short pieces of edges, asked how far points are from them."""

    def __init__(self, start: Array, end: Array) -> None:
        from scipy.spatial import cKDTree

        self._start, self._along = start, end - start
        self._square = np.maximum((self._along**2).sum(axis=1), 1e-12)
        self._tree = cKDTree((start + end) / 2)

    def distance(self, points: Array) -> Array:
        """Return the distance of points (n, 2) to the pieces whose middles are nearest."""
        near = self._tree.query(points, k=min(_NEAREST, len(self._start)))[1].reshape(len(points), -1)
        start, along = self._start[near], self._along[near]
        off = points[:, None, :] - start
        share = np.clip((off * along).sum(axis=2) / self._square[near], 0.0, 1.0)
        return np.asarray(np.hypot(*np.moveaxis(off - share[:, :, None] * along, 2, 0)).min(axis=1))


def _dense(xy: Array, owner: NDArray[np.int64], shape: str, here: NDArray[np.bool_]) -> Array:
    """Return points along the edges of a layer, a few metres apart; of point layers the points themselves."""
    return _pieces(xy, owner, shape, here)[0]


def _pieces(xy: Array, owner: NDArray[np.int64], shape: str, here: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return starts and ends of pieces of a layer's edges, a few metres long; of point layers the points."""
    if shape not in ("line", "polygon") or len(xy) < 2:
        return xy[here], xy[here]
    joined = (owner[1:] == owner[:-1]) & (here[1:] | here[:-1])
    start, end = xy[:-1][joined], xy[1:][joined]
    length = np.hypot(*(end - start).T)
    sane = length < 2000.0  # between the rings of one feature there is no edge
    start, end, length = start[sane], end[sane], length[sane]
    if not len(start):
        return xy[here], xy[here]
    step = max(_STEP_M, float(length.sum()) / _MOST_OTHER)
    counts = np.maximum(1, np.ceil(length / step)).astype(int)
    edge = np.repeat(np.arange(len(start)), counts)
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    whole = (end - start)[edge] / counts[edge][:, None]
    begin = start[edge] + whole * number[:, None]
    return np.asarray(begin), np.asarray(begin + whole)


def constant_offset(own: Neighbour, other: Neighbour, most_m: float = 300.0) -> tuple[float, float, float] | None:
    """Return the translation (east, north, metres) that lays one layer's corners on another's, and how clear it is.

    Vertices that stand for the same corner differ by one vector, all other pairs by anything; the vector is the peak
    of the histogram of differences. Mains that run beside each other in one street differ by one vector too, but only
    across the street: a datum moves lines along themselves as well, and that is looked for.
    """
    from scipy.ndimage import uniform_filter
    from scipy.spatial import cKDTree

    shared = _shared([own.lonlat], other.lonlat)
    if shared is None or own.shape != other.shape or own.shape not in ("line", "polygon"):
        return None
    middle, mine, theirs = shared
    a, b = metres(own.lonlat[mine], middle), metres(other.lonlat[theirs], middle)
    most = 2500 if most_m <= 300.0 else 500  # the pairs grow with the square
    a = a[:: max(1, len(a) // most)]
    b = b[:: max(1, len(b) // 40_000)]
    tree = cKDTree(b)
    near = tree.query_ball_point(a, most_m, return_length=False)
    each = 400 if most_m <= 300.0 else 3000
    differences = [b[index[:: len(index) // each + 1]] - point for index, point in zip(near, a, strict=True) if index]
    if not differences:
        return None
    pairs = np.concatenate(differences)
    size, cells = 4.0, int(2 * most_m / 4.0)
    table, _, _ = np.histogram2d(pairs[:, 0], pairs[:, 1], bins=cells, range=[[-most_m, most_m]] * 2)
    sums = uniform_filter(table, 3, mode="constant") * 9.0
    peak = np.unravel_index(int(sums.argmax()), sums.shape)
    background = float(np.median(sums[sums > 0])) if (sums > 0).any() else 0.0
    height = float(sums[peak])
    if height < 12 or height < background + 8.0 * np.sqrt(max(background, 1.0)) or height < 0.18 * len(a):
        return None
    about = (np.array(peak) + 0.5) * size - most_m
    for radius in (2.5 * size, size, 0.5 * size, 0.25 * size):  # to the very peak, past pairs that are near by chance
        close = pairs[np.linalg.norm(pairs - about, axis=1) < radius]
        about = np.median(close, axis=0) if len(close) >= 6 else about
    if not _moves_along_too(own, mine, middle, tree, about):
        return None
    east, north = about
    return float(east), float(north), height / max(background, 1.0)


def _moves_along_too(own: Neighbour, mine: NDArray[np.bool_], middle: Array, tree: Any, about: Any) -> bool:
    """Whether a translation lays edges that run along it on the other layer's corners as well as those across it."""
    joined = (own.owner[1:] == own.owner[:-1]) & mine[1:] & mine[:-1]
    first = np.flatnonzero(joined)[:: max(1, int(joined.sum()) // _MOST_EDGES)]
    xy = metres(own.lonlat, middle)
    edge = xy[first + 1] - xy[first]
    length = np.hypot(*edge.T)
    first, edge, length = first[length > _LEAST_EDGE_M], edge[length > _LEAST_EDGE_M], length[length > _LEAST_EDGE_M]
    if not len(first):
        return False
    meets = np.all([tree.query(xy[first + k] + about)[0] < _SAME_CORNER_M for k in (0, 1)], axis=0)
    along = np.abs(edge @ (about / np.hypot(*about))) / length
    runs_along, runs_across = along > 0.5**0.5, along <= 0.5**0.5
    if runs_along.sum() < _LEAST_EDGES or meets[runs_along].sum() < _LEAST_EDGES:
        return False
    across = float(meets[runs_across].mean()) if runs_across.any() else 0.0
    return float(meets[runs_along].mean()) >= 0.5 * across

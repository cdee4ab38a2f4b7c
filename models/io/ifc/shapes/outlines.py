"""Outlines that touch themselves, taken apart into outlines and holes that do not.

An outline touches itself where two of its corners are one, or where a corner stands on another of its edges. There the
edge is split at the corner, so that one rule takes both apart: a ring ends where it comes by the same corner again.
No corner is made or moved.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Corners and edges nearer than this are one to the kernels, which lose faces at 1e-5 m and keep them at 1e-4 m.
TOUCH_M = 2e-5
#: A triangle neither touches nor crosses itself.
FEWEST = 4
#: Part of outlines that may lie on one another by rounding.
_OVERLAP = 1e-6
#: Rings with more corners are looked at one by one, which takes less than every corner with every edge.
_DENSE = 64
_BLOCK = 1_000_000


def split(points: Floats, touch: float) -> list[int]:
    """Return a ring as rows of its corners (n, 3), corners at one place by one row, edges split where one stands on it.

    Examples
    --------
    >>> split(np.array([[0, 0, 0], [4, 0, 0], [4, 4, 0], [2, 0, 0], [0, 4, 0.0]]), 1e-5)
    [0, 3, 1, 2, 3, 4]
    """
    import shapely
    from scipy.spatial import cKDTree

    same = list(range(len(points)))
    for low, high in sorted(cKDTree(points).query_pairs(touch)):
        same[high] = min(same[high], same[low])
    following = np.roll(points, -1, axis=0)
    flat = np.argsort(np.ptp(points, axis=0))[1:]  # only brings nearer what is looked at in space below
    edges = shapely.STRtree(shapely.linestrings(np.stack([points[:, flat], following[:, flat]], axis=1)))
    corner, edge = edges.query(shapely.points(points[:, flat]), predicate="dwithin", distance=touch)
    along = following[edge] - points[edge]
    length = np.maximum(np.linalg.norm(along, axis=1), 1e-300)
    reach = points[corner] - points[edge]
    run = (reach * along).sum(axis=1) / length
    off = np.linalg.norm(reach - along * (run / length)[:, None], axis=1)
    on = (off <= touch) & (run > touch) & (length - run > touch)
    between: dict[int, list[tuple[float, int]]] = {}
    for at, where, row in zip(edge[on].tolist(), run[on].tolist(), corner[on].tolist(), strict=True):
        between.setdefault(at, []).append((where, same[row]))
    ring = [row for at in range(len(points)) for row in (same[at], *(one for _, one in sorted(between.get(at, ()))))]
    return [one for one, after in zip(ring, [*ring[1:], *ring[:1]], strict=True) if one != after]


def faulty(rings: Sequence[Floats], touch: float) -> tuple[list[int], list[int]]:
    """Return which rings touch themselves and which only cross themselves.

    Parameters
    ----------
    rings : sequence of (n, 3) array
    touch : float
        Distance within which corners and edges touch, in units of the rings.
    """
    import shapely

    touching: list[int] = []
    crossing: list[int] = []
    by_size: dict[int, list[int]] = {}
    for at, ring in enumerate(rings):
        if len(ring) >= FEWEST:
            by_size.setdefault(len(ring), []).append(at)
    for size, group in by_size.items():
        step = max(_BLOCK // size**2, 1) if size <= _DENSE else 1
        for start in range(0, len(group), step):
            rows = np.array(group[start : start + step])
            corners = np.stack([rings[at] for at in rows])
            near = _may_touch(corners, touch) if size <= _DENSE else np.ones(len(rows), dtype=bool)
            for at in np.flatnonzero(near).tolist():
                near[at] = has_twice(split(corners[at], touch))
            flat = np.argsort(np.abs(_areas(corners)), axis=1)[:, None, :2]
            valid = shapely.is_valid(shapely.polygons(np.take_along_axis(corners, flat, axis=2)))
            touching += rows[near].tolist()
            crossing += rows[~near & ~valid].tolist()
    return sorted(touching), sorted(crossing)


def has_twice(ring: list[int]) -> bool:
    """Whether a ring comes by a corner again."""
    return len(set(ring)) != len(ring)


def simple_rings(ring: list[int]) -> list[list[int]]:
    """Return the rings without a corner twice that a ring is made of; what runs out and back again is none.

    Examples
    --------
    >>> simple_rings([0, 1, 2, 3, 0, 4, 5, 6, 4])
    [[4, 5, 6], [0, 1, 2, 3]]
    """
    found: list[list[int]] = []
    path: list[int] = []
    for corner in [*ring, *ring[:1]]:
        if corner in path:
            at = path.index(corner)
            loop = path[at:]
            del path[at + 1 :]
            if len(loop) > 2:
                found.append(loop)
        else:
            path.append(corner)
    return found


def outlines(points: Floats, ring: list[int]) -> list[tuple[list[int], list[list[int]]]]:
    """Return outlines, each with its holes, none where that cannot be; ``ring`` names rows of ``points`` (n, 3)."""
    import shapely

    rings = simple_rings(ring)
    if not rings:
        return []
    areas = [_areas(points[one][None])[0] for one in rings]
    main = areas[int(np.argmax([np.linalg.norm(area) for area in areas]))]
    if not np.linalg.norm(main) > 0:
        return []
    flat = np.argsort(np.abs(main))[:2]  # laid into the plane that it faces most
    shapes = [shapely.Polygon(points[one][:, flat]) for one in rings]
    outer = [at for at, area in enumerate(areas) if float(area @ main) > 0]
    holes: dict[int, list[list[int]]] = {at: [] for at in outer}
    lying: dict[int, list[int]] = {at: [at] for at in outer}
    for at, area in enumerate(areas):
        if float(area @ main) < 0:
            inside = shapes[at].representative_point()
            around = [one for one in outer if shapes[one].contains(inside)]
            if around:
                owner = min(around, key=lambda one: float(shapes[one].area))
                holes[owner].append(rings[at])
                lying[owner].append(at)
            else:  # the other half of an eight
                holes[at], lying[at] = [], [at]
                rings[at] = rings[at][::-1]
    solids = [
        shapely.Polygon(shapes[at].exterior, [shapes[one].exterior for one in inner])
        for at, (_, *inner) in lying.items()
    ]
    if not all(one.is_valid for one in solids):
        return []
    covered = sum(one.area for one in solids)
    if covered - shapely.union_all(solids).area > _OVERLAP * covered:
        return []  # a ring that goes round twice: filled to one reader, a hole to the next
    return [(rings[at], inner) for at, inner in holes.items()]


def _may_touch(corners: Floats, touch: float) -> NDArray[np.bool_]:
    """Return for rings (m, n, 3) whether a corner is near an edge that does not end there; a little more than is so."""
    size = corners.shape[1]
    along = np.roll(corners, -1, axis=1) - corners
    squared = np.maximum((along**2).sum(axis=2), 1e-300)[:, :, None]
    reach = corners[:, None, :, :] - corners[:, :, None, :]  # from the start of each edge to each corner
    part = np.clip(np.einsum("mekx,mex->mek", reach, along) / squared, 0.0, 1.0)
    off = ((reach - part[..., None] * along[:, :, None, :]) ** 2).sum(axis=3)
    edge = np.arange(size)
    own = (edge[:, None] == edge) | ((edge[:, None] + 1) % size == edge)
    found: NDArray[np.bool_] = ((off <= (2 * touch) ** 2) & ~own).any(axis=(1, 2))
    return found


def _areas(corners: Floats) -> Floats:
    """Return the vector areas of rings (m, n, 3)."""
    reach = corners - corners[:, :1]
    found: Floats = np.cross(reach, np.roll(reach, -1, axis=1)).sum(axis=1) / 2
    return found

"""Footprints: the plan shapes of Chinese housing and public buildings, drawn inside a level rectangle."""

from __future__ import annotations

import numpy as np
from shapely import Polygon, box
from shapely.geometry import LinearRing


def slab(spot: Polygon, units: int) -> Polygon:
    """Return a slab with a recessed stair on the north of each unit and a stepped south front."""
    x0, y0, x1, y1 = spot.bounds
    width = (x1 - x0) / units
    points = [(x0, y0 + 0.9)]
    for i in range(units):
        left = x0 + i * width
        points += [
            (left + 0.18 * width, y0 + 0.9),
            (left + 0.18 * width, y0),
            (left + 0.82 * width, y0),
            (left + 0.82 * width, y0 + 0.9),
        ]
    points += [(x1, y0 + 0.9), (x1, y1)]
    for i in reversed(range(units)):
        middle = x0 + (i + 0.5) * width
        points += [(middle + 1.4, y1), (middle + 1.4, y1 - 1.5), (middle - 1.4, y1 - 1.5), (middle - 1.4, y1)]
    points.append((x0, y1))
    return Polygon(points)


def tower(spot: Polygon) -> Polygon:
    """Return a point tower: a core with four flats, corners stepped, notched to the north for light."""
    x0, y0, x1, y1 = spot.bounds
    w, d = x1 - x0, y1 - y0
    a, b = 0.30 * w, 0.16 * d
    n = 0.10 * w
    return Polygon(
        [
            (x0 + 0.06 * w, y0 + b),
            (x0 + 0.06 * w, y0),
            (x0 + a, y0),
            (x0 + a, y0 + 0.10 * d),
            (x1 - a, y0 + 0.10 * d),
            (x1 - a, y0),
            (x1 - 0.06 * w, y0),
            (x1 - 0.06 * w, y0 + b),
            (x1, y0 + b),
            (x1, y1 - b),
            (x1 - 0.10 * w, y1 - b),
            (x1 - 0.10 * w, y1),
            (x0 + 0.5 * w + n, y1),
            (x0 + 0.5 * w + n, y1 - 0.18 * d),
            (x0 + 0.5 * w - n, y1 - 0.18 * d),
            (x0 + 0.5 * w - n, y1),
            (x0 + 0.10 * w, y1),
            (x0 + 0.10 * w, y1 - b),
            (x0, y1 - b),
            (x0, y0 + b),
        ]
    )


def ell(spot: Polygon, thick_m: float, east: bool = True, north: bool = True) -> Polygon:
    """Return an L: a bar along one long side and a wing at one end."""
    x0, y0, x1, y1 = spot.bounds
    bar = box(x0, y0, x1, y0 + thick_m) if north else box(x0, y1 - thick_m, x1, y1)
    wing = box(x1 - thick_m, y0, x1, y1) if east else box(x0, y0, x0 + thick_m, y1)
    return bar.union(wing)


def you(spot: Polygon, thick_m: float, open_south: bool = True) -> Polygon:
    """Return a U around a court."""
    x0, y0, x1, y1 = spot.bounds
    court = box(x0 + thick_m, y0 - 1, x1 - thick_m, y1 - thick_m)
    if not open_south:
        court = box(x0 + thick_m, y0 + thick_m, x1 - thick_m, y1 + 1)
    return spot.difference(court)


def comb(spot: Polygon, thick_m: float, teeth: int) -> Polygon:
    """Return teaching bars, facing south, joined by a corridor wing on the west: the E of a Chinese school."""
    x0, y0, x1, y1 = spot.bounds
    shape = box(x0, y0, x0 + 5.0, y1)
    for i in range(teeth):
        y = y0 + i * (y1 - y0 - thick_m) / max(teeth - 1, 1)
        shape = shape.union(box(x0, y, x1, y + thick_m))
    return Polygon(shape.exterior)


def stadium(spot: Polygon, inset_m: float = 0.0) -> Polygon:
    """Return the outline of a running track, long axis as the rectangle's."""
    x0, y0, x1, y1 = spot.bounds
    r = min(x1 - x0, y1 - y0) / 2
    middle = spot.buffer(-(r - 0.01)) if min(x1 - x0, y1 - y0) > 0 else spot
    return Polygon(middle.buffer(r - 0.01 - inset_m, quad_segs=12).exterior)


def rounded(spot: Polygon, radius_m: float) -> Polygon:
    """Return a shape with rounded corners."""
    return spot.buffer(-radius_m, join_style="mitre").buffer(radius_m, quad_segs=5)


def notched(spot: Polygon, notch_m: float) -> Polygon:
    """Return an office tower: a square with its corners taken out."""
    x0, y0, x1, y1 = spot.bounds
    shape = spot
    for x, y in ((x0, y0), (x0, y1), (x1, y0), (x1, y1)):
        shape = shape.difference(box(x - notch_m, y - notch_m, x + notch_m, y + notch_m))
    return shape


def blob(
    centre: tuple[float, float], a_m: float, b_m: float, rng: np.random.Generator, wobble: float = 0.16
) -> Polygon:
    """Return a smooth closed shape, a lake or a pond."""
    t = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    r = np.ones_like(t)
    for k in (2, 3, 4, 5):
        r += wobble / k * 1.6 * np.cos(k * t + rng.uniform(0, 2 * np.pi))
    return Polygon(LinearRing(np.column_stack([centre[0] + a_m * r * np.cos(t), centre[1] + b_m * r * np.sin(t)])))

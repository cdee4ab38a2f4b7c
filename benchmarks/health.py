"""What the city health check costs: land in reach of many sites, against plain shapely.

Run: ``python benchmarks/health.py [part …]``, the parts are the names in :data:`PARTS`. Seconds are processor time of
this process; what counts is the ratio to plain shapely on the same geometries: circles in an STRtree, parcels that one
of them covers, a union of the few circles around each of the others. Areas have to be the same.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
#: Parcels, sites, side of the city and radius, metres: a city that lacks sites, and one that has too many.
CITIES = ((2_000, 40, 5_000.0, 500.0), (5_000, 100, 9_000.0, 500.0), (100_000, 3_000, 40_000.0, 500.0),
          (100_000, 100_000, 40_000.0, 300.0), (100_000, 100_000, 160_000.0, 300.0))  # fmt: skip


def seconds(act: Callable[..., Any], *values: Any) -> tuple[float, Any]:
    """Return processor time of a call, and what it returned."""
    start = time.process_time()
    made = act(*values)
    return time.process_time() - start, made


def city(parcels: int, sites: int, side_m: float) -> tuple[Any, Any, Any]:
    """Return parcels of 30–120 m, sites as points and sixteen districts, in metres of a city at usual eastings."""
    import numpy as np
    import shapely

    random = np.random.default_rng(8)
    corner, size = random.uniform(0, side_m, (parcels, 2)), random.uniform(30, 120, (parcels, 2))
    origin = np.array([500_000.0, 4_059_000.0])
    land = shapely.box(*(corner + origin).T, *(corner + size + origin).T)
    step = np.arange(4) * side_m / 4
    x, y = (part.ravel() for part in np.meshgrid(step + origin[0], step + origin[1]))
    districts = shapely.box(x, y, x + side_m / 4, y + side_m / 4)
    return land, shapely.points(random.uniform(0, side_m, (sites, 2)) + origin), districts


def plainly(land: Any, sites: Any, districts: Any, radius_m: float) -> Any:
    """Return covered area by district: plain shapely with local unions and a filter of what is covered whole."""
    import numpy as np
    import shapely

    circles = shapely.buffer(sites, radius_m, quad_segs=64)
    whole = np.unique(shapely.STRtree(land).query(circles, predicate="covers")[1])
    inside = land.copy()
    rest = np.setdiff1d(np.arange(len(land)), whole)
    parcel, circle = shapely.STRtree(circles).query(land[rest], predicate="intersects")
    first, last = (np.searchsorted(parcel, np.arange(len(rest)), side=side) for side in ("left", "right"))
    for row, one, end in zip(rest, first, last, strict=True):
        inside[row] = shapely.intersection(land[row], shapely.union_all(circles[circle[one:end]]))
    parcel, district = shapely.STRtree(districts).query(inside, predicate="intersects")
    pieces_m2 = shapely.area(shapely.intersection(inside[parcel], districts[district]))
    return np.bincount(district, pieces_m2, minlength=len(districts))


def reach() -> None:
    """Print how land in reach compares to plain shapely."""
    import numpy as np

    from models.health import coverage

    for parcels, sites, side_m, radius_m in CITIES:
        land, places, districts = city(parcels, sites, side_m)
        radii_m = np.full(sites, radius_m)
        before_mb = memory_mb()
        own_s, found = seconds(coverage.reach, land, districts, places, radii_m)
        own_mb = memory_mb() - before_mb
        plain_s, areas_m2 = seconds(plainly, land, places, districts, radius_m)
        off = np.abs(found.covered_m2 - areas_m2).max() / areas_m2.max()
        share = found.covered_m2.sum() / found.total_m2.sum()
        print(f"{parcels:>7,} parcels × {sites:>7,} sites of {radius_m:.0f} m, {share:6.1%} in reach: {own_s:6.2f} s, "
              f"plain {plain_s:6.2f} s, ratio {own_s / plain_s:.2f}, areas differ by {off:.0e}, "
              f"peak +{own_mb:.0f} MB against +{memory_mb() - before_mb:.0f} MB")  # fmt: skip


def memory_mb() -> float:
    """Return the greatest memory that this process has held, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


#: What can be measured, by name.
PARTS: Mapping[str, Callable[[], None]] = {"reach": reach}


def main() -> None:
    """Measure the parts that are named, or all."""
    sys.path.insert(0, str(ROOT))
    for name in sys.argv[1:] or PARTS:
        print(f"-- {name}")
        PARTS[name]()


if __name__ == "__main__":
    main()

"""What the city health check costs: land in reach of many sites, against plain shapely; a whole edition; one edit.

Run: ``python benchmarks/health.py [part …] [project.gpkg]``, the parts are the names in :data:`PARTS`. "edition" and
"edit" need a project: ``sample.gpkg``, or for the city of 100,000 buildings what ``python main.py sample --size city
--out city.gpkg`` makes. Seconds are processor time of
this process; what counts is the ratio to plain shapely on the same geometries: circles in an STRtree, parcels that one
of them covers, a union of the few circles around each of the others. Areas have to be the same.
"""

from __future__ import annotations

import resource
import sys
import tempfile
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


def opened() -> Any:
    """Return a session with the project that was named open, without a display."""
    from app.background.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from app.usecases.project.opening import open_project

    named = [Path(word) for word in sys.argv[1:] if word.endswith(".gpkg")]
    project = named[0] if named else ROOT / "sample.gpkg"
    if not project.exists():
        raise SystemExit(f"{project} is not there: python main.py sample --out {project.name}")
    session = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=Path(tempfile.mkdtemp()))
    open_project(session, project)
    return session


def edition() -> None:
    """Print what a whole edition costs, beside opening the project."""
    from models.health.book import book_of
    from models.health.compute import compute

    opening_s, session = seconds(opened)
    state, data = session.project.state, dict(session.project.data)
    fingerprints, costs = session.project.fingerprints, {}
    for code in book_of(state.health).computed:
        costs[code], _ = seconds(compute, code, state, data, None, fingerprints)
    total_s = sum(costs.values())
    buildings = sum(data[layer.id].count for layer in state.with_role("buildings"))
    print(
        f"{buildings:,} buildings, {len(costs)} indicators by estate, sub-district and city, all readings: "
        f"{total_s:.1f} s; opening the project took {opening_s:.1f} s, ratio {total_s / opening_s:.1f}"
    )
    for code in sorted(costs, key=lambda code: -costs[code])[:8]:
        print(f"    {code} {costs[code]:6.2f} s")


def edit() -> None:
    """Print how long one edit takes to the new grades: a school moved, a radius and a target changed."""
    from models.health.book import definition_of
    from models.health.scenario.applying import rules_of
    from models.health.scenario.scenario import ChangedRule, Moved, Scenario
    from models.health.scenario.working import Outcome, outcome_of
    from models.project.selection import ObjectKey

    session = opened()
    state, data = session.project.state, dict(session.project.data)
    layer = next(layer for layer in state.layers if layer.role == "amenities")
    table = data[layer.id].frame
    school = ObjectKey(layer.id, int(table.index[table["kind"] == "middle_school"][0]))
    radius = next(rule for rule in rules_of(definition_of(state.health, "HC25-25")) if rule.path.endswith("radius_m"))
    for title, scenario in (
        ("a school moved by 300 m", Scenario(moved=(Moved(school, 300.0, 0.0),))),
        ("a radius changed", Scenario(rules=(ChangedRule("HC25-25", radius.path, radius.value - 50),))),
        ("a target changed", Scenario(rules=(ChangedRule("HC25-25", "benchmark.0", 70.0),))),
    ):
        outcome_of(scenario, Outcome(), state, data)  # the first one reads the tables
        start = time.perf_counter()
        cost_s, found = seconds(outcome_of, scenario, Outcome(), state, data)
        clock_s = time.perf_counter() - start
        print(
            f"{title:24} {1e3 * clock_s:6.0f} ms ({1e3 * cost_s:.0f} ms of processor), {len(found.results)} indicators"
        )


#: What can be measured, by name.
PARTS: Mapping[str, Callable[[], None]] = {"reach": reach, "edition": edition, "edit": edit}


def main() -> None:
    """Measure the parts that are named, or all."""
    sys.path.insert(0, str(ROOT))
    for name in [word for word in sys.argv[1:] if word in PARTS] or PARTS:
        print(f"-- {name}")
        PARTS[name]()


if __name__ == "__main__":
    main()

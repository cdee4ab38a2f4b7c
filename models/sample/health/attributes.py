"""What the health check asks of tables that the sample has anyway: homes, communities, green, water, pipes, sites.

Some answers are unknown on purpose (None): an indicator has to say so, and neither count them nor leave them out
silently.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from models.sample.city import City
from models.sample.health.dealing import NO, YES, dealt, either, whole, with_columns

HOMES = ("residential", "old_house")
#: Storeys from which a home is built with a lift, and what a flat takes of the floor (m²).
LIFT_STOREYS, FLAT_M2 = 7, 108.0
#: Civil buildings above these heights (m) are high-rises (GB 50016): homes, others.
HIGH_HOME_M, HIGH_OTHER_M = 27.0, 24.0
#: Networks that are monitored, and the share of their pipes that is.
MONITORED = {"JS": 0.45, "YS": 0.12, "WS": 0.2, "RQ": 0.6, "RL": 0.35}
#: Gas mains laid up to this year are due for renewal.
OLD_GAS_YEAR = 1996
NEW_ESTATES = {"370199003002": 2021}


def buildings(city: City, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return buildings with flats, lifts, fire monitoring, floor area and whose they are."""
    rng = city.rng("health/buildings")
    count = len(frame)
    use, storeys, year = frame["use"], frame["storeys"].to_numpy(), frame["year"].to_numpy()
    home = use.isin(HOMES).to_numpy()
    floor = np.round(frame.geometry.area.to_numpy() * storeys, 1)
    flats = np.where(use == "old_house", 1, np.maximum(1, np.round(floor / FLAT_M2)))
    incomplete = np.where(
        home & (year < 1992) & (rng.random(count) < 0.25), np.ceil(flats * rng.uniform(0.1, 0.6, count)), 0
    )
    untold = rng.random((4, count)) < np.array([[0.02], [0.03], [0.02], [0.02]])
    tall = np.where(use == "residential", frame["height_m"] > HIGH_HOME_M, frame["height_m"] > HIGH_OTHER_M)
    added = rng.random(count) < 0.08
    watched = dealt(rng, count, {YES: 0.72, NO: 0.22, None: 0.06})
    lift = either((storeys >= LIFT_STOREYS) | ((storeys >= 4) & added), YES, NO)
    whose = use.map(dict.fromkeys(HOMES, "home") | dict.fromkeys(("public", "education", "medical"), "public_service"))
    return with_columns(
        frame,
        flats=whole(np.where(home & ~untold[0], flats, np.nan)),
        incomplete_flats=whole(np.where(home & ~untold[1], incomplete, np.nan)),
        lift=either(home & ~untold[2], lift),
        fire_monitoring=[value if high else None for value, high in zip(watched, tall, strict=True)],
        floor_area_m2=np.where(untold[3], np.nan, floor),
        property=whose.fillna("business"),
    )


def communities(city: City, frame: gpd.GeoDataFrame, homes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return communities with cars, chargers, e-bikes, children and how they are looked after."""
    rng = city.rng("health/communities")
    count, households = len(frame), frame["households"].to_numpy()
    years = homes[homes["use"].isin(HOMES)].groupby("community_code")["year"].median().round()
    built = frame["code"].map(dict(years) | NEW_ESTATES)
    cars = np.round(households * rng.uniform(0.55, 1.05, count))
    charging = np.round(cars * rng.uniform(0.08, 0.16, count))
    ebikes = np.round(households * rng.uniform(0.2, 0.4, count))
    bays = np.round(ebikes * rng.uniform(0.55, 1.25, count))
    bays[[2, 11]] = 0
    figures: dict[str, Any] = {
        "built_year": built,
        "parking_spaces": np.round(cars * rng.uniform(0.62, 1.18, count)),
        "cars": cars,
        "chargers": np.round(charging * rng.uniform(0.4, 1.2, count)),
        "charger_demand": charging,
        "ebike_bays": bays,
        "ebike_demand": ebikes,
        "primary_children": np.round(frame["population"] * rng.uniform(0.05, 0.085, count)),
    }
    for name, row in (("cars", 13), ("charger_demand", 6), ("ebike_bays", 9), ("primary_children", 10)):
        figures[name] = [None if at == row else value for at, value in enumerate(figures[name])]
    sorting: list[str | None] = [YES] * count
    managed: list[str | None] = [YES] * count
    sorting[3], sorting[15], sorting[8] = NO, NO, None
    managed[3], managed[7], managed[15] = NO, NO, NO
    told = {name: whole(values) for name, values in figures.items()}
    return with_columns(frame, **told, waste_sorting=sorting, property_managed=managed)


def green(city: City, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return green spaces with their share of planting; of one in twenty nobody knows it."""
    rng = city.rng("health/green")
    cover = np.round(rng.uniform(0.55, 0.9, len(frame)), 2)
    cover[frame["kind"] == "activity_ground"] -= 0.04
    return with_columns(frame, green_cover=np.where(rng.random(len(frame)) < 0.05, np.nan, cover))


def water(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return waters with their class of blackness and smell: one light, one heavy, one that nobody has looked at."""
    ponds = list(frame.index[frame["kind"] == "pond"])
    told = dict(zip(ponds, ("light", "heavy", None), strict=False))
    return with_columns(frame, black_odorous=[told.get(at, "none") for at in frame.index])


def pipes(city: City, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return pipes with their monitoring, and old gas mains with their renewal."""
    rng = city.rng("health/pipes")
    count, kind = len(frame), frame["kind"]
    watched = rng.random(count) < kind.map(MONITORED).fillna(0.0).to_numpy()
    known = kind.isin(MONITORED).to_numpy() & (rng.random(count) >= 0.02)
    gas = (kind == "RQ").to_numpy()
    old = gas & (frame["year"] <= OLD_GAS_YEAR).to_numpy()
    plan = rng.choice(np.array([2025, 2026, 2027]), count, p=(0.3, 0.4, 0.3))
    done = rng.random(count) < np.where(plan == 2025, 0.95, np.where(plan == 2026, 0.6, 0.0))
    day = rng.integers(1, 29, count)
    month = rng.integers(3, 11, count)
    renewed = [f"{p}-{m:02d}-{d:02d}" for p, m, d in zip(plan, month, day, strict=True)]
    return with_columns(
        frame,
        monitored=either(known, either(watched, YES, NO)),
        old=either(gas, either(old, YES, NO)),
        renewal_plan=whole(np.where(old, plan, np.nan)),
        renewed_on=either(old & done, renewed),
    )


def drainage_sites(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return drainage sites with the severity of ponding: deep ones are serious, of one nobody said."""
    ponds = frame["kind"] == "ponding_point"
    severity = either(ponds, either(frame["depth_m"] >= 0.27, "serious", "general"))
    severity[np.flatnonzero(ponds)[-1:]] = None
    return with_columns(frame, severity=severity)


def roads(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return roads with a code, by which records name them."""
    return with_columns(frame, code=[f"DL{number:04d}" for number in range(1, len(frame) + 1)])


def cases(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return cases with the time by which they are due: three days."""
    due = pd.to_datetime(frame["reported_at"]) + pd.Timedelta(days=3)
    return with_columns(frame, due_at=[moment.isoformat() for moment in due])

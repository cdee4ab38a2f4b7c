"""Land within reach of schools, parks, greenways, pitches and fire stations: distances from points, never buffers.

A facility of which nobody knows what decides serves nobody, and lowers the coverage by its share of all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.sample.health.truth.land import Points, points_of, share_of
from models.sample.health.truth.registers import Answer, Row, both, either, is_empty, number
from models.sample.health.truth.units import Level, Sums, Town

PARCEL_STEP_M, LAND_STEP_M = 2.0, 4.0
SCHOOL_M, GREENWAY_M = 1_000.0, 1_000.0
PITCH_M = {"3": 300.0, "5": 500.0, "7": 1_000.0, "11": 1_000.0}
#: Land (km²) that a station of a class is given; it reaches as far as a circle as large.
JURISDICTION_KM2 = {"1": 7.0, "special": 7.0, "2": 4.0, "small": 2.0}
#: Land that is no construction land.
OPEN_LAND = ("hill", "farmland")


@dataclass(frozen=True, slots=True)
class Service:
    """How an indicator tells which facilities serve.

    Parameters
    ----------
    table : str
    themes : tuple of str
        Of the survey.
    serves : callable
        ``row -> answer``: whether it is such a facility; None where nobody knows.
    radius_m : callable
        ``row -> float or None``.
    land : str
        ``"parcels"`` or ``"land"``.
    reading : str
        Of the indicator; empty where it has only one.
    """

    table: str
    themes: tuple[str, ...]
    serves: Callable[[Row], Answer]
    radius_m: Callable[[Row], float | None]
    land: str = "parcels"
    reading: str = "radius"


def _at_least(value: Any, least: float) -> Answer:
    return None if (found := number(value)) is None else found >= least


def _park(row: Row) -> Answer:
    kind = row["kind"] in ("park", "activity_ground")
    green = _at_least(row["green_cover"], 0.5) if row["kind"] == "activity_ground" else True
    return both(kind, bool(row["open_to_public"]), green)


def _park_m(row: Row) -> float | None:
    hectares = row["_shape"].area / 1e4
    if hectares >= 5.0:
        return 800.0
    if hectares >= 1.0:
        return 500.0
    return 300.0 if hectares >= 0.2 or (row["historic"] and hectares >= 0.1) else None


def _greenway(row: Row) -> Answer:
    foot, mixed = _at_least(row["footpath_m"], 2.0), _at_least(row["combined_m"], 3.0)
    way = foot if mixed is None else mixed if foot is None else either(foot, mixed)
    return both(_at_least(row["width_m"], 6.0), _at_least(row["side_green_m"], 1.5), way)


def _class(value: Any) -> str:
    return "" if is_empty(value) else str(value).removesuffix(".0")


def _station_m(row: Row) -> float | None:
    given = JURISDICTION_KM2.get(_class(row["station_class"]))
    return None if given is None else round(float(np.sqrt(given * 1e6 / np.pi)), 3)


def _of_class(kind: str, field: str) -> Callable[[Row], Answer]:
    def answer(row: Row) -> Answer:
        return both(row["kind"] == kind, True if _class(row[field]) else None)

    return answer


SERVICES = {
    "HC25-22": Service(
        "amenities", ("parcels", "schools"), lambda row: row["kind"] in ("middle_school", "nine_year_school"),
        lambda _: SCHOOL_M,
    ),
    "HC25-25": Service("green", ("parcels", "parks"), _park, _park_m),
    "HC25-32": Service("greenways", ("parcels", "greenways"), _greenway, lambda _: GREENWAY_M, reading=""),
    "HC25-33": Service(
        "amenities", ("parcels", "sports"), _of_class("football_pitch", "pitch_size"),
        lambda row: PITCH_M.get(_class(row["pitch_size"])),
    ),
    "HC25-53": Service(
        "amenities", ("land", "fire_stations"), _of_class("fire_station", "station_class"), _station_m, "land",
    ),
}  # fmt: skip


def lands(town: Town) -> dict[str, Points]:
    """Return the points of residential parcels, and those of construction land."""
    land = town.frames["land"]
    city = town.districts.shapes
    near = land[land.geometry.intersects(city[0] | city[1] | city[2] | city[3])]
    return {
        "parcels": points_of(town.shapes("parcels"), PARCEL_STEP_M),
        "land": points_of(near.geometry[~near["use"].isin(OPEN_LAND)].to_numpy(), LAND_STEP_M),
    }


def reached(service: Service, points: Points, town: Town) -> tuple[NDArray[np.bool_], float]:
    """Return which points are in reach, and the share of the facilities of which it is known whether they serve."""
    sites, radii, known = [], [], 0
    rows = town.records(service.table)
    for row, shape in zip(rows, town.shapes(service.table), strict=True):
        told = {**row, "_shape": shape}
        answer = service.serves(told)
        known += answer is not None
        radius = service.radius_m(told) if answer else None
        if radius is not None:
            sites.append(shape)
            radii.append(radius)
    return points.near(sites, radii), known / len(rows)


def by_jurisdiction(points: Points, town: Town, level: Level) -> Sums:
    """Return the land that the stations of each unit are given, at most all of it (53, the reading by area)."""
    everything = share_of(points, np.zeros(len(points.xy), dtype=bool), level)
    given = [0.0] * len(level.codes)
    homes = level.homes("amenities", town.shapes("amenities"))
    for row, home in zip(town.records("amenities"), homes, strict=True):
        if row["kind"] == "fire_station" and home >= 0:
            given[home] += JURISDICTION_KM2[_class(row["station_class"])] * 1e6
    land = everything.denominator
    return Sums([min(pair) for pair in zip(given, land, strict=True)], land, land)

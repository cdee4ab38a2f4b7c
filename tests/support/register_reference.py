"""What the indicators of registers come to, row by row and in plain words: no part of the program is used here.

``reference(code, reading, tables)`` returns numerator and denominator by district, from tables as
:mod:`tests.support.register_city` makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from tests.support.register_city import BUILT_UP, COMMUNITIES, DISTRICTS

Sums = dict[str, list[float]]
HOMES = ("residential", "old_house")
CIVIL = ("commercial", "education", "medical", "office", "public", "other")
HEAT_WATER_GAS = ("JS", "PS", "YS", "WS", "HS", "RQ", "RL")
#: Check items that the manual has and the dice of the test city throw.
ITEMS = ("1", "2")
ONE_ITEM = ("HC25-02", "HC25-08")


def is_told(value: Any) -> bool:
    return value is not None and value == value and value != ""


def year(value: Any) -> int | None:
    return int(str(value)[:4]) if is_told(value) else None


def place(geometry: Any, extent: Any = None) -> str | None:
    """Return the district of a thing that is counted whole."""
    point = geometry.representative_point()
    if extent is not None and not extent.contains(point):
        return None
    return next((code for code, land in DISTRICTS.items() if land.contains(point)), None)


def rows(tables: dict[str, pd.DataFrame], role: str) -> Iterator[Any]:
    return tables[role].itertuples(index=False)


def counted(tables: Any, role: str, weigh: Callable[[Any], tuple[float, float] | None], extent: Any = None) -> Sums:
    """Sum what each row gives to numerator and denominator, None for a row of which that is not known."""
    sums: Sums = {code: [0.0, 0.0] for code in DISTRICTS}
    for row in rows(tables, role):
        home, given = place(row.geometry, extent), weigh(row)
        if home is not None and given is not None:
            sums[home][0] += given[0]
            sums[home][1] += given[1]
    return sums


def along(tables: Any, role: str, part: Callable[[Any], bool | None], extent: Any = None) -> Sums:
    """Sum kilometres: of lines for which ``part`` is true, and of those for which it is known."""
    sums: Sums = {code: [0.0, 0.0] for code in DISTRICTS}
    for row in rows(tables, role):
        answer = part(row)
        for code, land in DISTRICTS.items():
            inside = row.geometry.intersection(land if extent is None else land.intersection(extent))
            if answer is not None:
                sums[code][0] += inside.length / 1e3 * answer
                sums[code][1] += inside.length / 1e3
    return sums


def checked(tables: Any, code: str, role: str, among: Callable[[Any], bool | None], own: Any = None) -> Sums:
    """Count objects at which the latest record of some item says that it was found."""
    latest: dict[tuple[str, str], tuple[str, bool]] = {}
    for row in rows(tables, "check_records"):
        item = row.item.split("-")[1]
        if row.indicator != code or item not in (ITEMS[:1] if code in ONE_ITEM else ITEMS) or not is_told(row.found):
            continue
        key, said = (row.object_code, row.item), (row.checked_on, row.found == "yes")
        latest[key] = max(latest.get(key, said), said)
    said_of: dict[str, bool] = {}
    for (name, _), (_, found) in latest.items():
        said_of[name] = said_of.get(name, False) or found

    def weigh(row: Any) -> tuple[float, float] | None:
        if among(row) is False or (among(row) is None and row.code not in said_of):
            return None
        fails = said_of.get(row.code, own(row) if own is not None else None)
        return None if fails is None else (float(fails), 1.0)

    return counted(tables, role, weigh)


def _lacks_bays(row: Any) -> bool | None:
    if not is_told(row.ebike_bays):
        return None
    if row.ebike_bays <= 0:
        return True
    return row.ebike_bays < row.ebike_demand if is_told(row.ebike_demand) else None


def _says_no(value: Any) -> bool | None:
    return value == "no" if is_told(value) else None


def shortfalls(tables: Any, demand: str, supply: Any, usual: str = "") -> Sums:
    sums: Sums = {code: [0.0, 0.0] for code in DISTRICTS}
    for row in rows(tables, "communities"):
        needed = getattr(row, demand)
        if not is_told(needed) and usual:
            needed = getattr(row, usual)
        there = supply(row)
        if is_told(needed) and is_told(there):
            home = row.code[0]
            sums[home][0] += max(needed - there, 0.0)
            sums[home][1] += needed
    return sums


def _school_places(tables: Any) -> dict[str, float | None]:
    children = {row.code: row.primary_children for row in rows(tables, "communities")}
    found: dict[str, float | None] = dict.fromkeys(children, 0.0)
    for row in rows(tables, "amenities"):
        if row.kind not in ("primary_school", "nine_year_school"):
            continue
        served = [code for code in str(row.community_code).split(",") if code in children]
        if not served:
            served = [code for code, land in COMMUNITIES.items() if land.contains(row.geometry)]
        weights = [children[code] if is_told(children[code]) else 0.0 for code in served]
        for code, weight in zip(served, weights, strict=True):
            share = weight / sum(weights) if sum(weights) > 0 else 1 / len(served)
            before = found[code]
            found[code] = None if before is None or not is_told(row.capacity) else before + row.capacity * share
    return found


def _tall(row: Any, others: tuple[str, ...]) -> bool | None:
    if row.use in HOMES:
        return row.height_m > 27 if is_told(row.height_m) else None
    if is_told(row.use) and row.use not in others:
        return False
    if (is_told(row.height_m) and row.height_m <= 24) or (is_told(row.storeys) and row.storeys <= 1):
        return False if is_told(row.use) else None
    return True if is_told(row.use) and is_told(row.height_m) and is_told(row.storeys) else None


def _fire(row: Any, others: tuple[str, ...]) -> tuple[float, float] | None:
    if _tall(row, others) is not True or not is_told(row.fire_monitoring):
        return None
    return float(row.fire_monitoring == "yes"), 1.0


def _running(row: Any) -> bool:
    return (
        row.kind == "construction"
        and is_told(row.started_on)
        and year(row.started_on) <= 2026
        and (not is_told(row.finished_on) or year(row.finished_on) >= 2026)
    )


def _share(whole: Any, part: Any, meant: bool) -> tuple[float, float] | None:
    return (part, whole) if meant and is_told(whole) and is_told(part) and part <= whole else None


def _when(meant: bool, value: Any, yes: Any = "yes") -> tuple[float, float] | None:
    return (float(value == yes), 1.0) if meant and is_told(value) else None


def _serious(row: Any) -> tuple[float, float] | None:
    if row.kind != "ponding_point":
        return None
    if row.severity == "general" or row.state == "closed":
        return 0.0, 1.0
    return (1.0, 1.0) if row.severity == "serious" and row.state == "open" else None


def _gas(row: Any, planned: bool) -> bool | None:
    if row.kind != "RQ" or row.old != "yes":
        return None
    if not planned:
        return is_told(row.renewed_on) and year(row.renewed_on) <= 2026
    return year(row.renewed_on) == 2026 if row.renewal_plan == 2026 else None


def _this_year(value: Any) -> tuple[float, float]:
    return float(year(value) == 2026), 1.0


def _green(row: Any) -> tuple[float, float] | None:
    meant = row.kind == "construction" and year(row.started_on) == 2026
    return _share(row.floor_area_m2, row.green_floor_area_m2, meant)


def _idle(row: Any) -> tuple[float, float] | None:
    if row.kind != "historic_building" or not is_told(row.idle_months):
        return None
    return float(row.idle_months >= 6), 1.0


def _event(row: Any, kind: str) -> tuple[float, float] | None:
    return _when(row.kind == kind and year(row.happened_on) == 2026, row.verified)


def _homes_of(row: Any, reading: str) -> tuple[float, float] | None:
    day = row.started_on if reading == "started" else row.finished_on
    return _share(row.housing_units, row.affordable_units, row.kind == "construction" and year(day) == 2026)


def _village(row: Any) -> tuple[float, float] | None:
    return _this_year(row.finished_on) if row.kind == "urban_village" and row.needs_renewal == "yes" else None


def _bridge(row: Any) -> tuple[float, float] | None:
    return (float(row.grade in ("D", "E")), 1.0) if row.kind != "tunnel" and is_told(row.grade) else None


def _monitored(row: Any) -> bool | None:
    return row.monitored == "yes" if row.kind in HEAT_WATER_GAS and is_told(row.monitored) else None


def _cases(tables: Any, on_time: bool) -> Sums:
    def weigh(row: Any) -> tuple[float, float] | None:
        if year(row.closed_at) != 2026 or (on_time and not is_told(row.due_at)):
            return None
        return float(not on_time or row.closed_at <= row.due_at), 0.0

    sums = counted(tables, "cases", weigh, BUILT_UP)
    return {code: [done, DISTRICTS[code].intersection(BUILT_UP).area / 1e6] for code, (done, _) in sums.items()}


def reference(code: str, reading: str, tables: dict[str, pd.DataFrame]) -> Sums:
    """Return numerator and denominator of an indicator by district."""
    number = int(code[-2:])
    home = lambda row: row.use in HOMES  # noqa: E731 - a table of short rules reads best
    if number in (1, 2, 4, 6, 8, 9):
        return checked(tables, code, "buildings", lambda row: home(row) if is_told(row.use) else None)
    if number in (3, 7):
        return checked(tables, code, "buildings", lambda row: row.use == "residential" if is_told(row.use) else None)
    if number == 5:
        return counted(
            tables,
            "buildings",
            lambda row: (
                (row.incomplete_flats, row.flats if is_told(row.flats) else 0.0)
                if home(row) and is_told(row.incomplete_flats)
                else None
            ),
        )
    if number == 13:
        places = _school_places(tables)
        return shortfalls(tables, "primary_children", lambda row: places[row.code])
    if number == 14:
        return shortfalls(tables, "cars", lambda row: row.parking_spaces, "households")
    if number == 15:
        return shortfalls(tables, "charger_demand", lambda row: row.chargers)
    if number in (16, 19, 20, 21):
        own = {
            16: _lacks_bays, 19: lambda row: _says_no(row.waste_sorting),
            20: lambda row: _says_no(row.property_managed),
        }.get(number)  # fmt: skip
        return checked(tables, code, "communities", lambda row: True, own)
    if number == 18:
        return along(tables, "footways", lambda row: row.condition == "poor" if is_told(row.condition) else None)
    if number == 26:
        return checked(tables, code, "roads", lambda row: True)
    if number in (27, 28, 29):
        kind = {27: "old_commercial", 28: "old_factory", 29: "old_living"}[number]
        return checked(tables, code, "sites", lambda row: row.kind == kind)
    if number == 31:
        known = ("none", "light", "heavy")
        return counted(
            tables, "water",
            lambda row: (float(row.black_odorous != "none"), 1.0) if row.black_odorous in known else None, BUILT_UP,
        )  # fmt: skip
    if number == 36:
        return counted(tables, "projects", _green)
    if number == 37:
        return counted(tables, "heritage", lambda row: _when(True, row.recorded))
    if number == 38:
        return counted(tables, "heritage", _idle)
    if number == 39:
        return counted(tables, "events", lambda row: _event(row, "heritage_damage"))
    if number == 40:
        quarters = [row.geometry for row in rows(tables, "heritage") if row.kind == "historic_quarter"]
        inside = lambda row: any(quarter.contains(row.geometry) for quarter in quarters)  # noqa: E731
        return counted(tables, "events", lambda row: _event(row, "demolition") if inside(row) else None)
    if number == 41:
        told = lambda row: _this_year(row.announced_on) if is_told(row.announced_on) else None  # noqa: E731
        return counted(tables, "heritage", told)
    if number == 44:
        return counted(tables, "projects", lambda row: _homes_of(row, reading), BUILT_UP)
    if number == 45:
        return counted(tables, "projects", _village)
    if number == 46:
        return counted(
            tables, "projects",
            lambda row: (row.deaths, 1.0) if _running(row) and is_told(row.deaths) else None, BUILT_UP,
        )  # fmt: skip
    if number == 47:
        return counted(tables, "sites", _serious, BUILT_UP)
    if number == 50:
        return counted(tables, "sites", lambda row: (1.0, 1.0) if row.kind == "dual_use" else None)
    if number == 51:
        return counted(tables, "structures", _bridge)
    if number == 52:
        return along(tables, "pipes", lambda row: _gas(row, reading == "year_plan"), BUILT_UP)
    if number == 55:
        return along(tables, "pipes", _monitored, BUILT_UP)
    if number == 56 and reading == "works":
        return counted(
            tables, "projects", lambda row: _share(row.hazardous_works, row.hazardous_works_monitored, _running(row))
        )
    if number == 56:
        return counted(tables, "projects", lambda row: _when(_running(row), row.monitored))
    if number == 57:
        others = CIVIL if reading == "civil" else (*CIVIL, "industrial")
        return counted(tables, "buildings", lambda row: _fire(row, others), BUILT_UP)
    assert number == 59, code
    return _cases(tables, reading == "on_time")

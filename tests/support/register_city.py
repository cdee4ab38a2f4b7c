"""A city with registers made from dice: everything that the indicators of registers read, some of it unknown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from shapely import LineString, Point, box

from models.layers.layer import Layer, VectorData
from tests.support.health_city import at, layer_of

YES_NO = np.array(["yes", "no", None], dtype=object)
USES = np.array(
    ["residential", "old_house", "commercial", "education", "industrial", "medical", "office", "public", "other", None],
    dtype=object,
)  # fmt: skip
#: Two districts side by side, each cut into two communities; the built-up area leaves a strip in the south out.
DISTRICTS = {"A": box(0, 0, 1000, 1000), "B": box(1000, 0, 2000, 1000)}
COMMUNITIES = {
    "A1": box(0, 0, 500, 1000), "A2": box(500, 0, 1000, 1000), "B1": box(1000, 0, 1500, 1000),
    "B2": box(1500, 0, 2000, 1000),
}  # fmt: skip
BUILT_UP = box(0, 200, 2000, 1000)
QUARTER = box(300, 300, 800, 700)


def dates(dice: np.random.Generator, count: int, years: tuple[int, ...] = (2024, 2025, 2026, 2027)) -> list[str | None]:
    found = [f"{dice.choice(years)}-{dice.integers(1, 13):02d}-{dice.integers(1, 29):02d}" for _ in range(count)]
    return [None if dice.random() < 0.25 else day for day in found]


def numbers(dice: np.random.Generator, count: int, top: int) -> list[float | None]:
    return [None if dice.random() < 0.15 else float(dice.integers(0, top)) for _ in range(count)]


def spots(dice: np.random.Generator, count: int) -> list[tuple[float, float]]:
    """Return places off all borders, so that nothing hangs on the last digit."""
    return [(float(x) + 0.37, float(y) + 0.41) for x, y in dice.integers(-40, 2040, (count, 2)) % [2060, 1000]]


def boxes(dice: np.random.Generator, count: int, side: float = 8.0) -> list[Any]:
    return [box(x, y, x + side, y + side * 1.25) for x, y in spots(dice, count)]


def lines(dice: np.random.Generator, count: int) -> list[Any]:
    ends = zip(spots(dice, count), spots(dice, count), strict=True)
    return [LineString([one, (one[0], other[1]), other]) for one, other in ends]


def points(dice: np.random.Generator, count: int) -> list[Any]:
    return [Point(spot) for spot in spots(dice, count)]


def tables(seed: int, count: int = 60) -> dict[str, pd.DataFrame]:
    """Return the attributes of every layer by role, with ``geometry`` in metres from the city's corner."""
    dice = np.random.default_rng(seed)

    def choice(values: Any, size: int = count) -> Any:
        return dice.choice(np.asarray(values, dtype=object), size)

    def codes(letter: str, size: int = count) -> list[str]:
        return [f"{letter}{number:03d}" for number in range(size)]

    kinds = choice(["ponding_point", "old_commercial", "old_factory", "old_living", "dual_use", "pump_station"])
    made = {
        "districts": {"code": list(DISTRICTS), "geometry": list(DISTRICTS.values())},
        "communities": {
            "code": list(COMMUNITIES), "households": numbers(dice, 4, 900), "cars": numbers(dice, 4, 900),
            "parking_spaces": numbers(dice, 4, 900), "charger_demand": numbers(dice, 4, 90),
            "chargers": numbers(dice, 4, 90), "ebike_bays": [0.0, *numbers(dice, 3, 90)],
            "ebike_demand": numbers(dice, 4, 90), "waste_sorting": choice(YES_NO, 4),
            "property_managed": choice(YES_NO, 4), "primary_children": [250.0, *numbers(dice, 3, 400)],
            "geometry": list(COMMUNITIES.values()),
        },
        "built_up": {"name": ["建成区"], "geometry": [BUILT_UP]},
        "buildings": {
            "code": codes("H"), "use": choice(USES), "height_m": numbers(dice, count, 60),
            "storeys": numbers(dice, count, 20), "year": [1950.0 + n for n in range(count)], "lift": choice(YES_NO),
            "fire_monitoring": choice(YES_NO), "flats": numbers(dice, count, 50),
            "incomplete_flats": numbers(dice, count, 5), "geometry": boxes(dice, count),
        },
        "roads": {"code": codes("R"), "geometry": lines(dice, count)},
        "footways": {"condition": choice(["good", "fair", "poor", None]), "geometry": lines(dice, count)},
        "water": {"black_odorous": choice(["none", "light", "heavy", None, "?"]), "geometry": boxes(dice, count)},
        "amenities": {
            "kind": choice(["primary_school", "nine_year_school", "clinic"]), "capacity": numbers(dice, count, 60),
            "community_code": choice(["A1", "A2,B1", "B2", None, "Z9"]), "geometry": points(dice, count),
        },
        "structures": {
            "kind": choice(["bridge", "overpass", "footbridge", "tunnel"]), "grade": choice(["A", "C", "D", "E", None]),
            "geometry": lines(dice, count),
        },
        "sites": {
            "code": codes("S"), "kind": kinds, "severity": choice(["serious", "general", None]),
            "state": choice(["open", "closed", None]), "geometry": points(dice, count),
        },
        "heritage": {
            "kind": ["historic_quarter", *choice(["historic_building", "historic_quarter"], count - 1)],
            "announced_on": dates(dice, count), "recorded": choice(YES_NO), "idle_months": numbers(dice, count, 14),
            "geometry": [QUARTER, *boxes(dice, count - 1)],
        },
        "events": {
            "kind": choice(["heritage_damage", "demolition"]), "happened_on": dates(dice, count, (2025, 2026)),
            "verified": choice(YES_NO), "geometry": points(dice, count),
        },
        "projects": {
            "kind": choice(["urban_village", "construction", "construction"]), "needs_renewal": choice(YES_NO),
            "started_on": dates(dice, count, (2025, 2026)), "finished_on": dates(dice, count, (2026, 2027)),
            "floor_area_m2": numbers(dice, count, 900), "green_floor_area_m2": numbers(dice, count, 500),
            "housing_units": numbers(dice, count, 90), "affordable_units": numbers(dice, count, 60),
            "deaths": numbers(dice, count, 3), "hazardous_works": numbers(dice, count, 9),
            "hazardous_works_monitored": numbers(dice, count, 6), "monitored": choice(YES_NO),
            "geometry": points(dice, count),
        },
        "pipes": {
            "kind": choice(["JS", "WS", "RQ", "RQ", "RQ", "DL", None]), "monitored": choice(YES_NO),
            "old": choice(YES_NO), "renewed_on": dates(dice, count, (2025, 2026)),
            "renewal_plan": choice([2026, 2026, None]), "geometry": lines(dice, count),
        },
        "cases": {
            "closed_at": dates(dice, count, (2025, 2026)), "due_at": dates(dice, count, (2025, 2026)),
            "geometry": points(dice, count),
        },
    }  # fmt: skip
    found = {role: pd.DataFrame(columns) for role, columns in made.items()}
    found["check_records"] = records(dice, found)
    return found


def records(dice: np.random.Generator, made: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return records of every indicator that is looked at on site, some twice, some of nothing that is there."""
    asked = {
        "building": ("buildings", "H", (1, 2, 3, 4, 6, 7, 8, 9)), "community": ("communities", "", (16, 19, 20, 21)),
        "road": ("roads", "R", (26,)), "quarter": ("sites", "S", (27, 28, 29)),
    }  # fmt: skip
    rows = []
    for kind, (role, _, numbered) in asked.items():
        for number in numbered:
            codes = made[role]["code"].to_numpy()
            for code in dice.choice(codes, len(codes)):
                item = f"{number:02d}-{dice.choice([1, 1, 2, 99])}"
                day = f"2026-{dice.integers(1, 12):02d}-{dice.integers(1, 28):02d}"
                rows.append((str(code), kind, f"HC25-{number:02d}", item, dice.choice(YES_NO), day))
            rows.append(("nobody", kind, f"HC25-{number:02d}", f"{number:02d}-1", "yes", "2026-05-01"))
    names = ["object_code", "object_kind", "indicator", "item", "found", "checked_on"]
    return pd.DataFrame(rows, columns=names)


def layers(made: dict[str, pd.DataFrame]) -> list[tuple[Layer, VectorData]]:
    """Return every table as a layer of its role."""
    found = []
    for role, frame in made.items():
        if "geometry" in frame.columns:
            columns = {name: frame[name].to_numpy() for name in frame.columns if name != "geometry"}
            found.append(layer_of(role, [at(shape) for shape in frame["geometry"]], **columns))
        else:
            found.append((Layer(role, role, "table", role), VectorData(frame.set_axis(range(1, len(frame) + 1)))))
    return found

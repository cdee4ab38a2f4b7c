"""Public toilets and transfer stations of the sample city, where its register of components has none."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from models.sample.along import STREETS, streets
from models.sample.city import CENTRE, HALF_M, City
from models.sample.scenes.tables import plant, table

TOILETS, APART_M = 14, 330.0
STATIONS = ((-760.0, -800.0), (120.0, -760.0), (640.0, 640.0))
COLUMNS = ("code", "name", "kind", "grade", "capacity_td", "load_td", "seats", "accessible", "state")


def make(city: City) -> gpd.GeoDataFrame:
    """Return the table of sites: grade is the class of a toilet (一类 …), capacity and load are tonnes a day."""
    rng = city.rng("scenes/sanitation")
    places = np.concatenate([
        one.at(one.every(70.0, 25.0), one.half_m + 7.0)[0]
        for one in streets(city) if one.road_class in STREETS and not one.bridge
    ])  # fmt: skip
    order = rng.permutation(len(places))
    taken: list[int] = []
    for at in order:
        if all(np.hypot(*(places[at] - places[k])) > APART_M for k in taken):
            taken.append(int(at))
        if len(taken) == TOILETS:
            break
    rows = [
        {
            "code": f"GC{number:02d}", "name": f"{number}号公共厕所", "kind": "public_toilet",
            "grade": str(rng.choice(["一类", "二类", "三类"], p=[0.3, 0.5, 0.2])), "seats": int(rng.integers(8, 26)),
            "accessible": bool(rng.random() < 0.7), "state": "closed" if number in (4, 9) else "normal",
            "geometry": shapely.Point(places[at]),
        }
        for number, at in enumerate(taken, 1)
    ]  # fmt: skip
    for number, (x, y) in enumerate(STATIONS, 1):
        capacity = float(rng.choice([60.0, 90.0, 120.0]))
        rows.append({
            "code": f"ZZ{number:02d}", "name": f"{number}号垃圾转运站", "kind": "transfer_station",
            "capacity_td": capacity, "load_td": round(capacity * (1.18 if number == 2 else 0.7), 1), "state": "normal",
            "geometry": shapely.Point(CENTRE[0] + min(x, HALF_M), CENTRE[1] + min(y, HALF_M)),
        })  # fmt: skip
    plant(city, "toilets_closed", "toilet_closed", "sanitation_sites",
          [row["code"] for row in rows if row["state"] == "closed"], "Public toilets that are closed.",
          "停用的公共厕所。")  # fmt: skip
    plant(city, "transfer_overloaded", "transfer_overloaded", "sanitation_sites", ["ZZ02"],
          "A transfer station that takes more than it is built for.", "一座超负荷运行的垃圾转运站。")  # fmt: skip
    return table(rows, COLUMNS)

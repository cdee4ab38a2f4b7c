"""Records of bridges and tunnels with their grade of technical condition; one D and one E are planted."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from models.sample.along import Street, streets
from models.sample.city import City
from models.sample.scenes.tables import plant, table

#: Grades as they are dealt out to what is not planted.
GRADES, SHARES = ("A", "B", "C"), (0.3, 0.5, 0.2)
#: A tunnel of the sample: street, chainage from and to (m), name.
TUNNELS = (("林缘路", 60.0, 330.0, "林缘路隧道", "tunnel"), ("和平路", 40.0, 150.0, "和平路下穿通道", "underpass"))
COLUMNS = (
    "code", "name", "kind", "grade", "bci", "width_m", "length_m", "elevated_m", "depth_m", "year", "inspected_on",
    "note",
)  # fmt: skip
#: Bridge condition index within each grade (A ≥ 90, B 80–90, C 66–80, D 50–66, E < 50).
BCI = {"A": (90, 97), "B": (81, 89), "C": (67, 79), "D": (52, 65), "E": (36, 49)}


def make(city: City) -> gpd.GeoDataFrame:
    """Return the records; a bridge of the plan is one record, however many pieces its road has."""
    rng = city.rng("scenes/structures")
    every = streets(city)
    rows: list[dict[str, Any]] = []
    for one in every:
        if (one.bridge or one.elevated_m > 0.3) and one.length_m > 18.0:
            raised = one.elevated_m > 0.3
            joint = sum(row["kind"] == "overpass" for row in rows) + 1
            name, kind = (f"{one.name}第{joint}联", "overpass") if raised else (f"{one.name}桥", "bridge")
            rows.append(_record(name, kind, one.points, one, len(rows)))
    for street, start, end, name, kind in TUNNELS:
        piece = max((one for one in every if one.name == street and not one.bridge), key=lambda one: one.length_m,
                    default=None)  # fmt: skip
        if piece is not None and piece.length_m > start + 30.0:
            points, _ = piece.at(np.linspace(start, min(end, piece.length_m - 10.0), 9))
            rows.append(_record(name, kind, points, piece, len(rows)) | {"depth_m": 9.0 if kind == "tunnel" else 6.5})
    for row in rows:
        row["grade"] = str(rng.choice(GRADES, p=SHARES))
    bridges = [row for row in rows if row["kind"] == "bridge"] or rows
    for grade, at, note in (("E", len(bridges) // 2, "主梁裂缝，限载通行"), ("D", len(bridges) // 4, "支座脱空")):
        if len(bridges) > at:
            bridges[at] |= {"grade": grade, "note": note}
            plant(city, f"structure_grade_{grade.lower()}", "structure_grade", "structures", [bridges[at]["code"]],
                  f"A bridge in technical condition {grade}.", f"一座桥梁技术状况为 {grade} 级。")  # fmt: skip
    for row in rows:
        low, high = BCI[row["grade"]]
        row["bci"] = round(float(rng.uniform(low, high)), 1) if row["kind"] in ("bridge", "overpass") else None
    return table(rows, COLUMNS)


def _record(name: str, kind: str, points: np.ndarray, street: Street, number: int) -> dict[str, Any]:
    line = shapely.LineString(points)
    return {
        "code": f"QS{number + 1:03d}", "name": name, "kind": kind, "width_m": round(2 * street.half_m, 1),
        "length_m": round(line.length, 1), "elevated_m": street.elevated_m, "depth_m": None,
        "year": 1992 + (number * 7) % 30, "inspected_on": f"2025-0{1 + number % 6}-15", "note": "", "geometry": line,
    }  # fmt: skip

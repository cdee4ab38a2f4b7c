"""Records of the health check's own survey, and the cases of its year.

Most of what was looked at is in order. Where nobody has looked there is no row: an indicator says how much was seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from models.sample.city import CRS, City
from models.sample.health.attributes import HOMES
from models.sample.health.dealing import whole

#: Check items by indicator: how many there are, and the share of objects at which something is found.
ITEMS: dict[str, tuple[int, float]] = {
    "HC25-01": (5, 0.06), "HC25-02": (1, 0.05), "HC25-03": (8, 0.14), "HC25-04": (5, 0.12), "HC25-06": (3, 0.16),
    "HC25-07": (4, 0.45), "HC25-08": (1, 0.35), "HC25-09": (4, 0.25), "HC25-16": (4, 0.2), "HC25-19": (3, 0.15),
    "HC25-20": (3, 0.2), "HC25-21": (3, 0.5), "HC25-26": (3, 0.18), "HC25-27": (6, 0.6), "HC25-28": (9, 0.6),
    "HC25-29": (10, 0.6),
}  # fmt: skip
#: Looked at in every home; the other housing indicators only where the survey went.
EVERYWHERE = ("HC25-01", "HC25-03")
WALKED = ("370199001003", "370199002001", "370199002004", "370199003002", "370199003004", "370199004002")
HALF_WALKED = ("370199001001", "370199003003")
QUARTERS = {"HC25-27": "old_commercial", "HC25-28": "old_factory", "HC25-29": "old_living"}
#: Themes of the survey beside those of the fabric, and where (sub-district, theme) nobody or not everybody looked.
THEMES = (
    "communities", "amenities", "footways", "quarters", "water", "projects", "heritage", "events", "ponding",
    "dual_use", "structures", "pipes", "cases", "greenways", "sports", "land", "fire_stations",
    "elderly_care", "infant_care", "kindergartens", "activity_grounds", "culture", "shelters",
)  # fmt: skip
GAPS = {("370199003", "projects"): 0.0, ("370199004", "heritage"): 0.0, ("370199002", "footways"): 0.9}
COLUMNS = (
    "object_code", "object_kind", "indicator", "item", "found", "severity", "checked_on", "checked_by", "note", "photo",
)  # fmt: skip
CASES = 480


def check_records(city: City, frames: dict[str, Any]) -> pd.DataFrame:
    """Return one row a check item that was looked at on one object."""
    rng = city.rng("health/check_records")
    rows: list[dict[str, Any]] = []

    def look(indicator: str, kind: str, codes: Iterable[Any]) -> None:
        count, share = ITEMS[indicator]
        for code in codes:
            found = rng.random() < share
            first = int(rng.integers(1, count + 1))
            # Something found is often found with something else that was looked at and is in order.
            for item, bad in ((first, found), (first % count + 1, False)) if found and count > 1 else ((first, found),):
                rows.append({
                    "object_code": str(code), "object_kind": kind, "indicator": indicator,
                    "item": f"{indicator[-2:]}-{item}", "found": "yes" if bad else "no",
                    "severity": int(rng.integers(1, 6)) if bad else None,
                    "checked_on": f"2026-0{int(rng.integers(3, 8))}-{int(rng.integers(1, 29)):02d}",
                    "checked_by": f"调查员{int(rng.integers(1, 13)):02d}",
                })  # fmt: skip

    buildings: gpd.GeoDataFrame = frames["buildings"]
    homes = buildings[buildings["use"].isin(HOMES)]
    full = homes[homes["community_code"].isin(WALKED)]
    part = homes[homes["community_code"].isin(HALF_WALKED)].iloc[::2]
    for indicator in list(ITEMS)[:8]:
        everyone = homes[homes["use"] == "residential"] if indicator in EVERYWHERE else pd.concat([full, part])
        look(indicator, "building", everyone["code"])
    for indicator in ("HC25-16", "HC25-19", "HC25-20", "HC25-21"):  # the others are told by their own fields
        look(indicator, "community", city.communities["code"].iloc[: 14 if indicator == "HC25-21" else 6])
    streets = frames["roads"]
    look("HC25-26", "road", streets["code"][streets["class"].isin(["arterial", "sub_arterial"])])
    sites = frames["quarters"]
    for indicator, kind in QUARTERS.items():
        codes = list(sites["code"][sites["kind"] == kind])
        look(indicator, "quarter", codes[:-1] if kind == "old_living" else codes)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["severity"] = whole(table["severity"])
    table.index = pd.RangeIndex(1, len(table) + 1, name="fid")
    return table


def surveys(city: City, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the survey records with those of the health check's own themes."""
    rows = [
        {"district_code": code, "theme": theme, "share": share, "surveyed_on": "2026-06-10" if share else None,
         "source": "示例普查 / sample survey"}
        for code in city.districts["code"] for theme in THEMES for share in (GAPS.get((code, theme), 1.0),)
    ]  # fmt: skip
    both = {name: [*frame[name], *(row[name] for row in rows)] for name in frame.columns}
    return pd.DataFrame(both, index=pd.RangeIndex(1, len(frame) + len(rows) + 1, name="fid"))


def year_cases(city: City, components: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the cases of a year, from the September before: most closed, some late, some still open."""
    rng = city.rng("health/cases")
    chosen = components.iloc[np.sort(rng.choice(len(components), CASES, replace=False))]
    start = pd.Timestamp("2025-09-01T08:00", tz="Asia/Shanghai")
    reported = start + pd.to_timedelta(np.sort(rng.integers(0, 300 * 24 * 60, CASES)), unit="min")
    due = reported + pd.to_timedelta(rng.choice([24, 72, 168], CASES), unit="h")
    closed = reported + pd.to_timedelta(np.round(rng.exponential(50.0, CASES), 1), unit="h")
    is_open = rng.random(CASES) < 0.1
    state = np.where(is_open, rng.choice(["派遣", "处理中"], CASES), "核查结案")
    order = rng.permutation(CASES)
    place = chosen.iloc[order]
    frame = gpd.GeoDataFrame(
        {
            "taskNum": [f"AN{number:05d}" for number in range(1, CASES + 1)],
            "eventDesc": [f"{name}需处置" for name in place["ObjName"]],
            "eventSrc": rng.choice(["监督员上报", "12345 热线", "公众号上报", "传感器报警"], CASES),
            "class_code": place["ObjID"].str[6:10].to_numpy(), "component": place["ObjID"].to_numpy(), "state": state,
            "reported_at": [moment.isoformat(timespec="seconds") for moment in reported],
            "closed_at": [None if open_ else moment.isoformat(timespec="seconds")
                          for moment, open_ in zip(closed, is_open, strict=True)],
            "address": [f"示例区{text}" for text in place["LocateDSC"]],
            "due_at": [None if at % 40 == 7 else moment.isoformat(timespec="seconds") for at, moment in enumerate(due)],
        },
        geometry=place.geometry.to_numpy(), crs=CRS,
    )  # fmt: skip
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="fid")
    return frame

"""Facilities of the health check: some estates have enough of them, some have not, of some nobody knows how large.

A facility inside a building is its footprint; a ground is a free square.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.sample.city import CRS, City
from models.sample.health.dealing import NO, YES, either, whole, with_columns
from models.sample.tables import names

#: Kinds whose buildings are public culture.
CULTURE = ("library", "museum", "theatre", "gallery", "cultural_centre")
COLUMNS = (
    "code", "name", "name_en", "kind", "capacity", "pitch_size", "district_code", "floor_area_m2", "site_area_m2",
    "classes", "open_hours", "open_to_public", "community_code", "station_class", "effective_area_m2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """A facility to put somewhere in a community.

    Parameters
    ----------
    kind, community : str
    floor_m2 : float
        What its house has to hold; 0 for a ground.
    side_m : tuple of float
        Of a ground.
    told : dict
        Values of further columns; ``floor_area_m2`` is ``floor_m2`` unless it stands here.
    """

    kind: str
    community: str
    floor_m2: float = 0.0
    side_m: tuple[float, float] = (0.0, 0.0)
    told: dict[str, Any] = field(default_factory=dict)


def _ground(kind: str, community: str, width_m: float, depth_m: float, **told: Any) -> Wanted:
    return Wanted(kind, community, side_m=(width_m, depth_m), told=told)


def _home(kind: str, community: str, floor_m2: float, **told: Any) -> Wanted:
    return Wanted(kind, community, floor_m2, told=told)


WANTED = (
    _home("elderly_care", "370199002001", 180.0, capacity=12),
    _home("elderly_care", "370199002002", 760.0, capacity=60),
    _home("elderly_care", "370199004001", 360.0, capacity=24),
    _home("elderly_care", "370199004003", 300.0, floor_area_m2=None),
    _home("nursery", "370199001001", 260.0, capacity=40),
    _home("nursery", "370199002002", 150.0, capacity=20),
    _home("nursery", "370199004001", 420.0, capacity=60),
    _home("nursery", "370199003003", 240.0, floor_area_m2=None),
    _home("nursery", "370199003002", 190.0, capacity=25),
    _home("nursery", "370199003002", 185.0, capacity=25),
    _home("elderly_care", "370199003002", 200.0, capacity=14),
    _home("kindergarten", "370199001004", 480.0, capacity=90, classes=3, site_area_m2=800.0),
    _home("kindergarten", "370199004004", 1_900.0, capacity=180, classes=6, site_area_m2=3_600.0),
    _ground("sport_ground", "370199001003", 62.0, 54.0, open_hours=14.0, open_to_public=YES),
    _ground("sport_ground", "370199002001", 40.0, 30.0, open_hours=14.0, open_to_public=YES),
    _ground("sport_ground", "370199003003", 60.0, 54.0, open_hours=8.0, open_to_public=YES),
    _ground("sport_ground", "370199004004", 64.0, 56.0, open_to_public=YES),
    _home("cultural_centre", "370199001003", 3_200.0, site_area_m2=3_400.0, open_hours=10.0, open_to_public=YES),
    _home("cultural_centre", "370199002003", 5_200.0, site_area_m2=4_100.0, open_hours=12.0, open_to_public=YES),
    _home("cultural_centre", "370199003003", 1_100.0, site_area_m2=1_500.0, open_hours=10.0, open_to_public=YES),
    _home("cultural_centre", "370199004001", 1_500.0, floor_area_m2=None, open_to_public=YES),
    _home("library", "370199002003", 3_800.0, open_to_public=YES),
    _home("museum", "370199001001", 1_600.0, open_to_public=YES),
    _home("theatre", "370199002004", 2_400.0, open_to_public=YES),
    _home("gallery", "370199002002", 900.0, floor_area_m2=None, open_to_public=NO),
    _ground("shelter", "370199001002", 40.0, 36.0, capacity=700, effective_area_m2=1_150.0),
    _ground("fire_station", "370199001003", 34.0, 26.0, capacity=15, station_class="small"),
)  # fmt: skip
#: Floor area (m²) of a kindergarten by its number of classes.
KINDERGARTEN_M2 = {9: 3_240.0, 12: 4_120.0}


def amenities(city: City, frame: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the amenities with what the health check asks of them, and further ones of :data:`WANTED`."""
    told = _told(city, frame)
    words, community = names()["amenities"], city.communities.set_index("code")
    used: set[str] = set()
    free = Free(city, frame)
    rows: list[dict[str, Any]] = []
    counts = told.groupby("kind").size().to_dict()
    for wanted in WANTED:
        shape = _house(buildings, wanted, used) if wanted.floor_m2 else free.square(wanted)
        if shape is None:
            continue
        home = community.loc[wanted.community]
        place = {"zh": home["name"].removesuffix("社区"), "en": home["name_en"].removesuffix(" Community")}
        zh, en = words["infant_care" if wanted.kind == "nursery" else wanted.kind]
        counts[wanted.kind] = counts.get(wanted.kind, 0) + 1
        rows.append({
            "kind": wanted.kind, "code": f"SS{len(frame) + len(rows) + 1:04d}", "name": zh.format(s=place["zh"]),
            "name_en": en.format(s=place["en"]), "district_code": home["district_code"],
            "community_code": wanted.community, "floor_area_m2": wanted.floor_m2 or None,
            "site_area_m2": None if wanted.floor_m2 else round(shape.area, 1), "geometry": shape,
        } | wanted.told)  # fmt: skip
    more = gpd.GeoDataFrame({name: [row.get(name) for row in rows] for name in COLUMNS},
                            geometry=[row["geometry"] for row in rows], crs=CRS)  # fmt: skip
    both: dict[str, Any] = {name: [*told[name], *more[name]] for name in COLUMNS}
    for name in ("capacity", "pitch_size", "classes"):
        both[name] = whole(None if pd.isna(value) else value for value in both[name])
    for name in ("floor_area_m2", "site_area_m2", "open_hours", "effective_area_m2"):
        both[name] = np.array([np.nan if value is None else value for value in both[name]], dtype=np.float64)
    whole_table = gpd.GeoDataFrame(both, geometry=[*told.geometry, *more.geometry], crs=CRS)
    whole_table.index = pd.RangeIndex(1, len(whole_table) + 1, name="fid")
    return whole_table


def culture(buildings: gpd.GeoDataFrame, amenities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the buildings, those that hold public culture marked as such."""
    houses = amenities[amenities["kind"].isin(CULTURE)].geometry.to_wkb()
    marked = buildings.geometry.to_wkb().isin(set(houses))
    return buildings.assign(property=buildings["property"].mask(marked, "public_culture"))


def _told(city: City, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the amenities of the plan with the columns of the health check filled in."""
    kind = frame["kind"].replace({"nursery": "plant_nursery"})  # 苗圃: plants, not infants
    homes = city.communities.geometry.to_numpy()
    inside = shapely.contains(homes[None, :], frame.representative_point().to_numpy()[:, None])
    communities = either(inside.any(axis=1), city.communities["code"].to_numpy()[inside.argmax(axis=1)])
    area = np.round(frame.geometry.area.to_numpy(), 1)
    classes = [round(seats / 30) if what == "kindergarten" else None
               for seats, what in zip(frame["capacity"].fillna(0), kind, strict=True)]  # fmt: skip
    floor: list[float | None] = [KINDERGARTEN_M2.get(number or 0) for number in classes]
    gardens = [at for at, what in enumerate(kind) if what == "kindergarten"]
    classes[gardens[1]], floor[gardens[1]], floor[gardens[3]] = 6, 1_750.0, None
    floor = [1_800.0 if what == "elderly_care" else value for what, value in zip(kind, floor, strict=True)]
    pitch = kind.isin(["football_pitch", "running_track"]).to_numpy()
    by_day = np.cumsum(pitch) % 3 != 0
    shelter = (kind == "shelter").to_numpy()
    return with_columns(
        frame.assign(kind=kind),
        floor_area_m2=np.array([np.nan if value is None else value for value in floor]),
        site_area_m2=np.where(kind == "market", np.nan, area),
        classes=whole(classes),
        open_hours=np.where(pitch, np.where(by_day, 14.0, 5.0), np.nan),
        open_to_public=either(pitch, either(by_day, YES, NO)),
        community_code=communities,
        station_class=either(kind == "fire_station", "2"),
        effective_area_m2=np.where(shelter, np.round(area * 0.7, 1), np.nan),
    )


def _house(buildings: gpd.GeoDataFrame, wanted: Wanted, used: set[str]) -> Any:
    """Return the footprint of the first shop, office or committee of a community that can hold a facility."""
    mine = buildings[(buildings["community_code"] == wanted.community) & (buildings["bottom_m"] == 0)
                     & buildings["use"].isin(["commercial", "office", "public", "residential"])]  # fmt: skip
    order = mine["use"].map({"commercial": 0, "office": 1, "public": 2, "residential": 3})
    room = mine.geometry.area * mine["storeys"]
    fits = mine[(room >= wanted.floor_m2) & ~mine["code"].isin(used)].assign(_order=order, _room=room)
    if not len(fits):
        return None
    best = fits.sort_values(["_order", "_room", "code"]).iloc[0]
    used.add(str(best["code"]))
    return best.geometry


class Free:
    """Ground of the city where nothing stands."""

    def __init__(self, city: City, amenities: gpd.GeoDataFrame) -> None:
        roads = shapely.buffer(city.roads.geometry.to_numpy(), city.roads["width_m"].to_numpy() / 2 + 2.0)
        taken = [
            shapely.buffer(city.buildings.geometry.to_numpy(), 3.0), roads, city.water.geometry.to_numpy(),
            amenities.geometry.to_numpy(), shapely.buffer(city.footways.geometry.to_numpy(), 2.0),
        ]  # fmt: skip
        self.taken = list(np.concatenate(taken))
        self.city = city

    def square(self, wanted: Wanted) -> Any:
        """Return a free rectangle in the community, or the nearest to it in its sub-district; None if there is none."""
        code = wanted.community
        district = self.city.districts.set_index("code").geometry[code[:9]]
        home = self.city.communities.set_index("code").geometry[code]
        x0, y0, x1, y1 = district.bounds
        x, y = (axis.ravel() for axis in np.meshgrid(np.arange(x0, x1, 12.0), np.arange(y0, y1, 12.0)))
        half_x, half_y = wanted.side_m[0] / 2, wanted.side_m[1] / 2
        spots = shapely.box(x - half_x, y - half_y, x + half_x, y + half_y)
        spots = spots[shapely.contains(shapely.prepare(district) or district, spots)]
        blocked = shapely.STRtree(self.taken).query(spots, predicate="intersects")[0]
        free = np.delete(spots, np.unique(blocked))
        if not len(free):
            return None
        found = free[int(np.argmin(np.round(shapely.distance(shapely.centroid(free), home.centroid), 3)))]
        self.taken.append(found)
        return found

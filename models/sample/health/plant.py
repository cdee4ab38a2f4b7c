"""All that the health check needs, planted on the finished tables of the sample city, in one call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.layers.groups import LayerGroup
from models.roles import Role
from models.sample.city import CRS, City
from models.sample.health import attributes, facilities, places, records, residents
from models.sample.scenes.make import LAYERS as SCENE_LAYERS

#: As the list of layers of the city: id (= table), role, Chinese and English name, shown at first.
LAYERS: tuple[tuple[str, Role, str, str, bool], ...] = (
    ("greenways", "greenways", "绿道", "Greenways", False),
    ("heritage", "heritage", "历史文化保护对象", "Heritage", False),
    ("events", "events", "保护与拆除事件", "Heritage events", False),
    ("projects", "projects", "建设与改造项目", "Projects", False),
    ("quarters", "sites", "更新评估街区", "Quarters to assess", False),
    ("year_cases", "cases", "年度案件", "Cases of the year", False),
    ("check_records", "check_records", "体检记录", "Check records", False),
    ("responses", "responses", "居民问卷", "Questionnaire", False),
)
GROUPS = (
    LayerGroup("facilities", "市政设施", tuple(row[0] for row in SCENE_LAYERS), "Municipal facilities"),
    LayerGroup("health", "体检资料", tuple(row[0] for row in LAYERS), "Health-check inputs"),
)
#: Grounds inside estates: community, metres wide and deep.
GROUNDS = (
    ("370199001001", 18.0, 14.0), ("370199002001", 20.0, 16.0), ("370199002002", 12.0, 10.0),
    ("370199004001", 22.0, 16.0), ("370199004004", 16.0, 14.0),
)  # fmt: skip


def make(city: City, frames: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables that are new or have new columns, by name; ``frames`` are those made before."""
    homes = attributes.buildings(city, frames["buildings"])
    amenities = facilities.amenities(city, frames["amenities"], frames["buildings"])
    made: dict[str, Any] = {
        "buildings": facilities.culture(homes, amenities),
        "communities": attributes.communities(city, frames["communities"], frames["buildings"]),
        "amenities": amenities,
        "green": attributes.green(city, _with_grounds(city, frames["green"], amenities)),
        "water": attributes.water(frames["water"]),
        "pipes": attributes.pipes(city, frames["pipes"]),
        "drainage_sites": attributes.drainage_sites(frames["drainage_sites"]),
        "roads": attributes.roads(frames["roads"]),
        "cases": attributes.cases(frames["cases"]),
        "surveys": records.surveys(city, frames["surveys"]),
        "greenways": places.greenways(city),
        "heritage": places.heritage(city),
        "projects": places.projects(city),
        "quarters": places.quarters(city),
        "year_cases": records.year_cases(city, frames["components"]),
    }
    made["events"] = places.events(city, made["heritage"])
    made["check_records"] = records.check_records(city, made)
    made["responses"] = residents.responses(city)
    return made


def _with_grounds(city: City, green: gpd.GeoDataFrame, amenities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return green spaces with small activity grounds: too small to serve a quarter, large enough for an estate."""
    free = facilities.Free(city, amenities)
    rows = []
    for community, width, depth in GROUNDS:
        shape = free.square(facilities.Wanted("activity_ground", community, side_m=(width, depth)))
        if shape is not None:
            thick = min(width, depth)
            rows.append({"name": "活动场地", "name_en": "Activity ground", "kind": "activity_ground",
                         "open_to_public": True, "area_m2": round(shape.area, 1), "historic": False, "width_m": thick,
                         "geometry": shape})  # fmt: skip
    names = [name for name in green.columns if name != "geometry"]
    shapes = np.concatenate([green.geometry.to_numpy(), np.array([row["geometry"] for row in rows], dtype=object)])
    both = gpd.GeoDataFrame(
        {name: pd.Series([*green[name], *(row[name] for row in rows)]).to_numpy() for name in names},
        geometry=shapely.from_wkb(shapely.to_wkb(shapes)), crs=CRS,
    )  # fmt: skip
    both.index = pd.RangeIndex(1, len(both) + 1, name="fid")
    return both

"""Real layers as inputs of the health check: what their fields plainly say, under the names that indicators read.

Nothing is made up: a field that a file does not have is missing, and where a place has no boundary its unit is the box
around its data, called so. Words are translated only where the file's own word is plain (trunk road, 居住).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import box

from models.crs.frame import Frame
from models.health.availability import availabilities
from models.health.compute import compute
from models.health.results import IndicatorResult
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState
from tests.support.paths import DATA

CLASSES = {"trunk": "expressway", "primary": "arterial", "secondary": "sub_arterial", "tertiary": "branch",
           "residential": "lane", "living_street": "lane"}  # fmt: skip
USES = {"居住": "residential", "办公楼": "office", "写字楼": "office", "商场": "commercial", "高中": "education",
        "教学楼": "education", "门诊楼": "medical", "住院楼": "medical"}  # fmt: skip
SEWERS = {"combined_mains": "HS", "storm_mains": "YS", "mains": "YS", "sanitary_mains": "WS"}


@dataclass(frozen=True, slots=True)
class Place:
    """A real place with the layers that it has, by role, and a metre CRS."""

    name: str
    crs: str
    layers: Mapping[str, gpd.GeoDataFrame]

    def project(self) -> tuple[ProjectState, dict[str, VectorData]]:
        """Return it as a project."""
        made = {role: _layer(role, frame) for role, frame in self.layers.items()}
        frame = Frame(self.crs, None, (0, 0, 0))
        return ProjectState(frame=frame, layers=tuple(layer for layer, _ in made.values())), {
            role: data for role, (_, data) in made.items()
        }


def places() -> list[Place]:
    """Return the places of the real data that have boundaries, buildings, parcels, roads or sewers."""
    return [_ningbo(), _ningbo_schools(), _nanjing(), _shanghai(), _shanghai_roads(), _sewers("moncton", "EPSG:32620"),
            _sewers("esquimalt", "EPSG:32610")]  # fmt: skip


def table(place: Place) -> tuple[list[tuple[str, str]], dict[str, IndicatorResult]]:
    """Return of every indicator its value, or what is missing; and the results that have a value."""
    state, data = place.project()
    rows, results = [], {}
    for one in availabilities(state, data):
        said = ", ".join((*one.layers, *one.fields)) or one.standing
        if one.standing == "computed":
            result = compute(one.code, state, data)
            said = result.city.reason
            if result.city.value is not None:
                results[one.code] = result
                said = f"{result.city.value:.6g} {result.definition.unit_en}".strip()
        rows.append((one.code, said))
    return rows, results


def _layer(role: str, frame: gpd.GeoDataFrame) -> tuple[Layer, VectorData]:
    numbered = frame.set_axis(pd.RangeIndex(1, len(frame) + 1, name="fid"))
    return Layer(role, role, "vector", role), VectorData(numbered)


def _read(path: str, **options: Any) -> gpd.GeoDataFrame:
    frame = gpd.read_file(DATA / path, **options)
    return frame.set_geometry(frame.geometry.force_2d()).set_crs("EPSG:4326", allow_override=True)


def _around(frame: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": ["box"]}, geometry=[box(*frame.to_crs(crs).total_bounds)], crs=crs)


def _ningbo() -> Place:
    communities = _read("cn/ningbo/communities_shequ.geojson").rename(columns={"社区名称": "code"})
    communities = communities.set_geometry(communities.geometry.make_valid())
    streets = communities[["街道名称", "geometry"]].dissolve("街道名称").reset_index(names="code")
    return Place("Ningbo, streets and communities", "EPSG:32651", {"districts": streets, "communities": communities})


def _ningbo_schools() -> Place:
    schools = _read("cn/ningbo/school_districts_xuequ.geojson").rename(columns={"name": "code"})
    schools = schools[schools.geometry.notna() & ~schools.geometry.is_empty]
    layers = {"districts": schools, "communities": _ningbo().layers["communities"]}
    return Place("Ningbo, school districts", "EPSG:32651", layers)


def _nanjing() -> Place:
    every = _read("cn/nanjing_jianye/buildings_fwst.geojson").rename(columns={"height": "height_m"})
    detail = _read("cn/nanjing_jianye/buildings_detail56.geojson")
    detail = detail.assign(code=detail["BCODE"], use=detail["USEFUN"].map(USES), height_m=detail["BHEIGH"])
    detail = detail.assign(storeys=detail["FLONUM"], year=detail["BTIME"].astype("str").str[:4])
    names = ["code", "use", "height_m", "storeys", "year", "geometry"]
    both = pd.concat([every[["height_m", "geometry"]], detail[names]], ignore_index=True)
    layers = {"districts": _around(every, "EPSG:32650"), "buildings": gpd.GeoDataFrame(both, crs=every.crs)}
    return Place("Nanjing Jianye, buildings", "EPSG:32650", layers)


def _shanghai() -> Place:
    estates = _read("cn/cn_residential_estates.geojson").cx[120.9:122.0, 30.7:31.9].assign(land_use="R")
    kinds = {"中学": "middle_school", "小学": "primary_school", "幼儿园": "kindergarten"}
    schools = pd.concat([pd.read_csv(DATA / f"cn/shanghai_poi/{name}.csv").assign(kind=kind)
                         for name, kind in kinds.items()], ignore_index=True)  # fmt: skip
    points = gpd.GeoDataFrame(
        schools[["name", "kind"]], geometry=gpd.points_from_xy(schools["lon"], schools["lat"]), crs="EPSG:4326"
    )
    layers = {"districts": _around(estates, "EPSG:32651"), "parcels": estates, "amenities": points}
    return Place("Shanghai, estates and schools", "EPSG:32651", layers)


def _shanghai_roads() -> Place:
    lines = _read("osm/shanghai_downtown.osm", layer="lines")
    roads = lines[lines["highway"].notna()]
    roads = roads.assign(**{"class": roads["highway"].map(CLASSES)})
    return Place("Shanghai downtown, roads", "EPSG:32651", {"districts": _around(roads, "EPSG:32651"), "roads": roads})


def _sewers(name: str, crs: str) -> Place:
    folder = DATA / "networks/sewers" / name
    parcels = _read(f"networks/sewers/{name}/parcels.geojson")
    if "P_DESCRIPT" in parcels.columns:
        home = parcels["P_DESCRIPT"].astype("str").str.contains("RESIDENCE")
        parcels = parcels.assign(land_use=home.map({True: "R", False: None}))
    there = {stem: kind for stem, kind in SEWERS.items() if (folder / f"{stem}.geojson").exists()}
    lines = [_read(f"networks/sewers/{name}/{stem}.geojson").assign(kind=kind) for stem, kind in there.items()]
    pipes = pd.concat(lines, ignore_index=True)
    buildings = _read(f"networks/sewers/{name}/buildings.geojson")
    if "BLDG_HEIGHT" in buildings.columns:
        buildings = buildings.assign(height_m=buildings["BLDG_HEIGHT"], storeys=buildings["FLOORS"])
    pipes = gpd.GeoDataFrame(pipes, crs="EPSG:4326")
    layers = {"districts": _around(parcels, crs), "parcels": parcels, "pipes": pipes, "buildings": buildings}
    return Place(f"{name.capitalize()}, parcels and sewers", crs, layers)

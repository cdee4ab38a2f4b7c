"""The health check on real layers: an indicator has a value that plain shapely gives too, or says what is missing."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from models.health.compute import compute
from models.health.state import ChosenReading, HealthState
from tests.support.real_health import Place, places, table


@pytest.fixture(scope="module")
def real() -> dict[str, Place]:
    return {place.name.split(",")[0] + ("*" if "school districts" in place.name else ""): place for place in places()}


def test_every_indicator_on_every_place_has_a_value_or_names_what_is_missing(real: dict[str, Place]):
    valued = {}
    for name, place in real.items():
        rows, results = table(place)
        assert all(said for _, said in rows)
        for result in results.values():
            every = [*result.units, result.city]
            assert all((unit.value is None) == bool(unit.reason) for unit in every)
        valued[name] = set(results)
    assert valued == {
        "Ningbo": set(), "Ningbo*": set(), "Nanjing Jianye": set(), "Shanghai": {"HC25-22"},
        "Shanghai downtown": {"HC25-35"}, "Moncton": set(), "Esquimalt": set(),
    }  # fmt: skip


def test_land_near_shanghais_middle_schools_is_what_one_union_gives(real: dict[str, Place]):
    place = real["Shanghai"]
    state, data = place.project()
    result = compute("HC25-22", state, data)
    parcels, unit = (place.layers[role].to_crs(place.crs).geometry for role in ("parcels", "districts"))
    schools = place.layers["amenities"]
    schools = schools[schools["kind"] == "middle_school"].to_crs(place.crs).geometry
    land = shapely.intersection(shapely.make_valid(parcels.to_numpy()), unit.iloc[0])
    reach = shapely.union_all(shapely.buffer(schools.to_numpy(), 1000.0, quad_segs=64))
    assert result.city.denominator == pytest.approx(shapely.area(land).sum(), rel=1e-6)
    assert result.city.numerator == pytest.approx(shapely.area(shapely.intersection(land, reach)).sum(), rel=1e-6)


def test_the_road_density_of_downtown_shanghai_is_the_sum_of_its_lines(real: dict[str, Place]):
    place = real["Shanghai downtown"]
    result = compute("HC25-35", *place.project())
    roads = place.layers["roads"].to_crs(place.crs)
    unit = place.layers["districts"].geometry.iloc[0]
    meant = roads["class"].isin(["expressway", "arterial", "sub_arterial", "branch"])
    length_m = shapely.length(shapely.intersection(roads.geometry[meant].to_numpy(), unit)).sum()
    assert result.city.value == pytest.approx(length_m / 1e3 / (unit.area / 1e6), rel=1e-6)


@pytest.mark.parametrize("name", ["Moncton", "Esquimalt"])
def test_lengths_of_real_sewers_are_those_of_their_lines_in_real_parcels(name: str, real: dict[str, Place]):
    # Only the arithmetic is tried: nobody there says what is monitored, large pipes stand in for it, and parcels, which
    # leave gaps, for sub-districts.
    place = real[name]
    pipes = place.layers["pipes"]
    wide = gpd.pd.to_numeric(pipes["DIAMETER"], errors="coerce")
    pipes = pipes.assign(monitored=np.where(wide.isna(), None, np.where(wide >= wide.median(), "yes", "no")))
    units = place.layers["parcels"][["geometry"]].iloc[:400]
    units = units.set_geometry(units.geometry.make_valid()).assign(code=[str(at) for at in range(len(units))])
    tried = Place("", place.crs, {"districts": units, "pipes": pipes})
    result = compute("HC25-55", *tried.project())
    lines, shapes = (frame.to_crs(place.crs).geometry.to_numpy() for frame in (pipes, units))
    is_wide = (pipes["monitored"] == "yes").to_numpy()
    known = pipes["monitored"].notna().to_numpy()
    checked = 0
    for unit, shape in zip(result.units, shapes, strict=True):
        inside = shapely.length(shapely.intersection(lines, shape)) / 1e3
        assert (unit.denominator or 0.0) == pytest.approx(inside[known].sum(), rel=1e-6, abs=1e-9)
        assert (unit.numerator or 0.0) == pytest.approx(inside[is_wide & known].sum(), rel=1e-6, abs=1e-9)
        checked += unit.value is not None
    assert checked > 20


def test_four_hundred_communities_of_ningbo_fall_into_their_streets(real: dict[str, Place]):
    # Again the arithmetic alone: a district stands in for "no property management".
    place = real["Ningbo"]
    communities = place.layers["communities"]
    managed = np.where(communities["县市区"] == "海曙区", "no", "yes")
    tried = replace(place, layers={**place.layers, "communities": communities.assign(property_managed=managed)})
    result = compute("HC25-20", *tried.project())
    wanted = (communities["县市区"] == "海曙区").groupby(communities["街道名称"]).sum()
    assert {unit.unit_code: unit.value for unit in result.units} == wanted.astype(float).to_dict()
    assert sum(unit.denominator for unit in result.units) == len(communities)
    assert {unit.value for unit in result.estates} <= {0.0, 1.0}


def test_high_rises_of_nanjing_are_those_that_their_heights_and_uses_say(real: dict[str, Place]):
    place = real["Nanjing Jianye"]
    buildings = place.layers["buildings"]
    watched = np.where(np.arange(len(buildings)) % 2 == 0, "yes", "no")
    tried = replace(place, layers={**place.layers, "buildings": buildings.assign(fire_monitoring=watched)})
    state, data = tried.project()
    state = replace(state, health=HealthState(readings=(ChosenReading("HC25-57", "civil"),)))
    result = compute("HC25-57", state, data)
    home, height = buildings["use"] == "residential", gpd.pd.to_numeric(buildings["height_m"], errors="coerce")
    storeys = gpd.pd.to_numeric(buildings["storeys"], errors="coerce")
    other = buildings["use"].isin(["office", "commercial", "education", "medical"])
    tall = (home & (height > 27)) | (other & (height > 24) & (storeys > 1))
    assert result.city.denominator == tall.sum() > 5
    assert result.city.numerator == (tall & (watched == "yes")).sum()
    assert result.city.status == "partial"  # of five thousand buildings nobody says what they are used for

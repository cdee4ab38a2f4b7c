"""Objects are found again by what they are called, whatever row they stand in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

from models.health.results import CITY_OID, IndicatorResult, UnitValue
from models.layers.layer import VectorData
from models.project.business_keys import GONE_OID, Renaming, between, business_keys
from models.project.project import ProjectState
from models.project.rekeyed import named_objects, rekeyed


def table(codes: list[str | None], field: str = "ObjID", oids: list[int] | None = None) -> VectorData:
    shapes = [Point(number, 0) for number in range(len(codes))]
    frame = gpd.GeoDataFrame({field: codes}, geometry=shapes, crs="EPSG:4548")
    frame.index = pd.Index(range(1, len(codes) + 1) if oids is None else oids, dtype="int64")
    return VectorData(frame)


@given(st.lists(st.integers(0, 40), unique=True, min_size=1), st.lists(st.integers(0, 40), unique=True, min_size=1))
def test_a_renaming_says_of_every_object_what_a_plain_dictionary_says(old: list[int], new: list[int]) -> None:
    led = between(table([f"c{number}" for number in old]), table([f"c{number}" for number in new]))
    assert led is not None
    rows = {number: row for row, number in enumerate(new, 1)}
    assert led.of(np.arange(1, len(old) + 1)).tolist() == [rows.get(number, GONE_OID) for number in old]
    assert led.gone == len(set(old) - set(new))


def test_a_value_that_stands_twice_names_nobody_but_the_row_in_which_it_stood() -> None:
    old = table([f"c{number}" for number in range(60)])
    codes = [f"c{number}" for number in range(60)]
    codes[10] = codes[11] = "c10"
    led = between(old, table(codes))
    assert led is not None
    assert led.one(11) == 11  # c10 still stands in its row
    assert led.one(12) == GONE_OID  # c11 stands nowhere


def test_an_object_without_a_key_stays_only_while_its_row_has_none() -> None:
    old = table([*(f"c{number}" for number in range(30)), None])
    led = between(old, table([*(f"c{number}" for number in range(30)), None]))
    assert led is not None
    assert not led.changes
    led = between(old, table([*(f"c{number}" for number in range(30)), "new"]))
    assert led is not None
    assert led.one(31) == GONE_OID


def test_a_field_that_repeats_itself_or_is_empty_is_no_key() -> None:
    assert business_keys(table(["a", "a", "b", "b"])) is None
    assert business_keys(table([None, None, None, "b"])) is None
    assert business_keys(table(["a", "b"], field="colour")) is None


def test_codes_that_a_spreadsheet_made_numbers_are_the_same_codes() -> None:
    frame = pd.DataFrame({"code": [1.0, 2.0, 3.0]}, index=[1, 2, 3])
    found = business_keys(VectorData(frame))
    assert found is not None
    assert found.values.tolist() == ["1", "2", "3"]


def test_values_of_every_level_and_reading_follow_their_units() -> None:
    def unit(layer: str, oid: int) -> UnitValue:
        return UnitValue(layer, oid, "", "", "", 1.0, 1.0, 1.0, 1.0, "ok")

    district, estate, city = unit("districts", 1), unit("estates", 2), unit("districts", CITY_OID)
    result = IndicatorResult("HC25-25", "2025", (district,), city, estates=(estate,), beside={"walk": (district, city)})
    state = ProjectState(results=(result,))
    assert {layer: oids.tolist() for layer, oids in named_objects(state).items()} == {"districts": [1], "estates": [2]}
    led = rekeyed(state, "estates", "new", Renaming(np.array([2]), np.array([7]))).results[0]
    assert [one.key for one in led.estates] == [("new", 7)]
    assert led.units == result.units
    led = rekeyed(state, "districts", "new", Renaming(np.array([1]), np.array([5]))).results[0]
    assert [one.key for one in (*led.units, led.city, *led.beside["walk"])] == [
        ("new", 5), ("new", CITY_OID), ("new", 5), ("new", CITY_OID),
    ]  # fmt: skip
    assert led.estates == result.estates

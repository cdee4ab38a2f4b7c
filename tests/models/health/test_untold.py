"""What a layer does not say: which of its objects count, how complete it is, what kind of city it is in."""

from dataclasses import replace

import numpy as np
import pytest
from shapely.geometry import LineString, box

from models.health.compute import compute
from models.health.profile import CityProfile, profile_classes
from tests.support.health_city import (
    PARK,
    PREFECTURE,
    STRIP,
    at,
    built_up,
    city,
    districts,
    layer_of,
    park,
    strip_city,
    survey,
    units,
)  # fmt: skip

SCHOOL = at(box(0, 400, 100, 500))


def parcels(**columns):
    return layer_of("parcels", [STRIP], **columns)


def schools(**columns):
    return layer_of("amenities", [SCHOOL], **columns)


def test_amenities_without_a_kind_are_no_schools():
    result = compute("HC25-22", *city(districts(), parcels(land_use=["R2"]), schools(name=["小学"])))
    assert {unit.reason for unit in (*result.units, result.city)} == {"no_field:amenities.kind"}
    assert result.city.value is None
    assert not result.problems


@pytest.mark.parametrize("kind", [[None], [""], ["  "], ["餐饮"]])
def test_amenities_whose_kind_says_nothing_that_is_understood_give_no_data(kind):
    result = compute("HC25-22", *city(districts(), parcels(land_use=["R2"]), schools(kind=kind)))
    assert result.city.reason == "no_field:amenities.kind"


def test_a_layer_of_other_kinds_that_are_understood_gives_zero():
    result = compute("HC25-22", *city(districts(), parcels(land_use=["R2"]), schools(kind=["primary_school"])))
    assert result.city.value == 0.0


@pytest.mark.parametrize("columns", [{}, {"land_use": [None]}, {"land_use": [""]}])
def test_land_of_which_nobody_says_the_use_is_not_residential(columns):
    result = compute("HC25-25", *city(districts(), parcels(**columns), park(PARK)))
    assert result.city.reason == "no_field:parcels.land_use"


def test_land_of_unknown_use_beside_known_lowers_what_is_known():
    shapes = [at(box(100, 400, 500, 500)), at(box(500, 400, 600, 500)), at(box(1200, 0, 1300, 100))]
    result = compute(
        "HC25-25", *city(districts(), layer_of("parcels", shapes, land_use=["R2", None, None]), park(PARK))
    )
    west, east = result.units
    assert (west.value, west.denominator) == (pytest.approx(100.0), pytest.approx(40_000.0))
    assert west.coverage == pytest.approx(0.8)
    assert west.status == "partial"
    assert (east.value, east.reason) == (None, "unknown_values")


def test_a_park_counts_only_where_somebody_says_that_it_is_open():
    state, data = strip_city(green=layer_of("green", [PARK], kind=["park"]))
    assert compute("HC25-25", state, data).city.reason == "no_field:green.open_to_public"
    both = layer_of("green", [PARK, at(box(900, 400, 1000, 500))], kind=["park"] * 2, open_to_public=[True, None])
    one = compute("HC25-25", *strip_city(green=both))
    alone = compute("HC25-25", *strip_city(green=park(PARK)))
    assert one.city.numerator == pytest.approx(alone.city.numerator)
    assert one.city.coverage == pytest.approx(0.5)
    assert one.city.status == "partial"


@pytest.mark.parametrize(
    ("said", "value"), [("是", 1.0), ("否", 0.0), ("1", 1.0), (" FALSE ", 0.0), (1, 1.0), (0.0, 0.0)]
)
def test_yes_and_no_are_understood_in_whatever_way_they_are_written(said, value):
    result = compute("HC25-25", *strip_city(green=layer_of("green", [PARK], kind=["park"], open_to_public=[said])))
    assert (result.city.numerator > 0) == bool(value)


def roads(**columns):
    lines = [LineString([(0, 100), (1000, 100)]), LineString([(0, 200), (500, 200)])]
    return layer_of("roads", [at(line) for line in lines], **columns)


def test_roads_without_a_class_are_not_all_counted():
    assert compute("HC25-35", *city(districts(), roads())).city.reason == "no_field:roads.class"
    osm = compute("HC25-35", *city(districts(), roads(**{"class": ["primary", "service"]})))
    assert osm.city.reason == "no_field:roads.class"
    half = compute("HC25-35", *city(districts(), roads(**{"class": ["arterial", None]})))
    west, east = half.units
    assert west.value == pytest.approx(1.0)
    assert west.coverage == pytest.approx(1.0 / 1.5)
    assert west.status == "partial"
    assert east.value == 0.0, "no road runs there"


def test_covers_need_a_code_and_a_state():
    point = at(box(0, 0, 1, 1)).centroid
    covers = layer_of("facilities", [point], ObjState=["完好"])
    assert compute("HC21-49", *city(districts(), covers)).city.reason == "no_field:facilities.ObjID"
    covers = layer_of("facilities", [point], ObjID=["3701020101000001"])
    assert compute("HC21-49", *city(districts(), covers)).city.reason == "no_field:facilities.ObjState"


def test_completeness_that_nobody_recorded_is_not_complete():
    result = compute("HC25-25", *strip_city())
    assert [(unit.status, unit.coverage) for unit in result.units] == [("unstated", None)] * 2
    assert (result.city.status, result.city.coverage) == ("unstated", None)
    half = [("A", "parcels", 1.0), ("A", "parks", 1.0), ("B", "parcels", 1.0)]
    result = compute("HC25-25", *strip_city(survey(*half)))
    assert [unit.status for unit in result.units] == ["ok", "unstated"]
    assert result.city.coverage is None
    whole = [*half, ("B", "parks", 1.0)]
    assert compute("HC25-25", *strip_city(survey(*whole))).city.status == "ok"


def tall(share, profile):
    """Return a city of which this share is built up with buildings of known height."""
    house = layer_of("buildings", [at(box(0, 0, 1000, 1000 * share))], height_m=[10.0])
    state, data = city(districts(), built_up(at(box(0, 0, 1000, 1000))), house)
    layer = state.layer("buildings")
    return replace(state, profile=profile).with_layer(
        replace(layer, style=replace(layer.style, height_field="height_m"))
    ), data


def test_3d_coverage_is_of_the_built_up_area_and_without_one_there_is_none():
    result = compute("HC25-58", *tall(0.4, PREFECTURE))
    assert units(result) == {"A": pytest.approx(40.0), "B": None}
    assert result.units[1].reason == "nothing_to_measure"
    state, data = tall(0.4, PREFECTURE)
    gone = compute("HC25-58", state.without_layer("built_up"), {k: v for k, v in data.items() if k != "built_up"})
    assert gone.city.reason == "no_layer:built_up"


@pytest.mark.parametrize(
    ("profile", "grade", "limits"),
    [
        (CityProfile(), "no_profile", []),
        (CityProfile(size_class="super"), "no_profile", []),
        (CityProfile("prefecture"), "met", [30.0]),
        (CityProfile("separately_planned"), "not_met", [60.0]),
        (CityProfile("municipality", "super"), "not_met", [60.0]),
        (CityProfile("county"), "no_benchmark", []),
    ],
)
def test_the_class_of_the_city_decides_over_the_benchmark(profile, grade, limits):
    result = compute("HC25-58", *tall(0.4, profile))
    assert result.city.value == pytest.approx(40.0)
    assert result.city.grade == grade
    assert [benchmark.value for benchmark in result.benchmarks] == limits


def test_another_class_of_city_makes_only_what_it_decides_old():
    one, other = (compute("HC25-58", *tall(0.4, CityProfile(name))).stamp for name in ("prefecture", "municipality"))
    assert one != other
    state, data = strip_city()
    stamps = [compute("HC25-25", replace(state, profile=CityProfile(name)), data).stamp for name in ("", "prefecture")]
    assert stamps[0] == stamps[1]


def test_every_class_has_a_name_in_both_languages_and_every_benchmark_names_classes_that_are_there():
    from models.health.editions import edition

    known = {field: {one.id for one in classes} for field, classes in profile_classes().items()}
    assert all(one.title("zh") and one.title("en") for classes in profile_classes().values() for one in classes)
    for definition in edition().indicators.values():
        known["reading"] = {one.id for one in definition.readings}
        for applies in (definition.applies, *(row.applies for row in definition.benchmarks)):
            assert all(set(classes) <= known[field] for field, classes in applies.items())


def test_numbers_that_stand_for_no_share_are_not_surveyed():
    odd = survey(("A", "parcels", np.nan), ("A", "parks", 1.0), ("B", "parcels", 1.0), ("B", "parks", 1.0))
    result = compute("HC25-25", *strip_city(odd))
    assert result.units[0].reason == "not_surveyed"


def test_covers_whose_code_edition_nobody_stated_give_no_data_and_stating_it_makes_the_result_old():
    point = at(box(0, 0, 1, 1)).centroid
    layer, data = layer_of("facilities", [point], ObjID=["3701020101000001"], ObjState=["完好"])
    nothing = compute("HC21-49", *city(districts(), (replace(layer, code_edition=""), data)))
    found = compute("HC21-49", *city(districts(), (layer, data)))
    assert (nothing.city.value, nothing.city.reason) == (None, "no_field:facilities.code_edition")
    assert found.units[0].value == 100.0
    assert nothing.stamp != found.stamp

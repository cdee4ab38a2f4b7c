"""Of every indicator a project says whether its layers answer it, and what is missing where they do not."""

from __future__ import annotations

import pytest
from shapely import LineString, Point, box

from models.health.availability import availabilities, availability
from models.health.book import book_of
from models.health.compute import compute
from tests.support.health_city import PARK, STRIP, at, built_up, city, districts, layer_of, park


def full_city(**without):
    parts = {
        "parcels": layer_of("parcels", [STRIP], code=["P1"], land_use=["R2"]),
        "green": park(PARK),
        "roads": layer_of("roads", [at(LineString([(400, 500), (1300, 500)]))], **{"class": ["branch"]}),
        "facilities": layer_of("facilities", [at(Point(10, 500))], ObjID=["3701020103000001"], ObjState=["完好"]),
        "buildings": layer_of("buildings", [at(box(0, 0, 50, 50))], height_m=[9.0]),
        "built_up": built_up(),
    }
    return city(districts(), *(part for part in (parts | without).values() if part is not None))


def test_an_indicator_whose_layers_and_fields_are_there_can_be_worked_out():
    state, data = full_city()
    assert availability("HC25-35", state, data).standing == "computed"
    assert availability("HC21-49", state, data).standing == "computed"
    assert availability("HC25-22", state, data).layers == ("amenities",)


def test_a_layer_without_the_field_that_tells_its_objects_apart_names_the_field():
    roads = layer_of("roads", [at(LineString([(400, 500), (1300, 500)]))], width_m=[7.0])
    found = availability("HC25-35", *full_city(roads=roads))
    assert (found.standing, found.fields) == ("missing_field", ("roads.class",))


def test_fields_that_only_sharpen_a_figure_are_named_apart():
    found = availability("HC25-25", *full_city())
    assert found.standing == "computed"
    assert "green.name" not in found.further
    bare = layer_of("green", [PARK], kind=["park"], open_to_public=[True])
    assert "green.historic" in availability("HC25-25", *full_city(green=bare)).further


@pytest.mark.parametrize("missing", ["", "roads", "green", "buildings", "facilities", "built_up"])
def test_what_is_said_to_be_missing_is_what_computing_misses(missing: str):
    state, data = full_city(**({missing: None} if missing else {}))
    for found in availabilities(state, data):
        if found.standing == "not_computed":
            assert not book_of(state.health).indicators[found.code].computed
            continue
        reason = compute(found.code, state, data).city.reason
        kind, _, lacking = reason.partition(":")
        if found.standing == "missing_layer":
            assert (kind, lacking) == ("no_layer", ",".join(found.layers))
        elif found.standing == "missing_field":
            assert (kind, lacking) == ("no_field", ",".join(found.fields))
        else:
            assert kind not in ("no_layer", "no_field"), found.code

"""Candidates are told by attributes, kept apart from findings, and unknown ones are counted apart."""

from shapely import box

from models.health.candidates import candidates
from models.health.editions import indicator
from tests.support.health_city import at, city, layer_of


def test_buildings_of_several_storeys_without_a_lift_are_candidates_and_unknown_ones_are_said():
    shapes = [at(box(x, 0, x + 10, 10)) for x in range(0, 100, 20)]
    homes = layer_of(
        "buildings", shapes, use=["residential"] * 4 + ["office"], storeys=[6, 6, 2, None, 6],
        lift=["no", "yes", "no", "no", "no"], year=[1990, 2005, None, 1999, 1980],
    )  # fmt: skip
    state, data = city(homes)
    found = candidates(indicator("HC25-07"), state, data)
    assert [(layer, oids.tolist()) for layer, oids in found.keys.runs] == [("buildings", [1])]
    assert found.unknown == 1
    old = candidates(indicator("HC25-08"), state, data)
    assert [oids.tolist() for _, oids in old.keys.runs] == [[1, 4]]
    assert old.unknown == 1
    assert candidates(indicator("HC25-01"), state, data) is None

"""A person's edits of check units, what the layer of them says, and what two versions do not have alike."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shapely import LineString, box

from models.core.errors import UserError
from models.health.units.codes import UnitCodes
from models.health.units.editing import divided, merged, renamed, shape_of, with_area
from models.health.units.effect import members_of_unit, unit_of_member
from models.health.units.proposing import ProposeOptions, propose
from models.health.units.rules import unit_rules
from models.health.units.sources import people_of
from models.health.units.tables import table_of
from models.health.units.versions import compared
from tests.support.health_city import CRS, at, city, layer_of


def three(**columns):
    shapes = [at(box(1000 * k, 0, 1000 * k + 1000, 1000)) for k in range(3)]
    return city(layer_of(
        "communities", shapes, code=["A", "B", "C"], name=["甲", "乙", "丙"], population=[6000, 7000, 8000],
        district_code=["1", "1", "2"], **columns,
    ))  # fmt: skip


def draft(state, data):
    return propose("community", state, data, ProposeOptions(joins=False, divides=False))


def codes_of(state):
    return UnitCodes(state.health, unit_rules().level("community")).new


def test_joining_by_hand_adds_people_members_and_ground_and_leaves_the_old_set_as_it_was():
    state, data = three()
    before = draft(state, data)
    after = merged(before, ["C", "B"], "X")
    assert [unit.code for unit in after.units] == ["A", "X"]
    made = after.units[1]
    assert (made.members, made.population, made.districts, made.reason) == (("B", "C"), 15000.0, ("1", "2"), "by_hand")
    assert shape_of(made).area == pytest.approx(2e6)
    assert len(before.units) == 3
    with pytest.raises(UserError, match=r"units\.choose_several"):
        merged(before, ["A"], "X")
    with pytest.raises(UserError, match=r"units\.no_unit"):
        merged(before, ["A", "Z"], "X")


def test_a_unit_is_cut_along_a_line_that_goes_right_through_and_by_no_other():
    state, data = three()
    people = people_of(state, data, CRS)
    line = at(LineString([(250, -10), (250, 1010)]))
    after = divided(draft(state, data), "A", [line], people, codes_of(state))
    assert [unit.population for unit in after.units] == pytest.approx([1500.0, 4500.0, 7000.0, 8000.0])
    assert [unit.population_from for unit in after.units[:2]] == ["area", "area"]
    with pytest.raises(UserError, match=r"units\.no_cut"):
        divided(draft(state, data), "A", [at(LineString([(250, -10), (250, 500)]))], people, codes_of(state))


def test_a_renewal_area_across_a_border_is_a_unit_and_the_rest_of_its_members_stays():
    state, data = three()
    area = at(box(1500, 0, 2500, 1000))
    after = with_area(draft(state, data), area, people_of(state, data, CRS), codes_of(state), "更新片区")
    made = after.units[-1]
    assert (made.name, made.reason, made.districts) == ("更新片区", "renewal", ("1", "2"))
    assert made.population == pytest.approx(7500.0)
    assert sum(unit.area_m2 for unit in after.units) == pytest.approx(3e6)
    assert sum(unit.population for unit in after.units) == pytest.approx(21_000.0)
    with pytest.raises(UserError, match=r"units\.no_area"):
        with_area(draft(state, data), at(box(9000, 0, 9100, 100)), people_of(state, data, CRS), codes_of(state))


def test_the_layer_of_units_adds_amounts_needs_every_yes_and_knows_nothing_of_a_part():
    state, data = three(parking_spaces=[10, 20, None], property_managed=["是", "yes", "no"], households=[1, 2, 3])
    table = table_of(merged(draft(state, data), ["A", "B"], "X"), data).frame.set_index("code")
    assert table.loc["X", "parking_spaces"] == 30
    assert table.loc["X", "property_managed"] == "yes"
    assert table.loc["C", "property_managed"] == "no"
    assert table["parking_spaces"].isna().tolist() == [False, True]
    assert table.loc["X", "fits"] == "no"  # 13,000 people
    line = at(LineString([(250, -10), (250, 1010)]))
    parts = divided(draft(state, data), "A", [line], people_of(state, data, CRS), codes_of(state))
    assert table_of(parts, data).frame["households"].isna().tolist() == [True, True, False, False]


def test_members_lead_to_their_unit_only_where_they_lie_in_one():
    state, data = three()
    line = at(LineString([(250, -10), (250, 1010)]))
    parts = divided(draft(state, data), "A", [line], people_of(state, data, CRS), codes_of(state))
    kept = replace(merged(parts, ["B", "C"], "X"), version=1, layer="communities")
    shown = replace(state, health=replace(state.health, unit_sets=(kept,)))
    assert unit_of_member(shown, "communities") == {"B": "X", "C": "X"}
    assert members_of_unit(shown, "X") == ("B", "C")
    assert members_of_unit(shown, "D") == ("D",)


def test_two_versions_are_compared_by_code_shape_people_and_name():
    state, data = three()
    before = draft(state, data)
    after = renamed(merged(before, ["A", "B"], "X"), "C", "丁")
    assert [(one.code, one.kind) for one in compared(before, after)] == [
        ("X", "new"), ("C", "name"), ("A", "gone"), ("B", "gone"),
    ]  # fmt: skip
    assert compared(before, before) == ()

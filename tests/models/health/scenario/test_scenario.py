"""What if: the figures under a scenario are those of a city that is really so, and nothing else is worked out."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from shapely import box

from models.core.errors import UserError
from models.health import compute as computing
from models.health.compute import compute
from models.health.editions import indicator
from models.health.scenario import working
from models.health.scenario.applying import data_under, definition_under, rules_of
from models.health.scenario.scenario import Added, ChangedRule, Closed, Moved, Scenario
from models.health.scenario.working import Outcome, changes, outcome_of
from models.layers.layer import VectorData
from models.project.selection import ObjectKey
from tests.support.health_city import CRS, E0, N0, at, city, districts, layer_of, park, survey

PARKS = "HC25-25"


def parcels():
    shapes = [at(box(x, y, x + 80, y + 80)) for x in range(0, 2000, 100) for y in range(0, 1000, 100)]
    return layer_of("parcels", shapes, land_use="R2", code=[f"P{n}" for n in range(len(shapes))])


def town(*greens):
    surveys = survey(*((code, theme, 1.0) for code in "AB" for theme in ("parcels", "parks", "roads")))
    return city(districts(), parcels(), *(greens or (park(at(box(100, 400, 200, 500))),)), surveys)


def figures(result):
    return [value for unit in (*result.units, result.city) for value in (unit.numerator, unit.denominator)]


def test_a_moved_facility_counts_where_it_would_stand():
    state, data = town()
    scenario = Scenario().with_moved(Moved(ObjectKey("green", 1), 700.0, 0.0))
    found = outcome_of(scenario, Outcome(), state, data)
    really, its_data = town(park(at(box(800, 400, 900, 500))))
    assert figures(found.results[PARKS]) == pytest.approx(figures(compute(PARKS, really, its_data)))
    assert figures(found.results[PARKS]) != pytest.approx(figures(compute(PARKS, state, data)))


def test_moves_add_up_and_one_that_leads_back_is_none():
    key = ObjectKey("green", 1)
    scenario = Scenario().with_moved(Moved(key, 700.0, 50.0)).with_moved(Moved(key, -700.0, -50.0))
    assert scenario.is_empty


def test_a_planned_facility_counts_as_if_it_were_there():
    state, data = town()
    planned = Added("green", E0 + 1500, N0 + 500, (("kind", "park"), ("open_to_public", "yes")), 10_000.0)
    found = outcome_of(Scenario(added=(planned,)), Outcome(), state, data)
    layer, frame = park(at(box(100, 400, 200, 500)))
    other = park(at(box(1450, 450, 1550, 550)))[1].frame
    other.index = pd.RangeIndex(2, 3, name="fid")
    really, its_data = town((layer, VectorData(pd.concat([frame.frame, other]))))
    assert figures(found.results[PARKS]) == pytest.approx(figures(compute(PARKS, really, its_data)))


def test_a_closed_facility_serves_nobody():
    state, data = town()
    found = outcome_of(Scenario(closed=(Closed(ObjectKey("green", 1)),)), Outcome(), state, data)
    assert found.results[PARKS].city.value == 0.0


def test_the_layers_themselves_stay_as_they_are():
    _, data = town()
    before = data["green"].frame.copy()
    under = data_under(Scenario(moved=(Moved(ObjectKey("green", 1), 5.0, 5.0),)), data, CRS)
    assert under["parcels"] is data["parcels"]
    assert data["green"].frame.equals(before)


def test_places_are_moved_in_metres_also_where_the_layer_is_in_degrees():
    state, data = town()
    degrees = {**data, "green": VectorData(data["green"].frame.to_crs("EPSG:4490"))}
    scenario = Scenario(moved=(Moved(ObjectKey("green", 1), 700.0, 0.0),))
    one, other = (outcome_of(scenario, Outcome(), state, held).results[PARKS] for held in (data, degrees))
    assert figures(one) == pytest.approx(figures(other), rel=1e-6)


def test_other_rules_give_another_grade_and_no_other_indicator_is_asked(monkeypatch):
    state, data = town()
    base = compute(PARKS, state, data)
    asked = []
    real = computing.worked_out
    monkeypatch.setattr(working, "worked_out", lambda d, *rest: asked.append(d.code) or real(d, *rest))
    scenario = Scenario().with_rule(ChangedRule(PARKS, "benchmark.0", 1.0))
    found = outcome_of(scenario, Outcome(), state, data)
    assert asked == [PARKS]
    city_change = changes(base, found.results[PARKS])[0]
    assert (city_change.difference, city_change.base.grade, city_change.now.grade) == (0.0, "not_met", "met")
    assert city_change.is_other


def test_only_what_depends_on_the_last_change_is_worked_out_again(monkeypatch):
    state, data = town()
    first = Scenario().with_rule(ChangedRule(PARKS, "benchmark.0", 1.0))
    outcome = outcome_of(first, Outcome(), state, data)
    asked = []
    real = computing.worked_out
    monkeypatch.setattr(working, "worked_out", lambda d, *rest: asked.append(d.code) or real(d, *rest))
    second = first.with_rule(ChangedRule("HC25-35", "benchmark.0", 1.0))
    found = outcome_of(second, outcome, state, data)
    assert asked == ["HC25-35"]
    assert found.results[PARKS] is outcome.results[PARKS]
    back = outcome_of(replace(second, rules=second.rules[:1]), found, state, data)
    assert set(back.results) == {PARKS}


def test_every_number_among_the_rules_can_be_changed_and_is_another_then():
    for code in (PARKS, "HC25-35", "HC25-58"):
        definition = indicator(code)
        for rule in rules_of(definition):
            changed = definition_under(Scenario(rules=(ChangedRule(code, rule.path, rule.value + 1),)), definition)
            assert {r.path: r.value for r in rules_of(changed)}[rule.path] == rule.value + 1
    assert {rule.unit for rule in rules_of(indicator(PARKS))} >= {"m", "ha", "%"}


@pytest.mark.parametrize("path", ["", "benchmark.99", "radius.x.radius_m", "kinds", "__class__", "radius.0.source"])
def test_a_rule_that_is_not_there_is_refused(path):
    with pytest.raises(UserError, match=r"health\.scenario\.no_rule"):
        definition_under(Scenario(rules=(ChangedRule(PARKS, path, 1.0),)), indicator(PARKS))


def test_an_empty_scenario_is_the_base():
    state, data = town()
    assert outcome_of(Scenario(), Outcome(), state, data).results == {}


def test_a_facility_of_a_kind_that_does_not_count_has_nothing_worked_out():
    state, data = town(park(at(box(100, 400, 200, 500)), kind="gated_green"))
    found = outcome_of(Scenario(moved=(Moved(ObjectKey("green", 1), 700.0, 0.0),)), Outcome(), state, data)
    assert PARKS not in found.results

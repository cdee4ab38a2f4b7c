"""A grade is proposed with its reasons, decided by a person, and put together by the handbook's table."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.core.errors import UserError
from models.health.editions import Benchmark, indicator
from models.health.judging import decisions, rollup
from models.health.judging.proposal import Proposal, propose
from models.health.judging.rules import GRADES, RuleChange, default_rules, rules_of, worse
from models.health.judging.what_if import under_limits
from models.health.judging.yardsticks import Figure
from models.health.profile import CityProfile
from models.health.results import CITY_OID, IndicatorResult, UnitValue
from models.health.state import HealthState
from models.store.rows.health_tables import health_of
from models.store.rows.state_rows import rows_of

CODE = "HC25-25"
RULES = default_rules()
CITY = CityProfile("prefecture", "large_2")


def limited(limit=80.0, op=">=", **more):
    row = Benchmark(limit, op, "目标", "Target", "document", uncertain=False)
    return replace(indicator(CODE), benchmarks=(row,), direction="up" if op == ">=" else "down", **more)


def result(value, coverage=1.0, numerator=None, denominator=100.0):
    own = value if numerator is None else numerator
    city = UnitValue("d", CITY_OID, "", "全市", "City", value, own, denominator, coverage, "ok")
    return IndicatorResult(CODE, "2025", (), city)


def grade(value, *figures, definition=None, coverage=1.0, **more):
    return propose(definition or limited(), result(value, coverage), CITY, RULES, figures, **more)


@pytest.mark.parametrize(
    ("value", "wanted"), [(90.0, "very_good"), (82.0, "good"), (70.0, "fair"), (60.0, "insufficient")]
)
def test_the_limit_gives_the_grade_by_its_margin(value, wanted):
    assert grade(value).grade == wanted


def test_fewer_is_better_where_the_limit_is_an_upper_one():
    definition = limited(10.0, "<=")
    assert [grade(value, definition=definition).grade for value in (5, 10, 11, 20)] == [
        "very_good", "good", "fair", "insufficient",
    ]  # fmt: skip


def test_satisfaction_below_sixty_lowers_by_one_and_says_so():
    low, enough = (Figure(CODE, "satisfaction", value) for value in (59.9, 60.0))
    assert grade(82.0, low).grade == "fair"
    assert grade(82.0, low).moves == ("satisfaction",)
    assert grade(82.0, enough).grade == "good"


def test_trend_and_other_cities_move_the_grade_only_together():
    trend, peers = Figure(CODE, "last_year", 60.0), [Figure(CODE, "peer", value) for value in (60.0, 70.0, 99.0)]
    assert grade(82.0, trend).grade == "good"
    proposed = grade(82.0, trend, *peers)
    assert proposed.grade == "very_good"
    assert proposed.yardsticks[3].held_against == 70.0, "the median"


def test_a_missed_target_caps_the_grade():
    assert grade(95.0, Figure(CODE, "target", 98.0)).grade == "good"


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (propose(limited(), None, CITY, RULES), "no_result"),
        (propose(limited(), result(None), CITY, RULES), "no_data"),
        (propose(limited(), result(90.0, 0.3), CITY, RULES), "thin_coverage"),
        (propose(limited(), result(90.0), CITY, RULES, are_units_unfit=True), "units_unfit"),
        (propose(replace(limited(), benchmarks=()), result(90.0), CITY, RULES), "no_yardstick"),
        (propose(replace(limited(), benchmarks=(), direction="context"), result(90.0), CITY, RULES), "context"),
    ],
)
def test_nothing_is_proposed_where_too_little_is_known(found, why):
    assert (found.grade, found.refusal) == ("", why)


def test_what_nobody_recorded_is_proposed_and_said():
    assert grade(90.0, coverage=None).is_unstated


def test_one_occurrence_in_a_bottom_line_indicator_is_enough():
    definition = limited(0.0, "<=", kind="bottom_line", form="count")
    found = propose(definition, result(1.0, 0.1, numerator=1.0), CITY, RULES)
    assert (found.grade, found.moves, found.occurrences) == ("insufficient", ("veto",), 1.0)
    assert propose(definition, result(0.0), CITY, RULES).grade == "very_good"


def test_a_person_decides_with_name_and_reason_and_both_are_kept():
    proposal, found = grade(90.0), result(90.0)
    with pytest.raises(UserError, match="no_person"):
        decisions.decision(proposal, found, "good", " ", "2026-01-01")
    with pytest.raises(UserError, match="no_why"):
        decisions.decision(proposal, found, "good", "张三", "2026-01-01")
    made = decisions.decision(proposal, found, "good", "张三", "2026-01-01", "数据偏旧")
    assert (made.proposed, made.grade) == ("very_good", "good")
    assert not decisions.is_outdated(made, found)
    assert decisions.is_outdated(made, result(89.0))
    taken_back = decisions.decision(proposal, found, "", "张三", "2026-01-02")
    assert decisions.standing([made, taken_back]) == {}


def test_what_was_decided_comes_back_from_the_project_file():
    made = decisions.decision(grade(90.0), result(90.0), "very_good", "张三", "2026-01-01")
    health = HealthState(
        decisions=(made,), figures=(Figure(CODE, "peer", 1.5, "乙市"),),
        judging_rules=(RuleChange("high", "0.7", "李四", "2026-01-01"),),
    )  # fmt: skip
    rows = [{"part": row["part"], "content": json.dumps(json.loads(row["content"]))} for row in rows_of(health)]
    assert health_of(rows, pytest.fail) == health


def test_the_rules_are_data_that_a_project_sets_otherwise():
    assert rules_of([RuleChange("clear_margin", "0.5")]).clear_margin == 0.5
    for name, value in (("nothing", "1"), ("high", "x"), ("high", "7"), ("high", "nan"), ("veto_grade", "great")):
        with pytest.raises(UserError, match=r"health\.judging"):
            rules_of([RuleChange(name, value)])


# --- the table of the handbook, written down a second time


def by_hand(best, good, fair, insufficient):
    total = best + good + fair + insufficient
    fine, lacks = 100 * (best + good), insufficient > 0
    if 100 * best >= 80 * total and not lacks:
        return "excellent"
    if fine >= 80 * total:
        return "good" if lacks else "between"
    if fine >= 60 * total:
        return "medium" if lacks else "good"
    if fine >= 40 * total:
        return "poor" if lacks else "medium"
    return "poor"


@given(st.tuples(*[st.integers(0, 12)] * 4).filter(sum))
def test_grades_are_put_together_as_the_table_says(counts):
    assert rollup.by_table(counts, RULES) == by_hand(*counts)


def test_the_hole_of_the_table_is_said():
    assert rollup.by_table((3, 2, 0, 0), RULES) == "between"
    assert rollup.by_table((3, 2, 0, 0), RULES, is_vetoed=True) == "good"


def test_what_has_no_grade_counts_for_nothing_and_is_named():
    codes = ("A", "B", "C")
    offered = {"A": Proposal("A", "good"), "B": Proposal("B", "", "no_data"), "C": Proposal("C", "fair")}
    decided = {"C": decisions.Decision("C", "very_good", "张三", "2026")}
    found = rollup.roll_up("housing", codes, decided, offered, RULES)
    assert (found.counts, found.proposed, found.without) == ((1, 1, 0, 0), 1, ("B",))
    alone = rollup.roll_up("housing", codes, decided, offered, RULES, with_proposals=False)
    assert (alone.grade, alone.refusal) == ("", "too_few")


def test_other_limits_are_tried_without_touching_the_present_ones():
    definition = limited()
    tried = under_limits({CODE: 95.0}, {CODE: definition}, lambda _: 0, lambda one: grade(90.0, definition=one))
    assert (tried[0].before.grade, tried[0].after.grade, tried[0].is_other) == ("very_good", "fair", True)
    assert definition.benchmarks[0].value == 80.0
    with pytest.raises(UserError, match="no_limit"):
        under_limits({"HC25-99": 1.0}, {CODE: definition}, lambda _: 0, lambda one: grade(90.0, definition=one))


def test_no_grade_is_lower_than_the_lowest():
    assert [worse(one) for one in GRADES] == ["good", "fair", "insufficient", "insufficient"]

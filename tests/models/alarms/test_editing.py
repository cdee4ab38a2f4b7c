"""A rule is changed at one place of its trees; everything else stays."""

from __future__ import annotations

from models.alarms.editing import added, condition_at, first_limit, put, quantities_in, removed
from models.alarms.rule import AlarmRule, AllOf, AnyOf, Clear, Compare, Level, NoneOf, Silent
from viewers.texts.alarm_rules import rule_text

TILT, LEVEL, WET = Compare("tilt", ">", 10.0), Compare("level", ">=", 1.5), Compare("rain", ">", 0.0)
RULE = AlarmRule(
    "r",
    "规则",
    (Level("major", AnyOf((TILT, AllOf((LEVEL, WET))))), Level("minor", TILT)),
    clear=Clear(NoneOf((TILT,))),
)


def test_a_condition_deep_in_a_tree_is_replaced_and_nothing_else() -> None:
    made = put(RULE, ("level", 0, 1, 0), Compare("level", ">", 2.0))
    assert condition_at(made, ("level", 0, 1)) == AllOf((Compare("level", ">", 2.0), WET))
    assert put(made, ("level", 0, 1, 0), LEVEL) == RULE


def test_what_stands_alone_becomes_a_group_and_one_that_is_left_stands_alone_again() -> None:
    made, path = added(RULE, ("level", 1), WET)
    assert (path, condition_at(made, ("level", 1))) == (("level", 1, 1), AllOf((TILT, WET)))
    assert removed(made, path) == RULE
    beside, there = added(RULE, ("level", 0, 1, 0), TILT)
    assert condition_at(beside, there) == TILT
    assert there == ("level", 0, 1, 2)


def test_a_level_goes_with_its_tree_and_the_last_one_stays() -> None:
    one = removed(RULE, ("level", 0))
    assert [level.severity for level in one.levels] == ["minor"]
    assert removed(one, ("level", 0)) == one
    assert removed(RULE, ("clear", 0)).clear.condition is None


def test_quantities_and_the_limit_beside_a_peak_are_found_in_a_tree() -> None:
    assert quantities_in(RULE.levels[0].condition) == ("tilt", "level", "rain")
    assert first_limit(RULE.levels[0].condition) == TILT
    assert first_limit(AllOf((Silent("*"), Compare("level", ">", fact="depth_m")))) is None


def test_a_rule_reads_as_sentences_in_both_languages() -> None:
    assert rule_text(RULE, "zh").count("\n") == 2
    assert "→" in rule_text(RULE, "en").splitlines()[0]
    assert "(" in rule_text(RULE, "en").splitlines()[0], "a group within another stands in brackets"

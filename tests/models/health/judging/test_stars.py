"""Stars by a set of items: of each, by group, in all; none official before a city brought the items."""

from dataclasses import replace

from models.health.definitions.stars import StarGroup, StarItem, StarSet
from models.health.judging.stars import stars_of

LIMITS = (10.0, 20.0, 30.0, 40.0, 50.0)
SET = StarSet(
    "test", "测试", "Test", items_expected=3,
    groups=(
        StarGroup("a", "甲", "A", 70.0), StarGroup("b", "乙", "B", 30.0), StarGroup("c", "加分", "Bonus", bonus=True),
    ),
    items=(
        StarItem("a1", "甲一", "A1", "a", limits=LIMITS), StarItem("a2", "甲二", "A2", "a", limits=LIMITS),
        StarItem("b1", "乙一", "B1", "b", limits=LIMITS[::-1]), StarItem("c1", "加一", "C1", "c", points=2.0),
    ),
    imported_from="city.toml",
)  # fmt: skip
VALUES = {"a1": 30.0, "a2": 55.0, "b1": 10.0}


def test_items_groups_and_all_have_stars_by_limits_and_weights():
    found = stars_of(SET, VALUES, frozenset({"c1"}))
    assert found.by_item == {"a1": 3, "a2": 5, "b1": 5}
    assert [(one.group, one.mean) for one in found.groups] == [("a", 4.0), ("b", 5.0)]
    assert (found.mean, found.stars, found.bonus) == (0.7 * 4 + 0.3 * 5, 4, 2.0)
    assert found.is_official


def test_no_star_is_official_by_a_template_or_with_a_value_missing():
    assert not stars_of(replace(SET, imported_from=""), VALUES).is_official
    assert not stars_of(replace(SET, synthetic=True), VALUES).is_official
    thin = stars_of(SET, VALUES | {"a2": None})
    assert (thin.stars, thin.missing, thin.is_official) == (None, ("a2",), False)
    assert stars_of(SET, {}).mean is None

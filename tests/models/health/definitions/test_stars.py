"""Sets of star items: what they say, what they refuse, and that nothing synthetic passes for official."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from models.core.errors import UserError
from models.health.definitions.stars import StarItem, read_star_set, star_templates
from resources.standards import standard


def test_the_templates_say_how_many_items_the_standard_has_and_that_they_are_made_up():
    found = star_templates()
    shandong = {one.level: one for one in found.values() if one.id.startswith("dbt37")}
    assert {level: one.items_expected for level, one in shandong.items()} == {"city": 49, "county": 44, "community": 24}
    assert all(one.synthetic and not one.is_official for one in shandong.values())
    assert all("合成" in one.name and "synthetic" in one.name_en for one in shandong.values())
    assert all("合成" in item.name for one in shandong.values() for item in one.items)
    weights = [group.weight for group in found["national_2018"].groups]
    assert sorted(weights) == [4, 5, 6, 8, 11, 26, 40]
    assert sum(weights) == 100
    assert not found["national_2018"].items


@pytest.mark.parametrize(
    ("limits", "value", "stars"),
    [
        ((20, 40, 60, 80, 95), 19.9, 0),
        ((20, 40, 60, 80, 95), 20.0, 1),
        ((20, 40, 60, 80, 95), 94.0, 4),
        ((20, 40, 60, 80, 95), 100.0, 5),
        ((6, 5, 4, 3, 2), 7.0, 0),
        ((6, 5, 4, 3, 2), 4.0, 3),
        ((6, 5, 4, 3, 2), 0.0, 5),
        ((6, 5, 4, 3, 2), None, None),
        ((6, 5, 4, 3, 2), float("nan"), None),
        ((), 3.0, None),
    ],
)
def test_a_value_has_the_stars_of_the_limits_it_reaches(limits, value, stars):
    assert StarItem("a", "甲", "a", "g", limits=limits).stars(value) == stars


def test_only_a_whole_set_that_a_city_imported_gives_official_stars():
    table = copy.deepcopy(standard("stars/dbt37_3890_city"))
    row = table["item"][0]
    table["item"] = [row | {"id": f"C-{i}"} for i in range(49)]
    table["set"]["synthetic"] = False
    assert read_star_set(table, "city.toml").is_official
    assert not read_star_set(table).is_official
    assert not replace(read_star_set(table, "city.toml"), synthetic=True).is_official
    table["item"].pop()
    assert not read_star_set(table, "city.toml").is_official


@pytest.mark.parametrize(
    "spoil",
    [
        lambda table: table.pop("set"),
        lambda table: table["item"][0].pop("zh"),
        lambda table: table["item"][0].update(limits=[1.0, 2.0]),
        lambda table: table["item"][0].update(limits=[1.0, 3.0, 2.0, 4.0, 5.0]),
        lambda table: table["item"][0].update(limits=["a", "b", "c", "d", "e"]),
        lambda table: table["item"][0].update(limits=[1.0, 2.0, 3.0, 4.0, float("nan")]),
        lambda table: table["item"][0].update(group="nowhere"),
        lambda table: table["item"].append(table["item"][0]),
        lambda table: table.update(item="S-01"),
    ],
)
def test_a_damaged_set_is_refused_with_what_is_wrong(spoil):
    table = copy.deepcopy(standard("stars/dbt37_3890_city"))
    spoil(table)
    with pytest.raises(UserError, match=r"health\.stars_damaged"):
        read_star_set(table, "city.toml")

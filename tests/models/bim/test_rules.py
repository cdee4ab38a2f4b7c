"""Rules that select elements: the grammar, three-valued truth, units, classes and their kinds."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.bim import rule_text
from models.bim.rule_text import OPERATORS, And, Compare, Condition, Holds, Not, OfClass, Or, Quantity, parse, printed
from models.bim.rules import fire_minutes, kinds
from models.bim.rules import parse as rule
from models.core.errors import UserError
from models.layers.layer import ModelData
from resources.words import word
from tests.support.bim_models import table_model

ROWS: list[dict[str, Any]] = [
    {"ifc_class": "IfcWall", "name": "外墙 1", "storey": "1F", "material": "C30混凝土",
     "psets": {"Pset_WallCommon": {"IsExternal": True, "FireRating": "2h"}, "Qto": {"NetVolume": 0.6, "Width": 0.24}}},
    {"ifc_class": "IfcWallStandardCase", "name": "内墙", "storey": "2F", "material": "砖",
     "psets": {"Pset_WallCommon": {"IsExternal": False, "FireRating": "60"}, "Qto": {"NetVolume": 0.4}}},
    {"ifc_class": "IfcWall", "name": "墙 3", "storey": "2F", "material": "", "psets": {}},
    {"ifc_class": "IfcDoor", "name": "Door", "storey": "2F", "material": "Steel",
     "psets": {"Pset_DoorCommon": {"FireExit": True, "FireRating": "甲级"}, "Other": {"Height": "2100 mm"}}},
    {"ifc_class": "IfcSlab", "name": "Slab", "storey": "1F", "material": "Concrete, Screed", "psets": {}},
]  # fmt: skip
UNITS = {"Qto": {"NetVolume": "m³", "Width": "m"}}


@pytest.fixture(scope="module")
def model() -> ModelData:
    return table_model(ROWS, UNITS)


@pytest.mark.parametrize(
    ("text", "found", "silent"),
    [
        ("IfcWall", [0, 1, 2], []),
        ("ifcwallstandardcase", [1], []),
        ("IfcWall | IfcSlab", [0, 1, 2, 4], []),
        ("IfcBuildingElement", [0, 1, 2, 3, 4], []),
        ("IfcWall, IsExternal", [0], [2]),
        ("IfcWall, IsExternal, FireRating < 2h", [], [2]),
        ("IfcWall, FireRating <= 120 min", [0, 1], [2]),
        ("IfcDoor, FireRating = 1.5h", [3], []),
        ("IfcDoor and Pset_DoorCommon.FireExit = true", [3], []),
        ('storey = "2F"', [1, 2, 3], []),
        ('name ~ "*外墙*"', [0], []),
        ("material contains 混凝土", [0], [2]),
        ("NetVolume > 0.5 m3", [0], [2, 3, 4]),
        ("NetVolume > 500 L", [0], [2, 3, 4]),
        ("Width = 240 mm", [0], [1, 2, 3, 4]),
        ("Height >= 2 m", [3], [0, 1, 2, 4]),
        ("NetVolume > 5 m", [], [0, 1, 2, 3, 4]),
        ("not IfcWall", [3, 4], []),
        ("IfcWall, not IsExternal", [1], [2]),
        ("IfcWall，楼层 = “2F”；非 IsExternal", [1], [2]),
        ("(IfcWall 或 IfcDoor) 且 楼层 = 2F", [1, 2, 3], []),
        ("IfcWall且IsExternal", [0], [2]),
        ("IfcSlab or IsExternal", [0, 4], [2, 3]),
        ("IsExternal != true", [1], [2, 3, 4]),
    ],
)
def test_a_rule_finds_what_it_says_and_counts_silence_apart(
    model: ModelData, text: str, found: list[int], silent: list[int]
) -> None:
    matched = rule(text).evaluate(model)
    assert matched.oids.tolist() == found
    assert matched.silent.tolist() == silent


def test_the_table_of_classes_agrees_with_the_schemas() -> None:
    import ifcopenshell

    for name in ("IFC2X3", "IFC4", "IFC4X3_ADD2"):
        schema = ifcopenshell.schema_by_name(name)
        for above in ("IfcWall", "IfcElement", "IfcSpatialElement", "IfcFlowTerminal", "IfcDistributionElement"):
            try:
                declaration = schema.declaration_by_name(above)
            except RuntimeError:
                continue
            below, stack = set(), [declaration]
            while stack:
                here = stack.pop()
                below.add(here.name())
                stack += here.subtypes()
            assert below <= kinds()[above.casefold()]


def test_fire_ratings_are_read_in_the_ways_people_write_them() -> None:
    texts = {"2h": 120, "1.5 hr": 90, "F90": 90, "REI 60": 60, "120": 120, "2": 120, "乙级防火门": 60, "EI2 30-C": 30}
    assert {text: fire_minutes(text) for text in texts} == texts
    assert fire_minutes("Fire Rating") is None


@pytest.mark.parametrize(
    ("text", "at"),
    [("IfcWall and", 12), ("(IfcWall", 9), ("< 3", 1), ("IfcWall )", 9), ("a =", 4), ("IfcWall，耐火 < ，x", 14)],
)
def test_an_error_says_where(text: str, at: int) -> None:
    with pytest.raises(UserError) as caught:
        rule(text)
    assert caught.value.code == "rule.syntax"
    assert caught.value.facts["at"] == at
    assert caught.value.facts["expected"]


def test_an_unknown_class_is_named_with_the_one_it_looks_like() -> None:
    with pytest.raises(UserError) as caught:
        rule("IfcWal, IsExternal")
    assert (caught.value.code, caught.value.facts["like"]) == ("rule.no_class", "IfcWall")


def test_a_rule_is_told_in_the_readers_words() -> None:
    told = rule("IfcWall, not IsExternal, material contains 砖")
    assert told.describe(lambda key: word(key, "zh")) == 'IfcWall 且 非 IsExternal 且 material 包含 "砖"'
    assert told.describe(lambda key: word(key, "en")) == 'IfcWall and not IsExternal and material contains "砖"'


NAMES = st.one_of(
    st.sampled_from(["IsExternal", "Pset_WallCommon.FireRating", "材质", "Fire Rating", "and", "IfcLooking", "非承重"]),
    st.text(min_size=1, max_size=12),
)
VALUES = st.one_of(
    st.builds(
        Quantity,
        st.floats(-1e12, 1e12, allow_nan=False).map(lambda x: round(x, 6) + 0.0),
        st.sampled_from(["", "mm", "m", "m2", "m3", "h", "min", "%", "w/m2k"]),
    ),
    st.booleans(),
    st.text(max_size=12),
)
LEAVES: st.SearchStrategy[Condition] = st.one_of(
    st.builds(OfClass, st.sampled_from(["IfcWall", "IfcSlab", "IfcDoor"])),
    st.builds(Holds, NAMES),
    st.builds(Compare, NAMES, st.sampled_from(OPERATORS), VALUES),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner.filter(lambda one: not isinstance(one, Not))),
        st.builds(lambda parts: rule_text._joined(And, parts), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda parts: rule_text._joined(Or, parts), st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(CONDITIONS)
def test_what_is_printed_is_understood_as_the_same(condition: Condition) -> None:
    assert parse(printed(condition)) == condition


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=40), st.text(alphabet="IfcWall ()<>=!~|&,，且或非\"'\\2h.m混", max_size=30)))
def test_no_text_raises_anything_but_a_user_error(text: str) -> None:
    try:
        tree = rule(text)
    except UserError as error:
        code = error.code
    else:
        code = ""
        assert rule(tree.text).condition == tree.condition
    assert code in ("", "rule.empty", "rule.syntax", "rule.no_class", "rule.too_long")


@settings(max_examples=100, deadline=None)
@given(CONDITIONS)
def test_holding_not_holding_and_silence_share_out_all_elements(condition: Condition) -> None:
    data = table_model(ROWS, UNITS)
    yes, no = rule(printed(condition)).evaluate(data), rule(printed(Not(condition))).evaluate(data)
    assert yes.silent.tolist() == no.silent.tolist()
    together = sorted([*yes.oids.tolist(), *no.oids.tolist(), *yes.silent.tolist()])
    assert together == list(range(len(ROWS)))


def test_deep_and_long_rules_are_refused_by_name() -> None:
    for text in ("(" * 41 + "IfcWall" + ")" * 41, "IfcWall, " * 400):
        with pytest.raises(UserError, match=r"rule\.too_long"):
            rule(text)
    assert rule("!" * 1500 + "IfcWall").condition == OfClass("IfcWall")


def test_the_element_table_is_not_touched_by_asking(model: ModelData) -> None:
    before = model.elements.copy()
    rule("material contains 砖, storey = 2F").select(model)
    pd.testing.assert_frame_equal(model.elements, before)

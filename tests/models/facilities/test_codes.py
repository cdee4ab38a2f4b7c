"""Codes of components by edition: built, taken apart, classified; the edition is stated, never guessed by row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.core.errors import UserError
from models.facilities import register
from models.facilities.coding import codes
from models.facilities.coding.editions import (
    UNSTATED,
    ClassTable,
    FacilityClass,
    edition_named,
    editions,
    stated_edition,
)
from models.layers.layer import Layer
from models.project.project import ProjectState

OLD, NEW = editions()["cjt214_2007"], editions()["gbt47678_2026"]
OWN = ClassTable(
    "gbt47678_2026", (FacilityClass("01010", "示例井盖", "Sample cover", symbol="cover", cover=True),), "x"
)

parts = st.sampled_from(list(editions().values())).flatmap(
    lambda one: st.tuples(
        st.just(one),
        st.fixed_dictionaries({
            part.name: st.integers(0, 10**part.digits - 1).map(lambda n, d=part.digits: f"{n:0{d}}")
            for part in one.parts
        }),
    )
)  # fmt: skip


def test_the_same_sixteen_digits_are_two_different_things_in_two_editions():
    old, new = codes.parse("3701990101000001", OLD), codes.parse("3701990101000001", NEW)
    assert (old.division, old.class_code, old.serial) == ("370199", "0101", "000001")
    assert (new.division, new.part("large"), new.part("small"), new.serial) == ("370199", "01", "010", "00001")
    layers = [
        Layer(name, name, "vector", "facilities", code_edition=name) for name in ("cjt214_2007", "gbt47678_2026", "")
    ]
    state = ProjectState(layers=tuple(layers), class_tables=(OWN,))
    frame = pd.DataFrame({"ObjID": ["3701990101000001"]})
    found = [register.classes_of(frame, state.edition_of(layer)).tolist() for layer in layers]
    assert found == [["0101"], ["01010"], [""]], "no edition stated: no class, whatever the digits look like"


@given(parts)
def test_what_is_built_comes_apart_the_same(given_parts):
    edition, digits = given_parts
    code = codes.build(edition, **digits)
    assert len(code) == edition.length
    parsed = codes.parse(f" {code} ", edition)
    assert str(parsed) == code
    assert {part.name: parsed.part(part.name) for part in edition.parts} == digits
    column = codes.texts(pd.Series([code]))
    for name, text in digits.items():
        assert codes.part_texts(column, edition, name).tolist() == [text]


def test_a_class_is_given_whole_and_a_serial_as_a_number():
    assert codes.build(OLD, division="370102", class_code="0103", serial=17) == "3701020103000017"
    assert codes.build(NEW, division="370102", class_code="01003", serial=17) == "3701020100300017"


@pytest.mark.parametrize(
    "wrong",
    [{"serial": 1_000_000}, {"serial": -1}, {"division": "37010"}, {"class_code": "010"}, {"class_code": "01０1"}],
)
def test_a_part_that_does_not_fit_is_refused(wrong):
    with pytest.raises(UserError, match=r"facilities\.bad_code_part"):
        codes.build(OLD, **({"division": "370102", "class_code": "0103", "serial": 17} | wrong))


@pytest.mark.parametrize("text", ["", "123", "37010201030000１7", "370102010300001x", "37010201030000170"])
def test_what_is_not_sixteen_digits_is_not_a_code(text):
    with pytest.raises(UserError, match=r"facilities\.bad_code"):
        codes.parse(text, OLD)
    with pytest.raises(UserError, match=r"facilities\.no_code_edition"):
        codes.parse(text, UNSTATED)


def test_classes_are_read_from_codes_and_unknown_ones_stay_unknown():
    column = np.array(["3701020101000001", "0118", "3701029999000001", "x", None], dtype=object)
    assert codes.classify(column, OLD).tolist() == ["0101", "0118", "", "", ""]
    assert codes.classify(column, UNSTATED).tolist() == [""] * 5


def test_codes_that_a_spreadsheet_holds_as_numbers_are_read():
    for column in (pd.Series([3701020101000001, 118]), pd.Series([3701020101000001.0, None]),
                   pd.Series([3701020101000001, None], dtype="Int64")):  # fmt: skip
        assert codes.classify(column, OLD)[0] == "0101"


@given(st.lists(st.none() | st.text(max_size=18) | st.floats() | st.integers(), max_size=20))
def test_classifying_never_fails_and_never_invents_a_class(values):
    for edition in (OLD, NEW, UNSTATED):
        found = codes.classify(pd.Series(values, dtype=object), edition)
        assert len(found) == len(values)
        assert set(found) <= {"", *edition.classes}


def test_the_classes_of_a_city_take_the_place_of_those_that_an_edition_has_or_lacks():
    assert not NEW.classes
    assert edition_named("gbt47678_2026", [OWN]).classes["01010"].cover
    renamed = ClassTable("gbt30428_2013", (FacilityClass("0101", "给水井盖"), FacilityClass("0199", "果皮箱")), "本市")
    own = stated_edition("gbt30428_2013", [OWN, renamed])
    assert (own.classes["0101"].name, own.classes["0199"].name) == ("给水井盖", "果皮箱")
    assert own.classes["0102"].name == "污水井盖"
    assert own.classes["0102"].key != editions()["gbt30428_2013"].classes["0102"].key, "a table of its own now"
    assert stated_edition("edition_of_a_later_version", [OWN]) is UNSTATED
    with pytest.raises(UserError, match=r"facilities\.no_edition"):
        edition_named("1999")


def test_classes_that_a_city_numbers_itself_go_from_999_down_to_080():
    assert [NEW.is_own_class(code) for code in ("01079", "01080", "02999", "01001", "")] == [
        False,
        True,
        True,
        False,
        False,
    ]
    assert not OLD.is_own_class("0199")


def test_layers_of_two_editions_are_counted_apart_and_of_one_table_together():
    frame = pd.DataFrame({"ObjID": ["3701990101000001"], "ObjState": ["完好"]})
    new = stated_edition("gbt47678_2026", [OWN])
    counted = register.counts_by_class(
        [(frame, OLD), (frame, editions()["gbt30428_2013"]), (frame, new), (frame, UNSTATED)]
    )
    assert [(kind.table, kind.code) for kind in counted.index] == [
        ("cjt214_2007", "0101"), ("gbt47678_2026", "01010"), ("", "")
    ]  # fmt: skip
    assert counted["total"].tolist() == [2, 1, 1]

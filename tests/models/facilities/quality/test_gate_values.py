"""The quality gate on what a table says."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from models.facilities.coding.editions import UNSTATED, editions
from tests.support.facilities.gate import failing, judged, points, rule


def table(**columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame


def test_a_required_field_that_is_empty_or_absent_fails_and_is_named() -> None:
    frame = table(ObjID=["a", None, " "], ObjName=["x", "y", "z"])
    result = judged(rule("required", fields=["ObjID", "DeptName1"]), facilities=frame)
    assert result.failures.oids.tolist() == [1, 2, 3]
    assert result.failures.values.tolist() == ["DeptName1", "ObjID DeptName1", "ObjID DeptName1"]


def test_what_lacks_a_value_is_not_judged_and_never_passed() -> None:
    result = judged(rule("range", field="height_m", least=1.0), facilities=table(height_m=[5.0, None, 0.2]))
    assert (result.judged, result.failed, result.passed, result.not_judged) == (2, 1, 1, 1)
    assert result.gaps == (("no_value", {"field": "height_m"}, 1),)


def test_a_rule_about_a_field_that_no_layer_has_judges_nothing() -> None:
    result = judged(rule("domain", field="colour", values=["red"]), facilities=table(ObjID=["1", "2"]))
    assert (result.judged, result.passed, result.failed) == (0, 0, 0)
    assert result.gaps == (("no_field", {"field": "colour"}, 2),)


def test_a_state_is_known_by_any_of_its_words() -> None:
    frame = table(ObjState=["完好", "Broken", " 丢失 ", "奇怪", None])
    assert failing(rule("domain", field="ObjState", table="states"), facilities=frame) == [4]


def test_a_text_where_a_number_should_be_fails_the_range() -> None:
    result = judged(rule("range", field="n", least=0.0, open=True), facilities=table(n=["12", "abc", "-3", "0"]))
    assert result.failures.oids.tolist() == [2, 3, 4]
    assert result.failures.values.tolist() == ["abc", -3.0, 0.0]


def test_a_pattern_holds_for_the_whole_text_and_takes_no_longer_for_a_hostile_one() -> None:
    frame = table(BGID=["370199001001001", "37019900100100", "x370199001001001"])
    assert failing(rule("pattern", field="BGID", pattern="[0-9]{15}"), facilities=frame) == [2, 3]
    hostile = table(BGID=["a" * 5_000 + "!"])
    assert failing(rule("pattern", field="BGID", pattern="(a+)+"), facilities=hostile) == [1]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c", "", None]), max_size=12))
def test_every_object_that_shares_its_code_fails_as_pandas_counts_it(codes: list[str | None]) -> None:
    frame = pd.DataFrame({"ObjID": pd.Series(codes, dtype=object)})
    counts = frame["ObjID"].replace("", None).dropna().value_counts()
    shared = [at for at, code in enumerate(codes) if code and counts[code] > 1]
    assert failing(rule("unique", fields=["ObjID"]), facilities=frame) == shared


def test_an_object_that_shares_its_code_names_another_that_has_it() -> None:
    result = judged(rule("unique", fields=["ObjID"]), facilities=table(ObjID=["a", "b", "a", "a"]))
    assert {key: result.failures.other(row).oid for row, key in enumerate(result.failures.oids)} == {1: 4, 3: 1, 4: 1}


def test_the_edition_that_the_layer_states_decides_which_code_is_one() -> None:
    frame = table(ObjID=["3701990101000001", "3701999999000001", "37019901010000X1", "3601990101000001"])
    districts = points((0, 0), code=["370199001"])
    result = judged(rule("code", field="ObjID"), facilities=frame, districts=districts)
    assert result.failures.whys.tolist() == ["code_class", "code_form", "code_county"]
    new = judged(rule("code", field="ObjID"), editions()["gbt47678_2026"], facilities=frame.iloc[:1])
    assert (new.judged, new.gaps) == (0, (("no_classes", {}, 1),))  # its class table was not found
    none = judged(rule("code", field="ObjID"), UNSTATED, facilities=frame)
    assert (none.judged, none.gaps) == (0, (("no_edition", {}, 4),))


def test_dates_in_any_form_stand_in_their_order() -> None:
    frame = table(a=["2025-01-02", "2025/3/1", "2025-05-01", "bad"], b=["2025-01-02", "2025/2/1", "2199-01-01", "2025"])
    result = judged(rule("date_order", first="a", second="b"), facilities=frame)
    assert result.failures.oids.tolist() == [2, 3]
    assert result.failures.whys.tolist() == ["date_turned", "date_future"]
    assert result.not_judged == 1


def test_a_reference_to_what_is_not_there_fails_and_without_the_layer_nothing_is_judged() -> None:
    sensors, components = table(component=["x", "y", None]), table(ObjID=["x"])
    check = rule("reference", "sensors", field="component", role="facilities", key="ObjID")
    assert failing(check, sensors=sensors, facilities=components) == [2]
    assert judged(check, sensors=sensors).gaps == (("no_layer", {"role": "facilities", "field": "ObjID"}, 3),)


def test_an_expression_that_is_unknown_of_an_object_does_not_judge_it() -> None:
    result = judged(rule("expression", expression="height_m > 3"), facilities=table(height_m=[5.0, 2.0, None]))
    assert (result.failures.oids.tolist(), result.judged, result.not_judged) == ([2], 2, 1)


def test_a_condition_chooses_what_a_rule_is_about_and_what_it_cannot_tell_is_not_judged() -> None:
    frame = table(ObjID=["", "", ""], SetLoc=["人行道", "小区内", None])
    result = judged(rule("required", fields=["ObjID"], where="SetLoc = '人行道'"), facilities=frame)
    assert (result.failures.oids.tolist(), result.judged, result.not_judged) == ([1], 1, 1)
    missing = judged(rule("required", fields=["ObjID"], where="nowhere = 1"), facilities=frame)
    assert (missing.judged, missing.not_judged) == (0, 3)


def test_signs_choose_the_classes_of_every_edition() -> None:
    frame = table(ObjID=["3701990118000001", "3701990402000001"], height_m=[100.0, 100.0])
    assert failing(rule("range", field="height_m", most=60.0, symbols=["lamp"]), facilities=frame) == [1]


def test_whole_numbers_of_a_table_with_gaps_are_read_as_they_were_written() -> None:
    frame = table(grid=[370199001001001.0, np.nan])
    assert failing(rule("pattern", field="grid", pattern="[0-9]{15}"), facilities=frame) == []

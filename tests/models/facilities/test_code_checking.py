"""What is wrong with codes is found and mended without a collision; codes go to another edition and nothing is lost."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.core.errors import UserError
from models.facilities.coding.checking import Options, check_codes
from models.facilities.coding.codes import parse, texts, well_formed
from models.facilities.coding.editions import UNSTATED, ClassTable, FacilityClass, editions, stated_edition
from models.facilities.coding.migration import CrosswalkRow, changed_columns, checked_crosswalk, mended_column, migrate
from models.facilities.coding.proposal import evidence_of
from models.facilities.coding.tables import class_table_from, class_template, crosswalk_from, crosswalk_template

OLD, NEW = editions()["cjt214_2007"], editions()["gbt47678_2026"]
HERE = Options(divisions=("370102",))
CODES = ["3701020101000001", "3701020101000001", None, "370102 0101000005", "37010201", "3701030101000002",
         "3701029999000001", "3701020101000000", "３７０１０２０１０１００００１１"]  # fmt: skip


def table(codes, **columns) -> pd.DataFrame:
    return pd.DataFrame({"ObjID": codes} | columns, index=pd.RangeIndex(10, 10 + len(codes), name="fid"))


def test_each_kind_of_fault_is_found_with_a_code_where_something_says_one():
    found = check_codes(table(CODES, ObjName=["上水井盖"] * 9), "ObjID", OLD, HERE)
    assert {row.oid: (row.kind, row.new, row.why) for row in found.rows.itertuples()} == {
        11: ("duplicate", "3701020101000012", "first_keeps"),
        12: ("empty", "3701020101000013", "class_name"),
        13: ("characters", "3701020101000005", "cleaned"),
        14: ("length", "3701020101000014", "class_name"),
        15: ("division", "3701020101000002", "only_division"),
        16: ("class", "3701020101000015", "class_name"),
        17: ("serial", "3701020101000016", "renumbered"),
        18: ("characters", "3701020101000011", "cleaned"),
    }
    assert found.gaps.iloc[0].to_dict() == {"division": "370102", "class_code": "0101", "missing": 8, "first": 2}
    mute = check_codes(table(CODES), "ObjID", OLD, HERE).rows.set_index("oid")["new"]
    assert [mute[oid] for oid in (12, 14, 16)] == ["", "", ""], "nothing says the class, so nothing is proposed"


def test_where_a_component_stands_says_its_district():
    moved = check_codes(table(["3701020101000001", "3701030101000001"]), "ObjID", OLD, Options(), ["370102", "370102"])
    assert moved.rows[["kind", "new", "why"]].to_numpy().tolist() == [["division", "3701020101000002", "taken"]]
    nowhere = check_codes(table(["3701030101000001"]), "ObjID", OLD, Options(), [""])
    assert not len(nowhere.rows), "nobody said which districts there are"


def test_without_an_edition_nothing_is_judged():
    with pytest.raises(UserError, match=r"facilities\.no_code_edition"):
        check_codes(table(CODES), "ObjID", UNSTATED, HERE)
    with pytest.raises(UserError, match=r"facilities\.no_serial"):
        check_codes(table(CODES), "ObjID", editions()["monitoring_2026"], HERE)
    assert not len(check_codes(table([]), "ObjID", OLD, HERE).rows)


odd_codes = st.none() | st.text(max_size=17) | st.builds(
    lambda division, kind, serial: f"{division}{kind}{serial:06d}",
    st.sampled_from(["370102", "370103", "000000"]), st.sampled_from(["0101", "0103", "9999"]), st.integers(0, 4),
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(st.lists(odd_codes, max_size=12), st.booleans())
def test_mending_never_gives_a_code_twice_and_leaves_nothing_that_it_could_mend(codes, fill_gaps):
    options = Options(divisions=("370102", "370103"), fill_gaps=fill_gaps)
    rows = table(codes, ObjName=["上水井盖"] * len(codes))
    proposals = check_codes(rows, "ObjID", OLD, options).proposals
    mended = mended_column(rows, "ObjID", proposals)
    assert all(str(parse(code, OLD)) == code for code in proposals["new"])
    fresh = proposals["new"]
    assert fresh.is_unique
    assert not (set(fresh) & set(texts(rows["ObjID"].drop(proposals["oid"])))), "no code that stands is given again"
    again = check_codes(rows.assign(ObjID=mended), "ObjID", OLD, options)
    assert "duplicate" not in again.counts
    assert not (set(again.proposals["oid"]) & set(proposals["oid"]))


def test_serials_that_fit_are_kept_those_that_do_not_are_renumbered_and_the_unmatched_listed():
    crosswalk = checked_crosswalk([CrosswalkRow("0101", "01001"), CrosswalkRow("0102", "01001")], OLD, NEW, "t.csv")
    codes = [
        "3701020101000001",
        "3701020102000001",
        "3701020101123456",
        "3701020103000001",
        "x",
        None,
        "3701020101000001",
    ]
    rows = table(codes, SmallClass=["01", "02", "01", "03", None, None, "01"])
    made = migrate(rows, "ObjID", OLD, NEW, crosswalk)
    assert made.rows[["new", "note"]].to_numpy().tolist() == [
        ["3701020100100001", "serial_kept"], ["3701020100100002", "serial_taken"],
        ["3701020100100003", "serial_too_long"],
        ["", "class_unmatched"], ["", "malformed"], ["", "malformed"], ["3701020100100004", "duplicate"],
    ]  # fmt: skip
    assert made.unmatched_classes().to_dict("records") == [{"old_class": "0103", "count": 1}]
    columns = changed_columns(rows, made)
    assert columns["ObjID_old"].dropna().tolist() == [code for code in codes if code]
    assert columns["ObjID"].isna().tolist() == [False, False, False, True, True, True, False]
    assert columns["SmallClass"].dropna().tolist() == ["001", "001", "001", "03", "001"]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["0101", "0102", "0103", "9999"]), st.integers(0, 999_999)), max_size=20))
def test_migrated_codes_are_well_formed_unique_and_of_the_class_of_the_crosswalk(parts):
    wanted = {"0101": "01001", "0102": "01001", "0103": "02999"}
    crosswalk = checked_crosswalk([CrosswalkRow(old, new) for old, new in wanted.items()], OLD, NEW, "t.csv")
    rows = table([f"370102{kind}{serial:06d}" for kind, serial in parts])
    made = migrate(rows, "ObjID", OLD, NEW, crosswalk).rows
    fresh = made["new"][made["new"] != ""]
    assert well_formed(fresh, NEW).all()
    assert fresh.is_unique
    assert [parse(code, NEW).class_code for code in fresh] == [wanted[kind] for kind, _ in parts if kind in wanted]
    kept = made[made["note"] == "serial_kept"]
    assert (kept["new"].str[-5:] == kept["old"].str[-5:]).all()


def test_what_a_person_fills_in_is_read_and_what_is_wrong_with_it_named():
    rows = crosswalk_template(OLD, "zh")
    assert len(rows) == len(OLD.classes)
    rows.loc[:1, "新类别编码"] = ["1001", "01-002"]
    assert list(crosswalk_from(rows, OLD, NEW, "t").by_old().items())[:2] == [("0101", "01001"), ("0102", "01002")]
    for change, error in (
        ({"新类别编码": ""}, "crosswalk_empty"), ({"旧类别编码": "x"}, "crosswalk_class"),
        ({"新类别编码": "012"}, "crosswalk_class"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=rf"facilities\.{error}"):
            crosswalk_from(rows.assign(**change), OLD, NEW, "t")
    with pytest.raises(UserError, match=r"facilities\.crosswalk_twice"):
        crosswalk_from(pd.DataFrame({"old": ["0101", "0101"], "new": ["01001", "01002"]}), OLD, NEW, "t")
    with pytest.raises(UserError, match=r"facilities\.table_column"):
        crosswalk_from(pd.DataFrame({"a": ["0101"]}), OLD, NEW, "t")


def test_the_class_table_of_a_city_comes_back_as_it_was_filled_in():
    assert not len(class_template(NEW, "zh"))
    filled = pd.DataFrame({"类别编码": ["1001", "01999"], "类别名称": ["给水井盖", "自定义桩"], "是否井盖": ["是", ""]})
    own = stated_edition(NEW.id, [class_table_from(filled, NEW, "本市.xlsx")])
    assert (own.classes["01001"].cover, own.classes["01999"].name) == (True, "自定义桩")
    again = class_table_from(class_template(own, "en"), NEW, "本市.xlsx")
    assert stated_edition(NEW.id, [again]).classes == own.classes
    for bad, error in (({"类别编码": ["1", "2"]}, "class_code"), ({"类别编码": ["01001"] * 2}, "class_twice")):
        with pytest.raises(UserError, match=rf"facilities\.{error}"):
            class_table_from(filled.assign(**bad), NEW, "t")


def test_an_edition_is_proposed_only_where_the_codes_are_clear():
    old = [f"370102{code}{k:06d}" for k, code in enumerate(OLD.classes)]
    assert evidence_of(table(old), "ObjID").edition == "cjt214_2007"
    assert evidence_of(table(old, ObjName=["别的"] * len(old)), "ObjID").edition == "", "the names speak against it"
    new = [
        f"370102{large:02d}{small:03d}{k:05d}"
        for k, (large, small) in enumerate((a, b) for a in (1, 2) for b in range(1, 10))
    ]
    assert evidence_of(table(new), "ObjID").edition == "gbt47678_2026"
    assert evidence_of(table(["370102" + "1" * 12]), "ObjID").edition == "monitoring_2026"
    assert evidence_of(table(["a", None]), "ObjID").edition == ""


def test_a_class_that_is_the_citys_own_is_known_after_its_table_came():
    own = stated_edition(NEW.id, [ClassTable(NEW.id, (FacilityClass("01001", "井盖"),), "x")])
    rows = table(["3701020100100001", "3701020100200001", "3701020100000001"])
    assert check_codes(rows, "ObjID", own, HERE).counts == {"class": 2}
    assert check_codes(rows, "ObjID", NEW, HERE).counts == {"class": 1}, "without a table only number 000 cannot be"

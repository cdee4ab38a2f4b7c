"""Forms into the field and back: what is on them, what comes back, what two people saw differently."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import geopandas as gpd
import openpyxl
import pytest
from shapely import box

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.health import collecting
from models.core.errors import UserError
from tests.support.health_city import at, city, districts, layer_of

CODES = ("HC25-01", "HC25-16", "HC25-10")


@pytest.fixture
def session(tmp_path):
    made = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    shapes = [at(box(0, 0, 1000, 1000)), at(box(1000, 0, 2000, 1000))]
    estates = layer_of("communities", shapes, code=["C1", "C2"], name=["一社区", "二社区"], district_code=["A", "B"])
    houses = layer_of(
        "buildings", [at(box(10 + 100 * k, 10, 50 + 100 * k, 60)) for k in range(12)],
        code=[f"B{k}" for k in range(11)] + [None], use=["residential"] * 9 + ["old_house", "office", "residential"],
        community_code=["C1"] * 6 + [None] * 4 + ["C1"] * 2,
    )  # fmt: skip
    state, data = city(districts(), estates, houses)
    made.project.replace_all(replace(state, name="小城"), data, None)
    yield made
    made.close()


def out(session, folder, formats=("xlsx",), codes=CODES, units=()):
    collecting.send_out(session, folder, codes, units, formats)
    return sorted(folder.iterdir())


def fill(path, sheet, code, by="甲", on="2026-05-01", **answers):
    """Fill in one object's row of a workbook: answers by the key above the column."""
    workbook = openpyxl.load_workbook(path)
    page = workbook[sheet]
    keys = {cell.value: cell.column for cell in page[3]}
    row = next(row for row in range(6, page.max_row + 1) if page.cell(row, 1).value == code)
    for key, value in {"checked_by": by, "checked_on": on, **answers}.items():
        page.cell(row, keys[key], value)
    workbook.save(path)
    return path


def back(session, *paths, chosen=None, take=True):
    got = []
    collecting.read_returns(session, paths, lambda read, joined: got.append((read, joined)))
    if not got:
        return None, None
    if take:
        collecting.take_returns(session, *got[0], chosen or {})
    return got[0]


def records(session):
    return {(row.object_code, row.item): row.found for row in collecting.records_of(session).itertuples()}


def test_a_form_has_the_homes_of_its_community_by_name_or_by_place_and_no_others(session, tmp_path):
    one, two = out(session, tmp_path / "forms")
    assert (one.name, two.name) == ("C1 一社区.xlsx", "C2 二社区.xlsx")
    page = openpyxl.load_workbook(one)["住宅"]
    codes = [page.cell(row, 1).value for row in range(6, page.max_row + 1)]
    assert codes == [f"B{k}" for k in range(10)], "offices and homes without a code are left out"
    assert page["C3"].value == "i01_1"
    batch = session.project.state.health.batches[-1]
    assert [(unit.code, unit.objects) for unit in batch.units] == [("C1", 11), ("C2", 1)]
    session.history.undo()
    assert session.project.state.health.batches == ()


def test_answers_come_back_and_what_nobody_looked_at_stays_open(session, tmp_path):
    one, _ = out(session, tmp_path / "forms")
    fill(one, "住宅", "B0", i01_1="是", i01_2="否", photo="a.jpg")
    fill(one, "住宅", "B1", i01_1="no")
    (one.parent / "a.jpg").write_bytes(b"jpg")
    _, joined = back(session, one)
    assert joined.differences == ()
    assert records(session) == {("B0", "01-1"): "yes", ("B0", "01-2"): "no", ("B1", "01-1"): "no"}
    table = collecting.records_of(session)
    assert set(table["indicator"]) == {"HC25-01"}
    assert table.loc[table["found"] == "yes", "photo"].item().endswith("a.jpg")
    got = []
    collecting.progress_now(session, got.append)
    first, second = got[0]
    assert (first.state, first.sent, first.returns, first.checked) == ("back", 11, 1, 2)
    assert second.state == "sent"
    assert len(collecting.show_on_map(session, got[0])) > 0
    session.history.undo()
    session.history.undo()
    assert session.project.state.health.returns == ()
    assert not session.project.state.with_role("check_records")


def test_two_people_who_saw_it_differently_are_told_and_a_person_decides(session, tmp_path):
    one, _ = out(session, tmp_path / "forms")
    other = one.with_name("second.xlsx")
    other.write_bytes(one.read_bytes())
    fill(one, "住宅", "B0", by="甲", i01_1="是", i01_2="否")
    fill(other, "住宅", "B0", by="乙", on="2026-05-02", i01_1="否", i01_2="否")
    _, joined = back(session, one, other, take=False)
    assert [(one.object_code, one.item) for one in joined.differences] == [("B0", "01-1")]
    assert joined.agreed == 1
    _, joined = back(session, one, other)
    assert records(session) == {("B0", "01-2"): "no"}, "what is in dispute is not taken"
    key = joined.differences[0].key
    place = [said.by for said in joined.differences[0].answers].index("乙")
    back(session, one, other, chosen={key: place})
    assert records(session)["B0", "01-1"] == "no"
    decision = session.project.state.health.record_decisions[-1]
    assert (decision.kept, decision.kept_by, decision.dropped, decision.dropped_by) == ("no", "乙", "yes", "甲")


def test_a_later_answer_against_the_project_is_a_difference_and_the_same_again_is_none(session, tmp_path):
    one, _ = out(session, tmp_path / "forms")
    back(session, fill(one, "住宅", "B0", i01_1="否"))
    _, again = back(session, one, take=False)
    assert (len(again.new), again.same, again.differences) == (0, 1, ())
    assert "taken_before" in [fault.code for fault in again.faults]
    _, other = back(session, fill(one, "住宅", "B0", by="乙", i01_1="是"))
    assert other.differences[0].answers[0].source == ""
    assert records(session)["B0", "01-1"] == "no", "the project keeps what it has until a person decides"


def test_values_of_a_community_come_back_as_entered_values(session, tmp_path):
    one, _ = out(session, tmp_path / "forms")
    workbook = openpyxl.load_workbook(one)
    page = workbook["填报值"]
    assert page["A4"].value == "HC25-10"
    page["F4"] = 3
    workbook.save(one)
    back(session, one)
    value = session.project.state.health.entered[0]
    assert (value.indicator, value.level, value.unit, value.value) == ("HC25-10", "community", "C1", 3.0)


def test_a_geopackage_goes_out_with_its_form_and_comes_back(session, tmp_path):
    one, _ = out(session, tmp_path / "forms", ("gpkg",))
    with sqlite3.connect(one) as connection:
        (qml,) = connection.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = 'building'").fetchone()
        for part in ("ValueMap", "ExternalResource", "i01_1", "DateTime", "attributeEditorForm"):
            assert part in qml
        connection.execute("DROP TRIGGER IF EXISTS rtree_building_geom_update1")
    frame = gpd.read_file(one, layer="building")
    assert len(frame) == 10
    assert frame.crs.to_epsg() == 4548
    frame.loc[frame["object_code"] == "B3", ["i01_1", "checked_by", "checked_on"]] = ["yes", "丙", "2026-05-03"]
    frame.loc[frame["object_code"] == "B4", ["i01_1"]] = ["maybe"]
    frame.to_file(one, layer="building", driver="GPKG")
    _, joined = back(session, one)
    assert records(session) == {("B3", "01-1"): "yes"}
    assert {"no_answer", "found_without_photo"} <= {fault.code for fault in joined.faults}


def test_what_does_not_belong_is_named_and_left_out(session, tmp_path):
    one, _ = out(session, tmp_path / "forms")
    fill(one, "住宅", "B0", i01_1="也许", i01_2="是", on="2999-01-01")
    workbook = openpyxl.load_workbook(one)
    page = workbook["住宅"]
    page.cell(7, 1, "Z9")
    page.cell(7, 3, "是")
    for column in (1, 3):
        page.cell(page.max_row + (column == 1), column, "B5" if column == 1 else "否")
    workbook.save(one)
    fill(one, "住宅", "B5", by="", i01_1="是")
    _, joined = back(session, one)
    codes = {fault.code for fault in joined.faults}
    assert {"no_answer", "unknown_object", "later_than_today", "no_recorder"} <= codes
    assert records(session)["B0", "01-2"] == "yes"


def test_an_own_built_house_is_not_asked_what_only_blocks_are_asked(session, tmp_path):
    (one,) = out(session, tmp_path / "forms", codes=("HC25-01", "HC25-03"))
    page = openpyxl.load_workbook(one)["住宅"]
    column = next(cell.column for cell in page[3] if cell.value == "i03_1")
    assert {page.cell(row, 1).value: page.cell(row, column).fill.fill_type for row in (6, 15)} == {
        "B0": None, "B9": "lightUp",
    }  # fmt: skip
    _, joined = back(session, fill(one, "住宅", "B9", i01_1="否", i03_1="是"))
    assert records(session) == {("B9", "01-1"): "no"}
    assert "not_asked" in [fault.code for fault in joined.faults]
    got = []
    collecting.progress_now(session, got.append)
    assert got[0][0].complete == 1, "the house is complete without what is not asked of it"


def test_foreign_and_broken_returns_are_refused_and_the_sound_one_beside_them_is_read(session, tmp_path):
    one, _ = out(session, tmp_path / "forms")
    fill(one, "住宅", "B0", i01_1="是")
    broken, foreign = one.with_name("broken.gpkg"), one.with_name("foreign.xlsx")
    broken.write_bytes(b"SQLite format 3\0" + b"x" * 900)
    openpyxl.Workbook().save(foreign)
    for path in (broken, foreign, one.with_name("a.txt")):
        path.touch()
        with pytest.raises(UserError):
            back(session, path)
    _, joined = back(session, one, broken, foreign)
    assert records(session) == {("B0", "01-1"): "yes"}
    assert {"health_return_foreign", "health_return_unreadable"} <= {fault.code for fault in joined.faults}


def test_a_collection_that_is_cancelled_or_cannot_be_written_leaves_nothing(session, tmp_path, monkeypatch):
    from viewers.documents import collection_forms

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(collection_forms, "write_form_geopackage", fail)
    with pytest.raises(UserError, match="disk_full"):
        out(session, tmp_path / "forms", ("xlsx", "gpkg"))
    assert list((tmp_path / "forms").iterdir()) == []
    assert session.project.state.health.batches == ()
    with pytest.raises(UserError, match="collect_nothing"):
        out(session, tmp_path / "none", codes=())
    assert not (tmp_path / "none").exists()

"""Problem lists are made of check records and results, and made again without losing what a person said."""

import contextlib
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from models.core.errors import UserError
from models.health.editions import CheckItem, edition
from models.health.lists import rules
from models.health.lists.area_check import area_check, area_of
from models.health.lists.columns import COLUMNS, checked, column_of, edited
from models.health.lists.found import found_in
from models.health.lists.making import made_of, rows_of_objects, with_objects
from models.health.lists.rectification import of_lists
from models.health.lists.round_trip import differences
from models.health.lists.rows import LedgerRow, ProblemRow, ProjectRow, is_finding
from models.layers.layer import Layer, VectorData
from models.project.business_keys import GONE_OID, BusinessKeys, renaming
from models.project.rekeyed import rekeyed
from models.project.selection import Keys, ObjectKey
from models.store.rows.health_tables import health_of
from models.store.rows.state_rows import rows_of
from tests.support.health_city import at, city, districts, layer_of
from viewers.texts import list_texts
from viewers.texts.list_texts import ListContext, objects_by_problem

BOOK = edition("2025")
STAIRS = "HC25-03"
TODAY = "2026-06-01"


def buildings(count=12):
    """Return houses: the even ones in A (west), the odd ones in B (east)."""
    shapes = [at(box(20 * k + 1000 * (k % 2), 10, 20 * k + 1000 * (k % 2) + 10, 20)) for k in range(count)]
    return layer_of("buildings", shapes, code=[f"B{k}" for k in range(count)], name=[f"{k}号楼" for k in range(count)])


def records(*rows):
    """Return check records: (object, item, found, severity, date)."""
    table = pd.DataFrame(rows, columns=["object_code", "item", "found", "severity", "checked_on"]).assign(
        object_kind="building", indicator=STAIRS, checked_by="王五"
    )  # fmt: skip
    table.index = pd.RangeIndex(1, len(table) + 1, name="fid")
    return Layer("check_records", "", "table", "check_records"), VectorData(table)


def found(*rows, extra=()):
    state, data = city(districts(), buildings(), records(*rows), *extra)
    return found_in(state, data, BOOK)


def made(what, ledger=(), problems=(), year=2026, satisfaction=None, results=None):
    return made_of(what, ledger, problems, BOOK, results or {}, satisfaction or {}, year, TODAY)


ROWS = [
    ("B0", "03-3", "yes", 3, "2026-03-01"), ("B2", "03-3", "是", 4, "2026-03-01"),
    ("B1", "03-3", "yes", 2, "2026-03-02"), ("B4", "03-7", "no", None, "2026-03-01"),
    ("B6", "03-3", None, 5, "2026-03-01"),
]  # fmt: skip


def context(state_made, places=None):
    names, kinds = objects_by_problem(state_made.ledger, state_made.problems)
    items = {item.id: item for one in BOOK.indicators.values() for item in one.check_items}
    items |= {"03-3": CheckItem("03-3", "消防门缺失", "Fire doors missing")}
    return ListContext("zh", BOOK, items, places or {"A": "甲街道", "B": "乙街道"}, {}, names, kinds, TODAY)


def test_a_problem_is_one_check_item_in_one_sub_district_and_its_objects_are_counted_by_their_ids():
    lists = made(found(*ROWS))
    assert [(row.id, row.count, row.looked_at, row.severity) for row in lists.problems] == [
        ("HC25-03|03-3|A", 2, 3, 4), ("HC25-03|03-3|B", 1, 1, 2),
    ]  # fmt: skip
    assert {row.object_code: row.key for row in lists.ledger} == {
        "B0": ObjectKey("buildings", 1), "B2": ObjectKey("buildings", 3), "B1": ObjectKey("buildings", 2),
    }  # fmt: skip
    assert lists.changes == {"new": 2, "still": 0, "gone": 0, "again": 0}


def test_the_sentence_names_the_objects_and_counts_the_rest():
    lists = made(found(*ROWS))
    assert (
        list_texts.sentence(lists.problems[0], context(lists)) == "甲街道共 2 栋住宅存在“消防门缺失”，为0号楼、2号楼。"
    )
    many = made(found(*[(f"B{k}", "03-3", "yes", 3, "2026-03-01") for k in range(0, 12, 1)]))
    english = replace(context(many, {"A": "East", "B": "West"}), lang="en")
    shown = int(rules.list_rules()["names"]["shown"])
    names = list_texts.names_text([f"H{k}" for k in range(shown + 4)], "en")
    assert names.endswith("H7 and 4 more")
    assert list_texts.sentence(many.problems[0], english).startswith("East: 6 residential buildings with “Fire doors")


def test_an_object_belongs_to_one_problem_where_some_have_no_sub_district():
    lists = made(found(*ROWS, ("B99", "03-3", "yes", 3, "2026-03-01")))
    names = context(lists).objects
    assert {row.id: row.count for row in lists.problems} == {name: len(one) for name, one in names.items()}
    assert names["HC25-03|03-3|"] == ["B99"]


def test_an_object_that_no_layer_has_is_listed_and_leads_nowhere():
    lists = made(found(("B99", "03-3", "yes", 3, "2026-03-01")))
    assert lists.ledger[0].key.oid == GONE_OID
    assert lists.problems[0].by_place == "no"


def test_making_the_lists_again_keeps_what_a_person_set_and_drops_nothing():
    first = made(found(*ROWS), year=2025)
    row = edited(first.problems[0], column_of("suggestions", "responsible"), "区住建局")
    row = edited(row, column_of("problems", "severity"), 1)
    again = made(found(("B0", "03-3", "yes", 5, "2026-05-01")), first.ledger, (row, *first.problems[1:]))
    assert [(one.id, one.state, one.count) for one in again.problems] == [
        ("HC25-03|03-3|A", "still", 1), ("HC25-03|03-3|B", "gone", 1),
    ]  # fmt: skip
    assert (again.problems[0].responsible, again.problems[0].severity) == ("区住建局", 1)
    assert {one.object_code: one.state for one in again.ledger} == {"B0": "still", "B2": "gone", "B1": "gone"}
    assert again.problems[0].priority < first.problems[0].priority or again.problems[0].priority == 1, "age moves it up"


def test_what_was_not_looked_at_stays_as_it_is():
    first = made(found(*ROWS))
    later = made(found(("B0", "xx", None, 0, "")), first.ledger, first.problems)
    assert later.problems == first.problems


def test_a_problem_reported_as_mended_is_there_again_only_where_somebody_looked_after_that():
    first = made(found(*ROWS))
    closed = [replace(row, status="closed", closed_on="2026-04-01") for row in first.problems]
    same = made(found(*ROWS), first.ledger, closed)
    assert [row.state for row in same.problems] == ["new", "new"]
    looked = made(found(("B0", "03-3", "yes", 3, "2026-05-01")), first.ledger, closed)
    assert looked.problems[0].state == "again"


def test_a_problem_is_a_finding_only_where_four_kinds_of_evidence_agree():
    row = made(found(*ROWS), satisfaction={STAIRS: 50.0}).problems[0]
    assert (row.by_place, row.by_residents, row.by_site, row.by_indicator) == ("yes", "yes", "yes", "")
    assert not is_finding(row)
    sure = edited(row, column_of("problems", "by_indicator"), "yes")
    assert is_finding(sure)
    assert not is_finding(replace(sure, evidence="E")), "a guess is never a finding"
    assert not is_finding(replace(sure, evidence="")), "nor is a source whose grade nobody stated"


def weighed(severity, prevalence, urgency, **more):
    return ProblemRow(
        "x", STAIRS, "", "", "housing", "A", severity=severity, prevalence=prevalence, urgency=urgency, **more
    )


@given(*[st.integers(0, 5)] * 3, st.integers(0, 6))
def test_priority_never_falls_with_age_or_weight(severity, prevalence, urgency, age):
    row = weighed(severity, prevalence, urgency, year=2026, first_year=2026 - age)
    mine = rules.priority_of(row)
    assert 1 <= mine <= 5
    assert rules.priority_of(replace(row, first_year=2026 - age - 1)) <= mine
    if severity and prevalence and urgency:
        assert rules.priority_of(replace(row, severity=min(severity + 1, 5))) <= mine


def test_limited_or_best_effort_by_the_rule_and_unknown_where_nobody_weighed_it():
    assert rules.kind_of(weighed(3, 3, 3), is_bottom_line=False) == "limited"
    assert rules.kind_of(weighed(1, 1, 2), is_bottom_line=False) == "best_effort"
    assert rules.kind_of(weighed(0, 3, 3), is_bottom_line=False) == ""
    assert rules.kind_of(weighed(1, 1, 1), is_bottom_line=True) == "limited"


def test_what_is_past_its_date_and_not_closed_is_overdue():
    row = replace(weighed(1, 1, 1), due_on="2026-05-31")
    assert row.is_overdue(TODAY)
    assert not replace(row, status="closed").is_overdue(TODAY)
    assert not replace(row, due_on="").is_overdue(TODAY)


def test_objects_that_a_person_lists_join_the_others_and_survive_the_next_making():
    first, what = made(found(*ROWS)), found(*ROWS)
    keys, names = [ObjectKey("buildings", 9)], [("B8", "8号楼", "buildings")]
    rows = rows_of_objects(what, STAIRS, keys, names)
    more = with_objects(rows, first.ledger, first.problems, BOOK, {}, 2026, TODAY)
    assert len(more.ledger) == len(first.ledger) + 1
    assert [row.count for row in more.problems] == [2, 1, 1]
    assert {row.state for row in made(what, more.ledger, more.problems).problems} == {"new"}


def test_last_years_problems_are_mended_where_closed_or_looked_for_and_not_found():
    rows = [
        replace(weighed(3, 3, 3), id=name, first_year=2025, kind=kind, state=state, status=status)
        for name, kind, state, status in (
            ("a", "limited", "gone", "open"), ("b", "limited", "still", "open"),
            ("c", "best_effort", "still", "closed"),
            ("d", "best_effort", "again", "closed"),
        )
    ]  # fmt: skip
    found_ = of_lists([*rows, replace(rows[0], id="e", first_year=2026)], 2026)
    assert (found_.all.done, found_.all.due, found_.all.percent) == (2, 4, 50.0)
    assert (found_.limited.percent, found_.best_effort.percent) == (50.0, 50.0)
    assert found_.undone == ("b", "d")
    assert of_lists([], 2026).all.percent is None


def test_the_lists_come_back_from_the_project_file_and_follow_their_objects():
    lists = made(found(*ROWS))
    state, _ = city(districts(), buildings())
    project = ProjectRow("P1", "改造", cost_wan=12.5, problems=("HC25-03|03-3|A",))
    said = replace(state.health, ledger=lists.ledger, problems=lists.problems, renewal_projects=(project,))
    assert health_of(rows_of(said), pytest.fail) == said
    moved = renaming(
        BusinessKeys("code", pd.Index([1, 2, 3]).to_numpy(), pd.Index(["B0", "B1", "B2"]).to_numpy(object)),
        BusinessKeys("code", pd.Index([7, 8]).to_numpy(), pd.Index(["B0", "B1"]).to_numpy(object)),
    )  # fmt: skip
    led = rekeyed(replace(state, health=said), "buildings", "new", moved).health.ledger
    assert [row.key for row in led] == [ObjectKey("new", 7), ObjectKey("new", GONE_OID), ObjectKey("new", 8)]


# --- the round trip ---------------------------------------------------------------------------------------------------


def table_of(kind, rows, ctx, lang="zh"):
    heads = [list_texts.head(column, lang) for column in COLUMNS[kind]]
    ctx = replace(ctx, lang=lang)
    cells = [["" if (cell := list_texts.cell(row, column, ctx)) is None else str(cell) for column in COLUMNS[kind]]
             for row in rows]  # fmt: skip
    return heads, cells


def compared(kind, rows, heads, cells, ctx=None):
    def says(row, column, text):
        return ctx is not None and any(
            list_texts.cell_text(row, column, replace(ctx, lang=lang)) == text for lang in ("zh", "en")
        )

    return differences(kind, rows, heads, cells, list_texts.column_named, list_texts.value_of, says)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", ["ledger", "problems", "suggestions"])
def test_a_list_that_nobody_touched_changes_nothing_in_either_language(lang, kind):
    lists = made(found(*ROWS))
    rows = lists.ledger if kind == "ledger" else [
        replace(lists.problems[0], sentence="自己写的", kind="limited", difficulty="low", level="city"),
        lists.problems[1],
    ]  # fmt: skip
    ctx = context(lists)
    same = compared(kind, rows, *table_of(kind, rows, ctx, lang), ctx)
    assert (same.changes, same.refused, same.ignored) == ((), (), ())
    assert same.same == len(rows)


def test_edits_are_matched_by_id_and_bad_rows_are_refused_one_by_one():
    lists = made(found(*ROWS))
    heads, cells = table_of("suggestions", lists.problems, context(lists))
    at = {column.name: k for k, column in enumerate(COLUMNS["suggestions"])}
    cells[0][at["responsible"]], cells[0][at["kind"]], cells[0][at["due_on"]] = "区住建局", "尽力解决", "2026/12/31"
    cells[1][at["due_on"]] = "明年"
    stranger = ["x|y|z", *cells[0][1:]]
    twice, nameless = list(cells[0]), ["", *cells[0][1:]]
    found_ = compared("suggestions", lists.problems, heads, [*cells[::-1], stranger, twice, nameless])
    assert {(one.row, one.column, one.after) for one in found_.changes} == {
        ("HC25-03|03-3|A", "responsible", "区住建局"), ("HC25-03|03-3|A", "kind", "best_effort"),
        ("HC25-03|03-3|A", "due_on", "2026-12-31"),
    }  # fmt: skip
    assert [(one.line, one.reason) for one in found_.refused] == [
        (1, "bad_value"), (3, "unknown"), (4, "twice"), (5, "no_id"),
    ]  # fmt: skip
    with pytest.raises(UserError, match="no_id_column"):
        compared("suggestions", lists.problems, heads[1:], cells)


def test_a_table_can_add_projects_and_only_projects():
    rows = [ProjectRow("P1", "甲")]
    heads = ["编号", "项目名称", "投资（万元）"]
    found_ = compared("projects", rows, heads, [["P1", "甲", "12.5"], ["", "乙", "3"], ["a|b|c", "丙", ""]])
    assert [(row.id, row.name, row.cost_wan) for row in found_.rows] == [("P1", "甲", 12.5), ("P2", "乙", 3.0)]
    assert (found_.added, [one.reason for one in found_.refused]) == (1, ["unknown"])


@given(st.text(max_size=30), st.sampled_from([one for columns in COLUMNS.values() for one in columns]))
def test_no_text_in_a_cell_breaks_a_row(text, column):
    with contextlib.suppress(UserError):
        checked(column, list_texts.value_of(column, text))


# --- the check of a renewal area


def test_four_data_sets_are_counted_inside_an_area_and_what_is_missing_is_said():
    trees = layer_of("green", [at(box(0, 0, 100, 100)), at(box(2000, 0, 2100, 100))], kind=["park", "park"])
    state, data = city(districts(), buildings(), trees)
    ledger = (
        LedgerRow("a", STAIRS, "03-3", "", ObjectKey("buildings", 1), "B0", "", "building", "A"),
        LedgerRow("b", STAIRS, "03-3", "", ObjectKey("buildings", 2), "B1", "", "building", "B"),
        LedgerRow("c", STAIRS, "03-3", "", ObjectKey("buildings", GONE_OID), "B9", "", "building", "B"),
        LedgerRow("d", STAIRS, "03-3", "", ObjectKey("buildings", 3), "B2", "", "building", "A", status="closed"),
    )
    shape = area_of(Keys([("districts", pd.Index([1]).to_numpy())]), data, state.frame.horizontal)
    found_ = area_check(shape, ledger, state, data)
    assert (found_.area_m2, found_.is_large_enough) == (1_000_000.0, True)
    assert (found_.problems, found_.unplaced) == ({STAIRS: 1}, 1)
    sets = {one.id: one for one in found_.sets}
    inside = {one.role: one for one in sets["resources"].counted}
    houses = gpd.GeoSeries(data["buildings"].frame.geometry)
    assert inside["buildings"].count == int(houses.within(shape).sum()) == 6
    assert inside["green"].area_m2 == pytest.approx(shapely.area(at(box(0, 0, 100, 100))))
    assert sets["wishes"].is_missing
    assert sets["wishes"].missing == ("cases",)
    assert "parcels" in sets["resources"].missing
    small = area_check(at(box(0, 0, 10, 10)), (), state, data)
    assert not small.is_large_enough
    with pytest.raises(UserError, match="no_area"):
        area_check(Point(0, 0), (), state, data)

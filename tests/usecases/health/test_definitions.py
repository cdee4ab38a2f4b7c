"""Definitions as a project changes them: logged, undone, kept in the file, frozen and signed off."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.session import Session
from app.usecases.health import definitions, health
from app.usecases.project import opening
from models.core.errors import UserError
from models.health.book import book_of, definition_of, freeze_of
from models.health.state import HealthState
from models.store.rows.health_tables import health_of
from models.store.rows.state_rows import rows_of
from models.views.scene_state import Theme
from tests.support.health_city import PREFECTURE, strip_city
from viewers.render.symbology.theming import themed


@pytest.fixture
def city(session):
    session.settings.set("author", "王工")
    state, data = strip_city()
    session.project.replace_all(replace(state, profile=PREFECTURE), data, None)
    session.history.clear()
    return session


def of(session: Session) -> HealthState:
    return session.project.state.health


def test_a_threshold_is_changed_with_who_when_by_what_from_and_to_and_undone(city):
    definitions.change(city, "HC25-25", "benchmark/0/value", 40.0, "市体检办〔2026〕3号")
    assert definition_of(of(city), "HC25-25").benchmarks[0].value == 40.0
    line = of(city).changes[-1]
    assert (line.who, line.document, line.before, line.after) == ("王工", "市体检办〔2026〕3号", "85.0", "40.0")
    assert line.when
    city.history.undo()
    assert definition_of(of(city), "HC25-25").benchmarks[0].value == 85.0
    assert not of(city).changes


def test_a_changed_threshold_makes_the_result_old_and_grades_the_next(city):
    health.compute_indicators(city, ["HC25-25"])
    assert health.latest(city, "HC25-25").city.grade == "not_met"
    definitions.change(city, "HC25-25", "benchmark/0/value", 40.0)
    assert health.latest(city, "HC25-25") is None
    health.compute_indicators(city, ["HC25-25"])
    assert health.latest(city, "HC25-25").city.grade == "met"


def test_frozen_definitions_refuse_every_change_until_a_person_lifts_them_with_a_reason(city):
    print_ = definitions.freeze(city, "市政府会议纪要")
    health.compute_indicators(city, ["HC25-25"])
    assert health.kept(city, "HC25-25").definitions == print_
    for refused in (
        lambda: definitions.change(city, "HC25-25", "benchmark/0/value", 1.0),
        lambda: definitions.choose_reading(city, "HC25-52", "year_plan"),
        lambda: definitions.add_indicator(city, {"code": "LX-1", "name": "本地", "dimension": "city"}),
        lambda: definitions.remove_indicator(city, "HC25-25"),
        lambda: definitions.rename_dimension(city, "block", "街区更新", "Quarters"),
        lambda: definitions.set_edition(city, "2023"),
        lambda: definitions.freeze(city),
    ):
        with pytest.raises(UserError, match=r"health\.frozen"):
            refused()
    with pytest.raises(UserError, match=r"health\.no_reason"):
        definitions.unfreeze(city, "  ")
    definitions.unfreeze(city, "省厅调整目标值")
    lifted = of(city).freezes[-1]
    assert (lifted.reason, lifted.lifted_by) == ("省厅调整目标值", "王工")
    assert freeze_of(of(city)) is None
    definitions.change(city, "HC25-25", "benchmark/0/value", 1.0)
    assert definitions.freeze(city) != print_


def test_indicators_are_added_left_out_and_asked_again(city):
    code = definitions.add_indicator(
        city,
        {
            "code": "LX-1", "name": "公园数量", "dimension": "block", "aspect": "特色", "unit": "个", "direction": "up",
            "method": "formula", "parameters": {"expression": "count(green where kind = 'park')"},
            "input": [{"role": "green", "zh": "绿地", "en": "Green"}],
        },
        "市体检办〔2026〕3号",
    )  # fmt: skip
    assert code in book_of(of(city)).indicators
    assert definition_of(of(city), code).origin == "city"
    health.compute_indicators(city, [code])
    assert health.latest(city, code).city.value == 1
    with pytest.raises(UserError, match=r"health\.code_taken"):
        definitions.add_indicator(city, {"code": code, "name": "又一", "dimension": "block"})
    definitions.remove_indicator(city, "HC25-46")
    assert "HC25-46" not in book_of(of(city)).indicators
    assert definition_of(of(city), "HC25-46").hidden
    definitions.show_again(city, "HC25-46")
    assert "HC25-46" in book_of(of(city)).indicators
    definitions.remove_indicator(city, code)
    assert health.kept(city, code) is None
    city.history.undo()
    assert health.latest(city, code).city.value == 1


def test_a_local_indicator_is_shown_written_saved_and_opened_like_others(city, tmp_path):
    row = {
        "code": "LX-2", "name": "绿地面积", "dimension": "city", "unit": "m²", "direction": "up", "method": "formula",
        "parameters": {"expression": "area(green)"}, "input": [{"role": "green", "zh": "绿地", "en": "Green"}],
        "benchmark": [{"value": 5000, "op": ">=", "zh": "目标", "en": "Aim", "source": "市", "uncertain": False}],
    }  # fmt: skip
    definitions.add_indicator(city, row)
    health.set_theme(city, Theme("indicator", "LX-2"))
    kept = health.latest(city, "LX-2")
    assert (kept.city.value, kept.city.grade, kept.definition.name) == (10_000, "met", "绿地面积")
    picture = themed(city.project.state, city.project.data, city.project.state.theme, health.all_kept(city), "zh")
    assert "绿地面积" in picture.legend.title
    health.export_indicators(city, tmp_path / "a.xlsx", ["LX-2"])
    assert (tmp_path / "a.xlsx").exists()
    assert health.indicator_rows(city, ["LX-2"])[0]["name"] == "绿地面积"
    opening.save_project(city, tmp_path / "a.gpkg")
    opening.open_project(city, tmp_path / "a.gpkg")
    assert health.latest(city, "LX-2").definition.name == "绿地面积"


def test_dimensions_are_renamed_on_each_level(city):
    definitions.rename_dimension(city, "block", "好街区", "Good quarters")
    definitions.rename_aspect(city, "block", "功能完善", "好功能", "Good services")
    book = book_of(of(city))
    assert book.dimensions["block"] == ("好街区", "Good quarters")
    assert definition_of(of(city), "HC25-25").aspect_en == "Good services"
    definitions.change(city, "HC25-25", "section", "公园", "省厅")
    assert definition_of(of(city), "HC25-25").section == "公园"


def test_a_chosen_reading_is_logged_and_the_first_one_is_no_choice(city):
    definitions.choose_reading(city, "HC25-52", "year_plan", "附件一")
    assert definition_of(of(city), "HC25-52").reading == "year_plan"
    assert of(city).changes[-1].document == "附件一"
    definitions.choose_reading(city, "HC25-52", "all_old")
    assert of(city).readings == ()
    with pytest.raises(UserError, match=r"health\.no_reading"):
        definitions.choose_reading(city, "HC25-52", "nobody")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("benchmark/0/value", "viel"),
        ("benchmark/0/value", float("nan")),
        ("benchmark/0/op", "~"),
        ("direction", "sideways"),
        ("dimension", "nowhere"),
        ("name", ""),
        ("benchmark", "none"),
    ],
)
def test_what_would_be_no_definition_is_refused_and_changes_nothing(city, path, value):
    with pytest.raises(UserError, match=r"health\.definition_damaged"):
        definitions.change(city, "HC25-25", path, value)
    assert not of(city).changes


def test_all_of_it_is_kept_in_the_project_file(city, tmp_path):
    definitions.change(city, "HC25-25", "benchmark/0/value", 40.0, "文件")
    definitions.freeze(city, "纪要")
    health.compute_indicators(city, ["HC25-25"])
    before, result = of(city), health.kept(city, "HC25-25")
    opening.save_project(city, tmp_path / "a.gpkg")
    opening.open_project(city, tmp_path / "a.gpkg")
    assert of(city) == before
    assert health.kept(city, "HC25-25").definitions == result.definitions != ""


def test_a_line_of_the_log_that_says_nothing_is_left_out_and_a_spoilt_definition_falls_back(city):
    definitions.change(city, "HC25-25", "benchmark/0/value", 40.0)
    rows = rows_of(of(city))
    left_out: list[object] = []
    spoilt = [{**rows[0], "content": "{"}, {**rows[0], "content": json.dumps({"code": 1})}]
    odd = json.loads(rows[0]["content"]) | {"path": "benchmark", "after": "3"}
    broken = json.loads(rows[0]["content"]) | {"path": "formula", "after": "{no json"}
    more = [{**rows[0], "content": json.dumps(one)} for one in (odd, broken)]
    found = health_of([*rows, *spoilt, *more], left_out.append)
    assert len(left_out) == 2
    assert definition_of(found, "HC25-25").benchmarks[0].value == 85.0  # the edition's own, for the row was spoilt

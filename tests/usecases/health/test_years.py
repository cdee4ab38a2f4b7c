"""Years in a project: closed, written, taken in from a project or a file, shown on the map and on the board."""

import json
from dataclasses import replace

import numpy as np
import pytest
from openpyxl import load_workbook

from app.background.jobs import Jobs
from app.command_line import main as cli
from app.session import Session
from app.settings import Settings
from app.usecases.health import health, judging, lists, years
from app.usecases.project import opening
from models.core.errors import UserError
from models.health.lists.rows import ProblemRow
from models.health.years import year_file
from models.views.scene_state import Theme
from tests.support.health_city import PARK, at, park, strip_city, survey
from viewers.render.symbology.theming import themed


@pytest.fixture
def session():
    one = Session(Settings(None), Jobs(inline=True), lang="zh")
    surveys = survey(*((code, theme, 1.0) for code in "AB" for theme in ("parcels", "parks")))
    one.project.replace_all(*strip_city(surveys), None)
    yield one
    one.close()


def grown(session):
    """Let the park grow to the east, so that all of the strip is in reach, and compute again."""
    from shapely import box

    _, data = park(PARK.union(at(box(0, 350, 1000, 400))))
    session.project.put_data("green", data)
    health.compute_indicators(session, ("HC25-25",))


def test_a_year_that_was_closed_is_what_the_board_and_the_map_compare_with(session):
    from app.window.features.health.board_values import standings_of

    with pytest.raises(UserError, match="nothing"):
        years.close_year(session)
    health.compute_indicators(session, ("HC25-25",))
    then = health.kept(session, "HC25-25")
    years.close_year(session, 2025)
    grown(session)
    now = health.kept(session, "HC25-25")
    assert (then.city.value, now.city.value) == (pytest.approx(50.0), pytest.approx(100.0))
    (standing,) = [one for one in standings_of(session) if one.definition.code == "HC25-25"]
    assert (standing.before, standing.is_better) == (then.city.value, True)

    state, data, kept = session.project.state, session.project.data, health.all_kept(session)
    changed = themed(state, data, Theme("indicator", "HC25-25", "change"), kept)
    assert [(entry.text, entry.count) for entry in changed.legend.entries] == [("改善", 2)]
    before = themed(state, data, Theme("indicator", "HC25-25", "before"), kept)
    assert "2025" in before.legend.title
    as_then = themed(state, data, Theme("indicator", "HC25-25"), {"HC25-25": then})
    assert np.array_equal(before.colours["districts"][1], as_then.colours["districts"][1])
    years.forget_year(session, state.health.years[0].id)
    assert session.project.state.health.years == ()
    session.history.undo()
    assert len(session.project.state.health.years) == 1


def test_a_grade_is_proposed_against_the_year_that_was_closed_unless_somebody_entered_another(session):
    def against():
        (held,) = [one for one in judging.proposals(session)["HC25-25"].yardsticks if one.kind == "last_year"]
        return held.says

    health.compute_indicators(session, ("HC25-25",))
    assert against() == "absent"
    years.close_year(session, 2025)
    grown(session)
    assert against() == "better"
    judging.enter_figure(session, "HC25-25", "last_year", 100.0, by="张三")
    assert against() != "better"


def test_another_project_and_a_file_are_taken_in_as_the_same_year(session, tmp_path):
    health.compute_indicators(session, ("HC25-25",))
    opening.save_project(session, tmp_path / "then.gpkg")
    years.write_year(session, tmp_path / "then.json")
    grown(session)
    years.take_year(session, tmp_path / "then.json")
    (from_file,) = session.project.state.health.years
    years.take_year(session, tmp_path / "then.gpkg")
    (from_project,) = session.project.state.health.years
    assert from_project.indicators == from_file.indicators
    assert from_project.problems == from_file.problems
    assert from_project.layers == from_file.layers
    assert session.project.state.health.base_year == from_file.id
    for name, code in (("x.csv", "bad_suffix"), ("no.json", "missing")):
        with pytest.raises(UserError, match=code):
            years.read_year(session, tmp_path / name, None)


def test_the_rate_of_rectification_counts_as_a_result(session):
    row = ProblemRow("HC25-03|03-1|A", "HC25-03", "03-1", "", "housing", "A", 1, first_year=2025, kind="best_effort")
    health.compute_indicators(session, ("HC25-25",))
    session.history.do("x", lambda state: replace(state, health=replace(state.health, problems=(row,))))
    assert health.kept(session, "HC25-60").city.value == 0.0
    years.close_year(session, 2025)
    lists.put_rows(session, "problems", [replace(row, status="closed")], "x")
    result = health.kept(session, "HC25-60")
    assert (result.city.value, result.origin, health.is_old(session, result)) == (100.0, "lists", False)


def test_two_years_are_compared_on_the_command_line(session, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    health.compute_indicators(session, ("HC25-25",))
    years.write_year(session, tmp_path / "then.json", 2025)
    grown(session)
    opening.save_project(session, tmp_path / "now.gpkg")
    book = tmp_path / "d.xlsx"
    answer = ["health", "diff", str(tmp_path / "then.json"), str(tmp_path / "now.gpkg"), "--json", "--xlsx", str(book)]
    answer += ["--lang", "zh"]
    assert cli.run(answer) == cli.DONE
    told = json.loads(capsys.readouterr().out)
    (one,) = told["indicators"]
    assert (one["city"]["verdict"], one["city"]["change"]) == ("improved", pytest.approx(50.0))
    assert told["fates"]["solved"] == 1
    assert load_workbook(book).sheetnames == ["指标", "分单元", "问题", "整治完成率", "数据变化"]
    (tmp_path / "bad.json").write_text("{}")
    assert cli.run(["health", "diff", str(tmp_path / "bad.json"), str(tmp_path / "now.gpkg")]) == cli.CANNOT
    assert cli.run(["health", "year", str(tmp_path / "now.gpkg"), "--take", str(tmp_path / "then.json")]) == cli.DONE
    capsys.readouterr()
    assert cli.run(["health", "year", str(tmp_path / "now.gpkg"), "--json", "--out", str(tmp_path / "2026.json")]) == 0
    assert [row["year"] for row in json.loads(capsys.readouterr().out)] == [2025]
    assert year_file.read(tmp_path / "2026.json").indicators[0].city.value == pytest.approx(100.0)


def test_the_sample_city_has_a_last_year_to_compare_with(sample_city):
    from models.health.editions import edition
    from models.store.project_file import open_project

    state, _ = open_project(sample_city)
    (record,) = state.health.years
    assert (record.year, record.city, record.synthetic) == (2025, state.name, True)
    assert replace(year_file.read(sample_city.parent / "sample_files" / "last_year.json"), source="") == record
    assert {one.code for one in record.indicators} < set(edition().indicators)
    assert len(record.indicators) >= 40
    assert record.problems
    assert record.listed

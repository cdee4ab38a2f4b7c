"""The quality gate of a project: rules of its own, results that grow old, what is written, the command line."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest

from app.background.jobs import Jobs
from app.command_line import main as cli
from app.session import Session
from app.settings import Settings
from app.usecases.facilities import quality_gate
from models.core.errors import UserError
from models.crs.frame import Frame
from models.facilities.quality.gate import RuleResult
from models.facilities.quality.rules import book_text, standard_book
from models.layers.layer import Layer, VectorData
from models.project.edits import Edit
from models.project.project import ProjectState
from models.store.project_file import open_project, save_project
from tests.support.facilities.gate import CRS, nodes, pipes, points

EVIL = "=HYPERLINK(0)"


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session(Settings(None), Jobs(inline=True), lang="en")
    components = points((0, 0.2), (50, 3.0), ObjID=["3701990102000001", "bad"], ObjName=["污水井盖", EVIL],
                        ObjState=["完好", "奇怪"], ORDate=["2025-01-01"] * 2, DeptName1=["水务", "水务"])  # fmt: skip
    drains = pipes(("A", "B", [(0, 0), (50, 0)], 30, 29.5), ("B", "C", [(50, 0), (100, 0)], 29.5, 29.8))
    wells = nodes(A=(0, 0, "manhole"), B=(50, 0, "manhole"), C=(100, 0, "outfall"))
    frames = {"covers": ("facilities", components), "pipes": ("pipes", drains), "nodes": ("pipe_nodes", wells)}
    layers = tuple(
        Layer(name, name, "vector", role, code_edition="gbt30428_2013") for name, (role, _) in frames.items()
    )
    data = {name: VectorData(frame) for name, (_, frame) in frames.items()}
    made.project.replace_all(ProjectState("city", frame=Frame(CRS, None, (0, 0, 0)), layers=layers), data, None)
    yield made
    made.close()


def judged(session: Session) -> quality_gate.Gate:
    return quality_gate.run_gate(session).result


def of(gate: quality_gate.Gate, rule: str) -> RuleResult:
    found = gate.result.of(rule)
    assert found is not None
    return found


def test_a_project_is_judged_by_the_rules_of_the_program(session: Session) -> None:
    gate = judged(session)
    assert of(gate, "component.code").failures.oids.tolist() == [2]
    assert of(gate, "drain.adverse").failures.key(0) == ("pipes", 2)
    assert quality_gate.run_gate(session, None, ["covers"]).result.result.counts == {"covers": 2}


def test_a_rule_that_is_changed_is_part_of_the_project_and_undone_with_it(session: Session) -> None:
    rule = quality_gate.book_of(session).rule("drain.adverse")
    quality_gate.change_rule(session, replace(rule, enabled=False, note="under survey"))
    assert judged(session).result.of("drain.adverse") is None
    assert quality_gate.original_of(rule) == rule
    session.history.undo()
    assert quality_gate.book_of(session) is standard_book()
    session.history.redo()
    quality_gate.change_rule(session, rule)
    assert session.project.state.quality_rules == ""  # as the program has them: nothing of its own


def test_own_rules_survive_saving_and_opening(session: Session, tmp_path: Path) -> None:
    rule = quality_gate.book_of(session).rule("drain.cover")
    quality_gate.change_rule(session, replace(rule, severity="hint"))
    save_project(session.project.state, session.project.data, tmp_path / "p.gpkg")
    state, _ = open_project(tmp_path / "p.gpkg")
    assert state.quality_rules == session.project.state.quality_rules


def test_rules_are_written_and_read_as_a_file(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "规则.toml"
    quality_gate.save_rules(session, path)
    quality_gate.open_rules(session, path)
    assert session.project.state.quality_rules == ""
    path.write_text("[meta]\nformat = 3\n", encoding="utf-8")
    with pytest.raises(UserError, match="bad_file"):
        quality_gate.open_rules(session, path)
    assert session.project.state.quality_rules == ""


def test_a_result_is_old_once_the_data_or_the_rules_are_others_and_true_again_after_undo(session: Session) -> None:
    gate = judged(session)
    assert not quality_gate.is_old(session, gate)
    edit = Edit("covers", 2, "ObjState", "奇怪", "完好")
    session.history.do("history.edit_cell", lambda state: replace(state, edits=(edit,)))
    assert quality_gate.is_old(session, gate)
    assert of(gate, "component.state").failed == 1  # the figure stays
    assert of(judged(session), "component.state").failed == 0
    session.history.undo()
    assert not quality_gate.is_old(session, gate)


def test_without_facilities_nothing_is_judged_and_that_is_said(session: Session) -> None:
    session.project.set_state(replace(session.project.state, layers=()))
    with pytest.raises(UserError, match="nothing"):
        quality_gate.run_gate(session)


def test_the_list_runs_nothing_in_a_spreadsheet(session: Session, tmp_path: Path) -> None:
    quality_gate.export(session, judged(session), tmp_path / "list.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "list.xlsx")["Findings"].iter_rows())
    cells = [cell for row in rows for cell in row if EVIL in str(cell.value)]
    assert cells
    assert all(cell.data_type == "s" for cell in cells)


def test_failures_are_written_as_points_and_lines(session: Session, tmp_path: Path) -> None:
    quality_gate.export(session, judged(session), tmp_path / "f.gpkg")
    assert {str(name) for name, _ in pyogrio.list_layers(tmp_path / "f.gpkg")} == {"failures_points", "failures_lines"}
    lines = gpd.read_file(tmp_path / "f.gpkg", layer="failures_lines")
    rising = lines[lines["rule"] == "drain.adverse"].iloc[0]
    assert (rising["code"], rising["oid"], rising["problem"]) == ("P2", 2, "Rises by 0.3 m")
    assert rising.geometry.length == pytest.approx(50.0)


def test_failures_are_written_as_topics_and_the_project_keeps_its_own(session: Session, tmp_path: Path) -> None:
    quality_gate.export(session, judged(session), tmp_path / "f.bcfzip")
    with zipfile.ZipFile(tmp_path / "f.bcfzip") as archive:
        markups = [archive.read(name).decode() for name in archive.namelist() if name.endswith("markup.bcf")]
    assert any("Rises in the direction of flow" in text for text in markups)
    assert session.project.state.topics == ()
    with pytest.raises(UserError, match="bad_suffix"):
        quality_gate.export(session, judged(session), tmp_path / "f.doc")


@pytest.fixture
def files(tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    for name in ("pipes", "nodes"):
        session.project.data[name].frame.to_file(tmp_path / f"{name}.gpkg", layer=name)
    return [str(tmp_path / f"{name}.gpkg") for name in ("pipes", "nodes")]


def test_the_command_line_judges_bare_files(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["facilities", "check", *files, "--role", "pipes", "--role", "pipe_nodes", "--json"]
    assert cli.run(asked) == cli.DONE
    said = json.loads(capsys.readouterr().out)
    assert any(one["group"] == "drain.adverse" and one["parties"][0]["guid"] == "P2" for one in said["findings"])
    groups = {one["id"]: one for one in said["groups"]}
    assert groups["drain.adverse"]["counts"] == {"applicable": 2, "passed": 1, "failed": 1, "unknown": 0}
    assert groups["component.code"]["status"] == "idle"


def test_a_bad_rule_file_ends_with_3_before_anything_is_opened(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(book_text(standard_book()).replace('check = "code"', 'check = "exec"'), encoding="utf-8")
    assert cli.run(["facilities", "check", *files, "--rules", str(rules), "--lang", "en"]) == cli.CANNOT
    said = capsys.readouterr().err
    assert "rules.toml" in said
    assert "Traceback" not in said

"""``ifc check``, ``clash`` and ``diff``, and reports as files."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from app.command_line import main as cli
from app.session import Session
from app.usecases.checks import checks
from models.checks.findings import Finding, Group, Party, Report
from models.core.errors import UserError
from tests.support.check_models import Box, author, hold, opened
from viewers.documents.findings import write_report


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    first, second = tmp_path / "墙.ifc", tmp_path / "管.ifc"
    author(first, [Box("IfcWall", "wall", (0, 0, 0), (4, 0.2, 3))])
    author(second, [Box("IfcPipeSegment", "duct", (1, -1, 1), (1.1, 1, 1.1))])
    return first, second


def test_clash_says_what_it_found_and_ends_well(pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["ifc", "clash", str(pair[0]), str(pair[1]), "--json"]) == cli.DONE
    said = json.loads(capsys.readouterr().out)
    assert said["counts"] == {"hard": 1, "clashes": 1}
    assert {party["name"] for party in said["findings"][0]["parties"]} == {"wall", "duct"}


def test_diff_tells_both_sides_in_words(pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["ifc", "diff", str(pair[0]), str(pair[1]), "--lang", "zh"]) == cli.DONE
    said = capsys.readouterr().out
    assert "新增" in said
    assert "duct" in said
    assert "已删除" in said


def test_check_writes_a_workbook_beside_the_words(
    pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "质量.xlsx"
    assert cli.run(["ifc", "check", str(pair[0]), "--out", str(out), "--lang", "en"]) == cli.DONE
    assert "质量.xlsx" in capsys.readouterr().out
    assert openpyxl.load_workbook(out).sheetnames == ["Summary", "Findings"]


@pytest.mark.parametrize("verb", [["check", "--ids", "none.ids"], ["clash", "--pipes", "none.gpkg"]])
def test_what_cannot_be_checked_ends_with_3(
    verb: list[str], pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["ifc", verb[0], str(pair[0]), verb[1], str(tmp_path / verb[2]), "--lang", "en"]
    assert cli.run(arguments) == cli.CANNOT
    assert "Traceback" not in capsys.readouterr().err


def a_report(name: str = "wall") -> Report:
    party = Party(None, "0abc", "IfcWall", name, "model")
    findings = (
        Finding("1", "clash", "error", "clash.hard", "g", (party, party), (1.0, 2.0, 3.0), {"distance_m": -0.05}),
        Finding("2", "clash", "warning", "clash.clearance", "g", (party,), None, {"distance_m": 0.2}),
    )
    groups = (Group("g", "", "clash.pair", "", "", {"failed": 2}, {"a": "IfcWall", "b": "IfcWall"}),)
    return Report("clash", (("m", "model"),), "2030-01-02T03:04:05+08:00", {"x": "1"}, groups, findings, {"clashes": 2})


def test_a_workbook_holds_every_finding_with_figures_as_figures(tmp_path: Path) -> None:
    write_report(tmp_path / "a.xlsx", a_report(), "zh", synthetic=True)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["清单"]
    heads = [cell.value for cell in sheet[4]]
    rows = [dict(zip(heads, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=5)]
    assert [row["距离（米，负为深度）"] for row in rows] == [-0.05, 0.2]
    assert rows[0]["东坐标"] == 1.0
    assert rows[1]["东坐标"] is None, "no place is no place, never zero"
    assert rows[0]["GUID"] == rows[0]["另一 GUID"] == "0abc"
    assert "示例" in str(sheet["A3"].value) or "合成" in str(sheet["A3"].value)


def test_names_that_look_like_formulas_stay_names(tmp_path: Path) -> None:
    write_report(tmp_path / "a.xlsx", a_report('=HYPERLINK("x")\x07'), "en")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Findings"]
    cell = sheet["E5"]
    assert cell.data_type == "s"
    assert cell.value == '=HYPERLINK("x")'
    assert cell.quotePrefix, "it stays text when somebody edits it"


def test_a_report_as_json_reads_back_whole(tmp_path: Path) -> None:
    write_report(tmp_path / "a.json", a_report(), "zh")
    back = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert [one["id"] for one in back["findings"]] == ["1", "2"]
    assert back["findings"][1]["point"] is None


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        write_report(tmp_path / "a.docx", a_report(), "zh")
    assert error.value.code == "checks.bad_suffix"


def test_quality_findings_lead_to_the_elements_that_have_the_weakness(session: Session, tmp_path: Path) -> None:
    author(tmp_path / "m.ifc", [Box("IfcBuildingElementProxy", "proxy", (0, 0, 0), (1, 1, 1)),
                                Box("IfcWall", "wall", (3, 0, 0), (7, 0.2, 3))])  # fmt: skip
    hold(session, m=opened(tmp_path / "m.ifc"))
    report = checks.check_quality(session, "m").result
    proxies = [one for one in report.findings if one.group == "proxies"]
    assert [one.parties[0].name for one in proxies] == ["proxy"]
    assert {one.group for one in report.findings} <= {group.id for group in report.groups}

"""``facts``: the facts of a model on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.command_line import main as cli
from models.bim.fact import CODES
from tests.support.io_models import write_model


@pytest.fixture
def ifc_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    return write_model(tmp_path / "小楼.ifc", columns=3)


def test_the_verbs_print_what_scripts_can_read(ifc_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["ifc", "tree", str(ifc_file), "--json"]) == cli.DONE
    tree = json.loads(capsys.readouterr().out)
    assert tree["children"][0]["kind"] == "IfcProject"
    assert cli.run(["ifc", "psets", str(ifc_file), "--rule", "IfcColumn", "--json"]) == cli.DONE
    answer = json.loads(capsys.readouterr().out)
    assert answer["count"] == 3
    assert {element["class"] for element in answer["elements"]} == {"IfcColumn"}
    assert cli.run(["ifc", "facts", str(ifc_file), "--json"]) == cli.DONE
    told = json.loads(capsys.readouterr().out)
    assert [fact["fact"] for fact in told] == list(CODES)


def test_the_verbs_print_what_people_can_read(ifc_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for lang, words in (("zh", ("未注明", "地上层数")), ("en", ("not stated", "Storeys above ground"))):
        assert cli.run(["ifc", "facts", str(ifc_file), "--lang", lang]) == cli.DONE
        out = capsys.readouterr().out
        assert all(text in out for text in words)
    for by in ("spatial", "class", "storey"):
        assert cli.run(["ifc", "tree", str(ifc_file), "--by", by, "--all", "--lang", "en"]) == cli.DONE
        assert "IfcColumn" in capsys.readouterr().out
    assert cli.run(["ifc", "psets", str(ifc_file), "--lang", "en"]) == cli.DONE
    assert "Set" in capsys.readouterr().out


def test_a_wrong_question_ends_with_exit_code_3(
    ifc_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["ifc", "psets", str(ifc_file), "--rule", "IfcWall and", "--lang", "en"]) == cli.CANNOT
    assert "Character 12" in capsys.readouterr().err
    assert cli.run(["ifc", "psets", str(ifc_file), "--guid", "x", "--lang", "en"]) == cli.CANNOT
    broken = tmp_path / "broken.ifc"
    broken.write_bytes(b"ISO-10303-21;\nHEADER;")
    assert cli.run(["ifc", "tree", str(broken), "--lang", "en"]) == cli.CANNOT
    assert cli.run(["ifc", "facts", str(tmp_path / "none.ifc"), "--lang", "en"]) == cli.CANNOT
    assert cli.run(["ifc", "tree", str(ifc_file), "--by", "nonsense"]) == cli.USAGE

"""Models of SWMM and EPANET from the command line: checked, run, saved with changes."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from app.command_line.main import run
from tests.support.network.hydraulic_models import EPANET, SWMM


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "m.inp"
    path.write_text(SWMM, encoding="utf-8")
    return path


def test_a_model_is_checked(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["network", "check", str(model), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["issues"] == []
    model.write_text(SWMM.replace("J2               O1", "J2               NO"), encoding="utf-8")
    assert run(["network", "check", str(model), "--lang", "en"]) == 0
    assert "“C2” names the node “NO”" in capsys.readouterr().out
    assert run(["network", "run", str(model), "--lang", "zh"]) == 3
    said = capsys.readouterr()
    assert "对象“NO”未定义" in said.out
    assert "SWMM 5" in said.err


def test_a_model_is_run_into_a_new_folder_only(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["network", "run", str(model), "--out", str(tmp_path / "out"), "--json"]
    assert run(asked) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["engine"], facts["steps"]) == ("SWMM", 60)
    assert {one.name for one in (tmp_path / "out").iterdir()} >= {"model.inp", "model.out", "model.rpt", "results.xlsx"}
    assert model.read_text(encoding="utf-8") == SWMM
    assert run(asked) == 3
    assert "out" in capsys.readouterr().err


def test_what_is_no_model_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in (("a.inp", b"\0" * 100), ("b.inp", b"[OTHER]\nx\n"), ("c.inp", b"")):
        (tmp_path / name).write_bytes(content)
        for verb in ("check", "run"):
            assert run(["network", verb, str(tmp_path / name)]) == 3
    assert run(["network", "run", str(tmp_path / "none.inp")]) == 3
    assert "Traceback" not in capsys.readouterr().err


def test_a_changed_layer_is_saved_into_a_copy_and_run_with_its_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, project = tmp_path / "w.inp", tmp_path / "p.gpkg"
    model.write_bytes(EPANET.encode())
    assert run(["build", "--out", str(project), str(model), "--crs", "EPSG:4548"]) == 0
    with sqlite3.connect(project) as base:
        for name in ("IsEmpty", "MinX", "MaxX", "MinY", "MaxY"):  # of the triggers that GeoPackage asks for
            base.create_function(f"ST_{name}", 1, lambda _: 0)
        (table,) = base.execute("SELECT layer FROM chengjing_layers WHERE source_sublayer = 'links'").fetchone()
        base.execute(f'UPDATE "{table}" SET diameter_mm = 300 WHERE code = ?', ("P2",))  # noqa: S608 - our own name
    base.close()
    capsys.readouterr()
    assert run(["network", "save", str(project), "--out", str(tmp_path / "v.inp"), "--json", "--trust"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] == 1
    before, after = model.read_bytes().splitlines(), (tmp_path / "v.inp").read_bytes().splitlines()
    (changed,) = [now for was, now in zip(before, after, strict=True) if was != now]
    assert changed.split()[:5] == [b"P2", b"A", b"B", b"300", b"300"]
    assert run(["network", "save", str(project), "--out", str(model), "--trust"]) == 3  # not over the model itself
    assert model.read_bytes() == EPANET.encode()
    assert run(["network", "run", str(project), "--json", "--trust"]) == 0

"""Editions, repairs and migrations as steps of a project: undone exactly, saved, opened, asked for in a terminal."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from shapely import box

from app.command_line import main as cli
from app.session import Session
from app.usecases.facilities import coding, exchange, responsibility_grids, unit_grids
from app.usecases.project import opening
from app.usecases.query import query
from models.core.errors import UserError
from models.core.progress import Progress
from models.facilities.coding.checking import Options
from models.facilities.coding.editions import editions
from models.facilities.coding.migration import CrosswalkRow, checked_crosswalk
from models.geometry.feature_table import Features
from models.io.text_table import read_texts
from models.layers.layer import Layer, VectorData
from tests.support.small_city import city

OLD, NEW = editions()["cjt214_2007"], editions()["gbt47678_2026"]
CROSSWALK = checked_crosswalk([CrosswalkRow("0101", "01001")], OLD, NEW, "t.csv")


def table(session: Session) -> pd.DataFrame:
    data = session.project.data["components"]
    assert isinstance(data, VectorData)
    return data.attributes


def test_stating_an_edition_is_a_step_and_a_wrong_one_is_refused(session: Session) -> None:
    city(session)
    coding.set_edition(session, "components", "")
    assert [layer.id for layer in coding.layers_without_edition(session.project.state)] == ["components"]
    assert coding.evidence(session, "components").looked_at == 4
    session.history.undo()
    assert not coding.layers_without_edition(session.project.state)
    with pytest.raises(UserError, match=r"facilities\.no_edition"):
        coding.set_edition(session, "components", "1999")


@pytest.mark.parametrize("columnar", [False, True], ids=["frame", "columns"])
def test_a_migration_is_one_step_that_undo_takes_back_whole(session: Session, columnar: bool) -> None:
    city(session)
    if columnar:
        features = Features.of_frame(session.project.data["components"].frame, "EPSG:4548")
        session.project.put_data("components", VectorData(None, [], features))
    before, state = table(session), session.project.state
    made = coding.preview_migration(session, "components", NEW, CROSSWALK)
    coding.apply_migration(session, "components", made)
    after = table(session)
    assert after["ObjID"].fillna("").tolist() == ["3701020100100001", "3701020100100002", "", ""]
    assert after["ObjID_old"].tolist() == before["ObjID"].tolist()
    assert session.project.state.layer("components").code_edition == "gbt47678_2026"
    assert (session.project.data["components"].columnar is not None) == columnar, "no geometry is made for it"
    session.history.undo()
    assert session.project.state == state
    pd.testing.assert_frame_equal(table(session), before, check_names=False)
    session.history.redo()
    pd.testing.assert_frame_equal(table(session), after, check_names=False)


def test_cells_typed_before_and_after_a_migration_come_back_in_turn(session: Session) -> None:
    city(session)
    query.set_cell(session, "components", 1, "ObjID", "3701020101000009")
    coding.apply_migration(session, "components", coding.preview_migration(session, "components", NEW, CROSSWALK))
    query.set_cell(session, "components", 1, "ObjID", "typed")
    seen = [table(session)["ObjID"].iloc[0]]
    for _ in range(3):
        session.history.undo()
        seen.append(table(session)["ObjID"].iloc[0])
    assert seen == ["typed", "3701020100100009", "3701020101000009", "3701020101000001"]
    for wanted in reversed(seen[:-1]):
        session.history.redo()
        assert table(session)["ObjID"].iloc[0] == wanted


def test_repairs_are_one_step(session: Session) -> None:
    city(session)
    found = coding.check(session, "components", Options(divisions=("370199",)))
    assert found.counts == {"characters": 1, "division": 3, "gaps": 2}
    assert coding.apply_repairs(session, "components", found.proposals) == 3
    assert table(session)["ObjID"].tolist()[:3] == ["3701990101000001", "3701990101000002", "3701990103000003"]
    session.history.undo()
    assert table(session)["ObjID"].iloc[0] == "3701020101000001"
    assert coding.apply_repairs(session, "components", found.proposals.iloc[:0]) == 0


def test_a_migrated_project_is_saved_and_opened_with_edition_classes_and_both_codes(
    session: Session, tmp_path: Path
) -> None:
    city(session)
    rows = pd.DataFrame({"类别编码": ["01001"], "类别名称": ["给水井盖"]})
    coding.take_classes(session, coding.classes_in(rows, NEW, tmp_path / "本市.csv"))
    coding.apply_migration(session, "components", coding.preview_migration(session, "components", NEW, CROSSWALK))
    state, after = session.project.state, table(session)
    opening.save_project(session, tmp_path / "城.gpkg")
    opening.open_project(session, tmp_path / "城.gpkg")
    assert session.project.state == replace(state, column_changes=())
    assert table(session)[["ObjID", "ObjID_old"]].fillna("").to_numpy().tolist() == (
        after[["ObjID", "ObjID_old"]].fillna("").to_numpy().tolist()
    )
    layer = session.project.state.layer("components")
    assert session.project.state.edition_of(layer).classes["01001"].name == "给水井盖"


def test_tables_that_are_filled_in_are_read_by_a_child_in_any_format(session: Session, tmp_path: Path) -> None:
    city(session)
    coding.write_crosswalk_template(session, OLD, tmp_path / "模板.xlsx")
    book = openpyxl.load_workbook(tmp_path / "模板.xlsx")
    book.active["C2"] = "01001"
    book.save(tmp_path / "填好.xlsx")
    (tmp_path / "gbk.csv").write_bytes("旧类别编码,新类别编码\n0101,01001\n".encode("gbk"))
    (tmp_path / "t.toml").write_text('[[row]]\nold = "0101"\nnew = "01001"\n', encoding="utf-8")
    for name in ("填好.xlsx", "gbk.csv", "t.toml"):
        rows = read_texts(tmp_path / name)
        assert coding.crosswalk_in(rows, OLD, NEW, tmp_path / name).by_old() == {"0101": "01001"}
    (tmp_path / "bad.toml").write_text("=", encoding="utf-8")
    (tmp_path / "bad.xlsx").write_bytes(b"PK\x03\x04no")
    for name in ("bad.toml", "bad.xlsx", "none.csv", "t.dbf"):
        with pytest.raises(UserError):
            read_texts(tmp_path / name)
    with pytest.raises(UserError, match=r"facilities\.table_format"):
        coding.read_rows(session, tmp_path / "t.dbf", Progress())


def test_the_exchange_table_names_classes_and_runs_no_formula(session: Session, tmp_path: Path) -> None:
    city(session)
    query.set_cell(session, "components", 1, "ObjName", "=1+1")
    for name, encoding in (("a.csv", ""), ("b.csv", "gbk"), ("c.xlsx", ""), ("d.gpkg", "")):
        exchange.export_exchange(session, "components", tmp_path / name, encoding)
        assert (tmp_path / name).exists()
    text = (tmp_path / "b.csv").read_bytes().decode("gbk").splitlines()
    assert text[0].startswith("ObjID,ObjName,ObjState")
    assert "'=1+1" in text[1]
    assert "上水井盖" in text[1]
    assert openpyxl.load_workbook(tmp_path / "c.xlsx").active["B2"].data_type == "s"
    query.set_cell(session, "components", 1, "ObjName", "😀")
    with pytest.raises(UserError, match=r"facilities\.not_in_encoding"):
        exchange.export_exchange(session, "components", tmp_path / "e.csv", "gbk")
    assert not (tmp_path / "e.csv").exists()


def test_the_command_line_previews_migrates_and_lists_the_unmatched(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    city(session)
    coding.set_edition(session, "components", "")
    opening.save_project(session, tmp_path / "p.gpkg")
    (tmp_path / "x.csv").write_text("old,new\n0101,01001\n", encoding="utf-8")
    ask = [
        "facilities",
        "migrate",
        str(tmp_path / "p.gpkg"),
        "--to",
        "gbt47678_2026",
        "--crosswalk",
        str(tmp_path / "x.csv"),
    ]
    assert cli.run([*ask, "--preview"]) == 3, "nobody said which edition the codes follow"
    ask += ["--from", "cjt214_2007", "--json"]
    assert cli.run(ask) == 3, "nothing says where to write"
    unmatched = tmp_path / "u.csv"
    capsys.readouterr()
    assert cli.run([*ask, "--out", str(tmp_path / "q.gpkg"), "--unmatched", str(unmatched)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["migrated"], told["unmatched"]) == (2, 2)
    assert told["unmatched_classes"] == [{"old_class": "0103", "count": 1}]
    assert len(unmatched.read_text(encoding="utf-8-sig").splitlines()) == 3
    assert cli.run(["facilities", "export", str(tmp_path / "q.gpkg"), "--out", str(tmp_path / "o.csv"), "--json"]) == 0
    assert "3701020100100001" in (tmp_path / "o.csv").read_text(encoding="utf-8-sig")


def test_unit_grids_become_a_layer_and_the_grid_of_each_component_in_one_step(session: Session) -> None:
    city(session)
    with pytest.raises(UserError, match=r"facilities\.no_communities"):
        unit_grids.inputs(session)
    area = gpd.GeoDataFrame(
        {"code": ["370102001001"]}, geometry=[box(501900, 4058900, 502200, 4059100)], crs="EPSG:4548"
    )
    layer = Layer("communities", "社区", "vector", "communities")
    session.project.put_data("communities", VectorData(area.set_axis([1])))
    session.history.do("history.add_layer", lambda state: state.with_layer(layer))
    state, before = session.project.state, table(session)
    made = unit_grids.make(session, 10_000.0, Progress(), set_bgid=True)
    added = unit_grids.add(session, made)
    grids = session.project.data[added.id]
    assert isinstance(grids, VectorData)
    assert grids.frame.area.sum() == pytest.approx(60_000)
    assert set(table(session)["BGID"]) <= set(grids.frame["code"])
    assert [one.id for one in responsibility_grids.unit_grid_layers(session)] == [added.id]
    again = unit_grids.check(session, added.id, Progress())
    assert again.equals(unit_grids.places(added, made))
    joined = responsibility_grids.make(session, added.id, "community", 1, Progress())
    layer = responsibility_grids.add(session, joined, set_member=True)
    assert session.project.data[layer.id].frame["code"].tolist() == ["370102001001-01"]
    assert set(session.project.data[added.id].frame["responsibility_grid"]) == {"370102001001-01"}
    session.history.undo()
    assert "responsibility_grid" not in session.project.data[added.id].fields
    session.history.undo()
    assert session.project.state == state
    assert list(table(session).columns) == list(before.columns)

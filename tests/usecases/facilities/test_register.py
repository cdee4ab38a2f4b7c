"""The register in a session: mapped in place, merged by key, each change of state noted, all of it undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import LineString, Point

from app.background.jobs import Jobs
from app.command_line import main as cli
from app.session import Session
from app.settings import Settings
from app.usecases.facilities import component_form, facilities, profiles, register_import, state_export
from app.usecases.facilities.state_history import history_of
from app.usecases.project import opening
from app.usecases.query.query import set_cell
from models.core.errors import UserError
from models.facilities.register.credit_code import SIGNS, fault_of
from models.layers.layer import Layer, VectorData, new_layer_id
from models.project.selection import ObjectKey


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    made = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    made.settings.set("author", "李工")
    yield made
    made.close()


def opened(session: Session, states: dict[str, str], name: str = "井盖") -> str:
    """Put a layer of covers into the project, as a reader would have."""
    places = [Point(500_000 + 10 * i, 4_000_000) for i in range(len(states))]
    table = gpd.GeoDataFrame(
        {"标识码": list(states), "状态": list(states.values())}, geometry=places, crs="EPSG:32650",
        index=pd.RangeIndex(1, len(states) + 1, name="fid"),
    )  # fmt: skip
    layer = Layer(new_layer_id("covers"), name, "vector")
    session.project.put_data(layer.id, VectorData(table))
    session.history.do("history.open_file", lambda state: state.with_layer(layer))
    return layer.id


def table_of(session: Session, layer_id: str) -> pd.DataFrame:
    data = session.project.data[layer_id]
    assert isinstance(data, VectorData)
    return data.attributes


CODES = [f"370199010100000{i}" for i in range(1, 5)]


def register(session: Session) -> str:
    layer_id = opened(session, dict.fromkeys(CODES, "完好"))
    came: list[register_import.Brought] = []
    register_import.take_over(
        session, layer_id, register_import.guessed(session, layer_id, "components"), done=came.append
    )
    return came[0].layer


def test_a_layer_is_taken_over_in_its_place_and_undo_gives_back_the_very_table(
    session: Session, tmp_path: Path
) -> None:
    layer_id = register(session)
    layer = session.project.state.layer(layer_id)
    assert (layer.role, layer.kind) == ("facilities", "vector")
    assert list(table_of(session, layer_id).columns) == ["ObjID", "ObjState"]
    session.history.undo()
    first = session.project.state.layers[0]
    assert list(table_of(session, first.id).columns) == ["标识码", "状态"]
    session.history.redo()
    assert session.project.state.layers[0].id == layer_id


def test_a_newer_table_is_merged_by_key_and_every_change_of_state_is_noted(session: Session) -> None:
    layer_id = register(session)
    set_cell(session, layer_id, 1, "ObjState", "破损")
    assert [(one.before, one.after, one.author) for one in history_of(session, layer_id, 1)] == [
        ("完好", "破损", "李工")
    ]
    newer = opened(session, {CODES[0]: "完好", CODES[1]: "丢失", "3701990101000009": "完好"}, "新表")
    came: list[register_import.Brought] = []
    mapping = register_import.guessed(session, newer, "components")
    register_import.merge_into(session, newer, mapping, layer_id, vanished="deactivate", done=came.append)
    merged = came[0].merged
    assert merged is not None
    assert (len(merged.added), len(merged.vanished), merged.deactivated) == (1, 2, 2)
    assert [layer.id for layer in session.project.state.layers] == [came[0].layer]
    states = table_of(session, came[0].layer)["ObjState"].tolist()
    assert states == ["完好", "丢失", "废弃", "废弃", "完好"]
    told = history_of(session, came[0].layer, 1)
    assert [(one.before, one.after, one.reason) for one in told[:1]] == [("破损", "完好", "新表")]
    assert {one.key for one in told} == {CODES[0]}
    session.history.undo()
    assert len(session.project.state.state_changes) == 1
    session.history.undo()
    session.history.undo()
    assert session.project.state.state_changes == ()


def test_the_history_of_states_is_saved_and_found_again(session: Session, tmp_path: Path) -> None:
    layer_id = register(session)
    set_cell(session, layer_id, 2, "ObjState", "丢失")
    noted = session.project.state.state_changes
    opening.save_project(session, tmp_path / "p.gpkg")
    opening.open_project(session, tmp_path / "p.gpkg")
    assert session.project.state.state_changes == noted
    assert history_of(session, layer_id, 2)[0].after == "丢失"


def test_a_profile_is_kept_by_name_and_only_once(session: Session) -> None:
    layer_id = opened(session, dict.fromkeys(CODES, "完好"))
    mapping = replace(register_import.guessed(session, layer_id, "components"), name="甲/市: *")
    profiles.keep(mapping)
    profiles.keep(mapping)
    assert [one.name for _, one in profiles.listed("components")] == ["甲/市: *"]
    assert profiles.listed("pipes") == []
    assert [one.target for one in profiles.of_name("甲/市: *").fields] == [one.target for one in mapping.fields]


def test_tables_of_other_programs_are_imported_on_the_command_line(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gbk = tmp_path / "部件.csv"
    gbk.write_bytes("部件标识码,部件名称,状态,经度,纬度\n3701990101000001,上水井盖,完好,117.1,36.6\n".encode("gb18030"))
    book = tmp_path / "部件.xlsx"
    pd.DataFrame({"部件标识码": ["3701990101000001", "3701990101000002"], "状态": ["丢失", "破损"]}).to_excel(
        book, index=False
    )
    shp = tmp_path / "管线.shp"
    lines = gpd.GeoDataFrame(
        {"管径": ["DN300", "9999"], "管线类型": ["污水", "雨水"]},
        geometry=[LineString([(0, 0), (9, 0)])] * 2,
        crs="EPSG:4548",
    )
    lines.to_file(shp, encoding="gbk")
    (tmp_path / "管线.cpg").unlink(missing_ok=True)
    out = tmp_path / "out.gpkg"
    assert (
        cli.run(["facilities", "import", str(gbk), "--kind", "components", "--guess", "--out", str(out), "--json"]) == 0
    )
    assert '"filled": 1' in capsys.readouterr().out
    assert (
        cli.run(
            ["facilities", "import", str(book), "--kind", "components", "--guess", "--into", str(out), "--lang", "en"]
        )
        == 0
    )
    assert "1 added, 1 changed" in capsys.readouterr().out
    pipes = tmp_path / "pipes.gpkg"
    assert cli.run(["facilities", "import", str(shp), "--kind", "pipes", "--guess", "--out", str(pipes), "--json"]) == 0
    assert "9999" in capsys.readouterr().out
    assert gpd.read_file(pipes, layer=gpd.list_layers(pipes)["name"][0])["diameter_mm"].tolist()[0] == 300
    assert cli.run(["facilities", "import", str(shp), "--kind", "pipes", "--out", str(pipes)]) == 3
    assert (
        cli.run(["facilities", "import", str(tmp_path / "no.csv"), "--kind", "pipes", "--guess", "--out", str(pipes)])
        == 3
    )
    assert cli.run(["facilities", "import", str(gbk), "--kind", "pipes", "--mapping", "no", "--out", str(pipes)]) == 3
    assert "Traceback" not in capsys.readouterr().err


def test_components_are_counted_by_what_a_person_asks_and_changes_are_listed_since_a_day(
    session: Session, tmp_path: Path
) -> None:
    layer_id = register(session)
    set_cell(session, layer_id, 1, "ObjState", "废弃")
    component_form.change(session, ObjectKey(layer_id, 2), {"DeptName1": "甲局"})
    heads, rows = facilities.counts_by(session, "department")
    assert heads[0] == "主管部门"
    assert [row[0] for row in rows] == ["甲局", "未注明"]
    assert [row[-1] for row in rows] == [1, 3]
    assert facilities.counts_by(session, "state")[1] == [["完好", 3], ["废弃", 1]]
    assert facilities.counts_by(session, "layer")[1] == [["井盖", 3, 1, 4]]
    with pytest.raises(UserError, match=r"register\.by"):
        facilities.counts_by(session, "colour")
    assert len(state_export.table(session, "2000-01-01")) == 1
    assert len(state_export.table(session, "2999-01-01")) == 0
    set_cell(session, layer_id, 2, "ObjState", "=1+1")
    state_export.export(session, tmp_path / "states.csv")
    text = (tmp_path / "states.csv").read_text(encoding="utf-8-sig")
    assert "'=1+1" in text
    assert CODES[0] in text


def test_a_form_takes_what_can_be_and_refuses_what_cannot(session: Session) -> None:
    layer_id = register(session)
    key = ObjectKey(layer_id, 1)
    assert component_form.change(session, key, {"ORDate": "2026.7.1", "ground_m": "31.5", "Note": " 临时 "}) == 3
    assert component_form.change(session, key, {"ORDate": "2026-07-01"}) == 0
    for field, text in (("ORDate", "昨天"), ("ground_m", "1e9"), ("DeptCode1", "123"), ("accuracy_class", "Z")):
        with pytest.raises(UserError, match=r"register\.bad_value"):
            component_form.change(session, key, {field: text})
    with pytest.raises(UserError, match=r"register\.no_form"):
        component_form.form_of(session, ObjectKey(layer_id, 99))
    component_form.set_state(session, key, "abandoned", "拆除")
    form = component_form.form_of(session, key)
    assert (form.history[0].after, form.history[0].reason) == ("废弃", "拆除")
    assert (form.place, form.count) == (1, 4)
    assert component_form.neighbour(session, key, -1) == ObjectKey(layer_id, 4)


def test_the_check_sign_of_a_credit_code_finds_every_single_slip() -> None:
    good = "91350100M000100Y43"  # the example of the standard
    assert fault_of(good) == ""
    slips = {good[:at] + sign + good[at + 1 :] for at in range(18) for sign in SIGNS if sign != good[at]}
    assert {fault_of(one) for one in slips} == {"check"}
    assert fault_of("9135") == "length"
    assert fault_of(good.replace("M", "O")) == "sign"


def test_a_table_is_offered_the_register_that_its_fields_speak_of(session: Session) -> None:
    assert register_import.likely_kind(session, opened(session, {CODES[0]: "完好"})) == "components"
    points = [Point(500_000, 4_000_000), Point(500_010, 4_000_000)]
    wells = gpd.GeoDataFrame(
        {"ID": ["DMH1", "DMH2"], "RIM": [9.5, 9.6], "INVERT": [7.0, 7.1]}, geometry=points, crs="EPSG:32650"
    )
    table = pd.DataFrame({"起点点号": ["1"], "终点点号": ["2"], "管径": ["300"]})
    for name, frame, kind in (("wells", wells, "nodes"), ("lines", table, "pipes")):
        layer = Layer(name, name, "vector")
        session.project.put_data(name, VectorData(frame))
        session.history.do("history.open_file", lambda state, layer=layer: state.with_layer(layer))
        assert register_import.likely_kind(session, name) == kind

"""Positions of a controller's table are taken into the register, as one step, and on the command line."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pyproj
import pytest
from shapely.geometry import Point

from app.background.jobs import Jobs
from app.command_line import main as cli
from app.session import Session
from app.settings import Settings
from app.usecases.facilities import positions
from app.usecases.project import opening
from models.core.errors import UserError


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    yield made
    made.close()


def with_register(session: Session, folder: Path) -> str:
    codes = [f"370199010100000{number}" for number in range(1, 5)]
    places = [Point(500000 + 10 * number, 4050000) for number in range(4)]
    frame = gpd.GeoDataFrame({"ObjID": codes, "accuracy_class": ["C"] * 4}, geometry=places, crs="EPSG:4548")
    frame.to_file(folder / "井盖.gpkg", layer="井盖")
    opening.open_files(session, [folder / "井盖.gpkg"])
    layer = session.project.state.layers[0].id
    session.history.do("history.open_file", lambda state: replace(
        state, layers=tuple(replace(one, role="facilities") for one in state.layers)))  # fmt: skip
    return layer


def controller_table(path: Path) -> Path:
    rows = "3701990101000001,500003,4050004,31.8,固定解,0.012,1.8\n3701990101000002,500010.5,4050000,30,单点解,,1.8\n"
    path.write_bytes(("点名,东坐标,北坐标,高程,解状态,HRMS,天线高\n" + rows).encode("gb18030"))
    return path


def test_positions_are_taken_with_their_class_and_taken_back(session: Session, tmp_path: Path) -> None:
    register = with_register(session, tmp_path)
    opening.open_files(session, [controller_table(tmp_path / "rtk.csv")], "EPSG:4548", {"x": "东坐标", "y": "北坐标"})
    points = session.project.state.layers[-1].id
    assert [one.id for one in positions.point_layers(session)].count(points) == 1
    found = positions.compare(session, points, register).table
    assert found["offset_m"].tolist() == pytest.approx([5.0, 0.5], abs=1e-6)
    assert positions.take(session, register, found[found["accuracy_class"] == "A"], source="rtk.csv", heights=True) == 1
    table = session.project.data[register].frame  # type: ignore[union-attr]
    assert (table.geometry.iloc[0].x, table.geometry.iloc[0].y) == pytest.approx((500003, 4050004), abs=1e-6)
    assert table["accuracy_class"].tolist() == ["A", "C", "C", "C"]
    assert table["ground_m"].iloc[0] == pytest.approx(30.0)
    session.history.undo()
    table = session.project.data[register].frame  # type: ignore[union-attr]
    assert table.geometry.iloc[0].x == pytest.approx(500000)
    assert "ground_m" not in table.columns


def test_points_that_do_not_say_how_sure_they_are_are_refused(session: Session, tmp_path: Path) -> None:
    register = with_register(session, tmp_path)
    (tmp_path / "p.csv").write_text("name,x,y\na,500003,4050004\nb,500005,4050001\n", encoding="utf-8")
    opening.open_files(session, [tmp_path / "p.csv"], "EPSG:4548")
    with pytest.raises(UserError, match=r"gnss\.no_fix"):
        positions.compare(session, session.project.state.layers[-1].id, register)
    with pytest.raises(UserError, match=r"gnss\.same_layer"):
        positions.compare(session, register, register)


def test_the_command_line_says_what_was_off_and_saves_what_is_surer(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_register(session, tmp_path)
    opening.save_project(session, tmp_path / "city.gpkg")
    table = tmp_path / "rtk.csv"
    table.write_text("name,lon,lat,fix,hrms\n3701990101000001,117.0,36.58,fixed,0.01\n", encoding="utf-8")
    out = tmp_path / "new.gpkg"
    command = ["facilities", "positions", str(tmp_path / "city.gpkg"), str(table), "--out", str(out), "--json"]
    assert cli.run([*command, "--lang", "en"]) == cli.DONE
    said = json.loads(capsys.readouterr().out)
    assert said["taken"] == 1
    assert said["rows"][0]["matched"] == "name"
    east, north = pyproj.Transformer.from_crs(4326, 4548, always_xy=True).transform(117.0, 36.58)
    assert said["rows"][0]["offset_m"] == pytest.approx(math.hypot(east - 500000, north - 4050000), abs=0.01)
    opening.open_project(session, out)
    assert len(session.project.state.layers) == 1
    assert session.project.data[session.project.state.layers[0].id].frame["accuracy_class"].iloc[0] == "A"  # type: ignore[union-attr]

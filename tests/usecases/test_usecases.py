"""The verbs, as the window, the command line and scripts use them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.facilities import facilities
from app.usecases.health import health
from app.usecases.layers import layers
from app.usecases.project import opening
from app.usecases.project import project_frame as first_place
from app.usecases.query import describe
from app.usecases.query import query as ask
from app.usecases.views import snapshots as pictures
from app.usecases.views import viewpoints
from app.window.shell.panel_values import facility_items
from models.core.errors import UserError
from models.crs.frame import Frame
from models.layers.layer import Layer, ModelData, RasterData, Style, VectorData
from models.project.project import ProjectState
from models.project.selection import ObjectKey
from models.views.viewpoint import Camera, Theme

FRAME = Frame("EPSG:4548", "EPSG:5737", (502000, 4059000, 0))
CAMERA = Camera((501000.0, 4058000.0, 900.0), (502000.0, 4059000.0, 40.0))


def city(session: Session) -> None:
    """Open a city of three buildings, four components and two districts."""
    square = [box(502000 + 30 * i, 4059000, 502020 + 30 * i, 4059010) for i in range(3)]
    buildings = gpd.GeoDataFrame(
        {"name": ["甲", "乙", "丙"], "name_en": ["A", "B", ""], "storeys": [6, 18, 3], "height_m": [18.0, 54.0, np.nan],
         "use": ["residential", "office", "residential"], "year": [1998, 2015, 2001]},
        geometry=square, crs="EPSG:4548", index=[11, 12, 13],
    )  # fmt: skip
    codes = ["3701020101000001", "3701020101000002", "3701020103000003", "bad"]
    components = gpd.GeoDataFrame(
        {"ObjID": codes, "ObjName": ["给水井盖"] * 4, "ObjState": ["完好", "破损", None, "完好"],
         "bearing_deg": [0.0, 90.0, 5.5, 1.0]},
        geometry=[Point(502000 + i, 4059000) for i in range(4)], crs="EPSG:4548", index=[1, 2, 3, 4],
    )  # fmt: skip
    state = ProjectState(
        name="试验城",
        name_en="Test city",
        frame=FRAME,
        layers=(
            Layer("buildings", "建筑", "vector", "buildings", name_en="Buildings", synthetic=True),
            Layer("components", "部件", "vector", "facilities", name_en="Components"),
        ),
    )
    session.project.replace_all(state, {"buildings": VectorData(buildings), "components": VectorData(components)}, None)


def with_districts(session: Session) -> None:
    """Add two districts, so that indicators have units."""
    frame = gpd.GeoDataFrame(
        {"code": ["370102001", "370102002"], "name": ["东街", "西街"], "population": [1000, 2000]},
        geometry=[box(502000, 4058900, 502100, 4059100), box(501900, 4058900, 502000, 4059100)], crs="EPSG:4548",
        index=[1, 2],
    )  # fmt: skip
    session.project.put_data("districts", VectorData(frame))
    session.project.set_state(session.project.state.with_layer(Layer("districts", "街区", "vector", "districts")))
    session.project.mark_saved()


def write_points(path: Path, name: str = "甲", x: float = 117.0, y: float = 36.6) -> Path:
    feature = {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Point", "coordinates": [x, y]}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


# --- opening ----------------------------------------------------------------------------------------------------------


def test_the_first_layer_brings_the_frame_and_one_undo_takes_both_away(session: Session, tmp_path: Path) -> None:
    before = session.project.state
    opening.open_files(session, [write_points(tmp_path / "点.geojson")])
    state = session.project.state
    assert state.frame is not None
    assert state.frame.horizontal == "EPSG:4548"
    assert all(isinstance(value, int) for value in state.frame.origin)
    assert [layer.source.path for layer in state.layers] == [""], "vector data is kept inside the project"
    session.history.undo()
    assert session.project.state == before
    session.history.redo()
    assert session.project.state == state


def test_data_outside_china_gets_a_zone_of_its_own(session: Session, tmp_path: Path) -> None:
    opening.open_files(session, [write_points(tmp_path / "a.geojson", x=4.9, y=52.4)])
    assert session.project.state.frame is not None
    assert session.project.state.frame.horizontal == "EPSG:32631"


def test_a_second_layer_keeps_the_frame(session: Session, tmp_path: Path) -> None:
    opening.open_files(session, [write_points(tmp_path / "a.geojson"), write_points(tmp_path / "b.geojson", x=120.0)])
    assert len(session.project.state.layers) == 2
    assert len({layer.id for layer in session.project.state.layers}) == 2
    assert session.project.state.frame is not None
    assert session.project.state.frame.horizontal == "EPSG:4548"


def test_saved_and_opened_again_a_project_is_equal(session: Session, tmp_path: Path) -> None:
    city(session)
    viewpoints.save_viewpoint(session, "全景", CAMERA, "Overview")
    opening.save_project(session, tmp_path / "城")
    path = session.project.path
    assert path == tmp_path / "城.gpkg"
    assert session.project.is_saved
    saved = session.project.state
    opening.new_project(session)
    assert session.project.state == ProjectState()
    opening.open_project(session, path)
    assert session.project.state == saved
    assert len(session.project.data["buildings"].frame) == 3  # type: ignore[union-attr]
    assert not session.history.undo_label
    assert session.settings.get("recent")[0] == str(path)


def test_a_project_that_cannot_be_opened_leaves_the_old_one(session: Session, tmp_path: Path) -> None:
    city(session)
    before, data = session.project.state, session.project.data
    (tmp_path / "bad.gpkg").write_bytes(b"SQLite format 3\0 and then nothing")
    with pytest.raises(UserError):
        opening.open_project(session, tmp_path / "bad.gpkg")
    assert session.project.state == before
    assert session.project.data is data


def test_a_missing_linked_source_keeps_its_layer_and_says_so(session: Session, tmp_path: Path) -> None:
    city(session)
    terrain = Layer("dem", "地形", "terrain", "terrain", source=opening_source(tmp_path / "gone" / "dem.tif"))
    session.history.do("history.open_file", lambda state: state.with_layer(terrain))
    opening.save_project(session, tmp_path / "c.gpkg")
    opening.open_project(session, tmp_path / "c.gpkg")
    assert [layer.id for layer in session.project.state.layers] == ["buildings", "components", "dem"]
    assert "dem" not in session.project.data
    assert "caution.project.source_missing" in [notice.key for notice in session.notices.all]
    assert session.project.is_saved


def opening_source(path: Path) -> Any:
    from models.layers.layer import Source

    return Source(path=str(path), reader="raster", crs="EPSG:4548")


def test_linked_sources_move_with_their_project(session: Session, tmp_path: Path) -> None:
    city(session)
    here = tmp_path / "here"
    (here / "files").mkdir(parents=True)
    (here / "files" / "dem.tif").write_bytes(b"not read here")
    terrain = Layer("dem", "地形", "terrain", "terrain", source=opening_source(here / "files" / "dem.tif"))
    session.history.do("history.open_file", lambda state: state.with_layer(terrain))
    opening.save_project(session, here / "c.gpkg")
    here.rename(tmp_path / "there")
    opening.open_project(session, tmp_path / "there" / "c.gpkg")
    assert session.project.state.layer("dem").source.path == str(tmp_path / "there" / "files" / "dem.tif")


def test_saving_without_a_name_is_refused(session: Session) -> None:
    city(session)
    with pytest.raises(UserError, match=r"project\.no_path"):
        opening.save_project(session)


def test_recent_files_are_few_and_newest_first(session: Session) -> None:
    for number in range(15):
        opening.add_recent(session, Path(f"{number}.gpkg"))
    opening.add_recent(session, Path("12.gpkg"))
    recent = session.settings.get("recent")
    assert recent[:2] == ["12.gpkg", "14.gpkg"]
    assert len(recent) == opening.RECENT_LIMIT
    assert len(set(recent)) == len(recent)


def test_layers_tell_the_window_when_their_data_arrives(session: Session, tmp_path: Path) -> None:
    told: list[str] = []
    session.project.data_changed.connect(told.append)
    opening.open_files(session, [write_points(tmp_path / "a.geojson")])
    assert told == [session.project.state.layers[0].id]


def test_a_raster_and_a_model_have_a_place() -> None:
    raster = RasterData(
        np.array([[1.0, np.nan], [3.0, 4.0]], np.float32), (10.0, 0, 500000.0, 0, -10.0, 4000000.0), "EPSG:4548"
    )
    place = first_place.place_of(raster)
    assert place is not None
    assert place[0] == "EPSG:4548"
    assert place[1].min(axis=0).tolist() == [500000, 3999980, 1]
    assert place[1].max(axis=0).tolist() == [500020, 4000000, 4]
    empty = RasterData(np.full((2, 2), np.nan, np.float32), (10.0, 0, 0, 0, -10.0, 0), "EPSG:4548")
    assert first_place.place_of(empty) is None
    nowhere = VectorData(gpd.GeoDataFrame({"a": [1]}, geometry=[None], crs="EPSG:4548"))
    assert first_place.place_of(nowhere) is None


# --- layers -----------------------------------------------------------------------------------------------------------

verbs = st.sampled_from(
    ["remove", "rename", "hide", "show", "style", "role", "move", "view", "forget", "theme", "name"]
)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.tuples(verbs, st.sampled_from(["buildings", "components"]), st.integers(-2, 3)), max_size=12))
def test_undoing_everything_gives_back_an_equal_project(steps: list[tuple[str, str, int]]) -> None:
    session = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=Path("unused"))
    city(session)
    start = session.project.state
    for verb, layer, number in steps:
        try:
            do(session, verb, layer, number)
        except UserError as error:
            assert error.code in ("project.no_layer", "view.unknown")  # noqa: PT017 - what is gone is gone
    end = session.project.state
    while session.history.undo_label:
        session.history.undo()
    assert session.project.state == start
    assert session.project.is_saved
    while session.history.redo_label:
        session.history.redo()
    assert session.project.state == end
    session.close()


def do(session: Session, verb: str, layer: str, number: int) -> None:
    match verb:
        case "remove":
            layers.remove_layer(session, layer)
        case "rename":
            layers.rename_layer(session, layer, f"层 {number}")
        case "hide" | "show":
            layers.set_visible(session, layer, verb == "show")
        case "style":
            layers.set_style(session, layer, Style(opacity=0.5 + number / 10))
        case "role":
            layers.set_role(session, layer, "roads")
        case "move":
            layers.move_layer(session, layer, number)
        case "view":
            viewpoints.save_viewpoint(session, f"视点 {number}", CAMERA)
        case "forget":
            viewpoints.delete_viewpoint(session, viewpoints.find_viewpoint(session.project.state, f"视点 {number}").id)
        case "theme":
            health.set_theme(session, Theme("facilities"))
        case "name":
            opening.rename_project(session, f"城 {number}")


def test_a_failed_command_leaves_no_trace(session: Session) -> None:
    city(session)
    before = session.project.state
    for command in (
        lambda: layers.rename_layer(session, "buildings", "  "),
        lambda: layers.set_role(session, "buildings", "spaceship"),
        lambda: layers.remove_layer(session, "nothing"),
        lambda: viewpoints.save_viewpoint(session, " ", CAMERA),
        lambda: viewpoints.delete_viewpoint(session, "nothing"),
    ):
        with pytest.raises(UserError):
            command()
    assert session.project.state == before
    assert not session.history.undo_label


def test_moving_beyond_the_ends_means_the_ends(session: Session) -> None:
    city(session)
    layers.move_layer(session, "buildings", 99)
    assert [layer.id for layer in session.project.state.layers] == ["components", "buildings"]
    layers.move_layer(session, "buildings", -3)
    assert [layer.id for layer in session.project.state.layers] == ["buildings", "components"]


def test_a_removed_layer_is_no_longer_selected_and_undo_brings_its_data_back(session: Session) -> None:
    city(session)
    session.selection.set([ObjectKey("buildings", 11), ObjectKey("components", 1)])
    layers.remove_layer(session, "buildings")
    assert session.selection.keys == (ObjectKey("components", 1),)
    session.history.undo()
    assert describe.title_of(session, ObjectKey("buildings", 11)) == "甲"


def test_a_view_is_found_by_id_and_by_either_name(session: Session) -> None:
    view = viewpoints.save_viewpoint(session, "全景", CAMERA, "Overview")
    for name in (view.id, "全景", "Overview"):
        assert viewpoints.find_viewpoint(session.project.state, name) == view
    again = viewpoints.save_viewpoint(session, "全景", replace(CAMERA, angle_deg=20.0))
    assert again.id == view.id
    assert len(session.project.state.viewpoints) == 1
    with pytest.raises(UserError) as caught:
        viewpoints.find_viewpoint(session.project.state, "海边")
    assert "全景" in str(caught.value.facts["known"])


# --- what is known of an object ---------------------------------------------------------------------------------------


def rows(session: Session, key: ObjectKey) -> dict[str, str]:
    return {label: value for section in describe.describe(session, key) for label, value in section.rows}


def test_a_building_is_described_with_units_words_and_honest_gaps(session: Session) -> None:
    city(session)
    said = rows(session, ObjectKey("buildings", 13))
    assert said["名称"] == "丙"
    assert said["用途"] == "居住"
    assert said["建成年份"] == "2001"
    assert said["高度"] == "—", "no height is no height, not zero"
    assert said["量算面积"] == "200.0 m²"
    assert "示例数据" in said["数据性质"]
    session.set_lang("en")
    said = rows(session, ObjectKey("buildings", 12))
    assert said["Height"] == "54 m"
    assert said["Use"] == "office"
    assert describe.title_of(session, ObjectKey("buildings", 12)) == "B"
    assert describe.title_of(session, ObjectKey("buildings", 13)) == "丙", "the name there is"


def test_a_component_says_what_its_code_means(session: Session) -> None:
    city(session)
    said = rows(session, ObjectKey("components", 2))
    assert said["行政区划"] == "370102"
    assert said["流水号"] == "000002"
    assert said["部件小类"].startswith("0101 ")
    assert said["朝向"] == "90°"
    assert "部件小类" not in rows(session, ObjectKey("components", 4)), "a bad code says nothing"


def test_an_element_is_described_with_its_property_sets(session: Session) -> None:
    import pandas as pd

    elements = pd.DataFrame(
        {"guid": ["a", "b"], "ifc_class": ["IfcBuilding", "IfcWall"], "name": ["楼", "外墙"], "storey": ["", "一层"],
         "type_name": ["", "240 墙"], "parent": [-1, 0], "has_geometry": [False, True]}
    )  # fmt: skip
    psets = {1: {"Pset_WallCommon": {"IsExternal": True, "ThermalTransmittance": 0.35}, "Empty": {}}}
    model = ModelData(SimpleNamespace(), elements, psets, np.eye(4), "EPSG:4548")  # type: ignore[arg-type]
    session.project.replace_all(
        ProjectState(frame=FRAME, layers=(Layer("m", "模型", "model", "model"),)), {"m": model}, None
    )
    sections = describe.describe(session, ObjectKey("m", 1))
    assert [section.title for section in sections] == ["基本信息", "Pset_WallCommon"]
    assert dict(sections[0].rows)["所在"] == "楼"
    assert dict(sections[1].rows) == {"IsExternal": "是", "ThermalTransmittance": "0.35"}


def test_what_is_not_there_is_said(session: Session) -> None:
    city(session)
    for key in (ObjectKey("buildings", 99), ObjectKey("nothing", 1)):
        with pytest.raises(UserError):
            describe.describe(session, key)


# --- facilities and health --------------------------------------------------------------------------------------------


def test_components_are_counted_and_an_unknown_state_is_not_intact(session: Session) -> None:
    city(session)
    heads, table = facilities.counts_table(session)
    assert heads[0] == "部件类别"
    assert sum(int(row[-1]) for row in table) == 4  # type: ignore[call-overload]
    water = next(row for row in table if str(row[0]).startswith("0101"))
    by_state = dict(zip(heads, water, strict=True))
    assert by_state["完好"] == 1
    assert by_state["破损"] == 1
    opening.new_project(session)
    with pytest.raises(UserError, match=r"facilities\.none"):
        facilities.facility_counts(session)


def test_components_that_a_filter_takes_away_are_neither_counted_nor_listed(session: Session) -> None:
    city(session)
    ask.set_filter(session, "components", "ObjState = '破损' or ObjState is null")
    counted = facilities.facility_counts(session)
    assert counted["total"].to_dict() == {"0101": 1, "0103": 1}
    _, rows = facilities.counts_table(session)
    assert [row[-1] for row in rows] == [1, 1]
    _, items, total = facility_items(session, "", "")
    assert total == len(items) == 1, "of the two that are left one is damaged, of the other nobody knows"
    ask.set_filter(session, "components", "")
    assert facilities.facility_counts(session)["total"].sum() == 4


def test_a_filter_makes_a_result_old_and_taking_it_off_makes_it_good_again(session: Session) -> None:
    city(session)
    with_districts(session)
    health.compute_indicators(session, ("HC25-25",))
    ask.set_filter(session, "components", "ObjState = '破损'")
    assert health.latest(session, "HC25-25") is None
    session.history.undo()
    assert health.latest(session, "HC25-25") is not None


def test_a_result_holds_until_the_layers_change(session: Session) -> None:
    city(session)
    with_districts(session)
    health.compute_indicators(session, ("HC25-25",))
    assert health.latest(session, "HC25-25") is not None
    layers.set_visible(session, "buildings", False)
    assert health.latest(session, "HC25-25") is not None, "what is shown changes no figure"
    session.project.put_data("buildings", session.project.data["buildings"])
    assert health.latest(session, "HC25-25") is None
    assert not health.all_latest(session)


def test_computing_twice_keeps_one_set_of_results(session: Session) -> None:
    city(session)
    with_districts(session)
    health.compute_indicators(session, ("HC25-25",))
    kept = session.project.state.results
    health.compute_indicators(session, ("HC25-25",))
    assert session.project.state.results == kept


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_a_picture_is_specified_as_the_project_is_shown(session: Session) -> None:
    city(session)
    layers.set_visible(session, "components", False)
    spec = pictures.make_spec(session, CAMERA, size=(3840, 2160))
    assert (spec.width_px, spec.height_px) == (3840, 2160)
    assert spec.hidden == ("components",)
    assert spec.camera == CAMERA
    for size in ((10, 10), (20000, 1000)):
        with pytest.raises(UserError, match=r"picture\.bad_size"):
            pictures.make_spec(session, CAMERA, size=size)


def test_without_a_saved_view_everything_is_in_the_picture(session: Session) -> None:
    city(session)
    home = pictures.make_spec(session).camera
    assert home.focal_point[0] == pytest.approx(502040, abs=2)
    assert home.position[2] > home.focal_point[2]
    top = pictures.top_camera(session, (1600, 900))
    assert top.parallel_scale_m is not None
    assert top.parallel_scale_m * 1600 / 900 >= 40
    viewpoints.save_viewpoint(session, "全景", CAMERA)
    assert pictures.make_spec(session).camera == CAMERA


def test_nothing_open_gives_no_picture(session: Session, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"picture\.nothing"):
        pictures.make_spec(session)
    city(session)
    with pytest.raises(UserError, match=r"picture\.bad_suffix"):
        pictures.take_snapshot(session, pictures.make_spec(session), tmp_path / "a.bmp")


@pytest.mark.render
def test_a_picture_is_made_again_and_knows_when_the_project_changed(session: Session, tmp_path: Path) -> None:
    city(session)
    opening.save_project(session, tmp_path / "c.gpkg")
    spec = pictures.make_spec(session, size=(480, 320))
    first = pictures.take_snapshot(session, spec, tmp_path / "a.png").result
    assert first.same_project is None
    opening.open_project(session, tmp_path / "c.gpkg")
    second = pictures.again(session, tmp_path / "a.png", tmp_path / "b.png").result
    assert second.same_project is True
    assert pictures.likeness(tmp_path / "a.png", tmp_path / "b.png") == 1.0
    layers.rename_layer(session, "buildings", "房屋")
    opening.save_project(session)
    third = pictures.again(session, tmp_path / "a.png", tmp_path / "c.png").result
    assert third.same_project is False
    assert "caution.picture.project_changed" in [notice.key for notice in session.notices.all]


# --- the sample city --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_sample_city_opens_whole(sample_session: Session) -> None:
    state = sample_session.project.state
    assert state.synthetic
    assert all(layer.synthetic for layer in state.layers)
    missing = [layer.id for layer in state.layers if layer.id not in sample_session.project.data]
    assert not missing
    assert not [notice.key for notice in sample_session.notices.all if notice.level in ("error", "fault")]


@pytest.mark.slow
def test_the_table_of_the_sample_city_says_that_it_is_synthetic(sample_session: Session, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    health.compute_indicators(sample_session)
    health.export_indicators(sample_session, tmp_path / "a.xlsx")
    health.export_indicators(sample_session, tmp_path / "a.csv")
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["指标值", "问题清单", "部件统计", "说明"]
    for sheet in book:
        assert any("示例数据" in str(cell.value) for row in sheet.iter_rows() for cell in row), sheet.title
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()
    units = len(sample_session.project.data["districts"].frame) + 1  # type: ignore[union-attr]
    assert len(lines) == 1 + units * len(health.CODES)
    assert all("示例数据" in line for line in lines[1:])
    with pytest.raises(UserError, match=r"table\.bad_suffix"):
        health.export_indicators(sample_session, tmp_path / "a.txt")


@pytest.mark.slow
def test_no_data_in_the_table_is_an_empty_cell_not_zero(sample_session: Session, tmp_path: Path) -> None:
    health.compute_indicators(sample_session)
    rows = health.indicator_rows(sample_session)
    unknown = [row for row in rows if row["status"] == "no_data"]
    assert unknown
    assert all(row["value"] is None for row in unknown)

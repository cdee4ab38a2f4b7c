"""Placing a model by hand: the arithmetic, undo, the project file, the words, and real clicks in the window."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.crs import placement as places
from app.usecases.project.project_frame import placed
from app.usecases.query import describe
from models.bim.placement import BY_HAND, Placement, placement_of, standing, two_point_fit
from models.core.errors import UserError
from models.crs.frame import Frame
from models.geometry.meshes import MeshStore
from models.io.ifc.property_sets import PsetStore
from models.layers.layer import Layer, ModelData, RasterData, Source
from models.project.project import ProjectState
from models.project.selection import ObjectKey
from models.store import project_file

FRAME = Frame("EPSG:4548", "EPSG:5737", (502000, 4059000, 0))
metres = st.floats(-1e6, 1e6, allow_nan=False)
near = st.floats(-100, 100, allow_nan=False)


def box_model(size: tuple[float, float, float] = (20.0, 10.0, 8.0)) -> ModelData:
    """Return a house that says nothing about its place: one box on its own origin."""
    x, y, z = size
    corners = np.array([[i, j, k] for i in (0, x) for j in (0, y) for k in (0, z)], dtype=np.float32)
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = np.array([t for a, b, c, d in sides for t in ((a, b, c), (a, c, d))], dtype=np.int32)
    store = MeshStore(
        vertices=corners, faces=faces, mesh_vertices=np.array([0, 8]), mesh_faces=np.array([0, 12]),
        face_material=np.zeros(12, np.int32), materials=np.array([[0.8, 0.8, 0.8, 1.0]], np.float32),
        placement_mesh=np.array([0], np.int32), placement_element=np.array([1], np.int32),
        placement_matrix=np.eye(4)[None],
    )  # fmt: skip
    rows = [("IfcProject", "工程", -1, False), ("IfcWall", "墙", 0, True)]
    elements = pd.DataFrame(rows, columns=["ifc_class", "name", "parent", "has_geometry"])
    for name in ("guid", "storey", "type_name", "long_name", "description", "tag", "object_type", "predefined_type",
                 "material", "classification", "system"):  # fmt: skip
        elements[name] = ""
    elements["elevation_m"] = np.nan
    return ModelData(store, elements, PsetStore.of({}, 2), np.eye(4), "", {"georef": "none"})


def slope() -> RasterData:
    """Return a terrain that rises 1 m in 100 m to the east."""
    values = np.tile(np.arange(101, dtype=np.float32) * 0.1 + 20.0, (101, 1))
    return RasterData(values, (10.0, 0.0, 501500.0, 0.0, -10.0, 4059500.0), "EPSG:4548")


@pytest.fixture
def session(tmp_path: Path) -> Session:
    made = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    state = ProjectState(
        "城", "Town", FRAME,
        (Layer("ground", "地形", "terrain", "terrain"), Layer("house", "楼", "model", "model", Source(reader="ifc"))),
    )  # fmt: skip
    made.project.replace_all(state, {"ground": slope(), "house": placed(box_model(), FRAME)}, None)
    return made


@given(near, near, near, st.floats(0, 359.99), metres, metres, near)
def test_a_placement_moves_rigidly_and_can_be_spoken_of_through_any_point(
    x: float, y: float, z: float, bearing: float, east: float, north: float, height: float
) -> None:
    place = Placement(east, north, height, bearing, "EPSG:4548", (x, y, z))
    matrix = place.matrix()
    assert np.allclose(matrix[:3, :3] @ matrix[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.allclose((matrix @ [x, y, z, 1.0])[:3], [east, north, height], atol=1e-6)
    other = place.anchored((y, z, x))
    assert np.allclose(other.matrix(), matrix, atol=1e-6)
    assert np.allclose(placement_of(matrix, "EPSG:4548", (y, z, x)).matrix(), matrix, atol=1e-5)
    assert Placement.from_dict(place.as_dict()) == place


def test_the_bearing_is_where_the_models_y_axis_points_clockwise_from_north() -> None:
    ahead = Placement(0, 0, 0, bearing_deg=90).matrix() @ [0, 1, 0, 1]
    assert np.allclose(ahead[:3], [1, 0, 0])


@given(st.floats(0, 359.9), metres, metres, st.floats(-50, 50))
def test_two_points_of_a_rigid_motion_give_it_back(bearing: float, east: float, north: float, height: float) -> None:
    truth = Placement(east, north, height, bearing, "EPSG:4548")
    model = [(3.0, -4.0, 1.0), (25.0, 11.0, 2.0)]
    world = [tuple((truth.matrix() @ [*point, 1.0])[:3]) for point in model]
    fit = two_point_fit(model, world, "EPSG:4548")
    assert np.allclose(fit.placement.matrix(), truth.matrix(), atol=1e-6)
    assert fit.residual_m < 1e-6
    assert fit.scale == pytest.approx(1.0, abs=1e-6)


def test_a_fit_never_scales_and_says_what_is_left_over() -> None:
    fit = two_point_fit([(0, 0, 0), (10, 0, 0)], [(100, 200, 5), (100, 212, 6)], "EPSG:4548")
    assert (fit.model_m, fit.world_m, fit.scale) == (10.0, 12.0, 1.2)
    ends = np.array([fit.placement.matrix() @ [*point, 1.0] for point in ((0, 0, 0), (10, 0, 0))])
    assert np.allclose(np.hypot(*(ends[:, :2] - [(100, 200), (100, 212)]).T), fit.residual_m)
    assert fit.residual_m == pytest.approx(1.0)
    assert fit.placement.scale == 1.0
    assert two_point_fit([(0, 0, 0), (10, 0, 0)], [(0, 0, 0), (10000, 0, 0)], "").scale == pytest.approx(1000.0)
    with pytest.raises(UserError, match=r"place\.points_too_near"):
        two_point_fit([(0, 0, 0), (0, 0, 9)], [(0, 0, 0), (5, 0, 0)], "")


def test_a_model_is_placed_undone_and_reset(session: Session) -> None:
    start = places.present_place(session, "house")
    assert start.height_m == pytest.approx(25.0, abs=0.1)  # without a place it stands on the terrain at the origin
    placed = replace(start, east_m=502100.0, north_m=4059050.0, bearing_deg=30.0)
    places.place_model(session, "house", placed)
    assert np.allclose(places.matrix_of(session, "house"), placed.matrix())
    assert places.place_report(session, "house").kind == BY_HAND
    session.history.undo()
    assert session.project.state.layer("house").place is None
    assert np.allclose(places.matrix_of(session, "house"), start.matrix())
    session.history.redo()
    assert session.project.state.layer("house").place == placed
    places.reset_place(session, "house")
    assert np.allclose(places.matrix_of(session, "house"), start.matrix())
    assert session.history.undo_label == "history.reset_place"


def test_a_models_foot_finds_the_terrain(session: Session) -> None:
    data = session.project.data["house"]
    assert isinstance(data, ModelData)
    put = places.on_ground(Placement(502300.0, 4059000.0, 99.0, 45.0, "EPSG:4548"), data, places.ground_of(session))
    east, _, height, _ = put.matrix() @ [10.0, 5.0, 0.0, 1.0]
    assert height == pytest.approx(20.0 + (east - 501505.0) / 100.0, abs=1e-3)


def test_only_models_are_placed(session: Session) -> None:
    with pytest.raises(UserError, match=r"place\.not_a_model"):
        places.place_model(session, "ground", Placement(0, 0, 0))


def test_a_place_survives_the_project_file(session: Session, tmp_path: Path) -> None:
    placed = Placement(502100.125, 4059050.25, 31.5, 123.456789, "EPSG:4548", (1.0, 2.0, 3.0))
    places.place_model(session, "house", placed)
    project_file.save_project(session.project.state, {}, tmp_path / "town.gpkg")
    state, _ = project_file.open_project(tmp_path / "town.gpkg")
    assert state.layer("house").place == placed
    assert state.layer("ground").place is None


def test_the_files_own_place_stays_untouched_below_a_hand_made_one(session: Session) -> None:
    layer, data = places.model_of(session, "house")
    own = replace(data, info={"georef": "map_conversion", "georef_detail": {"certainty": "sure"}})
    stands = standing(replace(layer, place=Placement(1.0, 2.0, 3.0, crs="EPSG:4548")), own)
    assert isinstance(stands, ModelData)
    assert stands.info["georef"] == BY_HAND
    assert np.allclose(stands.placement[:3, 3], [1, 2, 3])
    assert own.info["georef"] == "map_conversion"
    assert standing(layer, own) is own


@pytest.mark.parametrize(("lang", "said"), [("zh", "手动放置"), ("en", "placed by hand")])
def test_the_project_element_says_that_the_model_was_placed_by_hand(session: Session, lang: str, said: str) -> None:
    session.set_lang(lang)
    places.place_model(session, "house", Placement(502100.0, 4059050.0, 31.5, 0.0, "EPSG:4548"))
    sections = {one.title_key: dict(one.rows) for one in describe.describe(session, ObjectKey("house", 0))}
    assert said in sections["section.georef"].values()
    assert "502,100.000, 4,059,050.000, 31.500 m" in sections["section.georef"].values()


def test_a_model_far_from_everything_else_is_noticed(session: Session) -> None:
    assert places.far_caution(session, "house") is None
    places.place_model(session, "house", Placement(602000.0, 4059000.0, 0.0, 0.0, "EPSG:4548"))
    caution = places.far_caution(session, "house")
    assert caution is not None
    assert caution.facts["km"] == 100


@pytest.mark.window
@pytest.mark.skipif(not os.environ.get("DISPLAY") and os.name != "nt", reason="needs a display")
def test_a_model_is_placed_in_the_window_by_four_clicks_and_by_hand(session: Session) -> None:
    from PySide6.QtCore import QEvent, QPoint, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from app import gui

    application = gui.make_application()
    window = gui.make_window(session)
    view = window.canvas.view
    view.animate = False
    window.resize(1000, 640)
    window.show()

    def spin(turns: int = 60) -> None:
        for _ in range(turns):
            application.processEvents()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def at(world: np.ndarray) -> QPoint:
        places_, ahead = view.on_screen(np.asarray(world, dtype=np.float64)[None])
        assert ahead[0]
        return QPoint(*np.round(places_[0]).astype(int).tolist())

    def click(world: np.ndarray) -> None:
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at(world))
        spin()

    try:
        spin()
        window.city.update()
        spin()
        window.city.zoom_to_layer("house")
        view.top_view()
        view.zoom_step(0.3)
        spin()
        window.commands.actions["model.place"].trigger()
        spin()
        tool = window.parts["place"].tool
        assert tool is not None
        assert window.canvas.place_bar.isVisible()
        start = tool.start
        roof = [(start.matrix() @ [*corner, 1.0])[:3] for corner in ((0.3, 0.3, 8.0), (19.7, 9.7, 8.0))]
        click(np.array([start.east_m + 40, start.north_m - 30, start.height_m]))  # not on the model
        assert tool.hint == "place.step.not_model"
        truth = replace(start, north_m=start.north_m - 30.0, east_m=start.east_m + 12.0).turned(40.0)
        for model, corner in zip(roof, ((0.0, 0.0, 0.0), (20.0, 10.0, 0.0)), strict=True):
            click(model)
            goal = (truth.matrix() @ [*corner, 1.0])[:3]
            goal[2] = float(view.ground(goal[:1], goal[1:2])[0])
            click(goal)
        assert tool.hint == "place.step.done"
        assert tool.fit is not None
        assert tool.fit.scale == pytest.approx(1.0, abs=0.1)  # a pixel is decimetres here, and corners are caught
        assert np.hypot(tool.place.east_m - truth.east_m, tool.place.north_m - truth.north_m) < 2.0
        assert tool.place.bearing_deg == pytest.approx(truth.bearing_deg, abs=8.0)
        assert not session.selection.keys
        assert session.project.state.layer("house").place is None
        window.canvas.place_bar.modes["move"].click()
        spin()
        before = tool.place
        grip = at((before.matrix() @ [10.0, 5.0, 0.0, 1.0])[:3])
        QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, grip)
        for step in range(1, 6):
            QTest.mouseMove(view, grip + QPoint(10 * step, 0))
            spin(5)
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, grip + QPoint(50, 0))
        assert tool.place.east_m > before.east_m + 1.0
        assert tool.place.north_m == pytest.approx(before.north_m, abs=0.5)
        view.setFocus()
        east = tool.place.east_m
        QTest.keyClick(view, Qt.Key.Key_Right)
        assert tool.place.east_m == pytest.approx(east + 1.0)
        shown = tool.place
        window.canvas.place_bar.apply.click()
        spin()
        assert session.project.state.layer("house").place == shown
        assert not window.canvas.place_bar.isVisible()
        assert view.guests == [] or tool not in view.guests
        window.commands.actions["model.place"].trigger()
        spin()
        view.setFocus()
        QTest.keyClick(view, Qt.Key.Key_PageUp)
        QTest.keyClick(view, Qt.Key.Key_Escape)
        spin()
        assert window.parts["place"].tool is None
        assert session.project.state.layer("house").place == shown
    finally:
        session.project.mark_saved()
        window.close()
        session.close()
        window.deleteLater()
        spin()

"""Flights, comparison, underground, notes and themes, with real mouse and keys in a small city."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.usecases.views import annotations_and_flights as views
from app.usecases.views import viewpoints
from app.usecases.views.flight_frames import FilmSpec
from models.layers.layer import Layer, RasterData, Style, VectorData
from models.project.project import ProjectState
from models.project.scene import scene_of, with_scene
from models.project.selection import ObjectKey
from models.views.camera import Camera
from models.views.flight_paths import FlightPath
from models.views.visibility import GroundTransparency
from tests.support.window import FRAME, LEFT, click, drag, settle, spin

EAST, NORTH = 502000.0, 4059000.0


def town():
    """Two blocks, red and blue, on a slope."""
    side = 80
    x, _ = np.meshgrid((np.arange(side) + 0.5) * 5 - 200, 200 - (np.arange(side) + 0.5) * 5)
    to = (5.0, 0.0, EAST - 200, 0.0, -5.0, NORTH + 200)
    ground = RasterData((30 + 0.05 * x).astype(np.float32), to, "EPSG:4548")

    def blocks(shapes):
        return VectorData(gpd.GeoDataFrame({"h": [30.0] * len(shapes)}, geometry=shapes, crs="EPSG:4548"))

    box = shapely.box
    before, after = (Style(height_field="h", colour=colour) for colour in ("#d02020", "#2030d0"))
    layers = (
        Layer("terrain", "地形", "terrain", "terrain"),
        Layer("before", "现状", "vector", "buildings", style=before),
        Layer("after", "规划", "vector", "buildings", style=after, visible=False),
        Layer("road", "道路", "vector", "other"),
    )
    road = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(EAST - 150, NORTH - 90), (EAST + 150, NORTH - 90)])], crs="EPSG:4548"
    )
    wide = [box(EAST - 150, NORTH - 30, EAST + 150, NORTH + 30)]
    data = {"terrain": ground, "before": blocks(wide), "after": blocks(wide), "road": VectorData(road)}
    return ProjectState("镇", "Town", FRAME, layers), data


@pytest.fixture
def window(make):
    made = make(city=False)
    state, data = town()
    made.session.project.replace_all(state, data, None)
    settle(made)
    look(made)
    return made


def look(window, back=320.0, up=190.0):
    camera = Camera((EAST, NORTH - back, 30.0 + up), (EAST, NORTH, 35.0), angle_deg=40.0)
    window.context.scene_sync.scene.set_camera(camera)
    window.context.canvas.view.mark_dirty()
    settle(window)


def shown(view, at):
    """The colour under a place of a view."""
    image = view.grabFramebuffer()
    ratio = view.devicePixelRatioF()
    colour = image.pixelColor(round(at.x() * ratio), round(at.y() * ratio))
    return colour.red(), colour.green(), colour.blue()


def place(window, x, y, z=None):
    """Where a world place lies in the view."""
    height = (
        float(window.context.scene_sync.ground.height_m(np.array([EAST + x]), np.array([NORTH + y]))[0])
        if z is None
        else z
    )
    spots, ahead = window.context.canvas.view.on_screen(np.array([[EAST + x, NORTH + y, height]]))
    assert ahead[0]
    return QPointF(*spots[0].tolist())


# --- comparison ---------------------------------------------------------------------------------------------------
def compared(window, mode):
    """Compare the town before with the town after."""
    compare = window.features["comparison"]
    compare.open(mode)
    state = window.session.project.state
    scene = scene_of(state)
    planned = with_scene(state, scene_of(with_scene(state, scene)))
    after = scene_of(planned)
    after = type(after)(("terrain", "after", "road"), ("before",), after.theme, after.styles)
    for number in range(len(compare.panes)):
        compare.set_pane(number, after, "规划")
    assert spin(
        lambda: all(not pane.scene_sync.busy and "after" in pane.scene_sync.scene.layer_ids for pane in compare.panes),
        20,
    )
    settle(window)
    return compare


def test_a_curtain_shows_one_side_before_and_the_other_after_and_its_line_is_dragged(window):
    compare = compared(window, "curtain")
    canvas, pane = window.context.canvas, compare.panes[0]
    assert pane.view.size() == canvas.view.size(), "both pictures are as large as the middle of the window"
    at = place(window, 60, 0, 62.0)
    assert compare.divider.x() < at.x(), "right of the line first"
    window.grab()
    red, _, blue = shown(pane.view, at)
    assert blue > red + 20, "the plan is blue"
    red, _, blue = shown(canvas.view, at)
    assert red > blue + 20, "what is there is red, under the curtain"
    assert canvas.childAt(at.toPoint()) in (pane.view, pane)
    middle = compare.divider.rect().center()
    QTest.mousePress(compare.divider, LEFT, Qt.KeyboardModifier.NoModifier, middle)
    to = compare.divider.mapFromParent(QPoint(int(at.x()) + 60, canvas.height() // 2))
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    QApplication.sendEvent(compare.divider, QMouseEvent(
        QEvent.Type.MouseMove, QPointF(to), compare.divider.mapToGlobal(QPointF(to)), Qt.MouseButton.NoButton, LEFT,
        Qt.KeyboardModifier.NoModifier,
    ))  # fmt: skip
    QTest.mouseRelease(compare.divider, LEFT, Qt.KeyboardModifier.NoModifier, to)
    spin(seconds=0.2)
    assert compare.divider.geometry().center().x() == pytest.approx(at.x() + 60, abs=2)
    assert canvas.childAt(at.toPoint()) not in (pane.view, pane), "the same place is now on the other side"


def test_a_window_closes_while_it_compares_and_its_badge_goes(window):
    """What lays out the pictures must be gone before they are: an error inside Qt's own call ends the program."""
    compared(window, "four")
    window.context.canvas.badge.show()
    window.session.project.mark_saved()
    assert window.close()
    window.context.canvas.badge.hide()
    window.context.canvas.arrange()
    assert window.features["comparison"].panes == []


def test_cameras_of_all_panes_are_one(window):
    compare = compared(window, "four")
    scenes = [window.context.scene_sync.scene, *(pane.scene_sync.scene for pane in compare.panes)]
    drag(window, QPointF(200, 200), QPointF(260, 190))
    assert len({scene.camera for scene in scenes}) == 1
    pane = compare.panes[1]
    pose = pane.view.pose
    pane.view.set_pose(type(pose)(pose.eye + np.array([5.0, 3.0, 2.0]), pose.target, pose.angle_deg))
    assert len({scene.camera for scene in scenes}) == 1, "a hand in any pane moves them all"
    assert window.context.canvas.view.size().width() < window.context.canvas.width() // 2 + 2


def test_arrays_of_a_pane_are_those_of_the_window(window):
    compare = compared(window, "two")
    own = {id(part.points) for part in window.context.scene_sync.scene._layers["terrain"].prepared.parts}
    theirs = {id(part.points) for part in compare.panes[0].scene_sync.scene._layers["terrain"].prepared.parts}
    assert own == theirs


def test_a_click_in_a_pane_selects_in_all(window):
    compare = compared(window, "two")
    view = compare.panes[0].view
    spots, _ = view.on_screen(np.array([[EAST, NORTH - 30, 55.0]]))
    QTest.mouseClick(view, LEFT, Qt.KeyboardModifier.NoModifier, QPointF(*spots[0].tolist()).toPoint())
    assert [key.layer for key in window.session.selection.keys] == ["after"]
    window.session.selection.set([ObjectKey("terrain", 0)])
    compare.stop()
    assert not compare.panes
    assert window.context.canvas.view.width() == window.context.canvas.width()


def test_a_comparison_is_taken_away_as_one_picture(window, tmp_path):
    from PIL import Image

    compare = compared(window, "curtain")
    compare.write_picture(tmp_path / "compare.png")
    assert spin(lambda: (tmp_path / "compare.png").exists(), 60)
    with Image.open(tmp_path / "compare.png") as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    height, width = pixels.shape[:2]
    left, right = (place(window, x, 0, 62.0) for x in (-60, 60))
    one, two = (pixels[int(at.y()), int(at.x())] for at in (left, right))
    assert one[0] > one[2] + 20
    assert two[2] > two[0] + 20
    assert (pixels[height // 2 - 40, width // 2 - 1 : width // 2 + 2] > 235).all(), "a white line between them"


# --- flights ------------------------------------------------------------------------------------------------------
def test_a_path_is_drawn_flown_held_and_scrubbed(window):
    window.context.commands.run("tour.draw")
    tour = window.features["flights"]
    for x in (-100, 0, 100):
        click(window, place(window, x, -100))
    QTest.keyClick(window.context.canvas.view, Qt.Key.Key_Return)
    path = window.session.project.state.paths[0]
    assert len(path.points) == 3
    assert np.allclose([point[0] - EAST for point in path.points], (-100, 0, 100), atol=3)
    QTest.keyClick(window.context.canvas.view, Qt.Key.Key_Space)
    assert tour.is_flying
    assert spin(lambda: tour.seconds > 0.3, 10)
    QTest.keyClick(window.context.canvas.view, Qt.Key.Key_Space)
    assert not tour.is_flying
    assert window.context.scene_sync.scene.camera.position == pytest.approx(
        tour.flight.camera_at(tour.seconds).position, abs=1e-3
    )
    tour.bar.scrubbed.emit(0.5)
    expected = tour.flight.camera_at(tour.flight.duration_s / 2)
    assert window.context.scene_sync.scene.camera.position == pytest.approx(expected.position, abs=1e-3)
    ground = window.context.scene_sync.ground.height_m(*(np.array([v]) for v in expected.position[:2]))[0]
    assert expected.position[2] >= ground + path.height_m - 1e-6
    tour.bar.speed.setValue(10.0)
    assert window.session.project.state.paths[0].speed_mps == 10.0
    window.session.history.undo()
    assert window.session.project.state.paths[0].speed_mps == path.speed_mps


def test_a_selected_line_becomes_a_path_and_frames_are_written(window, tmp_path):
    window.session.selection.set([ObjectKey("road", 0)])
    window.context.commands.run("tour.along")
    tour = window.features["flights"]
    assert tour.path is not None
    assert tour.flight.length_m == pytest.approx(300, abs=0.01)
    views.save_path(window.session, FlightPath(tour.chosen, "路", tour.path.points, speed_mps=300.0))
    spin(seconds=0.1)
    tour.begin_frames(FilmSpec(tmp_path / "film", (96, 64), 1))
    assert spin(lambda: not any(job.title == "job.frames" for job in window.session.jobs.active), 60)
    assert len(list((tmp_path / "film").glob("frame_*.png"))) == 2


def test_page_keys_step_through_the_viewpoints(window):
    for number in range(3):
        camera = Camera((EAST + 10 * number, NORTH - 300, 200.0), (EAST, NORTH, 30.0), angle_deg=40.0)
        viewpoints.save_viewpoint(window.session, f"视点{number}", camera)
    settle(window)
    seen = []
    for _ in range(4):
        window.context.commands.run("view.next")
        spin(seconds=0.1)
        seen.append(round(window.context.scene_sync.scene.camera.position[0] - EAST))
    assert seen == [0, 10, 20, 0]
    window.context.commands.run("view.last")
    assert round(window.context.scene_sync.scene.camera.position[0] - EAST) == 20


def test_a_saved_view_has_a_picture_and_is_moved_in_the_list(window):
    window.features["viewpoints"].save("一")
    window.features["viewpoints"].save("二")
    settle(window)
    kept = window.session.project.state.viewpoints
    assert all(view.thumbnail[:2] == b"\xff\xd8" for view in kept), "JPEG"
    window.features["viewpoints"].panel.show_current(kept[1].id)
    window.features["viewpoints"].panel.up.click()
    assert [view.name for view in window.session.project.state.viewpoints] == ["二", "一"]


# --- underground --------------------------------------------------------------------------------------------------
def test_one_key_makes_the_ground_see_through_and_lets_the_eye_under_it(window):
    view = window.context.canvas.view
    QTest.keyClick(window, Qt.Key.Key_U)
    window.context.commands.run("below.toggle") if window.session.visibility.through is None else None
    assert window.session.visibility.through is not None
    assert view.may_dive
    terrain = window.context.scene_sync.scene._layers["terrain"].bases[0].actor.GetProperty()
    assert terrain.GetOpacity() == pytest.approx(0.35)
    bar = window.features["underground"].bar
    bar.ground.changed.emit(bar.ground.value)
    window.session.visibility.set_through(GroundTransparency(0.2, 0.5, False))
    assert terrain.GetOpacity() == pytest.approx(0.2)
    house = window.context.scene_sync.scene._layers["before"].bases[0].actor.GetProperty()
    assert house.GetOpacity() == pytest.approx(0.5)
    pose = view.pose
    view.set_pose(type(pose)(pose.target + np.array([0.0, -50.0, -40.0]), pose.target, pose.angle_deg))
    assert window.context.scene_sync.scene.camera.position[2] < 20, "under the ground"
    window.context.commands.run("below.toggle")
    assert terrain.GetOpacity() == pytest.approx(1.0)
    assert not view.may_dive


def test_a_pit_is_drawn_with_clicks_cut_out_of_the_ground_and_measured(window):
    window.context.commands.run("below.dig")
    bar = window.features["underground"].bar
    bar.deep.setValue(4.0)
    corners = ((-60, -120), (60, -120), (60, -70), (-60, -70))
    for x, y in corners:
        click(window, place(window, x, y))
    QTest.keyClick(window.context.canvas.view, Qt.Key.Key_Return)
    settle(window)
    pit = window.session.project.state.pits[0]
    assert pit.depth_m == 4.0
    assert spin(lambda: window.features["underground"].volume_of(pit) is not None, 20)
    work = window.features["underground"].volume_of(pit)
    # A slope of 5 % over 120 m, the floor 4 m under its low edge: on average 7 m deep.
    assert work.cut_m3 == pytest.approx(120 * 50 * 7, rel=0.06)
    assert "~pits" in window.context.scene_sync.scene.layer_ids
    at = place(window, 0, -95)
    hit = window.context.scene_sync.scene.pick(*window.context.canvas.view.pixel_at(at))
    assert (
        hit.world[2]
        < window.context.scene_sync.ground.height_m(np.array([hit.world[0]]), np.array([hit.world[1]]))[0] - 2
    )
    window.session.history.undo()
    settle(window)
    hit = window.context.scene_sync.scene.pick(*window.context.canvas.view.pixel_at(at))
    assert hit.world[2] == pytest.approx(30.0, abs=0.5), "the ground is whole again"
    assert "~pits" not in window.context.scene_sync.scene.layer_ids


# --- notes, themes, measures --------------------------------------------------------------------------------------
def test_notes_are_written_dragged_and_taken_back(window):
    window.context.commands.run("notes.pin")
    notes = window.features["annotations"]
    click(window, place(window, -80, -100))
    click(window, place(window, 80, -100))
    pins = window.session.project.state.notes
    assert [pin.number for pin in pins] == [1, 2]
    assert pins[0].points[0][:2] == pytest.approx((EAST - 80, NORTH - 100), abs=2)
    notes.choose("")
    drag(window, place(window, -80, -100), place(window, -40, -120))
    moved = window.session.project.state.notes[0].points[0]
    assert moved[:2] == pytest.approx((EAST - 40, NORTH - 120), abs=3)
    window.session.history.undo()
    assert window.session.project.state.notes == pins
    notes.edit(pins[0].id)
    notes.bar.text.setPlainText("检查")
    notes.bar.done.click()
    assert window.session.project.state.notes[0].text == "检查"
    notes.choose("freehand")
    drag(window, place(window, -50, -60), place(window, 50, -60))
    assert window.session.project.state.notes[-1].kind == "freehand"
    assert len(window.session.project.state.notes[-1].points) > 2


def test_themes_are_saved_and_switched(window):
    views.save_layer_theme(window.session, "现状")
    state = window.session.project.state
    window.session.history.do("history.show_layer", lambda s: with_scene(s, scene_of(state)))
    from app.usecases.layers import layers

    layers.set_visible(window.session, "before", False)
    layers.set_visible(window.session, "after", True)
    views.save_layer_theme(window.session, "规划")
    window.context.commands.run("themes.next")
    assert window.session.project.state.layer("before").visible
    window.context.commands.run("themes.next")
    assert window.session.project.state.layer("after").visible
    menu = window.features["layer_themes"].menu
    window.features["layer_themes"].fill()
    names = [entry.text() for entry in menu.actions() if entry.isCheckable()]
    assert names == ["现状", "规划"]
    assert [entry.isChecked() for entry in menu.actions() if entry.isCheckable()] == [False, True]


def test_a_profile_is_measured_shown_and_copied(window):
    window.context.commands.run("measure.profile")
    for x in (-100, 100):
        click(window, place(window, x, -100))
    QTest.keyClick(window.context.canvas.view, Qt.Key.Key_Return)
    measurer = window.features["section"].measurer
    assert spin(lambda: bool(measurer.results), 10)
    line = measurer.results[0].profile
    assert line.plan_m == pytest.approx(200, abs=3)
    assert line.rise_m == pytest.approx(10, abs=0.3)
    assert window.context.canvas.measure_bar.chart.isVisible()
    window.context.canvas.measure_bar.table.click()
    rows = QGuiApplication.clipboard().text().splitlines()
    assert rows[0] == "distance_m,easting_m,northing_m,height_m"
    assert len(rows) == len(line.along_m) + 1


# --- flights to objects --------------------------------------------------------------------------------------------
def walled(window):
    """A small house in a ring of towers that touch, so that it is hidden from wherever one stands."""
    box = shapely.box
    e, n = EAST, NORTH + 400
    ring = [box(e - 40, n - 40, e + 40, n - 12), box(e - 40, n + 12, e + 40, n + 40),
            box(e - 40, n - 12, e - 12, n + 12), box(e + 12, n - 12, e + 40, n + 12)]  # fmt: skip
    shapes = [box(e - 4, n - 4, e + 4, n + 4), *ring]
    frame = gpd.GeoDataFrame({"h": [4.0, 200.0, 200.0, 200.0, 200.0]}, geometry=shapes, crs="EPSG:4548")
    state = window.session.project.state
    layer = Layer("court", "院子", "vector", "buildings", style=Style(height_field="h"))
    data = {**window.session.project.data, "court": VectorData(frame)}
    window.session.project.replace_all(ProjectState("镇", "Town", FRAME, (*state.layers, layer)), data, None)
    settle(window)
    look(window)


def test_a_flight_fades_what_hides_its_object_until_something_else_is_selected(window):
    walled(window)
    came = []
    window.context.scene_sync.object_flight.arrived.connect(came.append)
    house = ObjectKey("court", 0)
    window.context.requests.go_to(house)
    settle(window)
    scene = window.context.scene_sync.scene
    hiding = {key.oid for key in scene.faded}
    assert hiding
    assert hiding < {1, 2, 3, 4}, "what hides it, and not itself"
    assert len(came) == 1
    middle = came[0].mean(axis=0)
    assert middle[:2] == pytest.approx([EAST, NORTH + 400], abs=1)
    assert not window.context.canvas.pulse.isVisible(), "nothing moves where nothing is animated"
    window.session.selection.set([house, ObjectKey("before", 0)])
    assert {key.oid for key in scene.faded} == hiding, "it is selected still"
    window.session.selection.set(())
    assert not scene.faded


def test_a_flight_ends_with_a_short_ring_around_its_object(window):
    view, pulse = window.context.canvas.view, window.context.canvas.pulse
    view.animate = True
    window.context.requests.go_to(ObjectKey("before", 0))
    assert not pulse.isVisible(), "it has not come yet"
    assert spin(pulse.isVisible, 20)
    assert spin(lambda: not pulse.isVisible(), 20), "and it is short"


def test_a_plan_stays_a_plan_when_one_flies_in_it(window):
    scene = window.context.scene_sync.scene
    scene.set_camera(Camera((EAST, NORTH, 900.0), (EAST, NORTH, 30.0), (0.0, 1.0, 0.0), parallel_scale_m=300.0))
    window.context.requests.go_to(ObjectKey("road", 0))
    settle(window)
    assert scene.camera.parallel_scale_m is not None
    assert scene.camera.focal_point[:2] == pytest.approx([EAST, NORTH - 90], abs=1)
    assert 60 < scene.camera.parallel_scale_m < 300

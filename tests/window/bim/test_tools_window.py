"""The tools that look inside, with real mouse and keys on a house of boxes with known sizes."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from models.layers.layer import Layer
from models.project.project import ProjectState
from models.project.selection import ObjectKey
from models.views.visibility import Cut, ElementAppearance
from tests.support.bim_models import table_model
from tests.support.window import FRAME, LEFT, NONE, at, click, drag, hover, settle, spin

SLAB, WALL, UPPER = 3, 4, 5
#: Where the model's zero stands: turned clockwise by 20°.
TURN_DEG, EAST, NORTH, LEVEL = 20.0, 502000.0, 4059000.0, 30.0


def house():
    data = table_model([
        {"ifc_class": "IfcBuilding", "name": "House"},
        {"ifc_class": "IfcBuildingStorey", "name": "1F", "parent": 0, "elevation_m": 0.0},
        {"ifc_class": "IfcBuildingStorey", "name": "2F", "parent": 0, "elevation_m": 3.0},
        {"ifc_class": "IfcSlab", "name": "slab", "parent": 1, "box": ((-5, -4, -0.3), (10, 8, 0.3))},
        {"ifc_class": "IfcWall", "name": "block", "parent": 1, "box": ((-4, -3, 0), (8, 6, 3))},
        {"ifc_class": "IfcWall", "name": "upper", "parent": 2, "box": ((-4, -3, 3), (4, 6, 2.5))},
    ])  # fmt: skip
    angle = np.radians(-TURN_DEG)
    data.placement[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    data.placement[:3, 3] = [EAST, NORTH, LEVEL]
    data.crs = "EPSG:4548"
    return data


def world(data, *local):
    return (data.placement @ [*local, 1.0])[:3]


@pytest.fixture
def window(make):
    made = make(city=False)
    data = house()
    state = ProjectState("房", "House", FRAME, (Layer("house", "房屋", "model", "model", name_en="House"),))
    made.session.project.replace_all(state, {"house": data}, None)
    settle(made)
    return made


def rest(window):
    settle(window)
    assert spin(lambda: not window.context.scene_sync.visibility.filling, 30)


def measured(window):
    return window.features["section"].measurer.results


def test_a_plane_is_added_along_the_building_and_dragged_by_its_handle(window):
    window.context.commands.run("cut.open")
    bar, overlay = window.context.canvas.section_bar, window.context.canvas.tool_overlay
    assert bar.isVisible()
    QTest.mouseClick(bar.axes["x"], LEFT)
    rest(window)
    plane = window.session.visibility.cut.planes[0]
    along = np.array([np.cos(np.radians(TURN_DEG)), -np.sin(np.radians(TURN_DEG)), 0])
    assert abs(np.dot(plane.normal, along)) == pytest.approx(1.0), "the plane is turned with the building"
    assert bar.offset.value == pytest.approx(5.0, abs=0.01), "half of ten metres, counted from the edge"
    knob = overlay.drawing("cut").knobs[0]
    start, before = at(window, knob.point), window.context.scene_sync.scene.camera
    drag(window, start, start + overlay.direction_px(knob) * -40)
    rest(window)
    moved = window.session.visibility.cut.planes[0]
    assert np.dot(np.subtract(moved.point, plane.point), plane.normal) < -0.2
    shift = at(window, overlay.drawing("cut").knobs[0].point) - (start + overlay.direction_px(knob) * -40)
    assert abs(shift.x()) + abs(shift.y()) < 4, "the handle stays under the cursor"
    assert window.context.scene_sync.scene.camera == before, "a handle moves the cut, not the camera"


def test_a_drag_beside_every_handle_moves_the_camera(window):
    window.context.commands.run("cut.z")
    rest(window)
    before, cut = window.context.scene_sync.scene.camera, window.session.visibility.cut
    drag(window, QPointF(30, 600), QPointF(90, 590))
    assert window.context.scene_sync.scene.camera != before
    assert window.session.visibility.cut == cut


def test_wheel_flip_number_and_chips_change_the_plane(window):
    window.context.commands.run("cut.z")
    bar = window.context.canvas.section_bar
    height = bar.offset.value
    assert height == pytest.approx(LEVEL + (5.5 - 0.3) / 2, abs=0.01), "a horizontal plane is a height"
    _wheel(bar.offset.slide, 120)
    assert window.session.visibility.cut.planes[0].point[2] == pytest.approx(height + 0.1)
    QTest.mouseClick(bar.flip, LEFT)
    assert window.session.visibility.cut.planes[0].normal == (0, 0, -1)
    assert window.session.visibility.cut.planes[0].point[2] == pytest.approx(height + 0.1)
    bar.offset.field.setValue(LEVEL + 1)
    assert window.session.visibility.cut.planes[0].point[2] == pytest.approx(LEVEL + 1)
    QTest.mouseClick(bar.axes["y"], LEFT)
    assert len(window.session.visibility.cut.planes) == 2
    bar.removed.emit(0)
    assert len(window.session.visibility.cut.planes) == 1
    assert abs(window.session.visibility.cut.planes[0].normal[2]) < 1e-9


def _wheel(widget, delta):
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QWheelEvent

    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle, widget.mapToGlobal(middle), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton, NONE,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_a_clicked_face_gives_a_plane_along_it(window):
    data = window.session.project.data["house"]
    window.context.commands.run("cut.open")
    QTest.mouseClick(window.context.canvas.section_bar.face, LEFT)
    click(window, at(window, world(data, 2.0, 0.0, 3.0)))
    rest(window)
    plane = window.session.visibility.cut.planes[0]
    assert plane.normal == pytest.approx((0, 0, 1), abs=1e-6)
    assert plane.point[2] == pytest.approx(LEVEL + 3 - 0.05, abs=1e-3)
    assert window.session.selection.keys == (), "the click was the tool's"


def test_the_box_around_a_selection_fits_it_and_is_dragged_by_a_face(window):
    data = window.session.project.data["house"]
    window.session.selection.set([ObjectKey("house", UPPER)])
    window.context.commands.run("cut.box")
    rest(window)
    box = window.session.visibility.cut.box
    assert np.subtract(box.high, box.low) == pytest.approx([4.6, 6.6, 3.1], abs=1e-3)
    assert box.bearing_deg == pytest.approx(TURN_DEG)
    middle = (np.asarray(box.low) + np.asarray(box.high)) / 2
    assert middle == pytest.approx(world(data, -2, 0, 4.25), abs=1e-3)
    overlay = window.context.canvas.tool_overlay
    top = overlay.drawing("cut").knobs[5]
    start = at(window, top.point)
    drag(window, start, start + overlay.direction_px(top) * 30)
    rest(window)
    dragged = window.session.visibility.cut.box
    assert dragged.high[2] > box.high[2] + 0.1
    assert dragged.low == pytest.approx(box.low)


def test_escape_leaves_the_tool_the_cut_stays_and_the_pill_clears_it(window):
    window.session.selection.set([ObjectKey("house", WALL)])
    window.context.commands.run("cut.z")
    QTest.keyClick(window.context.canvas.view, Qt.Key.Key_Escape)
    assert not window.context.canvas.section_bar.isVisible()
    assert window.session.selection.keys, "Esc left the tool, not the selection"
    assert window.context.canvas.section_notice.isVisible()
    assert window.context.canvas.section_notice.words.text() == "剖切面：1"
    assert window.context.canvas.tool_overlay.drawing("cut") is None
    QTest.mouseClick(window.context.canvas.section_notice.gone, LEFT)
    assert window.session.visibility.cut == Cut()
    assert not window.context.canvas.section_notice.isVisible()


def test_a_storey_plan_cuts_above_its_floor_looks_down_in_parallel_and_goes_back(window):
    before = window.context.scene_sync.scene.camera
    window.context.commands.run("cut.storeys")
    bar = window.context.canvas.storey_bar
    assert [bar.storeys.itemData(row) for row in range(bar.storeys.count())] == [-1, 2, 1]
    bar.storeys.setCurrentIndex(2)
    rest(window)
    (plane,) = window.session.visibility.cut.planes
    assert plane.normal == (0, 0, 1)
    assert plane.point[2] == pytest.approx(LEVEL + 1.2)
    camera = window.context.scene_sync.scene.camera
    assert camera.parallel_scale_m is not None
    up = np.array([np.sin(np.radians(TURN_DEG)), np.cos(np.radians(TURN_DEG))])
    assert np.asarray(camera.up)[:2] == pytest.approx(up, abs=0.01), "the building lies straight in the picture"
    QTest.keyClick(window.context.canvas.view, Qt.Key.Key_PageUp)
    assert window.session.visibility.cut.planes[0].point[2] == pytest.approx(LEVEL + 4.2)
    assert "2F" in window.context.canvas.section_notice.words.text()
    QTest.mouseClick(window.context.canvas.section_notice.back, LEFT)
    rest(window)
    after = window.context.scene_sync.scene.camera
    assert after.parallel_scale_m is None
    assert after.position == pytest.approx(before.position, abs=0.01)
    bar.storeys.setCurrentIndex(0)
    assert window.session.visibility.cut == Cut()


def test_the_slider_draws_the_storeys_apart_and_clear_puts_them_together(window):
    window.context.commands.run("cut.storeys")
    window.context.canvas.storey_bar.apart.slide.setValue(5000)
    spin(seconds=0.1)
    assert window.session.visibility.of("house").lift_m == {2: 1.5, UPPER: 1.5}
    window.session.visibility.set("house", ElementAppearance(frozenset({WALL}), lift_m={2: 1.5, UPPER: 1.5}))
    window.context.commands.run("cut.clear")
    spin(seconds=0.1)
    assert window.session.visibility.of("house") == ElementAppearance(frozenset({WALL})), "what is hidden stays hidden"
    assert window.context.canvas.storey_bar.apart.value == 0


def test_a_distance_snaps_to_corners_and_is_exact(window):
    data = window.session.project.data["house"]
    window.context.commands.run("measure.distance")
    one, two = world(data, -4, -3, 5.5), world(data, 0, 3, 5.5)
    for corner in (one, two):
        place = at(window, corner) + QPointF(2, 1)
        hover(window, place)
        click(window, place)
    (result,) = measured(window)
    assert result.figure.text == f"{np.hypot(4, 6):.3f} m"
    assert np.asarray(result.points) == pytest.approx(np.array([one, two]), abs=1e-3)
    assert window.context.scene_sync.visibility.measures[0].text == result.figure.text
    QTest.keyClick(window.context.canvas.view, Qt.Key.Key_Escape)
    assert not window.context.canvas.measure_bar.isVisible()
    assert len(window.context.scene_sync.visibility.measures) == 1, "results stay in the picture"


def test_area_angle_polyline_and_their_keys(window):
    data = window.session.project.data["house"]
    roof = [world(data, *corner) for corner in ((-4, -3, 5.5), (0, -3, 5.5), (0, 3, 5.5), (-4, 3, 5.5))]
    view = window.context.canvas.view
    window.context.commands.run("measure.area")
    for corner in (roof[0], roof[1], roof[3]):
        click(window, at(window, corner))
    QTest.keyClick(view, Qt.Key.Key_Backspace)
    for corner in roof[2:]:
        click(window, at(window, corner))
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert measured(window)[-1].figure.facts["area"].m2 == pytest.approx(24.0, abs=1e-3)
    window.context.commands.run("measure.angle")
    for corner in roof[:3]:
        click(window, at(window, corner))
    assert measured(window)[-1].figure.text == "90.00°"
    window.context.commands.run("measure.polyline")
    for corner in roof[:3]:
        click(window, at(window, corner))
    QTest.mouseDClick(view, LEFT, NONE, at(window, roof[2]).toPoint())
    assert measured(window)[-1].figure.text == "10.000 m"
    window.context.commands.run("measure.distance")
    click(window, at(window, roof[0]))
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert window.context.canvas.measure_bar.isVisible(), "the first Esc drops what was begun"
    assert len(measured(window)) == 3


def test_shift_measures_at_right_angles(window):
    data = window.session.project.data["house"]
    window.context.commands.run("measure.distance")
    foot = world(data, -4, -3, 5.5)
    click(window, at(window, foot))
    shift = Qt.KeyboardModifier.ShiftModifier
    above = at(window, foot + np.array([0, 0, 2.0])) + QPointF(3, 0)
    hover(window, above, shift)
    click(window, above, shift)
    step = np.diff(np.asarray(measured(window)[-1].points), axis=0)[0]
    assert step[:2] == pytest.approx([0, 0], abs=1e-6)
    assert step[2] == pytest.approx(2.0, abs=0.1)


def test_a_clicked_element_says_its_volume_and_an_open_one_says_that_it_has_none(window):
    data = window.session.project.data["house"]
    window.context.commands.run("measure.volume")
    click(window, at(window, world(data, 2, 0, 3)))
    assert spin(lambda: measured(window), 5)
    assert measured(window)[-1].figure.text == "144.000 m³"
    assert measured(window)[-1].figure.details[0][1]["area"].m2 == pytest.approx(180.0)
    from dataclasses import replace

    from app.window.tools.measurement_text import body_figure

    torn = replace(data, meshes=replace(
        data.meshes, faces=data.meshes.faces[1:], mesh_faces=np.array([0, 11]),
        face_material=data.meshes.face_material[1:],
    ))  # fmt: skip
    figure = body_figure(torn, WALL, "block")
    assert figure.title(window.appearance.word) == "网格不封闭：没有体积"


def test_results_are_copied_and_deleted_one_by_one_and_follow_the_language(window):
    data = window.session.project.data["house"]
    window.context.commands.run("measure.point")
    click(window, at(window, world(data, -4, -3, 5.5)))
    click(window, at(window, world(data, 0, -3, 5.5)))
    east, north, height = world(data, 0, -3, 5.5)
    window.context.canvas.measure_bar.copy_requested.emit(1)
    line = QGuiApplication.clipboard().text()
    assert line.startswith("坐标\t")
    assert f"{east:.3f}" in line
    assert f"{north:.3f}" in line
    assert f"{height:.3f}" in line
    window.features["display"].set_lang("en")
    spin(seconds=0.2)
    window.context.canvas.measure_bar.copy_requested.emit(-1)
    text = QGuiApplication.clipboard().text()
    assert text.count("\n") == 1
    assert text.startswith("Point\t")
    window.context.canvas.measure_bar.delete_requested.emit(0)
    assert len(measured(window)) == 1
    assert measured(window)[0].points[0] == pytest.approx((east, north, height), abs=1e-3)
    window.context.commands.run("measure.clear")
    assert window.context.scene_sync.visibility.measures == ()


def test_a_finer_stage_is_swapped_in_where_one_is_and_keeps_look_and_cut(window):
    given = []
    scene = window.context.scene_sync.scene
    for name in ("set_look", "set_cut"):
        act = getattr(scene, name)
        setattr(scene, name, lambda *a, _act=act, _name=name, **k: (given.append((_name, a)), _act(*a, **k)))
    window.session.visibility.set("house", ElementAppearance(frozenset({SLAB})))
    window.context.commands.run("cut.z")
    rest(window)
    camera, shown = scene.camera, []
    window.context.scene_sync.loading_changed.connect(lambda: shown.append(window.context.scene_sync.loading))
    given.clear()
    window.session.project.put_data("house", house())
    rest(window)
    assert window.context.scene_sync.scene is scene
    assert scene.camera == camera
    assert {name for name, _ in given} == {"set_look", "set_cut"}
    assert all(total == 0 for _, total, _ in shown), "a swap shows no loading card"


def test_the_menu_of_the_picture_offers_what_the_tools_can_do(window):
    part = window.features["section"]
    key = ObjectKey("house", UPPER)
    window.session.selection.set([key])
    place = tuple(world(window.session.project.data["house"], -2, 0, 5.5))
    words = [action.text() for action in part.context_actions(key, place) if not action.isSeparator()]
    assert words[-2:] == ["围绕此构件的剖切框", "从这里量测"]
    assert len(words) == 6
    part.context_actions(key, place)[-1].trigger()
    click(window, at(window, world(window.session.project.data["house"], 0, 3, 5.5)))
    assert measured(window)[0].points[0] == pytest.approx(place)

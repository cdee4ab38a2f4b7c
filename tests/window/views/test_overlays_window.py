"""What floats over the city: nothing covers anything, the legend goes where a hand puts it, the bar says lengths."""

import itertools
from dataclasses import replace

import geopandas as gpd
import pytest
import shapely
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest

from app.settings import Settings
from models.layers.layer import Layer, VectorData
from models.project.selection import ObjectKey
from models.views.camera import Camera
from models.views.visibility import GroundTransparency
from tests.support.window import LEFT, NONE, drag_widget, settle, spin

SMALL_PX = (1366, 768)


@pytest.fixture
def small(make, request):
    window = make(lang=getattr(request, "param", "zh"))
    window.resize(*SMALL_PX)
    settle(window)
    return window


def overlays(window):
    """What is seen over the picture, with its place on the canvas."""
    canvas = window.context.canvas
    from viewers.widgets.canvas.visibility_notice import VisibilityNotice

    pieces = [canvas.compass, canvas.buttons, canvas.legend, canvas.scale_bar, canvas.badge, canvas.section_notice,
              canvas.loading_card, *canvas.cards, *canvas.names(), *canvas.findChildren(VisibilityNotice)]  # fmt: skip
    return {
        type(piece).__name__: QRect(piece.mapTo(canvas, QPoint()), piece.size())
        for piece in pieces if piece.isVisible()
    }  # fmt: skip


def assert_clear(window, state):
    spin(seconds=0.05)
    found, canvas = overlays(window), window.context.canvas
    for name, place in found.items():
        assert canvas.rect().contains(place), f"{state}: {name} reaches out of the picture"
    for (one, first), (two, second) in itertools.combinations(found.items(), 2):
        assert not first.intersects(second), f"{state}: {one} covers {two}"
    return found


@pytest.mark.parametrize("small", ["zh", "en"], indirect=True)
def test_nothing_over_the_city_covers_anything_on_a_small_screen(small):
    found = assert_clear(small, "as it opens")
    assert {"Compass", "ViewButtons", "LegendCard", "ScaleBar"} <= set(found)
    run = small.context.commands.run
    for state, opening in (("underground", "below.toggle"), ("flights", "tour.open"), ("notes", "notes.open"),
                           ("section", "cut.open"), ("sun", "sun.toggle"), ("measuring", "measure.open")):  # fmt: skip
        if opening in small.context.commands.actions:
            run(opening)
            assert_clear(small, state)
    for mode in ("curtain", "two", "four"):
        small.features["comparison"].start(mode)
        assert spin(lambda: all(not pane.scene_sync.busy for pane in small.features["comparison"].panes), 20)
        assert_clear(small, mode)
    small.features["comparison"].stop()
    small.context.canvas.loading_card.show_progress("载入中", "道路 645", 0.3)
    assert_clear(small, "loading")


def test_the_legend_goes_where_it_is_drawn_and_is_there_next_time(make, tmp_path):
    settings = Settings(tmp_path / "settings.toml")
    window = make(settings=settings)
    canvas, legend = window.context.canvas, window.context.canvas.legend
    corner = legend.pos()
    drag_widget(legend, QPoint(30, 12), QPoint(260, -120))
    assert (legend.pos() - corner).manhattanLength() > 250
    assert canvas.rect().contains(legend.geometry())
    moved, room = legend.pos(), canvas.size()
    again = make(settings=Settings(tmp_path / "settings.toml"))
    assert again.context.canvas.size() == room
    assert (again.context.canvas.legend.pos() - moved).manhattanLength() <= 4
    QTest.mouseDClick(legend, LEFT, NONE, QPoint(30, 12))
    assert legend.pos() == corner, "a double click takes it back"


def test_a_folded_legend_stays_folded(make, tmp_path):
    window = make(settings=Settings(tmp_path / "settings.toml"))
    legend = window.context.canvas.legend
    tall = legend.height()
    QTest.mouseClick(legend.fold, LEFT)
    assert legend.height() < tall / 2
    again = make(settings=Settings(tmp_path / "settings.toml"))
    assert again.context.canvas.legend.height() == legend.height()


def test_a_long_legend_scrolls_and_leaves_room_for_the_picture(window):
    from viewers.legend import Legend, LegendEntry

    canvas = window.context.canvas
    entries = tuple(LegendEntry(f"类别 {k}", "#336699", count=k) for k in range(80))
    canvas.legend.set_legend(Legend("很长", entries))
    assert canvas.legend.height() < canvas.height() - 60
    assert canvas.legend._scroll.verticalScrollBar().maximum() > 0


def test_the_scale_bar_says_a_round_length_at_the_middle_and_a_plan_its_scale(window):
    bar, scene = window.context.canvas.scale_bar, window.context.scene_sync.scene
    scene.set_camera(Camera((502000.0, 4058500.0, 400.0), (502000.0, 4059000.0, 0.0), angle_deg=40.0))
    window.context.canvas.view.mark_dirty()
    settle(window)
    assert bar.isVisible()
    assert "画面中央" in bar.text
    view = window.context.canvas.view
    middle = view.ground_point(view.rect().center().toPointF())
    assert bar.bar_px == pytest.approx(bar.length_m / view.pose.pixel_m(middle, view.height()), rel=0.01)
    assert 30 < bar.bar_px <= 96
    metres = 0.0254 / 96 * view.height() * 2500  # so much is as high as the view at 1 : 2,500
    scene.set_camera(Camera((502000.0, 4059000.0, 900.0), (502000.0, 4059000.0, 0.0), (0.0, 1.0, 0.0),
                            parallel_scale_m=metres / 2))  # fmt: skip
    view.mark_dirty()
    settle(window)
    assert "1 : 2,500" in bar.text
    assert bar.length_m * 96 / 0.0254 / 2500 == pytest.approx(bar.bar_px, rel=0.01)


def test_a_closed_card_takes_the_open_ground_along_and_another_tool_is_told_of_it(window):
    run, canvas = window.context.commands.run, window.context.canvas
    run("below.toggle")
    assert window.session.visibility.through is not None
    card = window.features["underground"].bar
    run("tour.open")
    assert not card.isVisible()
    assert window.session.visibility.through is not None, "the next tool is used in the open ground"
    assert "透视地面" in canvas.section_notice.words.text()
    QTest.mouseClick(canvas.section_notice.gone, LEFT)
    assert window.session.visibility.through is None
    assert not canvas.section_notice.isVisible()
    run("below.toggle")
    QTest.mouseClick(card.shut, LEFT)
    assert window.session.visibility.through is None
    assert not canvas.section_notice.isVisible()


def test_the_notice_of_the_open_ground_opens_its_card(window):
    window.session.visibility.set_through(GroundTransparency())
    QTest.mouseClick(window.context.canvas.section_notice.words, LEFT)
    assert window.features["underground"].bar.isVisible()


def test_a_new_path_starts_from_about_the_present_height_and_lasts_half_a_minute(window):
    flights = window.features["flights"]
    flights.open()
    assert flights.bar.above.value() >= 40, "nothing absurd before there is a path"
    assert flights.bar.speed.value() >= 5
    scene = window.context.scene_sync.scene
    scene.set_camera(Camera((502000.0, 4058500.0, 122.0), (502000.0, 4059000.0, 0.0), angle_deg=40.0))
    import numpy as np

    flights._on_drawn(np.array([[501000.0, 4059000.0, 0.0], [502200.0, 4059000.0, 0.0]]))
    assert flights.path.height_m == pytest.approx(120.0, abs=5.0)
    assert flights.path.speed_mps == 40.0


def test_a_key_moves_nothing_over_anything(small):
    QTest.keyClick(small.context.canvas.view, Qt.Key.Key_T)
    assert_clear(small, "from above")


def test_the_sun_is_chosen_by_date_and_time_lights_the_city_and_goes_with_its_card(window):
    run, canvas, session = window.context.commands.run, window.context.canvas, window.session
    run("sun.toggle")
    card = window.features["sun"].bar
    assert card.isVisible()
    assert session.visibility.sun is not None
    card.date.setDate(card.date.date().fromString("2026-06-21", Qt.DateFormat.ISODate))
    QTest.mouseClick(card.noon, LEFT)
    assert session.visibility.sun.date == "2026-06-21"
    assert 12 * 60 <= session.visibility.sun.minute <= 12 * 60 + 20
    assert "UTC+8" in card.hint.text()
    assert "77°" in card.hint.text()
    scene = window.context.scene_sync.scene
    noon = scene.current_look.to_sun
    assert spin(lambda: "~sun:buildings" in scene.layer_ids, 10), "houses throw shadows"
    card.time.setValue(7 * 12)
    morning = scene.current_look.to_sun
    assert morning[0] > 0.5 > noon[0], "the sun is in the east in the morning"
    run("tour.open")
    assert session.visibility.sun is not None
    assert "2026-06-21 07:00" in canvas.section_notice.words.text()
    QTest.mouseClick(canvas.section_notice.words, LEFT)
    assert card.isVisible()
    QTest.mouseClick(card.shut, LEFT)
    assert session.visibility.sun is None
    assert spin(lambda: "~sun:buildings" not in scene.layer_ids, 10)
    assert not canvas.section_notice.isVisible()


def test_a_selected_park_shows_how_far_it_serves_and_a_hospital_does_not(window):
    park = shapely.box(501600, 4058600, 501700, 4058720)  # 1.2 hectares
    other = shapely.box(501400, 4058400, 501500, 4058500)
    told = {"kind": ["park", "gated_green"], "open_to_public": ["是", "否"]}
    green = gpd.GeoDataFrame(told, geometry=[park, other], crs="EPSG:4548")
    state, data = window.session.project.state, dict(window.session.project.data)
    layers = (*state.layers, Layer("green", "绿地", "vector", "green"))
    window.session.project.replace_all(replace(state, layers=layers), data | {"green": VectorData(green)}, None)
    settle(window)
    scene = window.context.scene_sync.scene
    window.session.selection.set([ObjectKey("green", 0)])
    assert "~service_radius" in scene.layer_ids
    low, high = scene.bounds_of_layer("~service_radius")[:, :2]
    assert low == pytest.approx([501600 - 500, 4058600 - 500], abs=1)
    assert high == pytest.approx([501700 + 500, 4058720 + 500], abs=1)
    window.session.selection.set([ObjectKey("green", 1)])
    assert "~service_radius" not in scene.layer_ids, "no standard gives it one"
    window.session.selection.set([ObjectKey("green", 0)])
    window.context.commands.run("view.service_radius")
    assert "~service_radius" not in scene.layer_ids, "it can be left out"
    window.context.commands.run("view.service_radius")
    assert "~service_radius" in scene.layer_ids

"""What ties the models to the city, with real clicks: facts, topics from findings, the picture's menu, long lists."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from shapely.geometry import Point

from app.usecases.project import adding_layers
from app.usecases.review.topics import find_topic
from models.checks.findings import Finding, Group, Party, Report
from models.core.errors import Caution
from models.layers.layer import Layer, Source
from models.project.selection import ObjectKey
from tests.support.bim_models import table_model
from tests.support.window import settle, spin, tiny_city
from viewers.render.scene.picking import Pick
from viewers.widgets.checks.findings_tree import FindingsModel
from viewers.widgets.common.tree_rows import MOST_SIBLINGS, RANGE, Branch, Heading, TreeRows

LEFT = Qt.MouseButton.LeftButton
#: The house stands on the first block of the tiny city.
AT = (501912.0, 4058912.0, 30.0)
STOREY, WALL = 1, 2


def house():
    data = table_model([
        {"ifc_class": "IfcBuilding", "name": "House", "psets": {"Pset_BuildingCommon": {"YearOfConstruction": "1998"}}},
        {"ifc_class": "IfcBuildingStorey", "name": "1F", "parent": 0, "elevation_m": 0.0},
        {"ifc_class": "IfcWall", "name": "wall", "parent": 1, "box": ((-10, -10, 0), (20, 0.3, 3))},
        {"ifc_class": "IfcSlab", "name": "slab", "parent": 1, "box": ((-10, -10, -0.3), (20, 20, 0.3))},
    ])  # fmt: skip
    data.placement[:3, 3] = AT
    data.crs = "EPSG:4548"
    return data


@pytest.fixture
def window(make):
    made = make(city=False)
    state, data = tiny_city()
    model = Layer("house", "房屋模型", "model", "model", Source(path="house.ifc"), name_en="House model")
    made.session.project.replace_all(state.with_layer(model), {**data, "house": house()}, None)
    settle(made)
    return made


def answer(act):
    """Do something with the next dialog; the list it returns is filled when that was done."""
    seen = []

    def look():
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            QTimer.singleShot(20, look)
        else:
            seen.append(dialog)
            act(dialog)

    QTimer.singleShot(0, look)
    return seen


def findings(count, group="g"):
    party = Party(ObjectKey("house", WALL), "0" * 22, "IfcWall", "wall", "House")
    return tuple(
        Finding(f"{group}{at}", "quality", "warning", "quality.no_name", group, (party,), AT) for at in range(count)
    )


# --- facts --------------------------------------------------------------------------------------------------------
def test_facts_are_shown_with_what_is_not_stated_and_go_into_the_building_below(window):
    session = window.session
    table = []

    def take(dialog):
        rows = [[dialog.table.item(at, column).text() for column in range(5)] for at in range(dialog.table.rowCount())]
        table.extend(rows)
        QTest.mouseClick(dialog.ok, LEFT)

    seen = answer(take)
    session.selection.set([ObjectKey("house", WALL)])
    window.context.commands.run("model.facts")
    settle(window)
    assert seen
    by_name = {row[0]: row for row in table}
    assert by_name[session.word("fact.year")][1] == "1998"
    assert by_name[session.word("fact.lifts")][1] == session.word("bim.not_stated")
    buildings = session.project.data["buildings"].frame
    hit = buildings.index[buildings.geometry.contains(Point(AT[0], AT[1]))][0]
    assert buildings.at[hit, "year"] == 1998
    assert session.selection.keys == (ObjectKey("buildings", int(hit)),)
    titles = [section.title for section in window.features["properties"].panel._shown[2]]
    assert session.word("section.from_model") in titles
    window.context.requests.go_to(ObjectKey("house", 0))
    taken = next(s for s in window.features["properties"].panel._shown[2] if s.title == session.word("section.taken"))
    assert (session.word("field.year"), "1998") in taken.rows
    window.features["editing"].undo()
    assert "year" not in session.project.data["buildings"].frame.columns


def test_a_model_on_no_building_shows_its_facts_but_cannot_give_them(window):
    data = window.session.project.data["house"]
    data.placement[0, 3] += 700
    seen = answer(lambda dialog: dialog.reject())
    window.context.commands.run("model.facts")
    settle(window)
    assert seen
    assert not hasattr(seen[0], "ok")
    assert not window.session.project.state.edits


# --- topics from findings -----------------------------------------------------------------------------------------
def show(window, report):
    window.context.commands.run("checks.quality")
    window.features["checks"].panel.show_report(report)
    spin(seconds=0.1)


def report_of(found, *groups):
    return Report("quality", (("house", "House"),), "2030-01-01T00:00:00", {}, groups, found)


def test_the_button_of_the_checks_makes_topics_that_look_at_their_finding_once(window):
    show(window, report_of(findings(3), Group("g", "", "quality.no_name", "", "", {"failed": 3})))
    assert window.features["checks"].panel.topics.isEnabled()
    QTest.mouseClick(window.features["checks"].panel.topics, LEFT)
    spin(seconds=0.1)
    session = window.session
    assert len(session.project.state.topics) == 3
    topic = find_topic(session, window.features["topics"].panel.current)
    assert topic.views[0].selected[0].ifc_guid == session.project.data["house"].elements["guid"].iat[WALL]
    assert topic.views[0].camera.focal_point == pytest.approx(AT)
    assert [file.name for file in topic.files] == ["house.ifc"]
    window.context.commands.run("checks.quality")
    QTest.mouseClick(window.features["checks"].panel.topics, LEFT)
    assert len(session.project.state.topics) == 3, "the same finding is the same topic"
    window.features["editing"].undo()
    assert not session.project.state.topics


def test_of_many_findings_one_topic_a_group_is_proposed(window):
    groups = (Group("g", "", "quality.no_name"), Group("h", "", "quality.no_material"))
    show(window, report_of((*findings(40), *findings(40, "h")), *groups))
    seen = answer(lambda dialog: QTest.mouseClick(dialog.grouped, LEFT))
    QTest.mouseClick(window.features["checks"].panel.topics, LEFT)
    assert seen
    assert len(window.session.project.state.topics) == 2
    seen = answer(lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Escape))
    window.context.commands.run("checks.quality")
    QTest.mouseClick(window.features["checks"].panel.topics, LEFT)
    assert seen
    assert len(window.session.project.state.topics) == 2


# --- the picture's menu, the menus, notices -----------------------------------------------------------------------
def test_the_menu_of_a_wall_offers_what_can_be_done_with_it(window):
    menu = window.features["context_menu"].menu_of(Pick(ObjectKey("house", WALL), AT))
    texts = [entry.text() for entry in menu.actions() if not entry.isSeparator()]
    actions = window.context.commands.actions
    for name in ("model.isolate", "model.hide", "model.ghost", "model.show_all", "view.zoom_selection"):
        assert actions[name].text() in texts
    for key in ("tools.context.box", "tools.context.measure", "topics.new_here", "view.copy_place"):
        assert window.appearance.word(key) in texts
    assert window.session.selection.keys == (ObjectKey("house", WALL),)
    assert not any(
        one.isSeparator() and two.isSeparator() for one, two in zip(menu.actions(), menu.actions()[1:], strict=False)
    )
    menu.deleteLater()


def test_a_menu_asked_for_on_one_of_several_selected_objects_keeps_them(window):
    keys = [ObjectKey("house", WALL), ObjectKey("house", 3)]
    window.session.selection.set(keys)
    window.features["context_menu"].menu_of(Pick(keys[0], AT)).deleteLater()
    assert window.session.selection.keys == tuple(keys)


def test_a_storey_is_flown_to_though_nothing_of_it_alone_is_drawn(window):
    window.features["navigation"].home()
    spin(seconds=0.1)
    before = window.context.scene_sync.scene.camera
    window.context.requests.go_to(ObjectKey("house", STOREY))
    spin(seconds=0.1)
    camera = window.context.scene_sync.scene.camera
    assert camera != before
    assert camera.focal_point[:2] == pytest.approx(AT[:2], abs=15)


def test_the_model_menu_fits_on_a_small_screen_and_its_checks_stand_below_it(window):
    menu = window.context.commands.menus["model"]
    assert menu.sizeHint().height() < 768
    inner = window.context.commands.menus["model.check"]
    assert inner.menuAction() in menu.actions()
    assert window.context.commands.actions["checks.ids"] in inner.actions()


def test_a_model_without_a_place_gets_one_notice_with_a_way_to_place_it(window):
    class Opened:
        layer = Layer("lost", "lost", "model", "model")
        data = replace(
            table_model([{"ifc_class": "IfcWall", "name": "w", "box": ((900, 900, 0), (4, 1, 3))}], georef="none"),
            cautions=(Caution("io.default_latlon", file="lost.ifc", lat=0, lon=0),
                      Caution("io.no_georeference", file="lost.ifc")),
        )  # fmt: skip

    adding_layers.take_in(window.session, Path("lost.ifc"), [Opened], {})
    settle(window)
    shown = [banner for banner in window.features["messages"].banners.shown if banner.notice.level == "caution"]
    assert [banner.notice.text for banner in shown] == [window.session.word("caution.model.no_place", layer="lost")]
    QTest.mouseClick(shown[0].mend, LEFT)
    spin(seconds=0.1)
    assert window.context.canvas.place_bar.isVisible()
    assert window.features["placement"].tool.layer_id == "lost"


def test_parts_of_one_building_without_a_place_stand_together(window):
    class Opened:
        def __init__(self, name, low):
            self.layer = Layer(name, name, "model", "model")
            self.data = table_model(
                [{"ifc_class": "IfcWall", "name": "w", "box": (low, (4, 1, 3))}], georef="none"
            )  # fmt: skip

    from app.usecases.crs.placement import matrix_of

    for name, low in (("walls", (0, 0, 0)), ("sockets", (2, 3, 1)), ("far", (900, 0, 0))):
        adding_layers.take_in(window.session, Path(f"{name}.ifc"), [Opened(name, low)], {})
    walls, sockets, far = (matrix_of(window.session, name) for name in ("walls", "sockets", "far"))
    assert np.allclose(walls, sockets)
    assert not np.allclose(walls, far)


# --- long lists ---------------------------------------------------------------------------------------------------
def test_no_row_of_a_tree_has_more_children_than_can_be_opened_at_once():
    count = 2 * MOST_SIBLINGS + 5
    leaves = [Heading(f"wall {at}", "IfcWall", (), at) for at in range(count)]
    rows = TreeRows([Branch("a", [Heading("Wall", "class", leaves)], np.ones(count, bool), ["IfcWall"] * count,
                            [f"wall {at}" for at in range(count)])])  # fmt: skip
    assert int(rows.all.count.max()) <= MOST_SIBLINGS
    ranges = [at for at in range(len(rows)) if rows.kinds[at] == RANGE]
    assert [rows.labels[at] for at in ranges] == ["1 – 1,000", "1,001 – 2,000", "2,001 – 2,005"]
    assert rows.elements_below[0] == count
    assert rows.parent[rows.row_of("a", 1500)] == ranges[1]
    hits = rows.matching("2,001")
    assert not hits.any(), "numbers of ranges are nothing to search for"


def test_findings_of_a_large_group_hang_on_ranges_in_their_order(window):
    model = FindingsModel(window.appearance)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_report(report_of(findings(2005), Group("g", "", "quality.no_name")))
    top = model.index(0, 0)
    assert [model.rowCount(model.index(at, 0, top)) for at in range(model.rowCount(top))] == [1000, 1000, 5]
    assert model.order == list(range(2005))
    assert model.number_of(model.index_of(2003)) == 2003
    assert model.index_of(2003).parent().data() == "2,001 – 2,005"
    del tester

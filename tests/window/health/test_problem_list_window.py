"""What fails an indicator, in three clicks: listed, coloured, numbered, and gone through with the keys."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabBar
from shapely import box

from app.usecases.health import health
from app.usecases.query import list_export
from app.window.features.views.theme_titles import themes_of
from models.project.selection import ObjectKey
from models.query.ranking import ranking_of
from models.views.scene_state import Theme
from tests.support.health_city import PARK, at, city, districts, layer_of, park
from tests.support.window import LEFT, NONE, settle, spin
from viewers.render.palette.status_colours import rgba, status
from viewers.widgets.common.ranked_list import RankedColumn, RankedList

CODE = "HC25-25"


def town():
    """Return four parcels, three of them out of reach of the park, each with two houses."""
    corners = [(120, 420), (1500, 100), (1500, 500), (800, 800)]
    sizes = [60, 200, 120, 160]
    parcels = [at(box(x, y, x + size, y + size)) for (x, y), size in zip(corners, sizes, strict=True)]
    houses = [at(box(x + d, y + 5, x + d + 20, y + 25)) for (x, y) in corners for d in (5, 35)]
    return city(
        districts(),
        layer_of("parcels", parcels, code=list("ABCD"), name=["近园", "远村", "小院", "北坡"], land_use=["R2"] * 4),
        park(PARK), layer_of("buildings", houses, height_m=[18.0] * 8, code=[f"H{k}" for k in range(8)]),
    )  # fmt: skip


def click_on(view, place, column=1, modifiers=NONE):
    rect = view.visualRect(view.model().index(place, column))
    QTest.mouseClick(view.viewport(), LEFT, modifiers, rect.center())


def click_tile(board, code):
    place = board.tiles.place_of(code)
    QTest.mouseClick(board.tiles.viewport(), LEFT, NONE, place.center())


@pytest.fixture
def ready(make):
    window = make(city=False)
    window.session.project.replace_all(*town(), None)
    health.compute_indicators(window.session, (CODE,))
    settle(window)
    return window


def test_from_a_loaded_project_to_the_worst_object_in_three_clicks(ready):
    window, panel = ready, ready.features["health"].panel
    clicks = 0
    word = window.appearance.word("panel.health")
    bar, at = next(
        (bar, at) for bar in window.findChildren(QTabBar) for at in range(bar.count()) if word in bar.tabText(at)
        or word in bar.tabToolTip(at)
    )  # fmt: skip
    QTest.mouseClick(bar, LEFT, NONE, bar.tabRect(at).center())
    clicks += 1
    assert spin(lambda: panel.isVisible(), 5)
    click_tile(panel.board, CODE)
    clicks += 1
    settle(window)
    assert window.session.project.state.theme == Theme("indicator", CODE, "problems")
    offered = dict(themes_of(window.context))
    assert "问题对象" in offered[window.session.project.state.theme], "a picture of it can show the same"
    assert panel.page.problems.isVisible()
    assert panel.page.problems.model.rowCount() == 3
    before = window.context.scene_sync.scene.camera
    click_on(panel.page.problems.view, 0)
    clicks += 1
    settle(window)
    assert clicks <= 3
    assert window.session.selection.keys == (ObjectKey("parcels", 2),), "the parcel with most land out of reach"
    assert window.context.scene_sync.scene.camera != before


def test_the_buildings_of_what_fails_are_coloured_and_the_others_step_back(ready):
    window = ready
    window.features["health"].open(CODE)
    settle(window)
    oids, colours = window.context.scene_sync.colours_of("buildings")
    red = set(oids[(colours == rgba(status()["general"]["problem"])).all(axis=1)].tolist())
    assert red == {3, 4, 5, 6, 7, 8}
    assert sorted(oids.tolist()) == list(range(1, 9))
    placed = {one.text for one in window.context.scene_sync.scene._labels.placed}
    assert {"1", "2", "3"} & placed
    legend = window.context.canvas.legend
    assert legend is not None


def test_leaving_the_list_shows_what_was_shown_before_and_is_no_step(ready):
    window = ready
    window.session.history.clear()
    health_ = window.features["health"]
    health_.open(CODE)
    settle(window)
    QTest.mouseClick(health_.panel.back, LEFT)
    assert window.session.project.state.theme == Theme()
    assert health_.panel.opened == ""
    assert not window.session.history.undo_label


def test_the_districts_of_an_open_indicator_are_a_tab_and_colour_the_city_by_value(ready):
    window = ready
    panel = window.features["health"].panel
    window.features["health"].open(CODE)
    settle(window)
    QTest.mouseClick(panel.page.tabs.button(1), LEFT)
    assert window.session.project.state.theme == Theme("indicator", CODE)
    QTest.mouseClick(panel.page.tabs.button(0), LEFT)
    assert window.session.project.state.theme == Theme("indicator", CODE, "problems")


def test_arrow_keys_and_enter_fly_to_each_object_of_the_list(ready):
    window = ready
    window.features["health"].open(CODE)
    settle(window)
    listed = window.features["health"].panel.page.problems
    view = listed.view
    view.setFocus()
    seen = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return):
        QTest.keyClick(view, key)
        spin(seconds=0.3)
        seen.append(window.session.selection.keys[0].oid)
    ranks = [listed.ranking.key(row).oid for row in range(3)]
    assert seen[0] in ranks
    assert seen[1] != seen[0]
    assert seen[2:] == [seen[0], seen[0]]


def test_an_indicator_is_computed_when_its_card_is_clicked_for_the_first_time(make):
    window = make(city=False)
    window.session.project.replace_all(*town(), None)
    settle(window)
    window.context.docks.bring_forward("health")
    panel = window.features["health"].panel
    click_tile(panel.board, CODE)
    settle(window)
    assert panel.opened == CODE
    assert panel.page.problems.model.rowCount() == 3


# --- the list by itself -----------------------------------------------------------------------------------------------


def ranked(count=5):
    rng = np.random.default_rng(3)
    return ranking_of(
        ["a"] * count, np.arange(count),
        {"name": [f"P{k}" for k in range(count)], "loss": rng.random(count),
         "district": [("东", "西")[k % 2] for k in range(count)]},
    )  # fmt: skip


COLUMNS = [
    RankedColumn("", "#", is_number=True, number_format="0"),
    RankedColumn("name", "名称", stretches=True),
    RankedColumn("loss", "ha", lambda loss: f"{loss:.2f}", is_number=True, number_format="0.00"),
    RankedColumn("district", "街道"),
]


@pytest.fixture
def listed(window):
    widget = RankedList(window.appearance)
    widget.resize(420, 300)
    widget.show_ranking(ranked(), COLUMNS, "district", lambda r, rows: f"{len(rows)}/{len(r)}", "全部")
    widget.show()
    spin(seconds=0.05)
    yield widget
    widget.close()
    widget.deleteLater()


def shown(widget):
    return [widget.model.cell_text(place, 1) for place in range(widget.model.rowCount())]


def click_head(widget, at):
    head = widget.view.horizontalHeader()
    x = head.sectionViewportPosition(at) + 8
    QTest.mouseClick(head.viewport(), LEFT, NONE, QPoint(x, head.height() // 2))


def test_a_heading_sorts_down_up_and_back_to_the_rank(listed):
    by_loss = [f"P{k}" for k in np.argsort(-ranked().columns["loss"], kind="stable")]
    click_head(listed, 2)
    assert shown(listed) == by_loss
    click_head(listed, 2)
    assert shown(listed) == by_loss[::-1]
    click_head(listed, 2)
    assert shown(listed) == [f"P{k}" for k in range(5)]
    assert [listed.model.cell_text(place, 0) for place in range(5)] == list("12345")


def test_rows_are_filtered_by_text_and_by_sub_district_and_the_total_follows(listed):
    QTest.keyClicks(listed.search, "p3")
    QTest.keyClick(listed.search, Qt.Key.Key_Return)
    assert shown(listed) == ["P3"]
    assert listed.total.text() == "1/5"
    listed.search.clear()
    listed.group.setCurrentIndex(1)
    listed.arrange()
    assert shown(listed) in (["P0", "P2", "P4"], ["P1", "P3"])
    listed.group.setCurrentIndex(0)
    QTest.keyClicks(listed.search, "zzz")
    listed.arrange()
    assert listed.nothing.isVisible()
    assert not listed.export.isEnabled()


def test_everything_listed_is_selected_and_several_rows_are_what_is_exported(listed):
    chosen, written = [], []
    listed.select_requested.connect(lambda oids: chosen.append({name: ids.tolist() for name, ids in oids.items()}))
    listed.export_requested.connect(lambda rows: written.append(rows.tolist()))
    QTest.mouseClick(listed.select_all, LEFT)
    assert chosen == [{"a": [0, 1, 2, 3, 4]}]
    listed.view.clearSelection()
    click_on(listed.view, 1)
    QTest.mouseClick(listed.export, LEFT)
    click_on(listed.view, 3, modifiers=Qt.KeyboardModifier.ControlModifier)
    QTest.mouseClick(listed.export, LEFT)
    assert written == [[0, 1, 2, 3, 4], [1, 3]]


def test_copied_rows_run_nothing_where_they_are_pasted(listed):
    text = listed.texts(np.array([0, 1]))
    assert text.splitlines()[0] == "#\t名称\tha\t街道"
    assert len(text.splitlines()) == 3


def test_a_hundred_thousand_rows_are_listed_sorted_and_filtered(window):
    widget = RankedList(window.appearance)
    widget.show_ranking(ranked(100_000), COLUMNS, "district", lambda r, rows: f"{len(rows)}/{len(r)}", "全部")
    click_head(widget, 2)
    assert widget.model.rowCount() == 100_000
    widget.search.setText("P9999")
    widget.arrange()
    assert widget.model.rowCount() == 11
    widget.deleteLater()


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_list_is_written_as_it_stands_and_its_numbers_are_numbers(window, tmp_path, suffix):
    out = tmp_path / f"list{suffix}"
    list_export.export_list(window.session, out, "问题对象", COLUMNS, ranked(), np.array([4, 0]))
    if suffix == ".csv":
        lines = out.read_text(encoding="utf-8-sig").splitlines()
        assert lines[1].startswith("5,P4,0.")
        assert "示例数据" in lines[1], "the tiny city is synthetic"
        return
    from openpyxl import load_workbook

    sheet = load_workbook(out).active
    rows = list(sheet.iter_rows(min_row=5, values_only=True))
    assert [row[0] for row in rows] == [5, 1]
    assert isinstance(rows[0][2], float)
    assert "示例数据" in str(sheet["A3"].value)

"""The attribute table with real mouse and keys: tabs and pin, filters of columns, menus, counts, the first height."""

import numpy as np
import pandas as pd
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabBar

from models.project.selection import ObjectKey
from models.query.columns import of_frame
from tests.support.window import settle, spin

LEFT = Qt.MouseButton.LeftButton


def table_of(window, layer):
    window.features["table"].open(layer)
    settle(window)
    return window.features["table"].panel


def press_tab(panel, layer):
    bar = panel.tabs.bar
    at = panel.tabs.layers.index(layer)
    QTest.mouseClick(bar, LEFT, pos=QPoint(bar.tabRect(at).left() + 20, bar.tabRect(at).center().y()))


def column(panel, field):
    return panel.model.fields.index(field)


def entry(menu, key):
    return next(one for one in menu.actions() if one.objectName() == key)


def card_of(panel, field):
    """Open the card of a column by the mark of its heading, as a hand would."""
    head = panel.view.header
    panel.view.scrollTo(panel.model.index(0, column(panel, field)))
    menu = panel.column_menu(column(panel, field))
    assert head.mark_of(column(panel, field)).right() < head.sectionViewportPosition(column(panel, field)) + 400
    entry(menu, "table.filter.column").trigger()
    assert spin(lambda: panel.card.isVisible() and panel.card.values.count() > 0, 20)
    return panel.card


def tick(item_list, text):
    item = next(item_list.item(at) for at in range(item_list.count()) if item_list.item(at).text().startswith(text))
    box = item_list.visualItemRect(item)
    item_list.scrollToItem(item)
    box = item_list.visualItemRect(item)
    QTest.mouseClick(item_list.viewport(), LEFT, pos=QPoint(box.left() + 10, box.center().y()))


def test_each_layer_keeps_its_tab_filter_order_and_place_and_a_pin_holds_the_table(window):
    panel, session = table_of(window, "components"), window.session
    panel.set_filter("井盖")
    panel.sort_by("ObjID", True)
    panel.view.verticalScrollBar().setValue(9)
    top = panel.view.rowAt(2)
    assert top == 9
    table_of(window, "buildings")
    assert panel.tabs.layers == ["components", "buildings"]
    assert panel.search.text() == ""
    press_tab(panel, "components")
    settle(window)
    assert session.current_layer.id == panel.layer_id == "components"
    assert (panel.search.text(), panel.sort) == ("井盖", ("ObjID", True))
    assert panel.view.rowAt(2) == 9
    QTest.mouseClick(panel.tabs.pin, LEFT)
    session.current_layer.set("districts")
    settle(window)
    assert panel.layer_id == "components"
    QTest.mouseClick(panel.tabs.pin, LEFT)
    session.current_layer.set("buildings")
    session.current_layer.set("districts")
    settle(window)
    assert panel.tabs.layers == ["components", "buildings", "districts"], "what only passes has one tab"
    press = panel.tabs.bar.tabButton(1, QTabBar.ButtonPosition.RightSide)
    QTest.mouseClick(press, LEFT)
    assert panel.tabs.layers == ["components", "districts"]


def test_a_selection_in_another_layer_is_told_and_shown_on_request(window):
    panel, session = table_of(window, "buildings"), window.session
    session.selection.set([ObjectKey("components", 3), ObjectKey("components", 30)])
    settle(window)
    assert panel.layer_id == "buildings"
    assert panel.elsewhere.text() == "“部件”中已选 2 个"
    QTest.mouseClick(panel.show_elsewhere, LEFT)
    settle(window)
    assert panel.layer_id == session.current_layer.id == "components"
    assert panel.selected_oids.tolist() == [3, 30]
    assert not panel.show_elsewhere.isVisible()
    assert panel.count.text() == "显示 40 / 40，已选 2"


def test_columns_are_filtered_by_values_ranges_and_texts_marked_and_cleared(window):
    panel = table_of(window, "components")
    card = card_of(panel, "ObjState")
    assert [card.values.item(at).text() for at in range(3)] == ["（全选）", "完好   (36)", "破损   (4)"]
    tick(card.values, "完好")
    QTest.mouseClick(card.ok, LEFT)
    assert panel.shown_oids.tolist() == [0, 10, 20, 30]
    assert panel.view.header.is_filtered(column(panel, "ObjState"))
    card = card_of(panel, "ObjName")
    QTest.keyClicks(card.text, "3")
    QTest.keyClick(card.text, Qt.Key.Key_Return)
    assert panel.shown_oids.tolist() == [30]
    assert panel.count.text() == "显示 1 / 40，已选 0"
    table_of(window, "buildings")
    assert not panel.clear.isVisible()
    card = card_of(panel, "storeys")
    assert card.least.isVisible()
    QTest.keyClicks(card.least, "13")
    QTest.keyClick(card.least, Qt.Key.Key_Return)
    assert panel.model.rowCount() == 0
    press_tab(panel, "components")
    assert panel.shown_oids.tolist() == [30], "filters stay with their tab"
    QTest.mouseClick(panel.clear, LEFT)
    assert panel.model.rowCount() == 40
    assert not panel.filters


def test_rows_and_columns_have_menus_that_do_what_they_say(window):
    panel, session = table_of(window, "components"), window.session
    clipboard = QGuiApplication.clipboard()
    panel.view.selectRow(3)
    at = column(panel, "ObjState")
    menu = panel.row_menu(3, at)
    assert entry(menu, "table.copy.heading").shortcut().toString() == "Ctrl+C"
    entry(menu, "table.copy.cell").trigger()
    assert clipboard.text() == "完好"
    entry(menu, "table.copy.rows").trigger()
    assert clipboard.text().split("\t")[column(panel, "ObjName")] == "井盖3"
    assert "\n" not in clipboard.text()
    entry(menu, "table.filter.same").trigger()
    assert panel.model.rowCount() == 36
    QTest.keyClick(panel.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(session.selection.keys) == 36, "all that is shown, not all of the layer"
    entry(panel.row_menu(0, at), "table.select.drop").trigger()
    assert len(session.selection.keys) == 35
    entry(panel.row_menu(0, at), "table.select.only").trigger()
    assert session.selection.keys == (ObjectKey("components", 1),)
    entry(panel.row_menu(0, at), "table.select.invert").trigger()
    assert len(session.selection.keys) == 35
    entry(panel.row_menu(5, at), "table.properties").trigger()
    assert window.context.docks["properties"].isVisible()
    entry(panel.column_menu(at), "table.sort.down").trigger()
    assert panel.sort == ("ObjState", True)
    entry(panel.column_menu(at), "table.column.left").trigger()
    assert panel.columns.in_sight.index("ObjState") == at - 1
    entry(panel.column_menu(at), "table.column.hide").trigger()
    assert panel.view.isColumnHidden(at)
    settle(window)
    assert panel.columns.hidden == {"ObjState"}
    entry(panel.column_menu(column(panel, "ObjName")), "table.column.statistics").trigger()
    settle(window)
    asked = window.features["statistics"].panel.question
    assert (asked.layer, asked.field) == ("components", "ObjName")
    panel.columns.keep()
    assert window.session.settings.get("tables")["components"]["order"][at - 1] == "ObjState"


def test_the_table_opens_tall_enough_for_eight_rows_on_a_small_screen(window):
    window.resize(1366, 700)
    spin(seconds=0.2)
    panel = table_of(window, "components")
    assert panel.view.viewport().height() >= 8 * 26


def test_a_million_rows_are_filtered_and_sorted_as_jobs(window):
    panel = table_of(window, "components")
    titles, panel_run = [], panel.run
    panel.run = lambda title, work, done: (titles.append(title), panel_run(title, work, done))[1]
    rng = np.random.default_rng(5)
    rows = pd.DataFrame({"n": np.arange(1_000_000), "use": rng.choice(["a", "b", "c"], 1_000_000)})
    panel.show_layer("components", of_frame(rows), [])
    settle(window)
    panel.set_column_filter("use", panel.filters.get("use") or _values("b"))
    panel.sort_by("n", True)
    settle(window)
    wanted = rows.index[rows["use"] == "b"][::-1]
    assert panel.model.rowCount() == len(wanted)
    assert panel.shown_oids[:3].tolist() == wanted[:3].tolist()
    panel.ask_filter("use")
    assert spin(lambda: panel.card.values.count() == 4, 30)
    panel.card.hide()
    assert titles.count("job.table") >= 3
    assert "job.table_values" in titles
    panel.clear_filters()


def _values(*wanted):
    from models.query.column_filter import ColumnFilter

    return ColumnFilter(values=frozenset(wanted))

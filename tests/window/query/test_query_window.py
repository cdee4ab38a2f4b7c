"""Asking in the window with real drags, clicks and keys on a tiny city: needs a display (Xvfb serves)."""

import numpy as np
import pandas as pd
import shapely
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.usecases.query import query as ask
from models.project.selection import ObjectKey
from models.query.columns import Columns, of_frame
from tests.support.window import settle, spin
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.query.table_panel import TablePanel

NONE = Qt.KeyboardModifier.NoModifier


def drag(view, start, stop, keys=NONE):
    """Drag with the left button as a hand does."""
    QTest.mousePress(view, Qt.MouseButton.LeftButton, keys, start)
    for share in (0.3, 0.7, 1.0):
        at = QPointF(start) + QPointF(stop - start) * share
        event = QMouseEvent(
            QEvent.Type.MouseMove, at, view.mapToGlobal(at), Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, keys
        )
        QApplication.sendEvent(view, event)
        spin(seconds=0.02)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, keys, stop)


def corners(window, low, high):
    """Return the widget positions of two ground points, seen from straight above."""
    window.features["navigation"].top()
    settle(window)
    view = window.context.canvas.view
    places, ahead = view.on_screen(np.array([[*low, 0.0], [*high, 0.0]]))
    assert ahead.all()
    return [QPoint(round(x), round(y)) for x, y in places.tolist()]


def test_a_rectangle_dragged_over_the_city_selects_what_stands_there(make):
    window = make()
    session, part = window.session, window.features["query"]
    low, high = (501870.0, 4058870.0), (501955.0, 4059045.0)
    start, stop = corners(window, low, high)
    window.context.commands.run("query.rectangle")
    drag(window.context.canvas.view, start, stop)
    settle(window)
    area = shapely.box(*low, *high)
    houses = session.project.data["buildings"].frame
    parts = session.project.data["components"].frame
    assert sorted(session.selection.of_layer("buildings")) == houses.index[houses.intersects(area)].tolist() == [0, 1]
    near = parts.index[parts.within(area.buffer(-2))]
    assert set(near) <= set(session.selection.of_layer("components"))
    drag(window.context.canvas.view, start, stop, Qt.KeyboardModifier.ControlModifier)
    settle(window)
    assert not session.selection.keys, "Ctrl takes the same again"
    QTest.keyClick(window.context.canvas.view, Qt.Key.Key_Escape)
    assert not part.selector.is_open


def test_a_circle_and_a_polygon_select_too_and_another_tool_takes_over(make):
    window = make()
    part, view = window.features["query"], window.context.canvas.view
    middle, edge = corners(window, (501912.0, 4058912.0), (501960.0, 4058912.0))
    window.context.commands.run("query.radius")
    drag(view, middle, edge)
    settle(window)
    assert window.session.selection.of_layer("buildings") == [0]
    window.context.commands.run("query.polygon")
    for place in ((501870, 4058870), (502150, 4058870), (502150, 4058955)):
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, NONE, corners(window, place, place)[0])
    QTest.keyClick(view, Qt.Key.Key_Return)
    settle(window)
    houses = window.session.project.data["buildings"].frame
    area = shapely.Polygon([(501870, 4058870), (502150, 4058870), (502150, 4058955)])
    assert sorted(window.session.selection.of_layer("buildings")) == houses.index[houses.intersects(area)].tolist()
    window.context.commands.run("measure.open")
    spin(seconds=0.1)
    assert not part.selector.is_open


def test_the_table_takes_words_and_conditions_and_shows_what_the_city_selects(make):
    window = make()
    table = window.features["table"].panel
    window.features["table"].open("buildings")
    settle(window)
    assert table.model.rowCount() == 9
    table.set_filter("1号楼")
    assert sorted(table.shown_oids.tolist()) == [3, 4, 5]
    table.set_filter("$id > 6 or 层数 < 3")
    assert sorted(table.shown_oids.tolist()) == [7, 8]
    table.set_filter("heigth > ")
    assert table.model.rowCount() == 0, "what is no condition is looked for as text"
    table.set_filter("")
    window.session.selection.set([ObjectKey("buildings", 2), ObjectKey("buildings", 8)])
    assert table.selected_oids.tolist() == [2, 8]
    table.only_selected.setChecked(True)
    assert table.shown_oids.tolist() == [2, 8]
    table.only_selected.setChecked(False)
    table._on_head_clicked(table.model.fields.index("code"))
    table._on_head_clicked(table.model.fields.index("code"))
    assert table.shown_oids.tolist()[0] == 8
    QTest.keyClick(table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert len(lines) == 3
    assert "B22" in lines[1]


def test_a_filter_takes_objects_out_of_table_city_and_search_and_undo_brings_them_back(make):
    window = make()
    session, part = window.session, window.features["query"]
    window.features["table"].open("buildings")
    session.selection.set([ObjectKey("buildings", 0), ObjectKey("buildings", 8)])
    part.set_filter("buildings", "编号 like 'B2%'" if "编号" in ask.names_of(["code"]) else "code like 'B2%'")
    settle(window)
    assert session.project.state.layer("buildings").filter == "code like 'B2%'"
    assert session.selection.of_layer("buildings") == [8]
    assert window.features["table"].panel.model.rowCount() == 3
    assert window.context.scene_sync.scene.bounds_of([ObjectKey("buildings", 0)]) is None, (
        "what is filtered away is not drawn"
    )
    assert window.context.scene_sync.scene.bounds_of([ObjectKey("buildings", 8)]) is not None
    window.features["editing"].undo()
    settle(window)
    assert window.features["table"].panel.model.rowCount() == 9
    assert window.context.scene_sync.scene.bounds_of([ObjectKey("buildings", 0)]) is not None


def test_a_cell_is_edited_with_a_check_of_its_kind_and_undone(make):
    window = make()
    session, table = window.session, window.features["table"].panel
    window.features["table"].open("buildings")
    table.pen.setChecked(True)
    at = table.model.index(4, table.model.fields.index("storeys"))
    table.model.setData(at, "eighteen")
    assert session.project.state.edits == ()
    assert session.notices.all[-1].key == "error.ask.not_a_number"
    table.model.setData(at, "18")
    settle(window)
    assert session.project.data["buildings"].frame.at[4, "storeys"] == 18
    assert table.model.columns.cell("storeys", 4) == 18
    window.features["editing"].undo()
    settle(window)
    assert session.project.data["buildings"].frame.at[4, "storeys"] == 12
    edits = ask.filled(session, "buildings", "density", "storeys / 2 + $id", np.array([1, 3]))
    ask.apply_edits(session, edits)
    assert session.project.data["buildings"].frame["density"].dropna().to_dict() == {1: 7.0, 3: 9.0}


def test_a_bar_of_the_chart_selects_what_is_behind_it(make):
    window = make()
    window.features["statistics"].open("components")
    settle(window)
    panel = window.features["statistics"].panel
    panel.choose(field="ObjState")
    settle(window)
    bars = panel.report.bars
    assert {bar.name: bar.height for bar in bars} == {"完好": 36, "破损": 4}
    panel.chart.choose_at(1.0, 1.0)
    assert sorted(window.session.selection.of_layer("components")) == [0, 10, 20, 30]
    panel.choose(field="ObjState", by="ObjState")
    settle(window)
    assert panel.groups.rowCount() == 2
    assert "完好" in panel.table_text()


def test_the_palette_finds_objects_layers_and_places(make):
    window = make(inline=False)
    window.features["palette"].open()
    box = window.context.palette
    box.field.setText("2号楼1")
    assert spin(lambda: any(str(box.list.item(k).data(Qt.ItemDataRole.UserRole)) == "@object:buildings:7"
                            for k in range(box.list.count())), 20)  # fmt: skip
    rows = [
        k for k in range(box.list.count()) if box.list.item(k).data(Qt.ItemDataRole.UserRole) == "@object:buildings:7"
    ]
    box.list.setCurrentRow(rows[0])
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    settle(window)
    assert window.session.selection.keys == (ObjectKey("buildings", 7),)
    window.features["palette"].open()
    box.field.setText("502000 4059000")
    assert spin(lambda: any(str(box.list.item(k).data(Qt.ItemDataRole.UserRole)).startswith("@place:")
                            for k in range(box.list.count())), 20)  # fmt: skip
    box.hide()


def test_identify_lists_everything_at_a_place(make):
    window = make()
    found = ask.under(window.session, 501912.0, 4058912.0, 1.0)
    assert found.keys == (ObjectKey("buildings", 0), ObjectKey("districts", 0))
    menu = window.features["query"].selector.menu_of(found)
    texts = [action.text() for action in menu.actions()]
    assert "0号楼0" in texts[0]
    assert "泉城街道" in texts[1]
    menu.actions()[1].trigger()
    assert window.session.selection.keys == (ObjectKey("districts", 0),)


def test_hidden_columns_and_widths_come_back_with_the_layer(make):
    window = make()
    window.features["table"].open("buildings")
    settle(window)
    panel = window.features["table"].panel
    first, second = panel.model.fields[:2]
    panel.columns.show(second, False)
    panel.view.setColumnWidth(0, 233)
    window.features["table"].open("components")
    settle(window)
    kept = window.session.settings.get("tables")["buildings"]
    assert kept == {"hidden": [second], "widths": {first: 233}}
    panel.columns.forget()  # as after a restart
    window.features["table"].open("buildings")
    settle(window)
    assert panel.view.columnWidth(0) == 233
    assert panel.view.isColumnHidden(1)
    panel.columns.show_all()
    assert not panel.view.isColumnHidden(1)


def test_a_million_rows_are_touched_only_where_they_are_seen(application):
    class Watched(Columns):
        seen: set = set()  # noqa: RUF012

        def cell(self, field, row):
            self.seen.add(row)
            return super().cell(field, row)

    count = 1_000_000
    frame = pd.DataFrame({f"length{k}": np.arange(count) * (k + 1) for k in range(12)})
    plain = of_frame(frame)
    columns = Watched(plain.oids, plain._readers)
    panel = TablePanel(Appearance(lambda key, **_: key, lambda: "en"), str, lambda _, value, __: str(value))
    panel.resize(900, 400)
    panel.set_layers([("big", "big")])
    panel.show_layer("big", columns, [])
    panel.show()
    spin(seconds=0.2)
    assert panel.model.rowCount() == count
    assert 0 < len(Watched.seen) < 200
    panel.view.scrollTo(panel.model.index(700_000, 0))
    spin(seconds=0.1)
    assert len(Watched.seen) < 400
    assert panel.totals.text_of("length0") == f"Σ {count * (count - 1) // 2:,}"
    Watched.seen.clear()
    panel.view.selectAll()
    assert len(panel.selected_oids) == count
    panel.select(np.arange(0, count, 2))
    assert len(panel.selected_oids) == count // 2, "half a million pieces are marked, not handed to Qt"
    assert len(Watched.seen) < 200
    panel.close()
    panel.deleteLater()

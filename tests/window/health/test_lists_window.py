"""Lists and grades by hand: a cell edited and undone, a workbook there and back, a grade decided with its reason."""

import openpyxl
import pandas as pd
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLineEdit
from shapely import box

from app.usecases.health import lists
from models.health.judging.decisions import standing
from models.layers.layer import Layer, VectorData
from models.project.selection import ObjectKey
from tests.support.health_city import at, city, districts, layer_of
from tests.support.window import LEFT, NONE, settle, spin


def town():
    """Return four houses, two of them with fire doors that do not close."""
    houses = [at(box(100 * k, 100, 100 * k + 30, 130)) for k in range(4)]
    table = pd.DataFrame(
        {
            "object_code": ["H0", "H1", "H2"], "object_kind": "building", "indicator": "HC25-03", "item": "03-3",
            "found": ["yes", "yes", "no"], "severity": [3, 4, None], "checked_on": "2026-03-01", "checked_by": "王五",
        },
        index=pd.RangeIndex(1, 4, name="fid"),
    )  # fmt: skip
    return city(
        districts(),
        layer_of("buildings", houses, code=[f"H{k}" for k in range(4)], name=["甲楼", "乙楼", "丙楼", "丁楼"]),
        (Layer("check_records", "", "table", "check_records"), VectorData(table)),
    )


@pytest.fixture
def ready(make):
    window = make(city=False)
    window.session.project.replace_all(*town(), None)
    settle(window)
    lists.make_lists(window.session, 2026)
    window.features["health_lists"].open()
    settle(window)
    return window


def edit_cell(table, row_id, name):
    """Open the editor of a cell as a hand does and return it."""
    column = next(k for k, one in enumerate(table.model.columns) if one.name == name)
    index = table.model.index(table.place_of(row_id), column)
    table.view.scrollTo(index)
    spot = table.view.visualRect(index).center()
    QTest.mouseClick(table.view.viewport(), LEFT, NONE, spot)
    QTest.mouseDClick(table.view.viewport(), LEFT, NONE, spot)
    kinds = (QLineEdit, QComboBox)
    return next(
        one for kind in kinds for one in table.view.viewport().findChildren(kind)
        if one.isVisible() and one.parent() is table.view.viewport()
    )  # fmt: skip


def answer(act):
    """Do something with the next dialog, as soon as it is there."""

    def look():
        dialog = QApplication.activeModalWidget()
        QTimer.singleShot(20, look) if dialog is None else act(dialog)

    QTimer.singleShot(20, look)


def test_a_cell_is_edited_undone_and_its_rows_lead_to_the_objects(ready):
    window, panel = ready, ready.features["health_lists"].panel
    panel.tabs["suggestions"].click()
    settle(window)
    row = panel.table.ids_in_sight()[0]
    field = edit_cell(panel.table, row, "responsible")
    QTest.keyClicks(field, "Housing bureau")
    QTest.keyClick(field, Qt.Key.Key_Return)
    settle(window)
    assert window.session.project.state.health.problems[0].responsible == "Housing bureau"
    assert panel.table.model.cell_text(0, 7) == "Housing bureau"
    assert window.session.selection.keys == (ObjectKey("buildings", 1), ObjectKey("buildings", 2))
    window.context.commands.run("edit.undo")
    settle(window)
    assert window.session.project.state.health.problems[0].responsible == ""
    assert panel.table.model.cell_text(0, 7) == ""
    before = window.context.scene_sync.scene.camera
    panel.tabs["ledger"].click()
    settle(window)
    QTest.keyClick(panel.table.view, Qt.Key.Key_Down)
    QTest.keyClick(panel.table.view, Qt.Key.Key_Return)
    settle(window)
    assert len(window.session.selection.keys) == 1
    assert window.context.scene_sync.scene.camera != before


def test_a_workbook_goes_out_is_edited_and_comes_back_as_one_step(ready, tmp_path, monkeypatch):
    window, feature = ready, ready.features["health_lists"]
    path = tmp_path / "lists.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    QTest.mouseClick(feature.panel.export, LEFT)
    book = openpyxl.load_workbook(path)
    page = book["建议清单"]
    heads = [cell.value for cell in page[4]]
    page.cell(5, heads.index("责任单位") + 1).value = "街道办"
    page.cell(5, heads.index("整治类型") + 1).value = "尽力解决"
    ledger = book["台账"]
    ledger.cell(6, [cell.value for cell in ledger[4]].index("严重性") + 1).value = 99
    book.save(path)
    said = window.session.project.state.health
    seen = []

    def take(dialog):
        seen.append([dialog.table.model.cell_text(k, 4) for k in range(dialog.table.model.rowCount())])
        QTest.mouseClick(dialog.take, LEFT)

    answer(take)
    QTest.mouseClick(feature.panel.bring, LEFT)
    assert spin(lambda: window.session.project.state.health != said, 30)
    assert "街道办" in seen[0]
    assert any("未采纳" in text for text in seen[0])
    row = window.session.project.state.health.problems[0]
    assert (row.responsible, row.kind, set(row.edited)) == ("街道办", "best_effort", {"responsible", "kind"})
    window.context.commands.run("edit.undo")
    assert window.session.project.state.health == said


def test_a_person_decides_a_grade_with_name_and_reason_and_takes_it_back(ready):
    window, feature = ready, ready.features["health_judging"]
    feature.open()
    settle(window)
    panel = feature.panel
    QTest.keyClicks(panel.person, "Zhang San")
    choice = edit_cell(panel.table, "HC25-03", "decided")

    def say(dialog):
        QTest.keyClicks(dialog.field, "seen there")
        QTest.keyClick(dialog.field, Qt.Key.Key_Return)

    answer(say)
    choice.setCurrentIndex(choice.findText("较好"))
    choice.activated.emit(choice.currentIndex())
    state = window.session.project.state
    assert spin(lambda: standing(window.session.project.state.health.decisions).get("HC25-03") is not None, 10)
    made = standing(window.session.project.state.health.decisions)["HC25-03"]
    assert (made.grade, made.by, made.why, made.proposed) == ("good", "Zhang San", "seen there", "")
    settle(window)
    at = panel.table.place_of("HC25-03")
    assert panel.table.model.cell_text(at, 4) == "较好"
    window.context.commands.run("edit.undo")
    assert window.session.project.state.health == state.health

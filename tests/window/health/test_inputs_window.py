"""Inputs in the window, by real clicks: a workbook of values out and back, forms out and back, a difference decided."""

from __future__ import annotations

import openpyxl
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from shapely import box

from app.usecases.health import collecting
from tests.support.health_city import at, city, districts, layer_of
from tests.support.window import LEFT, NONE, settle, spin


def town(window):
    shapes = [at(box(0, 0, 1000, 1000)), at(box(1000, 0, 2000, 1000))]
    estates = layer_of("communities", shapes, code=["C1", "C2"], name=["一社区", "二社区"], district_code=["A", "B"])
    houses = layer_of(
        "buildings", [at(box(10 + 100 * k, 10, 50 + 100 * k, 60)) for k in range(3)], code=["B0", "B1", "B2"],
        use=["residential"] * 3, community_code=["C1"] * 3,
    )  # fmt: skip
    state, data = city(districts(), estates, houses)
    window.session.project.replace_all(state, data, None)
    settle(window)


def press(button):
    QTest.mouseClick(button, LEFT, NONE, button.rect().center())


def answering(*steps):
    """Answer the modal dialogs that come, one after the other, by functions that end with a click."""
    left, seen = list(steps), []

    def look():
        dialog = QApplication.activeModalWidget()
        if dialog is None or dialog in seen:
            QTimer.singleShot(20, look)
            return
        seen.append(dialog)
        step = left.pop(0)
        if left:
            QTimer.singleShot(20, look)
        step(dialog)

    QTimer.singleShot(20, look)


def test_values_go_out_in_a_workbook_come_back_and_are_undone_in_one_step(window, tmp_path, monkeypatch):
    town(window)
    path = tmp_path / "housing.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    window.context.commands.run("health.inputs")
    settle(window)
    panel = window.features["health_inputs"].panel
    assert panel.list.count() >= 60

    def choose(dialog):
        QTest.keyClick(dialog.box, Qt.Key.Key_Down)
        press(dialog.findChildren(type(panel.template))[-1])

    answering(choose)
    press(panel.template)
    assert spin(path.exists)
    workbook = openpyxl.load_workbook(path)
    workbook["社区"]["C7"], workbook["社区"]["C8"] = 3, "很多"
    workbook.save(path)

    def accept(dialog):
        assert dialog.changes.topLevelItemCount() == 1
        assert dialog.faults.topLevelItemCount() == 1
        press(dialog.ok)

    answering(accept)
    press(panel.take)
    entered = window.session.project.state.health.entered
    assert [(one.indicator, one.unit, one.value) for one in entered] == [("HC25-01", "C1", 3.0)]
    settle(window)
    panel.choose("HC25-01")
    assert panel.about.text() == "导入 · 3 栋"
    window.session.history.undo()
    assert window.session.project.state.health.entered == ()


def test_forms_go_out_come_back_and_a_person_decides_where_two_differ(window, tmp_path, monkeypatch):
    town(window)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    window.context.commands.run("health.inputs")
    settle(window)
    panel = window.features["health_inputs"].panel
    press(panel.pages.button(1))
    answering(lambda dialog: press(dialog.ok))
    press(panel.send)
    form = tmp_path / "C1 一社区.xlsx"
    assert spin(form.exists)
    assert (tmp_path / "C1 一社区.gpkg").exists()
    files = []
    for who, answer in (("甲", "是"), ("乙", "否")):
        workbook = openpyxl.load_workbook(form)
        page = workbook["住宅"]
        keys = {cell.value: cell.column for cell in page[3]}
        for key, value in {"i01_1": answer, "i01_2": "否", "checked_by": who, "checked_on": "2026-05-01"}.items():
            page.cell(6, keys[key], value)
        files.append(tmp_path / f"{who}.xlsx")
        workbook.save(files[-1])
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(one) for one in files], ""))

    def decide(dialog):
        assert len(dialog.boxes) == 1
        names = [dialog.boxes[0].itemText(at) for at in range(3)]
        dialog.boxes[0].setFocus()
        for _ in range(next(place for place, name in enumerate(names) if "甲" in name)):
            QTest.keyClick(dialog.boxes[0], Qt.Key.Key_Down)
        press(dialog.ok)

    answering(decide)
    press(panel.take_back)
    settle(window)
    found = {(row.object_code, row.item): row.found for row in collecting.records_of(window.session).itertuples()}
    assert found == {("B0", "01-1"): "yes", ("B0", "01-2"): "no"}
    assert panel.units.count() == 1, "nothing is looked at in the other community"
    press(panel.on_map)
    settle(window)
    assert window.session.project.state.layers[-1].source.options == {"made": "collection"}

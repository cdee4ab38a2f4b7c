"""The mapping assistant driven by hand: columns chosen, units and values changed, taken over, merged, undone."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from shapely.geometry import LineString, Point

from app.usecases.facilities import profiles
from models.layers.layer import Layer, VectorData
from tests.support.window import spin
from viewers.widgets.facilities.mapping_dialog import IN_PLACE, MappingDialog

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def pipes(make, tmp_path, monkeypatch):
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    window = make()
    shapes = [LineString([(501_900 + 10 * i, 4_058_900), (501_910 + 10 * i, 4_058_900)]) for i in range(12)]
    table = gpd.GeoDataFrame(
        {
            "PID": [f"P{i}" for i in range(12)], "TYPE": ["STM", "SAN", "odd"] * 4,
            "UPSELEV": [9999.0, *range(100, 111)], "LEVEL2": [90.0] * 12, "DIAMETER": [12] * 12,
        },
        geometry=shapes, crs="EPSG:4548", index=pd.RangeIndex(1, 13, name="fid"),
    )  # fmt: skip
    add(window, Layer("mains", "mains", "vector"), table)
    return window


def add(window, layer, table):
    window.session.project.put_data(layer.id, VectorData(table))
    window.session.history.do("history.open_file", lambda state: state.with_layer(layer))
    window.session.current_layer.set(layer.id)
    spin(seconds=0.1)


def drive(window, hand):
    """Open the assistant and let a hand work in it; what goes wrong in the hand fails the test."""
    wrong = []

    def work():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, MappingDialog)
        try:
            spin(lambda: dialog.told.topLevelItemCount() > 0, 10)
            hand(dialog)
        except BaseException as error:
            wrong.append(error)
        finally:
            if dialog.isVisible():
                dialog.reject()

    QTimer.singleShot(50, work)
    window.context.commands.actions["layer.map_register"].trigger()
    if wrong:
        raise wrong[0]
    spin(seconds=0.1)


def pick(box, data):
    """Choose an entry of a list by keys, as a person does."""
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(box.findData(data)):
        QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.currentData() == data
    box.activated.emit(box.currentIndex())
    spin(seconds=0.05)


def choose(dialog, target):
    item = next(one for one in dialog._items() if one.data(0, Qt.ItemDataRole.UserRole) == target)
    dialog.fields.scrollToItem(item)
    spot = dialog.fields.visualItemRect(item).center()
    spot.setX(20)
    QTest.mouseClick(dialog.fields.viewport(), LEFT, pos=spot)
    assert dialog._target() == target


def frame_of(window, layer_id):
    return window.session.project.data[layer_id].frame


def test_a_table_is_mapped_by_hand_and_taken_over_in_its_place(pipes):
    def hand(dialog):
        assert dialog.kind.currentData() == "pipes"
        assert dialog.mapping.of("start_invert_m").source == "UPSELEV"
        pick(dialog._boxes["end_invert_m"], "LEVEL2")
        choose(dialog, "end_invert_m")
        pick(dialog.unit, "ft")
        choose(dialog, "kind")
        pick(dialog._boxes["kind"], "TYPE")
        assert dialog.values.topLevelItemCount() == 3
        odd = next(at for at in range(3) if dialog.values.topLevelItem(at).text(0).startswith("odd"))
        pick(dialog.values.itemWidget(dialog.values.topLevelItem(odd), 1), "HS")
        choose(dialog, "code")
        pick(dialog._boxes["code"], "PID")
        spin(lambda: dialog.preview.rowCount() == 12 and dialog._report is not None, 10)
        assert any("9999" in dialog.told.topLevelItem(at).text(2) for at in range(dialog.told.topLevelItemCount()))
        pick(dialog.goal, IN_PLACE)
        QTest.mouseClick(dialog.ok, LEFT)

    drive(pipes, hand)
    session = pipes.session
    layer = session.project.state.layers[-1]
    assert (layer.role, layer.name) == ("pipes", "mains")
    frame = frame_of(pipes, layer.id)
    assert frame["kind"].tolist()[:3] == ["YS", "WS", "HS"]
    assert frame["end_invert_m"].tolist()[0] == pytest.approx(27.432)
    assert frame["start_invert_m"].isna().sum() == 1
    assert frame["code"].tolist()[0] == "P0"
    session.history.undo()
    assert session.project.state.layers[-1].id == "mains"
    assert "kind" not in frame_of(pipes, "mains").columns


def test_a_mapping_is_kept_as_a_profile_and_used_again(pipes, monkeypatch):
    monkeypatch.setattr(type(pipes.context), "ask_name", lambda *_: "某市管线")

    def keep(dialog):
        choose(dialog, "kind")
        pick(dialog._boxes["kind"], "")
        pick(dialog.constant, "WS")
        QTest.mouseClick(dialog.save, LEFT)
        assert dialog.profile.currentText() == "某市管线"

    drive(pipes, keep)
    assert [mapping.name for _, mapping in profiles.listed("pipes")] == ["某市管线"]

    def again(dialog):
        pick(dialog.profile, dialog.profile.itemData(1))
        assert dialog.mapping.of("kind").constant == "WS"

    drive(pipes, again)
    assert pipes.session.project.state.layers[-1].id == "mains"  # closed without an answer: nothing changed


def test_a_newer_table_is_merged_into_the_register(pipes):
    codes = frame_of(pipes, "components")["ObjID"].tolist()
    newer = gpd.GeoDataFrame(
        {"部件标识码": [*codes[:20], "3701020101999999"], "状态": ["丢失"] * 21},
        geometry=[Point(501_900 + i, 4_058_900) for i in range(21)], crs="EPSG:4548",
    )  # fmt: skip
    add(pipes, Layer("newer", "新普查", "vector"), newer)

    def hand(dialog):
        pick(dialog.kind, "components")
        spin(lambda: dialog._report is not None and dialog.mapping.kind == "components", 10)
        pick(dialog.goal, "components")
        QTest.mouseClick(dialog.deactivate, LEFT)
        assert dialog.deactivate.isChecked()
        QTest.mouseClick(dialog.ok, LEFT)

    drive(pipes, hand)
    session = pipes.session
    register = session.project.state.with_role("facilities")[0]
    frame = frame_of(pipes, register.id)
    assert len(frame) == 41
    assert (frame["ObjState"] == "丢失").sum() == 21
    assert (frame["ObjState"] == "废弃").sum() == 20
    assert "newer" not in {layer.id for layer in session.project.state.layers}
    assert len(session.project.state.state_changes) == 40
    session.history.undo()
    assert session.project.state.state_changes == ()


def test_a_file_that_is_imported_is_mapped_once_it_is_read(pipes, tmp_path, monkeypatch):
    path = tmp_path / "井.csv"
    path.write_bytes("点号,地面高程,经度,纬度\n1,31.5,117.1,36.6\n2,9999,117.2,36.7\n".encode("gb18030"))
    monkeypatch.setattr(
        "app.window.features.facilities.register_mapping.QFileDialog.getOpenFileName", lambda *_: (str(path), "")
    )
    seen = []

    def work():
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, MappingDialog):
            QTimer.singleShot(50, work)
            return
        seen.append((dialog.windowTitle(), len(dialog._columns)))
        dialog.reject()

    QTimer.singleShot(50, work)
    pipes.context.commands.actions["facilities.import"].trigger()
    assert spin(lambda: seen, 60)
    assert seen[0][1] >= 2

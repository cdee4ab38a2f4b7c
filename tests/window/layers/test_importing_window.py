"""Bringing files in through the window: what asks, what does not, reading again, joining."""

from pathlib import Path

import pyogrio
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from tests.support.layer_files import buildings, roads, write
from tests.support.window import spin
from viewers.widgets.layers.import_dialog import ImportDialog
from viewers.widgets.layers.join_dialog import JoinDialog


def when_open(kind, act, ready=lambda dialog: True):
    """Call ``act`` once a dialog of a kind is open and ready; return a list that holds what went wrong."""
    seen = []

    def look():
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, kind) or not ready(dialog):
            QTimer.singleShot(30, look)
            return
        try:
            act(dialog)
        except BaseException as error:
            seen.append(error)
            dialog.reject()
        else:
            seen.append(None)

    QTimer.singleShot(30, look)
    return seen


def names(window):
    return [layer.name for layer in window.session.project.state.layers]


@pytest.fixture
def window(make):
    return make(city=False)


def test_one_table_opens_unasked_and_of_several_what_is_ticked(window, tmp_path: Path) -> None:
    window.context.requests.open_paths([write(tmp_path, ".geojson")])
    assert spin(lambda: names(window) == ["buildings"], 60)
    assert QApplication.activeModalWidget() is None
    path = write(tmp_path, ".gpkg")
    pyogrio.write_dataframe(roads(), path, layer="roads")
    pyogrio.write_dataframe(buildings().iloc[:0], path, layer="empty", geometry_type="Polygon")

    def act(dialog):
        tree = dialog.tree
        assert [tree.topLevelItem(at).text(0) for at in range(3)] == ["buildings", "roads", "empty"]
        assert dialog.ticked == ["buildings", "roads"]  # an empty table is not ticked
        assert dialog.preview.item(0, 0).text() == "0101"
        tree.topLevelItem(0).setCheckState(0, Qt.CheckState.Unchecked)
        assert dialog.ticked == ["roads"]
        dialog.ok.click()

    seen = when_open(ImportDialog, act, lambda dialog: dialog.preview.rowCount() > 0)
    window.context.requests.open_paths([path])
    assert spin(lambda: bool(seen), 60)
    assert seen == [None]
    assert spin(lambda: names(window) == ["buildings", "roads"], 60)


def test_a_layer_is_read_again_with_another_encoding(window, tmp_path: Path) -> None:
    path = tmp_path / "注记.csv"
    path.write_bytes("经度,纬度,名称\n117,36,泉城路\n117.1,36.1,经十路\n".encode("gb18030"))
    window.context.requests.open_paths([path])
    assert spin(lambda: names(window) == ["注记"], 60)

    def broken(dialog):
        dialog.encoding.setCurrentIndex(dialog.encoding.findData("latin-1"))
        assert spin(lambda: "Â" in _shown(dialog) or "È" in _shown(dialog), 30)
        dialog.encoding.setCurrentIndex(dialog.encoding.findData("gb18030"))
        assert spin(lambda: "泉城路" in _shown(dialog), 30)
        box = dialog.preview.cellWidget(0, 0)
        box.setCurrentIndex(box.findData("text"))
        dialog.ok.click()

    before = window.session.project.state.layers[0]
    seen = when_open(ImportDialog, broken, lambda dialog: dialog.preview.rowCount() > 0)
    assert spin(lambda: window.features["layers"].panel.list.count() == 1, 30)
    window.features["layers"].panel.choose(before.id)
    window.context.commands.run("layer.read_again")
    assert spin(lambda: bool(seen), 90)
    assert seen == [None]
    assert spin(lambda: window.session.project.state.layers[0].id != before.id, 60)
    frame = window.session.project.data[window.session.project.state.layers[0].id].frame
    assert frame["名称"].tolist() == ["泉城路", "经十路"]
    assert frame["经度"].tolist() == ["117", "117.1"]
    window.context.commands.run("edit.undo")
    assert window.session.project.state.layers[0] == before


def test_a_table_is_joined_by_the_dialog_with_the_keys_it_proposes(window, tmp_path: Path) -> None:
    path = write(tmp_path, ".gpkg")
    (tmp_path / "鉴定.csv").write_text("编码,等级\n101,A\n102,B\n103,C\n999,D\n", encoding="utf-8")
    window.context.requests.open_paths([path, tmp_path / "鉴定.csv"])
    assert spin(lambda: len(names(window)) == 2, 60)
    layer = next(one for one in window.session.project.state.layers if one.name == "buildings")

    def act(dialog):
        assert dialog.keys[1:] == ("code", "编码")
        assert dialog.zeros
        assert "3" in dialog.fit.text()
        assert "999" in dialog.listed.toPlainText()
        assert dialog.ticked == ["等级"]
        dialog.ok.click()

    seen = when_open(JoinDialog, act, lambda dialog: dialog.ok.isEnabled())
    assert spin(lambda: window.features["layers"].panel.list.count() == 2, 30)
    window.features["layers"].panel.choose(layer.id)
    window.context.commands.run("layer.join")
    assert spin(lambda: bool(seen), 60)
    assert seen == [None]
    assert spin(lambda: "等级" in window.session.project.data[layer.id].fields, 60)
    assert window.session.project.data[layer.id].frame["等级"].tolist()[:3] == ["A", "B", "C"]


def _shown(dialog) -> str:
    cells = [dialog.preview.item(line, at) for line in range(dialog.preview.rowCount()) for at in range(3)]
    return " ".join(cell.text() for cell in cells if cell is not None)


def test_a_project_opens_as_the_project_it_is_and_asks_nothing(window, tmp_path: Path) -> None:
    from models.store.project_file import save_project
    from tools.kill_saves import version

    state, data = version(4)
    save_project(state, data, tmp_path / "city.gpkg")
    window.context.requests.open_paths([tmp_path / "city.gpkg"])
    assert spin(lambda: window.session.project.path == tmp_path / "city.gpkg", 60)
    assert window.session.project.state.name == "4"
    assert QApplication.activeModalWidget() is None

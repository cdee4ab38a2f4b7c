"""Names in a file of a stranger are shown as they are written: no picture, no link, no turned direction."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QLabel, QWidget

from app.usecases.layers import layers
from app.usecases.views import viewpoints
from app.window.features.layers.layer_list import LayerList
from tests.support.stranger import change, project_of_a_stranger
from tests.support.window import settle, spin
from viewers.widgets.common.plain import PlainCombo, plain_entry, plain_tip
from viewers.widgets.common.rows import rows_item

NAME = '<img src="file:///nowhere/picture.png"><h1><a href="http://127.0.0.1:9/click">A & B</a></h1>\u202e\x07'
TAGS = ("<img", "<h1", "<a href")
TURNING = ("\u202e", "\x07")


def shown_texts(window: QWidget):
    """Yield (what, text, whether it is drawn as markup) of everything that the window shows."""
    for widget in [window, *window.findChildren(QWidget)]:
        name = f"{type(widget).__name__} {widget.objectName()}"
        yield f"tip of {name}", widget.toolTip(), True
        yield f"title of {name}", widget.windowTitle(), False
        if isinstance(widget, QLabel):
            yield f"label {name}", widget.text(), widget.textFormat() != Qt.TextFormat.PlainText
        if isinstance(widget, QAbstractItemView) and widget.model() is not None:
            yield from _of_model(widget.model(), QModelIndex(), name, 0)
    for action in window.findChildren(QAction):
        yield "tip of action", action.toolTip(), True
        yield "action", action.text(), False


def _of_model(model, parent, name, depth):
    for row in range(min(model.rowCount(parent), 50)):
        columns = 1 if isinstance(model, QAbstractListModel) else min(model.columnCount(parent), 20)
        for column in range(columns):
            index = model.index(row, column, parent)
            yield f"tip in {name}", str(index.data(Qt.ItemDataRole.ToolTipRole) or ""), True
            if depth < 4 and column == 0:
                yield from _of_model(model, index, name, depth + 1)


@pytest.fixture
def project(tmp_path):
    path = project_of_a_stranger(tmp_path / "from_elsewhere")
    change(path, "update chengjing_layers set name=?, name_en=''", NAME)
    return path


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_name_is_drawn_as_markup_anywhere_in_the_window(make, project, lang) -> None:
    window = make(city=False, lang=lang)
    window.context.requests.open_paths([str(project)])
    settle(window)
    session = window.session
    viewpoints.save_viewpoint(session, NAME, window.context.scene_sync.scene.camera)
    layer = next(one for one in session.project.state.layers if one.kind == "vector")
    for dock in window.context.docks.values():
        dock.show()
    panel = next(one for one in window.features.values() if isinstance(one, LayerList)).panel
    panel.choose(layer.id)
    window.context.requests.open_table(layer.id)
    from models.project.selection import ObjectKey

    session.selection.set([ObjectKey(layer.id, 1)])
    spin(seconds=0.3)
    wrong = [
        (what, text)
        for what, text, is_markup in shown_texts(window)
        if (is_markup and any(tag in text for tag in TAGS)) or (what != "action" and any(s in text for s in TURNING))
    ]
    assert not wrong
    assert any("<img" in text for what, text, _ in shown_texts(window) if what.startswith("label"))  # it is shown
    tip = plain_tip(panel.tip_of(layer.id))
    assert "&lt;img" in tip
    assert not any(tag in tip for tag in TAGS)


def test_rows_tips_and_entries_show_markup_as_it_is_written(application) -> None:
    from PySide6.QtGui import QIcon

    item = rows_item(QIcon(), NAME, "a < b", None)
    assert "&lt;img" in item.toolTip()
    assert not any(sign in item.text() + item.toolTip() for sign in TURNING)
    assert plain_tip("A & B") == "A & B"
    assert plain_tip("a < b\nc").startswith("<p")
    assert plain_entry("A & B\n") == "A && B "


def test_a_choice_shows_names_as_they_are_written_and_keeps_its_data(application) -> None:
    box = PlainCombo()
    box.addItem("gpj\u202etxt", "gpj\u202etxt")
    box.addItems(["a\u200fb"])
    box.insertItem(0, "\u2067c", 7)
    box.setItemText(2, "d\u202e")
    assert [box.itemText(at) for at in range(3)] == ["c", "gpjtxt", "d"]
    assert [box.itemData(at) for at in range(2)] == [7, "gpj\u202etxt"]


def test_a_layer_is_renamed_to_any_text_and_keeps_it(make, project) -> None:
    window = make(city=False)
    window.context.requests.open_paths([str(project)])
    settle(window)
    layer = window.session.project.state.layers[0]
    assert layer.name == NAME  # the data stays as it is
    assert not any(sign in layer.title("zh") for sign in TURNING)
    layers.rename_layer(window.session, layer.id, "A & B")
    assert window.session.project.state.layer(layer.id).title("zh") == "A & B"
    assert json.dumps(layer.name)

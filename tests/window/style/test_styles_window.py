"""The style panel with real mouse and keys: fields, classes, limits, colours, labels and ranges, and the way back."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QColorDialog

from models.layers.layer import Layer, Style, VectorData
from models.project.project import ProjectState
from tests.support.window import FRAME, LEFT, NONE, settle, spin

EAST, NORTH = 502000.0, 4059000.0


def blocks() -> tuple[ProjectState, dict[str, VectorData]]:
    """Forty blocks with a population, a use and a name; two say no population."""
    at = np.arange(40)
    x, y = EAST + 70.0 * (at % 8), NORTH + 70.0 * (at // 8)
    people = (at * 37 % 41).astype(float) * 25
    people[[3, 17]] = np.nan
    frame = gpd.GeoDataFrame(
        {
            "name": [f"第{k}街坊" for k in at],
            "use": [("住宅", "商业", "工业", "绿地")[k % 4] for k in at],
            "people": people,
        },
        geometry=shapely.box(x, y, x + 55.0, y + 55.0), crs="EPSG:4548",
    )  # fmt: skip
    layers = (Layer("blocks", "街坊", "vector", "other", style=Style(), name_en="Blocks"),)
    return ProjectState("街坊", "Blocks", FRAME, layers), {"blocks": VectorData(frame)}


@pytest.fixture
def window(make):
    made = make(city=False)
    state, data = blocks()
    made.session.project.replace_all(state, data, None)
    settle(made)
    made.features["styles"].open("blocks")
    settle(made)
    return made


def style(window):
    return window.session.project.state.layer("blocks").style


def choose(box, data) -> None:
    """Choose an entry of a box with the keyboard, step by step."""
    box.setFocus()
    steps = box.findData(data) - box.currentIndex()
    for _ in range(abs(steps)):
        QTest.keyClick(box, Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)
    assert box.currentData() == data


def pull(widget, start, stop) -> None:
    """Drag with the left button."""
    QTest.mousePress(widget, LEFT, NONE, start.toPoint())
    for step in range(1, 6):
        at = start + (stop - start) * (step / 5)
        event = QMouseEvent(QEvent.Type.MouseMove, at, widget.mapToGlobal(at), Qt.MouseButton.NoButton, LEFT, NONE)
        QApplication.sendEvent(widget, event)
        spin(seconds=0.03)  # moves that follow each other at once are taken for one
    QTest.mouseRelease(widget, LEFT, NONE, stop.toPoint())


def done(window) -> None:
    """Let the panel ask, and the window answer."""
    spin(seconds=0.2)
    settle(window)


def legend_texts(window) -> list[str]:
    return [entry.text for entry in window.context.canvas.legend._legend.entries]


def test_a_field_is_chosen_a_limit_drawn_a_colour_changed_and_a_class_hidden(window, monkeypatch):
    page = window.features["styles"].panel.colour
    choose(page.way, "graduated")
    done(window)
    assert style(window).symbology.kind == "graduated"
    choose(page.field, "people")
    done(window)
    made = style(window).symbology
    assert (made.field, len(made.classes)) == ("people", 5)
    assert page.table.topLevelItemCount() == 6  # five classes and what has no data
    assert [page.table.topLevelItem(k).text(3) for k in range(6)][-1] == "2"

    histogram, first = page.histogram, made.classes[1].low
    line = histogram._lines[0]
    scene_at = histogram.getPlotItem().vb.mapViewToScene(QPointF(line.value(), histogram.viewRange()[1][1] / 2))
    start = QPointF(histogram.mapFromScene(scene_at))
    pull(histogram.viewport(), start, start + QPointF(-18, 0))
    done(window)
    moved = style(window).symbology
    assert moved.method == "manual"
    assert moved.classes[1].low < first - 1
    assert [one.colour for one in moved.classes] == [one.colour for one in made.classes]

    monkeypatch.setattr(QColorDialog, "getColor", staticmethod(lambda *_: QColor("#123456")))
    table = page.table
    box = table.visualItemRect(table.topLevelItem(1))
    chip = QPoint(box.left() + 36, box.center().y())
    QTest.mouseClick(table.viewport(), LEFT, pos=chip)
    done(window)
    assert style(window).symbology.classes[1].colour == "#123456"
    assert "#123456" in {entry.colour for entry in window.context.canvas.legend._legend.entries}

    tick = QPoint(box.left() + 12, box.center().y())
    QTest.mouseClick(table.viewport(), LEFT, pos=tick)
    done(window)
    assert not style(window).symbology.classes[1].visible
    assert "#123456" not in {entry.colour for entry in window.context.canvas.legend._legend.entries}
    _, rgba = window.context.scene_sync.colours_of("blocks")
    assert (rgba[:, 3] == 0).sum() == int(table.topLevelItem(1).text(3))

    for _ in range(8):
        if style(window) == Style():
            break
        window.session.history.undo()
    done(window)
    assert style(window) == Style()
    assert page.way.currentData() == "role"


def test_labels_and_ranges_are_set_on_their_pages_and_are_seen(window):
    panel, scene = window.features["styles"].panel, window.context.scene_sync.scene
    panel.tabs.setCurrentIndex(2)
    choose(panel.labels.way, "field")
    choose(panel.labels.field, "name")
    done(window)
    assert style(window).labels.field == "name"
    assert spin(lambda: any("街坊" in one.text for one in scene._labels.placed), 5)
    legend = window.context.canvas.legend
    if legend.isVisible():
        ratio, height = window.context.canvas.devicePixelRatioF(), window.context.canvas.height()
        card = legend.geometry()
        for one in scene._labels.placed:
            left, low, right, top = (value / ratio for value in one.box)
            beside = right <= card.left() or left > card.right()
            assert beside or height - low <= card.top() or height - top > card.bottom()
    panel.tabs.setCurrentIndex(3)
    choose(panel.range.far, 500)
    done(window)
    assert style(window).scales.smallest == 500
    scene.home()
    window.context.canvas.view.mark_dirty()
    done(window)
    assert scene.scale_visibility.is_out("blocks")
    window.session.history.undo()
    window.context.canvas.view.mark_dirty()
    done(window)
    assert not scene.scale_visibility.is_out("blocks")
    assert panel.range.far.currentData() == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_word_of_the_panel_is_cut_at_its_narrowest(window, lang):
    window.features["display"].set_lang(lang)
    panel = window.features["styles"].panel
    for way in ("graduated", "categorised", "ramp", "rules", "heat", "hex", "single"):
        choose(panel.colour.way, way)
        done(window)
        window.resizeDocks([window.context.docks["style"]], [300], Qt.Orientation.Horizontal)
        spin(seconds=0.05)
        for page in (panel.colour.form, panel.colour.foot):
            for name, (words, holder) in page._rows.items():
                if words.isVisible():
                    assert words.width() >= words.sizeHint().width(), (way, name)
                    assert holder.width() >= 90, (way, name, holder.width())
        viewport = panel._pages.currentWidget()
        assert panel.colour.width() <= viewport.width(), way

"""A tiny city for the window, and the hands that drive it: events, clicks, drags."""

import geopandas as gpd
import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from models.crs.frame import Frame
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState

FRAME = Frame("EPSG:4548", "EPSG:5737", (502000, 4059000, 0))
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def tiny_city():
    """Return nine houses, one district and forty components around the origin."""
    from shapely.geometry import Point, box

    houses = [
        {
            "code": f"B{i}{j}", "name": f"{i}号楼{j}", "name_en": f"Block {i}-{j}", "use": "residential", "storeys": 12,
            "height_m": 36.0, "base_m": 30.0, "bottom_m": 0.0, "roof": "flat",
            "geometry": box(501880 + 90 * i, 4058880 + 90 * j, 501945 + 90 * i, 4058945 + 90 * j),
        }
        for i in range(3) for j in range(3)
    ]  # fmt: skip
    rng = np.random.default_rng(1)
    parts = [
        {
            "ObjID": f"3701020101{k:06}", "ObjName": f"井盖{k}", "ObjState": "破损" if k % 10 == 0 else "完好",
            "geometry": Point(501860 + rng.random() * 280, 4058860 + rng.random() * 280),
        }
        for k in range(40)
    ]  # fmt: skip
    district = [{"code": "370102001", "name": "泉城街道", "name_en": "Quancheng", "population": 900,
                 "geometry": box(501850, 4058850, 502150, 4059150)}]  # fmt: skip
    data = {
        name: VectorData(gpd.GeoDataFrame(rows, crs="EPSG:4548"))
        for name, rows in (("districts", district), ("buildings", houses), ("components", parts))
    }

    def layer(name: str, zh: str, en: str, role: str) -> Layer:
        edition = "cjt214_2007" if role == "facilities" else ""
        return Layer(name, zh, "vector", role, synthetic=True, name_en=en, data_source="test", code_edition=edition)

    state = ProjectState(
        "小城", "Small town", FRAME,
        (
            layer("districts", "街道", "Sub-districts", "districts"),
            layer("buildings", "房屋", "Houses", "buildings"),
            layer("components", "部件", "Components", "facilities"),
        ),
    )  # fmt: skip
    return state, data


def spin(condition=lambda: False, seconds=20.0):
    """Let events run until the condition holds; return whether it did."""
    import time

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        if condition():
            return True
        time.sleep(0.005)
    return False


def settle(window):
    """Let the window finish what it has begun."""
    assert spin(lambda: not window.session.jobs.active and not window.context.scene_sync.busy, 60)
    spin(seconds=0.15)


def at(window, point):
    places, ahead = window.context.canvas.view.on_screen(np.asarray(point, float)[None, :])
    assert ahead[0]
    return QPointF(*places[0].tolist())


def hover(window, place, keys=NONE, buttons=Qt.MouseButton.NoButton):
    view = window.context.canvas.view
    event = QMouseEvent(QEvent.Type.MouseMove, place, view.mapToGlobal(place), Qt.MouseButton.NoButton, buttons, keys)
    QApplication.sendEvent(view, event)


def click(window, place, keys=NONE):
    QTest.mouseClick(window.context.canvas.view, LEFT, keys, place.toPoint())


def drag(window, start, stop):
    view = window.context.canvas.view
    QTest.mousePress(view, LEFT, NONE, start.toPoint())
    for step in range(1, 6):
        hover(window, start + (stop - start) * (step / 5), buttons=LEFT)
    QTest.mouseRelease(view, LEFT, NONE, stop.toPoint())


def drag_widget(widget, start, by):
    """Drag something by a part of it; places are its own at the start, and it may move along."""
    begin = widget.mapToGlobal(start)
    QTest.mousePress(widget, LEFT, NONE, start)
    for step in range(1, 6):
        here = QPointF(begin + by * (step / 5))
        inside = QPointF(widget.mapFromGlobal(here.toPoint()))
        event = QMouseEvent(QEvent.Type.MouseMove, inside, here, Qt.MouseButton.NoButton, LEFT, NONE)
        QApplication.sendEvent(widget, event)
    QTest.mouseRelease(widget, LEFT, NONE, widget.mapFromGlobal(begin + by))

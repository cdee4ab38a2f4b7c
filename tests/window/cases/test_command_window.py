"""Command by clicks: who is nearest by road, an order, arrived, done, and undone."""

from dataclasses import replace

import numpy as np
import shapely
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.usecases.cases import command
from models.cases.command.by_road import roads_of
from models.cases.command.resource import Resource
from models.cases.command.tracks import fixes
from models.project.selection import ObjectKey
from models.readings.batch import MINUTE_US
from tests.support.window import settle

LEFT = Qt.MouseButton.LeftButton
NOW = 1_752_840_000_000_000


def test_who_is_near_by_road_is_sent_and_the_order_is_timed(window, monkeypatch):

    session = window.session
    place = session.project.data["components"].frame.geometry.iloc[0]
    x, y = place.x, place.y
    roads = [((x, y), (x + 900.0, y)), ((x, y + 400.0), (x + 50, y + 400.0))]

    graph = roads_of(np.array([shapely.linestrings(line) for line in roads], dtype=object))
    monkeypatch.setattr(command, "_roads", lambda session, progress: graph)
    held = (
        Resource("far", "crew", "西区班", home=(place.x + 800.0, place.y, 0.0)),
        Resource("cut", "pump", "泵车", home=(place.x, place.y + 400.0, 0.0)),
        Resource("near", "vehicle", "巡查车", terminal="T1", phone="13800000000"),
    )
    session.history.do(
        "history.command_resources",
        lambda state: replace(state, operations=replace(state.operations, resources=held)),
    )
    session.tracks.add(fixes(["T1"], [NOW - MINUTE_US], [place.x + 300.0], [place.y + 10.0]))
    moment = [NOW]
    monkeypatch.setattr(command, "now_us", lambda session: moment[0])
    session.selection.set([ObjectKey("components", int(session.project.data["components"].frame.index[0]))])
    window.context.commands.run("command.open")
    settle(window)
    panel = window.features["command"].panel
    QTest.mouseClick(panel.nearest, LEFT)
    settle(window)
    rows = [[panel.resources.topLevelItem(at).text(column) for column in (0, 2, 3)] for at in range(3)]
    assert rows[0] == ["巡查车", "0.30 km + 10 m", "1 分钟前"]
    assert rows[1][1] == "0.80 km + 0 m"
    assert rows[2][1] == "道路不连通", "no straight line in the place of a road"
    assert window.features["command"].signs.overlay.isVisible()
    first = panel.resources.visualItemRect(panel.resources.topLevelItem(0)).center()
    QTest.mouseClick(panel.resources.viewport(), LEFT, pos=first)
    settle(window)
    QTest.mouseClick(panel.order, LEFT)
    settle(window)
    (order,) = session.project.state.operations.orders
    assert (order.resources, round(order.road_m)) == (("near",), 300)
    assert panel.resources.topLevelItem(0).text(1) == "出勤"
    panel.orders.topLevelItem(0).setSelected(True)
    moment[0] += 12 * MINUTE_US
    settle(window)
    QTest.mouseClick(panel.arrived, LEFT)
    settle(window)
    assert panel.orders.topLevelItem(0).text(2).startswith("12 +")
    session.history.undo()
    session.history.undo()
    assert not session.project.state.operations.orders

"""Charts of statistics: names that can be read where they are narrow, and what a click on a bar selects."""

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtTest import QTest

from models.query.statistics import Bar
from tests.support.window import LEFT, spin
from viewers.widgets.common.charts import Chart


def bars(count):
    return [Bar(0.0, 0.0, 10.0 + at, np.array([at]), f"Office building {at}") for at in range(count)]


def click(chart, x, y):
    """Click where a place of the chart is drawn."""
    spin(seconds=0.1)
    place = chart.getViewBox().mapViewToScene(QPointF(x, y))
    QTest.mouseClick(chart.viewport(), LEFT, pos=chart.mapFromScene(place))
    spin(seconds=0.05)


def test_bars_lie_where_their_names_have_no_room_and_a_click_selects_the_bar_that_is_named(window):
    chart, chosen = Chart(window.appearance), []
    chart.rows_chosen.connect(lambda rows, join: chosen.append((rows.tolist(), join)))
    chart.resize(320, 300)
    chart.show()
    chart.show_bars(bars(17), "Name", "Count", numeric=False)
    assert chart.is_lying
    names = [text for _, text in chart.getAxis("left")._tickLevels[0]]
    assert names[0].startswith("Office b")
    click(chart, 5.0, 3.0)
    assert chosen == [([3], False)]
    chart.resize(1800, 300)
    spin(seconds=0.1)
    assert not chart.is_lying
    click(chart, 3.0, 5.0)
    assert chosen[1:] == [([3], False)]
    chart.hide()
    chart.deleteLater()


def test_a_histogram_stands_whatever_its_width(window):
    chart = Chart(window.appearance)
    chart.resize(200, 200)
    chart.show_bars([Bar(at, at + 1.0, 3.0, np.array([at])) for at in range(30)], "Height (m)", "Count", numeric=True)
    assert not chart.is_lying
    chart.hide()
    chart.deleteLater()

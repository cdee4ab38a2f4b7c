"""Trends are found by a click, read as sentences, and made a case."""

import numpy as np
from PySide6.QtTest import QTest

from app.usecases.project import opening
from app.usecases.readings.readings import store_for_writing
from app.window.requests import Request
from models.readings.batch import DAY_US, readings
from tests.support.window import LEFT, spin


def test_a_trend_is_found_and_made_a_case_and_what_is_too_thin_is_told_apart(make, tmp_path):
    window = make(city=False)
    session = window.session
    opening.save_project(session, tmp_path / "city.gpkg")
    assert spin(lambda: session.project.path is not None)
    store = store_for_writing(session)
    rising, short = store.channel_for("L1", "level", "m"), store.channel_for("L2", "level", "m")
    day = np.arange(400)
    noise = np.random.default_rng(1).normal(0, 0.05, 400)
    store.append(readings(np.full(400, rising, np.int32), 1_700_000_000_000_000 + day * DAY_US, 1 + day / 400 + noise))
    store.append(readings(np.full(5, short, np.int32), 1_700_000_000_000_000 + day[:5] * DAY_US, noise[:5]))
    drafts = []
    request = window.context.requests.make_case = Request("")
    request.answer_with(lambda draft: drafts.append(draft) or "1")
    feature = window.features["trends"]
    window.context.commands.run("trends.open")
    spin(seconds=0.1)
    QTest.mouseClick(feature.panel.run, LEFT)
    assert spin(lambda: bool(feature.findings), seconds=10)
    spin(seconds=0.1)
    panel = feature.panel
    assert panel.list.topLevelItemCount() == 1
    assert "L1" in panel.list.topLevelItem(0).text(0)
    assert not panel.case.isEnabled()
    panel.list.setCurrentItem(panel.list.topLevelItem(0))
    QTest.mouseClick(panel.case, LEFT)
    assert [draft.source for draft in drafts] == ["trend"]
    panel.lists.setCurrentIndex(2)
    assert panel.list.topLevelItemCount() == 1
    assert "L2" in panel.list.topLevelItem(0).text(0)
    assert not panel.case.isEnabled()

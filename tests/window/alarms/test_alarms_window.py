"""Alarms by clicks: list, filter, acknowledge, silence, a moment of the past; a rule changed, tried and kept."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.usecases.alarms import alarms
from app.usecases.readings import readings
from models.alarms.alarm import Acknowledgement, Activation, Alarm, Alarms, RuleCounts, Silence
from models.alarms.rule import AlarmRule, AllOf, Compare, Hold, Level
from models.project.selection import ObjectKey
from models.readings.access import MemoryReadings
from models.readings.batch import HOUR_US
from models.readings.batch import readings as batch
from models.readings.channel import Channel
from tests.support.window import settle

LEFT = Qt.MouseButton.LeftButton
NOW = 1_752_840_000_000_000
TILT = AlarmRule(
    "tilt",
    "井盖倾斜",
    (Level("critical", Compare("tilt", ">", 10.0), Hold("duration", 120.0)),),
    name_en="Cover tilted",
    source="our rule",
)


class Fake:
    """The use case's side, with alarms made here: what people do is kept in a dictionary."""

    def __init__(self, monkeypatch):
        self.rules, self.tried = (TILT,), []
        self.alarms = {
            name: Alarm(
                name, "tilt", name, ObjectKey("components", oid), "tilt", "°",
                (Activation(NOW - 9 * HOUR_US, NOW - 8 * HOUR_US, ((NOW - 9 * HOUR_US, "major"),), 11.0),
                 Activation(NOW - hours * HOUR_US, None, ((NOW - hours * HOUR_US, severity),), 12.5)),
            )
            for name, oid, severity, hours in (("a", 1, "critical", 1), ("b", 2, "critical", 2), ("c", 3, "minor", 3))
        }  # fmt: skip
        store = MemoryReadings((Channel(0, "a", "tilt", "°"),), batch((0, 0), (NOW - 24 * HOUR_US, NOW), (1.0, 12.5)))
        monkeypatch.setattr(readings, "store_of", lambda session: store)
        for name in ("rules_of", "set_rule", "replay", "alarms_at", "acknowledge", "silence"):
            monkeypatch.setattr(alarms, name, getattr(self, name))

    def rules_of(self, session):
        return self.rules

    def set_rule(self, session, rule):
        self.rules = (rule,)

    def alarms_at(self, session, moment_us):
        return tuple(one for one in self.alarms.values() if moment_us is None or one.at(moment_us))

    def acknowledge(self, session, ids, remark=""):
        for name in ids:
            one = self.alarms[name]
            self.alarms[name] = replace(one, acknowledgements=(Acknowledgement(one.last.start_us, NOW, "王工"),))

    def silence(self, session, ids, until_us, remark=""):
        for name in ids:
            self.alarms[name] = replace(self.alarms[name], silences=(Silence(NOW, until_us, NOW),))

    def replay(self, session, start_us, end_us, rules=None, progress=None):
        (rule,) = rules
        self.tried.append(rule)
        counts = RuleCounts(rule.id, start_us, end_us, 3, 1, (("critical", 6),), (("a", 2),), 6, 3, 2, 60.0, 3600.0)
        return Alarms(tuple(self.alarms.values()), start_us, end_us, (counts,))


@pytest.fixture
def fake(monkeypatch):
    return Fake(monkeypatch)


def opened(window, tab=0):
    window.context.commands.run("alarms.rules" if tab else "alarms.open")
    settle(window)
    return window.features["alarms"].panel


def click_row(panel, place, window):
    panel.list.view.setCurrentIndex(panel.list.model.index(place, 0))
    at = panel.list.view.visualRect(panel.list.model.index(place, 1)).center()
    QTest.mouseClick(panel.list.view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, at)
    settle(window)


def cells(panel, column):
    return [panel.list.model.cell_text(row, column) for row in range(panel.list.model.rowCount())]


def test_an_alarm_is_flown_to_acknowledged_and_silenced(window, fake):
    panel = opened(window)
    assert [panel.counts[name].text() for name in ("critical", "minor")] == ["2", "1"]
    assert cells(panel, 0) == ["一级", "一级", "三级"]
    assert "12.5° (> 10°)" in cells(panel, 4)[0]
    overlay = window.features["alarms"].rings.overlay
    assert overlay.isVisible()
    assert not overlay.is_moving, "nothing moves where the view does not animate"
    click_row(panel, 0, window)
    assert window.session.selection.keys == (("components", 2),), "the older of the two gravest stands first"
    assert panel.activations.topLevelItemCount() == 2
    window.features["alarms"].load()
    settle(window)
    assert [row.alarm.id for row in window.features["alarms"].chosen()] == ["b"], (
        "a list that is asked for again keeps what was chosen"
    )
    QTest.mouseClick(panel.acknowledge, LEFT)
    settle(window)
    assert cells(panel, 5) == ["已确认", "未确认", "未确认"]
    click_row(panel, 1, window)
    menu = panel.silence_menu()
    next(one for one in menu.actions() if one.objectName() == "alarms.silence.clears").trigger()
    settle(window)
    assert cells(panel, 5)[1] == "已静默"
    QTest.mouseClick(panel.counts["minor"], LEFT)
    settle(window)
    assert cells(panel, 0) == ["三级"]
    window.session.clock.go(NOW - 8 * HOUR_US - 1)
    settle(window)
    QTest.qWait(250)
    settle(window)
    assert "历史时刻" in panel.moment.text()
    assert not panel.silence.isEnabled(), "what was draws no attention now"


def test_a_rule_is_changed_as_a_tree_tried_on_history_and_kept(window, fake):
    panel = opened(window, tab=1)
    page = panel.rules
    item = page.list.item(0)
    QTest.mouseClick(page.list.viewport(), LEFT, pos=page.list.visualItemRect(item).center())
    settle(window)
    form = page.form
    assert "倾角" in form.sentence.text()
    assert "持续 2 分钟 → 一级" in form.sentence.text()
    QTest.mouseClick(form.buttons["compare"], LEFT)
    settle(window)
    field = form.fields["value"]
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "45")
    QTest.keyClick(field, Qt.Key.Key_Return)
    settle(window)
    assert form.rule.levels[0].condition == AllOf((Compare("tilt", ">", 10.0), Compare("tilt", ">", 45.0)))
    QTest.mouseClick(form.enabled, LEFT)
    QTest.mouseClick(form.run, LEFT)
    settle(window)
    assert fake.tried[0].enabled, "a rule is tried before it is switched on"
    assert "6" in form.result.text()
    assert "缺少规则所需的台账值" in form.result.text()
    assert form.bars.isVisible()
    QTest.mouseClick(form.save, LEFT)
    settle(window)
    assert len(fake.rules[0].levels[0].condition.all) == 2
    assert page.list.isVisible()

"""Citizens' messages by clicks: counted, those without a place listed, a row flown to, a case made of one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.usecases.cases import citizens
from tests.support.window import settle, spin

LEFT = Qt.MouseButton.LeftButton
TABLE = """编号,主题,内容,地址,时间
1,路灯不亮,楼前路灯坏了,0号楼1,2025-06-03 09:00
2,井盖破损,井盖破了,1号楼2,2025-07-04 10:00
3,路灯太黑,没有路灯,某处,2025-07-05 11:00
4,询问政策,想问一下,某处,
"""


def click_row(listed, at):
    QTest.mouseClick(listed.viewport(), LEFT, pos=listed.visualItemRect(listed.item(at)).center())
    spin(seconds=0.1)


def test_messages_are_counted_listed_and_made_cases(window, tmp_path):
    session, panel = window.session, window.features["citizens"].panel
    table = tmp_path / "messages.csv"
    table.write_text(TABLE, encoding="utf-8")
    citizens.bring_in(session, table)
    window.context.commands.actions["citizens.open"].trigger()
    settle(window)
    counts = [panel.counts.item(at).text() for at in range(panel.counts.count())]
    assert counts == ["路灯照明", "井盖", "未归类"]
    assert "2" in panel.placed_told.text()
    assert "50.0%" in panel.placed_told.text()
    click_row(panel.counts, 0)
    assert [panel.list.item(at).text() for at in range(panel.list.count())] == ["路灯太黑", "路灯不亮"]
    click_row(panel.list, 1)
    settle(window)
    (key,) = session.selection.keys
    assert session.project.data_of(key.layer).row(key.oid)["place"] == "0号楼1"
    QTest.mouseClick(panel.make, LEFT)
    settle(window)
    assert window.features["cases"].panel.card.view.title == "路灯不亮"
    (step,) = session.project.state.operations.case_steps
    assert (step.source, step.source_id) == ("hotline", "1")
    window.context.commands.actions["citizens.open"].trigger()
    click_row(panel.counts, 0)  # all again
    panel.which.setCurrentIndex(1)
    settle(window)
    assert {panel.list.item(at).text() for at in range(panel.list.count())} == {"路灯太黑", "询问政策"}
    QTest.keyClicks(panel.search, "4")  # its number
    spin(lambda: panel.list.count() == 1, 3)
    assert panel.list.item(0).text() == "询问政策"
    session.history.undo()
    session.history.undo()
    settle(window)
    assert window.features["citizens"]._messages is None

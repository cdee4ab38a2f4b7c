"""Three levels by clicks: what another level handed out is read, a conflict decided by hand, merged and undone."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.exchange import levels
from app.usecases.project import opening
from app.usecases.query.query import set_cell
from tests.support.window import settle, tiny_city

LEFT = Qt.MouseButton.LeftButton


def state_of(session: Session, code: str) -> str:
    key = levels.object_of(session, "components", code)
    return str(session.project.data_of(key.layer).row(key.oid)["ObjState"])


def say(session: Session, code: str, state: str) -> None:
    key = levels.object_of(session, "components", code)
    set_cell(session, key.layer, key.oid, "ObjState", state)


def test_a_conflict_is_decided_by_hand_merged_in_one_step_and_undone(window, tmp_path):
    meet, session = tmp_path / "meet", window.session
    opening.save_project(session, tmp_path / "city.gpkg")
    county = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    try:
        county.project.replace_all(*tiny_city(), None)
        opening.save_project(county, tmp_path / "county.gpkg")
        levels.set_party(county, "370102", "示例区")
        levels.hand_out(county, str(meet), ("components",))
        window.context.commands.actions["levels.merge"].trigger()
        settle(window)
        dialog = window.features["levels"].dialog
        assert dialog.party.said[0] == "370102", "as the codes of the sub-districts say"
        dialog.party.code.clear()
        assert not dialog.read.isEnabled()
        QTest.keyClicks(dialog.party.code, "370100")
        QTest.keyClicks(dialog.place, str(meet))
        QTest.mouseClick(dialog.read, LEFT)
        settle(window)
        assert [dialog.counts.item(0, at).text() for at in range(6)] == ["部件", "0", "0", "0", "40", "0"]
        QTest.mouseClick(dialog.merge, LEFT)  # the same, and from now on a common version
        settle(window)
        assert not dialog.isVisible()

        codes = [f"3701020101{number:06}" for number in (1, 2, 3)]
        for code in codes:
            say(county, code, "丢失")
        for code in codes[1:]:
            say(session, code, "占用")
        levels.hand_out(county, str(meet), ("components",))
    finally:
        county.close()
    window.context.commands.actions["levels.merge"].trigger()
    QTest.mouseClick(dialog.read, LEFT)
    settle(window)
    assert [dialog.counts.item(0, at).text() for at in range(6)] == ["部件", "0", "1", "0", "0", "2"]
    first = dialog.model.index(0, 0)
    assert [first.siblingAtColumn(at).data() for at in range(5)] == [
        f"部件 {codes[1]}",
        "ObjState",
        "完好",
        "占用",
        "丢失",
    ]
    QTest.mouseClick(dialog.table.viewport(), LEFT, pos=dialog.table.visualRect(first).center())
    settle(window)
    assert list(session.selection.keys) == [levels.object_of(session, "components", codes[1])]
    QTest.mouseClick(dialog.ways["theirs"], LEFT)
    assert [dialog.model.index(at, 6).data() for at in range(2)] == ["370102: 丢失", "未选定"]
    before = session.project.state
    QTest.mouseClick(dialog.merge, LEFT)
    settle(window)
    assert [state_of(session, code) for code in codes] == ["丢失", "丢失", "占用"]
    window.context.commands.actions["edit.undo"].trigger()
    settle(window)
    assert session.project.state == before
    assert [state_of(session, code) for code in codes] == ["完好", "占用", "占用"]

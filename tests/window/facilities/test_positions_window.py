"""Measured points are opened, compared and taken over with clicks; the component stands where it was measured."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.support.window import settle


def test_surer_positions_are_compared_taken_and_undone(window, tmp_path: Path):
    session = window.session
    data = session.project.data["components"]
    oid = int(data.frame.index[0])
    code, before = data.attributes.loc[oid, "ObjID"], data.frame.geometry.loc[oid]
    table = tmp_path / "rtk.csv"
    table.write_text(f"name,x,y,fix,hrms\n{code},{before.x + 3},{before.y + 4},fixed,0.01\n", encoding="utf-8")
    from app.usecases.project import opening

    opening.open_files(session, [table], str(data.crs))
    settle(window)
    window.context.commands.run("facilities.positions")
    settle(window)
    dialog = window.features["positions"].dialog
    assert dialog.isVisible()
    assert not dialog.isModal()
    dialog.points.setCurrentIndex(dialog.points.findText("rtk"))
    dialog.register.setCurrentIndex(dialog.register.findData("components"))
    assert dialog.compare.isEnabled(), [notice.key for notice in session.notices.all]
    QTest.mouseClick(dialog.compare, Qt.MouseButton.LeftButton)
    settle(window)
    assert dialog.list.model.rowCount() == 1
    assert "5.00" in dialog.list.total.text()
    assert dialog.take_better.isEnabled()
    QTest.mouseClick(dialog.take_better, Qt.MouseButton.LeftButton)
    settle(window)
    moved = session.project.data["components"].frame.geometry.loc[oid]
    assert abs(moved.x - before.x - 3) < 1e-6
    assert not dialog.take_better.isEnabled() or "0.00" in dialog.list.total.text(), "what was taken is compared again"
    session.history.undo()
    settle(window)
    assert session.project.data["components"].frame.geometry.loc[oid].equals(before)

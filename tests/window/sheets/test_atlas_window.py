"""An atlas by hand: chosen in its dialog, made by a child beside the window, kept as it was made."""

from __future__ import annotations

import json

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.usecases.health import health
from tests.support.small_city import open_tower_city
from tests.support.window import LEFT, spin


def test_an_atlas_is_chosen_counted_made_and_kept(window, tmp_path, monkeypatch):
    session = window.session
    open_tower_city(session, 2)
    health.compute_indicators(session, ("HC25-25",))
    assert spin(lambda: bool(session.project.state.results), 20.0)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: str(tmp_path / "atlas"))
    seen = {}

    def choose():
        dialog = window.features["atlas"]._dialog
        spin(lambda: bool(dialog.count.text()), 5.0)
        seen["districts"] = dialog.count.text()
        dialog.by.setFocus()
        QTest.keyClick(dialog.by, Qt.Key.Key_End)
        dialog.by.activated.emit(dialog.by.currentIndex())
        spin(seconds=0.5)
        seen["buildings"], seen["go"] = dialog.count.text(), dialog.go.isEnabled()
        QTest.keyClick(dialog.by, Qt.Key.Key_Home)
        dialog.by.activated.emit(dialog.by.currentIndex())
        dialog.paper.setCurrentIndex(dialog.paper.findData("A4"))
        dialog.dpi.setValue(60)
        spin(seconds=0.5)
        QTest.mouseClick(dialog.go, LEFT)

    QTimer.singleShot(200, choose)
    window.features["atlas"].make()
    assert seen["districts"].startswith("共 2 幅")
    assert seen["buildings"] != seen["districts"]
    assert spin(lambda: (tmp_path / "atlas" / "pages.json").exists(), 90.0)
    listing = json.loads((tmp_path / "atlas" / "pages.json").read_text(encoding="utf-8"))
    assert [row["number"] for row in listing["pages"]] == ["1-01", "1-02"]
    assert (tmp_path / "atlas" / "all.pdf").exists()
    kept = session.project.state.review.atlases
    assert [(one.by, one.paper, one.dpi) for one in kept] == [("district", "A4", 60)]
    session.history.undo()
    assert session.project.state.review.atlases == ()

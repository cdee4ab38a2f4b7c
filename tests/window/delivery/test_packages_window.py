"""Review packages and the paper set in the window, by real clicks."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from app.usecases.delivery import package_opening
from app.usecases.project import opening
from tests.support.window import LEFT, settle, spin
from viewers.widgets.delivery.package_dialog import PackageDialog

#: Inside the square of a check box.
SQUARE = QPoint(8, 8)


def test_a_package_is_made_of_what_is_ticked_opened_by_a_drop_and_said_above_the_view(
    make, tmp_path, monkeypatch
) -> None:
    window = make()
    session, package = window.session, tmp_path / "town.cjreview"
    opening.save_project(session, tmp_path / "town.gpkg")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(package), ""))

    def fill() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, PackageDialog)
        assert not dialog.fields.isEnabled()
        QTest.mouseClick(dialog.redactions["fields"], LEFT, pos=SQUARE)
        assert dialog.fields.isEnabled()
        row = dialog.layers.topLevelItem(0)
        box = dialog.layers.visualItemRect(row)
        QTest.mouseClick(dialog.layers.viewport(), LEFT, pos=QPoint(box.left() + 12, box.center().y()))
        assert dialog.without == ("components",)
        QTest.mouseClick(dialog.write, LEFT)

    QTimer.singleShot(300, fill)
    window.context.commands.run("package.make")
    assert package.exists()
    window.context.requests.open_paths([str(package)])
    settle(window)
    bar = window.features["package"].bar
    assert bar.isVisible()
    assert "town.cjreview" in bar.detail.toolTip()
    assert {layer.id for layer in session.project.state.layers} == {"districts", "buildings"}
    opening.new_project(session)
    assert not bar.isVisible()


def test_the_paper_set_says_what_is_missing_and_what_becomes_of_each_part(make, tmp_path) -> None:
    window = make(inline=False)
    opening.save_project(window.session, tmp_path / "town.gpkg")
    settle(window)
    window.context.commands.run("delivery.deliver")
    feature = window.features["paper_set"]
    dialog = feature.dialog
    assert not dialog.parts["agenda"].isEnabled()
    for name in dialog.chosen:
        if name != "package":
            QTest.mouseClick(dialog.parts[name], LEFT, pos=SQUARE)
    assert dialog.chosen == ("package",)
    QTest.mouseClick(dialog.go, LEFT)
    assert dialog.stop.isVisible()
    assert spin(lambda: feature._job.is_over, 60.0)
    spin(seconds=0.2)
    assert dialog.states["package"].text() == window.appearance.word("deliver.state.made")
    assert dialog.show_folder.isEnabled()
    folder = tmp_path / "town-out"
    assert (folder / "SHA256SUMS").exists()
    found = []
    package_opening.verify_package(
        window.session, next(folder.glob("package/*.cjreview")), lambda _, wrong: found.append(wrong)
    )
    spin(lambda: bool(found), 30.0)
    assert found == [[]]
    dialog.close()

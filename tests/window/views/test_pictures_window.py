"""Pictures of the view: the clipboard at once, a sheet from a child process, with real keys and clicks."""

import gc
import os
import signal

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton

from app.background.workers import Child
from app.usecases.layers import layers
from app.usecases.views import drawing_apart
from models.project.selection import ObjectKey
from tests.support.window import LEFT, settle, spin
from viewers.sheets.record import read_record
from viewers.widgets.views.snapshot_dialog import SnapshotDialog

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def live(make, tmp_path):
    """A window whose jobs run beside it, on an unsaved city with one house selected."""
    window = make(inline=False)
    layers.rename_layer(window.session, "buildings", "房屋（未保存）")
    window.session.selection.set([ObjectKey("buildings", 4)])
    spin(seconds=0.1)
    return window


def answer(monkeypatch, out, act):
    """Let the file dialog name ``out``, and do something in the picture's dialog before it is accepted."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *_, **__: (str(out), "")))

    def press():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, SnapshotDialog)
        act(dialog)
        presses = [one for one in dialog.findChildren(QPushButton) if one.isDefault()]
        QTest.mouseClick(presses[0], LEFT)

    QTimer.singleShot(0, press)


def tick(box):
    """Click on the sign of a check box; its words may be narrower than its room."""
    QTest.mouseClick(box, LEFT, pos=QPoint(9, box.height() // 2))


def picture_job(window):
    return next((job for job in window.session.jobs.active if job.title == "job.snapshot"), None)


def said(window):
    return [notice.key for notice in window.session.notices.all]


def test_the_clipboard_has_the_view_as_a_sheet_after_one_key(window):
    QGuiApplication.clipboard().clear()
    window.session.selection.set([ObjectKey("buildings", 4)])
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_C, CONTROL | SHIFT)
    assert spin(lambda: not QGuiApplication.clipboard().image().isNull())
    image, view = QGuiApplication.clipboard().image(), window.context.canvas.view
    assert (image.width(), image.height()) == (
        round(view.width() * view.devicePixelRatioF()), round(view.height() * view.devicePixelRatioF())
    )  # fmt: skip
    assert said(window)[-1] == "notice.picture_copied"
    ground = image.pixelColor(30, 30).name()
    assert ground == "#fffffe"  # the card of the title


def test_a_child_draws_unsaved_work_while_the_window_lives_and_the_ending_is_added(live, monkeypatch, tmp_path):
    def choose(dialog):
        assert dialog.title_.text().startswith("小城 · ")
        dialog.size_.setCurrentIndex(dialog.size_.count() - 1)
        dialog.width_.setValue(480)
        dialog.height_.setValue(320)
        tick(dialog.parts["legend"])

    answer(monkeypatch, tmp_path / "图", choose)
    live.context.commands.run("file.snapshot")
    assert picture_job(live) is not None
    assert not live.session.project.is_saved
    assert spin(lambda: picture_job(live) is None, 120)
    spec, _ = read_record(tmp_path / "图.png")
    assert (spec.width_px, spec.height_px) == (480, 320)
    assert spec.selected == (ObjectKey("buildings", 4),)
    assert spec.callout is not None
    assert spec.callout.title in spec.title
    assert "legend" in spec.without
    written = [notice for notice in live.session.notices.all if notice.key == "notice.written"]
    assert len(written) == 1
    offered = [one.word for one in live.context.requests.notice_actions if one.applies(written[0])]
    assert offered == ["notice.open_folder"]
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".png"] == ["图.png"]


def test_a_cancel_ends_the_child_at_once_and_leaves_no_file(live, monkeypatch, tmp_path):
    children = []
    begun = Child.__init__

    def noted(self, **given):
        begun(self, **given)
        children.append(self)

    monkeypatch.setattr(Child, "__init__", noted)
    answer(monkeypatch, tmp_path / "a.png", lambda _: None)
    live.context.commands.run("file.snapshot")
    job = picture_job(live)
    spin(seconds=0.3)
    job.cancel()
    assert spin(lambda: job.is_over, 5)
    assert job.state == "cancelled"
    assert children
    assert not any(child.is_alive for child in children)
    assert not (tmp_path / "a.png").exists()
    assert said(live)[-1] == "notice.stopped"


@pytest.mark.skipif(os.name == "nt", reason="sends a signal")
def test_a_child_that_dies_is_a_notice_and_one_ending(live, monkeypatch, tmp_path):
    answer(monkeypatch, tmp_path / "a.png", lambda _: None)
    live.context.commands.run("file.snapshot")
    job, endings = picture_job(live), []
    job.ended.connect(endings.append)
    assert spin(lambda: job.fraction >= 0.15 or job.is_over, 20)  # the child has been asked
    drawers = [one for one in gc.get_objects() if isinstance(one, drawing_apart.Drawer) and one._child is not None]
    os.kill(drawers[0]._child.process.pid, signal.SIGKILL)
    assert spin(lambda: job.is_over, 20)
    assert said(live).count("error.picture.crashed") == 1
    assert len(endings) == 1
    assert live.isVisible()


def test_the_dialog_shows_the_sheet_and_follows_what_is_chosen(window, monkeypatch, tmp_path):
    seen = {}

    def look(dialog):
        assert spin(lambda: dialog.picture.pixmap().width() > 0)
        seen["first"] = dialog.picture.pixmap().toImage()
        dialog.size_.setCurrentIndex(dialog.size_.findData("a4"))
        dialog.dpi.setValue(100)
        assert (dialog.width_.value(), dialog.height_.value()) == (1169, 827)
        for name in ("title", "legend", "scale", "north", "source"):
            tick(dialog.parts[name])
        assert spin(lambda: dialog.picture.pixmap().toImage().size() != seen["first"].size())
        spin(seconds=0.3)
        seen["bare"] = dialog.picture.pixmap().toImage()
        tick(dialog.pdf)
        assert dialog.choice.suffix == ".pdf"
        assert dialog.choice.dpi == 100
        dialog.reject()
        dialog.answer = ""

    def press():
        look(QApplication.activeModalWidget())

    QTimer.singleShot(0, press)
    window.context.commands.run("file.snapshot")
    settle(window)
    assert seen["first"].pixelColor(12, 12).name() == "#fffffe"
    assert seen["bare"].pixelColor(seen["bare"].width() - 3, seen["bare"].height() - 3).name() != "#fffffe"
    assert "notice.written" not in said(window)

"""Opening a city in the window: progress where one looks, one opening for two clicks, the view from last time."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.background import project_reading
from app.settings import Settings
from models.store import project_file
from tests.support.window import LEFT, NONE, settle, spin, tiny_city


@pytest.fixture
def project(tmp_path):
    state, data = tiny_city()
    path = tmp_path / "data" / "city.gpkg"
    path.parent.mkdir()
    project_file.save_project(state, data, path)
    return path


def settings(tmp_path: Path, *recent: Path) -> Settings:
    made = Settings(tmp_path / "home" / "settings.toml")
    made.set("recent", [str(path) for path in recent])
    return made


def cards(window) -> list[QPushButton]:
    return [one for one in window.context.welcome.findChildren(QPushButton) if one.property("role") == "recent"]


def opened_count(window) -> int:
    return sum(notice.key == "notice.opened" for notice in window.session.notices.all)


class Gate:
    """Holds the reading of a project until it is let go; a cancel passes."""

    def __init__(self, monkeypatch) -> None:
        self.go, self.read = threading.Event(), project_reading.read_project
        monkeypatch.setattr(project_reading, "read_project", self._wait)

    def _wait(self, path, progress, workers=None):
        while not self.go.wait(0.02):
            progress.step(0.5, "progress.store.opening")
        return self.read(path, progress, workers)


def test_a_recent_card_that_is_clicked_twice_opens_once_under_a_card_that_tells_the_stages(
    make, project, tmp_path, monkeypatch
) -> None:
    window = make(city=False, inline=False, settings=settings(tmp_path, project))
    canvas, gate = window.context.canvas, Gate(monkeypatch)
    (recent,) = cards(window)
    middle = recent.rect().center()
    QTest.mouseClick(recent, LEFT, NONE, middle)
    QTest.mouseClick(recent, LEFT, NONE, middle)
    QTest.mouseDClick(recent, LEFT, NONE, middle)
    QTest.mouseRelease(recent, LEFT, NONE, middle)
    assert sum(job.title == "job.open_project" for job in window.session.jobs.active) == 1
    assert spin(lambda: canvas.opening_card.isVisible())
    card = canvas.opening_card
    assert not window.context.welcome.isVisible()
    assert card.stage == "reading"
    assert "city.gpkg" in card.name.text()
    centre = card.geometry().center()
    assert abs(centre.x() - canvas.width() / 2) < 3
    assert canvas.height() * 0.2 < centre.y() < canvas.height() * 0.6
    gate.go.set()
    assert spin(lambda: window.context.scene_sync.has_picture)
    settle(window)
    assert not card.isVisible()
    assert opened_count(window) == 1


@pytest.mark.parametrize("stage", ["reading", "preparing"])
def test_cancel_at_any_stage_leaves_a_clean_window_within_a_second(make, project, tmp_path, monkeypatch, stage) -> None:
    from viewers.render.chunks import preparation

    window = make(city=False, inline=False, settings=settings(tmp_path, project))
    card, gate, going = window.context.canvas.opening_card, Gate(monkeypatch), threading.Event()
    if stage == "preparing":
        make_ready = preparation.prepare
        monkeypatch.setattr(preparation, "prepare", lambda *a, **k: (going.wait(10), make_ready(*a, **k))[1])
        gate.go.set()
    QTest.mouseClick(cards(window)[0], LEFT)
    assert spin(lambda: card.isVisible() and card.stage == stage)
    QTest.mouseClick(card.stop, LEFT)
    assert spin(lambda: window.context.welcome.isVisible() and not card.isVisible(), seconds=1.0)
    assert not window.session.project.state.layers
    assert window.session.project.path is None
    assert not any(job.title == "job.open_project" for job in window.session.jobs.active) or spin(
        lambda: not any(job.title == "job.open_project" for job in window.session.jobs.active), seconds=1.0
    )
    assert not window.context.canvas.loading_card.isVisible()
    going.set()
    gate.go.set()
    QTest.mouseClick(cards(window)[0], LEFT)  # and it can be opened after all
    assert spin(lambda: window.context.scene_sync.has_picture)
    settle(window)
    assert len(window.session.project.state.layers) == 3


def test_a_file_that_cannot_be_opened_leads_back_to_the_welcome_page(make, tmp_path) -> None:
    broken = tmp_path / "broken.geojson"
    broken.write_text("{")
    window = make(city=False, inline=False, settings=settings(tmp_path, broken))
    QTest.mouseClick(cards(window)[0], LEFT)
    assert spin(lambda: any(notice.level == "error" for notice in window.session.notices.all))
    assert spin(lambda: window.context.welcome.isVisible() and not window.context.canvas.opening_card.isVisible())


def test_the_last_camera_comes_back_and_a_picture_stands_on_the_card(make, project, tmp_path) -> None:
    kept = settings(tmp_path, project)
    window = make(city=False, inline=False, settings=kept)
    window.context.requests.open_paths([project])
    assert spin(lambda: window.context.scene_sync.has_picture)
    settle(window)
    scene = window.context.scene_sync.scene
    camera = replace(scene.camera, position=(502100.0, 4058700.0, 160.0), focal_point=(502000.0, 4059000.0, 40.0))
    scene.set_camera(camera)
    window.context.canvas.view.mark_dirty()
    spin(seconds=0.3)
    assert window.session.project.is_saved, "to look is no change"
    window.close()
    window.session.close()
    assert sorted(path.name for path in project.parent.iterdir()) == ["city.gpkg"], "nothing beside the project"

    again = make(city=False, inline=False, settings=Settings(kept.path))
    remembered = again.session.memory.of(project)
    assert remembered.picture.startswith(b"\x89PNG")
    assert remembered.synthetic
    (recent,) = cards(again)
    shown = recent.grab().toImage()
    inside = {shown.pixelColor(QPoint(x, y)).rgb() for x in range(14, 80, 6) for y in range(12, 48, 6)}
    assert len(inside) > 4, "a picture, no icon on plain ground"
    QTest.mouseClick(recent, LEFT)
    assert spin(lambda: again.context.scene_sync.has_picture)
    settle(again)
    back = again.context.scene_sync.scene.camera
    assert back.position == pytest.approx(camera.position, abs=0.01)
    assert back.focal_point == pytest.approx(camera.focal_point, abs=0.01)

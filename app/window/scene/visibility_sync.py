"""Synchronises visibility, section cuts and measurements with the session: hidden, faded, lifted and cut elements.

Invariants
----------
1. Cut faces are filled by a job; a fill that comes too late for its cut is dropped by the scene and made again.
2. While a hand moves a cut nothing is filled; the last step is.
3. A layer that is put again, in a finer stage or on other ground, gets look and cut again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QObject, QTimer

from app.background.jobs import Job
from app.session import Session
from models.core.watch import watch
from models.views.visibility import Cut, ElementAppearance
from viewers.render.overlays.measures import Measure
from viewers.render.scene.scene import Scene

#: Cut faces are filled so many milliseconds after the last change: of ten steps of a wheel, the last is filled.
CAPS_MS = 40


class VisibilitySync(QObject):
    """Look, cut and measurements of one window's scene."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._scene: Scene | None = None
        self._dragging = False
        self._measures: tuple[Measure, ...] = ()
        self._job: Job | None = None
        self._timer = QTimer(self, singleShot=True, interval=CAPS_MS)
        self._timer.timeout.connect(self._fill)
        self._stops = [
            watch(session.visibility.changed, self._on_look_changed),
            watch(session.visibility.cut_changed, lambda _: self._apply_cut()),
        ]

    def set_scene(self, scene: Scene | None) -> None:
        """Follow with another scene."""
        self._scene = scene
        if scene is not None:
            self._apply_cut()
            scene.set_measures(self._measures)

    def after_put(self, layer_id: str) -> None:
        """Give a layer that was just put its look and the cut."""
        if self._scene is not None:
            if layer_id in self._session.visibility.elements:
                self._scene.set_look(layer_id, self._session.visibility.of(layer_id))
            if self._session.visibility.cut != Cut():
                self._apply_cut()

    def drag(self, dragging: bool) -> None:
        """Cut without filling the faces while a hand moves the cut; fill them when it lets go."""
        if dragging != self._dragging:
            self._dragging = dragging
            if not dragging:
                self._apply_cut()

    def set_measures(self, measures: Iterable[Measure]) -> None:
        """Draw exactly these measurements over the city, whatever happens to the scene."""
        self._measures = tuple(measures)
        if self._scene is not None:
            self._scene.set_measures(self._measures)

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Return what is drawn as measured."""
        return self._measures

    @property
    def filling(self) -> bool:
        """Whether cut faces are still to be filled."""
        at_work = self._job is not None and not self._job.is_over
        return at_work or self._timer.isActive()

    def close(self) -> None:
        """Stop watching."""
        for stop in self._stops:
            stop()
        self._timer.stop()
        if self._job is not None:
            self._job.cancel()

    def _on_look_changed(self, layer_id: str) -> None:
        if self._scene is not None and layer_id in self._scene.layer_ids:
            look = self._session.visibility.of(layer_id)
            self._scene.set_look(layer_id, None if look == ElementAppearance() else look)
            self._timer.start()

    def _apply_cut(self) -> None:
        if self._scene is not None:
            cut = self._session.visibility.cut
            self._scene.set_cut(None if cut == Cut() else cut, final=not self._dragging)
            self._timer.start()

    def _fill(self) -> None:
        scene = self._scene
        if scene is None or self._dragging or not scene.caps_due:
            return
        if self._job is not None and not self._job.is_over:
            self._timer.start()
            return
        make = scene.caps_work()

        def done(made: Any) -> None:
            if self._scene is scene:
                scene.put_caps(made)
                if scene.caps_due:
                    self._timer.start()

        self._job = self._session.jobs.run("job.caps", lambda _: make(), done, failed=self._session.fail)

"""Lights the scene by the sun of the moment that the session has chosen.

Invariants
----------
1. Light and sky follow at once; shadows are swept by a job once the hand rests, the last wish only.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer

from app.background.jobs import Job
from app.session import Session
from models.core.watch import watch
from models.project.project import ProjectState
from models.terrain.ground import Ground
from models.views.sun import Sun
from viewers.render.scene.scene import Scene
from viewers.render.scene.scene_sunlight import put_shadows, shadows, sun_over

#: Shadows are swept so many milliseconds after the last change.
REST_MS = 160


class SunSync(QObject):
    """The sun of one window's scene."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._scene: Scene | None = None
        self._ground: Ground | None = None
        self._job: Job | None = None
        self._made: object = None
        self._timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(self._sweep)
        self._stops = [watch(session.visibility.sun_changed, lambda _: self._light())]

    def set_scene(self, scene: Scene | None) -> None:
        """Light another scene."""
        self._scene, self._made = scene, None
        self._light()

    def follow(self, state: ProjectState, ground: Ground) -> None:
        """Sweep shadows again where houses, their visibility or the ground have changed."""
        self._ground = ground
        if self._session.visibility.sun is not None and self._basis() != self._made:
            self._timer.start()

    def close(self) -> None:
        """Stop watching."""
        self._timer.stop()
        for stop in self._stops:
            stop()
        if self._job is not None:
            self._job.cancel()

    @property
    def sun(self) -> Sun | None:
        """Return where the sun stands, None in the usual light."""
        when = self._session.visibility.sun
        return None if when is None or self._scene is None else sun_over(self._scene.frame, when)

    def _light(self) -> None:
        if self._scene is not None:
            self._scene.set_sun(self.sun)
            self._timer.start()

    def _basis(self) -> object:
        state, data = self._session.project.state, self._session.project.data
        houses = tuple((layer, id(data.get(layer.id))) for layer in state.with_role("buildings"))
        return self.sun, houses, id(self._ground)

    def _sweep(self) -> None:
        scene, ground, sun = self._scene, self._ground, self.sun
        if scene is None or ground is None:
            return
        if self._job is not None and not self._job.is_over:
            self._timer.start()
            return
        basis = self._basis()
        if basis == self._made or (sun is None and self._made is None):
            return
        state, data = self._session.project.state, dict(self._session.project.data)

        def done(made: Any) -> None:
            if self._scene is scene and self._basis() == basis:
                self._made = basis
                put_shadows(scene, state, made)
            else:
                self._timer.start()

        self._job = self._session.jobs.run(
            "job.sun_shadows", lambda _: shadows(state, data, ground, sun), done, failed=self._session.fail
        )

"""Flies to objects so that they are seen: past what stands between, fading what hides them all the same.

Invariants
----------
1. Where to stand is worked out by a job; of two flights asked for one after the other only the last is flown.
2. What is faded stays so while what was flown to stays selected, or until the next flight.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from app.background.jobs import Job
from app.session import Session
from models.core.watch import watch
from models.project.selection import Keys, ObjectKey
from models.views.camera import beside
from viewers.render.scene.scene import Scene
from viewers.render.scene.standpoint import Standpoint
from viewers.widgets.canvas.view3d import View3D

#: What hides an object is faded, but of no more things than this: else the city would be gone.
MOST_FADED = 60


class ObjectFlight(QObject):
    """Flights to objects in one window's scene.

    Signals
    -------
    arrived : (ndarray (2, 3)) a flight has come to what lies in this world box

    Parameters
    ----------
    session : Session
    view : View3D
    parent : QObject
    """

    arrived = Signal(object)

    def __init__(self, session: Session, view: View3D, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._view = session, view
        self._scene: Scene | None = None
        self._job: Job | None = None
        self._target = Keys()
        self._flying = False
        #: Share of the picture's width, at its right, that something covers: what is flown to is seen beside it.
        self.covered = 0.0
        view.arrived.connect(self._on_arrived)
        self._stops = [watch(session.selection.changed, lambda *_: self._on_selection_changed())]

    def set_scene(self, scene: Scene | None) -> None:
        """Fly in another scene."""
        self._cancel()
        self._scene, self._target = scene, Keys()

    def close(self) -> None:
        """Stop watching."""
        self._cancel()
        for stop in self._stops:
            stop()

    def go(self, keys: Iterable[ObjectKey], least_m: float | None = None) -> bool:
        """Fly to some objects; False if none of them has a place in the scene."""
        scene, keys = self._scene, Keys.of(keys)
        look = None if scene is None else scene.look_for(keys, self._view.ground, least_m)
        if scene is None or look is None:
            return False
        self._cancel()
        find = look

        def fly(found: Standpoint) -> None:
            if self._scene is not scene:
                return
            scene.set_faded(found.hiding if len(found.hiding) <= MOST_FADED else ())
            self._target, self._flying = keys, True
            aspect = self._view.width() / max(self._view.height(), 1)
            camera = beside(found.camera, aspect, self.covered)
            self._view.fly_by(lambda: scene.set_camera(camera))

        self._job = self._session.jobs.run("job.find_standpoint", lambda _: find(), fly, failed=self._session.fail)
        return True

    def _cancel(self) -> None:
        self._flying = False
        if self._job is not None and not self._job.is_over:
            self._job.cancel()
        self._job = None

    def _on_arrived(self) -> None:
        if not self._flying or self._scene is None:
            return
        self._flying = False
        box = self._scene.bounds_of(self._target)
        if box is not None:
            self.arrived.emit(box)

    def _on_selection_changed(self) -> None:
        """Show what was faded as it is, once what it hid is no longer selected."""
        if self._scene is None or not len(self._target):
            return
        selected = self._session.selection.keys.by_layer()
        kept = all(
            layer in selected and set(oids.tolist()) <= set(selected[layer].tolist())
            for layer, oids in self._target.by_layer().items()
        )
        if not kept:
            self._target = Keys()
            self._scene.set_faded(())

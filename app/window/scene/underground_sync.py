"""Synchronises excavated pits, transparent ground, depth posts and annotations with the project.

Invariants
----------
1. Pits are cut out of the ground's layers where these are made ready (:mod:`app.window.scene.scene_sync`); walls and
   floors are put here, with the ground on which they were worked out.
2. Nothing here changes the project.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QObject

from app.session import Session
from app.usecases.review.opinions import pin_notes
from models.core.errors import UserError
from models.core.watch import watch
from models.layers.layer import Layer
from models.project.project import ProjectState
from models.terrain.excavation import Pit
from models.terrain.ground import Ground
from models.views.annotations import Note
from viewers.render.scene.scene import Scene
from viewers.render.scene.scene_underground import buried_box, put_pits, put_posts
from viewers.render.underground.excavation import is_cut


class UndergroundSync(QObject):
    """Pits, depth posts and notes of one window's scene.

    Parameters
    ----------
    session : Session
    parent : QObject
    """

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._scene: Scene | None = None
        self._ground: Ground | None = None
        self._state: ProjectState | None = None
        self._dug: object = None
        self._posts: object = None
        self.shows_notes = True
        self._stops = [watch(session.visibility.through_changed, lambda _: self._look_through())]

    def set_scene(self, scene: Scene | None) -> None:
        """Follow with another scene."""
        self._scene = scene
        self._dug = self._posts = None
        if scene is not None:
            scene.set_through(self._session.visibility.through)

    def pits_for(self, layer: Layer) -> tuple[Pit, ...]:
        """Return the pits that are cut out of a layer."""
        return self._session.project.state.pits if is_cut(layer) else ()

    def follow(self, state: ProjectState, ground: Ground) -> None:
        """Show the pits and notes of a project on a ground."""
        self._state, self._ground = state, ground
        scene = self._scene
        if scene is None or state.frame is None:
            return
        self.put_notes(state.notes)
        dug = (state.pits, id(ground))
        if dug != self._dug:
            self._dug = dug
            try:
                put_pits(scene, state, ground)
            except UserError as error:
                self._session.fail(error)
        self._put_posts()

    def put_notes(self, notes: Iterable[Note]) -> None:
        """Draw these notes, and the opinions of the review as pins."""
        if self._scene is not None and self._state is not None:
            pins = pin_notes(self._state, self._session.lang)
            self._scene.set_notes([*notes, *pins] if self.shows_notes else ())

    def show_notes(self, shown: bool) -> None:
        """Show the notes, or leave them out."""
        self.shows_notes = shown
        if self._state is not None and self._ground is not None:
            self.follow(self._state, self._ground)

    def close(self) -> None:
        """Stop watching."""
        for stop in self._stops:
            stop()

    def _look_through(self) -> None:
        if self._scene is not None:
            self._scene.set_through(self._session.visibility.through)
            self._put_posts()

    def _put_posts(self) -> None:
        scene, state, ground = self._scene, self._state, self._ground
        through = self._session.visibility.through
        if scene is None or state is None or state.frame is None or ground is None:
            return
        box = buried_box(scene, state) if through is not None and through.depths else None
        posts = None if box is None else (tuple(np.round(box).ravel().tolist()), id(ground))
        if posts != self._posts:
            self._posts = posts
            put_posts(scene, box, ground)

"""Which objects make a number: coloured, listed, framed; one after another; and back to where the question came.

Invariants
----------
1. Going back leads to theme and camera that were on the wall before the question.
2. Of two questions asked one after the other only the last is answered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.usecases.health import health
from app.usecases.review import questions
from models.health.failing import outermost
from models.project.selection import ObjectKey
from models.query.ranking import Ranking
from models.views.camera import Camera
from models.views.scene_state import Theme

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

#: All that fails is framed with at least so much around it, metres.
FRAME_M = 400.0


class WhatFails(QObject):
    """What is looked at beside the stop.

    Parameters
    ----------
    context : WindowContext
    show_theme : callable
        ``show_theme(theme)`` colours the wall.
    changed : callable
        Called when something else is looked at.
    parent : QObject

    Attributes
    ----------
    code : str
        The indicator whose failing objects are listed, empty for none.
    ranking : Ranking or None
        They, the worst first; None until they are known.
    row : int
        Which of them is looked at, -1 for all.
    asked : ObjectKey or None
        An object that somebody asked for by name.
    """

    def __init__(
        self, context: WindowContext, show_theme: Callable[[Theme], object], changed: Callable[[], object],
        parent: QObject,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._context, self._session = context, context.session
        self._show_theme, self._changed = show_theme, changed
        self.code, self.row = "", -1
        self.ranking: Ranking | None = None
        self.asked: ObjectKey | None = None
        #: An indicator that is asked about as soon as it is computed.
        self._coming = ""
        self._back_to: tuple[Theme, Camera] | None = None
        self._is_to_frame = False
        #: The result under a scenario whose failing objects are listed, None for the base.
        self._listed: object = None
        context.scene_sync.loading_changed.connect(self._on_loading_changed)

    @property
    def is_open(self) -> bool:
        """Whether anything but the stop is looked at."""
        return bool(self.code) or self.asked is not None

    @property
    def key(self) -> ObjectKey | None:
        """Return the one object that is looked at, None for none or many."""
        if self.asked is not None:
            return self.asked
        return self.ranking.key(self.row) if self.ranking is not None and self.row >= 0 else None

    def ask(self, code: str) -> None:
        """Colour, list and frame the objects that fail an indicator, computed first where it is not."""
        session = self._session
        self._coming = ""
        if health.wants_computing(session, code):
            self._coming = code
            health.compute_indicators(session, (code,))
            return
        self._remember()
        self._show_theme(Theme("indicator", code, "problems"))
        self.code, self.row, self.ranking, self.asked = code, -1, None, None
        self._rank(then=self._frame)  # beside the list, which is there then
        self._changed()

    def follow_scenario(self) -> None:
        """List what fails under the scenario that is tried now, where it is another than what was listed."""
        if self.code and self._context.requests.tried_result(self.code) is not self._listed:
            self.row = -1
            self._rank()

    def _rank(self, then: Callable[[], object] = lambda: None) -> None:
        code, tried = self.code, self._context.requests.tried_result(self.code)
        self._listed = tried

        def done(ranking: Ranking | None) -> None:
            if self.code == code and self._listed is tried:
                self.ranking = ranking
                self._changed()
                then()

        self._session.run("job.rank", questions.failing(self._session, code, tried), done)

    def ask_again(self) -> bool:
        """Ask what waited for its result, if that is there now; return whether it was asked."""
        if self._coming and health.kept(self._session, self._coming) is not None:
            self.ask(self._coming)
            return True
        return False

    def look_at(self, key: ObjectKey) -> None:
        """Look at an object that somebody asked for."""
        self._remember()
        self.asked = key
        self._fly_to(key)

    def go_to(self, row: int) -> None:
        """Fly to an object that fails: to where it is seen; beyond the last comes the first."""
        if self.ranking is not None and len(self.ranking):
            self.row, self.asked = row % len(self.ranking), None
            self._fly_to(self.ranking.key(self.row))

    def step(self, step: int) -> None:
        """Fly to the next object that fails, or the one before; from all of them to the first or the last."""
        self.go_to(self.row + step if self.row >= 0 or step > 0 else -1)

    def up(self) -> None:
        """Go back: from an object to all that fail, from them to the stop."""
        if self.asked is not None and self.code:
            self.asked, self.row = None, -1
            self._session.selection.set([])
            self._frame()
        elif self.row >= 0:
            self.row = -1
            self._session.selection.set([])
            self._frame()
        elif self.is_open:
            back = self._back_to
            self.close()
            if back is not None:
                self._show_theme(back[0])
                self.fly(back[1])
        self._changed()

    def close(self) -> None:
        """Look at nothing beside the stop."""
        if self.is_open:
            self._session.selection.set([])
        self.code, self.ranking, self.row, self._back_to = "", None, -1, None
        self.asked, self._coming = None, ""

    def fly(self, camera: Camera) -> None:
        """Fly to a camera, from wherever another flight has come to."""
        scene, view = self._context.scene_sync.scene, self._context.canvas.view
        if scene is not None:
            view.break_off()
            view.fly_by(lambda: scene.set_camera(camera))

    def _remember(self) -> None:
        scene = self._context.scene_sync.scene
        if scene is not None and not self.is_open:
            self._back_to = (self._session.project.state.theme, scene.camera)

    def _fly_to(self, key: ObjectKey) -> None:
        self._session.selection.set([key])
        self._changed()
        self._context.scene_sync.zoom_to_keys([key])

    def _frame(self) -> None:
        """Look at all that fails; where it is not drawn yet, as soon as it is."""
        result, frame = health.kept(self._session, self.code), self._session.project.state.frame
        if result is not None and frame is not None and result.problems:
            keys = outermost(result, self._session.project.data, frame.horizontal)
            self._is_to_frame = not self._context.scene_sync.zoom_to_keys(keys, FRAME_M)

    def _on_loading_changed(self) -> None:
        if self._is_to_frame and self.code and self.key is None:
            self._frame()

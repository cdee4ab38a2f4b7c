"""Showing the stops of an agenda: layers, styles, theme, cut, light and selection at once, and back again.

Invariants
----------
1. While a review is on, what is shown is no step of the history and leaves a saved project saved: a meeting looks, it
   does not work.
2. Leaving brings back what was shown before. What people changed meanwhile beside that (a finding, a scenario that was
   kept) stays, with its step to undo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.usecases.health import health
from app.usecases.review.agenda import find_stop, gone_layers
from app.usecases.timeline.moment import go_to, moment_of
from models.project import scene as project_scene
from models.project.project import ProjectState
from models.project.selection import Keys
from models.review.agenda import Stop
from models.views.scene_state import SceneState, Theme
from models.views.snapshot_spec import SnapshotSpec
from models.views.sun import SunTime
from models.views.visibility import Cut, ElementAppearance, GroundTransparency

if TYPE_CHECKING:
    from app.session import Session


@dataclass(frozen=True, slots=True)
class Look:
    """What the city looks like, beside the camera.

    Parameters
    ----------
    scene : SceneState
    looks : mapping of str to ElementAppearance
    cut : Cut
    through : GroundTransparency or None
    sun : SunTime or None
    selected : Keys
    moment : str
        As a picture's specification holds it; empty for what is live.
    """

    scene: SceneState
    looks: Mapping[str, ElementAppearance]
    cut: Cut
    through: GroundTransparency | None
    sun: SunTime | None
    selected: Keys
    moment: str = ""


def look_of(session: Session) -> Look:
    """Return what the city looks like now."""
    seen = session.visibility
    return Look(
        project_scene.scene_of(session.project.state), seen.elements, seen.cut, seen.through, seen.sun,
        Keys.of(session.selection.keys), moment_of(session),
    )  # fmt: skip


def look_of_stop(state: ProjectState, stop: Stop) -> Look:
    """Return what the city looks like at a stop; layers that the stop does not know stay as they are."""
    return look_of_view(state, stop.view)


def look_of_view(state: ProjectState, view: SnapshotSpec) -> Look:
    """Return what the city looks like in a picture; layers that it does not know stay as they are."""
    scene = view.scene
    if scene is None:  # a picture that kept no styles
        hidden = set(view.hidden)
        now = project_scene.scene_of(state)
        every = (*now.shown, *now.hidden)
        scene = replace(
            now, shown=tuple(one for one in every if one not in hidden),
            hidden=tuple(one for one in every if one in hidden),
        )  # fmt: skip
    scene = replace(scene, theme=view.theme)
    there = {layer.id for layer in state.layers}
    selected = Keys.of(key for key in view.selected if key.layer in there)
    return Look(scene, view.looks, view.cut or Cut(), view.through, view.sun, selected, view.moment)


def show_look(session: Session, look: Look) -> None:
    """Show the city so, without a step of the history."""
    session.history.amend(lambda state: project_scene.with_scene(state, look.scene), as_saved=True)
    show_beside(session, look)


def go_to_stop(session: Session, stop_id: str) -> Stop:
    """Show a stop from the list: one step to undo, however many stops are gone through."""
    stop = find_stop(session.project.state, stop_id)
    look = look_of_stop(session.project.state, stop)
    session.history.do(
        "history.show_stop", lambda state: project_scene.with_scene(state, look.scene), burst="agenda.show"
    )
    show_beside(session, look)
    tell_gone(session, stop)
    return stop


def tell_gone(session: Session, stop: Stop) -> None:
    """Say that layers of a stop are there no longer."""
    if count := gone_layers(session.project.state, stop):
        session.notices.info("notice.stop_layers_gone", title=stop.title, count=count)


def wanted_codes(session: Session) -> tuple[str, ...]:
    """Return the indicators of the agenda that are to be computed before it can be shown."""
    stops = session.project.state.review.stops
    codes = [stop.indicator for stop in stops]
    codes += [stop.view.theme.indicator for stop in stops if stop.view.theme.kind == "indicator"]
    return tuple(code for code in dict.fromkeys(codes) if code and health.wants_computing(session, code))


class Review:
    """A review that is on: from :meth:`begin` to :meth:`leave` only looks change.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._before = look_of(session)
        self._state, self._was_saved = session.project.state, session.project.is_saved
        self._stamp = session.project.stamp

    def show_stop(self, stop: Stop) -> None:
        """Show a stop."""
        show_look(self._session, look_of_stop(self._session.project.state, stop))

    def show_theme(self, theme: Theme) -> None:
        """Colour the city otherwise."""
        self._session.history.amend(lambda state: replace(state, theme=theme), as_saved=True)

    def leave(self) -> None:
        """Bring back what was shown before; another project that was opened meanwhile is left as it is."""
        known = {layer.id for layer in self._session.project.state.layers}
        if not known & {*self._before.scene.shown, *self._before.scene.hidden}:
            return
        show_look(self._session, self._before)
        project = self._session.project
        if project.stamp != self._stamp:  # it was saved as a stop looks
            project.mark_unsaved()
        elif self._was_saved and project.state == self._state:
            project.mark_saved()


def show_beside(session: Session, look: Look) -> None:
    """Show what of a look is no part of the project: elements, cut, ground, sun, selection, moment."""
    seen = session.visibility
    for layer_id in {*seen.elements, *look.looks}:
        seen.set(layer_id, look.looks.get(layer_id, ElementAppearance()))
    seen.set_cut(look.cut)
    seen.set_through(look.through)
    seen.set_sun(look.sun)
    session.selection.set_many(look.selected.by_layer())
    go_to(session, look.moment)

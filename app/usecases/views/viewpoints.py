"""Saved views of the city."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from app.usecases.timeline.moment import go_to, moment_of
from app.usecases.views import annotations_and_flights
from models.core.errors import UserError
from models.project import scene as project_scene
from models.project.project import ProjectState
from models.views.camera import Camera
from models.views.viewpoint import Viewpoint

if TYPE_CHECKING:
    from app.session import Session


def save_viewpoint(
    session: Session, name: str, camera: Camera, name_en: str = "", *, thumbnail: bytes = b"", with_scene: bool = False
) -> Viewpoint:
    """Keep a view under a name; the same name takes the place of the old view.

    Parameters
    ----------
    session : Session
    name : str
    camera : Camera
    name_en : str
    thumbnail : bytes
        A small JPEG.
    with_scene : bool
        Keep also which layers are shown, in which styles and theme, and the moment where it is not live.

    Raises
    ------
    UserError
        ``view.no_name`` for a blank name.
    """
    name = name.strip()
    if not name:
        raise UserError("view.no_name")
    old = next((view for view in session.project.state.viewpoints if view.name == name), None)
    view = Viewpoint(
        old.id if old else f"view_{uuid.uuid4().hex[:6]}", name, camera, name_en or (old.name_en if old else ""),
        project_scene.scene_of(session.project.state) if with_scene else None, thumbnail,
        moment_of(session) if with_scene else "",
    )  # fmt: skip

    def change(state: ProjectState) -> ProjectState:
        if old is None:
            return replace(state, viewpoints=(*state.viewpoints, view))
        return replace(state, viewpoints=tuple(view if v.id == view.id else v for v in state.viewpoints))

    session.history.do("history.save_viewpoint", change)
    return view


def update_viewpoint(session: Session, view_id: str, camera: Camera, thumbnail: bytes = b"") -> None:
    """Let a saved view show what is seen now; one that keeps a scene keeps the present one."""
    old = find_viewpoint(session.project.state, view_id)
    scene = None if old.scene is None else project_scene.scene_of(session.project.state)
    moment = "" if old.scene is None else moment_of(session)
    _put(
        session, "history.update_viewpoint",
        replace(old, camera=camera, scene=scene, thumbnail=thumbnail, moment=moment),
    )  # fmt: skip


def keep_scene(session: Session, view_id: str, keep: bool) -> None:
    """Keep layers, styles and theme as they are now with a saved view, or no longer."""
    old = find_viewpoint(session.project.state, view_id)
    scene = project_scene.scene_of(session.project.state) if keep else None
    moment = moment_of(session) if keep else ""
    _put(session, "history.update_viewpoint", replace(old, scene=scene, moment=moment))


def move_viewpoint(session: Session, view_id: str, position: int) -> None:
    """Move a saved view in the list."""
    find_viewpoint(session.project.state, view_id)
    session.history.do(
        "history.move_viewpoint",
        lambda state: replace(state, viewpoints=annotations_and_flights.moved_to(state.viewpoints, view_id, position)),
    )


def show_scene(session: Session, view_id: str) -> Camera:
    """Show the layers and the moment that a saved view keeps, if it keeps any, and return its camera."""
    view = find_viewpoint(session.project.state, view_id)
    if view.scene is not None:
        scene = view.scene
        session.history.do("history.show_viewpoint", lambda state: project_scene.with_scene(state, scene))
    if view.moment:
        go_to(session, view.moment)
    return view.camera


def _put(session: Session, label: str, view: Viewpoint) -> None:
    session.history.do(
        label,
        lambda state: replace(state, viewpoints=tuple(view if v.id == view.id else v for v in state.viewpoints)),
    )


def rename_viewpoint(session: Session, view_id: str, name: str, name_en: str = "") -> None:
    """Give a saved view another name."""
    view = replace(find_viewpoint(session.project.state, view_id), name=name.strip(), name_en=name_en)
    session.history.do(
        "history.rename_viewpoint",
        lambda state: replace(state, viewpoints=tuple(view if v.id == view.id else v for v in state.viewpoints)),
    )


def delete_viewpoint(session: Session, view_id: str) -> None:
    """Forget a saved view."""
    find_viewpoint(session.project.state, view_id)
    session.history.do(
        "history.delete_viewpoint",
        lambda state: replace(state, viewpoints=tuple(v for v in state.viewpoints if v.id != view_id)),
    )


def find_viewpoint(state: ProjectState, name: str) -> Viewpoint:
    """Return a view by id or either name.

    Raises
    ------
    UserError
        ``view.unknown``, naming the views there are.
    """
    for view in state.viewpoints:
        if name in (view.id, view.name, view.name_en):
            return view
    raise UserError("view.unknown", name=name, known=", ".join(view.name for view in state.viewpoints) or "—")

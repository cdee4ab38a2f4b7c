"""Saved views of the city."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from models.errors import UserError
from models.project import ProjectState
from models.view import Camera, Viewpoint

if TYPE_CHECKING:
    from app.session import Session


def save_viewpoint(session: Session, name: str, camera: Camera, name_en: str = "") -> Viewpoint:
    """Keep a view under a name; the same name takes the place of the old view.

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
        old.id if old else f"view_{uuid.uuid4().hex[:6]}", name, camera, name_en or (old.name_en if old else "")
    )

    def change(state: ProjectState) -> ProjectState:
        if old is None:
            return replace(state, viewpoints=(*state.viewpoints, view))
        return replace(state, viewpoints=tuple(view if v.id == view.id else v for v in state.viewpoints))

    session.history.do("history.save_viewpoint", change)
    return view


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

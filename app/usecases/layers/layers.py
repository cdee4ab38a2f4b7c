"""Change the properties of a layer: name, role, style, order, visibility. All can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from models.bim.cim_level import LEVELS
from models.core.errors import UserError
from models.layers.layer import Style
from models.project.project import ProjectState
from models.project.selection import Keys
from models.roles import role_named

if TYPE_CHECKING:
    from app.session import Session


def remove_layer(session: Session, layer_id: str) -> None:
    """Take a layer out of the project; its source is not touched, and undo brings it back."""
    session.project.state.layer(layer_id)
    session.selection.set(Keys(run for run in session.selection.keys.runs if run[0] != layer_id))
    session.history.do("history.remove_layer", lambda state: state.without_layer(layer_id))


def rename_layer(session: Session, layer_id: str, name: str, name_en: str | None = None) -> None:
    """Give a layer another name; ``name_en=None`` leaves the English one.

    Raises
    ------
    UserError
        ``layer.no_name`` for a blank name.
    """
    if not name.strip():
        raise UserError("layer.no_name")
    layer = session.project.state.layer(layer_id)
    renamed = replace(layer, name=name.strip(), name_en=layer.name_en if name_en is None else name_en.strip())
    session.history.do("history.rename_layer", lambda state: state.with_layer(renamed))


def set_visible(session: Session, layer_id: str, visible: bool) -> None:
    """Show or hide a layer."""
    layer = replace(session.project.state.layer(layer_id), visible=visible)
    session.history.do("history.show_layer" if visible else "history.hide_layer", lambda state: state.with_layer(layer))


def set_all_visible(session: Session, layer_ids: Iterable[str], visible: bool) -> None:
    """Show or hide several layers in one step."""
    changed = [replace(session.project.state.layer(layer_id), visible=visible) for layer_id in layer_ids]

    def change(state: ProjectState) -> ProjectState:
        for layer in changed:
            state = state.with_layer(layer)
        return state

    if changed:
        session.history.do("history.show_layer" if visible else "history.hide_layer", change)


def set_style(session: Session, layer_id: str, style: Style) -> None:
    """Draw a layer another way."""
    layer = replace(session.project.state.layer(layer_id), style=style)
    session.history.do("history.style_layer", lambda state: state.with_layer(layer))


def set_role(session: Session, layer_id: str, role: str) -> None:
    """Say what a layer is in the city; that chooses how it is drawn and what is asked of it.

    Raises
    ------
    UserError
        ``layer.unknown_role``.
    """
    known = role_named(role)
    if known is None:
        raise UserError("layer.unknown_role", role=role)
    layer = replace(session.project.state.layer(layer_id), role=known)
    session.history.do("history.role_layer", lambda state: state.with_layer(layer))


def move_layer(session: Session, layer_id: str, position: int) -> None:
    """Move a layer to ``position``, counted from the bottom; beyond the ends means the ends."""
    layer = session.project.state.layer(layer_id)

    def change(state: ProjectState) -> ProjectState:
        others = [old for old in state.layers if old.id != layer_id]
        others.insert(min(max(position, 0), len(others)), layer)
        return replace(state, layers=tuple(others))

    session.history.do("history.move_layer", change)


def set_cim_level(session: Session, layer_id: str, level: str) -> None:
    """State the CIM level of a layer; empty leaves it to what the layer holds.

    Raises
    ------
    UserError
        ``layer.unknown_cim_level``.
    """
    if level and level not in LEVELS:
        raise UserError("layer.unknown_cim_level", level=level)
    layer = replace(session.project.state.layer(layer_id), cim_level=level)
    session.history.do("history.cim_level", lambda state: state.with_layer(layer))

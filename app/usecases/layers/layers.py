"""Change the properties of a layer: name, role, style, order, visibility. All can be undone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
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

#: Kinds of layers on which the others stand.
GROUND_KINDS = frozenset({"terrain", "image"})


def remove_layer(session: Session, layer_id: str) -> None:
    """Take a layer out of the project; its source is not touched, and undo brings it back."""
    remove_layers(session, [layer_id])


def remove_layers(session: Session, layer_ids: Collection[str], group_id: str = "") -> None:
    """Take layers out of the project in one step, and the group in which they stood where one is named."""
    gone = {session.project.state.layer(layer_id).id for layer_id in layer_ids}
    session.selection.set(Keys(run for run in session.selection.keys.runs if run[0] not in gone))

    def change(state: ProjectState) -> ProjectState:
        left = tuple(layer for layer in state.layers if layer.id not in gone)
        return replace(state, layers=left, groups=tuple(one for one in state.groups if one.id != group_id))

    session.history.do("history.remove_layer", change)


def bring_back(session: Session, before: ProjectState, after: ProjectState) -> None:
    """Bring back what was removed between two states of the project, whatever happened since.

    Where nothing happened since, this is an undo; else layers and groups come back beside those they stood on.
    """
    if session.project.state is after:
        session.history.undo()
        return
    kept = {layer.id for layer in after.layers}
    order = [layer.id for layer in before.layers]

    def change(state: ProjectState) -> ProjectState:
        layers = list(state.layers)
        for at, layer in enumerate(before.layers):
            if layer.id in kept or any(one.id == layer.id for one in layers):
                continue
            below = {own: place for place, own in enumerate(one.id for one in layers)}
            place = next((below[own] + 1 for own in reversed(order[:at]) if own in below), 0)
            layers.insert(place, layer)
        known = {group.id for group in (*state.groups, *after.groups)}
        groups = (*state.groups, *(group for group in before.groups if group.id not in known))
        return replace(state, layers=tuple(layers), groups=groups)

    session.history.do("history.bring_back", change)


def show_only(session: Session, layer_ids: Collection[str]) -> None:
    """Show these layers and no others; what stands under them (terrain, images) stays as it is."""

    def change(state: ProjectState) -> ProjectState:
        return replace(state, layers=tuple(
            layer if layer.kind in GROUND_KINDS and layer.id not in layer_ids
            else replace(layer, visible=layer.id in layer_ids)
            for layer in state.layers
        ))  # fmt: skip

    session.history.do("history.show_only", change)


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

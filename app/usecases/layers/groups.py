"""Group layers, and put layers and groups elsewhere in the tree. All can be undone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from models.core.errors import UserError
from models.layers.groups import LayerGroup, group_moved, grouped, layers_moved, new_group_id
from models.project.project import ProjectState

if TYPE_CHECKING:
    from app.session import Session


def make_group(session: Session, name: str, layer_ids: Collection[str] = (), name_en: str = "") -> str:
    """Make a group of some layers, at the place of the topmost; return its id.

    Raises
    ------
    UserError
        ``layer.no_name`` for a blank name.
    """
    group = LayerGroup(new_group_id(), _named(name), tuple(layer_ids), name_en.strip())

    def change(state: ProjectState) -> ProjectState:
        layers, groups = grouped(state.layers, state.groups, group)
        return replace(state, layers=layers, groups=groups)

    session.history.do("history.make_group", change)
    return group.id


def rename_group(session: Session, group_id: str, name: str, name_en: str | None = None) -> None:
    """Give a group another name; ``name_en=None`` leaves the English one.

    Raises
    ------
    UserError
        ``layer.no_name`` for a blank name.
    """
    group = session.project.state.group(group_id)
    english = group.name_en if name_en is None else name_en.strip()
    renamed = replace(group, name=_named(name), name_en=english)
    session.history.do(
        "history.rename_group",
        lambda state: replace(state, groups=tuple(renamed if one.id == group_id else one for one in state.groups)),
    )


def ungroup(session: Session, group_id: str) -> None:
    """Take a group away; its layers stay where they are."""
    session.project.state.group(group_id)
    session.history.do(
        "history.ungroup",
        lambda state: replace(state, groups=tuple(one for one in state.groups if one.id != group_id)),
    )


def move_layers(session: Session, layer_ids: Collection[str], group_id: str, below: str = "") -> None:
    """Put layers into a group, or out of all by an empty id, on top of another layer or group; see ``layers_moved``."""

    def change(state: ProjectState) -> ProjectState:
        layers, groups = layers_moved(state.layers, state.groups, layer_ids, group_id, below)
        return replace(state, layers=layers, groups=groups)

    session.history.do("history.move_layer", change)


def move_group(session: Session, group_id: str, below: str = "") -> None:
    """Put a group on top of another group or of a layer without a group; empty for the bottom."""

    def change(state: ProjectState) -> ProjectState:
        layers, groups = group_moved(state.layers, state.groups, group_id, below)
        return replace(state, layers=layers, groups=groups)

    session.history.do("history.move_group", change)


def _named(name: str) -> str:
    if not name.strip():
        raise UserError("layer.no_name")
    return name.strip()

"""Note each change of a component's state with the edit that makes it, so that undo takes both back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.usecases.review.topics import author
from models.facilities.register import STATE_FIELDS
from models.facilities.register.state_history import StateChange, changes_of
from models.layers.layer import VectorData
from models.project.edits import Edit, merged
from models.review.topics import now

if TYPE_CHECKING:
    from app.session import Session
    from models.layers.layer import Layer
    from models.project.business_keys import BusinessKeys
    from models.project.project import ProjectState


def state_field(layer: Layer, data: object) -> str:
    """Return the column that holds the states of a register's layer, empty where there is none."""
    if not isinstance(data, VectorData) or layer.role not in ("facilities", "pipes", "pipe_nodes"):
        return ""
    if layer.role == "facilities":
        return next((name for name in STATE_FIELDS if name in data.fields), "")
    return "state" if "state" in data.fields else ""


def with_edits(session: Session, edits: Sequence[Edit], reason: str = "") -> Callable[[ProjectState], ProjectState]:
    """Return the change that takes edits in, and notes those that give an object another state."""
    noted = tuple(_noted(session, edits, reason))

    def change(state: ProjectState) -> ProjectState:
        return replace(state, edits=merged(state.edits, edits), state_changes=(*state.state_changes, *noted))

    return change


def _noted(session: Session, edits: Sequence[Edit], reason: str) -> list[StateChange]:
    fields = {
        layer.id: state_field(layer, session.project.data.get(layer.id)) for layer in session.project.state.layers
    }
    mine = [edit for edit in edits if fields.get(edit.layer) and edit.column == fields[edit.layer]]
    if not mine:
        return []
    time, who = now(), author(session)
    noted: list[StateChange] = []
    for layer_id in dict.fromkeys(edit.layer for edit in mine):
        keys = session.project.business_keys(layer_id)
        of_layer = [edit for edit in mine if edit.layer == layer_id]
        names = _names(keys, [edit.oid for edit in of_layer])
        noted += [
            StateChange(
                layer_id, edit.oid, str(names.get(edit.oid, "")), time, _text(edit.before), _text(edit.after), who,
                reason or _text(edit.source),
            )
            for edit in of_layer if _text(edit.before) != _text(edit.after)
        ]  # fmt: skip
    return noted


def _names(keys: BusinessKeys | None, oids: list[int]) -> dict[int, str]:
    """Return the business keys of some objects."""
    if keys is None:
        return {}
    few = keys.only(oids)
    return {int(oid): str(value) for oid, value in zip(few.oids, few.values, strict=True)}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def history_of(session: Session, layer_id: str, oid: int) -> tuple[StateChange, ...]:
    """Return the changes of one object's state, the newest first."""
    keys = session.project.business_keys(layer_id)
    return changes_of(session.project.state.state_changes, layer_id, oid, _names(keys, [oid]).get(oid, ""))

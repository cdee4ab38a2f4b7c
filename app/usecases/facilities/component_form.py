"""One object of the register as a form: its fields, its photos, the states it has been in; changed in one step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.usecases.facilities.state_history import history_of, state_field, with_edits
from app.usecases.project.trust import folder_of
from models.core.errors import UserError
from models.core.value_text import text_or_empty
from models.facilities.register import states
from models.facilities.register.field_check import checked
from models.facilities.register.fields import Choice, Field, domain, schema_of_role
from models.layers.layer import VectorData
from models.project.edits import Edit
from models.project.reaches import absolute, file_reach
from models.project.selection import ObjectKey
from models.query.cells import plain_of
from models.query.filtering import filtered

if TYPE_CHECKING:
    from app.session import Session
    from models.facilities.register.state_history import StateChange
    from models.layers.layer import Layer

#: What stands between the files of one field, and how many are shown.
_BETWEEN = re.compile(r"[;；|\n]+")
MOST_PHOTOS = 12


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form.

    Parameters
    ----------
    field : Field
        With the name of the layer's own column.
    title : str
    text : str
        As it stands in the table, empty for no data.
    choices : tuple of Choice
    """

    field: Field
    title: str
    text: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo that a register names.

    Parameters
    ----------
    text : str
        As it stands in the table.
    path : Path or None
        Where it lies; None where it is an address of the network, or outside the project's folder and not asked for.
    fault : str
        ``"network"``, ``"outside"``, ``"missing"``; empty where it can be shown.
    """

    text: str
    path: Path | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What a form shows of an object.

    Parameters
    ----------
    key : ObjectKey
    title, layer, code : str
    fields : tuple of FormField
    state : str
        Column that holds its state, empty where there is none.
    photos : tuple of Photo
    history : tuple of StateChange
        The newest first.
    place, count : int
        Which of the layer's objects it is, from 1, and how many pass the layer's filter.
    """

    key: ObjectKey
    title: str
    layer: str
    code: str
    fields: tuple[FormField, ...]
    state: str
    photos: tuple[Photo, ...]
    history: tuple[StateChange, ...]
    place: int
    count: int


def has_form(session: Session, key: ObjectKey) -> bool:
    """Whether an object stands in a register."""
    layer = next((one for one in session.project.state.layers if one.id == key.layer), None)
    data = session.project.data.get(key.layer)
    known = layer is not None and schema_of_role(layer.role) is not None and isinstance(data, VectorData)
    return known and isinstance(data, VectorData) and data.has(key.oid)


def form_of(session: Session, key: ObjectKey) -> Form:
    """Return the form of an object.

    Raises
    ------
    UserError
        ``register.no_form``.
    """
    layer, data = _register(session, key)
    wanted = schema_of_role(layer.role)
    assert wanted is not None  # noqa: S101 - a register has fields
    row = data.row(key.oid)
    held = {str(name): row[name] for name in row.index if name != "geometry"}
    state = state_field(layer, data) or ("ObjState" if layer.role == "facilities" else "state")
    fields = []
    for field in wanted.fields:
        name = state if field.name in ("ObjState", "state") else field.name
        text = text_or_empty(plain_of(held.get(name)))
        fields.append(FormField(_renamed(field, name), field.title(session.lang), text, _choices(field, text)))
    oids = _oids(session, layer)
    at = np.flatnonzero(oids == key.oid)
    names = [text_or_empty(plain_of(held.get(name))) for name in ("ObjName", "name", "node_type", "kind")]
    code = text_or_empty(plain_of(held.get(wanted.key)))
    title = next((name for name in names if name), "") or code or f"{layer.title(session.lang)} {key.oid}"
    return Form(
        key, _shown(wanted.id, title, session.lang), layer.title(session.lang), code, tuple(fields), state,
        photos_of(session, text_or_empty(plain_of(held.get("photo")))), history_of(session, key.layer, key.oid),
        int(at[0]) + 1 if len(at) else 0, len(oids),
    )  # fmt: skip


def change(session: Session, key: ObjectKey, texts: Mapping[str, str], reason: str = "") -> int:
    """Put what was typed into the table, as one step, and return how many cells changed.

    Parameters
    ----------
    session : Session
    key : ObjectKey
    texts : mapping of str to str
        Text by column; blank is no data.
    reason : str
        Why the state changed, for its history.

    Raises
    ------
    UserError
        ``register.no_form``; ``register.bad_value`` for the first value that cannot be.
    """
    form = form_of(session, key)
    _, data = _register(session, key)
    fields = {one.field.name: one for one in form.fields}
    edits = []
    for name, text in texts.items():
        one = fields[name]
        value, fault = checked(one.field, text)
        if fault:
            raise UserError("register.bad_value", field=one.title, value=text, fault=fault)
        before = plain_of(data.row(key.oid)[name]) if name in data.fields else None
        whole = isinstance(value, float) and value == int(value) and isinstance(before, int)
        value = int(value) if whole and isinstance(value, float) else value
        if value != before and text_or_empty(value) != text_or_empty(before):
            edits.append(Edit(key.layer, key.oid, name, before, value, basis="form", certainty="stated"))
    if edits:
        session.history.do("history.edit_component", with_edits(session, edits, reason))
    return len(edits)


def set_state(session: Session, key: ObjectKey, state: str, reason: str = "") -> None:
    """Give a component another state, by its id; one step with its entry in the history.

    Raises
    ------
    UserError
        ``register.no_form``.
    """
    form = form_of(session, key)
    change(session, key, {form.state: states()[state].name}, reason)


def neighbour(session: Session, key: ObjectKey, step: int) -> ObjectKey | None:
    """Return the object before or after one, of those that pass the layer's filter; None where there is none."""
    layer, _ = _register(session, key)
    oids = _oids(session, layer)
    if not len(oids):
        return None
    at = np.flatnonzero(oids == key.oid)
    place = (int(at[0]) + step) % len(oids) if len(at) else 0
    return ObjectKey(key.layer, int(oids[place]))


def photos_of(session: Session, text: str) -> tuple[Photo, ...]:
    """Return the photos that a field names; what lies outside the project's folder is not looked at unasked."""
    names = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    return tuple(_photo(session, name) for name in names[:MOST_PHOTOS])


def allow_photo(session: Session, text: str) -> None:
    """Let a photo outside the project's folder be shown, in this run."""
    session.shown_photos.add(absolute(text, folder_of(session)))


def photo_text(session: Session, path: Path) -> str:
    """Return how a photo is named in the table: relative to the project where it lies beside it."""
    folder = folder_of(session)
    if session.project.path is not None and path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    return str(path)


def _photo(session: Session, text: str) -> Photo:
    folder = folder_of(session)
    reach = file_reach(text, folder)
    where = absolute(text, folder)
    if reach is not None and reach.kind != "file":
        return Photo(text, None, "network")
    if reach is not None and where not in session.shown_photos:
        return Photo(text, None, "outside")
    path = Path(where)
    return Photo(text, path) if path.is_file() else Photo(text, None, "missing")


def _register(session: Session, key: ObjectKey) -> tuple[Layer, VectorData]:
    if not has_form(session, key):
        raise UserError("register.no_form")
    data = session.project.data[key.layer]
    assert isinstance(data, VectorData)  # noqa: S101 - what has a form is a table
    return session.project.state.layer(key.layer), data


def _oids(session: Session, layer: Layer) -> np.ndarray:
    frame = session.project.state.frame
    data = filtered(layer, session.project.data[layer.id], "" if frame is None else frame.horizontal)
    return data.attributes.index.to_numpy(np.int64) if isinstance(data, VectorData) else np.zeros(0, np.int64)


def _renamed(field: Field, name: str) -> Field:
    return field if field.name == name else replace(field, name=name)


def _choices(field: Field, text: str) -> tuple[Choice, ...]:
    """Return the values that a field may have, with the one that stands there."""
    if field.type != "choice":
        return ()
    listed = domain(field.domain).choices
    if not text or any(choice.id == text for choice in listed):
        return listed
    return (Choice(text, text, text, ()), *listed)


def _shown(kind: str, title: str, lang: str) -> str:
    """Return a kind of pipe or node in words: a form does not call an object ``manhole``."""
    if kind == "components":
        return title
    for name in ("node_type", "pipe_kind"):
        found = next((choice for choice in domain(name).choices if choice.id == title), None)
        if found is not None:
            return found.title(lang)
    return title

"""Isolate, hide, fade and colour elements of building models, and select similar ones.

What is asked is written to ``session.visibility``; the scene, pictures and review topics follow it. A key of a storey,
a building or an assembly stands for everything below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.layers.layer import Layer, ModelData
from models.project.selection import Keys, ObjectKey
from models.views.visibility import RGBA8, ElementAppearance

if TYPE_CHECKING:
    from app.session import Session
    from models.bim.columns import Field

#: Columns by which elements can be alike.
ALIKE = ("ifc_class", "type_name", "storey", "material", "system")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many drawn elements are not seen as they are."""

    hidden: int = 0
    ghost: int = 0
    coloured: int = 0

    @property
    def any(self) -> bool:
        """Return whether anything is looked at in another way."""
        return bool(self.hidden or self.ghost or self.coloured)


def model_layers(session: Session) -> list[tuple[Layer, ModelData]]:
    """Return the building models whose data is there, top first."""
    data = session.project.data
    return [
        (layer, found) for layer in reversed(session.project.state.layers)
        if isinstance(found := data.get(layer.id), ModelData)
    ]  # fmt: skip


def drawn(data: ModelData) -> NDArray[np.bool_]:
    """Return for each element whether there is something of it to be seen."""
    from viewers.render.layers.building_models import UNDRAWN

    frame = data.elements
    return frame["has_geometry"].to_numpy(dtype=bool) & ~frame["ifc_class"].isin(UNDRAWN).to_numpy()


def seen(session: Session, layer_id: str, data: ModelData) -> NDArray[np.bool_]:
    """Return for each element whether it is to be seen now, neither hidden nor faded."""
    found, look = drawn(data), session.visibility.of(layer_id)
    gone = np.fromiter(look.hidden | look.ghost, dtype=np.int64)
    found[gone[(gone >= 0) & (gone < len(found))]] = False
    return found


def with_parts(data: ModelData, oids: Iterable[int]) -> NDArray[np.int64]:
    """Return elements together with all that is contained in them, hosted by them or part of them."""
    count = len(data.elements)
    chosen = np.zeros(count, dtype=bool)
    wanted = np.fromiter(oids, dtype=np.int64)
    chosen[wanted[(wanted >= 0) & (wanted < count)]] = True
    parent = data.elements["parent"].to_numpy(dtype=np.int64)
    has, above = parent >= 0, np.clip(parent, 0, None)
    while True:  # one round a level; what is chosen only grows, so that a circle of parents ends too
        grown = chosen | (has & chosen[above])
        if (grown == chosen).all():
            return np.flatnonzero(chosen)
        chosen = grown


def drawn_keys(session: Session, keys: Sequence[ObjectKey]) -> Keys:
    """Return keys, those of storeys, buildings and assemblies of a model together with what is drawn of them."""
    chosen = Keys.of(keys)
    more: list[tuple[str, NDArray[np.int64]]] = []
    for layer_id, oids in chosen.by_layer().items():
        model = session.project.data.get(layer_id)
        if isinstance(model, ModelData):
            seen = drawn(model)
            known = oids[(oids >= 0) & (oids < len(seen))]
            below = with_parts(model, known[~seen[known]])
            more.append((layer_id, np.setdiff1d(below[seen[below]], oids)))
    return Keys([*chosen.runs, *more])


def isolate(session: Session, keys: Sequence[ObjectKey], scope: Sequence[str] = (), *, ghost: bool = False) -> None:
    """Show nothing of the models but these objects.

    Parameters
    ----------
    session : Session
    keys : sequence of ObjectKey
    scope : sequence of str
        Layer ids of the models that are meant; all models where empty.
    ghost : bool
        Fade the rest instead of hiding it.

    Raises
    ------
    UserError
        ``look.nothing`` if no key is in a model, ``look.unseen`` if there is nothing of them to be seen.
    """
    chosen = _by_model(session, keys)
    if not chosen:
        raise UserError("look.nothing")
    if not any(drawn(data)[chosen[layer.id]].any() for layer, data in model_layers(session) if layer.id in chosen):
        raise UserError("look.unseen")
    for layer, data in model_layers(session):
        if scope and layer.id not in scope and layer.id not in chosen:
            continue
        seen = np.flatnonzero(drawn(data))
        kept = chosen.get(layer.id, np.empty(0, dtype=np.int64))
        rest = frozenset(np.setdiff1d(seen, kept).tolist())
        look = session.visibility.of(layer.id)
        if ghost:
            hidden = look.hidden - frozenset(kept.tolist())
            session.visibility.set(layer.id, replace(look, hidden=hidden, ghost=rest - hidden))
        else:
            session.visibility.set(layer.id, replace(look, hidden=rest, ghost=frozenset()))


def hide(session: Session, keys: Sequence[ObjectKey]) -> None:
    """Hide objects of models.

    Raises
    ------
    UserError
        ``look.nothing`` if no key is in a model.
    """
    chosen = _by_model(session, keys)
    if not chosen:
        raise UserError("look.nothing")
    data = dict(session.project.data)
    for layer_id, oids in chosen.items():
        model = data[layer_id]
        assert isinstance(model, ModelData)  # noqa: S101 - _by_model looked
        gone = frozenset(np.intersect1d(oids, np.flatnonzero(drawn(model))).tolist())
        look = session.visibility.of(layer_id)
        session.visibility.set(layer_id, replace(look, hidden=look.hidden | gone, ghost=look.ghost - gone))


def show(session: Session, keys: Sequence[ObjectKey]) -> None:
    """Show objects whole that were hidden or faded."""
    for layer_id, oids in _by_model(session, keys).items():
        back, look = frozenset(oids.tolist()), session.visibility.of(layer_id)
        session.visibility.set(layer_id, replace(look, hidden=look.hidden - back, ghost=look.ghost - back))


def show_all(session: Session) -> None:
    """Show every element of every model, colours as they are, and the ground as solid as it is."""
    session.visibility.set_through(None)
    for layer_id, look in session.visibility.elements.items():
        session.visibility.set(layer_id, replace(look, hidden=frozenset(), ghost=frozenset()))


def show_rooms(session: Session, wanted: bool) -> None:
    """Draw the rooms and zones of all models, or leave them out as at first."""
    for layer, data in model_layers(session):
        if data.meshes.placement_room is not None:
            session.visibility.set(layer.id, replace(session.visibility.of(layer.id), spaces=wanted))


def colour(session: Session, colours: Mapping[str, Mapping[int, RGBA8]]) -> None:
    """Colour elements by layer; models that are not named get their own colours back."""
    for layer_id in {*session.visibility.elements, *colours}:
        given = colours.get(layer_id)
        session.visibility.set(
            layer_id, replace(session.visibility.of(layer_id), colours=dict(given) if given else None)
        )


def clear_colours(session: Session) -> None:
    """Give every element its own colour back."""
    colour(session, {})


def counts(session: Session) -> Counts:
    """Return how many elements are hidden, faded and coloured, over all models of the project."""
    looks: list[ElementAppearance] = [session.visibility.of(layer.id) for layer, _ in model_layers(session)]
    return Counts(
        sum(len(look.hidden) for look in looks),
        sum(len(look.ghost) for look in looks),
        sum(len(look.colours or ()) for look in looks),
    )


def alike(session: Session, keys: Sequence[ObjectKey], column: str) -> list[ObjectKey]:
    """Return the drawn elements that have the same class, type or storey as one of these, over all models.

    Raises
    ------
    UserError
        ``look.nothing`` if no key is in a model, ``look.not_stated`` if none of them states the column.
    """
    models = {layer.id: data for layer, data in model_layers(session)}
    values: set[Any] = set()
    for key in keys:
        if key.layer in models and 0 <= key.oid < len(models[key.layer].elements):
            values.add(models[key.layer].elements[column].iat[key.oid])
    if not values:
        raise UserError("look.nothing")
    values -= {"", None}
    if not values:
        raise UserError("look.not_stated")
    return [
        ObjectKey(layer_id, int(oid))
        for layer_id, data in models.items()
        for oid in np.flatnonzero(data.elements[column].isin(values).to_numpy() & drawn(data))
    ]


def _by_model(session: Session, keys: Sequence[ObjectKey]) -> dict[str, NDArray[np.int64]]:
    wanted: dict[str, list[int]] = {}
    for key in keys:
        wanted.setdefault(key.layer, []).append(key.oid)
    return {layer.id: with_parts(data, wanted[layer.id]) for layer, data in model_layers(session) if layer.id in wanted}


@dataclass(frozen=True, slots=True)
class Shade:
    """One entry of the legend of coloured models.

    Parameters
    ----------
    text, word : str
        The value as the model has it, or the key of the word for what is no text of the model.
    colour : tuple of int
        (r, g, b, a), 0…255.
    keys : tuple of ObjectKey
    stated : bool
        False for the elements of which the model does not say.
    """

    text: str
    word: str
    colour: RGBA8
    keys: tuple[ObjectKey, ...]
    stated: bool


def shared_fields(models: Sequence[ModelData]) -> tuple[list[Field], int]:
    """Return the fields that drawn elements of these models state, each once, and how many drawn elements there are.

    A field's ``count`` is that of the drawn elements that state it: what only spaces state would colour nothing.
    """
    from models.bim.columns import column, fields

    found: dict[str, Field] = {}
    total = 0
    for data in models:
        seen = drawn(data)
        total += int(seen.sum())
        for one in fields(data):
            count = int((column(data, one.id)[1] & seen).sum())
            old = found.get(one.id)
            if old is not None:
                kind = old.kind if old.kind == one.kind else "text"
                found[one.id] = replace(old, count=old.count + count, kind=kind)
            elif count:
                found[one.id] = replace(one, count=count)
    attributes = [one for one in found.values() if not one.group]
    properties = [one for one in found.values() if one.group]
    return attributes + sorted(properties, key=lambda one: (one.group.casefold(), one.label.casefold())), total


def shades(models: Sequence[tuple[str, ModelData]], field_id: str) -> list[Shade]:
    """Return colours for the drawn elements of some models by one field: one legend over all of them.

    Parameters
    ----------
    models : sequence of (layer id, ModelData)
    field_id : str
        Of :func:`shared_fields`; models that do not know it are silent.
    """
    import pandas as pd

    from models.bim.columns import column
    from models.bim.values import colour_classes

    keys: list[ObjectKey] = []
    pieces: list[NDArray[Any]] = []
    for layer_id, data in models:
        oids = np.flatnonzero(drawn(data))
        keys += [ObjectKey(layer_id, oid) for oid in oids.tolist()]
        try:
            pieces.append(column(data, field_id)[0][oids])
        except UserError:
            pieces.append(np.full(len(oids), None, dtype=object))
    if not keys:
        return []
    values = np.concatenate(pieces)
    # the classes are found over one long column, so that one value has one colour in every model
    table = pd.DataFrame({"name": pd.Series(values, dtype=values.dtype)})
    together = ModelData(models[0][1].meshes, table, {}, np.eye(4))
    made = colour_classes(together, "name", oids=np.arange(len(keys)))
    return [
        Shade(one.text, one.word, one.colour, tuple(keys[at] for at in one.oids.tolist()), one.stated)
        for one in made.classes
    ]


def unit_of(models: Sequence[ModelData], field_id: str) -> str:
    """Return the symbol of a field's unit, empty where no model says one."""
    from models.bim.columns import field

    for data in models:
        try:
            if unit := field(data, field_id).unit:
                return unit
        except UserError:  # this model does not know the field
            continue
    return ""

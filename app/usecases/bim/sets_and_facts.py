"""Selection sets, and the facts of a building model that go into the city's building records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.core.errors import UserError
from models.layers.layer import ModelData, VectorData
from models.project.edits import Edit, merged
from models.project.selection import ObjectKey, SelectionSet

if TYPE_CHECKING:
    from app.session import Session
    from models.bim.fact import Fact
    from models.project.project import ProjectState

#: A model stands on the building that holds at least this share of its footprint.
LEAST_SHARE = 0.3


def models_of(session: Session) -> Iterator[tuple[str, ModelData]]:
    """Yield (layer id, data) of every building model that is there."""
    for layer in session.project.state.layers:
        data = session.project.data.get(layer.id)
        if isinstance(data, ModelData):
            yield layer.id, data


def save_set(session: Session, name: str, rule: str = "", keys: Iterable[ObjectKey] = ()) -> SelectionSet:
    """Keep a rule, or these very objects, under a name; a set of that name is replaced.

    Raises
    ------
    UserError
        ``set.no_name``, ``set.empty``, or what is wrong with the rule.
    """
    from models.bim.rules import parse

    fresh = SelectionSet(name.strip(), rule.strip(), tuple(ObjectKey(*key) for key in keys))
    if not fresh.name:
        raise UserError("set.no_name")
    if not fresh.rule and not fresh.keys:
        raise UserError("set.empty")
    if fresh.rule:
        parse(fresh.rule)

    def change(state: ProjectState) -> ProjectState:
        if any(old.name == fresh.name for old in state.sets):
            return replace(state, sets=tuple(fresh if old.name == fresh.name else old for old in state.sets))
        return replace(state, sets=(*state.sets, fresh))

    session.history.do("history.save_set", change)
    return fresh


def find_set(session: Session, name: str) -> SelectionSet:
    """Return a set by name.

    Raises
    ------
    UserError
        ``set.unknown``.
    """
    for one in session.project.state.sets:
        if one.name == name:
            return one
    raise UserError("set.unknown", name=name)


def delete_set(session: Session, name: str) -> None:
    """Forget a set."""
    find_set(session, name)
    session.history.do(
        "history.delete_set", lambda state: replace(state, sets=tuple(old for old in state.sets if old.name != name))
    )


def rename_set(session: Session, name: str, new_name: str) -> None:
    """Give a set another name.

    Raises
    ------
    UserError
        ``set.unknown``, ``set.no_name``, ``set.taken``.
    """
    new_name, old = new_name.strip(), find_set(session, name)
    if not new_name:
        raise UserError("set.no_name")
    if new_name != name and any(one.name == new_name for one in session.project.state.sets):
        raise UserError("set.taken", name=new_name)
    fresh = replace(old, name=new_name)
    session.history.do(
        "history.rename_set",
        lambda state: replace(state, sets=tuple(fresh if one.name == name else one for one in state.sets)),
    )


def keys_of_set(session: Session, name: str) -> list[ObjectKey]:
    """Return the objects that a set holds now: a rule is asked of every model, gone objects are left out."""
    one = find_set(session, name)
    if one.rule:
        return select_by_rule(session, one.rule)
    there = {layer_id: len(data.elements) for layer_id, data in models_of(session)}
    known = {layer.id for layer in session.project.state.layers}
    return [key for key in one.keys if key.layer in known and key.oid < there.get(key.layer, key.oid + 1)]


def select_by_rule(session: Session, rule: str, layer_id: str = "") -> list[ObjectKey]:
    """Return the objects for which a rule holds, in one model or in all of them.

    Raises
    ------
    UserError
        What is wrong with the rule.
    """
    from models.bim.rules import parse

    parsed = parse(rule)
    return [
        ObjectKey(found, int(oid))
        for found, data in models_of(session)
        if not layer_id or found == layer_id
        for oid in parsed.select(data)
    ]


# --- facts for the city -----------------------------------------------------------------------------------------------


def facts_of(session: Session, layer_id: str) -> list[Fact]:
    """Return the facts of a building model; seconds for a large one, so run it as a job.

    Raises
    ------
    UserError
        ``bim.no_model``.
    """
    from models.bim.facts import facts

    return facts(_model(session, layer_id))


def building_under(session: Session, layer_id: str) -> ObjectKey | None:
    """Return the building of the city on whose footprint a model stands, None if there is none or no place.

    The one that holds most of the model's footprint, and at least :data:`LEAST_SHARE` of it.
    """
    import shapely

    from models.crs.frame import transformer

    frame = session.project.state.frame
    outline = None if frame is None else _outline(session, layer_id)
    if frame is None or outline is None or outline.area <= 0:
        return None
    best: tuple[float, ObjectKey] | None = None
    for layer in session.project.state.with_role("buildings"):
        data = session.project.data.get(layer.id)
        shapes: Any = getattr(data.frame, "geometry", None) if isinstance(data, VectorData) else None
        if shapes is None or shapes.crs is None:
            continue
        own = outline
        if not shapes.crs.equals(frame.horizontal):
            to_own = transformer(frame.horizontal, shapes.crs.to_string())
            own = shapely.transform(outline, to_own.transform, interleaved=False)
        for row in shapes.sindex.query(own):
            shape = shapely.make_valid(shapes.iloc[row])
            shared = float(shape.intersection(own).area) / own.area
            if shared >= LEAST_SHARE and (best is None or shared > best[0]):
                best = shared, ObjectKey(layer.id, int(shapes.index[row]))
    return None if best is None else best[1]


def apply_facts(session: Session, layer_id: str, building: ObjectKey, facts: Iterable[Fact] = ()) -> int:
    """Write what a model states into the record of a building, in one undoable step.

    Each value is kept with the file, the basis and the GlobalIds it came from (``chengjing_edits`` in the file). What
    the model does not state leaves the record as it is.

    Parameters
    ----------
    session : Session
    layer_id : str
        Of the model.
    building : ObjectKey
        In a layer of buildings.
    facts : iterable of Fact, optional
        As :func:`facts_of` gave them; worked out here if not given.

    Returns
    -------
    int
        Number of values written; those that the record has already are not counted.

    Raises
    ------
    UserError
        ``bim.no_model``, ``bim.no_building``, ``bim.no_facts`` if the model states nothing.
    """
    from models.bim.facts import columns as columns_of_facts
    from models.bim.facts import facts as facts_of
    from models.bim.facts import named

    model = _model(session, layer_id)
    data = session.project.data.get(building.layer)
    if not isinstance(data, VectorData) or not data.has(building.oid):
        raise UserError("bim.no_building")
    file = Path(session.project.state.layer(layer_id).source.path).name
    guids = model.elements["guid"].tolist()
    columns = columns_of_facts()
    edits, stated = [], 0
    for fact in facts or facts_of(model):
        column = columns.get(fact.code)
        if column is None or fact.value is None:
            continue
        stated += 1
        value = named(fact.code, str(fact.value), "zh") if fact.code == "structure" else fact.value
        value = round(value, 3) if isinstance(value, float) else value
        before = _plain(data.row(building.oid)[column]) if column in data.fields else None
        if differs(before, value):
            edits.append(
                Edit(
                    building.layer, building.oid, column, before, value, file, f"{fact.basis} {fact.source}".strip(),
                    fact.certainty, tuple(guids[oid] for oid in fact.oids),
                )
            )  # fmt: skip
    if not stated:
        raise UserError("bim.no_facts", file=file)
    session.history.do("history.apply_facts", lambda state: replace(state, edits=merged(state.edits, edits)))
    return len(edits)


def differs(now: Any, stated: Any) -> bool:
    """Whether a stated value is another one than a record has now."""
    return bool(_plain(now) != (round(stated, 3) if isinstance(stated, float) else stated))


def edits_of(session: Session, key: ObjectKey) -> list[Edit]:
    """Return the values of an object that came from elsewhere, with where from."""
    return [edit for edit in session.project.state.edits if (edit.layer, edit.oid) == key]


def _model(session: Session, layer_id: str) -> ModelData:
    data = session.project.data.get(layer_id)
    if not isinstance(data, ModelData):
        raise UserError("bim.no_model")
    return data


def _outline(session: Session, layer_id: str) -> Any:
    """Return a model's footprint in the project's CRS (shapely), None without geometry."""
    import shapely

    from app.usecases.crs.placement import matrix_of
    from models.bim.facts import footprint

    shape = footprint(_model(session, layer_id))
    if shape is None:
        return None
    matrix = matrix_of(session, layer_id)
    return shapely.make_valid(shapely.transform(shape, lambda points: points @ matrix[:2, :2].T + matrix[:2, 3]))


def _plain(value: Any) -> Any:
    """Return a cell of a table as plain Python; NaN and its like are None."""
    import pandas as pd

    if value is None or pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value

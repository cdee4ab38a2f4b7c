"""Bring foreign tables into the register: guess a mapping, look at what it does, take it over, merge a newer table.

What is taken over stands in a layer of its own id in the place of the one before, so that undo gives back the very
table that was there. The rows keep their numbers, and all that names them follows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.usecases.facilities.state_history import state_field
from app.usecases.project.adding_layers import ORIGIN
from app.usecases.review.topics import author
from models.core.errors import UserError
from models.facilities.register import states
from models.facilities.register.column_values import texts_in
from models.facilities.register.fields import KINDS, Schema, schema, schema_of_role
from models.facilities.register.mapping import (
    FieldMap,
    Mapping,
    Report,
    SourceColumn,
    apply,
    field_from,
    guess,
    source_columns,
)
from models.facilities.register.merging import Merge, merge
from models.facilities.register.state_history import StateChange, changed_states
from models.layers.joins import moved
from models.layers.layer import Layer, Style, VectorData, new_layer_id
from models.project.business_keys import Renaming
from models.project.rekeyed import rekeyed
from models.review.topics import now

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as AnyMapping

    from app.background.jobs import Job
    from app.session import Session
    from models.core.progress import Progress
    from models.project.project import ProjectState

#: Fields that tell one register from the others.
_TELLING = {
    "components": {"class_code", "ObjState", "DeptCode1", "DeptName1", "DeptName3", "BGID", "SetLoc", "CHDate"},
    "pipes": {"start_node", "end_node", "start_invert_m", "end_invert_m", "diameter_mm", "shape"},
    "nodes": {"node_type", "invert_m", "kind", "valve_state"},
}
#: What becomes of rows that a newer table lacks.
VANISHED = ("keep", "deactivate")


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of an import.

    Parameters
    ----------
    layer : str
        Id of the layer in which it stands.
    report : Report
    merged : Merge or None
        What it changed in the register that it was merged into.
    """

    layer: str
    report: Report
    merged: Merge | None = None


def candidates(session: Session) -> list[Layer]:
    """Return the layers whose columns can be mapped: every table of features or rows."""
    data = session.project.data
    return [layer for layer in session.project.state.layers if isinstance(data.get(layer.id), VectorData)]


def registers(session: Session, kind: str) -> list[Layer]:
    """Return the layers of a kind of register into which a newer table can be merged."""
    wanted = schema(kind)
    return [
        layer for layer in candidates(session)
        if layer.role == wanted.role and wanted.key in _table(session, layer.id).fields
    ]  # fmt: skip


def likely_kind(session: Session, layer_id: str) -> str:
    """Return which register a layer most likely is for: by its role, its shapes and its columns."""
    layer, data = session.project.state.layer(layer_id), _table(session, layer_id)
    by_role = schema_of_role(layer.role)
    if by_role is not None:
        return by_role.id
    oids = data.attributes.index
    shape = data.row(int(oids[0])).get("geometry") if len(oids) else None  # of a large table, no other is made
    if shape is not None:
        points = ("components", "nodes")
        return "pipes" if "Line" in str(shape.geom_type) else _likelier(session, layer_id, points)
    return _likelier(session, layer_id, KINDS)


def _likelier(session: Session, layer_id: str, kinds: tuple[str, ...]) -> str:
    """Return the register of which a table has the most of the fields that no other has."""
    few, name = _table(session, layer_id).attributes.head(500), name_of(session, layer_id)

    def told(kind: str) -> int:
        return sum(one.target in _TELLING[kind] for one in guess(few, kind, name=name).fields)

    return max(kinds, key=told)


def name_of(session: Session, layer_id: str) -> str:
    """Return what a layer and its file are called together, for what a name says of all rows."""
    layer = session.project.state.layer(layer_id)
    origin = str(layer.source.path or layer.source.options.get(ORIGIN, ""))
    return f"{layer.name} {layer.name_en} {Path(origin).stem} {layer.source.sublayer}"


def guessed(session: Session, layer_id: str, kind: str) -> Mapping:
    """Return a guess; worth a job for large tables."""
    return guess(_frame(_table(session, layer_id)), kind, name=name_of(session, layer_id))


def guess_for(
    session: Session,
    layer_id: str,
    kind: str,
    done: Callable[[Mapping], object],
    units: AnyMapping[str, str] | None = None,
) -> Job:
    """Guess a mapping off the UI thread and hand it to ``done``."""
    data, name = _table(session, layer_id), name_of(session, layer_id)
    return session.run("job.guess_mapping", lambda _: guess(_frame(data), kind, name=name, units=units), done)


def columns_of(session: Session, layer_id: str, done: Callable[[tuple[SourceColumn, ...]], object]) -> Job:
    """Look at a layer's columns off the UI thread and hand them to ``done``."""
    data = _table(session, layer_id)
    return session.jobs.run("job.guess_mapping", lambda _: source_columns(_frame(data)), done, background=True)


def field_for(
    session: Session, layer_id: str, kind: str, target: str, source: str, done: Callable[[FieldMap], object]
) -> Job:
    """Complete a field that comes from a chosen column, off the UI thread."""
    data = _table(session, layer_id)
    return session.jobs.run(
        "job.guess_mapping", lambda _: field_from(_frame(data), kind, target, source), done, background=True
    )


def preview(
    session: Session, layer_id: str, mapping: Mapping, done: Callable[[tuple[Any, Report]], object],
    failed: Callable[[BaseException], None] | None = None,
) -> Job:  # fmt: skip
    """Apply a mapping off the UI thread, and hand the table and the report to ``done``; nothing is changed."""
    data = _table(session, layer_id)
    return session.jobs.run(
        "job.apply_mapping", lambda _: apply(_frame(data), mapping), done, failed=failed, background=True
    )


def take_over(
    session: Session, layer_id: str, mapping: Mapping, *, as_new: bool = False,
    done: Callable[[Brought], object] | None = None,
) -> Job:  # fmt: skip
    """Bring a layer's columns to the register, in its place or as a new layer above it; one undoable step.

    Raises
    ------
    UserError
        ``register.nothing_mapped``.
    """
    if not mapping.fields:
        raise UserError("register.nothing_mapped")
    data, layer = _table(session, layer_id), session.project.state.layer(layer_id)

    def finish(made: tuple[Any, Report]) -> None:
        frame, report = made
        fresh = _register_layer(session, layer, mapping.schema, as_new)
        session.project.put_data(fresh.id, VectorData(frame, list(data.cautions)))
        if as_new:
            session.history.do("history.map_layer", lambda state: _above(state, layer_id, fresh))
        else:
            session.history.do("history.map_layer", lambda state: in_place(state, layer, fresh, same_rows(frame)))
        session.notices.info(
            "notice.mapped", layer=fresh.title(session.lang), count=len(mapping.fields), rows=report.rows
        )
        if done is not None:
            done(Brought(fresh.id, report))

    return session.run("job.apply_mapping", lambda _: apply(_frame(data), mapping), finish)


def merge_into(
    session: Session, layer_id: str, mapping: Mapping, register_id: str, *, vanished: str = "keep",
    done: Callable[[Brought], object] | None = None,
) -> Job:  # fmt: skip
    """Merge a newer table into a register by its key; the table's layer goes, in the same undoable step.

    Parameters
    ----------
    session : Session
    layer_id : str
        The newer table.
    mapping : Mapping
    register_id : str
        The layer that it is merged into.
    vanished : str
        ``"keep"``, or ``"deactivate"`` for rows that the newer table lacks.
    done : callable, optional

    Raises
    ------
    UserError
        ``register.nothing_mapped``, ``register.itself``, ``register.vanished``; in the job ``register.no_key``.
    """
    if not mapping.fields:
        raise UserError("register.nothing_mapped")
    if layer_id == register_id:
        raise UserError("register.itself")
    if vanished not in VANISHED:
        raise UserError("register.vanished", value=vanished)
    fresh_data, held = _table(session, layer_id), _table(session, register_id)
    layer, register = session.project.state.layer(layer_id), session.project.state.layer(register_id)
    key = mapping.schema.key
    field = state_field(register, held) or ("ObjState" if mapping.kind == "components" else "state")
    gone = "" if vanished == "keep" else states()["abandoned"].name if mapping.kind == "components" else "abandoned"

    def work(progress: Progress) -> tuple[Any, Report, Merge]:
        progress.step(0.1, "progress.mapping")
        mapped, report = apply(_frame(fresh_data), replace(mapping, keep_others=False))
        old = _frame(held)
        if getattr(old, "crs", None) is not None and getattr(mapped, "crs", None) is not None and mapped.crs != old.crs:
            mapped = mapped.to_crs(old.crs)
        progress.step(0.5, "progress.merging")
        made, told = merge(old, mapped, key, state_field=field, out_of_use=gone)
        return made, report, told

    def finish(made: tuple[Any, Report, Merge]) -> None:
        frame, report, told = made
        anew = replace(register, id=new_layer_id(register.id))
        noted = _state_changes(session, anew.id, _frame(held), frame, key, field, layer.title(session.lang))
        session.project.put_data(anew.id, VectorData(frame, list(held.cautions)))

        def change(state: ProjectState) -> ProjectState:
            after = in_place(state, register, anew, same_rows(frame)).without_layer(layer_id)
            return replace(after, state_changes=(*after.state_changes, *noted))

        session.history.do("history.merge_register", change)
        session.notices.info(
            "notice.register_merged", layer=anew.title(session.lang), added=len(told.added), changed=len(told.changed),
            vanished=len(told.vanished),
        )  # fmt: skip
        if done is not None:
            done(Brought(anew.id, report, told))

    return session.run("job.merge_register", work, finish, layer=register.title(session.lang))


def _state_changes(
    session: Session, layer_id: str, old: Any, fresh: Any, key: str, field: str, reason: str
) -> tuple[StateChange, ...]:
    """Return what a merge changed of the states of rows that were there before."""
    if field not in fresh.columns:
        return ()
    count = len(old)
    before = texts_in(old[field]) if field in old.columns else np.full(count, None, dtype=object)
    after = texts_in(fresh[field].iloc[:count])
    blank = np.array([None], dtype=object)
    before, after = np.where(before == blank, "", before), np.where(after == blank, "", after)
    keys = np.array([text or "" for text in texts_in(fresh[key].iloc[:count])], dtype=object)
    return changed_states(layer_id, old.index.to_numpy(np.int64), keys, before, after, now(), author(session), reason)


def _register_layer(session: Session, layer: Layer, wanted: Schema, as_new: bool) -> Layer:
    """Return the layer in which mapped rows stand."""
    options = {name: value for name, value in layer.source.options.items() if name != "asked"}
    name = f"{layer.name} · {wanted.zh}" if as_new else layer.name
    name_en = f"{layer.name_en or layer.name} · {wanted.en}" if as_new else layer.name_en
    style = layer.style if layer.role == wanted.role else Style()
    return replace(
        layer, id=new_layer_id(wanted.id), name=name, name_en=name_en, role=wanted.role, style=style, filter="",
        source=replace(layer.source, path="", options=options), visible=True,
    )  # fmt: skip


def _above(state: ProjectState, layer_id: str, fresh: Layer) -> ProjectState:
    at = next(number for number, layer in enumerate(state.layers) if layer.id == layer_id)
    return replace(state, layers=(*state.layers[: at + 1], fresh, *state.layers[at + 1 :]))


def same_rows(frame: Any) -> Renaming:
    """Return that every row of a table stands where it stood."""
    oids = np.sort(frame.index.to_numpy(np.int64))
    return Renaming(oids, oids)


def in_place(state: ProjectState, old: Layer, fresh: Layer, rows: Renaming) -> ProjectState:
    """Return a state in which a layer stands where another did; its rows are where ``rows`` says.

    Edits and joined columns are in the new table: they are no edits and no joins of it any more.
    """
    after = replace(
        state,
        layers=tuple(fresh if layer.id == old.id else layer for layer in state.layers),
        groups=tuple(
            replace(group, layers=tuple(fresh.id if one == old.id else one for one in group.layers))
            for group in state.groups
        ),
        edits=tuple(edit for edit in state.edits if edit.layer != old.id),
        joins=moved(tuple(join for join in state.joins if join.layer != old.id), old.id, fresh.id),
    )
    return rekeyed(after, old.id, fresh.id, rows)


def _table(session: Session, layer_id: str) -> VectorData:
    data = session.project.data_of(layer_id)
    if not isinstance(data, VectorData):
        raise UserError("register.no_table", layer=session.project.state.layer(layer_id).title(session.lang))
    return data


def _frame(data: VectorData) -> Any:
    return data.frame

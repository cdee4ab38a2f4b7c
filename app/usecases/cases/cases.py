"""Cases (案件): file one, do the next step, ask what it is; each a step that undo takes back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from app.usecases.review.topics import author
from models.cases.deadline import WorkCalendar, due_of, limit_of
from models.cases.flow import Move, ids_of, move_of, next_moves, sources
from models.cases.step import CaseNow, CaseStep, after, check_move
from models.cases.table import cells_of, columns_of, now_of
from models.core.errors import UserError
from models.core.value_text import text_or_empty
from models.layers.layer import Layer, VectorData, new_layer_id
from models.project.added_rows import AddedRows
from models.project.edits import Edit, merged
from models.project.selection import ObjectKey
from models.query.cells import plain_of
from models.roles import Role
from models.timeline.zone import local

if TYPE_CHECKING:
    from app.session import Session
    from models.cases.draft import CaseDraft
    from models.project.project import ProjectState

ROLE: Role = "cases"
#: Most that is taken of one text.
MOST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Case:
    """One case as it stands.

    Parameters
    ----------
    key : ObjectKey
    now : CaseNow
    description, address, source, component : str
    steps : tuple of CaseStep
        That are known, oldest first; a case that was imported may have none.
    moves : tuple of Move
        What can be done with it next.
    """

    key: ObjectKey
    now: CaseNow
    description: str
    address: str
    source: str
    component: str
    steps: tuple[CaseStep, ...]
    moves: tuple[Move, ...]


def calendar_of(session: Session) -> WorkCalendar:
    """Return the working calendar of the project."""
    return WorkCalendar(session.project.state.operations.case_years, zone=zone_of(session))


def zone_of(session: Session) -> str:
    """Return the zone in which the project's times stand."""
    return session.project.state.operations.zone.name


def now_us() -> int:
    """Return the present moment, µs since 1970 UTC, on whole seconds as tables write it."""
    return int(time.time()) * 1_000_000


def layer_of_cases(session: Session) -> tuple[Layer, VectorData] | None:
    """Return the layer into which new cases go: the lowest of role ``cases`` that has data; None without one."""
    for layer in session.project.state.with_role(ROLE):
        data = session.project.data.get(layer.id)
        if isinstance(data, VectorData):
            return layer, data
    return None


def find(session: Session, number: str) -> ObjectKey:
    """Return the row of a case by its number.

    Raises
    ------
    UserError
        ``cases.no_case``.
    """
    for layer in session.project.state.with_role(ROLE):
        data = session.project.data.get(layer.id)
        column = columns_of(data.fields).get("taskNum") if isinstance(data, VectorData) else None
        if column is not None and isinstance(data, VectorData):
            held = data.attributes[column]
            rows = np.flatnonzero((held.astype("str") == number).to_numpy())
            if len(rows):
                return ObjectKey(layer.id, int(held.index[rows[0]]))
    raise UserError("cases.no_case", case=number)


def case_of(session: Session, number: str) -> Case:
    """Return one case with its steps and what can be done next.

    Raises
    ------
    UserError
        ``cases.no_case``.
    """
    key = find(session, number)
    data = session.project.data[key.layer]
    assert isinstance(data, VectorData)  # noqa: S101 - it was found in a table
    row, columns = data.row(key.oid), columns_of(data.fields)
    mine = steps(session, number)
    now = _with_asked(now_of(row, columns, zone_of(session)), mine)
    if now.filed_us is not None and now.due_us is None and now.held_us is None:
        now = replace(now, due_unknown=_deadline(session)(now, now.filed_us)[1])

    def text(name: str) -> str:
        return text_or_empty(plain_of(row[columns[name]])) if name in columns else ""

    return Case(key, now, text("eventDesc"), text("address"), text("eventSrc"), text("component"), mine,
                next_moves(now.state, bool(now.asked_us)))  # fmt: skip


def steps(session: Session, number: str) -> tuple[CaseStep, ...]:
    """Return the steps of a case that are known, oldest first."""
    return tuple(step for step in session.project.state.operations.case_steps if step.case == number)


def file(session: Session, draft: CaseDraft) -> str:
    """Take a case in (采集) as one undoable step and return its number; one that is there already is left as it is.

    Parameters
    ----------
    session : Session
    draft : CaseDraft
        A second one of the same ``source`` and ``source_id`` is the same case.

    Returns
    -------
    str
        ``taskNum``: the day and a number in it.

    Raises
    ------
    UserError
        ``cases.no_description``; ``cases.no_source`` for a source that the table does not list.
    """
    description = draft.description.strip()[:MOST_TEXT]
    if not description:
        raise UserError("cases.no_description")
    if draft.source not in sources():
        raise UserError("cases.no_source", source=draft.source, known=", ".join(sources()))
    held = session.project.state.operations.case_steps
    if draft.source_id:
        same = (step.case for step in held if step.source == draft.source and step.source_id == draft.source_id)
        if (number := next(same, "")) and _is_there(session, number):
            return number
    found = layer_of_cases(session)
    moment = now_us()
    reported = draft.reported_us or moment
    number = _new_number(session, reported)
    step = CaseStep(number, "collect", moment, "reported", author(session), "collector", source=draft.source,
                    source_id=draft.source_id, urgent=draft.urgent)  # fmt: skip
    now = after(CaseNow(number, class_code=draft.class_code, reported_us=reported), step, _deadline(session))
    cells: dict[str, Any] = {
        "taskNum": number, "eventDesc": description, "eventSrc": sources()[draft.source].zh,
        "source_id": draft.source_id or None, "class_code": draft.class_code or None,
        "component": _code_of(session, draft.component), "address": draft.address.strip()[:MOST_TEXT] or None,
        "district_code": _district(session, draft), **cells_of(now, zone_of(session)),
    }  # fmt: skip
    if found is None:
        _begin_layer(session, cells, draft, step)
    else:
        layer, data = found
        added = _row(session, layer, data, cells, draft)
        session.history.do(
            "history.file_case",
            lambda state: _stepped(replace(state, added_rows=(*state.added_rows, added)), step),
        )
    return number


def move(
    session: Session, number: str, name: str, *, note: str = "", reason: str = "", department: str = "",
    photos: tuple[str, ...] = (), due_us: int = 0, rating: str = "", urgent: bool = False, who: str = "",
) -> CaseNow:  # fmt: skip
    """Do a step of a case, and write what follows into its row; one undoable step.

    Raises
    ------
    UserError
        ``cases.no_case``, ``cases.no_move``, ``cases.not_now``, ``cases.asks``.
    """
    case = case_of(session, number)
    wanted = move_of(name)
    step = CaseStep(
        number, name, now_us(), wanted.to or case.now.state, who.strip() or author(session), wanted.role,
        department.strip(), note.strip()[:MOST_TEXT], reason.strip()[:MOST_TEXT], photos, due_us, rating, urgent,
    )  # fmt: skip
    check_move(case.now, step)
    then = after(case.now, step, _deadline(session))
    edits = _edits(session, case.key, cells_of(then, zone_of(session)))
    session.history.do(
        "history.move_case", lambda state: _stepped(replace(state, edits=merged(state.edits, edits)), step)
    )
    return then


def _deadline(session: Session) -> Any:
    calendar, own = calendar_of(session), session.project.state.operations.case_limits

    def deadline(now: CaseNow, start_us: int) -> tuple[int | None, str]:
        if now.held_us is not None:  # what was left when it was put on hold is left now
            if now.due_us is None:
                return None, now.due_unknown
            left = (now.due_us - now.held_us) / 3.6e9 if now.urgent else float(
                calendar.worked_h([now.held_us], [now.due_us])[0])  # fmt: skip
            return due_of(calendar, start_us, max(left, 0.0), now.urgent) if np.isfinite(left) else (None, "")
        return due_of(calendar, start_us, limit_of(now.class_code, now.urgent, own).hours, now.urgent)

    return deadline


def _with_asked(now: CaseNow, mine: tuple[CaseStep, ...]) -> CaseNow:
    """Return a case with what its row does not hold: a postponement asked for, since when it is on hold."""
    asked, held, urgings = 0, None, 0
    for step in mine:
        if step.move == "ask_postponement":
            asked = step.due_us
        elif step.move in ("grant_postponement", "refuse_postponement", "return", "feedback", "shelve"):
            asked = 0
        held = step.time_us if step.move == "shelve" else None if step.move == "resume" else held
        urgings += step.move == "supervise"
    return replace(now, asked_us=asked, held_us=held, urgings=urgings)


def _stepped(state: ProjectState, step: CaseStep) -> ProjectState:
    held = state.operations
    return replace(state, operations=replace(held, case_steps=(*held.case_steps, step)))


def _edits(session: Session, key: ObjectKey, cells: Mapping[str, Any]) -> list[Edit]:
    data = session.project.data[key.layer]
    assert isinstance(data, VectorData)  # noqa: S101 - it was found in a table
    row, columns = data.row(key.oid), columns_of(data.fields)
    edits = []
    for name, value in cells.items():
        column = columns.get(name, name)
        before = plain_of(row[column]) if column in data.fields else None
        if name == "state" and value is not None and _same_state(before, value):
            continue
        if before != value and text_or_empty(before) != text_or_empty(value):
            edits.append(Edit(key.layer, key.oid, column, before, value, basis="case", certainty="stated"))
    return edits


def _same_state(before: object, value: object) -> bool:
    first, second = ids_of(pd.Series([before, value], dtype=object))
    return bool(first and first == second)


def _is_there(session: Session, number: str) -> bool:
    try:
        find(session, number)
    except UserError:
        return False
    return True


def _new_number(session: Session, moment_us: int) -> str:
    """Return a number that no case has: the day it was noticed, and the next number of that day."""
    day = local(moment_us, zone_of(session)).strftime("%Y%m%d")
    most = 0
    for layer in session.project.state.with_role(ROLE):
        data = session.project.data.get(layer.id)
        column = columns_of(data.fields).get("taskNum") if isinstance(data, VectorData) else None
        if column is not None and isinstance(data, VectorData):
            texts = data.attributes[column].astype("str")
            mine = texts[texts.str.startswith(day)].str[len(day) :]
            mine = mine[mine.str.fullmatch(r"[0-9]{1,9}")]
            most = max(most, int(mine.astype(int).max())) if len(mine) else most
    used = [step.case for step in session.project.state.operations.case_steps if step.case.startswith(day)]
    most = max([most, *(int(case[len(day) :]) for case in used if case[len(day) :].isdigit())])
    return f"{day}{most + 1:04d}"


def _code_of(session: Session, key: ObjectKey | None) -> str | None:
    """Return the code of a facility, by which its case names it."""
    keys = None if key is None else session.project.business_keys(key.layer)
    if key is None or keys is None:
        return None
    few = keys.only([key.oid])
    return str(few.values[0]) if len(few.values) else None


def _point(session: Session, draft: CaseDraft, crs: str) -> Any:
    """Return where a case is, in a CRS; None where nobody knows."""
    import shapely

    from models.crs.frame import transformer

    frame = session.project.state.frame
    if draft.at is None:
        return None
    east, north = draft.at[:2]
    if frame is not None and crs and crs != frame.horizontal:
        east, north = transformer(frame.horizontal, crs).transform(east, north)
    return shapely.Point(east, north)


def _district(session: Session, draft: CaseDraft) -> str | None:
    """Return the code of the sub-district in which a case lies, None where none is known."""
    for layer in session.project.state.with_role("districts"):
        data = session.project.data.get(layer.id)
        if not isinstance(data, VectorData) or "code" not in data.fields:
            continue
        point = _point(session, draft, data.crs)
        if point is not None:
            frame: Any = data.frame
            inside = np.flatnonzero(frame.geometry.covers(point).to_numpy())
            if len(inside):
                return text_or_empty(frame["code"].iloc[inside[0]]) or None
    return None


def _row(session: Session, layer: Layer, data: VectorData, cells: Mapping[str, Any], draft: CaseDraft) -> AddedRows:
    import geopandas as gpd

    columns = columns_of(data.fields)
    named = {columns.get(name, name): value for name, value in cells.items()}
    oid = int(max(data.attributes.index.max(), 0)) + 1 if data.count else 1
    index = pd.Index([oid], name=data.attributes.index.name)
    plain = pd.DataFrame({name: pd.Series([value], index, dtype=object) for name, value in named.items()}, index=index)
    new = tuple(name for name in named if name not in data.fields)
    if data.bounds is None and not hasattr(data.frame, "crs"):
        return AddedRows(layer.id, plain, new)
    rows = gpd.GeoDataFrame(plain, geometry=[_point(session, draft, data.crs)], crs=data.crs or None)
    return AddedRows(layer.id, rows, new)


def _begin_layer(session: Session, cells: Mapping[str, Any], draft: CaseDraft, step: CaseStep) -> None:
    """Begin a layer of cases with its first one."""
    import geopandas as gpd

    crs = "" if session.project.state.frame is None else session.project.state.frame.horizontal
    index = pd.RangeIndex(1, 2, name="fid")
    plain = pd.DataFrame({name: pd.Series([value], index, dtype=object) for name, value in cells.items()}, index=index)
    frame = gpd.GeoDataFrame(plain, geometry=[_point(session, draft, crs)], crs=crs or None)
    layer = Layer(new_layer_id(ROLE), session.word("cases.layer"), "vector", ROLE, data_source=author(session))
    session.project.put_data(layer.id, VectorData(frame))
    session.history.do("history.file_case", lambda state: _stepped(state.with_layer(layer), step))

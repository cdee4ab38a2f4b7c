"""Command (指挥调度): resources of the project, where they are, who is near by road, orders."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.background.jobs import Job
from models.cases.command.order import Order, next_id
from models.cases.command.resource import Resource
from models.cases.command.tables import fixes_of, resources_of
from models.cases.command.tracks import Position
from models.core.errors import UserError
from models.core.progress import Progress
from models.layers.layer import VectorData
from models.timeline.zone import local

if TYPE_CHECKING:
    from app.session import Session
    from models.cases.command.by_road import Roads
    from models.project.project import ProjectState
    from models.views.camera import Vector


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a resource is at a moment.

    Parameters
    ----------
    resource : Resource
    state : str
        ``"busy"`` while it is on an order, else what the register says.
    position : Position or None
        What its terminal said last; None where it said nothing.
    xy : (E, N) or None
        That place, else its home, None where neither is known.
    """

    resource: Resource
    state: str
    position: Position | None
    xy: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who could be sent: ``road_m`` along roads and ``off_road_m`` beside them, None with ``why`` where none leads."""

    standing: Standing
    road_m: float | None
    off_road_m: float | None
    why: str


def now_us(session: Session) -> int:
    """Return the moment that is shown, the present one where that is live."""
    at = session.clock.moment_us
    return time.time_ns() // 1000 if at is None else at


def standings(session: Session) -> list[Standing]:
    """Return where all resources are at the moment that is shown."""
    state = session.project.state.operations
    at = now_us(session)
    heard = session.tracks.at(at)
    on_order = {one for order in state.orders if order.step in ("dispatched", "arrived") for one in order.resources}
    found = []
    for one in state.resources:
        position = heard.get(one.terminal) if one.terminal else None
        place = (position.x, position.y) if position is not None else None if one.home is None else one.home[:2]
        busy = one.id in on_order and one.state != "off"
        found.append(Standing(one, "busy" if busy else one.state, position, place))
    return found


def nearest(session: Session, target: tuple[float, float], progress: Progress | None = None) -> list[Candidate]:
    """Return all resources by their distance by road from a place (project CRS), those free before others; for a job.

    Raises
    ------
    UserError
        ``command.no_roads`` without a layer of roads.
    """
    progress = progress or Progress()
    stand = standings(session)
    roads = _roads(session, progress)
    places = np.array([(np.nan, np.nan) if one.xy is None else one.xy for one in stand], np.float64).reshape(-1, 2)
    from models.cases.command.by_road import approach  # brings the graph library, which no start needs

    found = approach(roads, target, places)
    rows = [int(at) for at in found.order()]
    rows.sort(key=lambda at: ("free", "busy", "off").index(stand[at].state))
    return [
        Candidate(
            stand[at],
            float(found.road_m[at]) if not found.why[at] else None,
            float(found.off_road_m[at]) if not found.why[at] else None,
            str(found.why[at]),
        )
        for at in rows
    ]


def _roads(session: Session, progress: Progress) -> Roads:
    state = session.project.state
    parts: list[Any] = []
    stamp: list[object] = []
    for layer in state.with_role("roads"):
        data = session.project.data.get(layer.id)
        if isinstance(data, VectorData) and data.crs and state.frame is not None:
            stamp += [layer.id, id(data)]
            frame: Any = data.frame
            parts.append(frame.geometry.to_crs(state.frame.horizontal).to_numpy())
    if not parts:
        raise UserError("command.no_roads")
    if session.roads is None or session.roads[0] != stamp:
        progress.step(0.2, "progress.command.roads")
        from models.cases.command.by_road import roads_of

        session.roads = (stamp, roads_of(np.concatenate(parts)))
    return session.roads[1]


def place_of(session: Session) -> tuple[str, str, Vector] | None:
    """Return kind, id and place of the selected object that somebody is to be sent to, None where none is selected."""
    import shapely

    keys = session.selection.keys
    state = session.project.state
    if len(keys) != 1 or state.frame is None:
        return None
    key = keys[0]
    data = session.project.data.get(key.layer)
    if not isinstance(data, VectorData) or not data.crs or key.oid not in data.frame.index:
        return None
    frame: Any = data.frame
    point = shapely.centroid(frame.geometry.loc[[key.oid]].to_crs(state.frame.horizontal).iloc[0])
    if shapely.is_empty(point):
        return None
    layer = state.layer(key.layer)
    field = next((name for name in ("taskNum", "code", "ObjID", "name") if name in frame.columns), None)
    name = str(key.oid) if field is None else str(frame.at[key.oid, field])
    kind = "case" if layer.role == "cases" else "place"
    return kind, name, (float(point.x), float(point.y), 0.0)


# --- orders ---------------------------------------------------------------------------------------------------------


def give_order(session: Session, order: Order) -> Order:
    """Keep an order, given out at the moment that is shown; one step that can be undone."""
    at = now_us(session)
    zone = session.project.state.operations.zone.name
    made = replace(
        order,
        id=order.id or next_id(session.project.state.operations.orders, f"{local(at, zone):%Y%m%d}"),
        dispatched_us=order.dispatched_us or at,
    )
    _change(session, "history.command_order", lambda orders: (*orders, made))
    return made


def set_step(session: Session, order_id: str, step: str) -> None:
    """Note that those sent have arrived, or are done, at the moment that is shown.

    Raises
    ------
    UserError
        ``command.before`` for a moment before the step before.
    """
    at = now_us(session)
    one = next(order for order in session.project.state.operations.orders if order.id == order_id)
    if at < max(one.dispatched_us, one.arrived_us if step == "done" else 0):
        raise UserError("command.before", id=order_id)
    fields = {"arrived_us": at} if step == "arrived" else {"done_us": at, "arrived_us": one.arrived_us}
    _change(
        session, "history.command_step",
        lambda orders: tuple(replace(order, **fields) if order.id == order_id else order for order in orders),
    )  # fmt: skip


def print_order(session: Session, order_id: str, out: Path) -> Job:
    """Write an order as a document to be signed (.docx)."""
    state, lang = session.project.state, session.lang
    order = next(one for one in state.operations.orders if one.id == order_id)
    sent = tuple(one for one in state.operations.resources if one.id in order.resources)

    def work(progress: Progress) -> None:
        from viewers.documents.order_sheet import write_order

        progress.step(0.2, "progress.writing")
        write_order(out, order, sent, state, lang)

    return session.run(
        "job.command_order", work, lambda _: session.notices.info("notice.written", file=out.name), file=out.name
    )


def _change(session: Session, label: str, change: Any) -> None:
    def changed(state: ProjectState) -> ProjectState:
        return replace(state, operations=replace(state.operations, orders=change(state.operations.orders)))

    session.history.do(label, changed)


# --- files ----------------------------------------------------------------------------------------------------------


def read_resources(session: Session, path: Path) -> Job:
    """Take crews, pumps, vehicles and stores from a table; those with the same id take the place of the old ones."""

    def done(frame: Any) -> None:
        fresh = {one.id: one for one in resources_of(frame, path.name)}

        def changed(state: ProjectState) -> ProjectState:
            kept = tuple(one for one in state.operations.resources if one.id not in fresh)
            return replace(state, operations=replace(state.operations, resources=(*kept, *fresh.values())))

        session.history.do("history.command_resources", changed)
        session.notices.info("notice.command_resources", count=len(fresh), file=path.name)

    return session.run("job.command_read", lambda progress: _table(session, path, progress), done, file=path.name)


def read_tracks(session: Session, path: Path) -> Job:
    """Take positions from a table of points or a log of NMEA; a log is that of the terminal its file is named by.

    Raises
    ------
    UserError
        ``command.no_time``, ``command.no_terminal``, ``command.no_places``.
    """
    zone = session.project.state.operations.zone.name

    def work(progress: Progress) -> Any:
        frame = _table(session, path, progress)
        if "geometry" not in frame.columns:
            raise UserError("command.no_places", file=path.name)
        return fixes_of(frame, path.name, zone, path.stem)

    def done(found: Any) -> None:
        fixes, left_out = found
        session.tracks.add(fixes)
        session.notices.info("notice.command_tracks", count=len(fixes), left=left_out, file=path.name, zone=zone)

    return session.run("job.command_read", work, done, file=path.name)


def _table(session: Session, path: Path, progress: Progress) -> Any:
    from app.background.ingest import ingest
    from models.io.request import ReadRequest

    frame: Any = None
    for one in ingest(path, ReadRequest(), session.cache(), progress, workers=session.workers):
        if isinstance(one.data, VectorData):
            frame = one.data.frame
            break
    if frame is None:
        raise UserError("command.no_names", file=path.name)
    wanted = session.project.state.frame
    if wanted is not None and "geometry" in frame.columns and frame.crs is not None:
        frame = frame.to_crs(wanted.horizontal)
    return frame

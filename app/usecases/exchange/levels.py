"""Hand records out to other levels, merge what they handed out, add figures up by level.

What this project made or merged lies in a folder beside it (``city.gpkg`` → ``city.exchange``), a package each; which
of them count is part of the state (:class:`models.exchange.state.ExchangeState`). Nothing is reached unasked: a folder,
a file or a database is opened by these functions only, when a person names it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.usecases.facilities.register_import import in_place
from app.usecases.health.health import all_kept
from models.core.errors import UserError
from models.exchange.deciding import Foreseen, foresee
from models.exchange.divisions import Party
from models.exchange.kinds import CLASSES, POLICIES
from models.exchange.merging import Conflict, Known, Merged, merged
from models.exchange.records import Package, Version
from models.exchange.rollup import RollUp, roll_up
from models.exchange.tables import Applied, Left, Table, applied, known_of, versions_of
from models.layers.layer import Layer, Source, VectorData, new_layer_id
from models.project.business_keys import GONE_OID, Renaming, business_keys
from models.project.selection import ObjectKey
from models.timeline.zone import zone
from resources.words import word

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.background.jobs import Job
    from app.session import Session
    from models.core.progress import Progress
    from models.exchange.meeting import MeetingPlace
    from models.project.project import ProjectState
    from models.roles import Role

#: Role of the layer that holds a class of records, and the field that names them; others where it is not there.
_LAYERS: Mapping[str, tuple[Role, str]] = {
    "components": ("facilities", "ObjID"), "pipes": ("pipes", ""), "nodes": ("pipe_nodes", ""),
    "cases": ("cases", "taskNum"),
}  # fmt: skip
#: Option of the layer of results that others handed out.
_RESULTS = "exchange_results"

ConflictId = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class HandedOut:
    """What was handed out.

    Parameters
    ----------
    package : Package
    where : str
    left : mapping of str to Left
        By class: rows that have no key of their own.
    counts : mapping of str to (int, int)
        By class: records, and those among them that say that they were deleted.
    """

    package: Package
    where: str
    left: Mapping[str, Left]
    counts: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Meeting:
    """What others handed out, held against this project; nothing is changed yet.

    Parameters
    ----------
    packages : tuple of Package
        That this project does not hold.
    known : Known
        What it holds, what is new, and what it changed itself since it handed out last.
    mine : mapping of (str, str) to str
        Record → hash of the version that stands in the project.
    touched : tuple of (str, str)
        Records that the packages speak of.
    conflicts : tuple of Conflict
    foreseen : mapping of str to Foreseen
        By class: what a merge would change.
    unread : tuple of UserError
        Why packages could not be read.
    state : ProjectState
        That it was held against.
    """

    packages: tuple[Package, ...]
    known: Known
    mine: Mapping[tuple[str, str], str]
    touched: tuple[tuple[str, str], ...]
    conflicts: tuple[Conflict, ...]
    foreseen: Mapping[str, Foreseen]
    unread: tuple[UserError, ...]
    state: ProjectState


@dataclass(frozen=True, slots=True)
class Taken:
    """What a merge changed, by class, and how each conflict was decided."""

    counts: Mapping[str, Mapping[str, int]]
    conflicts: tuple[Conflict, ...]
    decided: Mapping[ConflictId, object]


def memory_of(session: Session) -> Path:
    """Return the folder in which the project keeps packages.

    Raises
    ------
    UserError
        ``project.no_path``.
    """
    if session.project.path is None:
        raise UserError("project.no_path")
    return session.project.path.with_suffix(".exchange")


def set_party(session: Session, code: str, name: str = "") -> None:
    """Say who this project speaks for; undoable.

    Raises
    ------
    UserError
        ``exchange.bad_division``.
    """
    party = Party(code.strip(), name.strip())
    session.history.do(
        "history.exchange_party",
        lambda state: _with_exchange(state, replace(state.operations.exchange, code=party.code, name=party.name)),
    )


def proposed_party(session: Session) -> str:
    """Return the division that the codes of the sub-districts begin with, empty where they do not agree."""
    for layer in session.project.state.with_role("districts"):
        data = session.project.data.get(layer.id)
        if isinstance(data, VectorData) and "code" in data.fields:
            codes = {str(code)[:6] for code in data.attributes["code"].dropna()}
            if len(codes) == 1 and (code := codes.pop()).isdigit() and len(code) == 6:
                return code
    return ""


def hand_out(
    session: Session, where: str, kinds: Sequence[str] = (), *, whole: bool = False,
    done: Callable[[HandedOut], object] | None = None,
) -> Job:  # fmt: skip
    """Hand out what changed since the last time, into a file, a folder or a database.

    Parameters
    ----------
    session : Session
    where : str
        A file (``.json``, ``.geojson``, ``.xlsx``), a folder, or ``postgresql://…``.
    kinds : sequence of str
        Classes of records; all where empty.
    whole : bool
        All that the project knows and not only what changed, for somebody who has nothing of it.
    done : callable, optional

    Raises
    ------
    UserError
        ``exchange.no_party``, ``exchange.bad_class``, ``project.no_path``; from the job ``exchange.nothing``, and what
        writing raises.
    """
    from models.store.exchange.folder import FolderPlace

    party = session.project.state.operations.exchange.party
    if party is None:
        raise UserError("exchange.no_party")
    wanted = _require_kinds(kinds)
    memory = memory_of(session)
    held_names = session.project.state.operations.exchange.held
    tables = [table for table in (_table(session, kind, party.code) for kind in wanted) if table is not None]
    synthetic, crs = session.project.state.synthetic, _crs(session)
    now_us = _now_us()

    def work(progress: Progress) -> HandedOut:
        progress.step(0.1, "progress.exchange.comparing")
        held = known_of(_packages(memory, held_names))
        versions: list[Version] = []
        left: dict[str, Left] = {}
        for table in tables:
            fresh, left[table.kind] = versions_of(table, held, party.code, now_us)
            versions += fresh
            progress.step(-1)
        if whole:
            known = held.joined(Known(versions))
            versions = [
                one for record in known.records() if record[0] in wanted for one in known.versions(record).values()
            ]
        if not versions:
            raise UserError("exchange.nothing")
        editions = {table.kind: table.edition for table in tables if table.edition}
        keys = {table.kind: table.key for table in tables}
        package = Package(party, now_us, crs, editions, keys, tuple(versions), synthetic)
        progress.step(0.7, "progress.writing")
        _leave(where, package)
        FolderPlace(memory, make=True).put(package)
        counts = {
            kind: (len(rows), sum(one.deleted for one in rows))
            for kind in wanted
            if (rows := [one for one in versions if one.kind == kind])
        }
        return HandedOut(package, where, left, counts)

    def finish(made: HandedOut) -> None:
        session.history.do("history.hand_out", lambda state: _with_held(state, [made.package.hash]))
        session.notices.info("notice.handed_out", count=len(made.package.versions), where=_shown(where))
        if done is not None:
            done(made)

    return session.run("job.hand_out", work, finish, where=_shown(where))


def look(session: Session, where: str | Sequence[str], done: Callable[[Meeting], object]) -> Job:
    """Read what others handed out and hold it against the project; nothing is changed.

    Parameters
    ----------
    session : Session
    where : str or sequence of str
        Files, folders, or ``postgresql://…``.
    done : callable

    Raises
    ------
    UserError
        ``exchange.no_party``, ``project.no_path``; from the job what reading raises.
    """
    places = [where] if isinstance(where, str) else list(where)
    state = session.project.state
    party = state.operations.exchange.party
    if party is None:
        raise UserError("exchange.no_party")
    memory = memory_of(session)
    held_names = state.operations.exchange.held
    tables = [table for table in (_table(session, kind, party.code) for kind in CLASSES) if table is not None]
    now_us = _now_us()

    def work(progress: Progress) -> Meeting:
        progress.step(0.1, "progress.exchange.reading")
        held = known_of(_packages(memory, held_names))
        packages, unread = _brought_from(places, frozenset(held_names), progress)
        progress.step(0.6, "progress.exchange.comparing")
        mine: dict[tuple[str, str], str] = {}
        own: list[Version] = []
        for table in tables:
            own += versions_of(table, held, party.code, now_us)[0]
        fresh = known_of(packages)
        known = held.joined(fresh).joined(Known(own))
        mine = {(one.kind, one.key): one.hash for one in own}
        for record in held.records():
            heads = held.heads(record)
            if record not in mine and len(heads) == 1:
                mine[record] = heads[0].hash
        touched = tuple(fresh.records())
        found = (merged(known, record) for record in touched)
        conflicts = tuple(conflict for one in found if one is not None for conflict in one.conflicts)
        foreseen = foresee(known, touched, mine)
        return Meeting(tuple(packages), known, mine, touched, conflicts, foreseen, tuple(unread), state)

    return session.run("job.look_at_exchange", work, done, where=", ".join(_shown(one) for one in places))


def merge(
    session: Session, meeting: Meeting, policy: str, choices: Mapping[ConflictId, str] | None = None,
    done: Callable[[Taken], object] | None = None,
) -> Job:  # fmt: skip
    """Take over what others handed out; one undoable step.

    Parameters
    ----------
    session : Session
    meeting : Meeting
    policy : str
        ``"newest"``, ``"authority"`` or ``"hand"``: what nobody chose then stays as it is here.
    choices : mapping, optional
        Conflict's id → hash of the version whose value counts, whatever the policy says.
    done : callable, optional

    Raises
    ------
    UserError
        ``exchange.bad_policy``, ``exchange.changed_meanwhile``.
    """
    from models.store.exchange.folder import FolderPlace

    if policy not in POLICIES:
        raise UserError("exchange.bad_policy", policy=policy)
    if session.project.state != meeting.state:
        raise UserError("exchange.changed_meanwhile")
    party = session.project.state.operations.exchange.party
    own_code = party.code if party is not None else ""
    tables = {kind: _table_to_fill(session, kind, own_code, meeting) for kind in CLASSES}
    memory = memory_of(session)

    def work(progress: Progress) -> tuple[list[tuple[Layer, bool, Table, Applied]], Taken]:
        progress.step(0.1, "progress.merging")
        by_kind: dict[str, list[Merged]] = {}
        conflicts: list[Conflict] = []
        decided: dict[ConflictId, object] = {}
        for record in meeting.touched:
            one = merged(meeting.known, record, policy, choices, meeting.mine.get(record, ""))
            if one is None or (record[0] == "results" and record[1].startswith(f"{own_code}/")):
                continue
            by_kind.setdefault(record[0], []).append(one)
            conflicts += one.conflicts
            said = {**one.values, "deleted": one.deleted, "geometry": one.geometry}
            decided |= {conflict.id: said.get(conflict.field) for conflict in one.conflicts}
        made = []
        counts = {}
        for kind, records in by_kind.items():
            layer, is_new, table = tables[kind]
            result = applied(table, records)
            changes = {
                "added": len(result.added), "changed": len(result.changed), "deleted": len(result.deleted),
            }  # fmt: skip
            counts[kind] = changes
            if any(changes.values()):
                made.append((layer, is_new, table, result))
            progress.step(-1)
        place = FolderPlace(memory, make=True)
        for package in meeting.packages:
            place.put(package)
        return made, Taken(counts, tuple(conflicts), decided)

    def finish(found: tuple[list[tuple[Layer, bool, Table, Applied]], Taken]) -> None:
        made, taken = found

        def change(state: ProjectState) -> ProjectState:
            for layer, is_new, table, result in made:
                if is_new:
                    session.project.put_data(layer.id, VectorData(result.frame, []))
                    state = replace(state, layers=(*state.layers, layer))
                    continue
                fresh = replace(layer, id=new_layer_id(layer.id))
                session.project.put_data(fresh.id, VectorData(result.frame, []))
                state = in_place(state, layer, fresh, _rows(table.frame, result.frame))
            return _with_held(state, [package.hash for package in meeting.packages])

        session.history.do("history.merge_exchange", change)
        session.notices.info(
            "notice.exchange_merged", packages=len(meeting.packages), conflicts=len(taken.conflicts),
            **{name: sum(one[name] for one in taken.counts.values()) for name in ("added", "changed", "deleted")},
        )  # fmt: skip
        if done is not None:
            done(taken)

    return session.run("job.merge_exchange", work, finish)


def rolled_up(where: str, level: str, policy: str = "newest") -> RollUp:
    """Return what all that lies at a meeting place, or in a file, comes to at a level.

    Raises
    ------
    UserError
        ``exchange.bad_level``, ``exchange.nothing``, and what reading raises.
    """
    from models.core.progress import Progress

    packages, unread = _brought(where, frozenset(), Progress())
    if unread:
        raise unread[0]
    if not packages:
        raise UserError("exchange.nothing")
    return roll_up(known_of(packages), level, max(one.made_us for one in packages), policy)


def place_of(where: str, *, make: bool = False) -> MeetingPlace | None:
    """Return the meeting place that a text names, None where it names a file."""
    from models.io.exchange.files import SUFFIXES

    if where.startswith(("postgresql://", "postgres://")):
        from models.store.exchange.postgis import PostgisPlace

        return PostgisPlace(where)
    if Path(where).suffix.lower() in SUFFIXES:
        return None
    from models.store.exchange.folder import FolderPlace

    return FolderPlace(Path(where), make=make)


def _leave(where: str, package: Package) -> None:
    from models.io.exchange.files import write

    place = place_of(where, make=True)
    if place is None:
        write(Path(where), package)
        return
    try:
        place.put(package)
    finally:
        place.close()


def _brought(where: str, held: frozenset[str], progress: Progress) -> tuple[list[Package], list[UserError]]:
    """Return the packages that a place has and the project does not, and which could not be read."""
    from models.io.exchange.files import read

    place = place_of(where)
    if place is None:
        package = read(Path(where))
        return ([] if package.hash in held else [package]), []
    packages, unread = [], []
    try:
        names = sorted(place.names() - held)
        for number, name in enumerate(names):
            progress.step(0.1 + 0.5 * number / len(names), "progress.exchange.reading")
            try:
                packages.append(place.get(name))
            except UserError as error:  # one that is broken must not keep the others away
                unread.append(error)
    finally:
        place.close()
    return packages, unread


def _brought_from(
    places: Sequence[str], held: frozenset[str], progress: Progress
) -> tuple[list[Package], list[UserError]]:
    """Return what several places have and the project does not, each package once."""
    found: dict[str, Package] = {}
    unread: list[UserError] = []
    for where in places:
        try:
            packages, broken = _brought(where, held, progress)
        except UserError as error:
            if len(places) == 1:
                raise
            unread.append(error)  # one file that is broken must not keep the others away
            continue
        found |= {package.hash: package for package in packages}
        unread += broken
    return list(found.values()), unread


def _packages(memory: Path, names: Sequence[str]) -> list[Package]:
    """Return the packages that the project holds.

    Raises
    ------
    UserError
        ``exchange.memory_lost`` where the folder beside the project lacks some.
    """
    from models.store.exchange.folder import FolderPlace

    if not names:
        return []
    if not memory.is_dir():
        raise UserError("exchange.memory_lost", folder=memory.name, count=len(names))
    place = FolderPlace(memory)
    missing = set(names) - place.names()
    if missing:
        raise UserError("exchange.memory_lost", folder=memory.name, count=len(missing))
    return [place.get(name) for name in names]


def _layer_of(session: Session, kind: str) -> tuple[Layer, VectorData, str] | None:
    """Return the layer that holds a class of records, with its data and key: the lowest that has the standard's key."""
    found = []
    state = session.project.state
    if kind == "results":
        layers = tuple(one for one in state.layers if one.source.options.get(_RESULTS))
    else:
        layers = state.with_role(_LAYERS[kind][0])
    for layer in layers:
        data = session.project.data.get(layer.id)
        if not isinstance(data, VectorData):
            continue
        wanted = "result_id" if kind == "results" else _LAYERS[kind][1]
        key = wanted if wanted in data.fields else getattr(business_keys(data), "field", "")
        if key:
            found.append((key != wanted, layer, data, key))
    return min(found, key=lambda one: one[0])[1:] if found else None


def classes_here(session: Session) -> tuple[str, ...]:
    """Return the classes of records that this project has."""
    return tuple(
        kind for kind in CLASSES if (all_kept(session) if kind == "results" else _layer_of(session, kind) is not None)
    )


def object_of(session: Session, kind: str, key: str) -> ObjectKey | None:
    """Return the object of this project that a record is; None where it is none, or none any more."""
    found = _layer_of(session, kind)
    if found is None:
        return None
    layer, data, field = found
    oids = data.attributes.index[(data.attributes[field].astype(str) == key).to_numpy()]
    return ObjectKey(layer.id, int(oids[0])) if len(oids) else None


def _table(session: Session, kind: str, own_code: str) -> Table | None:
    """Return the records of a class that this project hands out, None where it has none."""
    if kind == "results":
        from models.exchange.results import KEY, results_table

        results = all_kept(session)
        rows = results_table(results.values(), own_code)
        edition = ", ".join(sorted({one.edition for one in results.values()}))
        return Table(kind, KEY, rows, "", edition, _zone(session), f"{own_code}/") if len(rows) else None
    found = _layer_of(session, kind)
    if found is None:
        return None
    layer, data, key = found
    frame: Any = data.frame
    crs = _crs(session) if "geometry" in frame.columns else ""
    if crs and frame.crs is not None and frame.crs != crs:
        frame = frame.to_crs(crs)
    edition = session.project.state.edition_of(layer).standard if kind == "components" else ""
    return Table(kind, key, frame, crs, edition, _zone(session))


def _table_to_fill(session: Session, kind: str, own_code: str, meeting: Meeting) -> tuple[Layer, bool, Table]:
    """Return the layer into which records of a class are merged, whether it is made for them, and its table."""
    import geopandas as gpd
    import pandas as pd

    found = _layer_of(session, kind)
    if found is not None:
        layer, data, key = found
        frame = data.frame
        own_crs = frame.crs.to_string() if getattr(frame, "crs", None) is not None else ""
        return layer, False, Table(kind, key, frame, own_crs, "", _zone(session))
    key = next((package.keys[kind] for package in meeting.packages if kind in package.keys), "code")
    names = [word(f"exchange.class.{kind}", lang) for lang in ("zh", "en")]
    is_results = kind == "results"
    layer = Layer(
        new_layer_id(f"exchange_{kind}"), names[0], "table" if is_results else "vector",
        "other" if is_results else _LAYERS[kind][0], Source(options={_RESULTS: "1"} if is_results else {}),
        name_en=names[1], synthetic=any(package.synthetic for package in meeting.packages),
        data_source=", ".join(sorted({package.sender.name or package.sender.code for package in meeting.packages})),
    )  # fmt: skip
    if kind == "results":
        return layer, True, Table(kind, key, pd.DataFrame({key: pd.Series([], dtype=object)}), "", "", _zone(session))
    crs = _crs(session) or next((package.crs for package in meeting.packages if package.crs), "")
    empty = gpd.GeoDataFrame({key: pd.Series([], dtype=object)}, geometry=gpd.GeoSeries([], crs=crs or None))
    return layer, True, Table(kind, key, empty, crs, "", _zone(session))


def _rows(before: Any, after: Any) -> Renaming:
    oids = np.sort(before.index.to_numpy(np.int64))
    return Renaming(oids, np.where(np.isin(oids, after.index.to_numpy(np.int64)), oids, GONE_OID))


def _zone(session: Session) -> dt.tzinfo:
    return zone(session.project.state.operations.zone.name)


def _crs(session: Session) -> str:
    frame = session.project.state.frame
    return frame.horizontal if frame is not None else ""


def _require_kinds(kinds: Sequence[str]) -> tuple[str, ...]:
    for kind in kinds:
        if kind not in CLASSES:
            raise UserError("exchange.bad_class", value=kind, known=", ".join(CLASSES))
    return tuple(kinds) or CLASSES


def _with_exchange(state: ProjectState, exchange: Any) -> ProjectState:
    return replace(state, operations=replace(state.operations, exchange=exchange))


def _with_held(state: ProjectState, names: Sequence[str]) -> ProjectState:
    exchange = state.operations.exchange
    held = tuple(sorted({*exchange.held, *names}))
    return _with_exchange(state, replace(exchange, held=held))


def _now_us() -> int:
    return int(dt.datetime.now(dt.UTC).timestamp() * 1_000_000)


def _shown(where: str) -> str:
    """Return where something goes, without a password."""
    from models.project.reaches import host_reach

    return host_reach(where).where if "://" in where else Path(where).name

"""What gets a page in an atlas, found in the open project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from app.usecases.health import health
from app.usecases.sheets.subjects import units_of, value_of
from models.core.errors import UserError
from models.health.results import IndicatorResult
from models.project.selection import ObjectKey
from models.sheets.atlas.plan import AtlasPage, Entry, planned
from models.sheets.atlas.spec import BY, AtlasSpec
from models.sheets.spec import Subject

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.session import Session

#: So many objects of a page must be seen in its picture and are pointed at, the worst first.
MOST_OBJECTS = 60
#: So many components of a class are enough to say where it is.
MOST_FRAMED = 2_000
#: Severity of a state from which on a component is pointed at, and so many of a class.
WANTS_SOMEBODY, MOST_NUMBERED = 2, 30


def pages_of(session: Session, spec: AtlasSpec) -> tuple[AtlasPage, ...]:
    """Return the pages of an atlas of the open project.

    Raises
    ------
    UserError
        ``atlas.unknown`` for what no atlas is by, ``atlas.no_pages`` where there is nothing to show,
        ``atlas.no_result`` for units without any indicator.
    """
    if spec.by not in BY:
        raise UserError("atlas.unknown", name=spec.by, known=", ".join(BY))
    pages = planned(spec, _ENTRIES[spec.by](session, spec))
    if not pages:
        raise UserError("atlas.no_pages", by=session.word(f"atlas.by.{spec.by}"))
    return pages


def results_for(session: Session, spec: AtlasSpec) -> list[IndicatorResult]:
    """Return the results that an atlas is about: of the indicators that are named, else all that count.

    Raises
    ------
    UserError
        ``picture.no_result`` for one that nobody computed.
    """
    kept = health.all_kept(session)
    for code in spec.indicators:
        if code not in kept:
            raise UserError("picture.no_result", indicator=code)
    return [kept[code] for code in (spec.indicators or sorted(kept))]


def _units(session: Session, spec: AtlasSpec) -> Iterator[Entry]:
    from viewers.texts.values import indicator_value

    units = units_of(session, spec.by)
    results = results_for(session, spec)
    if units and not results:
        raise UserError("atlas.no_result")
    for result in results:
        definition, missing = result.definition, session.word("health.status.no_data")
        failing: dict[int, list[ObjectKey]] = {}
        for problem in result.problems if spec.by == "district" else ():
            if problem.reason != "below_benchmark":
                failing.setdefault(problem.unit_oid, []).append(problem.key)
        for unit in units:
            row = value_of(result, Subject(spec.by, unit.code))  # type: ignore[arg-type]
            value = None if row is None else row.value
            yield Entry(
                spec.by, unit.code, unit.name, result.code, definition.title(session.lang), result.code,  # type: ignore[arg-type]
                (unit.key,), tuple(failing.get(unit.key.oid, ())[:MOST_OBJECTS]), value,
                indicator_value(value, definition.unit_text(session.lang), missing), definition.direction == "down",
            )  # fmt: skip


def _problems(session: Session, spec: AtlasSpec) -> Iterator[Entry]:
    from app.usecases.health.lists import context_of
    from viewers.texts.list_texts import sentence

    state = session.project.state
    rows = [row for row in state.health.problems if not spec.indicators or row.code in spec.indicators]
    if not rows:
        return
    known = {row.id for row in rows}
    keys: dict[str, list[ObjectKey]] = {row.id: [] for row in rows}
    for one in state.health.ledger:
        problem = one.problem(known)
        if problem and one.state != "gone" and one.key.oid >= 0:
            keys[problem].append(one.key)
    context = context_of(session)
    for row in sorted(rows, key=lambda row: (row.code, row.priority or 99)):
        if row.state == "gone" or not keys[row.id]:
            continue
        own = context.book.indicators.get(row.code)
        shown = tuple(dict.fromkeys(keys[row.id]))
        yield Entry(
            "problem", row.id, sentence(row, context), row.code, own.title(session.lang) if own else row.code,
            row.code, shown[:MOST_FRAMED], shown[:MOST_OBJECTS], float(row.count), f"{row.count:,}", True,
        )  # fmt: skip


def _facilities(session: Session, spec: AtlasSpec) -> Iterator[Entry]:
    """Yield the classes of components; pointed at are those whose state wants somebody, the worst first."""
    import numpy as np

    from models.facilities.coding.editions import FacilityClass
    from models.facilities.register import classes_of, states, status_of
    from models.layers.layer import VectorData

    state = session.project.state
    severity = {name: one.severity for name, one in states().items()}
    found: dict[FacilityClass, list[tuple[int, ObjectKey]]] = {}
    for layer in state.with_role("facilities"):
        data = session.project.data.get(layer.id)
        if not isinstance(data, VectorData):
            continue
        edition, frame = state.edition_of(layer), data.attributes if data.features is not None else data.frame
        codes, oids = classes_of(frame, edition), frame.index.to_numpy(np.int64)
        grave = np.array([severity.get(one, 0) for one in status_of(frame)], dtype=np.int64)
        for code in edition.classes:
            mine = np.flatnonzero(codes == code)
            mine = mine[np.argsort(-grave[mine], kind="stable")]
            if len(mine):
                rows = zip(grave[mine].tolist(), oids[mine].tolist(), strict=True)
                found.setdefault(edition.classes[code], []).extend((bad, ObjectKey(layer.id, oid)) for bad, oid in rows)
    for kind, rated in sorted(found.items(), key=lambda item: (item[0].table, item[0].code)):
        shown = tuple(key for _, key in rated[:: max(1, -(-len(rated) // MOST_FRAMED))])
        bad = tuple(key for grave_, key in sorted(rated, key=lambda one: -one[0]) if grave_ >= WANTS_SOMEBODY)
        yield Entry(
            "facilities", kind.code, kind.title(session.lang), kind.group, kind.group_title(session.lang), "",
            shown, bad[:MOST_NUMBERED], float(len(rated)), f"{len(rated):,}", True,
        )  # fmt: skip


def _buildings(session: Session, spec: AtlasSpec) -> Iterator[Entry]:
    """Yield the buildings that are named, else those that fail the indicators."""
    import numpy as np

    from models.layers.layer import VectorData
    from viewers.render.geometry.feature_columns import text

    state, data = session.project.state, session.project.data
    chosen = _failing_buildings(session, spec) if not spec.only else None
    for layer in state.with_role("buildings"):
        table = data.get(layer.id)
        if not isinstance(table, VectorData):
            continue
        frame = table.attributes if table.features is not None else table.frame
        oids = frame.index.to_numpy(np.int64)
        names, codes = text(frame, ("name",)), text(frame, ("code",))
        if session.lang == "en":
            english = text(frame, ("name_en",))
            names = np.where(english != "", english, names)
        if chosen is not None:
            keep = np.isin(oids, chosen.get(layer.id, np.zeros(0, np.int64)))
        else:
            wanted = list(spec.only)
            keep = (
                np.isin(oids.astype(str), wanted)
                | np.isin(codes.astype(str), wanted)
                | np.isin(names.astype(str), wanted)
            )
        for oid, name in zip(oids[keep].tolist(), names[keep].tolist(), strict=True):
            key = ObjectKey(layer.id, oid)
            shown = name or session.word("atlas.building", number=oid)
            yield Entry("building", str(oid), shown, layer.id, layer.title(session.lang), "", (key,), (key,))


def _failing_buildings(session: Session, spec: AtlasSpec) -> dict[str, NDArray[np.int64]]:
    import numpy as np

    from models.health.failing import failing_role, failing_things, places_of

    state, data = session.project.state, session.project.data
    found: dict[str, list[NDArray[np.int64]]] = {}
    for result in results_for(session, spec):
        for problem in result.problems:
            layer = next((one for one in state.layers if one.id == problem.key.layer), None)
            if layer is not None and layer.role == "buildings":
                found.setdefault(layer.id, []).append(np.array([problem.key.oid], np.int64))
        if state.frame is not None and failing_role(result) == "buildings":
            places = places_of(result, data, state.frame.horizontal)
            for layer_id, (oids, _) in failing_things(result, places, state, data).items():
                found.setdefault(layer_id, []).append(oids)
    return {name: np.unique(np.concatenate(parts)) for name, parts in found.items()}


_ENTRIES: dict[str, Callable[[Session, AtlasSpec], Iterator[Entry]]] = {
    "district": _units, "community": _units, "problem": _problems, "facilities": _facilities, "building": _buildings,
}  # fmt: skip

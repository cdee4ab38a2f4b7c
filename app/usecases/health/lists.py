"""The lists of the health check: made of what was found, edited, and asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from app.background.jobs import Job
from app.usecases.health.health import all_kept, state_that_counts
from app.usecases.health.rectified import last_year_of_city
from models.core.errors import UserError
from models.core.progress import Progress
from models.health.lists import columns, making, round_trip
from models.health.lists.rows import LedgerRow, ProblemRow, ProjectRow
from models.project.business_keys import GONE_OID, business_keys
from models.project.selection import Keys, ObjectKey

if TYPE_CHECKING:
    from app.session import Session
    from models.health.lists.area_check import AreaCheck
    from models.health.lists.columns import Anything, Column
    from models.health.lists.making import Made
    from models.health.lists.rectification import Rectification
    from models.health.state import HealthState
    from models.layers.layer import LayerData
    from models.project.project import ProjectState
    from viewers.texts.list_texts import ListContext


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """One line of the survey table: an indicator and check item in one sub-district.

    Parameters
    ----------
    id, code, item, district : str
    found, looked_at : int
    value : str
        Of the indicator, in its unit.
    coverage : float or None
    """

    id: str
    code: str
    item: str
    district: str
    found: int
    looked_at: int
    value: float | None
    coverage: float | None


def today() -> str:
    """Return the date of today, ISO."""
    return dt.date.today().isoformat()


# --- making -----------------------------------------------------------------------------------------------------------


def make_lists(session: Session, year: int = 0) -> Job:
    """Make the lists of check records and results, or make them again: what persons set stays, nothing is dropped.

    Parameters
    ----------
    session : Session
    year : int
        Of the check; 0 for the present year.
    """
    from models.health.book import book_of
    from models.health.lists.found import found_in
    from models.health.years.choosing import carried_over

    state, data = session.project.state, dict(session.project.data)
    before = last_year_of_city(session)
    results, counting = all_kept(session), state_that_counts(session)

    def work(progress: Progress) -> Made:
        progress.step(0.05, "progress.health.lists")
        book = book_of(state.health)
        found = found_in(counting, data, book)
        progress.step(0.6, "progress.health.lists")
        satisfied = satisfaction_of(state, data, {row.code for row in state.health.problems} | set(found.codes))
        problems = carried_over(state.health.problems, before)
        return making.made_of(
            found, state.health.ledger, problems, book, results, satisfied,
            year or dt.date.today().year, today(),
        )  # fmt: skip

    def done(made: Made) -> None:
        if session.project.state.health is not state.health:  # somebody edited meanwhile: their edit goes in
            make_lists(session, year)
            return
        _put(session, "history.health.lists.make", ledger=made.ledger, problems=made.problems)
        session.notices.info("notice.health.lists_made", **made.changes)

    return session.run("job.health.lists", work, done)


def satisfaction_of(state: ProjectState, data: Mapping[str, LayerData], codes: Iterable[str]) -> dict[str, float]:
    """Return how satisfied residents are, 0…100, by indicator: as answered, else as somebody entered it."""
    from models.health.questionnaire.satisfaction import satisfaction

    found = {one.code: one.value for one in state.health.figures if one.kind == "satisfaction"}
    for code in codes:
        answered = satisfaction(state, data, code)
        if answered is not None and answered.value is not None:
            found[code] = answered.value
    return found


def list_objects(session: Session, code: str, keys: Sequence[ObjectKey]) -> Job:
    """Take objects into the ledger and the problem list of an indicator: as they were recorded, else as a person says.

    Objects that stand there already stay as they are.

    Raises
    ------
    UserError
        ``health.no_indicator``.
    """
    from models.health.book import book_of, definition_of
    from models.health.lists.found import found_in

    state, data = session.project.state, dict(session.project.data)
    results, counting = all_kept(session), state_that_counts(session)
    definition = definition_of(state.health, code)
    listed = {row.key for row in state.health.ledger if row.code == code and row.state != "gone"}
    fresh = [key for key in dict.fromkeys(keys) if key not in listed]

    def work(progress: Progress) -> Made:
        progress.step(0.1, "progress.health.lists")
        book = book_of(state.health)
        found = found_in(counting, data, book)
        rows = making.rows_of_objects(found, code, fresh, [_named(state, data, key) for key in fresh])
        return making.with_objects(
            rows, state.health.ledger, state.health.problems, book, results,
            dt.date.today().year, today(),
        )  # fmt: skip

    def done(made: Made) -> None:
        if session.project.state.health is not state.health:
            list_objects(session, code, keys)
            return
        word = "notice.health.listed" if fresh else "notice.health.listed_already"
        _put(session, "history.health.lists.add", ledger=made.ledger, problems=made.problems)
        session.notices.info(word, count=len(fresh) or len(keys), name=definition.title(session.lang))

    return session.run("job.health.lists", work, done)


def _named(state: ProjectState, data: Mapping[str, LayerData], key: ObjectKey) -> tuple[str, str, str]:
    """Return business key, name and role of an object; its number where it has no key."""
    from models.layers.layer import VectorData

    held = data.get(key.layer)
    keys = business_keys(held)
    code = next(iter(keys.only([key.oid]).values.tolist()), "") if keys is not None else ""
    name = ""
    if isinstance(held, VectorData) and "name" in held.attributes.columns and key.oid in held.attributes.index:
        name = str(held.attributes["name"].get(key.oid) or "")
    role = next((layer.role for layer in state.layers if layer.id == key.layer), "")
    return code or f"#{key.oid}", name, role


# --- asking -----------------------------------------------------------------------------------------------------------


def rows_of(session: Session, kind: str, dimension: str = "") -> list[Any]:
    """Return the rows of a list.

    Parameters
    ----------
    session : Session
    kind : str
        A key of :data:`models.health.lists.columns.COLUMNS`.
    dimension : str
        Id; empty for all.

    Raises
    ------
    UserError
        ``health.lists.no_kind``, ``health.lists.no_dimension``.
    """
    round_trip.heads_of(kind)
    book, said = _book(session), session.project.state.health
    if dimension and dimension not in book.dimensions:
        raise UserError("health.lists.no_dimension", dimension=dimension, known=", ".join(book.dimensions))
    codes = {code for code, row in book.indicators.items() if not dimension or row.dimension == dimension}
    if kind == "projects":
        return list(said.renewal_projects)
    if kind == "survey":
        return [row for row in survey(session) if row.code in codes]
    held: Sequence[Any] = said.ledger if kind == "ledger" else said.problems
    return [row for row in held if row.code in codes]


def survey(session: Session) -> list[SurveyRow]:
    """Return the survey table: what was found by indicator, check item and sub-district, with the values."""
    from models.health.lists.found import found_in

    state = state_that_counts(session)
    found = found_in(state, session.project.data, _book(session))
    units = {(one.code, unit.unit_code): unit for one in state.results for unit in (*one.units, one.city)}
    lines = _counted(found.rows)
    for code, district in (*found.looked_at, *units):
        if code in found.codes:
            lines.setdefault((code, "", district), 0)
    rows = []
    for (code, item, district), count in sorted(lines.items()):
        unit = units.get((code, district))
        rows.append(
            SurveyRow(
                "|".join((code, item, district)), code, item, district, count,
                found.looked_at.get((code, district), 0), unit.value if unit else None, unit.coverage if unit else None,
            )
        )  # fmt: skip
    return rows


def _counted(rows: pd.DataFrame) -> dict[tuple[str, str, str], int]:
    """Return how many objects failed by indicator, item and sub-district; ``""`` is all items, the whole city."""
    objects = rows.assign(object=rows["object_kind"] + ":" + rows["object_code"])
    parts = [objects, objects.assign(item=""), objects.assign(district=""), objects.assign(item="", district="")]
    table = pd.concat(parts, ignore_index=True).drop_duplicates(["code", "item", "district", "object"])
    counts = table.groupby(["code", "item", "district"], as_index=False).size()
    return {(str(c), str(i), str(d)): int(n) for c, i, d, n in counts.itertuples(index=False)}


def context_of(session: Session) -> ListContext:
    """Return what the words of the lists are made of."""
    from viewers.texts.list_texts import ListContext, objects_by_problem

    state, book = session.project.state, _book(session)
    names, kinds = objects_by_problem(state.health.ledger, state.health.problems)
    items = {item.id: item for one in book.indicators.values() for item in one.check_items}
    return ListContext(session.lang, book, items, places_of(session), all_kept(session), names, kinds, today())


def places_of(session: Session) -> dict[str, str]:
    """Return the names of the sub-districts by their code, from their layer and from results."""
    from models.layers.layer import VectorData

    state, lang = session.project.state, session.lang
    found = {unit.unit_code: unit.title(lang) for one in all_kept(session).values() for unit in one.units}
    for layer in state.with_role("districts"):
        held = session.project.data.get(layer.id)
        if not isinstance(held, VectorData) or "code" not in held.attributes.columns:
            continue
        table = held.attributes
        name = "name_en" if lang == "en" and "name_en" in table.columns else "name"
        if name in table.columns:
            found |= {str(code): str(title) for code, title in zip(table["code"], table[name], strict=True) if title}
    return {code: name for code, name in found.items() if code}


def cells_of(session: Session, kind: str, rows: Sequence[Any]) -> list[list[Any]]:
    """Return the rows of a list as cells, in the order of its columns."""
    from viewers.texts import list_texts

    context, heads = context_of(session), columns.COLUMNS[kind]
    if kind == "survey":
        return [_survey_cells(session, row, context) for row in rows]
    return [[list_texts.cell(row, column, context) for column in heads] for row in rows]


def _survey_cells(session: Session, row: SurveyRow, context: ListContext) -> list[Any]:
    from models.core.value_text import percent
    from viewers.texts import list_texts
    from viewers.texts.values import indicator_value

    own = context.book.indicators.get(row.code)
    unit = own.unit_text(session.lang) if own else ""
    place = context.places.get(row.district, row.district) or session.word("sheet.whole_city")
    item = list_texts.what_text(row.code, row.item, "", context) if row.item else session.word("lists.all_items")
    return [
        row.id, list_texts.indicator_text(row.code, context), place, item, row.found, row.looked_at or None,
        indicator_value(row.value, unit, session.word("health.no_data")),
        "" if row.coverage is None else f"{percent(row.coverage)} %",
    ]  # fmt: skip


def keys_of(session: Session, kind: str, ids: Iterable[str]) -> Keys:
    """Return the objects of rows, for the map."""
    said, wanted = session.project.state.health, set(ids)
    if kind == "projects":
        wanted = {problem for one in said.renewal_projects if one.id in wanted for problem in one.problems}
    known = {row.id for row in said.problems}
    keys = [
        row.key for row in said.ledger
        if row.key.oid != GONE_OID and (row.id if kind == "ledger" else row.problem(known)) in wanted
    ]  # fmt: skip
    return Keys.of(sorted(keys))


def dimensions(session: Session) -> list[str]:
    """Return the ids of the dimensions that have indicators."""
    book = _book(session)
    return [name for name in book.dimensions if any(row.dimension == name for row in book.indicators.values())]


def require_overdue(session: Session) -> None:
    """Refuse where nothing is overdue.

    Raises
    ------
    UserError
        ``health.lists.nothing_late``.
    """
    if not overdue(session):
        raise UserError("health.lists.nothing_late")


def overdue(session: Session) -> list[ProblemRow]:
    """Return the problems that should have been mended by now, the longest overdue first."""
    late = [row for row in session.project.state.health.problems if row.is_overdue(today())]
    return sorted(late, key=lambda row: (row.due_on, row.priority, row.id))


def rectified(session: Session, year: int = 0) -> Rectification:
    """Return what became of the problems that were found before a year (HC25-60)."""
    from models.health.lists.rectification import of_lists

    return of_lists(session.project.state.health.problems, year or dt.date.today().year)


def check_area(session: Session, text: str) -> AreaCheck:
    """Return the check of a renewal area (片区体检) of polygons that are named ``role:code,code``.

    Raises
    ------
    UserError
        ``health.lists.bad_area``, and those of :func:`models.health.lists.area_check.area_check`.
    """
    role, _, codes = text.partition(":")
    wanted = {code.strip() for code in codes.split(",") if code.strip()}
    keys: list[ObjectKey] = []
    for layer in session.project.state.with_role(role.strip()):
        named = business_keys(session.project.data.get(layer.id))
        if named is not None:
            keys += [ObjectKey(layer.id, oid) for code, oid in named.single().items() if code in wanted]
    if not wanted or len(keys) < len(wanted):
        raise UserError("health.lists.bad_area", text=text)
    return check_objects(session, Keys.of(keys))


def check_objects(session: Session, keys: Keys) -> AreaCheck:
    """Return the check of a renewal area made of polygons, such as those that are selected."""
    from models.health.lists.area_check import area_check, area_of

    project = session.project
    if project.state.frame is None:
        raise UserError("health.no_frame")
    area = area_of(keys, project.data, project.state.frame.horizontal)
    return area_check(area, project.state.health.ledger, project.state, project.data)


# --- editing ----------------------------------------------------------------------------------------------------------


def edit(session: Session, kind: str, row_id: str, name: str, value: Any) -> None:
    """Set a value of a row, as one step that is undone.

    Raises
    ------
    UserError
        ``health.lists.no_row``, ``health.lists.no_column``, ``health.lists.not_editable``, ``health.lists.bad_value``.
    """
    column = columns.column_of(kind, name)
    held = _rows_in(session.project.state.health, kind)
    row = next((one for one in held if one.id == row_id), None)
    if row is None:
        raise UserError("health.lists.no_row", row=row_id)
    fresh = _followed(session, columns.edited(row, column, value), column)
    if fresh is not row:
        put_rows(session, kind, [fresh], "history.health.lists.edit")


def _followed(session: Session, row: Anything, column: Column) -> Anything:
    """Return a row with what follows from an edit: priority and class from weights, the day of closing."""
    if isinstance(row, ProblemRow) and column.name in ("severity", "prevalence", "urgency", "kind"):
        return making.judged(row, _book(session), today())
    if isinstance(row, (ProblemRow, LedgerRow)) and column.name == "status":
        if row.status == "closed" and not row.closed_on:
            return replace(row, closed_on=today())
        if row.status != "closed" and row.closed_on:
            return replace(row, closed_on="", closed_by="")
    return row


def put_rows(session: Session, kind: str, fresh: Sequence[Any], label: str) -> None:
    """Put rows in the place of those with their ids, new ones at the end, as one step."""
    _put(session, label, **{_part(kind): _with_rows(session.project.state.health, kind, fresh)})


def put_all(session: Session, fresh: Mapping[str, Sequence[Any]]) -> None:
    """Put rows of several lists in the place of those with their ids, as one step."""
    said = session.project.state.health
    _put(session, "history.health.lists.import",
         **{_part(kind): _with_rows(said, kind, rows) for kind, rows in fresh.items()})  # fmt: skip


def _with_rows(said: HealthState, kind: str, fresh: Sequence[Any]) -> tuple[Any, ...]:
    by_id, held = {row.id: row for row in fresh}, _rows_in(said, kind)
    known = {row.id for row in held}
    return (*(by_id.get(row.id, row) for row in held), *(row for row in fresh if row.id not in known))


def add_project(session: Session, name: str, problems: Sequence[str] = ()) -> str:
    """Make a project of problems and return its id.

    Raises
    ------
    UserError
        ``health.lists.no_name``.
    """
    if not name.strip():
        raise UserError("health.lists.no_name")
    said = session.project.state.health
    chosen = [row for row in said.problems if row.id in set(problems)]
    places = places_of(session)
    context = context_of(session)
    from viewers.texts.list_texts import sentence

    row = ProjectRow(
        round_trip.next_project_id([one.id for one in said.renewal_projects]),
        name.strip(),
        "\n".join(row.advice or sentence(row, context) for row in chosen)[: columns.MOST_SIGNS],
        owner=next((row.responsible for row in chosen if row.responsible), ""),
        from_year=dt.date.today().year + 1,
        place=session.word("lists.comma").join(
            dict.fromkeys(places.get(row.district, row.district) for row in chosen if row.district)
        ),
        problems=tuple(row.id for row in chosen),
    )
    put_rows(session, "projects", [row], "history.health.lists.project")
    return row.id


def remove_projects(session: Session, ids: Iterable[str]) -> None:
    """Take projects off the list; the problems stay."""
    gone = set(ids)
    kept = tuple(row for row in session.project.state.health.renewal_projects if row.id not in gone)
    _put(session, "history.health.lists.remove", renewal_projects=kept)


def _part(kind: str) -> str:
    return {"ledger": "ledger", "projects": "renewal_projects"}.get(kind, "problems")


def _rows_in(said: HealthState, kind: str) -> tuple[Any, ...]:
    return tuple(getattr(said, _part(kind)))


def _put(session: Session, label: str, **parts: Any) -> None:
    session.history.do(label, lambda state: replace(state, health=replace(state.health, **parts)))


def _book(session: Session) -> Any:
    from models.health.book import book_of

    return book_of(session.project.state.health)

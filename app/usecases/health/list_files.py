"""The lists of the health check as files: written, read back with a look at what changes; notices of what is late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from app.usecases.health import lists
from models.core.errors import UserError
from models.core.progress import Progress
from models.core.spreadsheet_text import unguarded
from models.health.lists import columns, round_trip
from models.health.lists.rows import ProblemRow
from resources.words import LANGUAGES

if TYPE_CHECKING:
    from app.session import Session
    from models.health.lists.columns import Column
    from models.health.lists.round_trip import Differences
    from viewers.documents.list_workbooks import ListSheet

#: A workbook that says nothing for so many seconds is given up.
PATIENCE_S = 60.0


def export_lists(session: Session, out: Path, kinds: Sequence[str] = (), dimension: str = "") -> Job:
    """Write lists as a workbook, or the first of them as text with commas.

    Parameters
    ----------
    session : Session
    out : Path
        ``.xlsx`` or ``.csv``.
    kinds : sequence of str
        Which lists; all where none is named.
    dimension : str
        Id; empty for all.
    """
    out = Path(out).resolve()
    named = [(kind, lists.rows_of(session, kind, dimension)) for kind in kinds or columns.COLUMNS]

    def work(progress: Progress) -> None:
        from viewers.documents.list_workbooks import write_lists

        progress.step(0.1, "progress.writing")
        write_lists(out, [_sheet(session, kind, rows, dimension) for kind, rows in named], session.lang, progress)

    return session.run(
        "job.health.lists_export", work, lambda _: session.notices.info("notice.written", file=out.name), file=out.name
    )


def _sheet(session: Session, kind: str, rows: Sequence[Any], dimension: str) -> ListSheet:
    from viewers.documents.list_workbooks import ListSheet
    from viewers.texts.judging_texts import scope_text

    state, lang, word = session.project.state, session.lang, session.word
    name = state.name_en if lang == "en" and state.name_en else state.name
    part = scope_text(dimension, state.health, lang) if dimension and kind != "projects" else ""
    title = " · ".join(text for text in (word(f"lists.tab.{kind}"), part) if text)
    about = "  ·  ".join(text for text in (name, word("lists.about"), word("report.made", date=lists.today())) if text)
    label = word("sheet.synthetic") if state.synthetic else ""
    return ListSheet(kind, title, about, label, columns.COLUMNS[kind], lists.cells_of(session, kind, rows))


def read_lists(session: Session, path: Path, done: Callable[[list[Differences]], object]) -> Job:
    """Read lists that were edited elsewhere and tell what they would change; nothing is taken over yet.

    Raises
    ------
    UserError
        From the job: ``health.lists.foreign``, ``health.lists.no_id_column``, and what reading files raises.
    """
    path = Path(path).resolve()

    def work(progress: Progress) -> list[dict[str, Any]]:
        from app.background.workers import run_child

        found: list[dict[str, Any]] = run_child(
            "models.io.text_table:sheets_json", {"path": str(path)}, progress, session.workers, most_silent_s=PATIENCE_S
        )
        return found

    return session.run(
        "job.health.lists_import", work, lambda tables: done(differences_of(session, path.name, tables)), file=path.name
    )


def differences_of(session: Session, file: str, tables: Sequence[dict[str, Any]]) -> list[Differences]:
    """Return what tables would change in the lists.

    Raises
    ------
    UserError
        ``health.lists.foreign`` where none of them is a list, ``health.lists.no_id_column``.
    """
    from viewers.texts import list_texts

    contexts = [replace(lists.context_of(session), lang=lang) for lang in LANGUAGES]

    def says(row: Any, column: Column, text: str) -> bool:
        return any(list_texts.cell_text(row, column, context) == text.strip() for context in contexts)

    found = []
    for table in tables:
        kind = list_texts.kind_of_table(table["name"], table["fields"])
        if kind not in columns.ROWS_OF:
            continue
        rows = [[str(unguarded(cell)) for cell in row] for row in table["rows"]]
        held = lists.rows_of(session, kind)
        found.append(
            round_trip.differences(
                kind, held, table["fields"], rows, list_texts.column_named, list_texts.value_of, says
            )
        )
    if not found:
        raise UserError("health.lists.foreign", file=file)
    return found


def take_over(session: Session, found: Sequence[Differences]) -> None:
    """Take over what tables change, all as one step.

    Of two tables that change one problem (problem and suggestion list) each brings its own columns.
    """
    parts: dict[str, dict[str, Any]] = {}
    for one in found:
        rows = parts.setdefault(columns.ROWS_OF[one.kind], {})
        changes: dict[str, dict[str, Any]] = {}
        for change in one.changes:
            changes.setdefault(change.row, {})[change.column] = change.after
        for row in one.rows:
            before, own = rows.get(row.id), changes.get(row.id, {})
            if isinstance(before, ProblemRow):
                rows[row.id] = replace(before, **own, edited=tuple(dict.fromkeys((*before.edited, *own))))
            else:
                rows[row.id] = row
    lists.put_all(session, {kind: list(rows.values()) for kind, rows in parts.items() if rows})
    session.notices.info(
        "notice.health.lists_imported",
        changed=sum(len(one.changes) for one in found),
        added=sum(one.added for one in found),
        refused=sum(len(one.refused) for one in found),
    )


def export_notices(session: Session, out: Path) -> Job:
    """Write a notice for each unit that is late (督办单).

    Raises
    ------
    UserError
        ``health.lists.nothing_late``.
    """
    from viewers.texts import list_texts

    lists.require_overdue(session)
    late = lists.overdue(session)
    out, context, today = Path(out).resolve(), lists.context_of(session), dt.date.fromisoformat(lists.today())
    by_unit: dict[str, list[tuple[str, str, str, int]]] = {}
    for row in late:
        days = (today - dt.date.fromisoformat(row.due_on)).days
        line = (list_texts.indicator_text(row.code, context), list_texts.sentence(row, context), row.due_on, days)
        by_unit.setdefault(row.responsible, []).append(line)
    state, lang = session.project.state, session.lang
    name = (state.name_en if lang == "en" and state.name_en else state.name) or out.stem
    label = session.word("sheet.synthetic") if state.synthetic else ""

    def work(progress: Progress) -> None:
        from viewers.documents.list_workbooks import Notice, write_notices

        progress.step(0.1, "progress.writing")
        write_notices(out, [Notice(to, lines) for to, lines in by_unit.items()], name, label, lang, today.isoformat())

    return session.run(
        "job.health.lists_export", work, lambda _: session.notices.info("notice.written", file=out.name), file=out.name
    )

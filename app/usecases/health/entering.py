"""Entered and imported values of indicators: the workbook out, the workbook back, one value, and which value counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.background.jobs import Job
from app.usecases.review.topics import author
from models.core.errors import UserError
from models.core.progress import Progress
from models.health.entered.values import Counting, EnteredValue, with_counting, with_values
from resources.words import word

if TYPE_CHECKING:
    from app.session import Session
    from models.health.entered.changes import Changes
    from models.health.entered.reading import ValuesRead
    from models.health.entered.units import Unit


def write_template(session: Session, out: Path, dimension: str = "", codes: Sequence[str] = ()) -> Job:
    """Write a workbook in which the values of a dimension, or of some indicators, are entered by unit.

    Raises
    ------
    UserError
        ``health.no_dimension``, ``health.no_indicator``, ``table.bad_suffix``.
    """
    from models.health.book import book_of, definition_of
    from models.health.entered.layout import levels_of

    out = Path(out).resolve()
    if out.suffix.lower() != ".xlsx":
        raise UserError("table.bad_suffix", file=out.name)
    state, lang = session.project.state, session.lang
    book = book_of(state.health)
    if dimension and dimension not in book.dimensions:
        raise UserError("health.no_dimension", name=dimension, known=", ".join(book.dimensions))
    chosen = [definition_of(state.health, code) for code in codes]
    chosen = chosen or [one for one in book.indicators.values() if dimension in ("", one.dimension)]
    levels = [level for level in ("city", "district", "community")
              if any(level in levels_of(one.dimension) for one in chosen)]  # fmt: skip
    units = {level: () if level == "city" else units_of_level(session, level) for level in levels}
    names = {name: pair[1 if lang == "en" else 0] for name, pair in book.dimensions.items()}
    told = [state.name_en if lang == "en" and state.name_en else state.name, book.title(lang), names.get(dimension, "")]
    if state.synthetic:
        told.append(word("sheet.synthetic", lang))

    def work(progress: Progress) -> None:
        from viewers.documents.value_book import write_value_book

        progress.step(0.1, "progress.writing")
        title = " · ".join(part for part in told if part)
        write_value_book(out, book, chosen, units, state.health.entered, title, lang)

    return session.run("job.write_values", work, lambda _: session.notices.info("notice.written", file=out.name),
                       file=out.name)  # fmt: skip


def units_of_level(session: Session, level: str) -> tuple[Unit, ...]:
    """Return the units of a level in the project."""
    from models.health.entered.units import units_of

    return units_of(session.project.state, session.project.data, level)


def read_workbook(session: Session, path: Path, done: Callable[[ValuesRead, Changes], object]) -> Job:
    """Read a workbook of values off the UI thread; hand on what it says and would change."""
    from models.health.book import book_of

    path, state = Path(path).resolve(), session.project.state
    book = book_of(state.health)
    units = {
        level: {one.code: one.name for one in units_of_level(session, level)} for level in ("district", "community")
    }
    folder = None if session.project.path is None else session.project.path.parent

    def work(progress: Progress) -> ValuesRead:
        from models.health.entered.reading import read_values

        return read_values(path, book, units, folder, progress)

    def finish(read: ValuesRead) -> None:
        from models.health.entered.changes import changes_of

        done(read, changes_of(session.project.state.health.entered, read.values))

    return session.run("job.read_values", work, finish, file=path.name)


def take(session: Session, values: Sequence[EnteredValue]) -> None:
    """Put values into the project, each with who and when, in one undoable step; a blank one is taken away."""
    if not values:
        return
    who, now = author(session), dt.datetime.now().astimezone().isoformat(timespec="seconds")
    signed = [replace(one, who=one.who or who, at=now) for one in values]
    session.history.do(
        "history.take_values",
        lambda state: replace(state, health=replace(state.health, entered=with_values(state.health.entered, signed))),
    )
    session.results_changed.emit()
    session.notices.info("notice.values_taken", count=len(values))


def let_count(session: Session, code: str, origin: str) -> None:
    """Say whether the computed or the entered value of an indicator counts; one undoable step."""
    now = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    fresh = Counting(code, origin, author(session), now)
    session.history.do(
        "history.let_count",
        lambda state: replace(
            state, health=replace(state.health, counting=with_counting(state.health.counting, fresh))
        ),
    )
    session.results_changed.emit()

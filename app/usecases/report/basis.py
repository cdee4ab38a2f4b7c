"""What the report of the open project is made of, see :class:`viewers.documents.report.basis.ReportBasis`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.session import Session
    from models.health.lists.rows import ProblemRow
    from models.health.years.record import YearRecord
    from models.report.text.template import Template
    from viewers.documents.report.basis import ReportBasis


def report_basis(
    session: Session,
    lang: str = "",
    *,
    year: int = 0,
    date: str = "",
    templates: tuple[Template, ...] = (),
    pictures: Mapping[str, bytes] | None = None,
) -> ReportBasis:
    """Return what a report is made of now.

    Parameters
    ----------
    session : Session
    lang : str
        Of the report; that of the session where it is empty.
    year : int
        Of the check; 0 for the present year.
    date : str
        ISO date of the report; today where it is empty.
    templates : tuple of Template
        Over those of the project.
    pictures : mapping of str to bytes, optional
        Maps by indicator.
    """
    from dataclasses import replace

    from app.usecases.health import answering, health, lists
    from app.usecases.health.rectified import last_year_of_city
    from app.usecases.report.figures import figures
    from models.health.book import book_of
    from models.health.judging.decisions import standing
    from models.health.overview import overview
    from models.health.years.choosing import rectified, values_before
    from models.report.text.sentences_book import book_with
    from viewers.documents.report.basis import ReportBasis

    lang = lang or session.lang
    today = dt.date.today()
    state, results = session.project.state, health.all_kept(session)
    book, base = book_of(state.health), last_year_of_city(session)
    before = values_before(base, book.indicators.values()) if base is not None else {}
    answered = answering.answers(session)
    decided = set(standing(state.health.decisions))
    places = {code: _title(session, code, name, lang) for code, name in lists.places_of(session).items()}
    return ReportBasis(
        state=state,
        results=results,
        figures=figures(session, year, answered),
        standings=overview(book, results, state.profile, health.old_codes(session), before, decided),
        answers={one.definition.code: one for one in answered},
        lists=replace(lists.context_of(session), lang=lang, places=places),
        mended=rectified(state, base, year or today.year),
        listed=_listed(session, base, year or today.year),
        lang=lang,
        date=date or today.isoformat(),
        made_by=str(session.settings.get("author") or ""),
        kept={one.id: one for one in state.review.report_blocks if one.lang == lang},
        book=book_with((*state.review.report_templates, *templates)),
        pictures=pictures or {},
    )


def _title(session: Session, code: str, name: str, lang: str) -> str:
    """Return the name of a sub-district in the language of the report, which may be another than the window's."""
    if lang == session.lang:
        return name
    from app.usecases.health.health import all_kept

    units = (unit for one in all_kept(session).values() for unit in one.units if unit.unit_code == code)
    return next((unit.title(lang) for unit in units), name)


def _listed(session: Session, base: YearRecord | None, year: int) -> tuple[ProblemRow, ...]:
    if base is not None and base.listed:
        return base.listed
    return tuple(row for row in session.project.state.health.problems if 0 < row.first_year < year)

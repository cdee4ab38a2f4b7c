"""The table of numbers of the open project, see :mod:`models.report.figures`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.session import Session
    from models.health.answers import Answer
    from models.report.figure import Figures


def figures(session: Session, year: int = 0, answers: Sequence[Answer] = ()) -> Figures:
    """Return every number of the project that is printed.

    Parameters
    ----------
    session : Session
    year : int
        Of the check; 0 for the present year.
    answers : sequence of Answer
        How each indicator is answered (:func:`app.usecases.health.answering.answers`), where that is to be counted too.
    """
    from app.usecases.health.health import all_kept, old_codes
    from models.report.figures import figures_of

    today = dt.date.today()
    return figures_of(
        session.project.state, session.project.data, all_kept(session), year=year or today.year,
        today=today.isoformat(), old=old_codes(session), answers=answers,
    )  # fmt: skip

"""Find every number of a report again, in the table of numbers by its id, and what names another city or year."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.report.guard import Foreign, foreign_names

if TYPE_CHECKING:
    from app.session import Session


@dataclass(frozen=True, slots=True)
class Stray:
    """A number of a report that is not what the table of numbers says.

    Parameters
    ----------
    figure : str
        Its id, or its tag where no figure has it.
    shown : str
        In the report.
    now : str
        What the figure reads now; empty where there is none.
    """

    figure: str
    shown: str
    now: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of the numbers of a report.

    Parameters
    ----------
    count : int
        Numbers that were looked for.
    stray : tuple of Stray
    foreign : tuple of Foreign
        Names of other cities and years.
    """

    count: int
    stray: tuple[Stray, ...]
    foreign: tuple[Foreign, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether nothing was found."""
        return not self.stray and not self.foreign


def check_report(session: Session, path: Path, lang: str = "", year: int = 0) -> Checked:
    """Return which numbers of a report are other than the project's figures now.

    Raises
    ------
    UserError
        As :func:`viewers.documents.report.read_back.read_docx`.
    """
    from app.usecases.health.answering import answers
    from app.usecases.report.figures import figures
    from viewers.documents.report.read_back import figure_tags, read_docx
    from viewers.texts.figure_texts import readings

    read = read_docx(path)
    table = figures(session, year, answers(session))
    by_tag = figure_tags(figure.id for figure in table)
    stray = []
    for tag, shown in read.numbers:
        name = by_tag.get(tag, "")
        known = readings(table[name], lang or session.lang) if name else ()
        if shown not in known:
            stray.append(Stray(name or tag, shown, known[0] if known else ""))
    own, years = _own_names(session), _own_years(session, year)
    return Checked(len(read.numbers), tuple(stray), tuple(foreign_names(read.loose, own, years)))


def _own_names(session: Session) -> set[str]:
    """Return what a report of the project may name: the city, its units and its layers."""
    from app.usecases.health.health import all_kept
    from app.usecases.health.lists import places_of

    state = session.project.state
    units = {unit.unit_name for result in all_kept(session).values() for unit in result.units}
    return {state.name, *units, *places_of(session).values(), *(layer.name for layer in state.layers)}


def _own_years(session: Session, year: int) -> set[int]:
    """Return the years that a report may name: of the check, those around it, and those that are kept."""
    now = year or dt.date.today().year
    return {now - 1, now, now + 1, *(record.year for record in session.project.state.health.years)}

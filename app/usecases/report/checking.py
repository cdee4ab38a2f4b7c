"""Find every number of a report again: in the table of numbers, by its id."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
    """

    count: int
    stray: tuple[Stray, ...]


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
    return Checked(len(read.numbers), tuple(stray))

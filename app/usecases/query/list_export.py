"""Writing a ranked list as a workbook or a plain table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from app.background.jobs import Job
from models.core.progress import Progress
from models.query.ranking import Ranking, Rows

if TYPE_CHECKING:
    from app.session import Session


class ListColumn(Protocol):
    """How a column of a ranked list is written; its field is empty for the rank."""

    @property
    def field(self) -> str:
        """Return the column of the ranking."""

    @property
    def head(self) -> str:
        """Return the heading, with the unit."""

    @property
    def written(self) -> Callable[[Any], Any]:
        """Return what makes the number that is written of a value."""

    @property
    def number_format(self) -> str:
        """Return how a workbook shows it; empty for text."""


def export_list(
    session: Session, out: Path, title: str, columns: Sequence[ListColumn], ranking: Ranking, rows: Rows
) -> Job:
    """Write rows of a ranking, with layer and number of each object, to an .xlsx or .csv.

    Parameters
    ----------
    session : Session
    out : Path
    title : str
        Above the list, and its file's tab.
    columns : sequence of ListColumn
    ranking : Ranking
    rows : ndarray of int
        In the order in which they are written.
    """
    out = Path(out).resolve()
    state, lang = session.project.state, session.lang
    titles = {layer.id: layer.title(lang) for layer in state.layers}
    heads = [
        *(column.head for column in columns),
        session.word("sheet.column.layer"),
        session.word("report.column.fid"),
    ]
    formats = [*(column.number_format for column in columns), "", "0"]

    def cells(row: int) -> list[Any]:
        found = []
        for column in columns:
            value = row + 1 if not column.field else ranking.columns[column.field][row]
            is_known = column.field == "" or not (value == "" or value != value)
            found.append(column.written(value) if is_known else None)
        return [*found, titles.get(str(ranking.layers[row]), str(ranking.layers[row])), int(ranking.oids[row])]

    def work(progress: Progress) -> None:
        from viewers.documents.tables import write_list

        progress.step(0.1, "progress.writing")
        write_list(out, title, heads, [cells(int(row)) for row in rows], formats, state, lang)

    return session.run(
        "job.export_list", work, lambda _: session.notices.info("notice.written", file=out.name), file=out.name
    )

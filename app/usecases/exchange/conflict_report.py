"""The conflicts of a merge as a workbook, which a person can mark and hand back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from models.exchange.merging import Conflict

if TYPE_CHECKING:
    from app.session import Session


def write_report(
    session: Session, path: Path, conflicts: Iterable[Conflict], decided: Mapping[tuple[str, str, str], object]
) -> None:
    """Write a row for each side of each conflict; what counts is marked.

    Parameters
    ----------
    session : Session
    path : Path
        ``.xlsx`` or ``.csv``.
    conflicts : iterable of Conflict
    decided : mapping
        Conflict's id → value that counts; empty before anything was decided.

    Raises
    ------
    UserError
        ``table.bad_suffix``, and what writing raises.
    """
    from models.io.exchange.choices import HEADS, rows_of
    from viewers.documents.plain_sheets import PlainSheet, write_sheets

    rows = rows_of(conflicts, decided)
    about = session.word("exchange.report.about")
    if session.project.state.synthetic:
        about = f"{session.word('sheet.synthetic')} · {about}"
    title = session.word("exchange.report.title")
    write_sheets(path, [PlainSheet(title, title, about, HEADS, rows)])

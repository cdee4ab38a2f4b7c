"""The sheets that a project keeps: each change is one step of the history."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from models.core.errors import UserError
from models.project.project import ProjectState
from models.sheets.editing import moved_to, names_like
from models.sheets.spec import SheetSpec, TitleBlock

if TYPE_CHECKING:
    from app.session import Session

#: A logo takes no more room in the project than this.
MOST_LOGO_BYTES = 2_000_000


def find_sheet(state: ProjectState, name: str) -> SheetSpec:
    """Return a sheet that is kept, by its id or its name.

    Raises
    ------
    UserError
        ``sheets.unknown``, naming those there are.
    """
    sheets = state.review.sheets
    for sheet in sheets:
        if name in (sheet.id, sheet.name):
            return sheet
    raise UserError("sheets.unknown", name=name, known=", ".join(sheet.name for sheet in sheets) or "—")


def keep_sheet(session: Session, spec: SheetSpec, label: str = "history.new_sheet", after: str = "") -> SheetSpec:
    """Keep a new sheet under an id and a name of its own, behind another one or at the end; return it as it is kept."""
    sheets = session.project.state.review.sheets
    name = names_like(spec.name, [sheet.name for sheet in sheets])
    kept = replace(spec, id=f"sheet_{uuid.uuid4().hex[:8]}", name=name)
    at = next((at + 1 for at, sheet in enumerate(sheets) if sheet.id == after), len(sheets))
    _do(session, label, lambda held: (*held[:at], kept, *held[at:]))
    return kept


def change_sheet(session: Session, spec: SheetSpec, label: str, burst: str = "") -> None:
    """Put a changed sheet in the place of the one with its id; what follows with the same ``burst`` is one step."""
    find_sheet(session.project.state, spec.id)
    _do(session, label, lambda held: tuple(spec if one.id == spec.id else one for one in held), burst)


def duplicate_sheet(session: Session, sheet_id: str) -> SheetSpec:
    """Keep a copy of a sheet behind it, and return it."""
    return keep_sheet(session, find_sheet(session.project.state, sheet_id), "history.duplicate_sheet", sheet_id)


def rename_sheet(session: Session, sheet_id: str, name: str) -> None:
    """Give a sheet another name.

    Raises
    ------
    UserError
        ``sheets.no_name`` for a blank name.
    """
    if not name.strip():
        raise UserError("sheets.no_name")
    spec = find_sheet(session.project.state, sheet_id)
    others = [sheet.name for sheet in session.project.state.review.sheets if sheet.id != sheet_id]
    change_sheet(session, replace(spec, name=names_like(name.strip(), others)), "history.rename_sheet")


def move_sheet(session: Session, sheet_id: str, position: int) -> None:
    """Move a sheet in the list."""
    find_sheet(session.project.state, sheet_id)
    _do(session, "history.move_sheet", lambda held: moved_to(held, sheet_id, position))


def remove_sheets(session: Session, ids: Collection[str]) -> None:
    """Forget sheets."""
    _do(session, "history.remove_sheet", lambda held: tuple(one for one in held if one.id not in ids))


def set_title_block(session: Session, block: TitleBlock) -> None:
    """Say what every sheet of the project says of who made it.

    Raises
    ------
    UserError
        ``sheets.logo_too_large``
    """
    if len(block.logo) > MOST_LOGO_BYTES:
        raise UserError("sheets.logo_too_large", most=MOST_LOGO_BYTES // 1_000_000)
    session.history.do(
        "history.title_block", lambda state: replace(state, review=replace(state.review, title_block=block))
    )


def _do(
    session: Session,
    label: str,
    change: Callable[[tuple[SheetSpec, ...]], tuple[SheetSpec, ...]],
    burst: str = "",
) -> None:
    session.history.do(
        label,
        lambda state: replace(state, review=replace(state.review, sheets=change(state.review.sheets))),
        burst,
    )

"""Which limits of clear distance hold in a project: the standard's, and a person's own beside the project file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from models.core.errors import UserError
from models.network.clearance.rules import Rules, shipped, with_own

if TYPE_CHECKING:
    from app.session import Session

#: What the file of own limits beside a project is called, after the project's own name.
SUFFIX = ".clearance.toml"


def own_file(session: Session) -> Path | None:
    """Return where a project's own limits lie or would lie, None for one that was never saved."""
    path = session.project.path
    return None if path is None else path.with_name(path.stem + SUFFIX)


def rules_of(session: Session, chosen: Path | None = None) -> Rules:
    """Return the limits that hold.

    Parameters
    ----------
    session : Session
    chosen : Path, optional
        A file of own limits; without it the one beside the project, where there is one.

    Raises
    ------
    UserError
        What :func:`models.network.clearance.rules.with_own` raises.
    """
    if chosen is not None:
        return with_own(chosen)
    path = own_file(session)
    return with_own(path) if path is not None and path.is_file() else shipped()


def make_own_file(session: Session) -> Path:
    """Write a copy of the shipped limits beside the project, to be edited there; one that is there stays.

    Raises
    ------
    UserError
        ``network.rules_unsaved`` for a project without a file.
    """
    from models.store.atomic import write_text
    from resources import HERE

    path = own_file(session)
    if path is None:
        raise UserError("network.rules_unsaved")
    if not path.exists():
        write_text(path, (HERE / "standards" / "pipe_clearance_gb50289.toml").read_text(encoding="utf-8"))
    return path

"""Two people, one project: who has it open is said, and nobody's saving drops another's without a word.

The window holds a lock beside the project that it has open (:mod:`models.store.project_lock`). A project that somebody
else holds opens all the same; saving over it is what has to be asked about. The command line only looks.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.notices import notice_of_caution
from models.core.errors import Caution, UserError
from models.store import project_lock
from models.store.project_lock import Holder, ProjectLock

if TYPE_CHECKING:
    from app.session import Session


Taken = ProjectLock | Holder | None


def take(session: Session, path: Path | None, *, over: bool = False) -> Taken:
    """Take hold of the project at ``path``, off the thread of the window: a server may be slow.

    Parameters
    ----------
    session : Session
        One that runs its jobs inline holds nothing: it is over in a moment.
    path : Path or None
    over : bool
        Take it over from whoever has it.

    Returns
    -------
    ProjectLock, Holder or None
        For :func:`adopt`.
    """
    if path is None or session.jobs.inline:
        return None
    held = session.lock
    if held is not None and held.file == project_lock.file_of(path) and held.is_ours():
        return held
    return project_lock.take(path, over=over)


def adopt(session: Session, path: Path | None, taken: Taken) -> None:
    """Hold what was taken and let go of the project before; say who else has it open."""
    if taken is not session.lock:
        let_go(session)
    if isinstance(taken, Holder):
        name = "" if path is None else path.name
        session.notices.add(notice_of_caution(Caution("project.open_elsewhere", file=name, **_told(taken))))
    else:
        session.lock = taken


def let_go(session: Session) -> None:
    """Hold nothing."""
    if session.lock is not None:
        session.lock.let_go()
        session.lock = None


def require_free(session: Session, path: Path) -> None:
    """Refuse to write a project that somebody else has open.

    Raises
    ------
    UserError
        ``store.open_elsewhere``.
    """
    holder = project_lock.holder_of(path)
    if holder is None or (session.lock is not None and holder.claim == session.lock.holder.claim):
        return
    raise UserError("store.open_elsewhere", file=path.name, folder=str(path.parent), **_told(holder))


def _told(holder: Holder) -> dict[str, str]:
    return {
        "user": holder.user or "?", "host": holder.host or "?", "since": holder.since[:16].replace("T", " ") or "?"
    }  # fmt: skip

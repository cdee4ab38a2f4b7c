"""Write recovery copies of unsaved work, and restore them after a crash."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.background.jobs import Job
from app.notices import notice_of_caution
from app.settings import home
from app.usecases.project import trust
from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.project.project import ProjectState
from models.store.recovery import Copy, Left, left_behind

if TYPE_CHECKING:
    from app.session import Session


def folder() -> Path:
    """Return where copies of unsaved work lie."""
    return home() / "recovery"


def left_work() -> list[Left]:
    """Return the unsaved work that earlier runs left behind, newest first."""
    return left_behind(folder())


class Keeper:
    """Keeps a copy of the session's unsaved work.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._copy = Copy(folder())
        self._kept: ProjectState | None = None
        self._job: Job | None = None

    def keep(self) -> Job | None:
        """Bring the copy up to date in the background; None where there is nothing new to keep.

        A copy that cannot be written costs nothing but a line in the log and one notice: the work itself goes on.
        """
        project, session = self._session.project, self._session
        state = project.state
        busy = self._job is not None and not self._job.is_over
        if busy or any(job.title == "job.save_project" for job in list(session.jobs.active)):
            return None
        if project.is_saved or not state.layers:
            self.clear()
            return None
        if state == self._kept:
            return None
        data, path, stamp, copy = dict(project.data), project.path, project.stamp, self._copy

        def work(progress: Progress) -> None:
            from models.store import project_file

            previous = copy.file if copy.file.exists() else path

            def save(file: Path) -> None:
                project_file.save_project(state, data, file, progress, previous)

            copy.write(save, path, state.name, stamp)

        def done(_: None) -> None:
            self._kept = state
            session.trusted.remember(copy.file, trust.allowed(session, state, (path or copy.file).parent))

        self._job = session.jobs.run("job.autosave", work, done, failed=self._failed, background=True)
        return self._job

    def clear(self) -> None:
        """Remove the copy, after a save or when the project is left in order."""
        if self._job is not None and not self._job.is_over:
            return
        self._kept = None
        self._copy.clear()

    def end(self) -> None:
        """Remove the copy for good; a copy that is just being written is swept away by the next start."""
        self._copy.clear()

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, (UserError, OSError)):
            notice = notice_of_caution(Caution("recovery.not_kept", folder=str(folder())))
            if notice not in self._session.notices.all:
                self._session.notices.add(notice)
        else:
            self._session.fail(error)


def restore(session: Session, left: Left) -> Job:
    """Open unsaved work: a project that knows its file and differs from it until it is saved."""
    from app.usecases.project import opening

    def done() -> None:
        session.project.mark_unsaved()
        session.project.stamp = left.stamp
        left.remove()
        session.notices.info("notice.recovered", name=session.project.state.name or left.name)

    return opening.open_copy(session, left.file, left.project, done)

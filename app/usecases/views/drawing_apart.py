"""A picture drawn in a child process: the window stays live, a cancel works at once, a death is a notice.

The child opens what is open here: the project's file while it holds all that is open, else a copy written for it, whose
unchanged tables are carried over from the file. Saving and opening give an equal project, so that the picture is
exact with unsaved work too. What this session may not reach, the child may not either.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.workers import Child, told_error
from app.usecases.project import trust
from models.core.errors import UserError
from models.core.progress import Progress
from models.layers.layer import LayerData
from models.project.project import ProjectState
from models.store.atomic import glob_safe
from models.views.snapshot_spec import SnapshotSpec

if TYPE_CHECKING:
    from app.session import Session

log = logging.getLogger(__name__)

CHILD = "app.usecases.views.drawing_child"
#: Shares of the whole: a copy of unsaved work is written, then the child works.
_COPIED = 0.15


class Drawer:
    """A child process that draws one picture; made early, it has its libraries loaded when it is asked.

    Parameters
    ----------
    module : str
        What it runs.
    """

    def __init__(self, module: str = CHILD) -> None:
        self._module = module
        self._child: Child | None = Child(warm=True, module=module)

    def draw(self, request: dict[str, Any], out: Path, progress: Progress) -> None:
        """Have a picture drawn and written; the child is gone afterwards, however that ends.

        Raises
        ------
        UserError
            What the child met; ``picture.crashed`` where it died.
        Cancelled
        RuntimeError
            A fault of ours, with the child's trace.
        """
        child = self._child if self._child is not None and self._child.is_alive else Child(module=self._module)
        self._child = child
        try:
            progress.step(0.0, "progress.rendering")
            child.send(**request)
            for answer in child.answers(progress):
                if "crash" in answer:
                    log.error("the picture's process died: %s", answer["crash"])
                    raise UserError("picture.crashed", file=out.name)
                if "error" in answer:
                    raise told_error(answer)
                if "fault" in answer:
                    raise RuntimeError(f"the picture failed:\n{answer['fault']}")
                if "done" in answer:
                    return
                progress.step(float(answer["fraction"]), str(answer["code"]))
        finally:
            self.end()
            for left in out.parent.glob(f".{glob_safe(out.stem)}-saving-*"):  # of a child that was stopped
                left.unlink(missing_ok=True)

    def end(self) -> None:
        """Kill the child, if it lives."""
        child, self._child = self._child, None
        if child is not None:
            child.end()


class Handover:
    """What is open in a session now, to be drawn by a child.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        project = session.project
        self._state: ProjectState = project.state
        self._data: dict[str, LayerData] = dict(project.data)
        self._path, self._stamp, self._is_saved = project.path, project.stamp, project.is_saved
        folder = (project.path or Path("/x")).parent
        self._reaches = [[one.kind, one.where] for one in trust.allowed(session, project.state, folder)]
        self._cache = str(session.cache_root)
        self._cache_gb = int(session.settings.get("cache_gb"))

    def draw(self, drawer: Drawer, spec: SnapshotSpec, out: Path, progress: Progress) -> None:
        """Have a picture of it made; raises as :meth:`Drawer.draw`."""
        from models.store.rows.snapshot_json import as_json

        plain = replace(spec, measures=tuple(one for one in spec.measures if not one.dashed))
        self.hand(drawer, {"spec": as_json(plain), "out": str(out)}, out, progress)

    def hand(self, drawer: Drawer, wishes: dict[str, Any], out: Path, progress: Progress) -> None:
        """Have a child do with it what ``wishes`` say to its module; ``out`` is, or names, what that writes."""
        folder = Path(tempfile.mkdtemp(prefix="chengjing_"))
        try:
            request = self.request(folder, progress.part(0.0, _COPIED)) | wishes
            drawer.draw(request, out, progress.part(_COPIED, 1.0))
        finally:
            drawer.end()
            shutil.rmtree(folder, ignore_errors=True)

    def request(self, folder: Path, progress: Progress) -> dict[str, Any]:
        """Return how a child opens it; what is not saved is written into a folder that outlives the child."""
        return {
            "file": str(self._file(folder / "project.gpkg", progress)), "path": str(self._path or ""),
            "reaches": self._reaches, "cache": self._cache, "cache_gb": self._cache_gb,
        }  # fmt: skip

    def _file(self, copy: Path, progress: Progress) -> Path:
        """Return a project file that holds what is open: the project's own, or else a copy."""
        from models.store import project_file

        path = self._path if self._path is not None and self._path.exists() else None
        if self._is_saved and path is not None and project_file.stamp_of(path) == self._stamp:
            return path
        project_file.save_project(self._state, self._data, copy, progress, path)
        return copy

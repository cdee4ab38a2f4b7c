"""Project files read as any stranger's file: in a child that may die of them, and then once more with more care."""

from __future__ import annotations

import contextlib
import importlib
import logging
import shutil
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from app.background.workers import Workers, run_child
from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.layers.layer import LayerData
from models.project.business_keys import BusinessKeys
from models.project.project import ProjectState

log = logging.getLogger(__name__)

_TARGET = "models.store.project_contents:run_json"
#: A child that has said nothing for so long, by its own processor's clock, hangs.
MOST_SILENT_S = 120.0


@dataclass(frozen=True, slots=True)
class ReadProject:
    """What was read of a project file.

    Parameters
    ----------
    state : ProjectState
        Paths of linked sources as stored.
    data : dict of str to LayerData
    cautions : list of Caution
        What had to be left out or mended.
    linked_keys : dict of str to BusinessKeys
        What is named of layers whose source is read later.
    stamp : str
        As :func:`models.store.project_file.stamp_of`.
    """

    state: ProjectState
    data: dict[str, LayerData]
    cautions: list[Caution]
    linked_keys: dict[str, BusinessKeys]
    stamp: str


def read_project(path: Path, progress: Progress, workers: Workers | None = None) -> ReadProject:
    """Read a project file.

    Parameters
    ----------
    path : Path
    progress : Progress
        A cancel ends the child within a second.
    workers : Workers, optional
        Where a warm child comes from.

    Raises
    ------
    UserError
        As :func:`models.store.project_contents.read`; ``io.crashed`` when two children died of it, ``io.too_slow``,
        ``io.no_space``.
    Cancelled
    """
    threading.Thread(target=_import_ahead, daemon=True).start()
    path = Path(path).resolve()
    folder = Path(tempfile.mkdtemp(prefix="chengjing_"))
    try:
        arguments = {"path": str(path), "folder": str(folder), "careful": False}
        reading = progress.part(0.0, 0.9)
        try:
            run_child(_TARGET, arguments, reading, workers, most_silent_s=MOST_SILENT_S)
        except UserError as error:
            if error.code != "io.crashed":
                raise
            log.warning("%s brought down a child; it is read again with care", path.name)
            run_child(_TARGET, arguments | {"careful": True}, reading, workers, most_silent_s=MOST_SILENT_S)
        from models.store import project_contents, project_file

        contents = project_contents.kept(folder)
        made = project_file.project_of(contents, path, progress.part(0.9, 1.0))
        return ReadProject(*made, contents.stamp)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _import_ahead() -> None:
    """Import here what making the project needs, while the child reads."""
    for name in ("models.store.project_file", "models.store.columns"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)

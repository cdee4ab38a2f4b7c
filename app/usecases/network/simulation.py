"""Models of SWMM and EPANET: check, run on a copy in a child process, save with changes, hand out results."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from app.background.jobs import Job
from app.background.workers import run_child
from app.notices import notice_of_caution
from app.usecases.layers.importing import origin_of
from app.usecases.project.trust import require_file
from models.core.errors import UserError
from models.core.progress import Progress
from models.layers.layer import Layer, VectorData
from models.network.hydraulics import edits
from models.network.hydraulics.checks import Issue, check_model
from models.network.hydraulics.document import InpDocument, read_document
from models.network.hydraulics.results import Results, Variable
from models.network.hydraulics.run import finish, prepare
from models.store.atomic import write_bytes

if TYPE_CHECKING:
    from app.background.workers import Workers
    from app.session import Session

#: Folder of runs beside the cache, and how many of them are kept; a person keeps one with ``keep``.
_RUNS, _MOST_RUNS = "runs", 6


def models_in(session: Session) -> list[Path]:
    """Return the model files from which layers of the project came, each once."""
    found = (origin_of(layer) for layer in session.project.state.layers if layer.source.reader == "inp")
    return list(dict.fromkeys(path for path in found if path is not None))


def layers_of(session: Session, path: Path) -> dict[str, Layer]:
    """Return the layers of a model by element (``nodes``, ``links``, ``subcatchments``, ``raingages``)."""
    return {
        layer.source.sublayer: layer
        for layer in session.project.state.layers
        if layer.source.reader == "inp" and origin_of(layer) == Path(path)
    }


def check(session: Session, path: Path, done: Callable[[list[Issue]], object] | None = None) -> Job:
    """Look for what is wrong with a model; ``done`` gets the findings."""

    def work(progress: Progress) -> list[Issue]:
        progress.step(0.0, "progress.io.reading")
        return check_model(read_document(path), Path(path).resolve().parent)

    return session.run("job.check_model", work, done, file=Path(path).name)


def run(
    session: Session, path: Path, done: Callable[[Results], object] | None = None,
    failed: Callable[[BaseException], None] | None = None,
) -> Job:  # fmt: skip
    """Run a model, with what was changed in its layers; its own file is not touched, nothing is written beside it.

    Parameters
    ----------
    session : Session
    path : Path
    done : callable, optional
        Gets the results, which lie in a folder of the program until later runs push them out.
    failed : callable, optional
        Gets what went wrong; without it, it becomes a notice.
    """
    home = runs_folder(session)
    _require(session, path)
    tables = _tables(session, path)

    def work(progress: Progress) -> Results:
        document = edits.with_tables(read_document(path), tables).document if tables else None
        return run_in(Path(path), fresh_folder(home), progress, session.workers, document)

    if failed is None or session.jobs.inline:
        return session.run("job.run_model", work, done, file=Path(path).name)
    return session.jobs.run("job.run_model", work, done, failed=failed, file=Path(path).name)


def run_in(
    path: Path, folder: Path, progress: Progress, workers: Workers | None = None, document: InpDocument | None = None
) -> Results:  # fmt: skip
    """Run a model in a folder, which is removed unless the run comes to its end.

    Parameters
    ----------
    path : Path
    folder : Path
        Empty.
    progress : Progress
        Steps as the simulation does; a cancel kills the engine.
    workers : Workers, optional
    document : InpDocument, optional
        The model with changes that its file does not have.

    Raises
    ------
    UserError
        ``network.engine_died``, ``network.engine_refused``, and those of
        :func:`models.network.hydraulics.run.prepare`.
    """
    try:
        progress.step(0.0, "progress.network.preparing")
        prepared = prepare(path, folder, document)
        try:
            answer = run_child("models.network.hydraulics.engines:run", dict(prepared.arguments), progress, workers)
        except UserError as error:
            if error.code != "io.crashed":
                raise
            engine = {"swmm": "SWMM", "epanet": "EPANET"}[prepared.document.dialect]
            raise UserError("network.engine_died", file=path.name, engine=engine) from error
        return finish(prepared, answer)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def runs_folder(session: Session) -> Path:
    """Return where runs lie that nobody asked to keep."""
    return Path(session.cache_root) / _RUNS


def fresh_folder(home: Path) -> Path:
    """Return an empty folder for a run; the oldest runs go."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        runs = sorted((one for one in home.iterdir() if one.is_dir()), key=lambda one: one.stat().st_mtime)
        for old in runs[: -_MOST_RUNS + 1]:
            shutil.rmtree(old, ignore_errors=True)
        folder = home / uuid.uuid4().hex[:12]
        folder.mkdir()
        return folder
    except OSError:  # a cache that cannot be written
        return Path(tempfile.mkdtemp(prefix="chengjing-run-"))


def keep(results: Results, folder: Path) -> Path:
    """Copy the files of a run into a new folder.

    Raises
    ------
    UserError
        ``network.folder_exists`` for one that is there and not empty.
    """
    require_new(folder)
    shutil.copytree(results.folder, folder, dirs_exist_ok=True)
    return Path(folder)


def require_new(folder: Path) -> None:
    """Refuse a folder in which something lies.

    Raises
    ------
    UserError
        ``network.folder_exists``.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError("network.folder_exists", folder=str(folder))


def export_results(results: Results, path: Path, lang: str) -> None:
    """Write what a run came to as a workbook."""
    from viewers.documents.simulation import write_results

    write_results(Path(path), results, lang)


def export_series(results: Results, chosen: Sequence[tuple[Variable, int]], path: Path, lang: str) -> None:
    """Write series of objects as a workbook or text with commas."""
    from viewers.documents.simulation import write_series

    write_series(Path(path), results, chosen, lang)


def changed_model(session: Session, path: Path) -> edits.Written:
    """Return a model with what was changed in its layers."""
    _require(session, path)
    return edits.with_tables(read_document(path), _tables(session, path))


def _tables(session: Session, path: Path) -> dict[str, pd.DataFrame]:
    found = {name: session.project.data.get(layer.id) for name, layer in layers_of(session, path).items()}
    return {name: data.attributes for name, data in found.items() if isinstance(data, VectorData)}


def _require(session: Session, path: Path) -> None:
    """Refuse a model that a project merely names, as long as nobody trusts the project."""
    for layer in layers_of(session, path).values():
        require_file(session, layer, str(path))


def save_as(session: Session, path: Path, target: Path) -> edits.Written:
    """Write a model with the changes of its layers into another file.

    Raises
    ------
    UserError
        ``network.same_file`` for the model itself; those of :func:`models.network.hydraulics.edits.with_tables`.
    """
    if Path(target).exists() and Path(target).samefile(path):
        raise UserError("network.same_file", file=Path(path).name)
    written = changed_model(session, path)
    write_document(written.document, target)
    for caution in written.cautions:
        session.notices.add(notice_of_caution(caution))
    return written


def write_document(document: InpDocument, target: Path) -> None:
    """Replace a file by a document."""
    write_bytes(Path(target), document.as_bytes())

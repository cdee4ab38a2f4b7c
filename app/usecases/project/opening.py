"""Open, save and start projects; bring files in as layers.

Paths of linked sources are absolute while a project is open and relative to the project file on disk.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from app.notices import notice_of_caution
from app.usecases.crs import crs_doctor
from app.usecases.crs.far_features import say_far_features
from app.usecases.health import health
from app.usecases.layers import basemaps
from app.usecases.layers.building_heights import with_cautions
from app.usecases.layers.keys import keep_held, without_secrets_of_project
from app.usecases.project import sharing
from app.usecases.project.adding_layers import ASKED_CRS, say_cautions, take_in
from app.usecases.project.exact_stage import Coming, refine
from app.usecases.project.named_objects import find_named_again
from app.usecases.project.project_frame import FirstNamed, placed
from app.usecases.project.trust import admit, grant, grant_all, is_withheld, release, remember, require
from app.usecases.readings.readings import carry_along
from app.usecases.style.qgis_notice import say_what_qgis_shows
from models.core.errors import Cancelled, Caution, UserError
from models.core.progress import Progress
from models.core.watch import watch
from models.layers.layer import Layer, LayerData
from models.project.about import About
from models.project.project import ProjectState
from models.project.reaches import absolute

if TYPE_CHECKING:
    from app.background.project_reading import ReadProject
    from app.session import Session
    from models.health.results import Stamp
    from models.project.fingerprints import Fingerprints

RECENT_LIMIT = 10
#: Jobs that bring a project or files that a person asked for.
OPENING_JOBS = frozenset({"job.open_project", "job.open_file", "job.make_sample"})
Stamps = dict[tuple[str, str], "Stamp | None"]

#: Files of a folder that are opened at once; more are somebody's whole disk.
MOST_FILES = 200


def is_opening(session: Session) -> bool:
    """Whether something that a person asked for is being opened."""
    return any(job.title in OPENING_JOBS for job in session.jobs.active)


def begin_opening(session: Session, path: Path) -> bool:
    """Make way for a project that is to be opened; False where that very one is being opened already.

    Another one that is still being opened is given up: the last word counts.
    """
    for job in [job for job in session.jobs.active if job.title == "job.open_project"]:
        if job.facts.get("path") == str(path):
            return False
        job.cancel()
    return True


def new_project(session: Session) -> None:
    """Start from nothing; asking about unsaved changes is the window's business."""
    release(session)
    _replace_project(session, ProjectState(), {}, None)
    session.project.stamp = ""
    sharing.let_go(session)


def open_project(session: Session, path: Path) -> Job:
    """Open a project file; linked sources arrive one after another, each announced by ``project.data_changed``."""
    path = Path(path).resolve()
    return open_copy(session, path, path, lambda: add_recent(session, path))


def open_copy(session: Session, file: Path, path: Path | None, after: Callable[[], object]) -> Job:
    """Open a project from ``file`` as the one that lies at ``path``; ``after`` is called once it is open."""

    def work(progress: Progress) -> tuple[ReadProject, Fingerprints, Stamps, sharing.Taken]:
        from app.background.project_reading import read_project
        from models.health.compute import stamp_now
        from models.project.fingerprints import Fingerprints

        read = read_project(file, progress, session.workers)
        fingerprints = Fingerprints()
        stamps = {  # so that results are shown at once, and which of them are old
            (result.code, result.edition): stamp_now(result.code, result.edition, read.state, read.data, fingerprints)
            for result in read.state.results
        }
        return read, fingerprints, stamps, sharing.take(session, path)

    def done(opened: tuple[ReadProject, Fingerprints, Stamps, sharing.Taken]) -> None:
        read, fingerprints, stamps, taken = opened
        state, data = read.state, read.data
        state = replace(state, layers=tuple(_with_absolute_path(layer, file.parent) for layer in state.layers))
        admit(session, state, file, path)
        state = without_secrets_of_project(session, state)
        _replace_project(session, state, data, path)
        session.project.fingerprints = fingerprints
        session.stamps |= {asked: (health.stamp_basis(session), stamp) for asked, stamp in stamps.items()}
        session.project.stamp = read.stamp if file == path else ""
        session.linked_keys = dict(read.linked_keys)
        session.withheld_changed.emit()
        after()
        session.notices.info("notice.opened", name=state.name or file.name, count=len(state.layers))
        for caution in read.cautions:
            session.notices.add(notice_of_caution(caution))
        sharing.adopt(session, path, taken)
        load_linked(session)

    return session.run("job.open_project", work, done, file=(path or file).name, path=str(path or file))


def open_files(
    session: Session,
    paths: Iterable[Path],
    crs: str = "",
    options: Mapping[str, str] | None = None,
    sublayers: tuple[str, ...] = (),
) -> list[Job]:
    """Open what a person has: one project, or any number of files as layers on top of what is open.

    A folder stands for the files in it, unless it is a File Geodatabase.

    Parameters
    ----------
    session : Session
    paths : iterable of Path
    crs : str
        CRS of files that do not say it themselves, as the user gave it.
    options : mapping
        Reader settings: ``{"encoding": "gb18030"}`` …
    sublayers : tuple of str
        Tables of the files to open; empty for all.

    Raises
    ------
    UserError
        ``vector.empty_folder`` for a folder in which nothing can be opened.
    """
    from models.store import project_file

    jobs: list[Job] = []
    named = FirstNamed()
    found = files_of(Path(os.path.realpath(p)) for p in paths)  # Path.resolve raises where a link leads to itself
    for rank, path in enumerate(found):
        if path.is_file() and project_file.is_project(path) and not sublayers:
            jobs.append(open_project(session, path))
        else:
            jobs.append(_open_file(session, path, crs, dict(options or {}), sublayers, named, rank))
    return jobs


def files_of(paths: Iterable[Path]) -> list[Path]:
    """Return files, and for a folder those in it that can be opened, the ones whose ending says so.

    Raises
    ------
    UserError
        ``vector.empty_folder``.
    """
    from models.io.registry import SUFFIXES, companions, is_folder_format

    result: list[Path] = []
    for path in paths:
        if not path.is_dir() or is_folder_format(path):
            result.append(path)
            continue
        inside = sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
        helping = {other for entry in inside if entry.is_file() for other in companions(entry)}
        known = [entry for entry in inside if entry not in helping and entry.name.lower().endswith(SUFFIXES)]
        found = [entry for entry in known if entry.is_file() or is_folder_format(entry)]
        if not found or len(found) > MOST_FILES:
            raise UserError("vector.empty_folder", file=path.name, count=len(found), limit=MOST_FILES)
        result += found
    return result


def read_again(
    session: Session,
    layer_id: str,
    path: Path,
    crs: str = "",
    options: Mapping[str, str] | None = None,
    sublayers: tuple[str, ...] = (),
) -> Job:
    """Read the file of a layer again with other settings; what comes takes the layer's place, in one undoable step.

    Name, role where a person chose it, style and joins stay with the first layer that comes.
    """
    old, path = session.project.state.layer(layer_id), Path(path).resolve()
    coming, asked = Coming(), dict(options or {})

    def work(progress: Progress) -> list[Any]:
        opened = crs_doctor.read_settled(
            session, crs, lambda declared: _read(session, path, declared, sublayers, asked, progress, coming)
        )
        return with_cautions(opened, session.lang)

    def done(opened: list[Any]) -> None:
        if any(layer.id == layer_id for layer in session.project.state.layers):
            layers = take_in(session, path, opened, {**asked, ASKED_CRS: crs}, instead=old)
            crs_doctor.say_verdicts(session, layers)
        else:
            session.notices.info("notice.result_dropped", name=old.title(session.lang))

    return coming.watched(session.run("job.open_file", work, done, reading=True, file=path.name))


def _open_file(
    session: Session, path: Path, crs: str, options: dict[str, str], sublayers: tuple[str, ...], named: FirstNamed,
    rank: int,
) -> Job:  # fmt: skip
    coming = Coming()

    def work(progress: Progress) -> list[Any]:
        def read(asked: str) -> list[Any]:
            return _read(session, path, asked, sublayers, options, progress, coming)

        opened = with_cautions(crs_doctor.read_settled(session, crs, read), session.lang)
        coming.give_way(session)
        return opened

    def done(opened: list[Any]) -> None:
        layers = take_in(session, path, opened, {**options, ASKED_CRS: crs}, named=named, rank=rank)
        crs_doctor.say_verdicts(session, layers)
        crs_doctor.look_again(session, [layer.id for layer in layers])
        say_far_features(session, layers)
        add_recent(session, path)
        refine(session, layers[0], coming)

    return coming.watched(session.run("job.open_file", work, done, reading=True, file=path.name))


def load_source(session: Session, layer: Layer) -> Job:
    """Read the linked source of a layer of the open project; a missing one leaves the layer empty, with a caution.

    Raises
    ------
    UserError
        ``project.untrusted`` for one outside the folder of a project that the person has not trusted.
    """
    require(session, layer)
    source = layer.source
    path = Path(source.path)
    coming = Coming()

    def work(progress: Progress) -> list[Any]:
        if not path.exists():
            raise UserError("io.missing", file=path.name)
        options = dict(source.options)
        crs = options.pop(ASKED_CRS, source.crs)  # asked as the first time, the cache answers
        wanted = (source.sublayer,) if source.sublayer else ()
        opened = crs_doctor.read_again(
            layer, crs, lambda asked: _read(session, path, asked, wanted, options, progress, coming)
        )
        coming.give_way(session)
        return opened

    def done(opened: list[Any]) -> None:
        frame = session.project.state.frame
        if not any(old.id == layer.id for old in session.project.state.layers):
            session.notices.info("notice.result_dropped", name=layer.title(session.lang))
            coming.drop()
            return
        for item in opened[:1]:
            if layer.place is None:  # else a person has seen them and said where the model stands
                say_cautions(session, item.data)
            session.project.put_data(layer.id, placed(item.data, frame) if frame else item.data)
            find_named_again(session, layer.id)
        refine(session, layer, coming)

    def failed(error: BaseException) -> None:
        if not isinstance(error, (UserError, Cancelled)):
            session.fail(error)
        elif isinstance(error, UserError) and error.code == "io.missing":
            caution = Caution("project.source_missing", layer=layer.title(session.lang), file=source.path)
            session.notices.add(notice_of_caution(caution))
        else:
            session.fail(error)
            caution = Caution("project.source_unread", layer=layer.title(session.lang), file=source.path)
            session.notices.add(notice_of_caution(caution))

    return coming.watched(session.jobs.run("job.load_source", work, done, failed=failed, reading=True, file=path.name))


def trust_project(session: Session) -> None:
    """Let the open project reach all that it names, from now on, and bring what was missing."""
    grant_all(session)
    keep_held(session)
    basemaps.restore(session)
    load_linked(session)


def load_linked(session: Session) -> None:
    """Read every linked source that has no data yet and may be read."""
    linked = [
        layer for layer in session.project.state.layers
        if layer.source.path and layer.id not in session.project.data and not is_withheld(session, layer)
    ]  # fmt: skip
    _load_in_turn(session, sorted(linked, key=lambda layer: (layer.kind != "terrain", not layer.visible)))


def _load_in_turn(session: Session, layers: list[Layer]) -> None:
    """Read linked sources in this order, two at a time: what may wait longest for its turn is what is hidden."""
    waiting = deque(layers)

    def start_next() -> None:
        known = {layer.id: layer.source for layer in session.project.state.layers}
        while waiting and not session.jobs.closed:
            layer = waiting.popleft()
            if known.get(layer.id) != layer.source:  # the project may be another by now
                continue
            job = load_source(session, layer)
            if not job.is_over:
                watch(job.ended, lambda _: start_next())
                return

    start_next()
    start_next()


def relink(session: Session, layer_id: str, path: Path) -> Job:
    """Point a layer at where its source lies now, and read it."""
    layer = session.project.state.layer(layer_id)
    moved = replace(layer, source=replace(layer.source, path=str(Path(path).resolve())))
    session.history.do("history.relink", lambda state: state.with_layer(moved))
    grant(session, moved)
    return load_source(session, moved)


def save_project(session: Session, path: Path | None = None, *, overwrite: bool = False) -> Job:
    """Save the project where it lies, or at ``path``; on disk whole or not at all.

    Parameters
    ----------
    session : Session
    path : Path, optional
    overwrite : bool
        Replace what another has saved since, and take the project over from whoever has it open.

    Raises
    ------
    UserError
        ``project.no_path`` if the project never had a file and none is given, ``package.read_only``; from the job what
        :func:`models.store.project_file.save_project` says, and ``store.open_elsewhere``.
    """
    previous = session.project.path
    target = Path(path).resolve() if path is not None else previous
    if target is None:
        raise UserError("project.no_path")
    if session.package is not None and target.is_relative_to(session.package.folder):
        raise UserError("package.read_only", file=session.package.path.name)
    if target.suffix.lower() != ".gpkg":
        target = target.with_name(target.name + ".gpkg")
    state, data = session.project.state, dict(session.project.data)

    expected = session.project.stamp if target == previous and not overwrite else None

    def work(progress: Progress) -> tuple[str, sharing.Taken]:
        from models.store import project_file

        if not overwrite:
            sharing.require_free(session, target)
        stamp = project_file.save_project(state, data, target, progress, previous, expected=expected)
        carry_along(session, previous, target)
        return stamp, sharing.take(session, target, over=overwrite)

    def done(saved: tuple[str, sharing.Taken]) -> None:
        stamp, taken = saved
        session.project.set_path(target)
        session.project.stamp = stamp
        _leave_package(session)
        sharing.adopt(session, target, taken)
        if session.project.state == state:
            session.project.mark_saved()
        remember(session, state, target)
        add_recent(session, target)
        session.notices.info("notice.saved", file=target.name)
        say_what_qgis_shows(session, [layer for layer in state.layers if layer.id in data])

    return session.run("job.save_project", work, done, file=target.name)


def add_recent(session: Session, path: Path) -> None:
    """Remember a file for the welcome page and the menu, newest first."""
    if not session.settings.get("keep_recent"):
        return
    recent = [str(path), *(old for old in session.settings.get("recent") if old != str(path))]
    session.settings.set("recent", recent[:RECENT_LIMIT])


def rename_project(session: Session, name: str, name_en: str = "") -> None:
    """Give the project another name."""
    session.history.do("history.rename_project", lambda state: replace(state, name=name, name_en=name_en))


def describe_project(session: Session, name: str, name_en: str, about: About) -> None:
    """Change what the project says of itself."""
    session.history.do(
        "history.describe_project", lambda state: replace(state, name=name, name_en=name_en, about=about)
    )


def _read(
    session: Session,
    path: Path,
    crs: str,
    sublayers: tuple[str, ...],
    options: Mapping[str, str],
    progress: Progress,
    coming: Coming,
) -> list[Any]:
    """Read a file: in the window as far as its first picture, leaving the rest in ``coming``, else to the end."""
    from app.background.ingest import begin, ingest
    from models.io.request import ReadRequest

    settings = dict(options)
    request = ReadRequest(sublayers=sublayers, crs=crs, encoding=settings.pop("encoding", ""), options=settings)
    if session.jobs.inline:
        return ingest(path, request, session.cache(), progress, workers=session.workers)
    opened, coming.rest = begin(path, request, session.cache(), progress, session.workers)
    rest = coming.rest
    if rest is None or opened:
        return opened
    coming.take()
    return rest.finish(progress)


def _leave_package(session: Session) -> None:
    """Say that what is open is no review package."""
    if session.package is not None:
        session.package = None
        session.package_changed.emit()


def _replace_project(session: Session, state: ProjectState, data: Mapping[str, LayerData], path: Path | None) -> None:
    session.selection.set(())
    session.stamps.clear()
    session.live.clear()
    session.gate = None
    session.linked_keys.clear()
    session.project.replace_all(state, data, path)
    basemaps.restore(session)
    session.history.clear()
    _leave_package(session)
    session.results_changed.emit()


def _with_absolute_path(layer: Layer, folder: Path) -> Layer:
    if not layer.source.path:
        return layer
    return replace(layer, source=replace(layer.source, path=absolute(layer.source.path, folder)))

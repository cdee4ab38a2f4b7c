"""Open, save and start projects; bring files in as layers.

Paths of linked sources are absolute while a project is open and relative to the project file on disk.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.jobs import Job
from app.notices import notice_of_caution
from models.crs import Frame, crs_label, parse_crs, transformer, zone_for
from models.errors import Cancelled, Caution, UserError
from models.layers import CloudData, Layer, LayerData, ModelData, RasterData, VectorData, new_layer_id
from models.progress import Progress
from models.project import ProjectState
from models.watch import watch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.ingest import Rest
    from app.session import Session
    from models.store.cache import GeometryCache

RECENT_LIMIT = 10
#: Cautions about this machine rather than about a file: fifty files need not say them fifty times.
_ONCE = ("io.cache_unwritable",)

#: Option of a linked source: the CRS the user gave when it was first read, which need not be the one found.
ASKED_CRS = "asked_crs"

#: Jobs that bring the first picture of a file in.
READING = frozenset({"job.open_file", "job.load_source"})

#: A plane for models that say nothing about where they stand, when nothing else is open.
LOCAL_CRS = "+proj=tmerc +lat_0=0 +lon_0=0 +k=1 +x_0=500000 +y_0=0 +datum=WGS84 +units=m +no_defs +type=crs"


def new_project(session: Session) -> None:
    """Start from nothing; asking about unsaved changes is the window's business."""
    _become(session, ProjectState(), {}, None)


def open_project(session: Session, path: Path) -> Job:
    """Open a project file; linked sources arrive one after another, each announced by ``project.data_changed``."""
    path = Path(path).resolve()
    return open_copy(session, path, path, lambda: add_recent(session, path))


def open_copy(session: Session, file: Path, path: Path | None, after: Callable[[], object]) -> Job:
    """Open a project from ``file`` as the one that lies at ``path``; ``after`` is called once it is open."""

    def work(progress: Progress) -> tuple[ProjectState, dict[str, LayerData]]:
        from models.store import project_file

        return project_file.open_project(file, progress)

    def done(opened: tuple[ProjectState, dict[str, LayerData]]) -> None:
        state, data = opened
        state = replace(state, layers=tuple(_with_absolute_path(layer, file.parent) for layer in state.layers))
        _become(session, state, data, path)
        after()
        session.notices.info("notice.opened", name=state.name or file.name, count=len(state.layers))
        linked = [layer for layer in state.layers if layer.source.path and layer.id not in data]
        _load_in_turn(session, sorted(linked, key=lambda layer: (layer.kind != "terrain", not layer.visible)))

    return session.run("job.open_project", work, done, file=(path or file).name)


def open_files(
    session: Session, paths: Iterable[Path], crs: str = "", options: Mapping[str, str] | None = None
) -> list[Job]:
    """Open what a person has: one project, or any number of files as layers on top of what is open.

    Parameters
    ----------
    session : Session
    paths : iterable of Path
    crs : str
        CRS of files that do not say it themselves, as the user gave it.
    options : mapping
        Reader settings: ``{"encoding": "gb18030"}`` …
    """
    from models.store import project_file

    jobs: list[Job] = []
    for path in (Path(os.path.realpath(p)) for p in paths):  # Path.resolve raises where a link leads to itself
        is_project = path.is_file() and project_file.is_project(path)
        jobs.append(open_project(session, path) if is_project else _open_file(session, path, crs, dict(options or {})))
    return jobs


def _open_file(session: Session, path: Path, crs: str, options: dict[str, str]) -> Job:
    coming = _Coming()

    def work(progress: Progress) -> list[Any]:
        opened = _read(session, path, crs, (), options, progress, coming)
        coming.give_way(session)
        return opened

    def done(opened: list[Any]) -> None:
        layers = _take_in(session, path, opened, {**options, ASKED_CRS: crs})
        add_recent(session, path)
        _refine(session, layers[0], coming)

    return coming.watched(session.run("job.open_file", work, done, reading=True, file=path.name))


def load_source(session: Session, layer: Layer) -> Job:
    """Read the linked source of a layer of the open project; a missing one leaves the layer empty, with a caution."""
    source = layer.source
    path = Path(source.path)
    coming = _Coming()

    def work(progress: Progress) -> list[Any]:
        if not path.exists():
            raise UserError("io.missing", file=path.name)
        options = dict(source.options)
        crs = options.pop(ASKED_CRS, source.crs)  # asked as the first time, the cache answers
        wanted = (source.sublayer,) if source.sublayer else ()
        opened = _read(session, path, crs, wanted, options, progress, coming)
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
                _say_cautions(session, item.data)
            session.project.put_data(layer.id, _placed(item.data, frame) if frame else item.data)
        _refine(session, layer, coming)

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


class _Coming:
    """The exact stage of what a job opened as a preview, which somebody must finish or drop."""

    def __init__(self) -> None:
        self.rest: Rest | None = None

    def give_way(self, session: Session) -> None:
        """End the child where others are to be read or refined first; ends are waited for, hence on a worker thread."""
        active = [job.title for job in list(session.jobs.active)]
        if self.rest is not None and (sum(title in READING for title in active) > 1 or "job.refine" in active):
            self.rest.let_go()

    def take(self) -> Rest | None:
        """Hand it on, once."""
        rest, self.rest = self.rest, None
        return rest

    def drop(self) -> None:
        """Give it up, if nobody took it."""
        if rest := self.take():
            rest.drop()

    def watched(self, job: Job) -> Job:
        """Return the job; however it ends, nothing stays behind."""
        if job.is_over:
            self.drop()
        else:
            watch(job.ended, lambda _: self.drop())
        return job


def _refine(session: Session, layer: Layer, coming: _Coming) -> None:
    """Compute the exact geometry of a layer that shows its preview, and put it in the preview's place."""
    rest = coming.take()
    if rest is None:
        return

    def work(progress: Progress) -> list[Any]:
        while any(job.title in READING for job in list(session.jobs.active)):  # every first picture before any finer
            progress.step(0.0, "progress.io.waiting")
            time.sleep(0.1)
        return rest.finish(progress)

    def done(opened: list[Any]) -> None:
        shown = session.project.data.get(layer.id)
        if not any(old.id == layer.id for old in session.project.state.layers) or not isinstance(shown, ModelData):
            session.notices.info("notice.result_dropped", name=layer.title(session.lang))
            return
        exact = opened[0].data
        for caution in exact.cautions:
            if caution not in shown.cautions:
                session.notices.add(notice_of_caution(caution))
        # Where it stands is where it stood: the preview's bounds may have placed it, or a person since.
        session.project.put_data(layer.id, replace(exact, placement=shown.placement, crs=shown.crs))
        session.notices.info("notice.refined", layer=layer.title(session.lang))

    def failed(error: BaseException) -> None:
        rest.drop()
        if not isinstance(error, Cancelled):
            session.fail(error)

    session.jobs.run("job.refine", work, done, failed=failed, background=True, file=Path(layer.source.path).name)


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
    return load_source(session, moved)


def save_project(session: Session, path: Path | None = None) -> Job:
    """Save the project where it lies, or at ``path``; on disk whole or not at all.

    Raises
    ------
    UserError
        ``project.no_path`` if the project never had a file and none is given.
    """
    previous = session.project.path
    target = Path(path).resolve() if path is not None else previous
    if target is None:
        raise UserError("project.no_path")
    if target.suffix.lower() != ".gpkg":
        target = target.with_name(target.name + ".gpkg")
    state, data = session.project.state, dict(session.project.data)

    def work(progress: Progress) -> None:
        from models.store import project_file

        project_file.save_project(state, data, target, progress, previous)

    def done(_: None) -> None:
        session.project.set_path(target)
        if session.project.state == state:
            session.project.mark_saved()
        add_recent(session, target)
        session.notices.info("notice.saved", file=target.name)

    return session.run("job.save_project", work, done, file=target.name)


def add_recent(session: Session, path: Path) -> None:
    """Remember a file for the welcome page and the menu, newest first."""
    recent = [str(path), *(old for old in session.settings.get("recent") if old != str(path))]
    session.settings.set("recent", recent[:RECENT_LIMIT])


def rename_project(session: Session, name: str, name_en: str = "") -> None:
    """Give the project another name."""
    session.history.do("history.rename_project", lambda state: replace(state, name=name, name_en=name_en))


def cache(session: Session) -> GeometryCache:
    """Return the geometry cache of this run."""
    from models.store.cache import GeometryCache

    return GeometryCache(session.cache_root, int(session.settings.get("cache_gb")) * 1024**3)


def _read(
    session: Session,
    path: Path,
    crs: str,
    sublayers: tuple[str, ...],
    options: Mapping[str, str],
    progress: Progress,
    coming: _Coming,
) -> list[Any]:
    """Read a file: in the window as far as its first picture, leaving the rest in ``coming``, else to the end."""
    from app.ingest import begin, ingest
    from models.io.request import ReadRequest

    settings = dict(options)
    request = ReadRequest(sublayers=sublayers, crs=crs, encoding=settings.pop("encoding", ""), options=settings)
    if session.jobs.inline:
        return ingest(path, request, cache(session), progress, workers=session.workers)
    opened, coming.rest = begin(path, request, cache(session), progress, session.workers)
    rest = coming.rest
    if rest is None or opened:
        return opened
    coming.take()
    return rest.finish(progress)


def _become(session: Session, state: ProjectState, data: Mapping[str, LayerData], path: Path | None) -> None:
    session.selection.set(())
    session.results.clear()
    session.project.replace_all(state, data, path)
    session.history.clear()
    session.results_changed.emit()


def _take_in(session: Session, path: Path, opened: list[Any], asked: Mapping[str, str]) -> list[Layer]:
    """Add what a reader gave as layers on top, in one undoable step, and return them."""
    state = session.project.state
    frame = state.frame or _frame_for([item.data for item in opened])
    taken = {layer.id for layer in state.layers}
    layers: list[Layer] = []
    for item in opened:
        layer: Layer = item.layer
        if layer.id in taken:
            layer = replace(layer, id=new_layer_id(layer.id))
        taken.add(layer.id)
        if layer.kind in ("vector", "table"):  # kept inside the project's own file
            layer = replace(layer, source=replace(layer.source, path=""))
        else:
            layer = replace(layer, source=replace(layer.source, path=str(path), options=dict(asked)))
        data = _placed(item.data, frame) if frame else item.data
        adrift = data is not item.data and isinstance(data, ModelData)
        _say_cautions(session, item.data, adrift=adrift)
        if adrift and isinstance(data, ModelData):
            layer = _beside(session, layer, data)
        session.project.put_data(layer.id, data)
        layers.append(layer)

    def change(before: ProjectState) -> ProjectState:
        after = replace(before, frame=frame, name=before.name or path.stem)
        for layer in layers:
            after = after.with_layer(layer)
        return after

    session.history.do("history.open_file", change)
    session.notices.info("notice.layers_added", file=path.name, count=len(layers))
    return layers


def _frame_for(items: list[LayerData]) -> Frame | None:
    """Choose the frame of a new project from its first data: its own projected CRS, else the zone it lies in."""
    import numpy as np

    for data in items:
        place = place_of(data)
        if place is None:
            continue
        crs, corners = place
        if not np.isfinite(corners).all():
            continue
        x, y, z = (float(v) for v in (corners.min(axis=0) + corners.max(axis=0)) / 2)
        if isinstance(data, ModelData):  # what is opened next stands beside it, not half way up
            z = float(corners[:, 2].min())
        parsed = parse_crs(crs)
        if not parsed.is_projected:
            lon, lat = transformer(crs, "EPSG:4326").transform(x, y)
            target = zone_for(lon, lat)
            x, y = transformer(crs, target).transform(x, y)
            crs = target
        vertical = None
        if parsed.is_compound and len(parsed.sub_crs_list) == 2:
            plane, height = parsed.sub_crs_list
            if plane.is_projected:
                crs, vertical = crs_label(plane.to_wkt()), crs_label(height.to_wkt())
        return Frame(crs, vertical, (round(x), round(y), round(z)))
    return Frame(LOCAL_CRS, None, (500000, 0, 0)) if any(isinstance(data, ModelData) for data in items) else None


def place_of(data: LayerData) -> tuple[str, NDArray[np.float64]] | None:
    """Return the CRS and box corners (n, 3) of a layer's data, None where it has no place."""
    import numpy as np

    if isinstance(data, VectorData):
        if getattr(data.frame, "crs", None) is None or not len(data.frame):
            return None
        west, south, east, north = (float(v) for v in data.frame.total_bounds)
        corners = np.array([[west, south, 0.0], [west, north, 0.0], [east, south, 0.0], [east, north, 0.0]])
        return (data.frame.crs.to_string(), corners) if np.isfinite(corners).all() else None
    if isinstance(data, RasterData):
        if not data.crs:
            return None
        a, b, c, d, e, f = data.transform
        rows, columns = data.values.shape[:2]
        known = data.values[np.isfinite(data.values)] if data.values.ndim == 2 else np.zeros(1)
        heights = (known.min(), known.max()) if known.size else ()
        cells = [(i, j, h) for i in (0, columns) for j in (0, rows) for h in heights]
        corners = np.array([[a * i + b * j + c, d * i + e * j + f, h] for i, j, h in cells], dtype=np.float64)
        return (data.crs, corners) if len(corners) else None
    if not data.crs:
        return None
    if isinstance(data, CloudData):
        ends = np.stack([data.points.min(axis=0), data.points.max(axis=0)]).astype(np.float64) + data.offset
        return data.crs, ends
    bounds = data.meshes.bounds()
    if bounds is None:
        bounds = np.zeros((2, 3))
    corners = np.array([[bounds[i, 0], bounds[j, 1], bounds[k, 2]] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    return data.crs, corners @ data.placement[:3, :3].T + data.placement[:3, 3]


def _placed(data: LayerData, frame: Frame) -> LayerData:
    """Stand a model that says nothing about its place on the frame's origin: its middle there, its foot at z."""
    if not isinstance(data, ModelData) or data.crs:
        return data
    import numpy as np

    box = data.meshes.bounds()
    foot = np.zeros(3) if box is None else np.array([*box.mean(axis=0)[:2], box[0, 2]])
    placement = np.eye(4)
    placement[:3, 3] = np.asarray(frame.origin) - foot
    return replace(data, placement=placement, crs=frame.horizontal)


def _beside(session: Session, layer: Layer, data: ModelData) -> Layer:
    """Let a model without a place stand with the one whose coordinates it shares, and say where it stands."""
    from app.usecases.place import beside

    found = beside(session, data)
    said = {"layer": layer.title(session.lang), "layer_id": layer.id}
    if found is None:
        session.notices.add(notice_of_caution(Caution("model.no_place", **said)))
        return layer
    other, place = found
    session.notices.add(notice_of_caution(Caution("model.beside", other=other.title(session.lang), **said)))
    return replace(layer, place=place)


def _say_cautions(session: Session, data: LayerData, *, adrift: bool = False) -> None:
    """Say what is uncertain; why a model is ``adrift`` its properties tell, one sentence says that it is."""
    codes = {caution.code for caution in data.cautions}
    left_out = {"io.no_georeference", "io.default_latlon"} if adrift else set()
    if "io.no_georeference" in codes:
        left_out.add("io.default_latlon")
    for caution in data.cautions:
        notice = notice_of_caution(caution)
        is_known = caution.code in _ONCE and notice in session.notices.all
        if caution.code not in left_out and not is_known:
            session.notices.add(notice)


def _with_absolute_path(layer: Layer, folder: Path) -> Layer:
    if not layer.source.path:
        return layer
    return replace(layer, source=replace(layer.source, path=str((folder / layer.source.path).resolve())))

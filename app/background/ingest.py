"""From a file to layers: map the cache entry if there is one, else let a child process make it.

Invariants
----------
1. First opening and re-opening end in the same call, reading an entry; there is no second path to keep true.
2. A reader that dies costs one retry with a safer kernel and then an error, never this process.
3. A cancel ends the children within a second and leaves nothing half written behind.
4. A cache that cannot be read or written costs time, never the file.
5. A building model comes in two stages, both of them entries; see :mod:`app.background.staged_reading`. The first one
   goes when the exact one is there.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.background.staged_reading import Folders, StagedReading
from app.background.workers import Child, Workers, patience_s, told_error
from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.io.common.file_head import refusal
from models.io.registry import find_format
from models.io.request import Opened, ReadRequest
from models.layers.layer import uncut_in
from models.store.cache import GeometryCache, add_cautions, read_entry

log = logging.getLogger(__name__)

#: Option of a staged source: ``"preview"`` stops at the first picture.
STAGE = "stage"


class ExactStage:
    """The exact stage that is still to come for what was opened as a preview.

    Parameters
    ----------
    staged : StagedReading
    cache : GeometryCache
    key : str
        Of the exact entry.
    """

    def __init__(self, staged: StagedReading, cache: GeometryCache, key: str) -> None:
        self._staged, self._cache, self._key = staged, cache, key

    def end_children(self) -> None:
        """End the child until :meth:`finish`, which starts another: it holds a parsed model, and others are first."""
        self._staged.end_children()

    def finish(
        self, progress: Progress, on_preview: Callable[[list[Opened]], None] = lambda opened: None
    ) -> list[Opened]:
        """Return the exact layers.

        Parameters
        ----------
        progress : Progress
        on_preview : callable
            Given the layers of the picture that has what is cut, where the first one did not wait for it; on this
            thread.

        Raises
        ------
        UserError, Cancelled
            As :func:`ingest`; the preview stays.
        """
        staged = self._staged
        folder: Path | None = None

        def on_cut(cut: Path) -> None:
            try:
                opened = _committed(cut, self._cache, _cut_key(self._key), [])
            finally:
                if cut != staged.folders.cut:
                    shutil.rmtree(cut, ignore_errors=True)
            on_preview([_with_source(one, staged.path) for one in opened])

        try:
            folder = staged.exact(progress, on_cut)
            cautions = [Caution("io.kernel_crashed", file=staged.path.name)] if staged.retried else []
            opened = _committed(folder, self._cache, self._key, cautions)
            self._cache.remove(_preview_key(self._key))
            self._cache.remove(_cut_key(self._key))
            return [_with_source(one, staged.path) for one in opened]
        finally:
            self.drop()
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    def drop(self) -> None:
        """Give up: end the child and remove what was half done."""
        self._staged.end()
        folders = self._staged.folders
        for left in (folders.preview, folders.cut, folders.exact):
            if left is not None:
                shutil.rmtree(left, ignore_errors=True)


def ingest(
    path: Path,
    request: ReadRequest,
    cache: GeometryCache,
    progress: Progress,
    on_preview: Callable[[list[Opened]], None] | None = None,
    workers: Workers | None = None,
) -> list[Opened]:
    """Open a file, to the end.

    Parameters
    ----------
    path : Path
    request : ReadRequest
        ``options["stage"] = "preview"`` ends a building model at its first picture.
    cache : GeometryCache
    progress : Progress
        Stepped about ten times a second, so that a cancel is noticed.
    on_preview : callable, optional
        Given the layers of the first picture as soon as it is there, and those of a better one where there is one, on
        this thread.
    workers : Workers, optional
        Where warm children come from.

    Returns
    -------
    list of Opened
        Layers with fresh ids and ``source.path`` = ``path``.

    Raises
    ------
    UserError
        What the reader says of the file; ``io.crashed`` when it died twice, ``io.too_slow``.
    Cancelled
    """
    opened, rest = begin(path, request, cache, progress.part(0.0, 0.3), workers, preview=on_preview is not None)
    if rest is None:
        return opened
    try:
        if opened and on_preview is not None:
            on_preview(opened)
    except BaseException:
        rest.drop()
        raise
    return rest.finish(progress.part(0.3 if opened else 0.0, 1.0), on_preview or (lambda opened: None))


def begin(
    path: Path,
    request: ReadRequest,
    cache: GeometryCache,
    progress: Progress,
    workers: Workers | None = None,
    *,
    preview: bool = True,
) -> tuple[list[Opened], ExactStage | None]:
    """Open a file as far as its first picture.

    Returns
    -------
    opened : list of Opened
        Final where there is no rest; empty where a rest must be finished to see anything.
    rest : ExactStage or None
        The exact stage; the caller finishes or drops it.
    """
    path = Path(path).absolute()
    row = find_format(path)
    progress.step(0.0, "progress.io.reading")
    options = dict(request.options)
    stops_early = options.pop(STAGE, "") == "preview" and row.is_staged
    request = replace(request, options=options)
    try:
        key = cache.key_of(path, row.id, row.version, request.as_dict())
    except OSError as error:  # it was there a moment ago
        raise refusal(path, error) from error
    opened = cache.load(key)
    if opened is not None or not row.is_staged:
        opened = opened or _read(path, row.id, request, cache, key, progress, workers or Workers())
        return [_with_source(one, path) for one in opened], None
    known = (cache.load(_cut_key(key)) or cache.load(_preview_key(key))) if preview or stops_early else None
    wants_cuts = known is None or (not stops_early and bool(uncut_in(known[0].data)))
    folders = Folders(
        preview=_reserved(cache) if known is None and preview and not stops_early else None,
        cut=_reserved(cache) if wants_cuts and (preview or stops_early) else None,
        exact=None if stops_early else _reserved(cache),
        work=_reserved(cache) or Path(tempfile.mkdtemp(prefix="chengjing_")),
    )
    staged = StagedReading(path, request, folders, workers or Workers(), is_shown=known is not None)
    rest = ExactStage(staged, cache, key)
    try:
        if known is None and (preview or stops_early):
            known = _read_preview(rest, cache, key, progress)
    except BaseException:
        rest.drop()
        raise
    if stops_early and known is not None:
        rest.drop()
        return [_with_source(one, path) for one in known], None
    return [_with_source(one, path) for one in known or []], rest


def _read_preview(rest: ExactStage, cache: GeometryCache, key: str, progress: Progress) -> list[Opened] | None:
    folder = rest._staged.preview(progress)
    if folder is None:
        return None
    folders = rest._staged.folders
    name = _cut_key if folder == folders.cut else _preview_key
    try:
        return _committed(folder, cache, name(key), [])
    finally:
        if folder not in (folders.preview, folders.cut):
            shutil.rmtree(folder, ignore_errors=True)


def _preview_key(key: str) -> str:
    return key[::-1]


def _cut_key(key: str) -> str:
    return f"{key[::-1]}-cut"


def _reserved(cache: GeometryCache) -> Path | None:
    try:
        return cache.reserve()
    except OSError as error:
        log.warning("the cache %s cannot be written: %s", cache.root, error)
        return None


def _read(
    path: Path,
    reader_id: str,
    request: ReadRequest,
    cache: GeometryCache,
    key: str,
    progress: Progress,
    workers: Workers,
) -> list[Opened]:
    """Read a file that has one stage."""
    folder, target = _reserved(cache), None
    child = workers.take(warm=False)
    try:
        child.send(path=str(path), reader=reader_id, request=request.as_dict(), folder=str(folder) if folder else "")
        target = _answered(child, path, progress)
        return _committed(target, cache, key, [])
    finally:
        workers.release(child)
        for left in (folder, target):
            if left is not None:
                shutil.rmtree(left, ignore_errors=True)


def _answered(child: Child, path: Path, progress: Progress) -> Path:
    limit_s = patience_s(path)
    while True:
        answer = child.answer()
        if answer is None:
            progress.step()
            if child.silent_s() > limit_s:
                raise UserError("io.too_slow", file=path.name, seconds=round(limit_s))
        elif "done" in answer:
            return Path(answer["done"])
        elif "error" in answer:
            raise told_error(answer)
        elif "fault" in answer:
            raise RuntimeError(f"the reader failed:\n{answer['fault']}")
        elif "crash" in answer:
            log.error("reading %s crashed: %s", path.name, answer["crash"])
            raise UserError("io.crashed", file=path.name)
        else:
            progress.step(float(answer["fraction"]), str(answer["code"]))


def _committed(folder: Path, cache: GeometryCache, key: str, cautions: list[Caution]) -> list[Opened]:
    """Make the written folder an entry and map it, or read it into memory where it cannot stay."""
    if cautions:
        add_cautions(folder, cautions)
    if not folder.is_relative_to(cache.root):
        opened = read_entry(folder, mapped=False)
    else:
        # Mapped before it is an entry that other processes may trim. Windows renames no folder with mapped files.
        known = read_entry(folder, home=cache.folder_of(key)) if os.name != "nt" else None
        with contextlib.suppress(OSError):
            cache.commit(folder, key)
            known = known or cache.load(key)
            if known is not None:
                return known
        opened = known or read_entry(folder, mapped=False)
    opened[0].data.cautions.append(Caution("io.cache_unwritable", folder=str(cache.root)))
    return opened


def _with_source(one: Opened, path: Path) -> Opened:
    """Say where the file lies today: an entry may have been made from a copy elsewhere."""
    return Opened(replace(one.layer, source=replace(one.layer.source, path=str(path))), one.data)


__all__ = ["ExactStage", "begin", "ingest"]

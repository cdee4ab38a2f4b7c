"""From a file to layers: map the cache entry if there is one, else let a child process make it.

Invariants
----------
1. First opening and re-opening end in the same call, reading an entry; there is no second path to keep true.
2. A reader that dies costs one retry with a safer kernel and then an error, never this process.
3. A cancel ends the child within a second and leaves nothing behind.
4. A cache that cannot be read or written costs time, never the file.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, cast

from models.errors import Caution, UserError
from models.io.request import Opened, ReadRequest
from models.io.table import find_reader, reader
from models.progress import Progress
from models.store.cache import GeometryCache, read_entry

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
SAFER_KERNEL = "opencascade"
_POLL_S = 0.1


@dataclass(slots=True)
class _Ending:
    """How a child ended: one of a folder, an error, or a crash with its last words."""

    folder: Path | None = None
    error: UserError | None = None
    crash: str = ""


def ingest(path: Path, request: ReadRequest, cache: GeometryCache, progress: Progress) -> list[Opened]:
    """Open a file.

    Parameters
    ----------
    path : Path
    request : ReadRequest
    cache : GeometryCache
    progress : Progress
        Stepped about ten times a second, so that a cancel is noticed.

    Returns
    -------
    list of Opened
        Layers with fresh ids and ``source.path`` = ``path``.

    Raises
    ------
    UserError
        What the reader says of the file; ``io.crashed`` when it died twice.
    Cancelled
    """
    path = Path(path).absolute()
    row = reader(find_reader(path))
    progress.step(0.0, "progress.io.reading")
    key = cache.key_of(path, row.id, row.version, request.as_dict())
    opened = cache.load(key)
    if opened is None:
        opened = _read(path, row.id, request, cache, key, progress)
    return [_from_here(one, path) for one in opened]


def _read(
    path: Path, reader_id: str, request: ReadRequest, cache: GeometryCache, key: str, progress: Progress
) -> list[Opened]:
    asked, cautions = request, []
    ending = _child(path, reader_id, asked, cache, progress)
    if ending.crash and reader_id == "ifc" and request.options.get("kernel", "") != SAFER_KERNEL:
        log.warning("reading %s crashed, trying the safer kernel: %s", path.name, ending.crash)
        asked = replace(request, options={**request.options, "kernel": SAFER_KERNEL})
        cautions.append(Caution("io.kernel_crashed", file=path.name))
        ending = _child(path, reader_id, asked, cache, progress)
    if ending.crash:
        log.error("reading %s crashed: %s", path.name, ending.crash)
        raise UserError("io.crashed", file=path.name)
    if ending.error is not None:
        raise ending.error
    folder = ending.folder
    assert folder is not None  # noqa: S101 - one of the three is always there
    try:
        return _taken_over(folder, cache, key, cautions)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _taken_over(folder: Path, cache: GeometryCache, key: str, cautions: list[Caution]) -> list[Opened]:
    """Make the written folder an entry and map it, or read it into memory where it cannot stay."""
    if cautions:
        _add_cautions(folder, cautions)
    if folder.is_relative_to(cache.root):
        with contextlib.suppress(OSError):
            cache.commit(folder, key)
            opened = cache.load(key)
            if opened is not None:
                return opened
    opened = read_entry(folder, mapped=False)
    opened[0].data.cautions.append(Caution("io.cache_unwritable", folder=str(cache.root)))
    return opened


def _add_cautions(folder: Path, cautions: list[Caution]) -> None:
    listing = folder / "entry.json"
    entry = json.loads(listing.read_text(encoding="utf-8"))
    entry["layers"][0]["cautions"] += [caution.as_dict() for caution in cautions]
    listing.write_text(json.dumps(entry, ensure_ascii=False), encoding="utf-8")


def _child(path: Path, reader_id: str, request: ReadRequest, cache: GeometryCache, progress: Progress) -> _Ending:
    """Run one child to its end; a cancel kills it."""
    try:
        folder: Path | None = cache.reserve()
    except OSError as error:
        log.warning("the cache %s cannot be written: %s", cache.root, error)
        folder = None
    message = {
        "path": str(path), "reader": reader_id, "request": request.as_dict(), "folder": str(folder) if folder else ""
    }  # fmt: skip
    child = subprocess.Popen(
        [sys.executable, "-X", "utf8", "-m", "models.io.worker", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=ROOT, env=_environment(), text=True, encoding="utf-8", errors="replace",
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )  # fmt: skip
    ending = _Ending(crash="no answer")
    try:
        ending = _listen(child, message, progress)
    finally:
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout, child.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        if folder is not None and ending.folder != folder:
            shutil.rmtree(folder, ignore_errors=True)
    return ending


def _listen(child: subprocess.Popen[str], message: dict[str, Any], progress: Progress) -> _Ending:
    answers: queue.Queue[str | None] = queue.Queue()
    last_words: deque[str] = deque(maxlen=20)
    stdin, stdout, stderr = cast("tuple[IO[str], IO[str], IO[str]]", (child.stdin, child.stdout, child.stderr))
    threading.Thread(target=_drain, args=(stdout, answers), daemon=True).start()
    errors = threading.Thread(target=last_words.extend, args=(stderr,), daemon=True)
    errors.start()
    with contextlib.suppress(OSError):  # a child that died at once is found out below
        stdin.write(json.dumps(message, ensure_ascii=False) + "\n")
        stdin.flush()  # and it stays open: its closing tells the child that we are gone
    while True:
        try:
            line = answers.get(timeout=_POLL_S)
        except queue.Empty:
            progress.step()
            continue
        if line is None:
            child.wait()
            errors.join(timeout=1.0)
            return _Ending(crash=f"exit {child.returncode}: " + "".join(last_words)[-1000:])
        answer = json.loads(line)
        if "done" in answer:
            return _Ending(folder=Path(answer["done"]))
        if "error" in answer:
            return _Ending(error=UserError.from_dict(answer["error"]))
        if "fault" in answer:
            raise RuntimeError(f"the reader failed:\n{answer['fault']}")
        progress.step(float(answer["fraction"]), str(answer["code"]))


def _drain(stream: IO[str], answers: queue.Queue[str | None]) -> None:
    with contextlib.suppress(ValueError, OSError):  # closed under us by a cancel
        for line in stream:
            answers.put(line)
    answers.put(None)


def _environment() -> dict[str, str]:
    """Return an environment in which the child finds this very checkout, from wherever it was started."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH", "")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _from_here(one: Opened, path: Path) -> Opened:
    """Say where the file lies today: an entry may have been made from a copy elsewhere."""
    return Opened(replace(one.layer, source=replace(one.layer.source, path=str(path))), one.data)


__all__ = ["ingest"]

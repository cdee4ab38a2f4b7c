"""A file is replaced whole or not at all.

Invariants
----------
1. The new file is written beside the old one (same folder, so the same file system), because only then is the rename
   that puts it in place atomic.
2. Its bytes are on the disk (fsync) *before* the rename; otherwise a power cut can leave a renamed but empty file.
3. It is opened anew and counted before the rename (:mod:`models.store.whole_files`): libraries lose errors.
4. Whatever goes wrong before the rename, the old file is untouched and the new one is removed. A killed process cannot
   remove it; the next save does, once it has lain for a while.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.core.errors import Cancelled, UserError
from models.store.whole_files import Check, NotWhole, of_bytes

#: Files that a killed save left behind are removed after this many seconds without a write.
ABANDONED_S = 600.0
#: A folder with less room than this is full.
FULL_BYTES = 4 * 1024 * 1024

_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}
_FULL_WORDS = ("disk is full", "No space left", "too large", "disk I/O error", "EFBIG", "ENOSPC")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def replacing(path: Path, whole: Check) -> Iterator[Path]:
    """Give a fresh path in the same folder; on leaving without an error it takes the place of ``path``.

    Parameters
    ----------
    path : Path
        The file to replace or create; a symbolic link is followed.
    whole : callable
        Opens the new file and raises :class:`models.store.whole_files.NotWhole` where something is missing.

    Yields
    ------
    Path
        Where to write. It does not exist yet and keeps the suffix, which some drivers insist on.

    Raises
    ------
    UserError
        ``store.read_only``, ``store.disk_full``, ``store.no_folder``, ``store.locked`` or ``store.write_failed``.
    """
    path = Path(path).resolve()
    fresh = path.with_name(f".{path.stem}-saving-{uuid.uuid4().hex[:8]}{path.suffix}")
    _sweep(path)
    try:
        _require_writable(path)
        _probe(fresh)
        yield fresh
        if path.exists():
            shutil.copymode(path, fresh)
        _sync(fresh)
        whole(fresh)
        fresh.replace(path)
        _sync(path.parent)
    except NotWhole as error:
        raise unwritten(path, str(error)) from error
    except OSError as error:
        raise translated(error, path) from error
    except (UserError, Cancelled):
        raise
    except Exception as error:  # a library's own way to say that the disk is full
        if is_full(path, str(error)):
            raise unwritten(path, str(error)) from error
        raise
    finally:
        for leftover in (fresh, *fresh.parent.glob(f"{glob_safe(fresh.name)}*")):  # and what libraries put beside it
            leftover.unlink(missing_ok=True)


@contextmanager
def replacing_together(path: Path) -> Iterator[Path]:
    """Give a folder for files that belong together; on leaving without an error they all take their places.

    Each is on the disk before the first is moved, ``path`` itself comes last, and moving is a rename: a kill between
    two of them is all that can leave old beside new. Whoever writes looks at each file before leaving.

    Parameters
    ----------
    path : Path
        The file by which the others are found, ``city.shp``; all are put into its folder. A folder among them takes the
        place of one of the same name, whole.

    Raises
    ------
    UserError
        As :func:`replacing`.
    """
    path = Path(path).resolve()
    work = path.with_name(f".{path.stem}-saving-{uuid.uuid4().hex[:8]}")
    _sweep(path)
    try:
        _require_writable(path)
        work.mkdir()
        yield work
        made = sorted(work.iterdir(), key=lambda file: file.name == path.name)
        for file in made:
            for inner in file.rglob("*") if file.is_dir() else (file,):
                _sync(inner)
        for file in made:
            _take_place(file, path.parent / file.name, work)
        _sync(path.parent)
    except NotWhole as error:
        raise unwritten(path, str(error)) from error
    except OSError as error:
        raise translated(error, path) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _take_place(file: Path, target: Path, work: Path) -> None:
    """Move a file, or a folder whose old one goes out of the way into ``work`` and back if that fails."""
    if not file.is_dir() or not target.exists():
        file.replace(target)
        return
    aside = work / f"old-{target.name}"
    target.rename(aside)
    try:
        file.rename(target)
    except OSError:
        aside.rename(target)
        raise


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file by these bytes; raises as :func:`replacing`."""
    with replacing(path, of_bytes(len(content))) as fresh:
        fresh.write_bytes(content)


def write_text(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Replace a file by this text, line ends as they are; raises as :func:`replacing`."""
    write_bytes(path, text.encode(encoding))


def translated(error: OSError, path: Path) -> UserError:
    """Return what a failure of the file system means to a person.

    Parameters
    ----------
    error : OSError
    path : Path
        The file that was to be written.
    """
    facts = {"file": path.name, "folder": str(path.parent)}
    if error.errno in _FULL:
        return UserError("store.disk_full", **facts)
    if isinstance(error, PermissionError) and os.name == "nt" and path.exists():
        return UserError("store.locked", **facts)
    if error.errno in _READ_ONLY:
        return UserError("store.read_only", **facts)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return UserError("store.no_folder", **facts)
    return unwritten(path, str(error))


def unwritten(path: Path, reason: str) -> UserError:
    """Return the error of a write that failed inside a library, which seldom says why."""
    code = "store.disk_full" if is_full(path, reason) else "store.write_failed"
    return UserError(code, reason=reason, file=path.name, folder=str(path.parent))


def is_full(path: Path, reason: str = "") -> bool:
    """Whether the disk of a file is full, or a library's words say so."""
    try:
        free_bytes = shutil.disk_usage(path.parent).free
    except OSError:
        free_bytes = FULL_BYTES
    return free_bytes < FULL_BYTES or any(text in reason for text in _FULL_WORDS)


def _require_writable(path: Path) -> None:
    """Refuse a file that its owner protected, though a rename would get around that."""
    if path.exists() and (not os.access(path, os.W_OK) or not path.stat().st_mode & _ANY_WRITE):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


_ANY_WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def _probe(fresh: Path) -> None:
    """Create and remove the file, so that a folder that cannot be written says so with its own error number."""
    os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    fresh.unlink()


def _sync(path: Path) -> None:
    """Force a file, or a folder's list of names, to the disk."""
    if path.is_dir() and os.name == "nt":  # Windows has no handle for this
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(path: Path) -> None:
    """Remove what killed saves of this file left behind."""
    oldest = time.time() - ABANDONED_S
    for leftover in path.parent.glob(f".{glob_safe(path.stem)}-saving-*"):
        try:
            if leftover.stat().st_mtime < oldest:
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        except OSError:  # somebody else's, or gone already
            continue


def glob_safe(text: str) -> str:
    """Return ``text`` with the wildcards of a glob pattern taken literally."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in text)

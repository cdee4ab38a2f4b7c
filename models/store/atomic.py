"""A file is replaced whole or not at all.

Invariants
----------
1. The new file is written beside the old one (same folder, so the same file system), because only then is the rename
   that puts it in place atomic.
2. Its bytes are on the disk (fsync) *before* the rename; otherwise a power cut can leave a renamed but empty file.
3. Whatever goes wrong before the rename, the old file is untouched and the new one is removed. A killed process cannot
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

from models.core.errors import UserError

#: Files that a killed save left behind are removed after this many seconds without a write.
ABANDONED_S = 600.0
#: Companions that SQLite may leave beside a database.
COMPANIONS = ("-journal", "-wal", "-shm")
#: A folder with less room than this is full.
FULL_BYTES = 4 * 1024 * 1024

_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a fresh path in the same folder; on leaving without an error it takes the place of ``path``.

    Parameters
    ----------
    path : Path
        The file to replace or create; a symbolic link is followed.

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
        fresh.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise translated(error, path) from error
    finally:
        for leftover in (fresh, *_companions(fresh)):
            leftover.unlink(missing_ok=True)


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
    facts = {"file": path.name, "folder": str(path.parent)}
    try:
        free_bytes = shutil.disk_usage(path.parent).free
    except OSError:
        free_bytes = FULL_BYTES
    full = free_bytes < FULL_BYTES or any(text in reason for text in ("disk is full", "No space left", "too large"))
    return UserError("store.disk_full" if full else "store.write_failed", reason=reason, **facts)


def _companions(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in COMPANIONS]


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
                leftover.unlink()
        except OSError:  # somebody else's, or gone already
            continue


def glob_safe(text: str) -> str:
    """Return ``text`` with the wildcards of a glob pattern taken literally."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in text)

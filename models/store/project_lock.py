"""Who has a project open: a small file beside it that other programs and other machines see.

It is a courtesy, not a wall: it says who works there, so that two people do not work past each other. What would be
lost when they do is found by the stamp in the project itself (:func:`models.store.project_file.stamp_of`).

Invariants
----------
1. It never blocks for ever. The lock of a process that has gone is void: on this machine at once, elsewhere once nobody
   has renewed it for :data:`VOID_AFTER_S`. Whoever insists takes it over.
2. It is removed when the project is closed, and only by the one whose it is.
3. Where it cannot be written (a folder that is read-only) there is none, and work goes on.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import getpass
import json
import logging
import os
import socket
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

log = logging.getLogger(__name__)

#: A living holder says so this often.
RENEWED_EVERY_S = 120.0
#: A lock that was not renewed for so long is void; long enough for a laptop that slept through two renewals.
VOID_AFTER_S = 900.0
#: A lock file is two hundred bytes; of a longer one no more is read.
_MOST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a project.

    Parameters
    ----------
    user, host : str
    since : str
        ISO moment with zone.
    pid : int
    started : str
        When the process began, as the system tells it; a number that was given to another process is then known.
    claim : str
        Which lock this is.
    """

    user: str = ""
    host: str = ""
    since: str = ""
    pid: int = 0
    started: str = ""
    claim: str = ""


class ProjectLock:
    """A lock that we hold, renewed until it is let go."""

    def __init__(self, file: Path, holder: Holder) -> None:
        self.file, self.holder = file, holder
        self._over = threading.Event()
        threading.Thread(target=self._renew, daemon=True, name="project lock").start()

    def is_ours(self) -> bool:
        """Whether nobody has taken it over."""
        known = _read(self.file)
        return known is not None and known.claim == self.holder.claim

    def let_go(self) -> None:
        """Remove it, unless it is another's by now."""
        self._over.set()
        if self.is_ours():
            with contextlib.suppress(OSError):
                self.file.unlink()

    def _renew(self) -> None:
        while not self._over.wait(RENEWED_EVERY_S):
            if not self.is_ours():
                return
            with contextlib.suppress(OSError):
                os.utime(self.file)


def file_of(project: Path) -> Path:
    """Return where the lock of a project lies, named as office programs name theirs."""
    return project.with_name(f".~lock.{project.name}#")


def holder_of(project: Path) -> Holder | None:
    """Return who holds a project, None where nobody does or the one who did has gone."""
    file = file_of(project)
    known = _read(file)
    if known is None or _is_void(file, known):
        return None
    return known


def take(project: Path, *, over: bool = False) -> ProjectLock | Holder | None:
    """Take hold of a project.

    Parameters
    ----------
    project : Path
    over : bool
        Take it even from somebody who still holds it.

    Returns
    -------
    ProjectLock, Holder or None
        The lock; who holds it instead of us; None where no lock can be written.
    """
    file = file_of(project)
    mine = Holder(
        _user(), socket.gethostname(), dt.datetime.now().astimezone().isoformat(timespec="seconds"), os.getpid(),
        _started(os.getpid()), uuid.uuid4().hex,
    )  # fmt: skip
    text = json.dumps(asdict(mine), ensure_ascii=False)
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
        return ProjectLock(file, mine)
    except FileExistsError:
        pass
    except OSError as error:
        log.info("no lock beside %s: %s", project, error)
        return None
    other = holder_of(project)
    if other is not None and not over:
        return other
    fresh = file.with_name(f"{file.name}{mine.claim}")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(file)
    except OSError as error:
        log.info("the lock of %s cannot be taken over: %s", project, error)
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        return None
    lock = ProjectLock(file, mine)
    if lock.is_ours():
        return lock
    lock.let_go()  # another was faster by a moment
    return holder_of(project)


def _read(file: Path) -> Holder | None:
    """Return what a lock says; of one that cannot be understood only that it is there."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(_MOST_BYTES)
    except OSError:
        return None
    try:
        told = json.loads(raw)
        texts = {name: str(told.get(name, ""))[:200] for name in ("user", "host", "since", "started", "claim")}
        return Holder(**texts, pid=int(told.get("pid", 0)))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Holder()


def _is_void(file: Path, holder: Holder) -> bool:
    if holder.host == socket.gethostname() and holder.pid and sys.platform != "win32":
        return not _lives(holder)
    try:
        renewed = file.stat().st_mtime
    except OSError:
        return True  # it went while we looked
    return _now_s(file.parent) - renewed > VOID_AFTER_S


def _lives(holder: Holder) -> bool:
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # another user's
        pass
    now = _started(holder.pid)
    return not (now and holder.started and now != holder.started)


def _started(pid: int) -> str:
    """Return when a process began, empty where the system does not tell."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _now_s(folder: Path) -> float:
    """Return the time by the clock of the disk: a server's may differ from ours by hours."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".~lock.") as probe:
            return os.fstat(probe.fileno()).st_mtime
    except OSError:
        return time.time()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a process without name or home
        return ""

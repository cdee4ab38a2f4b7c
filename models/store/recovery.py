"""Copies of unsaved work, kept where a crash cannot reach them, and found again by the next start.

A copy is a project file of its own beside a note that says of what project it is one. While the program lives it holds
a lock; a copy whose lock nobody holds was left behind.

Invariants
----------
1. A copy is written like any project: whole or not at all (:mod:`models.store.project_file`). Killed at any moment, the
   last complete copy stays.
2. The note comes after the copy it speaks of, in one rename. A note without a copy, and a copy without a note, are
   leftovers and no work.
3. The person's own file is never touched: restoring gives an unsaved project that knows where it belongs.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from models.core.errors import UserError
from models.store.atomic import write_text
from models.store.held import hold

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Left:
    """Unsaved work that a run left behind.

    Parameters
    ----------
    file : Path
        The copy, a project file.
    project : Path or None
        Where the project lies; None if it was never saved.
    name : str
        Of the project.
    saved_at : datetime
        When the copy was made, with time zone.
    stamp : str
        Of the project's file when the work began (:func:`models.store.project_file.stamp_of`), empty for none.
    """

    file: Path
    project: Path | None
    name: str
    saved_at: dt.datetime
    stamp: str = ""

    def remove(self) -> None:
        """Throw the work away."""
        _remove_all(self.file)


class Copy:
    """The copy of this run's unsaved work.

    Parameters
    ----------
    folder : Path
        Made when first written to.
    """

    def __init__(self, folder: Path) -> None:
        self.file = Path(folder) / f"{uuid.uuid4().hex}.gpkg"
        self._lock: IO[bytes] | None = None

    def write(self, save: Callable[[Path], None], project: Path | None, name: str, stamp: str = "") -> None:
        """Bring the copy up to date.

        Parameters
        ----------
        save : callable
            Writes the project to the path it is given, whole or not at all.
        project : Path or None
            Where the person keeps it.
        name : str
        stamp : str
            Of the person's file, as it was read.

        Raises
        ------
        OSError, UserError
            The folder cannot be written; the copy before stays.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            self._lock = hold(self.file.with_suffix(".lock"))
        save(self.file)
        note = {
            "project": str(project or ""), "name": name, "saved_at": dt.datetime.now(dt.UTC).isoformat(),
            "stamp": stamp,
        }  # fmt: skip
        write_text(self.file.with_suffix(".json"), json.dumps(note, ensure_ascii=False))

    def clear(self) -> None:
        """Remove the copy: what it held is saved, or was given up."""
        for suffix in (".json", ".gpkg"):
            _unlink(self.file.with_suffix(suffix))
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        _unlink(self.file.with_suffix(".lock"))


def left_behind(folder: Path) -> list[Left]:
    """Return the work that runs left behind, newest first, and sweep away what is none.

    A copy of a run that still lives is not listed.
    """
    found: list[Left] = []
    for lock in sorted(Path(folder).glob("*.lock")):
        file = lock.with_suffix(".gpkg")
        try:
            held = hold(lock)
        except OSError as error:
            log.warning("%s cannot be looked at: %s", lock, error)
            continue
        if held is None:
            continue
        held.close()
        left = _read(file)
        if left is None:
            _remove_all(file)
        else:
            found.append(left)
    return sorted(found, key=lambda left: left.saved_at, reverse=True)


def _read(file: Path) -> Left | None:
    try:
        note = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        saved_at = dt.datetime.fromisoformat(note["saved_at"])
        saved_at = saved_at if saved_at.tzinfo is not None else saved_at.replace(tzinfo=dt.UTC)
        project = Path(note["project"]) if note["project"] else None
        return Left(file, project, str(note["name"]), saved_at, str(note.get("stamp", ""))) if file.is_file() else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        log.warning("the note beside %s cannot be read: %s", file, error)
        return _without_note(file)


def _without_note(file: Path) -> Left | None:
    """Return unsaved work whose note is missing or damaged, if the work itself is a project."""
    from models.store.project_file import is_project

    try:
        is_work = is_project(file)
    except UserError:  # another program holds it: no reason to throw it away
        is_work = True
    try:
        return Left(file, None, "", dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC)) if is_work else None
    except OSError:
        return None


def _remove_all(file: Path) -> None:
    """Remove a copy with its note and lock, and what a killed write of either left beside it."""
    for suffix in (".json", ".gpkg", ".lock"):
        _unlink(file.with_suffix(suffix))
    for leftover in file.parent.glob(f".{file.stem}-saving-*"):
        _unlink(leftover)


def _unlink(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)

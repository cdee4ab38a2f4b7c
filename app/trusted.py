"""Which projects may go where: what the person at the machine allowed, kept in their own folder, never in a project.

A project is known by where it lies, and what is allowed are the single things outside its folder
(:class:`models.project.reaches.Reach`): a file that is exchanged for another one at the same place gains nothing beyond
them, and what a trusted project asks for later is asked about again.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path

from app.settings import home, put_aside
from models.core.errors import UserError
from models.project.reaches import Reach
from models.store import atomic

log = logging.getLogger(__name__)

#: Projects that are remembered; the ones used longest ago are forgotten.
MOST_PROJECTS = 500


class Trusted:
    """What was allowed, by project.

    Parameters
    ----------
    path : Path or None
        The file; None remembers for this run alone.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._known: dict[str, list[list[str]]] = {}
        #: Where a damaged file was put aside, None where all is well.
        self.put_aside: Path | None = None
        if path is not None and path.exists():
            try:
                self._known = _checked(json.loads(path.read_text(encoding="utf-8")))
            except (OSError, ValueError, RecursionError) as error:
                log.warning("the list of trusted projects cannot be read, starting without: %s", type(error).__name__)
                self.put_aside = put_aside(path)

    @classmethod
    def of_user(cls) -> Trusted:
        """Return what the person at the machine allowed."""
        return cls(home() / "trusted.json")

    def of(self, project: Path) -> frozenset[Reach]:
        """Return what a project may reach."""
        return frozenset(Reach(kind, where) for kind, where in self._known.get(_key(project), ()))

    def remember(self, project: Path, reaches: Iterable[Reach]) -> None:
        """Allow a project these things, and nothing else."""
        key, allowed = _key(project), [[one.kind, one.where] for one in sorted(set(reaches))]
        if self._known.get(key, []) == allowed:
            return
        self._known.pop(key, None)
        if allowed:
            self._known[key] = allowed
        self._known = dict(list(self._known.items())[-MOST_PROJECTS:])
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write_text(self.path, json.dumps(self._known, ensure_ascii=False, indent=1))
        except (OSError, UserError) as error:
            log.warning("trusted projects cannot be kept: %s", error)


def _key(project: Path) -> str:
    return os.path.normcase(os.path.normpath(project))


def _checked(document: object) -> dict[str, list[list[str]]]:
    if not isinstance(document, dict):
        raise ValueError("not a table of projects")
    return {
        str(project): [[str(one[0]), str(one[1])] for one in reaches if isinstance(one, list) and len(one) == 2]
        for project, reaches in document.items()
        if isinstance(reaches, list)
    }

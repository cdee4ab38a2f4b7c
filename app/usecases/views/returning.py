"""A picture brings its view back: the look of the city, the camera, and what has changed since it was made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.usecases.review import presenting
from app.usecases.views.seen import seen_now
from app.usecases.views.snapshots import content_hash, state_of
from models.core.progress import Progress
from models.project import scene as project_scene
from models.project.reaches import absolute, is_share
from models.sheets.spec import SheetSpec
from models.views.seen import Change, Seen, changes
from models.views.snapshot_spec import SnapshotSpec

if TYPE_CHECKING:
    from app.session import Session


@dataclass(frozen=True, slots=True)
class Found:
    """What a picture or a sheet says of itself.

    Parameters
    ----------
    path : Path
        Of the file.
    view : SnapshotSpec or None
        Of a picture; its project is an absolute path, empty where it named none that may be looked at.
    sheet : SheetSpec or None
        Of a map sheet.
    content : str
        Hash of the project's files then, empty if it was never saved.
    seen : Seen or None
        What it was made of; older files do not say.
    """

    path: Path
    view: SnapshotSpec | None
    sheet: SheetSpec | None
    content: str
    seen: Seen | None


def read(path: Path) -> Found:
    """Return what a picture or sheet says of itself.

    Raises
    ------
    UserError
        ``picture.missing``, ``picture.unreadable``, ``picture.no_spec``.
    """
    from viewers.sheets.record import read_whole

    path = Path(path).resolve()
    spec, content, seen = read_whole(path)
    if isinstance(spec, SheetSpec):
        return Found(path, None, spec, content, seen)
    named = "" if is_share(spec.project) and not is_share(str(path)) else spec.project
    view = replace(spec, project=absolute(named, path.parent) if named else "")
    return Found(path, view, None, content, seen)


def what_changed(session: Session, found: Found) -> Callable[[Progress], list[Change]]:
    """Return work that says what is otherwise than when a picture was made."""
    project = session.project
    state, path, spec = project.state, project.path, found.view
    shown, theme = (state, state.theme) if spec is None else (state_of(session, spec), spec.theme)
    now = seen_now(session, shown, theme)

    def work(_: Progress) -> list[Change]:
        told = [] if found.seen is None else changes(found.seen, now())
        if spec is not None and spec.project and (path is None or Path(spec.project) != path.resolve()):
            told.insert(0, Change("project", Path(spec.project).stem))
        if not told and found.content and (path is None or content_hash(session, path, state) != found.content):
            told.append(Change("files"))
        return told

    return work


def show_view(session: Session, spec: SnapshotSpec) -> None:
    """Let the city look as it does in a picture, as one step of the history; layers that came since stay."""
    look = presenting.look_of_view(session.project.state, spec)
    session.history.do("history.show_picture", lambda state: project_scene.with_scene(state, look.scene))
    presenting.show_beside(session, look)

"""What a project may reach: asked once for a project from elsewhere, remembered in the person's own folder.

Base maps, servers and sources outside the project's folder stay off until the person trusts the project; its layers are
there without data. Nothing that is withheld is fetched, opened or looked at: see :mod:`models.project.reaches`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.usecases.project.adding_layers import ORIGIN
from models.core.errors import UserError
from models.layers.asked import asked_of
from models.layers.basemaps import READER
from models.layers.layer import Layer
from models.project.project import ProjectState
from models.project.reaches import Reach, file_reach, host_reach

if TYPE_CHECKING:
    from app.session import Session


def reaches_of(layer: Layer, folder: Path) -> tuple[Reach, ...]:
    """Return what showing a layer, or fetching it anew, reaches outside the project's folder."""
    options, found = layer.source.options, []
    if layer.source.reader == READER:
        found.append(host_reach(str(options.get("url", ""))))
    if asked := asked_of(layer):
        found.append(host_reach(asked.address))
    if linked := file_reach(layer.source.path, folder):
        found.append(linked)
    return tuple(found)


def admit(session: Session, state: ProjectState, file: Path, path: Path | None) -> None:
    """Decide what a project that is about to be opened may reach, before anything of it is looked at.

    Nobody is told yet: whoever opens it emits ``withheld_changed`` once the project is there.

    Parameters
    ----------
    session : Session
    state : ProjectState
        With absolute paths.
    file : Path
        What is read: the project, or a copy of unsaved work.
    path : Path or None
        Where the project lies; None for own work that never had a file.
    """
    session.withheld = frozenset()
    if path is not None and not session.trusts_all:
        wanted = _all_reaches(state, path.parent)
        session.withheld = frozenset(wanted - session.trusted.of(file) - session.trusted.of(path))


def release(session: Session) -> None:
    """Withhold nothing, as for a project that begins here."""
    _withhold(session, frozenset())


def is_withheld(session: Session, layer: Layer) -> bool:
    """Whether a layer of the open project may not be fetched or read."""
    return bool(session.withheld) and not session.withheld.isdisjoint(reaches_of(layer, folder_of(session)))


def asked_for(session: Session) -> dict[Reach, list[Layer]]:
    """Return what the open project would reach and may not, each with the layers that want it."""
    found: dict[Reach, list[Layer]] = {}
    for layer in session.project.state.layers if session.withheld else ():
        for one in reaches_of(layer, folder_of(session)):
            if one in session.withheld:
                found.setdefault(one, []).append(layer)
    for source in session.project.state.operations.sources if session.withheld else ():
        if (one := host_reach(source.address)) in session.withheld:
            found.setdefault(one, [])
    return found


def require_host(session: Session, name: str, url: str) -> None:
    """Refuse to speak with a host that the person has not allowed, for something of the project that is no layer.

    Raises
    ------
    UserError
        ``project.untrusted``.
    """
    if (one := host_reach(url)) in session.withheld:
        raise UserError("project.untrusted", layer=name, where=one.where)


def require(session: Session, layer: Layer) -> None:
    """Refuse to reach what the person has not allowed.

    Raises
    ------
    UserError
        ``project.untrusted``.
    """
    if session.withheld:
        for one in reaches_of(layer, folder_of(session)):
            if one in session.withheld:
                raise UserError("project.untrusted", layer=layer.title(session.lang), where=one.where)


def require_file(session: Session, layer: Layer, path: str) -> None:
    """Refuse to look at a file that a layer merely names: the one it came from.

    Raises
    ------
    UserError
        ``project.untrusted``.
    """
    reach = file_reach(path, folder_of(session))
    if reach in session.withheld:
        raise UserError("project.untrusted", layer=layer.title(session.lang), where=path)


def grant_all(session: Session) -> None:
    """Allow the open project all that it names, and remember that."""
    _withhold(session, frozenset())
    if (path := session.project.path) is not None:
        remember(session, session.project.state, path)


def grant(session: Session, layer: Layer) -> None:
    """Allow what the person just chose by hand for a layer."""
    _withhold(session, session.withheld - frozenset(reaches_of(layer, folder_of(session))))


def remember(session: Session, state: ProjectState, path: Path) -> None:
    """Note what a project that was saved or trusted may reach: all that it names but what is withheld."""
    session.trusted.remember(path, allowed(session, state, path.parent))


def allowed(session: Session, state: ProjectState, folder: Path) -> set[Reach]:
    """Return what the open project reaches, or names as where a layer came from, and may."""
    return _all_reaches(state, folder) - session.withheld


def _all_reaches(state: ProjectState, folder: Path) -> set[Reach]:
    shown = {one for layer in state.layers for one in reaches_of(layer, folder)}
    shown |= {host_reach(source.address) for source in state.operations.sources}
    origins = {file_reach(str(layer.source.options.get(ORIGIN, "")), folder) for layer in state.layers}
    return shown | {one for one in origins if one is not None}


def _withhold(session: Session, reaches: frozenset[Reach]) -> None:
    if reaches != session.withheld:
        session.withheld = reaches
        session.withheld_changed.emit()


def folder_of(session: Session) -> Path:
    """Return the folder of the open project; paths of its layers are absolute by then."""
    path = session.project.path
    return path.parent if path is not None else Path("/")

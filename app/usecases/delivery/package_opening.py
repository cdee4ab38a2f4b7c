"""Verify and open review packages.

A package is looked through and unpacked in a child process, into a folder of its own, before anything of it is opened;
what it names outside that folder stays withheld as of any project from elsewhere. It is opened to be looked at: it is
not saved over, and no figure in it is computed again.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.background.jobs import Job
from app.usecases.delivery.packages import FONTS
from app.usecases.project import opening
from models.core.errors import UserError
from models.core.progress import Progress
from models.delivery.manifest import MANIFEST, PROJECT, Manifest, manifest_of
from models.delivery.opened import OpenedPackage

if TYPE_CHECKING:
    from app.session import Session

#: A child that is silent for so long, by its own processor's clock, hangs.
PATIENCE_S = 60.0


def verify_package(session: Session, path: Path, done: Callable[[Manifest, list[tuple[str, str]]], object]) -> Job:
    """Look through a package; ``done`` gets what it says of itself, and each file that differs with how.

    Raises
    ------
    UserError
        From the job, as :func:`models.delivery.archive.differences`.
    """
    path = Path(path).resolve()

    def work(progress: Progress) -> tuple[Manifest, list[tuple[str, str]]]:
        from app.background.workers import run_child

        told = run_child(
            "models.delivery.child:verify_json",
            {"path": str(path)},
            progress,
            session.workers,
            most_silent_s=PATIENCE_S,
        )
        found = [(str(name), str(what)) for name, what in told["differences"]]
        return manifest_of(str(told["manifest"]).encode(), path.name), found

    return session.run("job.package.verify", work, lambda found: done(*found), file=path.name)


def unpack_package(session: Session, path: Path, folder: Path, done: Callable[[Manifest], object]) -> Job:
    """Unpack a package into a folder that is empty or not there, verified; ``done`` gets what it says of itself.

    Raises
    ------
    UserError
        From the job, as :func:`models.delivery.archive.unpack`.
    """
    path, folder = Path(path).resolve(), Path(folder).absolute()

    def work(progress: Progress) -> Manifest:
        return _unpacked(session, path, folder, progress)

    return session.run("job.package.open", work, done, file=path.name)


def open_package(session: Session, path: Path, after: Callable[[], object] = lambda: None) -> Job:
    """Verify a package, unpack it into the cache and open its project to be looked at.

    Raises
    ------
    UserError
        From the job, as :func:`models.delivery.archive.unpack`.
    """
    path = Path(path).resolve()
    home = session.cache_root / "packages"

    def work(progress: Progress) -> tuple[Path, Manifest]:
        folder = home / _name_of(path, progress)
        if folder.exists():  # what lies there may have been changed since
            shutil.rmtree(folder)
        return folder, _unpacked(session, path, folder, progress)

    def opened(found: tuple[Path, Manifest]) -> None:
        folder, manifest = found
        project = folder / PROJECT

        def ready() -> None:
            session.package = OpenedPackage(path, folder, manifest, fonts_differ=manifest.fonts != own_fonts())
            opening.add_recent(session, path)
            session.package_changed.emit()
            after()

        opening.open_copy(session, project, project, ready)

    return session.run("job.package.open", work, opened, file=path.name)


def own_fonts() -> dict[str, str]:
    """Return the SHA-256 of each font with which this program draws sheets."""
    return {font.name: hashlib.sha256(font.read_bytes()).hexdigest() for font in sorted(FONTS.glob("*.otf"))}


def _unpacked(session: Session, path: Path, folder: Path, progress: Progress) -> Manifest:
    from app.background.workers import run_child

    arguments = {"path": str(path), "folder": str(folder)}
    run_child("models.delivery.child:unpack_json", arguments, progress, session.workers, most_silent_s=PATIENCE_S)
    return manifest_of((folder / MANIFEST).read_bytes(), path.name)


def _name_of(path: Path, progress: Progress) -> str:
    """Return the name of the folder of a package: another package has another."""
    if not path.is_file():
        raise UserError("package.missing", file=path.name)
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            progress.step()
            digest.update(block)
    return digest.hexdigest()[:20]

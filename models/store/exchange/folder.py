"""A folder as a meeting place: a file for each package, named by its hash.

Invariants
----------
1. A file is written beside and renamed, and its name is the hash of its content: what is half-written has no such
   name, and what another program changed is refused.
2. Nothing in it is numbered. Who reads asks for the names that it does not know, so that a package that arrives late,
   by a slow copy or another's clock, is never passed over.
"""

from __future__ import annotations

import re
from pathlib import Path

from models.core.errors import UserError
from models.exchange.records import Package
from models.io.exchange.files import as_json, read
from models.store.atomic import translated, write_bytes

_NAME = re.compile(r"[0-9a-f]{32}\.json", re.ASCII)


class FolderPlace:
    """A folder that several parties can read and write.

    Parameters
    ----------
    folder : Path
    make : bool
        Whether to make it where it is not there.

    Raises
    ------
    UserError
        ``exchange.no_folder``, and what making it raises.
    """

    def __init__(self, folder: Path, *, make: bool = False) -> None:
        self.folder = Path(folder)
        if make:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise translated(error, self.folder) from error
        if not self.folder.is_dir():
            raise UserError("exchange.no_folder", folder=str(folder))

    def put(self, package: Package) -> bool:
        """Leave a package; False where it lies there already."""
        path = self._path(package.hash)
        if path.exists():
            return False
        write_bytes(path, as_json(package))
        return True

    def names(self) -> frozenset[str]:
        """Return the hashes of all packages."""
        try:
            return frozenset(path.stem for path in self.folder.iterdir() if _NAME.fullmatch(path.name))
        except OSError as error:
            raise UserError("exchange.no_folder", folder=str(self.folder)) from error

    def get(self, name: str) -> Package:
        """Return a package.

        Raises
        ------
        UserError
            ``exchange.changed_on_the_way``, and what :func:`models.io.exchange.files.read` raises.
        """
        path = self._path(name)
        package = read(path)
        if package.hash != name:
            raise UserError("exchange.changed_on_the_way", file=path.name, number=0, key="")
        return package

    def close(self) -> None:
        """Let go of it: nothing to do."""

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"

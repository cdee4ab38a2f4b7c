"""Paths that pyogrio would take for an address: ``!`` parts an archive from what is in it, ``;`` ends a path.

A file called ``调整后!.geojson`` is a file called so, nothing more; GDAL is given a link to it with a plain name.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyogrio.util import vsi_path

from models.io.registry import companions

_ODD = re.compile(r"[!;?\x00-\x1f]")


@contextmanager
def plainly_named(path: Path) -> Iterator[Path]:
    """Give a path that GDAL opens as the file it is: the path itself, or a link to it and to what belongs to it."""
    absolute = path.absolute()
    if vsi_path(str(absolute)) == str(absolute) and not str(absolute).startswith("/vsi"):
        yield absolute
        return
    with tempfile.TemporaryDirectory(prefix="chengjing_") as folder:
        for other in [] if absolute.is_dir() else companions(absolute):
            linked(other, Path(folder), _ODD.sub("_", other.name))
        yield linked(absolute, Path(folder), _ODD.sub("_", absolute.name))


def linked(path: Path, folder: Path, name: str) -> Path:
    """Return a link to a file or a folder, or a copy of it where the system has no links."""
    target = folder / name
    try:
        target.symlink_to(path.resolve(), target_is_directory=path.is_dir())
    except OSError:
        (shutil.copytree if path.is_dir() else shutil.copyfile)(path, target)
    return target

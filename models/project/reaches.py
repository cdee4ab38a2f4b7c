"""Where a project file would make the program go: hosts of the network, shares, files outside its own folder.

Nothing here touches what it judges: a share is told from its name alone, because looking at ``//server/share`` already
hands that server the account of the person at the machine (NTLM). Only links inside the project's own folder are read.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit

#: Links that are followed, one to the next, before a path counts as one that leads outside.
MOST_LINKS = 40
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Reach:
    """One thing outside a project's folder.

    Parameters
    ----------
    kind : {"host", "share", "file"}
    where : str
        ``"https://tiles.example.org"``, ``"postgresql://10.0.0.5:5432"``, or a path, absolute and without ``..``.
    """

    kind: str
    where: str


def host_reach(url: str) -> Reach:
    """Return the reach of an address: its scheme, host and port, nothing that could be a password."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2].lower().replace("{s}", "*")
        return Reach("host", f"{parts.scheme.lower()}://{host}")
    except ValueError:
        return Reach("host", re.sub(r"//[^/@]*@", "//", url)[:200])


def file_reach(path: str, folder: Path) -> Reach | None:
    """Return where a path of a project leads outside the project's folder; None where it stays inside.

    Parameters
    ----------
    path : str
        As the project states it, relative to ``folder`` or absolute.
    folder : Path
        Absolute.
    """
    if not path:
        return None
    if _SCHEME.match(path):
        return host_reach(path)
    own, stated = os.path.normpath(folder), absolute(path, folder)
    if _inside(stated, own):
        return _link_outside(stated, own)
    if is_share(path):
        return Reach("share", stated)
    if re.match(r"[\\/]vsi", path):
        return Reach("host", path)
    return Reach("file", stated)


def is_share(path: str) -> bool:
    """Whether a path names a share or a device of Windows: two slashes of either kind, then a server."""
    return path.replace("\\", "/").startswith("//")


def absolute(path: str, folder: Path) -> str:
    """Return a stated path as an absolute one without ``..``, by its text alone; nothing is looked at.

    A drive or share of Windows stays what it is on every system.
    """
    if is_share(path):
        return "//" + os.path.normpath(path.replace("\\", "/").lstrip("/")).replace("\\", "/")
    if PureWindowsPath(path).drive and not PurePosixPath(path).is_absolute():
        return str(PureWindowsPath(path)) if os.name != "nt" else os.path.normpath(path)
    return os.path.normpath(os.path.join(folder, path))  # noqa: PTH118 - Path keeps the dots


def _inside(path: str, folder: str) -> bool:
    try:
        return os.path.commonpath([os.path.normcase(path), os.path.normcase(folder)]) == os.path.normcase(folder)
    except ValueError:  # another drive
        return False


def _link_outside(path: str, folder: str, links: int = 0) -> Reach | None:
    """Return where a link on the way from the folder to the path leads outside, None where there is none.

    Each part is looked at only after those above it were found to be no way out.
    """
    here = folder
    parts = Path(os.path.relpath(path, folder)).parts
    for number, part in enumerate(parts):
        here = os.path.join(here, part)  # noqa: PTH118
        try:
            target = os.readlink(here)  # noqa: PTH115
        except (OSError, ValueError):
            continue
        whole = absolute(target, Path(here).parent)
        rest = os.path.normpath(os.path.join(whole, *parts[number + 1 :]))  # noqa: PTH118
        if links >= MOST_LINKS or not _inside(rest, folder):
            return Reach("share" if is_share(target) else "file", whole)
        return _link_outside(rest, folder, links + 1)
    return None

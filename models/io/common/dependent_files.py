"""Files that a city model may name: its pictures, its tiles, its code lists, identified by size and time of change.

Which of them it names is known only after reading; so all of the right endings in its folder and below count, as far as
a bounded look goes. One too many costs a second reading of the model; one too few would show an old picture.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

#: Entries of folders that are looked at for one model, and folders in folders.
MOST_ENTRIES = 20_000
MOST_DEEP = 12
#: Endings of pictures that models carry on their faces.
PICTURES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp", ".gif", ".tga")


def dependent_files(path: Path, endings: tuple[str, ...], folders: tuple[str, ...]) -> Iterator[tuple[str, int, int]]:
    """Yield (name, bytes, time of change in ns) of the files that a model may name, always in one order.

    Parameters
    ----------
    path : Path
    endings : tuple of str
        Of the files; ``""`` is a name without one, as tiles of an implicit tree may have.
    folders : tuple of str
        Looked into besides the file's own folder, as seen from there.
    """
    if not endings:
        return
    left = MOST_ENTRIES
    homes = [path.parent, *(path.parent / name for name in folders)]
    for home in homes:
        stack = [(home, "", 0)]
        while stack and left > 0:
            folder, above, depth = stack.pop()
            try:
                with os.scandir(folder) as listed:
                    entries = sorted((entry for entry, _ in zip(listed, range(left), strict=False)), key=_name)
            except OSError:
                continue
            left -= len(entries)
            for entry in entries:
                name = f"{above}{entry.name}"
                try:
                    if entry.is_dir(follow_symlinks=False):
                        if depth < MOST_DEEP and not entry.name.startswith("."):
                            stack.append((Path(entry.path), f"{name}/", depth + 1))
                    elif Path(entry.name).suffix.lower() in endings and entry.name != path.name:
                        status = entry.stat(follow_symlinks=False)  # a link may lead to somebody's server
                        yield name, status.st_size, status.st_mtime_ns
                except OSError:
                    continue


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name

"""Files that a city model may name: its pictures, its tiles, its lists of codes, told by size and time of change.

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
_PICTURES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp", ".gif", ".tga")
_SHAPES = (".glb", ".gltf", ".bin")
#: Endings by reader; "" is a name without one, as tiles of an implicit tree may have.
ENDINGS: dict[str, tuple[str, ...]] = {
    "cityjson": _PICTURES, "citygml": (*_PICTURES, ".xml"), "obj": (*_PICTURES, ".mtl"), "gltf": (*_PICTURES, ".bin"),
    "tile": (*_PICTURES, *_SHAPES),
    "tiles3d": (*_PICTURES, *_SHAPES, ".json", ".b3dm", ".i3dm", ".pnts", ".cmpt", ".subtree", ".subt", ""),
}  # fmt: skip
#: Folders of code lists beside a CityGML file, as seen from its own.
_CODELISTS = ("../codelists", "../../codelists", "../../../codelists")


def belongings(path: Path, reader: str) -> Iterator[tuple[str, int, int]]:
    """Yield (name, bytes, time of change in ns) of the files that a model may name, always in one order.

    Parameters
    ----------
    path : Path
    reader : str
        Id of its reader; of readers that look at one file only there are none.
    """
    endings = ENDINGS.get(reader)
    if endings is None:
        return
    left = MOST_ENTRIES
    homes = [path.parent, *(path.parent / name for name in _CODELISTS if reader == "citygml")]
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
                        said = entry.stat()
                        yield name, said.st_size, said.st_mtime_ns
                except OSError:
                    continue


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name

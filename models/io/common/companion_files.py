"""Files beside a file that belong to it: ``.dbf`` of a ``.shp``, ``.tfw`` of a ``.tif``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def beside(path: Path, of_stem: Iterable[str], of_name: Iterable[str] = ()) -> list[Path]:
    """Return the files that are there, their endings in lower or in upper case.

    Parameters
    ----------
    path : Path
    of_stem : iterable of str
        Endings in place of the file's own: ``roads.shp`` → ``roads.dbf``.
    of_name : iterable of str
        Endings after the file's own: ``dem.tif`` → ``dem.tif.ovr``.
    """
    found = [other for ending in of_stem for other in _either_case(path.with_suffix(""), ending)]
    return found + [other for ending in of_name for other in _either_case(path, ending)]


def _either_case(stem: Path, ending: str) -> list[Path]:
    for text in (ending, ending.upper()):
        candidate = stem.with_name(stem.name + text)
        if candidate.exists():
            return [candidate]
    return []

"""The file formats that are read and written: the rows of all families, and which of them a file belongs to.

A file is told by its first bytes, not by its name. A name is only a hint (``.json`` may be GeoJSON or CityJSON; a
renamed text file is no IFC), so every row has a probe that looks at the head of the file. Nothing here imports a format
library, so that asking is cheap and a 2 GB file of zeros is refused after 64 KB. What a row holds stands in
:mod:`models.io.format`; how to add one in ``docs/contributing.md``.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from models.core.errors import UserError
from models.io.city import format as city
from models.io.common import dependent_files as files
from models.io.common.file_head import ZIP, read_head
from models.io.format import HASH_WHOLE_BYTES, Format, Writer
from models.io.gnss import format as gnss
from models.io.ifc import format as ifc
from models.io.mesh import format as mesh
from models.io.network import format as network
from models.io.pointcloud import format as pointcloud
from models.io.raster import format as raster
from models.io.tiles3d import format as tiles3d
from models.io.vector import format as vector

#: Asked in this order: a format whose signs another one has too comes before it (CityJSON before GeoJSON, a tileset
#: before glTF, IFC before text with commas).
FORMATS: tuple[Format, ...] = (
    *pointcloud.FORMATS, *ifc.FORMATS, *city.FORMATS, *tiles3d.FORMATS, *mesh.FORMATS, *raster.FORMATS,
    *network.FORMATS, *gnss.FORMATS, *vector.FORMATS,
)  # fmt: skip
WRITERS: tuple[Writer, ...] = (*vector.WRITERS, *city.WRITERS, *mesh.WRITERS, *tiles3d.WRITERS)

#: All endings that a file dialog offers.
SUFFIXES = tuple(sorted({suffix for row in FORMATS for suffix in row.suffixes}))
#: Ids of the formats whose fields come as text, and suffixes that leave the text encoding open.
UNTYPED = tuple(row.id for row in FORMATS if row.is_untyped)
ENCODINGS_OPEN = tuple(suffix for row in FORMATS for suffix in row.encodings_open)
#: Endings of any text, which promise no format.
_VAGUE = (".txt", ".json")


def format_of(format_id: str) -> Format:
    """Return a row by its id (KeyError if there is none)."""
    for row in FORMATS:
        if row.id == format_id:
            return row
    raise KeyError(format_id)


def find_format(path: Path) -> Format:
    """Return the format of a file.

    Raises
    ------
    UserError
        ``io.missing``, ``io.folder``, ``io.no_permission``, ``io.empty``; ``io.blank`` for a file of zeros;
        ``io.truncated`` where the file ends too early; ``io.not_what_it_says`` when the ending promises a format
        that the content is not; ``io.unknown_kind``.
    """
    path = Path(path)
    for row in FORMATS:
        if row.is_folder is not None and row.is_folder(path):
            return row
    head = read_head(path)
    for row in FORMATS:
        if row.probe(head, path):
            if row.check is not None:
                row.check(head, path)
            return row
    if not head.strip(b"\x00"):
        raise UserError("io.blank", file=path.name)
    for known in vector.UNSUPPORTED:
        if known.probe(head, path):
            raise UserError(known.code, file=path.name)
    if head.startswith(ZIP) and not zipfile.is_zipfile(path):  # the list of what is in it comes last
        raise UserError("io.truncated", file=path.name)
    if path.name.lower().endswith(tuple(suffix for suffix in SUFFIXES if suffix not in _VAGUE)):
        raise UserError("io.not_what_it_says", file=path.name, suffix=path.suffix)
    raise UserError("io.unknown_kind", file=path.name)


def is_folder_format(path: Path) -> bool:
    """Whether a folder is one data set (a File Geodatabase)."""
    return any(row.is_folder is not None and row.is_folder(path) for row in FORMATS)


def companions(path: Path) -> list[Path]:
    """Return the files beside ``path`` that belong to it (``.dbf`` of a ``.shp``, ``.tfw`` of a ``.tif`` …)."""
    suffix = path.suffix.lower()
    asked = (row.companions for row in FORMATS if row.companions is not None and suffix in row.suffixes)
    return [other for of in asked for other in of(path)]


def dependent_files(path: Path, format_id: str) -> Iterator[tuple[str, int, int]]:
    """Yield (name, bytes, time of change in ns) of the files that a data set may name."""
    for row in FORMATS:
        if row.id == format_id:
            yield from files.dependent_files(path, row.dependents, row.dependent_folders)


def whole_bytes_of(format_id: str) -> int:
    """Return up to which size the whole content of a file counts in its cache key."""
    return next((row.hash_whole_bytes for row in FORMATS if row.id == format_id), HASH_WHOLE_BYTES)


def writers_for(content: str) -> tuple[Writer, ...]:
    """Return the formats in which something is offered for export, the usual one first.

    Parameters
    ----------
    content : str
        ``"vector"``, ``"table"``, ``"model"`` or ``"footprints"``; of anything else there are none.
    """
    return tuple(sorted((row for row in WRITERS if content in row.offered), key=lambda row: row.offered[content]))


def writer_of(name: str) -> Writer | None:
    """Return the row whose suffix a file name ends in, the longest first; None where there is none."""
    found = [row for row in WRITERS if name.lower().endswith(row.suffix)]
    return max(found, key=lambda row: len(row.suffix), default=None)


def dialog_patterns() -> str:
    """Return the patterns of all files that can be opened, as a file dialog takes them."""
    return " ".join(f"*{suffix}" for suffix in SUFFIXES)

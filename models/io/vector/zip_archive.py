"""A zip archive of map data: what lies in it is read as if it lay in a folder, from a temporary copy.

One shapefile or fifty, a ``.gdb`` folder, a GeoPackage, tables: every file that a row of the reader table reads. Names
of the archive are kept for the layers, never for paths.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import pandas as pd

from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.io.common.archives import members, unpack
from models.io.file_info import FileInfo
from models.io.inspect import inspect as inspected
from models.io.preview_table import first_rows as table_head
from models.io.registry import find_format
from models.io.request import Opened, ReadRequest

#: Files that are opened, in this order of telling; all others beside them only help.
MAIN = (
    ".shp", ".gpkg", ".geojson", ".geojsonl", ".geojsons", ".fgb", ".parquet", ".geoparquet", ".kml", ".gpx", ".gml",
    ".tab", ".mif", ".dxf", ".sqlite", ".csv", ".xlsx", ".ods", ".json", ".osm", ".pbf",
)  # fmt: skip
_MARK = "!"


@dataclass(frozen=True, slots=True)
class Inside:
    """One file of an archive as it lies in the copy.

    Parameters
    ----------
    name : str
        In the archive.
    path : Path
    """

    name: str
    path: Path


def mains(path: Path) -> list[str]:
    """Return the names in an archive that can be opened: files by their ending, ``.gdb`` folders as one."""
    names = [name for name in members(path) if not _is_shadow(name)]
    folders = list(dict.fromkeys(filter(None, (_gdb_of(name) for name in names))))
    return folders + [n for n in names if not _gdb_of(n) and PurePosixPath(n).suffix.lower() in MAIN]


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read all that an archive holds, or the sublayers asked for (``"folder/name.shp!layer"``).

    Raises
    ------
    UserError
        ``vector.zip_unsafe``, ``vector.zip_bomb``, ``vector.zip_nothing``; what the one file inside says.
    """
    path = Path(path)
    asked = [name.partition(_MARK) for name in request.sublayers]
    wanted = dict.fromkeys(name for name, _, _ in asked) if asked else None
    result: list[Opened] = []
    unread: UserError | None = None
    with unpacked(path, wanted) as inside:
        for number, one in enumerate(inside):
            layers = tuple(layer for name, _, layer in asked if name == one.name and layer)
            try:
                row = find_format(one.path)
                part = progress.part(number / len(inside), (number + 1) / len(inside))
                read_now = row.read(one.path, replace(request, sublayers=layers), part)
            except UserError as error:
                unread = unread or error
                continue
            for opened in read_now:
                inner = opened.layer.source.sublayer
                is_whole = not inner or inner == PurePosixPath(one.name).stem
                sublayer = one.name if is_whole else f"{one.name}{_MARK}{inner}"
                source = replace(opened.layer.source, path=str(path), sublayer=sublayer, reader="zip")
                result.append(Opened(replace(opened.layer, source=source), opened.data))
    if not result:
        raise unread or UserError("vector.zip_nothing", file=path.name)
    if unread is not None:
        result[0].data.cautions.append(Caution("io.table_skipped", file=path.name, reason=unread.code))
    return result


def inspect(path: Path, info: FileInfo) -> None:
    """Complete what is known of the files in an archive.

    Raises
    ------
    UserError
        ``vector.zip_nothing``, or why the first of its files cannot be read.
    """
    unread: UserError | None = None
    with unpacked(path) as inside:
        for one in inside:
            try:
                inner = inspected(one.path)
            except UserError as error:
                unread = unread or error
                continue
            info.schema = info.schema or f"ZIP / {inner.schema}"
            several = len(inner.sublayers) > 1
            for layer in inner.sublayers:
                asked = layer.sublayer or layer.name
                info.sublayers.append(replace(layer, sublayer=f"{one.name}!{asked}" if several else one.name))
                if layer.count is not None:
                    info.counts[layer.name] = layer.count
            info.cautions += inner.cautions
            if "encoding" in inner.facts:
                info.facts.setdefault("encoding", inner.facts["encoding"])
    if not info.sublayers:
        raise unread or UserError("vector.zip_nothing", file=path.name)


def first_rows(path: Path, sublayer: str, encoding: str, count: int) -> tuple[pd.DataFrame, str]:
    """Return the first rows of a table of one of its files, and the encoding in which they were read."""
    name, _, inner = sublayer.partition(_MARK)
    with unpacked(path, {name: None} if name else None) as inside:
        return table_head(inside[0].path, inner, encoding, count)


@contextmanager
def unpacked(path: Path, wanted: dict[str, None] | None = None) -> Iterator[list[Inside]]:
    """Unpack what can be opened, each file with its companions into a numbered folder of ours.

    Raises
    ------
    UserError
        ``vector.zip_nothing``, ``io.no_sublayer``, and those of :mod:`models.io.common.archives`.
    """
    listed = members(path)
    chosen = mains(path)
    if not chosen:
        raise UserError("vector.zip_nothing", file=path.name)
    for name in wanted or ():
        if name not in chosen:
            raise UserError("io.no_sublayer", file=path.name, name=name)
    with tempfile.TemporaryDirectory(prefix="chengjing_") as folder:
        inside = []
        for number, name in enumerate(name for name in chosen if wanted is None or name in wanted):
            target = Path(folder) / str(number)
            target.mkdir()
            inside.append(Inside(name, _take_out(path, listed, name, target)))
        yield inside


def _take_out(path: Path, listed: dict[str, zipfile.ZipInfo], name: str, folder: Path) -> Path:
    title = _safe(PurePosixPath(name).name)
    if name.lower().endswith(".gdb"):
        target = folder / title
        target.mkdir()
        for other, info in listed.items():
            if _gdb_of(other) == name:
                unpack(path, info, target / _safe(PurePosixPath(other).name))
        return target
    stem = str(PurePosixPath(name).with_suffix("")).lower()
    for other, info in listed.items():
        is_beside = other.lower().startswith(stem + ".")
        if is_beside and not _is_shadow(other):
            ending = other[len(stem) :].lower()
            unpack(path, info, folder / (_safe(PurePosixPath(name).stem) + _safe(ending)))
    return folder / (_safe(PurePosixPath(name).stem) + PurePosixPath(name).suffix.lower())


def _gdb_of(name: str) -> str:
    """Return the ``.gdb`` folder in which a name lies, empty if in none."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    at = next((n for n, part in enumerate(parts[:-1]) if part.lower().endswith(".gdb")), None)
    return "" if at is None else "/".join(parts[: at + 1])


def _is_shadow(name: str) -> bool:
    """Whether macOS added it."""
    return "__MACOSX" in name or PurePosixPath(name).name.startswith("._")


def _safe(name: str) -> str:
    return "".join("_" if c in '/\\:*?"<>|' or ord(c) < 32 else c for c in name)[-120:] or "layer"

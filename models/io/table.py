"""Which reader opens a file: told by its first bytes, not by its name.

One row a reader. A name is only a hint (``.json`` may be GeoJSON or CityJSON; a renamed text file is no IFC), so every
row has a probe that looks at the head of the file. Nothing here imports a format library, so that asking is cheap
and a 2 GB file of zeros is refused after 64 KB.
"""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import UserError

if TYPE_CHECKING:
    from models.io.request import Opened, ReadRequest
    from models.progress import Progress

HEAD_BYTES = 65536
_SQLITE = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class Reader:
    """One row of the table.

    Parameters
    ----------
    id : str
        As kept in :attr:`models.layers.Source.reader`.
    suffixes : tuple of str
        Usual endings, lower case, with the dot; used for file dialogs and to say what a file claims to be.
    kinds : tuple of str
        Layer kinds it gives.
    target : str
        ``"module:function"`` of ``read(path, request, progress) -> list[Opened]``.
    probe : callable
        ``probe(head, path) -> bool``: whether the content is what this reader reads.
    version : int
        Part of the cache key; raise it when the reader's result changes.
    """

    id: str
    suffixes: tuple[str, ...]
    kinds: tuple[str, ...]
    target: str
    probe: Callable[[bytes, Path], bool]
    version: int = 1

    def read(self, path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
        """Import the reader and read; heavy, so normally in a child process (see ``app.ingest``)."""
        module, function = self.target.split(":")
        opened: list[Opened] = getattr(import_module(module), function)(path, request, progress)
        return opened


def _text_head(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _is_ifc(head: bytes, path: Path) -> bool:
    if head[:4] == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(path) as archive:
                return any(name.lower().endswith((".ifc", ".ifcxml")) for name in archive.namelist())
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return False
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode("utf-8")
    if _text_head(head)[:1] == b"<":
        return re.search(rb"<(\w+:)?(ifcXML|iso_10303_28|uos)\b", head, re.IGNORECASE) is not None
    if re.match(rb"DATA\s*;\s*#\d+\s*=\s*IFC", _text_head(head), re.IGNORECASE):
        return True  # its header was lost on the way
    return b"ISO-10303-21" in head[:4096]


def _is_cityjson(head: bytes, path: Path) -> bool:
    if not _text_head(head).startswith(b"{"):
        return False
    said = re.search(rb'"type"\s*:\s*"(CityJSON|CityJSONFeature)"', head)
    # The type may stand behind two megabytes of vertices; then the other names that only CityJSON has must do.
    return said is not None or (b'"CityObjects"' in head and b'"FeatureCollection"' not in head)


def _is_raster(head: bytes, path: Path) -> bool:
    return head[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")


def _is_vector(head: bytes, path: Path) -> bool:
    if head.startswith(_SQLITE) or head.startswith(b"fgb\x03") or head[:4] == b"\x00\x00\x27\x0a":
        return True
    if path.suffix.lower() == ".pbf":
        return b"OSMHeader" in head[:64]
    text = _text_head(head)
    if text.startswith(b"{"):
        return not _is_cityjson(head, path) and (
            re.search(rb'"type"\s*:\s*"(FeatureCollection|Feature|Topology|GeometryCollection|(Multi)?(Point|LineString'
                      rb'|Polygon))"', head) is not None
        )  # fmt: skip
    if text.startswith(b"<"):
        return re.search(rb"<(\w+:)?(osm|kml|FeatureCollection|gpx)\b", head) is not None
    return False


def _is_points_csv(head: bytes, path: Path) -> bool:
    if path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        return False
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):  # UTF-16, as Excel writes "Unicode text"
        return True
    return b"\x00" not in head and any(mark in head for mark in (b",", b";", b"\t", b"|")) and not _is_ifc(head, path)


READERS = (
    Reader("ifc", (".ifc", ".ifczip", ".ifcxml"), ("model",), "models.io.ifc:read", _is_ifc, 3),
    Reader("cityjson", (".city.json", ".json", ".jsonl"), ("model",), "models.io.cityjson:read", _is_cityjson),
    Reader("raster", (".tif", ".tiff"), ("terrain", "image"), "models.io.raster:read", _is_raster),
    Reader(
        "vector",
        (".gpkg", ".geojson", ".json", ".shp", ".fgb", ".kml", ".osm", ".pbf", ".sqlite", ".gml", ".gpx"),
        ("vector", "table"),
        "models.io.vector:read",
        _is_vector,
    ),
    Reader("points_csv", (".csv", ".tsv", ".txt"), ("vector", "table"), "models.io.points_csv:read", _is_points_csv),
)

#: All endings that a file dialog offers.
SUFFIXES = tuple(sorted({suffix for reader in READERS for suffix in reader.suffixes}))


def reader(reader_id: str) -> Reader:
    """Return a row of the table by id (KeyError if there is none)."""
    for row in READERS:
        if row.id == reader_id:
            return row
    raise KeyError(reader_id)


def find_reader(path: Path) -> str:
    """Return the id of the reader for a file.

    Raises
    ------
    UserError
        ``io.missing``, ``io.folder``, ``io.no_permission``, ``io.empty``; ``io.blank`` for a file of zeros;
        ``io.truncated`` where the file ends too early; ``io.not_what_it_says`` when the ending promises a format
        that the content is not; ``io.unknown_kind``.
    """
    path = Path(path)
    head = read_head(path)
    for row in READERS:
        if row.probe(head, path):
            _check_whole(row.id, head, path)
            return row.id
    name = path.name.lower()
    if not head.strip(b"\x00"):
        raise UserError("io.blank", file=path.name)
    if head.startswith(b"PK\x03\x04") and not zipfile.is_zipfile(path):  # the list of what is in it comes last
        raise UserError("io.truncated", file=path.name)
    if any(name.endswith(suffix) for suffix in SUFFIXES if suffix not in (".txt", ".json")):
        raise UserError("io.not_what_it_says", file=path.name, suffix=path.suffix)
    raise UserError("io.unknown_kind", file=path.name)


def read_head(path: Path) -> bytes:
    """Return the first 64 KB of a file that must exist and hold something."""
    if path.is_dir():
        raise UserError("io.folder", file=path.name)
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe or a device may never answer
            raise UserError("io.unknown_kind", file=path.name)
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except (OSError, ValueError) as error:
        raise refusal(path, error) from error
    if not head.strip():
        raise UserError("io.empty", file=path.name)
    return head


def refusal(path: Path, error: OSError | ValueError) -> UserError:
    """Return the error to raise where the system does not let a file be read, also one that went while it was."""
    if isinstance(error, FileNotFoundError):
        return UserError("io.missing", file=str(path))
    if isinstance(error, PermissionError):
        return UserError("io.no_permission", file=path.name)
    return UserError("io.unreadable", file=path.name, reason=getattr(error, "strerror", None) or str(error))


def _check_whole(reader_id: str, head: bytes, path: Path) -> None:
    """Refuse files that provably lack their end, before anything slow starts."""
    size = path.stat().st_size
    if reader_id == "ifc" and head[:4] != b"PK\x03\x04":
        with path.open("rb") as file:
            file.seek(max(0, size - 4096))
            tail = file.read()
        tail = tail.replace(b"\x00", b"")  # of UTF-16
        # A header ends in ENDSEC too; only at the very end does it close the data.
        is_whole = b"END-ISO-10303-21" in tail or tail.rstrip().endswith((b"ENDSEC;", b">"))
        if not is_whole:
            raise UserError("io.truncated", file=path.name)
    if head.startswith(_SQLITE) and len(head) >= 100:
        page = int.from_bytes(head[16:18], "big")
        pages = int.from_bytes(head[28:32], "big")
        is_count_valid = head[24:28] == head[92:96]  # SQLite's own rule for trusting the page count
        if is_count_valid and size < (65536 if page == 1 else page) * pages:
            raise UserError("io.truncated", file=path.name)


def companions(path: Path) -> list[Path]:
    """Return the files beside ``path`` that belong to it (``.dbf`` of a ``.shp``, ``.tfw`` of a ``.tif`` …)."""
    suffix = path.suffix.lower()
    endings: tuple[str, ...] = ()
    if suffix == ".shp":
        endings = (".shx", ".dbf", ".prj", ".cpg")
    elif suffix in (".tif", ".tiff"):
        endings = (".tfw", ".tifw", ".wld", ".prj")
    found = [other for end in endings for other in _either_case(path.with_suffix(""), end)]
    if suffix in (".tif", ".tiff"):
        found += [other for end in (".aux.xml", ".ovr", ".msk") for other in _either_case(path, end)]
    return found


def _either_case(stem: Path, ending: str) -> list[Path]:
    for text in (ending, ending.upper()):
        candidate = stem.with_name(stem.name + text)
        if candidate.exists():
            return [candidate]
    return []

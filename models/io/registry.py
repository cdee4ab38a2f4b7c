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

from models.core.errors import UserError
from models.io.vector import probe as vector_probe

if TYPE_CHECKING:
    from models.core.progress import Progress
    from models.io.request import Opened, ReadRequest

HEAD_BYTES = 65536
_SQLITE = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class Reader:
    """One row of the table.

    Parameters
    ----------
    id : str
        As kept in :attr:`models.layers.layer.Source.reader`.
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
        """Import the reader and read; heavy, so normally in a child process (see ``app.background.ingest``)."""
        module, function = self.target.split(":")
        try:
            opened: list[Opened] = getattr(import_module(module), function)(path, request, progress)
        except (FileNotFoundError, PermissionError) as error:  # it was there when the reader was found
            if error.filename is None or Path(error.filename) != path:
                raise
            raise refusal(path, error) from error
        except UserError as error:
            if error.code == "io.damaged" and not path.exists():  # a library says "damaged" of what is gone
                raise UserError("io.missing", file=str(path)) from error
            raise
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


def _is_citygml(head: bytes, path: Path) -> bool:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode("utf-8")
    if _text_head(head)[:1] != b"<":
        return False
    return re.search(rb"<(\w+:)?CityModel\b|opengis\.net/citygml/|citygml\.org/citygml/", head) is not None


def _is_tileset(head: bytes, path: Path) -> bool:
    if not _text_head(head).startswith(b"{"):
        return False
    names = [re.search(rb'"%b"\s*:' % name, head) is not None for name in (b"asset", b"geometricError", b"root")]
    return sum(names) >= 2 and names[1] and b'"CityObjects"' not in head


def _is_gltf(head: bytes, path: Path) -> bool:
    if head[:4] == b"glTF":
        return True
    if not _text_head(head).startswith(b"{") or _is_tileset(head, path):
        return False
    return re.search(rb'"asset"\s*:\s*\{[^{}]*"version"', head) is not None or (
        path.suffix.lower() == ".gltf" and re.search(rb'"(meshes|nodes|accessors|buffers)"\s*:', head) is not None
    )


def _is_tile(head: bytes, path: Path) -> bool:
    return head[:4] in (b"b3dm", b"i3dm", b"cmpt")


def _is_obj(head: bytes, path: Path) -> bool:
    if path.suffix.lower() != ".obj" or b"\x00" in head[:4096]:
        return False
    return re.search(rb"^(v|vn|vt|f|o|g|mtllib|usemtl)\s+\S", head, re.MULTILINE) is not None


def _is_raster(head: bytes, path: Path) -> bool:
    from models.io.raster.probe import is_raster

    return is_raster(head, path)


def _is_vector(head: bytes, path: Path) -> bool:
    return vector_probe.is_vector(head, path) and not _is_cityjson(head, path)


def _is_points_csv(head: bytes, path: Path) -> bool:
    if path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        return False
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):  # UTF-16, as Excel writes "Unicode text"
        return True
    return b"\x00" not in head and any(mark in head for mark in (b",", b";", b"\t", b"|")) and not _is_ifc(head, path)


def _is_json_rows(head: bytes, path: Path) -> bool:
    text = _text_head(head)
    return path.suffix.lower() == ".json" and text[:1] in (b"[", b"{") and re.search(rb'\[\s*\{\s*"', text) is not None


def _is_cloud(head: bytes, path: Path) -> bool:
    return head[:4] == b"LASF"


READERS = (
    Reader("pointcloud", (".las", ".laz"), ("cloud",), "models.io.pointcloud.reader:read", _is_cloud),
    Reader("ifc", (".ifc", ".ifczip", ".ifcxml"), ("model",), "models.io.ifc.reader:read", _is_ifc, 3),
    Reader("cityjson", (".city.json", ".json", ".jsonl"), ("model",), "models.io.city.cityjson:read", _is_cityjson, 3),
    Reader("citygml", (".gml", ".xml", ".citygml"), ("model",), "models.io.city.citygml:read", _is_citygml, 2),
    Reader("tiles3d", (".tileset.json",), ("model",), "models.io.tiles3d.reader:read", _is_tileset, 2),
    Reader("gltf", (".glb", ".gltf"), ("model",), "models.io.mesh.gltf:read", _is_gltf),
    Reader("tile", (".b3dm", ".i3dm", ".cmpt"), ("model",), "models.io.tiles3d.reader:read_tile", _is_tile, 2),
    Reader("obj", (".obj",), ("model",), "models.io.mesh.obj:read", _is_obj),
    Reader(
        "raster",
        (
            ".tif",
            ".tiff",
            ".img",
            ".asc",
            ".jp2",
            ".png",
            ".jpg",
            ".jpeg",
            ".bmp",
            ".vrt",
            ".hgt",
            ".nc",
            ".dem",
            ".mbtiles",
            ".grd",
            ".dt0",
            ".dt1",
            ".dt2",
        ),
        ("terrain", "image", "surface"),
        "models.io.raster.reader:read",
        _is_raster,
        2,
    ),
    Reader(
        "vector",
        (
            ".gpkg",
            ".geojson",
            ".json",
            ".geojsonl",
            ".geojsons",
            ".ndjson",
            ".shp",
            ".fgb",
            ".gdb",
            ".kml",
            ".kmz",
            ".osm",
            ".pbf",
            ".sqlite",
            ".gml",
            ".gpx",
            ".dxf",
            ".tab",
            ".mif",
        ),
        ("vector", "table"),
        "models.io.vector.gdal_reader:read",
        _is_vector,
        2,
    ),
    Reader(
        "geoparquet",
        (".parquet", ".geoparquet", ".pq"),
        ("vector", "table"),
        "models.io.vector.geoparquet:read",
        vector_probe.is_geoparquet,
    ),
    Reader(
        "spreadsheet",
        (".xlsx", ".xlsm", ".ods"),
        ("vector", "table"),
        "models.io.vector.spreadsheet:read",
        vector_probe.is_spreadsheet,
    ),
    Reader("zip", (".zip",), ("vector", "table"), "models.io.vector.zip_archive:read", vector_probe.is_zip),
    Reader(
        "points_csv",
        (".csv", ".tsv", ".txt"),
        ("vector", "table"),
        "models.io.vector.delimited_text:read",
        _is_points_csv,
        2,
    ),
    Reader("json_rows", (".json",), ("vector", "table"), "models.io.vector.json_rows:read", _is_json_rows),
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
    if vector_probe.is_geodatabase(path):
        return "vector"
    head = read_head(path)
    for row in READERS:
        if row.probe(head, path):
            _check_whole(row.id, head, path)
            return row.id
    name = path.name.lower()
    if not head.strip(b"\x00"):
        raise UserError("io.blank", file=path.name)
    if head.startswith(vector_probe.OLE):
        raise UserError("vector.old_excel", file=path.name)
    if name.endswith(".dwg") or head[:4] in (b"AC10", b"AC1."):
        raise UserError("vector.dwg", file=path.name)
    if name.endswith(".inp") and re.search(rb"^\s*\[(JUNCTIONS|CONDUITS|PIPES)\]", head, re.MULTILINE | re.IGNORECASE):
        raise UserError("vector.network_model", file=path.name)
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


#: World files by ending of the raster; ``.wld``, ``.prj``, ``.aux.xml``, ``.ovr`` and ``.msk`` go with each.
RASTER_COMPANIONS: dict[str, tuple[str, ...]] = {
    ".tif": (".tfw", ".tifw"), ".tiff": (".tfw", ".tifw"), ".png": (".pgw", ".pngw"), ".jpg": (".jgw", ".jpgw"),
    ".jpeg": (".jgw", ".jpegw"), ".bmp": (".bpw", ".bmpw"), ".jp2": (".j2w",), ".img": (".ige", ".rrd"), ".asc": (),
    ".dem": (), ".hgt": (),
}  # fmt: skip


def companions(path: Path) -> list[Path]:
    """Return the files beside ``path`` that belong to it (``.dbf`` of a ``.shp``, ``.tfw`` of a ``.tif`` …)."""
    suffix = path.suffix.lower()
    endings: tuple[str, ...] = ()
    if suffix == ".shp":
        endings = (".shx", ".dbf", ".prj", ".cpg")
    elif suffix == ".gdb" and path.is_dir():
        return sorted(entry for entry in path.iterdir() if entry.is_file() and not entry.name.endswith(".lock"))
    elif suffix == ".tab":
        endings = (".dat", ".map", ".id", ".ind")
    elif suffix == ".mif":
        endings = (".mid",)
    elif suffix == ".gml":
        endings = (".xsd",)
    elif suffix in RASTER_COMPANIONS:
        endings = (*RASTER_COMPANIONS[suffix], ".wld", ".prj")
    found = [other for end in endings for other in _either_case(path.with_suffix(""), end)]
    if suffix in RASTER_COMPANIONS:
        found += [other for end in (".aux.xml", ".ovr", ".msk") for other in _either_case(path, end)]
    return found


def _either_case(stem: Path, ending: str) -> list[Path]:
    for text in (ending, ending.upper()):
        candidate = stem.with_name(stem.name + text)
        if candidate.exists():
            return [candidate]
    return []

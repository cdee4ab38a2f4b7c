"""What is in a file, told without reading it: kind, schema, CRS, extent, tables, counts.

Quick by rule: headers and metadata only, and each format library is imported only for its own files. An IFC file is
read as text, without geometry; the library only says which of its classes are objects.
"""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from models.core.errors import Caution, UserError, first_line
from models.io.file_info import FileInfo, SubLayer
from models.io.registry import companions, find_reader
from models.io.registry import reader as row_of


def inspect(path: Path) -> FileInfo:
    """Tell what is in a file.

    Raises
    ------
    UserError
        As :func:`models.io.registry.find_reader`; ``io.damaged`` when the metadata cannot be read.
    """
    path = Path(path)
    reader = find_reader(path)
    info = FileInfo(path.name, _size(path), reader, "vector")
    _BY_READER.get(reader, _unlooked)(path, info)
    if info.sublayers and not info.crs:
        info.crs = next((layer.crs for layer in info.sublayers if layer.crs), "")
    if info.extent is None:
        boxes = [layer.extent for layer in info.sublayers if layer.extent and layer.crs == info.crs]
        if boxes:
            xmins, ymins, xmaxs, ymaxs = zip(*boxes, strict=True)
            info.extent = (min(xmins), min(ymins), max(xmaxs), max(ymaxs))
    return info


def _unlooked(path: Path, info: FileInfo) -> None:
    """Say only the kind, of formats that tell nothing without being read."""
    info.kind = row_of(info.reader).kinds[0]
    info.schema = path.suffix.lstrip(".").upper()
    info.sublayers.append(SubLayer(path.stem))


def _size(path: Path) -> int:
    return sum(part.stat().st_size for part in companions(path)) if path.is_dir() else path.stat().st_size


def _by_peeking(path: Path, info: FileInfo) -> None:
    from models.io.preview_table import peek

    peek(path, info)
    if info.schema == "GPKG":
        _project(path, info)


def _project(path: Path, info: FileInfo) -> None:
    """Say of a GeoPackage that is a project of ours how many layers it has, and how many were made by a generator."""
    import sqlite3

    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            flags = [bool(row[0]) for row in database.execute("SELECT synthetic FROM chengjing_layers")]
    except sqlite3.Error:
        return  # somebody else's GeoPackage
    info.kind = "project"
    info.facts["layers"] = len(flags)
    info.facts["synthetic_layers"] = sum(flags)
    if any(flags):
        info.cautions.append(Caution("io.synthetic", file=path.name, count=sum(flags)))


def _raster(path: Path, info: FileInfo) -> None:
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    from models.io.common.coordinates import crs_text
    from models.io.raster.reader import guess_role

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path) as source:
                rows, columns = min(source.height, 64), min(source.width, 64)
                some = source.read(1, out_shape=(rows, columns), masked=True) if source.count else None
                known = None if some is None else some.compressed()
                info.kind = "surface" if known is None else guess_role(source, path.stem, known)
                kinds = source.dtypes or ("",)
                info.schema = f"{'GeoTIFF' if source.driver == 'GTiff' else source.driver} {kinds[0]}".strip()
                crs = crs_text(source.crs)
                bounds = source.bounds
                extent = (float(bounds.left), float(bounds.bottom), float(bounds.right), float(bounds.top))
                info.sublayers.append(
                    SubLayer(path.stem, "", source.width * source.height, [], crs, extent)
                )  # fmt: skip
                info.facts |= {
                    "columns": source.width, "rows": source.height, "bands": source.count,
                    "nodata": source.nodata, "cell": [abs(source.transform.a), abs(source.transform.e)],
                    "overviews": source.overviews(1) if source.count else [],
                }  # fmt: skip
                info.counts = {"bands": source.count}
                if not crs:
                    info.cautions.append(Caution("io.without_crs", file=path.name, layer=path.stem))
    except (RasterioError, OSError) as error:
        raise UserError("io.damaged", file=path.name, reason=first_line(error)) from error


def _cityjson(path: Path, info: FileInfo) -> None:
    from collections import Counter

    from models.io.city.cityjson import crs_of, documents

    info.kind = "model"
    try:
        parts = list(documents(path))
        counts = Counter(str(thing.get("type", "")) for part in parts for thing in part.get("CityObjects", {}).values())
        header = parts[0]
        info.schema = f"CityJSON {header.get('version', '')}".strip()
        info.crs = crs_of(header)
        box = (header.get("metadata") or {}).get("geographicalExtent")
    except (ValueError, AttributeError, TypeError, IndexError) as error:
        raise UserError("io.damaged", file=path.name, reason=f"{type(error).__name__}: {error}"[:200]) from error
    info.extent = (float(box[0]), float(box[1]), float(box[3]), float(box[4])) if box and len(box) == 6 else None
    info.counts = dict(counts.most_common())
    info.sublayers.append(SubLayer(path.stem, "", sum(counts.values()), [], info.crs, info.extent))
    if not info.crs:
        info.cautions.append(Caution("io.without_crs", file=path.name, layer=path.stem))


def _ifc(path: Path, info: FileInfo) -> None:
    from tempfile import TemporaryDirectory

    from models.io.ifc.ifcxml import is_ifc_xml
    from models.io.ifc.step_text import KNOWN_SCHEMAS, count_classes, header_of, unpack

    info.kind = "model"
    with TemporaryDirectory(prefix="chengjing_") as folder:
        source = path
        with path.open("rb") as file:
            if file.read(4) == b"PK\x03\x04":
                source, found = unpack(path, Path(folder))
                info.cautions += found
        with source.open("rb") as file:
            head = file.read(65536)
        if is_ifc_xml(head) or head[:2] in (b"\xff\xfe", b"\xfe\xff"):  # text for eyes that read STEP in one-byte signs
            from models.io.ifc.open_file import prepared_bytes

            raw, _, found = prepared_bytes(source)
            head, source = raw[:65536], Path(folder) / "plain.ifc"
            source.write_bytes(raw)
            info.cautions += found
        header = header_of(head)
        classes = count_classes(source)
        said = _ifc_place(source) if any(name in classes for name in ("IFCMAPCONVERSION", "IFCPROJECTEDCRS")) else ""
    if not classes and not header.label:
        raise UserError("io.not_what_it_says", file=path.name, suffix=path.suffix)
    info.schema = header.label or header.schema
    if header.label.upper() not in KNOWN_SCHEMAS:
        info.cautions.append(Caution("io.schema_swapped", file=path.name, said=header.label or "–", used=header.schema))
    info.counts = _objects(classes, header.schema)
    info.crs = said
    info.facts |= {
        "application": header.application, "author": header.author, "timestamp": header.timestamp,
        "read_as": header.schema, "instances": sum(classes.values()),
        "map_conversion": bool(classes.get("IFCMAPCONVERSION") or classes.get("IFCMAPCONVERSIONSCALED")),
    }  # fmt: skip
    info.sublayers.append(SubLayer(path.stem, "", sum(info.counts.values()), [], said, None))


def _objects(classes: Mapping[str, int], schema: str) -> dict[str, int]:
    """Keep what is an object of the building (project, spaces, products), under its class's proper name."""
    import ifcopenshell.ifcopenshell_wrapper as wrapper

    known = wrapper.schema_by_name(schema)
    kept: dict[str, int] = {}
    for name, count in sorted(classes.items(), key=lambda item: -item[1]):
        try:
            entity = known.declaration_by_name(name).as_entity()
        except RuntimeError:  # a class of another schema
            continue
        above: Any = entity
        while above is not None and above.name() not in ("IfcProduct", "IfcProject"):
            above = above.supertype()
        if above is not None:
            kept[known.declaration_by_name(name).name()] = count
    return kept


def _ifc_place(path: Path) -> str:
    """Return the name of the projected CRS as written."""
    from models.io.ifc.step_text import decode

    with path.open("rb") as file:
        while block := file.read(1 << 24):
            found = re.search(rb"IFCPROJECTEDCRS\s*\(\s*'((?:[^']|'')*)'", block, re.IGNORECASE)
            if found:
                return decode(found.group(1).decode("latin-1"))
    return ""


_BY_READER: dict[str, Callable[[Path, FileInfo], None]] = {
    "ifc": _ifc,
    "cityjson": _cityjson,
    "raster": _raster,
    "vector": _by_peeking,
    "points_csv": _by_peeking,
    "json_rows": _by_peeking,
    "spreadsheet": _by_peeking,
    "geoparquet": _by_peeking,
    "zip": _by_peeking,
}

"""What an IFC file tells of itself without geometry: it is read as text.

The library only tells which of its classes are objects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ifcopenshell.ifcopenshell_wrapper as wrapper

from models.core.errors import Caution, UserError
from models.io.file_info import FileInfo, SubLayer
from models.io.ifc.ifcxml import is_ifc_xml
from models.io.ifc.open_file import prepared_bytes
from models.io.ifc.step_text import KNOWN_SCHEMAS, count_classes, decode, header_of, unpack


def inspect(path: Path, info: FileInfo) -> None:
    """Complete what is known of a building model: its schema, author, CRS, and objects by class.

    Raises
    ------
    UserError
        ``io.not_what_it_says``, and what unpacking and reading the encoding refuse.
    """
    with TemporaryDirectory(prefix="chengjing_") as folder:
        source = path
        with path.open("rb") as file:
            if file.read(4) == b"PK\x03\x04":
                source, found = unpack(path, Path(folder))
                info.cautions += found
        with source.open("rb") as file:
            head = file.read(65536)
        if is_ifc_xml(head) or head[:2] in (b"\xff\xfe", b"\xfe\xff"):  # text for eyes that read STEP in one-byte signs
            raw, _, found = prepared_bytes(source)
            head, source = raw[:65536], Path(folder) / "plain.ifc"
            source.write_bytes(raw)
            info.cautions += found
        header = header_of(head)
        classes = count_classes(source)
        crs = _projected_crs(source) if any(name in classes for name in ("IFCMAPCONVERSION", "IFCPROJECTEDCRS")) else ""
    if not classes and not header.label:
        raise UserError("io.not_what_it_says", file=path.name, suffix=path.suffix)
    info.schema = header.label or header.schema
    if header.label.upper() not in KNOWN_SCHEMAS:
        info.cautions.append(Caution("io.schema_swapped", file=path.name, said=header.label or "–", used=header.schema))
    info.counts = _objects(classes, header.schema)
    info.crs = crs
    info.facts |= {
        "application": header.application, "author": header.author, "timestamp": header.timestamp,
        "read_as": header.schema, "instances": sum(classes.values()),
        "map_conversion": bool(classes.get("IFCMAPCONVERSION") or classes.get("IFCMAPCONVERSIONSCALED")),
    }  # fmt: skip
    info.sublayers.append(SubLayer(path.stem, "", sum(info.counts.values()), [], crs, None))


def _objects(classes: Mapping[str, int], schema: str) -> dict[str, int]:
    """Keep what is an object of the building (project, spaces, products), under its class's proper name."""
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


def _projected_crs(path: Path) -> str:
    """Return the name of the projected CRS as written."""
    with path.open("rb") as file:
        while block := file.read(1 << 24):
            found = re.search(rb"IFCPROJECTEDCRS\s*\(\s*'((?:[^']|'')*)'", block, re.IGNORECASE)
            if found:
                return decode(found.group(1).decode("latin-1"))
    return ""

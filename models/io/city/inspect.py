"""What a city model tells of itself without being built."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from models.core.errors import Caution, UserError
from models.io.city.cityjson import crs_of, documents
from models.io.file_info import FileInfo, SubLayer


def inspect_cityjson(path: Path, info: FileInfo) -> None:
    """Complete what is known of a CityJSON document: its version, CRS, extent, and objects by type.

    Raises
    ------
    UserError
        ``io.damaged``.
    """
    try:
        parts = list(documents(path))
        counts = Counter(str(thing.get("type", "")) for part in parts for thing in part.get("CityObjects", {}).values())
        header = parts[0]
        info.schema = f"CityJSON {header.get('version', '')}".strip()
        info.crs = crs_of(header)
        box = (header.get("metadata") or {}).get("geographicalExtent")
    except (ValueError, AttributeError, TypeError, IndexError, RecursionError) as error:
        raise UserError("io.damaged", file=path.name, reason=f"{type(error).__name__}: {error}"[:200]) from error
    info.extent = (float(box[0]), float(box[1]), float(box[3]), float(box[4])) if box and len(box) == 6 else None
    info.counts = dict(counts.most_common())
    info.sublayers.append(SubLayer(path.stem, "", sum(counts.values()), [], info.crs, info.extent))
    if not info.crs:
        info.cautions.append(Caution("io.without_crs", file=path.name, layer=path.stem))

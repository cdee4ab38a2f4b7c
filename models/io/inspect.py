"""What is in a file, told without reading it: kind, schema, CRS, extent, tables, counts.

Quick by rule: headers and metadata only, and each format library is imported only for its own files. What a format
tells is worked out beside its reader (:attr:`models.io.format.Format.inspect`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.core.foreign import foreign
from models.core.progress import Progress
from models.io.file_info import FileInfo, SubLayer
from models.io.format import Format, function_of
from models.io.registry import companions, find_format


def inspect(path: Path) -> FileInfo:
    """Tell what is in a file.

    Raises
    ------
    UserError
        As :func:`models.io.registry.find_format`; ``io.damaged`` when the metadata cannot be read.
    """
    path = Path(path)
    with foreign(path):
        return _inspected(path, find_format(path))


def _inspected(path: Path, row: Format) -> FileInfo:
    info = FileInfo(path.name, _size(path), row.id, row.kinds[0])
    if row.inspect:
        function_of(row.inspect)(path, info)
    else:
        _name_only(path, info, row)
    if info.kind == "vector" and info.sublayers and not any(layer.geometry for layer in info.sublayers):
        info.kind = "table"
    if info.sublayers and not info.crs:
        info.crs = next((layer.crs for layer in info.sublayers if layer.crs), "")
    if info.extent is None:
        boxes = [layer.extent for layer in info.sublayers if layer.extent and layer.crs == info.crs]
        if boxes:
            xmins, ymins, xmaxs, ymaxs = zip(*boxes, strict=True)
            info.extent = (min(xmins), min(ymins), max(xmaxs), max(ymaxs))
    return info


def info_json(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Return what :func:`inspect` tells of ``arguments["path"]`` as plain values, for a child process."""
    progress.step(0.1, "progress.io.reading")
    return inspect(Path(arguments["path"])).as_dict()


def _name_only(path: Path, info: FileInfo, row: Format) -> None:
    """Tell only the kind, of formats that tell nothing without being read."""
    info.kind = row.kinds[0]
    info.schema = path.suffix.lstrip(".").upper()
    info.sublayers.append(SubLayer(path.stem))


def _size(path: Path) -> int:
    return sum(part.stat().st_size for part in companions(path)) if path.is_dir() else path.stat().st_size

"""Open every file of features in some folders and write what came of it as a Markdown table.

    python tools/layer_table.py FOLDER… [--out table.md] [--crs EPSG:4548] [--only TEXT]

Columns: file, reader, layers, features, CRS, cautions by code, seconds. A file that is refused stands there with its
error. Coordinates are compared with what pyogrio reads: the last column is how far the two extents differ, in units of
the CRS.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.registry import SUFFIXES, companions, find_format
from models.io.request import ReadRequest
from models.io.vector.probe import is_geodatabase
from models.layers.layer import VectorData

READERS = ("vector", "points_csv", "spreadsheet", "geoparquet", "zip")
HEADS = ("file", "reader", "layers", "features", "CRS", "cautions", "seconds", "extent differs by")


def files_in(folders: list[Path]) -> list[Path]:
    """Return what could be a file of features: by its ending, without what only helps another."""
    found: list[Path] = []
    for folder in folders:
        entries = [folder] if folder.is_file() else sorted(folder.rglob("*"))
        helping = {other for entry in entries if entry.is_file() for other in companions(entry)}
        found += [
            entry for entry in entries
            if (entry.is_file() or is_geodatabase(entry)) and entry not in helping
            and entry.name.lower().endswith((*SUFFIXES, ".inp", ".data"))
        ]  # fmt: skip
    return found


def row_of(path: Path, crs: str = "") -> dict[str, Any] | None:
    """Return what came of one file, None where it is not of this table's readers."""
    started = time.perf_counter()
    try:
        row = find_format(path)
        if row.id not in READERS:
            return None
        opened = row.read(path, ReadRequest(crs=crs), Progress())
    except UserError as error:
        return {"file": path.name, "reader": "—", "cautions": f"**{error.code}**", "seconds": _since(started)}
    seconds = _since(started)
    cautions = Counter(caution.code for one in opened for caution in one.data.cautions)
    return {
        "file": path.name,
        "reader": row.id,
        "layers": len(opened),
        "features": sum(one.data.count for one in opened if isinstance(one.data, VectorData)),
        "CRS": ", ".join(dict.fromkeys(_short(one.layer.source.crs) for one in opened)),
        "cautions": ", ".join(f"{code} × {count}" if count > 1 else code for code, count in cautions.items()),
        "seconds": seconds,
        "extent differs by": _difference(path, row.id, opened),
    }


def _difference(path: Path, name: str, opened: list[Any]) -> str:
    """Compare the extent of all layers with that of pyogrio."""
    import pyogrio

    if name != "vector":
        return ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            listed = [str(layer) for layer, kind in pyogrio.list_layers(path) if kind]
            theirs = [pyogrio.read_bounds(path, layer=layer)[1] for layer in listed]
        except Exception:
            return "pyogrio fails"
    import numpy as np

    boxes = np.concatenate([box for box in theirs if box.size], axis=1) if any(b.size for b in theirs) else None
    mine = [box for one in opened if (box := _box(one.data)) is not None]
    if boxes is None or not mine:
        return "no shapes"
    ours = np.array(mine)
    a = (*ours[:, :2].min(axis=0), *ours[:, 2:].max(axis=0))
    b = (*np.nanmin(boxes[:2], axis=1), *np.nanmax(boxes[2:], axis=1))
    return f"{max(abs(x - y) for x, y in zip(a, b, strict=True)):.6f}"


def _box(data: Any) -> Any:
    """Return west, south, east, north of a layer; of bodies to the tenth of a millimetre, as they are kept."""
    if isinstance(data, VectorData):
        return data.bounds or None
    box = data.meshes.bounds()
    return None if box is None else [*(box[0] + data.placement[:3, 3])[:2], *(box[1] + data.placement[:3, 3])[:2]]


def _short(crs: str) -> str:
    from models.crs.frame import crs_label

    return crs_label(crs) if crs else "—"


def _since(started: float) -> str:
    return f"{time.perf_counter() - started:.2f}"


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--crs", default="")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    lines = ["| " + " | ".join(HEADS) + " |", "|" + " --- |" * len(HEADS)]
    for path in files_in(arguments.folders):
        if arguments.only not in path.name:
            continue
        row = row_of(path, arguments.crs)
        if row is not None:
            lines.append("| " + " | ".join(str(row.get(head, "")) for head in HEADS) + " |")
            print(lines[-1], file=sys.stderr)
    text = "\n".join(lines) + "\n"
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Entities of a drawing, told apart by their own text: what GDAL passes over without a word is counted, or drawn here.

GDAL reads lines, arcs, ellipses, splines by control points, texts, hatches, faces, dimensions, leaders and blocks. It
passes over bodies (3DSOLID, REGION …), meshes, multilines, endless lines, pictures, tables, and splines that give only
the points they go through. Source: AutoCAD DXF Reference, ENTITIES and BLOCKS sections.
"""

from __future__ import annotations

import collections
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import shapely

#: Parts of the entity before them.
_PARTS = frozenset({b"VERTEX", b"SEQEND", b"ATTRIB"})
#: What is no thing of the drawing: windows on paper.
_NONE = frozenset({b"VIEWPORT"})
#: What GDAL reads, for drawings whose entities have no handles.
_READ = frozenset({
    b"POINT", b"LINE", b"POLYLINE", b"LWPOLYLINE", b"CIRCLE", b"ELLIPSE", b"ARC", b"SPLINE", b"HELIX", b"3DFACE",
    b"INSERT", b"TEXT", b"MTEXT", b"ATTRIB", b"ATTDEF", b"DIMENSION", b"HATCH", b"SOLID", b"TRACE", b"LEADER",
    b"MULTILEADER", b"MLEADER", b"ARC_DIMENSION",
})  # fmt: skip
#: Points between two fit points of a spline.
_STEPS = 16


@dataclass(slots=True)
class Entity:
    """One entity as its text gives it.

    Parameters
    ----------
    kind : str
        ``"SPLINE"``.
    handle, layer, block : str
        Its own number (empty in old drawings), its layer, the block that an INSERT places.
    on_paper : bool
    fit : list of (float, float, float)
        Of a spline, the points it goes through.
    controls : int
        Of a spline, its control points.
    """

    kind: str
    handle: str = ""
    layer: str = "0"
    block: str = ""
    on_paper: bool = False
    fit: list[list[float]] = field(default_factory=list)
    controls: int = 0


@dataclass(slots=True)
class Drawing:
    """The entities of a drawing: those that stand in it, and those of each block."""

    entities: list[Entity] = field(default_factory=list)
    blocks: dict[str, list[Entity]] = field(default_factory=dict)


def drawing_of(path: Path, encoding: str) -> Drawing:
    """Return the entities of a drawing; nothing of its binary form."""
    drawing = Drawing()
    with path.open("rb") as stream:
        if stream.read(22).startswith(b"AutoCAD Binary DXF"):
            return drawing
        stream.seek(0)
        section, at = b"", drawing.entities
        entity: Entity | None = None
        for code, value in _pairs(stream):
            if code == b"0":
                entity = None
                if value == b"SECTION":
                    section = b"?"
                elif value == b"ENDSEC":
                    section = b""
                elif value == b"BLOCK" and section == b"BLOCKS":
                    at, entity = [], Entity("BLOCK")
                elif section in (b"ENTITIES", b"BLOCKS") and value not in _PARTS | _NONE | {b"ENDBLK"}:
                    entity = Entity(value.decode("ascii", "replace"))
                    (drawing.entities if section == b"ENTITIES" else at).append(entity)
            elif section == b"?" and code == b"2":
                section = value
            elif entity is not None:
                _note(entity, code, value, encoding)
                if entity.kind == "BLOCK" and code == b"2":
                    drawing.blocks[entity.block] = at
    return drawing


def _note(entity: Entity, code: bytes, value: bytes, encoding: str) -> None:
    if code == b"5" and not entity.handle:
        entity.handle = value.decode("ascii", "replace")
    elif code == b"8":
        entity.layer = value.decode(encoding or "utf-8", "replace")
    elif code == b"2" and entity.kind in ("INSERT", "BLOCK") and not entity.block:
        entity.block = value.decode(encoding or "utf-8", "replace")
    elif code == b"67":
        entity.on_paper = value == b"1"
    elif entity.kind == "SPLINE":
        if code == b"10":
            entity.controls += 1
        elif code == b"11":
            entity.fit.append([float(value), 0.0, 0.0])
        elif code in (b"21", b"31") and entity.fit:
            entity.fit[-1][1 if code == b"21" else 2] = float(value)


def _pairs(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    while True:
        code, value = stream.readline(), stream.readline()
        if not value:
            return
        yield code.strip(), value.strip()


def lost(drawing: Drawing, handles: set[str]) -> list[Entity]:
    """Return the entities of the model space that are not among those that were read.

    Parameters
    ----------
    drawing : Drawing
    handles : set of str
        Of what was read.
    """
    return [
        entity
        for entity in drawing.entities
        if not entity.on_paper
        and (entity.handle not in handles if entity.handle and handles else entity.kind.encode() not in _READ)
    ]


def lost_in_blocks(drawing: Drawing) -> collections.Counter[str]:
    """Count what is passed over inside blocks, as often as each block stands in the drawing."""
    placed = collections.Counter(one.block for one in drawing.entities if one.kind == "INSERT" and not one.on_paper)
    counts: collections.Counter[str] = collections.Counter()
    for name, times in placed.items():
        for entity in drawing.blocks.get(name, ()):
            if entity.kind.encode() not in _READ or (entity.kind == "SPLINE" and not entity.controls):
                counts[entity.kind] += times
    return counts


def through(fit: list[list[float]]) -> Any:
    """Return a line through the fit points of a spline: cubic, in the measure of the chords, as AutoCAD has it.

    Returns
    -------
    LineString or None
        None for fewer than two different points.
    """
    from scipy.interpolate import CubicSpline

    points = np.array(fit, dtype=np.float64)
    points = points[np.append(True, (np.diff(points, axis=0) != 0).any(axis=1))]
    if len(points) < 2 or not np.isfinite(points).all():
        return None
    along = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1)))
    if len(points) > 2:
        is_closed = bool((points[0] == points[-1]).all())
        curve = CubicSpline(along, points, bc_type="periodic" if is_closed else "natural")
        fine = np.concatenate([np.linspace(a, b, _STEPS, endpoint=False) for a, b in itertools.pairwise(along)])
        points = np.vstack([curve(fine), points[-1]])
    flat = points if points[:, 2].any() else points[:, :2]
    return shapely.LineString(flat)

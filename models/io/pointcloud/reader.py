"""Point clouds: LAS, LAZ and COPC, thinned to what a picture can use.

A scan of a district has a billion points; a screen has two million pixels. So every point that is kept stands for
several, drawn at random but the same each time. A COPC file holds its points in levels of density and is read down to
the level that fits, without touching the rest.

Invariants
----------
1. Coordinates are float64 until an offset in whole metres is taken off; only the rest becomes float32.
2. Points that the file itself calls noise (classes 7 and 18) are left out and counted.
3. What is thinned is reported, with how many points there are and how many were kept.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import Caution, UserError, first_line
from models.core.progress import Progress
from models.io.common.coordinates import settle_crs, stem_of
from models.io.request import Opened, ReadRequest
from models.layers.layer import CloudData, Layer, Source, new_layer_id

#: Points that are kept; options ``limit`` and ``spacing_m`` of the request change that.
LIMIT = 3_000_000
CHUNK = 1_000_000
#: Classes "low point" and "high noise" of the ASPRS table.
NOISE = (7, 18)
#: Farther from the middle than this, a point is no neighbour of the others.
FARTHEST_M = 1e6


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a point cloud.

    Parameters
    ----------
    path : Path
    request : ReadRequest
        Options: ``limit`` (points to keep), ``spacing_m`` (at the most one point in a cube of this side), ``classes``
        (``"2,6"``: only these).
    progress : Progress

    Raises
    ------
    UserError
        ``io.no_features``, ``io.damaged``, ``io.no_crs``.
    """
    import laspy
    from laspy.errors import LaspyException

    try:
        _require_sense(path)
        with laspy.open(path) as reader:
            header = reader.header
            cautions: list[Caution] = []
            crs = _crs_of(header, path, cautions)
            kept = _Kept(header, request, path)
            for number, points in enumerate(_points(path, reader, kept, progress)):
                progress.step(min(0.95, number * CHUNK / max(kept.total, 1)), "progress.io.reading")
                kept.add(points)
            data = kept.data(cautions)
    except (LaspyException, OSError, ValueError, struct.error, EOFError, OverflowError, MemoryError) as error:
        raise UserError("io.damaged", file=path.name, reason=first_line(error)) from error
    except Exception as error:  # the LAZ library has errors of its own, outside every family
        if type(error).__module__.split(".")[0] not in ("lazrs", "pyo3_runtime"):
            raise
        raise UserError("io.damaged", file=path.name, reason=first_line(error)) from error
    bounds = (*data.offset[:2], *(data.offset + data.points.max(axis=0))[:2])
    crs, found = settle_crs(crs, request.crs, bounds, path.name)
    data.crs = crs
    data.cautions += found
    name = stem_of(path)
    source = Source(path=str(path), sublayer="", reader="pointcloud", crs=crs, options=dict(request.options))
    return [Opened(Layer(new_layer_id(name), name, "cloud", "other", source), data)]


def _require_sense(path: Path) -> None:
    """Refuse a header whose counts cannot be: a library that believes them counts to the end of its days.

    Layout: LAS 1.4 R15, table 3. A record (VLR) takes 54 bytes at the least, an extended one 60.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(375)
    if len(head) < 227:
        raise UserError("io.truncated", file=path.name)
    minor, header_size = head[25], struct.unpack_from("<H", head, 94)[0]
    to_points, records = struct.unpack_from("<II", head, 96)
    evlrs = struct.unpack_from("<QI", head, 235) if minor >= 4 and len(head) >= 255 else (0, 0)
    if to_points > size:
        raise UserError("io.truncated", file=path.name)
    if header_size > to_points or records * 54 > to_points or evlrs[1] * 60 > size:
        raise ValueError("the counts of its header are impossible")
    if head[104] & 0x80 and _chunks(path, to_points, size) > size:  # points packed as LAZ
        raise ValueError("the count of its chunks is impossible")


def _chunks(path: Path, to_points: int, size: int) -> int:
    """Return how many chunks a LAZ file says it has, 0 where it does not say (LASzip: the table of chunks)."""
    with path.open("rb") as file:
        file.seek(to_points)
        at = int.from_bytes(file.read(8), "little", signed=True)
        if at == -1:  # written in one go: the place of the table stands at the end
            file.seek(max(size - 8, 0))
            at = int.from_bytes(file.read(8), "little", signed=True)
        if not 0 < at <= size - 8:
            return 0
        file.seek(at + 4)
        return int.from_bytes(file.read(4), "little")


def _most_points(path: Path, header: Any) -> int:
    """Return how many points a file has room for, at the most as many as its header says."""
    said, size = int(header.point_count), path.stat().st_size
    begin = int(header.offset_to_point_data)
    if not header.are_points_compressed:
        return min(said, (size - begin) // max(int(header.point_format.size), 1))
    packing = header.vlrs.get("LasZipVlr")
    chunk = int.from_bytes(packing[0].record_data_bytes()[12:16], "little") if packing else 0
    is_fixed = 0 < chunk < 2**32 - 1  # else each chunk says its own size
    chunks = _chunks(path, begin, size)
    return min(said, chunk * chunks) if is_fixed and chunks else said


class _Kept:
    """The points that are kept, chunk after chunk."""

    def __init__(self, header: Any, request: ReadRequest, path: Path) -> None:
        self.header, self.path = header, path
        self.limit = _number(request.options.get("limit", ""), LIMIT)
        self.spacing_m = _number(request.options.get("spacing_m", ""), 0.0)
        self.classes = [int(code) for code in request.options.get("classes", "").split(",") if code.strip().isdigit()]
        self.offset = np.floor(np.asarray(header.mins, dtype=np.float64))
        if not np.isfinite(self.offset).all():
            self.offset = np.zeros(3)
        self.total = _most_points(path, header)
        self.share = min(1.0, self.limit / max(self.total, 1))
        self.chance = np.random.default_rng(20261122)
        self.parts: dict[str, list[NDArray[Any]]] = {}
        self.noise = self.seen = self.astray = 0
        self.cubes: set[int] = set()
        names = set(header.point_format.dimension_names)
        self.names = [name for name in ("classification", "intensity") if name in names]
        self.has_colours = {"red", "green", "blue"} <= names

    def add(self, points: Any) -> None:
        """Keep some of a chunk's points."""
        classes = np.asarray(points.classification)
        self.seen += len(classes)
        chosen = np.atleast_1d(np.isin(classes, NOISE, invert=True))
        self.noise += len(classes) - int(chosen.sum())
        if self.classes:
            chosen &= np.isin(classes, self.classes)
        if self.share < 1.0:
            chosen &= self.chance.random(len(classes)) < self.share
        rows = np.flatnonzero(chosen)
        xyz = np.stack([np.asarray(axis, dtype=np.float64)[rows] for axis in (points.x, points.y, points.z)], axis=1)
        local = xyz - self.offset
        near = np.atleast_1d((np.abs(local) < FARTHEST_M).all(axis=1))  # neither NaN nor infinite
        self.astray += int((~near).sum())
        if self.spacing_m > 0:
            near &= self._first_in_cube(np.where(near[:, None], local, 0.0))
        rows, local = rows[near], local[near]
        self._put("points", local.astype(np.float32))
        if self.has_colours:
            self._put(
                "colours", np.stack([np.asarray(points[name])[rows] for name in ("red", "green", "blue")], axis=1)
            )
        for name in self.names:
            self._put(name, np.asarray(points[name])[rows])

    def _first_in_cube(self, local: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which points are the first in their cube, over all chunks."""
        cell = np.floor(local / self.spacing_m).astype(np.int64)
        key = (cell[:, 0] << 42) ^ (cell[:, 1] << 21) ^ cell[:, 2]
        unique, first = np.unique(key, return_index=True)
        result = np.zeros(len(key), dtype=bool)
        result[[row for one, row in zip(unique.tolist(), first.tolist(), strict=True) if one not in self.cubes]] = True
        self.cubes.update(unique.tolist())
        return result

    def _put(self, name: str, values: NDArray[Any]) -> None:
        self.parts.setdefault(name, []).append(values)

    def _take(self, name: str) -> NDArray[Any] | None:
        return np.concatenate(self.parts[name]) if name in self.parts else None

    def data(self, cautions: list[Caution]) -> CloudData:
        """Return what was kept."""
        points = self._take("points")
        if points is None or not len(points):
            raise UserError("io.no_features", file=self.path.name)
        colours = self._take("colours")
        if colours is not None:
            # Written in 16 bits as the standard asks, or in 8 by many exporters; all black means none.
            colours = None if not colours.any() else (colours >> 8 if colours.max() > 255 else colours).astype(np.uint8)
        total, said = self.total, int(self.header.point_count)
        if total < said or (self.seen < total and self.share >= 1.0):
            total = min(total, self.seen) if self.share >= 1.0 else total
            cautions.append(Caution("io.cloud_short", file=self.path.name, said=said, found=total))
        if len(points) < self.seen - self.noise - self.astray or self.seen < total:
            cautions.append(Caution("io.cloud_thinned", file=self.path.name, kept=len(points), total=total))
        if self.noise:
            cautions.append(Caution("io.cloud_noise", file=self.path.name, count=self.noise))
        if self.astray:
            cautions.append(Caution("io.cloud_astray", file=self.path.name, count=self.astray))
        intensity = self._take("intensity")
        classes = self._take("classification")
        extent = np.ptp(points[:, :2], axis=0).astype(np.float64)
        info = {
            "point_count": total, "kept": len(points), "version": str(self.header.version),
            "point_format": int(self.header.point_format.id),
            "spacing_m": float(np.sqrt(max(extent.prod(), 1e-9) / len(points))),
        }  # fmt: skip
        return CloudData(
            points, self.offset, "", colours, None if classes is None else classes.astype(np.uint8),
            intensity if intensity is not None and intensity.any() else None, info, cautions,
        )  # fmt: skip


def _points(path: Path, reader: Any, kept: _Kept, progress: Progress) -> Iterator[Any]:
    """Yield points in chunks; of a COPC file only the levels that are needed."""
    if kept.share < 1.0 and any(vlr.user_id == "copc" for vlr in reader.header.vlrs):
        import laspy

        with laspy.CopcReader.open(str(path)) as copc:
            level, points = 0, None
            while points is None or (len(points) < kept.limit and level < 24):
                progress.step(level / 24, "progress.io.reading")
                deeper = copc.query(level=range(level + 1))
                if points is not None and len(deeper) == len(points) and len(points):
                    break
                points, level = deeper, level + 1
            kept.share = min(1.0, kept.limit / max(len(points), 1))
            yield points
        return
    yield from reader.chunk_iterator(CHUNK)


def _crs_of(header: Any, path: Path, cautions: list[Caution]) -> str:
    """Return the CRS that the header says, empty where it says none or something that PROJ does not understand."""
    try:
        crs = header.parse_crs()
    except Exception as error:  # whatever is wrong with the record, the points are there
        cautions.append(Caution("io.cloud_crs_unread", file=path.name, reason=first_line(error)))
        return ""
    if crs is None:
        return ""
    authority = crs.to_authority(min_confidence=70)
    return ":".join(authority) if authority else str(crs.to_wkt())


def _number(text: str, default: float) -> float:
    try:
        value = float(text)
    except ValueError:
        return default
    return value if np.isfinite(value) and value > 0 else default

"""Wavefront OBJ and MTL as they lie in files, read line kind by line kind rather than line by line.

A general reader that keeps all vertices with each of its groups needs 777 copies of a town of 777 houses; hence this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.progress import Progress
from models.io.common.mesh_builder import RGBA
from models.io.common.polygons import Polygons, triangulate
from models.io.common.textures import inside

MOST_MTL_BYTES = 20_000_000


@dataclass(slots=True)
class ObjFile:
    """What is in an OBJ file.

    Parameters
    ----------
    vertices : ndarray (n, 3) float64
    uv : ndarray (m, 2) float64
    faces : ndarray (f, 3) int64
        Triangles.
    uv_faces : ndarray (f, 3) int64
        Rows of ``uv``, -1 for none.
    group, material : ndarray (f,) int64
        Rows of ``groups`` and ``materials``, -1 for none.
    materials : list of (RGBA, picture)
    missing : list of str
        Files that are not there.
    """

    vertices: NDArray[np.float64]
    uv: NDArray[np.float64]
    faces: NDArray[np.int64]
    uv_faces: NDArray[np.int64]
    group: NDArray[np.int64]
    material: NDArray[np.int64]
    groups: list[str]
    materials: list[tuple[RGBA, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def parse(path: Path, progress: Progress) -> ObjFile:
    """Read an OBJ file and the materials beside it.

    Raises
    ------
    ValueError, IndexError
        It is damaged.
    """
    text = path.read_bytes().replace(b"\\\r\n", b" ").replace(b"\\\n", b" ").replace(b"\t", b" ")
    lines = [line.strip() for line in text.split(b"\n")]
    progress.step(0.2, "progress.io.reading")
    kinds = np.array([line[:2] for line in lines], dtype="S2")
    at_vt = np.flatnonzero(kinds == b"vt")
    # An array of bytes may or may not keep the blank of b"v ".
    at_v, at_f = (np.flatnonzero((kinds == kind) | (kinds == kind + b" ")) for kind in (b"v", b"f"))
    vertices = _table(lines, at_v, 2, 3)
    uv = _table(lines, at_vt, 3, 2) if len(at_vt) else np.empty((0, 2))
    progress.step(0.5, "progress.io.reading")
    corners, counts = _corners([lines[i][2:] for i in at_f.tolist()])
    v = _rows(corners[:, 0], np.repeat(np.searchsorted(at_v, at_f), counts), len(vertices), required=True)
    t = _rows(corners[:, 1], np.repeat(np.searchsorted(at_vt, at_f), counts), len(uv), required=False)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    progress.step(0.7, "progress.io.geometry")
    cut, owner = triangulate(vertices, Polygons(v, starts, np.arange(len(counts) + 1)))
    found = ObjFile(vertices, uv, v[cut], t[cut], owner, owner, [])
    found.groups, group = _named(lines, kinds, at_f, (b"o", b"g"))
    wanted, material = _named(lines, kinds, at_f, (b"us",), "usemtl")
    found.group, found.material = group[owner], material[owner]
    known: dict[str, tuple[RGBA, str]] = {}
    for line in (lines[i] for i in np.flatnonzero(kinds == b"mt").tolist()):
        name = line[6:].strip().decode("utf-8", "replace")
        file = inside(path.parent, name)
        if file is None or file.stat().st_size > MOST_MTL_BYTES:
            found.missing.append(name)
        else:
            known |= materials_of(file, path.parent)
    plain: tuple[RGBA, str] = ((0.8, 0.79, 0.76, 1.0), "")
    found.materials = [known.get(name, plain) for name in wanted]
    return found


def materials_of(file: Path, home: Path) -> dict[str, tuple[RGBA, str]]:
    """Return colour and picture (as seen from ``home``) of each material of an MTL file."""
    known: dict[str, dict[str, Any]] = {}
    row: dict[str, Any] = {}
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        word, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        word = word.lower()
        if word == "newmtl":
            row = known.setdefault(rest, {})
        elif word == "kd":
            values = [float(value) for value in rest.split()[:3]]
            row["kd"] = values if len(values) == 3 else None
        elif word in ("d", "tr"):
            value = float(rest.split()[-1])
            row["d"] = value if word == "d" else 1.0 - value
        elif word == "map_kd" and rest:
            row["picture"] = _picture(rest)
    folder = file.parent.resolve()
    prefix = folder.relative_to(home.resolve()).as_posix() if folder.is_relative_to(home.resolve()) else "."
    result: dict[str, tuple[RGBA, str]] = {}
    for name, statements in known.items():
        r, g, b = (min(max(value, 0.0), 1.0) for value in statements.get("kd") or (0.8, 0.79, 0.76))
        picture = statements.get("picture", "")
        if picture and prefix != ".":
            picture = f"{prefix}/{picture}"
        result[name] = ((r, g, b, min(max(statements.get("d", 1.0), 0.05), 1.0)), picture)
    return result


def _picture(rest: str) -> str:
    """Return the file of ``map_Kd``, behind its options (``-s 1 1 1``)."""
    words = rest.split()
    at = 0
    while at < len(words) - 1 and words[at].startswith("-"):
        at += 1
        while at < len(words) - 1 and _is_option(words[at]):
            at += 1
    return " ".join(words[at:]).replace("\\", "/")


def _is_option(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return word in ("on", "off")
    return True


def _table(lines: list[bytes], rows: NDArray[np.int64], skip: int, width: int) -> NDArray[np.float64]:
    values = np.array(b" ".join([lines[i][skip:] for i in rows.tolist()]).split(), dtype=np.float64)
    count = max(len(rows), 1)
    if len(values) % count or len(values) // count < width:
        table = [[float(word) for word in lines[i][skip:].split()[:width]] for i in rows.tolist()]
        return np.array(table, dtype=np.float64).reshape(-1, width)
    return values.reshape(count, -1)[:, :width].copy() if len(rows) else np.empty((0, width))


def _corners(faces: list[bytes]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return vertex and texture number of each corner (0 for none), and the corners of each face."""
    tokens = [face.partition(b"#")[0].split() for face in faces]
    counts = np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))
    flat = b" ".join([b" ".join(face) for face in tokens])
    if not flat:
        return np.empty((0, 2), dtype=np.int64), counts
    flat = flat.replace(b"//", b"/0/")
    total = int(counts.sum())
    slashes = flat.count(b"/")
    if slashes % total == 0 and slashes // total <= 2:
        values = np.array(flat.replace(b"/", b" ").split(), dtype=np.int64)
        if len(values) == total * (slashes // total + 1):
            rows = values.reshape(total, -1)
            return np.column_stack([rows[:, 0], rows[:, 1] if rows.shape[1] > 1 else np.zeros(total, np.int64)]), counts
    result = []
    for word in flat.split():
        parts = word.split(b"/")
        result.append((int(parts[0]), int(parts[1]) if len(parts) > 1 and parts[1] else 0))
    return np.array(result, dtype=np.int64).reshape(-1, 2), counts


def _rows(indices: NDArray[np.int64], known: NDArray[np.int64], count: int, *, required: bool) -> NDArray[np.int64]:
    """Return rows from numbers that count from 1, or backwards from what was there before."""
    rows = np.where(indices > 0, indices - 1, np.where(indices < 0, known + indices, -1))
    if required and len(rows) and (rows.min() < 0 or rows.max() >= count):
        raise IndexError("a face has a corner that is not there")
    return np.where((rows >= 0) & (rows < count), rows, -1)


def _named(
    lines: list[bytes], kinds: NDArray[Any], at_f: NDArray[np.int64], wanted: tuple[bytes, ...], word: str = ""
) -> tuple[list[str], NDArray[np.int64]]:
    """Return the names that lines of some kinds say, and which of them counts for each face line."""
    skip = len(word) if word else 1
    names: dict[str, int] = {}
    rows: list[int] = []
    where = np.flatnonzero(np.isin(kinds, [*wanted, *(kind + b" " for kind in wanted)]))
    for line in (lines[i] for i in where.tolist()):
        name = line[skip:].strip().decode("utf-8", "replace")
        rows.append(names.setdefault(name, len(names)))
    table = np.array([-1, *rows], dtype=np.int64)
    return list(names), table[np.searchsorted(where, at_f)]

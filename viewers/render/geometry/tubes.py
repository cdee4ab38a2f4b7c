"""Cross-sections swept along polylines: round pipes, boxes, egg-shaped sewers; and profiles turned around uprights.

Invariants
----------
1. Everything is vectorised over all lines at once; a line of fewer than two different points is left out.
2. Sizes are true. What would be too thin to be seen from afar is widened on the screen by the vertex shader
   (:func:`viewers.render.palette.pipe_shading.shade_pipes`), from the reach that every corner carries.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Corners of a round cross-section.
SIDES = 12


@dataclass(frozen=True, slots=True)
class Section:
    """A closed outline one unit wide and one high, around its middle.

    Parameters
    ----------
    outline : ndarray (m, 2)
        To the right and up, seen along the line, counter-clockwise.
    normals : ndarray (m, 2)
        A corner of a box is two points with a normal each.
    walls : ndarray (w, 2)
        Point pairs between which there is a wall.
    """

    outline: Floats
    normals: Floats
    walls: Ints


def _smooth(outline: Floats) -> Section:
    m = len(outline)
    along = np.roll(outline, -1, axis=0) - np.roll(outline, 1, axis=0)
    normals = np.column_stack([along[:, 1], -along[:, 0]])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return Section(outline, normals, np.column_stack([np.arange(m), (np.arange(m) + 1) % m]))


def _round(sides: int) -> Section:
    turn = np.arange(sides) * 2 * np.pi / sides
    return _smooth(0.5 * np.column_stack([np.cos(turn), np.sin(turn)]))


def _egg() -> Section:
    """Return an egg on its tip: the upper half a half circle, the lower one drawn down to a narrow bed."""
    turn = np.arange(16) * 2 * np.pi / 16
    across, up = np.cos(turn), np.sin(turn)
    narrow = np.where(up < 0, 1.0 + 0.38 * up, 1.0)
    high = np.where(up < 0, up * 1.0, up * 0.5)
    return _smooth(np.column_stack([0.5 * across * narrow, (high + 0.25) / 1.5]))


def _box() -> Section:
    corner = np.array([[0.5, -0.5], [0.5, 0.5], [-0.5, 0.5], [-0.5, -0.5]])
    after = np.roll(corner, -1, axis=0)
    normal = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    outline = np.stack([corner, after], axis=1).reshape(-1, 2)
    return Section(outline, normal.repeat(2, axis=0), np.arange(8).reshape(4, 2))


ROUND, BOX, EGG = _round(SIDES), _box(), _egg()


@dataclass(frozen=True, slots=True)
class Swept:
    """Triangles of swept cross-sections.

    Parameters
    ----------
    points, normals : ndarray (n, 3)
    faces : ndarray (f, 3)
    line : ndarray (f,)
        Which line a face belongs to.
    point_line : ndarray (n,)
    reach_m : ndarray (n,)
        How far a point lies from the middle of its section, along its normal.
    along_m : ndarray (n,)
        Distance along its line.
    around : ndarray (n,)
        Place around the section, 0…1.
    """

    points: Floats
    normals: Floats
    faces: Ints
    line: Ints
    point_line: Ints
    reach_m: Floats
    along_m: Floats
    around: Floats


def sweep(points: Floats, counts: Ints, section: Section, width_m: Floats, height_m: Floats) -> Swept | None:
    """Sweep a cross-section along polylines, with mitred bends and closed ends.

    Parameters
    ----------
    points : ndarray (n, 3)
        Points of all lines one after another.
    counts : ndarray (k,)
        Points of each line.
    section : Section
    width_m, height_m : ndarray (k,)

    Returns
    -------
    Swept or None
        None where no line has two different points.
    """
    line = np.repeat(np.arange(len(counts)), counts)
    if len(points) > 1:  # a point on the one before has no direction
        same = (line[1:] == line[:-1]) & (np.linalg.norm(np.diff(points, axis=0), axis=1) < 1e-6)
        keep = np.concatenate([[True], ~same])
        points, line = points[keep], line[keep]
        counts = np.bincount(line, minlength=len(counts))
    enough = counts[line] >= 2
    points, line = points[enough], line[enough]
    if not len(points):
        return None
    inner = line[1:] == line[:-1]
    along = np.diff(points, axis=0)
    length = np.where(inner, np.linalg.norm(along, axis=1), 0.0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
    along[~inner] = 0.0
    side, up, widen = _axes(along)
    m = len(section.outline)
    size = np.column_stack([width_m, height_m])[line]
    offset = section.outline[None] * size[:, None]
    normal = section.normals[None] / np.maximum(size, 1e-9)[:, None]
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    # In a bend the mitred section is wider; only across the bend, for a pipe in plan bends sideways.
    rings = points[:, None] + offset[..., :1] * (side * widen[:, None])[:, None] + offset[..., 1:] * up[:, None]
    normals = normal[..., :1] * side[:, None] + normal[..., 1:] * up[:, None]
    first = np.flatnonzero(inner)
    begins, ends = np.concatenate([[True], ~inner]), np.concatenate([~inner, [True]])
    run = np.concatenate([[0.0], np.cumsum(length)])
    run -= run[np.flatnonzero(begins)][np.cumsum(begins) - 1]
    a = first[:, None] * m + section.walls[:, 0]
    b = first[:, None] * m + section.walls[:, 1]
    walls = np.stack([a, a + m, b + m, a, b + m, b], axis=2).reshape(-1, 3)
    rim = section.walls[:, 0]
    fan = np.stack([np.full(len(rim) - 2, rim[0]), rim[1:-1], rim[2:]], axis=1)
    heads, tails = np.flatnonzero(begins), np.flatnonzero(ends)
    head, tail = heads[:, None, None] * m + fan, tails[:, None, None] * m + fan[:, ::-1]
    caps = np.concatenate([head.reshape(-1, 3), tail.reshape(-1, 3)])
    return Swept(
        rings.reshape(-1, 3), normals.reshape(-1, 3), np.concatenate([walls, caps]),
        np.concatenate([
            np.repeat(line[first], 2 * len(section.walls)), np.repeat(line[heads], len(fan)),
            np.repeat(line[tails], len(fan)),
        ]),
        np.repeat(line, m), (offset * normal).sum(axis=2).ravel(), np.repeat(run, m),
        np.tile(np.arange(m) / m, len(points)),
    )  # fmt: skip


def _axes(along: Floats) -> tuple[Floats, Floats, Floats]:
    """Return, at each point, what is right and up of the line, and by what its bend widens a section."""
    before, after = np.vstack([np.zeros((1, 3)), along]), np.vstack([along, np.zeros((1, 3))])
    tangent = before + after
    short = np.linalg.norm(tangent, axis=1) < 1e-6  # the line turns back on itself
    tangent[short] = before[short]
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    # A mitred section is wider by 1/cos of half the angle; held to a factor of two in sharp bends.
    widen = 1.0 / np.clip(np.maximum((tangent * after).sum(1), (tangent * before).sum(1)), 0.5, 1.0)
    side = np.cross(tangent, [0.0, 0.0, 1.0])
    side[np.linalg.norm(side, axis=1) < 1e-6] = [1.0, 0.0, 0.0]
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    return side, np.cross(side, tangent), widen


@dataclass(frozen=True, slots=True)
class Turned:
    """Triangles of turned profiles.

    Parameters
    ----------
    points, normals : ndarray (n, 3)
    faces : ndarray (f, 3)
    thing, band : ndarray (f,)
        Which profile a face belongs to, and between which of its points (from the lower end) it lies.
    """

    points: Floats
    normals: Floats
    faces: Ints
    thing: Ints
    band: Ints


def turn(centres: Floats, radius_m: Floats, height_m: Floats, sides: int = SIDES) -> Turned:
    """Turn profiles around uprights.

    Parameters
    ----------
    centres : ndarray (k, 2)
    radius_m, height_m : ndarray (k, p)
        Profile of each, from its lower end; a radius of 0 closes it.
    sides : int
    """
    k, p = radius_m.shape
    angle = np.arange(sides) * 2 * np.pi / sides
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    low, high = slice(None, -1), slice(1, None)
    rise, grow = np.diff(height_m, axis=1), np.diff(radius_m, axis=1)
    length = np.maximum(np.hypot(rise, grow), 1e-9)
    flat, up = rise / length, -grow / length  # outwards and up, of each band
    ends = np.stack([radius_m[:, low], radius_m[:, high]], axis=2)  # (k, p - 1, 2)
    levels = np.stack([height_m[:, low], height_m[:, high]], axis=2)
    xy = centres[:, None, None, None] + ends[..., None, None] * ring
    points = np.concatenate([xy, np.broadcast_to(levels[..., None, None], (*xy.shape[:-1], 1))], axis=-1)
    out = np.concatenate([
        np.broadcast_to(flat[:, :, None, None, None] * ring, xy.shape),
        np.broadcast_to(up[:, :, None, None, None], (*xy.shape[:-1], 1)),
    ], axis=-1)  # fmt: skip
    base = (np.arange(k * (p - 1)) * 2 * sides)[:, None]
    i, j = np.arange(sides), (np.arange(sides) + 1) % sides
    faces = np.stack([base + i, base + j, base + sides + j, base + i, base + sides + j, base + sides + i], axis=2)
    band = np.arange(k * (p - 1)).repeat(2 * sides)
    return Turned(
        points.reshape(-1, 3), out.reshape(-1, 3), faces.reshape(-1, 3), band // (p - 1), band % (p - 1)
    )  # fmt: skip

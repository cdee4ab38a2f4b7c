"""Cross-sections swept along lines: decks, tunnel tubes, the compartments of a utility tunnel."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A mitred bend is no wider than so many times the section.
MOST_MITRE = 2.0


def swept(
    points: Floats, counts: Ints, profile: Floats, wide_m: Floats, high_m: Floats, *, is_closed: bool = True
) -> tuple[Floats, Ints, Ints]:
    """Sweep a profile along polylines, upright and mitred in plan.

    Parameters
    ----------
    points : ndarray (n, 3)
        Points of all lines one after another, each line with at least two that differ in plan.
    counts : ndarray (k,)
        Points of each line.
    profile : ndarray (p, 2)
        Across (to the right of the line) and up, for a section of width and height 1.
    wide_m, high_m : ndarray (k,)
    is_closed : bool
        Whether the last point of the profile meets the first.

    Returns
    -------
    points : ndarray (n × p, 3)
    faces : ndarray (f, 3)
    line : ndarray (f,)
        Which line a face belongs to.
    """
    line = np.repeat(np.arange(len(counts)), counts)
    ahead = np.diff(points[:, :2], axis=0)
    inner = line[1:] == line[:-1]
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-12)
    ahead[~inner] = 0.0
    before, after = np.vstack([np.zeros((1, 2)), ahead]), np.vstack([ahead, np.zeros((1, 2))])
    tangent = before + after
    length = np.linalg.norm(tangent, axis=1, keepdims=True)
    tangent = np.where(length < 1e-6, before + 1e-12, tangent) / np.maximum(length, 1e-9)
    cosine = np.maximum((tangent * after).sum(1), (tangent * before).sum(1))
    right = np.column_stack([tangent[:, 1], -tangent[:, 0]]) / np.clip(cosine, 1.0 / MOST_MITRE, 1.0)[:, None]
    sides = len(profile)
    out = np.empty((len(points), sides, 3))
    across = profile[None, :, 0] * wide_m[line][:, None]
    out[:, :, :2] = points[:, None, :2] + right[:, None, :] * across[:, :, None]
    out[:, :, 2] = points[:, None, 2] + profile[None, :, 1] * high_m[line][:, None]
    first = np.flatnonzero(inner)
    side = np.arange(sides if is_closed else sides - 1)
    a, b = first[:, None] * sides + side, first[:, None] * sides + (side + 1) % sides
    faces = np.stack([a, b, b + sides, a, b + sides, a + sides], axis=2).reshape(-1, 3)
    return out.reshape(-1, 3), faces, np.repeat(line[first], 2 * len(side))


def swept_rims(counts: Ints, sides: int, corners: Ints) -> Ints:
    """Return the edges (e, 2) along the lines at some corners of a profile, by point number of :func:`swept`."""
    line = np.repeat(np.arange(len(counts)), counts)
    first = np.flatnonzero(line[1:] == line[:-1])
    start = first[:, None] * sides + corners[None, :]
    return np.column_stack([start.ravel(), start.ravel() + sides])


def evened(points: Floats, counts: Ints) -> tuple[Floats, Ints]:
    """Return lines without points that stand on the one before, and how many points each has left."""
    line = np.repeat(np.arange(len(counts)), counts)
    if len(points) < 2:
        return points[:0], np.zeros(len(counts), dtype=np.int64)
    same = (line[1:] == line[:-1]) & (np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1) < 1e-3)
    keep = np.concatenate([[True], ~same])
    return points[keep], np.bincount(line[keep], minlength=len(counts))


def drawn_lines(frame: Any, least_m: float = 0.5) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return the lines of a frame that are long enough to be drawn as a body, and the row of each."""
    lines, row = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    is_line = (shapely.get_type_id(lines) == 1) & (shapely.length(lines) > least_m)
    return lines[is_line], row[is_line]

"""Ambient occlusion in screen space, computed from the depths of a frame.

The same frame gives the same shade, pixel for pixel: the samples are a fixed spiral, turned by a fixed pattern of
4 × 4 pixels that a blur of as many pixels takes out again. VTK's own pass draws its samples by chance.

References
----------
McGuire, Osman, Bukowski, Hennessy, "The Alchemy screen-space ambient obscurance algorithm", HPG 2011.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.integer]

SAMPLES = 14
#: Radius within which things shade each other, metres.
RADIUS_M = 9.0
#: Part of a sample's height that does not count, against shade on flat ground.
BIAS = 0.06
STRENGTH = 1.25
#: Most that is taken away.
MOST = 0.55
#: Distance at which the shade begins to fade, and at which it has gone, metres.
FADE_M = (1500.0, 3000.0)
_TURNS = 4
#: Rows of the picture at work at once; a multiple of ``_TURNS``.
_BAND_PX = 256


def occlusion(away_m: NDArray[np.floating], angle_deg: float) -> Floats:
    """Return how much of each pixel's light stays, 0…1.

    Parameters
    ----------
    away_m : ndarray (h, w)
        Distance along the view's axis, metres; any size beyond ``FADE_M`` for the sky.
    angle_deg : float
        Vertical opening angle of the perspective view.

    Returns
    -------
    ndarray (h, w) float32
    """
    height, width = away_m.shape
    away = np.ascontiguousarray(away_m, dtype=np.float32)
    taken = np.zeros((height, width), dtype=np.float32)

    # All pixels at one place of the pattern look in the same directions: there is no angle to be worked out for each,
    # and what is held at once is a sixteenth of the picture, in bands.
    def shade(place: tuple[int, int, int]) -> None:
        top, row, column = place
        rows, columns = np.arange(top + row, min(top + _BAND_PX, height), _TURNS), np.arange(column, width, _TURNS)
        if len(rows) and len(columns):
            turn = (row * _TURNS + column) * 2 * np.pi / _TURNS**2
            taken[np.ix_(rows, columns)] = _taken(away, rows, columns, turn, angle_deg)

    # Every second place, as on a chequerboard: the blur fills the others from their neighbours.
    chosen = [(row, column) for row, column in product(range(_TURNS), repeat=2) if not (row + column) % 2]
    places = ((top, *place) for top, place in product(range(0, height, _BAND_PX), chosen))
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as threads:  # NumPy lets other threads work
        for _ in threads.map(shade, places):
            pass
    light = _blurred(taken, away)
    np.subtract(np.float32(1.0), light, out=light)
    return light


def _taken(away: Floats, rows: Ints, columns: Ints, turn: float, angle_deg: float) -> Floats:
    """Return what is taken of the light of the pixels where some rows and columns cross."""
    height, width = away.shape
    per_px = np.float32(np.tan(np.radians(angle_deg) / 2) / (height / 2))
    row, column = (part.ravel() for part in np.meshgrid(rows, columns, indexing="ij"))
    z = away[row, column]
    mine = np.flatnonzero(z < FADE_M[1])
    result = np.zeros(len(z), dtype=np.float32)
    row, column, z = row[mine].astype(np.int32), column[mine].astype(np.int32), z[mine]
    across, down = (column - np.float32(width / 2)) * per_px, (row - np.float32(height / 2)) * per_px
    x, y = across * z, down * z
    normal = _normals(away, row, column, z, per_px)
    reach_px = np.clip(np.float32(RADIUS_M) / (per_px * z), 1.5, height / 5).astype(np.float32)
    flat, shade, slack = away.ravel(), np.zeros(len(z), dtype=np.float32), np.float32(2e-4) * z
    for k in range(SAMPLES):
        angle, share = turn + 2.399963 * k, (k + 0.5) / SAMPLES
        there_row = row + (reach_px * np.float32(share * np.sin(angle))).astype(np.int32)
        there_column = column + (reach_px * np.float32(share * np.cos(angle))).astype(np.int32)
        np.clip(there_row, 0, height - 1, out=there_row)
        np.clip(there_column, 0, width - 1, out=there_column)
        there = flat[there_row * np.int64(width) + there_column]
        step_x = (there_column - np.float32(width / 2)) * per_px * there - x
        step_y = (there_row - np.float32(height / 2)) * per_px * there - y
        step_z = there - z
        square = step_x * step_x + step_y * step_y + step_z * step_z
        rise = step_x * normal[0] + step_y * normal[1] + step_z * normal[2]
        rise -= np.float32(BIAS) * np.sqrt(square) + slack
        near = np.float32(1.0) - square * np.float32(1.0 / RADIUS_M**2)
        shade += np.maximum(near, 0.0) * np.maximum(rise, 0.0) / np.sqrt(square + np.float32(0.25))
    fade = np.clip((np.float32(FADE_M[1]) - z) / np.float32(FADE_M[1] - FADE_M[0]), 0.0, 1.0)
    result[mine] = np.minimum(shade * np.float32(2 * STRENGTH / SAMPLES), MOST) * fade
    return result.reshape(len(rows), len(columns))


def _normals(away: Floats, row: Ints, column: Ints, z: Floats, per_px: np.float32) -> tuple[Floats, Floats, Floats]:
    """Return unit normals towards the eye, each side's slope taken from the neighbour whose depth is nearer."""
    height, width = away.shape
    middle = np.float32(width / 2), np.float32(height / 2)
    slopes = []
    for d_row, d_column in ((0, 1), (1, 0)):
        after = np.minimum(row + d_row, height - 1), np.minimum(column + d_column, width - 1)
        before = np.maximum(row - d_row, 0), np.maximum(column - d_column, 0)
        z_after, z_before = away[after], away[before]
        gap_after, gap_before = z_after - z, z - z_before
        # At the rim there is one neighbour.
        at_end = (after[0] == row) & (after[1] == column)
        at_start = (before[0] == row) & (before[1] == column)
        use = at_start | (~at_end & (np.abs(gap_after) <= np.abs(gap_before)))
        other, sign = np.where(use, z_after, z_before), np.where(use, np.float32(1.0), np.float32(-1.0))
        there = column + np.where(use, d_column, -d_column), row + np.where(use, d_row, -d_row)
        slopes.append((
            ((there[0] - middle[0]) * other - (column - middle[0]) * z) * per_px * sign,
            ((there[1] - middle[1]) * other - (row - middle[1]) * z) * per_px * sign,
            (other - z) * sign,
        ))  # fmt: skip
    (ax, ay, az), (bx, by, bz) = slopes
    x, y, n = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
    facing = (column - middle[0]) * per_px * x + (row - middle[1]) * per_px * y + n
    length = np.sqrt(x * x + y * y + n * n)
    unit = np.where(facing > 0, np.float32(-1.0), np.float32(1.0)) / np.maximum(length, np.float32(1e-20))
    return (x * unit).astype(np.float32), (y * unit).astype(np.float32), (n * unit).astype(np.float32)


def shaded(picture: NDArray[np.uint8], light: Floats) -> NDArray[np.uint8]:
    """Put a picture (h, w, 3), in its place, under the light (h, w) that stays, and return it."""
    for top in range(0, len(picture), _BAND_PX):
        band = slice(top, top + _BAND_PX)
        picture[band] = picture[band] * light[band, :, None]
    return picture


def _blurred(taken: Floats, away: Floats) -> Floats:
    """Return the mean of what was worked out in as many pixels as the pattern has, not across edges of depth."""
    height, width = taken.shape
    reach = range(-(_TURNS // 2), _TURNS // 2)
    columns_of = np.clip(np.arange(-_TURNS, width + _TURNS), 0, width - 1)
    result = np.empty_like(taken)
    for top in range(0, height, _BAND_PX):
        rows = min(_BAND_PX, height - top)
        here = away[top : top + rows]
        around = np.clip(np.arange(top - _TURNS, top + rows + _TURNS), 0, height - 1)
        known = (around[:, None] + columns_of) % 2 == 0
        padded, depth = (np.pad(whole[around], ((0, 0), (_TURNS, _TURNS)), mode="edge") for whole in (taken, away))
        allowed = np.float32(0.012) * here + np.float32(1.0)
        total, weight = np.zeros_like(here), np.zeros_like(here)
        for dy in reach:
            for dx in reach:
                there = slice(_TURNS + dy, _TURNS + dy + rows), slice(_TURNS + dx, _TURNS + dx + width)
                near = (np.abs(depth[there] - here) < allowed) & known[there]
                total += near * padded[there]
                weight += near
        result[top : top + rows] = total / np.maximum(weight, np.float32(1.0))
    return result

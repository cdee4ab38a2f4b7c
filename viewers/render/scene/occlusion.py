"""Ambient occlusion in screen space, computed from the depths of a frame.

The same frame gives the same shade, pixel for pixel: the samples are a fixed spiral, turned by a fixed pattern of
4 × 4 pixels that a blur of as many pixels takes out again. VTK's own pass draws its samples by chance.

References
----------
McGuire, Osman, Bukowski, Hennessy, "The Alchemy screen-space ambient obscurance algorithm", HPG 2011.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

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
    focal_px = np.float32(height / 2 / np.tan(np.radians(angle_deg) / 2))
    rows, columns = np.meshgrid(
        np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32), indexing="ij", copy=False
    )
    place = np.stack(
        [(columns - width / 2) / focal_px * away, (rows - height / 2) / focal_px * away, away], axis=-1
    ).astype(np.float32)
    normal = _normals(place)
    mine = np.flatnonzero(away < FADE_M[1])
    if not len(mine):
        return np.ones((height, width), dtype=np.float32)
    flat_place = place.reshape(-1, 3)
    at, up = flat_place[mine], normal.reshape(-1, 3)[mine]
    row, column = mine // width, mine % width
    reach_px = np.clip(RADIUS_M * focal_px / at[:, 2], 1.5, height / 5).astype(np.float32)
    turn = ((row % _TURNS) * _TURNS + (column % _TURNS)).astype(np.float32) * np.float32(2 * np.pi / _TURNS**2)
    shade = np.zeros(len(mine), dtype=np.float32)
    for k in range(SAMPLES):
        out = reach_px * np.float32((k + 0.5) / SAMPLES)
        angle = turn + np.float32(2.399963 * k)
        there_row = np.clip(row + (out * np.sin(angle)).astype(np.int32), 0, height - 1)
        there_column = np.clip(column + (out * np.cos(angle)).astype(np.int32), 0, width - 1)
        step = flat_place[there_row * width + there_column] - at
        square = np.einsum("ij,ij->i", step, step)
        rise = np.einsum("ij,ij->i", step, up)
        rise -= np.float32(BIAS) * np.sqrt(square) + np.float32(2e-4) * at[:, 2]
        near = np.maximum(1.0 - square / np.float32(RADIUS_M**2), 0.0)
        shade += near * np.maximum(rise, 0.0) / np.sqrt(square + np.float32(0.25))
    fade = np.clip((FADE_M[1] - at[:, 2]) / np.float32(FADE_M[1] - FADE_M[0]), 0.0, 1.0)
    taken = np.zeros(height * width, dtype=np.float32)
    taken[mine] = np.minimum(shade * np.float32(2 * STRENGTH / SAMPLES), MOST) * fade
    return 1.0 - _blurred(taken.reshape(height, width), away)


def _normals(place: Floats) -> Floats:
    """Return unit normals towards the eye, each side's slope taken from the neighbour whose depth is nearer."""
    slopes = []
    for axis in (1, 0):
        after, before = np.zeros_like(place), np.zeros_like(place)
        cut_a = (slice(None), slice(None, -1)) if axis else (slice(None, -1), slice(None))
        cut_b = (slice(None), slice(1, None)) if axis else (slice(1, None), slice(None))
        step = place[cut_b] - place[cut_a]
        after[cut_a], before[cut_b] = step, step
        last = (slice(None), -1) if axis else (-1, slice(None))
        first = (slice(None), 0) if axis else (0, slice(None))
        after[last], before[first] = before[last], after[first]
        use = np.abs(after[..., 2]) <= np.abs(before[..., 2])
        slopes.append(np.where(use[..., None], after, before))
    normal = np.cross(slopes[0], slopes[1])
    length = np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-20)
    facing = np.where((normal * place).sum(axis=-1, keepdims=True) > 0, -1.0, 1.0)
    result: Floats = (normal / length * facing).astype(np.float32)
    return result


def _blurred(taken: Floats, away: Floats) -> Floats:
    """Return the mean over as many pixels as the pattern has, not across edges of depth."""
    total, weight = np.zeros_like(taken), np.zeros_like(taken)
    height, width = taken.shape
    reach = range(-(_TURNS // 2), _TURNS // 2)
    padded = np.pad(taken, _TURNS, mode="edge")
    depth = np.pad(away, _TURNS, mode="edge")
    for dy in reach:
        for dx in reach:
            part = (slice(_TURNS + dy, _TURNS + dy + height), slice(_TURNS + dx, _TURNS + dx + width))
            near = (np.abs(depth[part] - away) < np.float32(0.012) * away + 1.0).astype(np.float32)
            total += near * padded[part]
            weight += near
    result: Floats = (total / np.maximum(weight, 1.0)).astype(np.float32)
    return result

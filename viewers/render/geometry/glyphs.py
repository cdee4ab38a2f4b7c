"""The table of glyphs: small unit shapes that are instanced thousands of times.

Invariants
----------
1. A shape stands with its foot at zero and is one unit high; its front looks north (+y). The scale of an instance then
   is its height in metres, and trees and covers scale across by their width.
2. Every face has a *tint* (0…1) that multiplies the colour of the instance, so that one colour per object still shows
   trunk and crown, pole and lamp. A glyph mapper takes no colours from its source: the tint is a texture coordinate
   into a ramp of greys (:func:`tint_image`).
3. Shapes are small (5…120 triangles): ten thousand trees are a million of them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Greys in the tint ramp.
TINTS = 32
#: Whether a shape is made for a distance: what is round has few sides then, and what is thin three.
_is_far: ContextVar[bool] = ContextVar("_is_far", default=False)
_FAR_SIDES, _THIN_SIDES = 6, 3
#: Radius below which a thing is thin, as a share of its height.
_THIN = 0.12


@dataclass(frozen=True, slots=True)
class Shape:
    """Triangles of one shape, each with its own three points.

    Parameters
    ----------
    points, normals : ndarray (3 f, 3)
    tint : ndarray (f,)
        Factor on the instance's colour, 0…1; negative for bark, which is browner than its crown.
    """

    points: Floats
    normals: Floats
    tint: Floats

    @property
    def face_count(self) -> int:
        """Number of triangles."""
        return len(self.tint)


def shape_names() -> tuple[str, ...]:
    """Return every name that :func:`shape_polydata` knows."""
    return tuple(_SHAPES)


@lru_cache(maxsize=128)
def shape(name: str, far: bool = False) -> Shape:
    """Return a shape by name; an unknown name gives a post.

    Parameters
    ----------
    name : str
    far : bool
        The form for a distance: what is round has few sides, the outline is the same.
    """
    make = _SHAPES.get(name, _post)
    if not far:
        return make()
    context = copy_context()
    context.run(_is_far.set, True)
    return context.run(make)


@lru_cache(maxsize=128)
def shape_polydata(name: str, far: bool = False) -> Any:
    """Return the VTK polygons of a shape: points, normals and the tint as texture coordinates; not to be changed."""
    from vtkmodules.util.numpy_support import numpy_to_vtk

    from viewers.render.geometry.vtk_arrays import polydata

    one = shape(name, far)
    data = polydata(one.points, np.arange(3 * one.face_count).reshape(-1, 3))
    data.GetPointData().SetNormals(numpy_to_vtk(np.ascontiguousarray(one.normals, dtype=np.float32), deep=True))
    level = np.round(np.clip(np.abs(one.tint), 0, 1) * (TINTS - 1))
    row = np.where(one.tint < 0, 1 / 6, 1 / 2)
    uv = np.column_stack([(level + 0.5) / TINTS, row]).repeat(3, axis=0)
    data.GetPointData().SetTCoords(numpy_to_vtk(np.ascontiguousarray(uv, dtype=np.float32), deep=True))
    return data


def tint_image() -> NDArray[np.uint8]:
    """Return the ramps that tints index, (3, TINTS, 3) uint8: the middle row is grey, the others are bark."""
    ramp = np.linspace(0, 255, TINTS)[None, :, None]
    rows = np.array([[1.0, 0.74, 0.72], [1.0, 1.0, 1.0], [1.0, 0.74, 0.72]])[:, None, :]
    image: NDArray[np.uint8] = np.round(ramp * rows).astype(np.uint8)
    return image


# --- building blocks: (points (3 f, 3), normals (3 f, 3), tint (f,)) ------------------------------------------------

_Block = tuple[Floats, Floats, Floats]


def _sides(wanted: int, radius: float) -> int:
    """Return how many sides something round gets."""
    return min(wanted, _THIN_SIDES if radius < _THIN else _FAR_SIDES) if _is_far.get() else wanted


def _joined(*blocks: _Block) -> Shape:
    points, normals, tint = (np.concatenate([block[k] for block in blocks]) for k in range(3))
    return Shape(points, normals, tint)


def _flat(triangles: Floats, tint: float | Floats) -> _Block:
    """Return triangles (f, 3, 3) with face normals."""
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return triangles.reshape(-1, 3), normals.repeat(3, axis=0), np.broadcast_to(tint, len(triangles)).astype(float)


def _box(low: tuple[float, float, float], high: tuple[float, float, float], tint: float, top: float = 0.0) -> _Block:
    """Return an upright box without its underside; ``top`` is the tint of its roof."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    corner = np.array(
        [[x0, y0, z0], [x1, y0, z0], [x1, y1, z0], [x0, y1, z0], [x0, y0, z1], [x1, y0, z1], [x1, y1, z1], [x0, y1, z1]]
    )
    faces = [[0, 1, 5], [0, 5, 4], [1, 2, 6], [1, 6, 5], [2, 3, 7], [2, 7, 6], [3, 0, 4], [3, 4, 7]]
    faces += [[4, 5, 6], [4, 6, 7]]
    if z0 > 0.02:
        faces += [[0, 2, 1], [0, 3, 2]]
    tints = np.full(len(faces), tint)
    tints[8:10] = top or tint
    return _flat(corner[np.array(faces)], tints)


def _lathe(
    profile: list[tuple[float, float]],
    sides: int,
    tint: float | list[float],
    centre: tuple[float, float] = (0, 0),
    smooth: bool = True,
) -> _Block:
    """Turn a profile of (radius, height) around the vertical; one tint, or one a band."""
    sides = _sides(sides, max(radius for radius, _ in profile))
    angle = np.linspace(0, 2 * np.pi, sides + 1)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    tints = tint if isinstance(tint, list) else [tint] * (len(profile) - 1)
    triangles, normals, shade = [], [], []
    for (r0, z0), (r1, z1), t in zip(profile[:-1], profile[1:], tints, strict=True):
        low = np.column_stack([ring * r0 + centre, np.full(sides + 1, z0)])
        high = np.column_stack([ring * r1 + centre, np.full(sides + 1, z1)])
        across, up = z1 - z0, r0 - r1
        length = np.hypot(across, up) or 1.0
        out = np.column_stack([ring * (across / length), np.full(sides + 1, up / length)])
        if r0 > 1e-9:
            triangles.append(np.stack([low[:-1], low[1:], high[1:]], axis=1))
            normals.append(np.stack([out[:-1], out[1:], out[1:]], axis=1))
            shade.append(np.full(sides, t))
        if r1 > 1e-9:
            triangles.append(np.stack([low[:-1], high[1:], high[:-1]], axis=1))
            normals.append(np.stack([out[:-1], out[1:], out[:-1]], axis=1))
            shade.append(np.full(sides, t))
    every = np.concatenate(triangles)
    if not smooth:
        return _flat(every, np.concatenate(shade))
    return every.reshape(-1, 3), np.concatenate(normals).reshape(-1, 3), np.concatenate(shade)


def _disc(radius: float, z: float, sides: int, tint: float, inner: float = 0.0) -> _Block:
    """Return a level disc or ring, seen from above."""
    return _lathe([(radius, z), (inner, z)], sides, tint, smooth=False)


def _bar(start: tuple[float, float, float], end: tuple[float, float, float], radius: float, tint: float,
         sides: int = 4) -> _Block:  # fmt: skip
    """Return a thin bar between two points."""
    a, b = np.array(start), np.array(end)
    along = (b - a) / np.linalg.norm(b - a)
    side = np.cross(along, [0.0, 0.0, 1.0]) if abs(along[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    up = np.cross(side, along)
    sides = _sides(sides, radius)
    angle = np.linspace(0, 2 * np.pi, sides + 1) + np.pi / 4
    ring = radius * (np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * up)
    low, high = a + ring, b + ring
    triangles = np.concatenate(
        [np.stack([low[:-1], high[1:], low[1:]], axis=1), np.stack([low[:-1], high[:-1], high[1:]], axis=1)]
    )
    return _outward(triangles, (a + b) / 2, tint)


def _outward(triangles: Floats, centre: Floats, tint: float | Floats) -> _Block:
    """Turn faces so that they look away from a centre."""
    normal = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    inward = ((triangles.mean(axis=1) - centre) * normal).sum(axis=1) < 0
    triangles = triangles.copy()
    triangles[inward] = triangles[inward][:, ::-1]
    return _flat(triangles, tint)


def _icosahedron() -> tuple[Floats, NDArray[np.int64]]:
    g = (1 + 5**0.5) / 2
    points = np.array(
        [[-1, g, 0], [1, g, 0], [-1, -g, 0], [1, -g, 0], [0, -1, g], [0, 1, g], [0, -1, -g], [0, 1, -g],
         [g, 0, -1], [g, 0, 1], [-g, 0, -1], [-g, 0, 1]], dtype=float,
    )  # fmt: skip
    faces = np.array(
        [[0, 11, 5], [0, 5, 1], [0, 1, 7], [0, 7, 10], [0, 10, 11], [1, 5, 9], [5, 11, 4], [11, 10, 2], [10, 7, 6],
         [7, 1, 8], [3, 9, 4], [3, 4, 2], [3, 2, 6], [3, 6, 8], [3, 8, 9], [4, 9, 5], [2, 4, 11], [6, 2, 10], [8, 6, 7],
         [9, 8, 1]],
    )  # fmt: skip
    return points / np.linalg.norm(points[0]), faces


def _finer(points: Floats, faces: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
    """Part each face of a unit ball in four."""
    sides = np.sort(np.stack([faces, np.roll(faces, -1, axis=1)], axis=2).reshape(-1, 2), axis=1)
    pairs, number = np.unique(sides, axis=0, return_inverse=True)
    middle = points[pairs].mean(axis=1)
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    ab, bc, ca = (number.reshape(-1, 3) + len(points)).T
    a, b, c = faces.T
    parted = np.concatenate([np.stack(t, axis=1) for t in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))])
    return np.vstack([points, middle]), parted


def _crown(centre: tuple[float, float, float], radii: tuple[float, float, float], seed: int, light: float,
           fine: bool = False) -> _Block:  # fmt: skip
    """Return an irregular clump of leaves: lit on top, dark below, every facet a little different."""
    random = np.random.default_rng(seed)
    unit, faces = _icosahedron()
    if fine and not _is_far.get():
        unit, faces = _finer(unit, faces)
    turn = random.uniform(0, 2 * np.pi)
    c, s = np.cos(turn), np.sin(turn)
    unit = unit @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    points = np.array(centre) + unit * random.uniform(0.84, 1.13, (len(unit), 1)) * np.array(radii)
    triangles = points[faces]
    _, face_normals, _ = _flat(triangles, 1.0)
    height = unit[faces].mean(axis=1)[:, 2]
    tint = light * (0.86 + 0.13 * height) + random.uniform(-0.035, 0.035, len(faces))
    # Between facet and ball: soft enough for leaves, crisp enough to have form.
    normals = 0.42 * face_normals + 0.48 * unit[faces].reshape(-1, 3) + [0.0, 0.0, 0.16]
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return triangles.reshape(-1, 3), normals, np.clip(tint, 0.3, 1.0)


def _trunk(top: float, radius: float) -> _Block:
    points, normals, tint = _lathe([(radius, 0.0), (radius * 0.62, top)], 5, -0.74)
    return points, normals, tint


# --- trees ------------------------------------------------------------------------------------------------------------


def _tree_round() -> Shape:
    return _joined(
        _trunk(0.42, 0.045),
        _crown((0.03, -0.02, 0.60), (0.43, 0.42, 0.27), 3, 0.96, fine=True),
        _crown((-0.10, 0.10, 0.78), (0.30, 0.31, 0.21), 8, 1.0, fine=True),
        _crown((0.16, 0.12, 0.47), (0.28, 0.27, 0.17), 14, 0.88),
    )


def _tree_broad() -> Shape:
    return _joined(
        _trunk(0.45, 0.05),
        _crown((-0.16, -0.08, 0.62), (0.34, 0.36, 0.23), 21, 0.94, fine=True),
        _crown((0.18, -0.02, 0.66), (0.32, 0.34, 0.25), 22, 0.97, fine=True),
        _crown((0.00, 0.14, 0.78), (0.33, 0.31, 0.21), 23, 1.0),
        _crown((0.03, -0.26, 0.54), (0.24, 0.22, 0.15), 24, 0.86),
    )


def _tree_tall() -> Shape:
    return _joined(
        _trunk(0.3, 0.06),
        _crown((0.02, 0.0, 0.42), (0.40, 0.42, 0.24), 31, 0.90, fine=True),
        _crown((-0.03, 0.03, 0.66), (0.38, 0.36, 0.25), 32, 0.96, fine=True),
        _crown((0.02, -0.02, 0.85), (0.25, 0.26, 0.15), 33, 1.0),
    )


def _tree_conical() -> Shape:
    random = np.random.default_rng(5)
    blocks = [_trunk(0.2, 0.04)]
    for low, high, radius, light in ((0.14, 0.56, 0.48, 0.84), (0.36, 0.78, 0.37, 0.92), (0.60, 1.0, 0.25, 1.0)):
        sides = 7
        angle = np.linspace(0, 2 * np.pi, sides, endpoint=False) + random.uniform(0, 1)
        reach = radius * random.uniform(0.86, 1.12, sides)
        rim = np.column_stack([np.cos(angle) * reach, np.sin(angle) * reach, low + random.uniform(-0.03, 0.03, sides)])
        tip, below = np.array([0.0, 0.0, high]), np.array([0.0, 0.0, low + 0.10])
        after = np.roll(rim, -1, axis=0)
        upper = np.stack([rim, after, np.broadcast_to(tip, rim.shape)], axis=1)
        lower = np.stack([after, rim, np.broadcast_to(below, rim.shape)], axis=1)
        blocks += [_flat(upper, light + random.uniform(-0.05, 0.0, sides)), _flat(lower, light * 0.68)]
    return _joined(*blocks)


# --- things of the street ---------------------------------------------------------------------------------------------


def _cover() -> Shape:
    """A lid with a raised rim and a lighter inner plate; as wide as it is "high"."""
    return _joined(
        _lathe([(0.51, -0.06), (0.50, 0.03)], 12, 0.74),
        _disc(0.50, 0.03, 12, 0.72, inner=0.43),
        _disc(0.43, 0.03, 12, 1.0, inner=0.15),
        _disc(0.15, 0.03, 12, 0.80),
    )


def _grate() -> Shape:
    """An inlet with bars across; its long side runs north, along the kerb."""
    bars = [_box((-0.29, y - 0.04, 0.0), (0.29, y + 0.04, 0.05), 0.9, 1.0) for y in np.linspace(-0.4, 0.4, 5)]
    frame = _flat(
        np.array([[[-0.34, -0.52, 0.02], [0.34, -0.52, 0.02], [0.34, 0.52, 0.02]],
                  [[-0.34, -0.52, 0.02], [0.34, 0.52, 0.02], [-0.34, 0.52, 0.02]]]), 0.42,
    )  # fmt: skip
    return _joined(frame, *bars)


def _pit() -> Shape:
    rim = [
        ((-0.5, -0.5), (0.5, -0.42)), ((-0.5, 0.42), (0.5, 0.5)), ((-0.5, -0.42), (-0.42, 0.42)),
        ((0.42, -0.42), (0.5, 0.42)),
    ]  # fmt: skip
    soil = _flat(
        np.array([[[-0.42, -0.42, 0.02], [0.42, -0.42, 0.02], [0.42, 0.42, 0.02]],
                  [[-0.42, -0.42, 0.02], [0.42, 0.42, 0.02], [-0.42, 0.42, 0.02]]]), 0.66,
    )  # fmt: skip
    return _joined(soil, *(_box((*a, 0.0), (*b, 0.08), 0.95, 1.0) for a, b in rim))


def _lamp() -> Shape:
    """A street light: tapered pole, arm over the carriageway (north), flat head."""
    return _joined(
        _lathe([(0.016, 0.0), (0.016, 0.08), (0.010, 0.09), (0.006, 0.93)], 6, [0.58, 0.58, 0.70]),
        _bar((0, 0, 0.92), (0, 0.18, 0.985), 0.006, 0.70),
        _box((-0.014, 0.15, 0.976), (0.014, 0.25, 0.994), 1.0, 0.62),
    )


def _pole() -> Shape:
    return _joined(
        _lathe([(0.018, 0.0), (0.011, 1.0), (0.0, 1.0)], 6, [0.8, 0.9]), _bar((-0.1, 0, 0.9), (0.1, 0, 0.9), 0.007, 0.7)
    )


def _signal() -> Shape:
    """Lights for those who drive north: a pole at their right, an arm over the road at its left."""
    heads = [_box((x - 0.045, -0.04, 0.80), (x + 0.045, 0.04, 1.0), 0.30, 0.34) for x in (-0.30, -0.58)]
    lenses = [_box((x - 0.03, -0.046, z), (x + 0.03, -0.041, z + 0.045), t) for x in (-0.30, -0.58)
              for z, t in ((0.815, 0.7), (0.935, 1.0))]  # fmt: skip
    return _joined(
        _lathe([(0.018, 0.0), (0.014, 0.95)], 6, 0.72),
        _bar((0, 0, 0.93), (-0.66, 0, 0.95), 0.010, 0.72),
        *heads,
        *lenses,
    )


def _sign() -> Shape:
    return _joined(
        _lathe([(0.014, 0.0), (0.014, 0.98)], 5, 0.62),
        _box((-0.17, -0.025, 0.70), (0.17, 0.005, 1.0), 1.0, 0.9),
    )


def _camera() -> Shape:
    return _joined(
        _lathe([(0.018, 0.0), (0.012, 0.96)], 6, 0.66),
        _bar((0, 0, 0.95), (0, 0.16, 0.96), 0.008, 0.66),
        _box((-0.03, 0.10, 0.92), (0.03, 0.24, 1.0), 1.0, 0.9),
    )


def _hydrant() -> Shape:
    return _joined(
        _lathe([(0.20, 0.0), (0.20, 0.08), (0.13, 0.10), (0.13, 0.72), (0.17, 0.74), (0.14, 0.92), (0.0, 1.0)], 8,
               [0.7, 0.8, 1.0, 0.75, 1.0, 0.9]),
        _bar((-0.24, 0, 0.55), (0.24, 0, 0.55), 0.06, 0.78),
    )  # fmt: skip


def _bin() -> Shape:
    return _joined(
        _box((-0.36, -0.22, 0.06), (-0.02, 0.22, 0.86), 0.95, 0.8),
        _box((0.02, -0.22, 0.06), (0.36, 0.22, 0.86), 0.80, 0.7),
        _box((-0.40, -0.26, 0.90), (0.40, 0.26, 1.0), 0.62, 0.70),
    )


def _cabinet() -> Shape:
    return _joined(
        _box((-0.42, -0.20, 0.0), (0.42, 0.20, 0.08), 0.60),
        _box((-0.40, -0.18, 0.08), (0.40, 0.18, 0.94), 0.96),
        _box((-0.43, -0.21, 0.94), (0.43, 0.21, 1.0), 0.80, 0.88),
        _box((-0.015, 0.18, 0.12), (0.015, 0.19, 0.90), 0.55),
    )


def _kiosk() -> Shape:
    return _joined(
        _box((-0.42, -0.36, 0.0), (0.42, 0.36, 0.34), 0.80),
        _box((-0.40, -0.34, 0.34), (0.40, 0.34, 0.80), 0.58),
        _box((-0.54, -0.48, 0.82), (0.54, 0.48, 1.0), 1.0, 0.9),
    )


def _shelter() -> Shape:
    """A bus shelter: back wall, posts, roof over the kerb, a bench."""
    posts = [
        _box((x - 0.02, y - 0.02, 0.0), (x + 0.02, y + 0.02, 0.9), 0.55) for x in (-1.05, 1.05) for y in (-0.22, 0.25)
    ]
    return _joined(
        *posts,
        _box((-1.0, -0.24, 0.15), (1.0, -0.21, 0.82), 0.86),
        _box((-1.25, -0.32, 0.90), (1.25, 0.45, 1.0), 1.0, 0.94),
        _box((-0.7, -0.16, 0.16), (0.7, 0.0, 0.20), 0.6),
    )


def _bench() -> Shape:
    return _joined(
        _box((-0.85, -0.28, 0.42), (0.85, 0.28, 0.52), 1.0),
        _box((-0.85, -0.32, 0.60), (0.85, -0.24, 1.0), 0.92),
        _box((-0.70, -0.26, 0.0), (-0.58, 0.26, 0.42), 0.45),
        _box((0.58, -0.26, 0.0), (0.70, 0.26, 0.42), 0.45),
    )


def _planter() -> Shape:
    return _joined(
        _lathe([(0.36, 0.0), (0.50, 0.45), (0.0, 0.45)], 8, [0.72, 0.5]),
        _crown((0.0, 0.0, 0.66), (0.46, 0.44, 0.32), 41, 1.0),
    )


def _rail() -> Shape:
    """A guard rail of five metres along the road (north)."""
    posts = [_box((-0.035, y - 0.035, 0.0), (0.035, y + 0.035, 1.0), 0.85) for y in (-2.2, -0.75, 0.75, 2.2)]
    bars = [_box((-0.02, -2.3, z - 0.035), (0.02, 2.3, z + 0.035), 1.0) for z in (0.45, 0.92)]
    return _joined(*posts, *bars)


def _rack() -> Shape:
    hoops = []
    for x in (-0.6, 0.0, 0.6):
        hoops += [_bar((x, -0.3, 0), (x, -0.3, 1), 0.03, 0.9), _bar((x, 0.3, 0), (x, 0.3, 1), 0.03, 0.9),
                  _bar((x, -0.3, 1), (x, 0.3, 1), 0.03, 1.0)]  # fmt: skip
    return _joined(*hoops)


def _fitness() -> Shape:
    return _joined(
        _bar((-0.5, 0, 0), (-0.5, 0, 1), 0.03, 0.9), _bar((0.5, 0, 0), (0.5, 0, 1), 0.03, 0.9),
        _bar((-0.55, 0, 0.97), (0.55, 0, 0.97), 0.03, 1.0), _bar((-0.5, 0, 0.55), (0.5, 0, 0.55), 0.025, 0.7),
    )  # fmt: skip


def _sculpture() -> Shape:
    return _joined(
        _box((-0.26, -0.26, 0.0), (0.26, 0.26, 0.22), 0.78),
        _lathe(
            [(0.16, 0.22), (0.10, 0.5), (0.19, 0.72), (0.08, 0.92), (0.0, 1.0)], 6, [0.9, 0.82, 1.0, 0.95], smooth=False
        ),
    )


def _fountain() -> Shape:
    return _joined(
        _lathe([(1.0, 0.0), (1.0, 0.25), (0.88, 0.25)], 12, [0.68, 0.78]),
        _disc(0.88, 0.2, 12, 1.0),
        _lathe([(0.06, 0.2), (0.03, 0.7), (0.13, 0.92), (0.0, 1.0)], 8, [0.95, 1.0, 1.0]),
    )


def _hut() -> Shape:
    eaves = np.array([[-0.85, -0.6, 0.76], [0.85, -0.6, 0.76], [0.85, 0.6, 0.76], [-0.85, 0.6, 0.76]])
    ridge = np.array([[-0.55, 0, 1.0], [0.55, 0, 1.0]])
    roof = np.array(
        [[eaves[0], eaves[1], ridge[1]], [eaves[0], ridge[1], ridge[0]], [eaves[2], eaves[3], ridge[0]],
         [eaves[2], ridge[0], ridge[1]], [eaves[1], eaves[2], ridge[1]], [eaves[3], eaves[0], ridge[0]]]
    )  # fmt: skip
    return _joined(
        _box((-0.75, -0.5, 0.0), (0.75, 0.5, 0.76), 1.0),
        _box((-0.2, 0.5, 0.0), (0.2, 0.51, 0.5), 0.55),
        _flat(roof, np.array([0.66, 0.66, 0.72, 0.72, 0.62, 0.62])),
    )


def _post() -> Shape:
    return _joined(_lathe([(0.12, 0.0), (0.10, 0.86), (0.13, 0.88), (0.0, 1.0)], 6, [0.8, 0.8, 1.0]))


# --- signs above things: one shape a meaning, so that colour is never alone -------------------------------------------


def _marker_drop() -> Shape:
    return _joined(_lathe([(0.0, 0.0), (0.20, 0.42), (0.31, 0.66), (0.27, 0.86), (0.0, 1.0)], 8, [0.78, 0.9, 1.0, 1.0]))


def _marker_diamond() -> Shape:
    return _joined(_lathe([(0.0, 0.0), (0.36, 0.52), (0.0, 1.0)], 4, [0.78, 1.0], smooth=False))


def _marker_arrow() -> Shape:
    """An arrow to the side on a stem: something went elsewhere."""
    foot = np.array(
        [[0.10, -0.22, 0.50], [0.10, 0.22, 0.50], [0.10, 0.22, 0.96], [0.10, -0.22, 0.96], [0.46, 0.0, 0.73]]
    )
    tip = foot[[[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4], [0, 2, 1], [0, 3, 2]]]
    return _joined(
        _lathe([(0.0, 0.0), (0.10, 0.30), (0.10, 0.55), (0.0, 0.6)], 6, [0.8, 0.8, 0.9]),
        _box((-0.34, -0.10, 0.62), (0.10, 0.10, 0.84), 0.92, 1.0),
        _outward(tip, np.array([0.2, 0.0, 0.73]), 1.0),
    )  # fmt: skip


def _marker_cube() -> Shape:
    return _joined(
        _lathe([(0.0, 0.0), (0.11, 0.38)], 4, 0.75, smooth=False),
        _box((-0.28, -0.28, 0.40), (0.28, 0.28, 0.96), 0.92, 1.0),
    )


def _sensor() -> Shape:
    """A pin with rings, as of radio waves."""
    return _joined(
        _lathe([(0.025, 0.0), (0.025, 0.6)], 5, 0.55),
        _lathe([(0.0, 0.56), (0.16, 0.68), (0.18, 0.78), (0.13, 0.90), (0.0, 0.95)], 8, [0.8, 0.95, 1.0, 1.0]),
        _disc(0.30, 0.76, 12, 0.9, inner=0.24),
        _lathe([(0.24, 0.755), (0.30, 0.755)], 12, 0.7, smooth=False),
    )


def _case() -> Shape:
    """A flag on a pole."""
    edge = np.array([[0.0, 0.0, 0.62], [0.0, 0.0, 1.0], [0.44, 0.0, 0.81]])
    aside = np.array([0.0, 0.02, 0.0])
    flag = np.stack([edge + aside, edge[::-1] - aside])
    return _joined(
        _lathe([(0.022, 0.0), (0.022, 1.0)], 5, 0.55), _flat(flag, 1.0), _lathe([(0.08, 0.0), (0.022, 0.05)], 6, 0.55)
    )


# --- smart poles and what hangs on them: devices have their foot where they are mounted ------------------------------


def _smart_pole() -> Shape:
    """A multi-function pole: base with a door, shaft with rails, lamp arm over the carriageway, cross bar, crown."""
    return _joined(
        _lathe([(0.030, 0.0), (0.030, 0.10), (0.018, 0.11), (0.013, 0.80), (0.010, 0.96), (0.0, 1.0)], 8,
               [0.62, 0.72, 0.86, 0.92, 1.0]),
        _box((-0.014, 0.028, 0.02), (0.014, 0.034, 0.09), 0.5),
        _bar((0, 0, 0.86), (0, 0.20, 0.90), 0.006, 0.8), _box((-0.016, 0.15, 0.892), (0.016, 0.27, 0.906), 1.0, 0.7),
        _bar((-0.10, 0, 0.66), (0.10, 0, 0.66), 0.006, 0.76),
    )  # fmt: skip


def _antenna() -> Shape:
    """Three panels of a base station around a mast."""
    panels = []
    for turn in (0.0, 2.0944, 4.1888):
        x, y = 0.26 * np.sin(turn), 0.26 * np.cos(turn)
        panels.append(_box((x - 0.11, y - 0.11, 0.08), (x + 0.11, y + 0.11, 1.0), 0.96, 1.0))
    return _joined(_lathe([(0.06, 0.0), (0.06, 0.7)], 6, 0.6), *panels)


def _road_unit() -> Shape:
    """A box with two aerials, as of a roadside unit."""
    return _joined(
        _box((-0.30, -0.14, 0.0), (0.30, 0.14, 0.52), 0.95, 1.0), _bar((-0.18, 0, 0.5), (-0.18, 0, 1.0), 0.035, 0.7),
        _bar((0.18, 0, 0.5), (0.18, 0, 1.0), 0.035, 0.7),
    )  # fmt: skip


def _camera_head() -> Shape:
    return _joined(
        _box((-0.24, -0.50, 0.27), (0.24, 0.50, 0.88), 1.0, 0.9), _box((-0.17, 0.50, 0.36), (0.17, 0.55, 0.79), 0.3),
        _box((-0.29, -0.55, 0.88), (0.29, 0.67, 1.0), 0.8), _bar((0, 0, 0.0), (0, 0, 0.27), 0.06, 0.6),
    )  # fmt: skip


def _panel() -> Shape:
    """A flat sensor that looks north, as of a radar."""
    return _joined(
        _box((-0.34, -0.06, 0.10), (0.34, 0.10, 0.92), 0.9, 1.0), _box((-0.26, 0.10, 0.20), (0.26, 0.12, 0.82), 0.62),
        _bar((0, -0.05, 0.0), (0, -0.05, 0.2), 0.05, 0.6),
    )  # fmt: skip


def _drum() -> Shape:
    """A turning sensor, as of a lidar."""
    return _joined(
        _lathe([(0.30, 0.0), (0.30, 0.30), (0.26, 0.34), (0.26, 0.72), (0.30, 0.76), (0.30, 1.0), (0.0, 1.0)], 10,
               [0.7, 0.6, 0.35, 0.6, 0.9, 1.0])
    )  # fmt: skip


def _screen() -> Shape:
    return _joined(
        _box((-0.34, 0.02, 0.0), (0.34, 0.14, 1.0), 0.62, 0.8), _box((-0.29, 0.14, 0.05), (0.29, 0.15, 0.95), 1.0)
    )


def _charger() -> Shape:
    return _joined(
        _box((-0.22, -0.16, 0.0), (0.22, 0.16, 1.0), 0.95, 0.8), _box((-0.15, 0.16, 0.55), (0.15, 0.17, 0.85), 0.4)
    )


def _weather() -> Shape:
    """Small discs on a stem, as of a station that measures air."""
    discs = [_lathe([(0.24, z), (0.26, z + 0.05), (0.0, z + 0.08)], 8, [0.9, 1.0]) for z in (0.3, 0.48, 0.66)]
    return _joined(_lathe([(0.05, 0.0), (0.05, 1.0)], 5, 0.7), *discs)


def _pin() -> Shape:
    """A site on a map: a drop on a thin stem with a plate, high enough to be seen between houses."""
    return _joined(
        _lathe([(0.020, 0.0), (0.020, 0.50)], 5, 0.55),
        _lathe([(0.0, 0.44), (0.13, 0.62), (0.19, 0.76), (0.16, 0.90), (0.0, 1.0)], 10, [0.82, 0.92, 1.0, 1.0]),
        _disc(0.10, 0.02, 10, 0.7),
    )


_SHAPES: dict[str, Callable[[], Shape]] = {
    "tree_round": _tree_round, "tree_broad": _tree_broad, "tree_tall": _tree_tall, "tree_conical": _tree_conical,
    "cover": _cover, "grate": _grate, "pit": _pit, "lamp": _lamp, "pole": _pole, "signal": _signal, "sign": _sign,
    "camera": _camera, "hydrant": _hydrant, "bin": _bin, "cabinet": _cabinet, "kiosk": _kiosk, "shelter": _shelter,
    "bench": _bench, "planter": _planter, "rail": _rail, "rack": _rack, "fitness": _fitness, "sculpture": _sculpture,
    "fountain": _fountain, "hut": _hut, "post": _post, "sensor": _sensor, "case": _case, "marker_drop": _marker_drop,
    "marker_diamond": _marker_diamond, "marker_arrow": _marker_arrow, "marker_cube": _marker_cube,
    "smart_pole": _smart_pole, "antenna": _antenna, "road_unit": _road_unit, "camera_head": _camera_head,
    "panel": _panel, "drum": _drum, "screen": _screen, "charger": _charger, "weather": _weather, "pin": _pin,
}  # fmt: skip

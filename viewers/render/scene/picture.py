"""A picture that is kept: one frame of twice its size gives colours and depths, and is brought down.

Invariants
----------
1. A frame is drawn in tiles that no frame buffer is too small for, whatever the size of the picture. What follows the
   camera (details, labels, widths, depth range) is worked out once, for the whole picture; a tile only looks at a part
   of it, so that nothing breaks at a seam.
2. The camera is afterwards where it was, and the window has its size again.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from viewers.render.geometry.frame_size import set_density
from viewers.render.scene.occlusion import occlusion, shaded
from viewers.render.scene.render_target import depths, pixels

if TYPE_CHECKING:
    from viewers.render.scene.scene import Scene

Pixels = NDArray[np.uint8]

#: Pixels that are drawn, in a row, for one of the picture.
FINER = 2
#: Largest side of a tile, in pixels of the picture.
TILE_PX = 2048


@dataclass(frozen=True, slots=True)
class _Tiling:
    """How a picture is cut: so many tiles of one size, and what they have too much at each side, in its pixels."""

    columns: int
    rows: int
    tile: tuple[int, int]
    margin: tuple[int, int]

    @classmethod
    def of(cls, width: int, height: int, most: int) -> _Tiling:
        (columns, wide, left), (rows, tall, top) = (_cut(side, most) for side in (width, height))
        return cls(columns, rows, (wide, tall), (left, top))


def _cut(side: int, most: int) -> tuple[int, int, int]:
    """Return how many tiles make a side, their length, and what they have too much at each end."""
    count = -(-side // most)
    while True:
        for length in range(-(-side // count), most + 1):
            surplus = length * count - side
            if surplus % 2 == 0:  # else the middle of the tiles were not the middle of the picture
                return count, length, surplus // 2
        count += 1


def draw_picture(scene: Scene, *, with_occlusion: bool = True, tile_px: int = TILE_PX, density: float = 1.0) -> Pixels:
    """Return a smooth picture of a scene in the size of its target, (h, w, 3) uint8, top row first.

    Parameters
    ----------
    scene : Scene
    with_occlusion : bool
        Soft shade in corners and at the foot of things; a parallel view, which is a plan, has none.
    tile_px : int
        Largest side of what is drawn at once.
    density : float
        Pixels of the picture, in a row, for one that is seen: more than one on paper, whose dots are small.
    """
    scene.quality("picture")
    width, height = scene.target.render_window.GetSize()
    tiling = _Tiling.of(width, height, tile_px)
    with_occlusion = with_occlusion and scene.camera.parallel_scale_m is None
    picture = np.empty((height, width, 3), dtype=np.uint8)
    away_m = np.empty((height, width), dtype=np.float32) if with_occlusion else None
    with _tiles(scene, tiling, height, FINER * density) as tiles:
        for left, top in tiles:
            rows, columns = _part(top, tiling.tile[1], height), _part(left, tiling.tile[0], width)
            there = slice(*rows), slice(*columns)
            here = slice(rows[0] - top, rows[1] - top), slice(columns[0] - left, columns[1] - left)
            picture[there] = np.asarray(Image.fromarray(pixels(scene.target)).reduce(FINER))[here]
            if away_m is not None:
                away_m[there] = depths(scene.target, FINER)[here]
    return picture if away_m is None else shaded(picture, occlusion(away_m, scene.camera.angle_deg))


def draw_clear_picture(scene: Scene, *, with_occlusion: bool = True, tile_px: int = TILE_PX) -> Pixels:
    """Return a picture without sky, (h, w, 4) uint8, top row first: what nothing covers is clear.

    It is drawn over black and over white; what differs is what shines through. So edges, words and see-through shells
    are as clear as they are, whatever drew them.
    """
    renderer = scene.target.renderer
    had_sky, before = bool(renderer.GetTexturedBackground()), renderer.GetBackground()
    drawn: list[Pixels] = []
    try:
        renderer.TexturedBackgroundOff()
        for grey in (0.0, 1.0):
            renderer.SetBackground(grey, grey, grey)
            drawn.append(draw_picture(scene, with_occlusion=False, tile_px=tile_px))
        black, white = drawn
        through = (white.astype(np.int16) - black).max(axis=2).clip(0, 255).astype(np.uint8)
        opaque = 255 - through
        if with_occlusion and scene.camera.parallel_scale_m is None:
            renderer.SetBackground(0.0, 0.0, 0.0)
            black = draw_picture(scene, tile_px=tile_px)
    finally:
        renderer.SetBackground(*before)
        renderer.SetTexturedBackground(had_sky)
    result = np.empty((*opaque.shape, 4), dtype=np.uint8)
    share = np.maximum(opaque, 1).astype(np.float32)[..., None] / 255
    result[..., :3] = np.minimum(black / share, 255).astype(np.uint8)
    result[..., 3] = opaque
    return result


def _part(start: int, length: int, whole: int) -> tuple[int, int]:
    """Return from where to where a tile lies in the picture."""
    return max(start, 0), min(start + length, whole)


@contextlib.contextmanager
def _tiles(scene: Scene, tiling: _Tiling, height: int, density: float) -> Iterator[Iterator[tuple[int, int]]]:
    """Give an iterator that draws a tile a step and gives its left and top in pixels of the picture."""
    target, camera = scene.target, scene.target.renderer.GetActiveCamera()
    window, before = target.render_window, target.render_window.GetSize()
    angle, scale = camera.GetViewAngle(), camera.GetParallelScale()
    taller = tiling.tile[1] * tiling.rows / height
    try:
        window.SetSize(FINER * tiling.tile[0], FINER * tiling.tile[1])
        window.SetTileScale(tiling.columns, tiling.rows)
        set_density(window, density)
        _widen(camera, angle, scale, taller)
        scene.follow_camera()
        scene.is_held = True
        yield _draw_tiles(scene, tiling, camera, (camera.GetViewAngle(), camera.GetParallelScale()))
    finally:
        scene.is_held = False
        window.SetTileScale(1, 1)
        window.SetTileViewport(0.0, 0.0, 1.0, 1.0)
        window.SetSize(*before)
        set_density(window, 1)
        camera.SetWindowCenter(0.0, 0.0)
        _widen(camera, angle, scale, 1.0)


def _draw_tiles(scene: Scene, tiling: _Tiling, camera: Any, view: tuple[float, float]) -> Iterator[tuple[int, int]]:
    columns, rows = tiling.columns, tiling.rows
    for row in range(rows):  # from below, as VTK counts
        for column in range(columns):
            scene.target.render_window.SetTileViewport(
                column / columns, row / rows, (column + 1) / columns, (row + 1) / rows
            )
            _widen(camera, *view, 1.0 / rows)
            camera.SetWindowCenter(2 * column - (columns - 1), 2 * row - (rows - 1))
            scene.target.render_window.Render()
            yield column * tiling.tile[0] - tiling.margin[0], (rows - 1 - row) * tiling.tile[1] - tiling.margin[1]


def _widen(camera: Any, angle_deg: float, scale_m: float, factor: float) -> None:
    """Let the camera see ``factor`` times as much, in height, as at an angle and a scale."""
    camera.SetViewAngle(math.degrees(2 * math.atan(math.tan(math.radians(angle_deg) / 2) * factor)))
    camera.SetParallelScale(scale_m * factor)

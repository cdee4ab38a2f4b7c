"""Measured points, lines, areas and angles over the picture: always on top, crisp in light and dark.

Everything is drawn in pixels from one small sheet of sprites (a line's profile with its halo, a dot, an oblique tick,
the figures), so that dashes, ticks and letters keep their size whatever the distance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.crs.frame import Frame
from models.views.annotations import Note
from models.views.snapshot_spec import Measure as Measure
from viewers.render.geometry.frame_size import density, seen_height
from viewers.render.overlays.label_fonts import label_font
from viewers.render.overlays.labels import DESIGN_PX, _sheet_actor, pack
from viewers.render.palette.context import scene_theme
from viewers.render.palette.status_colours import rgba

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Item = TypeVar("Item", Measure, Note)

#: Sizes in a picture of the design height, pixels.
LINE_PX, HALO_PX, DOT_PX, TICK_PX, TEXT_PX, DASH_PX = 2.2, 1.6, 9.0, 13.0, 15, 9.0

#: Share of the shorter arm at which an angle's arc is drawn, and its steps.
ARC_SHARE, ARC_STEPS = 0.3, 24


class SheetLayer(Generic[Item]):
    """Things over one renderer that are drawn from one sheet of sprites.

    Parameters
    ----------
    renderer : vtkRenderer
    frame : Frame
    dark : bool
    """

    def __init__(self, renderer: Any, frame: Frame, dark: bool = False) -> None:
        self._renderer, self._frame, self._dark = renderer, frame, dark
        self._items: tuple[Item, ...] = ()
        self._local: list[Floats] = []
        self._actor: Any = None
        self._sprites: list[tuple[int, int, int, int]] = []
        self._atlas_size = (1, 1)
        self._painted: object = None

    def set(self, items: Sequence[Item]) -> bool:
        """Draw exactly these; False if they are drawn already."""
        fresh = tuple(items)
        if fresh == self._items:
            return False
        self._items = fresh
        self._local = [self._frame.to_local(np.array(one.points, dtype=np.float64).reshape(-1, 3)) for one in fresh]
        return True

    def set_dark(self, dark: bool) -> None:
        """Draw for the dark look."""
        self._dark = dark

    def close(self) -> None:
        """Take the actor off the renderer."""
        self._items, self._local = (), []
        self._drop()

    def _lay_out(self, pictures: Sequence[Pixels], width: int, layer: int) -> None:
        """Make the sheet of its pictures; what has the higher ``layer`` lies on top."""
        atlas, self._sprites = pack(list(pictures), width=width)
        self._atlas_size = (atlas.shape[1], atlas.shape[0])
        self._actor = _sheet_actor(atlas)
        self._actor.SetLayerNumber(layer)
        self._renderer.AddViewProp(self._actor)

    def _drop(self) -> None:
        if self._actor is not None:
            self._renderer.RemoveViewProp(self._actor)
            self._actor = None
        self._painted = None


class MeasureLayer(SheetLayer[Measure]):
    """The measurements over one renderer."""

    def update(self) -> None:
        """Place everything for the camera and size of the coming frame."""
        width, height = self._renderer.GetSize()
        if not self._items or not width or not height:
            self._drop()
            return
        scale = density(self._renderer) * max(1.0, seen_height(self._renderer) / DESIGN_PX)
        wanted = (tuple(one.text for one in self._items), self._dark, scale)
        if wanted != self._painted:
            self._paint(scale)
            self._painted = wanted
        sheet = _Sheet(self._sprites, self._atlas_size, width, height)
        view = _View(self._renderer, width, height)
        for number, (one, points) in enumerate(zip(self._items, self._local, strict=True)):
            _draw(sheet, view, one, points, scale, len(FIXED) + number)
        self._actor.GetMapper().SetInputData(sheet.polydata())

    def _paint(self, scale: float) -> None:
        self._drop()
        theme = scene_theme()["measure_dark" if self._dark else "measure"]
        fixed = [paint(scale, theme["ink"], theme["halo"]) for paint in FIXED.values()]
        words = [words_picture(one.text, round(TEXT_PX * scale), theme["text"], theme["halo"]) for one in self._items]
        self._lay_out(fixed + words, 256, 1)


def _draw(sheet: _Sheet, view: _View, one: Measure, points: Floats, scale: float, words: int) -> None:
    """Put one measurement on the sheet."""
    if not len(points):
        return
    chain = np.concatenate([points, points[:1]]) if one.kind == "area" and len(points) > 2 else points
    dash = DASH_PX * scale if one.dashed else 0.0
    if one.kind == "area" and len(points) > 2:
        flat = view.flat(points)
        if np.isfinite(flat).all():
            sheet.fill(flat)
    for a, b in view.pieces(chain):
        sheet.line(a, b, _thick(scale), dash)
    spot = points.mean(axis=0)
    if one.kind == "angle" and len(points) == 3:
        arc = arc_points(points)
        for a, b in view.pieces(arc):
            sheet.line(a, b, _thick(scale), 0.0)
        spot = arc[len(arc) // 2]
    elif one.kind in ("distance", "drape") and len(points) > 1:
        spot = _middle(points)
    for flat in view.flat(points if one.kind != "drape" else points[[0, -1]]):
        if np.isfinite(flat).all():
            sheet.sprite(1 if one.kind == "distance" else 0, flat)
    if one.text:
        flat = view.flat(spot[None, :])[0]
        if np.isfinite(flat).all():
            sheet.sprite(words, flat + _text_shift(sheet, view, one, points, words, scale))


def _text_shift(sheet: _Sheet, view: _View, one: Measure, points: Floats, words: int, scale: float) -> Floats:
    """Return how far the figure is moved off its spot, so that no line runs through it."""
    wide, tall = sheet.size(words)
    if one.kind == "area" and len(points) > 2:
        return np.zeros(2)
    away = np.array([0.0, 1.0])
    if one.kind == "distance" and len(points) == 2:
        a, b = view.flat(points)
        length = float(np.linalg.norm(b - a)) if np.isfinite([a, b]).all() else 0.0
        if length > 1.0:
            away = np.array([a[1] - b[1], b[0] - a[0]]) / length
            away *= 1.0 if away[1] > 0.05 or (abs(away[1]) <= 0.05 and away[0] > 0) else -1.0
    moved: Floats = away * (abs(away[0]) * wide / 2 + abs(away[1]) * tall / 2 + 3.0 * scale)
    return moved


def arc_points(points: Floats) -> Floats:
    """Return the arc between the arms of an angle (arm, corner, arm), (n, 3)."""
    one, two = points[0] - points[1], points[2] - points[1]
    lengths = np.linalg.norm(one), np.linalg.norm(two)
    if min(lengths) <= 0:
        return points[1:2]
    one, two = one / lengths[0], two / lengths[1]
    angle = float(np.arccos(np.clip(one @ two, -1.0, 1.0)))
    across = two - (one @ two) * one
    if np.linalg.norm(across) < 1e-9:  # straight, or back on itself
        helper = np.array([0.0, 0.0, 1.0]) if abs(one[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
        across = helper - (one @ helper) * one
    across /= np.linalg.norm(across)
    turn = np.linspace(0.0, angle, ARC_STEPS + 1)[:, None]
    arc: Floats = points[1] + ARC_SHARE * min(lengths) * (np.cos(turn) * one + np.sin(turn) * across)
    return arc


def _middle(points: Floats) -> Floats:
    """Return the point halfway along a chain."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    half: Floats = np.array([np.interp(along[-1] / 2, along, points[:, k]) for k in range(3)])
    return half


def _thick(scale: float) -> float:
    return (LINE_PX + 2 * HALO_PX) * scale + 2.0


class _View:
    """From local points to pixels."""

    def __init__(self, renderer: Any, width: int, height: int) -> None:
        matrix = renderer.GetActiveCamera().GetCompositeProjectionTransformMatrix(width / height, -1.0, 1.0)
        self._rows = np.array([[matrix.GetElement(r, c) for c in range(4)] for r in range(4)])
        self._size = np.array([width, height], dtype=np.float64)

    def _clip(self, points: Floats) -> Floats:
        laid: Floats = np.column_stack([points, np.ones(len(points))]) @ self._rows.T
        return laid

    def flat(self, points: Floats) -> Floats:
        """Return pixels (n, 2) from the lower left, NaN behind the eye."""
        clip = self._clip(points)
        with np.errstate(divide="ignore", invalid="ignore"):
            flat: Floats = (clip[:, :2] / clip[:, 3:] * 0.5 + 0.5) * self._size
        flat[clip[:, 3] <= 0] = np.nan
        return flat

    def pieces(self, chain: Floats) -> Iterator[tuple[Floats, Floats]]:
        """Yield the straight pieces of a chain in pixels, without what is behind the eye."""
        clip = self._clip(chain)
        least = 1e-3
        for one, two in pairwise(clip):
            if max(one[3], two[3]) < least:
                continue
            # An end behind the eye is brought to just before it.
            a, b = (
                near if near[3] >= least else near + (least - near[3]) / (far[3] - near[3]) * (far - near)
                for near, far in ((one, two), (two, one))
            )
            ends = np.stack([a[:2] / a[3], b[:2] / b[3]])
            if (ends.min(axis=0) > 1.5).any() or (ends.max(axis=0) < -1.5).any():
                continue
            # A line that leaves the picture far away is cut, so that its dashes can be counted.
            ends = np.clip(ends, -50.0, 50.0)
            yield (ends[0] * 0.5 + 0.5) * self._size, (ends[1] * 0.5 + 0.5) * self._size


class _Sheet:
    """Quads and triangles in pixels with their places on the sprite sheet."""

    def __init__(self, sprites: list[tuple[int, int, int, int]], atlas: tuple[int, int], width: int, height: int):
        self._sprites, self._atlas = sprites, np.array(atlas, dtype=np.float64)
        self._size = np.array([width, height], dtype=np.float64)
        self._points: list[Floats] = []
        self._uv: list[Floats] = []
        self._counts: list[int] = []

    def size(self, number: int) -> tuple[int, int]:
        """Return width and height of a sprite."""
        return self._sprites[number][2:]

    def sprite(self, number: int, at: Floats) -> None:
        """Put a sprite, texel on pixel, in the middle of a place."""
        x, y, wide, tall = self._sprites[number]
        low = np.round(at - np.array([wide, tall]) / 2)
        corners = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], dtype=np.float64)
        self._add(low + corners, np.array([x, y]) + corners)

    def line(self, a: Floats, b: Floats, thick_px: float, dash_px: float) -> None:
        """Put a line, or its dashes."""
        length = float(np.linalg.norm(b - a))
        if length < 0.5:
            return
        along = (b - a) / length
        across = np.array([-along[1], along[0]]) * thick_px / 2
        starts = np.arange(0.0, length, 1.8 * dash_px) if dash_px and length < 2e4 else np.zeros(1)
        stops = np.minimum(starts + dash_px, length) if dash_px and length < 2e4 else np.array([length])
        x, y, wide, tall = self._sprites[2]
        profile = np.array([[x + wide / 2, y], [x + wide / 2, y], [x + wide / 2, y + tall], [x + wide / 2, y + tall]])
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
            one, two = a + along * start, a + along * stop
            self._add(np.stack([one - across, two - across, two + across, one + across]), profile)

    def fill(self, ring: Floats) -> None:
        """Put a wash over a ring."""
        import shapely

        area = shapely.make_valid(shapely.Polygon(ring))
        pieces = shapely.get_parts(shapely.constrained_delaunay_triangles(area))
        x, y, wide, tall = self._sprites[3]
        middle = np.array([[x + wide / 2, y + tall / 2]] * 3)
        for corners in shapely.get_coordinates(pieces).reshape(-1, 4, 2):
            self._add(corners[:3], middle)

    def polydata(self) -> Any:
        """Return everything as VTK polygons in shares of the picture."""
        from vtkmodules.util.numpy_support import numpy_to_vtk

        from viewers.render.geometry.vtk_arrays import cells, polydata

        points = np.concatenate(self._points) / self._size if self._points else np.zeros((0, 2))
        uv = np.concatenate(self._uv) / self._atlas if self._uv else np.zeros((0, 2))
        data = polydata(np.column_stack([points, np.zeros(len(points))]))
        data.SetPolys(cells(np.concatenate([[0], np.cumsum(self._counts)]), np.arange(len(points))))
        data.GetPointData().SetTCoords(numpy_to_vtk(np.ascontiguousarray(uv, dtype=np.float32), deep=True))
        return data

    def _add(self, points: Floats, uv: Floats) -> None:
        self._points.append(points)
        self._uv.append(uv.astype(np.float64))
        self._counts.append(len(points))


def _dot(scale: float, ink: str, halo: str) -> Pixels:
    return _shape(scale, DOT_PX, ink, halo, "dot")


def _tick(scale: float, ink: str, halo: str) -> Pixels:
    return _shape(scale, TICK_PX, ink, halo, "tick")


def _shape(scale: float, size_px: float, ink: str, halo: str, kind: str) -> Pixels:
    """Paint a dot, or the oblique tick at the end of a dimension line, with its halo."""
    from PIL import Image, ImageDraw

    much = 8
    size = int(np.ceil((size_px + 2 * HALO_PX) * scale)) + 2
    picture = Image.new("RGBA", (size * much, size * much), rgba(halo, 0.0))
    draw = ImageDraw.Draw(picture)
    middle, half, rim = size * much / 2, size_px * scale * much / 2, HALO_PX * scale * much
    if kind == "dot":
        for reach, colour in ((half + rim, halo), (half, ink), (half * 0.42, halo)):
            draw.ellipse((middle - reach, middle - reach, middle + reach, middle + reach), fill=colour)
    else:
        arm, thick = half * 0.72, LINE_PX * 1.25 * scale * much
        for wide, colour in ((thick + 2 * rim, halo), (thick, ink)):
            draw.line((middle - arm, middle + arm, middle + arm, middle - arm), fill=colour, width=round(wide))
    return np.asarray(picture.resize((size, size), Image.Resampling.BOX), dtype=np.uint8)


def _profile(scale: float, ink: str, halo: str) -> Pixels:
    """Paint a line's cross-section: halo, ink, halo, soft at both rims."""
    thick = _thick(scale)
    rows = 16
    away = np.abs((np.arange(rows) + 0.5) / rows - 0.5) * thick
    core = np.clip(LINE_PX * scale / 2 + 0.5 - away, 0.0, 1.0)[:, None]
    rim = np.clip((LINE_PX / 2 + HALO_PX) * scale + 0.5 - away, 0.0, 1.0)
    inks, halos = (np.array([int(c[k : k + 2], 16) for k in (1, 3, 5)], dtype=np.float64) for c in (ink, halo))
    column = np.column_stack([core * inks + (1 - core) * halos, 255 * np.maximum(core[:, 0], 0.8 * rim)])
    return np.repeat(column[:, None, :], 3, axis=1).astype(np.uint8)


def _wash(scale: float, ink: str, halo: str) -> Pixels:
    """Paint the wash of an area."""
    return np.tile(np.array([*(int(ink[k : k + 2], 16) for k in (1, 3, 5)), 44], dtype=np.uint8), (6, 6, 1))


#: Sprites that every sheet holds, in this order.
FIXED = {"dot": _dot, "tick": _tick, "line": _profile, "wash": _wash}


@lru_cache(maxsize=256)
def words_picture(text: str, size_px: int, ink: str, halo: str) -> Pixels:
    """Paint a figure with a halo, (h, w, 4) uint8, top row first."""
    from PIL import Image, ImageDraw

    if not text:
        return np.zeros((1, 1, 4), dtype=np.uint8)
    font, rim = label_font(size_px), max(2, round(size_px * 0.2))
    left, top, right, bottom = font.getbbox(text, anchor="ls", stroke_width=rim)
    picture = Image.new("RGBA", (int(right - left) + 2, int(bottom - top) + 2), rgba(halo, 0.0))
    draw = ImageDraw.Draw(picture)
    draw.text((1 - left, 1 - top), text, font=font, fill=halo, anchor="ls", stroke_width=rim, stroke_fill=halo)
    draw.text((1 - left, 1 - top), text, font=font, fill=ink, anchor="ls")
    return np.asarray(picture, dtype=np.uint8)

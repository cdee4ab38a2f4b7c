"""Names over the city: crisp words on small plates, the more important first, never one over another.

All labels of a renderer are one 2D actor with one texture, an atlas that Pillow paints with the bundled font (VTK's own
fonts have no Chinese). Before each frame the anchors are projected, sorted by priority and placed greedily; a label
that would touch a placed one, leaves the picture or is too far away waits for another view.

Invariants
----------
1. Texels meet pixels one to one, at whole pixels: this is what makes small Chinese characters readable.
2. The atlas is painted again only when words, size or look change; a frame only moves quads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resources import HERE
from viewers.render.parts import LabelPart

Floats = NDArray[np.float64]

#: Room between two labels, pixels.
GAP_PX = 5

#: Height of picture for which sizes are given; taller pictures get larger words.
DESIGN_PX = 1080.0

#: Most labels in one picture.
MOST = 90


@dataclass(frozen=True, slots=True)
class Placed:
    """One label of the last frame.

    Parameters
    ----------
    text : str
    box : tuple of int
        Left, bottom, right, top in pixels from the lower left.
    """

    text: str
    box: tuple[int, int, int, int]


@dataclass(slots=True)
class _Labels:
    """All labels of one layer, flat."""

    points: Floats
    texts: list[str]
    priority: Floats
    size: list[int]
    colour: list[str]
    reach: Floats


class LabelLayer:
    """The labels of one renderer.

    Parameters
    ----------
    renderer : vtkRenderer
    lang : str
    dark : bool
        Light words on dark plates.
    """

    def __init__(self, renderer: Any, lang: str = "zh", dark: bool = False) -> None:
        self._renderer = renderer
        self._lang, self._dark = lang, dark
        self._parts: dict[str, list[LabelPart]] = {}
        self._shown: dict[str, bool] = {}
        self._stale = True
        self._scale = 0.0
        self._actor: Any = None
        self._sprites: list[tuple[int, int, int, int]] = []
        self._labels: _Labels | None = None
        self._atlas_size = (1, 1)
        #: Which anchors (n, 3) may be named; None for all.
        self.kept: Callable[[Floats], NDArray[np.bool_]] | None = None
        #: What the last frame shows.
        self.placed: list[Placed] = []

    def put(self, layer_id: str, parts: Iterable[LabelPart], visible: bool = True) -> None:
        """Show a layer's labels in the place of those it had."""
        self._parts[layer_id] = list(parts)
        self._shown[layer_id] = visible
        self._stale = True

    def remove(self, layer_id: str) -> None:
        """Take a layer's labels away; silent if it has none."""
        if self._parts.pop(layer_id, None) is not None:
            self._stale = True

    def set_visible(self, layer_id: str, visible: bool) -> None:
        """Show or hide a layer's labels."""
        if layer_id in self._parts and self._shown.get(layer_id) != visible:
            self._shown[layer_id] = visible
            self._stale = True

    def set_language(self, lang: str) -> None:
        """Write in another language."""
        self._stale |= lang != self._lang
        self._lang = lang

    def set_dark(self, dark: bool) -> None:
        """Write for the dark look."""
        self._stale |= dark != self._dark
        self._dark = dark

    def close(self) -> None:
        """Take the actor off the renderer."""
        self._parts.clear()
        self._drop()

    def update(self) -> None:
        """Place the labels for the camera and size of the coming frame."""
        width, height = self._renderer.GetSize()
        scale = max(1.0, height / DESIGN_PX)
        if self._stale or scale != self._scale:
            self._scale, self._stale = scale, False
            self._paint()
        labels = self._labels
        if labels is None or not width or not height:
            self.placed = []
            return
        spot, distance = self._projected(labels, width, height)
        self._place(labels, spot, distance, width, height)

    # -- the atlas ---------------------------------------------------------------------------------------------

    def _paint(self) -> None:
        """Collect the labels and paint their plates."""
        self._drop()
        parts = [part for name, parts in self._parts.items() if self._shown[name] for part in parts]
        labels = _Labels(
            np.concatenate([part.points for part in parts]).astype(np.float64) if parts else np.zeros((0, 3)),
            [_text(part, k, self._lang) for part in parts for k in range(len(part.points))],
            np.concatenate([part.priority for part in parts]).astype(np.float64) if parts else np.zeros(0),
            [part.size_px for part in parts for _ in range(len(part.points))],
            [part.colour for part in parts for _ in range(len(part.points))],
            np.concatenate([np.full(len(part.points), part.reach_m) for part in parts]) if parts else np.zeros(0),
        )
        if not labels.texts:
            self._labels = None
            return
        plates = [
            plate(text, round(size * self._scale), colour, self._dark, self._scale)
            for text, size, colour in zip(labels.texts, labels.size, labels.colour, strict=True)
        ]
        atlas, self._sprites = pack(plates)
        self._atlas_size = (atlas.shape[1], atlas.shape[0])
        self._labels = labels
        self._actor = _sheet_actor(atlas)
        self._renderer.AddViewProp(self._actor)

    def _drop(self) -> None:
        if self._actor is not None:
            self._renderer.RemoveViewProp(self._actor)
            self._actor = None
        self._labels = None
        self.placed = []

    # -- a frame -----------------------------------------------------------------------------------------------

    def _projected(self, labels: _Labels, width: int, height: int) -> tuple[Floats, Floats]:
        """Return pixel positions (n, 2), NaN behind the eye, and distances from the eye."""
        camera = self._renderer.GetActiveCamera()
        matrix = camera.GetCompositeProjectionTransformMatrix(width / height, -1.0, 1.0)
        rows = np.array([[matrix.GetElement(r, c) for c in range(4)] for r in range(4)])
        points = labels.points
        clip = np.column_stack([points, np.ones(len(points))]) @ rows.T
        with np.errstate(divide="ignore", invalid="ignore"):
            flat = (clip[:, :2] / clip[:, 3:] * 0.5 + 0.5) * [width, height]
        flat[clip[:, 3] <= 0] = np.nan
        distance = np.linalg.norm(points - np.asarray(camera.GetPosition()), axis=1)
        if camera.GetParallelProjection():
            # In a map the height of the picture says how much is seen, as the distance does in perspective.
            distance = np.full(len(points), 3.7 * camera.GetParallelScale())
        return flat, distance

    def _place(self, labels: _Labels, spot: Floats, distance: Floats, width: int, height: int) -> None:
        sizes = np.array([(s[2], s[3]) for s in self._sprites], dtype=np.float64)
        low = np.round(spot - sizes * [0.5, 0.0])
        high = low + sizes
        fits = np.isfinite(low).all(axis=1) & (low >= 2).all(axis=1) & (high <= [width - 2, height - 2]).all(axis=1)
        fits &= distance < labels.reach
        if self.kept is not None:
            fits &= self.kept(labels.points)
        order = np.flatnonzero(fits)
        # Nearer ones of the same rank come first, so that the foreground is named before the horizon.
        order = order[np.lexsort((distance[order], -labels.priority[order]))]
        taken = np.empty((MOST, 4))
        gap = GAP_PX * self._scale
        chosen: list[int] = []
        for k in order:
            box = (low[k, 0] - gap, low[k, 1] - gap, high[k, 0] + gap, high[k, 1] + gap)
            there = taken[: len(chosen)]
            beside = (there[:, 0] >= box[2]) | (there[:, 2] <= box[0])
            if not (beside | (there[:, 1] >= box[3]) | (there[:, 3] <= box[1])).all():
                continue
            taken[len(chosen)] = (low[k, 0], low[k, 1], high[k, 0], high[k, 1])
            chosen.append(int(k))
            if len(chosen) == MOST:
                break
        self.placed = [
            Placed(labels.texts[k], (int(low[k, 0]), int(low[k, 1]), int(high[k, 0]), int(high[k, 1]))) for k in chosen
        ]
        self._move(np.array([p.box for p in self.placed], dtype=np.float64).reshape(-1, 4), chosen, width, height)

    def _move(self, boxes: Floats, chosen: list[int], width: int, height: int) -> None:
        from vtkmodules.util.numpy_support import numpy_to_vtk

        from viewers.render.actors import cells, polydata

        sprite = np.array([self._sprites[k] for k in chosen], dtype=np.float64).reshape(-1, 4)
        x0, y0, x1, y1 = boxes.T
        points = np.stack([x0, y0, x1, y0, x1, y1, x0, y1], axis=1).reshape(-1, 2) / [width, height]
        u0, v0, u1, v1 = sprite[:, 0], sprite[:, 1], sprite[:, 0] + sprite[:, 2], sprite[:, 1] + sprite[:, 3]
        uv = np.stack([u0, v0, u1, v0, u1, v1, u0, v1], axis=1).reshape(-1, 2) / self._atlas_size
        data = polydata(np.column_stack([points, np.zeros(len(points))]))
        data.SetPolys(cells(np.arange(0, 4 * len(boxes) + 1, 4), np.arange(4 * len(boxes))))
        data.GetPointData().SetTCoords(numpy_to_vtk(np.ascontiguousarray(uv, dtype=np.float32), deep=True))
        self._actor.GetMapper().SetInputData(data)


def pack(
    plates: list[NDArray[np.uint8]], width: int = 1024
) -> tuple[NDArray[np.uint8], list[tuple[int, int, int, int]]]:
    """Put pictures on one sheet in rows.

    Returns
    -------
    atlas : ndarray (h, w, 4) uint8
        Bottom row first, as VTK wants it.
    sprites : list of (x, y, width, height)
        Place of each picture from the lower left.
    """
    width = max([width, *(p.shape[1] + 2 for p in plates)])
    order = sorted(range(len(plates)), key=lambda k: -plates[k].shape[0])
    x, y, row = 1, 1, 0
    places: dict[int, tuple[int, int]] = {}
    for k in order:
        tall, wide = plates[k].shape[:2]
        if x + wide + 1 > width:
            x, y, row = 1, y + row + 1, 0
        places[k] = (x, y)
        x, row = x + wide + 1, max(row, tall)
    atlas = np.zeros((y + row + 1, width, 4), dtype=np.uint8)
    sprites = []
    for k, picture in enumerate(plates):
        (x, y), (tall, wide) = places[k], picture.shape[:2]
        atlas[y : y + tall, x : x + wide] = picture[::-1]
        sprites.append((x, y, wide, tall))
    return atlas, sprites


def plate(text: str, size_px: int, colour: str, dark: bool = False, scale: float = 1.0) -> NDArray[np.uint8]:
    """Paint one label: words on a soft rounded plate with a short stem, (h, w, 4) uint8, top row first.

    Parameters
    ----------
    text : str
    size_px : int
        Height of a character.
    colour : str
        Of the words; the plate follows the look.
    dark : bool
    scale : float
        Of plate and stem.
    """
    from PIL import Image, ImageDraw

    font = _font(size_px)
    left, _, right, _ = font.getbbox(text or " ", anchor="ls")
    pad_x, pad_y, stem = round(size_px * 0.55), round(size_px * 0.30), round(size_px * 0.42)
    ascent, descent = round(size_px * 0.90), round(size_px * 0.16)
    wide, tall = int(right - left) + 2 * pad_x, ascent + descent + 2 * pad_y
    ink = _lighter(colour) if dark else colour
    ground, rim = ((20, 28, 36, 208), (120, 140, 155, 110)) if dark else ((255, 255, 255, 226), (70, 84, 96, 70))
    much = 4  # plate and stem are painted larger and brought down, which smooths their edges
    big = Image.new("RGBA", (wide * much, (tall + stem) * much), (*ground[:3], 0))
    draw = ImageDraw.Draw(big)
    middle = wide * much / 2
    reach = stem * much * 0.62
    draw.polygon(
        [
            (middle - reach, tall * much - much),
            (middle + reach, tall * much - much),
            (middle, (tall + stem) * much - 1),
        ],
        fill=ground,
    )
    draw.rounded_rectangle(
        (0, 0, wide * much - 1, tall * much - 1),
        radius=tall * much * 0.32,
        fill=ground,
        outline=rim,
        width=max(1, round(much * scale)),
    )
    small = big.resize((wide, tall + stem), Image.Resampling.BOX)
    ImageDraw.Draw(small).text((pad_x - left, pad_y + ascent), text, font=font, fill=ink, anchor="ls")
    return np.asarray(small, dtype=np.uint8)


@lru_cache(maxsize=32)
def _font(size_px: int) -> Any:
    from PIL import ImageFont

    return ImageFont.truetype(str(HERE / "fonts" / "NotoSansSC-Bold-subset.otf"), size_px)


def _lighter(colour: str) -> str:
    values = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(v + (255 - v) * 0.68):02x}" for v in values)


def _text(part: LabelPart, k: int, lang: str) -> str:
    english = part.texts_en[k] if k < len(part.texts_en) else ""
    return english if lang == "en" and english else part.texts[k]


def _sheet_actor(atlas: NDArray[np.uint8]) -> Any:
    """Return a 2D actor that draws quads, in shares of the picture, from one texture."""
    from vtkmodules.vtkRenderingCore import vtkCoordinate, vtkPolyDataMapper2D, vtkTexture, vtkTexturedActor2D

    from viewers.render.actors import polydata
    from viewers.render.look import texture_of

    texture: vtkTexture = texture_of(atlas, repeat=False)
    texture.MipmapOff()
    place = vtkCoordinate()
    place.SetCoordinateSystemToNormalizedViewport()
    mapper = vtkPolyDataMapper2D()
    mapper.SetInputData(polydata(np.zeros((0, 3))))
    mapper.SetTransformCoordinate(place)
    mapper.TransformCoordinateUseDoubleOn()
    actor = vtkTexturedActor2D()
    actor.SetMapper(mapper)
    actor.SetTexture(texture)
    actor.PickableOff()
    return actor

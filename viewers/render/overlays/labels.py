"""Labels: text on small plates, placed by priority without overlap.

All labels of a renderer are one 2D actor with one texture, an atlas that Pillow paints with the bundled font (VTK's own
fonts have no Chinese). Before each frame the anchors are projected, sorted by priority and placed greedily; a label
that would touch a placed one, leaves the picture or is too far away waits for another view.

Invariants
----------
1. Texels meet pixels one to one, at whole pixels: this is what makes small Chinese characters readable.
2. A word is painted once for a size and look, when it is first placed; a frame only moves quads. A hundred thousand
   names cost what the ninety of them cost that are seen.
3. What floats over the picture (legend, cards, compass) gets no words under it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resources.visible_text import visible_text
from viewers.render.geometry.frame_size import density, seen_height
from viewers.render.geometry.parts import LabelPart
from viewers.render.overlays.label_fonts import label_font

Floats = NDArray[np.float64]

#: Height of picture for which sizes are given; taller pictures get larger words.
DESIGN_PX = 1080.0

#: Ink of words that have lost their own colour.
INK = "#2b3a45"
#: Most labels in one picture.
MOST = 90
#: So many candidates, the best of those in sight, are tried for a place.
MOST_TRIED = 1500
#: So many labels are shown of what is farther away than its reach, where nothing nearer is named.
MOST_BEYOND = 40
#: So many painted words are kept for a look.
MOST_KEPT = 1200
#: Words that are turned are painted so many times larger: a turned picture is sampled between its points.
FINER = 2
#: Words along a thing leave so much of it free, as a share of their length.
SPARE = 1.12

#: Boxes into which turned words are parted to see whether they touch others.
_MOST_PIECES = 16

#: Left, bottom, right, top in seen pixels from the lower left.
Box = tuple[float, float, float, float]


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


@dataclass(frozen=True, slots=True)
class Turned:
    """Words along a thing, in pixels.

    Parameters
    ----------
    middle : tuple of float
    along : tuple of float
        Unit vector in which they are read.
    wide, tall : float
    """

    middle: tuple[float, float]
    along: tuple[float, float]
    wide: float
    tall: float

    @property
    def corners(self) -> Floats:
        """Return the corners (4, 2) from the lower left, as the words are read."""
        along = np.array(self.along)
        up = np.array([-along[1], along[0]])
        sides = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) / 2
        found: Floats = np.array(self.middle) + sides[:, :1] * self.wide * along + sides[:, 1:] * self.tall * up
        return found

    @property
    def box(self) -> Box:
        """Return what holds them."""
        low, high = self.corners.min(axis=0), self.corners.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def pieces(self) -> Floats:
        """Return small upright boxes (n, 4) along the words, which together leave the corners of :attr:`box` free."""
        count = int(np.clip(np.ceil(self.wide / max(self.tall, 1.0)), 1, _MOST_PIECES))
        if abs(self.along[0]) > 0.99 or abs(self.along[1]) > 0.99:
            return np.array([self.box])
        share = ((np.arange(count) + 0.5) / count - 0.5)[:, None]
        middle = np.array(self.middle) + share * self.wide * np.array(self.along)
        reach = 0.5 * max(self.tall, self.wide / count)
        return np.column_stack([middle - reach, middle + reach])


@dataclass(slots=True)
class _Labels:
    """All labels of one layer, flat."""

    points: Floats
    texts: list[str]
    priority: Floats
    #: Which part each label is of.
    part: NDArray[np.int64]
    #: From each anchor to the end of what it may fill, NaN for words that stand upright; and how wide that is beside.
    half: Floats
    beside: Floats
    parts: list[LabelPart] = field(default_factory=list)


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
        self._labels: _Labels | None = None
        #: Painted words of this look: (text, size, colour, plain) → picture; and where those of the atlas lie.
        self._plates: dict[tuple[str, int, str, bool], NDArray[np.uint8]] = {}
        self._sprites: dict[tuple[str, int, str, bool], tuple[int, int, int, int]] = {}
        self._atlas_size = (1, 1)
        self._silent: frozenset[str] = frozenset()
        self._keep_out: tuple[Box, ...] = ()
        self._sees_below = True
        self._taken: tuple[Box, ...] = ()
        self._neutral: set[str] = set()
        #: Which anchors (n, 3) may be named; None for all.
        self.kept: Callable[[Floats], NDArray[np.bool_]] | None = None
        self._turned: dict[int, Turned] = {}
        #: What the last frame shows.
        self.placed: list[Placed] = []

    def put(self, layer_id: str, parts: Iterable[LabelPart], visible: bool = True) -> None:
        """Show a layer's labels in the place of those it had."""
        self._parts[layer_id] = list(parts)
        self._shown[layer_id] = visible
        self._stale = True

    def has(self, layer_id: str) -> bool:
        """Whether a layer has any label."""
        return bool(self._parts.get(layer_id))

    def remove(self, layer_id: str) -> None:
        """Take a layer's labels away; silent if it has none."""
        if self._parts.pop(layer_id, None) is not None:
            self._stale = True

    def set_visible(self, layer_id: str, visible: bool) -> None:
        """Show or hide a layer's labels."""
        if layer_id in self._parts and self._shown.get(layer_id) != visible:
            self._shown[layer_id] = visible
            self._stale = True

    def neutral(self, layer_id: str, wanted: bool) -> None:
        """Write what lies in the ground in plain ink: its own colours are taken by a theme; or in its colours again."""
        if wanted != (layer_id in self._neutral):
            self._neutral ^= {layer_id}
            self._stale = True

    def silence(self, silent: Iterable[str], keep_out: Iterable[Box]) -> bool:
        """Leave out the labels of some layers, and write none into some boxes of the picture; whether that is new."""
        wanted, boxes = frozenset(silent), tuple(keep_out)
        new = wanted != self._silent or boxes != self._keep_out
        self._stale |= wanted != self._silent
        self._silent, self._keep_out = wanted, boxes
        return new

    def look_below(self, wanted: bool) -> None:
        """Write the words of what lies in the ground, or leave them out while the ground covers it."""
        self._stale |= wanted != self._sees_below
        self._sees_below = wanted

    def set_language(self, lang: str) -> None:
        """Write in another language."""
        self._stale |= lang != self._lang
        self._lang = lang

    def set_dark(self, dark: bool) -> None:
        """Write for the dark look."""
        self._stale |= dark != self._dark
        self._dark = dark

    def as_new(self) -> None:
        """Forget the words that earlier frames painted, and where they lie on the sheet."""
        self._stale = True

    def close(self) -> None:
        """Take the actor off the renderer."""
        self._parts.clear()
        self._drop()

    def update(self, taken: Iterable[Box] = ()) -> None:
        """Place the labels for the camera and size of the coming frame, none in boxes that are taken (pixels)."""
        self._taken = tuple(taken)
        width, height = self._renderer.GetSize()
        scale = density(self._renderer) * max(1.0, seen_height(self._renderer) / DESIGN_PX)
        if self._stale or scale != self._scale:
            self._scale, self._stale = scale, False
            self._collect()
        labels = self._labels
        if labels is None or not width or not height:
            self.placed = []
            return
        spot, distance = self._projected(labels, width, height)
        self._place(labels, spot, distance, width, height)

    # -- words -------------------------------------------------------------------------------------------------

    def _collect(self) -> None:
        """Collect the labels; nothing is painted yet."""
        self._drop()
        self._plates.clear()
        parts = [
            replace(part, colour=INK) if part.is_buried and name in self._neutral else part
            for name, parts in self._parts.items() if self._shown[name] and name not in self._silent
            for part in parts if len(part.points) and (self._sees_below or not part.is_buried)
        ]  # fmt: skip
        if not parts:
            return
        self._labels = _Labels(
            np.concatenate([part.points for part in parts]).astype(np.float64),
            [_text(part, k, self._lang) for part in parts for k in range(len(part.points))],
            np.concatenate([part.priority for part in parts]).astype(np.float64),
            np.repeat(np.arange(len(parts)), [len(part.points) for part in parts]),
            np.concatenate([_or_none(part.half_m, (len(part.points), 3)) for part in parts]),
            np.nan_to_num(np.concatenate([_or_none(part.beside_m, (len(part.points),)) for part in parts])),
            parts,
        )

    def _key(self, labels: _Labels, k: int) -> tuple[str, int, str, bool]:
        part = labels.parts[labels.part[k]]
        finer = FINER if part.half_m is not None else 1
        return labels.texts[k], round(part.size_px * self._scale) * finer, part.colour, part.plain

    def _plate(self, key: tuple[str, int, str, bool]) -> NDArray[np.uint8]:
        """Return a painted word, painted now if it was not."""
        found = self._plates.get(key)
        if found is None:
            text, size, colour, plain = key
            if plain:
                found = bare(text, size, colour, self._dark)
            else:
                found = plate(text, size, colour, self._dark, self._scale)
            self._plates[key] = found
        return found

    def _draw_atlas(self, wanted: list[tuple[str, int, str, bool]]) -> None:
        """Have all of these words on the sheet; those that are on it already stay where they are, if all are."""
        if self._actor is not None and all(key in self._sprites for key in wanted):
            return
        if len(self._plates) > MOST_KEPT:
            self._plates = {key: self._plates[key] for key in wanted}
        keys = list(self._plates)
        atlas, places = pack([self._plates[key] for key in keys])
        self._sprites = dict(zip(keys, places, strict=True))
        self._atlas_size = (atlas.shape[1], atlas.shape[0])
        if self._actor is not None:
            self._renderer.RemoveViewProp(self._actor)
        self._actor = _sheet_actor(atlas)
        self._renderer.AddViewProp(self._actor)

    def _drop(self) -> None:
        if self._actor is not None:
            self._renderer.RemoveViewProp(self._actor)
            self._actor = None
        self._labels = None
        self._sprites = {}
        self.placed = []

    # -- a frame -----------------------------------------------------------------------------------------------

    def _projected(self, labels: _Labels, width: int, height: int) -> tuple[Floats, Floats]:
        """Return pixel positions (n, 2), NaN behind the eye, and distances from the eye."""
        camera, points = self._renderer.GetActiveCamera(), labels.points
        flat = self._on_picture(points, width, height)
        distance = np.linalg.norm(points - np.asarray(camera.GetPosition()), axis=1)
        if camera.GetParallelProjection():
            # In a map the height of the picture says how much is seen, as the distance does in perspective.
            distance = np.full(len(points), 3.7 * camera.GetParallelScale())
        return flat, distance

    def _on_picture(self, points: Floats, width: int, height: int) -> Floats:
        """Return pixel positions (n, 2) of points, NaN behind the eye."""
        matrix = self._renderer.GetActiveCamera().GetCompositeProjectionTransformMatrix(width / height, -1.0, 1.0)
        rows = np.array([[matrix.GetElement(r, c) for c in range(4)] for r in range(4)])
        clip = np.column_stack([points, np.ones(len(points))]) @ rows.T
        with np.errstate(divide="ignore", invalid="ignore"):
            flat: Floats = (clip[:, :2] / clip[:, 3:] * 0.5 + 0.5) * [width, height]
        flat[clip[:, 3] <= 0] = np.nan
        return flat

    def _place(self, labels: _Labels, spot: Floats, distance: Floats, width: int, height: int) -> None:
        reach = np.array([part.reach_m for part in labels.parts])[labels.part]
        inside: NDArray[np.bool_] = np.asarray(np.isfinite(spot).all(axis=1), dtype=bool)
        on_picture = np.asarray(((spot > 0) & (spot < [width, height])).all(axis=1), dtype=bool)
        inside = np.logical_and(inside, on_picture)
        if self.kept is not None:
            inside = np.logical_and(inside, self.kept(labels.points))
        near: NDArray[np.bool_] = inside.copy()
        near[distance >= reach] = False
        boxes, chosen = self._chosen(labels, spot, distance, near, MOST, width, height)
        if not chosen:
            # A layer whose names are all out of reach is named all the same: better some words than a mute map.
            boxes, chosen = self._chosen(labels, spot, distance, inside, MOST_BEYOND, width, height)
        self.placed = [
            Placed(labels.texts[k], (int(box[0]), int(box[1]), int(box[2]), int(box[3])))
            for k, box in zip(chosen, boxes, strict=True)
        ]
        keys = [self._key(labels, k) for k in chosen]
        if keys or self._actor is not None:
            self._draw_atlas(keys)
            corners = [_corners(box, self._turned.get(k)) for k, box in zip(chosen, boxes, strict=True)]
            self._move(np.array(corners, dtype=np.float64).reshape(-1, 8), keys, width, height)

    def _chosen(
        self, labels: _Labels, spot: Floats, distance: Floats, fits: NDArray[np.bool_], most: int, width: int,
        height: int,
    ) -> tuple[list[Box], list[int]]:  # fmt: skip
        """Return the boxes and numbers of the labels that find a place, the more important first."""
        turned = self._turned = self._along(labels, spot, distance, fits, width, height)
        order = np.flatnonzero(fits)
        # Nearer ones of the same rank come first, so that the foreground is named before the horizon.
        order = order[np.lexsort((distance[order], -labels.priority[order]))][:MOST_TRIED]
        out = np.array(self._keep_out, dtype=np.float64).reshape(-1, 4) * density(self._renderer)
        out = np.concatenate([out, np.array(self._taken, dtype=np.float64).reshape(-1, 4)])
        taken, used = np.empty((most * _MOST_PIECES + len(out), 4)), len(out)
        taken[:used] = out
        chosen: list[int] = []
        boxes: list[Box] = []
        for k in order.tolist():
            if k in turned:
                left, bottom, right, top = turned[k].box
                pieces = turned[k].pieces()
            elif np.isfinite(labels.half[k, 0]):  # longer than what it would be written along
                continue
            else:
                tall, wide = self._plate(self._key(labels, k)).shape[:2]
                left, bottom = round(float(spot[k, 0]) - wide / 2), round(float(spot[k, 1]))
                right, top = left + wide, bottom + tall
                pieces = np.array([[left, bottom, right, top]], dtype=np.float64)
            if left < 2 or bottom < 2 or right > width - 2 or top > height - 2:
                continue
            gap = labels.parts[labels.part[k]].gap_px * self._scale
            there = taken[:used, None]
            beside = (there[..., 0] >= pieces[:, 2] + gap) | (there[..., 2] <= pieces[:, 0] - gap)
            if not (beside | (there[..., 1] >= pieces[:, 3] + gap) | (there[..., 3] <= pieces[:, 1] - gap)).all():
                continue
            taken[used : used + len(pieces)] = pieces
            used += len(pieces)
            chosen.append(k)
            boxes.append((left, bottom, right, top))
            if len(chosen) == most:
                break
        return boxes, chosen

    def _along(
        self, labels: _Labels, spot: Floats, distance: Floats, fits: NDArray[np.bool_], width: int, height: int
    ) -> dict[int, Turned]:
        """Return place and direction of the words along things that are long enough for them on the screen."""
        mine = np.flatnonzero(fits & np.isfinite(labels.half[:, 0]))
        if not len(mine):
            return {}
        ends = [self._on_picture(labels.points[mine] + sign * labels.half[mine], width, height) for sign in (-1, 1)]
        way = ends[1] - ends[0]
        room = np.hypot(way[:, 0], way[:, 1])
        room[~np.isfinite(room)] = 0.0
        # The width of the thing where the words stand, by how long its half is on the screen.
        px_per_m = room / np.maximum(2 * np.linalg.norm(labels.half[mine], axis=1), 1e-9)
        camera = self._renderer.GetActiveCamera()
        if not camera.GetParallelProjection():  # a thing that runs away from the eye is not thinner for it
            px_per_m = height / (2 * np.tan(np.radians(camera.GetViewAngle() / 2)) * np.maximum(distance[mine], 1e-6))
        long = np.flatnonzero(room > 24 * self._scale)
        best = np.argsort(-labels.priority[mine[long]], kind="stable")[:MOST_TRIED]
        found: dict[int, Turned] = {}
        for at in long[best].tolist():
            k = int(mine[at])
            tall, wide = (side / FINER for side in self._plate(self._key(labels, k)).shape[:2])
            if room[at] < SPARE * wide:
                continue
            unit = way[at] / room[at]
            if unit[0] < -0.05 or (unit[0] < 0.12 and unit[1] < 0):
                unit = -unit  # never upside down, and upwards where it is steep, as on a drawing
            over = float(labels.beside[k] * px_per_m[at]) + 0.5 * tall + 1.0
            middle = spot[k] + over * np.array([-unit[1], unit[0]])
            found[k] = Turned((float(middle[0]), float(middle[1])), (float(unit[0]), float(unit[1])), wide, tall)
        return found

    def _move(self, corners: Floats, keys: list[tuple[str, int, str, bool]], width: int, height: int) -> None:
        from vtkmodules.util.numpy_support import numpy_to_vtk

        from viewers.render.geometry.vtk_arrays import cells, polydata

        sprite = np.array([self._sprites[key] for key in keys], dtype=np.float64).reshape(-1, 4)
        points = corners.reshape(-1, 2) / [width, height]
        u0, v0, u1, v1 = sprite[:, 0], sprite[:, 1], sprite[:, 0] + sprite[:, 2], sprite[:, 1] + sprite[:, 3]
        uv = np.stack([u0, v0, u1, v0, u1, v1, u0, v1], axis=1).reshape(-1, 2) / self._atlas_size
        data = polydata(np.column_stack([points, np.zeros(len(points))]))
        data.SetPolys(cells(np.arange(0, 4 * len(corners) + 1, 4), np.arange(4 * len(corners))))
        data.GetPointData().SetTCoords(numpy_to_vtk(np.ascontiguousarray(uv, dtype=np.float32), deep=True))
        self._actor.GetMapper().SetInputData(data)


def _or_none(values: NDArray[Any] | None, shape: tuple[int, ...]) -> Floats:
    return np.full(shape, np.nan) if values is None else values.astype(np.float64)


def _corners(box: Box, turned: Turned | None) -> Floats:
    """Return the corners (4, 2) of a label, from its lower left."""
    if turned is not None:
        return turned.corners
    left, bottom, right, top = box
    return np.array([[left, bottom], [right, bottom], [right, top], [left, top]], dtype=np.float64)


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

    font = label_font(size_px, text)
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


def bare(text: str, size_px: int, colour: str, dark: bool = False) -> NDArray[np.uint8]:
    """Paint one label without a plate: words with a thin rim, (h, w, 4) uint8, top row first."""
    from PIL import Image, ImageDraw

    font = label_font(size_px, text)
    left, _, right, _ = font.getbbox(text or " ", anchor="ls")
    rim = max(2, round(size_px * 0.14))
    wide, tall = int(right - left) + 2 * rim + 2, round(size_px * 1.12) + 2 * rim
    ink, halo = (_lighter(colour), "#141c24") if dark else (colour, "#ffffff")
    picture = Image.new("RGBA", (wide, tall), (*(int(halo[k : k + 2], 16) for k in (1, 3, 5)), 0))
    ImageDraw.Draw(picture).text(
        (rim + 1 - left, rim + round(size_px * 0.92)), text, font=font, fill=ink, anchor="ls", stroke_width=rim,
        stroke_fill=halo,
    )  # fmt: skip
    return np.asarray(picture, dtype=np.uint8)


def _lighter(colour: str) -> str:
    values = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(v + (255 - v) * 0.68):02x}" for v in values)


def _text(part: LabelPart, k: int, lang: str) -> str:
    english = part.texts_en[k] if k < len(part.texts_en) else ""
    return visible_text(english if lang == "en" and english else part.texts[k])


def _sheet_actor(atlas: NDArray[np.uint8]) -> Any:
    """Return a 2D actor that draws quads, in shares of the picture, from one texture."""
    from vtkmodules.vtkRenderingCore import vtkCoordinate, vtkPolyDataMapper2D, vtkTexture, vtkTexturedActor2D

    from viewers.render.geometry.vtk_arrays import polydata
    from viewers.render.palette.lighting import texture_of

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

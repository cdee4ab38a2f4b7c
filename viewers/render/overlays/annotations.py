"""Notes over the picture: plates with words, numbered pins, arrows and shapes, crisp and always on top.

Like measurements (:mod:`viewers.render.overlays.measures`) everything is drawn in pixels from one small sheet of
sprites, so that words and lines keep their size whatever the distance. Notes that are nearer are drawn later.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.views.annotations import Note
from viewers.render.geometry.frame_size import density, seen_height
from viewers.render.overlays.label_fonts import label_font
from viewers.render.overlays.labels import DESIGN_PX
from viewers.render.overlays.measures import SheetLayer, _dot, _profile, _Sheet, _thick, _View, _wash
from viewers.render.palette.status_colours import rgba

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]

#: Sizes in a picture of the design height, pixels: words, room around them, stem of a plate, pin, an arrow's head.
TEXT_PX, PAD_PX, STEM_PX, PIN_PX, HEAD_PX = 14, 7, 22, 30, 16
#: Words are broken into lines of at most so many half-width characters.
LINE_LENGTH = 34
INK, PAPER, INK_DARK, PAPER_DARK = "#1f2933", "#ffffff", "#eef2f5", "#26313a"


class NoteLayer(SheetLayer[Note]):
    """The notes over one renderer."""

    #: Number of the first sprite of each colour, and of the words.
    _first: dict[str, int]
    _words: int

    def update(self) -> None:
        """Place everything for the camera and size of the coming frame."""
        width, height = self._renderer.GetSize()
        if not self._items or not width or not height:
            self._drop()
            return
        scale = density(self._renderer) * max(1.0, seen_height(self._renderer) / DESIGN_PX)
        wanted = (tuple((note.kind, note.text, note.colour, note.number) for note in self._items), self._dark, scale)
        if wanted != self._painted:
            self._paint(scale)
            self._painted = wanted
        sheet = _Sheet(self._sprites, self._atlas_size, width, height)
        view = _View(self._renderer, width, height)
        eye = np.asarray(self._renderer.GetActiveCamera().GetPosition())
        away = [-float(np.linalg.norm(points[0] - eye)) for points in self._local]
        for number in np.argsort(away, kind="stable").tolist():
            self._draw(sheet, view, number, scale)
        self._actor.GetMapper().SetInputData(sheet.polydata())
        if self._renderer.GetViewProps().GetLastProp() is not self._actor:  # names came later: notes lie over them
            self._renderer.RemoveViewProp(self._actor)
            self._renderer.AddViewProp(self._actor)

    def _paint(self, scale: float) -> None:
        self._drop()
        paper = PAPER_DARK if self._dark else PAPER
        halo = PAPER_DARK if self._dark else "#ffffff"
        pictures: list[Pixels] = []
        self._first = {}
        for colour in dict.fromkeys(note.colour for note in self._items):
            self._first[colour] = len(pictures)
            # The first four as the sheet wants them: dot, tick (a solid patch here), line, wash.
            pictures += [_dot(scale, colour, halo), _solid(colour), _profile(scale, colour, halo),
                         _wash(scale, colour, halo)]  # fmt: skip
        self._words = len(pictures)
        ink = INK_DARK if self._dark else INK
        for note in self._items:
            pictures.append(plate(note.text, round(TEXT_PX * scale), note.colour, ink, paper))
            pictures.append(pin(note.number, round(PIN_PX * scale), note.colour))
        self._lay_out(pictures, 512, 2)

    def _draw(self, sheet: _Sheet, view: _View, number: int, scale: float) -> None:
        note, points = self._items[number], self._local[number]
        own = _Coloured(sheet, self._first[note.colour])
        flat = view.flat(points)
        if note.kind in ("line", "freehand", "arrow", "area"):
            chain = np.concatenate([points, points[:1]]) if note.kind == "area" else points
            if note.kind == "area" and len(points) > 2 and np.isfinite(flat).all():
                own.fill(flat)
            for a, b in view.pieces(chain):
                own.line(a, b, _thick(scale))
            if note.kind == "arrow" and np.isfinite(flat[-2:]).all():
                own.head(flat[-2], flat[-1], HEAD_PX * scale)
        spot = view.flat(points.mean(axis=0)[None, :] if note.kind == "area" else points[:1])[0]
        if not np.isfinite(spot).all():
            return
        up = 0.0
        if note.kind == "pin":
            tall = self._sprites[self._words + 2 * number + 1][3]
            sheet.sprite(self._words + 2 * number + 1, spot + np.array([0.0, tall / 2]))
            up = float(tall)
        elif note.kind in ("text", "arrow"):
            own.dot(spot)
        if note.text:
            tall = self._sprites[self._words + 2 * number][3]
            if note.kind == "text":
                up = STEM_PX * scale
                own.line(spot, spot + np.array([0.0, up]), _thick(scale))
            gap = 0.0 if note.kind == "text" else 3.0 * scale
            lift = 0.0 if note.kind == "area" else up + gap + tall / 2
            if note.kind in ("arrow", "line", "freehand"):
                lift += 6.0 * scale
            sheet.sprite(self._words + 2 * number, spot + np.array([0.0, lift]))


class _Coloured:
    """The strokes of one colour on a sheet whose sprites hold several."""

    def __init__(self, sheet: _Sheet, first: int) -> None:
        self._sheet, self._first = sheet, first

    def line(self, a: Floats, b: Floats, thick_px: float) -> None:
        """Put a line."""
        with self:
            self._sheet.line(a, b, thick_px, 0.0)

    def fill(self, ring: Floats) -> None:
        """Put a wash."""
        with self:
            self._sheet.fill(ring)

    def dot(self, at: Floats) -> None:
        """Put a dot."""
        self._sheet.sprite(self._first, at)

    def head(self, tail: Floats, tip: Floats, size_px: float) -> None:
        """Put the head of an arrow."""
        length = float(np.linalg.norm(tip - tail))
        if length < 1.0:
            return
        along = (tip - tail) / length
        across = np.array([-along[1], along[0]])
        x, y, wide, tall = self._sheet._sprites[self._first + 1]
        middle = np.array([[x + wide / 2, y + tall / 2]] * 3)
        foot = tip - along * size_px
        self._sheet._add(np.stack([tip + along * 2.0, foot + across * size_px * 0.42, foot - across * size_px * 0.42]),
                         middle)  # fmt: skip

    def __enter__(self) -> None:
        self._held = self._sheet._sprites
        self._sheet._sprites = self._held[self._first : self._first + 4]

    def __exit__(self, *_: object) -> None:
        self._sheet._sprites = self._held


def _solid(colour: str) -> Pixels:
    return np.tile(np.array(rgba(colour), dtype=np.uint8), (6, 6, 1))


@lru_cache(maxsize=512)
def plate(text: str, size_px: int, colour: str, ink: str, paper: str) -> Pixels:
    """Paint words on a plate with a coloured bar at its left, (h, w, 4) uint8, top row first."""
    from PIL import Image, ImageDraw

    if not text.strip():
        return np.zeros((1, 1, 4), dtype=np.uint8)
    font, lines = label_font(size_px, text), broken(text)
    pad = max(round(PAD_PX * size_px / TEXT_PX), 3)
    bar, step = max(round(size_px * 0.28), 3), round(size_px * 1.42)
    wide = int(max(font.getlength(line) for line in lines)) + 2 * pad + bar
    tall = step * len(lines) + 2 * pad - round(size_px * 0.3)
    much = 4
    radius = round(size_px * 0.3)
    big = Image.new("RGBA", (wide * much, tall * much), (0, 0, 0, 0))
    draw = ImageDraw.Draw(big)
    box = (0, 0, wide * much - 1, tall * much - 1)
    draw.rounded_rectangle(box, radius * much, fill=rgba(colour))
    rim = max(round(size_px * 0.09), 1) * much
    inner = (bar * much, rim, wide * much - 1 - rim, tall * much - 1 - rim)
    draw.rounded_rectangle(inner, max(radius * much - rim, 1), fill=rgba(paper, 246 / 255),
                           corners=(False, True, True, False))  # fmt: skip
    picture = big.resize((wide, tall), Image.Resampling.BOX)
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((bar + pad, pad + number * step + size_px * 0.92), line, font=font, fill=ink, anchor="ls")
    return np.asarray(picture, dtype=np.uint8)


@lru_cache(maxsize=512)
def pin(number: int, size_px: int, colour: str) -> Pixels:
    """Paint a pin with its number, its tip at the middle of the lower edge; nothing for number 0."""
    from PIL import Image, ImageDraw

    if number <= 0:
        return np.zeros((1, 1, 4), dtype=np.uint8)
    much = 8
    wide, tall = size_px, round(size_px * 1.28)
    big = Image.new("RGBA", (wide * much, tall * much), rgba(colour, 0.0))
    draw = ImageDraw.Draw(big)
    middle, radius, rim = wide * much / 2, wide * much / 2 - 1, wide * much * 0.06
    for grow, fill in ((0.0, (255, 255, 255, 255)), (rim, rgba(colour))):
        reach = radius - grow
        draw.ellipse((middle - reach, middle - reach, middle + reach, middle + reach), fill=fill)
        draw.polygon([(middle - reach * 0.74, middle + reach * 0.67), (middle + reach * 0.74, middle + reach * 0.67),
                      (middle, tall * much - 1 - 1.8 * grow)], fill=fill)  # fmt: skip
    picture = big.resize((wide, tall), Image.Resampling.BOX)
    text = str(number)
    font = label_font(round(size_px * (0.56 if len(text) < 2 else 0.46 if len(text) < 3 else 0.34)))
    ImageDraw.Draw(picture).text((wide / 2, wide / 2 + 0.5), text, font=font, fill="#ffffff", anchor="mm")
    return np.asarray(picture, dtype=np.uint8)


def broken(text: str) -> list[str]:
    """Break words into lines that fit a plate; Chinese breaks anywhere, other words between them."""
    lines: list[str] = []
    for whole in text.strip().splitlines():
        line, length = "", 0
        for word in _words(whole):
            size = sum(2 if ord(c) > 0x2E7F else 1 for c in word)
            if line and length + size > LINE_LENGTH:
                lines.append(line.rstrip())
                line, length = "", 0
            line, length = (line + word).lstrip(), length + size
        lines.append(line.rstrip())
    return lines


def _words(text: str) -> list[str]:
    found: list[str] = []
    for c in text:
        if found and ord(c) <= 0x2E7F and not c.isspace() and ord(found[-1][-1]) <= 0x2E7F:
            found[-1] += c
        else:
            found.append(c)
    return found

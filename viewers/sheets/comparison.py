"""Several pictures of the same view as one: a line between them, a name on each, its legend in its corner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewers.legend import Legend
from viewers.render.overlays.label_fonts import label_font
from viewers.sheets.pen import BADGE, BADGE_TEXT

Pixels = NDArray[np.uint8]

#: Sizes in a picture of this height, pixels.
DESIGN_PX = 1080.0
LINE_PX, NAME_PX, WORDS_PX, PAD_PX, EDGE_PX = 4, 20, 14, 10, 18
#: Lines of a legend that are shown.
MOST_ENTRIES = 12


def joined(
    pictures: Sequence[Pixels], rooms: Sequence[tuple[int, int, int, int]], size: tuple[int, int],
    names: Sequence[str], legends: Sequence[Legend | None], *, dark: bool = False, badge: str = "",
) -> Pixels:  # fmt: skip
    """Return one picture, (h, w, 3) uint8.

    Parameters
    ----------
    pictures : sequence of ndarray (h, w, 3)
    rooms : sequence of (left, top, right, bottom)
        Where each belongs, pixels from the upper left.
    size : tuple of int
    names : sequence of str
    legends : sequence of Legend or None
    dark : bool
    badge : str
        That the data is synthetic, empty for real data.
    """
    from PIL import Image, ImageDraw

    sheet = Image.new("RGB", size, "#ffffff")
    for pixels, (left, top, _, _) in zip(pictures, rooms, strict=False):
        sheet.paste(Image.fromarray(pixels), (left, top))
    draw = ImageDraw.Draw(sheet, "RGBA")
    scale = max(size[1] / DESIGN_PX, 0.5)
    wide = max(round(LINE_PX * scale), 2)
    for left, top, _, _ in rooms:
        if left:
            draw.rectangle((left - wide // 2, top, left + wide // 2, _below(rooms, left, top)), fill="#ffffff")
        if top:
            draw.rectangle((left, top - wide // 2, _right(rooms, left, top), top + wide // 2), fill="#ffffff")
    paper, ink = ((30, 37, 43, 226), "#eef2f5") if dark else ((255, 255, 255, 232), "#1f2933")
    for name, legend, room in zip(names, legends, rooms, strict=False):
        _name(draw, name, room, scale, paper, ink)
        if legend is not None and legend.entries:
            _legend(draw, legend, room, scale, paper, ink)
    if badge:
        font, edge, pad = label_font(round(WORDS_PX * scale), badge), EDGE_PX * scale, PAD_PX * scale
        box = (edge, edge, edge + font.getlength(badge) + 2.4 * pad, edge + (WORDS_PX + 12) * scale)
        draw.rounded_rectangle(box, (box[3] - box[1]) / 2, fill=BADGE)
        draw.text(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), badge, font=font, fill=BADGE_TEXT, anchor="mm")
    return np.asarray(sheet, dtype=np.uint8)


def _below(rooms: Sequence[tuple[int, int, int, int]], left: int, top: int) -> int:
    return next(room[3] for room in rooms if room[:2] == (left, top))


def _right(rooms: Sequence[tuple[int, int, int, int]], left: int, top: int) -> int:
    return next(room[2] for room in rooms if room[:2] == (left, top))


def _name(draw: Any, name: str, room: tuple[int, int, int, int], scale: float, paper: Any, ink: str) -> None:
    font, pad, edge = label_font(round(NAME_PX * scale), name), PAD_PX * scale, EDGE_PX * scale
    length = font.getlength(name)
    middle = (room[0] + room[2]) / 2
    top = room[1] + edge
    box = (middle - length / 2 - 1.6 * pad, top, middle + length / 2 + 1.6 * pad, top + (NAME_PX + 16) * scale)
    draw.rounded_rectangle(box, 6 * scale, fill=paper)
    draw.text((middle, (box[1] + box[3]) / 2), name, font=font, fill=ink, anchor="mm")


def _legend(draw: Any, legend: Legend, room: tuple[int, int, int, int], scale: float, paper: Any, ink: str) -> None:
    pad, edge, step = PAD_PX * scale, EDGE_PX * scale, 23 * scale
    entries = [entry for entry in legend.entries if entry.symbol not in ("ramp", "size")][:MOST_ENTRIES]
    lines = ([legend.title] if legend.title else []) + [entry.text for entry in entries]
    font = label_font(round(WORDS_PX * scale), "".join(lines))
    length = max(font.getlength(line) for line in lines) + 26 * scale
    low = room[3] - edge
    high = low - step * len(lines) - 2 * pad
    left = room[0] + edge
    if left + length + 2 * pad > room[2] or high < room[1]:
        return
    draw.rounded_rectangle((left, high, left + length + 2 * pad, low), 6 * scale, fill=paper)
    at = high + pad + step / 2
    if legend.title:
        draw.text((left + pad, at), legend.title, font=font, fill=ink, anchor="lm")
        at += step
    for entry in entries:
        half = 6.5 * scale
        if entry.colour:
            box = (left + pad, at - half, left + pad + 2 * half, at + half)
            draw.rounded_rectangle(box, 2 * scale, fill=entry.colour, outline="#00000030")
            if entry.pattern == "hatch":
                draw.line((box[0], box[3], box[2], box[1]), fill="#00000060", width=max(round(scale), 1))
        draw.text((left + pad + 24 * scale, at), entry.text, font=font, fill=ink, anchor="lm")
        at += step

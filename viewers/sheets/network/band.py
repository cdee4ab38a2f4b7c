"""The table below a profile or a section: rows of figures that stand under their places in the drawing.

Invariants
----------
1. A place is one column through all rows: what has no room is left out of every row, and counted.
2. Columns that stand too near each other are moved apart, a line leading each back to its place.
3. A stretch between two places shows its longest text that fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF

from resources.words import word
from viewers.sheets.network.pen import BODY, SMALL, Pen
from viewers.sheets.network.texts import UNKNOWN

#: Room around a text, and the height in which lines lead from places to columns, units.
GAP, LEAD_UNITS = 4.0, 12.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A text between two places.

    Parameters
    ----------
    left, right : int
        Numbers of the places.
    texts : tuple of str
        The longest first; the first that fits is written. A line break makes two lines.
    tone : str
        Colour by name.
    """

    left: int
    right: int
    texts: tuple[str, ...]
    tone: str = "text"


@dataclass(frozen=True, slots=True)
class BandRow:
    """One row: a figure a place, or stretches between them.

    Parameters
    ----------
    title : str
    figures : tuple of str
        One a place.
    stretches : tuple of Stretch
    tones : mapping of int to str
        Colours of figures that are not the usual one.
    is_tall : bool
        Has room for two lines.
    """

    title: str
    figures: tuple[str, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    tones: dict[int, str] | None = None
    is_tall: bool = False


def height_of(pen: Pen, rows: Sequence[BandRow], *, upright: bool) -> float:
    """Return how tall a table is, with the lines that lead to it."""
    return LEAD_UNITS + sum(_row_height(pen, row, upright) for row in rows)


def _row_height(pen: Pen, row: BandRow, upright: bool) -> float:
    if row.stretches or not upright:
        return 36.0 if row.is_tall else 22.0
    longest = max((pen.width(figure) for figure in row.figures), default=0.0)
    return min(max(longest + 2 * GAP, 40.0), 110.0)


def draw_band(
    pen: Pen, top: float, left: float, plot: tuple[float, float], right: float, places: Sequence[float],
    rows: Sequence[BandRow], *, upright: bool, least: float = 0.0,
) -> int:  # fmt: skip
    """Draw a table and return how many places had no room.

    Parameters
    ----------
    pen : Pen
    top, left, right : float
        Where the table begins and ends; its titles stand from ``left`` to ``plot[0]``.
    plot : (float, float)
        Between these lies the drawing.
    places : sequence of float
    rows : sequence of BandRow
    upright : bool
        Figures are turned a quarter, as on paper; else they are written as text.
    least : float
        Width of a column where there is room for all.
    """
    seen = [n for n, x in enumerate(places) if plot[0] - 1 <= x <= plot[1] + 1]
    widths = [BODY + GAP if upright else _widest(pen, rows, n) + GAP for n in range(len(places))]
    if sum(max(widths[n], least) for n in seen) <= right - plot[0]:
        widths = [max(width, least) for width in widths]
    columns, left_out = arranged([places[n] for n in seen], [widths[n] for n in seen], (plot[0], right))
    stands = dict(zip(seen, columns, strict=True))
    edges = [stands.get(n) if stands.get(n) is not None else x for n, x in enumerate(places)]
    for number, x in stands.items():
        if x is not None:
            pen.line(places[number], top, x, top + LEAD_UNITS, "line_strong", 0.8)
    y = top = top + LEAD_UNITS
    for row in rows:
        height = _row_height(pen, row, upright)
        head = plot[0] - left
        pen.box(QRectF(left, y, head, height), "sunken")
        size = BODY if pen.width(row.title) < head - 12 else SMALL
        pen.text(QRectF(left + 8, y, head - 12, height), row.title, "text_soft", place="left", wrap=True, size=size)
        pen.painter.save()
        pen.painter.setClipRect(QRectF(plot[0], y, right - plot[0], height))
        if row.figures:
            for number, x in stands.items():
                if x is not None:
                    wide = widths[number]
                    tone = (row.tones or {}).get(number, "text")
                    pen.text(QRectF(x - wide / 2, y, wide, height), row.figures[number], tone,
                             upright=upright and row.figures[number] != UNKNOWN)  # fmt: skip
        else:
            for x in edges:
                if x is not None:
                    pen.line(x, y, x, y + height, "line")
            for stretch in row.stretches:
                _write_stretch(pen, stretch, edges, y, height, (plot[0], right))
        pen.painter.restore()
        pen.line(left, y, right, y, "line_strong")
        y += height
    pen.box(QRectF(left, top, right - left, y - top), None, "line_strong")
    pen.line(plot[0], top, plot[0], y, "line_strong")
    return left_out


def _widest(pen: Pen, rows: Sequence[BandRow], number: int) -> float:
    return max((pen.width(row.figures[number]) for row in rows if row.figures), default=0.0) + GAP


def arranged(
    places: Sequence[float], widths: Sequence[float], room: tuple[float, float]
) -> tuple[list[float | None], int]:
    """Return where columns stand so that none lies over another, and how many had to be left out.

    Where all fit side by side, those that are too near each other move apart about their common middle; else those
    without room at their own place are None, the first and the last being asked first.
    """
    if sum(widths) <= room[1] - room[0]:
        return list(_spread(places, widths, room)), 0
    order = [0, len(places) - 1, *range(1, len(places) - 1)]
    taken: list[tuple[float, float]] = []
    found: list[float | None] = [None] * len(places)
    for number in order:
        half = widths[number] / 2
        x = min(max(places[number], room[0] + half), room[1] - half)
        if all(x + half <= low or x - half >= high for low, high in taken):
            taken.append((x - half, x + half))
            found[number] = x
    return found, sum(x is None for x in found)


def _spread(places: Sequence[float], widths: Sequence[float], room: tuple[float, float]) -> list[float]:
    """Move columns apart as little as possible: those that touch are one block about the mean of their places."""
    blocks: list[tuple[float, float, list[int]]] = []  # low edge, width, columns
    for number, (place, wide) in enumerate(zip(places, widths, strict=True)):
        block = (place - wide / 2, wide, [number])
        while True:
            low = min(max(block[0], room[0]), room[1] - block[1])
            block = (low, block[1], block[2])
            if not blocks or blocks[-1][0] + blocks[-1][1] <= low + 1e-9:
                break
            members = [*blocks.pop()[2], *block[2]]
            whole = sum(widths[n] for n in members)
            begin, ideal = 0.0, []
            for n in members:
                ideal.append(places[n] - begin - widths[n] / 2)
                begin += widths[n]
            block = (sum(ideal) / len(ideal), whole, members)
        blocks.append(block)
    found = [0.0] * len(places)
    for low, _, members in blocks:
        at = low
        for n in members:
            found[n] = at + widths[n] / 2
            at += widths[n]
    return found


def _write_stretch(
    pen: Pen, stretch: Stretch, edges: Sequence[float | None], y: float, height: float, plot: tuple[float, float]
) -> None:
    left, right = edges[stretch.left], edges[stretch.right]
    if left is None or right is None:
        return
    low, high = max(left, plot[0]), min(right, plot[1])
    for text in stretch.texts:
        lines = text.split("\n")
        if max(pen.width(line) for line in lines) + GAP <= high - low:
            step = height / len(lines)
            for number, line in enumerate(lines):
                pen.text(QRectF(low, y + number * step, high - low, step), line, stretch.tone)
            return


def draw_band_below(
    pen: Pen, box: QRectF, plot_box: QRectF, pad: float, places: Sequence[float], rows: Sequence[BandRow], lang: str, *,
    upright: bool, least: float,
) -> int:  # fmt: skip
    """Draw the table below a plot, and say how many columns are seen only nearer; see :func:`draw_band`."""
    left_out = draw_band(
        pen, plot_box.bottom(), box.left(), (plot_box.left(), plot_box.right()), plot_box.right() + pad, places, rows,
        upright=upright, least=least if upright else 0.0,
    )  # fmt: skip
    if left_out and not upright:
        beside = QRectF(box.left() + 8, plot_box.bottom() - 4, plot_box.left() - box.left() - 12, 14)
        pen.text(beside, word("profile.note.zoom", lang, count=left_out), "text_faint", place="left", size=SMALL)
    return left_out

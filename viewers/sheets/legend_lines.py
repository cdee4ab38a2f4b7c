"""The lines of a legend: what they need, and how they are drawn; on a card over a picture and on a page alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QFontMetricsF

from viewers.legend import Legend, LegendEntry
from viewers.sheets.pen import HEAD_GAP, RIGHT, SheetPen


class LegendLines:
    """A legend that is measured and then drawn.

    Parameters
    ----------
    pen : SheetPen
        Its unit must stay as it is between measuring and drawing.
    legend : Legend
    most : float
        Width at which words wrap, painter's pixels.
    """

    def __init__(self, pen: SheetPen, legend: Legend, most: float) -> None:
        u = pen.u
        self.pen, self.legend = pen, legend
        self.head, self.body, self.strong = pen.font(15, bold=True), pen.font(14), pen.font(13, bold=True)
        self.swatch, self.gap, self.row_gap = 24 * u, 10 * u, 6 * u
        entries = legend.entries
        self.counts = ["" if entry.count is None else f"{entry.count:,}" for entry in entries]
        wide = max([pen.size_of(text, self.body, most).width() for text in self.counts if text] + [0.0])
        self.fonts = [self.strong if entry.symbol == "head" else self.body for entry in entries]
        self.indents = [
            0.0 if entry.symbol in ("head", "none", "ramp") else self.swatch + self.gap for entry in entries
        ]
        self.sizes = [
            pen.size_of(entry.text, font, most - indent - (wide + self.gap if entry.count is not None else 0))
            for entry, font, indent in zip(entries, self.fonts, self.indents, strict=True)
        ]
        self.title = pen.size_of(legend.title, self.head, most) if legend.title else QSizeF(0, 0)
        self.width = max(
            [self.title.width()]
            + [
                indent + size.width() + (self.gap * 2 + wide if entry.count is not None else 0)
                for entry, size, indent in zip(entries, self.sizes, self.indents, strict=True)
            ]
            + [200 * u for entry in entries if entry.symbol == "ramp"]
        )
        self.line = QFontMetricsF(self.body).height()
        self.heights = [
            self._row_height(entry, size) + self.row_gap for entry, size in zip(entries, self.sizes, strict=True)
        ]
        if entries and entries[0].symbol == "head":
            self.heights[0] -= HEAD_GAP * u
        self.small = pen.font(12)

    @property
    def title_height(self) -> float:
        """Height of the title with what is free below it."""
        return self.title.height() + 8 * self.pen.u if self.legend.title else 0.0

    def note_height(self, width: float) -> float:
        """Return the height of the note at a width."""
        note = self.legend.note
        return self.pen.size_of(note, self.small, width).height() + self.row_gap if note else 0.0

    def height(self, width: float) -> float:
        """Return the height of everything at a width."""
        return self.title_height + sum(self.heights) + self.note_height(width)

    def draw(self, x: float, y: float, width: float) -> float:
        """Draw everything from a corner on, and return where it ends."""
        if self.legend.title:
            box = QRectF(x, y, width, self.title.height() + 2)
            self.pen.write(self.legend.title, self.head, self.pen.ink.strong, box)
            y += self.title_height
        y = self.draw_rows(range(len(self.legend.entries)), x, y, width)
        if self.legend.note:
            tall = self.note_height(width)
            self.pen.write(self.legend.note, self.small, self.pen.ink.faint, QRectF(x, y, width, tall + 2))
            y += tall
        return y

    def draw_rows(self, rows: Sequence[int], x: float, y: float, width: float) -> float:
        """Draw some of the lines below one another."""
        pen, u = self.pen, self.pen.u
        for k in rows:
            entry, size = self.legend.entries[k], self.sizes[k]
            ink, down = pen.ink.text, 0.0
            if entry.symbol == "head":
                ink, down = pen.ink.strong, HEAD_GAP * u if k else 0.0
            elif entry.symbol == "none":
                ink = pen.ink.faint
            elif entry.symbol == "ramp":
                pen.ramp(entry, QRectF(x, y + 2 * u, width, 13 * u))
            else:
                pen.swatch(entry, QRectF(x, y + (self.line - 15 * u) / 2, self.swatch, 15 * u))
            if entry.text:
                box = QRectF(x + self.indents[k], y + down, size.width() + 2, size.height() + 2)
                pen.write(entry.text, self.fonts[k], ink, box)
            if self.counts[k]:
                pen.write(self.counts[k], self.body, pen.ink.faint, QRectF(x, y, width, self.line + 2), RIGHT)
            y += self.heights[k]
        return y

    def _row_height(self, entry: LegendEntry, size: QSizeF) -> float:
        if entry.symbol == "ramp":
            return 20 * self.pen.u + self.line
        return max(size.height(), self.line) + (HEAD_GAP * self.pen.u if entry.symbol == "head" else 0.0)


def shortened(legend: Legend, count: int, more: str) -> Legend:
    """Return a legend of its first lines, with a line that says that there are more."""
    if len(legend.entries) <= count:
        return legend
    return replace(legend, entries=(*legend.entries[: max(count - 1, 0)], LegendEntry(more, "", symbol="none")))

"""What both drawings stand on: which stretch and heights are shown, where that is on the paper, scale of heights."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QRectF

from viewers.sheets.network.pen import SMALL, Pen

#: Scales of drawings, 1 : n.
SCALES = (10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10000, 20000, 50000)


@dataclass(frozen=True, slots=True)
class Extent:
    """What is shown: metres along and heights."""

    from_m: float
    to_m: float
    low_m: float
    high_m: float


@dataclass(frozen=True, slots=True)
class Axes:
    """Where an extent lies in a box of the drawing."""

    box: QRectF
    extent: Extent

    @property
    def units_a_metre(self) -> float:
        """Return units of the drawing a metre along."""
        return float(self.box.width() / max(self.extent.to_m - self.extent.from_m, 1e-9))

    @property
    def units_up(self) -> float:
        """Return units of the drawing a metre of height."""
        return float(self.box.height() / max(self.extent.high_m - self.extent.low_m, 1e-9))

    @property
    def exaggeration(self) -> float:
        """Return how much heights are larger than lengths."""
        return self.units_up / self.units_a_metre

    def x(self, along_m: float) -> float:
        """Return where a place along is."""
        return float(self.box.left() + (along_m - self.extent.from_m) * self.units_a_metre)

    def y(self, height_m: float) -> float:
        """Return where a height is."""
        return float(self.box.bottom() - (height_m - self.extent.low_m) * self.units_up)

    def along_m(self, x: float) -> float:
        """Return the place along at x."""
        return float(self.extent.from_m + (x - self.box.left()) / self.units_a_metre)

    def height_m(self, y: float) -> float:
        """Return the height at y."""
        return float(self.extent.low_m + (self.box.bottom() - y) / self.units_up)


def round_step(span: float, most: float) -> float:
    """Return a step of 1, 2 or 5 times a power of ten that divides a span into no more than so many parts."""
    raw = max(span, 1e-9) / max(most, 1.0)
    power = 10.0 ** math.floor(math.log10(raw))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= raw - 1e-12)


def draw_heights(pen: Pen, axes: Axes, left: float, title: str) -> None:
    """Draw the scale of heights and its fine lines."""
    extent, box = axes.extent, axes.box
    step = round_step(extent.high_m - extent.low_m, box.height() / 20)
    level = math.ceil(extent.low_m / step - 1e-9) * step
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    while level <= extent.high_m + 1e-9:
        y = axes.y(level)
        pen.line(box.left(), y, box.right(), y, "line", 0.7)
        pen.line(box.left() - 5, y, box.left(), y, "line_strong")
        if y > box.top() + 3:
            pen.text(QRectF(left, y - 8, box.left() - left - 9, 16), f"{level:.{digits}f}", "text_soft",
                     place="right", size=SMALL)  # fmt: skip
        level += step
    pen.line(box.left(), box.top(), box.left(), box.bottom(), "line_strong")
    pen.text(
        QRectF(left + 8, box.top() - 17, box.left() - left - 12, 16), title, "text_faint", place="left", size=SMALL
    )


def scale_for(span_m: float, room_units: float, unit_mm: float) -> int:
    """Return the largest scale, as 1 : n, at which a span fits into the room."""
    fitting = [n for n in SCALES if span_m * 1000 / n <= room_units * unit_mm]
    return fitting[0] if fitting else SCALES[-1]

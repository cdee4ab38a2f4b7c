"""The pen of network drawings: colours, fonts and the few shapes that they are made of.

Lengths are in units of the drawing: a pixel on the screen, a quarter of a millimetre on paper. Whoever paints scales
the painter and knows nothing else.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from models.network.kinds import colour_of
from resources import HERE
from resources.visible_text import visible_text
from viewers.sheets.glyphs import stepping_in

#: Millimetres of a unit on paper.
UNIT_MM = 0.25
SMALL, BODY, HEAD, TITLE = 10.0, 11.0, 13.0, 19.0
_MIDDLE = int(Qt.AlignmentFlag.AlignCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
PLACES = {"middle": _MIDDLE, "left": _LEFT, "right": _RIGHT}


@dataclass(frozen=True, slots=True)
class Look:
    """Colours by name, as in the theme of the window, and whether the paper is dark."""

    colours: Mapping[str, str]
    dark: bool = False

    def colour(self, name: str) -> QColor:
        """Return a colour by its name in the theme, or as ``#rrggbb``."""
        return QColor(name if name.startswith("#") else self.colours[name])

    def kind(self, code: str) -> QColor:
        """Return the standard's colour of a kind of pipe; on dark paper no darker than can be seen."""
        colour = QColor(*colour_of(code))
        if self.dark and colour.lightness() < 110:
            colour.setHsl(max(colour.hslHue(), 0), colour.hslSaturation(), 150)
        return colour

    def kind_line(self, code: str) -> QColor:
        """Return the colour of a kind for thin lines: bright ones are darkened on light paper."""
        colour = self.kind(code)
        return colour.darker(150) if not self.dark and colour.lightness() > 110 else colour


@lru_cache(maxsize=1)
def paper() -> Look:
    """Return the look of printed paper: the light theme on white."""
    colours = tomllib.loads((HERE / "theme" / "light.toml").read_text(encoding="utf-8"))["colours"]
    return Look({**colours, "surface": "#ffffff"})


class Pen:
    """A painter with a look."""

    def __init__(self, painter: QPainter, look: Look, family: str) -> None:
        self.painter, self.look, self._family = painter, look, family
        self._metrics: dict[tuple[float, bool], QFontMetricsF] = {}
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)

    def font(self, size: float = BODY, bold: bool = False) -> QFont:
        """Return the font of a size."""
        font = QFont()
        font.setFamilies([self._family, *stepping_in()])
        font.setPixelSize(round(size))
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        font.setFeature(QFont.Tag("locl"), 0)  # as in viewers.sheets.pen
        return font

    def width(self, text: str, size: float = BODY, bold: bool = False) -> float:
        """Return the width of a text."""
        found = self._metrics.get((size, bold))
        if found is None:
            found = self._metrics[size, bold] = QFontMetricsF(self.font(size, bold))
        return float(found.horizontalAdvance(visible_text(text)))

    def text(
        self, box: QRectF, text: str, colour: str | QColor = "text", *, place: str = "middle", size: float = BODY,
        bold: bool = False, upright: bool = False, wrap: bool = False,
    ) -> None:  # fmt: skip
        """Write in a box; ``upright`` turns the text a quarter to the left, as figures stand in a profile's table."""
        painter = self.painter
        painter.setFont(self.font(size, bold))
        painter.setPen(self.look.colour(colour) if isinstance(colour, str) else colour)
        flags = PLACES[place] | (int(Qt.TextFlag.TextWordWrap) if wrap else int(Qt.TextFlag.TextSingleLine))
        if not upright:
            painter.drawText(box, flags, visible_text(text))
            return
        painter.save()
        painter.translate(box.center())
        painter.rotate(-90)
        turned = QRectF(-box.height() / 2, -box.width() / 2, box.height(), box.width())
        painter.drawText(turned, flags, visible_text(text))
        painter.restore()

    def line(
        self, x0: float, y0: float, x1: float, y1: float, colour: str | QColor = "line", width: float = 1.0, *,
        dashed: bool = False,
    ) -> None:  # fmt: skip
        """Draw a line."""
        self.painter.setPen(self.stroke(colour, width, dashed=dashed))
        self.painter.drawLine(QPointF(x0, y0), QPointF(x1, y1))

    def box(self, box: QRectF, fill: str | QColor | None, edge: str | QColor | None = None, width: float = 1.0) -> None:
        """Draw a rectangle."""
        painter = self.painter
        painter.setPen(Qt.PenStyle.NoPen if edge is None else self.stroke(edge, width))
        painter.setBrush(Qt.BrushStyle.NoBrush if fill is None else self._as_colour(fill))
        painter.drawRect(box)

    def stroke(self, colour: str | QColor, width: float = 1.0, *, dashed: bool = False) -> QPen:
        """Return a pen."""
        pen = QPen(self._as_colour(colour), width)
        if dashed:
            pen.setDashPattern([4.0, 3.0])
        return pen

    def _as_colour(self, colour: str | QColor) -> QColor:
        return self.look.colour(colour) if isinstance(colour, str) else colour


def faded(colour: QColor, alpha: int) -> QColor:
    """Return a colour seen through."""
    found = QColor(colour)
    found.setAlpha(alpha)
    return found

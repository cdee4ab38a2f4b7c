"""Pen and pointer over the picture: lines that are drawn by hand, and a glowing dot.

It is a transparent widget: drawing on it renders no scene. Places are right of and below the picture's middle, in
heights of the picture (:data:`models.review.agenda.Place`), so that a picture of any size shows them in place.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF, QRadialGradient
from PySide6.QtWidgets import QWidget

from models.review.agenda import INKS, InkStroke, Place

#: Radius of the dot and of its glow, in heights of the picture.
DOT, GLOW = 0.007, 0.026
LASER = "#FF2A2A"


class InkLayer(QWidget):
    """Lines and dot over the picture.

    Signals
    -------
    changed : () lines or dot are others
    """

    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.strokes: tuple[InkStroke, ...] = ()
        self._under_way: list[Place] = []
        self.colour, self.width_share = "red", 0.005
        self._dot: Place | None = None
        self.shows_strokes = True
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.hide()

    # --- pen -------------------------------------------------------------------------------------------------------
    def begin(self, place: Place) -> None:
        """Put the pen down."""
        self._under_way = [place]

    def draw_to(self, place: Place) -> None:
        """Draw on to a place."""
        if self._under_way and place != self._under_way[-1]:
            self._under_way.append(place)
            self._tell()

    def finish(self) -> None:
        """Lift the pen; a touch that drew nothing leaves nothing."""
        if len(self._under_way) > 1:
            self.strokes = (*self.strokes, InkStroke(tuple(self._under_way), self.colour, self.width_share))
        self._under_way = []
        self._tell()

    def undo(self) -> None:
        """Take the last line away."""
        self.set_strokes(self.strokes[:-1])

    def set_strokes(self, strokes: Sequence[InkStroke]) -> None:
        """Show these lines."""
        self.strokes, self._under_way = tuple(strokes), []
        self._tell()

    def show_strokes(self, on: bool) -> None:
        """Show the lines, or keep them for the picture on which they were drawn."""
        if on != self.shows_strokes:
            self.shows_strokes = on
            self._tell()

    @property
    def seen(self) -> tuple[InkStroke, ...]:
        """Return the lines that are seen, the one that is being drawn among them."""
        own = self.strokes if self.shows_strokes else ()
        return (*own, InkStroke(tuple(self._under_way), self.colour, self.width_share)) if self._under_way else own

    def _tell(self) -> None:
        self.update()
        self.changed.emit()

    # --- pointer ---------------------------------------------------------------------------------------------------
    @property
    def dot(self) -> Place | None:
        """Return where the dot glows, None while it is off."""
        return self._dot

    def point_at(self, place: Place | None) -> None:
        """Let the dot glow at a place, or nowhere."""
        if place != self._dot:
            for one in (self._dot, place):
                if one is not None:
                    self.update(self._around(one).toAlignedRect())
            self._dot = place
            self.changed.emit()

    def _around(self, place: Place) -> QRectF:
        at, reach = point_of(place, self.width(), self.height()), GLOW * self.height() + 2
        return QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach)

    # --- painting --------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint lines and dot."""
        painter = QPainter(self)
        paint_ink(painter, self.seen, self.width(), self.height())
        if self._dot is not None:
            paint_dot(painter, self._dot, self.width(), self.height())


def paint_ink(painter: QPainter, strokes: Sequence[InkStroke], width: int, height: int) -> None:
    """Paint lines over a picture of a size, each with a dark rim so that it is seen on anything."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for stroke in strokes:
        line = QPolygonF([point_of(place, width, height) for place in stroke.places])
        wide = max(stroke.width * height, 2.0)
        rim = QColor(20, 24, 28, 150)
        for colour, more in ((rim, wide * 0.7), (QColor(INKS.get(stroke.colour, INKS["red"])), 0.0)):
            pen = QPen(colour, wide + more, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawPolyline(line)


def paint_dot(painter: QPainter, place: Place, width: int, height: int) -> None:
    """Paint the glowing dot."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    at = point_of(place, width, height)
    glow = QRadialGradient(at, GLOW * height)
    for share, alpha in ((0.0, 220), (0.35, 120), (1.0, 0)):
        colour = QColor(LASER)
        colour.setAlpha(alpha)
        glow.setColorAt(share, colour)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(glow)
    painter.drawEllipse(at, GLOW * height, GLOW * height)
    painter.setBrush(QColor("#FFFFFF"))
    painter.drawEllipse(at, DOT * height * 0.62, DOT * height * 0.62)


def point_of(place: Place, width: float, height: float) -> QPointF:
    """Return where a place lies in a picture of a size."""
    return QPointF(width / 2 + place[0] * height, height / 2 + place[1] * height)


def place_of(at: QPointF, width: float, height: float) -> Place:
    """Return the place of a point of a picture of a size."""
    return (at.x() - width / 2) / max(height, 1), (at.y() - height / 2) / max(height, 1)

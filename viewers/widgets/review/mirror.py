"""What is on the wall, small: the last frame that was drawn there, with pen and pointer. It draws no scene."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from models.review.agenda import InkStroke, Place
from viewers.widgets.review.wall.ink import paint_dot, paint_ink, place_of


class Mirror(QWidget):
    """A small picture of the wall on which one draws and points.

    Signals
    -------
    pointed : (Place or None) the cursor is here, or has left
    pressed, drawn : (Place) with the left button
    released : ()
    """

    pointed = Signal(object)
    pressed = Signal(object)
    drawn = Signal(object)
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._strokes: tuple[InkStroke, ...] = ()
        self._dot: Place | None = None
        self._is_black = False
        self.setMouseTracking(True)
        self.setMinimumSize(QSize(320, 180))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_frame(self, image: QImage) -> None:
        """Show a frame of the wall."""
        self._image = image
        self.update()

    def show_over(self, strokes: Sequence[InkStroke], dot: Place | None, *, black: bool) -> None:
        """Show lines and dot over it, or that the wall is black."""
        self._strokes, self._dot, self._is_black = tuple(strokes), dot, black
        self.update()

    @property
    def picture(self) -> QRect:
        """Return where the frame lies."""
        if self._image.isNull():
            return self.rect()
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        return QRect((self.width() - size.width()) // 2, 0, size.width(), size.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint frame, lines and dot."""
        painter, box = QPainter(self), self.picture
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._is_black or self._image.isNull():
            painter.fillRect(box, QColor("#000000"))
            return
        painter.drawImage(box, self._image)
        painter.setClipRect(box)
        painter.translate(box.topLeft())
        paint_ink(painter, self._strokes, box.width(), box.height())
        if self._dot is not None:
            paint_dot(painter, self._dot, box.width(), box.height())

    def _place(self, at: QPointF) -> Place:
        box = self.picture
        return place_of(at - QPointF(box.topLeft()), box.width(), box.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Put the pen down."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(self._place(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Point, and draw with the button held."""
        place = self._place(event.position())
        self.pointed.emit(place)
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.drawn.emit(place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Lift the pen."""
        self.released.emit()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Point nowhere."""
        self.pointed.emit(None)

"""The scale bar over the view: a round length at the middle of the picture, and the scale of a plan."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from models.views.scale_bar import length_text, round_denominator, round_length_m
from viewers.widgets.canvas.view3d import View3D
from viewers.widgets.common.appearance import TYPE_SCALE, Appearance

#: Longest bar, pixels, and the metres of a pixel of a common screen (96 dots an inch).
MOST_PX, PIXEL_M = 96.0, 0.0254 / 96
HEIGHT_PX, SIDE_PX = 32, 10


class ScaleBar(QWidget):
    """How long things are in the middle of the picture; in a plan, where that holds everywhere, also 1 : n.

    Parameters
    ----------
    appearance : Appearance
    view : View3D
    parent : QWidget
    """

    def __init__(self, appearance: Appearance, view: View3D, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance, self._view = appearance, view
        self.length_m, self.bar_px, self.text = 0.0, 0.0, ""
        #: Whether there is room for it; else it only knows its length.
        self.has_room = True
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        appearance.look_changed.connect(self.update)
        appearance.lang_changed.connect(self.follow)
        view.turned.connect(self.follow)
        view.camera_moved.connect(self.follow)
        self.hide()

    def follow(self) -> None:
        """Say what holds for the camera as it stands."""
        pixel_m = self._pixel_m()
        length = 0.0 if pixel_m is None else round_length_m(pixel_m * MOST_PX)
        pose = self._view.pose
        if pixel_m is None or pose is None or not length:
            if self.length_m:
                self.length_m = 0.0
                self.hide()
            return
        if pose.half_m is None:
            where = self._appearance.word("canvas.scale.middle")
        else:
            where = f"1 : {round_denominator(pixel_m / PIXEL_M):,}"
        text, bar = f"{length_text(length)}  ·  {where}", length / pixel_m
        appears = not self.length_m
        if (text, round(bar, 1)) != (self.text, round(self.bar_px, 1)) or appears:
            self.length_m, self.bar_px, self.text = length, bar, text
            self.setAccessibleName(text)
            wide = max(QFontMetrics(self._font()).horizontalAdvance(text), int(MOST_PX)) + 2 * SIDE_PX
            right = self.x() + self.width()
            self.resize(wide, HEIGHT_PX)
            self.move(right - wide, self.y())
            self.setVisible(self.has_room)
            self.update()

    def _pixel_m(self) -> float | None:
        """Return the metres of a pixel where the middle of the picture meets the ground, None where it is sky."""
        pose, view = self._view.pose, self._view
        if pose is None:
            return None
        if pose.half_m is not None:
            return pose.pixel_m(pose.target, max(view.height(), 1))
        middle = view.ground_point(QPointF(view.width() / 2, view.height() / 2))
        if middle is None:
            middle = np.asarray(pose.target)
        return pose.pixel_m(middle, max(view.height(), 1))

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(TYPE_SCALE["tiny"])
        return font

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint words over a bar with ends, on a plate that the city shows through a little."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plate = self._appearance.colour("raised")
        plate.setAlpha(215)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(plate)
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        painter.setFont(self._font())
        painter.setPen(self._appearance.colour("text"))
        words = QRectF(SIDE_PX, 3, self.width() - 2 * SIDE_PX, 15)
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.text)
        right, low = self.width() - SIDE_PX, self.height() - 7.0
        left = right - self.bar_px
        painter.setPen(QPen(self._appearance.colour("text"), 1.4))
        painter.drawPolyline(
            [QPointF(left, low - 4), QPointF(left, low), QPointF(right, low), QPointF(right, low - 4)]
        )  # fmt: skip

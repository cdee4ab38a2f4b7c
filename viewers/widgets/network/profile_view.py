"""A longitudinal profile or a cross-section on the screen: zoomed by the wheel, moved by the hand, read by the cursor.

The drawing is that of the printed sheets; it is kept as a picture, so that following the cursor paints a line and no
profile.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from models.network.profile.cross_section import CrossSection
from models.network.profile.longitudinal import LongProfile
from viewers.sheets.network import cross_section, longitudinal, texts
from viewers.sheets.network.axes import Axes, Extent
from viewers.sheets.network.longitudinal import NOTHING, Marked
from viewers.sheets.network.pen import Look, Pen, faded
from viewers.widgets.common.appearance import TYPE_SCALE, Appearance

Subject = LongProfile | CrossSection

#: One notch of the wheel, and the shortest stretch that is shown, metres.
ZOOM, SHORTEST_M = 1.25, 2.0
#: The cursor means a manhole or a crossing within this distance, pixels.
REACH_PX = 9.0


class ProfileView(QWidget):
    """The drawing and the hand on it.

    Signals
    -------
    pointed : (float) metres along under the cursor, NaN when it leaves
    chosen : (role, number) a click on a pipe (``"pipes"``) or a node (``"pipe_nodes"``)
    drawn : () another picture was drawn: :attr:`axes` are those of now
    """

    pointed = Signal(float)
    chosen = Signal(str, int)
    drawn = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.subject: Subject | None = None
        self.marked = NOTHING
        #: How much heights are larger than lengths; 0 lets them fill the room.
        self.exaggeration = 0.0
        self.axes: Axes | None = None
        self._from_m = self._to_m = self._shift_m = 0.0
        self._picture: QPixmap | None = None
        self._at: QPointF | None = None
        self._away_m = math.nan
        self._grip: tuple[QPointF, float, float, float] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(120)
        appearance.look_changed.connect(self._forget)
        appearance.lang_changed.connect(self._forget)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a size at which a profile reads well."""
        return QSize(900, 340)

    def show_subject(self, subject: Subject | None, *, keep: bool = False) -> None:
        """Show another drawing; with ``keep`` the same stretch of it, as after an edit."""
        self.subject = subject
        if subject is not None:
            if not keep or self._from_m >= subject.length_m:
                self._from_m, self._to_m, self._shift_m = 0.0, subject.length_m, 0.0
            self._to_m = min(self._to_m, subject.length_m)
        self._forget()

    def mark(self, marked: Marked) -> None:
        """Let pipes and nodes stand out; silent if they do already."""
        if marked != self.marked:
            self.marked = marked
            self._forget()

    def set_exaggeration(self, times: float) -> None:
        """Draw heights so many times larger than lengths, 0 for what fills the room."""
        self.exaggeration, self._shift_m = times, 0.0
        self._forget()

    def fit(self) -> None:
        """Show all of it."""
        self.show_subject(self.subject)

    @property
    def extent(self) -> Extent:
        """Return what is shown."""
        subject = self.subject
        assert subject is not None  # noqa: S101 - asked only while something is shown
        part = (
            longitudinal.whole(subject, self._from_m, self._to_m) if isinstance(subject, LongProfile)
            else replace(cross_section.whole(subject), from_m=self._from_m, to_m=self._to_m)
        )  # fmt: skip
        if not self.exaggeration:
            return replace(part, from_m=self._from_m, to_m=self._to_m)
        plot = self._plot()
        tall = plot.height() / (plot.width() / max(self._to_m - self._from_m, 1e-9) * self.exaggeration)
        middle = (part.low_m + part.high_m) / 2 + self._shift_m
        return Extent(self._from_m, self._to_m, middle - tall / 2, middle + tall / 2)

    # --- painting ----------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the picture, and what follows the cursor over it."""
        painter = QPainter(self)
        if self.subject is None or self.width() < 60 or self.height() < 60:
            painter.fillRect(self.rect(), self._appearance.colour("surface"))
            return
        if self._picture is None:
            self._draw()
        assert self._picture is not None  # noqa: S101 - it was just drawn
        painter.drawPixmap(0, 0, self._picture)
        self._paint_cursor(painter)

    def _draw(self) -> None:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        painter = QPainter(picture)
        try:
            pen = self._pen(painter)
            box, lang = QRectF(self.rect()), self._appearance.lang
            if isinstance(self.subject, LongProfile):
                self.axes, _ = longitudinal.draw(pen, box, self.subject, self.extent, lang, marked=self.marked)
            elif self.subject is not None:
                self.axes, _ = cross_section.draw(pen, box, self.subject, self.extent, lang, marked=self.marked)
        finally:
            painter.end()
        self._picture = picture
        self.drawn.emit()

    def _pen(self, painter: QPainter) -> Pen:
        return Pen(painter, Look(self._appearance.colours, self._appearance.dark), self.font().family())

    def _plot(self) -> QRectF:
        probe = QPixmap(1, 1)
        painter = QPainter(probe)
        try:
            pen, box, lang = self._pen(painter), QRectF(self.rect()), self._appearance.lang
            if isinstance(self.subject, LongProfile):
                return longitudinal.plot_of(pen, box, self.subject, lang, upright=False)
            assert self.subject is not None  # noqa: S101 - asked only while something is shown
            return cross_section.plot_of(pen, box, self.subject, lang, upright=False)
        finally:
            painter.end()

    def _paint_cursor(self, painter: QPainter) -> None:
        axes = self.axes
        if axes is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent = self._appearance.colour("accent")
        if math.isfinite(self._away_m) and axes.extent.from_m <= self._away_m <= axes.extent.to_m:
            x = axes.x(self._away_m)
            painter.setPen(accent)
            painter.drawLine(QPointF(x, axes.box.top()), QPointF(x, axes.box.bottom()))
        if self._at is None or self._grip is not None or not axes.box.contains(self._at):
            return
        along = axes.along_m(self._at.x())
        painter.setPen(faded(accent, 170))
        painter.drawLine(QPointF(self._at.x(), axes.box.top()), QPointF(self._at.x(), axes.box.bottom()))
        self._paint_tag(painter, self.reading(along, axes.height_m(self._at.y())), self._at)

    def _paint_tag(self, painter: QPainter, text: str, at: QPointF) -> None:
        font = painter.font()
        font.setPixelSize(TYPE_SCALE["small"])
        painter.setFont(font)
        wide = painter.fontMetrics().horizontalAdvance(text) + 16
        box = QRectF(at.x() + 12, at.y() - 30, wide, 22)
        box.moveRight(min(box.right(), self.width() - 4.0))
        box.moveTop(max(box.top(), 2.0))
        painter.setPen(self._appearance.colour("line_strong"))
        painter.setBrush(QColor(self._appearance.colour("raised")))
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(self._appearance.colour("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def reading(self, along_m: float, height_m: float) -> str:
        """Return what the cursor reads at a place: station, ground, bottom of the pipe; of a section offset, height."""
        word, subject = self._appearance.word, self.subject
        if isinstance(subject, CrossSection):
            return word("profile.read.section", offset=texts.length(along_m), height=texts.length(height_m))
        assert subject is not None  # noqa: S101 - asked only while something is shown
        known = np.isfinite(subject.ground_m)
        ground = math.nan
        if known.all() and len(known):
            ground = float(np.interp(along_m, subject.ground_station_m, subject.ground_m))
        span = subject.span_at(along_m)
        bottom = float(np.interp(along_m, span.station_m, span.bottom_m))
        return word(
            "profile.read.long",
            station=texts.station(along_m),
            ground=texts.length(ground),
            bottom=texts.length(bottom),
        )

    # --- the hand ----------------------------------------------------------------------------------------------------
    def hit(self, at: QPointF) -> tuple[str, int] | None:
        """Return what lies under a place: a role and the number of the object."""
        axes, subject = self.axes, self.subject
        if axes is None or subject is None or not axes.box.left() - 8 <= at.x() <= axes.box.right() + 8:
            return None
        if isinstance(subject, CrossSection):
            away = [abs(axes.x(pipe.offset_m) - at.x()) for pipe in subject.pipes]
            best = int(np.argmin(away)) if away else -1
            return ("pipes", subject.pipes[best].fid) if best >= 0 and away[best] <= 2 * REACH_PX else None
        for crossing in subject.crossings:
            if math.isfinite(crossing.axis_m):
                x, y = axes.x(crossing.station_m), axes.y(crossing.axis_m)
                tall = max(crossing.half_height_m * axes.units_up, 3.0) + 3
                if abs(x - at.x()) <= REACH_PX - 2 and abs(y - at.y()) <= tall:
                    return "pipes", crossing.fid
        wells = [(abs(axes.x(well.station_m) - at.x()), well.fid) for well in subject.wells]
        away_px, fid = min(wells)
        if away_px <= REACH_PX and fid >= 0:
            return "pipe_nodes", fid
        return "pipes", subject.span_at(axes.along_m(at.x())).fid

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of the drawing."""
        if event.button() == Qt.MouseButton.LeftButton and self.subject is not None:
            self._grip = (event.position(), self._from_m, self._to_m, self._shift_m)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Move the drawing, or read it."""
        self._at = event.position()
        if self._grip is not None and self.axes is not None:
            start, low, high, shift = self._grip
            by = event.position() - start
            if abs(by.x()) + abs(by.y()) > 4:
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self._shift_m = shift + by.y() / self.axes.units_up if self.exaggeration else 0.0
                self._set_stretch(low - by.x() / self.axes.units_a_metre, high - by.x() / self.axes.units_a_metre)
            return
        self.setCursor(Qt.CursorShape.PointingHandCursor if self.hit(self._at) else Qt.CursorShape.ArrowCursor)
        self._tell()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go; a click chooses what lies under it."""
        grip, self._grip = self._grip, None
        self.unsetCursor()
        if grip is None or event.button() != Qt.MouseButton.LeftButton:
            return
        by = event.position() - grip[0]
        found = self.hit(event.position())
        if abs(by.x()) + abs(by.y()) <= 4 and found is not None:
            self.chosen.emit(*found)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Show all of it."""
        self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom about the cursor."""
        if self.axes is None or self.subject is None:
            return
        steps = event.angleDelta().y() / 120
        here = self.axes.along_m(min(max(event.position().x(), self.axes.box.left()), self.axes.box.right()))
        self.zoom(ZOOM**steps, here)
        event.accept()

    def zoom(self, factor: float, about_m: float | None = None) -> None:
        """Show a stretch that is shorter by a factor, about a place."""
        if self.subject is None:
            return
        about = (self._from_m + self._to_m) / 2 if about_m is None else about_m
        wide = max((self._to_m - self._from_m) / factor, SHORTEST_M)
        share = (about - self._from_m) / max(self._to_m - self._from_m, 1e-9)
        self._set_stretch(about - share * wide, about + (1 - share) * wide)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Zoom by plus and minus, move by the arrows, show all by Home."""
        key, wide = event.key(), self._to_m - self._from_m
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ZOOM)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / ZOOM)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            by = wide / 8 * (-1 if key == Qt.Key.Key_Left else 1)
            self._set_stretch(self._from_m + by, self._to_m + by)
        elif key == Qt.Key.Key_Home:
            self.fit()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Forget the cursor."""
        self._at = None
        self._tell()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Draw in the new size."""
        self._forget()

    def _set_stretch(self, low: float, high: float) -> None:
        assert self.subject is not None  # noqa: S101 - asked only while something is shown
        length = self.subject.length_m
        wide = min(high - low, length)
        low = min(max(low, 0.0), length - wide)
        self._from_m, self._to_m = low, low + wide
        self._forget()

    def _tell(self) -> None:
        axes = self.axes
        inside = axes is not None and self._at is not None and axes.box.left() <= self._at.x() <= axes.box.right()
        self.pointed.emit(axes.along_m(self._at.x()) if inside and axes and self._at else math.nan)

    def _forget(self) -> None:
        self._picture = None
        self.update()

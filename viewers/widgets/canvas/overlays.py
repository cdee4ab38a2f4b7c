"""What floats over the city: compass, view buttons, legend, the sample-data badge, the loading card."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QFrame, QProgressBar, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import TYPE_SCALE, Appearance, chip, facility_pixmap
from viewers.widgets.common.controls import Card, button, caption, clear, column, label, row, tool
from viewers.widgets.common.tool_bar_card import OverlayCard

if TYPE_CHECKING:
    from viewers.legend import Legend, LegendEntry

#: The note below a legend is so wide at most, pixels.
NOTE_PX = 238


class Compass(QWidget):
    """A needle that points north in the picture; a click turns north up.

    Signals
    -------
    pressed : ()
    """

    pressed = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._bearing_deg = self._pitch_deg = 0.0
        self.setFixedSize(62, 62)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        appearance.say(self.setToolTip, "canvas.compass")
        appearance.say(self.setAccessibleName, "canvas.compass")
        appearance.look_changed.connect(self.update)
        appearance.lang_changed.connect(self.update)

    def set_view(self, bearing_deg: float, pitch_deg: float) -> None:
        """Follow the camera."""
        if abs(bearing_deg - self._bearing_deg) > 0.2 or abs(pitch_deg - self._pitch_deg) > 0.5:
            self._bearing_deg, self._pitch_deg = bearing_deg, pitch_deg
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Turn north up."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the rose, laid back as the view is."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = float(self.width())
        middle = QPointF(size / 2, size / 2)
        ground = self._appearance.colour("raised")
        ground.setAlpha(225)
        painter.setPen(QPen(self._appearance.colour("line"), 1))
        painter.setBrush(ground)
        painter.drawEllipse(middle, size / 2 - 1.5, size / 2 - 1.5)
        turn = math.radians(-self._bearing_deg)

        def at(angle_deg: float, reach: float) -> QPointF:
            angle = math.radians(angle_deg) + turn
            return middle + QPointF(math.sin(angle), -math.cos(angle)) * reach

        painter.setPen(QPen(self._appearance.colour("text_faint"), 1.2))
        for angle in range(0, 360, 30):
            painter.drawLine(at(angle, size / 2 - 4), at(angle, size / 2 - (8 if angle % 90 == 0 else 6)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._appearance.colour("bad"))
        painter.drawPolygon(QPolygonF([at(0, 14), at(90, 4.4), at(270, 4.4)]))
        painter.setBrush(self._appearance.colour("none"))
        painter.drawPolygon(QPolygonF([at(180, 14), at(90, 4.4), at(270, 4.4)]))
        font = QFont(self.font())
        font.setPixelSize(TYPE_SCALE["tiny"])
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(self._appearance.colour("text"))
        spot = at(0, 20)
        painter.drawText(
            QRectF(spot.x() - 9, spot.y() - 8, 18, 16),
            Qt.AlignmentFlag.AlignCenter,
            self._appearance.word("canvas.north"),
        )


class ViewButtons(OverlayCard):
    """The few movements that everybody needs, as a column of icons.

    Signals
    -------
    home_requested, top_requested, selection_requested : ()
    zoom_requested : (float)
    """

    home_requested = Signal()
    top_requested = Signal()
    selection_requested = Signal()
    zoom_requested = Signal(float)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, parent, shown=True)
        self.home = tool(appearance, "house", "action.view.home")
        self.top = tool(appearance, "map-trifold", "action.view.top")
        self.near = tool(appearance, "plus", "action.view.zoom_in")
        self.far = tool(appearance, "minus", "action.view.zoom_out")
        self.selection = tool(appearance, "crosshair-simple", "action.view.zoom_selection")
        self.home.clicked.connect(self.home_requested)
        self.top.clicked.connect(self.top_requested)
        self.selection.clicked.connect(self.selection_requested)
        self.near.clicked.connect(lambda: self.zoom_requested.emit(1.6))
        self.far.clicked.connect(lambda: self.zoom_requested.emit(1 / 1.6))
        self.setLayout(column(self.home, self.top, self.near, self.far, self.selection, margins=3, gap=1))
        self.adjustSize()

    def set_has_selection(self, has: bool) -> None:
        """Enable what needs a selection."""
        self.selection.setEnabled(has)


class LegendCard(OverlayCard):
    """What the colours of the city mean; it is drawn by its title to where it is wanted, a double click takes it back.

    Signals
    -------
    pressed : (int) this entry was clicked, in a legend that can be
    dragged : (QPoint) its upper left corner shall be here, in its parent
    sent_back, folded : () to its own corner; a hand has folded or unfolded it
    """

    pressed = Signal(int)
    dragged = Signal(QPoint)
    sent_back = Signal()
    folded = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, parent, shown=True)
        self._legend: Legend | None = None
        self.title = label("strong", wrap=True)
        self.fold = QToolButton()
        self.fold.setAutoRaise(True)
        self.fold.setIconSize(QSize(14, 14))
        appearance.say(self.fold.setToolTip, "canvas.legend.fold")
        self.fold.clicked.connect(self._toggle)
        self._folded = self._by_hand = False
        self._held: QPoint | None = None
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 6, 0)
        self._rows.setSpacing(2)
        self._body = QWidget()
        self._body.setLayout(self._rows)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._body)
        self._scroll.setStyleSheet("background: transparent;")
        self._body.setStyleSheet("background: transparent;")
        self.setLayout(column(row(self.title, 1, self.fold, gap=4), self._scroll, margins=(10, 4, 4, 6), gap=3))
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._scroll.setCursor(Qt.CursorShape.ArrowCursor)
        self.fold.setCursor(Qt.CursorShape.PointingHandCursor)
        appearance.say(self.title.setToolTip, "canvas.legend.move")
        appearance.look_changed.connect(self._paint_fold)
        self._paint_fold()
        self.hide()

    def set_legend(self, legend: Legend | None, *, pressable: bool = False) -> None:
        """Show a legend, or none; ``pressable`` if a click on an entry means something."""
        self._legend = legend
        clear(self._rows)
        entries = legend.entries if legend else []
        for place, entry in enumerate(entries):
            words = label("strong" if entry.symbol == "head" else "faint" if entry.symbol == "none" else "small")
            words.setText(entry.text)
            if entry.symbol == "head":
                line = row(words, 1, margins=(0, 4 if place else 0, 0, 0))
            elif entry.symbol == "none":
                line = row(words, 1)
            elif entry.symbol == "ramp":
                line = row(RampBar(self.appearance, entry), gap=0)
            else:
                picture = label()
                picture.setPixmap(self._sign(entry))
                line = row(picture, words, 1, gap=7)
            if entry.count is not None:
                number = label("faint")
                number.setText(f"{entry.count:,}")
                line.addWidget(number)
            if pressable:
                card = Card()
                card.setStyleSheet("QFrame[role='card'] { border: none; background: transparent; }")
                card.setLayout(line)
                card.clicked.connect(lambda place=place: self.pressed.emit(place))
                self._rows.addWidget(card)
                card.show()
            else:
                self._rows.addLayout(line)
            for at in range(line.count()):
                if (part := line.itemAt(at).widget()) is not None:  # type: ignore[union-attr]
                    part.show()  # now, not in the next turn: until then it has no size
        if legend is not None and legend.note:
            note = label("faint", wrap=True)
            note.setText(legend.note)
            needs = max(note.fontMetrics().horizontalAdvance(one) for one in legend.note.splitlines() or [""])
            note.setMinimumWidth(min(needs + 2, NOTE_PX))
            note.setMaximumWidth(NOTE_PX)
            self._rows.addWidget(note)
            note.show()
        self.title.setText(legend.title if legend else "")
        self.setVisible(bool(entries))
        self.resized.emit()

    def _sign(self, entry: LegendEntry) -> QPixmap:
        """Return what stands before the words of an entry."""
        colour = entry.colour or self.appearance.colours["none"]
        if entry.icon is not None:
            return facility_pixmap(entry.icon, 16)
        if entry.symbol == "size":
            return ring(self.appearance.colours["text_soft"], entry.share)
        if entry.symbol == "line":
            return stroke(colour, dashed=entry.pattern == "dash", hatch=entry.pattern == "hatch")
        if entry.symbol == "arrow":
            return arrow(colour)
        return chip(colour, 12, hatch=entry.pattern == "hatch", round_=entry.symbol == "dot")

    def fit(self, height: int, widest: int = 260) -> None:
        """Take the room that is needed, at most ``height`` and ``widest``; what is longer scrolls."""
        self._rows.activate()
        words = self.title.fontMetrics().horizontalAdvance(self.title.text())
        width = min(max(0 if self._folded else self._rows.sizeHint().width() + 24, words + 46, 120), widest)
        self.title.setFixedWidth(width - 42)
        wraps = self._rows.hasHeightForWidth()
        tall = self._rows.heightForWidth(width - 14) if wraps else self._rows.sizeHint().height()
        need = 0 if self._folded else tall + 2
        head = max(self.title.heightForWidth(width - 42), 24)
        self._scroll.setFixedHeight(max(0, min(need, height - head - 15)))
        self._scroll.setVisible(not self._folded)
        self.setFixedSize(width, head + (10 if self._folded else self._scroll.height() + 15))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of the card."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Carry the card."""
        if self._held is not None:
            self.dragged.emit(self.mapToParent(event.position().toPoint()) - self._held)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go of it."""
        self._held = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Send it back to its corner."""
        self._held = None
        self.sent_back.emit()

    @property
    def is_folded(self) -> bool | None:
        """Whether a hand has folded it; None where no hand has said."""
        return self._folded if self._by_hand else None

    def set_folded(self, folded: bool) -> None:
        """Fold or unfold it as by hand."""
        self._by_hand, self._folded = True, folded
        self._paint_fold()
        self.resized.emit()

    @property
    def legend(self) -> Legend | None:
        """Return what is shown."""
        return self._legend

    def fold_if_tall(self, height: int) -> None:
        """Fold a legend that would take more than half of ``height``, unless a hand has folded or unfolded it."""
        if self._by_hand or self._legend is None:
            return
        tall = self._rows.sizeHint().height() > height // 2
        if tall != self._folded:
            self._folded = tall
            self._paint_fold()

    def _toggle(self) -> None:
        self.set_folded(not self._folded)
        self.folded.emit()

    def _paint_fold(self) -> None:
        self.fold.setIcon(self.appearance.icon("caret-up" if self._folded else "caret-down", "text_faint"))


class RampBar(QWidget):
    """The bar of a continuous ramp with what its ends are."""

    def __init__(self, appearance: Appearance, entry: LegendEntry) -> None:
        super().__init__()
        self._appearance, self._entry = appearance, entry
        self.setFixedHeight(31)
        self.setMinimumWidth(180)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint steps of colour and figures below."""
        painter, entry = QPainter(self), self._entry
        wide = (self.width() - 2) / max(len(entry.colours), 1)
        for at, colour in enumerate(entry.colours):
            painter.fillRect(QRectF(1 + at * wide, 2, wide + 0.6, 11), QColor(colour))
        painter.setPen(QPen(self._appearance.colour("line_strong"), 1))
        painter.drawRect(QRectF(0.5, 1.5, self.width() - 1, 12))
        font = QFont(self.font())
        font.setPixelSize(TYPE_SCALE["tiny"])
        painter.setFont(font)
        painter.setPen(self._appearance.colour("text_soft"))
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for text, side in zip(entry.ends, sides if len(entry.ends) == 3 else sides[::2], strict=False):
            painter.drawText(QRectF(0, 16, self.width(), 15), side | Qt.AlignmentFlag.AlignTop, visible_text(text))


def ring(colour: str, share: float, size: int = 22) -> QPixmap:
    """Return an empty disc of a share of the largest."""
    pixmap = QPixmap(QSize(size, size) * 2)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colour), 1.3))
    radius = max((size - 2) / 2 * share, 1.5)
    painter.drawEllipse(QPointF(size / 2, size / 2), radius, radius)
    painter.end()
    return pixmap


def arrow(colour: str) -> QPixmap:
    """Return the arrow that stands along pipes."""
    pixmap = QPixmap(QSize(16, 12) * 2)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor("#26323a"), 1.2))
    painter.setBrush(QColor(colour))
    painter.drawPolygon([QPointF(14, 6), QPointF(3, 1.5), QPointF(6, 6), QPointF(3, 10.5)])
    painter.end()
    return pixmap


def stroke(colour: str, *, dashed: bool, hatch: bool = False) -> QPixmap:
    """Return a short piece of a line."""
    size = QSize(16, 12)
    pixmap = QPixmap(size * 2)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(QColor(colour), 4.0 if hatch else 3.0)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dashed or hatch:
        pen.setDashPattern([0.5, 0.4] if hatch else [1.7, 1.0])
    painter.setPen(pen)
    painter.drawLine(QPointF(0, size.height() / 2), QPointF(size.width(), size.height() / 2))
    painter.end()
    return pixmap


class Badge(QFrame):
    """Says that what is shown was made by a generator."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words = caption(appearance, "app.synthetic", "pill")
        appearance.say(words.setToolTip, "canvas.synthetic.why")
        self.setLayout(row(words, margins=0))
        self.hide()


class LoadingCard(OverlayCard):
    """How far loading is, with a way to stop it; the city below can be looked at meanwhile.

    Signals
    -------
    cancelled : ()
    """

    cancelled = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, parent)
        self.words = label("strong")
        self.detail = label("small")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.stop = button(appearance, "window.cancel", "quiet")
        self.stop.clicked.connect(self.cancelled)
        self.detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setLayout(column(row(self.words, 1, self.stop), self.bar, self.detail, margins=(16, 8, 10, 12), gap=6))
        self.setFixedWidth(360)
        self.hide()

    def show_progress(self, words: str, detail: str, fraction: float) -> None:
        """Say what is going on; a negative fraction means nobody knows."""
        self.words.setText(words)
        self.words.setMinimumWidth(self.words.sizeHint().width())
        self.detail.setText(detail)
        self.bar.setRange(0, 0 if fraction < 0 else 1000)
        if fraction >= 0:
            self.bar.setValue(int(fraction * 1000))
        if not self.isVisible():
            self.adjustSize()
            self.show()

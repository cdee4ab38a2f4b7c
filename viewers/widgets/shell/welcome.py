"""What stands in the window while no city is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sin
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, clear, column, label, row
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.thumbnails import RECENT

#: Files that are offered, and the room for the words of one, pixels.
MOST_RECENT, TEXT_PX = 5, 310


@dataclass(frozen=True, slots=True)
class RecentFile:
    """A file that was open before.

    Parameters
    ----------
    path : str
    picture : bytes
        How it looked, a small picture; empty for none.
    synthetic : bool
        Whether the picture shows what a generator made.
    """

    path: str
    picture: bytes = b""
    synthetic: bool = False


#: The skyline: (x, width, height) as shares of the picture, drawn again upside down in the water.
SKYLINE = (
    (0.02, 0.030, 0.16), (0.06, 0.022, 0.26), (0.09, 0.034, 0.20), (0.135, 0.026, 0.36), (0.17, 0.040, 0.24),
    (0.22, 0.020, 0.44), (0.245, 0.030, 0.30), (0.29, 0.048, 0.18), (0.35, 0.026, 0.52), (0.382, 0.034, 0.40),
    (0.43, 0.022, 0.66), (0.458, 0.040, 0.34), (0.51, 0.028, 0.58), (0.545, 0.046, 0.28), (0.60, 0.024, 0.46),
    (0.63, 0.036, 0.22), (0.675, 0.028, 0.38), (0.71, 0.040, 0.18), (0.76, 0.026, 0.30), (0.795, 0.034, 0.22),
    (0.84, 0.022, 0.34), (0.87, 0.040, 0.16), (0.92, 0.026, 0.24), (0.955, 0.034, 0.14),
)  # fmt: skip


class Skyline(QWidget):
    """A city and its reflection in still water, in the colours of the theme."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setMinimumHeight(150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        appearance.look_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint sky, hills, houses, water."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dark, box = self._appearance.dark, QRectF(self.rect())
        ground = self._appearance.colour("window")
        shore = box.height() * 0.66
        sky = QLinearGradient(0, 0, 0, shore)
        sky.setColorAt(0, ground)
        sky.setColorAt(1, QColor("#16303a") if dark else QColor("#dcedf1"))
        painter.fillRect(QRectF(0, 0, box.width(), shore), sky)
        painter.setPen(Qt.PenStyle.NoPen)
        sun = QColor("#f2cf8a") if not dark else QColor("#d9e6ea")
        sun.setAlpha(150)
        painter.setBrush(sun)
        painter.drawEllipse(QPointF(box.width() * 0.79, shore * 0.42), 24, 24)
        for base, height, colour in (
            (0.0, 0.34, "#1b3a44" if dark else "#cbe2e4"), (0.37, 0.26, "#1f424c" if dark else "#bddbdc"),
        ):  # fmt: skip
            hill = QPainterPath(QPointF(0, shore))
            for step in range(81):
                x = step / 80
                y = height * exp(-(((x - 0.2 - base) / 0.22) ** 2)) + 0.06 * (1 + sin(x * 9 + base * 20)) * height
                hill.lineTo(QPointF(x * box.width(), shore * (1 - y)))
            hill.lineTo(QPointF(box.width(), shore))
            painter.setBrush(QColor(colour))
            painter.drawPath(hill)
        water = QLinearGradient(0, shore, 0, box.height())
        water.setColorAt(0, QColor("#1c4c59") if dark else QColor("#a9d3db"))
        water.setColorAt(1, ground)
        painter.fillRect(QRectF(0, shore, box.width(), box.height() - shore), water)
        house = QColor("#2b5663") if dark else QColor("#ffffff")
        pane = QColor("#e9cf93") if dark else QColor("#b4d6dd")
        mirror = QColor(house)
        mirror.setAlpha(70 if dark else 110)
        for number, (x, width, height) in enumerate(SKYLINE):
            left, wide, high = x * box.width(), width * box.width(), height * shore * 0.92
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(house)
            painter.drawRect(QRectF(left, shore - high, wide, high))
            painter.setBrush(mirror)
            painter.drawRect(QRectF(left, shore, wide, high * 0.36))
            pane.setAlpha(190 if dark else 255)
            columns = max(int(wide / 9), 1)
            for floor in range(int(high / 11)):
                for at in range(columns):
                    if (number * 7 + floor * 3 + at * 5) % 4 != 0 or not dark:
                        spot = QRectF(left + 4 + at * (wide - 6) / columns, shore - high + 6 + floor * 11, 3.2, 4.4)
                        painter.fillRect(spot, pane)
        painter.setPen(QPen(QColor(255, 255, 255, 40 if dark else 150), 1.6, c=Qt.PenCapStyle.RoundCap))
        for number in range(26):
            x = ((number * 37) % 100) / 100 * box.width()
            y = shore + 6 + ((number * 23) % 100) / 100 * (box.height() - shore - 12)
            painter.drawLine(QPointF(x, y), QPointF(x + 18 + number % 5 * 9, y))


class Welcome(QWidget):
    """The welcome page.

    Signals
    -------
    sample_requested, open_requested, palette_requested : ()
    recent_requested : (path)
    """

    sample_requested = Signal()
    open_requested = Signal()
    recent_requested = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setObjectName("welcome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = caption(appearance, "app.name", "hero")
        motto = caption(appearance, "welcome.motto", "soft", wrap=True)
        self.sample = self._tile("buildings", "welcome.sample", "welcome.sample.why")
        self.open = self._tile("folder-open", "welcome.open", "welcome.open.why")
        self.sample.clicked.connect(self.sample_requested)
        self.open.clicked.connect(self.open_requested)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(1)
        self._recent.setContentsMargins(0, 0, 0, 0)
        self.recent_title = caption(appearance, "welcome.recent", "section")
        left = column(caption(appearance, "welcome.start", "section"), self.sample, self.open, 1, gap=10)
        right = column(self.recent_title, self._recent, 1, gap=6)
        both = row(left, right, gap=36)
        both.setStretch(0, 5)
        both.setStretch(1, 5)
        drop = caption(appearance, "welcome.drop", "faint")
        inner = QWidget()
        inner.setMaximumWidth(860)
        inner.setLayout(column(title, motto, both, drop, gap=10))
        inner.layout().insertSpacing(2, 18)  # type: ignore[union-attr]
        inner.layout().insertSpacing(4, 10)  # type: ignore[union-attr]
        middle = row(1, inner, 1, margins=(40, 0, 40, 0))
        middle.setStretch(1, 100)
        self.skyline = Skyline(appearance)
        whole = column(1, middle, 1, self.skyline, gap=16)
        whole.setStretch(0, 2)
        whole.setStretch(2, 1)
        whole.setStretch(3, 5)
        self.setLayout(whole)
        self._files: list[RecentFile] = []
        self._lang = ""
        appearance.lang_changed.connect(lambda: self.set_recent(self._files))

    def set_recent(self, recent: Sequence[RecentFile]) -> None:
        """Offer files that were open before."""
        if list(recent) == self._files and self._lang == self._appearance.lang:
            return
        self._files, self._lang = list(recent), self._appearance.lang
        clear(self._recent)
        for file in self._files[:MOST_RECENT]:
            path = file.path
            press = QPushButton()
            press.setProperty("role", "recent")
            press.setCursor(Qt.CursorShape.PointingHandCursor)
            press.setToolTip(plain_tip(path))
            press.setAccessibleName(Path(path).name)
            name, folder = label(), label("faint")
            name.setText(_elided(name, visible_text(Path(path).name), TEXT_PX))
            where = visible_text(str(Path(path).parent))
            sample = f"{self._appearance.word('app.synthetic')} · " if file.synthetic else ""
            folder.setText(sample + _elided(folder, where, TEXT_PX - folder.fontMetrics().horizontalAdvance(sample)))
            icon = _Picture(self._appearance, file.picture)
            words = column(1, name, folder, 1, gap=1)
            inside = row(icon, words, margins=(6, 4, 8, 4), gap=12)
            inside.setStretch(1, 1)
            press.setLayout(inside)
            for part in (name, folder, icon):
                part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            press.clicked.connect(lambda _=False, path=path: self.recent_requested.emit(path))
            self._recent.addWidget(press)
        if not self._files:
            self._recent.addWidget(caption(self._appearance, "welcome.no_recent", "faint", wrap=True))

    def _tile(self, icon: str, title: str, why: str) -> QPushButton:
        press = QPushButton()
        press.setProperty("role", "tile")
        press.setCursor(Qt.CursorShape.PointingHandCursor)
        picture, words = label(), caption(self._appearance, title, "heading")

        def draw() -> None:
            picture.setPixmap(self._appearance.icon(icon, "accent").pixmap(QSize(30, 30)))

        draw()
        self._appearance.look_changed.connect(draw)
        text = caption(self._appearance, why, "small", wrap=True)
        inside = row(picture, column(words, text, gap=3), margins=(16, 12, 16, 12), gap=14)
        inside.setStretch(1, 1)
        press.setLayout(inside)
        for part in (picture, words, text):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._appearance.say(press.setAccessibleName, title)
        press.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return press


class _Picture(QWidget):
    """How a project looked last, in rounded corners; its icon where nobody knows."""

    def __init__(self, appearance: Appearance, picture: bytes) -> None:
        super().__init__()
        self._appearance, self._pixmap = appearance, QPixmap()
        if picture:
            self._pixmap.loadFromData(picture)
        self.setFixedSize(RECENT)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        appearance.look_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        box, edge = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), QPainterPath()
        edge.addRoundedRect(box, 6, 6)
        painter.fillPath(edge, self._appearance.colour("sunken"))
        if self._pixmap.isNull():
            spot = QRectF(0, 0, 20, 20)
            spot.moveCenter(box.center())
            self._appearance.icon("file", "text_faint").paint(painter, spot.toRect())
        else:
            painter.setClipPath(edge)
            painter.drawPixmap(self.rect(), self._pixmap)
            painter.setClipping(False)
        painter.setPen(QPen(self._appearance.colour("line"), 1))
        painter.drawPath(edge)


def _elided(owner: QWidget, text: str, room_px: int) -> str:
    return owner.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, room_px)

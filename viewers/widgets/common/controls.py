"""Small pieces that every panel is made of: labels by role, tool buttons, cards, bars, empty hints."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.plain import PlainLabel

_Box = TypeVar("_Box", QVBoxLayout, QHBoxLayout)


def label(role: str = "", *, wrap: bool = False, select: bool = False) -> QLabel:
    """Return an empty label in a role of the type scale (``"title"``, ``"soft"``, ``"small"`` …)."""
    result = PlainLabel()
    if role:
        result.setProperty("role", role)
    result.setIndent(0)  # else a style with padding indents by half a letter
    result.setWordWrap(wrap)
    if select:
        result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return result


def caption(appearance: Appearance, key: str, role: str = "", *, wrap: bool = False, **facts: object) -> QLabel:
    """Return a label that says a word."""
    result = label(role, wrap=wrap)
    appearance.say(result.setText, key, **facts)
    return result


def tool(appearance: Appearance, icon: str, tip: str, *, size: int = 18, tint: str = "text_soft") -> QToolButton:
    """Return an icon button; ``tip`` is a word key, also what a screen reader says."""
    result = QToolButton()
    result.setIconSize(QSize(size, size))
    result.setAutoRaise(True)
    appearance.paint(result.setIcon, icon, tint)
    appearance.say(result.setToolTip, tip)
    appearance.say(result.setAccessibleName, tip)
    return result


def button(appearance: Appearance, key: str, kind: str = "", icon: str = "", **facts: object) -> QPushButton:
    """Return a push button: ``"primary"``, ``"quiet"`` or plain."""
    result = QPushButton()
    if kind:
        result.setProperty("kind", kind)
    if icon:
        appearance.paint(
            result.setIcon, icon, "on_accent" if kind == "primary" else "accent" if kind == "quiet" else "text_soft"
        )
        result.setIconSize(QSize(17, 17))
    appearance.say(result.setText, key, **facts)
    result.setCursor(Qt.CursorShape.PointingHandCursor)
    return result


def number_field(
    low: float, high: float, value: float = 0.0, *, suffix: str = "", decimals: int = 2, step: float = 1.0
) -> QDoubleSpinBox:
    """Return a field for a number in a range, with its unit (and the space before it) as ``suffix``."""
    result = QDoubleSpinBox()
    result.setDecimals(decimals)
    result.setRange(low, high)
    result.setSingleStep(step)
    result.setSuffix(suffix)
    result.setValue(value)
    return result


def card_number(
    appearance: Appearance,
    key: str,
    low: float,
    high: float,
    value: float = 0.0,
    *,
    suffix: str = " m",
    decimals: int = 2,
    step: float = 1.0,
    width: int = 112,
    tracking: bool = False,
) -> QDoubleSpinBox:
    """Return the number field of a card over the canvas.

    Parameters
    ----------
    appearance : Appearance
    key : str
        Word of what the number is, for a screen reader.
    low, high, value : float
    suffix : str
        Unit, with its space.
    decimals : int
    step : float
        A press of an arrow.
    width : int
        Pixels.
    tracking : bool
        Whether it changes with each key; else when the number is complete.
    """
    result = number_field(low, high, value, suffix=suffix, decimals=decimals, step=step)
    result.setKeyboardTracking(tracking)
    result.setFixedWidth(width)
    result.lineEdit().setTextMargins(7, 0, 0, 0)  # the style's padding does not reach the text
    appearance.say(result.setAccessibleName, key)
    return result


def column(*items: QWidget | QLayout | int, margins: int | tuple[int, int, int, int] = 0, gap: int = 8) -> QVBoxLayout:
    """Return a column; an int is that much stretch."""
    return _fill(QVBoxLayout(), items, margins, gap)


def row(*items: QWidget | QLayout | int, margins: int | tuple[int, int, int, int] = 0, gap: int = 8) -> QHBoxLayout:
    """Return a row; an int is that much stretch."""
    return _fill(QHBoxLayout(), items, margins, gap)


def _fill(
    layout: _Box, items: tuple[QWidget | QLayout | int, ...], margins: int | tuple[int, int, int, int], gap: int
) -> _Box:
    edges = (margins,) * 4 if isinstance(margins, int) else margins
    layout.setContentsMargins(*edges)
    layout.setSpacing(gap)
    for item in items:
        if isinstance(item, int):
            layout.addStretch(item)
        elif isinstance(item, QWidget):
            layout.addWidget(item)
        else:
            layout.addLayout(item)
    return layout


def line() -> QFrame:
    """Return a hairline."""
    result = QFrame()
    result.setProperty("role", "line")
    return result


def asks_for(event: QEvent, *keys: Qt.Key) -> bool:
    """Whether Qt asks whether a widget wants one of some keys for itself, before an action of the window takes it."""
    return event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in keys


def clear(layout: QLayout) -> None:
    """Take everything out of a layout and let it go."""
    while layout.count():
        item = layout.takeAt(0)
        if item is None:
            return
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at, and look again."""
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class Card(QFrame):
    """A clickable card.

    Signals
    -------
    clicked : ()
    """

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_current(self, current: bool) -> None:
        """Show whether this is the chosen one."""
        restyle(self, "current", "true" if current else "false")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Click."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Press it by Enter or the space bar."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)


class ShareBar(QWidget):
    """Shares of a whole as one coloured bar.

    Parameters
    ----------
    appearance : Appearance
        For the ground colour.
    height : int
        Pixels.
    """

    def __init__(self, appearance: Appearance, height: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._parts: list[tuple[float, str]] = []
        self.setFixedHeight(height)
        self.setMinimumWidth(40)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_parts(self, parts: list[tuple[float, str]]) -> None:
        """Show ``(share 0…1, colour)`` from left to right."""
        self._parts = parts
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._appearance.colour("line"))
        radius = self.height() / 2
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), radius, radius)
        painter.setClipPath(outline)
        left = 0.0
        for share, colour in self._parts:
            width = share * self.width()
            if share > 0:
                width = max(width, 2.0)  # the one broken cover among thousands must be seen
            painter.fillRect(QRectF(left, 0, width + 0.5, self.height()), QColor(colour))
            left += width


class EmptyHint(QWidget):
    """What a panel says while it has nothing to show: an icon, a sentence, perhaps a button.

    Signals
    -------
    pressed : ()
    """

    pressed = Signal()

    def __init__(
        self, appearance: Appearance, icon: str, text: str, action: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._appearance, self._icon = appearance, icon
        self._picture = label()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words = caption(appearance, text, "soft", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = column(1, self._picture, self.words, margins=24, gap=12)
        if action:
            press = button(appearance, action)
            press.clicked.connect(self.pressed)
            layout.addLayout(row(1, press, 1))
        layout.addStretch(2)
        self.setLayout(layout)
        appearance.look_changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        self._picture.setPixmap(self._appearance.icon(self._icon, "line_strong").pixmap(44, 44))


class Page(QScrollArea):
    """A column of things that scrolls when it is longer than its panel."""

    def __init__(self, parent: QWidget | None = None, margins: tuple[int, int, int, int] = (14, 12, 14, 16)) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body = QWidget()
        self.body.setObjectName("page")
        self.column = column(margins=margins, gap=8)
        self.body.setLayout(self.column)
        self.setWidget(self.body)

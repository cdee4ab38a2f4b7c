"""Pieces of the style panel: boxes that say words, ramps and fields to choose from, colours, rows of a form."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLocale, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QLinearGradient, QPainter, QPixmap, QWheelEvent
from PySide6.QtWidgets import (
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QWidget,
)

from models.style.ramps import Ramp, ramps
from viewers.widgets.common.appearance import Appearance, chip
from viewers.widgets.common.controls import caption, label, row

BAR = QSize(56, 12)

#: Decimals of a box for numbers of any size, and how Qt is asked for as many as a number has.
ALL_DIGITS = 12
SHORTEST = QLocale.FloatingPointPrecisionOption.FloatingPointShortest.value


class Calm:
    """What does not turn while a page is scrolled over it."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave the wheel to the page."""
        event.ignore()


class Choice(Calm, QComboBox):
    """A box of words or data; ``picked`` tells only what a person chose.

    Signals
    -------
    picked : (data)
    """

    picked = Signal(object)

    def __init__(self, appearance: Appearance, tip: str = "") -> None:
        super().__init__()
        self._appearance, self._keys = appearance, ()
        self._words: tuple[tuple[str, str], ...] = ()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.activated.connect(lambda _: self.picked.emit(self.currentData()))
        if tip:
            appearance.say(self.setAccessibleName, tip)
            appearance.say(self.setToolTip, tip)
        appearance.lang_changed.connect(self._say)

    def offer_words(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Offer ``(data, word key)``."""
        self._words = tuple(pairs)
        self._say()

    def offer(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Offer ``(data, text)``; what was chosen stays chosen if it is still there."""
        held = self.currentData()
        with QSignalBlocker(self):
            self.clear()
            for data, text in pairs:
                self.addItem(text, data)
            self.setCurrentIndex(max(self.findData(held), 0))

    def choose(self, data: object) -> None:
        """Show a choice without telling of it."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(data))

    def _say(self) -> None:
        if self._words:
            self.offer([(data, self._appearance.word(key)) for data, key in self._words])


class RampChoice(Choice):
    """Ramps, each with its bar; those that stay apart with red-green blindness carry an eye."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__(appearance, "style.ramp")
        self.setMinimumContentsLength(3)
        self.setIconSize(BAR)
        self._kinds: tuple[str, ...] = ("sequential", "diverging")
        appearance.lang_changed.connect(self._fill)
        self._fill()

    def set_kinds(self, kinds: tuple[str, ...]) -> None:
        """Offer ramps of these kinds."""
        if kinds != self._kinds:
            self._kinds = kinds
            self._fill()

    def _fill(self) -> None:
        held = self.currentData()
        with QSignalBlocker(self):
            self.clear()
            for one in ramps().values():
                if one.kind in self._kinds:
                    key = "style.ramp.safe" if one.safe else "style.ramp.plain"
                    text = self._appearance.word(key, name=self._appearance.word(f"ramp.{one.id}"))
                    self.addItem(QIcon(bar(one)), text, one.id)
            self.setCurrentIndex(max(self.findData(held), 0))


def bar(one: Ramp, size: QSize = BAR, *, reverse: bool = False) -> QPixmap:
    """Return the picture of a ramp: smooth, or in steps where it has no order."""
    pixmap = QPixmap(size * 2)
    pixmap.setDevicePixelRatio(2)
    painter = QPainter(pixmap)
    if one.kind == "qualitative":
        wide = size.width() / len(one.colours)
        for at, colour in enumerate(one.colours):
            painter.fillRect(int(at * wide), 0, int(wide) + 1, size.height(), QColor(colour))
    else:
        gradient = QLinearGradient(0, 0, size.width(), 0)
        for at in range(13):
            red, green, blue = one.at(at / 12, reverse=reverse).tolist()
            gradient.setColorAt(at / 12, QColor(red, green, blue))
        painter.fillRect(0, 0, size.width(), size.height(), gradient)
    painter.end()
    return pixmap


class Number(Calm, QDoubleSpinBox):
    """A number with a unit; ``picked`` tells only what a person entered.

    Signals
    -------
    picked : (float)
    """

    picked = Signal(float)

    def __init__(self, low: float, high: float, digits: int = 1, unit: str = "", step: float = 1.0) -> None:
        super().__init__()
        self.setDecimals(digits)
        self.setRange(low, high)
        self.setSingleStep(step)
        self.setSuffix(f" {unit}" if unit else "")
        self.setKeyboardTracking(False)
        self.lineEdit().setTextMargins(5, 0, 0, 0)
        self.setGroupSeparatorShown(True)
        self.valueChanged.connect(self.picked)

    def textFromValue(self, value: float) -> str:  # noqa: N802
        """Write a number of any size with the digits that it has: 0.003 where two decimals would say zero."""
        if self.decimals() < ALL_DIGITS:
            return super().textFromValue(value)
        return self.locale().toString(value, "f", SHORTEST)

    def put(self, value: float) -> None:
        """Show a number without telling of it."""
        with QSignalBlocker(self):
            self.setValue(value)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return room for common numbers: the largest that could be entered would need a page of its own."""
        return QSize(76, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return what is needed at least; rows give more where there is more."""
        return self.minimumSizeHint()


class Count(Calm, QSpinBox):
    """A whole number; ``picked`` tells only what a person entered.

    Signals
    -------
    picked : (int)
    """

    picked = Signal(int)

    def __init__(self, low: int, high: int) -> None:
        super().__init__()
        self.setRange(low, high)
        self.setKeyboardTracking(False)
        self.lineEdit().setTextMargins(5, 0, 0, 0)
        self.valueChanged.connect(self.picked)

    def put(self, value: int) -> None:
        """Show a number without telling of it."""
        with QSignalBlocker(self):
            self.setValue(value)


class Share(Calm, QSlider):
    """A share of 100; ``picked`` tells what a person drew.

    Signals
    -------
    picked : (float) 0…1
    """

    picked = Signal(float)

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(0, 100)
        self.setMinimumHeight(24)  # else the handle is cut
        self.valueChanged.connect(lambda value: self.picked.emit(value / 100))

    def put(self, share: float) -> None:
        """Show a share without telling of it."""
        with QSignalBlocker(self):
            self.setValue(round(share * 100))


class ColourButton(QPushButton):
    """A colour that can be changed.

    Signals
    -------
    picked : (str) ``"#rrggbb"``
    """

    picked = Signal(str)

    def __init__(self, appearance: Appearance, tip: str) -> None:
        super().__init__()
        self._appearance, self._colour, self._tip = appearance, "", tip
        self.setIconSize(QSize(16, 16))
        appearance.say(self.setAccessibleName, tip)
        self.clicked.connect(self._ask)

    def put(self, colour: str) -> None:
        """Show a colour, empty for the default."""
        self._colour = colour
        self.setIcon(chip(colour or self._appearance.colours["none"], 16, hatch=not colour))
        self.setText(colour or self._appearance.word("style.by_role"))

    def _ask(self) -> None:
        chosen = ask_colour(self, self._appearance, self._colour)
        if chosen:
            self.put(chosen)
            self.picked.emit(chosen)


def ask_colour(parent: QWidget, appearance: Appearance, colour: str) -> str:
    """Ask for a colour; empty if none was chosen."""
    start = QColor(colour or appearance.colours["accent"])
    chosen = QColorDialog.getColor(start, parent, appearance.word("style.colour"))
    return str(chosen.name()) if chosen.isValid() else ""


class Form(QWidget):
    """Rows of a word and a field; rows can be hidden one by one."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(7)
        self._grid.setColumnStretch(1, 1)
        self._rows: dict[str, tuple[QLabel, QWidget]] = {}
        self.setLayout(self._grid)

    def add(self, name: str, key: str, *fields: QWidget) -> None:
        """Add a row."""
        words = caption(self._appearance, key, "small")
        words.setMinimumWidth(62)
        holder = fields[0]
        if len(fields) > 1:
            holder = QWidget()
            layout = row(*fields, gap=6)
            for at, one in enumerate(fields):
                layout.setStretch(at, int(at == 0 or isinstance(one, Number)))
            holder.setLayout(layout)
        at = self._grid.rowCount()
        self._grid.addWidget(words, at, 0)
        self._grid.addWidget(holder, at, 1)
        self._rows[name] = (words, holder)

    def show_rows(self, names: Sequence[str]) -> None:
        """Show these rows only."""
        for name, parts in self._rows.items():
            for part in parts:
                part.setVisible(name in names)


def hint(appearance: Appearance, key: str) -> QLabel:
    """Return a faint sentence below a form."""
    return caption(appearance, key, "faint", wrap=True)


def blank() -> QLabel:
    """Return an empty label that gives room."""
    return label()

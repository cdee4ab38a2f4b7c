"""Cards over the canvas: their common base, the card of a tool, and the controls that such cards share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLayout, QSlider, QToolButton, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, card_number, column, label, row, tool

#: Slider steps in a metre, or in a degree.
FINE = 100


class OverlayCard(QFrame):
    """A raised card over the canvas, which places it.

    Signals
    -------
    resized : () it wants another size

    Parameters
    ----------
    appearance : Appearance
    parent : QWidget
        The canvas.
    role : str
        Of the style sheet.
    shown : bool
        Whether it is visible from the start.
    """

    resized = Signal()

    def __init__(
        self, appearance: Appearance, parent: QWidget | None = None, *, role: str = "float", shown: bool = False
    ) -> None:
        super().__init__(parent)
        if role:
            self.setProperty("role", role)
        self.appearance = appearance
        if not shown:
            self.hide()


class ToolCard(OverlayCard):
    """A card at the top of the canvas that belongs to one tool: title, controls, a hint; Esc closes the tool.

    Signals
    -------
    closed : () the person wants to leave the tool

    Parameters
    ----------
    appearance : Appearance
    icon, key : str
        Of the tool; ``key`` is the word of its name.
    """

    closed = Signal()
    #: What of the picture the card tells, so that no notice need repeat it: ``"ground"``, ``"sun"``.
    tells = ""
    #: Role of the hint in the type scale, and whether an empty hint leaves its room to what is below.
    hint_role = "faint"
    hint_folds = True

    def __init__(self, appearance: Appearance, icon: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(appearance, parent)
        picture = label()
        appearance.look_changed.connect(lambda: picture.setPixmap(appearance.icon(icon, "accent").pixmap(18, 18)))
        picture.setPixmap(appearance.icon(icon, "accent").pixmap(18, 18))
        self.shut = tool(appearance, "x", "tools.close", size=15, tint="text_faint")
        self.shut.clicked.connect(self.closed)
        self.head: QHBoxLayout = row(picture, caption(appearance, key, "strong"), gap=6)
        self.hint = label(self.hint_role, wrap=True)

    def fill_head(self, left: Iterable[QWidget], right: Iterable[QWidget | int] = (), *, indent: int = 6) -> None:
        """Put controls beside the title and at the right edge (an int is a space), then the button that closes."""
        if indent:
            self.head.addSpacing(indent)
        for widget in left:
            self.head.addWidget(widget)
        self.head.addStretch(1)
        for piece in right:
            if isinstance(piece, int):
                self.head.addSpacing(piece)
            else:
                self.head.addWidget(piece)
        self.head.addWidget(self.shut)

    def lay_out(
        self, *rows: QWidget | QLayout | int, gap: int = 5, margins: tuple[int, int, int, int] = (12, 6, 8, 8)
    ) -> None:
        """Put the rows below the head."""
        self.setLayout(column(self.head, *rows, margins=margins, gap=gap))

    def say(self, hint: str) -> None:
        """Show what to do next."""
        if hint != self.hint.text():
            self.hint.setText(hint)
            if self.hint_folds:
                self.hint.setVisible(bool(hint))
            self.resized.emit()

    def say_word(self, key: str) -> None:
        """Show a word that tells what to do next."""
        self.appearance.say(self.hint.setText, key)
        self.resized.emit()

    def event(self, event: QEvent) -> bool:
        """Keep Esc from the menu's shortcut while a field of the card has the keyboard; ask for room when it grows."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.closed.emit()
                return True
        done = bool(super().event(event))
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self.resized.emit()
        return done

    def fit(self, widest: int) -> None:
        """Take the room that is needed, at most ``widest``."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
        width = min(max(self.minimumSizeHint().width(), 520), max(widest, 240))
        height = max(self.heightForWidth(width), self.minimumSizeHint().height())
        if (width, height) != (self.width(), self.height()):
            self.setFixedSize(width, height)


def word_button(appearance: Appearance, icon: str, key: str, tip: str = "", *, checkable: bool = False) -> QToolButton:
    """Return a flat button with an icon and a word."""
    press = QToolButton()
    press.setToolButtonStyle(
        Qt.ToolButtonStyle.ToolButtonTextBesideIcon if icon else Qt.ToolButtonStyle.ToolButtonTextOnly
    )
    press.setAutoRaise(True)
    press.setCheckable(checkable)
    if icon:
        appearance.paint(press.setIcon, icon)
    appearance.say(press.setText, key)
    appearance.say(press.setToolTip, tip or key)
    appearance.say(press.setAccessibleName, key)
    press.setCursor(Qt.CursorShape.PointingHandCursor)
    return press


def choices(
    appearance: Appearance,
    owner: QWidget,
    icons: Mapping[str, str],
    word: Callable[[str], str],
    chosen: Callable[[str], object] | None = None,
    *,
    tip: Callable[[str], str] | None = None,
) -> dict[str, QToolButton]:
    """Return flat buttons of which one is down.

    Parameters
    ----------
    appearance : Appearance
    owner : QWidget
        The card.
    icons : mapping of str to str
        Icon of each choice.
    word : callable
        ``word(choice)`` is the key of a choice's word.
    chosen : callable, optional
        ``chosen(choice)`` at a click.
    tip : callable, optional
        ``tip(choice)`` is the key of its tip; else the word's with ``.tip``.
    """
    group, result = QButtonGroup(owner), {}
    for choice, icon in icons.items():
        key = word(choice)
        press = word_button(appearance, icon, key, f"{key}.tip" if tip is None else tip(choice), checkable=True)
        if chosen is not None:
            press.clicked.connect(lambda _=False, choice=choice: chosen(choice))
        group.addButton(press)
        result[choice] = press
    return result


class _Slide(QSlider):
    """A slider whose wheel goes by small even steps."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Go one step a notch, up for more."""
        notches = event.angleDelta().y() / 120
        self.setValue(self.value() + round(notches * self.singleStep()))
        event.accept()


class NumberSlider(QWidget):
    """A number with unit, as a slider and as a field.

    Signals
    -------
    changed : (float)
    held : (bool) a hand took the slider, or let it go

    Parameters
    ----------
    appearance : Appearance
    key : str
        Word of what the number is.
    suffix : str
        Unit, with its space.
    step : float
        A notch of the wheel.
    """

    changed = Signal(float)
    held = Signal(bool)

    def __init__(
        self, appearance: Appearance, key: str, suffix: str, *, step: float = 0.1, decimals: int = 2, wide: int = 240
    ) -> None:
        super().__init__()
        self.slide = _Slide(Qt.Orientation.Horizontal)
        self.slide.setSingleStep(max(round(step * FINE), 1))
        self.slide.setPageStep(FINE)
        self.slide.setMinimumWidth(wide)
        self.field = card_number(appearance, key, 0.0, 99.99, suffix=suffix, decimals=decimals, step=step, width=108)
        appearance.say(self.slide.setAccessibleName, key)
        self.words = caption(appearance, key, "small")
        self.setLayout(row(self.words, self.slide, self.field, gap=8))
        self.layout().setStretch(1, 1)  # type: ignore[union-attr]
        self._quiet = False
        self.slide.valueChanged.connect(lambda value: self._take(value / FINE))
        self.field.valueChanged.connect(self._take)
        self.slide.sliderPressed.connect(lambda: self.held.emit(True))
        self.slide.sliderReleased.connect(lambda: self.held.emit(False))

    def show_number(self, value: float, low: float, high: float) -> None:
        """Show a number in its range, without saying that it changed."""
        self._quiet = True
        self.slide.setRange(round(low * FINE), round(high * FINE))
        self.field.setRange(min(low, value) - 1000.0, max(high, value) + 1000.0)
        self.slide.setValue(round(value * FINE))
        if not self.field.hasFocus() or abs(self.field.value() - value) > 10.0 ** -self.field.decimals():
            self.field.setValue(value)
        self._quiet = False

    @property
    def value(self) -> float:
        """Return the number."""
        return self.field.value()

    def _take(self, value: float) -> None:
        if self._quiet:
            return
        self._quiet = True
        self.slide.setValue(round(value * FINE))
        self.field.setValue(value)
        self._quiet = False
        self.changed.emit(value)

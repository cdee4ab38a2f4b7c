"""The bar at the foot of the city: play, step, speed, live or past, and the scale."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from models.timeline.playing import SPEEDS, STEPS_US
from viewers.texts.moment_texts import step_text
from viewers.widgets.common.appearance import TYPE_SCALE, Appearance
from viewers.widgets.common.controls import column, row, tool
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.timeline.scale import TimeScale

#: Steps that a key with Shift takes at once.
LEAP = 10
CHIP_PX = 26


class MomentChip(QWidget):
    """Says in one look whether the city is shown live or as it was, and when.

    Signals
    -------
    pressed : () the person wants to say a date and time
    """

    pressed = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._strong, self._is_live = "", True
        self._more: tuple[str, ...] = ()
        self.setFixedHeight(CHIP_PX)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        appearance.say(self.setToolTip, "timeline.chip.tip")
        appearance.look_changed.connect(self.update)

    def show_text(self, strong: str, more: Sequence[str], *, is_live: bool) -> None:
        """Show a moment and the phrase behind it, which are always read, and as many more as there is room for."""
        self._strong, self._more, self._is_live = strong, tuple(more), is_live
        self.setAccessibleName(self.text)
        self.updateGeometry()
        self.update()

    @property
    def text(self) -> str:
        """Return all that it says."""
        return " · ".join((self._strong, *self._more))

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size at which nothing is left out."""
        return self._room(len(self._more))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the size at which moment and first phrase are read: that data is synthetic is never left out."""
        return self._room(1)

    def _room(self, phrases: int) -> QSize:
        wide = self._metrics(strong=True).horizontalAdvance(self._strong)
        more = sum(self._metrics().horizontalAdvance(_phrase(part)) for part in self._more[:phrases])
        return QSize(wide + more + 42, CHIP_PX)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Ask for a date and time."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the band."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._appearance.colour
        ink = colour("good" if self._is_live else "warn")
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(ink, 1))
        painter.setBrush(colour("surface" if self._is_live else "warn_soft"))
        painter.drawRoundedRect(box, CHIP_PX / 2, CHIP_PX / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(QRectF(12, CHIP_PX / 2 - 4, 8, 8))
        painter.setPen(ink)
        painter.setFont(self._font(strong=True))
        wide = self._metrics(strong=True).horizontalAdvance(self._strong)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(27, 0, wide + 4, CHIP_PX), flags, self._strong)
        painter.setFont(self._font())
        left, right = 27.0 + wide, self.width() - 13
        for part in self._more:
            length = self._metrics().horizontalAdvance(_phrase(part))
            if left + length > right:
                break
            painter.drawText(QRectF(left, 0, length + 2, CHIP_PX), flags, _phrase(part))
            left += length

    def _font(self, *, strong: bool = False) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(TYPE_SCALE["body" if strong else "small"])
        font.setBold(strong)
        return font

    def _metrics(self, *, strong: bool = False) -> QFontMetrics:
        return QFontMetrics(self._font(strong=strong))


def _phrase(text: str) -> str:
    """Return a phrase with what parts it from the one before."""
    return f"  ·  {text}"


class TimelineBar(QFrame):
    """The one control of time.

    Signals
    -------
    play_requested, live_requested, moment_requested, close_requested : ()
    step_requested : (int) so many steps on, or back
    end_requested : (bool) to the last moment of the range, else to the first
    speed_chosen : (float) pictures a second
    step_chosen : (int µs)
    loop_switched : (bool)
    """

    play_requested = Signal()
    live_requested = Signal()
    moment_requested = Signal()
    close_requested = Signal()
    step_requested = Signal(int)
    end_requested = Signal(bool)
    speed_chosen = Signal(float)
    step_chosen = Signal(object)
    loop_switched = Signal(bool)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setProperty("role", "foot")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.play = tool(appearance, "play", "timeline.play", size=20, tint="accent")
        self.back = tool(appearance, "skip-back", "timeline.back", size=16)
        self.forward = tool(appearance, "skip-forward", "timeline.forward", size=16)
        self.loop = tool(appearance, "repeat", "timeline.loop", size=16)
        self.loop.setCheckable(True)
        self.live = tool(appearance, "broadcast", "timeline.live.tip", size=16, tint="good")
        self.live.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        appearance.say(self.live.setText, "timeline.live")
        self.shut = tool(appearance, "x", "timeline.close", size=15, tint="text_faint")
        self.speed, self.step = self._combo("timeline.speed"), self._combo("timeline.step")
        self.chip = MomentChip(appearance)
        self.scale = TimeScale(appearance)
        self.play.clicked.connect(self.play_requested)
        self.back.clicked.connect(lambda: self.step_requested.emit(-1))
        self.forward.clicked.connect(lambda: self.step_requested.emit(1))
        self.loop.clicked.connect(self.loop_switched)
        self.live.clicked.connect(self.live_requested)
        self.shut.clicked.connect(self.close_requested)
        self.chip.pressed.connect(self.moment_requested)
        self.speed.activated.connect(lambda at: self.speed_chosen.emit(SPEEDS[at]))
        self.step.activated.connect(lambda at: self.step_chosen.emit(STEPS_US[at]))
        for control in (self.play, self.back, self.forward, self.loop, self.live, self.shut, self.speed, self.step):
            control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        head = row(
            self.back, self.play, self.forward, self.loop, self.step, self.speed, self.chip, 1, self.live,
            self.shut, gap=4,
        )  # fmt: skip
        self.setLayout(column(head, self.scale, margins=(8, 5, 8, 2), gap=3))
        self._fill_combos()
        appearance.lang_changed.connect(self._fill_combos)
        self.scale.installEventFilter(self)

    def _combo(self, key: str) -> PlainCombo:
        combo = PlainCombo()
        combo.setSizeAdjustPolicy(PlainCombo.SizeAdjustPolicy.AdjustToContents)
        self._appearance.say(combo.setAccessibleName, key)
        self._appearance.say(combo.setToolTip, key)
        return combo

    def _fill_combos(self) -> None:
        word, lang = self._appearance.word, self._appearance.lang
        texts = [word("timeline.speed.times", count=f"{one:g}") for one in SPEEDS]
        for combo, shown in ((self.speed, texts), (self.step, [step_text(one, lang) for one in STEPS_US])):
            at = max(combo.currentIndex(), 0)
            combo.clear()
            combo.addItems(shown)
            combo.setCurrentIndex(at)
            combo.setMinimumWidth(combo.sizeHint().width())

    # --- what is shown ---------------------------------------------------------------------------------------------
    def show_playing(self, *, is_playing: bool) -> None:
        """Show whether time runs."""
        self._appearance.paint(self.play.setIcon, "pause" if is_playing else "play", "accent")
        self._appearance.say(self.play.setToolTip, "timeline.pause" if is_playing else "timeline.play")

    def show_player(self, step_us: int, speed: float, *, loops: bool) -> None:
        """Show how time is played."""
        self.step.setCurrentIndex(STEPS_US.index(step_us) if step_us in STEPS_US else -1)
        self.speed.setCurrentIndex(SPEEDS.index(speed) if speed in SPEEDS else -1)
        self.loop.setChecked(loops)

    def show_live(self, *, is_live: bool) -> None:
        """Offer what is live only while something else is shown."""
        self.live.setEnabled(not is_live)

    # --- keys ------------------------------------------------------------------------------------------------------
    def eventFilter(self, watched: object, event: QEvent) -> bool:  # noqa: N802
        """Take the keys after a click on the scale."""
        if event.type() == QEvent.Type.MouseButtonPress:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Play by Space, step by the arrows (ten at once with Shift), go to the ends by Home and End."""
        many = LEAP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        match event.key():
            case Qt.Key.Key_Space:
                self.play_requested.emit()
            case Qt.Key.Key_Left:
                self.step_requested.emit(-many)
            case Qt.Key.Key_Right:
                self.step_requested.emit(many)
            case Qt.Key.Key_Home | Qt.Key.Key_End:
                self.end_requested.emit(event.key() == Qt.Key.Key_End)
            case _:
                super().keyPressEvent(event)

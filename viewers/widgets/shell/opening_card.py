"""The card in the middle of the empty canvas while a city is being opened: stages, a bar, a way to stop."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QSizePolicy, QWidget

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, line, row
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.tool_bar_card import OverlayCard

#: What opening consists of, in order: words ``canvas.stage.<name>``.
STAGES = ("reading", "preparing", "drawing")
WIDTH_PX = 440
#: The bar moves in steps: each repaint above the picture has all of the window put together again.
STEP_PERCENT = 3
_MARK = QSize(18, 18)


class OpeningVeil(QWidget):
    """The colour of the window over a canvas that has nothing to show yet.

    It is painted and not told to be opaque: else Qt would not draw the view below, whose first picture ends it.
    """

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint."""
        QPainter(self).fillRect(self.rect(), self._appearance.colour("window"))


class OpeningCard(OverlayCard):
    """What is being opened and how far it is.

    Signals
    -------
    cancelled : ()
    """

    cancelled = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, parent)
        self.setObjectName("opening")
        self.title = label("small")
        self.name = label("heading")
        self.detail = label("small")
        for words in (self.name, self.detail):
            words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 100)
        self.stop = button(appearance, "window.cancel")
        self.stop.clicked.connect(self.cancelled)
        self._marks = [label() for _ in STAGES]
        self._words = [caption(appearance, f"canvas.stage.{stage}", "faint") for stage in STAGES]
        self._title, self._stage = "", -1
        stages = row(*self._with_lines(), gap=8)
        for at in range(stages.count()):
            if at % 3 == 2:
                stages.setStretch(at, 1)
        foot = row(self.detail, self.stop, gap=16)
        foot.setStretch(0, 1)
        self.setLayout(
            column(column(self.title, self.name, gap=2), stages, self.bar, foot, margins=(24, 20, 24, 16), gap=14)
        )
        self.setFixedWidth(WIDTH_PX)
        appearance.look_changed.connect(lambda: self._show_stage(self._stage))

    def show_progress(self, title: str, name: str, stage: str, detail: str, fraction: float) -> None:
        """Say what is going on.

        Parameters
        ----------
        title : str
            Key of what is done: "Opening".
        name : str
            Of the file.
        stage : str
            One of :data:`STAGES`.
        detail : str
            What is at work now.
        fraction : float
            Of the whole, 0…1.
        """
        room = WIDTH_PX - 48
        if title != self._title:
            self._title = title
            self.appearance.say(self.title.setText, title)
        elided = self.name.fontMetrics().elidedText(visible_text(name), Qt.TextElideMode.ElideMiddle, room)
        self.name.setText(elided)
        self.name.setToolTip(plain_tip(name))
        self.detail.setText(detail)
        self._show_stage(STAGES.index(stage))
        value = int(min(max(fraction, 0.0), 1.0) * 100)
        if abs(value - self.bar.value()) >= STEP_PERCENT or value < 1:
            self.bar.setValue(value)
        if not self.isVisible():
            self.adjustSize()
            self.show()

    def put_away(self) -> None:
        """Hide, and forget what was at work, in whatever language it was."""
        self.detail.setText("")
        self.hide()

    @property
    def stage(self) -> str:
        """Return the stage that is shown, empty before the first."""
        return STAGES[self._stage] if self._stage >= 0 else ""

    def _with_lines(self) -> Sequence[QWidget]:
        """Return mark, words and a hairline to the next, for each stage."""
        pieces: list[QWidget] = []
        for mark, words in zip(self._marks, self._words, strict=True):
            pieces += [mark, words, line()]
        return pieces[:-1]

    def _show_stage(self, stage: int) -> None:
        self._stage = stage
        for at, (mark, words) in enumerate(zip(self._marks, self._words, strict=True)):
            icon, tint = ("check-circle-fill", "accent") if at < stage else ("circle", "text_faint")
            if at == stage:
                icon, tint = "record", "accent"
            mark.setPixmap(self.appearance.icon(icon, tint).pixmap(_MARK))
            _set_role(words, "strong" if at == stage else "soft" if at < stage else "faint")


def _set_role(words: QLabel, role: str) -> None:
    if words.property("role") != role:
        words.setProperty("role", role)
        words.style().unpolish(words)
        words.style().polish(words)

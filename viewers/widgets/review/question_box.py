"""A box for questions of the room: type a name, a number or a code, and choose from what is found."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import column
from viewers.widgets.common.rows import rows_item, rows_list

ICONS = {"stop": "presentation-chart", "indicator": "heartbeat", "layer": "stack", "object": "map-pin"}

#: Size of what is typed over the city, pixels.
FLOATING_PX = 22


class QuestionBox(QFrame):
    """A field, and below it what answers.

    Signals
    -------
    asked : (str)
    picked : (int) this answer, in the order of :meth:`show_answers`
    left : () Esc

    Parameters
    ----------
    appearance : Appearance
    floats : bool
        Whether it lies over the city.
    """

    asked = Signal(str)
    picked = Signal(int)
    left = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None, *, floats: bool = False) -> None:
        super().__init__(parent)
        self._appearance, self._floats = appearance, floats
        self.field = QLineEdit()
        if floats:
            self.setProperty("role", "float")
            self.field.setStyleSheet(f"font-size: {FLOATING_PX}px;")
        self.field.setClearButtonEnabled(True)
        appearance.say(self.field.setPlaceholderText, "wall.ask.hint")
        appearance.say(self.field.setAccessibleName, "wall.ask.hint")
        self.field.textChanged.connect(self.asked)
        self.field.installEventFilter(self)
        self.list = rows_list(appearance)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(lambda item: self.picked.emit(self.list.row(item)))
        self.setLayout(column(self.field, self.list, margins=8 if floats else 0, gap=6))
        if floats:
            self.list.hide()
            self.hide()

    def open(self) -> None:
        """Show it, empty, with the keyboard."""
        self.field.clear()
        self.show()
        self.raise_()
        self.window().activateWindow()
        self.field.setFocus()

    def show_answers(self, answers: Sequence[tuple[str, str, str]]) -> None:
        """Show kind, title and second line of each answer; the first is chosen by Enter."""
        self.list.clear()
        for kind, title, about in answers:
            icon = self._appearance.icon(ICONS.get(kind, "map-pin"), "accent")
            self.list.addItem(rows_item(icon, title, about, kind))
        if answers:
            self.list.setCurrentRow(0)
        if self._floats:
            high = sum(self.list.sizeHintForRow(at) for at in range(min(self.list.count(), 8)))
            self.list.setFixedHeight(high + 8)
            self.list.setVisible(bool(answers))
            self.adjustSize()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Take the keys that choose among the answers while somebody types."""
        if isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            key, press = event.key(), event.type() == QEvent.Type.KeyPress
            if key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
                event.accept()
                if press:
                    self._take(key)
                return True
        return super().eventFilter(watched, event)

    def _take(self, key: int) -> None:
        row = self.list.currentRow()
        if key == Qt.Key.Key_Escape:
            self.field.clear()
            self.left.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if row >= 0:
                self.picked.emit(row)
        elif self.list.count():
            step = -1 if key == Qt.Key.Key_Up else 1
            self.list.setCurrentRow(min(max(row + step, 0), self.list.count() - 1))

"""The presenter's own screen: what is on the wall, what comes next, notes, clock, agenda, and a box for questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QPixmap
from PySide6.QtWidgets import QListWidget, QPlainTextEdit, QSizePolicy, QToolButton, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, line, row
from viewers.widgets.common.rows import rows_item, rows_list
from viewers.widgets.common.thumbnails import icon_of
from viewers.widgets.common.tool_bar_card import word_button
from viewers.widgets.review.mirror import Mirror
from viewers.widgets.review.question_box import QuestionBox

#: Of the notes, pixels: read at arm's length while standing.
NOTES_PX = 22
NEXT = QSize(240, 135)


@dataclass(frozen=True, slots=True)
class ScreenView:
    """What the presenter sees.

    Parameters
    ----------
    place, title, notes : str
        Of the stop on the wall.
    next_title : str
        Empty where it was the last.
    next_picture : bytes
    stops : tuple of (str, str)
        Title and second line of each stop.
    at : int
        Which of them is on the wall, from 0; -1 for none.
    """

    place: str = ""
    title: str = ""
    notes: str = ""
    next_title: str = ""
    next_picture: bytes = b""
    stops: tuple[tuple[str, str], ...] = ()
    at: int = -1


class PresenterWindow(QWidget):
    """The window on the presenter's screen.

    Signals
    -------
    stop_chosen : (int)
    back_requested, next_requested, black_requested, swap_requested, closed : ()
    pen_requested, pointer_requested : (bool)
    """

    stop_chosen = Signal(int)
    back_requested = Signal()
    next_requested = Signal()
    black_requested = Signal()
    swap_requested = Signal()
    closed = Signal()
    pen_requested = Signal(bool)
    pointer_requested = Signal(bool)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._appearance = appearance
        appearance.say(self.setWindowTitle, "wall.screen.title")
        self.setAutoFillBackground(True)
        self._view = ScreenView()
        head, left, right = self._build_head(), self._build_left(), self._build_right()
        body = row(left, right, margins=(16, 10, 16, 14), gap=16)
        body.setStretch(0, 7)
        body.setStretch(1, 4)
        self.setLayout(column(head, line(), body, gap=0))

    # --- parts -----------------------------------------------------------------------------------------------------
    def _build_head(self) -> QWidget:
        appearance = self._appearance
        self.clock, self.time = label("hero"), label("heading")
        self.black = word_button(appearance, "monitor", "wall.screen.black")
        self.black.clicked.connect(self.black_requested)
        self.pen = word_button(appearance, "pencil-simple", "wall.screen.pen", checkable=True)
        self.pen.toggled.connect(self.pen_requested)
        self.pointer = word_button(appearance, "cursor", "wall.screen.pointer", checkable=True)
        self.pointer.toggled.connect(self.pointer_requested)
        self.swap = word_button(appearance, "arrows-left-right", "wall.screen.swap")
        self.swap.clicked.connect(self.swap_requested)
        self.leave = button(appearance, "wall.screen.leave", "", "x")
        self.leave.clicked.connect(self.closed)
        for press in (self.black, self.pen, self.pointer, self.swap, self.leave):
            press.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the space bar belongs to the agenda
        head = QWidget()
        head.setLayout(row(
            self.clock, 12, self.time, 1, self.pointer, self.pen, self.black, self.swap, self.leave,
            margins=(16, 8, 16, 8), gap=8,
        ))  # fmt: skip
        return head

    def _build_left(self) -> QWidget:
        appearance = self._appearance
        self.place, self.title = label("heading"), label("title", wrap=True)
        self.mirror = Mirror()
        self.notes = QPlainTextEdit()
        self.notes.setReadOnly(True)
        self.notes.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.notes.setStyleSheet(f"QPlainTextEdit {{ font-size: {NOTES_PX}px; }}")
        appearance.say(self.notes.setPlaceholderText, "wall.screen.no_notes")
        left = QWidget()
        layout = column(row(self.place, self.title, 1, gap=10), self.mirror, self.notes, gap=8)
        layout.setStretch(1, 3)
        layout.setStretch(2, 2)
        left.setLayout(layout)
        return left

    def _build_right(self) -> QWidget:
        appearance = self._appearance
        self.question = QuestionBox(appearance)
        self.next_title = label("strong", wrap=True)
        self.next_picture = label()
        self.next_picture.setFixedSize(NEXT)
        self.next_picture.setScaledContents(True)
        self.back, self.forward = (
            self._step("caret-left", "wall.screen.back"),
            self._step("caret-right", "wall.screen.next"),
        )
        self.back.clicked.connect(self.back_requested)
        self.forward.clicked.connect(self.next_requested)
        said = column(caption(appearance, "wall.screen.comes", "soft"), self.next_title, 1,
                      row(self.back, self.forward, 1, gap=4), gap=4)  # fmt: skip
        self.list: QListWidget = rows_list(appearance)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(lambda item: self.stop_chosen.emit(self.list.row(item)))
        right = QWidget()
        right.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        layout = column(
            row(self.next_picture, said, gap=12), caption(appearance, "panel.agenda", "section"), self.list,
            caption(appearance, "wall.screen.question", "section"), self.question, gap=6,
        )  # fmt: skip
        layout.setStretch(2, 3)
        layout.setStretch(4, 3)
        right.setLayout(layout)
        return right

    def _step(self, icon: str, key: str) -> QToolButton:
        press = word_button(self._appearance, icon, key)
        press.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return press

    # --- what is shown ---------------------------------------------------------------------------------------------
    def show_stop(self, view: ScreenView) -> None:
        """Show what is on the wall and what comes next."""
        if view.stops != self._view.stops or not self.list.count():
            self.list.clear()
            icon = self._appearance.icon("presentation-chart", "text_faint")
            for at, (title, about) in enumerate(view.stops, 1):
                self.list.addItem(rows_item(icon, f"{at}  {title}", about, at - 1))
        self._view = view
        self.place.setText(view.place)
        self.title.setText(view.title)
        if self.notes.toPlainText() != view.notes:
            self.notes.setPlainText(view.notes)
        self.next_title.setText(view.next_title or self._appearance.word("wall.screen.last"))
        picture = icon_of(view.next_picture)
        self.next_picture.setPixmap(QPixmap() if picture is None else picture.pixmap(NEXT * 2))
        self.list.setCurrentRow(view.at)

    def show_time(self, clock: str, told: Sequence[str]) -> None:
        """Show the time of day, and what of the meeting's is used and left."""
        self.clock.setText(clock)
        self.time.setText("   ".join(told))

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Leave the review with the window."""
        event.ignore()
        self.closed.emit()

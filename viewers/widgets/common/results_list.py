"""The list at the foot of a tool's card: one row a thing, with what can be done to it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import clear, column, label, row, tool
from viewers.widgets.common.plain import plain_tip

#: As many rows are seen without scrolling.
SEEN = 4
ROW_PX = 44


class ResultsList(QScrollArea):
    """Rows with title and detail, and buttons: go there, change, take away.

    Signals
    -------
    go_requested, edit_requested, delete_requested : (id)
    chosen : (id) its words were clicked

    Parameters
    ----------
    appearance : Appearance
    edits : bool
        Whether a row can be changed.
    """

    go_requested = Signal(str)
    edit_requested = Signal(str)
    delete_requested = Signal(str)
    chosen = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None, *, edits: bool = True) -> None:
        super().__init__(parent)
        self._appearance, self._edits = appearance, edits
        self.shown: tuple[tuple[str, str, str, str], ...] = ()
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 4, 0)
        self._rows.setSpacing(0)
        body = QWidget()
        body.setLayout(self._rows)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(body)
        self.setStyleSheet("background: transparent;")
        self.show_rows([])

    def show_rows(self, rows: Sequence[tuple[str, str, str, str]]) -> None:
        """Show ``(id, icon, title, detail)``; an icon may be ``"icon:#rrggbb"``."""
        self.shown = tuple(rows)
        clear(self._rows)
        for one in rows:
            self._rows.addWidget(self._row(*one))
        self._rows.addStretch(1)
        self.setVisible(bool(rows))
        self.setFixedHeight(min(len(rows), SEEN) * ROW_PX + 2)

    def _row(self, id_: str, icon: str, title: str, detail: str) -> QFrame:
        frame = _Row(id_, self)
        frame.setFixedHeight(ROW_PX)
        name, _, tint = icon.partition(":")
        picture = label()
        picture.setPixmap(self._appearance.icon(name, tint or "text_faint").pixmap(16, 16))
        words, small = label("strong"), label("small")
        words.setText(title)
        small.setText(detail)
        small.setToolTip(plain_tip(detail))
        small.setVisible(bool(detail))
        small.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # the buttons keep their room
        presses = []
        for press_icon, key, signal, wanted in (
            ("crosshair-simple", "results.go", self.go_requested, True),
            ("pencil-simple", "results.edit", self.edit_requested, self._edits),
            ("trash", "results.delete", self.delete_requested, True),
        ):
            if wanted:
                press = tool(self._appearance, press_icon, key, size=14, tint="text_faint")
                press.clicked.connect(lambda _=False, signal=signal: signal.emit(id_))
                presses.append(press)
        frame.setLayout(row(picture, column(words, small, gap=0), 1, *presses, margins=(2, 3, 0, 3), gap=4))
        return frame


class _Row(QFrame):
    def __init__(self, id_: str, owner: ResultsList) -> None:
        super().__init__()
        self._id, self._owner = id_, owner

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose."""
        self._owner.chosen.emit(self._id)

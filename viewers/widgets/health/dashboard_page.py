"""The dashboard: all indicators over the whole window, as a meeting looks at them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import ShareBar, button, caption, column, label, line, row, tool
from viewers.widgets.health.indicator_board import IndicatorBoard

#: From here on there is room for the edition beside the summary.
WIDE_PX = 1500


class DashboardPage(QFrame):
    """A page that lies over the window between its tool bar and its status line.

    Signals
    -------
    compute_requested, export_requested, profile_requested : ()
    opened : (code)
    left : () closed by a hand

    Parameters
    ----------
    appearance : Appearance
    window : QWidget
        Over which it lies.
    above, below : QWidget
        What it leaves free at the upper and the lower edge.
    """

    compute_requested = Signal()
    export_requested = Signal()
    profile_requested = Signal()
    opened = Signal(str)
    left = Signal()

    def __init__(self, appearance: Appearance, window: QWidget, above: QWidget, below: QWidget) -> None:
        super().__init__(window)
        self._window, self._above, self._below = window, above, below
        self.setObjectName("panel")
        self.setProperty("guide", "dashboard")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.title = caption(appearance, "health.dashboard.title", "title")
        self.edition, self.summary, self.told = label("small"), label("soft"), label("small")
        self.bar = ShareBar(appearance, 8)
        self.bar.setFixedWidth(220)
        self.compute = button(appearance, "health.compute", "primary", "calculator")
        self.compute.clicked.connect(self.compute_requested)
        self.profile = button(appearance, "health.profile.ask", "quiet", "buildings")
        self.profile.clicked.connect(self.profile_requested)
        export = tool(appearance, "download-simple", "health.export", size=18)
        export.clicked.connect(self.export_requested)
        close = tool(appearance, "x", "window.close", size=16)
        close.clicked.connect(self.left)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.hide()
        self.board = IndicatorBoard(appearance, is_wide=True)
        self.board.opened.connect(self.opened)
        self.board.left.connect(self.left)
        head = row(
            self.title, self.edition, 1, self.summary, self.bar, self.profile, self.compute, export, close,
            margins=(16, 8, 10, 8), gap=10,
        )  # fmt: skip
        head.setAlignment(self.edition, Qt.AlignmentFlag.AlignBottom)
        foot = row(self.told, 1, margins=(16, 3, 16, 5))
        self._foot = QWidget()
        self._foot.setLayout(foot)
        self._foot.hide()
        self.setLayout(column(head, line(), self.busy, self.board, self._foot, gap=0))
        window.installEventFilter(self)
        self.hide()

    def show_page(self) -> None:
        """Come over the window."""
        self._cover()
        self._foot.hide()
        self.show()
        self.raise_()
        self.board.tiles.setFocus()

    def tell(self, text: str) -> None:
        """Say at the lower edge what a banner would say that lies below the page."""
        self.told.setText(text)
        self._foot.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Follow the window's size."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest) and self.isVisible():
            self._cover()
        return super().eventFilter(watched, event)

    def _cover(self) -> None:
        top = self._above.geometry().bottom() + 1
        bottom = self._below.geometry().top() if self._below.isVisible() else self._window.height()
        self.setGeometry(QRect(0, top, self._window.width(), bottom - top))
        self.edition.setVisible(self._window.width() >= WIDE_PX)

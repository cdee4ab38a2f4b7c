"""The city's health check at the side of the map: all indicators, one of them, one object behind it; and back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QProgressBar, QPushButton, QStackedWidget, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, asks_for, button, column, label, line, row, tool
from viewers.widgets.health.indicator_board import IndicatorBoard
from viewers.widgets.health.indicator_page import IndicatorPage, IndicatorView
from viewers.widgets.health.object_page import ObjectPage, ObjectView

LEVELS = ("board", "indicator", "object")
#: The breadcrumb leaves so much for the arrow, the first name and the marks, pixels; names share the rest.
CRUMB_LEFT_PX = 132
#: No name is cut to less.
CRUMB_LEAST_PX = 120


class HealthPanel(QWidget):
    """Three levels, one at a time, with a breadcrumb between them; each stays as it was left.

    Signals
    -------
    compute_requested, export_requested, dashboard_requested : ()
    open_requested : (code)
    back_requested : ()
    level_requested : (str) of :data:`LEVELS`, by a click in the breadcrumb
    """

    compute_requested = Signal()
    export_requested = Signal()
    dashboard_requested = Signal()
    open_requested = Signal(str)
    back_requested = Signal()
    level_requested = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._opened = self._chosen = ""
        self._level = "board"
        self._view: IndicatorView | None = None
        self.board = IndicatorBoard(appearance)
        self.board.opened.connect(self.open_requested)
        self.page = IndicatorPage(appearance)
        self.object = ObjectPage(appearance)
        self.compute = button(appearance, "health.compute.short", "primary", "calculator")
        self.compute.clicked.connect(self.compute_requested)
        self.dashboard = button(appearance, "health.dashboard.open", "", "squares-four")
        self.dashboard.clicked.connect(self.dashboard_requested)
        self.export = tool(appearance, "download-simple", "health.export", size=17)
        self.export.clicked.connect(self.export_requested)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.hide()
        self.hint = EmptyHint(appearance, "heartbeat", "health.empty")
        foot = row(self.dashboard, self.compute, self.export, margins=(12, 8, 10, 10), gap=6)
        foot.setStretch(0, 1)
        foot.setStretch(1, 1)
        overview = QWidget()
        overview.setLayout(column(self.board, line(), foot, gap=0))
        self._levels = QStackedWidget()
        for piece in (self.hint, overview, self.page, self.object):
            self._levels.addWidget(piece)
        self.setLayout(column(self._build_crumbs(), self.busy, self._levels, gap=0))
        appearance.lang_changed.connect(self._show_level)
        self._show_level()

    def _build_crumbs(self) -> QWidget:
        self.back = tool(self._appearance, "arrow-left", "health.back", size=16)
        self.back.clicked.connect(self.back_requested)
        self.crumbs: dict[str, QPushButton] = {}
        pieces: list[QWidget] = [self.back]
        self._marks: dict[str, QWidget] = {}
        for level in LEVELS:
            if level != LEVELS[0]:
                mark = label("faint")
                mark.setText("›")
                self._marks[level] = mark
                pieces.append(mark)
            press = QPushButton()
            press.setProperty("kind", "link")
            press.clicked.connect(lambda _=False, level=level: self.level_requested.emit(level))
            self.crumbs[level] = press
            pieces.append(press)
        bar = QWidget()
        bar.setLayout(row(*pieces, 1, margins=(6, 6, 8, 2), gap=1))
        self._bar = bar
        return bar

    # --- levels ----------------------------------------------------------------------------------------------------
    @property
    def level(self) -> str:
        """Return the level that is shown, one of :data:`LEVELS`."""
        return self._level

    @property
    def opened(self) -> str:
        """Return the code of the indicator that is open, empty if none."""
        return self._opened

    @property
    def view(self) -> IndicatorView | None:
        """Return the indicator that is open as it is shown."""
        return self._view if self._opened else None

    def show_hint(self, on: bool) -> None:
        """Say what the panel is for, where there is nothing to show."""
        if on:
            self._opened, self._level = "", "board"
        self._is_empty = on
        self._show_level()

    def open(self, view: IndicatorView, tab: str, level: str) -> None:
        """Open an indicator at a tab.

        Parameters
        ----------
        view : IndicatorView
        tab : str
            ``"problems"``, ``"districts"`` or ``"basis"``.
        level : str
            Of its units.
        """
        self._opened, self._level = view.code, "indicator"
        self.show_indicator(view, level)
        self.page.choose_tab(tab)
        self._show_level()

    def show_indicator(self, view: IndicatorView, level: str) -> None:
        """Show what has become of the indicator that is open."""
        self._view = view
        self.page.show_indicator(view, level)

    def open_object(self, view: ObjectView) -> None:
        """Open an object."""
        self.object.show_object(view)
        self._level = "object"
        self._show_level()
        self.object.page.setFocus()

    def show_level(self, level: str) -> None:
        """Go back to a level, which stands as it was left."""
        if level == "board":
            self._opened = ""
        self._level = level
        self._show_level()
        if level == "indicator":
            self.page.focus_content()
        elif level == "board":
            self.board.tiles.setFocus()

    def set_busy(self, busy: bool) -> None:
        """Show that indicators are being computed."""
        self.busy.setVisible(busy)
        self.compute.setEnabled(not busy)

    _is_empty = True

    def _show_level(self) -> None:
        at = LEVELS.index(self._level)
        self._levels.setCurrentIndex(0 if self._is_empty else at + 1)
        self._bar.setVisible(at > 0 and not self._is_empty)
        names = {
            "board": self._appearance.word("health.crumb.board"),
            "indicator": self._view.name if self._view is not None else "",
            "object": self.object.view.title if self.object.view is not None else "",
        }
        room = max((self.width() - CRUMB_LEFT_PX) // max(at, 1), CRUMB_LEAST_PX)
        for level, press in self.crumbs.items():
            metrics = QFontMetrics(press.font())
            press.setText(metrics.elidedText(names[level], Qt.TextElideMode.ElideRight, room).replace("&", "&&"))
            press.setVisible(LEVELS.index(level) <= at)
            press.setEnabled(level != self._level)
        for level, mark in self._marks.items():
            mark.setVisible(LEVELS.index(level) <= at)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Cut the names of the breadcrumb to the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._show_level()

    # --- keys ------------------------------------------------------------------------------------------------------
    def event(self, event: QEvent) -> bool:
        """Keep Esc to itself below the board: it leads back."""
        if self._level != "board" and asks_for(event, Qt.Key.Key_Escape):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Lead back with Esc."""
        if event.key() == Qt.Key.Key_Escape and self._level != "board":
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)

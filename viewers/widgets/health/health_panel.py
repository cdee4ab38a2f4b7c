"""The city's health check: indicators as cards; one that is open shows what fails it, its districts, its basis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QProgressBar,
    QPushButton,
    QStackedLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from models.project.selection import ObjectKey
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import (
    Card,
    EmptyHint,
    Page,
    button,
    caption,
    clear,
    column,
    label,
    line,
    row,
    tool,
)
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.ranked_list import RankedList


@dataclass(frozen=True, slots=True)
class UnitView:
    """One district's value; None is no data."""

    key: ObjectKey | None
    name: str
    value: float | None
    value_text: str
    detail: str
    colour: str


@dataclass(frozen=True, slots=True)
class IndicatorView:
    """One indicator as shown.

    Parameters
    ----------
    code, name : str
    value : float or None
        For the whole city; None is no data or not computed.
    value_text : str
        With its unit; empty when not computed.
    benchmark, benchmark_text : float or None, str
        What it is measured against, as value and as text with its source.
    meets : bool or None
        Whether the benchmark is met.
    formula : str
    scale_max : float
        End of the bars.
    units : tuple of UnitView
    inputs : tuple of (str, str)
        What went in: layer, how many objects.
    problem_count : int
        How many objects make it bad.
    note : str
        Coverage and the like.
    asks_profile : bool
        Whether the class of the city decides over the benchmark and nobody said which it is.
    is_old, is_under_way : bool
        Whether what it read has changed since; whether it is being computed again.
    """

    code: str
    name: str
    value: float | None = None
    value_text: str = ""
    benchmark: float | None = None
    benchmark_text: str = ""
    meets: bool | None = None
    formula: str = ""
    scale_max: float = 100.0
    units: tuple[UnitView, ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()
    problem_count: int = 0
    note: str = ""
    asks_profile: bool = False
    is_old: bool = False
    is_under_way: bool = False


class ValueBar(QWidget):
    """A value on a scale with its benchmark as a tick; hatched where there is no data."""

    def __init__(self, appearance: Appearance, height: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._value: float | None = None
        self._benchmark: float | None = None
        self._scale, self._colour = 1.0, ""
        self.setFixedHeight(height)
        self.setMinimumWidth(50)

    def set_value(self, value: float | None, benchmark: float | None, scale: float, colour: str) -> None:
        """Show a value, None for no data."""
        self._value, self._benchmark, self._scale, self._colour = value, benchmark, max(scale, 1e-9), colour
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0, 1, 0, -1)
        radius = box.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._appearance.colour("line"))
        painter.drawRoundedRect(box, radius, radius)
        if self._value is None:
            painter.setBrush(QBrush(self._appearance.colour("none"), Qt.BrushStyle.BDiagPattern))
            painter.drawRoundedRect(box, radius, radius)
        else:
            painter.setBrush(QColor(self._colour or self._appearance.colours["accent"]))
            share = min(max(self._value / self._scale, 0.0), 1.0)
            painter.drawRoundedRect(
                QRectF(box.left(), box.top(), max(box.width() * share, 3), box.height()), radius, radius
            )
        if self._benchmark is not None:
            at = box.left() + box.width() * min(self._benchmark / self._scale, 1.0)
            painter.setPen(QPen(self._appearance.colour("text"), 1.6))
            painter.drawLine(int(at), 0, int(at), self.height())


class HealthPanel(QWidget):
    """Indicator cards; a click opens one: what fails it as a ranked list, its districts, what it rests on.

    Signals
    -------
    compute_requested : ()
    open_requested : (code)
    focus_requested : (code, ``"problems"`` or ``""`` for the values by district)
    close_requested : ()
    export_requested : ()
    profile_requested : ()
    """

    compute_requested = Signal()
    open_requested = Signal(str)
    focus_requested = Signal(str, str)
    close_requested = Signal()
    export_requested = Signal()
    profile_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._views: list[IndicatorView] = []
        self._chosen = self._opened = ""
        self.page = Page()
        self.compute = button(appearance, "health.compute", "primary", "calculator")
        self.compute.clicked.connect(self.compute_requested)
        self.export = tool(appearance, "download-simple", "health.export", size=17)
        self.export.clicked.connect(self.export_requested)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.hide()
        self.hint = EmptyHint(appearance, "heartbeat", "health.empty")
        foot = row(self.compute, self.export, margins=(12, 8, 10, 10), gap=6)
        foot.setStretch(0, 1)
        body = QWidget()
        body.setLayout(column(self.page, self.busy, line(), foot, gap=0))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(body)
        self._stack.addWidget(self._build_opened(appearance))
        appearance.lang_changed.connect(self._draw)
        appearance.look_changed.connect(self._draw)

    def _build_opened(self, appearance: Appearance) -> QWidget:
        self.back = tool(appearance, "arrow-left", "health.back", size=16)
        self.back.clicked.connect(self.close_requested)
        self.name, self.value = label("strong", wrap=True), label("value")
        self.badge = caption(appearance, "health.badge.old", "pill")
        self.goal = label("small")
        top = row(self.back, self.name, margins=(8, 8, 12, 0), gap=6)
        top.setStretch(1, 1)
        figure = row(self.value, self.badge, 1, self.goal, margins=(14, 2, 14, 6), gap=8)
        self.tabs = QButtonGroup(self)
        self.tabs.setExclusive(True)
        presses: list[QPushButton] = []
        for at, key in enumerate(("health.tab.problems", "health.tab.districts", "health.tab.basis")):
            press = button(appearance, key, "tab")
            press.setCheckable(True)
            self.tabs.addButton(press, at)
            presses.append(press)
        self.tabs.idClicked.connect(self._on_tab_clicked)
        self.problems = RankedList(appearance)
        self.fine = caption(appearance, "health.no_problems", "soft", wrap=True)
        self.fine.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.fine.setContentsMargins(20, 28, 20, 28)
        self.districts, self.basis = Page(), Page()
        self._pages = QStackedWidget()
        for page in (self.problems, self.districts, self.basis, self.fine):
            self._pages.addWidget(page)
        opened = QWidget()
        segments = row(*presses, 1, margins=(10, 0, 10, 0), gap=2)
        opened.setLayout(column(top, figure, segments, line(), self._pages, gap=0))
        return opened

    @property
    def chosen(self) -> str:
        """Return the code of the indicator that colours the city, empty if none."""
        return self._chosen

    @property
    def opened(self) -> str:
        """Return the code of the indicator that is open, empty if none."""
        return self._opened

    @property
    def views(self) -> tuple[IndicatorView, ...]:
        """Return the indicators as they are shown."""
        return tuple(self._views)

    def card(self, code: str) -> Card:
        """Return the card of an indicator."""
        return self._cards[code]

    def set_indicators(self, views: Sequence[IndicatorView], chosen: str) -> None:
        """Show the indicators; ``chosen`` colours the city."""
        self._views, self._chosen = list(views), chosen
        self._draw()

    def open(self, code: str, focus: str) -> None:
        """Open an indicator at its problem objects (``"problems"``) or at its districts."""
        self._opened = code
        at = 0 if focus == "problems" else 1
        self.tabs.button(at).setChecked(True)
        self._draw()
        self._show_tab(at)

    def show_indicators(self) -> None:
        """Go back to the indicators."""
        self._opened = ""
        self._draw()

    def set_busy(self, busy: bool) -> None:
        """Show that indicators are being computed."""
        self.busy.setVisible(busy)
        self.compute.setEnabled(not busy)

    def _on_tab_clicked(self, at: int) -> None:
        self._show_tab(at)
        if at < 2:
            self.focus_requested.emit(self._opened, "problems" if at == 0 else "")

    def _show_tab(self, at: int) -> None:
        view = self._view(self._opened)
        self._pages.setCurrentIndex(3 if at == 0 and view is not None and not view.problem_count else at)

    def _view(self, code: str) -> IndicatorView | None:
        return next((view for view in self._views if view.code == code), None)

    def _draw(self) -> None:
        scroll = self.page.verticalScrollBar().value()
        clear(self.page.column)
        self._cards: dict[str, Card] = {}
        self.export.setEnabled(any(view.value_text for view in self._views))
        for view in self._views:
            self._cards[view.code] = card = self._card(view)
            self.page.column.addWidget(card)
        self.page.column.addStretch(1)
        opened = self._view(self._opened)
        if opened is not None:
            self._draw_opened(opened)
        self._stack.setCurrentIndex(0 if not self._views else 1 if opened is None else 2)
        self.page.verticalScrollBar().setValue(scroll)

    def _draw_opened(self, view: IndicatorView) -> None:
        word = self._appearance.word
        self.name.setText(view.name)
        self.value.setText(view.value_text or "—")
        self.goal.setText(view.benchmark_text)
        self.badge.setVisible(view.is_old or view.is_under_way)
        self.badge.setText(word("health.badge.under_way" if view.is_under_way else "health.badge.old"))
        self.badge.setToolTip(plain_tip(word("health.old")))
        count = f" {view.problem_count:,}" if view.problem_count else ""
        self.tabs.button(0).setText(word("health.tab.problems") + count)
        self._show_tab(max(self.tabs.checkedId(), 0))
        for page, fill in ((self.districts, self._fill_districts), (self.basis, self._fill_basis)):
            clear(page.column)
            fill(page.column, view)
            page.column.addStretch(1)

    def _colour(self, view: IndicatorView) -> str:
        if view.meets is None:
            return self._appearance.colours["accent"]
        return self._appearance.colours["good" if view.meets else "warn"]

    def _card(self, view: IndicatorView) -> Card:
        card = Card()
        card.set_current(view.code == self._chosen)
        name, code, value = label("strong", wrap=True), label("faint"), label("value")
        name.setText(view.name)
        code.setText(view.code)
        value.setText(view.value_text or "—")
        top = row(name, code, gap=8)
        top.setStretch(0, 1)
        top.setAlignment(code, Qt.AlignmentFlag.AlignTop)
        layout = column(top, margins=(12, 9, 12, 10), gap=5)
        benchmark = label("small", wrap=True)
        benchmark.setText(view.benchmark_text)
        benchmark.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
        middle = row(value, *self._marks(view), benchmark, gap=8)
        middle.setStretch(middle.count() - 1, 1)
        layout.addLayout(middle)
        if view.value_text:
            bar = ValueBar(self._appearance)
            bar.set_value(view.value, view.benchmark, view.scale_max, self._colour(view))
            layout.addWidget(bar)
        else:
            layout.addWidget(caption(self._appearance, "health.not_computed", "faint"))
        if view.problem_count:
            count = f"{view.problem_count:,}"
            layout.addWidget(caption(self._appearance, "health.problems", "small", count=count))
        card.setLayout(layout)
        card.setToolTip(plain_tip(self._appearance.word("health.card.tip")))
        card.clicked.connect(lambda: self.open_requested.emit(view.code))
        return card

    def _marks(self, view: IndicatorView) -> list[QWidget]:
        """Return the badge of a value that is out of date, or is being computed again."""
        if not (view.is_old or view.is_under_way):
            return []
        key = "health.badge.under_way" if view.is_under_way else "health.badge.old"
        badge = caption(self._appearance, key, "pill")
        badge.setToolTip(plain_tip(self._appearance.word("health.old")))
        return [badge]

    def _fill_districts(self, layout: QVBoxLayout, view: IndicatorView) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(7)
        grid.setColumnStretch(1, 1)
        for at, unit in enumerate(view.units):
            name, value = label(), label("strong" if unit.value is not None else "faint")
            name.setText(unit.name)
            name.setToolTip(plain_tip(unit.detail))
            value.setText(unit.value_text)
            value.setToolTip(plain_tip(unit.detail))
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            bar = ValueBar(self._appearance)
            bar.setToolTip(plain_tip(unit.detail))
            bar.set_value(unit.value, view.benchmark, view.scale_max, unit.colour)
            grid.addWidget(name, at, 0)
            grid.addWidget(bar, at, 1, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(value, at, 2)
        layout.addLayout(grid)

    def _fill_basis(self, layout: QVBoxLayout, view: IndicatorView) -> None:
        if view.note:
            note = label("small", wrap=True)
            note.setText(view.note)
            layout.addWidget(note)
        if view.asks_profile:
            ask = button(self._appearance, "health.profile.ask", "quiet", "buildings")
            ask.clicked.connect(self.profile_requested)
            layout.addLayout(row(ask, 1))
        if view.formula:
            layout.addWidget(caption(self._appearance, "health.formula", "section"))
            formula = label("small", wrap=True, select=True)
            formula.setText(view.formula)
            layout.addWidget(formula)
        if view.inputs:
            layout.addWidget(caption(self._appearance, "health.inputs", "section"))
            for source, count in view.inputs:
                left, right = label("small", wrap=True), label("faint")
                left.setText(source)
                right.setText(count)
                pair = row(left, right)
                pair.setStretch(0, 1)
                layout.addLayout(pair)

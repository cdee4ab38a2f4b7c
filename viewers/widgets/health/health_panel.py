"""The city's health check: indicators as cards, each with what it rests on and what makes it bad."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QProgressBar, QStackedLayout, QWidget

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
from viewers.widgets.common.rows import rows_item, rows_list


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
class ProblemView:
    """One object that makes the indicator bad, and why."""

    key: ObjectKey
    title: str
    reason: str


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
    problems : tuple of ProblemView
    problem_count : int
        All of them, also those not listed.
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
    problems: tuple[ProblemView, ...] = ()
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
    """Indicator cards above, the chosen indicator's explanation below.

    Signals
    -------
    compute_requested : ()
    theme_requested : (code or "" for no theme)
    go_requested : (ObjectKey)
    export_requested : ()
    profile_requested : ()
    """

    compute_requested = Signal()
    theme_requested = Signal(str)
    go_requested = Signal(object)
    export_requested = Signal()
    profile_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._views: list[IndicatorView] = []
        self._chosen = ""
        self.page = Page()
        self.compute = button(appearance, "health.compute", "primary", "calculator")
        self.compute.clicked.connect(self.compute_requested)
        self.export = tool(appearance, "download-simple", "health.export", size=17)
        self.export.clicked.connect(self.export_requested)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.hide()
        self.problems = rows_list(appearance)
        self.problems.itemClicked.connect(lambda item: self.go_requested.emit(item.data(Qt.ItemDataRole.UserRole)))
        self.problems.itemActivated.connect(lambda item: self.go_requested.emit(item.data(Qt.ItemDataRole.UserRole)))
        self.problems_title = label("strong", wrap=True)
        back = tool(appearance, "arrow-left", "health.back", size=16)
        back.clicked.connect(self.show_indicators)
        listing = QWidget()
        listing_top = row(back, self.problems_title, margins=(8, 8, 12, 6), gap=6)
        listing_top.setStretch(1, 1)
        listing.setLayout(column(listing_top, line(), self.problems, gap=0))
        self.hint = EmptyHint(appearance, "heartbeat", "health.empty")
        foot = row(self.compute, self.export, margins=(12, 8, 10, 10), gap=6)
        foot.setStretch(0, 1)
        body = QWidget()
        body.setLayout(column(self.page, self.busy, line(), foot, gap=0))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(body)
        self._stack.addWidget(listing)
        appearance.lang_changed.connect(self._draw)
        appearance.look_changed.connect(self._draw)

    @property
    def chosen(self) -> str:
        """Return the code of the chosen indicator, empty if none."""
        return self._chosen

    @property
    def views(self) -> tuple[IndicatorView, ...]:
        """Return the indicators as they are shown."""
        return tuple(self._views)

    def set_indicators(self, views: Sequence[IndicatorView], chosen: str) -> None:
        """Show the indicators; ``chosen`` colours the city."""
        self._views, self._chosen = list(views), chosen
        self._draw()

    def show_indicators(self) -> None:
        """Go back to the indicators."""
        self._stack.setCurrentIndex(1)

    def set_busy(self, busy: bool) -> None:
        """Show that indicators are being computed."""
        self.busy.setVisible(busy)
        self.compute.setEnabled(not busy)

    def _draw(self) -> None:
        scroll = self.page.verticalScrollBar().value()
        clear(self.page.column)
        computed = any(view.value_text for view in self._views)
        self.export.setEnabled(computed)
        for view in self._views:
            card = self._card(view)
            self.page.column.addWidget(card)
            if view.code == self._chosen:
                self.page.column.addWidget(self._explanation(view))
        self.page.column.addStretch(1)
        if self._stack.currentIndex() != 2:
            self._stack.setCurrentIndex(1 if self._views else 0)
        self.page.verticalScrollBar().setValue(scroll)

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
        card.setLayout(layout)
        card.setToolTip(plain_tip(self._appearance.word("health.card.tip")))
        card.clicked.connect(lambda: self.theme_requested.emit("" if view.code == self._chosen else view.code))
        return card

    def _marks(self, view: IndicatorView) -> list[QWidget]:
        """Return the badge of a value that is out of date, or is being computed again."""
        if not (view.is_old or view.is_under_way):
            return []
        key = "health.badge.under_way" if view.is_under_way else "health.badge.old"
        badge = caption(self._appearance, key, "pill")
        badge.setToolTip(plain_tip(self._appearance.word("health.old")))
        return [badge]

    def _explanation(self, view: IndicatorView) -> QWidget:
        body = QWidget()
        layout = column(margins=(4, 0, 4, 10), gap=6)
        body.setLayout(layout)
        if view.note:
            note = label("small", wrap=True)
            note.setText(view.note)
            layout.addWidget(note)
        if view.asks_profile:
            ask = button(self._appearance, "health.profile.ask", "quiet", "buildings")
            ask.clicked.connect(self.profile_requested)
            layout.addLayout(row(ask, 1))
        if view.problem_count:
            count = f"{view.problem_count:,}"
            press = button(self._appearance, "health.problems", "quiet", "warning-circle", count=count)
            press.clicked.connect(lambda: self._list_problems(view))
            layout.addLayout(row(press, 1))
        if view.units:
            layout.addWidget(caption(self._appearance, "health.by_district", "section"))
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
        return body

    def _list_problems(self, view: IndicatorView) -> None:
        listed, total = len(view.problems), view.problem_count
        key = "health.problems.title" if listed == total else "health.problems.title_some"
        self._appearance.say(self.problems_title.setText, key, name=view.name, count=f"{total:,}", listed=f"{listed:,}")
        self.problems.clear()
        for problem in view.problems:
            icon = self._appearance.icon("warning-circle", "warn")
            self.problems.addItem(rows_item(icon, problem.title, problem.reason, problem.key))
        self._stack.setCurrentIndex(2)

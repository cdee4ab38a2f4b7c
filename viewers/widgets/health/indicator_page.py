"""One indicator: its figure with the numbers in it, what makes it bad, its units, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import (
    Page,
    button,
    caption,
    clear,
    column,
    label,
    line,
    restyle,
    row,
)
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.ranked_list import RankedList
from viewers.widgets.health.mending_bar import MendingBar
from viewers.widgets.health.unit_list import UnitList, UnitView

#: The name of a reading has so much room beside its value, pixels.
READING_PX = 340
TABS = ("problems", "districts", "basis")


@dataclass(frozen=True, slots=True)
class ReadingView:
    """One reading of the standard, and the city's value by it; empty while it is worked out."""

    id: str
    name: str
    value_text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class IndicatorView:
    """One indicator as shown.

    Parameters
    ----------
    code, number, name : str
    value : float or None
        For the whole city; None is no data or not there.
    value_text : str
        With its unit; empty where there is none.
    verdict, tint : str
        How it stands, in words and as the name of a colour of the theme.
    benchmark, benchmark_text : float or None, str
        What it is measured against, as value and as text.
    equation : str
        The formula with the city's numbers in it.
    standing : str
        Against last year, coverage, where it comes from.
    scale_max : float
        End of the bars; 0 for a little more than the highest value.
    is_rising : bool
        Whether more is better.
    units, estates : tuple of UnitView
    readings : tuple of ReadingView
        Empty where the standard has only one.
    basis : tuple of (str, tuple of (str, str))
        Headings, each with rows of a name and a value (which may be empty).
    problem_count : int
        How many objects make it bad.
    note : str
        Why there is no data, and the like.
    asks_profile : bool
        Whether the class of the city decides over the benchmark and nobody said which it is.
    is_old, is_under_way : bool
        Whether what it read has changed since; whether it is being computed again.
    """

    code: str
    number: str
    name: str
    value: float | None = None
    value_text: str = ""
    verdict: str = ""
    tint: str = "none"
    benchmark: float | None = None
    benchmark_text: str = ""
    equation: str = ""
    standing: str = ""
    scale_max: float = 100.0
    is_rising: bool = True
    units: tuple[UnitView, ...] = ()
    estates: tuple[UnitView, ...] = ()
    readings: tuple[ReadingView, ...] = ()
    basis: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    problem_count: int = 0
    note: str = ""
    asks_profile: bool = False
    is_old: bool = False
    is_under_way: bool = False
    offers: frozenset[str] = field(default_factory=frozenset)


class IndicatorPage(QWidget):
    """An indicator that is open.

    Signals
    -------
    tab_chosen : (str) of :data:`TABS`
    level_changed : (str) ``""`` or ``"estates"``
    unit_chosen : (UnitView)
    reading_chosen : (str)
    colour_requested, definition_requested, value_requested, scenario_requested : ()
    profile_requested, list_requested : ()
    object_requested : (ObjectKey) Enter, or a double click, on a row of the list
    """

    tab_chosen = Signal(str)
    level_changed = Signal(str)
    unit_chosen = Signal(object)
    reading_chosen = Signal(str)
    colour_requested = Signal()
    definition_requested = Signal()
    value_requested = Signal()
    scenario_requested = Signal()
    profile_requested = Signal()
    list_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._view = IndicatorView("", "", "")
        self._unit: UnitView | None = None
        self.setLayout(column(self._build_head(), self._build_tabs(), line(), self._build_pages(), gap=0))

    # --- parts -----------------------------------------------------------------------------------------------------
    def _build_head(self) -> QWidget:
        appearance = self._appearance
        self.name, self.value = label("strong", wrap=True), label("value")
        self.verdict, self.goal = label("strong"), label("small")
        self.badge = caption(appearance, "health.badge.old", "pill")
        self.equation = label("small", wrap=True, select=True)
        self.standing = label("faint", wrap=True)
        self._readings: QVBoxLayout = column(gap=2)
        self.colour = self._act("palette", "health.page.colour", self.colour_requested)
        self.definition = self._act("book-open", "health.page.definition", self.definition_requested)
        self.enter = self._act("pencil-simple", "health.page.enter", self.value_requested)
        self.scenario = self._act("flask", "health.page.scenario", self.scenario_requested)
        self.list = self._act("flag", "health.page.list", self.list_requested)
        self.ways = row(self.colour, self.definition, self.enter, self.scenario, self.list, 1, gap=2)
        figure = row(self.value, self.verdict, self.badge, 1, self.goal, gap=8)
        for piece in (self.verdict, self.goal):
            figure.setAlignment(piece, Qt.AlignmentFlag.AlignBottom)
        told = column(self.name, figure, self.equation, self.standing, margins=(14, 2, 12, 0), gap=3)
        head = QWidget()
        head.setLayout(column(told, self._readings, self.ways, gap=3))
        for layout in (self._readings, self.ways):  # their words stand below those above
            layout.setContentsMargins(8, 0, 8, 2)
        return head

    def _act(self, icon: str, key: str, asked: object) -> QPushButton:
        press = button(self._appearance, key, "link", icon)
        press.clicked.connect(asked)
        return press

    def _build_tabs(self) -> QHBoxLayout:
        self.tabs = QButtonGroup(self)
        self.tabs.setExclusive(True)
        presses: list[QPushButton] = []
        for at, name in enumerate(TABS):
            press = button(self._appearance, f"health.tab.{name}", "tab")
            press.setCheckable(True)
            self.tabs.addButton(press, at)
            presses.append(press)
        presses[0].setChecked(True)
        self.tabs.idClicked.connect(self._on_tab_clicked)
        return row(*presses, 1, margins=(10, 0, 10, 0), gap=2)

    def _build_pages(self) -> QWidget:
        appearance = self._appearance
        self.problems = RankedList(appearance)
        self.mending = MendingBar(appearance)
        failing = QWidget()
        failing.setLayout(column(self.mending, line(), self.problems, gap=0))
        self.fine = caption(appearance, "health.no_problems", "soft", wrap=True)
        self.fine.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.fine.setContentsMargins(20, 28, 20, 28)
        self.units = UnitList(appearance)
        self.units.level_changed.connect(self.level_changed)
        self.units.chosen.connect(self._on_unit)
        self.basis = Page()
        self._pages = QStackedWidget()
        for page in (failing, self.units, self.basis, self.fine):
            self._pages.addWidget(page)
        return self._pages

    # --- what the window shows -------------------------------------------------------------------------------------
    def show_indicator(self, view: IndicatorView, level: str) -> None:
        """Show an indicator, or what has become of it.

        Parameters
        ----------
        view : IndicatorView
        level : str
            Of its units: ``""`` for sub-districts, ``"estates"``.
        """
        word, is_other = self._appearance.word, view.code != self._view.code
        same_units = (view.units, view.estates) == (self._view.units, self._view.estates)
        self._view = view
        if is_other:
            self._unit = None
        self.name.setText(f"{view.number}  {view.name}".strip())
        self.value.setText(view.value_text or "—")
        self.verdict.setText(view.verdict)
        restyle(self.verdict, "role", {"good": "good", "warn": "warn", "none": "faint"}.get(view.tint, "small"))
        self.goal.setText(view.benchmark_text)
        self.badge.setVisible(view.is_old or view.is_under_way)
        self.badge.setText(word("health.badge.under_way" if view.is_under_way else "health.badge.old"))
        self.badge.setToolTip(plain_tip(word("health.old")))
        self.standing.setText(view.standing)
        self.standing.setVisible(bool(view.standing))
        self._say_equation()
        self._show_readings(view.readings)
        self.definition.setVisible("definition" in view.offers)
        self.enter.setVisible("enter" in view.offers)
        self.scenario.setVisible("scenario" in view.offers)
        self.list.setVisible("list" in view.offers and bool(view.problem_count))
        self.colour.setVisible(view.value is not None or bool(view.units))
        count = f" {view.problem_count:,}" if view.problem_count else ""
        self.tabs.button(0).setText(word("health.tab.problems") + count)
        if is_other or not same_units:
            levels = {"": view.units, "estates": view.estates}
            self.units.show_levels(levels, level, view.scale_max, view.benchmark, is_rising=view.is_rising)
        self.fine.setText(view.note or word("health.no_problems"))
        clear(self.basis.column)
        self._fill_basis(self.basis.column, view)
        self.basis.column.addStretch(1)
        self._show_tab(max(self.tabs.checkedId(), 0))

    @property
    def tab(self) -> str:
        """Return the tab that is open, one of :data:`TABS`."""
        return TABS[max(self.tabs.checkedId(), 0)]

    def choose_tab(self, name: str) -> None:
        """Open a tab."""
        self.tabs.button(TABS.index(name)).setChecked(True)
        self._show_tab(TABS.index(name))

    def focus_content(self) -> None:
        """Let the keys go to what the open tab shows."""
        views = {"problems": self.problems.view, "districts": self.units.view, "basis": self.basis}
        views[self.tab].setFocus()

    def _on_tab_clicked(self, at: int) -> None:
        self._show_tab(at)
        self.tab_chosen.emit(TABS[at])

    def _show_tab(self, at: int) -> None:
        self._pages.setCurrentIndex(3 if at == 0 and not self._view.problem_count else at)

    def _on_unit(self, unit: UnitView) -> None:
        self._unit = unit
        self._say_equation()
        self.unit_chosen.emit(unit)

    def _say_equation(self) -> None:
        """Write the formula with the numbers of the city, or of the unit that is chosen."""
        unit = self._unit
        text = self._view.equation if unit is None else f"{unit.name}  {unit.equation or unit.detail}"
        self.equation.setText(text)
        self.equation.setVisible(bool(text))

    def _show_readings(self, readings: tuple[ReadingView, ...]) -> None:
        clear(self._readings)
        if len(readings) < 2:
            return
        for one in readings:
            press = QPushButton()
            press.setProperty("kind", "segment")
            press.setCheckable(True)
            press.setChecked(one.is_chosen)
            font = QFont(self.font())
            font.setBold(True)  # the chosen one is; Qt asks how wide it is before it knows
            metrics = QFontMetrics(font)
            room = READING_PX - metrics.horizontalAdvance(one.value_text)
            name = metrics.elidedText(visible_text(one.name), Qt.TextElideMode.ElideRight, room)
            text = f"{one.value_text}  {name}".strip()
            press.setText(text.replace("&", "&&"))
            press.setMinimumWidth(metrics.horizontalAdvance(text) + 26)
            press.setToolTip(plain_tip(f"{one.name}\n{self._appearance.word('health.page.reading.tip')}"))
            press.clicked.connect(lambda _=False, id_=one.id: self.reading_chosen.emit(id_))
            self._readings.addLayout(row(press, 1))

    def _fill_basis(self, layout: QVBoxLayout, view: IndicatorView) -> None:
        if view.note:
            note = label("small", wrap=True)
            note.setText(view.note)
            layout.addWidget(note)
        if view.asks_profile:
            ask = button(self._appearance, "health.profile.ask", "quiet", "buildings")
            ask.clicked.connect(self.profile_requested)
            layout.addLayout(row(ask, 1))
        for title, rows in view.basis:
            head = label("section")
            head.setText(title)
            layout.addWidget(head)
            for name, told in rows:
                left, right = label("small", wrap=True, select=True), label("faint")
                left.setText(name)
                right.setText(told)
                pair = row(left, right)
                pair.setStretch(0, 1)
                pair.setAlignment(right, Qt.AlignmentFlag.AlignTop)
                layout.addLayout(pair)

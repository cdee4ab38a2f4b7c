"""The panel of alarms: what needs somebody now, by severity and age; and the rules that raise it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from resources.visible_text import visible_text
from viewers.widgets.alarms.rules_page import RulesPage
from viewers.widgets.alarms.severity_marks import severity_mark
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, column, label, line, row, tool
from viewers.widgets.common.menus import Entry, menu_of
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.common.ranked_list import RankedList

#: Rows of activations that are shown of one alarm.
MOST_ACTIVATIONS = 200
#: How long an alarm can be silenced by one click: word, hours; None until it clears.
SILENCES: Sequence[tuple[str, float | None]] = (("1h", 1.0), ("8h", 8.0), ("24h", 24.0), ("clears", None))


@dataclass(frozen=True, slots=True)
class ActivationView:
    """One activation as it is shown: severity at its gravest, start, end (empty while it lasts), peak, its course."""

    severity: str
    start: str
    end: str
    peak: str
    course: str


class AlarmsPanel(QWidget):
    """Alarms and rules.

    Signals
    -------
    filtered : () another severity, type or state is wanted
    chosen : () other rows are chosen
    acknowledge_requested : ()
    silence_requested : (hours or None until it clears; −1 to hear it again)
    case_requested, chart_requested, live_requested, replay_requested : ()
    """

    filtered = Signal()
    chosen = Signal()
    acknowledge_requested = Signal()
    silence_requested = Signal(object)
    case_requested = Signal()
    chart_requested = Signal()
    live_requested = Signal()
    replay_requested = Signal()

    def __init__(self, appearance: Appearance, severities: Sequence[str]) -> None:
        super().__init__()
        self._appearance = appearance
        self.counts: dict[str, QPushButton] = {}
        self.tabs = QTabBar()
        self.tabs.setExpanding(True)
        self.tabs.setDrawBase(False)
        for name in ("list", "rules"):
            self.tabs.addTab("")
            self.tabs.setTabData(self.tabs.count() - 1, name)
        self.rules = RulesPage(appearance)
        self.list = RankedList(appearance)
        self.list.rows_changed.connect(self.chosen)
        body = self._make_list(severities)
        self.pages = QStackedWidget()
        for page in (body, self.rules):
            self.pages.addWidget(page)
        self.setLayout(column(self.tabs, line(), self.pages, gap=0))
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        appearance.lang_changed.connect(self._say)
        self._say()
        self.show_activations("", ())

    def _make_list(self, severities: Sequence[str]) -> QWidget:
        appearance = self._appearance
        self.moment = label("small", wrap=True)
        self.live = button(appearance, "alarms.back_live", "quiet")
        self.live.clicked.connect(self.live_requested)
        self.replay = tool(appearance, "clock-counter-clockwise", "alarms.replay", size=16)
        self.replay.clicked.connect(self.replay_requested)
        at = row(self.moment, self.live, self.replay, margins=(14, 8, 10, 0), gap=6)
        at.setStretch(0, 1)
        chips = []
        for severity in severities:
            chip = button(appearance, "alarms.count", "segment", count=0)
            chip.setCheckable(True)
            chip.setIcon(QIcon(severity_mark(severity)))
            chip.clicked.connect(lambda _=False: self.filtered.emit())
            self.counts[severity] = chip
            chips.append(chip)
        heads = row(*chips, 1, margins=(12, 6, 12, 0), gap=4)
        self.type, self.state = PlainCombo(), PlainCombo()
        for combo, name in ((self.type, "alarms.type"), (self.state, "alarms.state")):
            appearance.say(combo.setAccessibleName, name)
            combo.setMinimumContentsLength(5)
            combo.setSizeAdjustPolicy(PlainCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.activated.connect(lambda _: self.filtered.emit())
        choice = row(self.type, self.state, margins=(10, 6, 10, 0), gap=6)
        choice.setStretch(0, 3)
        choice.setStretch(1, 2)
        self.acknowledge = button(appearance, "alarms.acknowledge", "primary", "check")
        self.acknowledge.clicked.connect(self.acknowledge_requested)
        self.silence = button(appearance, "alarms.silence", "", "bell-slash")
        self.silence.clicked.connect(self._open_silences)
        self.chart = tool(appearance, "chart-line", "alarms.chart")
        self.chart.clicked.connect(self.chart_requested)
        self.case = tool(appearance, "clipboard-text", "alarms.make_case")
        self.case.clicked.connect(self.case_requested)
        acts = row(self.acknowledge, self.silence, 1, self.chart, self.case, margins=(12, 8, 10, 8), gap=6)
        self.about = label("strong", wrap=True)
        self.about.setContentsMargins(14, 6, 12, 2)
        self.activations = QTreeWidget()
        self.activations.setRootIsDecorated(False)
        self.activations.setUniformRowHeights(True)
        self.activations.setColumnCount(4)
        self.activations.setFixedHeight(104)
        self.activations.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.activations.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.activations.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        body = QWidget()
        stack = column(at, heads, choice, self.list, line(), self.about, self.activations, line(), acts, gap=0)
        stack.setStretch(3, 1)
        body.setLayout(stack)
        return body

    # --- what the window shows -----------------------------------------------------------------------------------
    def set_moment(self, text: str, *, is_live: bool) -> None:
        """Say of which moment the list is, and offer to come back where it is not now."""
        self.moment.setText(text)
        self.live.setVisible(not is_live)

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Show how many alarms there are by severity; one that has none is shown where it is common."""
        for at, (severity, chip) in enumerate(self.counts.items()):
            count = counts.get(severity, 0)
            chip.setText(f"{count:,}")
            chip.setVisible(bool(count) or at < 3)

    def set_can(self, *, acknowledge: bool, silence: bool, case: bool, chart: bool) -> None:
        """Show what can be done with what is chosen."""
        self.acknowledge.setEnabled(acknowledge)
        self.silence.setEnabled(silence)
        self.case.setEnabled(case)
        self.chart.setEnabled(chart)

    def show_activations(self, title: str, views: Sequence[ActivationView]) -> None:
        """Show when one alarm was active; without a title nothing."""
        self.about.setText(title)
        self.about.setVisible(bool(title))
        self.activations.setVisible(bool(title))
        self.activations.clear()
        for one in views[:MOST_ACTIVATIONS]:
            item = QTreeWidgetItem([visible_text(text) for text in (one.start, one.end, one.peak, one.course)])
            item.setIcon(0, QIcon(severity_mark(one.severity, 15)))
            self.activations.addTopLevelItem(item)

    @property
    def severities(self) -> frozenset[str]:
        """Return the severities that are wanted, none for all."""
        return frozenset(name for name, chip in self.counts.items() if chip.isChecked())

    def silence_menu(self) -> QMenu:
        """Return the menu of silences."""

        def silenced(hours: float | None) -> Callable[[], None]:
            return lambda: self.silence_requested.emit(hours)

        entries: list[Entry | None] = [Entry(f"alarms.silence.{name}", silenced(hours)) for name, hours in SILENCES]
        entries += [None, Entry("alarms.silence.again", silenced(-1.0), "bell")]
        return menu_of(self._appearance, self, entries)

    def _open_silences(self) -> None:
        menu = self.silence_menu()
        menu.exec(self.silence.mapToGlobal(self.silence.rect().bottomLeft()))
        menu.deleteLater()

    def _say(self) -> None:
        word = self._appearance.word
        for at, name in enumerate(("alarms.tab.list", "alarms.tab.rules")):
            self.tabs.setTabText(at, word(name))
        self.activations.setHeaderLabels([word(f"alarms.head.{name}") for name in ("start", "end", "peak", "course")])

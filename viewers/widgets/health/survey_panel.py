"""The residents' questionnaire: quotas with traffic lights, satisfaction as bars by question and by community."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QBrush, QPen
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, Page, button, clear, column, label, line, restyle, row
from viewers.widgets.common.plain import PlainCombo, plain_tip
from viewers.widgets.common.rows import DETAIL, Index, RowDelegate, RowPainter

#: Tint of a quota by its state.
TINTS = {"met": "good", "not_met": "bad", "unknown": "none", "told": "none"}
_FIGURES = Qt.ItemDataRole.UserRole + 30


@dataclass(frozen=True, slots=True)
class QuotaView:
    """One quota: name, what the sample has, what it should have, state, what is missing, more in a tip."""

    name: str
    found: str
    wanted: str
    state: str
    missing: str
    tip: str = ""


@dataclass(frozen=True, slots=True)
class BarView:
    """One bar: a mean of 0…100 with its interval; None is no data, and the text says why."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    text: str
    detail: str


@dataclass(frozen=True, slots=True)
class SurveyView:
    """All that the panel shows.

    Parameters
    ----------
    status : str
        How many answers there are.
    quotas : tuple of QuotaView
    questions, units : tuple of BarView
    places, asked : tuple of (str, str)
        Code and name: the places that can be chosen, the questions.
    """

    status: str = ""
    quotas: tuple[QuotaView, ...] = ()
    questions: tuple[BarView, ...] = ()
    units: tuple[BarView, ...] = ()
    places: tuple[tuple[str, str], ...] = ()
    asked: tuple[tuple[str, str], ...] = ()


class BarDelegate(RowDelegate):
    """Draws a name, a mean and below them its bar with the interval."""

    def height_of(self, index: Index) -> int:
        """Return how high a row is, pixels."""
        return 42

    def draw(self, row: RowPainter, index: Index) -> None:
        """Draw what a row holds."""
        value, low, high = index.data(_FIGURES)
        box, text = row.box, str(index.data(DETAIL))
        width = row.width_of(text, "body", bold=value is not None)
        top = QRect(box.left() + 14, box.top() + 4, box.width() - width - 40, 20)
        row.text(top, str(index.data()))
        right = QRect(box.right() - width - 14, top.top(), width + 2, 20)
        row.text(right, text, tint="text" if value is not None else "text_faint", bold=value is not None)
        track = QRectF(box.left() + 14, box.top() + 28, box.width() - 28, 6)
        painter = row.painter
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.appearance.colour("line"))
        painter.drawRoundedRect(track, 3, 3)
        if value is None:
            painter.setBrush(QBrush(self.appearance.colour("none"), Qt.BrushStyle.BDiagPattern))
            painter.drawRoundedRect(track, 3, 3)
            return
        painter.setBrush(self.appearance.colour("warn" if value < 60 else "accent"))
        painter.drawRoundedRect(QRectF(track.left(), track.top(), track.width() * value / 100, 6), 3, 3)
        if low is not None and high is not None:
            painter.setPen(QPen(self.appearance.colour("text"), 1.4))
            middle = track.center().y()
            left, end = (track.left() + track.width() * one / 100 for one in (low, high))
            painter.drawLine(round(left), round(middle), round(end), round(middle))
            for at in (left, end):
                painter.drawLine(round(at), round(middle - 4), round(at), round(middle + 4))


class SurveyPanel(QWidget):
    """Quotas and satisfaction.

    Signals
    -------
    import_requested : ()
    asked : (unit, question, whether weighted)
    """

    import_requested = Signal()
    asked = Signal(str, str, bool)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._view = SurveyView()
        self.tabs = QButtonGroup(self)
        self.tabs.setExclusive(True)
        presses: list[QPushButton] = []
        for at, key in enumerate(("survey.tab.quotas", "survey.tab.questions", "survey.tab.units")):
            press = button(appearance, key, "tab")
            press.setCheckable(True)
            self.tabs.addButton(press, at)
            presses.append(press)
        presses[0].setChecked(True)
        self.status = label("strong", wrap=True)
        self.place, self.question = PlainCombo(), PlainCombo()
        appearance.say(self.place.setAccessibleName, "survey.place")
        appearance.say(self.question.setAccessibleName, "survey.question")
        self.weighted = QCheckBox()
        appearance.say(self.weighted.setText, "survey.weighted")
        appearance.say(self.weighted.setToolTip, "survey.weighted.tip")
        self.quotas, self.by_question, self.by_unit = Page(), self._bars(), self._bars()
        self._pages = QStackedWidget()
        for page in (self.quotas, self.by_question, self.by_unit):
            self._pages.addWidget(page)
        self.tabs.idClicked.connect(self._show_tab)
        for box in (self.place, self.question):
            box.activated.connect(self._ask)
        self.weighted.toggled.connect(self._ask)
        self.hint = EmptyHint(appearance, "chats", "survey.empty")
        self.load = button(appearance, "survey.import", "primary", "upload-simple")
        self.load.clicked.connect(self.import_requested)
        head = column(self.status, margins=(14, 8, 12, 4), gap=2)
        self._choice = QWidget()
        choice = row(self.place, self.question, self.weighted, margins=(12, 2, 12, 6), gap=8)
        choice.setStretch(0, 1)
        choice.setStretch(1, 1)
        self._choice.setLayout(choice)
        foot = row(self.load, margins=(12, 8, 12, 10))
        foot.setStretch(0, 1)
        segments = row(*presses, 1, margins=(10, 6, 10, 0), gap=2)
        self.setLayout(column(segments, line(), head, self._choice, self.hint, self._pages, line(), foot, gap=0))
        appearance.look_changed.connect(self._draw)
        self.show_survey(self._view)

    def show_survey(self, view: SurveyView) -> None:
        """Show quotas and satisfaction."""
        self._view = view
        for box, rows in ((self.place, view.places), (self.question, view.asked)):
            with QSignalBlocker(box):
                box.offer(rows)
        self._draw()

    def _bars(self) -> QListWidget:
        made = QListWidget()
        made.setItemDelegate(BarDelegate(self._appearance, made))
        made.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return made

    def _show_tab(self, at: int) -> None:
        self._pages.setCurrentIndex(at)
        self._choice.setVisible(at > 0 and bool(self._view.quotas))
        self.place.setVisible(at == 1)
        self.question.setVisible(at == 2)

    def _ask(self, *_: object) -> None:
        place, question = self.place.currentData() or "", self.question.currentData() or ""
        self.asked.emit(str(place), str(question), self.weighted.isChecked())

    def _draw(self) -> None:
        view = self._view
        is_there = bool(view.quotas)
        self.hint.setVisible(not is_there)
        self._pages.setVisible(is_there)
        self.status.setVisible(is_there)
        self.status.setText(view.status)
        restyle(self.load, "kind", "" if is_there else "primary")
        clear(self.quotas.column)
        self.quotas.column.addLayout(self._quota_grid(view.quotas))
        self.quotas.column.addStretch(1)
        for bars, rows in ((self.by_question, view.questions), (self.by_unit, view.units)):
            self._fill(bars, rows)
        self._show_tab(max(self.tabs.checkedId(), 0))

    def _quota_grid(self, rows: Sequence[QuotaView]) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for at, one in enumerate(rows):
            dot, name, found, wanted = label(), label(wrap=True), label("strong"), label("small")
            dot.setPixmap(self._appearance.icon("circle-fill", TINTS[one.state]).pixmap(11, 11))
            name.setText(one.name)
            found.setText(one.found)
            wanted.setText(one.wanted)
            found.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            wanted.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for place, item in enumerate((dot, name, found, wanted)):
                item.setToolTip(plain_tip(one.tip))
                grid.addWidget(item, 2 * at, place)
            if one.missing:
                missing = label("small", wrap=True)
                missing.setText(one.missing)
                missing.setToolTip(plain_tip(one.tip))
                grid.addWidget(missing, 2 * at + 1, 1, 1, 3)
            grid.setRowMinimumHeight(2 * at, 24)
        return grid

    @staticmethod
    def _fill(bars: QListWidget, rows: Sequence[BarView]) -> None:
        scroll = bars.verticalScrollBar().value()
        bars.clear()
        for one in rows:
            item = QListWidgetItem(one.name)
            item.setData(DETAIL, one.text)
            item.setData(_FIGURES, (one.value, one.low, one.high))
            item.setToolTip(plain_tip(one.detail))
            bars.addItem(item)
        bars.verticalScrollBar().setValue(scroll)

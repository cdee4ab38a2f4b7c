"""Judging below the map: the grade of each dimension and in all, and a table in which a person decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QMenu, QPushButton, QScrollArea, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, clear, column, label, line, row, tool
from viewers.widgets.common.plain import PlainCombo, plain_tip
from viewers.widgets.health.list_table import ListTable, TableColumn, TableRows

CARD_PX = 114


@dataclass(frozen=True, slots=True)
class OverallView:
    """The grade of one dimension, or in all.

    Parameters
    ----------
    scope : str
    title : str
    grade : str
        As it is written: decided, worked out, or why there is none.
    detail : str
        Counts and what has no grade.
    tint : str
        Colour of the grade.
    is_decided : bool
        Whether a person chose it.
    asks : bool
        Whether a person has to choose: the hole of the table.
    tip : str
    """

    scope: str
    title: str
    grade: str
    detail: str
    tint: str
    is_decided: bool
    asks: bool
    tip: str


class JudgingPanel(QWidget):
    """Grades in all above, the indicators below.

    Signals
    -------
    list_requested : () another dimension is to be shown
    overall_requested : (scope, grade) a person chooses; an empty grade takes it back
    """

    list_requested = Signal()
    overall_requested = Signal(str, str)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.cards: dict[str, QPushButton] = {}
        self._strip = row(caption(appearance, "judging.working", "soft"), 1, margins=(10, 8, 10, 6), gap=6)
        body = QWidget()
        body.setLayout(self._strip)
        self.strip = QScrollArea()
        self.strip.setWidget(body)
        self.strip.setWidgetResizable(True)
        self.strip.setFrameShape(QScrollArea.Shape.NoFrame)
        self.strip.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.strip.setFixedHeight(96)
        self.person = QLineEdit()
        self.person.setFixedWidth(110)
        appearance.say(self.person.setPlaceholderText, "judging.person")
        self.dimension = PlainCombo()
        self.dimension.setSizeAdjustPolicy(PlainCombo.SizeAdjustPolicy.AdjustToContents)
        appearance.say(self.dimension.setAccessibleName, "lists.dimension")
        self.dimension.activated.connect(lambda _: self.list_requested.emit())
        self.only = PlainCombo()
        self.only.setSizeAdjustPolicy(PlainCombo.SizeAdjustPolicy.AdjustToContents)
        appearance.say(self.only.setAccessibleName, "judging.column.proposed")
        self.only.activated.connect(lambda _: self._filter())
        self.table = ListTable(appearance, "judging.empty")
        self.about = tool(appearance, "info", "judging.own_rule", size=16)
        self.total = label("small")
        fields = (self.person, self.dimension, self.only, self.table.search, self.about)
        filters = row(*fields, margins=(12, 2, 8, 6), gap=6)
        filters.setStretch(3, 1)
        self.setLayout(
            column(self.strip, filters, line(), self.table, line(), row(self.total, 1, margins=(12, 4, 12, 5)), gap=0)
        )
        self.setMinimumHeight(200)

    @property
    def chosen_dimension(self) -> str:
        """Return the id of the dimension that is shown, empty for all."""
        return str(self.dimension.currentData() or "")

    def set_dimensions(self, named: Sequence[tuple[str, str]]) -> None:
        """Offer dimensions: id and name."""
        self.dimension.offer([("", self._appearance.word("lists.all_dimensions")), *named])

    def show_overall(self, views: Sequence[OverallView], grades: Sequence[tuple[str, str]]) -> None:
        """Show the grades in all.

        Parameters
        ----------
        views : sequence of OverallView
        grades : sequence of (str, str)
            What a person can choose: id and word.
        """
        clear(self._strip)
        self.cards.clear()
        for view in views:
            self._strip.addWidget(self._card(view, grades))
        self._strip.addStretch(1)

    def _card(self, view: OverallView, grades: Sequence[tuple[str, str]]) -> QWidget:
        card = QFrame()
        card.setProperty("role", "card")
        card.setFixedWidth(CARD_PX)
        title, detail = label("small"), label("faint")
        title.setText(view.title)
        grade = QPushButton()
        grade.setProperty("kind", "grade")
        grade.setText(view.grade.replace("&", "&&"))
        grade.setToolTip(plain_tip(view.tip))
        colour = self._appearance.colour(view.tint).name()
        grade.setStyleSheet(f"color: {colour};")
        menu = QMenu(grade)
        for name, text in grades:
            menu.addAction(text, partial(self.overall_requested.emit, view.scope, name))
        if view.is_decided:
            menu.addSeparator()
            back = self._appearance.word("judging.take_back")
            menu.addAction(back, partial(self.overall_requested.emit, view.scope, ""))
        grade.setMenu(menu)
        detail.setText(view.detail)
        card.setToolTip(plain_tip(view.tip))
        card.setLayout(column(title, grade, detail, margins=(9, 6, 6, 6), gap=1))
        self.cards[view.scope] = grade
        return card

    def show_rows(self, held: TableRows, columns: Sequence[TableColumn], total: str, proposed: Sequence[str]) -> None:
        """Show the indicators."""
        self.only.offer([("", self._appearance.word("judging.all_grades")), *((text, text) for text in proposed)])
        self.table.show_rows(held, columns)
        self._filter()
        self.total.setText(total)

    def _filter(self) -> None:
        self.table.filter_by({"proposed": str(self.only.currentData() or "")})

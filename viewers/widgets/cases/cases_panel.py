"""The panel of cases: the list, the card of one, a new one, the board of rates."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QListWidgetItem, QStackedLayout, QWidget

from viewers.widgets.cases.case_card import CaseCard
from viewers.widgets.cases.case_views import CardView, RateView, RowView
from viewers.widgets.common.appearance import Appearance, chip
from viewers.widgets.common.controls import EmptyHint, Page, button, caption, clear, column, label, line, row, tool
from viewers.widgets.common.plain import PlainCombo, plain_tip
from viewers.widgets.common.rows import rows_item, rows_list

LIST, CARD, NEW, RATES = range(4)


class CasesPanel(QWidget):
    """Cases of the project.

    Signals
    -------
    filter_changed : () what is searched for, or the state that is wanted
    case_requested : (str) show one by its number
    new_requested, rates_requested, list_requested, export_requested, export_rates_requested : ()
    file_requested : (str what, str address, str class code, bool urgent)
    drill_requested : (str rate, str group) the cases behind a rate
    denominator_requested : (str rate, str count, str document, str clause)
    """

    filter_changed = Signal()
    case_requested = Signal(str)
    new_requested = Signal()
    rates_requested = Signal()
    list_requested = Signal()
    export_requested = Signal()
    export_rates_requested = Signal()
    file_requested = Signal(str, str, str, bool)
    drill_requested = Signal(str, str)
    denominator_requested = Signal(str, str, str, str)

    def __init__(self, appearance: Appearance, states: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._states = tuple(states)
        self.card = CaseCard(appearance)
        self.card.back_requested.connect(self.list_requested)
        self._stack = QStackedLayout(self)
        for page in (self._list_page(), self.card, self._new_page(), self._rates_page()):
            self._stack.addWidget(page)

    # --- the list -----------------------------------------------------------------------------------------------------
    def _list_page(self) -> QWidget:
        self.search, self.state = QLineEdit(), PlainCombo()
        self._appearance.say(self.search.setPlaceholderText, "cases.search")
        self._appearance.say(self.search.setAccessibleName, "cases.search")
        self._appearance.say(self.state.setAccessibleName, "cases.column.state")
        self.search.setClearButtonEnabled(True)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(250)
        self._later.timeout.connect(self.filter_changed)
        self.search.textChanged.connect(lambda *_: self._later.start())
        for name in ("open", "red", *self._states, "all"):
            self.state.addItem(name, name)
        self.state.currentIndexChanged.connect(lambda *_: self.filter_changed.emit())
        self.new = button(self._appearance, "cases.new", "primary", icon="plus")
        rates = tool(self._appearance, "chart-bar", "cases.rates.open")
        export = tool(self._appearance, "export", "cases.export")
        self.new.clicked.connect(self.new_requested)
        rates.clicked.connect(self.rates_requested)
        export.clicked.connect(self.export_requested)
        self.rates_button = rates
        self.told = label("small", wrap=True)
        self.list = rows_list(self._appearance)
        self.list.itemClicked.connect(lambda item: self.case_requested.emit(str(item.data(Qt.ItemDataRole.UserRole))))
        self.list.itemActivated.connect(lambda item: self.case_requested.emit(str(item.data(Qt.ItemDataRole.UserRole))))
        self._empty = EmptyHint(self._appearance, "clipboard-text", "cases.empty")
        page = QWidget()
        top = row(self.search, self.state, gap=6)
        top.setStretch(0, 1)
        page.setLayout(column(
            column(row(self.new, 1, rates, export, gap=4), top, self.told, margins=(12, 10, 12, 6), gap=6),
            line(), self.list, self._empty, gap=0,
        ))  # fmt: skip
        return page

    def set_states(self, titles: dict[str, str]) -> None:
        """Name what can be filtered by."""
        for at in range(self.state.count()):
            self.state.setItemText(at, titles[str(self.state.itemData(at))])

    def show_list(self, rows: Sequence[RowView], told: str) -> None:
        """Show cases; ``told`` says how many there are."""
        self.told.setText(told)
        self.list.clear()
        for one in rows:
            tint = self._appearance.colour(one.light or "line_strong").name()
            item: QListWidgetItem = rows_item(chip(tint, 12, round_=True), one.title, one.detail, one.number)
            self.list.addItem(item)
        self.list.setVisible(bool(rows))
        self._empty.setVisible(not rows)

    def show_page(self, page: int) -> None:
        """Show the list, the card, the form of a new case or the rates."""
        self._stack.setCurrentIndex(page)

    @property
    def shown_page(self) -> int:
        """Return which page is shown."""
        return self._stack.currentIndex()

    def show_card(self, view: CardView) -> None:
        """Show one case."""
        self.card.show_case(view)
        self.show_page(CARD)

    # --- a new one ----------------------------------------------------------------------------------------------------
    def _new_page(self) -> QWidget:
        self.what, self.address, self.class_code = QLineEdit(), QLineEdit(), QLineEdit()
        self.urgent = QCheckBox()
        self._appearance.say(self.urgent.setText, "cases.field.urgent.box")
        self.place = label("soft", wrap=True)
        back = tool(self._appearance, "arrow-left", "cases.back")
        back.clicked.connect(self.list_requested)
        self.file = button(self._appearance, "cases.file", "primary")
        self.file.clicked.connect(lambda: self.file_requested.emit(
            self.what.text().strip(), self.address.text().strip(), self.class_code.text().strip(),
            self.urgent.isChecked()
        ))  # fmt: skip
        self.what.textChanged.connect(lambda text: self.file.setEnabled(bool(text.strip())))
        self.file.setEnabled(False)
        page = QWidget()
        fields = column(row(back, caption(self._appearance, "cases.new", "heading"), 1, gap=4),
                        margins=(12, 10, 12, 10), gap=6)  # fmt: skip
        for name, field in (("description", self.what), ("address", self.address), ("class", self.class_code)):
            self._appearance.say(field.setAccessibleName, f"cases.column.{name}")
            fields.addWidget(caption(self._appearance, f"cases.column.{name}", "soft"))
            fields.addWidget(field)
        fields.addWidget(self.urgent)
        fields.addWidget(self.place)
        fields.addLayout(row(1, self.file))
        fields.addStretch(1)
        page.setLayout(fields)
        return page

    def show_new(self, place: str, address: str, class_code: str) -> None:
        """Show the form of a new case: where it would be, and what is known of that."""
        self.what.clear()
        self.address.setText(address)
        self.class_code.setText(class_code)
        self.urgent.setChecked(False)
        self.place.setText(place)
        self.show_page(NEW)
        self.what.setFocus()

    # --- rates --------------------------------------------------------------------------------------------------------
    def _rates_page(self) -> QWidget:
        back = tool(self._appearance, "arrow-left", "cases.back")
        export = tool(self._appearance, "export", "cases.export")
        back.clicked.connect(self.list_requested)
        export.clicked.connect(self.export_rates_requested)
        self.by = PlainCombo()
        self._appearance.say(self.by.setAccessibleName, "cases.rates.group")
        for name in ("all", "district", "month", "class", "department"):
            self.by.addItem(name, name)
        self.by.currentIndexChanged.connect(lambda *_: self.rates_requested.emit())
        self.rates_page = Page()
        self.rate_buttons: dict[tuple[str, str], QWidget] = {}
        page = QWidget()
        head = row(back, caption(self._appearance, "cases.rates", "heading"), 1, self.by, export, gap=4,
                   margins=(12, 10, 12, 8))  # fmt: skip
        page.setLayout(column(head, line(), self.rates_page, gap=0))
        return page

    def show_rates(
        self, rates: Sequence[RateView], counts: Sequence[tuple[str, str]], groups: dict[str, str],
        sets: Sequence[tuple[str, str]],
    ) -> None:  # fmt: skip
        """Show rates with their denominators.

        Parameters
        ----------
        rates : sequence of RateView
        counts : sequence of (str, str)
            What is counted beside them.
        groups : dict
            Names of the ways to group.
        sets : sequence of (str, str)
            Counts that a denominator may be: id and name.
        """
        for at in range(self.by.count()):
            self.by.setItemText(at, groups[str(self.by.itemData(at))])
        clear(self.rates_page.column)
        self.rate_buttons = {}
        group = None
        for one in rates:
            if one.heading and one.group != group:
                heading = label("section")
                heading.setText(one.heading)
                self.rates_page.column.addWidget(heading)
            group = one.group
            self._add_rate(one, sets)
        self.rates_page.column.addWidget(caption(self._appearance, "cases.counts", "section"))
        for name, value in counts:
            said, told = label("soft"), label("strong")
            said.setText(name)
            told.setText(value)
            self.rates_page.column.addLayout(row(said, 1, told))
        self.rates_page.column.addStretch(1)
        self.show_page(RATES)

    def _add_rate(self, one: RateView, sets: Sequence[tuple[str, str]]) -> None:
        title, value, parts = label("strong"), label("soft" if one.is_open else "strong"), label("small", wrap=True)
        title.setText(one.title)
        value.setText(one.value)
        parts.setText(one.parts)
        parts.setToolTip(plain_tip(one.source))
        cases = tool(self._appearance, "list-bullets", "cases.rates.drill", size=15)
        cases.clicked.connect(lambda: self.drill_requested.emit(one.id, one.group))
        self.rate_buttons[one.id, one.group] = cases
        foot = row(parts, gap=4)
        foot.setStretch(0, 1)
        if one.is_open:
            ask = button(self._appearance, "cases.rates.set", "quiet")
            foot.addWidget(ask)
        body = column(row(title, 1, value, cases, gap=8), foot, gap=1)
        self.rates_page.column.addLayout(body)
        if one.is_open:
            ask.clicked.connect(lambda: self._ask_denominator(one, sets, body, ask))

    def _ask_denominator(self, one: RateView, sets: Sequence[tuple[str, str]], body: object, ask: QWidget) -> None:
        """Show under a rate what a denominator needs: which cases, document, clause."""
        ask.setEnabled(False)
        combo, document, clause = PlainCombo(), QLineEdit(), QLineEdit()
        for name, title in sets:
            combo.addItem(title, name)
        self._appearance.say(document.setPlaceholderText, "cases.rates.document")
        self._appearance.say(clause.setPlaceholderText, "cases.rates.clause")
        done = button(self._appearance, "cases.rates.keep", "primary")
        done.setEnabled(False)
        document.textChanged.connect(lambda text: done.setEnabled(bool(text.strip())))
        done.clicked.connect(lambda: self.denominator_requested.emit(
            one.id, str(combo.currentData()), document.text().strip(), clause.text().strip()
        ))  # fmt: skip
        form = column(combo, document, row(clause, done, gap=6), gap=4)
        body.addLayout(form)  # type: ignore[attr-defined]

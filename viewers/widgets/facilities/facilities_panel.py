"""The municipal components: how many of each class, in which state, and which of them are faulty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from models.core.value_text import share_of
from viewers.facility_icons import Icon
from viewers.widgets.common.appearance import Appearance, chip, facility_pixmap
from viewers.widgets.common.controls import (
    Card,
    EmptyHint,
    Page,
    ShareBar,
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
class StateView:
    """One state of a component: id, word, colour, whether it is a fault, and whether the component is still in use."""

    id: str
    text: str
    colour: str
    faulty: bool
    active: bool = True


@dataclass(frozen=True, slots=True)
class ClassView:
    """One class of components: key, code and name, how many are in each state (by state id), and its icon."""

    key: str
    code: str
    name: str
    counts: dict[str, int]
    icon: Icon = field(default_factory=Icon)

    @property
    def total(self) -> int:
        """Return how many there are."""
        return sum(self.counts.values())


class FacilitiesPanel(QWidget):
    """Counts by class and state; a click lists the objects, a click there flies to one.

    Signals
    -------
    list_requested : (class key or "" for all, state id or "" for every faulty one)
    go_requested : (ObjectKey)
    edition_requested : (str) the code edition of a layer is to be stated
    overlay_requested : (bool) colour the city by facility state, or no longer
    """

    list_requested = Signal(str, str)
    go_requested = Signal(object)
    edition_requested = Signal(str)
    overlay_requested = Signal(bool)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._states: list[StateView] = []
        self._classes: list[ClassView] = []
        self._unstated: list[tuple[str, str]] = []
        self.page = Page()
        self.overlay = button(appearance, "facilities.overlay", icon="traffic-sign")
        self.overlay.setCheckable(True)
        self.overlay.clicked.connect(self.overlay_requested)
        self.hint = EmptyHint(appearance, "traffic-sign", "facilities.empty")
        self.list_title = label("strong", wrap=True)
        self.list_back = tool(appearance, "arrow-left", "facilities.back", size=16)
        self.list_back.clicked.connect(self.show_counts)
        self.list = RankedList(appearance)
        self.list.go_requested.connect(self.go_requested)
        listing = QWidget()
        top = row(self.list_back, self.list_title, margins=(8, 8, 12, 6), gap=6)
        top.setStretch(1, 1)
        listing.setLayout(column(top, line(), self.list, gap=0))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(self.page)
        self._stack.addWidget(listing)
        appearance.lang_changed.connect(self._draw)
        appearance.look_changed.connect(self._draw)

    def set_counts(
        self, states: Sequence[StateView], classes: Sequence[ClassView], unstated: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Show the counts; no classes means that there is no register.

        ``unstated`` are id and title of layers whose code edition nobody stated.
        """
        self._states, self._classes, self._unstated = list(states), list(classes), list(unstated)
        self._draw()

    def set_overlay(self, on: bool) -> None:
        """Show whether the city is coloured by facility state."""
        self.overlay.setChecked(on)

    def show_counts(self) -> None:
        """Go back to the counts."""
        self._stack.setCurrentIndex(1 if self._classes else 0)

    def show_list(self, title: str) -> None:
        """Show the list under a title."""
        self.list_title.setText(title)
        self._stack.setCurrentIndex(2)
        self.list.view.setFocus()

    def _draw(self) -> None:
        self.page.column.removeWidget(self.overlay)  # the switch outlives the rows around it
        self.overlay.setParent(self)
        self.overlay.hide()
        clear(self.page.column)
        if not self._classes:
            self._stack.setCurrentIndex(0)
            return
        column_ = self.page.column
        for layer_id, title in self._unstated:
            column_.addWidget(self._edition_card(layer_id, title))
        active = [state for state in self._states if state.active]
        sums = {state.id: sum(kind.counts.get(state.id, 0) for kind in self._classes) for state in self._states}
        total = sum(sums[state.id] for state in active)
        number = label("value")
        number.setText(f"{total:,}")
        column_.addLayout(row(number, caption(self._appearance, "facilities.total", "small"), 1, gap=6))
        bar = ShareBar(self._appearance, 10)
        bar.set_parts([(sums[state.id] / max(total, 1), state.colour) for state in active])
        column_.addWidget(bar)
        for state in active:
            column_.addWidget(self._state_row("", state, sums[state.id], total))
        for state in self._states:
            if not state.active and sums[state.id]:  # kept, and counted apart
                column_.addWidget(line())
                column_.addWidget(self._state_row("", state, sums[state.id], 0))
        column_.addSpacing(4)
        column_.addWidget(self.overlay)
        self.overlay.show()
        column_.addWidget(caption(self._appearance, "facilities.by_class", "section"))
        for kind in sorted(self._classes, key=lambda kind: -kind.total):
            column_.addWidget(self._class_card(kind))
        column_.addStretch(1)
        if self._stack.currentIndex() != 2:
            self._stack.setCurrentIndex(1)

    def _edition_card(self, layer_id: str, title: str) -> QWidget:
        """Return the card that asks for the code edition of a layer; until then its classes are unknown."""
        card = Card()
        said = caption(self._appearance, "codes.edition.ask", "small", wrap=True, layer=title)
        state = button(self._appearance, "codes.edition.state", "quiet", "tag")
        state.clicked.connect(lambda: self.edition_requested.emit(layer_id))
        card.setLayout(column(said, row(state, 1), margins=(10, 8, 10, 8), gap=4))
        card.clicked.connect(lambda: self.edition_requested.emit(layer_id))
        return card

    def _state_row(self, code: str, state: StateView, count: int, total: int) -> QWidget:
        card = Card()
        card.setStyleSheet("QFrame[role='card'] { border-color: transparent; background: transparent; }")
        dot, words, number, share = label(), label(), label("strong"), label("faint")
        dot.setPixmap(chip(state.colour, 12, round_=True))
        words.setText(state.text)
        number.setText(f"{count:,}")
        share.setText(share_of(count, total) if state.active else self._appearance.word("facilities.apart"))
        share.setFixedWidth(54)
        share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        card.setLayout(row(dot, words, 1, number, share, margins=(2, 2, 2, 2), gap=8))
        card.setToolTip(plain_tip(self._appearance.word("facilities.list_these")))
        card.setEnabled(count > 0)
        card.clicked.connect(lambda: self.list_requested.emit(code, state.id))
        return card

    def _class_card(self, kind: ClassView) -> QWidget:
        card = Card()
        name, number, code, faulty = label(), label("strong"), label("faint"), label("bad")
        picture = label()
        picture.setPixmap(facility_pixmap(kind.icon, 20))
        name.setText(kind.name)
        code.setText(kind.code.rpartition(":")[2])  # without the table that it stands in
        in_use = sum(kind.counts.get(state.id, 0) for state in self._states if state.active)
        number.setText(f"{in_use:,}")
        bad = sum(kind.counts.get(state.id, 0) for state in self._states if state.faulty)
        faulty.setText(self._appearance.word("facilities.faulty", count=f"{bad:,}") if bad else "")
        bar = ShareBar(self._appearance, 6)
        parts = [(kind.counts.get(state.id, 0), state.colour) for state in self._states if state.active]
        bar.set_parts([(count / max(in_use, 1), colour) for count, colour in parts])
        top = row(picture, name, code, 1, faulty, number, gap=8)
        card.setLayout(column(top, bar, margins=(10, 7, 10, 9), gap=6))
        lines = [
            f"{state.text}  {kind.counts.get(state.id, 0):,}" for state in self._states if kind.counts.get(state.id)
        ]
        card.setToolTip(plain_tip("\n".join(lines)))
        card.clicked.connect(lambda: self.list_requested.emit(kind.key, ""))
        return card

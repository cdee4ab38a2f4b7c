"""The board of all indicators: a search, filters and an order above, the tiles by dimension below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QPushButton, QWidget

from models.health.overview import FILTERS, ORDERS
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import asks_for, button, column, line, row
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.health.indicator_tiles import IndicatorTiles, TileGroup

TYPING_MS = 120


class IndicatorBoard(QWidget):
    """All indicators, those that are looked for or chosen by a filter.

    Signals
    -------
    wanted : () something else is looked for: ask :attr:`text`, :attr:`chosen` and :attr:`order`
    opened : (code)
    left : () Esc

    Parameters
    ----------
    appearance : Appearance
    is_wide : bool
        Whether there is room for filters beside each other; else they are a choice.
    """

    wanted = Signal()
    opened = Signal(str)
    left = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None, *, is_wide: bool = False) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.search = _Search()
        self.search.setClearButtonEnabled(True)
        appearance.say(self.search.setPlaceholderText, "health.board.search")
        appearance.say(self.search.setAccessibleName, "health.board.search")
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self.wanted)
        self.search.textChanged.connect(lambda _: self._typing.start())
        self._order = PlainCombo()
        appearance.say(self._order.setAccessibleName, "health.board.order")
        self._order.activated.connect(lambda _: self.wanted.emit())
        self._filters = PlainCombo()
        appearance.say(self._filters.setAccessibleName, "health.board.filter")
        self._filters.activated.connect(lambda at: self.choose(FILTERS[at]))
        self.presses: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        for name in FILTERS:
            press = button(appearance, f"health.board.filter.{name}", "segment")
            press.setCheckable(True)
            press.clicked.connect(lambda _=False, name=name: self.choose(name))
            self._group.addButton(press)
            self.presses[name] = press
        self.presses["all"].setChecked(True)
        self.tiles = IndicatorTiles(appearance)
        self.tiles.opened.connect(self.opened)
        self.tiles.left.connect(self._on_left)
        self.tiles.typed.connect(self._on_typed)
        self.search.downward.connect(self._to_tiles)
        self.search.left.connect(self._on_left)
        self._counts: Mapping[str, int] = {}
        if is_wide:
            self._filters.hide()
            self.search.setFixedWidth(230)
            head = row(self.search, *self.presses.values(), 1, self._order, margins=(14, 8, 14, 8), gap=4)
        else:
            for press in self.presses.values():
                press.setParent(self)
                press.hide()
            head = row(column(self.search, row(self._filters, self._order, gap=6), gap=6), margins=(12, 8, 12, 8))
        self.setLayout(column(head, line(), self.tiles, gap=0))
        appearance.lang_changed.connect(self._say)
        self._say()

    # --- what is looked for ----------------------------------------------------------------------------------------
    @property
    def text(self) -> str:
        """Return what is searched for."""
        return self.search.text().strip()

    @property
    def chosen(self) -> str:
        """Return the filter, one of :data:`models.health.overview.FILTERS`."""
        return next(name for name, press in self.presses.items() if press.isChecked())

    @property
    def order(self) -> str:
        """Return the order, one of :data:`models.health.overview.ORDERS`."""
        return ORDERS[max(self._order.currentIndex(), 0)]

    def choose(self, name: str) -> None:
        """Show those of a filter."""
        self.presses[name].setChecked(True)
        self._filters.setCurrentIndex(FILTERS.index(name))
        self.wanted.emit()

    def show_groups(
        self, groups: Sequence[TileGroup], counts: Mapping[str, int], marked: str, nothing: str
    ) -> None:  # fmt: skip
        """Show other tiles.

        Parameters
        ----------
        groups : sequence of TileGroup
        counts : mapping of str to int
            How many each filter has.
        marked : str
            Code of the indicator that colours the city.
        nothing : str
            What is said where there are none.
        """
        if counts != self._counts:
            self._counts = dict(counts)
            self._say()
        self.tiles.show_groups(groups, marked, nothing)

    def _say(self) -> None:
        word = self._appearance.word
        order, chosen = max(self._order.currentIndex(), 0), FILTERS.index(self.chosen)
        self._order.clear()
        self._order.addItems([word(f"health.board.order.{name}") for name in ORDERS])
        self._order.setCurrentIndex(order)
        self._filters.clear()
        for name, press in self.presses.items():
            text = word(f"health.board.filter.{name}")
            told = f"{text} {self._counts[name]}" if name in self._counts else text
            press.setText(told)
            self._filters.addItem(told)
        self._filters.setCurrentIndex(chosen)

    def event(self, event: QEvent) -> bool:
        """Keep Esc to itself: elsewhere it lays down the selection."""
        if asks_for(event, Qt.Key.Key_Escape):
            event.accept()
            return True
        return super().event(event)

    # --- keys ------------------------------------------------------------------------------------------------------
    def _on_typed(self, text: str) -> None:
        self.search.setFocus()
        self.search.insert(text)

    def _to_tiles(self) -> None:
        if self._typing.isActive():
            self._typing.stop()
            self.wanted.emit()
        self.tiles.setFocus()

    def _on_left(self) -> None:
        """Give up a search first, then the board."""
        if self.search.text():
            self.search.clear()
            self.tiles.setFocus()
        elif self.chosen != "all":
            self.choose("all")
        else:
            self.left.emit()


class _Search(QLineEdit):
    """A field from which Enter and the arrow down lead to what was found.

    Signals
    -------
    downward : ()
    left : () Esc
    """

    downward = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Lead to what was found, or away."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.downward.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

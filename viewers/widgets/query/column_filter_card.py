"""The card in which one column of a table is filtered: by a text, between two ends, by values that are ticked."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QLocale, QPoint, Qt, Signal
from PySide6.QtGui import QDoubleValidator, QGuiApplication
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QWidget

from models.core.value_text import figure
from models.query.column_filter import ColumnFilter, Distinct
from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, line, row
from viewers.widgets.common.plain import plain_tip

WIDTH_PX, LIST_PX = 284, 190
VALUE = Qt.ItemDataRole.UserRole
CHECKED, OPEN = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class ColumnFilterCard(QFrame):
    """Asks how a column shall be filtered.

    Signals
    -------
    applied : (field, ColumnFilter) an empty one takes the filter away

    Parameters
    ----------
    appearance : Appearance
    parent : QWidget
    """

    applied = Signal(str, object)

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._appearance = appearance
        self.setProperty("role", "float")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH_PX)
        self.field = ""
        self._before = ColumnFilter()
        self._setting = False
        self.title = label("strong")
        self.text = QLineEdit()
        self.text.setClearButtonEnabled(True)
        appearance.say(self.text.setPlaceholderText, "table.filter.holds")
        appearance.say(self.text.setAccessibleName, "table.filter.holds")
        self.text.textChanged.connect(self._narrow)
        self.least, self.most = QLineEdit(), QLineEdit()
        for end, key in ((self.least, "table.filter.least"), (self.most, "table.filter.most")):
            numbers = QDoubleValidator(end)
            numbers.setLocale(QLocale.c())
            end.setValidator(numbers)
            appearance.say(end.setAccessibleName, key)
        self._ends = QWidget()
        dash = label("faint")
        dash.setText("–")
        self._ends.setLayout(row(self.least, dash, self.most, gap=6))
        self.every = QListWidgetItem()
        self.values = QListWidget()
        self.values.setFixedHeight(LIST_PX)
        self.values.setUniformItemSizes(True)
        self.values.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.values.setTextElideMode(Qt.TextElideMode.ElideRight)
        appearance.say(self.values.setAccessibleName, "table.filter.values")
        self.values.itemChanged.connect(self._on_item_changed)
        self.note = caption(appearance, "table.working", "faint", wrap=True)
        self.clear = button(appearance, "table.filter.clear", "quiet")
        self.ok = button(appearance, "table.filter.apply", "primary")
        self.clear.clicked.connect(lambda: self._apply(ColumnFilter()))
        self.ok.clicked.connect(lambda: self._apply(self.answer))
        for one in (self.text, self.least, self.most):
            one.returnPressed.connect(lambda: self._apply(self.answer))
        self.setLayout(
            column(
                self.title, self.text, self._ends, self.values, self.note, line(), row(self.clear, 1, self.ok),
                margins=(12, 10, 12, 10), gap=7,
            )
        )  # fmt: skip

    def ask(self, field: str, title: str, before: ColumnFilter, at: QPoint) -> None:
        """Open at a place of the screen; the values come by :meth:`show_values`."""
        self.field, self._before = field, before
        self.title.setText(title)
        self.text.setText(before.text)
        self.least.setText(_written(before.least))
        self.most.setText(_written(before.most))
        self._ends.hide()
        self.values.clear()
        self.note.show()
        self._appearance.say(self.note.setText, "table.working")
        self.adjustSize()
        screen = (QGuiApplication.screenAt(at) or QGuiApplication.primaryScreen()).availableGeometry()
        left = min(max(at.x(), screen.left()), screen.right() - self.width())
        top = min(max(at.y(), screen.top()), screen.bottom() - self.sizeHint().height() - 40)
        self.move(left, top)
        self.show()
        self.text.setFocus()

    def show_values(self, found: Distinct, text_of: Callable[[object], str]) -> None:
        """Offer the values of the column, those ticked that its filter leaves."""
        self._setting = True
        self._ends.setVisible(found.kind == "number")
        if found.least is not None and found.most is not None:
            self.least.setPlaceholderText(figure(found.least))
            self.most.setPlaceholderText(figure(found.most))
        self.values.clear()
        self.values.setVisible(bool(found.values or found.missing))
        kept = self._before.values
        self.every = self._item(self._appearance.word("table.filter.every"), None, kept is None)
        self.values.addItem(self.every)
        for value, count in found.values:
            said = f"{visible_text(text_of(value))}   ({count:,})"
            self.values.addItem(self._item(said, value, kept is None or value in kept))
        if found.missing:
            said = f"{self._appearance.word('table.filter.missing')}   ({found.missing:,})"
            self.values.addItem(self._item(said, None, kept is None or None in kept))
        self.note.setVisible(bool(found.others))
        if found.others:
            self._appearance.say(self.note.setText, "table.filter.others", count=f"{found.others:,}")
        self._setting = False
        self._narrow()
        self.adjustSize()

    @property
    def answer(self) -> ColumnFilter:
        """Return what is asked for now."""
        items = self._items
        ticked = frozenset(item.data(VALUE) for item in items if item.checkState() == CHECKED)
        every = len(ticked) == len(items)
        values = (self._before.values if not items else None) if every else ticked
        return ColumnFilter(self.text.text().strip(), values, _number(self.least.text()), _number(self.most.text()))

    @property
    def _items(self) -> list[QListWidgetItem]:
        """Return the rows of the values, without the one that ticks them all."""
        return [self.values.item(at) for at in range(1, self.values.count())]

    def _item(self, text: str, value: object, on: bool) -> QListWidgetItem:
        item = QListWidgetItem(text)
        item.setData(VALUE, value)
        item.setToolTip(plain_tip(text))
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(CHECKED if on else OPEN)
        return item

    def _narrow(self) -> None:
        """Leave those values in sight that hold the text."""
        wanted = self.text.text().strip().casefold()
        for item in self._items:
            item.setHidden(bool(wanted) and wanted not in item.text().casefold())

    def _on_item_changed(self, item: QListWidgetItem) -> None:
        if self._setting:
            return
        self._setting = True
        if item is self.every:
            for one in self._items:
                if not one.isHidden():
                    one.setCheckState(item.checkState())
        else:
            ticked = sum(one.checkState() == CHECKED for one in self._items)
            part = Qt.CheckState.PartiallyChecked
            self.every.setCheckState(OPEN if not ticked else CHECKED if ticked == len(self._items) else part)
        self._setting = False

    def _apply(self, answer: ColumnFilter) -> None:
        self.hide()
        self.applied.emit(self.field, answer)


def _written(number: float | None) -> str:
    """Return a number as it is typed: no separators, nothing rounded."""
    return "" if number is None else str(int(number)) if number.is_integer() else repr(number)


def _number(text: str) -> float | None:
    try:
        found = float(text.replace(",", ""))
    except ValueError:
        return None
    return found if math.isfinite(found) else None

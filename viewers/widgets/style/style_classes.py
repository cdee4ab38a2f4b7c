"""The classes of a style as a table: seen or not, colour, name, how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from models.style.kinds import Class
from viewers.widgets.common.appearance import Appearance, chip
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.style.style_controls import ask_colour

SEEN, NAME, RULE, COUNT = 0, 1, 2, 3
#: Numbers of the rows that are no classes.
OTHER, NO_DATA = -2, -1
ROWS_SHOWN = 11


class ClassTable(QTreeWidget):
    """Classes, then what falls into none, then what has no value.

    Signals
    -------
    class_changed : (int, Class)
        A row and how it shall be; :data:`OTHER` and :data:`NO_DATA` for the last two.
    """

    class_changed = Signal(int, object)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._classes: dict[int, Class] = {}
        self._pressed_x = 0
        self.setColumnCount(4)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(False)
        self.setIconSize(QSize(16, 16))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(SEEN, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(SEEN, 50)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(RULE, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(COUNT, QHeaderView.ResizeMode.ResizeToContents)
        self.itemChanged.connect(self._on_changed)
        self.itemClicked.connect(self._on_clicked)
        self.itemDoubleClicked.connect(self._on_double_clicked)
        appearance.lang_changed.connect(self._say)
        appearance.look_changed.connect(self._paint)
        self._say()

    def show_classes(
        self,
        classes: Sequence[Class],
        labels: Sequence[str],
        counts: Sequence[int],
        other: tuple[Class, int] | None,
        no_data: tuple[Class, int] | None,
        *,
        rules: bool = False,
    ) -> None:
        """Show classes with what they are called and how many objects they hold."""
        held = self.current
        with QSignalBlocker(self):
            self.clear()
            self._classes = {}
            self.setColumnHidden(RULE, not rules)
            for number, one in enumerate(classes):
                text = labels[number] if number < len(labels) else one.label or one.value
                self._add(number, one, text, counts[number] if number < len(counts) else None)
            for number, pair, key in ((OTHER, other, "legend.other"), (NO_DATA, no_data, "legend.no_data")):
                if pair is not None:
                    self._add(number, pair[0], pair[0].label or self._appearance.word(key), pair[1])
            for at in range(self.topLevelItemCount()):
                item = self.topLevelItem(at)
                if item is not None and item.data(SEEN, Qt.ItemDataRole.UserRole) == held:
                    self.setCurrentItem(item)
        rows = min(max(self.topLevelItemCount(), 2), ROWS_SHOWN)
        self.setFixedHeight(rows * 29 + self.header().sizeHint().height() + 4)

    @property
    def current(self) -> int | None:
        """Return the number of the class that is chosen, None for none."""
        item = self.currentItem()
        return None if item is None else int(item.data(SEEN, Qt.ItemDataRole.UserRole))

    def _add(self, number: int, one: Class, text: str, count: int | None) -> None:
        item = QTreeWidgetItem(self)
        item.setData(SEEN, Qt.ItemDataRole.UserRole, number)
        item.setFlags(
            Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
            | Qt.ItemFlag.ItemIsEditable
        )  # fmt: skip
        item.setCheckState(SEEN, Qt.CheckState.Checked if one.visible else Qt.CheckState.Unchecked)
        item.setText(NAME, text)
        item.setToolTip(NAME, plain_tip(text))
        item.setText(RULE, one.expression)
        item.setText(COUNT, "" if count is None else f"{count:,}")
        item.setTextAlignment(COUNT, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setForeground(COUNT, self._appearance.colour("text_faint"))
        self._classes[number] = one
        self._icon(item, number)

    def _icon(self, item: QTreeWidgetItem, number: int) -> None:
        item.setIcon(SEEN, QIcon(chip(self._classes[number].colour, 16, hatch=number == NO_DATA)))

    def _paint(self) -> None:
        with QSignalBlocker(self):
            for at in range(self.topLevelItemCount()):
                item = self.topLevelItem(at)
                if item is not None:
                    item.setForeground(COUNT, self._appearance.colour("text_faint"))

    def _say(self) -> None:
        word = self._appearance.word
        self.setHeaderLabels(["", word("style.class.name"), word("style.class.rule"), word("style.class.count")])

    def _on_changed(self, item: QTreeWidgetItem, column: int) -> None:
        number = int(item.data(SEEN, Qt.ItemDataRole.UserRole))
        one = self._classes[number]
        changed = replace(one, visible=item.checkState(SEEN) == Qt.CheckState.Checked)
        if column == NAME and not (item.text(NAME).strip() == "" and not one.label):
            changed = replace(changed, label=item.text(NAME).strip(), label_en="")
        if column == RULE:
            changed = replace(changed, expression=item.text(RULE).strip())
        if changed != one:
            self.class_changed.emit(number, changed)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Remember where, for one column holds a tick and a colour."""
        self._pressed_x = round(event.position().x())
        super().mousePressEvent(event)

    def _on_clicked(self, item: QTreeWidgetItem, column: int) -> None:
        """Ask for another colour where the chip was clicked, right of the tick."""
        if column != SEEN:
            return
        if self._pressed_x - self.visualItemRect(item).left() > 25:
            number = int(item.data(SEEN, Qt.ItemDataRole.UserRole))
            colour = ask_colour(self, self._appearance, self._classes[number].colour)
            if colour:
                self.class_changed.emit(number, replace(self._classes[number], colour=colour))

    def _on_double_clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column in (NAME, RULE):
            self.editItem(item, column)

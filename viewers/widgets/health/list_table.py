"""A table of rows that are sorted, filtered and edited in place; a row is known by its id, whatever its place.

The table takes cells and tells of edits; it changes nothing itself. What a person may not set is shown softer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from models.core.spreadsheet_text import guarded
from models.query.ranking import Ranking, Rows, matching, ordered, ranking_of
from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import column, label
from viewers.widgets.common.grids import dress_grid
from viewers.widgets.common.plain import PlainCombo, plain_tip
from viewers.widgets.common.rows import Index

ROW_PX, TYPING_MS, REST_MS = 28, 160, 140


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column.

    Parameters
    ----------
    name : str
    head : str
    width_px : int
    choices : tuple of (str, str)
        Value and text of what can be chosen; empty for a text.
    is_editable : bool
    is_number : bool
    asks : str
        What stands in an empty field of an editor, such as a date.
    tip : str
    """

    name: str
    head: str
    width_px: int = 100
    choices: tuple[tuple[str, str], ...] = ()
    is_editable: bool = False
    is_number: bool = False
    asks: str = ""
    tip: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class TableRows:
    """What is shown.

    Parameters
    ----------
    ids : list of str
    cells : list of list
        Texts, numbers, or None for nothing.
    ranking : Ranking
        The same, to sort and search.
    tints : mapping of str to str
        Colour of rows that stand out, by id: ``"bad"``, ``"text_faint"``.
    tips : mapping of (str, str) to str
        What a cell says further, by id and column.
    accents : mapping of (str, str) to str
        Colour of single cells, by id and column.
    """

    ids: list[str]
    cells: list[list[Any]]
    ranking: Ranking
    tints: Mapping[str, str] = field(default_factory=dict)
    tips: Mapping[tuple[str, str], str] = field(default_factory=dict)
    accents: Mapping[tuple[str, str], str] = field(default_factory=dict)


def table_rows(
    ids: Sequence[str], cells: Sequence[Sequence[Any]], columns: Sequence[TableColumn], tints: Mapping[str, str],
    tips: Mapping[tuple[str, str], str] | None = None, accents: Mapping[tuple[str, str], str] | None = None,
) -> TableRows:  # fmt: skip
    """Return rows as the table takes them; made on a job thread where there are many."""
    fields = {one.name: [row[at] for row in cells] for at, one in enumerate(columns)}
    ranking = ranking_of([""] * len(ids), list(range(len(ids))), fields)
    return TableRows(list(ids), [list(row) for row in cells], ranking, tints, tips or {}, accents or {})


NOTHING = table_rows((), (), (), {})


class ListModel(QAbstractTableModel):
    """The rows in sight.

    Signals
    -------
    edited : (id, column, value)
    """

    edited = Signal(str, str, object)

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.held: TableRows = NOTHING
        self.columns: tuple[TableColumn, ...] = ()
        self.rows: Rows = np.zeros(0, np.int64)

    def show_rows(self, held: TableRows, columns: Sequence[TableColumn], rows: Rows) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.held, self.columns, self.rows = held, tuple(columns), rows
        self.endResetModel()

    def id_of(self, place: int) -> str:
        """Return the id of a row in sight."""
        return self.held.ids[int(self.rows[place])]

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return how many rows are in sight."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def cell_text(self, place: int, at: int) -> str:
        """Return what stands in a cell."""
        value = self.held.cells[int(self.rows[place])][at]
        text = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        return visible_text(text)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one cell."""
        if not index.isValid():
            return None
        place, at = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell_text(place, at).replace("\n", " ")
        if role == Qt.ItemDataRole.EditRole:
            return self.cell_text(place, at)
        if role == Qt.ItemDataRole.ToolTipRole:
            tip = self.held.tips.get((self.id_of(place), self.columns[at].name))
            return plain_tip(tip or self.cell_text(place, at))
        if role == Qt.ItemDataRole.TextAlignmentRole and self.columns[at].is_number:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole:
            row = self.id_of(place)
            tint = self.held.tints.get(row, "text" if self.columns[at].is_editable else "text_soft")
            return self._appearance.colour(self.held.accents.get((row, self.columns[at].name), tint))
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Tell of an edit; the cell changes when the list does."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        self.edited.emit(self.id_of(index.row()), self.columns[index.column()].name, value)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return what can be done with a cell."""
        found = super().flags(index)
        return found | Qt.ItemFlag.ItemIsEditable if self.columns[index.column()].is_editable else found

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Return a heading."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        shown = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return visible_text(shown.head)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(shown.tip or shown.head)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if shown.is_number else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None


class _Editor(QStyledItemDelegate):
    """The field in which a cell is edited: a choice, or a line."""

    def createEditor(  # noqa: N802
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        """Return the field."""
        shown: TableColumn = index.model().columns[index.column()]  # type: ignore[attr-defined]
        if not shown.choices:
            line_ = QLineEdit(parent)
            line_.setPlaceholderText(shown.asks)
            return line_
        choice = PlainCombo(parent)
        for value, text in shown.choices:
            choice.addItem(text, value)
        choice.activated.connect(lambda _: self._take(choice))
        return choice

    def _take(self, choice: PlainCombo) -> None:
        self.commitData.emit(choice)
        self.closeEditor.emit(choice)

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:  # noqa: N802
        """Show the present value."""
        text = str(index.data(Qt.ItemDataRole.EditRole))
        if isinstance(editor, PlainCombo):
            editor.setCurrentIndex(max(editor.findText(text), 0))
        elif isinstance(editor, QLineEdit):
            editor.setText(text)
            editor.selectAll()

    def setModelData(  # noqa: N802
        self, editor: QWidget, model: Any, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Hand over what was set, where it is another value."""
        if isinstance(editor, PlainCombo):
            if editor.currentText() != str(index.data(Qt.ItemDataRole.EditRole)):
                model.setData(index, editor.currentData())
        elif isinstance(editor, QLineEdit) and editor.text() != str(index.data(Qt.ItemDataRole.EditRole)):
            model.setData(index, editor.text())


class ListTable(QWidget):
    """The table with a line below it.

    Signals
    -------
    edited : (id, column, value)
    chosen : (list of ids) rows were chosen
    go_requested : (id) fly to what a row is of
    menu_requested : (list of ids, place on the screen)
    """

    edited = Signal(str, str, object)
    chosen = Signal(list)
    go_requested = Signal(str)
    menu_requested = Signal(list, QPoint)

    def __init__(self, appearance: Appearance, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._sort: tuple[str, bool] = ("", False)
        self._is_setting = False
        self._filter: Mapping[str, str] = {}
        self._keep: tuple[str, int] = ("", 0)
        self.model = ListModel(appearance, self)
        self.model.edited.connect(self._on_edited)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        appearance.say(self.search.setPlaceholderText, "lists.search")
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self.arrange)
        self.search.textChanged.connect(lambda _: self._typing.start())
        self.search.returnPressed.connect(self.arrange)
        view = self.view = _Table(self)
        view.setModel(self.model)
        dress_grid(view, ROW_PX)
        view.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )  # fmt: skip
        view.setItemDelegate(_Editor(view))
        view.setTabKeyNavigation(False)
        view.verticalHeader().hide()
        view.entered_row.connect(self._go_to_current)
        view.copied.connect(self._copy)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._on_menu)
        head = view.horizontalHeader()
        head.setSortIndicatorShown(True)
        head.setSectionsClickable(True)
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setMinimumSectionSize(36)
        head.setStretchLastSection(True)
        head.sectionClicked.connect(self._on_head_clicked)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._tell_chosen)
        view.selectionModel().selectionChanged.connect(lambda *_: None if self._is_setting else self._rest.start())
        self.nothing = label("soft", wrap=True)
        appearance.say(self.nothing.setText, empty)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setContentsMargins(24, 24, 24, 24)
        self.nothing.hide()
        self.setLayout(column(self.nothing, view, gap=0))

    # --- what the window shows -----------------------------------------------------------------------------------
    def show_rows(self, held: TableRows, columns: Sequence[TableColumn]) -> None:
        """Show other rows; where one stood and what was chosen stays where it is still there."""
        same = [one.name for one in columns] == [one.name for one in self.model.columns]
        if not same:
            self._sort, self._keep = ("", False), ("", 0)
        else:
            self._remember()
        self._is_setting = True
        scroll = self.view.verticalScrollBar().value(), self.view.horizontalScrollBar().value()
        self.model.show_rows(held, columns, np.arange(len(held.ids)))
        if not same:
            for at, shown in enumerate(columns):
                self.view.setColumnWidth(at, shown.width_px)
        self._is_setting = False
        self.arrange()
        if same:
            self.view.verticalScrollBar().setValue(scroll[0])
            self.view.horizontalScrollBar().setValue(scroll[1])

    def filter_by(self, wanted: Mapping[str, str]) -> None:
        """Show only rows whose columns have these values; an empty value is none asked for."""
        self._filter = {name: value for name, value in wanted.items() if value}
        self.arrange()

    def arrange(self) -> None:
        """Filter and sort again."""
        self._typing.stop()
        self._remember()
        held = self.model.held
        rows = matching(held.ranking, self.search.text())
        for name, value in self._filter.items():
            if name in held.ranking.columns:
                rows = rows[held.ranking.columns[name][rows] == value]
        by, down = self._sort
        self._is_setting = True
        self.model.show_rows(held, self.model.columns, ordered(held.ranking, rows, by, descending=down))
        at = next((k for k, shown in enumerate(self.model.columns) if shown.name == by), -1)
        order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
        self.view.horizontalHeader().setSortIndicator(at, order)
        self._stand_again()
        self._is_setting = False
        self.nothing.setVisible(not len(held.ids))
        self.view.setVisible(bool(len(held.ids)))

    def chosen_ids(self) -> list[str]:
        """Return the ids of the rows that are chosen, in their order."""
        places = sorted(index.row() for index in self.view.selectionModel().selectedRows())
        return [self.model.id_of(place) for place in places]

    def ids_in_sight(self) -> list[str]:
        """Return the ids of the rows in sight, in their order."""
        return [self.model.held.ids[int(row)] for row in self.model.rows]

    def place_of(self, row_id: str) -> int:
        """Return where a row is in sight, −1 where it is not."""
        return next((k for k, row in enumerate(self.model.rows) if self.model.held.ids[int(row)] == row_id), -1)

    # --- what a hand does ----------------------------------------------------------------------------------------
    def _on_edited(self, row_id: str, name: str, value: object) -> None:
        """Tell of an edit once the editor is closed: the list that comes back lays the table out anew."""
        QTimer.singleShot(0, self, lambda: self.edited.emit(row_id, name, value))

    def _remember(self) -> None:
        index = self.view.currentIndex()
        if index.isValid() and index.row() < len(self.model.rows):
            self._keep = (self.model.id_of(index.row()), index.column())

    def _stand_again(self) -> None:
        place = self.place_of(self._keep[0]) if self._keep[0] else -1
        if place >= 0:
            self.view.setCurrentIndex(self.model.index(place, self._keep[1]))

    def _on_head_clicked(self, at: int) -> None:
        """Sort by a column, once more the other way, then as they came."""
        name = self.model.columns[at].name
        by, down = self._sort
        self._sort = (name, False) if by != name else (name, True) if not down else ("", False)
        self.arrange()

    def _tell_chosen(self) -> None:
        self.chosen.emit(self.chosen_ids())

    def _go_to_current(self) -> None:
        index = self.view.currentIndex()
        if index.isValid():
            self.go_requested.emit(self.model.id_of(index.row()))

    def _on_menu(self, at: QPoint) -> None:
        if self.view.indexAt(at).isValid():
            self.menu_requested.emit(self.chosen_ids(), self.view.viewport().mapToGlobal(at))

    def _copy(self) -> None:
        places = sorted(index.row() for index in self.view.selectionModel().selectedRows())
        heads = [shown.head for shown in self.model.columns]
        rows = [[self.model.cell_text(place, at) for at in range(len(heads))] for place in places]
        QGuiApplication.clipboard().setText(
            "\n".join("\t".join(str(guarded(cell.replace("\n", " "))) for cell in row) for row in [heads, *rows])
        )

    def open_menu(self, entries: Sequence[tuple[str, str, Any]], at: QPoint) -> None:
        """Show a menu: icon, word and what is done, each."""
        menu = QMenu(self)
        for icon, key, act in entries:
            menu.addAction(self._appearance.icon(icon, "text_soft"), self._appearance.word(key), act)
        menu.exec(at)
        menu.deleteLater()


class _Table(QTableView):
    """A table that tells of Enter and of copying.

    Signals
    -------
    entered_row, copied : ()
    """

    entered_row = Signal()
    copied = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Copy, fly, or go through the rows."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_row.emit()
        else:
            super().keyPressEvent(event)

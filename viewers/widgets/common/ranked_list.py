"""A ranked list of objects as a table: sorted, filtered, added up, and gone through with the arrow keys.

The same list for what makes an indicator bad and for faulty components. It takes a
:class:`~models.query.ranking.Ranking` and how its columns are written, and knows no project.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPixmap
from PySide6.QtWidgets import QComboBox, QHeaderView, QLineEdit, QMenu, QTableView, QWidget

from models.core.spreadsheet_text import guarded
from models.query.ranking import Ranking, Rows, matching, ordered, ranking_of, values_of
from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import column, label, line, row, tool
from viewers.widgets.common.grids import dress_grid
from viewers.widgets.common.plain import PlainCombo, plain_tip
from viewers.widgets.common.rows import Index

#: A flight begins when the arrow keys have rested for so many milliseconds, a filter when typing has.
REST_MS, TYPING_MS = 140, 160
ROW_PX = 28
NOTHING = ranking_of([], [], {})


@dataclass(frozen=True, slots=True)
class RankedColumn:
    """One column of a ranked list.

    Parameters
    ----------
    field : str
        Column of the ranking; empty for the rank itself.
    head : str
        With its unit.
    text_of : callable
        Value → what stands in the cell; not asked for what has no data.
    width_px : int
    is_number : bool
        Stands at the right, and sorts the highest first.
    stretches : bool
        Takes the room that is left.
    tip : str
    written : callable
        Value → what an export writes, a number in the unit of the head.
    number_format : str
        In a workbook; empty for text.
    icon_of : callable or None
        Value → the picture before the text.
    """

    field: str
    head: str
    text_of: Callable[[Any], str] = str
    width_px: int = 80
    is_number: bool = False
    stretches: bool = False
    tip: str = ""
    written: Callable[[Any], Any] = lambda value: value
    number_format: str = ""
    icon_of: Callable[[Any], QPixmap] | None = None


class RankedModel(QAbstractTableModel):
    """The rows in sight."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.ranking: Ranking = NOTHING
        self.columns: tuple[RankedColumn, ...] = ()
        self.rows: Rows = np.zeros(0, np.int64)

    def show_rows(self, ranking: Ranking, columns: Sequence[RankedColumn], rows: Rows) -> None:
        """Show other rows, of another ranking perhaps."""
        self.beginResetModel()
        self.ranking, self.columns, self.rows = ranking, tuple(columns), rows
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return how many rows are in sight."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def cell_text(self, place: int, at: int) -> str:
        """Return what stands in a cell."""
        row, shown = int(self.rows[place]), self.columns[at]
        if not shown.field:
            return str(row + 1)
        value = self.ranking.columns[shown.field][row]
        return "–" if value == "" or value != value else visible_text(shown.text_of(value))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one cell."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell_text(index.row(), index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self.cell_text(index.row(), index.column()))
        if role == Qt.ItemDataRole.DecorationRole:
            shown = self.columns[index.column()]
            if shown.icon_of is None or not shown.field:
                return None
            return shown.icon_of(self.ranking.columns[shown.field][int(self.rows[index.row()])])
        if role == Qt.ItemDataRole.TextAlignmentRole and self.columns[index.column()].is_number:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Return a heading."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        shown = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return visible_text(shown.head)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(shown.tip or shown.head)
        if role == Qt.ItemDataRole.TextAlignmentRole and shown.is_number:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None


class RankedList(QWidget):
    """A filter above, the table, and a line with the total below.

    Signals
    -------
    go_requested : (ObjectKey) fly to the object of a row
    select_requested : (dict of layer id to oids) select these objects
    open_requested : (ObjectKey) Enter, or a double click: see all of the object of a row
    rows_changed : () other rows are in sight or chosen
    export_requested : (Rows) write these rows of the ranking, in their order
    properties_requested : (ObjectKey)
    """

    go_requested = Signal(object)
    select_requested = Signal(object)
    open_requested = Signal(object)
    rows_changed = Signal()
    export_requested = Signal(object)
    properties_requested = Signal(object)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._group = ""
        self._sort: tuple[str, bool] = ("", False)
        self._total_of: Callable[[Ranking, Rows], str] = lambda ranking, rows: ""
        self._is_setting = False
        self._kept: Rows | None = None
        self.model = RankedModel(self)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        appearance.say(self.search.setPlaceholderText, "ranked.filter")
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self.arrange)
        self.search.textChanged.connect(lambda _: None if self._is_setting else self._typing.start())
        self.search.returnPressed.connect(self.arrange)
        self.group = PlainCombo()
        self.group.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.group.setMinimumContentsLength(6)
        appearance.say(self.group.setAccessibleName, "ranked.group")
        self.group.activated.connect(lambda _: self.arrange())
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._go_to_current)
        self._build_view()
        self.total = label("small", wrap=True)
        self.select_all = tool(appearance, "selection-all", "ranked.select_all", size=16)
        self.select_all.clicked.connect(self._select_all)
        self.export = tool(appearance, "download-simple", "ranked.export", size=16)
        self.export.clicked.connect(lambda: self.export_requested.emit(self.chosen_rows(everything=True)))
        self.nothing = label("soft", wrap=True)
        appearance.say(self.nothing.setText, "ranked.nothing")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setContentsMargins(12, 16, 12, 16)
        self.nothing.hide()
        head = row(self.search, self.group, margins=(10, 6, 10, 6), gap=6)
        head.setStretch(0, 3)
        head.setStretch(1, 2)
        foot = row(self.total, self.select_all, self.export, margins=(12, 5, 8, 6), gap=4)
        foot.setStretch(0, 1)
        self.setLayout(column(head, line(), self.nothing, self.view, line(), foot, gap=0))

    def _build_view(self) -> None:
        view = self.view = _Table(self)
        view.setModel(self.model)
        dress_grid(view, ROW_PX)
        view.setTabKeyNavigation(False)
        view.verticalHeader().hide()
        head = view.horizontalHeader()
        head.setSortIndicatorShown(True)
        head.setSectionsClickable(True)
        head.setHighlightSections(False)
        head.setMinimumSectionSize(34)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.sectionClicked.connect(self._on_head_clicked)
        head.setSelectionModel(QItemSelectionModel(self.model, head))  # to paint it Qt would ask each row for its flags
        view.clicked.connect(self._on_clicked)
        view.moved.connect(self._rest.start)
        view.entered_row.connect(self._open_current)
        view.doubleClicked.connect(lambda _: self._open_current())
        view.copied.connect(self._copy)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._open_menu)
        view.selectionModel().selectionChanged.connect(lambda *_: self._tell_total())

    # --- what the window shows -----------------------------------------------------------------------------------
    def show_ranking(
        self, ranking: Ranking, columns: Sequence[RankedColumn], group: str,
        total_of: Callable[[Ranking, Rows], str], everywhere: str,
    ) -> None:  # fmt: skip
        """Show other rows.

        Parameters
        ----------
        ranking : Ranking
        columns : sequence of RankedColumn
        group : str
            Column by whose values rows can be chosen (the sub-district); empty for none.
        total_of : callable
            Ranking and rows → the line below the table.
        everywhere : str
            What the choice of no group is called.
        """
        self._is_setting = True
        same = [one.field for one in columns] == [one.field for one in self.model.columns]
        chosen = self.group.currentData() if same and group == self._group else ""
        self._group, self._total_of = group, total_of
        if not same:
            self.search.clear()
            self._sort = ("", False)
        self.group.clear()
        self.group.addItem(everywhere, "")
        for name in values_of(ranking, group) if group and group in ranking.columns else ():
            self.group.addItem(visible_text(name), name)
        self.group.setVisible(self.group.count() > 2)
        self.group.setCurrentIndex(max(self.group.findData(chosen), 0))
        self.model.show_rows(ranking, columns, np.arange(len(ranking)))
        self._fit()
        self._is_setting = False
        self.arrange()

    def keep(self, rows: Rows | None) -> None:
        """Show only some rows of the ranking, whatever else is filtered; None for all."""
        self._kept = rows
        self.arrange()

    def arrange(self) -> None:
        """Filter and sort again; what is chosen stays chosen where it is in sight."""
        self._typing.stop()
        ranking, columns = self.model.ranking, self.model.columns
        before = self.chosen_rows()
        value = str(self.group.currentData() or "")
        rows = matching(ranking, self.search.text(), self._group if value else "", value)
        if self._kept is not None:
            rows = np.intersect1d(rows, self._kept)
        field, down = self._sort
        self.model.show_rows(ranking, columns, ordered(ranking, rows, field, descending=down))
        self._show_order()
        self.choose(before)
        self.nothing.setVisible(not len(rows))
        self.view.setVisible(bool(len(rows)))
        self.export.setEnabled(bool(len(rows)))
        self.select_all.setEnabled(bool(len(rows)))
        self._tell_total()

    @property
    def ranking(self) -> Ranking:
        """Return what is listed."""
        return self.model.ranking

    def chosen_rows(self, *, everything: bool = False) -> Rows:
        """Return the rows of the ranking that are chosen, in their order.

        With ``everything`` all in sight where fewer than two are chosen: a single row is where one stands, no choice.
        """
        held = self.view.selectionModel().selection()  # a hundred thousand rows are one range, and as many indexes
        spans = sorted({(one.top(), one.bottom()) for one in (held.at(k) for k in range(held.count()))})
        places = np.unique(np.concatenate([np.arange(0), *(np.arange(top, bottom + 1) for top, bottom in spans)]))
        if everything and len(places) < 2:
            return self.model.rows
        chosen: Rows = self.model.rows[places.astype(np.int64)]
        return chosen

    def go_to_place(self, place: int) -> None:
        """Choose a row in sight and fly to its object."""
        self.view.setCurrentIndex(self.model.index(place, 0))
        self._go_to_current()

    # --- what a hand does ----------------------------------------------------------------------------------------
    def _on_head_clicked(self, at: int) -> None:
        """Sort by a column: numbers from the highest, texts from the first; once more the other way, then by rank."""
        shown = self.model.columns[at]
        field, down = self._sort
        first = shown.is_number and bool(shown.field)
        if field != shown.field:
            self._sort = (shown.field, first)
        elif down == first:
            self._sort = (field, not first)
        else:
            self._sort = ("", False)
        self.arrange()

    def _show_order(self) -> None:
        field, down = self._sort
        at = next((k for k, shown in enumerate(self.model.columns) if shown.field == field), -1)
        order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
        self.view.horizontalHeader().setSortIndicator(at, order)

    def _on_clicked(self, index: QModelIndex) -> None:
        modifiers = QGuiApplication.keyboardModifiers()
        if modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier):
            self.select_requested.emit(self.ranking.by_layer(self.chosen_rows()))
        else:
            self.go_requested.emit(self.ranking.key(int(self.model.rows[index.row()])))

    def _go_to_current(self) -> None:
        self._rest.stop()
        index = self.view.currentIndex()
        if index.isValid():
            self.go_requested.emit(self.ranking.key(int(self.model.rows[index.row()])))

    def _open_current(self) -> None:
        """Fly to the object of the row and show all of it."""
        self._go_to_current()
        index = self.view.currentIndex()
        if index.isValid():
            self.open_requested.emit(self.ranking.key(int(self.model.rows[index.row()])))

    def _select_all(self) -> None:
        self.view.selectAll()
        self.select_requested.emit(self.ranking.by_layer(self.model.rows))

    def choose(self, rows: Rows) -> None:
        """Choose rows of the ranking where they stand now."""
        if not len(rows) or len(rows) == len(self.model.rows) > 1:
            return
        places = np.flatnonzero(np.isin(self.model.rows, rows))
        if len(places):
            self.view.setCurrentIndex(self.model.index(int(places[0]), 0))

    def _tell_total(self) -> None:
        if self._is_setting:
            return
        self.total.setText(self._total_of(self.ranking, self.chosen_rows(everything=True)))
        self.rows_changed.emit()

    def _copy(self) -> None:
        rows = self.chosen_rows()
        places = np.flatnonzero(np.isin(self.model.rows, rows))
        QGuiApplication.clipboard().setText(self.texts(places))

    def texts(self, places: Rows) -> str:
        """Return rows in sight as a table with tabs, headings first; pasted anywhere it runs nothing."""
        heads = [shown.head for shown in self.model.columns]
        cells = [[self.model.cell_text(int(place), at) for at in range(len(heads))] for place in places]
        return "\n".join("\t".join(str(guarded(cell)) for cell in cells_of) for cells_of in [heads, *cells])

    def _open_menu(self, at: QPoint) -> None:
        index = self.view.indexAt(at)
        if not index.isValid():
            return
        word, menu = self._appearance.word, QMenu(self)
        key = self.ranking.key(int(self.model.rows[index.row()]))
        menu.addAction(self._appearance.icon("crosshair-simple", "text_soft"), word("ranked.menu.go"),
                       lambda: self.go_to_place(index.row()))  # fmt: skip
        menu.addAction(self._appearance.icon("info", "text_soft"), word("ranked.menu.properties"),
                       lambda: self.properties_requested.emit(key))  # fmt: skip
        menu.addAction(self._appearance.icon("selection-all", "text_soft"), word("ranked.menu.select"),
                       lambda: self.select_requested.emit(self.ranking.by_layer(self.chosen_rows())))  # fmt: skip
        menu.addSeparator()
        menu.addAction(self._appearance.icon("copy", "text_soft"), word("ranked.menu.copy"), self._copy)
        menu.addAction(self._appearance.icon("download-simple", "text_soft"), word("ranked.export"), self.export.click)
        menu.exec(self.view.viewport().mapToGlobal(at))
        menu.deleteLater()

    def _fit(self) -> None:
        head = self.view.horizontalHeader()
        for at, shown in enumerate(self.model.columns):
            mode = QHeaderView.ResizeMode.Stretch if shown.stretches else QHeaderView.ResizeMode.Interactive
            head.setSectionResizeMode(at, mode)
            if not shown.stretches:
                head.resizeSection(at, shown.width_px)


class _Table(QTableView):
    """A table whose arrow keys are told.

    Signals
    -------
    moved : () an arrow key led to another row
    entered_row : () Enter on a row
    copied : ()
    """

    moved = Signal()
    entered_row = Signal()
    copied = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Go through the rows."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_row.emit()
            return
        before = self.currentIndex().row()
        super().keyPressEvent(event)
        extends = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if self.currentIndex().row() != before and not extends:
            self.moved.emit()

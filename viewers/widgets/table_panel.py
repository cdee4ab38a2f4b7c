"""The attribute table of one layer: any number of rows, read from the data frame as they come into sight."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    Qt,
    Signal,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QStackedLayout,
    QTableView,
    QWidget,
)

from viewers.widgets.dress import Dress
from viewers.widgets.kit import EmptyHint, Index, column, label, line, row, tool


class FrameModel(QAbstractTableModel):
    """A data frame as a Qt table: sorted and filtered through an array of row numbers, never copied.

    Parameters
    ----------
    name_of : callable
        Field → its heading.
    text_of : callable
        (field, value) → what stands in the cell.
    """

    def __init__(
        self, name_of: Callable[[str], str], text_of: Callable[[str, object], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name_of, self._text_of = name_of, text_of
        self.frame = pd.DataFrame()
        self.fields: list[str] = []
        self.order = np.arange(0)
        self._at: dict[int, int] = {}

    def set_frame(self, frame: pd.DataFrame) -> None:
        """Show another frame; geometry is not a column of the table."""
        self.beginResetModel()
        self.frame = frame
        self.fields = [str(name) for name in frame.columns if str(frame[name].dtype) != "geometry"]
        self.order = np.arange(len(frame))
        self._at = {}
        self.endResetModel()

    def filter(self, text: str) -> None:
        """Keep the rows in which any field contains ``text``."""
        self.beginResetModel()
        self.order = np.arange(len(self.frame))
        if text:
            hit = np.zeros(len(self.frame), dtype=bool)
            for field in self.fields:
                column_ = self.frame[field].astype("string").fillna("")
                hit |= column_.str.contains(text, case=False, regex=False).to_numpy(dtype=bool)
            self.order = np.flatnonzero(hit)
        self._at = {}
        self.endResetModel()

    def row_of(self, oid: int) -> int:
        """Return the row in sight of an object, -1 if it is filtered away."""
        if not self._at:
            self._at = {int(oid): row for row, oid in enumerate(self.frame.index.to_numpy()[self.order])}
        return self._at.get(oid, -1)

    def oid_at(self, row_: int) -> int:
        """Return the object of a row."""
        return int(self.frame.index[self.order[row_]])

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return how many rows pass the filter."""
        return 0 if parent is not None and parent.isValid() else len(self.order)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return how many fields there are."""
        return 0 if parent is not None and parent.isValid() else len(self.fields)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one cell."""
        if not index.isValid():
            return None
        field = self.fields[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text_of(field, self.frame[field].iloc[self.order[index.row()]])
        if role == Qt.ItemDataRole.TextAlignmentRole and pd.api.types.is_numeric_dtype(self.frame[field].dtype):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Return a field's name, or an object's number."""
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole and section < len(self.fields):
                return self._name_of(self.fields[section])
            if role == Qt.ItemDataRole.ToolTipRole and section < len(self.fields):
                return self.fields[section]
        elif role == Qt.ItemDataRole.DisplayRole and section < len(self.order):
            return str(self.oid_at(section))
        return None

    def sort(self, column_: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a field, no data last either way."""
        if not 0 <= column_ < len(self.fields):
            return
        self.layoutAboutToBeChanged.emit()
        values = self.frame[self.fields[column_]].iloc[self.order].reset_index(drop=True)
        if values.dtype == object:
            values = values.astype("string")
        ascending = order == Qt.SortOrder.AscendingOrder
        self.order = self.order[values.sort_values(ascending=ascending, kind="stable").index.to_numpy()]
        self._at = {}
        self.layoutChanged.emit()


class TablePanel(QWidget):
    """The table with a filter and a choice of layer.

    Signals
    -------
    layer_requested : (layer id)
    select_requested : (list of oid)
    go_requested : (oid)
    """

    layer_requested = Signal(str)
    select_requested = Signal(list)
    go_requested = Signal(int)

    def __init__(
        self,
        dress: Dress,
        name_of: Callable[[str], str],
        text_of: Callable[[str, object], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.layer_id = ""
        self._setting = False
        self.model = FrameModel(name_of, text_of, self)
        self.layers = QComboBox()
        self.layers.setMinimumWidth(190)
        dress.say(self.layers.setAccessibleName, "table.layer")
        self.layers.activated.connect(lambda at: self.layer_requested.emit(str(self.layers.itemData(at))))
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(320)
        dress.say(self.search.setPlaceholderText, "table.filter")
        self.search.textChanged.connect(self._on_search_changed)
        self.count = label("small")
        self._dress = dress
        self.zoom = tool(dress, "crosshair-simple", "table.zoom", size=16)
        self.zoom.clicked.connect(self._on_zoom_clicked)
        self.view = QTableView()
        self.view.setModel(self.model)
        self.view.setSortingEnabled(True)
        self.view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.view.horizontalHeader().setDefaultSectionSize(120)
        self.view.horizontalHeader().setStretchLastSection(True)
        self.view.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.view.verticalHeader().setDefaultSectionSize(26)
        self.view.verticalHeader().setMinimumWidth(52)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setShowGrid(False)
        self.view.setAlternatingRowColors(True)
        self.view.setWordWrap(False)
        self.view.doubleClicked.connect(lambda index: self.go_requested.emit(self.model.oid_at(index.row())))
        self.view.selectionModel().selectionChanged.connect(self._on_rows_selected)
        self.hint = EmptyHint(dress, "table", "table.empty")
        top = row(self.layers, self.search, self.zoom, 1, self.count, margins=(10, 6, 12, 6))
        body = QWidget()
        body.setLayout(column(top, line(), self.view, gap=0))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(body)
        dress.lang_changed.connect(self._on_lang_changed)

    def set_layers(self, layers: list[tuple[str, str]]) -> None:
        """Offer layers as ``(id, title)``."""
        self.layers.blockSignals(True)
        self.layers.clear()
        for layer_id, title in layers:
            self.layers.addItem(title, layer_id)
        self.layers.setCurrentIndex(self.layers.findData(self.layer_id))
        self.layers.blockSignals(False)
        if not layers:
            self.layer_id = ""
            self.model.set_frame(pd.DataFrame())
        self._stack.setCurrentIndex(1 if layers else 0)

    def show_layer(self, layer_id: str, frame: pd.DataFrame, selected: Iterable[int]) -> None:
        """Show one layer's rows."""
        self.layer_id = layer_id
        self.layers.setCurrentIndex(self.layers.findData(layer_id))
        self._setting = True
        self.view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.search.clear()
        self.model.set_frame(frame)
        for at, field in enumerate(self.model.fields):
            sample = [self.model.data(self.model.index(r, at)) for r in range(min(12, self.model.rowCount()))]
            head = self.model.headerData(at, Qt.Orientation.Horizontal) or field
            wide = max([*(self.view.fontMetrics().horizontalAdvance(str(text)) for text in sample), 0])
            self.view.setColumnWidth(at, min(max(wide + 26, self.view.fontMetrics().horizontalAdvance(head) + 34), 260))
        self._setting = False
        self.select(selected)
        self._tell_count()

    def select(self, oids: Iterable[int]) -> None:
        """Select the rows of these objects and bring the first into sight."""
        self._setting = True
        model, selection = self.view.selectionModel(), QItemSelection()
        rows = [at for oid in oids if (at := self.model.row_of(oid)) >= 0]
        last = max(self.model.columnCount() - 1, 0)
        for at in rows[:2000]:
            selection.select(self.model.index(at, 0), self.model.index(at, last))
        model.select(
            selection, QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        )
        if rows:
            self.view.scrollTo(self.model.index(rows[0], 0))
        self._setting = False
        self._tell_count()

    def _on_rows_selected(self) -> None:
        if not self._setting:
            rows = self.view.selectionModel().selectedRows()
            self.select_requested.emit([self.model.oid_at(index.row()) for index in rows[:2000]])
            self._tell_count()

    def _on_search_changed(self, text: str) -> None:
        if not self._setting:
            self._setting = True
            self.model.filter(text.strip())
            self._setting = False
            self._tell_count()

    def _on_zoom_clicked(self) -> None:
        rows = self.view.selectionModel().selectedRows()
        if rows:
            self.go_requested.emit(self.model.oid_at(rows[0].row()))

    def _on_lang_changed(self) -> None:
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, max(self.model.columnCount() - 1, 0))
        self.view.viewport().update()
        self._tell_count()

    def _tell_count(self) -> None:
        chosen = len(self.view.selectionModel().selectedRows())
        shown, total = self.model.rowCount(), len(self.model.frame)
        self.count.setText(
            self._dress.word("table.count", shown=f"{shown:,}", total=f"{total:,}", chosen=f"{chosen:,}")
        )

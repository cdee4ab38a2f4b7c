"""The rows of an attribute table: columns that are read cell by cell as they come into sight, in any order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from models.core.spreadsheet_text import guarded
from models.core.value_text import NumberForm, is_missing
from models.query.columns import Columns
from resources.visible_text import visible_text
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.rows import Index

Rows = NDArray[np.int64]
Order = NDArray[np.int32]
NONE = Columns(np.zeros(0, np.int64), {})


class TableModel(QAbstractTableModel):
    """Columns as a Qt table: sorted and filtered through an array of row numbers, never copied.

    Signals
    -------
    edited : (oid, field, str) somebody typed into a cell

    Parameters
    ----------
    name_of : callable
        Field → its heading.
    text_of : callable
        (field, value, form) → what stands in the cell; the form is how the column writes its numbers.
    """

    edited = Signal(object, str, str)

    def __init__(
        self,
        name_of: Callable[[str], str],
        text_of: Callable[[str, object, NumberForm], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name_of, self._text_of = name_of, text_of
        self.columns: Columns = NONE
        self.fields: list[str] = []
        #: Row numbers as int32: half the memory of a million rows, twice as quickly gone through.
        self.order: Order = np.zeros(0, np.int32)
        #: Rows (of the columns) that are selected although there are too many pieces for Qt to hold; else None.
        self.marked: NDArray[np.bool_] | None = None
        self.editable = False
        self.faint = QColor("#888888")
        self.mark = QColor("#cce0ff")
        self._right: list[bool] = []

    def set_columns(self, columns: Columns) -> None:
        """Show another table, in its own order."""
        self.beginResetModel()
        self.columns = columns
        self.fields = list(columns.fields)
        self.order = np.arange(len(columns), dtype=np.int32)
        self.marked = None
        self._right = [False] * len(self.fields)
        self.endResetModel()

    def replace_columns(self, columns: Columns) -> None:
        """Show the same rows with other values, as after an edit."""
        if list(columns.fields) != self.fields or len(columns) != len(self.columns):
            self.set_columns(columns)
            return
        self.columns = columns
        if self.order.size and self.fields:
            last = self.index(len(self.order) - 1, len(self.fields) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def set_order(self, order: Order) -> None:
        """Show these rows in this order."""
        if len(order) == len(self.order) and len(order) and self.fields:  # another order: Qt need not count rows anew
            self.order = order
            last = len(order) - 1
            self.dataChanged.emit(self.index(0, 0), self.index(last, len(self.fields) - 1))
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, last)
            return
        self.beginResetModel()
        self.order = order
        self.endResetModel()

    def tell_numbers(self, fields: set[str]) -> None:
        """Say which fields hold numbers; they stand at the right of their columns."""
        self._right = [field in fields for field in self.fields]
        if self.fields:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.fields) - 1)

    def places_of(self, oids: NDArray[Any]) -> Rows:
        """Return the places in sight of objects, ascending; what is filtered away is left out."""
        return places_in(self.columns, self.order, oids)

    def row_of(self, oid: int) -> int:
        """Return the place in sight of an object, -1 if it is filtered away."""
        places = self.places_of(np.array([oid]))
        return int(places[0]) if len(places) else -1

    def oid_at(self, place: int) -> int:
        """Return the object at a place in sight."""
        return int(self.columns.oids[self.order[place]])

    def oids_at(self, places: Rows) -> Rows:
        """Return the objects at places in sight."""
        found: Rows = self.columns.oids[self.order[places]]
        return found

    def set_marked(self, places: Rows | None) -> None:
        """Mark rows that Qt's selection would be too slow for; None for none."""
        if places is None and self.marked is None:
            return
        if places is None:
            self.marked = None
        else:
            self.marked = np.zeros(len(self.columns), bool)
            self.marked[self.order[places]] = True
        if len(self.order) and self.fields:
            last = self.index(len(self.order) - 1, len(self.fields) - 1)
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.BackgroundRole])

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return how many rows are in sight."""
        return 0 if parent is not None and parent.isValid() else len(self.order)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return how many fields there are."""
        return 0 if parent is not None and parent.isValid() else len(self.fields)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let cells be edited where that is switched on."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if self.editable else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one cell."""
        if not index.isValid():
            return None
        row, field = int(self.order[index.row()]), self.fields[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return visible_text(self._text_of(field, self.columns.cell(field, row), self.columns.form(field)))
        if role == Qt.ItemDataRole.TextAlignmentRole and self._right[index.column()]:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole and is_missing(self.columns.cell(field, row)):
            return self.faint
        if role == Qt.ItemDataRole.BackgroundRole and self.marked is not None and self.marked[row]:
            return self.mark
        if role == Qt.ItemDataRole.EditRole:
            value = self.columns.cell(field, row)
            return "" if is_missing(value) else str(value)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Ask for a value to be put into a cell; the table follows when it is there."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        if str(value) != self.data(index, Qt.ItemDataRole.EditRole):
            self.edited.emit(self.oid_at(index.row()), self.fields[index.column()], str(value))
        return False

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Return a field's name, or an object's number."""
        if orientation == Qt.Orientation.Horizontal and section < len(self.fields):
            if role == Qt.ItemDataRole.DisplayRole:
                return visible_text(self._name_of(self.fields[section]))
            if role == Qt.ItemDataRole.ToolTipRole:
                return plain_tip(self.fields[section])
            if role == Qt.ItemDataRole.TextAlignmentRole and self._right[section]:
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        elif orientation == Qt.Orientation.Vertical and role == Qt.ItemDataRole.DisplayRole:
            return str(self.oid_at(section)) if section < len(self.order) else None
        return None

    def texts(self, places: Rows, fields: list[str], *, heading: bool = True) -> str:
        """Return rows as a table with tabs between its columns, headings first; pasted anywhere it runs nothing."""
        lines = ["\t".join(_pasted(self._name_of(field)) for field in fields)] if heading else []
        for place in places.tolist():
            row = int(self.order[place])
            cells = [self.columns.cell(field, row) for field in fields]
            lines.append("\t".join("" if is_missing(cell) else _pasted(cell) for cell in cells))
        return "\n".join(lines)


def places_in(columns: Columns, order: Order, oids: NDArray[Any]) -> Rows:
    """Return the places in an order at which objects stand, ascending; those that it leaves out are left out."""
    rows = columns.rows_of(oids)
    if not len(rows):
        return rows
    hit = np.zeros(len(columns), bool)  # a look at every row in sight is cheaper than sorting what was found
    hit[rows] = True
    found: Rows = np.flatnonzero(hit[order])
    return found


def _pasted(cell: object) -> str:
    """Return a cell as a spreadsheet program may be given it: one line, and no formula."""
    return str(guarded(_flat(cell))) if isinstance(cell, str) else _flat(str(cell))


def _flat(text: str) -> str:
    return text.replace("\t", " ").replace("\r", " ").replace("\n", " ")

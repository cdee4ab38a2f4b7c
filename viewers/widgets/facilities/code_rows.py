"""Rows of codes in kinds: on the left the kinds with how many each has, on the right old and new codes and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QListWidget, QListWidgetItem, QTableView, QWidget

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import row
from viewers.widgets.common.grids import dress_grid
from viewers.widgets.common.plain import plain_tip

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_ROW_PX = 27
_KINDS_PX = 216


class _Rows(QAbstractTableModel):
    """Columns of texts as a Qt table; cells are read as they come into sight."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._heads: list[str] = []
        self._columns: list[Any] = []

    def set_rows(self, heads: list[str], columns: list[Any]) -> None:
        self.beginResetModel()
        self._heads, self._columns = heads, columns
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:  # noqa: N802
        return 0 if parent.isValid() or not self._columns else len(self._columns[0])

    def columnCount(self, parent: _Index = _ROOT) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._heads)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        return visible_text(str(self._columns[index.column()][index.row()]))

    def headerData(self, section: int, side: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        if role == Qt.ItemDataRole.DisplayRole and side == Qt.Orientation.Horizontal:
            return self._heads[section]
        return None


class CodeRows(QWidget):
    """Kinds beside rows; a kind that is chosen shows its rows, a kind that is ticked off is left out.

    Signals
    -------
    ticked_changed : ()
    go_requested : (int) a row was double-clicked: number of the object
    """

    ticked_changed = Signal()
    go_requested = Signal(int)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None, *, kinds_px: int = _KINDS_PX) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._frame = pd.DataFrame({"kind": pd.Series(dtype=object), "oid": pd.Series(dtype=np.int64)})
        self._shown = self._frame
        self._columns: list[tuple[str, str, int]] = []
        self.kinds = QListWidget()
        self.kinds.setFixedWidth(kinds_px)
        self.kinds.currentRowChanged.connect(lambda _: self._fill())
        self.kinds.itemChanged.connect(lambda _: self.ticked_changed.emit())
        self._model = _Rows(self)
        self.view = QTableView()
        self.view.setModel(self._model)
        dress_grid(self.view, _ROW_PX)
        self.view.verticalHeader().hide()
        self.view.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.view.doubleClicked.connect(lambda index: self.go_requested.emit(int(self._shown["oid"].iloc[index.row()])))
        both = row(self.kinds, self.view, gap=12)
        both.setStretch(1, 1)
        self.setLayout(both)

    @property
    def rows(self) -> pd.DataFrame:
        """Return all rows, of every kind."""
        return self._frame

    def shown_texts(self) -> pd.DataFrame:
        """Return the rows that are shown as a table under the heads that are shown."""
        return pd.DataFrame({head: self._shown[name].astype("str").to_numpy(object) for name, head, _ in self._columns})

    @property
    def ticked(self) -> set[str]:
        """Return the kinds that are ticked."""
        items = [self.kinds.item(at) for at in range(self.kinds.count())]
        return {
            str(item.data(Qt.ItemDataRole.UserRole))
            for item in items
            if item.flags() & Qt.ItemFlag.ItemIsUserCheckable and item.checkState() == Qt.CheckState.Checked
        }

    def show_rows(
        self, frame: pd.DataFrame, columns: Sequence[tuple[str, str, int]],
        kinds: Sequence[tuple[str, str, bool]], everything: str,
    ) -> None:  # fmt: skip
        """Show rows.

        Parameters
        ----------
        frame : DataFrame
            ``kind``, ``oid`` and the columns.
        columns : sequence of (name, head, width)
            A width of 0 takes what is left.
        kinds : sequence of (id, words, can be ticked)
        everything : str
            Words of the entry that shows all kinds.
        """
        self._frame, self._columns = frame, list(columns)
        self.kinds.blockSignals(True)
        self.kinds.clear()
        for kind, words, can_be_ticked in (("", everything, False), *kinds):
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, kind)
            item.setToolTip(plain_tip(words))
            if can_be_ticked:
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(Qt.CheckState.Checked)
            self.kinds.addItem(item)
        self.kinds.setCurrentRow(0)
        self.kinds.blockSignals(False)
        self._fill()

    def _fill(self) -> None:
        item = self.kinds.currentItem()
        kind = "" if item is None else str(item.data(Qt.ItemDataRole.UserRole))
        self._shown = self._frame if not kind else self._frame[self._frame["kind"] == kind]
        heads = [head for _, head, _ in self._columns]
        self._model.set_rows(heads, [self._shown[name].to_numpy(object) for name, _, _ in self._columns])
        header = self.view.horizontalHeader()
        for at, (_, _, width) in enumerate(self._columns):
            stretches = width == 0
            header.setSectionResizeMode(
                at, QHeaderView.ResizeMode.Stretch if stretches else QHeaderView.ResizeMode.Interactive
            )
            if not stretches:
                self.view.setColumnWidth(at, width)

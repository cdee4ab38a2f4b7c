"""Rows of codes in kinds: on the left the kinds with how many each has, on the right old and new codes and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
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
    """Columns of texts as a Qt table, the first with a tick where a row can be left out; cells are read when seen.

    Signals
    -------
    toggled : (int) the tick of a row was clicked
    """

    toggled = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._heads: list[str] = []
        self._columns: list[Any] = []
        self._ticks: NDArray[np.int8] = np.zeros(0, dtype=np.int8)

    def set_rows(self, heads: list[str], columns: list[Any], ticks: NDArray[np.int8]) -> None:
        self.beginResetModel()
        self._heads, self._columns, self._ticks = heads, columns, ticks
        self.endResetModel()

    def set_ticks(self, ticks: NDArray[np.int8]) -> None:
        """Set the tick of each row: 1 ticked, 0 not, -1 none."""
        self._ticks = ticks
        if len(ticks):
            self.dataChanged.emit(self.index(0, 0), self.index(len(ticks) - 1, 0), [Qt.ItemDataRole.CheckStateRole])

    def rowCount(self, parent: _Index = _ROOT) -> int:  # noqa: N802
        return 0 if parent.isValid() or not self._columns else len(self._columns[0])

    def columnCount(self, parent: _Index = _ROOT) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._heads)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        held = super().flags(index)
        return held | Qt.ItemFlag.ItemIsUserCheckable if self._tick(index) >= 0 else held

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.CheckStateRole and self._tick(index) >= 0:
            return Qt.CheckState.Checked if self._tick(index) else Qt.CheckState.Unchecked
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        return visible_text(str(self._columns[index.column()][index.row()]))

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        if role != Qt.ItemDataRole.CheckStateRole or self._tick(index) < 0:
            return False
        self.toggled.emit(index.row())
        return True

    def headerData(self, section: int, side: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        if role == Qt.ItemDataRole.DisplayRole and side == Qt.Orientation.Horizontal:
            return self._heads[section]
        return None

    def _tick(self, index: _Index) -> int:
        return int(self._ticks[index.row()]) if index.column() == 0 else -1


class CodeRows(QWidget):
    """Kinds beside rows; a kind that is chosen shows its rows, a kind or a row that is ticked off is left out.

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
        self._places = np.arange(0)
        self._can_be_ticked = self._is_ticked = np.zeros(0, dtype=bool)
        self._columns: list[tuple[str, str, int]] = []
        self.kinds = QListWidget()
        self.kinds.setFixedWidth(kinds_px)
        self.kinds.currentRowChanged.connect(lambda _: self._fill())
        self.kinds.itemChanged.connect(lambda _: self._on_ticked())
        self._model = _Rows(self)
        self._model.toggled.connect(self._toggle)
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

    @property
    def chosen(self) -> pd.DataFrame:
        """Return the rows that are ticked, of kinds that are."""
        return self._frame.iloc[np.flatnonzero(self._ticks() == 1)]

    @property
    def _shown(self) -> pd.DataFrame:
        return self._frame.iloc[self._places]

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
        kinds: Sequence[tuple[str, str, bool]], everything: str, can_be_ticked: NDArray[np.bool_] | None = None,
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
        can_be_ticked : ndarray of bool, optional
            Rows that can be left out one by one; none without it.
        """
        self._frame, self._columns = frame, list(columns)
        self._can_be_ticked = np.zeros(len(frame), dtype=bool) if can_be_ticked is None else can_be_ticked
        self._is_ticked = self._can_be_ticked.copy()
        self.kinds.blockSignals(True)
        self.kinds.clear()
        for kind, words, has_tick in (("", everything, False), *kinds):
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, kind)
            item.setToolTip(plain_tip(words))
            if has_tick:
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(Qt.CheckState.Checked)
            self.kinds.addItem(item)
        self.kinds.setCurrentRow(0)
        self.kinds.blockSignals(False)
        self._fill()

    def _fill(self) -> None:
        item = self.kinds.currentItem()
        kind = "" if item is None else str(item.data(Qt.ItemDataRole.UserRole))
        kinds = self._frame["kind"].to_numpy(object)
        self._places = np.arange(len(kinds)) if not kind else np.flatnonzero(kinds == kind)
        heads = [head for _, head, _ in self._columns]
        shown = self._shown
        self._model.set_rows(
            heads, [shown[name].to_numpy(object) for name, _, _ in self._columns], self._ticks()[self._places]
        )
        header = self.view.horizontalHeader()
        for at, (_, _, width) in enumerate(self._columns):
            stretches = width == 0
            header.setSectionResizeMode(
                at, QHeaderView.ResizeMode.Stretch if stretches else QHeaderView.ResizeMode.Interactive
            )
            if not stretches:
                self.view.setColumnWidth(at, width)

    def _ticks(self) -> NDArray[np.int8]:
        """Return the tick of each row: 1 ticked, 0 not, -1 none; a kind that is ticked off takes its rows along."""
        on = self._is_ticked & self._frame["kind"].isin(self.ticked).to_numpy(dtype=bool)
        return np.where(self._can_be_ticked, on, -1).astype(np.int8)

    def _toggle(self, at: int) -> None:
        place = self._places[at]
        if self._frame["kind"].iloc[place] in self.ticked:
            self._is_ticked[place] = not self._is_ticked[place]
            self._on_ticked()

    def _on_ticked(self) -> None:
        self._model.set_ticks(self._ticks()[self._places])
        self.ticked_changed.emit()

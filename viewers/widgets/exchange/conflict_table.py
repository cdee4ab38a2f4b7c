"""Conflicts as a table: object, field, what the common version, this project and others say, and what counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, Qt
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.grids import dress_grid
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.rows import Index

COLUMNS = ("object", "field", "base", "ours", "theirs", "said", "counts")
_WIDTHS = (188, 104, 104, 122, 122, 196)
_COUNTS = len(COLUMNS) - 1


class ConflictModel(QAbstractTableModel):
    """As many rows as there are conflicts; a row is written when it is seen."""

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._count = 0
        self._cells_of: Callable[[int], Sequence[str]] = lambda _: ()
        self._is_decided: Callable[[int], bool] = lambda _: False

    def show_rows(
        self, count: int, cells_of: Callable[[int], Sequence[str]], is_decided: Callable[[int], bool]
    ) -> None:
        """Show other conflicts."""
        self.beginResetModel()
        self._count, self._cells_of, self._is_decided = count, cells_of, is_decided
        self.endResetModel()

    def follow(self) -> None:
        """Write what counts anew."""
        if self._count:
            self.dataChanged.emit(self.index(0, _COUNTS), self.index(self._count - 1, _COUNTS))

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return how many conflicts there are."""
        return 0 if parent is not None and parent.isValid() else self._count

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one cell."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return visible_text(self._cells_of(index.row())[index.column()])
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._cells_of(index.row())[index.column()])
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == _COUNTS:
            return self._appearance.colour("text" if self._is_decided(index.row()) else "text_faint")
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Return the head of a column."""
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self._appearance.word(f"exchange.conflict.{COLUMNS[section]}")
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


def conflict_table(appearance: Appearance, parent: QWidget) -> tuple[QTableView, ConflictModel]:
    """Return a table of conflicts and its model."""
    view = QTableView(parent)
    model = ConflictModel(appearance, view)
    view.setModel(model)
    dress_grid(view, 28)
    view.verticalHeader().hide()
    heads = view.horizontalHeader()
    for at, width in enumerate(_WIDTHS):
        view.setColumnWidth(at, width)
    heads.setSectionResizeMode(_COUNTS, QHeaderView.ResizeMode.Stretch)
    heads.setHighlightSections(False)
    return view, model

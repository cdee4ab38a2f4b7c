"""The grid of the attribute table and its headings, which carry the mark of a filter and a place for the menu."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.grids import dress_grid

#: At the right of a heading, within its edge by which it is made wider.
MARK_PX, EDGE_PX, ICON_PX = 18, 5, 13
ROW_PX = 26


class TableHeader(QHeaderView):
    """Headings of columns: a filter shows as a funnel, the pointer brings out the place of the menu.

    Signals
    -------
    menu_requested : (column, place on the screen)
    """

    menu_requested = Signal(int, QPoint)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._appearance = appearance
        self._hovered = -1
        #: Whether a column is filtered.
        self.is_filtered: Callable[[int], bool] = lambda _: False
        self.setMouseTracking(True)
        self.setSortIndicatorShown(True)
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setDefaultSectionSize(120)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_context_menu)

    def mark_of(self, at: int) -> QRect:
        """Return where the mark of a column is, in the viewport."""
        right = self.sectionViewportPosition(at) + self.sectionSize(at) - EDGE_PX
        return QRect(right - MARK_PX, 3, MARK_PX, self.height() - 7)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N802, N803
        """Draw a heading, and its mark over it."""
        painter.save()
        super().paintSection(painter, rect, logicalIndex)
        painter.restore()
        filtered, hovered = self.is_filtered(logicalIndex), logicalIndex == self._hovered
        if not (filtered or hovered) or rect.width() < 3 * MARK_PX:
            return
        mark = self.mark_of(logicalIndex)
        painter.fillRect(mark, self._appearance.colour("hover" if hovered else "sunken"))
        name, tint = ("funnel", "accent") if filtered else ("dots-three-vertical", "text_soft")
        box = QRect(0, 0, ICON_PX, ICON_PX)
        box.moveCenter(mark.center())
        self._appearance.icon(name, tint).paint(painter, box)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open the menu at the mark; elsewhere sort, move and widen as usual."""
        at = self.logicalIndexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and at >= 0:
            mark = self.mark_of(at)
            if mark.contains(event.position().toPoint()):
                self.menu_requested.emit(at, self.viewport().mapToGlobal(mark.bottomLeft()))
                return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Bring out the mark under the pointer."""
        super().mouseMoveEvent(event)
        self._hover(self.logicalIndexAt(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take the mark back."""
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, at: int) -> None:
        if at != self._hovered:
            self._hovered = at
            self.viewport().update()

    def _on_context_menu(self, at: QPoint) -> None:
        column = self.logicalIndexAt(at)
        if column >= 0:
            self.menu_requested.emit(column, self.viewport().mapToGlobal(at))


class RowsView(QTableView):
    """The grid of rows: sorting is not its own, and rows are of one height.

    Parameters
    ----------
    appearance : Appearance
    is_marked : callable
        Whether the row at a place is selected although Qt does not know it.
    """

    def __init__(self, appearance: Appearance, is_marked: Callable[[int], bool]) -> None:
        super().__init__()
        self._is_marked = is_marked
        self.header = TableHeader(appearance, self)
        self.setHorizontalHeader(self.header)
        self.setSortingEnabled(False)  # sorting is ours, off this thread
        dress_grid(self, ROW_PX)
        self.verticalHeader().setMinimumWidth(52)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Leave a selection of many pieces alone where its menu is asked for."""
        at = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.RightButton and at.isValid() and self._is_marked(at.row()):
            return
        super().mousePressEvent(event)

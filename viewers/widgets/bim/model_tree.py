"""The tree of building models: any number of rows, drawn as they come into sight, each with an eye.

What is drawn of a row besides its words (seen, hidden, faded) is one small array that the panel hands over whenever the
look of the models changes; no item is ever made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QObject,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from viewers.widgets.common.appearance import TYPE_SCALE, Appearance
from viewers.widgets.common.controls import Index
from viewers.widgets.common.model_icons import icon_of
from viewers.widgets.common.tree_rows import RANGE, Mask, Shown, TreeRows

ROW_PX = 27
EYE_PX = 30
INDENT_PX = 14
#: More runs of neighbouring rows than this are not marked: Qt compares each with each.
MOST_MARKED = 120
#: What an eye shows; see :meth:`TreeRows.states`.
ALL, SOME, NOTHING, FADED = 0, 1, 2, 3


class TreeModel(QAbstractItemModel):
    """:class:`TreeRows` as a Qt model; an index carries the number of its row.

    Parameters
    ----------
    words : callable
        (kind, label) → (what a heading is called, a quieter remark beside it).
    """

    def __init__(self, words: Callable[[str, str], tuple[str, str]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self.rows = TreeRows(())
        self._place(self.rows.all)
        self.states: NDArray[np.int8] = np.zeros(0, dtype=np.int8)

    def set_rows(self, rows: TreeRows, kept: Mask | None = None) -> None:
        """Show other trees."""
        self.beginResetModel()
        if rows is not self.rows:
            self.rows = rows
            self.states = np.where(rows.drawn_below > 0, 0, -1).astype(np.int8)
        self._place(rows.narrowed(kept))
        self.endResetModel()

    def _place(self, shown: Shown) -> None:
        """Keep the places as lists too: Qt asks for 25,000 single ones when a class is opened."""
        self.shown = shown
        self._order, self._first, self._count = shown.order.tolist(), shown.first.tolist(), shown.count.tolist()
        self._places, self._parents = shown.place.tolist(), self.rows.parent.tolist()

    def index_of(self, row: int) -> QModelIndex:
        """Return the index of a row, an invalid one if it is filtered away."""
        place = self._places[row] if 0 <= row < len(self._places) else -1
        return QModelIndex() if place < 0 else self.createIndex(place, 0, row)

    def text_of(self, row: int) -> tuple[str, str]:
        """Return a row's words and the quieter remark beside them."""
        kind, text = self.rows.kinds[row], self.rows.labels[row]
        if kind == RANGE:  # with the first of them, to find one's way
            return text, self.text_of(self._order[self._first[row]])[0] if self._count[row] else ""
        if kind in ("class", "none", "unplaced") or not text:
            return self._words(kind, text or self.rows.class_of(row))
        return text, ""

    def index(self, row: int, column: int, parent: Index | None = None) -> QModelIndex:
        """Return the index of a child."""
        if parent is None or not parent.isValid():
            return self.createIndex(row, column, self._order[row]) if 0 <= row < self.shown.roots else QModelIndex()
        above = parent.internalId()
        if not 0 <= row < self._count[above]:
            return QModelIndex()
        return self.createIndex(row, column, self._order[self._first[above] + row])

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        """Return the index above."""
        if not index.isValid():
            return QModelIndex()
        above = self._parents[index.internalId()]
        return QModelIndex() if above < 0 else self.createIndex(self._places[above], 0, above)

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return how many children are shown."""
        if parent is None or not parent.isValid():
            return self.shown.roots
        return int(self._count[parent.internalId()])

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return one."""
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a row's words; the rest is asked by the delegate."""
        if not index.isValid():
            return None
        row = index.internalId()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text_of(row)[0]
        if role == Qt.ItemDataRole.ToolTipRole:
            text, note = self.text_of(row)
            return "\n".join(part for part in (text, note, self.rows.class_of(row)) if part)
        return None


class _Row(QStyledItemDelegate):
    """Draws one row: icon, words, how many, eye."""

    def __init__(self, appearance: Appearance, tree: ModelTree) -> None:
        super().__init__(tree)
        self._appearance, self._tree = appearance, tree

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return QSize(120, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        appearance, tree, rect = self._appearance, self._tree, QRect(option.rect)
        model, row = tree.rows_model, index.internalId()
        state = int(model.states[row])
        seen = state not in (NOTHING, FADED)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        right = tree.viewport().width()
        tint = "accent" if seen and state >= 0 else "none"
        icon = icon_of(model.rows.kinds[row], model.rows.class_of(row))
        appearance.icon(icon, tint).paint(painter, rect.left() + 3, rect.top() + (ROW_PX - 16) // 2, 16, 16)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if state >= 0 and (hovered or state != ALL):
            picture = {NOTHING: "eye-slash", FADED: "ghost"}.get(state, "eye")
            tint = "text_soft" if hovered or state != NOTHING else "text_faint"
            at = QRect(right - EYE_PX + 7, rect.top() + (ROW_PX - 16) // 2, 16, 16)
            appearance.icon(picture, tint).paint(painter, at)
            if state == SOME:  # an eye with a dot: not all that is below is seen
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(appearance.colour("warn"))
                painter.drawEllipse(at.right() - 3, at.top(), 5, 5)
        font = QFont(option.font)
        right -= EYE_PX
        font.setPixelSize(TYPE_SCALE["tiny"])
        painter.setFont(font)
        own = int(model.rows.elements_below[row]) - int(model.rows.oid[row] >= 0)
        if own > 0:
            count = f"{own:,}"
            wide = painter.fontMetrics().horizontalAdvance(count)
            painter.setPen(appearance.colour("text_faint"))
            painter.drawText(QRect(right - wide, rect.top(), wide, ROW_PX), Qt.AlignmentFlag.AlignVCenter, count)
            right -= wide + 8
        left = rect.left() + 25
        text, note = model.text_of(row)
        font.setPixelSize(TYPE_SCALE["body"])
        painter.setFont(font)
        painter.setPen(appearance.colour("text" if seen else "text_faint"))
        # what tells elements of one kind apart stands at the end of their names
        elide = Qt.TextElideMode.ElideMiddle if model.rows.oid[row] >= 0 else Qt.TextElideMode.ElideRight
        shown = painter.fontMetrics().elidedText(text, elide, right - left)
        painter.drawText(QRect(left, rect.top(), right - left, ROW_PX), Qt.AlignmentFlag.AlignVCenter, shown)
        left += painter.fontMetrics().horizontalAdvance(shown) + 7
        if note and right - left > 30:
            font.setPixelSize(TYPE_SCALE["small"])
            painter.setFont(font)
            painter.setPen(appearance.colour("text_faint"))
            note = painter.fontMetrics().elidedText(note, Qt.TextElideMode.ElideRight, right - left)
            painter.drawText(QRect(left, rect.top(), right - left, ROW_PX), Qt.AlignmentFlag.AlignVCenter, note)
        painter.restore()


class ModelTree(QTreeView):
    """The tree itself.

    Signals
    -------
    chosen : (list of int) the person chose these rows
    asked : (str, list of int) what shall be done with rows: ``"zoom"``, ``"toggle"`` …
    menu_asked : (QPoint, list of int) a context menu at a place of the screen

    Parameters
    ----------
    appearance : Appearance
    words : callable
        See :class:`TreeModel`.
    """

    chosen = Signal(list)
    asked = Signal(str, list)
    menu_asked = Signal(QPoint, list)

    def __init__(
        self, appearance: Appearance, words: Callable[[str, str], tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._setting = False
        self._marked_rows: set[int] = set()
        self.rows_model = TreeModel(words, self)
        self.setModel(self.rows_model)
        self.setItemDelegate(_Row(appearance, self))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(INDENT_PX)
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        appearance.say(self.setAccessibleName, "panel.model")
        self.selectionModel().selectionChanged.connect(lambda *_: self._on_selection_changed())
        self.doubleClicked.connect(lambda index: self.asked.emit("zoom", [index.internalId()]))
        self.customContextMenuRequested.connect(self._on_context_menu)
        appearance.look_changed.connect(self.viewport().update)
        appearance.lang_changed.connect(self.viewport().update)

    @property
    def marked(self) -> list[int]:
        """Return the selected rows."""
        shown = self.rows_model.shown
        found: list[int] = []
        selection = self.selectionModel().selection()
        for at in range(selection.count()):
            run = selection.at(at)
            above = run.parent()
            first = int(shown.first[above.internalId()]) if above.isValid() else 0
            found += shown.order[first + run.top() : first + run.bottom() + 1].tolist()
        return found

    def set_rows(self, rows: TreeRows, kept: Mask | None = None, *, open_rows: Iterable[int] = ()) -> None:
        """Show trees (or those rows of them that are kept), and open some rows."""
        self._setting = True
        self.rows_model.set_rows(rows, kept)
        for row in open_rows:
            self.expand(self.rows_model.index_of(int(row)))
        self._setting = False

    def set_states(self, states: NDArray[np.int8]) -> None:
        """Show what is seen of each row."""
        if len(states) == len(self.rows_model.rows):
            self.rows_model.states = states
            self.viewport().update()

    def open_rows(self) -> list[int]:
        """Return the rows that stand open."""
        model, found = self.rows_model, []
        waiting = [model.index(at, 0) for at in range(model.rowCount())]
        while waiting:
            index = waiting.pop()
            if self.isExpanded(index):
                found.append(index.internalId())
                waiting += [model.index(at, 0, index) for at in range(model.rowCount(index))]
        return found

    def mark(self, rows: Sequence[int]) -> None:
        """Mark rows because something else selected them, and bring the last one into sight."""
        self._setting = True
        model, selection = self.rows_model, QItemSelection()
        last = next((at for row in reversed(rows) if (at := model.index_of(row)).isValid()), QModelIndex())
        shown = np.sort(np.asarray([row for row in rows if model.shown.place[row] >= 0], dtype=np.int64))
        places, parents = model.shown.place[shown], model.rows.parent[shown]
        breaks = np.flatnonzero((np.diff(places) != 1) | (np.diff(parents) != 0)) + 1
        runs = [run for run in np.split(shown, breaks) if len(run)]
        if last.isValid():
            runs = [*runs[: MOST_MARKED - 1], np.asarray([last.internalId()])]
        for run in runs:
            selection.append(QItemSelectionRange(model.index_of(int(run[0])), model.index_of(int(run[-1]))))
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(selection, flags.ClearAndSelect | flags.Rows)
        if last.isValid():
            self.selectionModel().setCurrentIndex(last, flags.NoUpdate)
            self.scrollTo(last)
        self._setting = False

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Zoom with Enter, hide and show with Space."""
        verb = {Qt.Key.Key_Return: "zoom", Qt.Key.Key_Enter: "zoom", Qt.Key.Key_Space: "toggle"}.get(
            Qt.Key(event.key())
        )
        if verb and self.marked:
            self.asked.emit(verb, self.marked)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, text: str) -> None:  # noqa: N802
        """Do nothing: letters are commands here, and there is a search field."""

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let the eye at the end of a row be pressed without selecting the row."""
        at = event.position().toPoint()
        index = self.indexAt(at)
        on_eye = at.x() >= self.viewport().width() - EYE_PX
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton and on_eye:
            row = index.internalId()
            if self.rows_model.states[row] >= 0:
                marked = self.marked
                self.asked.emit("toggle", marked if row in marked else [row])
                return
        super().mousePressEvent(event)

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        """Fill the whole row, also in front of its branches."""
        box = QRect(0, option.rect.top(), self.viewport().width(), option.rect.height())
        if index.internalId() in self._marked_rows:
            painter.fillRect(box, self._appearance.colour("accent_soft"))
        super().drawRow(painter, option, index)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802
        """Say what the eye does while the pointer is over it."""
        if event.type() == QEvent.Type.HoverMove:
            at = event.position().toPoint()  # type: ignore[attr-defined]
            on_eye = at.x() >= self.viewport().width() - EYE_PX and self.indexAt(at).isValid()
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if on_eye else Qt.CursorShape.ArrowCursor)
        return super().viewportEvent(event)

    def _on_selection_changed(self) -> None:
        marked = self.marked
        self._marked_rows = set(marked)
        if not self._setting:
            self.chosen.emit(marked)

    def _on_context_menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if index.isValid():
            marked = self.marked
            rows = marked if index.internalId() in marked else [index.internalId()]
            self.menu_asked.emit(self.viewport().mapToGlobal(at), rows)

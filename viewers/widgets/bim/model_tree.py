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
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.model_icons import icon_of
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.rows import Index, RowDelegate, RowPainter
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
            return visible_text(self.text_of(row)[0])
        if role == Qt.ItemDataRole.ToolTipRole:
            text, note = self.text_of(row)
            return plain_tip("\n".join(part for part in (text, note, self.rows.class_of(row)) if part))
        return None


class _Row(RowDelegate):
    """Draws one row: icon, words, how many, eye."""

    fills = False  # the tree fills its rows over their whole width

    def __init__(self, appearance: Appearance, tree: ModelTree) -> None:
        super().__init__(appearance, tree)
        self._tree = tree

    def height_of(self, index: Index) -> int:
        return ROW_PX

    def draw(self, row: RowPainter, index: Index) -> None:
        tree, box = self._tree, row.box
        model, number = tree.rows_model, index.internalId()
        state = int(model.states[number])
        seen = state not in (NOTHING, FADED)
        right = tree.viewport().width()
        icon = icon_of(model.rows.kinds[number], model.rows.class_of(number))
        row.icon(icon, "accent" if seen and state >= 0 else "none", box.left() + 3, 16)
        if state >= 0 and (row.hovered or state != ALL):
            picture = {NOTHING: "eye-slash", FADED: "ghost"}.get(state, "eye")
            left = right - EYE_PX + 7
            row.icon(picture, "text_soft" if row.hovered or state != NOTHING else "text_faint", left, 16)
            if state == SOME:  # an eye with a dot: not all that is below is seen
                row.dot("warn", left + 12, box.top() + (ROW_PX - 16) // 2, 5)
        right -= EYE_PX
        own = int(model.rows.elements_below[number]) - int(model.rows.oid[number] >= 0)
        if own > 0:
            right -= row.badge(f"{own:,}", right, "tiny", "text_faint") + 8
        left = box.left() + 25
        text, note = model.text_of(number)
        # what tells elements of one kind apart stands at the end of their names
        elide = Qt.TextElideMode.ElideMiddle if model.rows.oid[number] >= 0 else Qt.TextElideMode.ElideRight
        room = QRect(left, box.top(), right - left, ROW_PX)
        left += row.text(room, text, tint="text" if seen else "text_faint", elide=elide) + 7
        if note and right - left > 30:
            row.text(QRect(left, box.top(), right - left, ROW_PX), note, "small", "text_faint")


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

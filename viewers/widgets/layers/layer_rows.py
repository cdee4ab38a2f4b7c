"""The rows of the layer list: layers and groups, drawn, pressed, dragged and driven by keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QDropEvent, QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QToolTip

from viewers.widgets.common.appearance import Appearance, chip
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.rows import Index, RowDelegate, RowPainter

ID = Qt.ItemDataRole.UserRole
COUNT = Qt.ItemDataRole.UserRole + 1
COLOUR = Qt.ItemDataRole.UserRole + 2
EYE = Qt.ItemDataRole.UserRole + 3
STATE = Qt.ItemDataRole.UserRole + 4
ICON = Qt.ItemDataRole.UserRole + 5
#: Id of the group of which a row is the heading, empty for a layer.
HEADING = Qt.ItemDataRole.UserRole + 6
#: Id of the group in which a layer stands; its row is set in.
GROUP = Qt.ItemDataRole.UserRole + 7
FILTERED = Qt.ItemDataRole.UserRole + 8
#: Whether a layer is not seen at the scale of the picture.
OUT_OF_SCALE = Qt.ItemDataRole.UserRole + 9
ROW_PX = 31
EYE_PX = 30
INSET_PX = 14
#: Icon and tint of an eye: a layer that is on or off, that the theme shows or hides against its own eye; a group of
#: which some are on.
EYES = {
    "on": ("eye", "text_soft"), "off": ("eye-slash", "text_faint"), "some": ("eye", "text_faint"),
    "called": ("eye", "accent"), "put_away": ("eye-closed", "warn"),
}  # fmt: skip
STATE_ICONS = {
    "missing": ("warning", "warn"), "withheld": ("shield-warning", "warn"), "busy": ("hourglass-simple", "text_faint"),
}  # fmt: skip


class LayerRow(RowDelegate):
    """Draws one layer or one group: eye, icon, name, count, colour chip."""

    def height_of(self, index: Index) -> int:
        """Return how high a row is, pixels."""
        return ROW_PX

    def draw(self, row: RowPainter, index: Index) -> None:
        """Draw what a row holds."""
        box, right = row.box, row.box.right() - 12
        eye, heading = str(index.data(EYE)), bool(index.data(HEADING))
        icon, tint = EYES[eye]
        row.icon(icon, tint, box.left() + 10, 16)
        seen = eye in ("on", "called", "some")
        inset = INSET_PX if index.data(GROUP) else 0
        icon, tint = STATE_ICONS.get(str(index.data(STATE)), (str(index.data(ICON)), "accent" if seen else "none"))
        if heading:
            row.icon(str(index.data(ICON)), "text_soft", box.left() + 34, 12)
            icon, tint = "folder-simple", "accent" if seen else "none"
            inset += 12
        row.icon(icon, tint, box.left() + 38 + inset, 17)
        if colour := index.data(COLOUR):
            row.painter.drawPixmap(right - 13, box.top() + (ROW_PX - 13) // 2, chip(str(colour), 13))
            right -= 20
        for role, icon, tint in ((FILTERED, "funnel", "accent"), (OUT_OF_SCALE, "magnifying-glass-minus", "warn")):
            if index.data(role):
                row.icon(icon, tint, right - 13, 14)
                right -= 20
        right -= row.badge(str(index.data(COUNT) or ""), right, "tiny", "text_faint") + 8
        left = box.left() + 63 + inset
        faint = not seen or bool(index.data(OUT_OF_SCALE))
        room, tint = QRect(left, box.top(), right - left, ROW_PX), "text_faint" if faint else "text"
        row.text(room, str(index.data()), tint=tint, bold=heading)


@dataclass(slots=True)
class Line:
    """What a row says."""

    text: str
    data: dict[int, object]

    @property
    def id(self) -> str:
        """Return the id of the layer, empty for a heading."""
        return str(self.data[ID])

    @property
    def key(self) -> tuple[object, object, object]:
        """Return what the row stands for."""
        return self.data[ID], self.data[HEADING], self.data[GROUP]

    def write(self, item: QListWidgetItem) -> None:
        """Let an item say it."""
        item.setText(self.text)
        for role, value in self.data.items():
            item.setData(role, value)
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
        item.setFlags(flags | Qt.ItemFlag.ItemIsDropEnabled if self.data[HEADING] else flags)


class LayerRows(QListWidget):
    """The rows themselves: dragging one asks for another place instead of moving it.

    Signals
    -------
    dropped : (place as of :meth:`place_at`) the selected rows were laid there
    eye_pressed : (list of layer ids)
    fold_pressed : (group id, bool or None) fold, open, or the other of both
    remove_pressed : ()

    Parameters
    ----------
    appearance : Appearance
    tip_of : callable
        (layer id, group id) → tool tip of a row.
    """

    dropped = Signal(str, str)
    eye_pressed = Signal(list)
    fold_pressed = Signal(str, object)
    remove_pressed = Signal()

    def __init__(self, appearance: Appearance, tip_of: Callable[[str, str], str]) -> None:
        super().__init__()
        self.tip_of = tip_of
        self.members_of: Callable[[str], list[str]] = lambda _: []
        self.setItemDelegate(LayerRow(appearance, self))
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        appearance.say(self.setAccessibleName, "panel.layers")

    @property
    def selected_layers(self) -> list[str]:
        """Return the ids of the selected layers, top first."""
        items = (self.item(at) for at in range(self.count()))
        return [str(item.data(ID)) for item in items if item.isSelected() and item.data(ID)]

    @property
    def current_group(self) -> str:
        """Return the id of the group whose heading is chosen, empty for none."""
        item = self.currentItem()
        return str(item.data(HEADING)) if item is not None and item.isSelected() else ""

    def layers_of(self, item: QListWidgetItem) -> list[str]:
        """Return the ids of the layers of which a row speaks."""
        return [str(item.data(ID))] if item.data(ID) else self.members_of(str(item.data(HEADING)))

    def place_at(self, at: QPoint, where: QAbstractItemView.DropIndicatorPosition) -> tuple[str, str]:
        """Return the place for what is laid on, above or below the row at a position.

        Returns
        -------
        tuple of (str, str)
            Id of the group, empty for none; id of the layer or group on top of which it comes, empty for the bottom.
        """
        item = self.itemAt(at)
        if item is None:
            return "", ""
        heading, group = str(item.data(HEADING)), str(item.data(GROUP))
        below_it = where == QAbstractItemView.DropIndicatorPosition.BelowItem
        if heading and (below_it or where == QAbstractItemView.DropIndicatorPosition.OnItem):
            return heading, next(iter(self.members_of(heading)), "")
        if not below_it:
            return group, heading or str(item.data(ID))
        row = self.row(item)
        after = self.item(row + 1) if row + 1 < self.count() else None
        if after is None:
            return group, ""
        if group:
            return group, str(after.data(ID)) if after.data(GROUP) == group else ""
        return "", str(after.data(HEADING) or after.data(ID))

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Ask for another place; the rows follow when the project says so."""
        if event.source() is not self:
            return
        at, where = event.position().toPoint(), self.dropIndicatorPosition()
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        self.dropped.emit(*self.place_at(at, where))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take a press on an eye for that, and one on a heading's arrow for folding."""
        item = self.itemAt(event.position().toPoint())
        if item is not None and event.button() == Qt.MouseButton.LeftButton and event.position().x() < EYE_PX:
            self.eye_pressed.emit(self.layers_of(item))
            return
        super().mousePressEvent(event)
        on_arrow = event.button() == Qt.MouseButton.LeftButton and event.position().x() < EYE_PX + 20
        if on_arrow and item is not None and item.data(HEADING):
            self.fold_pressed.emit(str(item.data(HEADING)), None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take the second of two quick presses on an eye or an arrow for another press."""
        item = self.itemAt(event.position().toPoint())
        width = EYE_PX + 20 if item is not None and item.data(HEADING) else EYE_PX
        if event.position().x() < width:
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Space for the eye, arrows and Enter for folding, Del to remove."""
        item, key = self.currentItem(), event.key()
        heading = str(item.data(HEADING)) if item is not None else ""
        if item is not None and key == Qt.Key.Key_Space:
            chosen = [one for one in self.selectedItems() if one is not None] or [item]
            self.eye_pressed.emit(list(dict.fromkeys(own for one in chosen for own in self.layers_of(one))))
        elif heading and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.fold_pressed.emit(heading, None)
        elif heading and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.fold_pressed.emit(heading, key == Qt.Key.Key_Left)
        elif item is not None and key == Qt.Key.Key_Delete:
            self.remove_pressed.emit()
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802
        """Say in full what a row is; worked out when it is asked for, since that looks into the data."""
        if isinstance(event, QHelpEvent):
            item = self.itemAt(event.pos())
            if item is not None:
                tip = self.tip_of(str(item.data(ID)), str(item.data(HEADING)))
                QToolTip.showText(event.globalPos(), plain_tip(tip), self)
                return True
        return super().viewportEvent(event)

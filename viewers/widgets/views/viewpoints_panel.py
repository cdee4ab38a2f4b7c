"""Saved views of the city, with small pictures, in an order that a meeting steps through."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStackedLayout,
    QWidget,
)

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, column, line, row, tool
from viewers.widgets.common.ordered import order_by_hand
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.rows import Index, PictureDelegate, RowPainter
from viewers.widgets.common.thumbnails import SIZE, icon_of

ID = Qt.ItemDataRole.UserRole
KEEPS_SCENE = Qt.ItemDataRole.UserRole + 1


class ViewpointsPanel(QWidget):
    """Saved views.

    Signals
    -------
    go_requested, rename_requested, delete_requested, update_requested : (viewpoint id)
    scene_requested : (viewpoint id, bool) keep layers, styles and theme with it, or no longer
    moved : (viewpoint id, position)
    add_requested : ()
    """

    go_requested = Signal(str)
    rename_requested = Signal(str)
    delete_requested = Signal(str)
    update_requested = Signal(str)
    scene_requested = Signal(str, bool)
    moved = Signal(str, int)
    add_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._views: list[tuple[str, str]] = []
        self._pictures: dict[str, QIcon] = {}
        self._held: dict[str, bytes] = {}
        self._scenes: set[str] = set()
        self._current = ""
        self.list = QListWidget()
        self.list.setItemDelegate(_Row(appearance, self.list, SIZE, 5))
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.itemActivated.connect(lambda item: self.go_requested.emit(str(item.data(ID))))
        self.list.itemClicked.connect(lambda item: self.go_requested.emit(str(item.data(ID))))
        self.list.customContextMenuRequested.connect(self._menu)
        order_by_hand(self.list, lambda: [view_id for view_id, _ in self._views], self.moved.emit)
        self.add = tool(appearance, "plus", "viewpoints.add", size=16)
        self.add.clicked.connect(self.add_requested)
        self.update_ = tool(appearance, "arrows-clockwise", "viewpoints.update", size=16)
        self.update_.clicked.connect(lambda: self._emit(self.update_requested))
        self.up = tool(appearance, "arrow-up", "viewpoints.up", size=16)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down = tool(appearance, "arrow-down", "viewpoints.down", size=16)
        self.down.clicked.connect(lambda: self._move(1))
        self.rename = tool(appearance, "pencil-simple", "viewpoints.rename", size=16)
        self.rename.clicked.connect(lambda: self._emit(self.rename_requested))
        self.remove = tool(appearance, "trash", "viewpoints.delete", size=16)
        self.remove.clicked.connect(lambda: self._emit(self.delete_requested))
        self.hint = EmptyHint(appearance, "camera", "viewpoints.empty", "viewpoints.add")
        self.hint.pressed.connect(self.add_requested)
        foot = row(self.add, self.update_, self.up, self.down, self.rename, self.remove, 1, margins=(8, 2, 8, 4), gap=2)
        body = QWidget()
        body.setLayout(column(self.list, line(), foot, gap=0))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(body)
        appearance.look_changed.connect(self._draw)

    def set_views(self, views: list[tuple[str, str]]) -> None:
        """Show ``(id, title)`` of each saved view."""
        if views != self._views:
            self._views = list(views)
            self._draw()

    def set_pictures(self, pictures: Mapping[str, bytes], scenes: set[str]) -> None:
        """Show small pictures by id, and which views keep their layers."""
        if dict(pictures) == self._held and scenes == self._scenes:
            return
        self._pictures = {
            id_: self._pictures[id_] if self._held.get(id_) == data and id_ in self._pictures else icon
            for id_, data in pictures.items() if (icon := icon_of(data)) is not None
        }  # fmt: skip
        self._held, self._scenes = dict(pictures), set(scenes)
        self._draw()

    def show_current(self, view_id: str) -> None:
        """Show which view is seen."""
        self._current = view_id
        for at in range(self.list.count()):
            if str(self.list.item(at).data(ID)) == view_id:
                self.list.setCurrentRow(at)

    def _draw(self) -> None:
        current = self.list.currentItem()
        chosen = self._current if current is None else str(current.data(ID))
        self.list.clear()
        for view_id, title in self._views:
            item = QListWidgetItem(self._pictures.get(view_id, self._appearance.icon("camera", "accent")), title)
            item.setData(ID, view_id)
            item.setData(KEEPS_SCENE, view_id in self._scenes)
            item.setToolTip(plain_tip(title))
            self.list.addItem(item)
            if view_id == chosen:
                self.list.setCurrentItem(item)
        self._stack.setCurrentIndex(1 if self._views else 0)

    def _move(self, step: int) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.moved.emit(str(item.data(ID)), self.list.currentRow() + step)

    def _emit(self, signal: object) -> None:
        item = self.list.currentItem()
        if item is not None:
            signal.emit(str(item.data(ID)))  # type: ignore[attr-defined]

    def _menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        if item is None:
            return
        view_id = str(item.data(ID))
        menu = QMenu(self)
        for icon, key, signal in (
            ("airplane-tilt", "viewpoints.go", self.go_requested),
            ("arrows-clockwise", "viewpoints.update", self.update_requested),
            ("pencil-simple", "viewpoints.rename", self.rename_requested),
            ("trash", "viewpoints.delete", self.delete_requested),
        ):
            menu.addAction(
                self._appearance.icon(icon), self._appearance.word(key), lambda signal=signal: self._emit(signal)
            )
        keep = menu.addAction(self._appearance.word("viewpoints.keep_scene"))
        keep.setCheckable(True)
        keep.setChecked(bool(item.data(KEEPS_SCENE)))
        keep.toggled.connect(lambda on: self.scene_requested.emit(view_id, on))
        menu.exec(self.list.viewport().mapToGlobal(at))
        menu.deleteLater()


class _Row(PictureDelegate):
    """Draws a view: its picture, its name, and a mark where it keeps its layers."""

    def draw(self, row: RowPainter, index: Index) -> None:
        """Draw what a row holds."""
        self.draw_picture(row, index)
        box = row.box
        keeps = bool(index.data(KEEPS_SCENE))
        row.text(box.adjusted(SIZE.width() + 24, 0, -30 if keeps else -10, 0), str(index.data()))
        if keeps:
            row.icon("stack", "text_faint", box.right() - 26, 15)

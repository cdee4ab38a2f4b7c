"""Saved views of the city."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QMenu, QStackedLayout, QWidget

from viewers.widgets.dress import Dress
from viewers.widgets.kit import EmptyHint, column, line, row, tool


class ViewpointsPanel(QWidget):
    """Saved views.

    Signals
    -------
    go_requested, rename_requested, delete_requested : (viewpoint id)
    add_requested : ()
    """

    go_requested = Signal(str)
    rename_requested = Signal(str)
    delete_requested = Signal(str)
    add_requested = Signal()

    def __init__(self, dress: Dress, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dress = dress
        self._views: list[tuple[str, str]] = []
        self.list = QListWidget()
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.itemActivated.connect(lambda item: self.go_requested.emit(str(item.data(Qt.ItemDataRole.UserRole))))
        self.list.itemClicked.connect(lambda item: self.go_requested.emit(str(item.data(Qt.ItemDataRole.UserRole))))
        self.list.customContextMenuRequested.connect(self._menu)
        self.add = tool(dress, "plus", "viewpoints.add", size=16)
        self.add.clicked.connect(self.add_requested)
        self.rename = tool(dress, "pencil-simple", "viewpoints.rename", size=16)
        self.rename.clicked.connect(lambda: self._emit(self.rename_requested))
        self.remove = tool(dress, "trash", "viewpoints.delete", size=16)
        self.remove.clicked.connect(lambda: self._emit(self.delete_requested))
        self.hint = EmptyHint(dress, "camera", "viewpoints.empty", "viewpoints.add")
        self.hint.pressed.connect(self.add_requested)
        body = QWidget()
        body.setLayout(
            column(self.list, line(), row(self.add, self.rename, self.remove, 1, margins=(8, 2, 8, 4), gap=2), gap=0)
        )
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(body)
        dress.look_changed.connect(self._draw)

    def set_views(self, views: list[tuple[str, str]]) -> None:
        """Show ``(id, title)`` of each saved view."""
        self._views = views
        self._draw()

    def _draw(self) -> None:
        self.list.clear()
        for view_id, title in self._views:
            item = QListWidgetItem(self._dress.icon("camera", "accent"), title)
            item.setData(Qt.ItemDataRole.UserRole, view_id)
            self.list.addItem(item)
        self._stack.setCurrentIndex(1 if self._views else 0)

    def _emit(self, signal: object) -> None:
        item = self.list.currentItem()
        if item is not None:
            signal.emit(str(item.data(Qt.ItemDataRole.UserRole)))  # type: ignore[attr-defined]

    def _menu(self, at: QPoint) -> None:
        if self.list.itemAt(at) is None:
            return
        menu = QMenu(self)
        for icon, key, signal in (
            ("airplane-tilt", "viewpoints.go", self.go_requested),
            ("pencil-simple", "viewpoints.rename", self.rename_requested),
            ("trash", "viewpoints.delete", self.delete_requested),
        ):
            menu.addAction(self._dress.icon(icon), self._dress.word(key), lambda signal=signal: self._emit(signal))
        menu.exec(self.list.viewport().mapToGlobal(at))
        menu.deleteLater()

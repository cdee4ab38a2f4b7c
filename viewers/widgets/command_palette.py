"""Every action at the fingertips: type a few letters of it in Chinese, English or its id."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from viewers.widgets.dress import TYPE_SCALE, Dress
from viewers.widgets.kit import Index, column

SHORTCUT = Qt.ItemDataRole.UserRole + 1
PLACE = Qt.ItemDataRole.UserRole + 2
ICON = Qt.ItemDataRole.UserRole + 3
ROW_PX = 36


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be run: what it is called in every language, where it stands, its keys."""

    id: str
    text: str
    names: tuple[str, ...]
    icon: str = ""
    place: str = ""
    shortcut: str = ""


def score(query: str, name: str) -> float:
    """Return how well ``name`` answers ``query``: 0 not at all; higher is better.

    The letters must come in order; runs of letters and beginnings of words count more, so that "sv" finds "Save view"
    before "Preserve".
    """
    query, name = query.lower().replace(" ", ""), name.lower()
    if not query:
        return 1.0
    if query in name.replace(" ", ""):
        return 100.0 - len(name) * 0.1 + (20 if name.startswith(query) else 0)
    total, at, run = 0.0, 0, 0
    for letter in query:
        found = name.find(letter, at)
        if found < 0:
            return 0.0
        begins = found == 0 or not name[found - 1].isalnum()
        run = run + 1 if found == at and at else 0
        total += 1 + 3 * begins + 2 * run
        at = found + 1
    return total - len(name) * 0.02


class _Row(QStyledItemDelegate):
    def __init__(self, dress: Dress, parent: QWidget) -> None:
        super().__init__(parent)
        self._dress = dress

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return QSize(100, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        dress, box = self._dress, QRect(option.rect).adjusted(6, 1, -6, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(dress.colour("accent_soft" if option.state & QStyle.StateFlag.State_Selected else "hover"))
            painter.drawRoundedRect(box, 6, 6)
        icon = str(index.data(ICON) or "caret-right")
        dress.icon(icon, "accent").paint(painter, box.left() + 10, box.top() + (box.height() - 17) // 2, 17, 17)
        font = option.font
        font.setPixelSize(TYPE_SCALE["body"])
        painter.setFont(font)
        painter.setPen(dress.colour("text"))
        inner = box.adjusted(38, 0, -12, 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, str(index.data()))
        left = inner.left() + painter.fontMetrics().horizontalAdvance(str(index.data())) + 12
        font.setPixelSize(TYPE_SCALE["small"])
        painter.setFont(font)
        painter.setPen(dress.colour("text_faint"))
        painter.drawText(
            QRect(left, inner.top(), inner.right() - left, inner.height()),
            Qt.AlignmentFlag.AlignVCenter,
            str(index.data(PLACE) or ""),
        )
        painter.drawText(
            inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, str(index.data(SHORTCUT) or "")
        )
        painter.restore()


class CommandPalette(QFrame):
    """A box over the window: a line to type in, the best answers below it.

    Signals
    -------
    chosen : (action id)
    """

    chosen = Signal(str)

    def __init__(self, dress: Dress, host: QWidget) -> None:
        super().__init__(host)
        self._dress, self._host = dress, host
        self._entries: list[Entry] = []
        self.setObjectName("paletteBox")
        self.field = QLineEdit()
        dress.say(self.field.setPlaceholderText, "palette.hint")
        dress.say(self.field.setAccessibleName, "palette.hint")
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setItemDelegate(_Row(dress, self.list))
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(self._run)
        self.setLayout(column(self.field, self.list, margins=(1, 1, 1, 6), gap=5))
        self.hide()

    def open(self, entries: list[Entry]) -> None:
        """Show the box over its window."""
        self._entries = entries
        host = self._host
        width = min(620, host.width() - 80)
        self.setFixedWidth(width)
        self.move(QPoint((host.width() - width) // 2, 84))
        self.field.clear()
        self._fill("")
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Let the arrow keys walk through the list while the line keeps the focus."""
        if event.type() == QEvent.Type.FocusOut:
            self.hide()
        elif event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # Esc and the like are meant for this box while it is open
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            key = Qt.Key(event.key())
            if key in step and self.list.count():
                self.list.setCurrentRow(min(max(self.list.currentRow() + step[key], 0), self.list.count() - 1))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.list.currentItem())
                return True
            if key == Qt.Key.Key_Escape:
                self.hide()
                return True
        return super().eventFilter(watched, event)

    def _fill(self, query: str) -> None:
        self.list.clear()
        scored = [(max(score(query.strip(), name) for name in entry.names), entry) for entry in self._entries]
        best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])
        for _, entry in best[:60]:
            item = QListWidgetItem(entry.text)
            item.setData(Qt.ItemDataRole.UserRole, entry.id)
            item.setData(SHORTCUT, entry.shortcut)
            item.setData(PLACE, entry.place)
            item.setData(ICON, entry.icon)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        rows = min(max(self.list.count(), 1), 11)
        self.setFixedHeight(self.field.sizeHint().height() + rows * ROW_PX + 16)

    def _run(self, item: QListWidgetItem | None) -> None:
        self.hide()
        if item is not None:
            self.chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))

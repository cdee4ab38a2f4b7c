"""Everything at the fingertips: actions by a few letters, and the objects, layers and places that a text may mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import column
from viewers.widgets.common.rows import Index, RowDelegate, RowPainter

SHORTCUT = Qt.ItemDataRole.UserRole + 1
PLACE = Qt.ItemDataRole.UserRole + 2
ICON = Qt.ItemDataRole.UserRole + 3
GROUP = Qt.ItemDataRole.UserRole + 4
ROW_PX, HEAD_PX = 36, 26
#: Of entries that are found by the words about them; letters strewn over a name count less.
ABOUT_SCORE = 12.0
#: Groups of results in their order; ``palette.group.<name>`` is their word.
GROUPS = ("action", "place", "layer", "object")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be run: what it is called in every language, where it stands, its keys."""

    id: str
    text: str
    names: tuple[str, ...]
    icon: str = ""
    place: str = ""
    shortcut: str = ""
    group: str = "action"
    #: Words by which it is found as well, after those that are called so.
    about: tuple[str, ...] = ()


def score_of(query: str, entry: Entry) -> float:
    """Return how well an entry answers: by its names, else by the words about it that hold the query as it stands."""
    best = max(score(query, name) for name in entry.names)
    if not best and query and any(query.casefold() in words.casefold() for words in entry.about):
        return ABOUT_SCORE
    return best


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


class _Row(RowDelegate):
    """Draws a heading, or an entry: icon, text, where it stands in the menus, its keys."""

    fills = False

    def height_of(self, index: Index) -> int:
        return HEAD_PX if index.data(GROUP) else ROW_PX

    def draw(self, row: RowPainter, index: Index) -> None:
        box = row.box.adjusted(6, 1, -6, -1)
        text, whole = str(index.data()), Qt.TextElideMode.ElideNone
        if index.data(GROUP):
            row.text(box.adjusted(10, 4, -10, 0), text, "tiny", "text_faint", bold=True, elide=whole)
            return
        if row.selected or row.hovered:
            row.rounded(box, 6, "accent_soft" if row.selected else "hover")
        row.icon(str(index.data(ICON) or "caret-right"), "accent", box.left() + 10, 17)
        inner = box.adjusted(38, 0, -12, 0)
        left = inner.left() + row.text(inner, text, elide=whole) + 12
        place = QRect(left, inner.top(), inner.right() - left, inner.height())
        row.text(place, str(index.data(PLACE) or ""), "small", "text_faint", elide=whole)
        right = Qt.AlignmentFlag.AlignRight
        row.text(inner, str(index.data(SHORTCUT) or ""), "small", "text_faint", elide=whole, align=right)


class CommandPalette(QFrame):
    """A box over the window: a line to type in, the best answers below it.

    Signals
    -------
    chosen : (action id)
    picked : (str) the id of an object, a layer or a place
    search_requested : (str) what was typed; :meth:`show_found` brings the answer
    """

    chosen = Signal(str)
    picked = Signal(str)
    search_requested = Signal(str)

    def __init__(self, appearance: Appearance, host: QWidget) -> None:
        super().__init__(host)
        self._appearance, self._host = appearance, host
        self._entries: list[Entry] = []
        self._found: tuple[Entry, ...] = ()
        self.setObjectName("paletteBox")
        self.field = QLineEdit()
        appearance.say(self.field.setPlaceholderText, "palette.hint")
        appearance.say(self.field.setAccessibleName, "palette.hint")
        self.field.textChanged.connect(self._on_text_changed)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setItemDelegate(_Row(appearance, self.list))
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(self._run)
        self.setLayout(column(self.field, self.list, margins=(1, 1, 1, 6), gap=5))
        self.hide()

    def open(self, entries: list[Entry]) -> None:
        """Show the box over its window."""
        self._entries, self._found = entries, ()
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
                self._step(step[key])
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.list.currentItem())
                return True
            if key == Qt.Key.Key_Escape:
                self.hide()
                return True
        return super().eventFilter(watched, event)

    def show_found(self, query: str, found: Sequence[Entry]) -> None:
        """Show what a search for ``query`` found, if that is still what is typed."""
        if query == self.field.text().strip() and self.isVisible():
            self._found = tuple(found)
            self._fill(query, keep=True)

    def _on_text_changed(self, text: str) -> None:
        if not text.strip():
            self._found = ()
        self._fill(text)
        if text.strip():
            self.search_requested.emit(text.strip())

    def _step(self, by: int) -> None:
        """Walk through the list, past headings."""
        last = self.list.count() - 1
        at = min(max(self.list.currentRow() + by, 0), last)
        while 0 < at < last and self.list.item(at).data(GROUP):
            at += 1 if by > 0 else -1
        if self.list.item(at).data(GROUP):
            at = min(at + 1, last)
        self.list.setCurrentRow(at)

    def _fill(self, query: str, *, keep: bool = False) -> None:
        current = self.list.currentItem()
        held = str(current.data(Qt.ItemDataRole.UserRole)) if keep and current is not None else ""
        self.list.clear()
        scored = [(score_of(query.strip(), entry), entry) for entry in self._entries]
        best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])
        most = 60 if not self._found else 5
        entries = [entry for _, entry in best[:most]] + list(self._found)
        groups = [group for group in GROUPS if any(entry.group == group for entry in entries)]
        for group in groups:
            if len(groups) > 1:
                head = QListWidgetItem(self._appearance.word(f"palette.group.{group}"))
                head.setFlags(Qt.ItemFlag.NoItemFlags)
                head.setData(GROUP, group)
                self.list.addItem(head)
            for entry in entries:
                if entry.group == group:
                    self._add(entry)
        first = next((at for at in range(self.list.count()) if not self.list.item(at).data(GROUP)), 0)
        rows = range(self.list.count())
        again = next((at for at in rows if held and self.list.item(at).data(Qt.ItemDataRole.UserRole) == held), first)
        self.list.setCurrentRow(again)
        high = sum(HEAD_PX if self.list.item(at).data(GROUP) else ROW_PX for at in rows) or ROW_PX
        self.setFixedHeight(self.field.sizeHint().height() + min(high, 13 * ROW_PX) + 16)

    def _add(self, entry: Entry) -> None:
        item = QListWidgetItem(entry.text)
        item.setData(Qt.ItemDataRole.UserRole, entry.id)
        item.setData(SHORTCUT, entry.shortcut)
        item.setData(PLACE, entry.place)
        item.setData(ICON, entry.icon)
        self.list.addItem(item)

    def _run(self, item: QListWidgetItem | None) -> None:
        self.hide()
        if item is None or item.data(GROUP):
            return
        own = str(item.data(Qt.ItemDataRole.UserRole))
        (self.picked if own.startswith("@") else self.chosen).emit(own)

"""The panel of citizens' messages (12345): how many by class, month and sub-district, and the list of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QListWidgetItem, QStackedLayout, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, ShareBar, button, column, label, line, row, tool
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.common.rows import DETAIL, Index, RowDelegate, RowPainter, rows_item, rows_list

_SHARE = Qt.ItemDataRole.UserRole + 7
#: Height of a count, and how many are seen without scrolling.
_COUNT_PX, _SEEN = 28, 6


@dataclass(frozen=True, slots=True)
class CountView:
    """How many messages a group has; ``share`` of the greatest known, 0…1, nothing for those unknown."""

    id: str
    title: str
    count: str
    share: float


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message of the list; one without a place is drawn quieter."""

    oid: int
    title: str
    detail: str
    is_placed: bool


class _CountRows(RowDelegate):
    """A count as a bar behind its name."""

    def height_of(self, index: Index) -> int:
        """Return how high a row is, pixels."""
        return _COUNT_PX

    def draw(self, row: RowPainter, index: Index) -> None:
        """Draw name, bar and count."""
        box = row.box.adjusted(14, 0, -12, 0)
        number = str(index.data(DETAIL))
        name = QRect(box.left(), box.top(), int(box.width() * 0.46), box.height())
        share = float(index.data(_SHARE))
        row.text(name, str(index.data()), "small", "text" if share else "text_faint")
        left = name.right() + 10
        room = box.right() - 52 - left
        if share:
            row.rounded(QRect(left, box.center().y() - 4, max(int(room * share), 3), 8), 3, "accent")
        row.badge(number, box.right(), "small", "text_soft")


class CitizensPanel(QWidget):
    """Messages of citizens.

    Signals
    -------
    changed : ()
        What is searched for, or which messages are wanted.
    group_chosen : (str or None)
        Messages of one group are wanted; None for all.
    message_chosen : (int oid)
    case_requested : (int oid)
        A case is to be made of a message.
    import_requested : ()
    """

    changed = Signal()
    group_chosen = Signal(object)
    message_chosen = Signal(int)
    case_requested = Signal(int)
    import_requested = Signal()

    def __init__(
        self, appearance: Appearance, groups: Sequence[str], shown: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.by, self.which = self._combo("citizens.by", groups), self._combo("citizens.show", shown)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        appearance.say(self.search.setPlaceholderText, "citizens.search")
        appearance.say(self.search.setAccessibleName, "citizens.search")
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(250)
        self._later.timeout.connect(self.changed)
        self.search.textChanged.connect(lambda *_: self._later.start())
        self.which.currentIndexChanged.connect(lambda *_: self.changed.emit())
        self.by.currentIndexChanged.connect(lambda *_: self.group_chosen.emit(None))
        self.told, self.placed_told = label("strong", wrap=True), label("small", wrap=True)
        self.placed_bar = ShareBar(appearance, 6)
        self.counts = rows_list(appearance)
        self.counts.setItemDelegate(_CountRows(appearance, self.counts))
        self.counts.itemClicked.connect(self._on_count)
        self.list_told = label("small", wrap=True)
        self.list = rows_list(appearance)
        self.list.currentItemChanged.connect(lambda now, _: self._on_message(now))
        self.list.itemClicked.connect(self._on_message)
        self.text = label("small", wrap=True, select=True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.make = button(appearance, "citizens.make", "primary", icon="clipboard-text")
        self.make.clicked.connect(self._on_make)
        self._build()
        appearance.lang_changed.connect(self._say_combos)
        self._say_combos()

    def _combo(self, key: str, names: Sequence[str]) -> PlainCombo:
        made = PlainCombo()
        for name in names:
            made.addItem(name, name)
        self._appearance.say(made.setAccessibleName, key)
        return made

    def _say_combos(self) -> None:
        word = self._appearance.word
        for at in range(self.by.count()):
            self.by.setItemText(at, word(f"citizens.by.{self.by.itemData(at)}"))
        for at in range(self.which.count()):
            self.which.setItemText(at, word(f"citizens.show.{self.which.itemData(at)}"))

    def _build(self) -> None:
        bring = tool(self._appearance, "folder-open", "action.citizens.import")
        bring.clicked.connect(self.import_requested)
        head = row(self.told, bring, gap=8)
        head.setStretch(0, 1)
        find = row(self.search, self.which, gap=6)
        find.setStretch(0, 1)
        self._foot = QWidget()
        self._foot.setLayout(column(self.text, row(1, self.make), margins=(12, 8, 12, 10), gap=6))
        page = QWidget()
        body = column(
            column(head, self.placed_bar, self.placed_told, row(self.by, 1), margins=(12, 10, 12, 6), gap=6),
            self.counts, line(), column(find, self.list_told, margins=(12, 8, 12, 6), gap=6), self.list, line(),
            self._foot, gap=0,
        )  # fmt: skip
        body.setStretchFactor(self.list, 1)
        page.setLayout(body)
        empty = EmptyHint(self._appearance, "chats", "citizens.empty", "action.citizens.import")
        empty.pressed.connect(self.import_requested)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(page)

    # --- what it shows ------------------------------------------------------------------------------------------------
    def show_nothing(self) -> None:
        """Show that there are no messages."""
        self._stack.setCurrentIndex(0)

    def show_counts(
        self, told: str, placed_told: str, unplaced_share: float, counts: Sequence[CountView], chosen: str | None
    ) -> None:
        """Show how many messages there are, the share without a place, and the counts of the groups."""
        self._stack.setCurrentIndex(1)
        self.told.setText(told)
        self.placed_told.setText(placed_told)
        good, rest = (self._appearance.colour(name).name() for name in ("accent", "line_strong"))
        self.placed_bar.set_parts([(1 - unplaced_share, good), (unplaced_share, rest)])
        self.counts.clear()
        for one in counts:
            item = QListWidgetItem(one.title)
            item.setData(DETAIL, one.count)
            item.setData(_SHARE, one.share)
            item.setData(Qt.ItemDataRole.UserRole, one.id)
            self.counts.addItem(item)
            if one.id == chosen:
                self.counts.setCurrentItem(item)
        self.counts.setFixedHeight(min(len(counts), _SEEN) * _COUNT_PX + 4)

    def show_list(self, rows: Sequence[MessageView], told: str) -> None:
        """Show messages; ``told`` says how many there are."""
        self.list_told.setText(told)
        self.list.blockSignals(True)
        self.list.clear()
        for one in rows:
            icon = self._appearance.icon("map-pin" if one.is_placed else "question",
                                         "accent" if one.is_placed else "text_faint")  # fmt: skip
            self.list.addItem(rows_item(icon, one.title, one.detail, one.oid))
        self.list.blockSignals(False)
        self.show_message("")

    def show_message(self, text: str) -> None:
        """Show what a message says; nothing where none is chosen."""
        self.text.setText(text)
        self._foot.setVisible(bool(text))

    # --- what is done -------------------------------------------------------------------------------------------------
    def _on_count(self, item: QListWidgetItem) -> None:
        self.group_chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))

    def _on_message(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.message_chosen.emit(int(item.data(Qt.ItemDataRole.UserRole)))

    def _on_make(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.case_requested.emit(int(item.data(Qt.ItemDataRole.UserRole)))

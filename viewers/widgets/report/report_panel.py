"""The report of the health check beside the map: its blocks by chapter with their states, and the text of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QBrush, QShowEvent
from PySide6.QtWidgets import QPlainTextEdit, QSplitter, QStackedLayout, QTreeWidget, QTreeWidgetItem, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, button, column, label, line, row, tool
from viewers.widgets.common.plain import PlainCombo

ID = Qt.ItemDataRole.UserRole
#: States by which the list is filtered: all, what only people know, what moved, and each state.
FILTERS = ("all", "missing", "moved", "generated", "edited", "approved", "locked")
#: Icon and colour of each state.
MARKS = {
    "not_generated": ("circle-dashed", "text_soft"), "generated": ("circle", "text_soft"),
    "edited": ("pencil-simple", "accent"), "approved": ("check-circle", "good"), "locked": ("lock-simple", "good"),
    "missing": ("warning-circle", "warn"), "moved": ("arrows-clockwise", "warn"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BlockLine:
    """One block as the list shows it.

    Parameters
    ----------
    id, section, title : str
        ``section`` is the heading under which it stands.
    state : str
    text : str
        As it is read, without marks.
    told : str
        Who brought it into its state and when; empty for nobody.
    is_missing, has_moved : bool
        Only people know it and nobody said it; the data beneath has changed since a person touched it.
    """

    id: str
    section: str
    title: str
    state: str
    text: str
    told: str = ""
    is_missing: bool = False
    has_moved: bool = False

    @property
    def mark(self) -> str:
        """Return by what its row is marked."""
        return "missing" if self.is_missing else "moved" if self.has_moved else self.state


class ReportPanel(QWidget):
    """The report.

    Signals
    -------
    edited : (block id, text)
    approve_requested, lock_requested, open_requested, anew_requested : (block id)
    generate_requested, write_requested, take_back_requested, compute_requested, shown : ()
    """

    edited = Signal(str, str)
    approve_requested = Signal(str)
    lock_requested = Signal(str)
    open_requested = Signal(str)
    anew_requested = Signal(str)
    generate_requested = Signal()
    write_requested = Signal()
    take_back_requested = Signal()
    compute_requested = Signal()
    shown = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._blocks: tuple[BlockLine, ...] = ()
        self._items: dict[str, QTreeWidgetItem] = {}
        self._current = ""
        self.hint = EmptyHint(appearance, "article", "report.hint", "action.health.compute")
        self.hint.pressed.connect(self.compute_requested)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self._build_list())
        splitter.addWidget(self._build_page())
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        splitter.setChildrenCollapsible(False)
        body = QWidget()
        body.setLayout(column(self._build_head(), line(), splitter, gap=0))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(body)
        appearance.look_changed.connect(self._on_look)

    # --- parts -----------------------------------------------------------------------------------------------------
    def _build_head(self) -> QWidget:
        appearance = self._appearance
        self.write = button(appearance, "report.write", "primary", "article")
        self.write.clicked.connect(self.write_requested)
        self.generate = tool(appearance, "arrows-clockwise", "report.generate", size=16)
        self.generate.clicked.connect(self.generate_requested)
        self.take_back = tool(appearance, "upload-simple", "report.take_back", size=16)
        self.take_back.clicked.connect(self.take_back_requested)
        self.filter = PlainCombo()
        self._offer_filters()
        self.filter.currentIndexChanged.connect(self._draw)
        self.summary = label("soft")
        head = QWidget()
        head.setLayout(
            column(
                row(self.write, self.generate, self.take_back, 1, self.filter),
                self.summary,
                margins=(10, 8, 10, 8),
                gap=6,
            )
        )
        return head

    def _build_list(self) -> QTreeWidget:
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setIconSize(QSize(16, 16))
        self.tree.setIndentation(14)
        self.tree.setUniformRowHeights(True)
        self.tree.currentItemChanged.connect(self._on_current)
        return self.tree

    def _build_page(self) -> QWidget:
        appearance = self._appearance
        self.title, self.told = label("strong", wrap=True), label("soft", wrap=True)
        self.text = QPlainTextEdit()
        self.text.setMinimumHeight(90)
        self.text.textChanged.connect(self._offer)
        self.keep = button(appearance, "report.keep", "primary")
        self.keep.clicked.connect(lambda: self.edited.emit(self._current, self.text.toPlainText()))
        self.approve = button(appearance, "report.approve", "", "check-circle")
        self.approve.clicked.connect(lambda: self.approve_requested.emit(self._current))
        self.lock = button(appearance, "report.lock", "", "lock-simple")
        self.lock.clicked.connect(lambda: self.lock_requested.emit(self._current))
        self.open = button(appearance, "report.open", "", "lock-simple-open")
        self.open.clicked.connect(lambda: self.open_requested.emit(self._current))
        self.anew = tool(appearance, "arrow-counter-clockwise", "report.anew", size=16)
        self.anew.clicked.connect(lambda: self.anew_requested.emit(self._current))
        page = QWidget()
        page.setLayout(
            column(
                self.title,
                self.told,
                self.text,
                row(self.keep, self.approve, self.lock, self.open, 1, self.anew),
                margins=(10, 8, 10, 10),
                gap=6,
            )
        )
        return page

    def _on_look(self) -> None:
        self.filter.blockSignals(True)
        self._offer_filters()
        self.filter.blockSignals(False)
        self._draw()

    def _offer_filters(self) -> None:
        word = self._appearance.word
        self.filter.offer([(name, word(f"report.filter.{name}")) for name in FILTERS])

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Say that the panel is seen."""
        super().showEvent(event)
        self.shown.emit()

    # --- what is shown ---------------------------------------------------------------------------------------------
    @property
    def current(self) -> str:
        """Return the id of the block that is chosen."""
        return self._current

    def show_hint(self, is_shown: bool) -> None:
        """Say what there has to be first, or show the blocks."""
        self._stack.setCurrentIndex(0 if is_shown else 1)

    def set_blocks(self, blocks: Sequence[BlockLine], summary: str) -> None:
        """Show blocks in their order; what is chosen stays chosen."""
        self._blocks = tuple(blocks)
        self.summary.setText(summary)
        self._draw()

    def choose(self, block_id: str) -> None:
        """Choose a block."""
        item = self._items.get(block_id)
        if item is not None:
            self.tree.setCurrentItem(item)
            self.tree.scrollToItem(item)

    def _draw(self, *_: object) -> None:
        appearance, wanted = self._appearance, self.filter.currentData() or "all"
        tops = [self.tree.topLevelItem(k) for k in range(self.tree.topLevelItemCount())]
        open_before = {item.text(0): item.isExpanded() for item in tops if item is not None}
        self._items = {}
        self.tree.blockSignals(True)
        self.tree.clear()
        sections: dict[str, QTreeWidgetItem] = {}
        for block in self._blocks:
            if wanted not in ("all", block.state, block.mark):
                continue
            section = sections.get(block.section)
            if section is None:
                section = sections[block.section] = QTreeWidgetItem([block.section])
                self.tree.addTopLevelItem(section)
                section.setFlags(Qt.ItemFlag.ItemIsEnabled)
                section.setExpanded(open_before.get(block.section, True))
            item = QTreeWidgetItem([f"{block.title}  ·  {appearance.word(f'report.state.{block.mark}')}"])
            icon, tint = MARKS[block.mark]
            item.setIcon(0, appearance.icon(icon, tint))
            if block.is_missing:
                item.setForeground(0, QBrush(appearance.colour("text_faint")))
            item.setData(0, ID, block.id)
            section.addChild(item)
            self._items[block.id] = item
        self.tree.blockSignals(False)
        chosen = self._items.get(self._current) or next(iter(self._items.values()), None)
        if chosen is not None:
            self.tree.setCurrentItem(chosen)
        self._show_page()

    def _on_current(self, item: QTreeWidgetItem | None, _: object = None) -> None:
        if item is not None and item.data(0, ID):
            self._current = str(item.data(0, ID))
            self._show_page()

    def _show_page(self) -> None:
        block = next((one for one in self._blocks if one.id == self._current), None)
        self.text.blockSignals(True)
        self.text.setPlainText("" if block is None or block.is_missing else block.text)
        self.text.setPlaceholderText(block.text if block is not None and block.is_missing else "")
        self.text.blockSignals(False)
        self.title.setText("" if block is None else f"{block.section}  {block.title}")
        self.told.setText("" if block is None else block.told)
        self.told.setVisible(bool(block is not None and block.told))
        self._offer()

    def _offer(self) -> None:
        block = next((one for one in self._blocks if one.id == self._current), None)
        state = "" if block is None else block.state
        is_changed = block is not None and self.text.toPlainText() != ("" if block.is_missing else block.text)
        self.text.setReadOnly(state in ("", "approved", "locked"))
        self.keep.setEnabled(is_changed)
        self.keep.setVisible(state not in ("approved", "locked"))
        self.approve.setVisible(state in ("generated", "edited", "not_generated"))
        self.approve.setEnabled(state in ("generated", "edited") and not is_changed)
        self.lock.setVisible(state == "approved")
        self.open.setVisible(state in ("approved", "locked"))
        self.anew.setEnabled(block is not None and state in ("edited", "approved") and not block.is_missing)

"""The panel of pipe networks: how the graph was built, and what it answers: traces and isolations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, button, caption, column, label, line, number_field, row, tool
from viewers.widgets.common.plain import PlainCombo, plain_tip

TABS = ("build", "trace", "isolate")
#: What can be asked by a click, with its icon, by tab.
ASKED = {
    "trace": (
        ("up", "arrow-circle-up"), ("down", "arrow-circle-down"), ("outlet", "sign-out"), ("path", "path"),
        ("connected", "share-network"),
    ),
    "isolate": (("isolate", "drop-half"), ("closed", "prohibit")),
}  # fmt: skip
MODES = ("both", "codes", "geometry")
#: Rows of a group that are listed.
MOST_ROWS = 300
#: Room beside the second column's text, with a box and without, pixels.
_BOX_PX, _END_PX = 22, 12
_PAYLOAD = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class ListRow:
    """A line of the list.

    Parameters
    ----------
    text, detail : str
    payload : object
        What is emitted when it is chosen.
    checked : bool or None
        Of a valve: whether it is marked as not closing; None without a box.
    """

    text: str
    detail: str = ""
    payload: Any = None
    checked: bool | None = None


@dataclass(frozen=True, slots=True)
class ListGroup:
    """Lines under a heading; ``count`` is how many there are, listed or not."""

    title: str
    count: int
    rows: Sequence[ListRow]
    opened: bool = True


class NetworkPanel(QWidget):
    """Report and answers of one network.

    Parameters
    ----------
    appearance : Appearance

    Signals
    -------
    shown_changed : () another tab
    layer_chosen : (layer id)
    kind_chosen : (kind, empty for all)
    how_changed : (tolerance m, mode)
    asked : (what, empty to lay the tool down)
    finding_kind_chosen : (kind)
    row_chosen : (payload)
    valve_marked : (payload, bool)
    export_requested, clear_requested : ()
    open_requested : () open a file
    """

    shown_changed = Signal()
    layer_chosen = Signal(str)
    kind_chosen = Signal(str)
    how_changed = Signal(float, str)
    asked = Signal(str)
    finding_kind_chosen = Signal(str)
    row_chosen = Signal(object)
    valve_marked = Signal(object, bool)
    export_requested = Signal()
    clear_requested = Signal()
    open_requested = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.tools: dict[str, QToolButton] = {}
        self.layer, self.kind = PlainCombo(), PlainCombo()
        appearance.say(self.layer.setAccessibleName, "network.layer")
        appearance.say(self.kind.setAccessibleName, "network.kind")
        for combo in (self.layer, self.kind):
            combo.setMinimumContentsLength(4)
            combo.setSizeAdjustPolicy(PlainCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.layer.activated.connect(lambda _: self.layer_chosen.emit(str(self.layer.currentData() or "")))
        self.kind.activated.connect(lambda _: self.kind_chosen.emit(str(self.kind.currentData() or "")))
        choice = row(self.layer, self.kind, gap=6)
        choice.setStretch(0, 3)
        choice.setStretch(1, 2)
        top = QWidget()
        top.setLayout(column(choice, margins=(14, 10, 12, 8)))
        self.tabs = QTabBar()
        self.tabs.setExpanding(True)
        self.tabs.setDrawBase(False)
        for name in TABS:
            self.tabs.addTab("")
            self.tabs.setTabData(self.tabs.count() - 1, name)
        self._heads = QStackedWidget()
        for name in TABS:
            self._heads.addWidget(self._make_build_head() if name == "build" else self._make_tools(name))
        self.summary, self.notes = label("strong", wrap=True, select=True), label("small", wrap=True, select=True)
        self.hint = label("soft", wrap=True)
        said = QWidget()
        said.setLayout(column(self.hint, self.summary, self.notes, margins=(14, 8, 12, 8), gap=5))
        self.list = self._make_list()
        body = QWidget()
        body.setLayout(
            column(top, self.tabs, line(), self._heads, line(), said, self.list, line(), self._make_foot(), gap=0)
        )
        self._empty = EmptyHint(appearance, "git-fork", "network.no_pipes_here", "network.open")
        self._empty.pressed.connect(self.open_requested)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(body)
        self.setLayout(column(self._stack))
        self.tabs.currentChanged.connect(lambda _: self._on_tab_changed())
        appearance.lang_changed.connect(self._say)
        self._say()
        self._on_tab_changed()

    def _make_build_head(self) -> QWidget:
        appearance = self._appearance
        self.tolerance = number_field(0.01, 20.0, 0.5, suffix=" m", decimals=2, step=0.1)
        self.tolerance.setKeyboardTracking(False)
        self.tolerance.lineEdit().setTextMargins(7, 0, 0, 0)  # the style's padding does not reach the text
        self.mode = PlainCombo()
        self.findings = PlainCombo()
        fields: tuple[tuple[str, QWidget], ...] = (
            ("network.tolerance", self.tolerance), ("network.mode", self.mode), ("network.findings", self.findings),
        )  # fmt: skip
        self.tolerance.valueChanged.connect(lambda _: self._tell_how())
        self.mode.activated.connect(lambda _: self._tell_how())
        self.findings.activated.connect(lambda _: self.finding_kind_chosen.emit(str(self.findings.currentData() or "")))
        grid = QGridLayout()
        grid.setContentsMargins(14, 8, 12, 8)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for at, (key, widget) in enumerate(fields):
            appearance.say(widget.setAccessibleName, key)
            grid.addWidget(caption(appearance, key, "faint"), at, 0)
            grid.addWidget(widget, at, 1)
        head = QWidget()
        head.setLayout(grid)
        return head

    def _make_tools(self, tab: str) -> QWidget:
        head = QWidget()
        grid = QGridLayout(head)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setSpacing(4)
        for at, (what, icon) in enumerate(ASKED[tab]):
            press = QToolButton()
            press.setCheckable(True)
            press.setAutoRaise(True)
            press.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon if tab == "trace"
                                     else Qt.ToolButtonStyle.ToolButtonTextBesideIcon)  # fmt: skip
            press.setIconSize(QSize(20, 20))
            press.setSizePolicy(press.sizePolicy().Policy.Expanding, press.sizePolicy().Policy.Fixed)
            self._appearance.paint(press.setIcon, icon, "text_soft")
            self._appearance.say(press.setText, f"network.ask.{what}")
            self._appearance.say(press.setToolTip, f"network.ask.{what}.tip")
            press.clicked.connect(lambda on, what=what: self.asked.emit(what if on else ""))
            self.tools[what] = press
            grid.addWidget(press, 0, at)
        return head

    def _make_list(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setColumnCount(2)
        tree.setHeaderHidden(True)
        tree.setRootIsDecorated(True)
        tree.setIndentation(14)
        tree.setUniformRowHeights(True)
        tree.setFrameShape(QTreeWidget.Shape.NoFrame)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        self._appearance.say(tree.setAccessibleName, "network.list")
        tree.itemClicked.connect(self._on_item)
        tree.itemActivated.connect(self._on_item)
        tree.itemChanged.connect(self._on_item_changed)
        return tree

    def _make_foot(self) -> QWidget:
        self.clear = button(self._appearance, "network.clear", "quiet", "eraser")
        self.clear.clicked.connect(self.clear_requested)
        self.export = tool(self._appearance, "download-simple", "network.export")
        self.export.clicked.connect(self.export_requested)
        foot = QWidget()
        foot.setLayout(row(self.clear, 1, self.export, margins=(8, 4, 8, 4), gap=2))
        return foot

    # --- what is shown ------------------------------------------------------------------------------------------------
    @property
    def tab(self) -> str:
        """Return which page is shown."""
        return str(self.tabs.tabData(self.tabs.currentIndex()))

    @property
    def finding_kind(self) -> str:
        """Return which findings are listed, empty for none."""
        return str(self.findings.currentData() or "")

    def choose(self, tab: str) -> None:
        """Show a page."""
        self.tabs.setCurrentIndex(TABS.index(tab))

    def offer(self, layers: Sequence[tuple[str, str]], layer: str, kinds: Sequence[tuple[str, str]], kind: str) -> None:
        """Offer layers as ``(id, title)`` and kinds as ``(code, title)``, and show what is chosen."""
        for combo, rows, chosen in ((self.layer, layers, layer), (self.kind, kinds, kind)):
            with QSignalBlocker(combo):
                combo.clear()
                for name, title in rows:
                    combo.addItem(visible_text(title), name)
                combo.setCurrentIndex(max(combo.findData(chosen), 0))
        self._stack.setCurrentIndex(1 if layers else 0)

    def show_findings(self, counts: Sequence[tuple[str, str]], kind: str) -> None:
        """Offer the kinds of findings as ``(kind, title with count)``."""
        with QSignalBlocker(self.findings):
            self.findings.clear()
            for name, title in counts:
                self.findings.addItem(visible_text(title), name)
            self.findings.setCurrentIndex(max(self.findings.findData(kind), 0))
        self.findings.setEnabled(bool(counts))

    def show_tool(self, what: str) -> None:
        """Show which tool is in hand, empty for none."""
        for name, press in self.tools.items():
            press.setChecked(name == what)

    def show_said(self, hint: str, summary: str, notes: Sequence[str]) -> None:
        """Show what to do next, the figures, and what has to be said beside them."""
        for widget, text in ((self.hint, hint), (self.summary, summary), (self.notes, "\n".join(notes))):
            widget.setText(visible_text(text) if "\n" not in text else "\n".join(map(visible_text, text.split("\n"))))
            widget.setVisible(bool(text))

    def show_list(self, groups: Sequence[ListGroup], *, can_export: bool, can_clear: bool) -> None:
        """Show the list, groups opened as they say."""
        word = self._appearance.word
        with QSignalBlocker(self.list):
            self.list.clear()
            for group in groups:
                head = QTreeWidgetItem([visible_text(group.title), f"{group.count:,} "])
                head.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                head.setFlags(Qt.ItemFlag.ItemIsEnabled)
                font = self.list.font()
                font.setBold(True)
                head.setFont(0, font)
                self.list.addTopLevelItem(head)
                for one in group.rows[:MOST_ROWS]:
                    item = QTreeWidgetItem([visible_text(one.text), visible_text(one.detail)])
                    item.setData(0, _PAYLOAD, one.payload)
                    item.setToolTip(0, plain_tip(one.text))
                    item.setForeground(1, self._appearance.colour("text_soft"))
                    if one.checked is not None:
                        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                        item.setCheckState(1, Qt.CheckState.Checked if one.checked else Qt.CheckState.Unchecked)
                    head.addChild(item)
                if group.count > min(len(group.rows), MOST_ROWS):
                    more = group.count - min(len(group.rows), MOST_ROWS)
                    rest = QTreeWidgetItem([word("network.and_more", count=f"{more:,}"), ""])
                    rest.setFlags(Qt.ItemFlag.NoItemFlags)
                    head.addChild(rest)
                head.setExpanded(group.opened)
        boxes = any(one.checked is not None for group in groups for one in group.rows)
        # Tree views measure a box without the room that the style sheet gives it.
        self.list.header().resizeSection(1, max(self.list.sizeHintForColumn(1), 36) + (_BOX_PX if boxes else _END_PX))
        self.export.setEnabled(can_export)
        self.clear.setEnabled(can_clear)

    # --- following ----------------------------------------------------------------------------------------------------
    def _say(self) -> None:
        for at, name in enumerate(TABS):
            self.tabs.setTabText(at, self._appearance.word(f"network.tab.{name}"))
        with QSignalBlocker(self.mode):
            at = max(self.mode.currentIndex(), 0)
            self.mode.clear()
            for mode in MODES:
                self.mode.addItem(self._appearance.word(f"network.mode.{mode}"), mode)
            self.mode.setCurrentIndex(at)

    def _on_tab_changed(self) -> None:
        self._heads.setCurrentIndex(self.tabs.currentIndex())
        head = self._heads.currentWidget()
        if head is not None:
            self._heads.setFixedHeight(head.sizeHint().height())
        self.clear.setVisible(self.tab != "build")
        self.shown_changed.emit()

    def _tell_how(self) -> None:
        self.how_changed.emit(self.tolerance.value(), str(self.mode.currentData()))

    def _on_item(self, item: QTreeWidgetItem, _: int = 0) -> None:
        payload = item.data(0, _PAYLOAD)
        if payload is not None:
            self.row_chosen.emit(payload)

    def _on_item_changed(self, item: QTreeWidgetItem, at: int) -> None:
        if at == 1 and item.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            self.valve_marked.emit(item.data(0, _PAYLOAD), item.checkState(1) == Qt.CheckState.Checked)

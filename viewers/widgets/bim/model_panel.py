"""The model browser: what building models consist of, rules to select in them, and colours by property."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QLineEdit,
    QMenu,
    QProgressBar,
    QPushButton,
    QStackedLayout,
    QToolButton,
    QWidget,
)

from models.project.selection import ObjectKey
from viewers.widgets.bim.colour_by import ColourBy
from viewers.widgets.bim.model_tree import NOTHING, ModelTree
from viewers.widgets.bim.rule_box import RuleBox
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, column, label, line, row, tool
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.common.tree_rows import Mask, TreeRows

#: How a tree can be ordered, with its icon; ``browser.by.<id>`` is its word.
BY = {
    "spatial": "buildings", "class": "squares-four", "storey": "stack", "type": "copy-simple",
    "system": "share-network", "material": "paint-bucket", "classification": "tag-simple",
}  # fmt: skip
#: What can be done with rows; ``browser.<id>`` is its word.
VERBS = {
    "zoom": "crosshair-simple", "isolate": "selection-all", "ghost": "ghost", "hide": "eye-slash", "show": "eye",
    "alike": "copy-simple", "colour": "palette",
}  # fmt: skip
PAGES = ("tree", "rules", "colours")
#: A search runs when nothing was typed for so long.
PAUSE_MS = 160
#: Rows are opened to show what was found, unless there are more of them or in one of them than this.
MOST_OPENED = 400
#: So many selected objects at most are looked up in the tree.
MOST_WANTED = 2000


@dataclass(frozen=True, slots=True)
class ModelView:
    """One building model: its layer, its name, how far its geometry is, how many elements it has."""

    id: str
    title: str
    stage: str
    count: int


class ModelPanel(QWidget):
    """The panel.

    Signals
    -------
    model_chosen : (layer id, empty for all models)
    by_chosen : (str) another order of the tree, one of :data:`BY`
    page_chosen : (str) one of :data:`PAGES`
    asked : (str, list of ObjectKey) what shall be done with objects: ``"select"``, ``"zoom"``, ``"isolate"`` …
    open_requested : () add a model

    Parameters
    ----------
    appearance : Appearance
    """

    model_chosen = Signal(str)
    by_chosen = Signal(str)
    page_chosen = Signal(str)
    asked = Signal(str, list)
    open_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._by = "spatial"
        self._views: tuple[ModelView, ...] = ()
        self._kept: Mask | None = None
        self._hits = 0
        self._opened: list[int] = []
        self._wanted: list[ObjectKey] = []
        #: What a heading of the tree is called: (kind, label) → words and a remark; the window sets it.
        self.name_of: Callable[[str, str], tuple[str, str]] = lambda kind, text: (text or kind, "")
        self.models = PlainCombo()
        self.models.setMinimumContentsLength(8)
        self.models.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        appearance.say(self.models.setAccessibleName, "browser.models")
        self.models.activated.connect(lambda at: self.model_chosen.emit(str(self.models.itemData(at))))
        self.facts = label("small")
        self.tree = ModelTree(appearance, self._heading)
        self.rules = RuleBox(appearance)
        self.colours = ColourBy(appearance)
        self._build_tree_page()
        self._connect_tree()
        self._pages = QStackedLayout()
        for page in (self._tree_page, self.rules, self.colours):
            self._pages.addWidget(page)
        self._switch = QButtonGroup(self)
        tabs = row(gap=2)
        for at, name in enumerate(PAGES):
            press = QPushButton()
            press.setProperty("kind", "segment")
            press.setCheckable(True)
            press.setCursor(Qt.CursorShape.PointingHandCursor)
            appearance.say(press.setText, f"browser.page.{name}")
            self._switch.addButton(press, at)
            tabs.addWidget(press, 1)
        self._switch.idClicked.connect(lambda at: self.open_page(PAGES[at]))
        self._switch.button(0).setChecked(True)
        body = QWidget()
        body.setLayout(
            column(row(column(self.models, self.facts, gap=3), margins=(12, 10, 12, 2)),
                   row(tabs, margins=(10, 0, 10, 4)), line(), self._pages, gap=3)
        )  # fmt: skip
        body.layout().setStretch(3, 1)  # type: ignore[union-attr]
        self.hint = EmptyHint(appearance, "tree-structure", "browser.empty", "action.file.add")
        self.hint.pressed.connect(self.open_requested)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(body)
        appearance.lang_changed.connect(self._say)

    # --- what it shows --------------------------------------------------------------------------------------------
    @property
    def page(self) -> str:
        """Return the open page."""
        return PAGES[self._pages.currentIndex()]

    @property
    def by(self) -> str:
        """Return how the tree is ordered."""
        return self._by

    def open_page(self, name: str) -> None:
        """Open a page."""
        self._pages.setCurrentIndex(PAGES.index(name))
        self._switch.button(PAGES.index(name)).setChecked(True)
        self.page_chosen.emit(name)

    def set_models(self, views: Sequence[ModelView], chosen: str) -> None:
        """List the models; none of them makes the panel say how one is opened."""
        self._views = tuple(views)
        self.models.clear()
        if len(views) > 1:
            self.models.addItem(self._appearance.icon("stack", "accent"), self._all_title(), "")
        for view in views:
            self.models.addItem(self._appearance.icon("cube", "accent"), view.title, view.id)
        self.models.setCurrentIndex(max(self.models.findData(chosen), 0))
        self._say_facts()
        self._stack.setCurrentIndex(1 if views else 0)

    def _heading(self, kind: str, text: str) -> tuple[str, str]:
        return self.name_of(kind, text)

    def set_busy(self, busy: bool) -> None:
        """Show that a tree is being made."""
        self.busy.setVisible(busy)

    def set_tree(self, rows: TreeRows, *, keep: bool) -> None:
        """Show other trees; ``keep`` what stands open where it is the same tree of a finer stage."""
        old = self.tree.rows_model.rows
        opened = self.tree.open_rows() if keep else []
        place = self.tree.verticalScrollBar().value()
        kept_rows = []
        if keep:
            kept_rows = [
                at for was in opened
                if (at := self._same_row(old, rows, was)) >= 0
            ]  # fmt: skip
        self._kept = None
        self.tree.set_rows(rows, open_rows=kept_rows if keep else first_open(rows))
        if self.search.text().strip():
            self._run_search()
        elif keep:
            self.tree.verticalScrollBar().setValue(place)
        self.set_marked(self._wanted)
        self._say_count()

    def set_marked(self, keys: Sequence[ObjectKey]) -> None:
        """Mark the rows of what is selected elsewhere."""
        self._wanted = list(keys)
        rows = self.tree.rows_model.rows
        marked = set(self.tree.marked)
        wanted = [at for key in keys[-MOST_WANTED:] if (at := rows.row_of(key.layer, key.oid)) >= 0]
        if set(wanted) != marked:
            self.tree.mark(wanted)
        self._enable()

    def focus_search(self) -> None:
        """Open the tree and type into its search field."""
        self.open_page("tree")
        self.search.setFocus()
        self.search.selectAll()

    # --- the tree's page ------------------------------------------------------------------------------------------
    def _build_tree_page(self) -> None:
        appearance = self._appearance
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        appearance.say(self.search.setPlaceholderText, "browser.search")
        appearance.say(self.search.setAccessibleName, "browser.search")
        appearance.say(self.search.setToolTip, "browser.search.tip")
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._run_search)
        self.search.textChanged.connect(lambda _: self._pause.start())
        self.search.returnPressed.connect(self._to_first_hit)
        self.order = QToolButton()
        self.order.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.order.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.order.setIconSize(QSize(16, 16))
        appearance.say(self.order.setToolTip, "browser.by")
        menu = QMenu(self.order)
        menu.aboutToShow.connect(lambda: self._fill_orders(menu))
        self.order.setMenu(menu)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.hide()
        self.count = label("faint")
        self.none = label("soft", wrap=True)
        self.none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.none.setContentsMargins(24, 30, 24, 0)
        self.none.hide()
        foot = row(margins=(8, 2, 12, 4), gap=2)
        self.tools: dict[str, QToolButton] = {}
        for verb in ("zoom", "isolate", "ghost", "hide"):
            press = tool(appearance, VERBS[verb], f"browser.{verb}.tip", size=17)
            press.clicked.connect(lambda _=False, verb=verb: self._ask_rows(verb, self.tree.marked))
            self.tools[verb] = press
            foot.addWidget(press)
        self.tools["show_all"] = tool(appearance, "eye", "browser.show_all.tip", size=17)
        self.tools["show_all"].clicked.connect(lambda: self.asked.emit("show_all", []))
        foot.addWidget(self.tools["show_all"])
        foot.addStretch(1)
        foot.addWidget(self.count)
        self._tree_page = QWidget()
        top = row(self.search, self.order, margins=(12, 8, 8, 6), gap=4)
        top.setStretch(0, 1)
        self._tree_page.setLayout(column(top, self.busy, self.none, self.tree, line(), foot, gap=0))
        self._tree_page.layout().setStretch(3, 1)  # type: ignore[union-attr]
        self._say_order()
        self._enable()

    def _connect_tree(self) -> None:
        self.tree.chosen.connect(lambda rows: self._ask_rows("select", rows))
        self.tree.asked.connect(self._ask_rows)
        self.tree.menu_asked.connect(self._open_menu)

    def _ask_rows(self, verb: str, rows: list[int]) -> None:
        """Ask for something to be done with rows; a heading stands for what is below it."""
        tree, model = self.tree.rows_model.rows, self.tree.rows_model
        if verb == "toggle":
            verb = "show" if all(model.states[row] >= NOTHING for row in rows if model.states[row] >= 0) else "hide"
        keys: dict[ObjectKey, None] = {}
        for at in rows:
            layer = tree.layer_of(at)
            for oid in tree.elements_of(at):
                keys[ObjectKey(layer, oid)] = None
            own = ObjectKey(layer, int(tree.oid[at]))
            if own.oid >= 0:
                keys.pop(own, None)
                keys[own] = None  # last, so that it is the one that is described
        self._enable()
        if verb == "select":
            self._wanted = list(keys)
        self.asked.emit(verb, list(keys))

    def _open_menu(self, at: QPoint, rows: list[int]) -> None:
        menu, states = QMenu(self), self.tree.rows_model.states
        seen = any(states[row] >= 0 for row in rows)
        for verb, icon in VERBS.items():
            if verb in ("isolate", "alike"):
                menu.addSeparator()
            entry = menu.addAction(self._appearance.icon(icon), self._appearance.word(f"browser.{verb}"))
            entry.triggered.connect(lambda _=False, verb=verb: self._ask_rows(verb, rows))
            entry.setEnabled(seen or verb == "alike")
        if len(rows) == 1 and self.tree.rows_model.rows.oid[rows[0]] >= 0:
            menu.addSeparator()
            menu.addAction(
                self._appearance.icon("copy"),
                self._appearance.word("browser.copy_guid"),
                lambda: self._ask_own("copy_guid", rows),
            )
        menu.exec(at)
        menu.deleteLater()

    def _ask_own(self, verb: str, rows: list[int]) -> None:
        tree = self.tree.rows_model.rows
        self.asked.emit(verb, [ObjectKey(tree.layer_of(at), int(tree.oid[at])) for at in rows])

    def _fill_orders(self, menu: QMenu) -> None:
        menu.clear()
        for name, icon in BY.items():
            entry = menu.addAction(self._appearance.icon(icon), self._appearance.word(f"browser.by.{name}"))
            entry.setCheckable(True)
            entry.setChecked(name == self._by)
            entry.triggered.connect(lambda _=False, name=name: self.set_order(name))

    def set_order(self, by: str) -> None:
        """Order the tree in another way."""
        if by != self._by:
            self._by = by
            self._say_order()
            self.by_chosen.emit(by)

    def _run_search(self) -> None:
        text, model = self.search.text().strip(), self.tree.rows_model
        rows = model.rows
        if not text:
            opened = self._opened
            self._kept, self._opened = None, []
            self.tree.set_rows(rows, None, open_rows=opened or first_open(rows))
        else:
            if self._kept is None:
                self._opened = self.tree.open_rows()
            hits = rows.matching(text)
            self._hits, self._kept = int(hits.sum()), rows.reaching(hits)
            above = np.flatnonzero(((rows.below(hits) - hits) > 0) & (rows.narrowed(self._kept).count <= MOST_OPENED))
            self.tree.set_rows(rows, self._kept, open_rows=above[:MOST_OPENED])
        wanted = self._wanted[-MOST_WANTED:]
        self.tree.mark([at for key in wanted if (at := rows.row_of(key.layer, key.oid)) >= 0])
        self._say_count()

    def _to_first_hit(self) -> None:
        """Select the first row that was found, from the search field."""
        self._pause.stop()
        self._run_search()
        rows = self.tree.rows_model.rows
        text = self.search.text().strip()
        hits = np.flatnonzero(rows.matching(text)).tolist() if text else []
        if hits:
            self.tree.setFocus()
            self.tree.mark(hits[:1])
            self._ask_rows("select", hits[:1])

    @staticmethod
    def _same_row(old: TreeRows, new: TreeRows, was: int) -> int:
        """Return the row of a new tree that stands for an old one: its element, or the heading at its place."""
        oid = int(old.oid[was])
        if oid >= 0:
            return new.row_of(old.layer_of(was), oid)
        if was < len(new) and new.labels[was] == old.labels[was] and new.oid[was] < 0:
            return was
        return -1

    # --- words ----------------------------------------------------------------------------------------------------
    def _all_title(self) -> str:
        return self._appearance.word("browser.all_models", count=len(self._views))

    def _say(self) -> None:
        if len(self._views) > 1:
            self.models.setItemText(0, self._all_title())
        self._say_order()
        self._say_facts()
        self._say_count()

    def _say_order(self) -> None:
        self._appearance.say(self.order.setText, f"browser.by.{self._by}")
        self._appearance.paint(self.order.setIcon, BY[self._by])

    def _say_facts(self) -> None:
        chosen = str(self.models.currentData() or "")
        views = [view for view in self._views if not chosen or view.id == chosen]
        parts = [self._appearance.word("browser.elements", count=f"{sum(view.count for view in views):,}")]
        rough = sum(view.stage == "preview" for view in views)
        if rough and len(views) > 1:
            parts.append(self._appearance.word("browser.stage.previews", count=rough))
        elif views:
            parts.append(self._appearance.word(f"stage.{'preview' if rough else 'exact'}"))
        self.facts.setText("  ·  ".join(parts) if views else "")

    def _say_count(self) -> None:
        rows, text = self.tree.rows_model.rows, self.search.text().strip()
        if text:
            self.count.setText(self._appearance.word("browser.found", count=f"{self._hits:,}"))
            self.none.setText(self._appearance.word("browser.found.none", text=text))
        else:
            self.count.setText("")
            self.none.setText(self._appearance.word("browser.tree.none"))
        empty = len(rows) > 0 and self.tree.rows_model.rowCount() == 0
        self.none.setVisible(empty)

    def _enable(self) -> None:
        has = bool(self.tree.marked)
        for verb in ("zoom", "isolate", "ghost", "hide"):
            self.tools[verb].setEnabled(has)


def first_open(rows: TreeRows) -> list[int]:
    """Return the rows that stand open at first: down to where a tree branches, and one level more."""
    shown, opened = rows.all, []
    level = [int(at) for at in shown.order[: shown.roots]]
    while 0 < len(level) <= 3:
        opened += level
        level = [int(at) for row in level for at in shown.order[shown.first[row] : shown.first[row] + shown.count[row]]]
    return opened

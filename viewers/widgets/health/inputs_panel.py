"""Inputs of the health check: how every indicator is answered, and how far the collection in the field is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QListWidget, QListWidgetItem, QStackedLayout, QWidget

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, ShareBar, button, caption, column, label, line, row, tool
from viewers.widgets.common.plain import PlainCombo, plain_tip
from viewers.widgets.common.rows import DETAIL, Index, RowDelegate, RowPainter

#: Colour of a state, by name in the theme.
TINTS = {
    "computed": "good", "entered": "accent", "imported": "accent", "missing": "warn", "not_applicable": "line_strong",
    "complete": "good", "back": "accent", "sent": "warn", "not_sent": "line_strong",
}  # fmt: skip
_VIEW = Qt.ItemDataRole.UserRole + 10


@dataclass(frozen=True, slots=True)
class InputRow:
    """One indicator.

    Parameters
    ----------
    code, dimension, number, name : str
    state, state_text : str
        How it is answered, and that in words.
    value, why : str
        The value with its unit; why there is none.
    needs : sequence of (str, str)
        What it needs, and whether that is there, in words.
    both : sequence of (str, str)
        Origin and value with its difference, where a computed and an entered value stand beside each other.
    counts : str
        Which origin counts, ``"computed"`` or ``"entered"``.
    is_decided : bool
    is_mappable : bool
        Whether layers can answer it, so that fields may be matched.
    """

    code: str
    dimension: str
    number: str
    name: str
    state: str
    state_text: str
    value: str
    why: str
    needs: Sequence[tuple[str, str]] = ()
    both: Sequence[tuple[str, str]] = ()
    counts: str = ""
    is_decided: bool = False
    is_mappable: bool = False


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """One community of the collection."""

    code: str
    name: str
    state: str
    text: str
    share: float


@dataclass(frozen=True, slots=True)
class InputsView:
    """All that the panel shows."""

    rows: Sequence[InputRow] = ()
    dimensions: Sequence[tuple[str, str]] = ()
    progress: Sequence[ProgressRow] = ()
    #: Sentence about all of the collection; empty where nothing went out.
    collected: str = ""
    share: float = 0.0
    #: Share of each state of the indicators, for the bar.
    shares: Sequence[tuple[float, str]] = field(default_factory=tuple)
    told: str = ""


class _Delegate(RowDelegate):
    """Draws an indicator or a community: a disc for its state, name, what is said of it."""

    def height_of(self, index: Index) -> int:
        """Return how high a row is, pixels."""
        return 46

    def draw(self, row: RowPainter, index: Index) -> None:
        """Draw one row."""
        box, view = row.box, index.data(_VIEW)
        row.dot(TINTS.get(view.state, "line_strong"), box.left() + 14, box.top() + 9, 9)
        right = box.right() - 12
        spare = 0
        if isinstance(view, InputRow) and view.value:
            spare = row.badge(view.value, right, "body", "text") + 10
        top = QRect(box.left() + 34, box.top() + 4, right - spare - box.left() - 34, 20)
        row.text(top, str(index.data()))
        row.text(QRect(box.left() + 34, box.top() + 23, right - box.left() - 34, 18), str(index.data(DETAIL)), "small",
                 "text_faint")  # fmt: skip


class InputsPanel(QWidget):
    """The indicators and how they are answered; the collection by community.

    Signals
    -------
    template_requested, import_requested : ()
        Write a workbook for values; take one in.
    enter_requested, open_requested, definition_requested : (indicator code)
    count_requested : (code, origin)
    assistant_requested : (code, empty for all)
    send_requested, take_requested, map_requested : ()
        Forms out, forms back, progress as a layer.
    """

    template_requested = Signal()
    import_requested = Signal()
    enter_requested = Signal(str)
    open_requested = Signal(str)
    definition_requested = Signal(str)
    count_requested = Signal(str, str)
    assistant_requested = Signal(str)
    send_requested = Signal()
    take_requested = Signal()
    map_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance, self._view = appearance, InputsView()
        self._to_sight = QTimer(self, singleShot=True, interval=0)
        self._to_sight.timeout.connect(self._bring_to_sight)
        self.pages = QButtonGroup(self)
        heads = []
        for at, name in enumerate(("indicators", "collection")):
            press = button(appearance, f"health.inputs.{name}", "segment")
            press.setCheckable(True)
            press.setChecked(at == 0)
            self.pages.addButton(press, at)
            heads.append(press)
        self._stack = QStackedLayout()
        self.hint = EmptyHint(appearance, "clipboard-text", "health.inputs.empty")
        for page in (self._make_indicators(), self._make_collection(), self.hint):
            self._stack.addWidget(page)
        self.pages.idClicked.connect(self._stack.setCurrentIndex)
        self.setLayout(column(row(*heads, 1, margins=(12, 10, 12, 8), gap=4), line(), self._stack, gap=0))
        appearance.look_changed.connect(self._draw)

    def _make_indicators(self) -> QWidget:
        appearance = self._appearance
        self.told, self.bar = label("small", wrap=True), ShareBar(appearance, 6)
        self.dimension, self.state = PlainCombo(), PlainCombo()
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        appearance.say(self.search.setPlaceholderText, "health.inputs.search")
        for box, key in ((self.dimension, "health.inputs.dimension"), (self.state, "health.inputs.state")):
            box.setMinimumContentsLength(5)
            appearance.say(box.setAccessibleName, key)
            box.activated.connect(self._arrange)
        self.search.textChanged.connect(self._arrange)
        filters = row(self.search, self.dimension, self.state, margins=(12, 4, 12, 8), gap=6)
        for at, share in enumerate((4, 4, 3)):
            filters.setStretch(at, share)
        self.list = self._make_list()
        self.list.currentItemChanged.connect(self._on_chosen)
        self.list.itemActivated.connect(lambda item: self.open_requested.emit(item.data(_VIEW).code))
        self.title, self.about = label("strong", wrap=True), label("small", wrap=True)
        self.needs = label("small", wrap=True)
        self.enter = button(appearance, "health.inputs.enter", icon="pencil-simple")
        self.enter.clicked.connect(lambda: self.enter_requested.emit(self.current))
        self.match = button(appearance, "health.inputs.match", "quiet", "magic-wand")
        self.match.clicked.connect(lambda: self.assistant_requested.emit(self.current))
        self.define = tool(appearance, "book-open", "health.inputs.definition", size=17)
        self.define.clicked.connect(lambda: self.definition_requested.emit(self.current))
        self.counts: dict[str, QWidget] = {}
        self._choices = QWidget()
        picks = QButtonGroup(self)
        presses = []
        for origin in ("computed", "entered"):
            press = button(appearance, f"health.inputs.use_{origin}", "segment")
            press.setCheckable(True)
            press.clicked.connect(lambda _, origin=origin: self.count_requested.emit(self.current, origin))
            picks.addButton(press)
            self.counts[origin] = press
            presses.append(press)
        self.both = label("small", wrap=True)
        self._choices.setLayout(column(self.both, row(*presses, 1, gap=4), gap=4))
        self._detail = QWidget()
        self._detail.setLayout(column(
            self.title, self.about, self.needs, self._choices, row(self.enter, self.match, 1, self.define, gap=6),
            margins=(14, 10, 12, 10), gap=6,
        ))  # fmt: skip
        self.template = button(appearance, "health.inputs.template", icon="download-simple")
        self.template.clicked.connect(self.template_requested)
        self.take = button(appearance, "health.inputs.import", icon="upload-simple")
        self.take.clicked.connect(self.import_requested)
        self.assistant = tool(appearance, "magic-wand", "health.inputs.assistant", size=17)
        self.assistant.clicked.connect(lambda: self.assistant_requested.emit(""))
        foot = row(self.template, self.take, 1, self.assistant, margins=(12, 8, 10, 8), gap=8)
        page = QWidget()
        layout = column(
            column(self.told, self.bar, margins=(14, 10, 14, 8), gap=6), filters, line(), self.list, line(),
            self._detail, line(), foot, gap=0,
        )  # fmt: skip
        layout.setStretch(3, 1)
        page.setLayout(layout)
        return page

    def _make_collection(self) -> QWidget:
        appearance = self._appearance
        self.collected, self.collected_bar = label("small", wrap=True), ShareBar(appearance, 6)
        self.units = self._make_list()
        self.nothing_sent = caption(appearance, "health.inputs.nothing_sent", "soft", wrap=True)
        self.nothing_sent.setContentsMargins(16, 20, 16, 20)
        self.send = button(appearance, "health.inputs.send", "primary", "paper-plane-tilt")
        self.send.clicked.connect(self.send_requested)
        self.take_back = button(appearance, "health.inputs.take_back", icon="tray")
        self.take_back.clicked.connect(self.take_requested)
        self.on_map = tool(appearance, "map-trifold", "health.inputs.on_map", size=18)
        self.on_map.clicked.connect(self.map_requested)
        foot = row(self.send, self.take_back, 1, self.on_map, margins=(12, 8, 10, 8), gap=8)
        page = QWidget()
        layout = column(
            column(self.collected, self.collected_bar, margins=(14, 10, 14, 8), gap=6), line(), self.nothing_sent,
            self.units, line(), foot, gap=0,
        )  # fmt: skip
        layout.setStretch(3, 1)
        page.setLayout(layout)
        return page

    def _make_list(self) -> QListWidget:
        made = QListWidget()
        made.setItemDelegate(_Delegate(self._appearance, made))
        made.setMouseTracking(True)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._appearance.look_changed.connect(made.viewport().update)
        return made

    # --- what the window shows -------------------------------------------------------------------------------------
    @property
    def current(self) -> str:
        """Return the code of the indicator that is chosen, empty for none."""
        item = self.list.currentItem()
        return "" if item is None else str(item.data(_VIEW).code)

    def show_view(self, view: InputsView) -> None:
        """Show indicators and collection."""
        self._view = view
        self._draw()

    def show_page(self, name: str) -> None:
        """Bring a page forward: ``"indicators"`` or ``"collection"``."""
        at = ("indicators", "collection").index(name)
        self.pages.button(at).setChecked(True)
        self._stack.setCurrentIndex(at)

    def choose(self, code: str) -> None:
        """Choose an indicator, whatever the filters say."""
        if not any(self.list.item(at).data(_VIEW).code == code for at in range(self.list.count())):
            self.search.clear()
            self.dimension.setCurrentIndex(0)
            self.state.setCurrentIndex(0)
            self._arrange()
        for at in range(self.list.count()):
            if self.list.item(at).data(_VIEW).code == code:
                self.list.setCurrentRow(at)

    # --- drawing -----------------------------------------------------------------------------------------------------
    def _draw(self) -> None:
        view, word, colour = self._view, self._appearance.word, self._appearance.colour
        self.told.setText(view.told)
        self.bar.set_parts([(share, colour(TINTS[name]).name()) for share, name in view.shares if name != "missing"])
        states = {one.state: word(f"health.answer.{one.state}") for one in view.rows}
        self.dimension.offer([("", word("health.inputs.all_dimensions")), *view.dimensions])
        self.state.offer(
            [("", word("health.inputs.all_states")), *((name, word(f"health.answer.{name}")) for name in states)]
        )
        self._arrange()
        self.collected.setText(view.collected)
        self.collected_bar.set_parts([(view.share, colour("good").name())])
        for part in (self.collected, self.collected_bar, self.units):
            part.setVisible(bool(view.collected))
        self.nothing_sent.setVisible(not view.collected)
        self.on_map.setEnabled(bool(view.collected))
        at = self.units.verticalScrollBar().value()
        self.units.clear()
        for one in view.progress:
            self.units.addItem(_item(one, one.name, one.text))
        self.units.verticalScrollBar().setValue(at)
        if not view.rows:
            self._stack.setCurrentIndex(2)
        elif self._stack.currentIndex() == 2:
            self._stack.setCurrentIndex(max(self.pages.checkedId(), 0))

    def _arrange(self, *_: object) -> None:
        chosen, at = self.current, self.list.verticalScrollBar().value()
        dimension, state = str(self.dimension.currentData() or ""), str(self.state.currentData() or "")
        needle = self.search.text().strip().casefold()
        self.list.blockSignals(True)
        self.list.clear()
        for one in self._view.rows:
            is_shown = dimension in ("", one.dimension) and state in ("", one.state)
            if is_shown and needle in f"{one.code} {one.name}".casefold():
                said = " · ".join(part for part in (one.state_text, one.why) if part)
                self.list.addItem(_item(one, f"{one.number}  {one.name}", said))
        self.list.blockSignals(False)
        rows = [at for at in range(self.list.count()) if self.list.item(at).data(_VIEW).code == chosen]
        self.list.setCurrentRow(rows[0] if rows else -1)
        self.list.verticalScrollBar().setValue(at)
        self._show_detail()

    def _on_chosen(self, *_: object) -> None:
        self._show_detail()
        self._to_sight.start()

    def _bring_to_sight(self) -> None:
        """Keep the chosen row in sight, for what is said of it takes room from the list."""
        if self.list.currentRow() >= 0:
            self.list.scrollToItem(self.list.currentItem())

    def _show_detail(self) -> None:
        is_chosen = self.list.currentRow() >= 0
        self._detail.setVisible(is_chosen)
        if not is_chosen:
            return
        view: InputRow = self.list.currentItem().data(_VIEW)
        word = self._appearance.word
        self.title.setText(f"{view.number}  {view.name}")
        about = " · ".join(part for part in (view.state_text, view.value, view.why) if part)
        self.about.setText(about)
        self.needs.setText("\n".join(f"{what}: {said}" if said else what for what, said in view.needs))
        self.needs.setVisible(bool(view.needs))
        self._choices.setVisible(bool(view.both))
        told = [f"{what} {said}" for what, said in view.both]
        if view.both and not view.is_decided:
            told.append(word("health.inputs.undecided"))
        self.both.setText("\n".join(told))
        for origin, press in self.counts.items():
            press.setChecked(origin == view.counts)  # type: ignore[attr-defined]
        self.match.setVisible(view.is_mappable)


def _item(view: InputRow | ProgressRow, title: str, said: str) -> QListWidgetItem:
    item = QListWidgetItem(visible_text(title))
    item.setData(DETAIL, said)
    item.setData(_VIEW, view)
    item.setToolTip(plain_tip(f"{title}\n{said}"))
    return item

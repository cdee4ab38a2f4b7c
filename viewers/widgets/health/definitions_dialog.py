"""The definitions of all indicators: the tree of dimensions, one definition with its thresholds, and the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QGridLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import Page, button, caption, clear, column, label, line, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo, plain_tip

_CODE = Qt.ItemDataRole.UserRole
#: Width of the tree, and of a field of a threshold, pixels.
_TREE_PX, _VALUE_PX = 330, 92


@dataclass(frozen=True, slots=True)
class TreeRow:
    """An indicator in the tree: its levels, from the dimension down, its name, and how it stands."""

    levels: tuple[str, ...]
    code: str
    name: str
    hidden: bool = False
    changed: bool = False


@dataclass(frozen=True, slots=True)
class LimitView:
    """A threshold: sign, value as typed, unit, whose aim it is, for which cities, document; whether it holds here."""

    sign: str
    value: str
    unit: str
    name: str
    applies: str
    source: str
    uncertain: bool
    holds: bool


@dataclass(frozen=True, slots=True)
class DefinitionView:
    """One definition as it is shown."""

    code: str
    name: str
    unit: str
    formula: str
    expression: str
    readings: tuple[tuple[str, str, str], ...]
    reading: str
    verdict: str
    limits: tuple[LimitView, ...]
    facts: tuple[tuple[str, str], ...]
    items: tuple[tuple[str, str], ...]
    inputs: tuple[str, ...]
    hidden: bool
    is_own: bool
    notes: tuple[str, ...] = ()


class DefinitionsDialog(QDialog):
    """Choose an indicator, read and change its definition; import, export, freeze.

    Signals
    -------
    chosen : str
        An indicator.
    limit_changed : str, int, str, str
        Indicator, place of the threshold, value as typed, document.
    reading_chosen : str, str, str
        Indicator, reading, document.
    left_out, asked_again : str, str
        Indicator, document.
    new_requested, import_requested, export_requested, freeze_requested, unfreeze_requested
    """

    chosen = Signal(str)
    limit_changed = Signal(str, int, str, str)
    reading_chosen = Signal(str, str, str)
    left_out = Signal(str, str)
    asked_again = Signal(str, str)
    new_requested = Signal()
    import_requested = Signal()
    export_requested = Signal()
    freeze_requested = Signal()
    unfreeze_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.appearance = appearance
        self.setObjectName("definitions")
        appearance.say(self.setWindowTitle, "health.definitions.title")
        self.code = ""
        self._is_frozen = False
        self.edition = label("heading")
        self.state = label("small", wrap=True)
        self.search = QLineEdit(clearButtonEnabled=True)
        appearance.say(self.search.setPlaceholderText, "health.definitions.search")
        self.search.textChanged.connect(self._narrow)
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.tree.currentItemChanged.connect(self._on_current)
        left = QWidget()
        left.setFixedWidth(_TREE_PX)
        left.setLayout(column(self.search, self.tree, gap=8))
        self.page = Page(margins=(18, 14, 18, 12))
        self.log = QTableWidget(0, 6)
        self.log.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.log.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.log.verticalHeader().hide()
        self.log.setAlternatingRowColors(True)
        self.log.setWordWrap(False)
        self.log.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.page)
        self.stack.addWidget(self.log)
        self.document = QLineEdit(clearButtonEnabled=True)
        appearance.say(self.document.setPlaceholderText, "health.definitions.document.hint")
        self.freeze = button(appearance, "health.definitions.freeze", icon="lock-simple")
        self.freeze.clicked.connect(self._on_freeze)
        self.add = button(appearance, "health.definitions.new", icon="plus")
        self.add.clicked.connect(self.new_requested)
        self.take_in = button(appearance, "health.definitions.import", icon="upload-simple")
        self.take_in.clicked.connect(self.import_requested)
        export = button(appearance, "health.definitions.export", icon="download-simple")
        export.clicked.connect(self.export_requested)
        self.show_log = button(appearance, "health.definitions.log", icon="clock-counter-clockwise")
        self.show_log.setCheckable(True)
        self.show_log.toggled.connect(self.stack.setCurrentIndex)
        close = button(appearance, "window.close", "primary")
        close.clicked.connect(self.accept)
        for press in (self.freeze, self.add, self.take_in, export, self.show_log, close):
            press.setAutoDefault(False)
        head = column(self.edition, self.state, gap=2)
        body = row(left, self.stack, gap=16)
        body.setStretch(1, 1)
        foot = row(caption(appearance, "health.definitions.document", "soft"), self.document, gap=8)
        self.setLayout(
            column(
                row(head, 1, self.add, self.take_in, export, gap=8),
                line(),
                body,
                line(),
                row(foot, self.show_log, self.freeze, close, gap=8),
                margins=(20, 16, 20, 14),
                gap=10,
            )
        )
        self.resize(1120, 650)

    # --- what is shown ---------------------------------------------------------------------------------------------
    def show_book(self, edition: str, state: str, is_frozen: bool, rows: Sequence[TreeRow]) -> None:
        """Show all indicators; the one that is open stays so."""
        self._is_frozen = is_frozen
        self.edition.setText(edition)
        self.state.setText(state)
        self.appearance.say(
            self.freeze.setText, "health.definitions.unfreeze" if is_frozen else "health.definitions.freeze"
        )
        for press in (self.add, self.take_in):
            press.setEnabled(not is_frozen)
        self.document.setEnabled(not is_frozen)
        self.tree.blockSignals(True)
        self.tree.clear()
        branches: dict[tuple[str, ...], QTreeWidgetItem] = {}
        faint = QColor(self.appearance.colours["text_faint"])
        current = None
        for one in rows:
            above = self.tree.invisibleRootItem()
            for depth in range(1, len(one.levels) + 1):
                key = one.levels[:depth]
                if key not in branches:
                    branches[key] = QTreeWidgetItem(above, [visible_text(key[-1])])
                    branches[key].setFlags(Qt.ItemFlag.ItemIsEnabled)
                    if depth > 1:
                        branches[key].setForeground(0, QColor(self.appearance.colours["text_soft"]))
                above = branches[key]
            item = QTreeWidgetItem(above, [visible_text(f"{one.name}{'  ●' if one.changed else ''}")])
            item.setData(0, _CODE, one.code)
            item.setToolTip(0, plain_tip(f"{one.code} {one.name}"))
            if one.hidden:
                item.setForeground(0, faint)
                font = item.font(0)
                font.setStrikeOut(True)
                item.setFont(0, font)
            if one.code == self.code:
                current = item
        self.tree.expandAll()
        if current is not None:
            self.tree.setCurrentItem(current)
        self.tree.blockSignals(False)
        self._narrow(self.search.text())

    def show_definition(self, view: DefinitionView) -> None:
        """Show one definition."""
        self.code = view.code
        clear(self.page.column)
        add = self.page.column.addWidget
        title = label("title", wrap=True, select=True)
        title.setText(view.name)
        add(title)
        under = label("soft", select=True)
        under.setText(" · ".join(part for part in (view.code, view.unit) if part))
        add(under)
        for note in view.notes:
            told = label("warn", wrap=True)
            told.setText(note)
            add(told)
        if view.formula:
            add(self._text(view.formula, select=True))
        if view.expression:
            typed = self._text(view.expression, select=True)
            font = typed.font()
            font.setFamilies(["DejaVu Sans Mono", "monospace"])
            typed.setFont(font)
            add(typed)
        if view.readings:
            self._section("health.definitions.readings")
            for reading, name, about in view.readings:
                press = QRadioButton(visible_text(name))
                press.setChecked(reading == view.reading)
                press.setEnabled(not self._is_frozen)
                press.setToolTip(plain_tip(about))
                press.clicked.connect(
                    lambda _=False, one=reading: self.reading_chosen.emit(self.code, one, self.document.text())
                )
                add(press)
        self._section("health.definitions.limits")
        add(self._text(view.verdict))
        if view.limits:
            self.page.column.addLayout(self._limits(view.limits))
        if view.items:
            self._section("health.definitions.items")
            self.page.column.addLayout(self._pairs(view.items, 58))
        self._section("health.definitions.facts")
        self.page.column.addLayout(self._pairs(view.facts, 120))
        if view.inputs:
            self._section("health.definitions.inputs")
            for one in view.inputs:
                add(self._text(one))
        key = "again" if view.hidden else "remove" if view.is_own else "leave_out"
        leave = button(self.appearance, f"health.definitions.{key}", "quiet")
        leave.setAutoDefault(False)
        leave.setEnabled(not self._is_frozen)
        signal = self.asked_again if view.hidden else self.left_out
        leave.clicked.connect(lambda: signal.emit(self.code, self.document.text()))
        self.page.column.addSpacing(6)
        self.page.column.addLayout(row(leave, 1))
        self.page.column.addStretch(1)
        self.show_log.setChecked(False)
        self.page.verticalScrollBar().setValue(0)

    def show_changes(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show the log."""
        self.log.setHorizontalHeaderLabels([visible_text(head) for head in heads])
        self.log.setRowCount(len(rows))
        for at, cells in enumerate(rows):
            for place, text in enumerate(cells):
                item = QTableWidgetItem(visible_text(text))
                item.setToolTip(plain_tip(text))
                self.log.setItem(at, place, item)
        header = self.log.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for place, width in enumerate((140, 84, 236, 76, 76)):
            self.log.setColumnWidth(place, width)
        header.setStretchLastSection(True)

    def go_to(self, code: str) -> None:
        """Show an indicator and its place in the tree."""
        self.code = code
        for item in self._leaves():
            if item.data(0, _CODE) == code:
                self.tree.setCurrentItem(item)
                self.tree.scrollToItem(item)

    # --- its parts -------------------------------------------------------------------------------------------------
    def _section(self, key: str) -> None:
        self.page.column.addSpacing(8)
        self.page.column.addWidget(caption(self.appearance, key, "section"))

    def _text(self, text: str, *, select: bool = False) -> QLabel:
        made = label("", wrap=True, select=select)
        made.setText(text)
        return made

    def _pairs(self, pairs: Sequence[tuple[str, str]], width: int) -> QFormLayout:
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(5)
        for name, text in pairs:
            key = label("soft", wrap=True)
            key.setText(name)
            key.setFixedWidth(width)
            form.addRow(key, self._text(text, select=True))
        return form

    def _limits(self, limits: Sequence[LimitView]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(3, 1)
        for at, one in enumerate(limits):
            mark = label("" if one.holds else "soft")
            mark.setText(("● " if one.holds else "○ ") + one.sign)
            field = QLineEdit(one.value)
            field.setFixedWidth(_VALUE_PX)
            field.setEnabled(not self._is_frozen)
            field.setAccessibleName(visible_text(one.name))
            field.editingFinished.connect(lambda place=at, own=field, was=one.value: self._on_limit(place, own, was))
            unit = label("soft")
            unit.setText(one.unit)
            about = self._text(" · ".join(part for part in (one.name, one.applies) if part))
            source = label("small", wrap=True, select=True)
            unsure = self.appearance.word("health.definition.uncertain")
            source.setText(f"{one.source}  〔{unsure}〕" if one.uncertain else one.source)
            for place, part in enumerate((mark, field, unit)):
                grid.addWidget(part, at, place, Qt.AlignmentFlag.AlignVCenter)
            grid.addLayout(column(about, source, gap=1), at, 3)
        return grid

    def _on_freeze(self) -> None:
        (self.unfreeze_requested if self._is_frozen else self.freeze_requested).emit()

    def _on_limit(self, place: int, field: QLineEdit, was: str) -> None:
        if field.text().strip() != was:
            self.limit_changed.emit(self.code, place, field.text().strip(), self.document.text())

    def _on_current(self, item: QTreeWidgetItem | None, _: object = None) -> None:
        if item is not None and item.data(0, _CODE):
            self.chosen.emit(item.data(0, _CODE))

    def _leaves(self) -> list[QTreeWidgetItem]:
        found, left = [], [self.tree.topLevelItem(at) for at in range(self.tree.topLevelItemCount())]
        while left:
            item = left.pop()
            if item is None:
                continue
            if item.data(0, _CODE):
                found.append(item)
            left += [item.child(at) for at in range(item.childCount())]
        return found

    def _narrow(self, text: str) -> None:
        """Show only indicators whose code or name holds a text, and the branches that they stand on."""
        wanted = text.strip().casefold()
        shown: set[int] = set()
        for item in self._leaves():
            hit = wanted in f"{item.data(0, _CODE)} {item.text(0)}".casefold()
            item.setHidden(not hit)
            above = item.parent()
            while hit and above is not None:
                shown.add(id(above))
                above.setHidden(False)
                above = above.parent()
        for at in range(self.tree.topLevelItemCount()):
            self._hide_empty(self.tree.topLevelItem(at))

    def _hide_empty(self, item: QTreeWidgetItem | None) -> bool:
        """Hide branches without an indicator that is shown; return whether there is one."""
        if item is None:
            return False
        if item.data(0, _CODE):
            return not item.isHidden()
        there = [self._hide_empty(item.child(at)) for at in range(item.childCount())]
        item.setHidden(not any(there))
        return any(there)


class NewIndicator(Ask):
    """Ask for a provincial or local indicator; answers ``"ok"``, :attr:`row` holds it.

    Parameters
    ----------
    appearance : Appearance
    dimensions : sequence of (str, str)
        Ids and names.
    check : callable
        What is wrong with a formula, empty where nothing is.
    parent : QWidget, optional
    """

    def __init__(
        self,
        appearance: Appearance,
        dimensions: Sequence[tuple[str, str]],
        check: Callable[[str], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(appearance, "health.definitions.new", parent)
        self._check = check
        self.texts = {name: QLineEdit() for name in ("code", "name", "name_en", "aspect", "unit")}
        self.choices = {name: PlainCombo() for name in ("dimension", "origin", "direction")}
        for own, name in dimensions:
            self.choices["dimension"].addItem(name, own)
        for field, values in (("origin", ("city", "provincial")), ("direction", ("up", "down", "context"))):
            for value in values:
                self.choices[field].addItem(appearance.word(f"health.definition.{field}.{value}"), value)
        self.formula = QPlainTextEdit()
        self.formula.setFixedHeight(74)
        self.formula.setTabChangesFocus(True)
        appearance.say(self.formula.setPlaceholderText, "health.definitions.formula.hint")
        self.fault = label("small", wrap=True)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(9)
        order = ("code", "name", "name_en", "dimension", "aspect", "unit", "origin", "direction")
        for name in order:
            asked: QWidget = self.texts[name] if name in self.texts else self.choices[name]
            form.addRow(caption(appearance, f"health.definition.field.{name}"), asked)
        form.addRow(caption(appearance, "health.definition.field.expression"), self.formula)
        self.body.addLayout(form)
        self.body.addWidget(self.fault)
        self.add_button("window.cancel", "")
        self.ok = self.add_button("window.ok", "ok", "primary")
        self.formula.textChanged.connect(self._look)
        for text in self.texts.values():
            text.textChanged.connect(self._look)
        self.setMinimumWidth(560)
        self._look()

    @property
    def row(self) -> dict[str, object]:
        """Return the indicator as a row of a definition."""
        made: dict[str, object] = {
            name: field.text().strip() for name, field in self.texts.items() if field.text().strip()
        }
        made |= {name: str(box.currentData()) for name, box in self.choices.items()}
        if expression := self.formula.toPlainText().strip():
            made |= {"method": "formula", "parameters": {"expression": expression}}
        return made

    def _look(self) -> None:
        text = self.formula.toPlainText().strip()
        fault = self._check(text) if text else ""
        self.fault.setText(fault)
        named = all(self.texts[name].text().strip() for name in ("code", "name"))
        self.ok.setEnabled(named and not fault)

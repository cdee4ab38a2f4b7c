"""A scenario: what is tried, what it does to the indicators, and what was kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDoubleSpinBox,
    QGridLayout,
    QHeaderView,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import (
    EmptyHint,
    button,
    caption,
    column,
    label,
    line,
    number_field,
    row,
    tool,
)
from viewers.widgets.common.plain import PlainCombo, plain_tip

#: What can be done, with its icon.
DEEDS = (("move", "arrows-out-cardinal"), ("add", "plus-circle"), ("close", "x-circle"), ("rule", "sliders-horizontal"))
_PAYLOAD = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class DeedRow:
    """Something that is tried; ``payload`` is what is emitted when it is taken back."""

    icon: str
    text: str
    detail: str
    payload: Any


@dataclass(frozen=True, slots=True)
class EffectRow:
    """What becomes of one unit: base, scenario, difference and grades as texts.

    Parameters
    ----------
    code : str
        Of the indicator.
    name, base, now, difference, grade : str
    tint : str
        ``"good"``, ``"warn"`` or ``"none"``: whether it becomes better.
    units : tuple of EffectRow
        The units of an indicator's row.
    """

    code: str
    name: str
    base: str
    now: str
    difference: str
    grade: str
    tint: str
    units: tuple[EffectRow, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule that can be changed."""

    code: str
    path: str
    text: str
    value: float
    unit: str


class ScenarioPanel(QWidget):
    """The panel of scenarios.

    Signals
    -------
    deed_chosen : (str) of :data:`DEEDS`, empty to lay the tool down
    deed_taken_back : (payload)
    rule_changed : (code, path, value)
    indicator_chosen : (code)
    keep_requested : (name)
    drop_requested : ()
    kept_chosen, kept_dropped : (name)

    Parameters
    ----------
    appearance : Appearance
    """

    deed_chosen = Signal(str)
    deed_taken_back = Signal(object)
    rule_changed = Signal(str, str, float)
    indicator_chosen = Signal(str)
    keep_requested = Signal(str)
    drop_requested = Signal()
    kept_chosen = Signal(str)
    kept_dropped = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._rules: tuple[RuleView, ...] = ()
        self.setLayout(
            column(
                self._build_tools(), self._build_adding(), self._build_rules(), line(), self._build_deeds(), line(),
                self._build_effects(), line(), self._build_foot(), margins=(0, 8, 0, 0), gap=6,
            )
        )  # fmt: skip
        self.show_deed("")

    # --- parts --------------------------------------------------------------------------------------------------------
    def _build_tools(self) -> QWidget:
        self.tools: dict[str, QToolButton] = {}
        for name, icon in DEEDS:
            press = tool(self._appearance, icon, f"scenario.deed.{name}.tip")
            press.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self._appearance.say(press.setText, f"scenario.deed.{name}")
            press.setCheckable(True)
            press.clicked.connect(lambda checked, name=name: self.deed_chosen.emit(name if checked else ""))
            self.tools[name] = press
        holder = QWidget()
        self.told = label("small", wrap=True)
        holder.setLayout(column(row(*self.tools.values(), 1, gap=2), self.told, margins=(10, 0, 10, 0), gap=4))
        return holder

    def _build_adding(self) -> QWidget:
        self.kind = PlainCombo()
        self._appearance.say(self.kind.setAccessibleName, "scenario.kind")
        self.area = number_field(0.0, 1_000_000.0, 10_000.0, suffix=" m²", decimals=0, step=500.0)
        self.adding = QWidget()
        grid = QGridLayout(self.adding)
        grid.setContentsMargins(12, 0, 12, 0)
        for at, (key, widget) in enumerate((("scenario.kind", self.kind), ("scenario.area", self.area))):
            grid.addWidget(caption(self._appearance, key, "small"), at, 0)
            grid.addWidget(widget, at, 1)
        grid.setColumnStretch(1, 1)
        return self.adding

    def _build_rules(self) -> QWidget:
        self.indicator = PlainCombo()
        self._appearance.say(self.indicator.setAccessibleName, "scenario.indicator")
        self.indicator.currentIndexChanged.connect(self._show_rules)
        self.rules = _tree(self._appearance, ("scenario.head.rule", "scenario.head.value"))
        self.rules.setMaximumHeight(190)
        self.rules.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.ruling = QWidget()
        self.ruling.setLayout(column(self.indicator, self.rules, margins=(12, 0, 12, 0), gap=6))
        return self.ruling

    def _build_deeds(self) -> QWidget:
        self.deeds = _tree(self._appearance, ())
        self.deeds.setMaximumHeight(150)
        self.none = EmptyHint(self._appearance, "flask", "scenario.none.how")
        holder = QWidget()
        head = row(caption(self._appearance, "scenario.deeds", "soft"), 1, margins=(12, 0, 12, 0))
        holder.setLayout(column(head, self.deeds, self.none, gap=4))
        holder.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        return holder

    def _build_effects(self) -> QWidget:
        heads = ("indicator", "base", "now", "difference", "grade")
        self.effects = _tree(self._appearance, tuple(f"scenario.head.{name}" for name in heads))
        self.effects.setRootIsDecorated(True)
        self.effects.itemActivated.connect(self._on_effect)
        self.effects.itemClicked.connect(self._on_effect)
        self.took = label("faint")
        holder = QWidget()
        head = row(caption(self._appearance, "scenario.effects", "soft"), 1, self.took, margins=(12, 0, 12, 0))
        holder.setLayout(column(head, self.effects, gap=4))
        return holder

    def _build_foot(self) -> QWidget:
        appearance = self._appearance
        self.name = QLineEdit()
        appearance.say(self.name.setPlaceholderText, "scenario.name")
        self.name.returnPressed.connect(self._on_keep)
        self.keep = button(appearance, "scenario.keep", "primary", "bookmark-simple")
        self.keep.clicked.connect(self._on_keep)
        self.drop = button(appearance, "scenario.drop", "", "trash")
        self.drop.clicked.connect(self.drop_requested)
        self.kept = PlainCombo()
        appearance.say(self.kept.setAccessibleName, "scenario.kept")
        self.show_kept_one = button(appearance, "scenario.show", "")
        self.show_kept_one.clicked.connect(lambda: self.kept_chosen.emit(self.kept.currentText()))
        self.forget = tool(appearance, "trash", "scenario.forget")
        self.forget.clicked.connect(lambda: self.kept_dropped.emit(self.kept.currentText()))
        self._kept_row = QWidget()
        self._kept_row.setLayout(row(self.kept, self.show_kept_one, self.forget, gap=6))
        self.kept.setSizePolicy(self.name.sizePolicy())
        holder = QWidget()
        holder.setLayout(column(row(self.name, self.keep, self.drop, gap=6), self._kept_row, margins=(12, 2, 12, 10)))
        return holder

    # --- what the window shows ----------------------------------------------------------------------------------------
    def show_deed(self, name: str, told: str = "") -> None:
        """Show which tool is in hand, and what to do with it."""
        for own, press in self.tools.items():
            press.setChecked(own == name)
        self.adding.setVisible(name == "add")
        self.ruling.setVisible(name == "rule")
        self.told.setText(told)
        self.told.setVisible(bool(told))

    def show_choices(self, kinds: Sequence[tuple[str, Any]], rules: Sequence[RuleView], names: dict[str, str]) -> None:
        """Show which facilities can be planned and which rules there are.

        Parameters
        ----------
        kinds : sequence of (str, object)
            Name, and what :meth:`chosen_kind` gives back.
        rules : sequence of RuleView
        names : dict of str to str
            Names of the indicators by code.
        """
        with QSignalBlocker(self.kind):
            before = self.kind.currentText()
            self.kind.clear()
            for name, payload in kinds:
                self.kind.addItem(name, payload)
            self.kind.setCurrentIndex(max(self.kind.findText(before), 0))
        self._rules = tuple(rules)
        with QSignalBlocker(self.indicator):
            self.indicator.offer(tuple(names.items()))
        self._show_rules()

    @property
    def chosen_kind(self) -> Any:
        """Return the kind of facility that is to be planned."""
        return self.kind.currentData()

    def choose_indicator(self, code: str) -> None:
        """Show the rules of an indicator."""
        at = self.indicator.findData(code)
        if at >= 0:
            self.indicator.setCurrentIndex(at)

    def show_deeds(self, deeds: Sequence[DeedRow]) -> None:
        """Show what is tried; each row has a button that takes it back."""
        self.deeds.clear()
        for deed in deeds:
            item = QTreeWidgetItem([f"{visible_text(deed.text)}  {visible_text(deed.detail)}", ""])
            item.setToolTip(0, plain_tip(item.text(0)))
            item.setIcon(0, self._appearance.icon(deed.icon))
            self.deeds.addTopLevelItem(item)
            back = tool(self._appearance, "x", "scenario.take_back", size=14)
            back.clicked.connect(lambda _, payload=deed.payload: self.deed_taken_back.emit(payload))
            self.deeds.setItemWidget(item, 1, back)
        self.deeds.setVisible(bool(deeds))
        self.none.setVisible(not deeds)
        for widget in (self.keep, self.drop, self.name):
            widget.setEnabled(bool(deeds))

    def show_effects(self, rows: Sequence[EffectRow], took: str) -> None:
        """Show what becomes of the indicators."""
        items = [self.effects.topLevelItem(at) for at in range(self.effects.topLevelItemCount())]
        opened = {item.data(0, _PAYLOAD) for item in items if item is not None and item.isExpanded()}
        self.effects.clear()
        for effect in rows:
            item = self._effect_item(effect)
            self.effects.addTopLevelItem(item)
            item.setExpanded(effect.code in opened or len(rows) == 1)
        self.took.setText(took)

    def show_kept(self, names: Sequence[str]) -> None:
        """Show the scenarios that were kept."""
        with QSignalBlocker(self.kept):
            before = self.kept.currentText()
            self.kept.clear()
            self.kept.addItems(list(names))
            self.kept.setCurrentIndex(max(self.kept.findText(before), 0))
        self._kept_row.setVisible(bool(names))

    # --- what a person does -------------------------------------------------------------------------------------------
    def _show_rules(self) -> None:
        self.rules.clear()
        code = self.indicator.currentData()
        for rule in self._rules:
            if rule.code != code:
                continue
            item = QTreeWidgetItem([visible_text(rule.text), ""])
            item.setToolTip(0, plain_tip(item.text(0)))
            self.rules.addTopLevelItem(item)
            field = number_field(-1e9, 1e9, rule.value, suffix=f" {rule.unit}" if rule.unit else "", decimals=2)
            field.setKeyboardTracking(False)
            field.valueChanged.connect(lambda value, rule=rule: self.rule_changed.emit(rule.code, rule.path, value))
            self.rules.setItemWidget(item, 1, field)

    def field_of(self, path: str) -> QDoubleSpinBox | None:
        """Return the field of a rule of the indicator that is shown."""
        shown = [rule for rule in self._rules if rule.code == self.indicator.currentData()]
        for at, rule in enumerate(shown):
            if rule.path == path:
                item = self.rules.topLevelItem(at)
                found = None if item is None else self.rules.itemWidget(item, 1)
                return found if isinstance(found, QDoubleSpinBox) else None
        return None

    def _effect_item(self, effect: EffectRow) -> QTreeWidgetItem:
        texts = (effect.name, effect.base, effect.now, effect.difference, effect.grade)
        item = QTreeWidgetItem([visible_text(text) for text in texts])
        item.setData(0, _PAYLOAD, effect.code)
        item.setToolTip(0, plain_tip(item.text(0)))
        for at in (1, 2, 3):
            item.setTextAlignment(at, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if effect.tint != "none":
            brush = QBrush(QColor(self._appearance.colours[effect.tint]))
            item.setForeground(3, brush)
            item.setForeground(4, brush)
        item.addChildren([self._effect_item(unit) for unit in effect.units])
        return item

    def _on_effect(self, item: QTreeWidgetItem) -> None:
        self.indicator_chosen.emit(str(item.data(0, _PAYLOAD)))

    def _on_keep(self) -> None:
        if self.keep.isEnabled():
            self.keep_requested.emit(self.name.text().strip())


def _tree(appearance: Appearance, heads: Sequence[str]) -> QTreeWidget:
    """Return a quiet table; without heads it has two columns, the second for a button."""
    tree = QTreeWidget()
    tree.setColumnCount(max(len(heads), 2))
    tree.setRootIsDecorated(False)
    tree.setUniformRowHeights(True)
    tree.setAllColumnsShowFocus(True)
    tree.setIconSize(QSize(16, 16))
    tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    header = tree.header()
    header.setStretchLastSection(False)
    header.setMinimumSectionSize(36)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for at in range(1, tree.columnCount()):
        header.setSectionResizeMode(at, QHeaderView.ResizeMode.ResizeToContents)
    if heads:

        def say_heads() -> None:
            tree.setHeaderLabels([appearance.word(key) for key in heads])

        say_heads()
        appearance.lang_changed.connect(say_heads)
        for at in range(1, min(len(heads), 4)):
            tree.headerItem().setTextAlignment(at, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    else:
        tree.setHeaderHidden(True)
    return tree

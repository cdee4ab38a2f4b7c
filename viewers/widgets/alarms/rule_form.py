"""The form of one alarm rule: levels as trees of conditions, how they hold, what clears, when it judges, a dry run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QTreeWidget, QTreeWidgetItem, QWidget

from models.alarms.editing import (
    GROUPS,
    Path,
    added,
    condition_at,
    group_of,
    grouped,
    parts_of,
    put,
    removed,
)
from models.alarms.rule import (
    HOLDS,
    MEASURES,
    NEIGHBOURS,
    OPERATORS,
    AlarmRule,
    AllOf,
    Clear,
    Compare,
    Condition,
    Hold,
    Level,
    Schedule,
    Silent,
)
from models.alarms.severities import severities
from models.readings.quantities import quantities, quantity
from resources.visible_text import visible_text
from viewers.texts.alarm_rules import SIGNS, condition_text, hold_text, rule_text, severity_name
from viewers.widgets.alarms.start_bars import StartBars
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import Page, button, caption, column, label, line, number_field, row, tool
from viewers.widgets.common.plain import PlainCombo

_PATH = Qt.ItemDataRole.UserRole
#: Spans of history for a dry run: word, days; 0 for all of it.
SPANS = (("day", 1), ("week", 7), ("month", 31), ("all", 0))


@dataclass(frozen=True, slots=True)
class Tried:
    """What a dry run found, ready to be shown: sentences, and when alarms began as counts of equal steps."""

    lines: Sequence[str]
    starts: Sequence[int]
    first: str
    last: str


class RuleForm(QWidget):
    """Edits one rule; nothing is kept until it is saved.

    Signals
    -------
    saved : (AlarmRule)
    restored : (rule id) the program's own again, or gone where it has none
    tried : (AlarmRule, days) dry run
    stopped : () the dry run shall end
    left : ()
    """

    saved = Signal(object)
    restored = Signal(str)
    tried = Signal(object, int)
    stopped = Signal()
    left = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.rule: AlarmRule | None = None
        self._path: Path = ()
        self._is_own = False
        self._filling = False
        self.title, self.source, self.sentence = label("strong", wrap=True), label("small", wrap=True), label(wrap=True)
        back = tool(appearance, "arrow-left", "alarm_rules.back", size=16)
        back.clicked.connect(self.left)
        top = row(back, self.title, margins=(8, 8, 12, 6), gap=6)
        top.setStretch(1, 1)
        self.page = Page()
        self.enabled, self.steps_down = QCheckBox(), QCheckBox()
        appearance.say(self.enabled.setText, "alarm_rules.enabled")
        appearance.say(self.steps_down.setText, "alarm_rules.steps_down")
        self.enabled.toggled.connect(lambda on: self._change(enabled=on))
        self.steps_down.toggled.connect(lambda on: self._change(steps_down=on))
        self.name = QLineEdit()
        self.name.textEdited.connect(lambda text: self._change(name=text, name_en=""))
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setMinimumHeight(96)
        self.tree.setMaximumHeight(124)
        self.tree.currentItemChanged.connect(lambda *_: self._on_place())
        self._node = QWidget()
        self._when = QWidget()
        adds = []
        self.buttons: dict[str, Any] = {}
        for name, icon in (("compare", "plus"), ("silent", "bell-slash"), ("group", "brackets-curly"),
                           ("level", "stack"), ("clear", "check-circle"), ("remove", "trash")):  # fmt: skip
            press = tool(appearance, icon, f"alarm_rules.add.{name}", size=16)
            press.clicked.connect(lambda _=False, name=name: self._edit(name))
            self.buttons[name] = press
            adds.append(press)
        self._build_trial()
        for piece in (self.source, self.enabled, row(caption(appearance, "alarm_rules.name"), self.name),
                      caption(appearance, "alarm_rules.section.reads", "section"), self.sentence,
                      caption(appearance, "alarm_rules.section.conditions", "section"), row(*adds, 1, gap=2),
                      self.tree, self._node, caption(appearance, "alarm_rules.section.when", "section"),
                      self._when, self.steps_down, caption(appearance, "alarm_rules.section.trial", "section"),
                      self._trial):  # fmt: skip
            if isinstance(piece, QWidget):
                self.page.column.addWidget(piece)
            else:
                self.page.column.addLayout(piece)
        self.page.column.addStretch(1)
        self.problem = label("bad", wrap=True)
        self.problem.setContentsMargins(14, 0, 12, 6)
        self.restore = button(appearance, "alarm_rules.restore", "quiet", "arrow-counter-clockwise")
        self.restore.clicked.connect(lambda: self.restored.emit(self.rule.id) if self.rule else None)
        self.save = button(appearance, "alarm_rules.save", "primary")
        self.save.clicked.connect(lambda: self.saved.emit(self.rule) if self.rule else None)
        foot = row(self.restore, 1, self.save, margins=(12, 8, 12, 8), gap=8)
        self.setLayout(column(top, line(), self.page, self.problem, line(), foot, gap=0))
        appearance.lang_changed.connect(self._draw)

    def _build_trial(self) -> None:
        self.span = PlainCombo()
        self.run = button(self._appearance, "alarm_rules.try", "", "play")
        self.run.clicked.connect(self._try)
        self.stop = button(self._appearance, "window.cancel", "quiet")
        self.stop.clicked.connect(self.stopped)
        self.stop.hide()
        self.result = label(wrap=True)
        self.bars = StartBars(self._appearance)
        self._trial = QWidget()
        self._trial.setLayout(column(row(self.span, self.run, self.stop, 1, gap=6), self.result, self.bars))

    # --- what the window shows -----------------------------------------------------------------------------------
    def show_rule(self, rule: AlarmRule, about: str, *, is_own: bool) -> None:
        """Show a rule and where it comes from."""
        self.rule, self._path, self._is_own = rule, ("level", 0), is_own
        self.source.setText(about)
        self.say_problem("")
        self.show_trial(None)
        self._draw()

    def show_trial(self, found: Tried | None) -> None:
        """Show what a dry run found; nothing where the rule has changed since."""
        self.run.setEnabled(True)
        self.stop.hide()
        self.result.setText("\n".join(found.lines) if found else self._appearance.word("alarm_rules.not_tried"))
        self.bars.show_counts(found.starts if found else (), found.first if found else "", found.last if found else "")

    def say_problem(self, text: str) -> None:
        """Say why a rule cannot be kept."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    # --- drawing ---------------------------------------------------------------------------------------------------
    def _draw(self) -> None:
        rule, word, lang = self.rule, self._appearance.word, self._appearance.lang
        if rule is None:
            return
        self._filling = True
        self.title.setText(rule.name_en if lang == "en" and rule.name_en else rule.name)
        self.name.setText(self.title.text())
        self.enabled.setChecked(rule.enabled)
        self.steps_down.setChecked(rule.steps_down)
        self.restore.setEnabled(self._is_own)
        self.sentence.setText(rule_text(rule, lang))
        chosen = self.span.currentIndex()
        self.span.clear()
        for name, days in SPANS:
            self.span.addItem(word(f"alarm_rules.trial.{name}"), days)
        self.span.setCurrentIndex(chosen if chosen >= 0 else 1)
        self._fill_tree(rule)
        self._fill_when(rule)
        self._filling = False
        self._on_place()

    def _fill_tree(self, rule: AlarmRule) -> None:
        lang = self._appearance.lang
        with QSignalBlocker(self.tree):
            self.tree.clear()
            for at, level in enumerate(rule.levels):
                head = f"{severity_name(level.severity, lang)}{hold_text(level.hold, lang)}"
                self.tree.addTopLevelItem(self._item(("level", at), level.condition, head))
            if rule.clear.condition is not None:
                head = self._appearance.word("alarm_rules.clear") + hold_text(rule.clear.hold, lang)
                self.tree.addTopLevelItem(self._item(("clear",), rule.clear.condition, head))
            self.tree.expandAll()
            here = self._find(self._path) or self.tree.topLevelItem(0)
            if here is not None:
                self.tree.setCurrentItem(here)

    def _item(self, path: Path, condition: Condition, head: str = "") -> QTreeWidgetItem:
        kind, lang = group_of(condition), self._appearance.lang
        text = self._appearance.word(f"alarm_rules.group.{kind}") if kind else condition_text(condition, lang)
        item = QTreeWidgetItem([visible_text(f"{head}  ·  {text}" if head else text)])
        item.setData(0, _PATH, path)
        for at, part in enumerate(parts_of(condition)):
            item.addChild(self._item((*path, at), part))
        return item

    def _find(self, path: Path) -> QTreeWidgetItem | None:
        root, steps = (path[:1], path[1:]) if path and path[0] == "clear" else (path[:2], path[2:])
        for at in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(at)
            if item is not None and tuple(item.data(0, _PATH)) == root:
                for step in steps:
                    item = item.child(int(step)) if item is not None else None
                return item
        return None

    def _on_place(self) -> None:
        item = self.tree.currentItem()
        if item is None or self.rule is None or self._filling:
            return
        self._path = tuple(item.data(0, _PATH))
        is_root = len(self._path) <= 2 and (self._path[0] == "clear" or len(self._path) == 2)
        self.buttons["remove"].setEnabled(not is_root or self._path[0] == "clear" or len(self.rule.levels) > 1)
        self.buttons["clear"].setEnabled(self.rule.clear.condition is None)
        form = self._form()
        condition = condition_at(self.rule, self._path)
        if self._path[0] == "level" and len(self._path) == 2:
            self._fill_level(form, int(self._path[1]))
        if self._path == ("clear",):
            self._fill_hold(form, self.rule.clear.hold, lambda hold: self._change_clear(hold=hold))
        if isinstance(condition, Compare):
            self._fill_compare(form, condition)
        elif isinstance(condition, Silent):
            self._fill_silent(form, condition)
        else:
            kind = self._combo([(name, self._appearance.word(f"alarm_rules.group.{name}")) for name in GROUPS],
                               group_of(condition))  # fmt: skip
            kind.activated.connect(lambda _: self._put(grouped(kind.currentData(), parts_of(condition))))
            self._row(form, "group", kind)
        fresh = QWidget()
        fresh.setLayout(form)
        self._swap("_node", fresh)

    def _fill_level(self, form: QFormLayout, at: int) -> None:
        assert self.rule is not None  # noqa: S101 - a form of no rule is not filled
        level, lang = self.rule.levels[at], self._appearance.lang
        grade = self._combo([(name, severity_name(name, lang)) for name in severities()], level.severity)
        grade.activated.connect(lambda _: self._change_level(at, severity=grade.currentData()))
        self._row(form, "severity", grade)
        self._fill_hold(form, level.hold, lambda hold: self._change_level(at, hold=hold))

    def _fill_hold(self, form: QFormLayout, hold: Hold, take: Callable[[Hold], None]) -> None:
        word = self._appearance.word
        kind = self._combo([(name, word(f"alarm_rules.hold.{name}")) for name in HOLDS], hold.kind)

        def chosen(_: int) -> None:
            made = {"simple": Hold(), "duration": Hold("duration", hold.seconds or 120.0),
                    "repeating": Hold("repeating", hold.seconds or 3600.0, max(hold.times, 3))}  # fmt: skip
            take(made[kind.currentData()])

        kind.activated.connect(chosen)
        self._row(form, "hold", kind)
        if hold.kind != "simple":
            minutes = self._number(hold.seconds / 60.0, 0.0, 1e6, word("alarm_rules.unit.min"), 2)
            minutes.editingFinished.connect(lambda: take(replace(hold, seconds=minutes.value() * 60.0)))
            self._row(form, "span", minutes)
        if hold.kind == "repeating":
            times = self._number(hold.times, 1.0, 1e5, word("alarm_rules.unit.times"), 0)
            times.editingFinished.connect(lambda: take(replace(hold, times=int(times.value()))))
            self._row(form, "times", times)

    def _fill_compare(self, form: QFormLayout, one: Compare) -> None:
        word, lang = self._appearance.word, self._appearance.lang
        known = [(name, found.name(lang)) for name, found in quantities().items()]
        if one.quantity not in quantities():
            known.insert(0, (one.quantity, one.quantity))
        what = self._combo(known, one.quantity)
        what.activated.connect(lambda _: self._put(replace(one, quantity=what.currentData())))
        self._row(form, "quantity", what)
        measure = self._combo([(name, word(f"alarm_rules.kind.{name}")) for name in MEASURES], one.measure)
        measure.activated.connect(
            lambda _: self._put(replace(one, measure=measure.currentData(), over_s=one.over_s or 3600.0))
        )
        self._row(form, "measure", measure)
        if one.measure != "value":
            over = self._number(one.over_s / 60.0, 0.0, 1e6, word("alarm_rules.unit.min"), 2)
            over.editingFinished.connect(lambda: self._put(replace(one, over_s=over.value() * 60.0)))
            self._row(form, "over", over)
        op = self._combo([(name, SIGNS[name]) for name in OPERATORS], one.op)
        op.activated.connect(lambda _: self._put(replace(one, op=op.currentData())))
        found = quantity(one.quantity)
        unit = "" if found is None else found.unit
        value = self._number(one.value, -1e9, 1e9, f" {unit}" if unit else "", 3)
        value.editingFinished.connect(lambda: self._put(replace(one, value=value.value())))
        op.setFixedWidth(64)
        pair = QWidget()
        pair.setLayout(row(op, value, gap=6))
        self.fields["value"], self.fields["op"] = value, op
        form.addRow(caption(self._appearance, "alarm_rules.field.limit"), pair)
        against = self._combo(
            [("", word("alarm_rules.against.value")), *((n, word(f"alarm_rules.neighbour.{n}")) for n in NEIGHBOURS)],
            one.neighbour,
        )  # fmt: skip
        against.activated.connect(lambda _: self._put(replace(one, neighbour=against.currentData(), fact="")))
        self._row(form, "against", against)
        fact = QLineEdit(one.fact)
        fact.editingFinished.connect(lambda: self._put(replace(one, fact=fact.text().strip(), neighbour="")))
        self._row(form, "fact", fact)
        if one.fact or one.neighbour:
            factor = self._number(one.factor, -1e6, 1e6, " ×", 3)
            factor.editingFinished.connect(lambda: self._put(replace(one, factor=factor.value())))
            self._row(form, "factor", factor)
        back = self._number(one.hysteresis, 0.0, 1e9, f" {unit}" if unit else "", 3)
        back.editingFinished.connect(lambda: self._put(replace(one, hysteresis=back.value())))
        self._row(form, "hysteresis", back)

    def _fill_silent(self, form: QFormLayout, one: Silent) -> None:
        word, lang = self._appearance.word, self._appearance.lang
        known = [("*", word("alarm_rules.any_quantity")), *((n, q.name(lang)) for n, q in quantities().items())]
        what = self._combo(known, one.silent)
        what.activated.connect(lambda _: self._put(replace(one, silent=what.currentData())))
        self._row(form, "quantity", what)
        periods = self._number(one.periods, 1.0, 1e4, word("alarm_rules.unit.periods"), 1)
        periods.editingFinished.connect(lambda: self._put(replace(one, periods=periods.value())))
        self._row(form, "periods", periods)

    def _fill_when(self, rule: AlarmRule) -> None:
        word, schedule = self._appearance.word, rule.schedule or Schedule()
        form = self._form()
        hours = QLineEdit(", ".join(schedule.hours))
        hours.setPlaceholderText("19:30-05:00")
        hours.editingFinished.connect(
            lambda: self._reschedule(hours=tuple(one.strip() for one in hours.text().split(",") if one.strip()))
        )
        self._row(form, "hours", hours)
        days = self._combo([(name, word(f"alarm_rules.holidays.{name or 'any'}")) for name in ("", "only", "without")],
                           schedule.holidays)  # fmt: skip
        days.activated.connect(lambda _: self._reschedule(holidays=days.currentData()))
        self._row(form, "days", days)
        sun = self._combo([(name, word(f"alarm_rules.sun.{name or 'any'}")) for name in ("", "night", "day")],
                          schedule.sun)  # fmt: skip
        sun.activated.connect(lambda _: self._reschedule(sun=sun.currentData()))
        self._row(form, "sun", sun)
        quiet = self._number(rule.clear.quiet_s / 60.0, 0.0, 1e6, word("alarm_rules.unit.min"), 1)
        quiet.editingFinished.connect(lambda: self._change_clear(quiet_s=quiet.value() * 60.0))
        self._row(form, "quiet", quiet)
        fresh = QWidget()
        fresh.setLayout(form)
        self._swap("_when", fresh)

    # --- changing --------------------------------------------------------------------------------------------------
    def _edit(self, what: str) -> None:
        rule = self.rule
        if rule is None:
            return
        fresh = Compare("tilt" if "tilt" in quantities() else next(iter(quantities())), ">", 0.0)
        if what == "compare":
            made, path = added(rule, self._path, fresh)
            self._take(made, path)
        elif what == "silent":
            self._take(replace(rule, levels=(*rule.levels, Level("warning", Silent("*")))), ("level", len(rule.levels)))
        elif what == "group":
            self._take(put(rule, self._path, AllOf((condition_at(rule, self._path),))), self._path)
        elif what == "level":
            self._take(replace(rule, levels=(*rule.levels, Level("minor", fresh))), ("level", len(rule.levels)))
        elif what == "clear":
            self._take(replace(rule, clear=replace(rule.clear, condition=fresh)), ("clear",))
        else:
            self._take(removed(rule, self._path), ("level", 0))

    def _put(self, condition: Condition) -> None:
        if self.rule is not None and condition != condition_at(self.rule, self._path):
            self._take(put(self.rule, self._path, condition), self._path)

    def _change(self, **fields: Any) -> None:
        if self.rule is not None and not self._filling:
            self._take(replace(self.rule, **fields), self._path, redraw="name" not in fields)

    def _change_level(self, at: int, **fields: Any) -> None:
        assert self.rule is not None  # noqa: S101
        levels = list(self.rule.levels)
        levels[at] = replace(levels[at], **fields)
        self._change(levels=tuple(levels))

    def _change_clear(self, **fields: Any) -> None:
        assert self.rule is not None  # noqa: S101
        fresh: Clear = replace(self.rule.clear, **fields)
        if fresh != self.rule.clear:
            self._change(clear=fresh)

    def _reschedule(self, **fields: Any) -> None:
        assert self.rule is not None  # noqa: S101
        fresh = replace(self.rule.schedule or Schedule(), **fields)
        made = None if fresh == Schedule() else fresh
        if made != self.rule.schedule:
            self._change(schedule=made)

    def _take(self, rule: AlarmRule, path: Path, *, redraw: bool = True) -> None:
        changed = rule != self.rule
        self.rule, self._path = rule, path
        if changed:
            self.say_problem("")
            self.show_trial(None)
        if redraw:
            self._draw()
        self.title.setText(rule.name_en if self._appearance.lang == "en" and rule.name_en else rule.name)

    def _try(self) -> None:
        if self.rule is not None:
            self.run.setEnabled(False)
            self.stop.show()
            self.result.setText(self._appearance.word("alarm_rules.trying"))
            self.tried.emit(self.rule, int(self.span.currentData()))

    # --- pieces ----------------------------------------------------------------------------------------------------
    def _form(self) -> QFormLayout:
        self.fields: dict[str, QWidget] = getattr(self, "fields", {})
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(6)
        return form

    def _row(self, form: QFormLayout, name: str, field: QWidget) -> None:
        self.fields[name] = field
        form.addRow(caption(self._appearance, f"alarm_rules.field.{name}"), field)

    def _combo(self, choices: Sequence[tuple[str, str]], chosen: str) -> PlainCombo:
        combo = PlainCombo()
        for data, text in choices:
            combo.addItem(text, data)
        combo.setCurrentIndex(max(combo.findData(chosen), 0))
        combo.setMinimumContentsLength(8)
        combo.setSizeAdjustPolicy(PlainCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        return combo

    def _number(self, value: float, low: float, high: float, unit: str, decimals: int) -> Any:
        return number_field(low, high, value, suffix=unit, decimals=decimals)

    def _swap(self, name: str, fresh: QWidget) -> None:
        old: QWidget = getattr(self, name)
        self.page.column.replaceWidget(old, fresh)
        old.hide()
        old.deleteLater()
        setattr(self, name, fresh)
        fresh.show()

"""The rules of alarms: the list with where each comes from, and the form that changes one and tries it on history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QStackedWidget, QWidget

from models.alarms.rule import AlarmRule
from viewers.widgets.alarms.rule_form import RuleForm
from viewers.widgets.alarms.severity_marks import severity_mark
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, column, line, row
from viewers.widgets.common.rows import rows_item, rows_list


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule in the list: what it says, and where it comes from in one line."""

    rule: AlarmRule
    title: str
    about: str
    gravest: str
    is_own: bool


class RulesPage(QWidget):
    """List and form.

    Signals
    -------
    new_requested : ()
    """

    new_requested = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._views: Sequence[RuleView] = ()
        self.list: QListWidget = rows_list(appearance)
        self.list.itemClicked.connect(lambda item: self.open_rule(str(item.data(Qt.ItemDataRole.UserRole))))
        self.list.itemActivated.connect(lambda item: self.open_rule(str(item.data(Qt.ItemDataRole.UserRole))))
        new = button(appearance, "alarm_rules.new", "quiet", "plus")
        new.clicked.connect(self.new_requested)
        self.new = new
        first = QWidget()
        first.setLayout(column(self.list, line(), row(new, 1, margins=(12, 8, 12, 8)), gap=0))
        self.form = RuleForm(appearance)
        self.form.left.connect(self.show_list)
        self._stack = QStackedWidget()
        self._stack.addWidget(first)
        self._stack.addWidget(self.form)
        self.setLayout(column(self._stack))

    def set_rules(self, views: Sequence[RuleView]) -> None:
        """Show other rules; the form stays with what is being written in it."""
        self._views = views
        self.list.clear()
        for view in views:
            mark = severity_mark(view.gravest if view.rule.enabled else "", 16)
            self.list.addItem(rows_item(mark, view.title, view.about, view.rule.id))

    def open_rule(self, rule_id: str) -> None:
        """Show the form of a rule."""
        found = next((view for view in self._views if view.rule.id == rule_id), None)
        if found is not None:
            self.edit(found.rule, found.about, is_own=found.is_own)

    def edit(self, rule: AlarmRule, about: str, *, is_own: bool) -> None:
        """Show the form of a rule that may not be among those of the list yet."""
        self.form.show_rule(rule, about, is_own=is_own)
        self._stack.setCurrentIndex(1)

    def show_list(self) -> None:
        """Show the list."""
        self._stack.setCurrentIndex(0)

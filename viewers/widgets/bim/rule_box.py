"""Select elements by a rule: a line that answers while it is typed, and the selection sets that were kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QLineEdit, QMenu, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import Card, button, caption, column, label, row, tool
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.rows import rows_item, rows_list

#: Rules to learn from, with the keys of their explanations.
EXAMPLES = (
    ("IfcWall, IsExternal", "browser.rule.example.external"),
    ("IfcWall, FireRating < 2h", "browser.rule.example.rating"),
    ("IfcSpace, NetFloorArea > 50", "browser.rule.example.spaces"),
    ("IfcDoor, Width >= 1.2m", "browser.rule.example.doors"),
    ("storey = 2F, not IfcSpace", "browser.rule.example.storey"),
)
#: A rule is tried when nothing was typed for so long.
PAUSE_MS = 280
#: So many rules of one run are offered again.
REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class SetView:
    """One kept selection set: its id, its name and the rule it is."""

    id: str
    name: str
    rule: str


class RuleBox(QWidget):
    """The page of rules.

    Signals
    -------
    rule_changed : (str) try this rule; empty for none
    asked : (str) ``"select"``, ``"isolate"`` or ``"save"`` what the rule found, or ``"save_selection"``
    set_asked : (str, str) what shall be done with a set (``"select"``, ``"rename"``, ``"delete"``), and its id

    Parameters
    ----------
    appearance : Appearance
    """

    rule_changed = Signal(str)
    asked = Signal(str)
    set_asked = Signal(str, str)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._used: list[str] = []
        self.edit = QLineEdit()
        self.edit.setClearButtonEnabled(True)
        appearance.say(self.edit.setPlaceholderText, "browser.rule.placeholder")
        appearance.say(self.edit.setAccessibleName, "browser.rule")
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._try)
        self.edit.textChanged.connect(lambda _: self._pause.start())
        self.edit.returnPressed.connect(self._on_return_pressed)
        self.more = tool(appearance, "clock-counter-clockwise", "browser.rule.history", size=17)
        self.more.clicked.connect(self._open_history)
        self.answer = label("strong", wrap=True)
        self.detail = label("small", wrap=True)
        self.select = button(appearance, "browser.select", "", "cursor")
        self.isolate = button(appearance, "browser.isolate", "", "selection-all")
        self.keep = button(appearance, "browser.rule.save", "quiet", "bookmark-simple")
        for press, verb in ((self.select, "select"), (self.isolate, "isolate"), (self.keep, "save")):
            press.clicked.connect(lambda _=False, verb=verb: self._ask(verb))
        self._buttons = QWidget()
        self._buttons.setLayout(column(row(self.select, self.isolate, 1, gap=6), row(self.keep, 1), gap=4))
        self._result = QFrame()
        self._result.setProperty("role", "hint")
        self._result.setLayout(column(self.answer, self.detail, self._buttons, margins=(12, 9, 12, 9), gap=5))
        self._teach = QWidget()
        teach = column(caption(appearance, "browser.rule.examples", "section"), gap=4)
        for rule, key in EXAMPLES[:3]:
            teach.addWidget(self._example(rule, key))
        self._teach.setLayout(teach)
        self.sets = rows_list(appearance)
        self.sets.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.sets.itemClicked.connect(lambda item: self.set_asked.emit("select", item.data(Qt.ItemDataRole.UserRole)))
        self.sets.itemActivated.connect(lambda item: self.set_asked.emit("select", item.data(Qt.ItemDataRole.UserRole)))
        self.sets.customContextMenuRequested.connect(self._on_set_menu)
        self._none = caption(appearance, "browser.sets.none", "faint", wrap=True)
        plus = tool(appearance, "plus", "action.model.save_set", size=15)
        plus.clicked.connect(lambda: self.asked.emit("save_selection"))
        top = row(self.edit, self.more, gap=2)
        head = column(
            top, self._result, self._teach, row(caption(appearance, "browser.sets", "section"), 1, plus), self._none,
            margins=(12, 10, 10, 4), gap=8,
        )  # fmt: skip
        layout = column(head, self.sets, gap=2)
        layout.addStretch(1)
        layout.setStretch(1, 1000)  # the list takes all there is, and nothing while it is hidden
        self.setLayout(layout)
        self.show_nothing()
        self.show_sets(())

    @property
    def rule(self) -> str:
        """Return the rule as typed."""
        return self.edit.text().strip()

    def set_rule(self, text: str) -> None:
        """Type a rule."""
        self.edit.setText(text)
        self._pause.stop()
        self._try()

    def show_nothing(self) -> None:
        """Show examples: no rule is typed."""
        self._result.hide()
        self._teach.show()

    def show_answer(self, found: int, silent: int, described: str = "") -> None:
        """Say how many elements a rule found, and of how many the model does not say."""
        key = "browser.rule.found_silent" if silent else "browser.rule.found"
        self._appearance.say(self.answer.setText, key, found=f"{found:,}", silent=f"{silent:,}")
        self.answer.setProperty("role", "strong")
        self._tell(described)
        self._buttons.show()
        for press in (self.select, self.isolate):
            press.setEnabled(found > 0)

    def show_error(self, text: str, cure: str) -> None:
        """Explain what is wrong with the rule."""
        self._appearance.hush(self.answer.setText)
        self.answer.setText(text)
        self.answer.setProperty("role", "bad")
        self._tell(cure)
        self._buttons.hide()

    def show_sets(self, sets: Sequence[SetView]) -> None:
        """List the kept sets."""
        self.sets.clear()
        for one in sets:
            self.sets.addItem(rows_item(self._appearance.icon("bookmark-simple", "accent"), one.name, one.rule, one.id))
        self.sets.setVisible(bool(sets))
        self._none.setVisible(not sets)

    def _tell(self, detail: str) -> None:
        self.answer.style().polish(self.answer)
        self.detail.setText(detail)
        self.detail.setVisible(bool(detail))
        self._teach.hide()
        self._result.show()

    def _example(self, rule: str, key: str) -> QWidget:
        card, text, why = Card(), label("", wrap=True), caption(self._appearance, key, "faint", wrap=True)
        text.setText(rule)
        card.setLayout(column(text, why, margins=(10, 6, 10, 7), gap=1))
        card.clicked.connect(lambda: self.set_rule(rule))
        return card

    def _ask(self, verb: str) -> None:
        rule = self.rule
        if rule:
            self._used = [rule, *(old for old in self._used if old != rule)][:REMEMBERED]
        self.asked.emit(verb)

    def _on_return_pressed(self) -> None:
        if self._pause.isActive():
            self._pause.stop()
            self._try()
        if self.rule and self._buttons.isVisibleTo(self) and self.select.isEnabled():
            self._ask("select")

    def _try(self) -> None:
        if not self.rule:
            self.show_nothing()
        self.rule_changed.emit(self.rule)

    def _open_history(self) -> None:
        menu = QMenu(self)
        for rule in self._used:
            menu.addAction(
                self._appearance.icon("clock-counter-clockwise"), rule, lambda rule=rule: self.set_rule(rule)
            )
        if self._used:
            menu.addSeparator()
        for rule, key in EXAMPLES:
            entry: QAction = menu.addAction(
                self._appearance.icon("lightbulb"), rule, lambda rule=rule: self.set_rule(rule)
            )  # type: ignore[assignment]
            entry.setToolTip(plain_tip(self._appearance.word(key)))
        menu.setToolTipsVisible(True)
        menu.exec(self.more.mapToGlobal(QPoint(0, self.more.height())))
        menu.deleteLater()

    def _on_set_menu(self, at: QPoint) -> None:
        item = self.sets.itemAt(at)
        if item is None:
            return
        own, menu = str(item.data(Qt.ItemDataRole.UserRole)), QMenu(self)
        for icon, verb in (("cursor", "select"), ("pencil-simple", "rename"), ("trash", "delete")):
            if verb == "delete":
                menu.addSeparator()
            menu.addAction(
                self._appearance.icon(icon), self._appearance.word(f"browser.sets.{verb}"),
                lambda verb=verb: self.set_asked.emit(verb, own),
            )  # fmt: skip
        menu.exec(self.sets.viewport().mapToGlobal(at))
        menu.deleteLater()

"""What the panel of topics has for opinions: filters, the form of a decision, the card that notes one, changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QListWidget, QListWidgetItem, QPlainTextEdit, QSizePolicy, QWidget

from models.review.topics import VERDICTS
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, row, tool
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo

#: Ways to sort topics, each with its word ``topics.sort.<name>``.
ORDERS = ("change", "number", "open", "author")


@dataclass(frozen=True, slots=True)
class Sortable:
    """By what a topic is filtered and sorted.

    Parameters
    ----------
    opinion : bool
    number : int
    verdict, author : str
    indicator : str
        Code, empty for none.
    """

    opinion: bool = False
    number: int = 0
    verdict: str = ""
    author: str = ""
    indicator: str = ""


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What is decided about an opinion.

    Parameters
    ----------
    verdict, reply : str
    history : tuple of str
        A line each, the newest first.
    """

    verdict: str = ""
    reply: str = ""
    history: tuple[str, ...] = ()


class OpinionFilter(QWidget):
    """Choices of state, author, indicator and order, and whether only topics of the selected objects are listed.

    Signals
    -------
    changed : ()
    """

    changed = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.state, self.author, self.indicator, self.order = (PlainCombo() for _ in range(4))
        for choice, name in (
            (self.state, "state"), (self.author, "author"), (self.indicator, "indicator"), (self.order, "order"),
        ):  # fmt: skip
            appearance.say(choice.setToolTip, f"topics.filter.{name}")
            appearance.say(choice.setAccessibleName, f"topics.filter.{name}")
            choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            choice.activated.connect(lambda _: self.changed.emit())
        self.selected = tool(appearance, "crosshair-simple", "topics.filter.selected")
        self.selected.setCheckable(True)
        self.selected.toggled.connect(lambda _: self.changed.emit())
        first, second = row(self.state, self.author, gap=6), row(self.indicator, self.order, self.selected, gap=6)
        for line in (first, second):
            line.setStretch(0, 1)
            line.setStretch(1, 1)
        self.setLayout(column(first, second, margins=(12, 0, 12, 8), gap=6))

    def offer(self, topics: Sequence[Sortable]) -> None:
        """Offer what there is to choose among topics; a choice that is still there stays."""
        word = self._appearance.word
        states = [("", word("topics.filter.all_states")),
                  *((name, word(f"topics.verdict.{name}")) for name in ("open", *VERDICTS))]  # fmt: skip
        authors = sorted({one.author for one in topics if one.author})
        codes = sorted({one.indicator for one in topics if one.indicator})
        for choice, offered in (
            (self.state, states),
            (self.author, [("", word("topics.filter.all_authors")), *((name, name) for name in authors)]),
            (self.indicator, [("", word("topics.filter.all_indicators")), *((code, code) for code in codes)]),
            (self.order, [(name, word(f"topics.sort.{name}")) for name in ORDERS]),
        ):
            chosen = choice.currentData()
            choice.clear()
            for value, text in offered:
                choice.addItem(text, value)
            choice.setCurrentIndex(max(choice.findData(chosen), 0))

    def accepts(self, one: Sortable) -> bool:
        """Whether a topic is listed, but for the selected objects."""
        state = self.state.currentData() or ""
        if state and (not one.opinion or (one.verdict or "open") != state):
            return False
        author, code = self.author.currentData() or "", self.indicator.currentData() or ""
        return (not author or one.author == author) and (not code or one.indicator == code)

    def place(self, one: Sortable) -> tuple[object, ...]:
        """Return by what a topic is sorted; topics that come alike stay in the order of their last change."""
        order = self.order.currentData()
        by_number = (one.number == 0, one.number)
        if order == "number":
            return by_number
        if order == "open":
            return (not one.opinion, bool(one.verdict), *by_number)
        return (one.author.casefold(), *by_number) if order == "author" else ()


class DecisionForm(QWidget):
    """What is decided about an opinion: verdict, reply, by whom.

    Signals
    -------
    decided : (verdict, reply, by whom)
    look_requested : ()
    """

    decided = Signal(str, str, str)
    look_requested = Signal()

    def __init__(self, appearance: Appearance, view: DecisionView, by: str) -> None:
        super().__init__()
        self.reply = _Lines()
        self.reply.setPlainText(view.reply)
        self.reply.setFixedHeight(52)
        self.by = QLineEdit(by)
        appearance.say(self.reply.setPlaceholderText, "topics.reply_hint")
        appearance.say(self.by.setPlaceholderText, "topics.decided_by")
        appearance.say(self.by.setAccessibleName, "topics.decided_by")
        self.buttons = {}
        for name in VERDICTS:
            press = button(appearance, f"topics.verdict.{name}", "primary" if name == view.verdict else "")
            press.clicked.connect(lambda _=False, name=name: self._decide(name))
            self.buttons[name] = press
        back = tool(appearance, "arrow-counter-clockwise", "topics.take_back")
        back.setEnabled(bool(view.verdict))
        back.clicked.connect(lambda: self.decided.emit("", "", self.by.text()))
        told = []
        for text in view.history:
            one = label("small", wrap=True, select=True)
            one.setText(text)
            told.append(one)
        look = tool(appearance, "eye", "topics.look")
        look.clicked.connect(self.look_requested)
        choices, foot = row(*self.buttons.values(), 1, gap=4), row(self.by, back, look, gap=4)
        self.setLayout(column(choices, self.reply, foot, *told, margins=(0, 0, 0, 4), gap=6))

    def _decide(self, verdict: str) -> None:
        self.decided.emit(verdict, self.reply.toPlainText().strip(), self.by.text().strip())


class OpinionCard(Ask):
    """A small card: what is said, by whom. Enter keeps it, Shift+Enter begins a new line.

    Parameters
    ----------
    appearance : Appearance
    about : str
        What is on the screen: stop, indicator, objects.
    kinds : sequence of (str, str)
        Kinds of opinions, written and as a word.
    speaker : tuple of (str, str, str)
        Kind, name and organisation of who spoke last.
    people : sequence of (str, str)
        Names with their organisations, known from other opinions.
    """

    def __init__(
        self,
        appearance: Appearance,
        about: str,
        kinds: Sequence[tuple[str, str]],
        speaker: tuple[str, str, str],
        people: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(appearance, "opinions.new", parent)
        self._people = dict(people)
        self.text = _Lines(self._keep)
        self.text.setFixedHeight(92)
        appearance.say(self.text.setPlaceholderText, "opinions.text_hint")
        self.kind = PlainCombo()
        for value, text in kinds:
            self.kind.addItem(text, value)
        self.kind.setCurrentIndex(max(self.kind.findData(speaker[0]), 0))
        self.author, self.organisation = QLineEdit(speaker[1]), QLineEdit(speaker[2])
        for field, hint, known in (
            (self.author, "opinions.author_hint", [name for name, _ in people]),
            (self.organisation, "opinions.organisation_hint", sorted({one for _, one in people if one})),
        ):
            appearance.say(field.setPlaceholderText, hint)
            appearance.say(field.setAccessibleName, hint)
            completer = QCompleter(list(dict.fromkeys(known)), field)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            field.setCompleter(completer)
            field.returnPressed.connect(self._keep)
        self.author.editingFinished.connect(self._follow_author)
        self.body.addWidget(caption(appearance, "opinions.new", "heading"))
        if about:
            told = label("soft", wrap=True)
            told.setText(about)
            self.body.addWidget(told)
        self.body.addWidget(self.text)
        self.body.addLayout(row(self.kind, self.author, self.organisation, gap=8))
        self.body.addWidget(caption(appearance, "opinions.keys", "small"))
        self.add_button("window.cancel", "")
        self.ok = self.add_button("opinions.keep", "ok", "primary")
        self.text.textChanged.connect(lambda: self.ok.setEnabled(bool(self.said)))
        self.ok.setEnabled(False)
        self.text.setFocus()
        self.setFixedWidth(520)

    @property
    def said(self) -> str:
        """Return what was typed."""
        return self.text.toPlainText().strip()

    @property
    def speaker(self) -> tuple[str, str, str]:
        """Return kind, name and organisation of who speaks."""
        return str(self.kind.currentData()), self.author.text().strip(), self.organisation.text().strip()

    def _keep(self) -> None:
        if self.said:
            self.ok.click()

    def _follow_author(self) -> None:
        """Fill in the organisation of somebody who has spoken before."""
        known = self._people.get(self.author.text().strip(), "")
        if known:
            self.organisation.setText(known)


class ChangesQuestion(Ask):
    """Show what a workbook that came back would change: answers ``"ok"`` or nothing."""

    def __init__(self, appearance: Appearance, lines: Sequence[str], count: int, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "opinions.changes", parent)
        key = "opinions.changes_count" if count else "opinions.changes_none"
        self.body.addWidget(caption(appearance, key, "heading", wrap=True, count=count))
        if lines:
            shown = QListWidget()
            shown.setWordWrap(True)
            shown.setSelectionMode(QListWidget.SelectionMode.NoSelection)
            for text in lines:
                shown.addItem(QListWidgetItem(text))
            shown.setMinimumHeight(260)
            self.body.addWidget(shown)
        self.add_button("window.cancel" if count else "window.ok", "")
        if count:
            self.ok = self.add_button("opinions.take_over", "ok", "primary")
        self.setFixedWidth(640)


class _Lines(QPlainTextEdit):
    """A field of several lines; Tab leaves it, and where ``enter`` is given Enter calls it."""

    def __init__(self, enter: object = None) -> None:
        super().__init__()
        self._enter = enter
        self.setTabChangesFocus(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Keep on Enter, begin a new line on Shift+Enter."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and callable(self._enter) and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._enter()
        else:
            super().keyPressEvent(event)

"""Dialogs that ask for an expression, or for a relation between two layers. They only ask; the window answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, column, label, number_field, row
from viewers.widgets.common.dialogs import Ask

PAUSE_MS = 300
#: What can be put between fields, as buttons.
SIGNS = ("=", "!=", "<", ">", "<=", ">=", "and", "or", "not", "in ()", "like '%%'", "between", "is null", "( )")
#: Functions by topic; ``ask.functions.<topic>`` is the topic's word.
FUNCTIONS = {
    "number": ("round(x, 1)", "abs(x)", "floor(x)", "sqrt(x)", "min(x, y)", "max(x, y)", "number(text)"),
    "text": ("contains(text, '…')", "startswith(text, '…')", "lower(text)", "trim(text)", "length(text)",
             "replace(text, '…', '…')", "substr(text, 1, 4)", "concat(a, b)"),
    "date": ("year(date)", "month(date)", "date('2024-05-01')", "today()"),
    "choice": ("if(x > 1, 'a', 'b')", "coalesce(x, 0)", "case when x > 1 then 'a' else 'b' end"),
    "geometry": ("$area_m2", "$length_m", "$perimeter_m", "$x", "$y", "$height", "$id"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What an expression would do: a sentence, or what is wrong and where (counted from 1, 0 for nowhere)."""

    text: str
    cure: str = ""
    at: int = 0
    good: bool = True


class ExpressionDialog(Ask):
    """Ask for an expression about a layer, with its fields, values and functions at hand.

    Parameters
    ----------
    appearance : Appearance
    title : str
        Word of the question.
    layers : sequence of (id, title)
        Layers to choose from.
    layer_id : str
        The one asked about first.
    fields_of : callable
        Layer id → ``(field, heading)`` pairs.
    values_of : callable
        (layer id, field) → some values as they stand in an expression.
    check : callable
        (layer id, expression, then) → calls ``then`` with an :class:`Answer`, now or later.
    text : str
        Expression to begin with.
    targets : bool
        Ask for a column to be filled, too.
    """

    def __init__(
        self,
        appearance: Appearance,
        title: str,
        layers: Sequence[tuple[str, str]],
        layer_id: str,
        fields_of: Callable[[str], Sequence[tuple[str, str]]],
        values_of: Callable[[str, str], Sequence[str]],
        check: Callable[[str, str, Callable[[Answer], None]], None],
        *,
        text: str = "",
        ok: str = "window.ok",
        targets: bool = False,
        may_be_empty: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(appearance, title, parent)
        self._fields_of, self._values_of, self._check = fields_of, values_of, check
        self._stamp, self._may_be_empty = 0, may_be_empty
        self.layers = QComboBox()
        for own, name in layers:
            self.layers.addItem(name, own)
        self.layers.setCurrentIndex(max(self.layers.findData(layer_id), 0))
        self.layers.setEnabled(len(layers) > 1)
        self.layers.currentIndexChanged.connect(lambda _: self._fill_fields())
        self.target = QComboBox()
        self.target.setEditable(True)
        appearance.say(self.target.setAccessibleName, "ask.target")
        self.edit = QPlainTextEdit(text)
        self.edit.setTabChangesFocus(True)
        self.edit.setMinimumHeight(84)
        appearance.say(self.edit.setPlaceholderText, "ask.placeholder")
        appearance.say(self.edit.setAccessibleName, "ask.expression")
        self.fields, self.values, self.functions = QListWidget(), QListWidget(), QListWidget()
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        appearance.say(self.search.setPlaceholderText, "ask.search_fields")
        self.search.textChanged.connect(self._sieve)
        self.fields.currentItemChanged.connect(lambda item, _: self._fill_values(item))
        for shelf in (self.fields, self.values, self.functions):
            shelf.itemDoubleClicked.connect(lambda item: self._insert(str(item.data(Qt.ItemDataRole.UserRole) or "")))
            shelf.setMinimumHeight(170)
        self.said, self.cure = label("strong", wrap=True), label("small", wrap=True)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._try)
        self.edit.textChanged.connect(self._pause.start)
        top = QFormLayout()
        top.addRow(caption(appearance, "ask.layer"), self.layers)
        if targets:
            top.addRow(caption(appearance, "ask.target"), self.target)
        self.body.addLayout(top)
        self.body.addWidget(self.edit)
        self.body.addLayout(self._signs())
        shelves = row(gap=10)
        for key, shelf, above in (
            ("ask.fields", self.fields, self.search), ("ask.values", self.values, None),
            ("ask.functions", self.functions, None),
        ):  # fmt: skip
            parts: list[QWidget] = [
                caption(appearance, key, "section"),
                *([above] if above is not None else []),
                shelf,
            ]
            shelves.addLayout(column(*parts, gap=4), 1)
        self.body.addLayout(shelves)
        self.body.addWidget(self.said)
        self.body.addWidget(self.cure)
        self.add_button("window.cancel", "")
        self.ok = self.add_button(ok, "ok", "primary")
        self.resize(760, 600)
        self._fill_fields()
        self._fill_functions()
        self.edit.setFocus()

    @property
    def text(self) -> str:
        """Return the expression as typed."""
        return self.edit.toPlainText().strip()

    @property
    def layer_id(self) -> str:
        """Return the layer that is asked about."""
        return str(self.layers.currentData() or "")

    @property
    def field(self) -> str:
        """Return the column to be filled: a chosen one, or a new name."""
        typed = self.target.currentText().strip()
        at = self.target.findText(typed)
        return str(self.target.itemData(at)) if at >= 0 else typed

    def _signs(self) -> Any:
        from viewers.widgets.common.controls import button

        shelf = row(gap=3)
        for sign in SIGNS:
            press = button(self.appearance, "ask.sign", "quiet", text=sign.replace(" ()", "").replace(" '%%'", ""))
            press.setStyleSheet("padding: 2px 6px; min-width: 0;")
            press.setAutoDefault(False)
            press.clicked.connect(lambda _=False, sign=sign: self._insert(f" {sign.replace('%%', '%')} "))
            shelf.addWidget(press)
        shelf.addStretch(1)
        return shelf

    def _fill_fields(self) -> None:
        self.fields.clear()
        self.target.clear()
        for name, heading in self._fields_of(self.layer_id):
            shown = heading if heading == name else f"{heading}   {name}"
            item = QListWidgetItem(visible_text(shown))
            item.setData(Qt.ItemDataRole.UserRole, _quoted(name))
            item.setData(Qt.ItemDataRole.UserRole + 1, name)
            self.fields.addItem(item)
            self.target.addItem(heading, name)
        self.values.clear()
        self._pause.start()

    def _sieve(self, text: str) -> None:
        for at in range(self.fields.count()):
            item = self.fields.item(at)
            item.setHidden(text.strip().lower() not in item.text().lower())

    def _fill_values(self, item: QListWidgetItem | None) -> None:
        self.values.clear()
        if item is not None:
            for value in self._values_of(self.layer_id, str(item.data(Qt.ItemDataRole.UserRole + 1))):
                entry = QListWidgetItem(visible_text(value))
                entry.setData(Qt.ItemDataRole.UserRole, value)
                self.values.addItem(entry)

    def _fill_functions(self) -> None:
        for topic, names in FUNCTIONS.items():
            head = QListWidgetItem(self.appearance.word(f"ask.functions.{topic}"))
            head.setFlags(Qt.ItemFlag.NoItemFlags)
            self.functions.addItem(head)
            for name in names:
                entry = QListWidgetItem(f"   {name}")
                entry.setData(Qt.ItemDataRole.UserRole, name)
                self.functions.addItem(entry)

    def _insert(self, text: str) -> None:
        if text:
            self.edit.insertPlainText(text)
            self.edit.setFocus()

    def _try(self) -> None:
        self._stamp += 1
        stamp = self._stamp
        if not self.text:
            self._show(Answer("", good=self._may_be_empty))
            return

        def then(answer: Answer) -> None:
            if stamp == self._stamp:
                self._show(answer)

        self._check(self.layer_id, self.edit.toPlainText(), then)

    def _show(self, answer: Answer) -> None:
        self.said.setText(answer.text)
        self.said.setProperty("role", "strong" if answer.good else "bad")
        self.said.style().polish(self.said)
        self.cure.setText(answer.cure)
        self.ok.setEnabled(answer.good)
        marks = []
        if answer.at > 0:
            mark = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.edit.document())
            last = max(len(self.edit.toPlainText()), 1)
            cursor.setPosition(min(answer.at - 1, last - 1))
            cursor.setPosition(min(answer.at, last), QTextCursor.MoveMode.KeepAnchor)
            form = QTextCharFormat()
            form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            form.setUnderlineColor(QColor(self.appearance.colours["bad"]))
            form.setBackground(QColor(self.appearance.colours["accent_soft"]))
            mark.cursor, mark.format = cursor, form
            marks.append(mark)
        self.edit.setExtraSelections(marks)


class LocationDialog(Ask):
    """Ask for a relation between the objects of two layers.

    Parameters
    ----------
    appearance : Appearance
    layers : sequence of (id, title)
    one, other : str
        Layers to begin with.
    has_selection : callable
        Whether anything of a layer is selected.
    """

    def __init__(
        self,
        appearance: Appearance,
        layers: Sequence[tuple[str, str]],
        one: str,
        other: str,
        has_selection: Callable[[str], int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(appearance, "ask.location.title", parent)
        self._has_selection = has_selection
        self.one, self.other, self.how = QComboBox(), QComboBox(), QComboBox()
        for combo, first in ((self.one, one), (self.other, other)):
            for own, name in layers:
                combo.addItem(name, own)
            combo.setCurrentIndex(max(combo.findData(first), 0))
        for relation in ("near", "intersects", "within", "contains", "nearest"):
            self.how.addItem(appearance.word(f"ask.relation.{relation}"), relation)
        self.metres = number_field(0, 1_000_000, 100, suffix=" m", decimals=1)
        self.only = QCheckBox()
        self.mode = QComboBox()
        for mode in ("new", "add", "remove", "common"):
            self.mode.addItem(appearance.word(f"select.mode.{mode}.tip"), mode)
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.addRow(caption(appearance, "ask.location.one"), self.one)
        form.addRow(caption(appearance, "ask.location.how"), row(self.how, self.metres, gap=8))
        form.addRow(caption(appearance, "ask.location.other"), column(self.other, self.only, gap=4))
        form.addRow(caption(appearance, "ask.location.mode"), self.mode)
        self.body.addWidget(caption(appearance, "ask.location.why", "soft", wrap=True))
        self.body.addLayout(form)
        self.how.currentIndexChanged.connect(lambda _: self.metres.setVisible(self.relation == "near"))
        self.other.currentIndexChanged.connect(lambda _: self._tell_selected())
        self._tell_selected()
        self.add_button("window.cancel", "")
        self.ok = self.add_button("ask.select", "ok", "primary")
        self.setMinimumWidth(520)

    @property
    def relation(self) -> str:
        """Return the relation."""
        return str(self.how.currentData())

    @property
    def pair(self) -> tuple[str, str]:
        """Return the layer whose objects are selected, and the other."""
        return str(self.one.currentData()), str(self.other.currentData())

    def _tell_selected(self) -> None:
        count = self._has_selection(self.pair[1])
        self.appearance.say(self.only.setText, "ask.location.only", count=f"{count:,}")
        self.only.setEnabled(count > 0)
        self.only.setChecked(count > 0)


def _quoted(name: str) -> str:
    from models.query.syntax_tree import field_text

    return field_text(name)

"""Dialogs that ask for an expression, or for a relation between two layers. They only ask; the window answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QCheckBox,
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
from viewers.widgets.common.plain import PlainCombo, plain_tip

PAUSE_MS = 300
#: What can be put between fields, as buttons.
SIGNS = ("=", "!=", "<", ">", "<=", ">=", "and", "or", "not", "in ()", "like '%%'", "between", "is null", "( )")
#: Functions by topic, each as it is inserted, with the last part of its word ``ask.function.<word>``;
#: ``ask.functions.<topic>`` is the topic's word.
FUNCTIONS = {
    "number": (
        ("round(x, 1)", "round"), ("abs(x)", "abs"), ("floor(x)", "floor"), ("ceil(x)", "ceil"), ("sqrt(x)", "sqrt"),
        ("min(x, y)", "min"), ("max(x, y)", "max"), ("to_int(text)", "to_int"), ("to_real(text)", "to_real"),
    ),
    "text": (
        ("contains(text, '…')", "contains"), ("startswith(text, '…')", "startswith"),
        ("endswith(text, '…')", "endswith"),
        ("left(text, 2)", "left"), ("right(text, 2)", "right"), ("substr(text, 1, 4)", "substr"),
        ("length(text)", "length"), ("text ~ '^[A-Z][0-9]+'", "tilde"),
        ("regexp_match(text, '[0-9]+')", "regexp_match"),
        ("regexp_replace(text, '[0-9]', '')", "regexp_replace"), ("replace(text, '…', '…')", "replace"),
        ("strpos(text, '…')", "strpos"), ("lower(text)", "lower"), ("upper(text)", "upper"), ("trim(text)", "trim"),
        ("lpad(text, 3, '0')", "lpad"), ("concat(a, b)", "concat"), ("to_string(x)", "to_string"),
    ),
    "date": (
        ("year(date)", "year"), ("month(date)", "month"), ("day(date)", "day"), ("weekday(date)", "weekday"),
        ("date('2024-05-01')", "date"), ("today()", "today"), ("now()", "now"),
    ),
    "choice": (
        ("if(x > 1, 'a', 'b')", "if"), ("coalesce(x, 0)", "coalesce"), ("nullif(x, 0)", "nullif"),
        ("case when x > 1 then 'a' else 'b' end", "case"),
    ),
    "layer": (
        ("sum(x)", "sum"), ("sum(x, group_by := a)", "sum"), ("count(x)", "count"),
        ("count_distinct(x)", "count_distinct"), ("mean(x)", "mean"), ("median(x)", "median"),
        ("minimum(x)", "minimum"),
        ("maximum(x, filter := x < 100)", "maximum"), ("stdev(x)", "stdev"),
        ("concatenate(text, concatenator := ', ')", "concatenate"),
    ),
    "geometry": (
        ("$area_m2", "area_m2"), ("$length_m", "length_m"), ("$perimeter_m", "perimeter_m"), ("$x", "xy"), ("$y", "xy"),
        ("$height", "height"), ("$id", "id"), ("area($geometry)", "area"), ("x_min($geometry)", "x_min"),
        ("area(buffer($geometry, 50))", "buffer"), ("distance(centroid($geometry), make_point(x, y))", "distance"),
        ("intersects($geometry, buffer(make_point(x, y), 500))", "intersects"),
        ("within(centroid($geometry), geom_from_wkt('POLYGON((…))'))", "within"),
        ("make_point(x, y)", "make_point"), ("geom_from_wkt('POINT(x y)')", "geom_from_wkt"),
    ),
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
        self.layers = PlainCombo()
        for own, name in layers:
            self.layers.addItem(name, own)
        self.layers.setCurrentIndex(max(self.layers.findData(layer_id), 0))
        self.layers.setEnabled(len(layers) > 1)
        self.layers.currentIndexChanged.connect(lambda _: self._fill_fields())
        self.target = PlainCombo()
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
        self.help = label("small", wrap=True)
        self.help.setMinimumHeight(2 * self.help.fontMetrics().lineSpacing())
        self.help.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.functions.currentItemChanged.connect(lambda item, _: self._explain(item))
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
        self.functions.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.functions.setTextElideMode(Qt.TextElideMode.ElideRight)
        for key, shelf, above, share in (
            ("ask.fields", self.fields, self.search, 4), ("ask.values", self.values, None, 3),
            ("ask.functions", self.functions, None, 5),
        ):  # fmt: skip
            parts: list[QWidget] = [
                caption(appearance, key, "section"),
                *([above] if above is not None else []),
                shelf,
            ]
            shelves.addLayout(column(*parts, gap=4), share)
        self.body.addLayout(shelves)
        self.body.addWidget(self.help)
        self.body.addWidget(self.said)
        self.body.addWidget(self.cure)
        self.add_button("window.cancel", "")
        self.ok = self.add_button(ok, "ok", "primary")
        self.resize(840, 640)
        self._fill_fields()
        self._fill_functions()
        self._explain(None)
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
            for name, said in names:
                entry = QListWidgetItem(f"   {name}")
                entry.setData(Qt.ItemDataRole.UserRole, name)
                entry.setData(Qt.ItemDataRole.UserRole + 1, said)
                entry.setToolTip(plain_tip(self.appearance.word(f"ask.function.{said}")))
                self.functions.addItem(entry)

    def _explain(self, item: QListWidgetItem | None) -> None:
        """Say what the function does on which the cursor stands."""
        said = item.data(Qt.ItemDataRole.UserRole + 1) if item is not None else None
        if said:
            self.help.setText(f"{item.data(Qt.ItemDataRole.UserRole)}   {self.appearance.word(f'ask.function.{said}')}")  # type: ignore[union-attr]
        else:
            self.help.setText(self.appearance.word("ask.function.hint"))

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
            typed = self.edit.toPlainText()
            first = min(answer.at - 1, max(len(typed) - 1, 0))
            word = re.match(r"\w+|.", typed[first:], re.DOTALL)  # the whole word, where one begins there
            cursor.setPosition(first)
            cursor.setPosition(first + (len(word[0]) if word else 0), QTextCursor.MoveMode.KeepAnchor)
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
        self.one, self.other, self.how = PlainCombo(), PlainCombo(), PlainCombo()
        for combo, first in ((self.one, one), (self.other, other)):
            for own, name in layers:
                combo.addItem(name, own)
            combo.setCurrentIndex(max(combo.findData(first), 0))
        for relation in ("near", "intersects", "within", "contains", "nearest"):
            self.how.addItem(appearance.word(f"ask.relation.{relation}"), relation)
        self.metres = number_field(0, 1_000_000, 100, suffix=" m", decimals=1)
        self.only = QCheckBox()
        self.mode = PlainCombo()
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

"""The form of one rule: severity, thresholds, condition, whether it is on, and why it was changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from models.core.errors import UserError
from models.facilities.quality.parameters import KINDS, Parameter
from models.facilities.quality.rules import SEVERITIES, Rule, checked_parameters, standard_book
from models.query.expression import compile_expression
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import Page, button, caption, column, label, line, number_field, row, tool
from viewers.widgets.common.plain import PlainCombo

#: Between texts of a list.
_BETWEEN = ", "


class RuleForm(QWidget):
    """Edits one rule; says what cannot be used beside the field, and keeps nothing until it is saved.

    Signals
    -------
    saved : (Rule)
    left : ()
    """

    saved = Signal(object)
    left = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._rule: Rule | None = None
        self._read: dict[str, Callable[[], Any]] = {}
        self.fields: dict[str, QWidget] = {}
        self.title, self.source = label("strong", wrap=True), label("small", wrap=True)
        back = tool(appearance, "arrow-left", "gate.back", size=16)
        back.clicked.connect(self.left)
        top = row(back, self.title, margins=(8, 8, 12, 6), gap=6)
        top.setStretch(1, 1)
        self.page = Page()
        self.enabled = QCheckBox()
        appearance.say(self.enabled.setText, "gate.form.enabled")
        self.severity = PlainCombo()
        self.where, self.note = QLineEdit(), QPlainTextEdit()
        self.note.setFixedHeight(64)
        self.note.setTabChangesFocus(True)
        self._form = QWidget()
        self.problem = label("bad", wrap=True)
        self.restore = button(appearance, "gate.form.restore", "quiet", "arrow-counter-clockwise")
        self.restore.clicked.connect(self._restore)
        self.save = button(appearance, "gate.form.save", "primary")
        self.save.clicked.connect(self._save)
        foot = row(self.restore, 1, self.save, margins=(12, 8, 12, 8), gap=8)
        self.setLayout(column(top, line(), self.page, self.problem, line(), foot, gap=0))
        self.problem.setContentsMargins(14, 0, 12, 6)
        self.page.column.addWidget(self.source)
        self._slot = self.page.column.count()
        self.page.column.addWidget(self._form)
        self.page.column.addStretch(1)
        appearance.lang_changed.connect(lambda: self.show_rule(self._rule, self.source.text()) if self._rule else None)

    def show_rule(self, rule: Rule, about: str) -> None:
        """Show a rule with its source."""
        word, lang = self._appearance.word, self._appearance.lang
        self._rule = rule
        self.title.setText(rule.title(lang))
        self.source.setText(about)
        self.problem.hide()
        original = _original(rule.id)
        self.restore.setEnabled(original is not None and original != rule)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        self.enabled.setChecked(rule.enabled)
        form.addRow(self.enabled)
        self.severity.clear()
        for name in SEVERITIES:
            self.severity.addItem(word(f"gate.severity.{name}"), name)
        self.severity.setCurrentIndex(SEVERITIES.index(rule.severity))
        form.addRow(caption(self._appearance, "gate.form.severity"), self.severity)
        self._read, self.fields = {}, {}
        for spec in KINDS[rule.check].parameters:
            head, field = label(), self._field(spec, rule.of(spec.name))
            head.setText(_named(spec.name, word))
            self.fields[spec.name] = field
            form.addRow(head, field)
        self.where.setText(rule.where)
        form.addRow(caption(self._appearance, "gate.form.where"), self.where)
        self.note.setPlainText(rule.note)
        form.addRow(caption(self._appearance, "gate.form.note"), self.note)
        fresh = QWidget()
        for kept in (self.enabled, self.severity, self.where, self.note):
            kept.setParent(fresh)
        fresh.setLayout(form)
        self.page.column.replaceWidget(self._form, fresh)
        self._form.deleteLater()
        self._form = fresh
        for kept in (self.enabled, self.severity, self.where, self.note):
            kept.show()

    def _field(self, spec: Parameter, value: Any) -> QWidget:
        if spec.type == "number":
            is_open = abs(spec.most) >= 1e12
            low, high = (-1e9, 1e9) if is_open else (spec.least, spec.most)
            unit = spec.name.rpartition("_")[2]
            number = number_field(low, high, max(low, min(high, float(value))),
                                  suffix=f" {unit}" if unit in ("m", "mm") else "", decimals=3)  # fmt: skip
            untouched = number.value()
            # a bound that is not there is no billion
            self._read[spec.name] = lambda: value if number.value() == untouched else number.value()
            return number
        if spec.type == "flag":
            box = QCheckBox()
            box.setChecked(bool(value))
            self._read[spec.name] = box.isChecked
            return box
        if spec.type == "rows" and not all(isinstance(one, dict) for one in value):
            text = QLineEdit(_BETWEEN.join(f"{one:g}" for one in value))
            self._read[spec.name] = lambda: [_number(part, spec.name) for part in _parts(text.text())]
            return text
        if spec.type == "rows":
            return self._table(spec, value)
        if spec.type == "texts":
            text = QLineEdit(_BETWEEN.join(value))
            self._read[spec.name] = lambda: _parts(text.text())
            return text
        text = QLineEdit(str(value))
        self._read[spec.name] = text.text
        return text

    def _table(self, spec: Parameter, rows: Any) -> QWidget:
        heads = list(dict.fromkeys(name for one in rows for name in one))
        table = QTableWidget(len(rows), len(heads))
        table.setHorizontalHeaderLabels([_named(name, self._appearance.word) for name in heads])
        for at, one in enumerate(rows):
            for place, name in enumerate(heads):
                text = f"{one[name]:g}" if isinstance(one.get(name), (int, float)) else str(one.get(name, ""))
                table.setItem(at, place, QTableWidgetItem(text))
        table.verticalHeader().hide()
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        high = table.horizontalHeader().sizeHint().height() + sum(table.rowHeight(at) for at in range(len(rows))) + 4
        table.setFixedHeight(high)

        def read() -> list[dict[str, Any]]:
            found = []
            for at, one in enumerate(rows):
                made: dict[str, Any] = {}
                for place, name in enumerate(heads):
                    item = table.item(at, place)
                    text = item.text().strip() if item is not None else ""
                    if text:
                        made[name] = text if isinstance(one.get(name), str) else _number(text, name)
                found.append(made)
            return found

        self._read[spec.name] = read
        return table

    def _save(self) -> None:
        rule, word = self._rule, self._appearance.word
        if rule is None:
            return
        try:
            given = {name: read() for name, read in self._read.items()}
            defaults = {one.name: one.default for one in KINDS[rule.check].parameters}
            told = {name: value for name, value in given.items()
                    if name in rule.parameters or tuple_of(value) != tuple_of(defaults[name])}  # fmt: skip
            parameters = checked_parameters(rule.check, told)
            where = self.where.text().strip()
            if where:
                compile_expression(where)
        except UserError as error:
            name = str(error.facts.get("parameter", ""))
            key = "error.gate.bad_parameter" if name else f"error.{error.code}"
            facts = {"parameter": _named(name, word)} if name else dict(error.facts)
            self.problem.setText(word(key, **facts))
            self.problem.show()
            return
        self.saved.emit(replace(
            rule, parameters=parameters, where=where, severity=SEVERITIES[self.severity.currentIndex()],
            enabled=self.enabled.isChecked(), note=self.note.toPlainText().strip()[:1000],
        ))  # fmt: skip

    def _restore(self) -> None:
        if self._rule is not None and (original := _original(self._rule.id)) is not None:
            self.saved.emit(original)


def tuple_of(value: Any) -> Any:
    """Return a list as a tuple, for comparing."""
    return tuple(value) if isinstance(value, list) else value


def _original(rule_id: str) -> Rule | None:
    return next((one for one in standard_book().rules if one.id == rule_id), None)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()]


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise UserError("gate.bad_parameter", parameter=name) from error


def _named(name: str, word: Callable[..., str]) -> str:
    return word(f"gate.parameter.{name}")

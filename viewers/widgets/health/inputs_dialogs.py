"""Questions of the inputs: one value, what a workbook brings, what goes into the field, what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QTreeWidgetItemIterator,
    QVBoxLayout,
    QWidget,
)

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo, plain_tip


def table(appearance: Appearance, heads: Sequence[str], widths: Sequence[int]) -> QTreeWidget:
    """Return a list with columns; ``heads`` are word keys."""
    made = QTreeWidget()
    made.setRootIsDecorated(False)
    made.setUniformRowHeights(True)
    made.setAlternatingRowColors(True)
    made.setColumnCount(len(heads))
    made.setHeaderLabels([appearance.word(head) for head in heads])
    made.header().setStretchLastSection(True)
    for at, width in enumerate(widths):
        made.header().resizeSection(at, width)
    return made


def fill(listed: QTreeWidget, rows: Sequence[Sequence[str]]) -> None:
    """Show rows of texts."""
    items = []
    for texts in rows:
        item = QTreeWidgetItem([visible_text(text) for text in texts])
        for at, text in enumerate(texts):
            item.setToolTip(at, plain_tip(text))
        items.append(item)
    listed.clear()
    listed.addTopLevelItems(items)


def let_grow(dialog: Ask) -> None:
    """Let the body of a dialog take all the room, not the gap below it."""
    layout = dialog.layout()
    if isinstance(layout, QVBoxLayout):
        layout.setStretch(0, 1)
        layout.setStretch(1, 0)


@dataclass(frozen=True, slots=True)
class EnteredFields:
    """What a person typed: texts, and None for a number that was left empty."""

    level: str
    unit: str
    value: float | None
    numerator: float | None
    denominator: float | None
    as_of: str
    source: str
    department: str
    grade: str
    files: tuple[str, ...]
    note: str


class EnterDialog(Ask):
    """Ask for the value of an indicator for one unit; answers ``"ok"``, then :attr:`fields` holds.

    Parameters
    ----------
    appearance : Appearance
    title : str
        Of the indicator.
    units : mapping of str to sequence of (str, str)
        By level: code and name; the level of the city has one with an empty code.
    parts : mapping of str to str
        The numbers that are asked for, with their unit: ``value``, and of a ratio ``numerator``, ``denominator``.
    grades : sequence of str
    department : str
        Who usually has it.
    folder : str
        Where evidence is looked for.
    """

    def __init__(
        self,
        appearance: Appearance,
        title: str,
        units: Mapping[str, Sequence[tuple[str, str]]],
        parts: Mapping[str, str],
        grades: Sequence[tuple[str, str]],
        department: str,
        folder: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(appearance, "health.enter.title", parent)
        self._units, self._folder = units, folder
        word = appearance.word
        heading = label("heading", wrap=True)
        heading.setText(title)
        self.body.addWidget(heading)
        self.level, self.unit, self.grade = PlainCombo(), PlainCombo(), PlainCombo()
        for level in units:
            self.level.addItem(word(f"health.level.{level}"), level)
        self.level.currentIndexChanged.connect(self._fill_units)
        self.unit.setMinimumWidth(220)
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(8)
        place = row(self.level, self.unit, gap=8)
        place.setStretch(1, 1)
        form.addRow(caption(appearance, "health.enter.unit"), place)
        self.numbers: dict[str, QLineEdit] = {}
        for part, unit in parts.items():
            box = QLineEdit()
            box.textChanged.connect(self._check)
            said = label("small")
            said.setText(unit)
            appearance.say(box.setAccessibleName, f"health.values.part.{part}")
            line = row(box, said, gap=8)
            line.setStretch(0, 1)
            self.numbers[part] = box
            form.addRow(caption(appearance, f"health.values.part.{part}"), line)
        self.as_of = QLineEdit()
        self.as_of.setPlaceholderText(QDate.currentDate().toString("yyyy-MM-dd"))
        self.source, self.note = QLineEdit(), QLineEdit()
        self.department = QLineEdit(department)
        self.grade.addItem(word("health.enter.no_grade"), "")
        for name, meaning in grades:
            self.grade.addItem(f"{name}  {meaning}".strip(), name)
        self.files = QLineEdit()
        choose = button(appearance, "health.enter.choose", "quiet", "folder-open")
        choose.clicked.connect(self._choose_files)
        proof = row(self.files, choose, gap=6)
        proof.setStretch(0, 1)
        for key, widget in (
            ("as_of", self.as_of), ("source", self.source), ("department", self.department), ("grade", self.grade),
        ):  # fmt: skip
            form.addRow(caption(appearance, f"health.values.column.{key}"), widget)
        form.addRow(caption(appearance, "health.values.column.files"), proof)
        form.addRow(caption(appearance, "health.values.column.note"), self.note)
        self.body.addLayout(form)
        self.wrong = label("warn", wrap=True)
        self.body.addWidget(self.wrong)
        self.add_button("window.cancel", "")
        self.ok = self.add_button("health.enter.take", "ok", "primary")
        self.setMinimumWidth(540)
        self._fill_units()
        self._check()

    def _fill_units(self, *_: object) -> None:
        level = str(self.level.currentData())
        self.unit.clear()
        for code, name in self._units.get(level, ()):
            self.unit.addItem(f"{name}  {code}".strip(), code)
        self.unit.setVisible(level != "city")

    def _choose_files(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self, self.appearance.word("health.enter.choose"), self._folder)
        if paths:
            held = [part for part in self.files.text().split(";") if part.strip()]
            self.files.setText("; ".join([*held, *paths]))

    def _number(self, part: str) -> float | None:
        box = self.numbers.get(part)
        text = "" if box is None else box.text().strip().replace(",", "")
        return float(text) if text else None

    def _check(self, *_: object) -> None:
        """Allow what makes sense: numbers from 0 up, a value or both halves of a ratio."""
        problem = ""
        try:
            numbers = {part: self._number(part) for part in self.numbers}
        except ValueError:
            numbers, problem = {}, "health.enter.no_number"
        if not problem and any(number is not None and not 0 <= number < float("inf") for number in numbers.values()):
            problem = "health.enter.negative"
        has_value = numbers.get("value") is not None
        has_ratio = numbers.get("numerator") is not None and bool(numbers.get("denominator"))
        self.ok.setEnabled(not problem and (has_value or has_ratio))
        self.wrong.setText(self.appearance.word(problem) if problem else "")
        self.wrong.setVisible(bool(problem))

    @property
    def fields(self) -> EnteredFields:
        """Return what was typed."""
        files = tuple(part.strip() for part in self.files.text().split(";") if part.strip())
        return EnteredFields(
            str(self.level.currentData()), str(self.unit.currentData() or ""), self._number("value"),
            self._number("numerator"), self._number("denominator"), self.as_of.text().strip(),
            self.source.text().strip(), self.department.text().strip(), str(self.grade.currentData() or ""), files,
            self.note.text().strip(),
        )  # fmt: skip


class TemplateDialog(Ask):
    """Ask which dimension a workbook of values is for; answers ``"ok"``, :attr:`dimension` holds."""

    def __init__(
        self, appearance: Appearance, dimensions: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(appearance, "health.inputs.template", parent)
        self.body.addWidget(caption(appearance, "health.template.why", "small", wrap=True))
        self.box = PlainCombo()
        self.box.addItem(appearance.word("health.inputs.all_dimensions"), "")
        for name, title in dimensions:
            self.box.addItem(title, name)
        self.body.addWidget(self.box)
        self.add_button("window.cancel", "")
        self.add_button("health.template.write", "ok", "primary")
        self.setFixedWidth(440)

    @property
    def dimension(self) -> str:
        """Return what was chosen, empty for all."""
        return str(self.box.currentData())


class ValuesPreview(Ask):
    """Show what a workbook of values brings before it is taken; answers ``"ok"``.

    Parameters
    ----------
    appearance : Appearance
    file : str
    told : str
        How many are new, changed, the same.
    changes : sequence of (str, str, str, str)
        Indicator, unit, before, after.
    faults : sequence of (str, str)
        Where, and what is wrong.
    taken : int
        How many values would be taken.
    """

    def __init__(
        self,
        appearance: Appearance,
        file: str,
        told: str,
        changes: Sequence[Sequence[str]],
        faults: Sequence[Sequence[str]],
        taken: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(appearance, "health.preview.title", parent)
        heading, said = label("heading", wrap=True), label("soft", wrap=True)
        heading.setText(file)
        said.setText(told)
        self.changes = table(
            appearance,
            ("health.preview.indicator", "health.preview.unit", "health.preview.before", "health.preview.after"),
            (300, 150, 130),
        )
        self.faults = table(appearance, ("health.preview.where", "health.preview.what"), (170,))
        fill(self.changes, changes)
        fill(self.faults, faults)
        tabs = QTabWidget()
        tabs.addTab(self.changes, appearance.word("health.preview.changes", count=len(changes)))
        tabs.addTab(self.faults, appearance.word("health.preview.faults", count=len(faults)))
        if faults and not changes:
            tabs.setCurrentIndex(1)
        for part in (heading, said, tabs):
            self.body.addWidget(part)
        self.add_button("window.cancel", "")
        self.ok = self.add_button("health.preview.take", "ok", "primary")
        self.ok.setEnabled(taken > 0)
        self.resize(800, 520)
        let_grow(self)


class SendDialog(Ask):
    """Ask what goes into the field, where and how; answers ``"ok"``.

    Parameters
    ----------
    appearance : Appearance
    groups : sequence of (str, sequence of (str, str), bool)
        What is looked at, its indicators with their names, and whether they are chosen at first.
    units : sequence of (str, str)
        Communities: code and name.
    """

    def __init__(
        self,
        appearance: Appearance,
        groups: Sequence[tuple[str, Sequence[tuple[str, str]], bool]],
        units: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(appearance, "health.send.title", parent)
        self.body.addWidget(caption(appearance, "health.send.why", "small", wrap=True))
        self.indicators, self.units = self._checklist(), self._checklist()
        for name, rows, is_on in groups:
            self._add_group(self.indicators, name, rows, is_on=is_on)
        self._add_group(self.units, appearance.word("health.send.all_units"), units, is_on=True)
        self.indicators.itemChanged.connect(self._check)
        self.units.itemChanged.connect(self._check)
        halves = row(
            self._titled("health.send.indicators", self.indicators), self._titled("health.send.units", self.units),
            gap=14,
        )  # fmt: skip
        halves.setStretch(0, 3)
        halves.setStretch(1, 2)
        self.body.addLayout(halves, 1)
        self.formats: dict[str, QCheckBox] = {}
        for name in ("xlsx", "gpkg"):
            box = QCheckBox()
            appearance.say(box.setText, f"health.send.{name}")
            box.setChecked(True)
            box.toggled.connect(self._check)
            self.formats[name] = box
        self.body.addLayout(row(*self.formats.values(), 1, gap=18))
        self.add_button("window.cancel", "")
        self.ok = self.add_button("health.send.choose_folder", "ok", "primary")
        self.resize(820, 560)
        let_grow(self)
        self._check()

    def _checklist(self) -> QTreeWidget:
        made = QTreeWidget()
        made.setHeaderHidden(True)
        made.setUniformRowHeights(True)
        return made

    def _titled(self, key: str, widget: QWidget) -> QWidget:
        box = QWidget()
        box.setLayout(column(caption(self.appearance, key, "section"), widget, gap=4))
        return box

    def _add_group(self, tree: QTreeWidget, name: str, rows: Sequence[tuple[str, str]], *, is_on: bool) -> None:
        top = QTreeWidgetItem([visible_text(name)])
        top.setFlags(top.flags() | Qt.ItemFlag.ItemIsAutoTristate | Qt.ItemFlag.ItemIsUserCheckable)
        state = Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked
        for code, title in rows:
            item = QTreeWidgetItem([visible_text(title)])
            item.setToolTip(0, plain_tip(title))
            item.setData(0, Qt.ItemDataRole.UserRole, code)
            item.setCheckState(0, state)
            top.addChild(item)
        tree.addTopLevelItem(top)
        top.setExpanded(is_on)

    def _check(self, *_: object) -> None:
        if hasattr(self, "ok"):
            self.ok.setEnabled(bool(self.codes and self.unit_codes and self.chosen_formats))

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the indicators that were chosen."""
        return _checked(self.indicators)

    @property
    def unit_codes(self) -> tuple[str, ...]:
        """Return the communities that were chosen."""
        return _checked(self.units)

    @property
    def chosen_formats(self) -> tuple[str, ...]:
        """Return the formats that were chosen."""
        return tuple(name for name, box in self.formats.items() if box.isChecked())


def _checked(tree: QTreeWidget) -> tuple[str, ...]:
    codes = []
    walk = QTreeWidgetItemIterator(tree, QTreeWidgetItemIterator.IteratorFlag.Checked)
    while walk.value():
        codes.append(str(walk.value().data(0, Qt.ItemDataRole.UserRole) or ""))
        walk += 1
    return tuple(code for code in codes if code)


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A difference: what it is about, and the answers in words."""

    what: str
    item: str
    answers: tuple[str, ...]


class ReturnsPreview(Ask):
    """Show what returns bring; a person decides differences; answers ``"ok"``, :attr:`chosen` holds.

    Parameters
    ----------
    appearance : Appearance
    told : str
    differences : sequence of DifferenceRow
    faults : sequence of (str, str)
    brings : bool
        Whether anything would be taken without a decision.
    """

    def __init__(
        self,
        appearance: Appearance,
        told: str,
        differences: Sequence[DifferenceRow],
        faults: Sequence[Sequence[str]],
        *,
        brings: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(appearance, "health.returns.title", parent)
        self._brings = brings
        said = label("soft", wrap=True)
        said.setText(told)
        self.differences = table(
            appearance, ("health.returns.object", "health.returns.item", "health.returns.answer"), (220, 250)
        )
        self.boxes: list[QComboBox] = []
        for one in differences:
            item = QTreeWidgetItem([visible_text(one.what), visible_text(one.item), ""])
            item.setToolTip(1, plain_tip(one.item))
            self.differences.addTopLevelItem(item)
            box = PlainCombo()
            box.addItem(appearance.word("health.returns.open"), -1)
            for place, answer in enumerate(one.answers):
                box.addItem(answer, place)
            box.currentIndexChanged.connect(self._check)
            self.differences.setItemWidget(item, 2, box)
            self.boxes.append(box)
        self.faults = table(appearance, ("health.preview.where", "health.preview.what"), (210,))
        fill(self.faults, faults)
        self.tabs = QTabWidget()
        self.tabs.addTab(self.differences, appearance.word("health.returns.differences", count=len(differences)))
        self.tabs.addTab(self.faults, appearance.word("health.preview.faults", count=len(faults)))
        if faults and not differences:
            self.tabs.setCurrentIndex(1)
        self.body.addWidget(said)
        self.body.addWidget(self.tabs)
        self.add_button("window.cancel", "")
        self.ok = self.add_button("health.preview.take", "ok", "primary")
        self.resize(840, 520)
        let_grow(self)
        self._check()

    def _check(self, *_: object) -> None:
        if hasattr(self, "ok"):
            self.ok.setEnabled(self._brings or bool(self.chosen))

    @property
    def chosen(self) -> dict[int, int]:
        """Return the answer that holds by place of the difference; what is open is not in it."""
        return {at: int(box.currentData()) for at, box in enumerate(self.boxes) if int(box.currentData()) >= 0}

"""Which columns of a foreign table fill which fields of the register: as guessed, as changed by a person, previewed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QColor, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHeaderView,
    QLineEdit,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from models.facilities.register.fields import KINDS, Field, domain, schema, units
from models.facilities.register.mapping import FieldMap, Mapping, Report, SourceColumn
from resources.visible_text import visible_text
from viewers.texts.mapping import field_line, reason_text, unit_reason_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.grids import dress_grid
from viewers.widgets.common.plain import PlainCombo, plain_tip

#: After a change the preview waits so long for the next one.
_PAUSE_MS = 250
#: Answers of where the result goes, beside the ids of registers to merge into.
NEW, IN_PLACE = "new", "in_place"
#: Data of entries of the profile list that are no profile.
GUESS, FROM_FILE = "guess", "file"


class _StillCombo(PlainCombo):
    """A choice in a list that the wheel scrolls: only a click or a key changes it."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave the wheel to the list."""
        event.ignore()


@dataclass(frozen=True, slots=True)
class MappingChoice:
    """What was chosen.

    Parameters
    ----------
    mapping : Mapping
    goal : str
        ``"new"``, ``"in_place"``, or the id of the register to merge into.
    deactivate : bool
        Whether what the newer table lacks is put out of use.
    """

    mapping: Mapping
    goal: str
    deactivate: bool


class MappingDialog(Ask):
    """Ask how a table is mapped; answers ``"ok"``, then :attr:`choice` holds.

    Signals
    -------
    kind_changed : (str) another register is meant: guess anew
    profile_chosen : (str) ``"guess"``, ``"file"``, or the path of a profile
    column_chosen : (str target, str column) a person chose a column; its unit and values are wanted
    preview_wanted : () the mapping changed
    save_requested, give_requested : () keep the mapping as a profile; write it to a file

    Parameters
    ----------
    appearance : Appearance
    title : str
        What the layer is called.
    kind : str
        Id of the schema that is proposed.
    """

    kind_changed = Signal(str)
    profile_chosen = Signal(str)
    column_chosen = Signal(str, str)
    preview_wanted = Signal()
    save_requested = Signal()
    give_requested = Signal()

    def __init__(self, appearance: Appearance, title: str, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "register.map.title", parent)
        self._mapping = Mapping(kind)
        self._columns: tuple[SourceColumn, ...] = ()
        self._report: Report | None = None
        self._boxes: dict[str, _StillCombo] = {}
        self._filling = False
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._timer.timeout.connect(self.preview_wanted)
        self.kind = PlainCombo()
        for one in KINDS:
            self.kind.addItem(schema(one).title(appearance.lang), one)
        self.kind.setCurrentIndex(self.kind.findData(kind))
        self.profile = PlainCombo()
        self.profile.setMinimumWidth(200)
        self.save = button(appearance, "register.map.save", "quiet", icon="floppy-disk")
        self.give = button(appearance, "register.map.give", "quiet", icon="export")
        self.body.setSpacing(8)
        heading = caption(appearance, "register.map.heading", "heading", layer=title)
        self.body.addLayout(row(
            heading, 1, caption(appearance, "register.map.kind"), self.kind, 10,
            caption(appearance, "register.map.profile"), self.profile, self.save, self.give, gap=8,
        ))  # fmt: skip
        self.sources = self._list(("register.map.source", "register.map.examples", "register.map.filled"))
        self.fields = self._list(("register.head.field", "register.head.column", "register.head.reason"))
        self.values = self._list(("register.map.value", "register.map.means"))
        for listed, widths in ((self.sources, (120, 120, 58)), (self.fields, (140, 210, 150))):
            for number, width in enumerate(widths):
                listed.header().resizeSection(number, width)
        self.sources.header().setStretchLastSection(False)
        self.sources.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        split = QSplitter()
        split.setHandleWidth(14)
        split.setChildrenCollapsible(False)
        split.addWidget(self._titled("register.map.source_title", self.sources))
        split.addWidget(self._titled("register.map.field_title", self.fields))
        split.addWidget(self._details())
        split.setSizes([340, 520, 340])
        self.body.addWidget(split, 1)
        self.preview = QTableWidget()
        dress_grid(self.preview, 24)
        self.preview.verticalHeader().hide()
        self.told = self._list(("register.head.field", "register.head.filled", "register.head.note"))
        self.tabs = QTabWidget()
        self.tabs.addTab(self.told, appearance.word("register.map.report"))
        self.tabs.addTab(self.preview, appearance.word("register.map.preview"))
        self.told.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        self.told.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tabs.setFixedHeight(214)
        self.body.addWidget(self.tabs)
        self.goal = PlainCombo()
        self.goal.setMinimumWidth(250)
        self.keep = QCheckBox()
        appearance.say(self.keep.setText, "register.map.keep")
        self.deactivate = QCheckBox()
        appearance.say(self.deactivate.setText, "register.map.deactivate")
        self._foot.insertWidget(0, caption(appearance, "register.map.goal"))
        for at, widget in enumerate((self.goal, self.keep, self.deactivate), 1):
            self._foot.insertWidget(at, widget)
        self.add_button("window.cancel", "")
        self.ok = self.add_button("register.map.take", "ok", "primary")
        self.kind.currentIndexChanged.connect(lambda *_: self.kind_changed.emit(str(self.kind.currentData())))
        self.profile.activated.connect(lambda *_: self.profile_chosen.emit(str(self.profile.currentData())))
        self.save.clicked.connect(self.save_requested)
        self.give.clicked.connect(self.give_requested)
        self.keep.toggled.connect(self._on_keep)
        self.goal.currentIndexChanged.connect(lambda *_: self._on_goal())
        self.fields.currentItemChanged.connect(lambda *_: self._show_details())
        self.unit.activated.connect(lambda *_: self._on_unit())
        self.missing.editingFinished.connect(self._on_missing)
        self.constant.activated.connect(lambda *_: self._on_constant())
        outer = self.layout()
        if isinstance(outer, QVBoxLayout):  # the lists take what room there is
            outer.setStretch(0, 1)
            outer.setStretch(1, 0)
        self.resize(1250, 700)

    # --- what it is given -------------------------------------------------------------------------------------------
    def set_goals(self, registers: Sequence[tuple[str, str]], key: str) -> None:
        """Offer a new layer, the layer itself, and registers (id, title) to merge into by a key."""
        word = self.appearance.word
        chosen = self.goal.currentData()
        self.goal.clear()
        self.goal.addItem(word("register.map.goal.new"), NEW)
        self.goal.addItem(word("register.map.goal.in_place"), IN_PLACE)
        for register_id, title in registers:
            self.goal.addItem(word("register.map.goal.merge", layer=title, field=key), register_id)
        self.goal.setCurrentIndex(max(self.goal.findData(chosen), 0))
        self._on_goal()

    def set_profiles(self, profiles: Sequence[tuple[str, str]], chosen: str = GUESS) -> None:
        """Offer the profiles (path, name) of this kind of register."""
        self.profile.clear()
        self.profile.addItem(self.appearance.word("register.map.profile.guess"), GUESS)
        for path, name in profiles:
            self.profile.addItem(name, path)
        self.profile.addItem(self.appearance.word("register.map.profile.file"), FROM_FILE)
        self.profile.setCurrentIndex(max(self.profile.findData(chosen), 0))

    def show_columns(self, columns: Sequence[SourceColumn]) -> None:
        """List the columns of the table."""
        self._columns = tuple(columns)
        self.sources.clear()
        for one in self._columns:
            examples = ", ".join(text if len(text) <= 18 else text[:17] + "…" for text in one.examples)
            item = QTreeWidgetItem([visible_text(one.name), visible_text(examples), f"{one.filled * 100:.0f}%"])
            item.setToolTip(1, plain_tip("\n".join(one.examples)))
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.sources.addTopLevelItem(item)
        self._fill()

    def show_mapping(self, mapping: Mapping) -> None:
        """Show a mapping, and ask for its preview."""
        self._mapping = mapping
        self._report = None
        if self.kind.currentData() != mapping.kind:
            self.kind.blockSignals(True)
            self.kind.setCurrentIndex(self.kind.findData(mapping.kind))
            self.kind.blockSignals(False)
        self.keep.setChecked(mapping.keep_others)
        self._fill()
        self._timer.start(0)

    def set_field(self, one: FieldMap) -> None:
        """Show one field that was completed for a chosen column."""
        self._change(self._mapping.with_field(one))
        self._show_details()

    def show_preview(self, mapping: Mapping, frame: Any, report: Report) -> None:
        """Show the first rows and the report, if the mapping is still the one."""
        if mapping != self._mapping:
            return
        self._report = report
        self._fill_preview(frame)
        self._fill_report(report)
        self._mark()
        self._show_note()

    @property
    def mapping(self) -> Mapping:
        """Return the mapping as it stands."""
        return self._mapping

    @property
    def choice(self) -> MappingChoice:
        """Return what was chosen."""
        return MappingChoice(self._mapping, str(self.goal.currentData()), self.deactivate.isChecked())

    # --- parts ------------------------------------------------------------------------------------------------------
    def _list(self, heads: Sequence[str]) -> QTreeWidget:
        made = QTreeWidget()
        made.setRootIsDecorated(False)
        made.setUniformRowHeights(True)
        made.setColumnCount(len(heads))
        made.setHeaderLabels([self.appearance.word(head) for head in heads])
        made.header().setStretchLastSection(True)
        return made

    def _titled(self, key: str, widget: QWidget) -> QWidget:
        box = QWidget()
        box.setLayout(column(caption(self.appearance, key, "section"), widget, gap=4))
        return box

    def _details(self) -> QWidget:
        self.unit, self.constant, self.missing = PlainCombo(), PlainCombo(), QLineEdit()
        self.appearance.say(self.missing.setPlaceholderText, "register.map.missing.none")
        self.name = label("strong", wrap=True)
        self.note = label("small", wrap=True)
        self._rows = {
            "unit": self._labelled("register.map.unit", self.unit),
            "missing": self._labelled("register.map.missing", self.missing),
            "constant": self._labelled("register.map.constant", self.constant),
        }
        box = QWidget()
        inner = column(
            caption(self.appearance, "register.map.detail_title", "section"), self.name, self.note,
            *self._rows.values(), self.values, gap=6,
        )  # fmt: skip
        inner.setStretchFactor(self.values, 1)
        inner.addStretch(0)
        box.setLayout(inner)
        return box

    def _labelled(self, key: str, widget: QWidget) -> QWidget:
        box = QWidget()
        words = caption(self.appearance, key)
        words.setMinimumWidth(84)
        inner = row(words, widget, gap=8)
        inner.setStretchFactor(widget, 1)
        box.setLayout(inner)
        return box

    # --- filling ----------------------------------------------------------------------------------------------------
    def _fill(self) -> None:
        """List the fields, each with the column it comes from."""
        self._filling = True
        chosen = self._target()
        self.fields.clear()
        self._boxes.clear()
        lang = self.appearance.lang
        for field in self._mapping.schema.fields:
            title = field.title(lang) + (" *" if field.required else "")
            item = QTreeWidgetItem([title, "", ""])
            item.setData(0, Qt.ItemDataRole.UserRole, field.name)
            item.setToolTip(0, plain_tip(f"{field.name}{f' ({field.unit})' if field.unit else ''}"))
            self.fields.addTopLevelItem(item)
            box = _StillCombo()
            box.addItem("—", "")
            for one in self._columns:
                box.addItem(one.name, one.name)
            box.activated.connect(
                lambda _=0, target=field.name, box=box: self._on_column(target, str(box.currentData()))
            )
            self.fields.setItemWidget(item, 1, box)
            self._boxes[field.name] = box
        self._filling = False
        self._mark()
        at = next((item for item in self._items() if item.data(0, Qt.ItemDataRole.UserRole) == chosen), None)
        first = at or self.fields.topLevelItem(0)
        if first is not None:
            self.fields.setCurrentItem(first)
        self._show_details()

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.fields.topLevelItem(at) for at in range(self.fields.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _mark(self) -> None:
        """Write in each row what it comes from and why, and mark required fields that come from nowhere."""
        lang, colours = self.appearance.lang, self.appearance.colours
        for item in self._items():
            target = str(item.data(0, Qt.ItemDataRole.UserRole))
            field, one = self._mapping.schema.field(target), self._mapping.of(target)
            if field is None:
                continue
            box = self._boxes[target]
            entry = self._entry(one, field)
            at = max(box.findData(entry[1]), 0) if entry[1] else 0
            if entry[1] and box.findData(entry[1]) < 0:
                box.addItem(*entry)
                at = box.count() - 1
            box.setCurrentIndex(at)
            item.setText(2, reason_text(one, lang) if one is not None else "")
            lacks = field.required and one is None
            item.setForeground(0, QBrush(QColor(colours["bad" if lacks else "text" if one else "text_faint"])))
        self.ok.setEnabled(bool(self._mapping.fields))
        used = {name for one in self._mapping.fields for name in one.sources}
        for at, source in enumerate(self._columns):
            found = self.sources.topLevelItem(at)
            if found is not None:
                found.setForeground(0, QBrush(QColor(colours["text" if source.name in used else "text_faint"])))

    def _entry(self, one: FieldMap | None, field: Field) -> tuple[str, str]:
        """Return text and data of the entry that stands for where a field comes from."""
        if one is None:
            return "—", ""
        if one.way == "constant":
            return self.appearance.word(
                "register.map.all_rows", value=self._title_of(field, one.constant)
            ), "\0constant"
        if len(one.sources) > 1 or one.part:
            joined = " − ".join(one.sources) if one.way == "below" else ", ".join(one.sources)
            return joined, "\0several"
        return one.source, one.source

    def _title_of(self, field: Field, value: str) -> str:
        if not field.domain:
            return value
        found = next((choice for choice in domain(field.domain).choices if choice.id == value), None)
        return found.title(self.appearance.lang) if found is not None else value

    def _target(self) -> str:
        item = self.fields.currentItem()
        return "" if item is None else str(item.data(0, Qt.ItemDataRole.UserRole))

    def _show_details(self) -> None:
        """Show unit, missing values and the meaning of values of the current field."""
        if self._filling:
            return
        field, one = self._mapping.schema.field(self._target()), self._mapping.of(self._target())
        if field is None:
            return
        has_column = one is not None and one.way != "constant"
        self._rows["unit"].setVisible(bool(field.unit) and has_column)
        self._rows["missing"].setVisible(has_column)
        self._rows["constant"].setVisible(field.type == "choice" and not has_column)
        unit = f" · {field.unit}" if field.unit else ""
        self.name.setText(f"{field.title(self.appearance.lang)}{unit}")
        self.unit.clear()
        for name in units():
            self.unit.addItem(name, name)
        if one is not None:
            self.unit.setCurrentIndex(max(self.unit.findData(one.unit or field.unit), 0))
            listed = [f"{value:.12g}" for value in one.sentinels] + list(one.blanks)
            self.missing.setText(", ".join(listed))
        self._fill_constants(field, one)
        self._fill_values(field, one)
        self._show_note()

    def _fill_constants(self, field: Field, one: FieldMap | None) -> None:
        self.constant.clear()
        self.constant.addItem("—", "")
        if field.domain:
            for choice in domain(field.domain).choices:
                self.constant.addItem(choice.title(self.appearance.lang), choice.id)
        self.constant.setCurrentIndex(max(self.constant.findData(one.constant if one is not None else ""), 0))

    def _fill_values(self, field: Field, one: FieldMap | None) -> None:
        self.values.clear()
        source = next((col for col in self._columns if one is not None and col.name == one.source), None)
        shown = field.type == "choice" and one is not None and source is not None
        self.values.setVisible(shown)
        if not shown or one is None or source is None:
            return
        meanings = dict(one.values)
        for text, count in source.values:
            if text.strip().casefold() in one.blanks:
                continue
            item = QTreeWidgetItem([f"{visible_text(text)}  ({count:,})", ""])
            item.setToolTip(0, plain_tip(text))
            self.values.addTopLevelItem(item)
            box = _StillCombo()
            box.addItem(
                self.appearance.word("register.map.kept" if domain(field.domain).open else "register.map.dropped"), ""
            )
            for choice in domain(field.domain).choices:
                box.addItem(choice.title(self.appearance.lang), choice.id)
            box.setCurrentIndex(max(box.findData(meanings.get(text, "")), 0))
            box.activated.connect(lambda _=0, text=text, box=box: self._on_value(text, str(box.currentData())))
            self.values.setItemWidget(item, 1, box)
        self.values.header().resizeSection(0, 150)

    def _show_note(self) -> None:
        one, told = self._mapping.of(self._target()), None
        if self._report is not None:
            told = self._report.of(self._target())
        lang = self.appearance.lang
        parts = [] if one is None else [reason_text(one, lang), unit_reason_text(one, lang)]
        parts += [field_line(told, lang)] if told is not None else []
        self.note.setText(self.appearance.word("register.note.between").join(part for part in parts if part))

    def _fill_preview(self, frame: Any) -> None:
        lang = self.appearance.lang
        few = frame.head(20)
        names = [str(name) for name in few.columns if name != "geometry"]
        titles = {field.name: field.title(lang) for field in self._mapping.schema.fields}
        self.preview.setColumnCount(len(names))
        self.preview.setRowCount(len(few))
        self.preview.setHorizontalHeaderLabels([titles.get(name, visible_text(name)) for name in names])
        for across, name in enumerate(names):
            field = self._mapping.schema.field(name)
            for down, value in enumerate(few[name].tolist()):
                missing = value is None or value != value
                text = "" if missing else self._title_of(field, str(value)) if field is not None else str(value)
                item = QTableWidgetItem(visible_text(text))
                if name not in titles:
                    item.setForeground(QBrush(QColor(self.appearance.colours["text_faint"])))
                self.preview.setItem(down, across, item)
        self.preview.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.preview.resizeColumnsToContents()

    def _fill_report(self, report: Report) -> None:
        word, lang = self.appearance.word, self.appearance.lang
        self.told.clear()
        titles = {field.name: field.title(lang) for field in self._mapping.schema.fields}
        if report.lacking:
            names = word("sheet.comma").join(titles[name] for name in report.lacking)
            item = QTreeWidgetItem([word("register.map.lacking"), "", names])
            item.setForeground(0, QBrush(QColor(self.appearance.colours["bad"])))
            self.told.addTopLevelItem(item)
        if report.absent:
            self.told.addTopLevelItem(
                QTreeWidgetItem([word("register.map.absent"), "", visible_text(", ".join(report.absent))])
            )
        for one in report.fields:
            share = f"{one.filled:,} / {report.rows:,}"
            item = QTreeWidgetItem([titles[one.target], share, visible_text(field_line(one, lang))])
            item.setToolTip(2, plain_tip(field_line(one, lang)))
            self.told.addTopLevelItem(item)
        self.told.header().resizeSection(0, 170)
        self.told.header().resizeSection(1, 130)

    # --- what a person does -------------------------------------------------------------------------------------------
    def _change(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._report = None
        self._mark()
        self._timer.start(_PAUSE_MS)

    def _on_column(self, target: str, source: str) -> None:
        if source.startswith("\0"):
            return
        item = next((one for one in self._items() if one.data(0, Qt.ItemDataRole.UserRole) == target), None)
        if item is not None:
            self.fields.setCurrentItem(item)
        if source:
            self.column_chosen.emit(target, source)
        else:
            self._change(self._mapping.with_field(None, target))
            self._show_details()

    def _on_unit(self) -> None:
        one = self._mapping.of(self._target())
        if one is not None:
            self._change(self._mapping.with_field(replace(one, unit=str(self.unit.currentData()), unit_reason="")))
            self._show_note()

    def _on_missing(self) -> None:
        one = self._mapping.of(self._target())
        if one is None:
            return
        parts = [part.strip() for part in self.missing.text().replace("，", ",").split(",")]
        numbers, texts = [], []
        for part in filter(None, parts):
            try:
                numbers.append(float(part))
            except ValueError:
                texts.append(part.casefold())
        fresh = replace(one, sentinels=tuple(dict.fromkeys(numbers)), blanks=tuple(dict.fromkeys(texts)))
        if fresh != one:
            self._change(self._mapping.with_field(fresh))

    def _on_constant(self) -> None:
        target, value = self._target(), str(self.constant.currentData())
        fresh = FieldMap(target, way="constant", constant=value) if value else None
        self._change(self._mapping.with_field(fresh, target))

    def _on_value(self, text: str, value: str) -> None:
        one = self._mapping.of(self._target())
        if one is None:
            return
        meanings = dict(one.values)
        meanings.pop(text, None)
        if value:
            meanings[text] = value
        self._change(self._mapping.with_field(replace(one, values=tuple(meanings.items()))))

    def _on_keep(self, on: bool) -> None:
        if on != self._mapping.keep_others:
            self._change(replace(self._mapping, keep_others=on))

    def _on_goal(self) -> None:
        merges = self.goal.currentData() not in (NEW, IN_PLACE, None)
        self.keep.setVisible(not merges)
        self.deactivate.setVisible(merges)

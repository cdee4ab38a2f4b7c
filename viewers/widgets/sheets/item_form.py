"""What a page and the chosen item on it are like: the form at the side of the editor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QGridLayout, QLineEdit, QPlainTextEdit, QSpinBox, QWidget

from models.sheets.layout import LEAST_MM
from models.sheets.spec import PAPERS, Item, SheetSpec
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, number_field, row
from viewers.widgets.common.plain import PlainCombo

#: Items that speak of a picture on the page, those that choose what they show, and those with words of their own.
SPEAKING_OF = ("legend", "north", "scale", "values", "keymap")
WRITTEN = ("text", "title")
LEAST_DPI, MOST_DPI = 72, 600
STANDINGS = ("draft", "checked", "approved")


@dataclass(frozen=True, slots=True)
class Sources:
    """What items of a kind can show: value and words of each choice, by kind."""

    of: Mapping[str, Sequence[tuple[str, str]]]


class ItemForm(QWidget):
    """The chosen item: its place in millimetres and what it shows.

    Signals
    -------
    item_wanted : (Item, str) the item as it is to be, and a word for what follows one another as one step
    view_wanted : () the present view of the city is to be its picture
    subject_wanted : () its picture is to frame the subject of the page
    file_wanted : () a photo is to be chosen
    """

    item_wanted = Signal(object, str)
    view_wanted = Signal()
    subject_wanted = Signal()
    file_wanted = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._item: Item | None = None
        self._is_filling = False
        self.kind = label("heading")
        self.warning = label("warn", wrap=True)
        names = ("x", "y", "width", "height")
        self.numbers = {name: number_field(-2000, 2000, suffix=" mm", decimals=1) for name in names}
        for name in ("width", "height"):
            self.numbers[name].setMinimum(LEAST_MM)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        for at, name in enumerate(names):
            field = self.numbers[name]
            field.setKeyboardTracking(False)
            field.setMinimumWidth(88)
            field.lineEdit().setTextMargins(4, 0, 0, 0)  # the style's padding does not reach the text
            appearance.say(field.setAccessibleName, f"sheets.item.{name}")
            field.valueChanged.connect(lambda _, name=name: self._on_number(name))
            line, side = divmod(at, 2)
            grid.addWidget(caption(appearance, f"sheets.item.{name}.short", "small"), line, side * 2)
            grid.addWidget(field, line, side * 2 + 1)
        grid.setHorizontalSpacing(6)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        self.text = QPlainTextEdit()
        self.text.setFixedHeight(92)
        self.text.setTabChangesFocus(True)
        appearance.say(self.text.setPlaceholderText, "sheets.item.text.hint")
        appearance.say(self.text.setAccessibleName, "sheets.item.text")
        self.text.textChanged.connect(self._on_text)
        self.fields_hint = caption(appearance, "sheets.item.text.fields", "faint", wrap=True)
        self.source, self.of = PlainCombo(), PlainCombo()
        appearance.say(self.source.setAccessibleName, "sheets.item.source")
        appearance.say(self.of.setAccessibleName, "sheets.item.of")
        self.source.activated.connect(lambda _: self._emit(source=str(self.source.currentData() or "")))
        self.of.activated.connect(lambda _: self._emit(of=str(self.of.currentData() or "")))
        self.take = button(appearance, "sheets.item.take_view", icon="camera")
        self.take.clicked.connect(self.view_wanted)
        self.frame_subject = button(appearance, "sheets.item.frame_subject", "quiet")
        self.frame_subject.clicked.connect(self.subject_wanted)
        self.view_says = label("faint", wrap=True)
        self.file = button(appearance, "sheets.item.choose_file", icon="image")
        self.file.clicked.connect(self.file_wanted)
        self.file_says = label("faint", wrap=True)
        self.hidden = QCheckBox()
        appearance.say(self.hidden.setText, "sheets.item.hidden")
        self.hidden.toggled.connect(lambda on: self._emit(hidden=on))
        self._groups: dict[str, QWidget] = {
            "text": _group(caption(appearance, "sheets.item.text", "small"), self.text, self.fields_hint),
            "source": _group(caption(appearance, "sheets.item.source", "small"), self.source),
            "of": _group(caption(appearance, "sheets.item.of", "small"), self.of),
            "view": _group(self.take, row(self.frame_subject, 1), self.view_says),
            "photo": _group(self.file, self.file_says),
        }
        self.setLayout(column(self.kind, self.warning, grid, *self._groups.values(), self.hidden, gap=10))

    @property
    def item(self) -> Item | None:
        """Return the item that is shown."""
        return self._item

    def show_item(self, item: Item, spec: SheetSpec, sources: Sources, warning: str) -> None:
        """Show an item; ``warning`` says what is wrong with it, empty for nothing."""
        appearance = self._appearance
        is_other = self._item is None or self._item.id != item.id
        self._item, self._is_filling = item, True
        appearance.say(self.kind.setText, f"sheets.kind.{item.kind}")
        self.warning.setText(warning)
        self.warning.setVisible(bool(warning))
        for field, value in zip(self.numbers.values(), item.box, strict=True):
            field.setValue(value)
        if (is_other or self.text.toPlainText() != item.text) and (not self.text.hasFocus() or is_other):
            self.text.setPlainText(item.text)
        choices = sources.of.get(item.kind, ())
        self.source.offer(list(choices))
        self.source.setCurrentIndex(max(self.source.findData(item.source), 0))
        views = [one for one in spec.items if one.kind == "view"]
        named = [(one.id, appearance.word("sheets.view_number", number=at)) for at, one in enumerate(views, 1)]
        self.of.offer([("", appearance.word("sheets.item.of.first")), *named])
        self.of.setCurrentIndex(max(self.of.findData(item.of), 0))
        appearance.say(self.view_says.setText, "sheets.item.view.own" if item.view else "sheets.item.view.subject")
        self.frame_subject.setVisible(item.view is not None)
        appearance.hush(self.file_says.setText)
        if item.source:
            self.file_says.setText(item.source)
        else:
            appearance.say(self.file_says.setText, "sheets.item.no_file")
        self.hidden.setChecked(item.hidden)
        shown = {
            "text": item.kind in WRITTEN,
            "source": bool(choices) and item.view is None,
            "of": item.kind in SPEAKING_OF and len(views) > 1,
            "view": item.kind == "view",
            "photo": item.kind == "photo",
        }
        for name, group in self._groups.items():
            group.setVisible(shown[name])
        self._is_filling = False

    def _on_number(self, name: str) -> None:
        if self._item is not None:
            at = list(self.numbers).index(name)
            box = list(self._item.box)
            box[at] = self.numbers[name].value()
            self._emit(f"box {name}", box=tuple(box))

    def _on_text(self) -> None:
        if self._item is not None and self.text.toPlainText() != self._item.text:
            self._emit("text", text=self.text.toPlainText())

    def _emit(self, burst: str = "", **changes: Any) -> None:
        if self._item is None or self._is_filling:
            return
        wanted = replace(self._item, **changes)
        if wanted != self._item:
            self._item = wanted
            self.item_wanted.emit(wanted, burst and f"{burst} {wanted.id}")


class PageForm(QWidget):
    """The page itself: name, number, paper, standing, language and resolution.

    Signals
    -------
    page_wanted : (SheetSpec, str) the page as it is to be, and a word for what is one step
    paper_wanted : (str, bool) other paper, and whether it lies
    title_block_wanted : () who makes the sheets of the project
    """

    page_wanted = Signal(object, str)
    paper_wanted = Signal(str, bool)
    title_block_wanted = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._spec: SheetSpec | None = None
        self._is_filling = False
        self.name, self.title, self.number = QLineEdit(), QLineEdit(), QLineEdit()
        appearance.say(self.title.setPlaceholderText, "sheets.page.title.hint")
        appearance.say(self.number.setPlaceholderText, "sheets.page.number.hint")
        for name, field in (("name", self.name), ("title", self.title), ("number", self.number)):
            field.textEdited.connect(lambda text, name=name: self._emit(f"page {name}", **{name: text}))
        self.paper, self.way = PlainCombo(), PlainCombo()
        self.paper.offer([(name, name) for name in PAPERS])
        self.standing, self.lang = PlainCombo(), PlainCombo()
        self.dpi = QSpinBox()
        self.dpi.setRange(LEAST_DPI, MOST_DPI)
        self.dpi.setSuffix(" dpi")
        self.dpi.setSingleStep(50)
        self.dpi.setKeyboardTracking(False)
        self.dpi.lineEdit().setTextMargins(7, 0, 0, 0)  # the style's padding does not reach the text
        self.dark = QCheckBox()
        appearance.say(self.dark.setText, "sheets.page.dark")
        for box in (self.paper, self.way):
            box.activated.connect(lambda _: self._on_paper())
        self.standing.activated.connect(lambda _: self._emit(standing=self.standing.currentData()))
        self.lang.activated.connect(lambda _: self._emit(lang=self.lang.currentData()))
        self.dpi.valueChanged.connect(lambda value: self._emit("page dpi", dpi=value))
        self.dark.toggled.connect(lambda on: self._emit(dark=on))
        self.block = button(appearance, "sheets.title_block.open", icon="identification-card")
        self.block.clicked.connect(self.title_block_wanted)
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self._fields = (
            ("name", self.name), ("title", self.title), ("number", self.number), ("paper", self.paper),
            ("way", self.way), ("standing", self.standing), ("lang", self.lang), ("dpi", self.dpi),
        )  # fmt: skip
        for key, widget in self._fields:
            appearance.say(widget.setAccessibleName, f"sheets.page.{key}")
            form.addRow(caption(appearance, f"sheets.page.{key}", "small"), widget)
        self.setLayout(
            column(
                caption(appearance, "sheets.page.heading", "heading"), form, self.dark, self.block,
                caption(appearance, "sheets.page.hint", "faint", wrap=True), gap=10,
            )
        )  # fmt: skip

    def show_page(self, spec: SheetSpec) -> None:
        """Show a page."""
        word = self._appearance.word
        self._spec, self._is_filling = spec, True
        for field, text in ((self.name, spec.name), (self.title, spec.title), (self.number, spec.number)):
            if field.text() != text and not field.hasFocus():
                field.setText(text)
                field.setCursorPosition(0)  # a long name is read from its beginning
        self.paper.setCurrentIndex(self.paper.findData(spec.paper))
        self.way.offer([(name, word(f"sheets.way.{name}")) for name in ("landscape", "portrait")])
        self.way.setCurrentIndex(0 if spec.landscape else 1)
        self.standing.offer([(name, word(f"sheets.standing.{name}")) for name in STANDINGS])
        self.standing.setCurrentIndex(self.standing.findData(spec.standing))
        self.lang.offer([(name, word(f"lang.{name}")) for name in ("zh", "en")])
        self.lang.setCurrentIndex(self.lang.findData(spec.lang))
        self.dpi.setValue(spec.dpi)
        self.dark.setChecked(spec.dark)
        self._is_filling = False

    def _on_paper(self) -> None:
        paper, landscape = str(self.paper.currentData()), self.way.currentData() == "landscape"
        if self._spec is not None and (paper, landscape) != (self._spec.paper, self._spec.landscape):
            self.paper_wanted.emit(paper, landscape)

    def _emit(self, burst: str = "", **changes: Any) -> None:
        if self._spec is None or self._is_filling:
            return
        wanted = replace(self._spec, **changes)
        if wanted != self._spec:
            self._spec = wanted
            self.page_wanted.emit(wanted, burst)


def _group(*parts: Any) -> QWidget:
    result = QWidget()
    result.setLayout(column(*parts, gap=5))
    return result

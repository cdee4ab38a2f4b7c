"""Colour building models by any property: choose the field, read the legend, pick its entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QListWidgetItem, QMenu, QStackedLayout, QWidget

from viewers.legend import Legend
from viewers.widgets.common.appearance import Appearance, chip
from viewers.widgets.common.controls import Card, Page, ShareBar, button, clear, column, label, line, row, tool
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.rows import rows_item, rows_list


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field to colour by.

    Parameters
    ----------
    id : str
    name, group : str
        In the reader's language.
    count, total : int
        Elements that state it, of how many.
    kind : str
        ``"text"``, ``"number"`` or ``"bool"``.
    """

    id: str
    name: str
    group: str
    count: int
    total: int
    kind: str


_ICONS = {"number": "hash", "bool": "toggle-left"}


class ColourBy(QWidget):
    """The page of colours: a list of fields, or the legend of the chosen one.

    Signals
    -------
    field_chosen : (field id)
    entry_asked : (str, int) what shall be done with the elements of a legend entry (``"select"``, ``"isolate"``)
    clear_requested : ()
    """

    field_chosen = Signal(str)
    entry_asked = Signal(str, int)
    clear_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._legend: Legend | None = None
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        appearance.say(self.search.setPlaceholderText, "browser.fields.search")
        appearance.say(self.search.setAccessibleName, "browser.fields.search")
        self.search.textChanged.connect(self._filter)
        self.fields = rows_list(appearance)
        appearance.say(self.fields.setAccessibleName, "browser.fields")
        self.fields.itemClicked.connect(self._on_item_chosen)
        self.fields.itemActivated.connect(self._on_item_chosen)
        self.search.returnPressed.connect(self._choose_first)
        chooser = QWidget()
        chooser.setLayout(column(row(self.search, margins=(12, 10, 12, 8)), line(), self.fields, gap=0))
        self.title = label("strong", wrap=True)
        self.note = label("small", wrap=True)
        self.bar = ShareBar(appearance, 8)
        back = tool(appearance, "arrow-left", "browser.colour.other", size=16)
        back.clicked.connect(self.choose_another)
        self.clear = button(appearance, "browser.colour.clear", "quiet", "eraser")
        self.clear.clicked.connect(self.clear_requested)
        self.page = Page(margins=(8, 4, 8, 12))
        self.page.column.setSpacing(0)
        top = row(back, column(self.title, self.note, gap=1), margins=(8, 8, 12, 4), gap=6)
        top.setStretch(1, 1)
        top.setAlignment(back, Qt.AlignmentFlag.AlignTop)
        legend = QWidget()
        legend.setLayout(
            column(top, row(self.bar, margins=(14, 2, 14, 4)), self.page, line(),
                   row(self.clear, 1, margins=(8, 5, 8, 5)), gap=0)
        )  # fmt: skip
        legend.layout().setStretch(2, 1)  # type: ignore[union-attr]
        self._stack = QStackedLayout(self)
        self._stack.addWidget(chooser)
        self._stack.addWidget(legend)
        appearance.look_changed.connect(self._draw)

    def set_fields(self, fields: Sequence[FieldView]) -> None:
        """List the fields, keeping what is searched for."""
        self.fields.clear()
        for field in fields:
            icon = self._appearance.icon(_ICONS.get(field.kind, "text-t"))
            share = self._appearance.word("browser.fields.count", count=f"{field.count:,}", total=f"{field.total:,}")
            detail = f"{share}  ·  {field.group}" if field.group else share
            self.fields.addItem(rows_item(icon, field.name, detail, field.id))
        self._filter(self.search.text())

    def choose_another(self) -> None:
        """Go to the list of fields."""
        self._stack.setCurrentIndex(0)
        self.search.setFocus()

    def show_legend(self, legend: Legend | None) -> None:
        """Show what the colours mean, or the list of fields where nothing is coloured."""
        self._legend = legend
        self._draw()
        self._stack.setCurrentIndex(0 if legend is None else 1)

    def _draw(self) -> None:
        clear(self.page.column)
        legend = self._legend
        if legend is None:
            return
        self.title.setText(legend.title)
        self.note.setText(legend.note)
        self.note.setVisible(bool(legend.note))
        total = max(sum(entry.count or 0 for entry in legend.entries), 1)
        self.bar.set_parts([((entry.count or 0) / total, entry.colour) for entry in legend.entries])
        for at, entry in enumerate(legend.entries):
            card, picture, words, number = Card(), label(), label("", wrap=True), label("faint")
            card.setStyleSheet("QFrame[role='card'] { border-color: transparent; background: transparent; }")
            picture.setPixmap(chip(entry.colour, 14, hatch=entry.pattern == "hatch"))
            words.setText(entry.text)
            number.setText(f"{entry.count or 0:,}")
            inner = row(picture, words, number, margins=(6, 4, 6, 4), gap=8)
            inner.setStretch(1, 1)
            card.setLayout(inner)
            card.setToolTip(plain_tip(self._appearance.word("browser.colour.entry.tip")))
            card.clicked.connect(lambda at=at: self.entry_asked.emit("select", at))
            card.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            card.customContextMenuRequested.connect(lambda pos, at=at, card=card: self._menu(card.mapToGlobal(pos), at))
            self.page.column.addWidget(card)
        self.page.column.addStretch(1)

    def _menu(self, where: QPoint, at: int) -> None:
        menu = QMenu(self)
        for icon, verb in (("cursor", "select"), ("selection-all", "isolate"), ("eye-slash", "hide")):
            menu.addAction(
                self._appearance.icon(icon), self._appearance.word(f"browser.{verb}"),
                lambda verb=verb: self.entry_asked.emit(verb, at),
            )  # fmt: skip
        menu.exec(where)
        menu.deleteLater()

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for at in range(self.fields.count()):
            item = self.fields.item(at)
            line_ = item.toolTip().casefold()
            item.setHidden(not all(word in line_ for word in words))

    def _choose_first(self) -> None:
        seen = (self.fields.item(at) for at in range(self.fields.count()))
        if (item := next((item for item in seen if not item.isHidden()), None)) is not None:
            self._on_item_chosen(item)

    def _on_item_chosen(self, item: QListWidgetItem) -> None:
        self.field_chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))

"""The card of annotations: what to write, in which colour, and the list of what was written."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QPlainTextEdit, QToolButton, QWidget

from viewers.widgets.common.appearance import Appearance, chip
from viewers.widgets.common.controls import button, caption, row, tool
from viewers.widgets.common.results_list import ResultsList
from viewers.widgets.common.tool_bar_card import ToolCard, word_button

#: Kinds with their icons.
ICONS = {
    "text": "text-t", "pin": "map-pin", "arrow": "arrow-up-right", "line": "line-segments", "area": "polygon",
    "freehand": "scribble-loop",
}  # fmt: skip


class NoteBar(ToolCard):
    """Kinds, colours, words, and the notes.

    Signals
    -------
    kind_chosen : (kind, or empty to lay the pen down)
    colour_chosen : (str)
    words_changed : () of the note that is being changed; ask :attr:`text`
    go_requested, edit_requested, delete_requested : (note id)
    shown_changed : (bool) whether notes are in the picture
    export_requested, clear_requested : ()
    """

    kind_chosen = Signal(str)
    colour_chosen = Signal(str)
    words_changed = Signal()
    go_requested = Signal(str)
    edit_requested = Signal(str)
    delete_requested = Signal(str)
    shown_changed = Signal(bool)
    export_requested = Signal()
    clear_requested = Signal()
    hint_folds = False

    def __init__(self, appearance: Appearance, colours: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(appearance, "note-pencil", "notes.title", parent)
        self.kinds: dict[str, QToolButton] = {}
        for kind, icon in ICONS.items():
            press = word_button(appearance, icon, f"notes.kind.{kind}", f"notes.kind.{kind}.tip", checkable=True)
            press.clicked.connect(lambda on, kind=kind: self.kind_chosen.emit(kind if on else ""))
            self.kinds[kind] = press
        self.fill_head(self.kinds.values())
        self.text = QPlainTextEdit()
        self.text.setFixedHeight(50)
        self.text.setTabChangesFocus(True)
        appearance.say(self.text.setPlaceholderText, "notes.text")
        appearance.say(self.text.setAccessibleName, "notes.text")
        self.author = QLineEdit()
        self.author.setMaximumWidth(150)
        appearance.say(self.author.setPlaceholderText, "notes.author")
        appearance.say(self.author.setAccessibleName, "notes.author")
        self.colours: dict[str, QToolButton] = {}
        paints = QButtonGroup(self)
        swatches = row(gap=0)
        for colour in colours:
            press = QToolButton()
            press.setCheckable(True)
            press.setAutoRaise(True)
            press.setIcon(chip(colour, 14, round_=True))
            press.setIconSize(QSize(14, 14))
            appearance.say(press.setAccessibleName, "notes.colour")
            appearance.say(press.setToolTip, "notes.colour")
            press.clicked.connect(lambda _=False, colour=colour: self.colour_chosen.emit(colour))
            paints.addButton(press)
            self.colours[colour] = press
            swatches.addWidget(press)
        self.colours[colours[0]].setChecked(True)
        self.done = button(appearance, "notes.done", "primary")
        self.done.clicked.connect(self.words_changed)
        self.done.hide()
        self.list = ResultsList(appearance)
        self.list.go_requested.connect(self.go_requested)
        self.list.edit_requested.connect(self.edit_requested)
        self.list.delete_requested.connect(self.delete_requested)
        self.shown = tool(appearance, "eye", "notes.shown", size=15)
        self.shown.setCheckable(True)
        self.shown.setChecked(True)
        self.shown.toggled.connect(self.shown_changed)
        self.send = button(appearance, "notes.export", "quiet", "export")
        self.send.clicked.connect(self.export_requested)
        self.clear = button(appearance, "notes.clear", "quiet", "trash")
        self.clear.clicked.connect(self.clear_requested)
        self._foot = QWidget()
        self._foot.setLayout(row(1, self.send, self.clear, gap=2))
        line = row(swatches, self.author, 1, self.done, self.shown, gap=8)
        words_label = caption(appearance, "notes.words", "small")
        words = row(words_label, self.text, gap=8)
        words.setAlignment(words_label, Qt.AlignmentFlag.AlignTop)
        self.lay_out(words, line, self.hint, self.list, self._foot)

    def show_kind(self, kind: str) -> None:
        """Show which kind the pen writes; empty for none."""
        for name, press in self.kinds.items():
            press.setChecked(name == kind)

    def show_colour(self, colour: str) -> None:
        """Show which colour is written in."""
        if colour in self.colours:
            self.colours[colour].setChecked(True)

    def show_notes(self, rows: list[tuple[str, str, str, str]]) -> None:
        """Show ``(id, icon, title, detail)`` of each note, the latest first."""
        self.list.show_rows(rows)
        self._foot.setVisible(bool(rows))
        self.resized.emit()

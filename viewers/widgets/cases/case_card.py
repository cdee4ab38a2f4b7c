"""The card of one case: seven steps, what is known, what was done, and the form of the next move."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDateTimeEdit, QFrame, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from viewers.widgets.cases.case_views import CardView, MoveView
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import Page, button, caption, clear, column, label, line, row, tool
from viewers.widgets.common.plain import PlainCombo, plain_tip


class CaseCard(QWidget):
    """One case and what can be done with it.

    Signals
    -------
    move_requested : (str number, str move, dict of what is said)
    back_requested, zoom_requested, print_requested : ()
    photos_requested : () choose photos for the step
    """

    move_requested = Signal(str, str, dict)
    back_requested = Signal()
    zoom_requested = Signal()
    print_requested = Signal()
    photos_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.view: CardView | None = None
        self.photos: tuple[str, ...] = ()
        self.move_buttons: dict[str, QWidget] = {}
        self.fields: dict[str, QWidget] = {}
        self.title, self.state = label("heading", wrap=True, select=True), label("small")
        back = tool(appearance, "arrow-left", "cases.back")
        zoom = tool(appearance, "crosshair-simple", "properties.zoom")
        printing = tool(appearance, "printer", "cases.print")
        back.clicked.connect(self.back_requested)
        zoom.clicked.connect(self.zoom_requested)
        printing.clicked.connect(self.print_requested)
        self.page = Page()
        head = row(back, self.state, 1, zoom, printing, gap=4)
        self._form = QVBoxLayout()
        self.setLayout(column(column(head, self.title, margins=(10, 8, 10, 8), gap=4), line(), self.page, gap=0))
        appearance.lang_changed.connect(self._draw)
        appearance.look_changed.connect(self._draw)

    def show_case(self, view: CardView) -> None:
        """Show a case; one that is shown already is left, with what is being written."""
        if view == self.view:
            return
        self.view, self.photos = view, ()
        self._draw()

    def set_photos(self, photos: tuple[str, ...]) -> None:
        """Name the photos of the step that is being written."""
        self.photos = photos
        found = self.fields.get("photos")
        if isinstance(found, QLineEdit):
            found.setText("; ".join(photo.rsplit("/", 1)[-1] for photo in photos))

    def _draw(self) -> None:
        view = self.view
        if view is None:
            return
        clear(self.page.column)
        self.move_buttons, self.fields = {}, {}
        self._form = QVBoxLayout()
        self._form.setSpacing(6)
        self.title.setText(view.title)
        self.state.setText(f"{view.number} · {view.state}")
        self.page.column.addLayout(self._steps(view))
        self.page.column.addWidget(caption(self._appearance, "cases.next", "section"))
        if not view.moves:
            self.page.column.addWidget(caption(self._appearance, "cases.next.none", "soft", wrap=True))
        grid = QGridLayout()
        grid.setSpacing(6)
        for number, move in enumerate(view.moves):
            press = button(self._appearance, "cases.move", "primary" if number == 0 and not move.back else "",
                           title=move.title)  # fmt: skip
            press.setToolTip(plain_tip(move.role))
            press.clicked.connect(lambda _=False, move=move: self._ask(move))
            self.move_buttons[move.id] = press
            grid.addWidget(press, number // 3, number % 3)
        self.page.column.addLayout(grid)
        self.page.column.addLayout(self._form)
        self.page.column.addWidget(caption(self._appearance, "cases.facts", "section"))
        facts = QGridLayout()
        facts.setHorizontalSpacing(10)
        facts.setVerticalSpacing(4)
        facts.setColumnStretch(1, 1)
        facts.setColumnMinimumWidth(0, 104 if self._appearance.lang == "en" else 84)
        for at, (name, value) in enumerate(view.facts):
            said, told = label("soft", wrap=True), label(wrap=True, select=True)
            said.setText(name)
            told.setText(value)
            facts.addWidget(said, at, 0, Qt.AlignmentFlag.AlignTop)
            facts.addWidget(told, at, 1)
        self.page.column.addLayout(facts)
        self.page.column.addWidget(caption(self._appearance, "cases.steps", "section"))
        if not view.log:
            self.page.column.addWidget(caption(self._appearance, "cases.no_steps", "soft", wrap=True))
        for when, what, who, said_there in reversed(view.log):
            head, foot = label("strong", wrap=True), label("small", wrap=True)
            head.setText(f"{what}   {said_there}".strip())
            foot.setText(" · ".join(filter(None, (when, who))))
            self.page.column.addLayout(column(head, foot, gap=1))
        self.page.column.addStretch(1)

    def _steps(self, view: CardView) -> QGridLayout:
        """Return the seven steps side by side: a bar each, filled where it is done."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(3)
        grid.setVerticalSpacing(3)
        for at, (name, done) in enumerate(view.steps):
            bar, words = QFrame(), label("strong" if done else "small", wrap=True)
            tint = self._appearance.colour("accent" if done else "line_strong").name()
            bar.setFixedHeight(4)
            bar.setStyleSheet(f"background: {tint}; border: none; border-radius: 2px;")
            words.setText(name)
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            words.setStyleSheet("font-size: 11px;")
            grid.addWidget(bar, 0, at)
            grid.addWidget(words, 1, at)
            grid.setColumnStretch(at, 1)
        return grid

    def _ask(self, move: MoveView) -> None:
        """Show the form of a move; what has to be said first, a note and photos after it."""
        clear(self._form)
        self.fields, self.photos = {}, ()
        view = self.view
        assert view is not None  # noqa: S101 - its button was pressed
        heading = label("strong")
        heading.setText(self._appearance.word("cases.form", title=move.title, role=move.role))
        self._form.addWidget(heading)
        wanted = [*move.asks, *(name for name in move.may if name not in move.asks)]
        wanted += [name for name in ("note", "photos") if name not in wanted]
        for name in wanted:
            field = self._field(name, view)
            field.setAccessibleName(self._appearance.word(f"cases.field.{name}"))
            self.fields[name] = field
            words = label("soft")
            words.setText(self._appearance.word(f"cases.field.{name}") + (" *" if name in move.asks else ""))
            words.setMinimumWidth(84 if self._appearance.lang == "zh" else 104)
            entry = row(words, field, gap=8)
            entry.setStretch(1, 1)
            if name == "photos":
                add = tool(self._appearance, "plus", "component.add_photo", size=15)
                add.clicked.connect(self.photos_requested)
                entry.addWidget(add)
            self._form.addLayout(entry)
        done = button(self._appearance, "cases.do", "primary")
        stop = button(self._appearance, "cases.not_now", "quiet")
        done.clicked.connect(lambda: self._submit(move))
        stop.clicked.connect(lambda: clear(self._form))
        self.fields["do"] = done
        self._form.addLayout(row(1, stop, done, gap=8))
        first = self.fields[wanted[0]]
        first.setFocus()

    def _field(self, name: str, view: CardView) -> QWidget:
        if name == "deadline":
            edit = QDateTimeEdit(QDateTime.currentDateTime().addDays(3))
            edit.setDisplayFormat("yyyy-MM-dd HH:mm")
            edit.setCalendarPopup(True)
            return edit
        if name == "rating":
            combo = PlainCombo()
            for value in ("good", "bad"):
                combo.addItem(self._appearance.word(f"cases.rating.{value}"), value)
            return combo
        if name == "urgent":
            box = QCheckBox()
            self._appearance.say(box.setText, "cases.field.urgent.box")
            return box
        text = QLineEdit(view.department if name == "department" else "")
        text.setReadOnly(name == "photos")
        return text

    def _submit(self, move: MoveView) -> None:
        said: dict[str, object] = {"photos": self.photos}
        for name, field in self.fields.items():
            if isinstance(field, QDateTimeEdit):
                said["due"] = field.dateTime().toString("yyyy-MM-ddTHH:mm:00")
            elif isinstance(field, PlainCombo):
                said[name] = str(field.currentData())
            elif isinstance(field, QCheckBox):
                said[name] = field.isChecked()
            elif isinstance(field, QLineEdit) and name != "photos":
                said[name] = field.text().strip()
        if self.view is not None:
            self.move_requested.emit(self.view.number, move.id, said)

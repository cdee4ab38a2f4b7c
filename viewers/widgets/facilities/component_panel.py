"""One object of the register as a form: grouped fields, photos, and the states that it has been in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QIcon, QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QStackedLayout, QToolButton, QWidget

from models.facilities.register.field_check import checked
from models.facilities.register.fields import Field
from viewers.widgets.common.appearance import Appearance, chip
from viewers.widgets.common.controls import EmptyHint, Page, button, caption, clear, column, label, line, row, tool
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo, plain_tip

#: Size of a thumbnail, pixels.
THUMBNAIL = QSize(96, 72)
#: Groups in the order of a form.
GROUPS = ("state", "identity", "network", "section", "people", "place", "object", "dates")


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field: what it is, its title, its text, and the texts (value, title) it may have."""

    field: Field
    title: str
    text: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PhotoView:
    """One photo: its text in the table, its place in words, and why it is not shown, empty where it is."""

    text: str
    name: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change of state: when, from and to in words, colour of the new state, who and why."""

    when: str
    before: str
    after: str
    colour: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ComponentView:
    """What a form shows."""

    title: str
    code: str
    layer: str
    place: str
    fields: tuple[FieldView, ...]
    state: str
    photos: tuple[PhotoView, ...]
    history: tuple[ChangeView, ...]


class ComponentPanel(QWidget):
    """The form of the object that is selected; what is typed waits for the button.

    Signals
    -------
    apply_requested : (dict of str to str, str reason) the changed texts by column
    step_requested : (int) the next or the one before in its layer
    zoom_requested : ()
    photo_requested : (int) show one large
    photo_allowed : (str) show one that lies outside the project's folder
    photo_added : ()
    history_requested : () export the history
    """

    apply_requested = Signal(dict, str)
    step_requested = Signal(int)
    zoom_requested = Signal()
    photo_requested = Signal(int)
    photo_allowed = Signal(str)
    photo_added = Signal()
    history_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._view: ComponentView | None = None
        self.editors: dict[str, QLineEdit | PlainCombo] = {}
        self._faults: dict[str, QLabel] = {}
        self._thumbs: list[QToolButton] = []
        self.title, self.layer, self.place = label("heading", wrap=True, select=True), label("small"), label("small")
        self.back = tool(appearance, "caret-left", "component.previous", size=14)
        self.on = tool(appearance, "caret-right", "component.next", size=14)
        self.zoom = tool(appearance, "crosshair-simple", "properties.zoom")
        self.back.clicked.connect(lambda: self.step_requested.emit(-1))
        self.on.clicked.connect(lambda: self.step_requested.emit(1))
        self.zoom.clicked.connect(self.zoom_requested)
        self.page = Page()
        self.reason = QLineEdit()
        appearance.say(self.reason.setPlaceholderText, "component.reason")
        appearance.say(self.reason.setAccessibleName, "component.reason")
        self.undo = button(appearance, "component.revert", "quiet")
        self.apply = button(appearance, "component.apply", "primary")
        self.told = label("small", wrap=True)
        self.undo.clicked.connect(self.revert)
        self.apply.clicked.connect(self._apply)
        head = row(self.title, 1, self.zoom, gap=4)
        head.setStretch(0, 1)
        steps = row(self.layer, 1, self.back, self.place, self.on, gap=2)
        foot = row(self.told, self.undo, self.apply, margins=(14, 8, 14, 10), gap=8)
        foot.setStretch(0, 1)
        self._foot = QWidget()
        self._foot.setLayout(column(line(), foot, gap=0))
        body = QWidget()
        body.setLayout(
            column(column(head, steps, margins=(14, 10, 10, 6), gap=2), line(), self.page, self._foot, gap=0)
        )
        self._stack = QStackedLayout(self)
        self._stack.addWidget(EmptyHint(appearance, "traffic-sign", "component.empty"))
        self._stack.addWidget(body)
        appearance.lang_changed.connect(self._draw)
        appearance.look_changed.connect(self._draw)

    # --- what it is given -------------------------------------------------------------------------------------------
    def show_nothing(self) -> None:
        """Show that nothing with a form is selected."""
        self._view = None
        self._stack.setCurrentIndex(0)

    def show_component(self, view: ComponentView) -> None:
        """Show an object; what was typed and not taken over is gone."""
        self._view = view
        self._draw()

    def set_thumbnail(self, at: int, image: QImage) -> None:
        """Show the small picture of a photo; of one that cannot be read, that."""
        if at >= len(self._thumbs):
            return
        if image.isNull():
            self._thumbs[at].setText(self._appearance.word("component.photo.unreadable"))
        else:
            self._thumbs[at].setIcon(QIcon(QPixmap.fromImage(image)))
            self._thumbs[at].setText("")

    @property
    def view(self) -> ComponentView | None:
        """Return what is shown."""
        return self._view

    @property
    def texts(self) -> dict[str, str]:
        """Return the texts that differ from the table, by column."""
        if self._view is None:
            return {}
        return {
            one.field.name: self._text_of(one.field.name) for one in self._view.fields
            if one.field.name in self.editors and self._text_of(one.field.name) != one.text
        }  # fmt: skip

    def revert(self) -> None:
        """Put back what the table holds."""
        self._draw()

    # --- drawing ------------------------------------------------------------------------------------------------------
    def _draw(self) -> None:
        view = self._view
        if view is None:
            return
        self.reason.setParent(self)
        self.reason.clear()
        self.reason.hide()
        clear(self.page.column)
        self.editors.clear()
        self._faults.clear()
        self._thumbs = []
        self.title.setText(view.title)
        self.layer.setText(f"{view.layer} · {view.code}" if view.code and view.code != view.title else view.layer)
        self.place.setText(view.place)
        groups: dict[str, list[FieldView]] = {}
        for one in view.fields:
            groups.setdefault(one.field.group or "object", []).append(one)
        for group in (*GROUPS, *(name for name in groups if name not in GROUPS)):
            if group in groups:
                self._add_group(group, groups[group])
        self._add_photos(view.photos)
        self._add_history(view.history)
        self.page.column.addStretch(1)
        self._on_changed()
        self._stack.setCurrentIndex(1)

    def _add_group(self, group: str, fields: Sequence[FieldView]) -> None:
        self.page.column.addWidget(caption(self._appearance, f"component.group.{group}", "section"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, 136 if self._appearance.lang == "en" else 104)  # the same in every group
        for one in fields:
            at = grid.rowCount()
            words, fault = label("soft", wrap=True), label("bad", wrap=True)
            words.setText(f"{one.title} ({one.field.unit})" if one.field.unit else one.title)
            words.setToolTip(plain_tip(one.field.name))
            editor = self._editor(one)
            grid.addWidget(words, at, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(editor, at, 1)
            grid.addWidget(fault, at + 1, 1)
            fault.hide()
            self.editors[one.field.name] = editor
            self._faults[one.field.name] = fault
            if self._view is not None and one.field.name == self._view.state:
                grid.addWidget(self.reason, at + 2, 1)
        self.page.column.addLayout(grid)

    def _editor(self, one: FieldView) -> QLineEdit | PlainCombo:
        editor: QLineEdit | PlainCombo
        if one.choices:
            editor = PlainCombo()
            editor.addItem("—", "")
            for value, title in one.choices:
                editor.addItem(title, value)
            editor.setCurrentIndex(max(editor.findData(one.text), 0))
            editor.currentIndexChanged.connect(lambda *_: self._on_changed())
        else:
            editor = QLineEdit(one.text)
            editor.setCursorPosition(0)
            if one.field.type == "date":
                self._appearance.say(editor.setPlaceholderText, "component.date")
            editor.textChanged.connect(lambda *_: self._on_changed())
            editor.returnPressed.connect(self._apply)
        editor.setAccessibleName(one.title)
        return editor

    def _add_photos(self, photos: Sequence[PhotoView]) -> None:
        if self._view is None or "photo" not in {one.field.name for one in self._view.fields}:
            return
        add = button(self._appearance, "component.add_photo", "quiet", icon="plus")
        add.clicked.connect(self.photo_added)
        self.page.column.addLayout(row(caption(self._appearance, "component.photos", "section"), 1, add, gap=4))
        grid = QGridLayout()
        grid.setSpacing(6)
        shown = 0
        for number, one in enumerate(photos):
            if one.fault:
                text = label("small", wrap=True)
                text.setText(self._appearance.word(f"component.photo.{one.fault}", file=one.name))
                cells = row(text, gap=6)
                cells.setStretch(0, 1)
                if one.fault == "outside":
                    allow = button(self._appearance, "component.photo.show", "quiet")
                    allow.clicked.connect(lambda _=False, text=one.text: self.photo_allowed.emit(text))
                    cells.addWidget(allow)
                self.page.column.addLayout(cells)
                self._thumbs.append(QToolButton(self))
                self._thumbs[-1].hide()
                continue
            thumb = QToolButton()
            thumb.setIconSize(THUMBNAIL)
            thumb.setFixedSize(THUMBNAIL + QSize(8, 8))
            thumb.setText("…")
            thumb.setToolTip(plain_tip(one.name))
            thumb.setAccessibleName(one.name)
            thumb.clicked.connect(lambda _=False, number=number: self.photo_requested.emit(number))
            grid.addWidget(thumb, shown // 3, shown % 3)
            self._thumbs.append(thumb)
            shown += 1
        grid.setColumnStretch(3, 1)
        self.page.column.addLayout(grid)

    def _add_history(self, history: Sequence[ChangeView]) -> None:
        export = tool(self._appearance, "export", "component.export_history", size=15)
        export.clicked.connect(self.history_requested)
        self.page.column.addLayout(row(caption(self._appearance, "component.history", "section"), 1, export, gap=4))
        if not history:
            self.page.column.addWidget(caption(self._appearance, "component.no_history", "soft", wrap=True))
        for one in history:
            dot, what, when = label(), label("strong", wrap=True), label("small", wrap=True)
            dot.setPixmap(chip(one.colour, 10, round_=True))
            dot.setAlignment(Qt.AlignmentFlag.AlignTop)
            dot.setContentsMargins(0, 5, 0, 0)
            what.setText(f"{one.before} → {one.after}")
            when.setText(" · ".join(part for part in (one.when, one.by, one.reason) if part))
            texts = column(what, when, gap=1)
            entry = row(dot, texts, gap=8)
            entry.setStretch(1, 1)
            self.page.column.addLayout(entry)

    # --- following ----------------------------------------------------------------------------------------------------
    def _text_of(self, name: str) -> str:
        editor = self.editors[name]
        return str(editor.currentData() or "") if isinstance(editor, PlainCombo) else editor.text().strip()

    def _on_changed(self) -> None:
        view = self._view
        if view is None:
            return
        changed, wrong = self.texts, 0
        for one in view.fields:
            name = one.field.name
            if name not in self._faults:
                continue
            _, fault = checked(one.field, self._text_of(name)) if name in changed else (None, "")
            self._faults[name].setVisible(bool(fault))
            if fault:
                wrong += 1
                facts = {"least": one.field.least, "most": one.field.most}
                self._faults[name].setText(self._appearance.word(f"component.fault.{fault}", **facts))
        self.reason.setVisible(view.state in changed)
        self.apply.setEnabled(bool(changed) and not wrong)
        self.undo.setEnabled(bool(changed))
        key = "component.changed" if changed else "component.unchanged"
        self.told.setText(self._appearance.word(key, count=len(changed)))

    def _apply(self) -> None:
        if self.apply.isEnabled():
            self.apply_requested.emit(self.texts, self.reason.text().strip())


class PhotoDialog(Ask):
    """A photo shown large; arrow keys go to the next."""

    step_requested = Signal(int)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "component.photo.title", parent)
        screen = QGuiApplication.primaryScreen()
        room = screen.availableSize() if screen is not None else QSize(1280, 720)
        self.size_px = QSize(int(room.width() * 0.7), int(room.height() * 0.7))
        self.picture, self.name = label(), label("small")
        self.picture.setFixedSize(self.size_px)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.body.addWidget(self.picture)
        self._foot.insertWidget(0, self.name)
        self.add_button("window.close", "", "primary")

    def show_picture(self, image: QImage, name: str) -> None:
        """Show a picture, as large as there is room for."""
        ratio = self.devicePixelRatioF()
        fitted = QPixmap.fromImage(image).scaled(
            self.size_px * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        fitted.setDevicePixelRatio(ratio)
        self.picture.setPixmap(fitted)
        self.name.setText(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Go to the next photo or the one before."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        self.step_requested.emit(step) if step else super().keyPressEvent(event)

"""The agenda of a review: its stops with their pictures, in the order of the meeting, and what is said of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPlainTextEdit,
    QStackedLayout,
    QWidget,
)

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, button, caption, column, label, line, number_field, row, tool
from viewers.widgets.common.ordered import order_by_hand
from viewers.widgets.common.plain import PlainCombo, plain_tip
from viewers.widgets.common.rows import DETAIL, Index, PictureDelegate, RowPainter
from viewers.widgets.common.thumbnails import icon_of

ID = Qt.ItemDataRole.UserRole
MARK = Qt.ItemDataRole.UserRole + 1
PICTURE = QSize(84, 52)
#: Notes are kept when nobody has written for so long, milliseconds.
PAUSE_MS = 500


@dataclass(frozen=True, slots=True)
class StopLine:
    """One stop as the list shows it.

    Parameters
    ----------
    id, title, detail : str
    picture : bytes
    mark : str
        Name of an icon at the end of the row, empty for none.
    """

    id: str
    title: str
    detail: str = ""
    picture: bytes = b""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class StopPage:
    """What is said of one stop."""

    id: str
    title: str = ""
    notes: str = ""
    indicator: str = ""
    sheet: str = ""
    date: str = ""
    minutes: float = 0.0


class AgendaPanel(QWidget):
    """The agenda.

    Signals
    -------
    chosen, go_requested, update_requested, duplicate_requested, remove_requested : (stop id)
    add_requested, present_requested, export_requested : ()
    moved : (stop id, position)
    changed : (stop id, dict) a part of the stop is said otherwise
    date_changed : (stop id, str)
    """

    chosen = Signal(str)
    go_requested = Signal(str)
    update_requested = Signal(str)
    duplicate_requested = Signal(str)
    remove_requested = Signal(str)
    add_requested = Signal()
    present_requested = Signal()
    export_requested = Signal()
    moved = Signal(str, int)
    changed = Signal(str, dict)
    date_changed = Signal(str, str)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._stops: tuple[StopLine, ...] = ()
        self._icons: dict[bytes, QIcon | None] = {}
        self._page = StopPage("")
        self._is_filling = False
        self.hint = EmptyHint(appearance, "presentation-chart", "agenda.hint", "agenda.add")
        self.hint.pressed.connect(self.add_requested)
        body = QWidget()
        parts = column(self._build_list(), line(), self._build_foot(), line(), self._build_page(), gap=0)
        parts.setStretch(0, 3)  # on a low screen the stops keep more of the room than the notes of one
        parts.setStretch(4, 2)
        body.setLayout(parts)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(body)
        appearance.look_changed.connect(self._draw)

    # --- parts -----------------------------------------------------------------------------------------------------
    def _build_list(self) -> QListWidget:
        self.list = QListWidget()
        self.list.setItemDelegate(_Row(self._appearance, self.list, PICTURE, 5))
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setMinimumHeight(140)
        self.list.itemClicked.connect(lambda item: self.go_requested.emit(str(item.data(ID))))
        self.list.itemActivated.connect(lambda item: self.go_requested.emit(str(item.data(ID))))
        self.list.currentItemChanged.connect(self._on_current)
        self.list.customContextMenuRequested.connect(self._menu)
        order_by_hand(self.list, lambda: [one.id for one in self._stops], self.moved.emit)
        self.list.installEventFilter(self)
        return self.list

    def _build_foot(self) -> QWidget:
        appearance = self._appearance
        self.add = button(appearance, "agenda.add.short", "", "plus")
        appearance.say(self.add.setToolTip, "agenda.add")
        self.add.clicked.connect(self.add_requested)
        presses = []
        for icon, key, signal in (
            ("arrows-clockwise", "agenda.update", self.update_requested),
            ("copy", "agenda.duplicate", self.duplicate_requested),
            ("trash", "agenda.remove", self.remove_requested),
        ):
            press = tool(appearance, icon, key, size=16)
            press.clicked.connect(lambda _=False, signal=signal: self._emit(signal))
            presses.append(press)
        self.update_, self.duplicate, self.remove = presses
        self.up = tool(appearance, "arrow-up", "agenda.up", size=16)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down = tool(appearance, "arrow-down", "agenda.down", size=16)
        self.down.clicked.connect(lambda: self._move(1))
        self.export = tool(appearance, "download-simple", "agenda.export", size=16)
        self.export.clicked.connect(self.export_requested)
        self.total = label("faint")
        self.present = button(appearance, "agenda.present", "primary", "presentation-chart")
        self.present.clicked.connect(self.present_requested)
        tools = row(self.add, self.update_, self.duplicate, self.up, self.down, self.remove, 1, self.export, gap=2)
        foot = QWidget()
        foot.setLayout(column(tools, row(self.total, 1, self.present, gap=6), margins=(10, 6, 10, 8), gap=6))
        return foot

    def _build_page(self) -> QWidget:
        appearance = self._appearance
        self.title, self.date = QLineEdit(), QLineEdit()
        self.title.editingFinished.connect(lambda: self._say("title", self.title.text().strip()))
        self.date.setPlaceholderText("2026-05-01")
        self.date.editingFinished.connect(self._say_date)
        self.indicator, self.sheet = PlainCombo(), PlainCombo()
        for combo in (self.indicator, self.sheet):
            combo.setMinimumContentsLength(8)
            combo.setSizeAdjustPolicy(PlainCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.indicator.activated.connect(lambda _: self._say("indicator", str(self.indicator.currentData() or "")))
        self.sheet.activated.connect(lambda _: self._say("sheet", str(self.sheet.currentData() or "")))
        self.minutes = number_field(0.0, 600.0, decimals=1)
        appearance.say(self.minutes.setSuffix, "agenda.minutes.suffix")
        appearance.say(self.minutes.setSpecialValueText, "agenda.minutes.none")
        self.minutes.lineEdit().setTextMargins(7, 0, 0, 0)  # the style's padding does not reach the text
        self.minutes.setKeyboardTracking(False)
        self.minutes.valueChanged.connect(lambda value: self._say("minutes", float(value)))
        self.notes = QPlainTextEdit()
        self.notes.setTabChangesFocus(True)
        self.notes.setMinimumHeight(64)
        appearance.say(self.notes.setPlaceholderText, "agenda.notes.hint")
        self._writing = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._writing.timeout.connect(self._save_notes)
        self.notes.textChanged.connect(lambda: None if self._is_filling else self._writing.start())
        self.notes.installEventFilter(self)
        form = QFormLayout()
        form.setContentsMargins(12, 8, 12, 10)
        form.setHorizontalSpacing(10)
        form.setVerticalSpacing(6)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for key, field in (
            ("agenda.column.title", self.title), ("agenda.column.indicator", self.indicator),
            ("agenda.column.sheet", self.sheet), ("agenda.column.date", row(self.date, self.minutes, gap=6)),
            ("agenda.column.notes", self.notes),
        ):  # fmt: skip
            form.addRow(caption(appearance, key, "soft"), field)
        self.page = QWidget()
        self.page.setLayout(form)
        return self.page

    # --- what is shown ---------------------------------------------------------------------------------------------
    def set_stops(self, stops: Sequence[StopLine], total: str) -> None:
        """Show the stops, and how long they take."""
        self.total.setText(total)
        if tuple(stops) != self._stops:
            self._stops = tuple(stops)
            self._draw()

    def set_choices(self, indicators: Sequence[tuple[str, str]], sheets: Sequence[tuple[str, str]]) -> None:
        """Offer indicators and sheets, id and title of each."""
        self._is_filling = True
        self.indicator.offer(indicators)
        self.sheet.offer(sheets)
        self._is_filling = False

    def show_page(self, page: StopPage) -> None:
        """Show what is said of the stop that is chosen; an empty id for none."""
        before, self._page, self._is_filling = self._page.id, page, True
        for field, text in ((self.title, page.title), (self.date, page.date)):
            if field.text() != text:
                field.setText(text)
        is_written = self._writing.isActive() and page.id == before
        if self.notes.toPlainText() != page.notes and not is_written:
            self.notes.setPlainText(page.notes)
        for combo, value in ((self.indicator, page.indicator), (self.sheet, page.sheet)):
            combo.setCurrentIndex(max(combo.findData(value), 0))
        self.minutes.setValue(page.minutes)
        self._is_filling = False
        self.page.setEnabled(bool(page.id))

    @property
    def current(self) -> str:
        """Return the id of the stop that is chosen, empty for none."""
        item = self.list.currentItem()
        return "" if item is None else str(item.data(ID))

    def choose(self, stop_id: str) -> None:
        """Choose a stop without going there."""
        for at in range(self.list.count()):
            if str(self.list.item(at).data(ID)) == stop_id:
                self.list.setCurrentRow(at)

    def _draw(self) -> None:
        kept = self.current
        self.list.blockSignals(True)
        self.list.clear()
        self._icons = {one.picture: self._icons.get(one.picture) or icon_of(one.picture) for one in self._stops}
        for at, one in enumerate(self._stops, 1):
            icon = self._icons.get(one.picture) or self._appearance.icon("image", "text_faint")
            item = QListWidgetItem(icon, f"{at}  {one.title}")
            item.setData(ID, one.id)
            item.setData(DETAIL, one.detail)
            item.setData(MARK, one.mark)
            item.setToolTip(plain_tip(f"{one.title}\n{one.detail}"))
            self.list.addItem(item)
        self.choose(kept)
        if self.list.currentItem() is None and self._stops:
            self.list.setCurrentRow(0)
        self.list.blockSignals(False)
        self._stack.setCurrentIndex(1 if self._stops else 0)
        if self.current != kept:
            self.chosen.emit(self.current)

    # --- what is asked ---------------------------------------------------------------------------------------------
    def _on_current(self) -> None:
        self._save_notes()
        self.chosen.emit(self.current)

    def _say(self, part: str, value: object) -> None:
        if not self._is_filling and self._page.id and value != getattr(self._page, part):
            self.changed.emit(self._page.id, {part: value})

    def _say_date(self) -> None:
        if not self._is_filling and self._page.id and self.date.text().strip() != self._page.date:
            self.date_changed.emit(self._page.id, self.date.text())

    def _save_notes(self) -> None:
        self._writing.stop()
        self._say("notes", self.notes.toPlainText())

    def _move(self, step: int) -> None:
        at = self.list.currentRow() + step
        if self.current and 0 <= at < self.list.count():
            self.moved.emit(self.current, at)

    def _emit(self, signal: object) -> None:
        if self.current:
            signal.emit(self.current)  # type: ignore[attr-defined]

    def _menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        if item is None:
            return
        menu, word = QMenu(self), self._appearance.word
        for icon, key, signal in (
            ("airplane-tilt", "agenda.go", self.go_requested),
            ("arrows-clockwise", "agenda.update", self.update_requested),
            ("copy", "agenda.duplicate", self.duplicate_requested),
            ("trash", "agenda.remove", self.remove_requested),
        ):
            menu.addAction(self._appearance.icon(icon), word(key), lambda signal=signal: self._emit(signal))
        rename = menu.addAction(self._appearance.icon("pencil-simple"), word("agenda.rename"))
        rename.triggered.connect(self.begin_renaming)
        menu.exec(self.list.viewport().mapToGlobal(at))
        menu.deleteLater()

    def begin_renaming(self) -> None:
        """Let the title of the stop that is chosen be written."""
        self.title.setFocus()
        self.title.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Keep what was written when the notes are left; take keys of the list."""
        if watched is self.notes and event.type() == QEvent.Type.FocusOut:
            self._save_notes()
        if watched is self.list and event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            key = event.key()  # type: ignore[attr-defined]
            if key in (Qt.Key.Key_Delete, Qt.Key.Key_F2):
                event.accept()
                if event.type() == QEvent.Type.KeyPress:
                    self._emit(self.remove_requested) if key == Qt.Key.Key_Delete else self.begin_renaming()
                return True
        return super().eventFilter(watched, event)


class _Row(PictureDelegate):
    """Draws a stop: its picture, number and title, and below what belongs to it."""

    def draw(self, row: RowPainter, index: Index) -> None:
        """Draw what a row holds."""
        box, frame = row.box, self.draw_picture(row, index)
        mark, detail = str(index.data(MARK) or ""), str(index.data(DETAIL) or "")
        room = QRect(frame.right() + 12, box.top(), box.right() - frame.right() - (40 if mark else 20), box.height())
        if detail:
            row.text(room.adjusted(0, 6, 0, -room.height() // 2), str(index.data()))
            row.text(room.adjusted(0, room.height() // 2, 0, -7), detail, "small", "text_faint")
        else:
            row.text(room, str(index.data()))
        if mark:
            row.icon(mark, "warn", box.right() - 24, 15)

"""Topics of a review: the list, and beside it what one of them says.

The panel shows plain views of topics (:class:`TopicLine`, :class:`TopicPage`); words for states and kinds that BCF
leaves to the tools come with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPlainTextEdit,
    QSizePolicy,
    QSplitter,
    QStackedLayout,
    QWidget,
)

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import (
    Card,
    EmptyHint,
    Page,
    button,
    caption,
    clear,
    column,
    label,
    line,
    row,
    tool,
)
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo, plain_tip
from viewers.widgets.common.rows import Index, PictureDelegate, RowPainter
from viewers.widgets.review.opinion_parts import DecisionForm, DecisionView, OpinionFilter, Sortable

_LINE = Qt.ItemDataRole.UserRole + 1
_THUMB = QSize(76, 52)


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic in the list: title, author, date, a picture (PNG or JPEG), and by what it is filtered and sorted."""

    guid: str
    title: str
    status: str
    tint: str
    detail: str
    picture: bytes = b""
    search: str = ""
    sortable: Sortable = field(default_factory=Sortable)


@dataclass(frozen=True, slots=True)
class Said:
    """A comment: who and when, what, and the guid of its view."""

    head: str
    text: str
    view: str = ""


@dataclass(frozen=True, slots=True)
class TopicPage:
    """One topic with its comments.

    Parameters
    ----------
    guid, title, description : str
    facts : tuple of (str, str)
        Labels and values.
    status : str
        As written in the topic.
    views : tuple of (str, bytes)
        Guid and picture.
    comments : tuple of Said
    decision : DecisionView or None
        None for what is no opinion.
    """

    guid: str
    title: str
    description: str
    facts: tuple[tuple[str, str], ...]
    status: str
    views: tuple[tuple[str, bytes], ...]
    comments: tuple[Said, ...]
    decision: DecisionView | None = None


class TopicsPanel(QWidget):
    """The panel.

    Signals
    -------
    chosen : (guid)
    look_requested : (topic guid, view guid), an empty view is the first
    new_requested, import_requested, export_requested : ()
    comment_requested : (topic guid, text, bool with a view)
    status_requested : (topic guid, status)
    delete_requested : (topic guid)
    decide_requested : (topic guid, verdict, reply, by whom)
    note_requested : ()
        Note an opinion on what is on the screen.

    Parameters
    ----------
    appearance : Appearance
    """

    chosen = Signal(str)
    look_requested = Signal(str, str)
    new_requested = Signal()
    import_requested = Signal()
    export_requested = Signal()
    comment_requested = Signal(str, str, bool)
    status_requested = Signal(str, str)
    delete_requested = Signal(str)
    decide_requested = Signal(str, str, str, str)
    note_requested = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._lines: list[TopicLine] = []
        self._page: TopicPage | None = None
        self._statuses: list[tuple[str, str]] = []
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        appearance.say(self.search.setPlaceholderText, "topics.search")
        self.search.textChanged.connect(lambda _: self._fill())
        self.add = button(appearance, "topics.new", "primary", "plus")
        self.add.clicked.connect(self.new_requested)
        self.note = button(appearance, "opinions.new", "", "note-pencil")
        self.note.clicked.connect(self.note_requested)
        self.filter = OpinionFilter(appearance)
        self.filter.changed.connect(self._fill)
        self.filter.hide()
        self.selected: frozenset[str] = frozenset()
        self.decided_by = ""
        self.bring = tool(appearance, "download-simple", "topics.import")
        self.bring.clicked.connect(self.import_requested)
        self.send = tool(appearance, "export", "topics.export")
        self.send.clicked.connect(self.export_requested)
        self.list = QListWidget()
        self.list.setItemDelegate(_Lines(appearance, self.list, _THUMB, 9))
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.currentItemChanged.connect(self._on_current_changed)
        self.list.itemActivated.connect(lambda item: self.look_requested.emit(_guid(item), ""))
        self.page = Page()
        self.words = _Words()
        self.words.setFixedHeight(58)
        appearance.say(self.words.setPlaceholderText, "topics.say")
        self.with_view = button(appearance, "topics.send_view", "quiet", "camera")
        self.without = button(appearance, "topics.send", "primary")
        self.words.textChanged.connect(self._on_words_changed)
        self.words.sent.connect(lambda: self._say(False))
        self.without.clicked.connect(lambda: self._say(False))
        self.with_view.clicked.connect(lambda: self._say(True))
        self._foot = QWidget()
        self._foot.setLayout(
            column(self.words, row(1, self.with_view, self.without, gap=6), margins=(14, 8, 14, 10), gap=6)
        )
        self._foot.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        detail = QWidget()
        detail.setLayout(column(self.page, line(), self._foot, gap=0))
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.addWidget(self.list)
        self.split.addWidget(detail)
        self.split.setSizes([230, 520])
        self.split.setChildrenCollapsible(False)
        self._detail = detail
        self.hint = EmptyHint(appearance, "chats", "topics.empty", "topics.new")
        self.hint.pressed.connect(self.new_requested)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.hint)
        self._stack.addWidget(self.split)
        head = row(self.add, self.note, 1, self.bring, self.send, margins=(12, 8, 8, 8), gap=4)
        search = row(self.search, margins=(12, 0, 12, 8))
        self.setLayout(column(head, search, self.filter, line(), self._stack, gap=0))
        appearance.look_changed.connect(self._draw)
        self._on_words_changed()
        self._draw()

    @property
    def current(self) -> str:
        """Return the guid of the topic that is shown, empty for none."""
        item = self.list.currentItem()
        return _guid(item) if item is not None else ""

    def set_topics(self, lines: Sequence[TopicLine], statuses: Sequence[tuple[str, str]]) -> None:
        """Show the topics; ``statuses`` are offered for change, as ``(written, word)``."""
        self._statuses = list(statuses)
        self.filter.setVisible(any(one.sortable.opinion for one in lines))
        self.filter.offer([one.sortable for one in lines])
        if list(lines) != self._lines:
            self._lines = list(lines)
            self._fill()

    def set_selected(self, guids: frozenset[str]) -> None:
        """Say which topics are about the selected objects."""
        if guids != self.selected:
            self.selected = guids
            if self.filter.selected.isChecked():
                self._fill()

    def show_page(self, page: TopicPage | None) -> None:
        """Show one topic, or none."""
        if page != self._page:
            is_same = page is not None and self._page is not None and page.guid == self._page.guid
            bar = self.page.verticalScrollBar()
            place = bar.value() if is_same else 0
            self._page = page
            self._draw()
            # the focus that left with what was drawn before scrolls to the next field
            QTimer.singleShot(0, self, lambda: bar.setValue(place))

    def choose(self, guid: str) -> None:
        """Make a topic the one that is shown."""
        for at in range(self.list.count()):
            if _guid(self.list.item(at)) == guid:
                self.list.setCurrentRow(at)

    def _fill(self) -> None:
        wanted, text = self.current, self.search.text().strip().casefold()
        self.list.blockSignals(True)
        self.list.clear()
        for one in sorted(self._lines, key=lambda one: self.filter.place(one.sortable)):
            if self.filter.isVisibleTo(self) and not self._is_listed(one):
                continue
            if text and text not in f"{one.title} {one.detail} {one.search}".casefold():
                continue
            item = QListWidgetItem(one.title)
            item.setData(Qt.ItemDataRole.UserRole, one.guid)
            item.setData(_LINE, one)
            item.setData(Qt.ItemDataRole.DecorationRole, _thumb(one.picture, _THUMB))
            item.setToolTip(plain_tip(one.title))
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.choose(wanted)
        if self.list.currentItem() is None and self.list.count():
            self.list.setCurrentRow(0)
        self._stack.setCurrentIndex(1 if self._lines else 0)
        self.search.setVisible(bool(self._lines))
        self.send.setEnabled(bool(self._lines))
        self.chosen.emit(self.current)

    def _is_listed(self, one: TopicLine) -> bool:
        """Whether the filters let a topic through."""
        if self.filter.selected.isChecked() and one.guid not in self.selected:
            return False
        return self.filter.accepts(one.sortable)

    def _draw(self) -> None:
        clear(self.page.column)
        page = self._page
        self._detail.setVisible(page is not None)
        if page is None:
            return
        into = self.page.column
        title = label("heading", wrap=True, select=True)
        title.setText(page.title)
        into.addWidget(title)
        if page.decision is None:
            into.addLayout(self._status_row(page))
        else:
            into.addWidget(self._decision(page.guid, page.decision))
        self._foot.setVisible(page.decision is None)
        if page.description:
            text = label(wrap=True, select=True)
            text.setText(page.description)
            into.addWidget(text)
        for guid, picture in page.views:
            into.addWidget(self._view_card(page.guid, guid, picture))
        for name, value in page.facts:
            left, right = label("small"), label(wrap=True, select=True)
            left.setText(name)
            left.setFixedWidth(76)
            left.setAlignment(Qt.AlignmentFlag.AlignTop)
            right.setText(value)
            pair = row(left, right, gap=8)
            pair.setStretch(1, 1)
            into.addLayout(pair)
        if page.comments:
            into.addWidget(caption(self._appearance, "topics.said", "section"))
        for one in page.comments:
            into.addWidget(self._comment(page.guid, one))
        into.addStretch(1)

    def _decision(self, topic: str, view: DecisionView) -> QWidget:
        self.form = form = DecisionForm(self._appearance, view, self.decided_by)

        def decide(verdict: str, reply: str, by: str) -> None:
            self.decided_by = by
            self.decide_requested.emit(topic, verdict, reply, by)

        form.decided.connect(decide)
        form.look_requested.connect(lambda: self.look_requested.emit(topic, ""))
        return form

    def _status_row(self, page: TopicPage) -> QHBoxLayout:
        choice = PlainCombo()
        self._appearance.say(choice.setAccessibleName, "topics.status")
        written = dict(self._statuses)
        for value, word in {page.status: written.get(page.status, page.status), **written}.items():
            choice.addItem(word, value)
        choice.setCurrentIndex(choice.findData(page.status))
        choice.activated.connect(lambda at: self.status_requested.emit(page.guid, str(choice.itemData(at))))
        look = button(self._appearance, "topics.look", "", "eye")
        look.setEnabled(bool(page.views))
        look.clicked.connect(lambda: self.look_requested.emit(page.guid, ""))
        return row(choice, look, 1, gap=8)

    def _view_card(self, topic: str, guid: str, picture: bytes) -> QWidget:
        card = Card()
        inner = label()
        inner.setAlignment(Qt.AlignmentFlag.AlignCenter)
        if picture:
            inner.setPixmap(_thumb(picture, QSize(292, 164)))
        else:
            self._appearance.say(inner.setText, "topics.no_picture")
        self._appearance.say(card.setToolTip, "topics.look_tip")
        card.setLayout(column(inner, margins=3))
        card.clicked.connect(lambda: self.look_requested.emit(topic, guid))
        return card

    def _comment(self, topic: str, one: Said) -> QWidget:
        head, text = label("small"), label(wrap=True, select=True)
        head.setText(one.head)
        text.setText(one.text)
        top = row(head, 1, gap=4)
        if one.view:
            look = tool(self._appearance, "eye", "topics.look_tip", size=14)
            look.clicked.connect(lambda: self.look_requested.emit(topic, one.view))
            top.addWidget(look)
        result = QWidget()
        result.setLayout(column(top, text, margins=(0, 4, 0, 6), gap=2))
        return result

    def _on_current_changed(self) -> None:
        self.chosen.emit(self.current)

    def _on_words_changed(self) -> None:
        ready = bool(self.words.toPlainText().strip())
        self.without.setEnabled(ready)
        self.with_view.setEnabled(ready)

    def _say(self, with_view: bool) -> None:
        text = self.words.toPlainText().strip()
        if text and self._page is not None:
            self.words.clear()
            self.comment_requested.emit(self._page.guid, text, with_view)

    def _menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        if item is None:
            return
        guid, menu, word = _guid(item), QMenu(self), self._appearance.word
        menu.addAction(self._appearance.icon("eye"), word("topics.look"), lambda: self.look_requested.emit(guid, ""))
        menu.addAction(self._appearance.icon("trash"), word("topics.delete"), lambda: self.delete_requested.emit(guid))
        menu.exec(self.list.viewport().mapToGlobal(at))
        menu.deleteLater()


class TopicQuestion(Ask):
    """Ask what a new topic is about; the answers are in :attr:`title`, :attr:`fields`."""

    def __init__(
        self,
        appearance: Appearance,
        picture: bytes,
        kinds: Sequence[tuple[str, str]],
        priorities: Sequence[tuple[str, str]],
        title: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(appearance, "topics.new_title", parent)
        self._title = QLineEdit(title)
        appearance.say(self._title.setPlaceholderText, "topics.title_hint")
        appearance.say(self._title.setAccessibleName, "topics.title_hint")
        self._text = QPlainTextEdit()
        self._text.setFixedHeight(84)
        appearance.say(self._text.setPlaceholderText, "topics.text_hint")
        self._kind, self._priority = PlainCombo(), PlainCombo()
        for choice, values in ((self._kind, kinds), (self._priority, priorities)):
            for value, word in values:
                choice.addItem(word, value)
        self._priority.setCurrentIndex(1)
        self._to = QLineEdit()
        seen = label()
        seen.setPixmap(_thumb(picture, QSize(416, 220)))
        seen.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.body.addWidget(caption(appearance, "topics.new_title", "heading"))
        self.body.addWidget(seen)
        self.body.addWidget(self._title)
        self.body.addWidget(self._text)
        self.body.addLayout(row(caption(appearance, "topics.kind", "small"), self._kind, 1,
                                caption(appearance, "topics.priority", "small"), self._priority, gap=8))  # fmt: skip
        self.body.addLayout(row(caption(appearance, "topics.assigned_to", "small"), self._to, gap=8))
        self.add_button("window.cancel", "")
        self.ok = self.add_button("topics.new_ok", "ok", "primary")
        self._title.textChanged.connect(lambda text: self.ok.setEnabled(bool(text.strip())))
        self.ok.setEnabled(bool(title.strip()))
        self.setFixedWidth(464)

    @property
    def title(self) -> str:
        """Return the title that was typed."""
        return self._title.text().strip()

    @property
    def fields(self) -> dict[str, str]:
        """Return the comments."""
        return {
            "description": self._text.toPlainText().strip(),
            "kind": str(self._kind.currentData()),
            "priority": str(self._priority.currentData()),
            "assigned_to": self._to.text().strip(),
        }


class FindingsQuestion(Ask):
    """Ask how many topics are to be made of many findings: answers ``"each"``, ``"grouped"`` or nothing."""

    def __init__(self, appearance: Appearance, findings: int, groups: int, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "topics.many_title", parent)
        count, some = f"{findings:,}", f"{groups:,}"
        self.body.addWidget(caption(appearance, "topics.many", "heading", wrap=True, count=count))
        self.body.addWidget(caption(appearance, "topics.many_why", "soft", wrap=True, groups=some))
        self.add_button("window.cancel", "")
        self.each = self.add_button("topics.many_each", "each")
        self.grouped = self.add_button("topics.many_grouped", "grouped", "primary")
        self.setFixedWidth(480)


class _Words(QPlainTextEdit):
    """A field for a comment; Ctrl+Enter sends it."""

    sent = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Send on Ctrl+Enter, else type."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.sent.emit()
        else:
            super().keyPressEvent(event)


class _Lines(PictureDelegate):
    """Draws a topic as picture, title, state, author and date."""

    def draw(self, row: RowPainter, index: Index) -> None:
        """Draw what a row holds."""
        painter, frame, one = row.painter, self.frame_of(row), index.data(_LINE)
        if not isinstance(one, TopicLine):
            return
        outline = row.rounded(frame, 5, "sunken")
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(picture, QPixmap) and not picture.isNull():
            painter.setClipPath(outline)
            painter.drawPixmap(frame, picture)
            painter.setClipping(False)
        else:
            icon = self.appearance.icon("chats", "text_faint")
            icon.paint(painter, frame.center().x() - 9, frame.center().y() - 9, 18, 18)
        left = frame.right() + 12
        room = QRect(left, frame.top(), row.box.right() - left - 10, 18)
        row.text(room, one.title, bold=True)
        second = room.translated(0, 20)
        row.dot(one.tint, second.left(), second.center().y() - 3, 8)
        row.text(second.adjusted(14, 0, 0, 0), one.status, "small", "text_soft", elide=Qt.TextElideMode.ElideNone)
        row.text(room.translated(0, 37), one.detail, "small", "text_faint")


def _guid(item: QListWidgetItem) -> str:
    return str(item.data(Qt.ItemDataRole.UserRole))


def _thumb(picture: bytes, size: QSize) -> QPixmap:
    """Return a picture that fills ``size``, its middle where the shapes differ; nothing where it cannot be read."""
    found = QPixmap()
    if not picture or not found.loadFromData(picture):
        return QPixmap()
    grown = found.scaled(
        size * 2, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    )
    left, top = (grown.width() - size.width() * 2) // 2, (grown.height() - size.height() * 2) // 2
    result = grown.copy(left, top, size.width() * 2, size.height() * 2)
    result.setDevicePixelRatio(2.0)
    return result

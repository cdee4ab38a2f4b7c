"""The panel of scenes: a gallery of presets, the page of the one that was chosen, and its long lists."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLayout, QStackedLayout, QWidget

from models.query.ranking import Ranking
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import Card, Page, button, caption, clear, column, label, line, row, tool
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.ranked_list import RankedColumn, RankedList
from viewers.widgets.scenes.figures import figure_card
from viewers.widgets.scenes.thumbnail import SIZE, thumbnail
from viewers.widgets.scenes.views import FigureView, MissingView, SceneEntry, ScenePage

GALLERY, SCENE, LIST = range(3)
_STATE_ROLE = {"ready": "good", "partly": "small", "missing": "faint"}


class ScenesPanel(QWidget):
    """Scenes to choose from, and what the chosen one tells.

    Signals
    -------
    scene_requested : (preset id) show it, or what it lacks
    back_requested : () to the gallery
    leave_requested, sheet_requested, picture_requested : ()
    go_requested : (ObjectKey)
    list_requested : (number of the figure) show all rows of a list
    """

    scene_requested = Signal(str)
    back_requested = Signal()
    leave_requested = Signal()
    sheet_requested = Signal()
    picture_requested = Signal()
    go_requested = Signal(object)
    list_requested = Signal(int)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._entries: tuple[SceneEntry, ...] = ()
        self._errors: tuple[str, ...] = ()
        self._page: ScenePage | None = None
        self.gallery, self.page = Page(), Page()
        self.back = tool(appearance, "arrow-left", "scenes.back", size=16)
        self.back.clicked.connect(self.back_requested)
        self.title = label("heading", wrap=True)
        self.leave = button(appearance, "scenes.leave", icon="arrow-u-up-left")
        self.sheet = button(appearance, "scenes.sheet", icon="printer")
        self.picture = tool(appearance, "camera", "scenes.snapshot", size=17)
        self.leave.clicked.connect(self.leave_requested)
        self.sheet.clicked.connect(self.sheet_requested)
        self.picture.clicked.connect(self.picture_requested)
        self.buttons = QWidget()
        self.buttons.setLayout(row(self.leave, self.sheet, 1, self.picture, margins=(12, 0, 12, 8), gap=6))
        head = row(self.back, self.title, margins=(8, 8, 12, 6), gap=6)
        head.setStretch(1, 1)
        scene = QWidget()
        scene.setLayout(column(head, self.buttons, line(), self.page, gap=0))
        self.list = RankedList(appearance)
        self.list.go_requested.connect(self.go_requested)
        self.list_back = tool(appearance, "arrow-left", "scenes.back_to_scene", size=16)
        self.list_title = label("strong", wrap=True)
        listing = QWidget()
        top = row(self.list_back, self.list_title, margins=(8, 8, 12, 6), gap=6)
        top.setStretch(1, 1)
        listing.setLayout(column(top, line(), self.list, gap=0))
        self._stack = QStackedLayout(self)
        self.list_back.clicked.connect(lambda: self._stack.setCurrentIndex(SCENE))
        for widget in (self.gallery, scene, listing):
            self._stack.addWidget(widget)
        appearance.look_changed.connect(self._draw)

    @property
    def entries(self) -> tuple[SceneEntry, ...]:
        """Return the scenes of the gallery."""
        return self._entries

    @property
    def showing(self) -> int:
        """Return which page is seen: the gallery, a scene or a list."""
        return self._stack.currentIndex()

    def show_gallery(self, entries: Sequence[SceneEntry], errors: Sequence[str]) -> None:
        """Fill the gallery; ``errors`` are sentences about files that cannot be read."""
        self._entries, self._errors = tuple(entries), tuple(errors)
        self._draw_gallery()

    def show_scene(self, page: ScenePage | None) -> None:
        """Show the page of a scene, or the gallery."""
        stays = page is not None and self._page is not None and page.id == self._page.id
        self._page = page
        if page is None:
            self._stack.setCurrentIndex(GALLERY)
            return
        self._draw_scene()
        if not (stays and self.showing == LIST):
            self._stack.setCurrentIndex(SCENE)

    def show_list(self, title: str, ranking: Ranking, columns: Sequence[RankedColumn], total: str) -> None:
        """Show all rows of a list."""
        self.list_title.setText(title)
        self.list.show_ranking(ranking, columns, "", lambda *_: total, "")
        self._stack.setCurrentIndex(LIST)
        self.list.view.setFocus()

    def _draw(self) -> None:
        self._draw_gallery()
        if self._page is not None:
            self._draw_scene()

    # --- gallery -----------------------------------------------------------------------------------------------------
    def _draw_gallery(self) -> None:
        place = self.gallery.column
        clear(place)
        place.addWidget(caption(self._appearance, "scenes.gallery.intro", "small", wrap=True))
        for entry in self._entries:
            place.addWidget(self._entry(entry))
        if self._errors:
            place.addWidget(caption(self._appearance, "scenes.errors", "section"))
            for text in self._errors:
                said = label("bad", wrap=True)
                said.setText(text)
                place.addWidget(said)
        place.addStretch(1)

    def _entry(self, entry: SceneEntry) -> Card:
        card = Card()
        card.setObjectName(f"scene_{entry.id}")
        card.set_current(entry.is_on)
        card.setAccessibleName(entry.name)
        picture = label()
        missing = entry.state == "missing"
        marks = thumbnail(self._appearance, entry.marks, underground=entry.is_underground, faint=missing)
        picture.setPixmap(marks)
        picture.setFixedSize(SIZE)
        name, purpose, state = label("strong", wrap=True), label("small", wrap=True), label(_STATE_ROLE[entry.state])
        name.setText(entry.name)
        purpose.setText(entry.purpose)
        state.setText(entry.state_text)
        state.setStyleSheet("font-size: 11px")
        words = column(name, purpose, state, gap=3)
        layout = row(picture, words, margins=(8, 8, 10, 8), gap=11)
        layout.setAlignment(picture, Qt.AlignmentFlag.AlignTop)
        layout.setStretch(1, 1)
        card.setLayout(layout)
        card.setToolTip(plain_tip(entry.detail))
        card.clicked.connect(lambda: self.scene_requested.emit(entry.id))
        return card

    # --- the scene that was chosen -----------------------------------------------------------------------------------
    def _draw_scene(self) -> None:
        page = self._page
        assert page is not None  # noqa: S101 - the callers looked
        self.title.setText(page.name)
        self.buttons.setVisible(page.is_on)
        place = self.page.column
        clear(place)
        purpose = label("small", wrap=True)
        purpose.setText(page.purpose)
        place.addWidget(purpose)
        if page.is_synthetic:
            place.addLayout(row(caption(self._appearance, "scenes.synthetic", "pill"), 1))
        if page.missing and not page.is_on:
            self._draw_missing(page.missing)
        numbers: list[QWidget] = []
        for at, view in enumerate(page.figures):
            card = self._figure(at, view)
            if view.kind in ("number", "share"):
                numbers.append(card)
                if len(numbers) == 2:
                    place.addLayout(_pair(*numbers))
                    numbers = []
                continue
            if numbers:
                place.addWidget(numbers.pop())
            place.addWidget(card)
        if numbers:
            place.addWidget(numbers.pop())
        if page.missing and page.is_on:
            self._draw_missing(page.missing)
        if page.remarks:
            place.addWidget(caption(self._appearance, "scenes.remarks", "section"))
            for text, source in page.remarks:
                said, whence = label("small", wrap=True), label("faint", wrap=True)
                said.setText(text)
                whence.setText(source)
                place.addWidget(said)
                if source:
                    place.addWidget(whence)
        place.addStretch(1)

    def _figure(self, at: int, view: FigureView) -> QWidget:
        return figure_card(self._appearance, view, self.go_requested.emit, lambda: self.list_requested.emit(at))

    def _draw_missing(self, missing: Sequence[MissingView]) -> None:
        place = self.page.column
        place.addWidget(caption(self._appearance, "scenes.missing.title", "section"))
        for one in missing:
            frame = QFrame()
            frame.setProperty("role", "hint")
            name, need, why, how = (
                label("strong", wrap=True),
                label("faint"),
                label("bad", wrap=True),
                label("small", wrap=True),
            )
            name.setText(one.name)
            need.setText(one.need)
            why.setText(one.why)
            how.setText(one.how_to)
            top = row(name, need, gap=6)
            top.setStretch(0, 1)
            top.setAlignment(need, Qt.AlignmentFlag.AlignTop)
            frame.setLayout(column(top, why, how, margins=(11, 9, 11, 10), gap=4))
            place.addWidget(frame)


def _pair(left: QWidget, right: QWidget) -> QLayout:
    pair = row(left, right, gap=8)
    pair.setStretch(0, 1)
    pair.setStretch(1, 1)
    return pair

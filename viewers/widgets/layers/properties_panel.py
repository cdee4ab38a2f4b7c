"""Everything known of what is selected."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Protocol

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QMenu, QStackedLayout, QToolButton, QWidget

from models.core.spreadsheet_text import guarded
from models.project.selection import ObjectKey
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, Page, clear, column, label, line, row, tool


class SectionLike(Protocol):
    """One group of rows (``app.usecases.query.describe.Section``)."""

    @property
    def title(self) -> str:
        """Return its heading."""

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """Return labels and values."""

    @property
    def links(self) -> Mapping[str, tuple[tuple[str, ObjectKey], ...]]:
        """Return by label the objects of which a value speaks."""


#: From so many rows on there is a field to search in them.
SEARCH_FROM = 16
#: Sections after so many rows stand folded at first: a wall of one institute brought 900 properties.
UNFOLDED_ROWS = 60


class PropertiesPanel(QWidget):
    """The identify panel: name, layer, sections of labels and values.

    Signals
    -------
    zoom_requested : ()
    step_requested : (int) the next or the one before of what is selected
    go_requested : (ObjectKey) an object that a value names was clicked
    """

    zoom_requested = Signal()
    go_requested = Signal(object)
    step_requested = Signal(int)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._folded: dict[str, bool] = {}
        self._shown: tuple[str, str, list[SectionLike]] = ("", "", [])
        self.title = label("heading", wrap=True, select=True)
        self.layer = label("small")
        self.zoom = tool(appearance, "crosshair-simple", "properties.zoom")
        self.copy = tool(appearance, "copy", "properties.copy_all")
        self.zoom.clicked.connect(self.zoom_requested)
        self.copy.clicked.connect(self._copy_all)
        self.back = tool(appearance, "caret-left", "properties.previous", size=14)
        self.on = tool(appearance, "caret-right", "properties.next", size=14)
        self.back.clicked.connect(lambda: self.step_requested.emit(-1))
        self.on.clicked.connect(lambda: self.step_requested.emit(1))
        self.place = label("small")
        self.steps = QWidget()
        self.steps.setLayout(row(self.back, self.place, self.on, 1, gap=2))
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        appearance.say(self.search.setPlaceholderText, "properties.search")
        appearance.say(self.search.setAccessibleName, "properties.search")
        self._pause = QTimer(self, singleShot=True, interval=120)
        self._pause.timeout.connect(self._draw)
        self.search.textChanged.connect(lambda _: self._pause.start())
        self.page = Page(margins=(14, 4, 14, 16))
        head = QWidget()
        head.setObjectName("page")
        top = row(column(self.title, self.layer, gap=2), gap=4)
        top.setStretch(0, 1)
        for press in (self.zoom, self.copy):
            top.addWidget(press, 0, Qt.AlignmentFlag.AlignTop)
        head.setLayout(column(top, self.steps, row(self.search, margins=(0, 2, 6, 2)), margins=(14, 12, 8, 6), gap=4))
        self.hint = EmptyHint(appearance, "cursor", "properties.empty")
        body = QWidget()
        body.setLayout(column(head, line(), self.page, gap=0))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(body)

    def show_object(
        self, title: str, layer: str, sections: Sequence[SectionLike], position: int = 0, total: int = 1
    ) -> None:
        """Show one object, the ``position``-th of ``total`` selected ones."""
        self._shown = (title, layer, list(sections))
        self.title.setText(title)
        self.layer.setText(layer)
        self.steps.setVisible(total > 1)
        self.place.setText(f"{position + 1} / {total}")
        self.search.setVisible(bool(self._words()) or sum(len(section.rows) for section in sections) >= SEARCH_FROM)
        self._draw()
        self._stack.setCurrentIndex(1)

    def show_nothing(self) -> None:
        """Say how something is selected."""
        self._shown = ("", "", [])
        self._stack.setCurrentIndex(0)

    def _words(self) -> list[str]:
        return self.search.text().casefold().split()

    def _draw(self) -> None:
        """Show the sections, or of them what is searched for."""
        words, sections = self._words(), self._shown[2]
        clear(self.page.column)
        rows = found = 0
        for section in sections:
            kept = [
                pair for pair in section.rows
                if all(word in f"{section.title} {pair[0]} {pair[1]}".casefold() for word in words)
            ]  # fmt: skip
            if not kept:
                continue
            folded = self._folded.get(section.title, rows > UNFOLDED_ROWS) and not words
            self._add_section(section, kept, folded)
            rows += len(kept)
            found += 1
        if words and not found:
            none = label("soft", wrap=True)
            none.setText(self._appearance.word("properties.search.none"))
            self.page.column.addWidget(none)
        self.page.column.addStretch(1)

    def _add_section(self, section: SectionLike, rows: Sequence[tuple[str, str]], folded: bool) -> None:
        head = QToolButton()
        head.setObjectName("sectionHead")
        head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        head.setAutoRaise(True)
        head.setText(section.title)
        body = QWidget()
        filled = [False]

        def draw(folded: bool) -> None:
            if not folded and not filled[0]:  # what nobody unfolds is never made
                filled[0] = True
                body.setLayout(self._grid(section, rows))
            body.setVisible(not folded)
            head.setIcon(self._appearance.icon("caret-right" if folded else "caret-down", "text_faint"))

        def fold() -> None:
            self._folded[section.title] = body.isVisible()
            draw(self._folded[section.title])

        head.clicked.connect(fold)
        self.page.column.addWidget(head, 0, Qt.AlignmentFlag.AlignLeft)
        self.page.column.addWidget(body)
        draw(folded)

    def _grid(self, section: SectionLike, rows: Sequence[tuple[str, str]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(2, 0, 0, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        for at, (name, value) in enumerate(rows):
            left, right = label("small", wrap=True), label(wrap=True, select=True)
            left.setText(CAPITALS.sub("\u200b", name))
            left.setFixedWidth(132)
            left.setAlignment(Qt.AlignmentFlag.AlignTop)
            links = section.links.get(name, ())
            if links:
                self._link(right, links)
            else:
                right.setText(_breakable(value))
            right.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            right.customContextMenuRequested.connect(
                lambda at, value=value, name=name, right=right: self._menu(right.mapToGlobal(at), name, value)
            )
            grid.addWidget(left, at, 0)
            grid.addWidget(right, at, 1)
        return grid

    def _link(self, target: QLabel, links: Sequence[tuple[str, ObjectKey]]) -> None:
        """Write names that lead to their objects."""
        colour = self._appearance.colours["accent"]
        target.setTextFormat(Qt.TextFormat.RichText)
        target.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        target.setText(" / ".join(
            f'<a href="{at}" style="color:{colour};text-decoration:none">{escape(text)}</a>'
            for at, (text, _) in enumerate(links)
        ))  # fmt: skip
        target.linkActivated.connect(lambda at: self.go_requested.emit(links[int(at)][1]))

    def _menu(self, at: QPoint, name: str, value: str) -> None:
        menu = QMenu(self)
        copy = QGuiApplication.clipboard().setText
        menu.addAction(
            self._appearance.icon("copy"), self._appearance.word("properties.copy_value"), lambda: copy(value)
        )
        menu.addAction(
            self._appearance.icon("copy"),
            self._appearance.word("properties.copy_row"),
            lambda: copy(f"{guarded(name)}\t{guarded(value)}"),
        )
        menu.exec(at)
        menu.deleteLater()

    def _copy_all(self) -> None:
        title, layer, sections = self._shown
        lines = [guarded(title), guarded(layer)]
        for section in sections:
            lines += ["", guarded(section.title)]
            lines += [f"{guarded(name)}\t{guarded(value)}" for name, value in section.rows]
        QGuiApplication.clipboard().setText("\n".join(lines))


#: Where a property name such as ThermalTransmittance may break.
CAPITALS = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _breakable(text: str) -> str:
    """Let a long code without spaces break over lines."""
    return text if len(text) < 20 or " " in text else "\u200b".join(text[i : i + 8] for i in range(0, len(text), 8))

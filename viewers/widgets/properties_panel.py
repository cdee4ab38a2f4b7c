"""Everything known of what is selected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QMenu, QStackedLayout, QToolButton, QWidget

from viewers.widgets.dress import Dress
from viewers.widgets.kit import EmptyHint, Page, clear, column, label, line, row, tool


class SectionLike(Protocol):
    """One group of rows (``app.usecases.describe.Section``)."""

    @property
    def title(self) -> str:
        """Return its heading."""

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """Return labels and values."""


class PropertiesPanel(QWidget):
    """The identify panel: name, layer, sections of labels and values.

    Signals
    -------
    zoom_requested, previous_requested, next_requested : ()
    """

    zoom_requested = Signal()
    step_requested = Signal(int)

    def __init__(self, dress: Dress, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dress = dress
        self._folded: set[str] = set()
        self._shown: tuple[str, str, list[SectionLike]] = ("", "", [])
        self.title = label("heading", wrap=True, select=True)
        self.layer = label("small")
        self.zoom = tool(dress, "crosshair-simple", "properties.zoom")
        self.copy = tool(dress, "copy", "properties.copy_all")
        self.zoom.clicked.connect(self.zoom_requested)
        self.copy.clicked.connect(self._copy_all)
        self.back = tool(dress, "caret-left", "properties.previous", size=14)
        self.on = tool(dress, "caret-right", "properties.next", size=14)
        self.back.clicked.connect(lambda: self.step_requested.emit(-1))
        self.on.clicked.connect(lambda: self.step_requested.emit(1))
        self.place = label("small")
        self.steps = QWidget()
        self.steps.setLayout(row(self.back, self.place, self.on, 1, gap=2))
        self.page = Page(margins=(14, 4, 14, 16))
        head = QWidget()
        head.setObjectName("page")
        top = row(column(self.title, self.layer, gap=2), gap=4)
        top.setStretch(0, 1)
        for press in (self.zoom, self.copy):
            top.addWidget(press, 0, Qt.AlignmentFlag.AlignTop)
        head.setLayout(column(top, self.steps, margins=(14, 12, 8, 6), gap=4))
        self.hint = EmptyHint(dress, "cursor", "properties.empty")
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
        clear(self.page.column)
        for section in sections:
            self._add_section(section)
        self.page.column.addStretch(1)
        self._stack.setCurrentIndex(1)

    def show_nothing(self) -> None:
        """Say how something is selected."""
        self._shown = ("", "", [])
        self._stack.setCurrentIndex(0)

    def _add_section(self, section: SectionLike) -> None:
        head = QToolButton()
        head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        head.setAutoRaise(True)
        head.setCheckable(False)
        head.setText(section.title)
        head.setStyleSheet(
            "QToolButton { font-weight: bold; padding: 4px 2px; border: none; background: transparent; }"
        )
        grid = QGridLayout()
        grid.setContentsMargins(2, 0, 0, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        body = QWidget()
        body.setLayout(grid)
        for at, (name, value) in enumerate(section.rows):
            left, right = label("small", wrap=True), label(wrap=True, select=True)
            left.setText(CAPITALS.sub("\u200b", name))
            left.setFixedWidth(132)
            left.setAlignment(Qt.AlignmentFlag.AlignTop)
            right.setText(_breakable(value))
            right.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            right.customContextMenuRequested.connect(
                lambda at, value=value, name=name, right=right: self._menu(right.mapToGlobal(at), name, value)
            )
            grid.addWidget(left, at, 0)
            grid.addWidget(right, at, 1)

        def fold() -> None:
            self._folded ^= {section.title}
            draw()

        def draw() -> None:
            folded = section.title in self._folded
            body.setVisible(not folded)
            head.setIcon(self._dress.icon("caret-right" if folded else "caret-down", "text_faint"))

        head.clicked.connect(fold)
        draw()
        self.page.column.addWidget(head, 0, Qt.AlignmentFlag.AlignLeft)
        self.page.column.addWidget(body)

    def _menu(self, at: QPoint, name: str, value: str) -> None:
        menu = QMenu(self)
        copy = QGuiApplication.clipboard().setText
        menu.addAction(self._dress.icon("copy"), self._dress.word("properties.copy_value"), lambda: copy(value))
        menu.addAction(
            self._dress.icon("copy"), self._dress.word("properties.copy_row"), lambda: copy(f"{name}\t{value}")
        )
        menu.exec(at)
        menu.deleteLater()

    def _copy_all(self) -> None:
        title, layer, sections = self._shown
        lines = [title, layer]
        for section in sections:
            lines += ["", section.title, *(f"{name}\t{value}" for name, value in section.rows)]
        QGuiApplication.clipboard().setText("\n".join(lines))


#: Where a property name such as ThermalTransmittance may break.
CAPITALS = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _breakable(text: str) -> str:
    """Let a long code without spaces break over lines."""
    return text if len(text) < 26 or " " in text else "\u200b".join(text[i : i + 8] for i in range(0, len(text), 8))

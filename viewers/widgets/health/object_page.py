"""One object that makes an indicator bad: what is known of it, and where to go with it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from models.project.selection import ObjectKey
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import Page, button, clear, column, label, line, row

#: A photo is shown at most so high, pixels.
PHOTO_PX = 150


@dataclass(frozen=True, slots=True)
class CheckView:
    """One row of a survey: what was looked for, what was found, when and by whom, with its photo's file."""

    title: str
    is_found: bool | None
    detail: str
    photo: str = ""


@dataclass(frozen=True, slots=True)
class ObjectView:
    """One object as shown.

    Parameters
    ----------
    key : ObjectKey
    title, layer : str
    why : str
        What is wrong with it, what it explains.
    others : tuple of (str, str)
        Codes and names of the other indicators that it makes bad.
    checks : tuple of CheckView
    sections : tuple of (str, tuple of (str, str))
        Headings, each with rows of a name and a value.
    offers : frozenset of str
        ``"topic"``, ``"list"``: where it can be taken.
    """

    key: ObjectKey
    title: str
    layer: str
    why: str
    others: tuple[tuple[str, str], ...] = ()
    checks: tuple[CheckView, ...] = ()
    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    offers: frozenset[str] = frozenset()


class ObjectPage(QWidget):
    """An object that is open.

    Signals
    -------
    fly_requested, topic_requested, list_requested, properties_requested : (ObjectKey)
    indicator_requested : (code) another indicator that it fails
    """

    fly_requested = Signal(object)
    topic_requested = Signal(object)
    list_requested = Signal(object)
    properties_requested = Signal(object)
    indicator_requested = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.view: ObjectView | None = None
        self.title, self.layer, self.why = label("heading", wrap=True, select=True), label("small"), label(wrap=True)
        self.fly = self._act("crosshair-simple", "health.object.fly", self.fly_requested)
        self.topic = self._act("chat-circle-dots", "health.object.topic", self.topic_requested)
        self.list = self._act("flag", "health.object.list", self.list_requested)
        self.more = self._act("info", "health.object.properties", self.properties_requested)
        ways = row(self.fly, self.list, self.topic, self.more, 1, gap=2)
        head = QWidget()
        head.setLayout(column(self.title, self.layer, self.why, ways, margins=(14, 2, 12, 6), gap=3))
        self.page = Page(margins=(14, 4, 14, 16))
        self.page.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setLayout(column(head, line(), self.page, gap=0))

    def _act(self, icon: str, key: str, asked: object) -> QWidget:
        press = button(self._appearance, key, "link", icon)
        press.clicked.connect(lambda: self.view is not None and asked.emit(self.view.key))  # type: ignore[attr-defined]
        return press

    def show_object(self, view: ObjectView) -> None:
        """Show an object."""
        self.view = view
        self.title.setText(view.title)
        self.layer.setText(view.layer)
        self.why.setText(view.why)
        self.why.setVisible(bool(view.why))
        self.topic.setVisible("topic" in view.offers)
        self.list.setVisible("list" in view.offers)
        self._draw(view)

    def _draw(self, view: ObjectView) -> None:
        word, layout = self._appearance.word, self.page.column
        clear(layout)
        if view.others:
            self._head(word("health.object.others"))
            for code, name in view.others:
                press = button(self._appearance, "health.object.other", "link", "chart-bar", name=name)
                press.clicked.connect(lambda _=False, code=code: self.indicator_requested.emit(code))
                layout.addLayout(row(press, 1))
        if view.checks:
            self._head(word("health.object.checks"))
            for check in view.checks:
                self._check(check)
        for title, rows in view.sections:
            self._head(title)
            for name, value in rows:
                left, right = label("faint", wrap=True), label("small", wrap=True, select=True)
                left.setText(name)
                right.setText(value)
                pair = row(left, right, gap=10)
                pair.setStretch(0, 2)
                pair.setStretch(1, 3)
                layout.addLayout(pair)
        layout.addStretch(1)
        self.page.verticalScrollBar().setValue(0)

    def _head(self, text: str) -> None:
        head = label("section")
        head.setText(text)
        self.page.column.addWidget(head)

    def _check(self, check: CheckView) -> None:
        title, detail = label("strong" if check.is_found else "", wrap=True), label("faint", wrap=True)
        verdict = label("warn" if check.is_found else "faint" if check.is_found is None else "good")
        key = {True: "health.object.found", False: "health.object.not_found", None: "health.object.unsaid"}
        title.setText(check.title)
        verdict.setText(self._appearance.word(key[check.is_found]))
        detail.setText(check.detail)
        top = row(title, verdict, gap=8)
        top.setStretch(0, 1)
        top.setAlignment(verdict, Qt.AlignmentFlag.AlignTop)
        self.page.column.addLayout(top)
        if check.detail:
            self.page.column.addWidget(detail)
        picture = QPixmap(check.photo) if check.photo else QPixmap()
        if not picture.isNull():
            shown = label()
            mode = Qt.TransformationMode.SmoothTransformation
            shown.setPixmap(picture.scaled(260, PHOTO_PX, Qt.AspectRatioMode.KeepAspectRatio, mode))
            self.page.column.addWidget(shown)

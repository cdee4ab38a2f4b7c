"""Says that a review package is open, where it comes from, and that it was verified."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, column, label, row
from viewers.widgets.common.plain import plain_tip


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """What the bar says: file, who made the project, how many files were verified, what is to be known of it."""

    file: str
    origin: str = ""
    files: int = 0
    is_redacted: bool = False
    left_out: int = 0
    fonts_differ: bool = False


class PackageBar(QFrame):
    """A bar above the view while a review package is open.

    Signals
    -------
    keep_requested : () to have it unpacked into a folder of one's own
    contents_requested : () to see what is in it, what was left out and taken out

    Parameters
    ----------
    appearance : Appearance
    """

    keep_requested = Signal()
    contents_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.appearance = appearance
        self._facts: PackageFacts | None = None
        self.setProperty("role", "bar")
        self.setProperty("level", "info")
        self._icon = label()
        self.words, self.detail = label("strong"), label("soft")
        for text in (self.words, self.detail):
            text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.contents = button(appearance, "package.bar.contents", "quiet")
        self.keep = button(appearance, "package.bar.keep")
        self.contents.clicked.connect(self.contents_requested)
        self.keep.clicked.connect(self.keep_requested)
        line = row(
            self._icon, column(self.words, self.detail, gap=1), self.contents, self.keep, margins=(14, 8, 12, 8), gap=10
        )
        line.setStretch(1, 1)
        line.setAlignment(self._icon, Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(line)
        appearance.lang_changed.connect(self._say)
        appearance.look_changed.connect(self._say)
        self.hide()

    def set_facts(self, facts: PackageFacts | None) -> None:
        """Show what is open; None hides the bar."""
        self._facts = facts
        self.setVisible(facts is not None)
        self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Say as much as there is room for."""
        super().resizeEvent(event)
        self._say()

    def _say(self) -> None:
        facts, word = self._facts, self.appearance.word
        if facts is None:
            return
        self._icon.setPixmap(self.appearance.icon("circle-wavy-check", "good").pixmap(24, 24))
        parts = [word("package.bar.title")]
        if facts.origin:
            parts.append(word("package.bar.from", origin=visible_text(facts.origin)))
        parts.append(word("package.bar.verified", count=facts.files))
        told = [visible_text(facts.file), word("package.bar.read_only")]
        if facts.is_redacted:
            told.append(word("package.bar.redacted"))
        if facts.left_out:
            told.append(word("package.bar.left_out", count=facts.left_out))
        if facts.fonts_differ:
            told.append(word("package.bar.fonts"))
        for text, said in ((self.words, " · ".join(parts)), (self.detail, " · ".join(told))):
            text.setText(text.fontMetrics().elidedText(said, Qt.TextElideMode.ElideRight, max(text.width(), 120)))
            text.setToolTip(plain_tip(said))

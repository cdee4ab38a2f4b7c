"""Names of files and objects as plain text in widgets, which else take ``<img …>`` for a picture and ``&`` for a key.

Qt draws a text as HTML where it looks like it (``Qt::mightBeRichText``). Labels of
:func:`~viewers.widgets.common.controls.label` never do, and choices of :class:`PlainCombo` show no marks of direction;
tool tips and entries of menus go through here.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel

from resources.visible_text import visible_lines, visible_text


class PlainLabel(QLabel):
    """A label that shows any text as it is written, without markup, control characters and turned direction."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)

    def setText(self, text: str) -> None:  # noqa: N802
        """Show a text."""
        super().setText(visible_lines(text) if self.textFormat() == Qt.TextFormat.PlainText else text)


class PlainCombo(QComboBox):
    """A choice that shows any text as it is written, without control characters and turned direction.

    What is chosen is told by the data of an entry, which stays as it is.
    """

    def addItem(self, *arguments: Any, **named: Any) -> None:  # noqa: N802
        """Add an entry: (icon,) text (, data)."""
        super().addItem(*_shown(arguments), **named)

    def addItems(self, texts: Sequence[str]) -> None:  # noqa: N802
        """Add entries without data."""
        super().addItems([visible_text(text) for text in texts])

    def insertItem(self, *arguments: Any, **named: Any) -> None:  # noqa: N802
        """Insert an entry: index, (icon,) text (, data)."""
        super().insertItem(*_shown(arguments), **named)

    def setItemText(self, index: int, text: str) -> None:  # noqa: N802
        """Change the text of an entry."""
        super().setItemText(index, visible_text(text))

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer other choices, data and text; what was chosen stays so where it is still among them, else the first."""
        held = self.currentData()
        self.clear()
        for data, text in choices:
            self.addItem(text, data)
        self.setCurrentIndex(max(self.findData(held), 0))


def _shown(arguments: tuple[Any, ...]) -> list[Any]:
    """Return the arguments of an entry, the first text among them as it may be shown."""
    at = next((at for at, one in enumerate(arguments) if isinstance(one, str)), len(arguments))
    return [visible_text(one) if number == at else one for number, one in enumerate(arguments)]


def plain_tip(text: str) -> str:
    """Return a tool tip that shows a text as it is written."""
    text = visible_lines(text)
    if "<" not in text:
        return text
    return f'<p style="white-space:pre-wrap">{escape(text)}</p>'


def plain_entry(text: str) -> str:
    """Return the text of a menu entry, tab or button, where ``&`` else marks a key."""
    return visible_text(text).replace("&", "&&")

"""Names of files and objects as plain text in widgets, which else take ``<img …>`` for a picture and ``&`` for a key.

Qt draws a text as HTML where it looks like it (``Qt::mightBeRichText``). Labels of
:func:`~viewers.widgets.common.controls.label` never do; tool tips and entries of menus go through here.
"""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from resources.visible_text import visible_lines, visible_text


class PlainLabel(QLabel):
    """A label that shows any text as it is written, without markup, control characters and turned direction."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)

    def setText(self, text: str) -> None:  # noqa: N802
        """Show a text."""
        super().setText(visible_lines(text) if self.textFormat() == Qt.TextFormat.PlainText else text)


def plain_tip(text: str) -> str:
    """Return a tool tip that shows a text as it is written."""
    text = visible_lines(text)
    if "<" not in text:
        return text
    return f'<p style="white-space:pre-wrap">{escape(text)}</p>'


def plain_entry(text: str) -> str:
    """Return the text of a menu entry, tab or button, where ``&`` else marks a key."""
    return visible_text(text).replace("&", "&&")

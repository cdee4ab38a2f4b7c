"""Whom a project speaks for: six digits of a division, and its name."""

from __future__ import annotations

from PySide6.QtCore import QRegularExpression
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from models.core.errors import UserError
from models.exchange.divisions import level_of
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import label, row


class PartyRow:
    """Fields of the division that this project speaks for, and the level that its code tells.

    Parameters
    ----------
    appearance : Appearance
    """

    def __init__(self, appearance: Appearance) -> None:
        self._appearance = appearance
        self.code, self.name, self.level = QLineEdit(), QLineEdit(), label("small")
        self.code.setValidator(QRegularExpressionValidator(QRegularExpression("[1-9][0-9]{5}"), self.code))
        self.code.setFixedWidth(92)
        self.level.setMinimumWidth(72)
        for field, key in ((self.code, "exchange.party.code"), (self.name, "exchange.party.name")):
            appearance.say(field.setPlaceholderText, key)
            appearance.say(field.setAccessibleName, key)
        self.code.textChanged.connect(lambda *_: self._tell())
        self.layout: QHBoxLayout = row(self.code, self.level, self.name, gap=10)
        self.layout.setStretch(2, 1)
        self._tell()

    @property
    def said(self) -> tuple[str, str]:
        """Return code and name as they are written."""
        return self.code.text().strip(), self.name.text().strip()

    @property
    def is_complete(self) -> bool:
        """Whether the code is one of a division."""
        return self.code.hasAcceptableInput()

    def show_party(self, code: str, name: str) -> None:
        """Show code and name."""
        self.code.setText(code)
        self.name.setText(name)

    def _tell(self) -> None:
        try:
            key = f"exchange.level.{level_of(self.code.text())}"
        except UserError:
            key = "exchange.party.level"
        self._appearance.say(self.level.setText, key)

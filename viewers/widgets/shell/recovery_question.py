"""The question what is to become of unsaved work that a run left behind."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption
from viewers.widgets.common.dialogs import Ask


class RecoveryQuestion(Ask):
    """Restore, discard or later: answers ``"restore"``, ``"discard"`` or nothing.

    Parameters
    ----------
    appearance : Appearance
    name : str
        Of the project.
    when : str
        Moment of the copy, as written in the reader's language.
    parent : QWidget, optional
    """

    def __init__(self, appearance: Appearance, name: str, when: str, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "recovery.title", parent)
        self.body.addWidget(caption(appearance, "recovery.question", "heading", wrap=True, name=name))
        self.body.addWidget(caption(appearance, "recovery.why", "soft", wrap=True, when=when))
        self.discard = self.add_button("recovery.discard", "discard")
        self.later = self.add_button("recovery.later", "")
        self.restore = self.add_button("recovery.restore", "restore", "primary")
        self.setFixedWidth(460)

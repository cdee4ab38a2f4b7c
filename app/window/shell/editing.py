"""Undo, redo, and an empty selection."""

from __future__ import annotations

from app.window.feature import Feature


class Editing(Feature):
    """The requests of the Edit menu."""

    name = "editing"

    def undo(self) -> None:
        """Take the last change back."""
        self.session.history.undo()

    def redo(self) -> None:
        """Do the last undone change again."""
        self.session.history.redo()

    def select_none(self) -> None:
        """Select nothing."""
        self.session.selection.set(())

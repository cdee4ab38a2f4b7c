"""Undo, redo, the list of what was done, and an empty selection."""

from __future__ import annotations

import functools

from PySide6.QtGui import QActionGroup

from app.window.feature import Feature
from app.window.window_context import WindowContext

#: So many changes are listed before the present one, and after it.
LISTED = 20


class Editing(Feature):
    """The requests of the Edit menu."""

    name = "editing"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._menu = context.commands.menus["edit.history"]
        self._menu.aboutToShow.connect(self._fill_history)

    def undo(self) -> None:
        """Take the last change back."""
        self.session.history.undo()

    def redo(self) -> None:
        """Do the last undone change again."""
        self.session.history.redo()

    def select_none(self) -> None:
        """Select nothing."""
        self.session.selection.set(())

    def refresh(self) -> None:
        """Offer the list where there is something in it."""
        self._menu.setEnabled(any(self.session.history.labels))

    def _fill_history(self) -> None:
        """List what was done, newest first, with a mark at the present state; a click goes there."""
        menu, word = self._menu, self.appearance.word
        menu.clear()
        group = QActionGroup(menu)
        done, undone = self.session.history.labels
        rows = [(at + 1, label) for at, label in enumerate(undone[:LISTED])][::-1]
        rows += [(-at, label) for at, label in enumerate(done[::-1][:LISTED])]
        if len(done) <= LISTED:
            rows.append((-len(done), "history.beginning"))
        for steps, label in rows:
            entry = menu.addAction(word(label))
            entry.setCheckable(True)
            entry.setChecked(steps == 0)
            group.addAction(entry)
            entry.triggered.connect(self.guard(functools.partial(self.session.history.go, steps)))

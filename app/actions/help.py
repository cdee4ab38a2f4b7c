"""The Help menu."""

from __future__ import annotations

from app.actions.action import Action

ACTIONS: tuple[Action, ...] = (
    Action("help.guide", "guide:open", "book-open", "help/1", "F1"),
    Action("help.keys", "help:show_keys", "keyboard", "help/1", "Shift+F1"),
    Action("help.doctor", "help:show_diagnosis", "first-aid-kit", "help/1"),
    Action("help.about", "help:show_about", "info", "help/2"),
)  # fmt: skip

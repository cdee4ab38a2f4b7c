"""What a tool in hand must answer to share mouse and keys with the camera of the 3D view."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt


class CanvasTool:
    """A tool that shares mouse and keys with the camera; each answer says whether it took the event."""

    def on_hover(self, at: QPointF, buttons: Qt.MouseButton, keys: Qt.KeyboardModifier) -> bool:
        """Follow the cursor; ``buttons`` are held. Taking a hover with a button held keeps the camera still."""
        return False

    def on_press(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Take hold of something with the left button: the drag is the tool's until it is let go."""
        return False

    def on_release(self, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        """Let go of what was taken."""

    def on_click(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Answer a left click that was no drag."""
        return False

    def on_double_click(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Answer a double click, whose first click came as a click."""
        return False

    def wants_key(self, key: int) -> bool:
        """Whether a key is the tool's, even where a menu has it as a shortcut."""
        return False

    def on_key(self, key: int, keys: Qt.KeyboardModifier) -> None:
        """Answer a key that was wanted."""

    def on_leave(self) -> None:
        """Forget the cursor; it has left the view."""

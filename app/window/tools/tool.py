"""Base of the tools on the canvas: selecting, measuring, cutting, drawing, placing."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, Qt

from app.window.window_context import WindowContext
from viewers.widgets.canvas.tool_overlay import Drawing
from viewers.widgets.common.canvas_tool import CanvasTool
from viewers.widgets.common.tool_bar_card import ToolCard

#: A click this near to the first point closes a ring, pixels.
CLOSE_PX = 10.0


class Tool(QObject, CanvasTool):
    """A tool that shares mouse and keys of the 3D view with the camera while it is open.

    Parameters
    ----------
    context : WindowContext
    owner : str
        Name of its drawing over the picture.
    card : ToolCard, optional
        Its choices; shown while it is open.
    """

    #: Shape of the cursor while the tool is open, None for the view's own.
    cursor: ClassVar[Qt.CursorShape | None] = Qt.CursorShape.CrossCursor

    def __init__(self, context: WindowContext, owner: str, card: ToolCard | None = None) -> None:
        super().__init__(context.window)
        self.context, self.session, self.appearance = context, context.session, context.appearance
        self.scene_sync, self.view, self.overlay = context.scene_sync, context.canvas.view, context.canvas.tool_overlay
        self.is_open = False
        self._owner, self._card = owner, card

    def open(self) -> None:
        """Take mouse and keys, before tools that were opened earlier."""
        if not self.is_open:
            self.is_open = True
            self.view.tools.insert(0, self)
            if self.cursor is not None:
                self.view.setCursor(self.cursor)
            if self._card is not None:
                self._card.show()

    def put_away(self) -> None:
        """Give mouse and keys back; what was begun is dropped."""
        if self.is_open:
            self.is_open = False
            self.view.tools.remove(self)
            if self.cursor is not None:
                self.view.unsetCursor()
            self.drop()
            if self._card is not None:
                self._card.hide()

    def drop(self) -> None:
        """Drop what was begun, and its drawing."""
        self.draw(None)

    def draw(self, drawing: Drawing | None) -> None:
        """Draw over the picture what is under way; None takes the drawing off."""
        self.overlay.draw(self._owner, drawing)

    def is_near(self, at: QPointF, place: NDArray[np.float64]) -> bool:
        """Whether a position of the view is at a world place (3,), as at the first point of a ring."""
        places, ahead = self.view.on_screen(place[None, :])
        return bool(ahead[0]) and float(np.hypot(places[0, 0] - at.x(), places[0, 1] - at.y())) <= CLOSE_PX

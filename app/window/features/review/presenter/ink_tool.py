"""Pen and pointer in the hand: a tool of the canvas that draws on the wall and points at it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt

from models.review.agenda import Place
from viewers.widgets.canvas.view3d import View3D
from viewers.widgets.common.canvas_tool import CanvasTool
from viewers.widgets.review.wall.ink import InkLayer, place_of


class InkTool(CanvasTool):
    """Draws while the pen is on, points while the pointer is; else everything is the camera's.

    Parameters
    ----------
    view : View3D
    ink : InkLayer
    """

    def __init__(self, view: View3D, ink: InkLayer) -> None:
        self._view, self._ink = view, ink
        self.pen_is_on = self.pointer_is_on = False
        self._at: Place | None = None

    def set_pen(self, on: bool) -> None:
        """Take the pen, or lay it down."""
        self.pen_is_on = on
        self._view.setCursor(Qt.CursorShape.CrossCursor) if on else self._view.unsetCursor()

    def set_pointer(self, on: bool) -> None:
        """Let the dot glow where the cursor is, or put it out."""
        self.pointer_is_on = on
        self._view.setCursor(Qt.CursorShape.BlankCursor) if on else self._view.unsetCursor()
        self._ink.point_at(self._at if on else None)

    def point(self, place: Place | None) -> None:
        """Point at a place of the picture, from wherever the hand is."""
        self._at = place
        if self.pointer_is_on:
            self._ink.point_at(place)

    # --- what the hand does over the view --------------------------------------------------------------------------
    def on_hover(self, at: QPointF, buttons: Qt.MouseButton, keys: Qt.KeyboardModifier) -> bool:
        """Follow the cursor with dot or pen."""
        place = self._place(at)
        self.point(place)
        if self.pen_is_on and buttons & Qt.MouseButton.LeftButton:
            self._ink.draw_to(place)
        return self.pen_is_on or self.pointer_is_on

    def on_press(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Put the pen down; the pointer takes no press."""
        if self.pen_is_on:
            self._ink.begin(self._place(at))
        return self.pen_is_on

    def on_release(self, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        """Lift the pen."""
        self._ink.finish()

    def on_leave(self) -> None:
        """Put the dot out; the cursor is elsewhere."""
        self.point(None)

    def _place(self, at: QPointF) -> Place:
        return place_of(at, self._view.width(), self._view.height())

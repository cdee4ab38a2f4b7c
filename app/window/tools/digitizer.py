"""Digitizing: places set in the city by clicks, for paths, pits and notes; the rubber line is drawn over the picture.

A click sets a place on what is under the cursor; Backspace takes the last back, Enter or a double click ends, Esc
leaves. Freehand is drawn with the button held.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt

from app.window.tools.tool import Tool
from viewers.widgets.canvas.tool_overlay import Drawing, Stroke

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

Floats = NDArray[np.float64]

#: Places that a shape needs, and those at which it is complete by itself (0: only when a person ends it).
LEAST = {"point": 1, "arrow": 2, "line": 2, "ring": 3, "freehand": 2}
COMPLETE = {"point": 1, "arrow": 2, "line": 0, "ring": 0, "freehand": 0}
#: Freehand sets a place every so many pixels.
FREE_PX = 5.0


class Digitizer(Tool):
    """Digitizes one shape after the other.

    Parameters
    ----------
    context : WindowContext
    owner : str
        Under which the rubber line is drawn.
    done : callable
        Takes the places (n, 3), world coordinates, when a shape is complete.
    left : callable
        Called when Esc was pressed with nothing begun.
    changed : callable
        Called with the number of places set.
    """

    def __init__(
        self, context: WindowContext, owner: str, done: Callable[[Floats], object], left: Callable[[], object],
        changed: Callable[[int], object] = lambda _: None,
    ) -> None:  # fmt: skip
        super().__init__(context, owner)
        self._done, self._left, self._changed = done, left, changed
        self.shape = ""
        self._places: list[Floats] = []
        self._hover: Floats | None = None
        self._free = False

    def begin(self, shape: str) -> None:
        """Begin to digitize a shape: ``"point"``, ``"arrow"``, ``"line"``, ``"ring"`` or ``"freehand"``."""
        self.put_away()
        self.shape = shape
        self.open()
        self.view.setFocus()
        self._changed(0)

    def drop(self) -> None:
        """Drop the places of a shape that was begun."""
        self.shape = ""
        self._places, self._hover, self._free = [], None, False
        super().drop()

    def finish(self) -> None:
        """End the shape, if there is enough of it."""
        places = self._places
        if len(places) >= LEAST[self.shape]:
            self._places, self._hover = [], None
            self._draw()
            self._changed(0)
            self._done(np.array(places))

    # --- mouse and keys ----------------------------------------------------------------------------------------------
    def on_hover(self, at: QPointF, buttons: Qt.MouseButton, keys: Qt.KeyboardModifier) -> bool:
        """Follow the cursor, or draw freehand."""
        self._hover = self.place_at(at)
        if self._free and self._hover is not None and self._far_enough(at):
            self._places.append(self._hover)
        self._draw()
        return self._free

    def on_press(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Begin a freehand line."""
        place = self.place_at(at) if self.shape == "freehand" else None
        if place is None:
            return False
        self._places, self._free, self._last = [place], True, at
        return True

    def on_release(self, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        """End a freehand line."""
        self._free = False
        if len(self._places) >= 2:
            self.finish()
        else:
            self._places = []

    def on_click(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Set a place."""
        place = self.place_at(at)
        if place is None or self.shape == "freehand":
            return True
        if self.shape == "ring" and len(self._places) >= 3 and self.is_near(at, self._places[0]):
            self.finish()
            return True
        if not self._places or float(np.linalg.norm(self._places[-1] - place)) > 0.01:
            self._places.append(place)
        self._changed(len(self._places))
        if len(self._places) == COMPLETE[self.shape]:
            self.finish()
        else:
            self._draw()
        return True

    def on_double_click(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """End the shape."""
        self.finish()
        return True

    def wants_key(self, key: int) -> bool:
        """Take the keys that end, take back and leave."""
        return key in (Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)

    def on_key(self, key: int, keys: Qt.KeyboardModifier) -> None:
        """End, take back or leave."""
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish()
            return
        if key == Qt.Key.Key_Backspace:
            self._places = self._places[:-1]
        elif self._places:
            self._places = []
        else:
            self.put_away()
            self._left()
            return
        self._changed(len(self._places))
        self._draw()

    def on_leave(self) -> None:
        """Forget the cursor."""
        self._hover = None
        self._draw()

    def place_at(self, at: QPointF) -> Floats | None:
        """Return the world place under the cursor, None over the sky."""
        view, scene = self.view, self.scene_sync.scene
        pick = None if scene is None else scene.pick(*view.pixel_at(at))
        return None if pick is None or pick.world is None else np.asarray(pick.world, dtype=np.float64)

    def _far_enough(self, at: QPointF) -> bool:
        if (at - self._last).manhattanLength() < FREE_PX:
            return False
        self._last = at
        return True

    def _draw(self) -> None:
        if not self.shape:
            return
        fixed = self._places
        strokes: list[Stroke] = []
        if self.shape == "freehand":
            strokes += [Stroke(np.array(fixed))] if len(fixed) > 1 else []
        else:
            points = [*fixed, self._hover] if self._hover is not None and fixed else list(fixed)
            if self.shape == "ring" and len(points) >= 3:
                strokes.append(Stroke(np.array(points), closed=True, filled=True, dashed=True))
            elif len(points) >= 2:
                strokes += [Stroke(np.array(fixed))] if len(fixed) >= 2 else []
                strokes += [Stroke(np.array(points[-2:]), dashed=True)] if len(points) > len(fixed) else []
        dots = () if self.shape == "freehand" else tuple(fixed)
        self.draw(Drawing(tuple(strokes), (), None, None, dots))

"""Rings in the picture around the gravest alarms that nobody has seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

from models.project.selection import ObjectKey
from viewers.widgets.alarms.alarm_rings import MOST, AlarmRingsOverlay

if TYPE_CHECKING:
    from app.window.window_context import WindowContext


class AlarmRings:
    """Finds where the rings belong; they stay there until the list of alarms is another.

    Parameters
    ----------
    context : WindowContext
    wanted : callable
        Severity and facilities that shall have a ring.
    """

    def __init__(self, context: WindowContext, wanted: Callable[[], tuple[str, Sequence[ObjectKey]]]) -> None:
        self._context, self._wanted = context, wanted
        self.overlay = AlarmRingsOverlay(context.canvas.view, context.canvas)
        self._shown: tuple[str, tuple[ObjectKey, ...]] = ("", ())

    def follow(self) -> None:
        """Put the rings where they belong now."""
        severity, keys = self._wanted()
        scene = self._context.scene_sync.scene
        held = (severity, tuple(keys[:MOST]))
        if held == self._shown:
            return
        boxes = [] if scene is None else [scene.bounds_of([key]) for key in held[1]]
        found = [np.array([*box.mean(axis=0)[:2], box[1, 2]]) for box in boxes if box is not None]
        # A facility whose layer is still being drawn gets its ring when the list is asked for again.
        self._shown = held if len(found) == len(held[1]) else ("", ())
        self.overlay.show_at(np.array(found).reshape(-1, 3), severity)

    def paint_over(self, image: QImage) -> None:
        """Draw the rings at rest onto a frame of the view."""
        self.overlay.paint_on(image)

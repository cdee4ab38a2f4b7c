"""Signs of crews, pumps, vehicles and stores over the picture: kind, direction, grey where the fix is old."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

from app.usecases.cases.command import Standing
from models.cases.command.tables import named
from viewers.widgets.cases.command_overlay import CommandOverlay, SignView

if TYPE_CHECKING:
    from app.window.window_context import WindowContext


class CommandSigns:
    """Puts the signs where resources stand.

    Parameters
    ----------
    context : WindowContext
    """

    def __init__(self, context: WindowContext) -> None:
        self._context = context
        self.overlay = CommandOverlay(context.appearance, context.canvas.view, context.canvas)

    def height_at(self, xy: tuple[float, float]) -> float:
        """Return the height of the ground, 0 where nobody knows."""
        height = float(self._context.canvas.view.ground(np.array([xy[0]]), np.array([xy[1]]))[0])
        return height if np.isfinite(height) else 0.0

    def show_at(self, stand: Sequence[Standing]) -> None:
        """Show resources that are somewhere."""
        signs = []
        for one in stand:
            kind = named("kind").get(one.resource.kind)
            if one.xy is None or kind is None:
                continue
            heading = None
            if one.position is not None and one.position.heading_deg == one.position.heading_deg:
                heading = one.position.heading_deg
            old = one.position is None or one.position.is_old
            place = (*one.xy, self.height_at(one.xy))
            signs.append(SignView(place, kind.icon, kind.colour, one.resource.name, heading, old))
        self.overlay.show_signs(signs)

    def paint_over(self, image: QImage) -> None:
        """Draw the signs onto a frame of the view."""
        self.overlay.paint_on(image)

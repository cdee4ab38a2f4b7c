"""The command palette: every action by its name in either language."""

from __future__ import annotations

from app.window.feature import Feature
from app.window.window_context import WindowContext


class Palette(Feature):
    """Opens the palette and runs what is chosen in it."""

    name = "palette"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        context.palette.chosen.connect(context.commands.run)

    def open(self) -> None:
        """Open the command palette."""
        self.context.palette.open(self.context.commands.entries())

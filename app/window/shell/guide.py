"""The guide in the window: opened by F1 at what it says of the panel that has the focus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDockWidget

from app.window.feature import Feature
from resources import HERE
from viewers.widgets.shell.guide import GuideWindow, scaled

DOCS = HERE.parent / "docs"
#: What the guide says of a panel: page and heading (1 is the first of the page); both languages have the same ones.
OF_PANEL = {
    "layers": ("city", 1), "style": ("city", 6), "table": ("city", 7), "statistics": ("city", 7),
    "properties": ("guide", 4), "facilities": ("guide", 5), "health": ("health", 8), "scenario": ("health", 9),
    "viewpoints": ("guide", 3),
    "model": ("models", 3), "checks": ("models", 8), "topics": ("models", 9), "messages": ("guide", 13),
    "component": ("facilities", 2), "quality_gate": ("facilities", 4), "network": ("facilities", 5),
    "profile": ("facilities", 6), "simulation": ("facilities", 7), "scenes": ("facilities", 9),
    "dashboard": ("health", 8),
}  # fmt: skip


class Guide(Feature):
    """Opens the guide."""

    name = "guide"

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self.window: GuideWindow | None = None
        self.folder: Path = DOCS

    def open(self) -> None:
        """Show the guide, at what it says of the panel that has the focus."""
        if self.window is None:
            self.window = GuideWindow(self.appearance, self.folder, self.context.window)
            self.window.pictures_wanted.connect(self._read_pictures)
        widget = QApplication.focusWidget()
        while widget is not None and not isinstance(widget, QDockWidget) and not widget.property("guide"):
            widget = widget.parentWidget()
        name = "" if widget is None else str(widget.property("guide") or widget.objectName())
        self.window.open(*OF_PANEL.get(name, ("guide", 0)))

    def end(self) -> None:
        """Close the guide with the window."""
        if self.window is not None:
            self.window.close()
        super().end()

    def _read_pictures(self, paths: list[Path], width: int) -> None:
        window = self.window
        if window is None:
            return
        ratio = window.devicePixelRatioF()

        def work(_: object) -> list[tuple[Path, QImage]]:
            return [(path, scaled(path, width, ratio)) for path in paths]

        self.session.run("job.read_guide", work, window.show_pictures)

"""Citizens' messages (12345) in the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from app.usecases.cases import citizens
from app.window.feature import Feature


class CitizensFeature(Feature):
    """Brings citizens' messages (12345) in as a layer."""

    name = "citizens"

    def import_file(self) -> None:
        """Ask for a table of messages; class, place and group them."""
        word = self.appearance.word
        path, _ = QFileDialog.getOpenFileName(
            self.context.window, word("citizens.open_file"), str(self.context.folder()),
            f"{word('citizens.tables')} (*.xlsx *.csv *.ods)",
        )  # fmt: skip
        if path:
            citizens.bring_in(self.session, Path(path))

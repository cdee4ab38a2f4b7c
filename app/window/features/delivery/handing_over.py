"""Hands the city over into a folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from app.usecases.delivery import handover
from app.window.feature import Feature
from viewers.widgets.delivery.handover_dialog import HandoverDialog


class HandingOver(Feature):
    """Asks what is handed over and where to, and lets it be written."""

    name = "handover"

    def ask(self) -> None:
        """Ask, and write in the background."""
        dialog = HandoverDialog(self.appearance, handover.FORMATS, self.context.window)
        answer, choice = dialog.ask(), dialog.choice
        dialog.deleteLater()
        if answer != "ok" or not choice.formats:
            return
        folder = QFileDialog.getExistingDirectory(
            self.context.window, self.appearance.word("handover.folder"), str(self.context.folder())
        )
        if folder:
            handover.hand_over(
                self.session, Path(folder), choice.formats, geoid_m=choice.geoid_m, licence=choice.licence
            )

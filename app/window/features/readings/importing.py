"""Tables of readings taken in: a file is chosen, its mapping looked at and changed, and what became of it is told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.usecases.readings import importing
from app.usecases.readings.importing import Imported
from app.window.feature import Feature
from models.core.errors import UserError
from models.core.progress import Progress
from models.readings.mapping import ReadingMap
from models.readings.quantities import quantity_names

if TYPE_CHECKING:
    import pandas as pd

#: Examples of a column, and rows of the preview.
EXAMPLES, ROWS = 3, 30


class ReadingImport(Feature):
    """Take tables, or the project's own layers of readings, into the store."""

    name = "reading_import"

    def ask_file(self) -> None:
        """Ask for a table and how it is read, then take it in."""
        word = self.appearance.word
        path, _ = QFileDialog.getOpenFileName(
            self.context.window, word("readings.import.title"), str(self.context.folder()),
            f"{word('readings.import.filter')} (*.csv *.tsv *.txt *.parquet *.xlsx *.ods)",
        )  # fmt: skip
        if path:
            self.open(Path(path))

    def open(self, path: Path) -> None:
        """Look at a table off this thread, then ask how it is read."""
        session = self.session
        if session.project.path is None:
            raise UserError("readings.no_project")

        def work(_: Progress) -> tuple[pd.DataFrame, ReadingMap]:
            return importing.preview(path), importing.guessed(session, path)

        session.run("job.look_at_readings", work, self.guard(lambda seen: self._ask(path, *seen)), file=path.name)

    def take_over(self) -> None:
        """Take the project's own layers of readings in."""
        layers = self.session.project.state.with_role("readings")
        if not layers:
            raise UserError("readings.nothing_to_import", file=self.context.project_name())
        for layer in layers:
            importing.import_layer(self.session, layer.id, self._tell)

    def _ask(self, path: Path, frame: pd.DataFrame, mapping: ReadingMap) -> None:
        from viewers.widgets.readings.import_dialog import ReadingImportDialog

        session, lang = self.session, self.session.lang
        columns = [
            (str(name), ", ".join(str(one)[:24] for one in frame[name].dropna().unique()[:EXAMPLES]))
            for name in frame.columns
        ]
        kinds = importing.kinds_of(session)
        dialog = ReadingImportDialog(
            self.appearance, path.name, columns, mapping, quantity_names(lang),
            lambda chosen: importing.as_read(frame.head(ROWS), chosen, kinds, lang), self.context.window,
        )  # fmt: skip
        answer, chosen = dialog.ask(), dialog.mapping
        dialog.deleteLater()
        if answer == "ok":
            importing.import_file(session, path, chosen, self._tell)

    def _tell(self, imported: Imported) -> None:
        from viewers.widgets.readings.import_dialog import ImportedDialog

        dialog = ImportedDialog(self.appearance, importing.lines(imported, self.session.lang), self.context.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

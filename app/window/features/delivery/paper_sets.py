"""Makes the whole paper set, part after part, beside the window."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from app.usecases.delivery import paper_set
from app.window.feature import Feature
from models.core.watch import watch
from models.delivery.paper_set import PARTS
from viewers.widgets.delivery.paper_set_dialog import PaperSetDialog, PartRow

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.window.window_context import WindowContext


class PaperSets(Feature):
    """The paper set."""

    name = "paper_set"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.dialog: PaperSetDialog | None = None
        self._folder: Path | None = None
        self._job: Job | None = None

    def open(self) -> None:
        """Show the tick list; while a set is made, how far it is."""
        if self.dialog is not None and self._job is not None and not self._job.is_over:
            self.dialog.show()
            self.dialog.raise_()
            return
        if self.dialog is not None:
            self.dialog.deleteLater()
        state, word = self.session.project.state, self.appearance.word
        parts = []
        for part in PARTS:
            lacks = paper_set.missing(state, part)
            parts.append(PartRow(part.id, part.at_first, word(f"deliver.reason.{lacks}") if lacks else ""))
        path = self.session.project.path
        self._folder = path.with_name(f"{path.stem}-out") if path is not None else self.session.started_in / "out"
        self.dialog = PaperSetDialog(self.appearance, parts, str(self._folder), self.context.window)
        self.dialog.started.connect(self.guard(self._start))
        self.dialog.stopped.connect(self.guard(self._stop))
        self.dialog.folder_requested.connect(self.guard(self._choose))
        self.dialog.shown.connect(self.guard(self._show_folder))
        self.dialog.show()

    def end(self) -> None:
        """Stop; the window closes."""
        self._stop()
        super().end()

    def _start(self) -> None:
        dialog, folder = self.dialog, self._folder
        if dialog is None or folder is None:
            return
        dialog.set_running(is_running=True)
        post = self.session.jobs.post

        def on_part(part: str, state: str) -> None:  # on the thread of the job
            post(functools.partial(self._on_part, dialog, part, state))

        wanted = paper_set.Wanted(dialog.chosen, dialog.force.isChecked(), lang=self.session.lang)
        self._job = paper_set.deliver(self.session, folder, wanted, on_part=on_part)
        if self._job.is_over:
            self._on_ended(self._job)
            return
        watch(self._job.changed, lambda job: dialog.set_progress(job.fraction))
        watch(self._job.ended, self._on_ended)

    def _on_part(self, dialog: PaperSetDialog, part: str, state: str) -> None:
        if self.dialog is dialog and not self.context.is_closing:
            dialog.set_state(part, state)

    def _on_ended(self, _: Job) -> None:
        if self.dialog is not None and not self.context.is_closing:
            self.dialog.set_running(is_running=False)
            self.dialog.show_folder.setEnabled(self._folder is not None and self._folder.exists())

    def _stop(self) -> None:
        if self._job is not None and not self._job.is_over:
            self._job.cancel()

    def _choose(self) -> None:
        start = str(self._folder.parent if self._folder is not None else self.context.folder())
        folder = QFileDialog.getExistingDirectory(
            self.context.window, self.appearance.word("deliver.dialog.folder"), start
        )
        if folder and self.dialog is not None:
            self._folder = Path(folder)
            self.dialog.set_folder(folder)

    def _show_folder(self) -> None:
        if self._folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))

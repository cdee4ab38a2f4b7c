"""Sheets leave the window: written as files, or printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from app.usecases.sheets import keeping
from app.usecases.sheets.previews import PictureStore, draw_wanted, page_picture
from app.usecases.sheets.printing import print_sheets
from app.usecases.sheets.writing import files_of, plain_name, write_sheets
from app.usecases.views.snapshots import with_suffix
from app.window.window_context import WindowContext
from models.core.errors import Cancelled, UserError
from models.sheets.spec import SheetSpec
from viewers.widgets.sheets.dialogs import ExportDialog
from viewers.widgets.sheets.print_dialog import ROOM, PrintDialog


class Output:
    """Asks how sheets are exported or printed, and has it done.

    Parameters
    ----------
    context : WindowContext
    store : PictureStore
        Pictures that are drawn already.
    parent : callable
        Over which window is asked.
    """

    def __init__(self, context: WindowContext, store: PictureStore, parent: Callable[[], QWidget]) -> None:
        self.context, self.session, self.appearance = context, context.session, context.appearance
        self._store, self._parent = store, parent

    def export(self, ids: Sequence[str]) -> None:
        """Ask as what and where, and write."""
        sheets = self._sheets(ids)
        dialog = ExportDialog(self.appearance, len(sheets), self._parent())
        answer, (suffix, together, dpi) = dialog.ask(), dialog.chosen
        dialog.deleteLater()
        if answer != "ok":
            return
        name = plain_name(sheets[0].name if len(sheets) == 1 else self.context.project_name())
        word = self.appearance.word
        kinds = word("dialog.filter.sheets").split(";;")
        path, _ = QFileDialog.getSaveFileName(
            self._parent(), word("dialog.sheets"), str(self.context.folder() / f"{name}{suffix}"),
            kinds[0] if suffix == ".pdf" else kinds[1],
        )  # fmt: skip
        if path:
            wanted = [replace(sheet, dpi=dpi) if dpi else sheet for sheet in sheets]
            write_sheets(self.session, files_of(wanted, with_suffix(Path(path), suffix), together=together))

    def print_(self, ids: Sequence[str]) -> None:
        """Ask how, with a picture of the paper, and print."""
        from viewers.sheets.pages.paper import papers_of, printers, sides_of

        sheets, names = self._sheets(ids), printers()
        if not names:
            raise UserError("print.no_printer", name="—", known="—")
        dialog = PrintDialog(self.appearance, sheets, names, sides_of, papers_of, self._parent())
        pictures = _Pictures(self, dialog, sheets)
        dialog.page_wanted.connect(pictures.paint)
        dialog.ask_for_page()
        answer = dialog.ask()
        pictures.end()
        order = dialog.order if answer == "ok" else None
        dialog.deleteLater()
        if order is not None:
            print_sheets(self.session, sheets, order)

    def run_quietly(self, work: Any, done: Callable[[Any], object]) -> Any:
        """Run a job whose failing is told, but for a cancelled one."""
        return self.session.jobs.run("job.sheet_preview", work, done, failed=self._on_failed)

    @property
    def store(self) -> PictureStore:
        """Return the pictures that are there."""
        return self._store

    def _sheets(self, ids: Sequence[str]) -> list[SheetSpec]:
        state = self.session.project.state
        return [keeping.find_sheet(state, one) for one in ids or [sheet.id for sheet in state.review.sheets]]

    def _on_failed(self, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            self.session.fail(error)


class _Pictures:
    """Paints the pages of a print dialog: first with the pictures that are there, again when the others are drawn."""

    def __init__(self, output: Output, dialog: PrintDialog, sheets: Sequence[SheetSpec]) -> None:
        self._output, self._dialog, self._sheets = output, dialog, sheets
        self._is_over = False

    def end(self) -> None:
        """Paint no more."""
        self._is_over = True

    def paint(self, at: int, *, again: bool = False) -> None:
        """Have a page painted."""
        session, store = self._output.session, self._output.store
        width = round(ROOM.width() * 2 * self._dialog.devicePixelRatioF())
        work = page_picture(session, self._sheets[at], store, width)

        def take(made: Any) -> None:
            image, wanted = made
            if self._is_over:
                return
            self._dialog.show_page(at, image)
            if wanted and not again:
                self._output.run_quietly(draw_wanted(session, wanted), lambda drawn: self._keep(at, drawn))

        self._output.run_quietly(work, take)

    def _keep(self, at: int, drawn: Any) -> None:
        for spec, pixels in drawn:
            self._output.store.put(spec, pixels)
        if not self._is_over:
            self.paint(at, again=True)

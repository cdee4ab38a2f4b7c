"""The editor of one sheet: what it asks for becomes steps of the history, and it shows what the project then holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog

from app.background.jobs import Job
from app.usecases.sheets import keeping
from app.usecases.sheets.framing import view_of
from app.usecases.sheets.previews import PictureStore, Preview, draw_wanted, preview, small
from app.usecases.views import snapshots
from app.window.window_context import WindowContext
from models.core.errors import Cancelled, UserError
from models.sheets.editing import SOURCES, with_item
from models.sheets.spec import SheetSpec
from viewers.widgets.sheets.editor import SheetEditor
from viewers.widgets.sheets.item_form import Sources

#: A change is painted after so many milliseconds without a further one.
REST_MS = 60
#: Items are painted so much finer than they are looked at, and no finer than this, pixels a millimetre.
FINER, LEAST_PX_A_MM, MOST_PX_A_MM = 1.5, 3.0, 12.0


class Editing:
    """The editor's window, made when a sheet is first opened.

    Parameters
    ----------
    context : WindowContext
    store : PictureStore
    edit_title_block : callable
    export, print_ : callable
        Take a list of sheet ids.
    """

    def __init__(
        self, context: WindowContext, store: PictureStore, edit_title_block: Callable[[], object],
        export: Callable[[list[str]], object], print_: Callable[[list[str]], object],
    ) -> None:  # fmt: skip
        self.context, self.session, self.appearance = context, context.session, context.appearance
        self.window: SheetEditor | None = None
        self._acts = edit_title_block, export, print_
        self._store = store
        self._shown: object = None
        self._preview: Job | None = None
        self._drawing: Job | None = None
        self._is_wanted = False
        self._timer = QTimer(context.window, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(context.guard(self._paint))

    def open(self, sheet_id: str) -> None:
        """Show a sheet in the editor."""
        keeping.find_sheet(self.session.project.state, sheet_id)
        editor = self.window or self._made()
        self._show(sheet_id)
        editor.show()
        editor.raise_()
        editor.activateWindow()
        editor.page.setFocus()

    def refresh(self) -> None:
        """Follow the project: undo, redo, another name; close where the sheet is gone."""
        if self.window is not None and self.window.isVisible():
            if any(sheet.id == self.window.sheet_id for sheet in self.session.project.state.review.sheets):
                self._show(self.window.sheet_id)
            else:
                self.window.close()

    def end(self) -> None:
        """Close the editor."""
        self._timer.stop()
        for job in (self._preview, self._drawing):
            if job is not None:
                job.cancel()
        if self.window is not None:
            self.window.close()
            self.window.deleteLater()
            self.window = None

    def _made(self) -> SheetEditor:
        editor = self.window = SheetEditor(self.appearance, self.context.window)
        ask, session = self.context.guard, self.session
        title_block, export, print_ = self._acts
        editor.sheet_wanted.connect(ask(self._change))
        editor.view_wanted.connect(ask(self._take_view))
        editor.file_wanted.connect(ask(self._choose_file))
        editor.undo_wanted.connect(ask(lambda: self._step(session.history.undo)))
        editor.redo_wanted.connect(ask(lambda: self._step(session.history.redo)))
        editor.title_block_wanted.connect(ask(title_block))
        editor.export_wanted.connect(ask(lambda: export([editor.sheet_id])))
        editor.print_wanted.connect(ask(lambda: print_([editor.sheet_id])))
        editor.page.view_changed.connect(self._timer.start)
        self.appearance.lang_changed.connect(self._say_sources)
        self._say_sources()
        return editor

    def _say_sources(self) -> None:
        if self.window is not None:
            word = self.appearance.word
            named = {kind: [(one, word(f"sheets.source.{kind}.{one}")) for one in held]
                     for kind, held in SOURCES.items()}  # fmt: skip
            self.window.set_sources(Sources(named))

    # --- what is asked for ------------------------------------------------------------------------------------------

    def _sheet(self) -> SheetSpec:
        if self.window is None:
            raise UserError("sheets.unknown", name="", known="")
        return keeping.find_sheet(self.session.project.state, self.window.sheet_id)

    def _change(self, spec: SheetSpec, label: str, burst: str) -> None:
        keeping.change_sheet(self.session, spec, label, burst)
        self._show(spec.id)

    def _step(self, step: Callable[[], object]) -> None:
        step()
        self.refresh()

    def _take_view(self, item_id: str) -> None:
        """Let a picture show what is looked at now."""
        scene, sync, sheet = self.context.scene_sync.scene, self.context.scene_sync, self._sheet()
        if scene is None:
            return
        item = next(one for one in sheet.items if one.id == item_id)
        spec = snapshots.make_spec(
            self.session, scene.camera, theme=self.session.project.state.theme, furniture=False, dark=sheet.dark,
            measures=sync.visibility.measures, notes=sync.underground.shows_notes,
            selected=self.session.selection.keys[:1000],
        )  # fmt: skip
        changed = with_item(sheet, replace(item, view=replace(spec, project="", date="", lang=sheet.lang)))
        frame = self.context.canvas.view.grabFramebuffer()
        wanted = small(view_of(self.session, changed, next(one for one in changed.items if one.id == item_id)))
        self._store.put(wanted, _fitted(frame, wanted.width_px / wanted.height_px), rough=True)
        self._change(changed, "history.sheet.view", "")

    def _choose_file(self, item_id: str) -> None:
        word, sheet = self.appearance.word, self._sheet()
        path, _ = QFileDialog.getOpenFileName(
            self.window, word("dialog.photo"), str(self.context.folder()), word("dialog.filter.image")
        )
        if path:
            item = next(one for one in sheet.items if one.id == item_id)
            changed = with_item(sheet, replace(item, source=_near(Path(path), self.context.folder())))
            self._change(changed, "history.sheet.change_item", "")

    # --- what is shown ----------------------------------------------------------------------------------------------

    def _show(self, sheet_id: str) -> None:
        editor, history = self.window, self.session.history
        if editor is None:
            return
        sheet = keeping.find_sheet(self.session.project.state, sheet_id)
        editor.show_sheet(sheet, can_undo=bool(history.undo_label), can_redo=bool(history.redo_label))
        state = self.session.project.state
        shown = (sheet, state.review.title_block, state.layers, state.theme, state.results)
        if shown != self._shown:
            self._shown = shown
            self._timer.start()

    def _paint(self) -> None:
        """Have the items painted, by a job; the latest wish wins."""
        editor = self.window
        if editor is None or not editor.isVisible():
            return
        if self._preview is not None and not self._preview.is_over:
            self._is_wanted = True
            return
        self._is_wanted = False
        zoom = editor.page.zoom * editor.devicePixelRatioF() * FINER
        px_a_mm = min(max(zoom, LEAST_PX_A_MM), MOST_PX_A_MM)
        sheet = self._sheet()
        work = preview(self.session, sheet, self._store, px_a_mm)
        self._preview = self.session.jobs.run(
            "job.sheet_preview", work, lambda made: self._take(sheet.id, made), failed=self._on_failed
        )
        self._preview.ended.connect(lambda _: self._paint() if self._is_wanted else None)

    def _take(self, sheet_id: str, made: Preview) -> None:
        editor = self.window
        if editor is None or editor.sheet_id != sheet_id:
            return
        editor.show_pictures(made.images, made.misfits)
        editor.say("sheets.drawing" if made.wanted else "")
        if made.wanted and (self._drawing is None or self._drawing.is_over):
            work = draw_wanted(self.session, made.wanted)
            self._drawing = self.session.jobs.run(
                "job.sheet_preview", work, self._keep, failed=self._on_failed
            )  # fmt: skip

    def _keep(self, drawn: list[tuple[Any, Any]]) -> None:
        for spec, pixels in drawn:
            self._store.put(spec, pixels)
        self._timer.start()

    def _on_failed(self, error: BaseException) -> None:
        if self.window is not None:
            self.window.say("")
        if not isinstance(error, Cancelled):
            self.session.fail(error)


def _near(path: Path, folder: Path) -> str:
    """Return a path as the project keeps it: relative where it lies by the project's file."""
    try:
        return path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return path.as_posix()


def _fitted(image: QImage, aspect: float) -> Any:
    """Return a frame of the window in another shape: as high as it is, its middle or with bare sides; RGB."""
    picture = image.convertToFormat(QImage.Format.Format_RGB888)
    height, width = picture.height(), picture.width()
    held = np.frombuffer(picture.constBits(), np.uint8).reshape(height, picture.bytesPerLine())
    pixels = held[:, : width * 3].reshape(height, width, 3)
    wide = max(round(height * aspect), 2)
    if wide <= width:
        left = (width - wide) // 2
        return pixels[:, left : left + wide].copy()
    result = np.full((height, wide, 3), pixels[0, 0], dtype=np.uint8)
    left = (wide - width) // 2
    result[:, left : left + width] = pixels
    return result

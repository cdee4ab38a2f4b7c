"""Map sheets of the project: their list, new ones, the title block; editor and output have modules of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImageReader
from PySide6.QtWidgets import QFileDialog, QWidget

from app.usecases.sheets import keeping, proposals, sheets
from app.usecases.sheets.previews import PictureStore
from app.window.feature import Feature
from app.window.features.sheets.editing import Editing
from app.window.features.sheets.output import Output
from app.window.window_context import WindowContext
from models.sheets.spec import SheetSpec, Subject
from models.sheets.templates import template, templates
from viewers.widgets.sheets.dialogs import NewSheet, TitleBlockDialog
from viewers.widgets.sheets.sheets_panel import SheetsPanel

#: A logo is kept no larger than this, pixels of its longer side.
LOGO_PX = 1200


class Sheets(Feature):
    """The list of sheets and what is done with whole sheets."""

    name = "sheets"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.panel = panel = SheetsPanel(self.appearance)
        store = PictureStore(self.session)
        self.output = Output(context, store, self._on_top)
        self.editing = Editing(context, store, self.edit_title_block, self.output.export, self.output.print_)
        context.docks.add("sheets", panel)
        context.requests.open_sheet.answer_with(self.open_sheet)
        ask, session = self.guard, self.session
        panel.new_requested.connect(ask(self.new))
        panel.open_requested.connect(ask(self.editing.open))
        panel.duplicate_requested.connect(ask(self._duplicate))
        panel.rename_requested.connect(ask(self._rename))
        panel.remove_requested.connect(ask(self._remove))
        panel.moved.connect(ask(lambda sheet, at: keeping.move_sheet(session, sheet, at)))
        panel.title_block_requested.connect(ask(self.edit_title_block))
        panel.export_requested.connect(ask(self.output.export))
        panel.print_requested.connect(ask(self.output.print_))

    # --- requests of the action table ------------------------------------------------------------------------------
    def new(self) -> None:
        """Ask for a template and what the sheet is about; make it, keep it and open it."""
        session, word = self.session, self.appearance.word
        offered, held = [], {}
        for one in templates():
            way = word(f"sheets.way.{'landscape' if one.is_landscape else 'portrait'}")
            detail = word("sheets.new.detail", paper=one.paper, way=way)
            offered.append((one.id, one.title(session.lang), detail, one.paper, one.is_landscape))
            held[one.id] = proposals.subjects_for(session, one)
        choices = {
            name: [(str(at), self._said(subject)) for at, subject in enumerate(found)]
            for name, found in held.items()
        }  # fmt: skip
        dialog = NewSheet(self.appearance, offered, choices, self.context.window)
        answer = dialog.ask()
        name, (at, paper, lies) = dialog.template, dialog.chosen
        dialog.deleteLater()
        if answer == "ok":
            spec = sheets.sheet_for(session, name, held[name][int(at)], paper=paper, landscape=lies)
            self.keep(spec)

    def keep(self, spec: SheetSpec) -> None:
        """Keep a sheet under a name of its own, and open it."""
        name = spec.name or self._name_of(spec)
        kept = keeping.keep_sheet(self.session, replace(spec, name=name))
        self.context.docks.bring_forward("sheets")
        self.refresh()
        self.panel.choose(kept.id)
        self.editing.open(kept.id)

    def open_sheet(self, spec: SheetSpec) -> None:
        """Open a sheet, kept first where the project does not have it."""
        if any(sheet.id == spec.id for sheet in self.session.project.state.review.sheets):
            self.editing.open(spec.id)
        else:
            self.keep(spec)

    def edit_title_block(self) -> None:
        """Ask who makes the sheets of the project."""
        block = self.session.project.state.review.title_block
        dialog = TitleBlockDialog(self.appearance, block, self._on_top())
        dialog.logo_wanted.connect(lambda: self._choose_logo(dialog))
        answer, wanted = dialog.ask(), dialog.block
        dialog.deleteLater()
        if answer == "ok":
            keeping.set_title_block(self.session, wanted)

    def export(self) -> None:
        """Write the chosen sheets, or all of them."""
        self.output.export(self.panel.chosen or self.panel.all)

    def print_sheets(self) -> None:
        """Print the chosen sheets, or all of them."""
        self.output.print_(self.panel.chosen or self.panel.all)

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """List the sheets; show again the one that is edited."""
        word, lang = self.appearance.word, self.session.lang
        rows = []
        for sheet in self.session.project.state.review.sheets:
            way = word(f"sheets.way.{'landscape' if sheet.landscape else 'portrait'}")
            detail = word("sheets.row", template=template(sheet.template).title(lang), paper=sheet.paper, way=way)
            rows.append((sheet.id, sheet.name, detail, not sheet.landscape))
        self.panel.set_sheets(rows)
        self.editing.refresh()

    def end(self) -> None:
        """Close the editor with the window."""
        self.editing.end()
        super().end()

    def _on_top(self) -> QWidget:
        editor = self.editing.window
        return editor if editor is not None and editor.isActiveWindow() else self.context.window

    def _said(self, subject: Subject) -> str:
        word = self.appearance.word
        if any(key in subject.objects for key in self.session.selection.keys):
            return word("sheets.new.selected", name=subject.name)
        if subject.kind == "city":
            return word("sheets.new.city")
        return subject.name or word("sheets.new.none")

    def _name_of(self, spec: SheetSpec) -> str:
        from app.usecases.sheets.pages import title_of

        return title_of(self.session, spec)

    def _duplicate(self, sheet_id: str) -> None:
        kept = keeping.duplicate_sheet(self.session, sheet_id)
        self.refresh()
        self.panel.choose(kept.id)

    def _rename(self, sheet_id: str) -> None:
        name = self.context.ask_name("sheets.name", keeping.find_sheet(self.session.project.state, sheet_id).name)
        if name:
            keeping.rename_sheet(self.session, sheet_id, name)

    def _remove(self, ids: list[str]) -> None:
        keeping.remove_sheets(self.session, ids)

    def _choose_logo(self, dialog: TitleBlockDialog) -> None:
        word = self.appearance.word
        path, _ = QFileDialog.getOpenFileName(
            dialog, word("dialog.logo"), str(self.context.folder()), word("dialog.filter.image")
        )
        if not path:
            return
        picture = _as_png(Path(path))
        wrong = "" if picture else word("sheets.title_block.not_a_picture", file=Path(path).name)
        dialog.set_logo(picture, wrong)


def _as_png(path: Path) -> bytes:
    """Return a picture of a file as a PNG of a moderate size; empty for what is none."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > LOGO_PX:
        reader.setScaledSize(size.scaled(LOGO_PX, LOGO_PX, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        return b""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub wants bytes, the binding text
    return bytes(buffer.data().data())

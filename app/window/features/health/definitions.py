"""The definitions of the health check: what they say, changed and signed off in a dialog of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog

from app.usecases.health import definition_files, definitions
from app.window.feature import Feature
from app.window.features.health import definition_values
from app.window.window_context import WindowContext
from models.core.errors import UserError
from models.health.book import freeze_of, tables_of, whole_book_of
from models.health.definitions.formula_text import parse
from viewers.widgets.common.dialogs import NameQuestion
from viewers.widgets.health.definitions_dialog import DefinitionsDialog, NewIndicator


class Definitions(Feature):
    """The dialog of definitions and what is done in it."""

    name = "health_definitions"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.dialog: DefinitionsDialog | None = None
        context.requests.open_definition.answer_with(self.open)

    def open(self, code: str = "") -> None:
        """Show the definitions, those of one indicator where one is named."""
        made = self.dialog = DefinitionsDialog(self.appearance, self.context.window)
        guard, session = self.guard, self.session
        made.chosen.connect(guard(self._show))
        made.limit_changed.connect(guard(self._change_limit))
        made.reading_chosen.connect(guard(lambda *told: self._do(definitions.choose_reading, *told)))
        made.left_out.connect(guard(lambda *told: self._do(definitions.remove_indicator, *told)))
        made.asked_again.connect(guard(lambda *told: self._do(definitions.show_again, *told)))
        made.new_requested.connect(guard(self._add))
        made.import_requested.connect(guard(self._import))
        made.export_requested.connect(guard(self._export))
        made.freeze_requested.connect(guard(lambda: self._do(definitions.freeze, made.document.text())))
        made.unfreeze_requested.connect(guard(self._unfreeze))
        book = whole_book_of(session.project.state.health)
        self._refresh()
        first = code or session.project.state.theme.indicator or next(iter(book.indicators))
        made.go_to(first if first in book.indicators else next(iter(book.indicators)))
        made.exec()
        self.dialog = None
        made.deleteLater()

    # --- what is shown ---------------------------------------------------------------------------------------------
    def _refresh(self) -> None:
        dialog, state = self.dialog, self.session.project.state
        if dialog is None:
            return
        told = definition_values.state_text(self.session)
        rows = definition_values.tree_rows(self.session)
        dialog.show_book(definition_values.edition_text(self.session), told, freeze_of(state.health) is not None, rows)
        dialog.show_changes(*definition_values.log_of(self.session))
        if dialog.code and dialog.code in whole_book_of(state.health).indicators:
            self._show(dialog.code)
        elif dialog.code:
            dialog.go_to(next(iter(whole_book_of(state.health).indicators)))

    def _show(self, code: str) -> None:
        if self.dialog is not None:
            self.dialog.show_definition(definition_values.definition_view(self.session, code))

    # --- what is done ----------------------------------------------------------------------------------------------
    def _do(self, what: Any, *told: Any) -> None:
        """Do something with the definitions and show what came of it, an error as a message of the window."""
        try:
            what(self.session, *told)
        except UserError as error:
            self.session.fail(error)
            if self.dialog is not None:
                self.dialog.state.setText(definition_values.error_text(error, self.session.lang))
                self._show(self.dialog.code)
            return
        self._refresh()

    def _change_limit(self, code: str, place: int, text: str, document: str) -> None:
        try:
            value: Any = float(text.replace("，", ".").replace(",", "."))
        except ValueError:
            value = text
        self._do(definitions.change_limit, code, place, value, document)

    def _add(self) -> None:
        lang = self.session.lang
        book = whole_book_of(self.session.project.state.health)

        def check(text: str) -> str:
            try:
                parse(text)
            except UserError as error:
                return definition_values.error_text(error, lang)
            return ""

        names = [(own, pair[lang == "en"]) for own, pair in book.dimensions.items()]
        asked = NewIndicator(self.appearance, names, check, self.dialog)
        if asked.ask() == "ok":
            row = dict(asked.row)
            if row.get("method"):
                row["input"] = definition_files.inputs_of(self.session, row["parameters"]["expression"])  # type: ignore[index]
            document = self.dialog.document.text() if self.dialog is not None else ""
            self._do(definitions.add_indicator, row, document)
        asked.deleteLater()

    def _import(self) -> None:
        word = self.appearance.word
        path, _ = QFileDialog.getOpenFileName(
            self.dialog, word("health.definitions.import"), str(self.context.folder()), word("health.definitions.files")
        )
        if path and self.dialog is not None:
            self._do(definition_files.import_definitions, Path(path), self.dialog.document.text())

    def _export(self) -> None:
        word, health = self.appearance.word, self.session.project.state.health
        path, _ = QFileDialog.getSaveFileName(
            self.dialog, word("health.definitions.export"), str(self.context.folder() / "definitions.xlsx"),
            word("health.definitions.files"),
        )  # fmt: skip
        if path:
            out = Path(path)
            self._do(lambda session: definition_files.export_definitions(tables_of(health), out, session.lang))

    def _unfreeze(self) -> None:
        asked = NameQuestion(self.appearance, "health.definitions.reason", "", self.dialog)
        if asked.ask() == "ok":
            self._do(definitions.unfreeze, asked.name)
        asked.deleteLater()

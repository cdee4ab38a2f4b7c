"""The mapping assistant: which columns of a table fill the register, previewed, kept as a profile, taken over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog

from app.notices import Notice
from app.usecases.facilities import profiles, register_import
from app.usecases.layers import importing
from app.window.feature import Feature
from app.window.requests import NoticeAction
from app.window.window_context import WindowContext
from models.core.watch import watch
from models.facilities.register.fields import schema
from models.facilities.register.mapping import Mapping, Report
from models.facilities.register.profiles import read_profile
from models.layers.layer import VectorData
from viewers.widgets.facilities.mapping_dialog import FROM_FILE, GUESS, IN_PLACE, NEW, MappingDialog

#: What a reader says of a table whose fields are those of pipes.
_PIPES_READ = "caution.vector.pipe_fields"


class RegisterMapping(Feature):
    """Connects the assistant to the session."""

    name = "register_mapping"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.dialog: MappingDialog | None = None
        self._layer = ""
        #: The mapping that is being applied to look at it, None for none.
        self._previewed: Mapping | None = None
        #: The file that was asked for and is being read.
        self._awaited: Path | None = None
        self.stops.append(watch(self.session.project.data_changed, self._on_data_changed))
        applies = NoticeAction(lambda notice: notice.key == _PIPES_READ, "register.map.open", self._open_of_notice)
        context.requests.notice_actions.append(applies)

    def open_assistant(self) -> None:
        """Map the columns of the current layer."""
        self._open(self.session.current_layer.id)

    def import_file(self) -> None:
        """Ask for a table, and map its columns once it is read."""
        path, _ = QFileDialog.getOpenFileName(
            self.context.window, self.appearance.word("register.map.open_file"), str(self.context.folder())
        )
        if path:
            self._awaited = Path(path).resolve()
            self.context.requests.open_paths([path])

    def _on_data_changed(self, layer_id: str) -> None:
        if self._awaited is not None and isinstance(self.session.project.data.get(layer_id), VectorData):
            QTimer.singleShot(0, lambda: self._open_if_awaited(layer_id))  # once it is in the project

    def _open_if_awaited(self, layer_id: str) -> None:
        """Map a table that came from the file that was asked for; others that come meanwhile are left alone."""
        layer = next((one for one in self.session.project.state.layers if one.id == layer_id), None)
        if layer is not None and self._awaited is not None and importing.origin_of(layer) == self._awaited:
            self._awaited = None
            self.guard(self._open)(layer_id)

    def _open_of_notice(self, notice: Notice) -> None:
        file = str(notice.facts.get("file", ""))
        layers = register_import.candidates(self.session)
        found = [layer.id for layer in layers if getattr(importing.origin_of(layer), "name", "") == file]
        self._open(found[-1] if found else self.session.current_layer.id)

    def _open(self, layer_id: str) -> None:
        session = self.session
        layer = session.project.state.layer(layer_id)
        kind = register_import.likely_kind(session, layer_id)
        self._layer, self._previewed = layer_id, None
        dialog = self.dialog = MappingDialog(self.appearance, layer.title(session.lang), kind, self.context.window)
        dialog.kind_changed.connect(self.guard(self._guess))
        dialog.profile_chosen.connect(self.guard(self._take_profile))
        dialog.column_chosen.connect(self.guard(self._complete))
        dialog.preview_wanted.connect(self.guard(self._preview))
        dialog.save_requested.connect(self.guard(self._save))
        dialog.give_requested.connect(self.guard(self._give))
        register_import.columns_of(session, layer_id, dialog.show_columns)
        self._guess(kind)
        answer = dialog.ask()
        choice, self.dialog = dialog.choice, None
        dialog.deleteLater()
        if answer != "ok":
            return
        if choice.goal in (NEW, IN_PLACE):
            register_import.take_over(session, layer_id, choice.mapping, as_new=choice.goal == NEW, done=self._show)
        else:
            gone = "deactivate" if choice.deactivate else "keep"
            register_import.merge_into(session, layer_id, choice.mapping, choice.goal, vanished=gone, done=self._show)

    def _show(self, brought: register_import.Brought) -> None:
        self.session.current_layer.set(brought.layer)

    def _guess(self, kind: str) -> None:
        """Offer the registers and profiles of a kind, and guess."""
        dialog, session = self.dialog, self.session
        if dialog is None:
            return
        wanted = schema(kind)
        key = wanted.field(wanted.key)
        others = [one for one in register_import.registers(session, kind) if one.id != self._layer]
        registers = [(one.id, one.title(session.lang)) for one in others]
        dialog.set_goals(registers, key.title(session.lang) if key is not None else wanted.key)
        self._list_profiles(kind)

        def done(mapping: Mapping) -> None:
            if self.dialog is dialog and dialog.kind.currentData() == kind:
                dialog.show_mapping(mapping)

        register_import.guess_for(session, self._layer, kind, done)

    def _list_profiles(self, kind: str, chosen: str = GUESS) -> None:
        if self.dialog is not None:
            listed = [(str(path), mapping.name or path.stem) for path, mapping in profiles.listed(kind)]
            self.dialog.set_profiles(listed, chosen)

    def _take_profile(self, chosen: str) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        kind = dialog.mapping.kind
        if chosen == GUESS:
            self._guess(kind)
            return
        if chosen == FROM_FILE:
            word, folder = self.appearance.word, str(self.context.folder())
            title, kinds = word("register.map.profile.file"), word("register.map.profile.filter")
            chosen, _ = QFileDialog.getOpenFileName(dialog, title, folder, kinds)
            if not chosen:
                self._list_profiles(kind)
                return
        mapping = read_profile(Path(chosen))
        if mapping.kind != kind:
            self._list_profiles(mapping.kind, chosen)
        dialog.show_mapping(mapping)

    def _complete(self, target: str, source: str) -> None:
        dialog = self.dialog
        if dialog is not None:
            kind = dialog.mapping.kind
            register_import.field_for(self.session, self._layer, kind, target, source, dialog.set_field)

    def _preview(self) -> None:
        """Apply the mapping to look at it; what changes meanwhile is applied once that has ended."""
        dialog = self.dialog
        if dialog is None or self._previewed is not None:
            return
        mapping = self._previewed = dialog.mapping

        def done(made: tuple[Any, Report]) -> None:
            self._previewed = None
            if self.dialog is dialog:
                dialog.show_preview(mapping, *made)
                if dialog.mapping != mapping:
                    self._preview()

        def failed(error: BaseException) -> None:
            self._previewed = None
            self.session.fail(error)

        register_import.preview(self.session, self._layer, mapping, done, failed)

    def _save(self) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        name = self.context.ask_name("register.map.save_name", dialog.mapping.name)
        if name:
            path = profiles.keep(replace(dialog.mapping, name=name))
            self._list_profiles(dialog.mapping.kind, str(path))

    def _give(self) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        word, place = self.appearance.word, str(self.context.folder() / "mapping.toml")
        title, kinds = word("register.map.give"), word("register.map.profile.filter")
        path, _ = QFileDialog.getSaveFileName(dialog, title, place, kinds)
        if path:
            profiles.give_away(dialog.mapping, Path(path))

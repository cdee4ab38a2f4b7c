"""Codes of components in the window: the edition of a layer, check and repair, migration, exchange table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from PySide6.QtWidgets import QFileDialog

from app.notices import Notice
from app.usecases.facilities import coding, exchange, facilities
from app.window.feature import Feature
from app.window.requests import NoticeAction
from app.window.window_context import WindowContext
from models.core.errors import UserError
from models.core.progress import Progress
from models.facilities.coding.checking import CodeCheck, Options
from models.facilities.coding.editions import ClassTable, Edition, editions, editions_of
from models.facilities.coding.migration import Migration
from models.facilities.coding.proposal import Evidence
from models.layers.layer import Layer
from models.project.selection import ObjectKey
from viewers.widgets.facilities.code_dialogs import (
    CodeRepairDialog,
    EditionDialog,
    EditionRow,
    MigrationDialog,
    digits_of,
)

_UNSTATED = "caution.facilities.edition_unstated"


class Codes(Feature):
    """Asks for the edition where nobody stated it, and works on the codes of a layer."""

    name = "codes"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._told: set[str] = set()
        self._path: Path | None = None
        self.edition_dialog: EditionDialog | None = None
        self.repair_dialog: CodeRepairDialog | None = None
        self.migration_dialog: MigrationDialog | None = None
        context.requests.state_code_edition.answer_with(self.state_edition_of)
        context.requests.notice_actions.append(
            NoticeAction(lambda notice: notice.key == _UNSTATED, "codes.edition.state", self._of_notice)
        )

    # --- asking where nobody stated -----------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Say once of each layer that its edition is not stated; keep the dialogs true."""
        path = self.session.project.path
        if path != self._path:
            self._path, self._told = path, set()
        for layer in coding.layers_without_edition(self.session.project.state):
            if layer.id not in self._told and layer.id in self.session.project.data:
                self._told.add(layer.id)
                facts: dict[str, object] = {"layer": layer.name, "layer_en": layer.name_en, "layer_id": layer.id}
                self.session.notices.add(Notice("caution", _UNSTATED, facts))
        for dialog in (self.repair_dialog, self.migration_dialog):
            if dialog is not None and dialog.isVisible() and self._rows() != dialog.layer_rows:
                dialog.set_layers(self._rows())

    def _of_notice(self, notice: Notice) -> None:
        self.state_edition_of(str(notice.facts["layer_id"]))

    # --- the edition --------------------------------------------------------------------------------------------------
    def state_edition(self) -> None:
        """Ask for the edition of the current layer, or of the first one of components."""
        self.state_edition_of(self._layer().id)

    def state_edition_of(self, layer_id: str) -> None:
        """Ask for the edition of a layer, with what its codes look like beside."""
        session = self.session
        layer = session.project.state.layer(layer_id)
        found = coding.evidence(session, layer_id)
        dialog = EditionDialog(
            self.appearance, layer.title(session.lang), [self._edition_row(one) for one in self._editions()],
            layer.code_edition, self._evidence_text(found), found.edition, self.context.window,
        )  # fmt: skip
        dialog.export_requested.connect(self.guard(self._export_classes))
        dialog.import_requested.connect(self.guard(self._import_classes))
        self.edition_dialog = dialog
        if dialog.ask() == "ok" and dialog.chosen != layer.code_edition:
            coding.set_edition(session, layer_id, dialog.chosen)
        self.edition_dialog = None
        dialog.deleteLater()

    def _editions(self) -> list[Edition]:
        return [*editions_of("component"), *editions_of("monitoring")]

    def _edition_row(self, edition: Edition) -> EditionRow:
        lang, word = self.session.lang, self.session.word
        in_force = ""
        if edition.in_force_from:
            in_force = word("codes.edition.in_force", day=edition.in_force_from)
        elif edition.replaced_by:
            in_force = word("codes.edition.replaced", by=editions()[edition.replaced_by].short(lang))
        note = " ".join(part for part in (in_force, edition.note(lang)) if part)
        return EditionRow(edition.id, edition.short(lang), digits_of(edition), note, self._classes_text(edition.id))

    def _classes_text(self, name: str) -> str:
        word = self.session.word
        state = self.session.project.state
        own = next((table for table in state.class_tables if table.edition == name), None)
        if own is not None:
            return word("codes.table.own", count=f"{len(own.classes):,}", source=own.source)
        known = len(editions()[name].classes)
        return word("codes.table.known", count=f"{known:,}") if known else word("codes.table.none")

    def _evidence_text(self, found: Evidence) -> str:
        if not found.looked_at:
            return ""
        word = self.session.word
        facts = {"count": f"{found.looked_at:,}", "digits": found.digits, "old": f"{found.share_old:.0%}"}
        text = word("codes.evidence", **facts)
        if found.share_named == found.share_named:
            text += word("codes.evidence.named", share=f"{found.share_named:.0%}")
        if not found.edition:
            return text + word("codes.evidence.unclear")
        return text + word("codes.evidence.proposed", edition=editions()[found.edition].short(self.session.lang))

    def _export_classes(self, name: str) -> None:
        edition = self._with_classes(name)
        path = self._save_as(f"{name}.xlsx", "dialog.filter.table")
        if path:
            coding.write_class_template(self.session, edition, path)

    def _import_classes(self, name: str) -> None:
        path = self._open("codes.table.import")
        if path is None:
            return
        edition = editions()[name]

        def work(progress: Progress) -> ClassTable:
            return coding.classes_in(coding.read_rows(self.session, path, progress), edition, path)

        def done(table: ClassTable) -> None:
            coding.take_classes(self.session, table)
            self.session.notices.info("codes.table.taken", count=f"{len(table.classes):,}", file=path.name)
            if self.edition_dialog is not None:
                self.edition_dialog.set_classes(name, self._classes_text(name))

        self.session.run("job.class_table", work, done, file=path.name)

    def _with_classes(self, name: str) -> Edition:
        from models.facilities.coding.editions import edition_named

        return edition_named(name, self.session.project.state.class_tables)

    # --- check and repair ---------------------------------------------------------------------------------------------
    def repair(self) -> None:
        """Show the dialog of check and repair."""
        if self.repair_dialog is None:
            made = self.repair_dialog = CodeRepairDialog(self.appearance, self.context.window)
            made.check_requested.connect(self.guard(self._check))
            made.apply_requested.connect(self.guard(self._apply_repairs))
            made.export_requested.connect(self.guard(self._export_rows))
            made.go_requested.connect(self.guard(self._go))
        self.repair_dialog.set_layers(self._rows(), self._layer().id)
        self.repair_dialog.show()
        self.repair_dialog.raise_()

    def _check(self, layer_id: str, options: Options) -> None:
        dialog = self.repair_dialog

        def done(found: CodeCheck) -> None:
            if dialog is not None:
                dialog.show_check(layer_id, found)

        if self._has_edition(layer_id):
            self.session.run("job.check_codes", lambda _: coding.check(self.session, layer_id, options), done)

    def _apply_repairs(self, layer_id: str, proposals: pd.DataFrame) -> None:
        count = coding.apply_repairs(self.session, layer_id, proposals)
        self.session.notices.info("codes.repaired", count=f"{count:,}")
        if self.repair_dialog is not None:
            self._check(layer_id, self.repair_dialog.options)

    def _export_rows(self, rows: pd.DataFrame) -> None:
        path = self._save_as("code_findings.xlsx", "dialog.filter.table")
        if path:
            coding.export_rows(self.session, rows, path)

    # --- migration ----------------------------------------------------------------------------------------------------
    def migrate(self) -> None:
        """Show the dialog of migration."""
        if self.migration_dialog is None:
            targets = [(one.id, one.short(self.session.lang)) for one in editions_of("component")]
            made = self.migration_dialog = MigrationDialog(self.appearance, targets, self.context.window)
            made.crosswalk_requested.connect(self.guard(self._open_crosswalk))
            made.template_requested.connect(self.guard(self._export_crosswalk))
            made.unmatched_requested.connect(self.guard(self._export_unmatched))
            made.apply_requested.connect(self.guard(self._apply_migration))
            made.go_requested.connect(self.guard(self._go))
        self.migration_dialog.set_layers(self._rows(), self._layer().id)
        self.migration_dialog.show()
        self.migration_dialog.raise_()

    def _open_crosswalk(self, layer_id: str, target: str) -> None:
        if not self._has_edition(layer_id):
            return
        path = self._open("codes.migrate.open")
        if path is not None:
            self.preview_migration(layer_id, target, path)

    def preview_migration(self, layer_id: str, target: str, path: Path) -> None:
        """Show what the codes of a layer become by a crosswalk."""
        session, dialog = self.session, self.migration_dialog
        state = session.project.state
        old, new = state.edition_of(state.layer(layer_id)), self._with_classes(target)

        def work(progress: Progress) -> Migration:
            rows = coding.read_rows(session, path, progress)
            return coding.preview_migration(session, layer_id, new, coding.crosswalk_in(rows, old, new, path))

        def done(made: Migration) -> None:
            if dialog is not None:
                dialog.show_preview(layer_id, path.name, made)

        session.run("job.migrate_codes", work, done, file=path.name)

    def _export_crosswalk(self, layer_id: str) -> None:
        if self._has_edition(layer_id):
            state = self.session.project.state
            path = self._save_as("crosswalk.xlsx", "dialog.filter.table")
            if path:
                coding.write_crosswalk_template(self.session, state.edition_of(state.layer(layer_id)), path)

    def _export_unmatched(self) -> None:
        made = self.migration_dialog.made if self.migration_dialog is not None else None
        path = self._save_as("unmatched.xlsx", "dialog.filter.table") if made is not None else None
        if path and made is not None:
            coding.export_unmatched(self.session, made, path)

    def _apply_migration(self, layer_id: str) -> None:
        made = self.migration_dialog.made if self.migration_dialog is not None else None
        if made is None:
            return
        coding.apply_migration(self.session, layer_id, made)
        self.session.notices.info(
            "codes.migrated", count=f"{len(made.rows) - len(made.unmatched):,}", unmatched=f"{len(made.unmatched):,}"
        )

    # --- exchange -----------------------------------------------------------------------------------------------------
    def export_exchange(self) -> None:
        """Ask where, and write the exchange table of a layer."""
        layer = self._layer()
        word = self.appearance.word
        path, chosen = QFileDialog.getSaveFileName(
            self.context.window, word("codes.exchange.title"), str(self.context.folder() / "components.xlsx"),
            word("dialog.filter.exchange"),
        )  # fmt: skip
        if path:
            encoding = "gbk" if "GBK" in chosen and path.lower().endswith(".csv") else ""
            exchange.export_exchange(self.session, layer.id, Path(path), encoding)

    # --- together -----------------------------------------------------------------------------------------------------
    def end(self) -> None:
        """Close the dialogs with the window."""
        super().end()
        for dialog in (self.repair_dialog, self.migration_dialog):
            if dialog is not None:
                dialog.close()

    def _layer(self) -> Layer:
        layers = facilities.facility_layers(self.session)
        if not layers:
            raise UserError("facilities.none")
        current = self.session.current_layer.id
        return next((layer for layer in layers if layer.id == current), layers[0])

    def _rows(self) -> list[tuple[str, str, str]]:
        state, lang = self.session.project.state, self.session.lang
        return [
            (layer.id, layer.title(lang), state.edition_of(layer).short(lang))
            for layer in facilities.facility_layers(self.session)
        ]

    def _has_edition(self, layer_id: str) -> bool:
        """Return whether a layer states its edition; where it does not, it is asked for first."""
        state = self.session.project.state
        if not state.edition_of(state.layer(layer_id)).is_stated:
            self.state_edition_of(layer_id)
        state = self.session.project.state
        return state.edition_of(state.layer(layer_id)).is_stated

    def _go(self, layer_id: str, oid: int) -> None:
        self.context.requests.go_to(ObjectKey(layer_id, oid))

    def _open(self, title: str) -> Path | None:
        word = self.appearance.word
        path, _ = QFileDialog.getOpenFileName(
            self.context.window, word(title), str(self.context.folder()), word("dialog.filter.code_table")
        )
        return Path(path) if path else None

    def _save_as(self, name: str, kinds: str) -> Path | None:
        word = self.appearance.word
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("dialog.export"), str(self.context.folder() / name), word(kinds)
        )
        return Path(path) if path else None

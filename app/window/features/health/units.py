"""Check units in the window: propose, edit on the map and in the list, accept, versions, and the way back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from app.usecases.health import units
from app.window.feature import Feature
from app.window.features.health.unit_values import change_lines, units_view, version_lines
from app.window.window_context import WindowContext
from models.health.units.proposing import ProposeOptions
from models.health.units.unit_sets import DRAFT
from models.project.selection import ObjectKey
from viewers.widgets.common.dialogs import NameQuestion
from viewers.widgets.health.unit_versions_dialog import UnitVersionsDialog
from viewers.widgets.health.units_panel import UnitsPanel

#: Names, people and reasons are read without cutting at this width, pixels.
WIDE_PX = 380


class CheckUnits(Feature):
    """The panel of check units and its actions."""

    name = "health_units"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._level = "community"
        self._shown: object = None
        self.panel = panel = UnitsPanel(self.appearance)
        dock = context.docks.add("health_units", panel)
        dock.visibilityChanged.connect(lambda on: self.refresh() if on else None)
        panel.level_chosen.connect(self.guard(self._choose_level))
        panel.propose_requested.connect(self.guard(self._propose))
        panel.accept_requested.connect(self.guard(self._accept))
        panel.drop_requested.connect(self.guard(lambda: units.drop_draft(self.session, self._level)))
        panel.merge_requested.connect(self.guard(lambda codes: units.merge(self.session, self._level, codes)))
        panel.split_requested.connect(self.guard(self._split))
        panel.rename_requested.connect(self.guard(self._rename))
        panel.area_requested.connect(self.guard(self._make_of_selection))
        panel.versions_requested.connect(self.guard(self._show_versions))
        panel.back_requested.connect(self.guard(lambda: units.go_back(self.session, self._level)))
        panel.export_requested.connect(self.guard(self._export))
        panel.units_chosen.connect(self.guard(self._select))
        panel.go_requested.connect(self.guard(context.requests.go_to))

    # --- requests of the action table ------------------------------------------------------------------------------
    def open_units(self) -> None:
        """Show the panel."""
        self.context.docks.bring_forward("health_units")
        self.context.docks.widen("health_units", WIDE_PX)
        self.refresh()

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the units of the level, where the panel is seen."""
        if not self.panel.isVisible():
            return
        state, project = self.session.project.state, self.session.project
        shown = (state.health, state.layers, project.data_stamp(), self._level, self.session.lang)
        if shown != self._shown:
            self._shown = shown
            self.panel.show_units(units_view(self.session, self._level))

    def on_selection_changed(self) -> None:
        """Choose in the list what is selected on the map."""
        if self.panel.isVisible():
            self.panel.choose(list(self.session.selection.keys))

    # --- requests of the panel -------------------------------------------------------------------------------------
    def _choose_level(self, level: str) -> None:
        self._level = level
        self.refresh()

    def _propose(self, level: str, may_cross: bool) -> None:
        units.propose_units(self.session, level, ProposeOptions(may_cross=may_cross))

    def _accept(self) -> None:
        accepted = units.accept(self.session, self._level)
        level = units.level_named(self._level).title(self.session.lang)
        self.session.notices.info("notice.units_accepted", level=level, version=accepted.version)

    def _split(self, code: str, ranks: int) -> None:
        units.divide(self.session, self._level, code, ranks or self._other_selection())

    def _make_of_selection(self) -> None:
        units.cut_out(self.session, self._level, self._other_selection())

    def _other_selection(self) -> list[ObjectKey]:
        """Return what is selected beside the units themselves."""
        shown = units.shown_set(self.session.project.state, self._level)
        own = shown.layer if shown is not None else ""
        return [key for key in self.session.selection.keys if key.layer != own]

    def _rename(self, code: str) -> None:
        draft = units.version_named(self.session.project.state, self._level, DRAFT)
        unit = next(one for one in draft.units if one.code == code)
        dialog = NameQuestion(self.appearance, "units.rename", unit.title(self.session.lang), self.context.window)
        if dialog.ask() == "ok":
            units.rename(self.session, self._level, code, dialog.name)
        dialog.deleteLater()

    def _show_versions(self) -> None:
        session, level = self.session, self._level
        dialog = UnitVersionsDialog(
            self.appearance, version_lines(session, level),
            lambda before, after: change_lines(session, level, before, after), self.context.window,
        )  # fmt: skip
        answer = dialog.ask()
        if answer == "use":
            units.use_version(session, level, dialog.version)
        elif answer == "edit":
            units.edit_version(session, level, dialog.version)
        dialog.deleteLater()

    def _export(self) -> None:
        shown = units.shown_set(self.session.project.state, self._level)
        if shown is None:
            return
        word = self.appearance.word
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("dialog.export"), str(self.context.folder() / f"{self._level}_units.gpkg"),
            "GeoPackage (*.gpkg);;GeoJSON (*.geojson);;Excel (*.xlsx)",
        )  # fmt: skip
        if path:
            units.export(self.session, self._level, shown.version, Path(path))

    def _select(self, keys: list[ObjectKey]) -> None:
        """Select the units on the map, beside what else is selected: along that a unit may be cut."""
        self.session.selection.set([*self._other_selection(), *keys])

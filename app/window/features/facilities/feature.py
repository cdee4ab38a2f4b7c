"""Municipal components: counts by class and state, lists, and the city coloured by state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog

from app.usecases.facilities import facilities, signs
from app.usecases.health import health
from app.usecases.query import list_export
from app.window.feature import Feature
from app.window.features.facilities import panel_values
from app.window.features.facilities.codes import Codes
from app.window.features.facilities.component_form import ComponentForm
from app.window.features.facilities.grids import Grids
from app.window.features.facilities.positions import Positions
from app.window.features.facilities.quality_gate import QualityGate
from app.window.features.facilities.register_mapping import RegisterMapping
from app.window.window_context import WindowContext
from models.facilities.fault_ranking import ranked_components
from models.project.selection import ObjectKey
from models.query.ranking import Ranking, Rows
from models.views.scene_state import Theme
from viewers.widgets.facilities.facilities_panel import FacilitiesPanel

#: So wide a list is read without scrolling, pixels.
LIST_PX = 430


class Facilities(Feature):
    """The panel of municipal components and its actions."""

    name = "facilities"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._counted: object = None
        self._asked = 0
        self.panel = FacilitiesPanel(self.appearance)
        dock = context.docks.add("facilities", self.panel)
        dock.visibilityChanged.connect(lambda on: self.refresh() if on else None)
        self.panel.list_requested.connect(self.guard(self._list))
        self.panel.go_requested.connect(self.guard(context.requests.go_to))
        self.panel.edition_requested.connect(self.guard(context.requests.state_code_edition))
        self.panel.list.select_requested.connect(self.guard(self.session.selection.set_many))
        self.panel.list.properties_requested.connect(self.guard(self._show_properties))
        self.panel.list.export_requested.connect(self.guard(self._export))
        self.panel.overlay_requested.connect(self.guard(lambda on: self.show_states() if on else self.show_plain()))
        context.requests.colour_themes.append(self._themes)

    # --- requests of the action table ------------------------------------------------------------------------------
    def show_plain(self) -> None:
        """Show the city in its own colours."""
        health.set_theme(self.session, Theme())

    def show_states(self) -> None:
        """Colour the components by state."""
        health.set_theme(self.session, Theme("facilities"))
        self.context.docks.bring_forward("facilities")

    def switch_signs(self) -> None:
        """Let signs stand over the components, or take them away."""
        signs.show_signs(self.session, not signs.are_shown(self.session.project.state))

    def list_faulty(self) -> None:
        """List every faulty component."""
        self.context.docks.bring_forward("facilities")
        self._list("", "")

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the register's counts; they are counted by a job once they are seen, and as the register changes."""
        session = self.session
        self.panel.set_overlay(session.project.state.theme.kind == "facilities")
        if not self.panel.isVisible():
            return
        register = tuple(stamp for stamp in session.project.data_stamp() if stamp[1] == "facilities")
        state = session.project.state
        editions = tuple(layer.code_edition for layer in state.with_role("facilities"))
        stamp = (register, editions, state.class_tables, session.lang, self.appearance.theme)
        if stamp == self._counted:
            return
        self._counted = stamp

        def done(views: list[Any]) -> None:
            if self._counted == stamp:
                self.panel.set_counts(panel_values.state_views(session.lang), views, panel_values.unstated(session))

        session.run("job.count_facilities", lambda _: panel_values.class_views(session), done)

    def _list(self, code: str, state: str) -> None:
        """List components, the most urgent first, and colour them by state; the rows are made by a job."""
        session = self.session
        if session.project.state.theme.kind != "facilities":
            health.set_theme(session, Theme("facilities"))
        edition_of = session.project.state.edition_of
        tables = [(layer.id, table, edition_of(layer)) for layer, table in facilities.facility_tables(session)]
        lang, districts = session.lang, facilities.district_names(session)
        self._asked += 1
        asked = self._asked

        def done(ranking: Ranking) -> None:
            if asked == self._asked:
                columns = panel_values.component_columns(session, ranking)
                total, everywhere = panel_values.component_total(session), session.word("ranked.everywhere")
                self.panel.list.show_ranking(ranking, columns, "district", total, everywhere)
                self.context.docks.widen("facilities", LIST_PX)
                self.panel.show_list(panel_values.list_title(session, code, state, len(ranking)))

        session.run("job.rank", lambda _: ranked_components(tables, lang, code, state, districts), done)

    def _show_properties(self, key: ObjectKey) -> None:
        self.session.selection.set([key])
        self.context.docks.bring_forward("properties")

    def _export(self, rows: Rows) -> None:
        """Ask where, and write the rows of the list as they stand."""
        word, listed = self.appearance.word, self.panel.list
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("dialog.export"), str(self.context.folder() / "facilities.xlsx"),
            word("dialog.filter.table"),
        )  # fmt: skip
        if path:
            title = self.panel.list_title.text()
            list_export.export_list(self.session, Path(path), title, listed.model.columns, listed.ranking, rows)

    def _themes(self) -> list[Theme]:
        return [Theme("facilities")] if self.session.project.state.with_role("facilities") else []


FEATURES = (Facilities, ComponentForm, Codes, Grids, RegisterMapping, Positions, QualityGate)

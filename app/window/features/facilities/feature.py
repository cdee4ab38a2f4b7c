"""Municipal components: counts by class and state, lists, and the city coloured by state."""

from __future__ import annotations

from typing import Any

from app.usecases.health import health
from app.window.feature import Feature
from app.window.features.facilities import panel_values
from app.window.window_context import WindowContext
from models.views.scene_state import Theme
from viewers.widgets.facilities.facilities_panel import FacilitiesPanel


class Facilities(Feature):
    """The panel of municipal components and its actions."""

    name = "facilities"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._counted: object = None
        self.panel = FacilitiesPanel(self.appearance)
        context.docks.add("facilities", self.panel)
        self.panel.list_requested.connect(self.guard(self._list))
        self.panel.go_requested.connect(self.guard(context.requests.go_to))
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

    def list_faulty(self) -> None:
        """List every faulty component."""
        self.context.docks.bring_forward("facilities")
        self._list("", "")

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the register's counts; they are counted by a job, and again only when the register has changed."""
        session = self.session
        self.panel.set_overlay(session.project.state.theme.kind == "facilities")
        register = tuple(stamp for stamp in session.project.data_stamp() if stamp[1] == "facilities")
        stamp = (register, session.lang, self.appearance.theme)
        if stamp == self._counted:
            return
        self._counted = stamp

        def done(views: list[Any]) -> None:
            if self._counted == stamp:
                self.panel.set_counts(panel_values.state_views(session.lang), views)

        session.run("job.count_facilities", lambda _: panel_values.class_views(session), done)

    def _list(self, code: str, state: str) -> None:
        title, items, _ = panel_values.facility_items(self.session, code, state)
        self.panel.show_items(title, items)

    def _themes(self) -> list[Theme]:
        return [Theme("facilities")] if self.session.project.state.with_role("facilities") else []


FEATURES = (Facilities,)

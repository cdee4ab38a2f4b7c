"""The urban health check: indicators by district, their problems, and the city coloured by one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog

from app.background.jobs import Job
from app.usecases.health import health
from app.usecases.health.upkeep import WAITED_FOR, Upkeep
from app.window.feature import Feature
from app.window.features.health import panel_values
from app.window.features.health.actions import INDICATORS
from app.window.window_context import WindowContext
from models.core.watch import watch
from models.views.scene_state import Theme
from viewers.widgets.health.health_panel import HealthPanel
from viewers.widgets.health.profile_dialog import ProfileDialog

#: Changes that follow each other within so many milliseconds are one to the results.
PAUSE_MS = 400


class Health(Feature):
    """The panel of indicators and its actions."""

    name = "health"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._shown: object = None
        self.panel = HealthPanel(self.appearance)
        context.docks.add("health", self.panel)
        self.panel.compute_requested.connect(self.guard(self.compute))
        self.panel.theme_requested.connect(self.guard(self._choose_theme))
        self.panel.go_requested.connect(self.guard(context.requests.go_to))
        self.panel.export_requested.connect(self.guard(self.export))
        self.panel.profile_requested.connect(self.guard(self.ask_profile))
        context.requests.colour_themes.append(self._themes)
        self.upkeep = Upkeep(self.session)
        self._look = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._look.timeout.connect(self.guard(self.upkeep.look))
        project = self.session.project
        self.stops += [
            watch(self.session.jobs.changed, self._on_job_changed),
            watch(self.session.results_changed, context.refresh.soon),
            watch(project.changed, lambda *_: self._look.start()),
            watch(project.data_changed, lambda _: self._look.start()),
            watch(project.path_changed, lambda _: self.upkeep.forget()),
            self._look.stop,
        ]

    # --- requests of the action table ------------------------------------------------------------------------------
    def compute(self) -> None:
        """Compute the indicators."""
        self.context.docks.bring_forward("health")
        self.panel.set_busy(True)
        health.compute_indicators(self.session)

    def show_indicator(self, code: str) -> None:
        """Colour the city by an indicator, computed first where it is not."""
        self.context.docks.bring_forward("health")
        if health.wants_computing(self.session, code):
            self.panel.set_busy(True)
        health.set_theme(self.session, Theme("indicator", code))

    def export(self) -> None:
        """Ask where, and write the indicators' values and problems as a table."""
        word = self.appearance.word
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("dialog.export"), str(self.context.folder() / "indicators.xlsx"),
            word("dialog.filter.table"),
        )  # fmt: skip
        if path:
            health.export_indicators(self.session, Path(path))

    def ask_profile(self) -> None:
        """Ask what kind of city it is, which decides over benchmarks."""
        before = self.session.project.state.profile
        dialog = ProfileDialog(self.appearance, before, self.context.window)
        if dialog.ask() == "ok" and dialog.profile != before:
            health.set_profile(self.session, dialog.profile)
        dialog.deleteLater()

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the newest results."""
        session = self.session
        state = session.project.state
        chosen = state.theme.indicator if state.theme.kind == "indicator" else ""
        views: tuple[Any, ...] = ()
        if state.with_role("districts") or state.results:
            views = tuple(
                panel_values.indicator_views(session, INDICATORS, self.appearance.colours, self.upkeep.under_way)
            )
        shown = (views, chosen if views else "", session.lang, self.appearance.theme)
        if shown != self._shown:
            self._shown = shown
            self.panel.set_indicators(views, shown[1])

    def _choose_theme(self, code: str) -> None:
        if code:
            self.show_indicator(code)
        else:
            health.set_theme(self.session, Theme())

    def _themes(self) -> list[Theme]:
        ready = health.all_kept(self.session)
        return [Theme("indicator", code) for code in INDICATORS if code in ready]

    def _on_job_changed(self, job: Job) -> None:
        if job.is_over and job.title == "job.compute_indicators":
            self.panel.set_busy(False)
        if job.is_over and job.title in WAITED_FOR:
            self._look.start()


FEATURES = (Health,)

"""The urban health check: indicators by district, their problems, and the city coloured by one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog

from app.background.jobs import Job
from app.usecases.health import health
from app.usecases.health.upkeep import WAITED_FOR, Upkeep
from app.usecases.query import list_export
from app.window.feature import Feature
from app.window.features.health import panel_values
from app.window.features.health.actions import INDICATORS
from app.window.features.health.service_radius import ServiceRing
from app.window.window_context import WindowContext
from models.core.watch import watch
from models.health.problem_ranking import ranked_problems
from models.project.selection import Keys, ObjectKey
from models.query.ranking import Ranking, Rows
from models.views.scene_state import Theme
from viewers.widgets.health.health_panel import HealthPanel
from viewers.widgets.health.profile_dialog import ProfileDialog

#: Changes that follow each other within so many milliseconds are one to the results.
PAUSE_MS = 400
#: What fails is framed with at least so much around it, metres.
FRAME_M = 400.0
#: So wide a list is read without scrolling, pixels.
LIST_PX = 430


class Health(Feature):
    """The panel of indicators and its actions."""

    name = "health"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._shown: object = None
        #: The indicator that is to be opened once it is computed, and what was shown before one was opened.
        self._coming = ""
        self._before = Theme()
        self._listed: object = None
        self._is_to_frame = False
        context.scene_sync.loading_changed.connect(self._on_loading_changed)
        self.panel = HealthPanel(self.appearance)
        context.docks.add("health", self.panel)
        self.panel.compute_requested.connect(self.guard(self.compute))
        self.panel.open_requested.connect(self.guard(self.open))
        self.panel.focus_requested.connect(self.guard(self._focus))
        self.panel.close_requested.connect(self.guard(self.close))
        problems = self.panel.problems
        problems.go_requested.connect(self.guard(context.requests.go_to))
        problems.select_requested.connect(self.guard(self.session.selection.set_many))
        problems.properties_requested.connect(self.guard(self._show_properties))
        problems.export_requested.connect(self.guard(self._export_problems))
        self.panel.export_requested.connect(self.guard(self.export))
        self.panel.profile_requested.connect(self.guard(self.ask_profile))
        context.requests.colour_themes.append(self._themes)
        context.requests.open_indicator.answer_with(self.open)
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
        """Colour the city by an indicator's values, computed first where it is not."""
        self.context.docks.bring_forward("health")
        self._remember()
        if health.wants_computing(self.session, code):
            self.panel.set_busy(True)
        health.set_theme(self.session, Theme("indicator", code))
        self.panel.open(code, "")

    def open(self, code: str) -> None:
        """Show what fails an indicator, computed first where it is not: coloured, numbered, framed and listed."""
        if health.wants_computing(self.session, code):
            self._coming = code
            self.panel.set_busy(True)
            health.compute_indicators(self.session, (code,))
            return
        self._coming = ""
        self._remember()
        result = health.kept(self.session, code)
        focus = "problems" if result is not None and result.problems else ""
        health.set_theme(self.session, Theme("indicator", code, focus))
        self.panel.open(code, focus)
        self._list()
        if focus:
            self._frame()
        self.context.docks.widen("health", LIST_PX)
        self.panel.problems.view.setFocus()

    def close(self) -> None:
        """Go back to the indicators, and to what was shown before one was opened."""
        self._is_to_frame = False
        self.panel.show_indicators()
        health.set_theme(self.session, self._before)

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
        if self._coming and health.kept(session, self._coming) is not None:
            self.open(self._coming)
        self._list()

    def _remember(self) -> None:
        """Keep what is shown, to come back to it."""
        if not self.panel.opened:
            self._before = self.session.project.state.theme

    def _frame(self) -> None:
        """Look at all that fails; where it is not drawn yet, as soon as it is."""
        result = health.kept(self.session, self.panel.opened)
        keys = result.problem_keys if result is not None else Keys()
        self._is_to_frame = len(keys) > 0 and not self.context.scene_sync.zoom_to_keys(keys, FRAME_M)

    def _on_loading_changed(self) -> None:
        if self._is_to_frame:
            self._frame()

    def _focus(self, code: str, focus: str) -> None:
        health.set_theme(self.session, Theme("indicator", code, focus))

    def _list(self) -> None:
        """List what fails the open indicator: made by a job, again only where the result or the language is another."""
        session, code = self.session, self.panel.opened
        result = health.kept(session, code) if code else None
        listed = (code, id(result), session.lang)
        if result is None or listed == self._listed:
            return
        self._listed = listed
        state, data = session.project.state, dict(session.project.data)
        crs = state.frame.horizontal if state.frame is not None else ""
        scene = self.context.scene_sync.scene
        middle = scene.camera.focal_point[:2] if scene is not None else None
        columns, total = panel_values.problem_columns(session, result), panel_values.problem_total(session, result)
        reasons = panel_values.reason_text(session)

        def done(ranking: Ranking) -> None:
            if self._listed == listed:
                everywhere = session.word("ranked.everywhere")
                self.panel.problems.show_ranking(ranking, columns, "district", total, everywhere)

        session.jobs.run(
            "job.rank", lambda _: ranked_problems(result, data, crs, session.lang, reasons, middle), done,
            failed=session.fail,
        )  # fmt: skip

    def _show_properties(self, key: ObjectKey) -> None:
        self.session.selection.set([key])
        self.context.docks.bring_forward("properties")

    def _export_problems(self, rows: Rows) -> None:
        """Ask where, and write the rows of the list as they stand."""
        view = next((view for view in self.panel.views if view.code == self.panel.opened), None)
        if view is None:
            return
        word, problems = self.appearance.word, self.panel.problems
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("dialog.export"), str(self.context.folder() / f"{view.code}.xlsx"),
            word("dialog.filter.table"),
        )  # fmt: skip
        if path:
            title = f"{view.name}  {view.code} · {word('health.tab.problems')}"
            list_export.export_list(self.session, Path(path), title, problems.model.columns, problems.ranking, rows)

    def _themes(self) -> list[Theme]:
        ready = health.all_kept(self.session)
        return [Theme("indicator", code) for code in INDICATORS if code in ready]

    def _on_job_changed(self, job: Job) -> None:
        if job.is_over and job.title == "job.compute_indicators":
            self.panel.set_busy(False)
            if job.state != "done":
                self._coming = ""
        if job.is_over and job.title in WAITED_FOR:
            self._look.start()


FEATURES = (Health, ServiceRing)

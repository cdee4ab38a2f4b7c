"""The urban health check beside the map: all indicators, one of them with what fails it, one object; and back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog

from app.background.jobs import Job
from app.usecases.health import definitions, health
from app.usecases.health.upkeep import WAITED_FOR, Upkeep
from app.usecases.query import list_export
from app.window.feature import Feature
from app.window.features.health import board_values, object_values, panel_values, problem_values
from app.window.features.health.actions import INDICATORS
from app.window.features.health.dashboard import Dashboard
from app.window.features.health.definitions import Definitions
from app.window.features.health.inputs import HealthInputs
from app.window.features.health.judging import HealthJudging
from app.window.features.health.lists import HealthLists
from app.window.features.health.patterns import HealthPatterns
from app.window.features.health.scenario import WhatIf
from app.window.features.health.service_radius import ServiceRing
from app.window.features.health.survey import Survey
from app.window.features.health.units import CheckUnits
from app.window.features.health.years.feature import YearOnYear
from app.window.window_context import WindowContext
from models.core.errors import UserError
from models.core.watch import watch
from models.health.book import book_of
from models.health.failing import outermost
from models.health.problem_ranking import ranked_problems
from models.health.units.fitness import Fitness, unit_fitness
from models.project.selection import Keys, ObjectKey
from models.query.ranking import Ranking, Rows
from models.views.scene_state import Theme
from viewers.texts.values import indicator_value
from viewers.widgets.health.health_panel import HealthPanel
from viewers.widgets.health.profile_dialog import ProfileDialog
from viewers.widgets.health.unit_list import UnitView

#: Changes that follow each other within so many milliseconds are one to the results.
PAUSE_MS = 400
#: What fails is framed with at least so much around it, metres; a unit that is chosen with less.
FRAME_M, UNIT_M = 400.0, 150.0
#: So wide a list is read without scrolling, pixels.
LIST_PX = 456


@dataclass(frozen=True, slots=True)
class Step:
    """Where one was: an indicator, and an object behind it where one was open."""

    code: str
    tab: str = "problems"
    key: ObjectKey | None = None


class Health(Feature):
    """The panel of indicators and its actions."""

    name = "health"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._shown: object = None
        self._shown_view: object = None
        #: The indicator that is to be opened once it is computed, and what was shown before one was opened.
        self._coming = ""
        self._before = Theme()
        self._listed: object = None
        self._level = ""
        self._is_to_frame = False
        #: What was left by going back, the last one first to be gone forward to.
        self._left: list[Step] = []
        self._fitness_of: object = None
        #: Values of the city by each reading of an indicator, with what they were worked out from.
        self._by_reading: dict[str, str] = {}
        context.scene_sync.loading_changed.connect(self._on_loading_changed)
        self.panel = HealthPanel(self.appearance)
        context.docks.add("health", self.panel)
        self._connect_panel()
        context.requests.colour_themes.append(self._themes)
        context.requests.open_indicator.answer_with(self.open)
        self.upkeep = Upkeep(self.session)
        self._look = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._look.timeout.connect(self.guard(self.upkeep.look))
        #: The page is painted before the camera moves.
        self._frame_soon = QTimer(self, singleShot=True, interval=0)
        self._frame_soon.timeout.connect(self.guard(self._frame))
        project = self.session.project
        self.stops += [
            watch(self.session.jobs.changed, self._on_job_changed),
            watch(self.session.results_changed, context.refresh.soon),
            watch(project.changed, lambda *_: self._look.start()),
            watch(project.data_changed, lambda _: self._look.start()),
            watch(project.path_changed, lambda _: self.upkeep.forget()),
            self._look.stop,
            self._frame_soon.stop,
        ]

    def _connect_panel(self) -> None:
        panel, page, requests, guard = self.panel, self.panel.page, self.context.requests, self.guard
        panel.compute_requested.connect(guard(self._compute))
        panel.dashboard_requested.connect(guard(requests.open_dashboard))
        panel.open_requested.connect(guard(self.open))
        panel.back_requested.connect(guard(self.go_back))
        panel.level_requested.connect(guard(self._go_to_level))
        panel.export_requested.connect(guard(self.export))
        panel.board.wanted.connect(guard(self._show_board))
        page.tab_chosen.connect(guard(self._on_tab))
        page.level_changed.connect(guard(self._on_level))
        page.unit_chosen.connect(guard(self._go_to_unit))
        page.reading_chosen.connect(guard(self._choose_reading))
        page.colour_requested.connect(guard(self._colour))
        page.definition_requested.connect(guard(lambda: requests.open_definition(panel.opened)))
        page.scenario_requested.connect(guard(lambda: requests.open_scenario(panel.opened)))
        page.value_requested.connect(guard(lambda: requests.enter_value(panel.opened)))
        page.list_requested.connect(guard(self._list_chosen))
        page.profile_requested.connect(guard(self.ask_profile))
        problems = page.problems
        problems.go_requested.connect(guard(requests.go_to))
        problems.open_requested.connect(guard(self.open_object))
        problems.select_requested.connect(guard(self.session.selection.set_many))
        problems.properties_requested.connect(guard(self._show_properties))
        problems.export_requested.connect(guard(self._export_problems))
        problems.rows_changed.connect(guard(self._mend))
        shown = panel.object
        shown.fly_requested.connect(guard(requests.go_to))
        shown.properties_requested.connect(guard(self._show_properties))
        shown.topic_requested.connect(guard(self._make_topic))
        shown.list_requested.connect(guard(lambda key: requests.list_problems(panel.opened, (key,))))
        shown.indicator_requested.connect(guard(self.open))

    # --- requests of the action table ------------------------------------------------------------------------------
    def compute(self) -> None:
        """Compute the indicators and show them all."""
        self.context.docks.bring_forward("health")
        self._compute()
        self.context.requests.open_dashboard()

    def show_indicator(self, code: str) -> None:
        """Colour the city by an indicator's values, computed first where it is not."""
        self.context.docks.bring_forward("health")
        self._remember()
        if health.wants_computing(self.session, code):
            self.panel.set_busy(True)
        health.set_theme(self.session, Theme("indicator", code))
        self._open_page(code, "districts")

    def open(self, code: str) -> None:
        """Show what fails an indicator, computed first where it is not: coloured, numbered, framed and listed.

        One that is not computed is shown with its definition.
        """
        definition = book_of(self.session.project.state.health).indicators.get(code)
        is_computed = definition is not None and definition.computed
        if is_computed and self._has_districts and health.wants_computing(self.session, code):
            self._coming = code
            self.panel.set_busy(True)
            health.compute_indicators(self.session, (code,))
            return
        self._coming = ""
        self._left.clear()
        self.context.docks.bring_forward("health")
        self._remember()
        result = health.kept(self.session, code)
        tab = "basis" if result is None else "problems" if result.problems else "districts"
        if result is not None:
            health.set_theme(self.session, Theme("indicator", code, "problems" if tab == "problems" else ""))
        elif self.session.project.state.theme.kind == "indicator":  # nothing of another one's beside this page
            health.set_theme(self.session, Theme())
        self._open_page(code, tab)
        if tab == "problems":
            self._frame_soon.start()
        self.context.docks.widen("health", LIST_PX)
        self.panel.page.focus_content()

    def open_object(self, key: ObjectKey) -> None:
        """Show one object that fails the open indicator: what a survey found, what is known of it."""
        requests = self.context.requests
        asked = {"topic": "topics.new" in self.context.commands.actions, "list": requests.list_problems.is_answered}
        try:
            view = object_values.object_view(
                self.session, self.panel.opened, key, frozenset(name for name, can in asked.items() if can)
            )
        except UserError as error:  # its layer has just gone
            self.session.fail(error)
            return
        self._left.clear()
        self.panel.open_object(view)

    def go_back(self) -> None:
        """Go back one level: from an object to the list, from an indicator to all of them."""
        panel = self.panel
        if panel.level == "object":
            shown = panel.object.view
            self._left.append(Step(panel.opened, panel.page.tab, shown.key if shown is not None else None))
            panel.show_level("indicator")
        elif panel.level == "indicator":
            self._left.append(Step(panel.opened, panel.page.tab))
            self.close()

    def go_forward(self) -> None:
        """Go again to where one came back from."""
        if not self._left:
            return
        step, left = self._left[-1], self._left[:-1]
        if step.key is not None:
            self.open_object(step.key)
        else:
            self.open(step.code)
            self.panel.page.choose_tab(step.tab)
            self._on_tab(step.tab)
        self._left = left

    def close(self) -> None:
        """Go back to the indicators, and to what was shown before one was opened."""
        self._is_to_frame = False
        self.panel.show_level("board")
        self._show_board()
        health.set_theme(self.session, self._before)
        self.context.requests.return_to_dashboard()

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

    # --- what is shown ---------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the newest results."""
        self.panel.show_hint(not (self.session.project.state.layers or self.session.project.state.results))
        self._look_up_fitness()
        if self.panel.opened:
            self._show_page()
        else:
            self._show_board()
        if self._coming and health.kept(self.session, self._coming) is not None:
            self.open(self._coming)
        self._list()

    @property
    def _has_districts(self) -> bool:
        return bool(self.session.project.state.with_role("districts"))

    @property
    def _basis(self) -> tuple[object, ...]:
        """Return what all that is shown depends on."""
        session, state = self.session, self.session.project.state
        return (state.results, state.health, state.profile, state.theme, health.old_codes(session), session.lang,
                self.appearance.theme, self.upkeep.under_way, session.fitness)  # fmt: skip

    def _show_board(self) -> None:
        board, theme = self.panel.board, self.session.project.state.theme
        wanted = board_values.Wanted(board.text, board.chosen, board.order)
        shown = (wanted, *self._basis)
        if shown == self._shown:
            return
        self._shown = shown
        made = board_values.board_of(self.session, wanted)
        board.show_groups(made.groups, made.counts, theme.indicator if theme.kind == "indicator" else "", made.nothing)

    def _open_page(self, code: str, tab: str) -> None:
        """Open the page of an indicator at a tab."""
        self._shown_view, self._level = None, ""
        view = self._view(code)
        self.context.requests.close_dashboard()
        if view is not None:
            self.panel.open(view, tab, self._level)
            self._list()

    def _show_page(self) -> None:
        """Show what has become of the indicator that is open."""
        self._look_up_readings()
        shown = (self.panel.opened, self._fitness_of, tuple(self._by_reading.items()), *self._basis)
        if shown == self._shown_view:
            return
        self._shown_view = shown
        view = self._view(self.panel.opened)
        if view is None:  # the edition of the project has it no longer
            self.panel.show_level("board")
        else:
            self.panel.show_indicator(view, self._level)

    def _view(self, code: str) -> Any:
        standing = panel_values.standing_of(self.session, code)
        if standing is None:
            return None
        requests = self.context.requests
        asked = {
            "definition": requests.open_definition.is_answered, "enter": requests.enter_value.is_answered,
            "list": requests.list_problems.is_answered, "scenario": requests.open_scenario.is_answered,
        }  # fmt: skip
        offers = frozenset(name for name, can in asked.items() if can)
        return panel_values.indicator_view(
            self.session, standing, self.upkeep.under_way, self._by_reading, self.appearance.colours, offers,
        )  # fmt: skip

    def _look_up_fitness(self) -> None:
        """Ask, once a change of the data, which units may be judged alone."""
        project = self.session.project
        asked = (project.data_stamp(), project.state.layers, project.state.health)
        if asked == self._fitness_of:
            return
        self._fitness_of = asked
        state, data = project.state, dict(project.data)

        def done(found: dict[ObjectKey, Fitness]) -> None:
            if self._fitness_of == asked:
                self.session.fitness, self._shown_view = found, None
                self.context.refresh.soon()

        self.session.jobs.run("job.rank", lambda _: unit_fitness(state, data), done, failed=self.session.fail)

    def _look_up_readings(self) -> None:
        """Put the figures of the open indicator by each of its readings beside each other, as they were computed."""
        session, code = self.session, self.panel.opened
        result, definition = health.kept(session, code), book_of(session.project.state.health).indicators.get(code)
        self._by_reading = {}
        if definition is None or result is None or not result.beside:
            return
        unit, blank = definition.unit_text(session.lang), session.word("health.no_data")
        values = {name: units[-1].value for name, units in result.beside.items()} | {result.reading: result.city.value}
        self._by_reading = {
            one.id: indicator_value(values[one.id], unit, blank) for one in definition.readings if one.id in values
        }

    # --- what hands do on the page ---------------------------------------------------------------------------------
    def _on_tab(self, tab: str) -> None:
        if tab == "basis":
            return
        self._colour()
        if tab == "problems":
            self._frame_soon.start()

    def _on_level(self, level: str) -> None:
        self._level = level
        self._colour()

    def _colour(self) -> None:
        """Colour the city as the open tab says: by what fails, by sub-district or by estate."""
        if health.kept(self.session, self.panel.opened) is not None:
            focus = "problems" if self.panel.page.tab == "problems" else self._level
            health.set_theme(self.session, Theme("indicator", self.panel.opened, focus))

    def _go_to_unit(self, unit: UnitView) -> None:
        if unit.key is not None:
            self.session.selection.set([unit.key])
            self.context.scene_sync.zoom_to_keys([unit.key], UNIT_M)

    def _choose_reading(self, reading: str) -> None:
        """Work an indicator out by another of its readings from now on."""
        session, code = self.session, self.panel.opened
        try:
            definitions.choose_reading(session, code, reading)
        except UserError as error:  # the definitions are frozen
            session.fail(error)
            self._show_page()
            return
        health.compute_indicators(session, (code,))

    def _go_to_level(self, level: str) -> None:
        if level == "indicator" and self.panel.level == "object":
            self.go_back()
        elif level == "board":
            self.close()
            self.context.requests.open_dashboard()

    def _remember(self) -> None:
        """Keep what is shown, to come back to it."""
        if not self.panel.opened:
            self._before = self.session.project.state.theme

    def _frame(self) -> None:
        """Look at all that fails; where it is not drawn yet, as soon as it is."""
        session = self.session
        result, frame = health.kept(session, self.panel.opened), session.project.state.frame
        keys = Keys()
        if result is not None and frame is not None:
            keys = outermost(result, session.project.data, frame.horizontal)
        self._is_to_frame = len(keys) > 0 and not self.context.scene_sync.zoom_to_keys(keys, FRAME_M)

    def _on_loading_changed(self) -> None:
        if self._is_to_frame:
            self._frame()

    # --- the list of what fails ------------------------------------------------------------------------------------
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
        columns = problem_values.problem_columns(session, result)
        total, reasons = problem_values.problem_total(session, result), problem_values.reason_text(session)

        def done(ranking: Ranking) -> None:
            if self._listed == listed:
                everywhere = session.word("ranked.everywhere")
                self.panel.page.problems.show_ranking(ranking, columns, "district", total, everywhere)

        session.jobs.run(
            "job.rank", lambda _: ranked_problems(result, data, crs, session.lang, reasons, middle), done,
            failed=session.fail,
        )  # fmt: skip

    def _mend(self) -> None:
        """Say what mending the first rows, or those that are chosen, would give."""
        session, problems, page = self.session, self.panel.page.problems, self.panel.page
        result = health.kept(session, self.panel.opened)
        if result is None or len(problems.ranking) != len(result.problems):
            return
        chosen = problems.chosen_rows()
        is_choice = len(chosen) > 1
        rows = chosen if is_choice else problems.model.rows
        told = problem_values.mending_text(session, result, problems.ranking, rows, is_choice=is_choice)
        page.mending.show_mending(len(rows), told, is_choice=is_choice)

    def _list_chosen(self) -> None:
        """Take the rows that are chosen, or all in sight, into the problem list."""
        problems = self.panel.page.problems
        rows = problems.chosen_rows(everything=True)
        keys = tuple(problems.ranking.key(int(row)) for row in rows)
        self.context.requests.list_problems(self.panel.opened, keys)

    def _make_topic(self, key: ObjectKey) -> None:
        """Begin a topic about an object as it is seen now."""
        self.session.selection.set([key])
        self.context.commands.run("topics.new")

    def _show_properties(self, key: ObjectKey) -> None:
        self.session.selection.set([key])
        self.context.docks.bring_forward("properties")

    def _export_problems(self, rows: Rows) -> None:
        """Ask where, and write the rows of the list as they stand."""
        view = self.panel.view
        if view is None:
            return
        word, problems = self.appearance.word, self.panel.page.problems
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("dialog.export"), str(self.context.folder() / f"{view.code}.xlsx"),
            word("dialog.filter.table"),
        )  # fmt: skip
        if path:
            title = f"{view.name}  {view.code} · {word('health.tab.problems')}"
            list_export.export_list(self.session, Path(path), title, problems.model.columns, problems.ranking, rows)

    # --- following -------------------------------------------------------------------------------------------------
    def _compute(self) -> None:
        self.panel.set_busy(True)
        health.compute_indicators(self.session)

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


FEATURES = (
    Health,
    Dashboard,
    ServiceRing,
    HealthInputs,
    HealthLists,
    HealthJudging,
    CheckUnits,
    Survey,
    WhatIf,
    YearOnYear,
    Definitions,
    HealthPatterns,
)

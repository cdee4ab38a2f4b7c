"""Models of SWMM and EPANET: opened, checked, run, looked at step by step in the city and as series."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtWidgets import QFileDialog

from app.usecases.network import simulation
from app.usecases.timeline.moment import zone_of
from app.window.feature import Feature
from models.core.watch import watch
from models.layers.layer import VectorData
from models.network.hydraulics.results import Results, Variable
from models.network.hydraulics.run import EngineRefusedError, engine_of
from models.network.hydraulics.summary import summary_of, totals_of, worst_of
from models.project.selection import ObjectKey
from models.timeline.runs import ShownRun
from models.timeline.zone import us_of
from viewers.render.symbology.result_colours import ResultRange, range_of, result_colours, result_legend
from viewers.render.symbology.theme_picture import ThemePicture
from viewers.texts import simulation_texts as texts
from viewers.widgets.network.series_chart import MOST_CURVES, Curve
from viewers.widgets.network.simulation_panel import ListedRow, SimulationPanel

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.window.window_context import WindowContext
    from models.network.hydraulics.checks import Issue

#: What is shown first of a run.
_FIRST = (("nodes", "flooding"), ("links", "capacity"), ("nodes", "pressure"))
#: So wide the panel is read without scrolling, pixels.
_PANEL_PX = 400


class Simulation(Feature):
    """The panel of models and its actions."""

    name = "simulation"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.panel = SimulationPanel(self.appearance)
        dock = context.docks.add("simulation", self.panel)
        dock.visibilityChanged.connect(lambda on: self.refresh() if on else None)
        panel, ask = self.panel, self.guard
        panel.open_requested.connect(ask(context.requests.add_files))
        panel.check_requested.connect(ask(self.check))
        panel.run_requested.connect(ask(self.run))
        panel.cancel_requested.connect(ask(self._cancel))
        panel.save_requested.connect(ask(self.save_as))
        panel.export_requested.connect(ask(self._export))
        panel.model_chosen.connect(ask(self._choose_model))
        panel.variable_chosen.connect(ask(self._choose_variable))
        panel.step_chosen.connect(ask(self._choose_step))
        panel.shown_switched.connect(ask(self._switch_shown))
        panel.place_chosen.connect(ask(self._go))
        panel.start_requested.connect(ask(self._ask_start))
        self.stops.append(watch(self.session.clock.changed, self._follow_clock))
        #: Where the run stands on the time line; None for one whose clock knows no date, until somebody says it.
        self.shown_run: ShownRun | None = None
        self._line_path = ""
        self.results: Results | None = None
        self._models: list[Path] = []
        self._path: Path | None = None
        self._job: Job | None = None
        self._variables: list[Variable] = []
        self._variable: Variable | None = None
        self._range: ResultRange | None = None
        self._step = 0
        self._issues: list[Issue] | None = None
        self._said: object = None
        self._is_painted = self._is_outside = False
        #: By element: the layer, its object ids and the row of the results of each.
        self._rows: dict[str, tuple[str, Any, Any]] = {}

    # --- requests of the action table ------------------------------------------------------------------------------
    def open(self) -> None:
        """Show the panel; where no model is open, ask for one."""
        self.context.docks.bring_forward("simulation")
        self.context.docks.widen("simulation", _PANEL_PX)
        self.refresh()
        if not self._models:
            self.context.requests.add_files()

    def check(self) -> None:
        """Look for what is wrong with the model."""
        if self._path is not None:
            simulation.check(self.session, self._path, self._show_issues)

    def run(self) -> None:
        """Run the model, with what was changed in its layers."""
        if self._path is None or self._job is not None:
            return
        self.check()
        self.panel.set_running(self.session.word("progress.network.preparing"), -1.0)
        job = simulation.run(self.session, self._path, self._done, self._failed)
        if not job.is_over:
            self._job = job
            job.changed.connect(self._on_progress)

    def save_as(self) -> None:
        """Ask where, and write the model with what was changed in its layers."""
        if self._path is None:
            return
        word = self.appearance.word
        target = self._path.with_name(f"{self._path.stem}-2.inp")
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("simulation.save"), str(target), word("dialog.filter.model_file")
        )
        if path:
            written = simulation.save_as(self.session, self._path, Path(path))
            self.session.notices.info("notice.model_saved", file=Path(path).name, count=written.changed)

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow project and language."""
        self._models = simulation.models_in(self.session)
        if self._path not in self._models:
            self._path = self._models[0] if self._models else None
            self._forget()
        names = [path.name for path in self._models]
        self.panel.set_models(names, self._models.index(self._path) if self._path is not None else 0)
        said = (self.session.lang, self.appearance.theme)
        if said != self._said:
            self._said = said
            if self._issues is not None:
                self._show_issues(self._issues)
            if self.results is not None:
                self._show_results()
        if self.results is not None:
            self._map_rows(self.results)

    def on_selection_changed(self) -> None:
        """Show the series of what is selected."""
        self._show_series()

    def end(self) -> None:
        """Stop the engine with the window."""
        self._cancel()
        super().end()

    # --- running ---------------------------------------------------------------------------------------------------
    def _on_progress(self, job: Job) -> None:
        if job is self._job and not job.is_over:
            text = self.session.word(job.code) if job.code else ""
            percent = f" {job.fraction * 100:.0f} %" if job.fraction >= 0 else ""
            self.panel.set_running(f"{text or self.session.word('progress.network.preparing')}{percent}", job.fraction)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _ended(self) -> None:
        self._job = None
        self.panel.set_running("", -1.0)

    def _failed(self, error: BaseException) -> None:
        self._ended()
        if isinstance(error, EngineRefusedError):
            lang = self.session.lang
            rows = [ListedRow(one.severity, texts.message_text(one, error.dialect, lang), engine_name(error), one.name)
                    for one in error.messages]  # fmt: skip
            self.panel.show_findings(self.session.word("simulation.findings", count=f"{len(rows):,}"), rows)
        self.session.fail(error)

    def _done(self, results: Results) -> None:
        self._ended()
        self.results, self._step = results, 0
        self._map_rows(results)
        self._put_on_line(None if results.start is None else us_of(results.start, zone_of(self.session)))
        self._variables = [one for one in results.variables if one.element in self._rows or not self._rows]
        self._show_results()
        at = next((self._at(*first) for first in _FIRST if self._at(*first) >= 0), 0)
        if self._variables:
            self.panel.variables.setCurrentIndex(at)
            self.panel.shown.setChecked(bool(self._rows))
            self._choose_variable(at)

    # --- the time line ---------------------------------------------------------------------------------------------
    def _put_on_line(self, start_us: int | None) -> None:
        """Put the run on the time line, in the place of the last one of its model."""
        self._off_line()
        if start_us is not None and self.results is not None and self._path is not None:
            self.shown_run = ShownRun(self._path.name, start_us, self.results.times_s)
            self._line_path = str(self._path)
            self.session.runs.put(self._line_path, self.shown_run)
        self.panel.offer_start(is_unknown=self.results is not None and self.shown_run is None)

    def _off_line(self) -> None:
        if self.shown_run is not None:
            self.shown_run = None
            self.session.runs.drop(self._line_path)

    def _ask_start(self) -> None:
        """Ask when a run begins whose clock knows no date."""
        start_us = self.context.requests.ask_moment("simulation.start")
        if start_us is not None:
            self._put_on_line(start_us)
            self._follow_clock()

    def _follow_clock(self) -> None:
        """Show the step of the moment; outside of the run nothing of it is shown."""
        run, moment_us = self.shown_run, self.session.clock.moment_us
        if run is None or moment_us is None or self.results is None:
            self._is_outside = False
            self._paint()
            return
        step = run.step_at(moment_us)
        self._is_outside = step is None
        if step is None:
            self._paint_over(None)
            self.panel.show_outside(self.session.word("simulation.outside"))
        else:
            self._step = step
            self._paint()

    def _at(self, element: str, name: str) -> int:
        return next((at for at, one in enumerate(self._variables) if (one.element, one.name) == (element, name)), -1)

    def _show_issues(self, issues: list[Issue]) -> None:
        self._issues = issues
        lang = self.session.lang
        rows = [ListedRow(one.severity, texts.issue_text(one, lang), texts.severity_text(one.severity, lang), one.name)
                for one in issues]  # fmt: skip
        count = f"{len(rows):,}"
        self.panel.show_findings(
            self.session.word("simulation.findings" if rows else "simulation.sound", count=count), rows
        )

    # --- results ---------------------------------------------------------------------------------------------------
    def _show_results(self) -> None:
        results = self.results
        if results is None:
            return
        lang, tables = self.session.lang, summary_of(results)
        worst = worst_of(results, tables)
        rows = []
        for at, (code, what, *more) in enumerate(texts.worst_rows(worst, lang)):
            element, row, reason = worst["element"][at], int(worst["row"][at]), worst["reason"][at]
            severity = "error" if reason == "flooded" else "caution"
            detail = "  ·  ".join(filter(None, more))
            rows.append(ListedRow(severity, f"{code}  ·  {what}", detail, (element, row)))
        names = [self.session.word("simulation.variable.of", element=self.session.word(f"network.tab.{one.element}"),
                                   variable=texts.variable_text(one, lang)) for one in self._variables]  # fmt: skip
        facts = texts.run_rows(results, totals_of(results, tables), lang)[2:]
        title = self.session.word("simulation.worst", count=f"{len(rows):,}")
        at, step = self.panel.variables.currentIndex(), self._step
        self.panel.show_results(engine_of(results.facts), facts, names, rows, results.count, title)
        self.panel.variables.setCurrentIndex(max(at, 0))
        self.panel.slider.setValue(step)
        self._paint()
        self._show_series()

    def _map_rows(self, results: Results) -> None:
        """Note which object of a layer is which row of the results."""
        self._rows = {}
        if self._path is None:
            return
        for element, layer in simulation.layers_of(self.session, self._path).items():
            data = self.session.project.data.get(layer.id)
            if element not in results.names or not isinstance(data, VectorData) or "code" not in data.fields:
                continue
            of = {name.upper(): at for at, name in enumerate(results.names[element])}
            codes = data.attributes["code"]
            rows = codes.astype(str).str.upper().map(of).to_numpy(np.float64)
            known = np.isfinite(rows)
            if layer.kind == "vector":
                self._rows[element] = (layer.id, codes.index.to_numpy(np.int64)[known], rows[known].astype(np.int64))

    def _choose_model(self, at: int) -> None:
        self._path = self._models[at]
        self._forget()

    def _forget(self) -> None:
        self._off_line()
        self._is_outside = False
        self.results = self._variable = self._range = self._issues = None
        self._rows = {}
        self.panel.show_findings("", [])
        self.panel.show_results("", [], [], [], 0)
        self._paint_over(None)

    def _choose_variable(self, at: int) -> None:
        if self.results is None:
            return
        results, variable = self.results, self._variables[at]
        self._variable, self._range = variable, None

        def done(found: ResultRange) -> None:
            if self._variable is variable:
                self._range = found
                self._paint()

        self.session.run("job.range_of_run", lambda _: range_of(results, variable), done)
        self._show_series()

    def _choose_step(self, step: int) -> None:
        """Show a step, and everything else at its moment."""
        self._step, self._is_outside = step, False
        run, clock = self.shown_run, self.session.clock
        if run is not None and step < len(run.times_s):
            clock.go(run.moment_of(step))
        self._step, self._is_outside = step, False  # the line may not reach it yet
        self._paint()

    def _switch_shown(self, on: bool) -> None:
        self._paint()

    def _paint(self) -> None:
        """Colour the city by the step, or no longer."""
        results, variable, limits = self.results, self._variable, self._range
        if results is None or self._is_outside:
            self._paint_over(None)
            return
        step = min(self._step, results.count - 1)
        self.panel.show_step(results.clock(step), float(results.times_s[step]), step)
        if variable is None or limits is None or not self.panel.shown.isChecked() or variable.element not in self._rows:
            self._paint_over(None)
            return
        layer, oids, rows = self._rows[variable.element]
        colours = result_colours(results, variable, step, (oids, rows), limits)
        legend = result_legend(results, variable, step, limits, self.session.lang)
        self._paint_over(ThemePicture({layer: colours}, legend))

    def _paint_over(self, picture: ThemePicture | None) -> None:
        """Lay colours over the city; none where none of ours are there leaves those of others."""
        if picture is not None or self._is_painted:
            self._is_painted = picture is not None
            self.context.scene_sync.result_colours.show(picture)

    def _show_series(self) -> None:
        results, variable = self.results, self._variable
        if results is None or variable is None:
            return
        hours = results.times_s / 3600
        curves = [Curve(results.names[variable.element][row], hours, results.series(variable, row))
                  for row in self._selected_rows(variable.element)]  # fmt: skip
        step = min(self._step, results.count - 1)
        self.panel.show_series(curves, texts.variable_text(variable, self.session.lang), float(results.times_s[step]))

    def _selected_rows(self, element: str) -> list[int]:
        if element not in self._rows:
            return []
        layer, oids, rows = self._rows[element]
        of = dict(zip(oids.tolist(), rows.tolist(), strict=True))
        return [of[key.oid] for key in self.session.selection.keys if key.layer == layer and key.oid in of][
            :MOST_CURVES
        ]

    def _go(self, place: object) -> None:
        """Fly to a place of a list: an object by its name, or by its row of the results."""
        if self._path is None:
            return
        if isinstance(place, tuple) and place[0] in self._rows:
            layer, oids, rows = self._rows[place[0]]
            for oid in oids[rows == place[1]][:1]:
                self.context.requests.go_to(ObjectKey(layer, int(oid)))
            return
        for found in simulation.layers_of(self.session, self._path).values():
            data = self.session.project.data.get(found.id)
            if isinstance(data, VectorData) and "code" in data.fields and place:
                codes = data.attributes["code"].astype(str)
                for oid in codes.index[codes.str.upper() == str(place).upper()][:1]:
                    self.context.requests.go_to(ObjectKey(found.id, int(oid)))
                    return

    def _export(self, series: bool) -> None:
        """Ask where, and write the run, or the series of what is selected."""
        results, variable, word = self.results, self._variable, self.appearance.word
        if results is None or self._path is None:
            return
        target = self._path.with_name(f"{self._path.stem}-{'series' if series else 'results'}.xlsx")
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("simulation.export"), str(target), word("dialog.filter.table")
        )
        if not path:
            return
        chosen = [(variable, row) for row in self._selected_rows(variable.element)] if series and variable else []
        lang = self.session.lang

        def work(_: object) -> None:
            if series:
                simulation.export_series(results, chosen, Path(path), lang)
            else:
                simulation.export_results(results, Path(path), lang)

        done = lambda _: self.session.notices.info("notice.written", file=Path(path).name)  # noqa: E731
        self.session.run("job.export_run", work, done, file=Path(path).name)


def engine_name(error: EngineRefusedError) -> str:
    """Return which engine refused."""
    return str(error.facts.get("engine", ""))

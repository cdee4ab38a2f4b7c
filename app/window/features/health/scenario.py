"""What if, in the window: tools on the canvas, rules in a table, and what becomes of the indicators beside the base.

Invariants
----------
1. Nothing is changed: layers, results and definitions stay; only keeping a scenario is a step that undo takes back.
2. Only the last wish counts: what was overtaken shows nothing. Only what depends on a change is worked out again.
3. Where the project changes, the scenario is tried anew over it.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer

from app.usecases.health import health, scenario
from app.window.feature import Feature
from app.window.features.health import scenario_values
from app.window.tools.digitizer import Digitizer
from models.core.watch import watch
from models.health.results import IndicatorResult
from models.health.scenario.scenario import ChangedRule, Closed, Moved, Scenario
from models.health.scenario.working import Outcome
from viewers.widgets.canvas.tool_overlay import Drawing, Stroke, Tag
from viewers.widgets.health.scenario_panel import ScenarioPanel

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

Floats = NDArray[np.float64]

OWNER = "scenario"
#: Changes of the project that follow each other within so many milliseconds are one.
PAUSE_MS = 300
#: What is digitized for each tool.
SHAPES = {"move": "arrow", "add": "point", "close": "point"}


class WhatIf(Feature):
    """Connects :class:`viewers.widgets.health.scenario_panel.ScenarioPanel` to the session."""

    name = "scenario"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.panel = panel = ScenarioPanel(self.appearance)
        self._dock = context.docks.add("scenario", panel)
        self.outcome = Outcome()
        #: What is wanted, which a job may still be working on; the number of that job.
        self._wanted = Scenario()
        self._attempt = 0
        self._begun_s = 0.0
        self._shown: object = None
        self._deed = ""
        self._tool = Digitizer(context, f"{OWNER}.tool", self._on_drawn, self._lay_down, self._say)
        panel.deed_chosen.connect(self.guard(self._take_up))
        panel.deed_taken_back.connect(self.guard(self._take_back))
        panel.rule_changed.connect(self.guard(self._change_rule))
        panel.indicator_chosen.connect(self.guard(self._open_indicator))
        panel.keep_requested.connect(self.guard(self._keep))
        panel.drop_requested.connect(self.guard(self.drop))
        panel.kept_chosen.connect(self.guard(self._show_kept))
        panel.kept_dropped.connect(self.guard(lambda name: scenario.forget(self.session, name)))
        self._dock.visibilityChanged.connect(self.guard(self._on_visibility_changed))
        context.requests.open_scenario.answer_with(self.open_for)
        context.requests.tried_result.answer_with(self.result_of)
        self._again = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._again.timeout.connect(self.guard(self._try_anew))
        project = self.session.project
        self._base = self._basis()
        self.stops += [
            watch(project.changed, lambda *_: self._again.start()),
            watch(project.data_changed, lambda _: self._again.start()),
            watch(project.path_changed, lambda _: self.drop()),
            watch(self.session.results_changed, self._start_again),
            self._again.stop,
        ]

    # --- requests of the action table ---------------------------------------------------------------------------------
    def open(self) -> None:
        """Show the panel."""
        self.context.docks.bring_forward("scenario")
        self._say_choices()

    def open_for(self, code: str) -> None:
        """Show the panel with the rules of an indicator at hand."""
        self.open()
        self.panel.choose_indicator(code)

    def result_of(self, code: str) -> IndicatorResult | None:
        """Return what an indicator comes to under what is tried, while the panel shows it."""
        return self.outcome.results.get(code) if self._dock.isVisible() else None

    def drop(self) -> None:
        """Drop what is tried: the base stands alone again."""
        self._lay_down()
        self._try(Scenario())

    def try_deed(self, deed: str, places: list[tuple[float, float]]) -> None:
        """Do with a tool what clicks at places of the project's CRS would do."""
        self._take_up(deed)
        self._on_drawn(np.array([(x, y, 0.0) for x, y in places]))
        self._lay_down()

    # --- tools --------------------------------------------------------------------------------------------------------
    def _take_up(self, deed: str) -> None:
        self._tool.put_away()
        self._deed = deed
        self._say_choices()
        if deed in SHAPES:
            self._tool.begin(SHAPES[deed])
        self._say(0)

    def _lay_down(self) -> None:
        self._tool.put_away()
        self._deed = ""
        self.panel.show_deed("")

    def _say(self, placed: int) -> None:
        key = "scenario.told.move_to" if self._deed == "move" and placed else f"scenario.told.{self._deed}"
        self.panel.show_deed(self._deed, self.appearance.word(key) if self._deed else "")

    def _on_drawn(self, places: Floats) -> None:
        """Move, plan or close where somebody clicked; the tool stays in hand."""
        deed, (x, y) = self._deed, (float(value) for value in places[0][:2])
        wanted = self._wanted
        if deed == "add":
            kind = self.panel.chosen_kind
            if kind is not None:
                name, layer = kind
                new = scenario.planned(self.session, name, layer, (x, y), self.panel.area.value())
                wanted = replace(wanted, added=(*wanted.added, new))
        else:
            key = scenario.facility_at(self.session, x, y)
            if key is None:
                self.panel.show_deed(deed, self.appearance.word("scenario.told.nothing_there"))
            elif deed == "close":
                wanted = replace(wanted, closed=(*(one for one in wanted.closed if one.key != key), Closed(key)))
            else:
                east, north = (float(value) for value in places[-1][:2] - places[0][:2])
                wanted = wanted.with_moved(Moved(key, east, north))
        if wanted != self._wanted:
            self._try(wanted)
        self._tool.begin(SHAPES[deed])

    # --- what a person does -------------------------------------------------------------------------------------------
    def _take_back(self, one: Any) -> None:
        self._try(self._wanted.without(one))
        self._say_choices()

    def _change_rule(self, code: str, path: str, value: float) -> None:
        base = scenario_values.base_value(self.session, code, path)
        wanted = self._wanted.with_rule(ChangedRule(code, path, value))
        if base is not None and abs(value - base) < 1e-9:
            wanted = replace(wanted, rules=tuple(r for r in wanted.rules if (r.code, r.path) != (code, path)))
        self._try(wanted)

    def _open_indicator(self, code: str) -> None:
        self.context.requests.open_indicator(code)
        self.context.docks.bring_forward("scenario")

    def _keep(self, name: str) -> None:
        kept = self.session.project.state.health.scenarios
        name = name or self.appearance.word("scenario.untitled", number=len(kept) + 1)
        scenario.keep(self.session, self._wanted, name)
        self.panel.name.clear()

    def _show_kept(self, name: str) -> None:
        found = next((one for one in self.session.project.state.health.scenarios if one.name == name), None)
        if found is not None:
            self._try(found)

    # --- working it out -----------------------------------------------------------------------------------------------
    def _try(self, wanted: Scenario) -> None:
        self._wanted = wanted
        self._attempt += 1
        attempt, self._begun_s = self._attempt, time.perf_counter()

        def done(outcome: Outcome) -> None:
            if attempt == self._attempt:
                self.outcome = outcome
                self._show((time.perf_counter() - self._begun_s) * 1e3)

        before = self.outcome if self._base == self._basis() else Outcome()
        self._base = self._basis()
        scenario.try_out(self.session, wanted, before, done)

    def _start_again(self) -> None:
        self._again.start()

    def _try_anew(self) -> None:
        """Try the scenario over a project that is another; a change of names and colours is none."""
        if self._base != self._basis():
            self._say_choices()
            if self._wanted.is_empty:
                self._base = self._basis()
            else:
                self._try(self._wanted)
        elif not self._wanted.is_empty:
            self._show(None)

    def _basis(self) -> object:
        state = self.session.project.state
        people = replace(state.health, scenarios=())
        roles = tuple((layer.id, layer.role, layer.filter) for layer in state.layers)
        return self.session.project.data_stamp(), roles, people, state.profile, state.frame

    # --- showing ------------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the scenarios that were kept."""
        self.panel.show_kept([one.name for one in self.session.project.state.health.scenarios])

    def _say_choices(self) -> None:
        kinds, rules, names = scenario_values.choices(self.session, self._wanted)
        self.panel.show_choices(kinds, rules, names)

    def _show(self, took_ms: float | None) -> None:
        word = self.appearance.word
        self.panel.show_deeds(scenario_values.deed_rows(self.session, self._wanted))
        effects = scenario_values.effect_rows(self.session, self.outcome)
        if effects or self._wanted.is_empty:
            said = "" if took_ms is None else word("scenario.took", ms=f"{took_ms:.0f}")
        else:
            said = word("scenario.no_effect" if not self.outcome.results else "scenario.no_base")
        self.panel.show_effects(effects, "" if self._wanted.is_empty else said)
        if self._dock.isVisible():
            self._draw()
            self._paint()

    def _draw(self) -> None:
        """Draw over the picture where facilities come from and go to."""
        strokes, dots, tag = [], [], None
        for one in self._wanted.moved:
            place = scenario.place_of(self.session, one.key)
            if place is not None:
                ends = self._grounded([place, (place[0] + one.east_m, place[1] + one.north_m)])
                strokes.append(Stroke(ends, dashed=True))
                dots.append(ends[1])
        for new in self._wanted.added:
            dots.append(self._grounded([(new.easting_m, new.northing_m)])[0])
            tag = Tag(dots[-1], scenario_values.kind_text(self.session, dict(new.values).get("kind", "")))
        for end in self._wanted.closed:
            place = scenario.place_of(self.session, end.key)
            if place is not None:
                x, y = place
                strokes += [Stroke(self._grounded([(x - 12, y - 12), (x + 12, y + 12)])),
                            Stroke(self._grounded([(x - 12, y + 12), (x + 12, y - 12)]))]  # fmt: skip
        self._overlay(Drawing(strokes=tuple(strokes), dots=tuple(dots), tag=tag))

    def _overlay(self, drawing: Drawing | None) -> None:
        self.context.canvas.tool_overlay.draw(OWNER, drawing)

    def _grounded(self, places: list[tuple[float, float]]) -> Floats:
        xy = np.array(places, dtype=np.float64)
        return np.column_stack([xy, self.context.canvas.view.ground(xy[:, 0], xy[:, 1])])

    def _paint(self) -> None:
        """Colour the city by the indicator that is shown, as it stands under the scenario."""
        session = self.session
        state, data = session.project.state, dict(session.project.data)
        theme, lang, dark = state.theme, session.lang, self.appearance.dark
        result = self.outcome.results.get(theme.indicator) if theme.kind == "indicator" else None
        basis = (result, theme, lang, dark)
        if basis == self._shown:
            return
        self._shown = basis
        if result is None:
            self.context.scene_sync.result_colours.show(None)
            return
        results = {**health.all_kept(session), result.code: result}

        def work(_: object) -> Any:
            from viewers.render.symbology.theming import pictured

            return pictured(state, data, theme, results, lang, frozenset(), dark)

        def done(picture: Any) -> None:
            if self._shown == basis:
                title = self.appearance.word("scenario.title", name=picture.legend.title)
                self.context.scene_sync.result_colours.show(
                    replace(picture, legend=replace(picture.legend, title=title))
                )

        session.jobs.run("job.scenario", work, done, failed=session.fail)

    def _on_visibility_changed(self, is_visible: bool) -> None:
        """Lay the tools down with the panel, and show the base."""
        if is_visible:
            self._say_choices()
            self._show(None)
        elif not self._dock.isVisible():
            self._lay_down()
            self._overlay(None)
            self._shown = None
            if not self._wanted.is_empty:
                self.context.scene_sync.result_colours.show(None)


FEATURES = (WhatIf,)

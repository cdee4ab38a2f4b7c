"""Patterns of problems in the window: worked out when they are looked at, painted over the city, stored nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog

from app.usecases.health import patterns
from app.window.feature import Feature
from app.window.features.health import pattern_values
from models.health.patterns.hot_spots import MEASURES
from models.health.patterns.rules import components, said_weights
from models.project.selection import Keys, ObjectKey
from viewers.texts.pattern_texts import indicator_title
from viewers.widgets.health.patterns_panel import PatternsPanel

if TYPE_CHECKING:
    from app.window.window_context import WindowContext
    from models.health.patterns.analysis import Patterns

#: Ranks, names and numbers are read without cutting at this width, pixels; so much is seen around a place.
WIDE_PX, PLACE_M = 380, 250.0


class HealthPatterns(Feature):
    """Connects :class:`viewers.widgets.health.patterns_panel.PatternsPanel` to the session."""

    name = "health_patterns"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.found: Patterns | None = None
        self._basis: object = None
        self._shown: object = None
        self.panel = panel = PatternsPanel(self.appearance, components())
        self._dock = context.docks.add("patterns", panel)
        self._dock.visibilityChanged.connect(self.guard(self._on_visibility_changed))
        panel.asked.connect(self.guard(self.refresh))
        panel.weight_changed.connect(self.guard(lambda name, value: patterns.set_weight(self.session, name, value)))
        panel.weights_reset.connect(self.guard(lambda: patterns.reset_weights(self.session)))
        panel.pair_chosen.connect(self.guard(self._choose_cell))
        panel.export_requested.connect(self.guard(self._export))
        panel.list.go_requested.connect(self.guard(self._go))
        panel.list.open_requested.connect(self.guard(self._go))
        panel.list.select_requested.connect(self.guard(self._select))
        panel.list.properties_requested.connect(self.guard(self._go))
        panel.list.export_requested.connect(self.guard(lambda _: self._export()))

    # --- requests of the action table ---------------------------------------------------------------------------------
    def open(self) -> None:
        """Show the panel."""
        self.context.docks.bring_forward("patterns")
        self.context.docks.widen("patterns", WIDE_PX)
        self.refresh()

    # --- following ----------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the patterns of the project where the panel is seen; work them out where something else is asked."""
        if not self.panel.isVisible():
            return
        session, panel = self.session, self.panel
        state, project = session.project.state, session.project
        if state.frame is None or not (state.with_role("communities") or state.with_role("districts")):
            return  # nothing to say where something lies
        self._offer()
        wanted = patterns.wanted_of(str(panel.indicator.currentData() or ""), str(panel.measure.currentData()))
        basis = (wanted, project.data_stamp(), state.layers, state.frame, state.health, state.results)
        if basis == self._basis:
            self._show()
            return
        self._basis = basis

        def done(found: Patterns) -> None:
            if self._basis == basis:
                self.found = found
                self._show()

        patterns.analyse(session, wanted, done)

    def _offer(self) -> None:
        session, panel = self.session, self.panel
        word, state = session.word, session.project.state
        codes = () if self.found is None else sorted(self.found.problems.rows["code"].unique())
        panel.set_choices(
            [("", word("patterns.all_indicators"))]
            + [(code, f"{code} {indicator_title(code, state, session.lang)}") for code in codes],
            [(one, word(f"patterns.measure.{one}")) for one in MEASURES],
            [(one, word(f"patterns.base.{one}")) for one in pattern_values.BASES],
        )
        panel.show_weights(said_weights(state.health.pattern_weights))

    def _show(self) -> None:
        found, panel = self.found, self.panel
        if found is None:
            return
        shown = (id(found), panel.kind, panel.base.currentData(), self.session.lang, self.appearance.dark)
        if shown == self._shown:
            return
        self._shown = shown
        self._offer()
        panel.show_view(pattern_values.pattern_panel_view(self.session, panel.kind, found, self._base))
        self._paint(found, shown)

    @property
    def _base(self) -> str:
        return str(self.panel.base.currentData() or pattern_values.BASES[0])

    def _paint(self, found: Patterns, shown: object) -> None:
        session, kind, dark = self.session, self.panel.kind, self.appearance.dark
        state, data, lang = session.project.state, dict(session.project.data), session.lang

        def work(_: object) -> Any:
            from viewers.render.symbology.pattern_view import pattern_view

            return pattern_view(kind, found, state, data, lang, dark=dark)

        def done(picture: Any) -> None:
            if self._shown == shown:
                self.context.scene_sync.result_colours.show(picture)

        session.jobs.run("job.health.patterns", work, done, failed=session.fail)

    def _on_visibility_changed(self, is_visible: bool) -> None:
        """Take the colours away with the panel."""
        if is_visible:
            self.refresh()
        elif self._shown is not None and not self._dock.isVisible():
            self._shown = None
            self.context.scene_sync.result_colours.show(None)

    # --- requests of the panel ----------------------------------------------------------------------------------------
    def _go(self, key: ObjectKey) -> None:
        if key.layer:
            self.context.requests.go_to(key)
            return
        rows = self.panel.list.chosen_rows()
        if self.found is not None and len(rows):
            row = pattern_values.pairs_of(self.found, self._base).pairs.iloc[int(rows[0])]
            self._choose_pair(str(row["first"]), str(row["second"]))

    def _choose_cell(self, one: int, other: int) -> None:
        if self.found is not None:
            pairs = pattern_values.pairs_of(self.found, self._base)
            kept = pattern_values.matrix_rows(pairs)
            self._choose_pair(pairs.codes[kept[one]], pairs.codes[kept[other]])

    def _choose_pair(self, one: str, other: str) -> None:
        """Select all that fails both, and fly there."""
        if self.found is None:
            return
        keys = pattern_values.failing_both(self.found, self._base, one, other)
        self.session.selection.set(keys)
        if len(keys):
            self.context.scene_sync.zoom_to_keys(keys, PLACE_M)

    def _select(self, by_layer: dict[str, Any]) -> None:
        self.session.selection.set(Keys((layer, oids) for layer, oids in by_layer.items() if layer))

    def _export(self) -> None:
        if self.found is None:
            return
        word = self.appearance.word
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("patterns.export"), str(self.context.folder() / f"{word('panel.patterns')}.xlsx"),
            word("dialog.filter.table"),
        )  # fmt: skip
        if path:
            patterns.export(self.session, self.found, Path(path))


FEATURES = (HealthPatterns,)

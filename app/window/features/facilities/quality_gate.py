"""The quality gate: run it, show what fails, change its rules, repair in place, hand it on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from app.background.jobs import Job
from app.usecases.facilities import quality_gate
from app.usecases.health import health
from app.usecases.query import list_export
from app.window.feature import Feature
from app.window.features.facilities import gate_values
from app.window.window_context import WindowContext
from models.core.watch import watch
from models.facilities.quality.kept import Gate
from models.facilities.quality.repairs import REPAIRS, Proposal, choices
from models.facilities.quality.rules import Rule
from models.project.selection import ObjectKey
from models.query.ranking import Ranking, Rows
from models.views.scene_state import Theme
from viewers.widgets.facilities.quality_panel import QualityPanel
from viewers.widgets.facilities.repair_dialog import RepairDialog

#: So wide scores and lists are read without scrolling, pixels.
LIST_PX = 430


class QualityGate(Feature):
    """The panel of the quality gate and its actions."""

    name = "quality_gate"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._job: Job | None = None
        self._rows: Rows | None = None
        self._shown: object = None
        panel = self.panel = QualityPanel(self.appearance)
        dock = context.docks.add("quality_gate", panel)
        dock.visibilityChanged.connect(lambda on: self.refresh() if on else None)
        ask = self.guard
        panel.run_requested.connect(ask(self.run))
        panel.cancel_requested.connect(ask(self._cancel))
        panel.rule_chosen.connect(ask(self.list_failures))
        panel.rule_saved.connect(ask(self._save_rule))
        panel.rules_requested.connect(ask(self._handle_rules))
        panel.export_requested.connect(ask(self.export))
        panel.topics_requested.connect(ask(self.make_topics))
        panel.models_requested.connect(ask(lambda: context.docks.bring_forward("checks")))
        panel.overlay_requested.connect(ask(lambda on: self.show_failing() if on else self._show_plain()))
        panel.repair_requested.connect(ask(self.repair))
        panel.list.go_requested.connect(ask(context.requests.go_to))
        panel.list.select_requested.connect(ask(self.session.selection.set_many))
        panel.list.properties_requested.connect(ask(self._show_properties))
        panel.list.export_requested.connect(ask(self._export_list))
        context.requests.colour_themes.append(self._themes)
        context.requests.open_gate.answer_with(self.open_panel)
        self.stops.append(watch(self.session.jobs.changed, self._on_job_changed))

    # --- requests of the action table ------------------------------------------------------------------------------
    def open_panel(self) -> None:
        """Bring the panel forward."""
        self.context.docks.bring_forward("quality_gate")
        self.context.docks.widen("quality_gate", LIST_PX)
        self.refresh()

    def show_failing(self) -> None:
        """Colour the city by what fails: the rule that is listed, or all of them."""
        health.set_theme(self.session, Theme("gate", self.panel.shown_rule))
        self.context.docks.bring_forward("quality_gate")

    def _show_plain(self) -> None:
        health.set_theme(self.session, Theme())

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the layers that can be judged, and whether the result is still true."""
        if not self.panel.isVisible():
            return
        session = self.session
        layers = [(one.id, one.title(session.lang)) for one in quality_gate.judged_layers(session)]
        self.panel.set_overlay(session.project.state.theme.kind == "gate")
        gate = session.gate
        old = gate is not None and quality_gate.is_old(session, gate)
        stamp = (tuple(layers), session.lang, self.appearance.theme, id(gate), old, session.project.state.quality_rules)
        if stamp == self._shown:
            return
        self._shown = stamp
        self.panel.set_layers(layers)
        self.panel.set_view(gate_values.view_of(session, gate, is_old=old))

    # --- judging ---------------------------------------------------------------------------------------------------
    def run(self, layer_id: str = "") -> None:
        """Judge all layers, or one."""
        shown = self.panel.shown_rule

        def done(gate: Gate) -> None:
            self.refresh()
            if shown and gate.result.of(shown) is not None:
                self.list_failures(shown)

        self._job = quality_gate.run_gate(self.session, done, [layer_id] if layer_id else ())
        self._on_job_changed(self._job)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _on_job_changed(self, job: Job) -> None:
        if job is not self._job:
            return
        if job.is_over:
            self._job = None
            self.panel.set_busy("")
        else:
            self.panel.set_busy(self.appearance.word(job.code or job.title), job.fraction)

    def list_failures(self, rule_id: str) -> None:
        """List what fails a rule; the rows are made by a job."""
        session, gate = self.session, self.session.gate
        found = None if gate is None else gate.result.of(rule_id)
        if gate is None or found is None:
            self.panel.edit_rule(rule_id)
            return
        if session.project.state.theme.kind == "gate":
            health.set_theme(session, Theme("gate", rule_id))
        title, about = gate_values.list_heads(session, found)

        def done(ranking: Ranking) -> None:
            if session.gate is gate:
                columns = gate_values.columns_of(session, ranking)
                total, everywhere = gate_values.total_of(session), session.word("ranked.everywhere")
                self.panel.list.show_ranking(ranking, columns, "district", total, everywhere)
                self.context.docks.widen("quality_gate", LIST_PX)
                repairs = found.rule.repair in REPAIRS and bool(found.failed)
                self.panel.show_failures(rule_id, title, about, choices(found), repairs=repairs)

        party, areas = quality_gate.parties(session), gate_values.districts_of(session)
        session.run("job.rank", lambda _: gate_values.ranking_of_rule(found, party, areas, session.lang), done)

    # --- repairing -------------------------------------------------------------------------------------------------
    def repair(self, value: str = "") -> None:
        """Show what the repair of the listed rule would do to the chosen rows (all if none), and do it if wanted."""
        gate, rule_id = self.session.gate, self.panel.shown_rule
        if gate is None or not rule_id:
            return
        rows: Sequence[int] = self.panel.list.chosen_rows(everything=True).tolist()
        proposal = quality_gate.propose_repair(self.session, gate, rule_id, rows, value)
        ask = RepairDialog(self.appearance, gate_values.proposal_rows(self.session, proposal), proposal.left,
                           self.context.window)  # fmt: skip
        ask.apply_requested.connect(self.guard(lambda: self._apply(proposal)))
        ask.open()

    def _apply(self, proposal: Proposal) -> None:
        quality_gate.apply_repair(self.session, proposal)
        self.session.notices.info("notice.gate_repaired", count=proposal.mended)

    def _show_properties(self, key: ObjectKey) -> None:
        self.session.selection.set([key])
        self.context.docks.bring_forward("properties")

    # --- rules -----------------------------------------------------------------------------------------------------
    def _save_rule(self, rule: Rule) -> None:
        quality_gate.change_rule(self.session, rule)
        self.panel.show_overview()

    def _handle_rules(self, what: str) -> None:
        word, folder = self.appearance.word, str(self.context.folder())
        if what == "restore":
            quality_gate.set_book(self.session, None)
        elif what == "open":
            path, _ = QFileDialog.getOpenFileName(self.context.window, word("gate.rules.open"), folder,
                                                  word("dialog.filter.rules"))  # fmt: skip
            if path:
                quality_gate.open_rules(self.session, Path(path))
        else:
            path, _ = QFileDialog.getSaveFileName(self.context.window, word("gate.rules.save"), f"{folder}/rules.toml",
                                                  word("dialog.filter.rules"))  # fmt: skip
            if path:
                quality_gate.save_rules(self.session, Path(path))

    # --- handing on ------------------------------------------------------------------------------------------------
    def export(self) -> None:
        """Ask where, and write the result."""
        gate, word = self.session.gate, self.appearance.word
        if gate is None:
            return
        path, kind = QFileDialog.getSaveFileName(
            self.context.window, word("gate.export"), str(self.context.folder() / f"{word('finding.kind.gate')}.xlsx"),
            word("dialog.filter.gate"),
        )  # fmt: skip
        if path:
            out = Path(path)
            chosen = next((one for one in (".gpkg", ".bcfzip", ".json") if one[1:] in kind), ".xlsx")
            quality_gate.export(self.session, gate, out if out.suffix else out.with_name(out.name + chosen))

    def make_topics(self) -> None:
        """Hand what fails (the chosen rows of the list, else the first of each rule) to the review topics."""
        gate = self.session.gate
        if gate is not None:
            report = quality_gate.report_of(self.session, gate, quality_gate.MOST_IN_TOPIC)
            self.context.requests.make_topics(report.findings, report.groups)

    def _export_list(self, rows: Rows) -> None:
        word, listed = self.appearance.word, self.panel.list
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("dialog.export"), str(self.context.folder() / "failures.xlsx"),
            word("dialog.filter.table"),
        )  # fmt: skip
        if path:
            title = self.panel.title.text()
            list_export.export_list(self.session, Path(path), title, listed.model.columns, listed.ranking, rows)

    def _themes(self) -> list[Theme]:
        return [Theme("gate")] if self.session.gate is not None else []

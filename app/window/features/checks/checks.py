"""Checking models: IDS, quality, clashes, two versions compared.

While a finding is looked at, its elements stand out and the rest of the models it concerns is faint. What the models
looked like before is kept and comes back when nothing is looked at any more.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from app.background.jobs import Job
from app.usecases.checks import checks
from app.usecases.checks.diff_results import show
from app.usecases.network import clearances, graph, pipe_view, rules
from app.window.feature import Feature
from models.checks.findings import Finding, Report
from models.core.watch import watch
from models.layers.layer import Layer, ModelData, VectorData
from models.project.selection import ObjectKey
from models.views.visibility import RGBA8, ElementAppearance, GroundTransparency
from viewers.widgets.checks.checks_panel import ChecksPanel

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

#: What a finding is about, and the larger side of a clash: seen through, for the smaller one may lie within it.
_MAIN: RGBA8 = (240, 160, 30, 255)
_OTHER: RGBA8 = (58, 104, 214, 56)
#: Metres about a finding that are brought into sight at the least.
_NEAR_M = 6.0
#: From how far a clash is looked at: six times the size of its smaller side, but within these.
_CLASH_M = (5.0, 16.0)
#: The same of two pipes, which are told apart by what runs beside them.
_CLEARANCE_M = (14.0, 24.0)


class Checks(Feature):
    """Connects :class:`viewers.widgets.checks.checks_panel.ChecksPanel` to the session."""

    name = "checks"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.panel = ChecksPanel(self.appearance)
        self._dock = context.docks.add("checks", self.panel)
        self._job: Job | None = None
        #: Looks of layers as they were before a finding was looked at.
        self._before: dict[str, ElementAppearance] = {}
        self._setting = False
        self._shown: Finding | None = None
        panel, ask = self.panel, self.guard
        panel.run_requested.connect(ask(self.run))
        panel.cancel_requested.connect(ask(self._cancel))
        panel.browse_requested.connect(ask(self.choose_ids))
        panel.add_requested.connect(ask(context.requests.add_files))
        panel.finding_chosen.connect(ask(self.show_finding))
        panel.look_requested.connect(ask(self._set_fading))
        panel.kind_chosen.connect(ask(self._on_kind_chosen))
        panel.export_requested.connect(ask(self.export))
        panel.topics_requested.connect(ask(self.make_topics))
        panel.clearance.rules_requested.connect(ask(self.edit_rules))
        panel.gate_requested.connect(ask(context.requests.open_gate))
        self._dock.visibilityChanged.connect(ask(self._on_visibility_changed))
        self.stops += [
            watch(self.session.visibility.changed, self._on_look_changed),
            watch(self.session.jobs.changed, self._on_job_changed),
        ]

    def refresh(self) -> None:
        """Offer the models and pipes there are; forget reports on those that are gone."""
        session = self.session
        layers = session.project.state.layers
        data = session.project.data
        models = [self._choice(layer) for layer in reversed(layers) if isinstance(data.get(layer.id), ModelData)]
        pipes = [
            self._choice(layer) for layer in reversed(layers)
            if layer.role == "pipes" and isinstance(data.get(layer.id), VectorData)
        ]  # fmt: skip
        self.panel.clearance.offer_kinds(graph.pipe_kinds(session))
        self.panel.set_models(models, pipes)
        here = {layer.id for layer in layers}
        gone = {layer for report in self.panel.reports for layer in report.layers} - here
        if gone:
            self._restore()
            self.panel.forget(sorted(gone))
        self.panel.topics.setEnabled(self.context.requests.make_topics.is_answered)
        self._on_job_changed(self._job)

    def open_kind(self, kind: str) -> None:
        """Bring the panel forward with one kind of check."""
        self.context.docks.bring_forward("checks")
        self.panel.choose(kind)
        self.panel.forms[kind].prefer(self._looked_at())

    def _looked_at(self) -> str:
        """Return the model of which something is selected, or the one chosen in the model browser; empty for none."""
        layers = self.session.project.state.layers
        models = {layer.id for layer in layers if layer.kind == "model"}
        chosen = self.context.requests.chosen_model()
        selected = [layer for layer, _ in reversed(self.session.selection.keys.runs)]
        wanted = [*selected, chosen, self.session.current_layer.id]
        return next((layer for layer in wanted if layer in models), "")

    def run(self, kind: str) -> None:
        """Start a check as the panel's form says."""
        session, panel = self.session, self.panel
        self._restore()
        if kind == "quality":
            self._job = checks.check_quality(session, panel.quality.model.layer, self._done)
        elif kind == "ids" and panel.ids.path is not None:
            self._job = checks.check_ids(session, panel.ids.model.layer, panel.ids.path, self._done)
        elif kind == "clash":
            asked = panel.clash
            self._job = checks.check_clashes(
                session, asked.first.layer, asked.second.layer, self._done,
                tolerance_m=asked.tolerance.value(), clearance_m=asked.clearance_m,
            )  # fmt: skip
        elif kind == "clearance":
            form = panel.clearance
            self._job = clearances.check_clearances(
                session, self._done, kinds=form.chosen, buildings=form.buildings.isChecked()
            )
        elif kind == "diff":
            self._job = checks.compare_versions(session, panel.diff.old.layer, panel.diff.new.layer, self._done)
        self._on_job_changed(self._job)

    def edit_rules(self) -> None:
        """Open the project's own limits of clear distance, at first a copy of the standard's, in an editor."""
        path = rules.make_own_file(self.session)
        self.session.notices.info("notice.own_rules", file=path.name)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def choose_ids(self) -> None:
        """Ask for an IDS file."""
        word = self.appearance.word
        path, _ = QFileDialog.getOpenFileName(
            self.context.window, word("dialog.checks.ids"), str(self.context.folder()), word("dialog.checks.ids_filter")
        )
        if path:
            self.panel.set_ids(Path(path))

    def export(self, report: Report) -> None:
        """Ask where, and write a report."""
        word = self.appearance.word
        name = f"{word(f'finding.kind.{report.kind}')}-{report.models[-1][1]}.xlsx"
        path, kind = QFileDialog.getSaveFileName(
            self.context.window,
            word("dialog.checks.export"),
            str(self.context.folder() / name),
            word("dialog.checks.export_places" if report.kind == "clearance" else "dialog.checks.export_filter"),
        )
        if path:
            out = Path(path)
            suffix = next((end for end in (".json", ".gpkg") if end in kind), ".xlsx")
            checks.export_report(self.session, report, out if out.suffix else out.with_name(out.name + suffix))

    def make_topics(self, findings: list[Finding]) -> None:
        """Hand findings over to the review topics."""
        if findings:
            report = self.panel.report
            self.context.requests.make_topics(findings, report.groups if report is not None else ())

    def next_finding(self) -> None:
        """Go to the next finding."""
        self.panel.tree.step(1)

    def last_finding(self) -> None:
        """Go back to the last finding."""
        self.panel.tree.step(-1)

    def show_finding(self, finding: Finding) -> None:
        """Select a finding's elements, let them stand out and fly to it."""
        keys = self._keys_of(finding)
        self._shown = finding
        if finding.kind == "clearance":  # what is looked at lies in the ground
            pipe_view.show_pipes(self.session)
            if self.session.visibility.through is None:
                self.session.visibility.set_through(GroundTransparency(0.3, 0.4))
        # of a clash only the smaller: the colour of selection would make both sides alike
        self.session.selection.set(keys[:1] if finding.kind == "clash" else keys)
        self._let_stand_out(finding, keys)
        if keys or finding.point is not None:
            self._fly(finding, keys)

    def _keys_of(self, finding: Finding) -> list[ObjectKey]:
        here = {layer.id for layer in self.session.project.state.layers}
        keys = [key for key in finding.keys if key.layer in here]
        if finding.kind == "clash" and len(keys) == 2:
            return sorted(keys, key=self._volume_m3)
        return keys[:1] if finding.kind == "diff" else keys  # its old self stays hidden

    def _volume_m3(self, key: ObjectKey) -> float:
        """Return the volume of an object's box, to tell a socket from the wall in which it sits."""
        scene = self.context.scene_sync.scene
        box = scene.bounds_of([key]) if scene is not None else None
        return 0.0 if box is None else float((box[1] - box[0]).prod())

    def _let_stand_out(self, finding: Finding, keys: list[ObjectKey]) -> None:
        if finding.kind == "diff":  # the colours of the comparison stand
            return
        self._put_back()
        if not self.panel.fades or not keys:
            return
        for layer in self.session.project.state.layers:
            layer_id, data = layer.id, self.session.project.data.get(layer.id)
            if not isinstance(data, ModelData):
                continue
            own = {key.oid for key in keys if key.layer == layer_id}
            before = self._before.setdefault(layer_id, self.session.visibility.of(layer_id))
            other = keys[1] if finding.kind == "clash" and len(keys) == 2 else None
            colours = {key.oid: _OTHER if key == other else _MAIN for key in keys if key.layer == layer_id}
            rest = frozenset(range(len(data.elements))) - own
            self._set_look(layer_id, ElementAppearance(before.hidden - own, rest, colours or None, before.lift_m))

    def _fly(self, finding: Finding, keys: list[ObjectKey]) -> None:
        scene, view = self.context.scene_sync.scene, self.context.canvas.view
        if scene is None:
            return
        if (
            finding.kind in ("clash", "clearance") and finding.point is not None
        ):  # the place, not the whole of a long wall
            box = scene.bounds_of(keys[:1])
            size = 0.0 if box is None else float(np.linalg.norm(box[1] - box[0]))
            near, far = _CLASH_M if finding.kind == "clash" else _CLEARANCE_M
            view.fly_to_point(finding.point, min(max(6 * size, near), far))
        elif keys and not self.context.scene_sync.zoom_to_keys(tuple(keys), _NEAR_M):
            self.context.requests.go_to(keys[0])

    def _done(self, report: Report) -> None:
        self._job = None
        self.panel.show_report(report)
        self.panel.set_busy("")
        if report.kind == "diff":
            self._colour_versions(report)

    def _colour_versions(self, report: Report) -> None:
        for layer_id in report.layers:
            self._before.setdefault(layer_id, self.session.visibility.of(layer_id))
        self._setting = True
        try:
            show(self.session, report)
        finally:
            self._setting = False

    def _set_fading(self, on: bool) -> None:
        if not on:
            self._restore()
        elif self.panel.report is not None and self.panel.report.kind == "diff":
            self._colour_versions(self.panel.report)
        elif self._shown is not None:
            self._let_stand_out(self._shown, self._keys_of(self._shown))

    def _on_kind_chosen(self, kind: str) -> None:
        self._restore()
        self._shown = None
        if kind == "diff" and self.panel.report is not None and self.panel.fades:
            self._colour_versions(self.panel.report)

    def _on_visibility_changed(self, visible: bool) -> None:
        if not visible and not self._dock.isHidden():
            return  # another tab stands before it; what was found is still being looked at
        if not visible:
            self._restore()

    def _set_look(self, layer_id: str, look: ElementAppearance) -> None:
        self._setting = True
        try:
            self.session.visibility.set(layer_id, look)
        finally:
            self._setting = False

    def _put_back(self) -> None:
        """Give every layer its look from before, to begin anew from it."""
        for layer_id, look in self._before.items():
            self._set_look(layer_id, look)

    def _restore(self) -> None:
        self._put_back()
        self._before.clear()

    def _on_look_changed(self, layer_id: str) -> None:
        """Let go of a layer that somebody else now wants to look at in another way."""
        if not self._setting:
            self._before.pop(layer_id, None)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _on_job_changed(self, job: Job | None) -> None:
        if job is None or job is not self._job:
            return
        if job.is_over:
            self._job = None
            self.panel.set_busy("")
        else:
            step = self.appearance.word(job.code) if job.code else self.appearance.word(job.title, **job.facts)
            self.panel.set_busy(step, job.fraction)

    def _choice(self, layer: Layer) -> tuple[str, str]:
        return layer.id, layer.title(self.session.lang)

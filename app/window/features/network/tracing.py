"""Pipe networks: what hangs together, where water comes from and goes to, how a burst is isolated.

Nothing here is part of the project: an answer is looked at, in colours of its own, until it is cleared. When a table
changes meanwhile, the question is asked again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtWidgets import QFileDialog

from app.background.jobs import Job
from app.usecases.network import graph, pipe_view, questions, result_tables
from app.usecases.network.graph import HowBuilt, LayerNetwork
from app.usecases.network.questions import Answer, Place, Question
from app.window.feature import Feature
from app.window.features.network.answer_texts import groups_of, kinds_of, numbers_of, rest_of, shown_of, title_of
from app.window.tools.network_picking import NetworkPicking
from models.core.progress import Progress
from models.project.selection import ObjectKey
from models.views.visibility import GroundTransparency
from viewers.render.symbology.result_view import result_view
from viewers.widgets.network.network_panel import MOST_ROWS, ListGroup, ListRow, NetworkPanel

if TYPE_CHECKING:
    from pathlib import Path

    from app.window.window_context import WindowContext

_ISOLATING = ("isolate", "closed")
#: From how far a finding is looked at, metres.
_NEAR_M = 40.0


class Networks(Feature):
    """Connects :class:`viewers.widgets.network.network_panel.NetworkPanel` and the pointing tool to the session."""

    name = "network"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.panel = NetworkPanel(self.appearance)
        self._dock = context.docks.add("network", self.panel)
        self._tool = NetworkPicking(context, lambda: self.made, self.take, self.leave, self._miss)
        #: The graph that is shown, and what it answered last.
        self.made: LayerNetwork | None = None
        self.answer: Answer | None = None
        self._how, self._layer, self._kind, self._what = HowBuilt(), "", "", ""
        self._starts: tuple[Place, ...] = ()
        self._job: Job | None = None
        self._wanted: object = None
        self._missed = False
        self._opened_ground = False
        panel, ask = self.panel, self.guard
        panel.layer_chosen.connect(ask(self.choose_layer))
        panel.kind_chosen.connect(ask(self.choose_kind))
        panel.how_changed.connect(ask(self._on_how))
        panel.asked.connect(ask(self.begin))
        panel.shown_changed.connect(ask(self._on_tab))
        panel.finding_kind_chosen.connect(ask(lambda _: self._show_report()))
        panel.row_chosen.connect(ask(self._go))
        panel.valve_marked.connect(ask(self._mark_valve))
        panel.export_requested.connect(ask(self.export))
        panel.clear_requested.connect(ask(self.clear))
        panel.open_requested.connect(ask(context.requests.add_files))
        self._dock.visibilityChanged.connect(ask(lambda _: self.refresh()))

    # --- requests of the action table ------------------------------------------------------------------------------
    def open_report(self) -> None:
        """Show what hangs together and what does not."""
        self.context.docks.bring_forward("network")
        self.panel.choose("build")
        self.refresh()

    def begin(self, what: str) -> None:
        """Take the pointing tool in hand for a question, or lay it down with an empty one."""
        self._what, self._starts, self._missed = what, (), False
        if not what:
            self._tool.put_away()
        else:
            self.context.docks.bring_forward("network")
            tab = "isolate" if what in _ISOLATING else "trace"
            if self.panel.tab != tab:
                self.panel.choose(tab)
            self._what = what  # another page lays the tool down
            pipe_view.show_pipes(self.session)
            self._look_below()
            self._tool.only_valves = what == "closed"
            self._tool.open()
            self.context.canvas.view.setFocus()
        self.refresh()
        self._say()

    def clear(self) -> None:
        """Take what was answered off the picture and the panel."""
        self._cancel()
        self.answer, self._starts = None, ()
        self._tool.drop()
        self.context.scene_sync.result_colours.show(None)
        if self._opened_ground:
            self._opened_ground = False
            self.session.visibility.set_through(None)
        self._say()
        self._show_answer()

    def leave(self) -> None:
        """Clear the answer; where there is none, lay the tool down."""
        if self.answer is not None or self._starts:
            self.clear()
        else:
            self.begin("")

    def export(self) -> None:
        """Ask where, and write what is shown."""
        word = self.appearance.word
        building = self.panel.tab == "build"
        if self.made is None or (self.answer is None and not building):
            return
        name = word("network.file.findings") if building else word(f"network.title.{self.answer.question.what}")  # type: ignore[union-attr]
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("network.export"), str(self.context.folder() / f"{name}.gpkg"),
            word("network.export_filter"),
        )  # fmt: skip
        if path:
            self.export_to(self.context.folder() / path)

    def export_to(self, out: Path) -> None:
        """Write what is shown."""
        if self.panel.tab == "build" and self.made is not None:
            result_tables.export_findings(self.session, self.made, out)
        elif self.answer is not None:
            result_tables.export(self.session, self.answer, out)

    # --- what is chosen ----------------------------------------------------------------------------------------------
    def choose_layer(self, layer_id: str) -> None:
        """Look at another layer of pipes."""
        if layer_id != self._layer:
            self.clear()
            self._layer, self._kind, self.made = layer_id, "", None
            self.session.current_layer.set(layer_id)
            self.refresh()

    def choose_kind(self, kind: str) -> None:
        """Point only at pipes of one kind, and report only on them; empty for all."""
        self._kind = self._tool.kind = kind
        self._show_report()

    def take(self, place: Place, beside: bool = False) -> None:
        """Take a place that was pointed at: ask, or wait for the second place of a way."""
        self._missed = False
        what = self._what
        if self.made is None or not what:
            return
        if what == "path" and len(self._starts) != 1:
            self._starts = (place,)
            self._mark(self._starts)
            self._say()
            return
        if what == "path":
            question = Question(what, self._layer, self._starts, (place,), how=self._how)
            self._starts = ()
        else:
            before = self.answer.question.starts if self.answer is not None and beside else ()
            same = self.answer is not None and self.answer.question.what == what
            starts = (*(one for one in before if one != place), place) if beside and same else (place,)
            question = Question(what, self._layer, starts, how=self._how)
        self.ask(question)

    def ask(self, question: Question) -> None:
        """Ask a question, and show the answer when it is there."""
        session = self.session
        self._cancel()
        stamp = self._wanted = object()

        def work(progress: Progress) -> Answer:
            return questions.answer(session, question, progress)

        def done(found: Answer) -> None:
            if stamp is self._wanted:
                self._job = None
                self._show(found)

        self._job = session.run("job.network", work, done)

    # --- following ---------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow project and language: offer the layers, build anew what changed, ask again what was answered."""
        layers = graph.pipe_layers(self.session)
        ids = [layer.id for layer in layers]
        if self._layer not in ids:
            if self._layer:
                self.clear()
            current = self.session.current_layer.id
            self._layer = current if current in ids else ids[-1] if ids else ""
            self.made, self._kind = None, ""
        if self.made is not None and not graph.is_current(self.session, self.made):
            self.made = None
        lang = self.session.lang
        kinds = kinds_of(self.session, self._layer)
        self.panel.offer([(one.id, one.title(lang)) for one in reversed(layers)], self._layer,
                         [("", self.appearance.word("network.all_kinds")), *kinds], self._kind)  # fmt: skip
        is_wanted = bool(self._layer) and (self._dock.isVisible() or self._tool.is_open or self.answer is not None)
        if not is_wanted:
            return
        if self.answer is not None and not graph.is_current(self.session, self.answer.made):
            self._ask_again(self.answer.question)
        elif self.made is None:
            self._build()
        self._say()
        self._show_report()
        self._show_answer()
        if self.answer is not None and self.answer.made is self.made:
            self._paint(self.answer)

    def on_current_layer_changed(self) -> None:
        """Look at the current layer, where it is one of pipes and nothing is being looked at."""
        current = self.session.current_layer.id
        if self.answer is None and current in [layer.id for layer in graph.pipe_layers(self.session)]:
            self.choose_layer(current)

    def end(self) -> None:
        """Lay the tool down; the window closes."""
        self._cancel()
        self._tool.put_away()
        super().end()

    def _build(self) -> None:
        session, layer, how = self.session, self._layer, self._how
        if self._job is not None and not self._job.is_over:
            return
        stamp = self._wanted = object()

        def work(progress: Progress) -> LayerNetwork:
            progress.step(0.0, "progress.network.building")
            return graph.network_of(session, layer, how)

        def done(made: LayerNetwork) -> None:
            if stamp is self._wanted:
                self._job, self.made = None, made
                self._say()
                self._show_report()

        self._job = session.run("job.network", work, done)

    def _ask_again(self, question: Question) -> None:
        """Ask once more after a change; a place that is gone takes the answer with it."""
        try:
            self.ask(question)
        except Exception:
            self.clear()
            raise

    def _cancel(self) -> None:
        self._wanted = None
        if self._job is not None:
            self._job.cancel()
            self._job = None

    # --- showing -----------------------------------------------------------------------------------------------------
    def _show(self, found: Answer) -> None:
        self.answer, self.made = found, found.made
        self._look_below()
        self._paint(found)
        self._mark(found.question.starts)
        tab = "isolate" if found.question.what in _ISOLATING else "trace"
        if self.panel.tab != tab:
            self.panel.choose(tab)
        self._say()
        self._show_answer()

    def _paint(self, found: Answer) -> None:
        title = self.appearance.word(f"network.title.{found.question.what}")
        picture = result_view(
            shown_of(found), rest_of(found), title, self.session.lang, self.appearance.dark, numbers_of(found)
        )
        self.context.scene_sync.result_colours.show(picture)

    def _mark(self, places: tuple[Place, ...]) -> None:
        """Mark the places of a question over the picture, at the height of the ground."""
        made = self.made
        if made is None or not self._tool.is_open:
            return
        points = []
        for place in places:
            table = made.node_table if place.is_node else made.pipe_table
            if table is not None and place.oid in table.index:
                shape = table.geometry.at[place.oid]
                middle = shape.interpolate(0.5, normalized=True) if shape.geom_type == "LineString" else shape.centroid
                points.append((middle.x, middle.y))
        xy = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        self._tool.show(np.column_stack([xy, self.context.canvas.view.ground(xy[:, 0], xy[:, 1])]))

    def _say(self) -> None:
        """Show the tool, what to do next and the figures."""
        word, panel = self.appearance.word, self.panel
        panel.show_tool(self._what if self._tool.is_open else "")
        if panel.tab == "build":
            self._say_report()
            return
        hint = ""
        if self._missed:
            hint = word("network.hint.missed")
        elif self._tool.is_open:
            second = self._what == "path" and len(self._starts) == 1
            hint = word("network.hint.second" if second else f"network.hint.{self._what}")
        elif self.answer is None:
            hint = word(f"network.hint.choose.{panel.tab}")
        found = self.answer if self.answer is not None and self._is_on_page(self.answer) else None
        summary, notes = "", []
        if found is not None:
            summary = title_of(found, word)
            notes = [word(key, **fields) for key, fields in result_tables.notes_of(found)]
        panel.show_said(hint, summary, notes)

    def _is_on_page(self, found: Answer) -> bool:
        return (found.question.what in _ISOLATING) == (self.panel.tab == "isolate")

    def _say_report(self) -> None:
        word, made = self.appearance.word, self.made
        if made is None:
            self.panel.show_said(word("progress.network.building"), "", [])
            return
        network, report = made.network, made.report
        summary = word("network.report.size", nodes=f"{network.node_count:,}", edges=f"{network.edge_count:,}",
                       length=f"{network.length_m.sum() / 1000:,.1f}")  # fmt: skip
        flow = {name: f"{count:,}" for name, count in report.flow.items()}
        notes = [
            word("network.report.parts", parts=f"{len(report.parts):,}", loops=f"{report.loops:,}"),
            word("cli.network.flows", **flow),
        ]
        self.panel.show_said("", summary, notes)

    def _show_report(self) -> None:
        if self.panel.tab != "build":
            return
        word, made = self.appearance.word, self.made
        if made is None:
            self.panel.show_list([], can_export=False, can_clear=False)
            return
        findings = made.report.findings
        if self._kind:
            findings = findings[self._of_kind(made, findings)]
        counts = findings["kind"].value_counts()
        kinds = [kind for kind in made.report.counts if counts.get(kind, 0)]
        self.panel.show_findings(
            [(kind, f"{word(f'network.finding.{kind}')}  {counts[kind]:,}") for kind in kinds], self.panel.finding_kind
        )
        chosen = self.panel.finding_kind
        rows = findings[findings["kind"] == chosen] if chosen else findings[:0]
        listed = [
            ListRow(
                result_tables.finding_text(row, word),
                result_tables.distance_text(row),
                (int(row.pipe), int(row.node), row.x, row.y),
            )
            for row in _plain_rows(rows)
        ]
        title = word(f"network.finding.{chosen}") if chosen else word("network.nothing_wrong")
        self.panel.show_list([ListGroup(title, len(rows), listed)], can_export=bool(len(findings)), can_clear=False)

    def _of_kind(self, made: LayerNetwork, findings: Any) -> Any:
        """Return which findings concern pipes, or nodes, of the chosen kind."""
        kind = np.full(len(findings), "", dtype=object)
        for table, name in ((made.node_table, "node"), (made.pipe_table, "pipe")):
            if table is not None and "kind" in table.columns:
                held = table["kind"].reindex(findings[name]).to_numpy(dtype=object)
                kind = np.where(held == self._kind, held, kind)
        return kind == self._kind

    def _show_answer(self) -> None:
        if self.panel.tab == "build":
            return
        found = self.answer if self.answer is not None and self._is_on_page(self.answer) else None
        groups = [] if found is None else groups_of(self.session, found, self.appearance.word)
        self.panel.show_list(groups, can_export=found is not None, can_clear=found is not None)

    def _look_below(self) -> None:
        if self.session.visibility.through is None:
            self.session.visibility.set_through(GroundTransparency())
            self._opened_ground = True

    # --- what the panel asks -----------------------------------------------------------------------------------------
    def _on_tab(self) -> None:
        tab = self.panel.tab
        if self._tool.is_open and (tab == "build" or (self._what in _ISOLATING) != (tab == "isolate")):
            self._tool.put_away()
            self._what, self._starts = "", ()
        self._say()
        self._show_report()
        self._show_answer()

    def _on_how(self, tolerance_m: float, mode: str) -> None:
        how = replace(self._how, tolerance_m=tolerance_m, mode=mode)  # type: ignore[arg-type]
        if how != self._how:
            self._how, self.made = how, None
            self._cancel()
            if self.answer is not None:
                self._ask_again(replace(self.answer.question, how=how))
            else:
                self._build()
            self._say()
            self._show_report()

    def _mark_valve(self, payload: object, broken: bool) -> None:
        """Plan again with a valve that does not close, or does."""
        if self.answer is None or not isinstance(payload, ObjectKey):
            return
        question = self.answer.question
        if (payload.oid in question.faulty) != broken:
            self.ask(questions.toggled_faulty(question, payload.oid))

    def _go(self, payload: object) -> None:
        """Select and fly to what was chosen in the list."""
        made = self.made
        if isinstance(payload, ObjectKey):
            self.context.requests.go_to(payload)
        elif isinstance(payload, tuple) and made is not None:
            pipe, node, x, y = payload
            keys = [ObjectKey(made.pipes.id, pipe)] if pipe >= 0 else []
            if node >= 0 and made.nodes is not None:
                keys.append(ObjectKey(made.nodes.id, node))
            self._look_below()
            self.session.selection.set(keys[:1])
            if x == x and y == y:
                height = float(self.context.canvas.view.ground(np.array([x]), np.array([y]))[0])
                self.context.canvas.view.fly_to_point((x, y, height), _NEAR_M)

    def _miss(self) -> None:
        self._missed = True
        self._say()


def _plain_rows(rows: Any) -> Any:
    return rows.head(MOST_ROWS).itertuples()

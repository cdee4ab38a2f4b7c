"""The panel of command: who is near by road, what is free, orders, and how long they took."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from app.usecases.cases import command
from app.usecases.cases.command import Candidate, Standing
from app.window.feature import Feature
from app.window.features.cases.command_signs import CommandSigns
from app.window.window_context import WindowContext
from models.cases.command.order import Order
from models.cases.command.tables import named
from models.cases.command.times import punctuality, times
from models.core.progress import Progress
from models.core.watch import watch
from models.readings.batch import MINUTE_US
from resources.standards import standard
from viewers.texts.alarm_rules import span_text
from viewers.widgets.cases.command_panel import CommandPanel, CommandRow

#: So near one looks at a crew, metres; so wide the panel is read.
NEAR_M, LIST_PX = 250.0, 430


class Command(Feature):
    """Connects :class:`viewers.widgets.cases.command_panel.CommandPanel` to the session."""

    name = "command"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._target: tuple[str, str, tuple[float, float, float]] | None = None
        self._found: list[Candidate] = []
        panel = self.panel = CommandPanel(self.appearance)
        self.signs = CommandSigns(context)
        dock = context.docks.add("command", panel)
        ask = self.guard
        dock.visibilityChanged.connect(ask(lambda on: self.refresh()))
        panel.nearest_requested.connect(ask(self.find_nearest))
        panel.order_requested.connect(ask(self.give_order))
        panel.resources_requested.connect(ask(self.read_resources))
        panel.tracks_requested.connect(ask(self.read_tracks))
        panel.print_requested.connect(ask(self.print_order))
        panel.step_requested.connect(ask(self.set_step))
        panel.row_chosen.connect(ask(self._go))
        context.requests.over_picture.append(self.signs.paint_over)
        self.stops += [
            watch(self.session.clock.changed, self.refresh),
            watch(self.session.tracks.changed, self.refresh),
        ]

    # --- requests of the action table ------------------------------------------------------------------------------
    def open_panel(self) -> None:
        """Bring the panel forward."""
        self.context.docks.bring_forward("command")
        self.context.docks.widen("command", LIST_PX)

    def read_resources(self) -> None:
        """Ask for a table of crews, pumps, vehicles and stores."""
        self._read("command.read", command.read_resources)

    def read_tracks(self) -> None:
        """Ask for positions: a table of points or a log of NMEA."""
        self._read("command.tracks", command.read_tracks)

    def _read(self, title: str, read: object) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self.context.window, self.appearance.word(title), str(self.context.folder())
        )
        if path:
            read(self.session, Path(path))  # type: ignore[operator]

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show who is where at the moment that is shown."""
        stand = command.standings(self.session)
        self.signs.show_at(stand)
        if not self.panel.isVisible():
            return
        held = {one.standing.resource.id: one for one in self._found}
        order = [one.standing.resource.id for one in self._found]
        stand.sort(key=lambda one: order.index(one.resource.id) if one.resource.id in held else len(order))
        rows = [self._row(one, held.get(one.resource.id)) for one in stand]
        word = self.session.word
        if not rows:
            said = word("command.nobody")
        elif self._target is None:
            said = word("command.no_target")
        else:
            said = word("command.target", target=self._target[1])
        self.panel.show_resources(rows, said)
        self._show_orders()

    def _row(self, one: Standing, found: Candidate | None) -> CommandRow:
        word, lang = self.session.word, self.session.lang
        kind, state = named("kind").get(one.resource.kind), named("state").get(one.state)
        if found is None:
            road = "–"
        elif found.road_m is None:
            road = word(f"command.why.{found.why}")
        else:
            road = word("command.road", road=f"{found.road_m / 1000:.2f}", off=f"{found.off_road_m:.0f}")
        is_old = one.position is None or one.position.is_old
        if one.position is not None:
            fix = word("command.ago", span=span_text(one.position.age_us / 1e6, lang))
        else:
            fix = word("command.at_home" if one.xy is not None else "command.nowhere")
        cells = (one.resource.name, "" if state is None else state.title(lang), road, fix)
        icon, colour = ("question", "none") if kind is None else (kind.icon, kind.colour)
        return CommandRow(one.resource.id, icon, colour, cells, is_old)

    def _show_orders(self) -> None:
        session, word, lang = self.session, self.session.word, self.session.lang
        orders, at = session.project.state.operations.orders, command.now_us(self.session)
        table = times(orders, at)
        rows = []
        for one, took in zip(orders, table.to_dict("records"), strict=True):
            late = took["done_late_min"] if took["done_late_min"] == took["done_late_min"] else took["arrive_late_min"]
            text = (
                "–" if late != late else word("command.late" if late > 0 else "command.early", min=f"{abs(late):.0f}")
            )
            spans = [took["to_arrive_min"], took["to_do_min"]]
            took_text = " + ".join("–" if span != span else f"{span:.0f}" for span in spans)
            cells = (f"{one.id} · {one.subject}", word(f"command.step.{one.step or 'new'}"), took_text, text)
            rows.append(CommandRow(one.id, "clipboard-text", "text_soft", cells))
        found = punctuality(orders, at)

        def median(value: float) -> str:
            return "–" if value != value else span_text(value * 60, lang)

        said = word("command.punctuality", orders=found.orders, arrived=found.arrived, done=found.done,
                    arrive=median(found.median_arrive_min), work=median(found.median_do_min),
                    in_time=found.in_time, judged=found.with_deadline)  # fmt: skip
        self.panel.show_orders(rows, said)

    def _go(self, resource_id: str) -> None:
        one = next((one for one in command.standings(self.session) if one.resource.id == resource_id), None)
        if one is not None and one.xy is not None:
            self.context.canvas.view.fly_to_point((*one.xy, self.signs.height_at(one.xy)), NEAR_M)

    # --- what is done ----------------------------------------------------------------------------------------------
    def find_nearest(self) -> None:
        """Find who is nearest by road to the selected object."""
        target = command.place_of(self.session)
        if target is None:
            self.panel.target.setText(self.session.word("command.no_target"))
            return
        place = target[2]

        def work(progress: Progress) -> list[Candidate]:
            return command.nearest(self.session, (place[0], place[1]), progress)

        def done(found: list[Candidate]) -> None:
            self._target, self._found = target, found
            self.refresh()

        self.session.run("job.command_nearest", work, done)

    def give_order(self) -> None:
        """Send the chosen to the place that distances are from: kept in the project, sent nowhere by itself."""
        chosen = self.panel.chosen
        if self._target is None or not chosen:
            self.panel.target.setText(self.session.word("command.choose_first"))
            return
        kind, subject, at = self._target
        road = next((one.road_m for one in self._found if one.standing.resource.id == chosen[0]), None)
        by_us = command.now_us(self.session) + int(standard("command")["rule"]["arrive_min"] * MINUTE_US)
        made = command.give_order(
            self.session, Order("", subject, kind, chosen, at=at, road_m=road, arrive_by_us=by_us, sent="paper")
        )
        self.session.notices.info("notice.command_order", id=made.id)
        self.refresh()
        self.panel.tabs.setCurrentIndex(1)

    def set_step(self, step: str) -> None:
        """Note that those of the chosen order have arrived, or are done."""
        if self.panel.chosen_order:
            command.set_step(self.session, self.panel.chosen_order, step)
            self.refresh()

    def print_order(self) -> None:
        """Write the chosen order as a document."""
        order = self.panel.chosen_order
        if not order:
            return
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, self.appearance.word("command.print"), str(self.context.folder() / f"{order}.docx"),
            "Word (*.docx)",
        )  # fmt: skip
        if path:
            command.print_order(self.session, order, Path(path).with_suffix(".docx"))

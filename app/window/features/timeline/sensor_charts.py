"""Charts of sensors in the window: of what is selected, or of what another panel asks for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from app.usecases.timeline import charts
from app.usecases.timeline.moment import zone_of
from app.window.feature import Feature
from models.core.errors import UserError
from models.core.watch import watch
from models.readings.batch import DAY_US, MINUTE_US
from models.readings.channel import Channel
from models.readings.curves import Curve
from models.store.atomic import write_bytes
from models.timeline.zone import moment_text
from viewers.texts.moment_texts import zone_phrase
from viewers.widgets.timeline.shown_curves import ShownCurve, ShownThreshold, ValueRow

if TYPE_CHECKING:
    from app.window.window_context import WindowContext
    from models.project.selection import ObjectKey
    from models.views.camera import Vector
    from viewers.widgets.timeline.chart_panel import ChartPanel

#: So long a hand rests before a span is asked for anew, ms.
PAUSE_MS = 150
#: A chart begins with so much of the end.
FIRST_US = 7 * DAY_US


class SensorCharts(Feature):
    """The panel of charts; it is made, and the charts' library loaded, when it is first shown."""

    name = "sensor_charts"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._host = QWidget()
        self._panel: ChartPanel | None = None
        QVBoxLayout(self._host).setContentsMargins(0, 0, 0, 0)
        dock = context.docks.add("sensor_chart", self._host)
        dock.visibilityChanged.connect(self.guard(lambda on: self._draw() if on and self._panel is None else None))
        self.channels: list[Channel] = []
        self.curves: list[Curve] = []
        self.span_us: tuple[int, int] | None = None
        self._hidden: set[int] = set()
        self._cursor_us: int | None = None
        self._asked = 0
        self._said: object = None
        self._path: object = None
        self._wait = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._wait.timeout.connect(self.guard(self._load))
        context.requests.chart_sensors.answer_with(self.chart)
        self.stops.append(watch(self.session.clock.changed, self._follow_clock))

    @property
    def panel(self) -> ChartPanel:
        """Return the panel, made where it is not there yet."""
        if self._panel is None:
            from viewers.widgets.timeline.chart_panel import ChartPanel

            self._panel = ChartPanel(self.appearance)
            layout = self._host.layout()
            assert layout is not None  # noqa: S101 - it was given one
            layout.addWidget(self._panel)
            self._connect(self._panel)
        return self._panel

    def _connect(self, panel: ChartPanel) -> None:
        ask = self.guard
        panel.add_requested.connect(ask(self.add_selected))
        panel.clear_requested.connect(ask(self.clear))
        panel.picture_requested.connect(ask(self.write_picture))
        panel.table_requested.connect(ask(self.write_table))
        panel.span_requested.connect(ask(self._show_last))
        panel.channel_switched.connect(ask(self._switch))
        panel.chart.span_chosen.connect(ask(self._choose_span))
        panel.chart.whole_requested.connect(ask(lambda: self._show_last(0.0)))
        panel.chart.moment_chosen.connect(ask(self.session.clock.go))
        panel.chart.cursor_moved.connect(ask(self._follow_cursor))

    # --- requests of the action table ------------------------------------------------------------------------------
    def open(self) -> None:
        """Show the panel, with what is selected where nothing is charted yet."""
        self.context.docks.bring_forward("sensor_chart")
        if not self.channels and self.session.selection.keys:
            self.add_selected()

    def add_selected(self) -> None:
        """Chart also what is measured at the selected objects."""
        found = charts.channels_of(self.session, self.session.selection.keys)
        if not found:
            raise UserError("chart.nothing_measured")
        self._show([*self.channels, *(one for one in found if one not in self.channels)])

    def chart(self, keys: Sequence[ObjectKey], channels: Sequence[int] = ()) -> None:
        """Chart what is measured at objects, or channels by their ids, in the place of what is charted."""
        found = charts.channels_named(self.session, channels) if channels else charts.channels_of(self.session, keys)
        if not found:
            raise UserError("chart.nothing_measured")
        self.context.docks.bring_forward("sensor_chart")
        self._show(found)

    def clear(self) -> None:
        """Chart nothing any more."""
        self._show([])

    def write_picture(self) -> None:
        """Ask where, and write the chart as a picture."""
        path = self._ask("chart.filter.picture", "chart.picture", ".png")
        if path is not None:
            write_bytes(path.with_suffix(".png"), self.panel.picture_of_all())
            self.session.notices.info("notice.written", file=path.with_suffix(".png").name)

    def write_table(self) -> None:
        """Ask where, and write all readings of the span as a table."""
        path = self._ask("dialog.filter.table", "chart.table", ".xlsx")
        if path is None or self.span_us is None:
            return
        session, span, shown = self.session, self.span_us, [one for one in self.channels if one.id not in self._hidden]

        def work(_: object) -> int:
            return charts.write_table(session, path, charts.curves_of(session, shown, span, 0))

        session.run("job.chart_table", work, lambda _: session.notices.info("notice.written", file=path.name))

    def context_actions(self, key: ObjectKey | None, world: Vector | None) -> list[QAction]:
        """Offer the chart of what is measured at an object."""
        if key is None or not charts.channels_of(self.session, (key,)):
            return []
        action = QAction(self.appearance.icon("chart-line"), self.appearance.word("chart.of_object"), self)
        action.triggered.connect(self.guard(lambda: self.chart((key,))))
        return [action]

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow project, language and theme."""
        path, said = self.session.project.path, (self.session.lang, self.appearance.theme)
        if path != self._path:
            self._path = path
            self.channels, self.curves, self.span_us = [], [], None
            self._said = None
        if said != self._said and self._panel is not None:
            self._said = said
            self._draw()

    def _follow_clock(self) -> None:
        if self._panel is None:
            return
        self.panel.chart.show_moment(self.session.clock.moment_us)
        if self._cursor_us is None:
            self._show_values()

    def _follow_cursor(self, moment_us: int | None) -> None:
        self._cursor_us = moment_us
        self._show_values()

    # --- what is charted -------------------------------------------------------------------------------------------
    def _show(self, channels: Sequence[Channel]) -> None:
        self.channels = list(channels)[: charts.MOST]
        if len(channels) > charts.MOST:
            self.session.notices.info("notice.chart_most", count=f"{len(channels):,}", most=charts.MOST)
        whole = self.session.clock.range_us
        if self.span_us is None and whole is not None:
            here = self.session.clock.moment_us
            last = whole[1] if here is None else min(here + FIRST_US // 2, whole[1])
            self.span_us = max(whole[0], last - FIRST_US), last
        self._load()

    def _load(self) -> None:
        """Read the curves by a job; the last span that was asked for wins."""
        session, channels, span = self.session, list(self.channels), self.span_us
        self._asked += 1
        asked = self._asked
        if not channels or span is None:
            self.curves = []
            self._draw()
            return

        def done(found: list[Curve]) -> None:
            if asked == self._asked:
                self.curves = found
                self._draw()

        session.run("job.chart", lambda _: charts.curves_of(session, channels, span), done)

    def _draw(self) -> None:
        session, lang, zone = self.session, self.session.lang, zone_of(self.session)
        span = self.span_us or (0, 0)
        shown = [
            ShownCurve(one, charts.channel_name(one.channel, lang), one.channel.unit, charts.digits_of(one.channel))
            for one in self.curves
        ]
        lines = [ShownThreshold(*line) for line in charts.lines_for(session, self.channels)]
        said = [zone_phrase(span[1], lang, zone)]
        if session.project.state.synthetic:
            said.append(session.word("timeline.synthetic"))
        self.panel.show_curves(shown, lines, span, zone, " · ".join(said))
        self.panel.chart.show_moment(session.clock.moment_us)
        self._show_values()

    def _show_values(self) -> None:
        """Say what each series was at the cursor, else at the moment, else last."""
        moment_us = self._cursor_us if self._cursor_us is not None else self.session.clock.moment_us
        rows = []
        for curve in self.curves:
            at = moment_us if moment_us is not None else int(curve.time_us[-1]) if len(curve.time_us) else 0
            held = curve.at(at)
            text = (
                charts.value_text(held[1], curve.channel) if held is not None else self.session.word("chart.no_value")
            )
            rows.append(ValueRow(curve.channel.id, charts.channel_name(curve.channel, self.session.lang), text))
        if moment_us is None:
            said = self.session.word("chart.last_values")
        else:
            said = moment_text(moment_us, zone_of(self.session))
        self.panel.show_values(rows, self._hidden, said)

    def _switch(self, channel: int, on: bool) -> None:
        self._hidden = self._hidden - {channel} if on else self._hidden | {channel}
        self.panel.chart.set_hidden(self._hidden)

    def _choose_span(self, first_us: int, last_us: int) -> None:
        """Show a part of the time, in the detail that it has."""
        whole = self.session.clock.range_us
        if whole is not None:
            first_us, last_us = max(first_us, whole[0]), min(last_us, whole[1])
        if last_us - first_us >= MINUTE_US:
            self.span_us = first_us, last_us
            self._wait.start()

    def _show_last(self, seconds: float) -> None:
        whole = self.session.clock.range_us
        if whole is not None:
            self.span_us = whole if not seconds else (max(whole[0], whole[1] - round(seconds * 1e6)), whole[1])
            self._load()

    def _ask(self, kind: str, title: str, suffix: str) -> Path | None:
        word = self.appearance.word
        target = self.context.folder() / f"{word('chart.file')}{suffix}"
        path, _ = QFileDialog.getSaveFileName(self.context.window, word(title), str(target), word(kind))
        if not path:
            return None
        return Path(path) if Path(path).suffix else Path(path).with_suffix(suffix)

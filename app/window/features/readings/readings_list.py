"""What is measured, in the window: channels by quantity; a click selects the device, another shows its chart."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QTimer

from app.usecases.readings import channel_list
from app.usecases.readings.channel_list import ChannelRow
from app.usecases.readings.readings import places_of
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.core.watch import watch
from models.readings.batch import SECOND_US
from models.readings.quantities import quantity, quantity_name
from models.timeline.zone import moment_text
from resources.words import word
from viewers.widgets.readings.readings_panel import ChannelLine, ReadingsPanel

#: Readings that come in are shown after a rest, ms.
PAUSE_MS = 1_000


class ReadingsList(Feature):
    """The panel of channels."""

    name = "readings_panel"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._stamp: object = None
        self.panel = ReadingsPanel(self.appearance)
        dock = context.docks.add("readings", self.panel)
        dock.visibilityChanged.connect(lambda on: self.refresh() if on else None)
        self._wait = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._wait.timeout.connect(self.guard(self._on_changed))
        self.stops += [
            watch(self.session.readings.changed, lambda: self.session.jobs.post(self._wait.start)),
            self._wait.stop,
        ]
        self.panel.chosen.connect(self.guard(self._select))
        self.panel.chart_requested.connect(self.guard(lambda channel: context.requests.chart_sensors((), (channel,))))
        self.panel.import_requested.connect(lambda: context.commands.run("readings.import"))

    def open_panel(self) -> None:
        """Show the channels."""
        self.context.docks.bring_forward("readings")
        self.refresh()

    def refresh(self) -> None:
        """Look at the channels anew once they are seen, and as project or language change."""
        session = self.session
        stamp = (session.project.path, session.lang)
        if not self.panel.isVisible() or stamp == self._stamp:
            return
        self._stamp = stamp
        zone, lang = session.project.state.operations.zone.name, session.lang

        def done(rows: tuple[ChannelRow, ...]) -> None:
            if stamp == self._stamp:
                now_us = time.time_ns() // 1_000
                note = word("trends.synthetic", lang) if session.project.state.synthetic else ""
                self.panel.show_lines([_line(one, zone, now_us, lang) for one in rows], note)

        channel_list.find(session, done)

    def _on_changed(self) -> None:
        self._stamp = None
        self.refresh()

    def _select(self, channel: int) -> None:
        place = places_of(self.session).get(channel)
        if place is not None:
            self.session.selection.set([place])


def _line(one: ChannelRow, zone: str, now_us: int, lang: str) -> ChannelLine:
    channel, known = one.channel, quantity(one.channel.quantity)
    title = quantity_name(channel.quantity, lang)
    if not one.count:
        return ChannelLine(channel.id, title, channel.sensor, (channel.sensor, "—", "—", "0", "—", "—", "—"))
    value = f"{one.last_value:.{2 if known is None else known.digits}f} {channel.unit}".rstrip()
    share = "—" if np.isnan(one.coverage) else f"{one.coverage * 100:.1f}%"
    texts = (channel.sensor, value, _age(now_us - one.last_us, lang), f"{one.count:,}",
             moment_text(one.first_us, zone), moment_text(one.last_us, zone), share)  # fmt: skip
    return ChannelLine(channel.id, title, channel.sensor, texts)


def _age(age_us: int, lang: str) -> str:
    minutes = max(age_us, 0) // (60 * SECOND_US)
    for name, size in (("days", 1440), ("hours", 60), ("minutes", 1)):
        if minutes >= size:
            return word(f"readings.list.{name}", lang, count=f"{minutes // size:,}")
    return word("readings.list.minutes", lang, count=0)

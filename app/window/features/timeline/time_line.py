"""The time line in the window: the bar, playing, and the moment that everything shows."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from app.usecases.timeline.line import line_of
from app.usecases.timeline.moment import Moments, zone_of
from app.window.feature import Feature
from models.core.watch import watch
from models.timeline.events import Line
from models.timeline.playing import Player, step_for
from models.timeline.zone import moment_text
from viewers.texts.moment_texts import known_texts, zone_phrase
from viewers.widgets.timeline.bar import TimelineBar
from viewers.widgets.timeline.moment_dialog import MomentDialog

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.window.window_context import WindowContext

#: What comes in live is put on the line so often, ms.
RENEW_MS = 30_000


class TimeLine(Feature):
    """The bar at the foot of the city and its actions."""

    name = "timeline"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        session = self.session
        self.bar = TimelineBar(self.appearance)
        self.bar.hide()
        context.foot.addWidget(self.bar)
        self.player, self.line = Player(), Line()
        self.moments = Moments(session, self._ahead)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._next)
        self._renewing = QTimer(self, interval=RENEW_MS)
        self._renewing.timeout.connect(self._renew)
        self._job: Job | None = None
        self._stamp: tuple[object, ...] = ()
        self._is_stale = self._has_news = False
        bar, ask = self.bar, self.guard
        bar.play_requested.connect(ask(self.play))
        bar.live_requested.connect(ask(self.go_live))
        bar.moment_requested.connect(ask(self.ask_moment))
        bar.close_requested.connect(ask(self.switch_bar))
        bar.step_requested.connect(ask(self.step))
        bar.end_requested.connect(ask(self._go_to_end))
        bar.speed_chosen.connect(ask(lambda speed: self._choose(replace(self.player, speed=speed))))
        bar.step_chosen.connect(ask(lambda step: self._choose(replace(self.player, step_us=step))))
        bar.loop_switched.connect(ask(lambda on: self._choose(replace(self.player, loops=on))))
        bar.scale.moment_chosen.connect(ask(self._go))
        bar.scale.range_chosen.connect(ask(self._choose_range))
        context.requests.ask_moment.answer_with(self._asked_moment)
        self.stops += [
            watch(session.clock.changed, self._show),
            watch(session.shown.changed, lambda _: self._show_known()),
            watch(session.runs.changed, self._look_again),
            watch(session.readings.changed, lambda: session.jobs.post(self._on_news)),
            watch(session.alarms.changed, lambda: session.jobs.post(self._on_news)),
            watch(session.project.data_changed, lambda _: self._look_again()),
        ]

    # --- requests of the action table ------------------------------------------------------------------------------
    def switch_bar(self) -> None:
        """Show the bar, or hide it; time stands still and live while nobody sees it."""
        on = not self.session.settings.get("time_line")
        self.session.settings.set("time_line", on)
        if not on:
            self.go_live()
        self._arrange()
        self.context.commands.refresh()

    def play(self) -> None:
        """Let time run, or stop it."""
        if self._timer.isActive():
            self.pause()
            return
        whole = self.line.whole_us
        if whole is None:
            return
        self.session.clock.go(self.player.begin(self.session.clock.moment_us, whole))
        self._timer.start(self._interval_ms())
        self.bar.show_playing(is_playing=True)

    def pause(self) -> None:
        """Let time stand still."""
        self._timer.stop()
        self.bar.show_playing(is_playing=False)

    def step(self, count: int) -> None:
        """Go some steps on or back; from what is live, back from the end."""
        whole = self.line.whole_us
        if whole is not None:
            self.pause()
            here = self.session.clock.moment_us
            self.session.clock.go(self.player.stepped(whole[1] if here is None else here, count, whole))

    def go_live(self) -> None:
        """Show what is live."""
        self.pause()
        self.session.clock.go_live()

    def ask_moment(self) -> None:
        """Ask for a date and time, and go there."""
        whole, zone = self.line.whole_us, zone_of(self.session)
        if whole is None:
            return
        here = self.session.clock.moment_us
        asked = MomentDialog(self.appearance, whole[1] if here is None else here, whole, zone, self.context.window)
        if asked.ask():
            self._go(asked.moment_us)
        asked.deleteLater()

    def _asked_moment(self, title: str) -> int | None:
        """Ask for any date and time."""
        here = self.session.clock.moment_us or (self.line.whole_us or (int(time.time() * 1e6),))[0]
        asked = MomentDialog(
            self.appearance, here, None, zone_of(self.session), self.context.window, title
        )  # fmt: skip
        answer = asked.moment_us if asked.ask() else None
        asked.deleteLater()
        return answer

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow project, language and theme."""
        state = self.session.project.state
        stamp = (state.operations, self.session.project.data_stamp(), self.session.project.path)
        if stamp != self._stamp:
            if self._stamp and stamp[2] != self._stamp[2]:  # another project: its times are others
                self.player = self.player.with_range(None)
                self.go_live()
            self._stamp = stamp
            self._look_again()
        self._arrange()
        self._show()

    def end(self) -> None:
        """Stop following."""
        self._timer.stop()
        self._renewing.stop()
        self.moments.close()
        super().end()

    def _look_again(self) -> None:
        """Gather what stands on the line by a job; what changes meanwhile is gathered after it."""
        if self._job is not None:
            self._is_stale = True
            return
        self._is_stale = False

        def done(line: Line) -> None:
            self._job = None
            self._take(line)
            if self._is_stale:
                self._look_again()

        def failed(error: BaseException) -> None:
            self._job = None
            self.session.fail(error)

        job = self.session.jobs.run("job.time_line", line_of(self.session), done, failed=failed)
        self._job = None if job.is_over else job

    def _on_news(self) -> None:
        """Readings or alarms came: show them at once where there were none, else with those that come after them."""
        if self.line.whole_us is None:
            self._look_again()
        self._has_news = True

    def _renew(self) -> None:
        """Bring what came in onto the line, and into the moment that is shown; while time runs, later."""
        if self._has_news and not self._timer.isActive():
            self._has_news = False
            self._look_again()
            self.moments.renew()

    def _take(self, line: Line) -> None:
        is_new = self.line.whole_us is None
        self.line = line
        if is_new and line.whole_us is not None:
            self.player = replace(self.player, step_us=step_for(line.whole_us[1] - line.whole_us[0]))
        if line.whole_us is None:
            self.go_live()
        self.session.clock.set_range(line.whole_us)
        self.bar.scale.show_line(line, zone_of(self.session))
        self._arrange()
        self._show()
        self.context.commands.refresh()

    def _arrange(self) -> None:
        """Show the bar where something has a time and nobody hid it."""
        wanted = self.line.whole_us is not None and bool(self.session.settings.get("time_line"))
        self.bar.setVisible(wanted)
        if wanted and not self._renewing.isActive():
            self._renewing.start()
        elif not wanted:
            self._renewing.stop()

    # --- playing ---------------------------------------------------------------------------------------------------
    def _interval_ms(self) -> int:
        return max(round(1000 / self.player.speed), 20)

    def _ahead(self, moment_us: int) -> list[int]:
        whole = self.line.whole_us
        return self.player.ahead(moment_us, whole, 4) if whole is not None and self._timer.isActive() else []

    def _next(self) -> None:
        """Show the next moment; one that is not worked out yet is waited for."""
        whole, here, shown = self.line.whole_us, self.session.clock.moment_us, self.session.shown.state
        if whole is None or here is None:
            self.pause()
            return
        if shown is not None and shown.moment_us != here:
            return
        following = self.player.after(here, whole)
        if following is None:
            self.pause()
        else:
            self.session.clock.go(following)

    def _choose(self, player: Player) -> None:
        self.player = player
        if self._timer.isActive():
            self._timer.setInterval(self._interval_ms())
        self._show_player()

    def _choose_range(self, first_us: int, last_us: int) -> None:
        whole = self.line.whole_us
        is_all = whole is not None and first_us <= whole[0] and last_us >= whole[1]
        self._choose(self.player.with_range(None if is_all else (first_us, last_us)))

    def _go(self, moment_us: int) -> None:
        self.pause()
        self.session.clock.go(moment_us)

    def _go_to_end(self, last: bool) -> None:
        whole = self.line.whole_us
        if whole is not None:
            self._go(self.player.within(whole)[1 if last else 0])

    # --- what the bar says -----------------------------------------------------------------------------------------
    def _show_player(self) -> None:
        self.bar.show_player(self.player.step_us, self.player.speed, loops=self.player.loops)
        self.bar.scale.show_range(self.player.range_us)

    def _show(self) -> None:
        session, bar = self.session, self.bar
        moment_us = session.clock.moment_us
        bar.show_live(is_live=moment_us is None)
        bar.scale.show_moment(moment_us)
        self._show_player()
        self._show_known()
        self.context.commands.refresh()

    def _show_known(self) -> None:
        """Say which moment it is, how much is known at it, and how old that is."""
        session, lang, zone = self.session, self.session.lang, zone_of(self.session)
        moment_us = session.clock.moment_us
        more = [session.word("timeline.synthetic")] if session.project.state.synthetic else []
        if moment_us is None:
            strong = session.word("timeline.is_live")
            more.append(zone_phrase(int(time.time() * 1e6), lang, zone))
        else:
            strong = session.word("timeline.is_past", moment=moment_text(moment_us, zone))
            more.append(zone_phrase(moment_us, lang, zone))
        state = session.shown.state
        if state is not None:
            more += known_texts(state, lang)
        self.bar.chip.show_text(strong, more, is_live=moment_us is None)

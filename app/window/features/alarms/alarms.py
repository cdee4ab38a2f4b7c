"""The panel of alarms: the list of the moment that is shown, what is done with an alarm, and the rules."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from app.background.jobs import Job
from app.usecases.alarms import alarms
from app.usecases.alarms.listing import Listed, listed
from app.usecases.query import list_export
from app.usecases.readings import readings
from app.window.feature import Feature
from app.window.features.alarms import alarm_values
from app.window.features.alarms.rings import AlarmRings
from app.window.window_context import WindowContext
from models.alarms.alarm import Alarms
from models.alarms.rule import AlarmRule, Compare, Hold, Level
from models.alarms.severities import severities
from models.cases.draft import CaseDraft
from models.core.errors import UserError
from models.core.progress import Progress
from models.core.watch import watch
from models.project.selection import ObjectKey
from models.query.ranking import Ranking, Rows
from models.readings.batch import DAY_US, HOUR_US
from viewers.widgets.alarms.alarms_panel import AlarmsPanel

log = logging.getLogger(__name__)

#: So wide the list is read without scrolling, pixels.
LIST_PX = 470
#: How often a live list is asked for again while it is seen, milliseconds; a moment that is gone to waits so long.
AGAIN_MS, REST_MS = 5000, 150


class AlarmList(Feature):
    """Connects :class:`viewers.widgets.alarms.alarms_panel.AlarmsPanel` to the session."""

    name = "alarms"
    #: Alarms are told of from any thread; a signal of Qt comes over to that of the window.
    stale = Signal()

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.rows: tuple[Listed, ...] = ()
        self._moment_us, self._is_live = 0, True
        self._job: Job | None = None
        self._trial: Job | None = None
        self._past: Job | None = None
        self._past_of: Path | None = None
        self._wants_more = False
        panel = self.panel = AlarmsPanel(self.appearance, tuple(severities()))
        self.rings = AlarmRings(context, self._ringed)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.guard(self.load))
        self.stale.connect(self._rest.start)
        self._again = QTimer(self, interval=AGAIN_MS)
        self._again.timeout.connect(self.guard(self._load_again))
        dock = context.docks.add("alarms", panel)
        ask = self.guard
        dock.visibilityChanged.connect(ask(self._on_seen))
        panel.filtered.connect(ask(self._filter))
        panel.chosen.connect(ask(self._on_chosen))
        panel.acknowledge_requested.connect(ask(self.acknowledge))
        panel.silence_requested.connect(ask(self.silence))
        panel.case_requested.connect(ask(self.make_case))
        panel.chart_requested.connect(ask(self.show_chart))
        panel.replay_requested.connect(ask(self.replay))
        panel.live_requested.connect(ask(self.session.clock.go_live))
        panel.list.go_requested.connect(ask(self._go))
        panel.list.open_requested.connect(ask(lambda key: self.show_chart()))
        panel.list.select_requested.connect(ask(self._select))
        panel.list.properties_requested.connect(ask(self._show_properties))
        panel.list.export_requested.connect(ask(self._export_rows))
        panel.rules.new_requested.connect(ask(self.new_rule))
        panel.rules.form.saved.connect(ask(self.save_rule))
        panel.rules.form.restored.connect(ask(self.restore_rule))
        panel.rules.form.tried.connect(ask(self.try_rule))
        panel.rules.form.stopped.connect(ask(self._stop_trial))
        context.requests.over_picture.append(self.rings.paint_over)
        self.stops += [
            watch(self.session.clock.changed, self._rest.start),
            watch(self.session.alarms.changed, self.stale.emit),
            watch(self.session.jobs.changed, self._on_job_changed),
            watch(self.session.project.path_changed, self._leave_past),
        ]

    # --- requests of the action table ------------------------------------------------------------------------------
    def open_panel(self) -> None:
        """Bring the list of alarms forward."""
        self.panel.tabs.setCurrentIndex(0)
        self.context.docks.bring_forward("alarms")
        self.context.docks.widen("alarms", LIST_PX)

    def open_rules(self) -> None:
        """Bring the rules forward."""
        self.open_panel()
        self.panel.tabs.setCurrentIndex(1)

    def switch_rings(self) -> None:
        """Mark alarms in the picture, or no longer."""
        self.session.settings.set("alarm_rings", not self.session.settings.get("alarm_rings"))
        self.rings.follow()
        self.context.commands.refresh()

    def export(self) -> None:
        """Write the list as it is filtered."""
        self.open_panel()
        self._export_rows(self.panel.list.chosen_rows(everything=True))

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow project, language and theme."""
        self._rest.start()

    def _on_seen(self, on: bool) -> None:
        self._again.start() if on else self._again.stop()
        if on:
            self.load()

    def _load_again(self) -> None:
        if self.session.clock.is_live and self.panel.isVisible():
            self.load()

    def load(self) -> None:
        """Ask for the alarms of the moment that is shown, unless they are being asked for."""
        session = self.session
        if self._job is not None:
            self._wants_more = True
            return
        if readings.store_of(session) is None:
            self._show((), _now_us(), True, alarm_values.ranking_of_alarms(session, (), 0))
            return
        self._judge_past()
        at = session.clock.moment_us
        moment_us, is_live = (_now_us(), True) if at is None else (at, False)

        def work(progress: Progress) -> tuple[tuple[Listed, ...], Ranking]:
            rows = listed(session, moment_us, is_live=is_live)
            return rows, alarm_values.ranking_of_alarms(session, rows, moment_us)

        def done(found: tuple[tuple[Listed, ...], Ranking]) -> None:
            self._show(found[0], moment_us, is_live, found[1])

        self._wants_more = False
        job = session.run("job.alarms", work, done)
        self._job = None if job.is_over else job

    def _judge_past(self) -> None:
        """Judge what is recorded once a project, behind everything else; what goes wrong is said when somebody asks."""
        session = self.session
        path = session.project.path
        if path is None or path == self._past_of or session.jobs.inline:
            return
        self._past_of = path
        self._past = session.jobs.run(
            "job.alarm_replay", lambda progress: alarms.replay_unasked(session, progress),
            failed=lambda error: log.info("recorded readings are not judged: %s", error), background=True,
        )  # fmt: skip

    def _leave_past(self, *_: object) -> None:
        job, self._past, self._past_of = self._past, None, None
        if job is not None and not job.is_over:
            job.cancel()

    def _on_job_changed(self, job: Job) -> None:
        if job is self._trial and job.is_over:
            self._trial = None
            self.panel.rules.form.run.setEnabled(True)
            self.panel.rules.form.stop.hide()
        if job is self._job and job.is_over:
            self._job = None
            if self._wants_more:
                self._rest.start()

    def _show(self, rows: tuple[Listed, ...], moment_us: int, is_live: bool, ranking: Ranking) -> None:
        session, panel = self.session, self.panel
        before = {row.alarm.id for row in self.chosen()}
        self.rows, self._moment_us, self._is_live = rows, moment_us, is_live
        key = "alarms.at_now" if is_live else "alarms.at_moment"
        said = session.word(key, moment=alarm_values.time_text(session, moment_us), count=f"{len(rows):,}")
        if readings.store_of(session) is None:
            said = session.word("alarms.no_readings")
        elif session.project.state.synthetic:
            said += f" · {session.word('sheet.synthetic')}"
        panel.set_moment(said, is_live=is_live)
        panel.set_counts(alarm_values.counts_of(rows))
        panel.type.offer(alarm_values.types_of(session, rows))
        panel.state.offer(alarm_values.states_of(session))
        panel.list.show_ranking(
            ranking, alarm_values.columns_of(session), "district",
            lambda _, chosen: session.word("alarms.total", count=f"{len(chosen):,}"), session.word("ranked.everywhere"),
        )  # fmt: skip
        self._filter()
        # A list that is asked for again leaves what a person chose as it was.
        panel.list.choose(np.flatnonzero([row.alarm.id in before for row in rows]))
        self._on_chosen()
        self.rings.follow()
        if panel.isVisible() and not panel.rules.form.isVisible():
            panel.rules.set_rules(alarm_values.rule_views(session, alarms.rules_of(session)))

    # --- the list --------------------------------------------------------------------------------------------------
    def _filter(self) -> None:
        wanted, kind, state = self.panel.severities, self.panel.type.currentData(), self.panel.state.currentData()
        kept = [
            at for at, row in enumerate(self.rows)
            if (not wanted or row.severity in wanted) and (not kind or row.alarm.rule == kind)
            and (not state or row.state == state)
        ]  # fmt: skip
        self.panel.list.keep(np.asarray(kept, np.int64) if len(kept) < len(self.rows) else None)

    def chosen(self) -> list[Listed]:
        """Return the alarms that are chosen in the list."""
        places = self.panel.list.chosen_rows()
        return [self.rows[at] for at in places.tolist() if at < len(self.rows)]

    def _on_chosen(self) -> None:
        rows = self.chosen()
        one = rows[0] if len(rows) == 1 else None
        has_key = one is not None and one.alarm.key is not None
        self.panel.set_can(
            acknowledge=any(row.state == "open" for row in rows),
            silence=self._is_live and bool(rows),
            case=one is not None and self.context.requests.make_case.is_answered,
            chart=has_key and self.context.requests.chart_sensors.is_answered,
        )  # fmt: skip
        if one is None:
            self.panel.show_activations("", ())
        else:
            views = alarm_values.activations_of(self.session, one.alarm)
            self.panel.show_activations(alarm_values.title_of(self.session, one), views)

    def _go(self, key: ObjectKey) -> None:
        if key.layer:
            self.context.requests.go_to(key)

    def _select(self, by_layer: dict[str, Rows]) -> None:
        self.session.selection.set_many({layer: oids for layer, oids in by_layer.items() if layer})

    def _show_properties(self, key: ObjectKey) -> None:
        if key.layer:
            self.session.selection.set([key])
            self.context.docks.bring_forward("properties")

    def show_chart(self) -> None:
        """Fly to the facility of the chosen alarm and show what is measured there."""
        keys = [row.alarm.key for row in self.chosen() if row.alarm.key is not None]
        if keys:
            self.context.requests.go_to(keys[0])
            self.context.requests.chart_sensors(keys, ())

    def acknowledge(self) -> None:
        """Note that somebody has seen the chosen alarms."""
        rows = [row.alarm.id for row in self.chosen() if row.state == "open"]
        if rows:
            alarms.acknowledge(self.session, rows)
            self.load()

    def silence(self, hours: float | None) -> None:
        """Let the chosen alarms draw no attention for some hours, until they clear (None), or again (−1)."""
        ids = [row.alarm.id for row in self.chosen()]
        if not ids:
            return
        if hours is not None and hours < 0:
            alarms.unsilence(self.session, ids)
        else:
            alarms.silence(self.session, ids, None if hours is None else _now_us() + int(hours * HOUR_US))
        self.load()

    def make_case(self) -> None:
        """File a case from the chosen alarm; the same activation gives the same case."""
        row = next(iter(self.chosen()), None)
        if row is None:
            return
        alarm = row.alarm
        draft = CaseDraft(
            alarm_values.case_text(self.session, row), "alarm", f"{alarm.id}/{row.activation.start_us}",
            component=alarm.key, urgent=bool(alarm.rule) and row.severity == "critical",
            reported_us=row.activation.start_us,
        )  # fmt: skip
        self.context.requests.make_case(draft)

    def replay(self) -> None:
        """Judge all recorded readings by the rules that are switched on, so that moments of the past have alarms."""
        session = self.session
        store = readings.store_of(session)
        span = None if store is None else store.span()
        if span is None:
            raise UserError("alarms.no_readings", file=session.project.path.name if session.project.path else "")
        session.run("job.alarm_replay", lambda progress: alarms.replay(session, span[0], span[1] + 1, None, progress))

    def _export_rows(self, rows: Rows) -> None:
        word, listed_ = self.appearance.word, self.panel.list
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("dialog.export"), str(self.context.folder() / f"{word('panel.alarms')}.xlsx"),
            word("dialog.filter.table"),
        )  # fmt: skip
        if path:
            title = f"{word('panel.alarms')} · {self.panel.moment.text()}"
            list_export.export_list(self.session, Path(path), title, listed_.model.columns, listed_.ranking, rows)

    def _ringed(self) -> tuple[str, list[ObjectKey]]:
        """Return the gravest severity that nobody has seen and its facilities; nothing where rings are off."""
        if not self.session.settings.get("alarm_rings"):
            return "", []
        waiting = [row for row in self.rows if row.state == "open" and row.alarm.key is not None]
        gravest = waiting[0].severity if waiting else ""
        return gravest, [row.alarm.key for row in waiting if row.severity == gravest and row.alarm.key is not None]

    # --- rules -----------------------------------------------------------------------------------------------------
    def new_rule(self) -> None:
        """Begin a rule of the project's own, switched off."""
        taken = {rule.id for rule in alarms.rules_of(self.session)}
        number = next(at for at in range(1, 10_000) if f"own_{at}" not in taken)
        rule = AlarmRule(
            f"own_{number}", self.session.word("alarm_rules.new_name", number=number),
            (Level("major", Compare("tilt", ">", 10.0), Hold("duration", 120.0)),), enabled=False, source="our rule",
        )  # fmt: skip
        self.panel.rules.edit(rule, self.session.word("alarm_rules.own"), is_own=False)

    def save_rule(self, rule: AlarmRule) -> None:
        """Take a rule into the project; one that makes no sense is kept in the form, and why is said."""
        try:
            alarms.set_rule(self.session, rule)
        except UserError as error:
            self.panel.rules.form.say_problem(self.session.word(f"error.{error.code}", **error.facts))
            return
        self.panel.rules.show_list()
        self.panel.rules.set_rules(alarm_values.rule_views(self.session, alarms.rules_of(self.session)))
        self.load()

    def restore_rule(self, rule_id: str) -> None:
        """Take the project's rule back."""
        alarms.drop_rule(self.session, rule_id)
        self.panel.rules.show_list()
        self.panel.rules.set_rules(alarm_values.rule_views(self.session, alarms.rules_of(self.session)))

    def try_rule(self, rule: AlarmRule, days: int) -> None:
        """Judge recorded readings by a rule as it stands in the form, switched on or not."""
        session, form = self.session, self.panel.rules.form
        store = readings.store_of(session)
        span = None if store is None else store.span()
        if span is None:
            form.show_trial(None)
            form.say_problem(session.word("alarms.no_readings"))
            return
        end_us = span[1] + 1
        start_us = max(span[0], end_us - days * DAY_US) if days else span[0]

        def work(progress: Progress) -> Alarms:
            return alarms.replay(session, start_us, end_us, (replace(rule, enabled=True),), progress)

        def done(found: Alarms) -> None:
            if form.rule == rule:
                form.show_trial(alarm_values.tried(session, found, rule))

        job = session.run("job.alarm_trial", work, done)
        self._trial = None if job.is_over else job

    def _stop_trial(self) -> None:
        if self._trial is not None:
            self._trial.cancel()


def _now_us() -> int:
    return time.time_ns() // 1000

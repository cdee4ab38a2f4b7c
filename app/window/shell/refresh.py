"""What the window shows of the project, the selection, the jobs and the notices."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from app.actions import INDICATORS
from app.background.jobs import Job
from app.notices import GROUPED, Notice, grouped
from app.session import Session
from app.usecases.query import describe
from app.usecases.query import query as ask
from app.window.scene.scene_sync import City
from app.window.shell import panel_values as answers
from app.window.shell.layout import WindowFrame
from models.core.errors import UserError
from models.crs.doctor.examine import CODES
from models.layers.layer import ModelData, VectorData
from viewers.sheets.content import crs_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.shell.notices import JobView, NoticeView

#: Jobs that are not worth a line in the status bar: they are quick, or the veil over the city shows them.
QUIET_JOBS = frozenset({"job.prepare_layer", "job.theme", "job.caps", "job.model_tree", "job.model_fields", "job.rule",
                        "job.colour_by", "job.style_form", "job.style_facts", "job.style_classes",
                        "job.count_facilities", "job.autosave"})  # fmt: skip
#: What a notice offers to do about it, as the word of an action.
MENDS = {"caution.model.no_place": "action.model.place", "caution.place.far_from_city": "action.model.place"}
#: Notices of the CRS doctor, which offer to look.
CRS_NOTICES = "caution.crs_doctor."
#: Those of them that can be agreed with as they stand; the others need parameters, or a choice.
ACCEPTED = frozenset(
    [f"{CRS_NOTICES}think.{code}" for code in CODES if code not in ("old_datum", "local_grid", "datum_offset")]
    + [f"{CRS_NOTICES}height.{code}" for code in ("h1956", "h1985", "ellipsoid", "offset")]
)
#: Jobs that bring the city in.
READING_JOBS = frozenset({"job.load_source", "job.open_file", "job.open_project"})
#: From so many files on, their number is told instead of the name of one.
MANY_FILES = 4
#: Of what is to be shown again, as much is done in one turn of the event loop as takes so many seconds.
STEPS_S = 0.03
#: The list of messages is written at most once in so many milliseconds.
LIST_MS = 300
#: So many running jobs are listed; a list of fifty bars tells nobody more.
LISTED_JOBS = 6
#: The same message about many files, each within so many seconds of the one before, is one message about all of them.
GROUP_S = 60.0


class Showing(WindowFrame):
    """A window that shows its session; asked for often, done once an event-loop turn."""

    def __init__(self, session: Session, appearance: Appearance) -> None:
        super().__init__(session, appearance)
        self._times: dict[int, str] = {}
        self._banner_notices: dict[NoticeView, Notice] = {}
        self._position = 0
        self._shown_job = 0
        self._facility_stamp: object = None
        self._indicators_shown: object = None
        self._tables_shown: object = None
        self._messages_shown: object = None
        self._jobs_shown: object = None
        self._most_files = 0
        self._steps: deque[Callable[[], None]] = deque()
        self._is_asked_again = False
        self._listed_at = 0.0
        self.city = City(session, self.canvas.view, dark=appearance.dark)
        self._refresh_timer = QTimer(self, singleShot=True, interval=0)
        self._refresh_timer.timeout.connect(self._begin_refresh)
        self._step_timer = QTimer(self, singleShot=True, interval=0)
        self._step_timer.timeout.connect(self._take_steps)
        self._messages_timer = QTimer(self, singleShot=True, interval=LIST_MS)
        self._messages_timer.timeout.connect(self._list_messages)
        self._jobs_timer = QTimer(self, singleShot=True, interval=60)
        self._jobs_timer.timeout.connect(self._show_jobs)

    def _refresh(self) -> None:
        """Show everything that depends on the project, now."""
        self._steps.clear()
        for step in self._steps_of_refresh():
            step()

    def _begin_refresh(self) -> None:
        """Show everything, some steps a turn; what is asked for meanwhile begins again once the last is done."""
        self._is_asked_again = bool(self._steps)
        if not self._steps:
            self._steps.extend(self._steps_of_refresh())
            self._take_steps()

    def _take_steps(self) -> None:
        """Take as many steps as are quick; the others in the next turns."""
        began = time.thread_time()
        try:
            while self._steps and time.thread_time() - began < STEPS_S:
                self._steps.popleft()()
        finally:
            if self._steps:
                self._step_timer.start()
            elif self._is_asked_again:
                self._refresh_timer.start()

    def _steps_of_refresh(self) -> list[Callable[[], None]]:
        return [
            self._refresh_frame, self.layers_panel.fill, self._refresh_facilities, self._refresh_health,
            self._refresh_tables, self._show_properties, self._fill_messages,
            *(part.refresh for part in self.parts.values()), self.commands.refresh,
        ]  # fmt: skip

    def _refresh_frame(self) -> None:
        session, lang = self.session, self.session.lang
        state = session.project.state
        self._show_city(bool(state.layers))
        self.setWindowTitle(self._title())
        self.setWindowModified(not session.project.is_saved)
        self.viewpoints_panel.set_views(
            [(view.id, view.name_en if lang == "en" and view.name_en else view.name) for view in state.viewpoints]
        )
        self.status.show_crs(crs_text(state, lang) if state.frame is not None else "")
        self.status.show_selected(len(session.selection.keys))
        self.canvas.badge.setVisible(state.synthetic)
        self.welcome.set_recent(list(session.settings.get("recent")))
        self.appearance.paint(self.look_button.setIcon, "sun" if self.appearance.dark else "moon")

    def _refresh_tables(self) -> None:
        tables = [(layer.id, layer.title(self.session.lang)) for layer in self._table_layers()]
        if tables != self._tables_shown:
            self._tables_shown = tables
            self.table_panel.set_layers(tables)
        if self.docks["table"].isVisible() and self.docks["table"].is_on_top:
            self._show_table()

    def _refresh_facilities(self) -> None:
        """Show the register's counts; they are counted by a job, and again only when the register has changed."""
        session = self.session
        self.facilities_panel.set_overlay(session.project.state.theme.kind == "facilities")
        register = tuple(stamp for stamp in session.project.data_stamp() if stamp[1] == "facilities")
        stamp = (register, session.lang, self.appearance.theme)
        if stamp == self._facility_stamp:
            return
        self._facility_stamp = stamp

        def done(views: list[Any]) -> None:
            if self._facility_stamp == stamp:
                self.facilities_panel.set_counts(answers.state_views(session.lang), views)

        session.run("job.count_facilities", lambda _: answers.class_views(session), done)

    def _refresh_health(self) -> None:
        session = self.session
        state = session.project.state
        chosen = state.theme.indicator if state.theme.kind == "indicator" else ""
        views: tuple[Any, ...] = ()
        if state.with_role("districts"):
            views = tuple(answers.indicator_views(session, INDICATORS, self.appearance.colours))
        shown = (views, chosen if views else "", session.lang, self.appearance.theme)
        if shown != self._indicators_shown:
            self._indicators_shown = shown
            self.health_panel.set_indicators(views, shown[1])

    def _show_properties(self) -> None:
        session, keys = self.session, self.session.selection.keys
        if not keys:
            self.properties_panel.show_nothing()
            return
        self._position = min(self._position, len(keys) - 1)
        key = keys[self._position]
        try:
            sections = describe.describe(session, key)
            title = describe.title_of(session, key)
            layer = session.project.state.layer(key.layer).title(session.lang)
        except UserError:  # its layer has just gone
            self.properties_panel.show_nothing()
            return
        self.properties_panel.show_object(title, layer, sections, self._position, len(keys))

    def _table_layers(self) -> list[Any]:
        data = self.session.project.data
        layers_ = self.session.project.state.layers
        return [layer for layer in reversed(layers_) if isinstance(data.get(layer.id), (VectorData, ModelData))]

    def _show_table(self) -> None:
        choices = self._table_layers()
        wanted = self.table_panel.layer_id or next((key.layer for key in self.session.selection.keys), "")
        layer = next((layer for layer in choices if layer.id == wanted), choices[0] if choices else None)
        if layer is None:
            return
        data = self.session.project.data[layer.id]
        if not isinstance(data, (VectorData, ModelData)):
            return
        columns = ask.table_of(self.session, layer.id)
        selected = self.session.selection.oids_of(layer.id)
        if self.table_panel.model.columns is columns and self.table_panel.layer_id == layer.id:
            self.table_panel.select(selected)
        else:
            self.table_panel.show_layer(layer.id, columns, selected, edits=isinstance(data, VectorData))

    def _job_text(self, job: Job) -> str:
        return self.appearance.word(job.title, **job.facts)

    def _show_jobs(self) -> None:
        """Show what runs in the status bar, the message panel and over the city."""
        jobs = [job for job in self.session.jobs.active if job.title not in QUIET_JOBS]
        if jobs:
            first = jobs[0]
            step = self.appearance.word(first.code) if first.code else ""
            self._shown_job = first.number
            self.status.show_job(f"{self._job_text(first)}  {step}".strip(), first.fraction, len(jobs) - 1)
        else:
            self._shown_job = 0
            self.status.show_job("", -1, 0)
        listed = [
            JobView(j.number, self._job_text(j), self.appearance.word(j.code) if j.code else "", round(j.fraction, 2))
            for j in sorted(jobs, key=lambda job: job.state != "running")[:LISTED_JOBS]
        ]
        if listed != self._jobs_shown:
            self._jobs_shown = listed
            self.messages_panel.set_jobs(listed)
        self._show_veil()
        self.layers_panel.set_busy(self._busy_layers())

    def _busy_layers(self) -> set[str]:
        reading = {str(job.facts.get("file", "")) for job in self.session.jobs.active if job.title == "job.load_source"}
        coming = {
            layer.id for layer in self.session.project.state.layers
            if layer.source.path and Path(layer.source.path).name in reading
        }  # fmt: skip
        return self.city.busy | coming

    def _show_veil(self) -> None:
        done, total, at_work = self.city.loading
        word, veil = self.appearance.word, self.canvas.veil
        reading = [job for job in self.session.jobs.active if job.title in READING_JOBS]
        left = self._files_left(reading)
        self._most_files = max(self._most_files, left) if left else 0
        if self._most_files >= MANY_FILES:
            most, read = self._most_files, self._most_files - left
            first = next((job for job in reading if job.state == "running"), reading[0])
            veil.show_progress(word("canvas.reading", done=read + 1, total=most), self._job_text(first), read / most)
        elif total > done:
            state = self.session.project.state
            name = next((layer.title(self.session.lang) for layer in state.layers if layer.id == at_work), "")
            veil.show_progress(word("canvas.loading", done=done, total=total), name, done / max(total, 1))
        elif reading:
            veil.show_progress(
                self._job_text(reading[0]), word(reading[0].code) if reading[0].code else "", reading[0].fraction
            )
        else:
            veil.hide()

    def _files_left(self, reading: list[Job]) -> int:
        """Return how many files are still to be read; linked ones wait without a job of their own."""
        left = len(reading)
        if any(job.title == "job.load_source" for job in reading):
            project = self.session.project
            linked = sum(bool(layer.source.path) and layer.id not in project.data for layer in project.state.layers)
            left = max(left, linked)
        return left

    def _notice_view(self, notice: Notice, time: str = "") -> NoticeView:
        lang = self.session.lang
        action = MENDS.get(notice.key, "notice.look" if notice.key.startswith(CRS_NOTICES) else "")
        accept = "notice.accept" if notice.key in ACCEPTED else ""
        return NoticeView(notice.level, notice.text(lang), notice.cure(lang), notice.details, time, action, accept)

    def _fill_messages(self) -> None:
        """List what was said: the first message at once, a flood now and then."""
        if self._messages_timer.isActive():
            return
        if 1000 * (time.monotonic() - self._listed_at) >= LIST_MS:
            self._list_messages()
        else:
            self._messages_timer.start()

    def _list_messages(self) -> None:
        said = self.session.notices.all
        shown = (len(said), self.session.lang, self.appearance.theme)
        if shown != self._messages_shown:
            self._messages_shown, self._listed_at = shown, time.monotonic()
            self.messages_panel.set_notices(
                [self._group_view(group, self._times.get(at, "")) for at, group in grouped(said, GROUP_S)]
            )

    def _group_view(self, group: Sequence[Notice], said_at: str = "") -> NoticeView:
        """Return one message for many that say the same of different files, the others in its details."""
        view = self._notice_view(group[-1], said_at)
        if len(group) == 1:
            return view
        lang = self.session.lang
        text = self.appearance.word("notice.group", text=view.text, count=len(group) - 1)
        return replace(view, text=text, details="\n".join(notice.text(lang) for notice in group), action="",
                       accept="")  # fmt: skip

    def _banner_view(self, notice: Notice) -> NoticeView:
        """Return what a banner says of a message, and of those like it just before."""
        groups = [group for _, group in grouped(self.session.notices.all[-400:], GROUP_S) if group[-1] is notice]
        return self._group_view(groups[-1] if groups else [notice])

    def _show_banner(self, notice: Notice) -> None:
        view = self._banner_view(notice)
        for banner in list(self.banners.shown):  # one that says the same of other files is taken up in this one
            old = self._banner_notices.get(banner.notice)
            if old is not None and old.key == notice.key and notice.level in GROUPED and view.details:
                banner.closed.emit(banner)
        self._banner_notices[view] = notice
        self.banners.show(view)

"""What the window shows of the project, the selection, the jobs and the notices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from app.actions import INDICATORS
from app.jobs import Job
from app.notices import Notice
from app.session import Session
from app.usecases import describe
from app.window import answers
from app.window.city import City
from app.window.frame import WindowFrame
from models.errors import UserError
from models.layers import ModelData, RasterData, VectorData
from viewers.sheets.content import crs_text
from viewers.widgets.dress import Dress
from viewers.widgets.notices import JobView, NoticeView

#: Jobs that are not worth a line in the status bar: they are quick, or the veil over the city shows them.
QUIET_JOBS = frozenset({"job.prepare_layer", "job.theme", "job.caps"})
#: Jobs that bring the city in.
READING_JOBS = frozenset({"job.load_source", "job.open_file", "job.open_project"})


class Showing(WindowFrame):
    """A window that shows its session; asked for often, done once an event-loop turn."""

    def __init__(self, session: Session, dress: Dress) -> None:
        super().__init__(session, dress)
        self._times: dict[int, str] = {}
        self._position = 0
        self._shown_job = 0
        self._facility_stamp: object = None
        self.city = City(session, self.canvas.view, dark=dress.dark)
        self._refresh_timer = QTimer(self, singleShot=True, interval=0)
        self._refresh_timer.timeout.connect(self._refresh)
        self._jobs_timer = QTimer(self, singleShot=True, interval=60)
        self._jobs_timer.timeout.connect(self._show_jobs)

    def _refresh(self) -> None:
        """Show everything that depends on the project; asked for often, done once a turn."""
        session, lang = self.session, self.session.lang
        state = session.project.state
        self._show_city(bool(state.layers))
        self.setWindowTitle(self._title())
        self.setWindowModified(not session.project.is_saved)
        self.layers_panel.fill()
        self.viewpoints_panel.set_views(
            [(view.id, view.name_en if lang == "en" and view.name_en else view.name) for view in state.viewpoints]
        )
        self._refresh_facilities()
        self._refresh_health()
        self.table_panel.set_layers([(layer.id, layer.title(lang)) for layer in self._table_layers()])
        if self.docks["table"].isVisible() and self.docks["table"].is_on_top:
            self._show_table()
        self._show_properties()
        self.status.show_crs(crs_text(state, lang) if state.frame is not None else "")
        self.status.show_selected(len(session.selection.keys))
        self.canvas.badge.setVisible(state.synthetic)
        self.welcome.set_recent(list(session.settings.get("recent")))
        self.dress.paint(self.look_button.setIcon, "sun" if self.dress.dark else "moon")
        self._fill_messages()
        for part in self.parts.values():
            part.refresh()
        self.commands.refresh()

    def _refresh_facilities(self) -> None:
        session = self.session
        stamp = (session.project.data_stamp(), session.lang, self.dress.theme)
        if stamp != self._facility_stamp:
            self._facility_stamp = stamp
            self.facilities_panel.set_counts(answers.state_views(session.lang), answers.class_views(session))
        self.facilities_panel.set_overlay(session.project.state.theme.kind == "facilities")

    def _refresh_health(self) -> None:
        session = self.session
        state = session.project.state
        chosen = state.theme.indicator if state.theme.kind == "indicator" else ""
        if not state.with_role("districts"):
            self.health_panel.set_indicators((), "")
            return
        self.health_panel.set_indicators(answers.indicator_views(session, INDICATORS, self.dress.colours), chosen)

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
        if isinstance(data, RasterData):
            return
        frame = data.elements if isinstance(data, ModelData) else data.frame
        selected = self.session.selection.of_layer(layer.id)
        if self.table_panel.model.frame is frame and self.table_panel.layer_id == layer.id:
            self.table_panel.select(selected)
        else:
            self.table_panel.show_layer(layer.id, frame, selected)

    def _job_text(self, job: Job) -> str:
        return self.dress.word(job.title, **job.facts)

    def _show_jobs(self) -> None:
        """Show what runs in the status bar, the message panel and over the city."""
        jobs = [job for job in self.session.jobs.active if job.title not in QUIET_JOBS]
        if jobs:
            first = jobs[0]
            step = self.dress.word(first.code) if first.code else ""
            self._shown_job = first.number
            self.status.show_job(f"{self._job_text(first)}  {step}".strip(), first.fraction, len(jobs) - 1)
        else:
            self._shown_job = 0
            self.status.show_job("", -1, 0)
        self.messages_panel.set_jobs(
            [JobView(j.number, self._job_text(j), self.dress.word(j.code) if j.code else "", j.fraction) for j in jobs]
        )
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
        word, veil = self.dress.word, self.canvas.veil
        reading = [job for job in self.session.jobs.active if job.title in READING_JOBS]
        if total > done:
            state = self.session.project.state
            name = next((layer.title(self.session.lang) for layer in state.layers if layer.id == at_work), "")
            veil.show_progress(word("canvas.loading", done=done, total=total), name, done / max(total, 1))
        elif reading:
            veil.show_progress(
                self._job_text(reading[0]), word(reading[0].code) if reading[0].code else "", reading[0].fraction
            )
        else:
            veil.hide()

    def _notice_view(self, notice: Notice, time: str = "") -> NoticeView:
        lang = self.session.lang
        return NoticeView(notice.level, notice.text(lang), notice.cure(lang), notice.details, time)

    def _fill_messages(self) -> None:
        views = [self._notice_view(n, self._times.get(at, "")) for at, n in enumerate(self.session.notices.all)]
        self.messages_panel.set_notices(views)

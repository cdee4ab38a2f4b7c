"""What runs: the job in the status line, the list of jobs, the card over the canvas while it is being read."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.background.jobs import Job
from app.usecases.project import opening
from app.usecases.project.trust import is_withheld
from app.window.window_context import WindowContext
from models.core.watch import watch
from viewers.widgets.shell.notices import JobView, MessagesPanel

#: Jobs that are not worth a line in the status bar: they are quick, or the card over the canvas shows them.
QUIET_JOBS = frozenset({"job.prepare_layer", "job.theme", "job.caps", "job.model_tree", "job.model_fields", "job.rule",
                        "job.colour_by", "job.style_form", "job.style_facts", "job.style_classes",
                        "job.count_facilities", "job.check_indicators", "job.rank", "job.autosave",
                        "job.find_standpoint", "job.sun_shadows", "job.count_cache", "job.trim_cache",
                        "job.colours_now", "job.picture_preview", "job.copy_picture", "job.read_guide"})  # fmt: skip
#: Jobs that bring the city in.
READING_JOBS = opening.OPENING_JOBS | {"job.load_source"}
#: Of opening as a whole, what each stage takes: where it begins and ends.
SHARES = {"reading": (0.02, 0.45), "preparing": (0.45, 0.92), "drawing": (0.92, 1.0)}
#: From so many files on, their number is told instead of the name of one.
MANY_FILES = 4
#: So many running jobs are listed at most.
LISTED_JOBS = 6
#: Changes are shown after so many milliseconds, all together.
SHOW_MS = 120


class JobProgress(QObject):
    """Shows the running jobs.

    Parameters
    ----------
    context : WindowContext
    panel : MessagesPanel
        Lists them.
    """

    def __init__(self, context: WindowContext, panel: MessagesPanel) -> None:
        super().__init__(context.window)
        self.context, self._panel = context, panel
        self.session, self.appearance = context.session, context.appearance
        self._shown_job = 0
        self._jobs_shown: object = None
        self._most_files = 0
        self._timer = QTimer(self, singleShot=True, interval=SHOW_MS)
        self._timer.timeout.connect(self._show)
        panel.cancel_requested.connect(self._cancel)
        context.status.cancel_requested.connect(lambda: self._cancel(self._shown_job))
        context.canvas.loading_card.cancelled.connect(self._cancel_loading)
        context.canvas.opening_card.cancelled.connect(self._cancel_opening)
        context.scene_sync.loading_changed.connect(self._show_soon)
        self._stop = watch(self.session.jobs.changed, lambda _: self._show_soon())

    def end(self) -> None:
        """Stop watching; the window closes."""
        self._stop()
        self._timer.stop()

    def _show_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _cancel(self, number: int) -> None:
        for job in list(self.session.jobs.active):
            if job.number == number:
                job.cancel()

    def _cancel_loading(self) -> None:
        self.context.scene_sync.cancel()
        for job in list(self.session.jobs.active):
            if job.title in READING_JOBS:
                job.cancel()

    def _cancel_opening(self) -> None:
        """Open nothing: what is being read is given up, and what nobody has seen yet goes."""
        self._cancel_loading()
        if not self.context.scene_sync.has_picture and self.session.project.state.layers:
            opening.new_project(self.session)
        self._show()

    def _job_text(self, job: Job) -> str:
        return self.appearance.word(job.title, **job.facts)

    def _show(self) -> None:
        """Show what runs in the status bar, the message panel and over the city."""
        jobs = [job for job in self.session.jobs.active if job.title not in QUIET_JOBS]
        if jobs:
            first = jobs[0]
            step = self.appearance.word(first.code) if first.code else ""
            self._shown_job = first.number
            self.context.status.show_job(f"{self._job_text(first)}  {step}".strip(), first.fraction, len(jobs) - 1)
        else:
            self._shown_job = 0
            self.context.status.show_job("", -1, 0)
        listed = [
            JobView(j.number, self._job_text(j), self.appearance.word(j.code) if j.code else "", round(j.fraction, 2))
            for j in sorted(jobs, key=lambda job: job.state != "running")[:LISTED_JOBS]
        ]
        if listed != self._jobs_shown:
            self._jobs_shown = listed
            self._panel.set_jobs(listed)
        self._show_veil()
        self.context.requests.show_busy_layers(self._busy_layers())

    def _busy_layers(self) -> set[str]:
        reading = {str(job.facts.get("file", "")) for job in self.session.jobs.active if job.title == "job.load_source"}
        coming = {
            layer.id for layer in self.session.project.state.layers
            if layer.source.path and Path(layer.source.path).name in reading
        }  # fmt: skip
        return self.context.scene_sync.busy | coming

    def _show_veil(self) -> None:
        """Show one of two cards: the large one while there is nothing to see, the small one while more is to come."""
        reading = [job for job in self.session.jobs.active if job.title in READING_JOBS and not _is_cancelled(job)]
        if self._shows_opening(reading):
            self.context.canvas.loading_card.hide()
            return
        self.context.canvas.opening_card.put_away()
        self.context.canvas.opening_veil.hide()
        self._show_small(reading)

    def _shows_opening(self, reading: list[Job]) -> bool:
        """Show how far opening is, where nothing of the city can be seen yet; False where that is not so."""
        sync, state, word = self.context.scene_sync, self.session.project.state, self.appearance.word
        asked = next((job for job in reading if job.title in opening.OPENING_JOBS), None)
        done, total, at_work = sync.loading
        exchanges = asked is not None and asked.title != "job.open_file"
        if not exchanges and (sync.has_picture or not (asked or reading or total)):
            return False
        stage, share, detail = "reading", 0.0, ""
        if asked is not None:
            share, detail = max(asked.fraction, 0.0), word(asked.code) if asked.code else ""
        elif total > done:
            stage, share = "preparing", done / total
            detail = next((layer.title(self.session.lang) for layer in state.layers if layer.id == at_work), "")
        elif total:
            stage = "drawing"
        elif reading:
            share, detail = 0.9, self._job_text(reading[0])
        first, last = SHARES[stage]
        file = str(asked.facts.get("file", "")) if asked is not None else self.context.project_name()
        title = "canvas.making_sample" if asked is not None and asked.title == "job.make_sample" else "canvas.opening"
        self.context.canvas.opening_veil.setVisible(not sync.has_picture)
        self.context.canvas.opening_card.show_progress(title, file, stage, detail, first + share * (last - first))
        return True

    def _show_small(self, reading: list[Job]) -> None:
        done, total, at_work = self.context.scene_sync.loading
        word, card = self.appearance.word, self.context.canvas.loading_card
        left = self._files_left(reading)
        self._most_files = max(self._most_files, left) if left else 0
        if self._most_files >= MANY_FILES:
            most, read = self._most_files, self._most_files - left
            first = next((job for job in reading if job.state == "running"), reading[0])
            card.show_progress(word("canvas.reading", done=read + 1, total=most), self._job_text(first), read / most)
        elif total > done:
            state = self.session.project.state
            name = next((layer.title(self.session.lang) for layer in state.layers if layer.id == at_work), "")
            card.show_progress(word("canvas.loading", done=done, total=total), name, done / max(total, 1))
        elif reading:
            card.show_progress(
                self._job_text(reading[0]), word(reading[0].code) if reading[0].code else "", reading[0].fraction
            )
        else:
            card.hide()

    def _files_left(self, reading: list[Job]) -> int:
        """Return how many files are still to be read; linked ones wait without a job of their own."""
        left = len(reading)
        if any(job.title == "job.load_source" for job in reading):
            project = self.session.project
            linked = sum(
                bool(layer.source.path) and layer.id not in project.data and not is_withheld(self.session, layer)
                for layer in project.state.layers
            )
            left = max(left, linked)
        return left


def _is_cancelled(job: Job) -> bool:
    return job.progress.cancelled

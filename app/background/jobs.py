"""Work off the UI thread: a job takes values, returns values, and ends exactly once.

States: queued → running → done | failed | cancelled. ``Jobs(inline=True)`` runs each job at once in the calling
thread, for the command line and tests. Callbacks are delivered through ``post``, which the window sets to something
that reaches the UI thread.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from psygnal import Signal

from models.core.errors import Cancelled
from models.core.progress import Progress

_numbers = itertools.count(1)


class Job:
    """One piece of work.

    Signals
    -------
    changed : (Job) state, fraction or code changed; delivered where ``post`` delivers
    ended : (Job) exactly once

    Parameters
    ----------
    title : str
        Word key of what it does, ``"job.open_file"``.
    facts : mapping
        Fields of that word.
    """

    changed = Signal(object)
    ended = Signal(object)

    def __init__(self, title: str, facts: dict[str, object]) -> None:
        self.number = next(_numbers)
        self.title = title
        self.facts = facts
        self.state = "queued"
        self.fraction = -1.0
        self.code = ""
        self.result: Any = None
        self.error: BaseException | None = None
        self.started_at = time.monotonic()
        self.progress = Progress()

    @property
    def is_over(self) -> bool:
        """Whether the job is done, failed or cancelled."""
        return self.state in ("done", "failed", "cancelled")

    def cancel(self) -> None:
        """Ask the job to stop; it ends as cancelled within a second."""
        self.progress.cancel()


class Jobs:
    """Runs jobs, at most ``workers`` at a time.

    Signals
    -------
    changed : (Job) any job's change or ending, where ``post`` delivers

    Parameters
    ----------
    inline : bool
        Run at once in the calling thread.
    post : callable
        Takes a function and calls it on the thread that owns the models.
    """

    changed = Signal(object)

    def __init__(
        self,
        *,
        inline: bool = False,
        workers: int = 2,
        post: Callable[[Callable[[], None]], None] = lambda call: call(),
    ) -> None:
        self.inline = inline
        self.post = post
        self.active: list[Job] = []
        self.closed = False
        self._pool = None if inline else ThreadPoolExecutor(workers, thread_name_prefix="job")
        # What may take minutes waits here, so that nothing a person waits for stands behind it.
        self._background = None if inline else ThreadPoolExecutor(1, thread_name_prefix="background")
        # Reading waits for child processes; of fifty files the first is drawn while the others are read.
        self._reading = None if inline else ThreadPoolExecutor(workers, thread_name_prefix="reading")

    def run(
        self,
        title: str,
        work: Callable[[Progress], Any],
        done: Callable[[Any], object] | None = None,
        *,
        failed: Callable[[BaseException], None] | None = None,
        background: bool = False,
        reading: bool = False,
        **facts: object,
    ) -> Job:
        """Start ``work(progress)``; ``done(result)`` or ``failed(error)`` is called on the owning thread.

        Background work waits in a lane of its own, one at a time, for what nobody waits for; so does reading files,
        so that many of them do not hold up what draws the first.

        In inline mode an error (also Cancelled) is raised to the caller after the job has ended, unless ``failed``
        is given.
        """
        job = Job(title, facts)
        last = [0.0]

        def report(fraction: float, code: str) -> None:
            job.fraction, job.code = fraction, code or job.code
            now = time.monotonic()
            if now - last[0] > 0.05:  # a person reads twenty changes a second at the most
                last[0] = now
                self.post(lambda: self._tell(job))

        job.progress._report = report
        self.active.append(job)
        pool = self._background if background else self._reading if reading else self._pool
        if pool is None:
            self._work(job, work, done, failed)
            if job.error is not None and failed is None:
                raise job.error
        else:
            pool.submit(self._work, job, work, done, failed)
        return job

    def _work(
        self,
        job: Job,
        work: Callable[[Progress], Any],
        done: Callable[[Any], object] | None,
        failed: Callable[[BaseException], None] | None,
    ) -> None:
        try:
            job.progress.step()
            job.state = "running"
            self.post(lambda: self._tell(job))
            job.result = work(job.progress)
            job.progress.step()  # a cancel that came during the last stretch counts
            state = "done"
        except Cancelled as error:
            state, job.error = "cancelled", error
        except BaseException as error:  # every job ends exactly once, whatever it raised
            state, job.error = "failed", error
        self.post(lambda: self._end(job, state, done, failed))

    def _end(
        self,
        job: Job,
        state: str,
        done: Callable[[Any], object] | None,
        failed: Callable[[BaseException], None] | None,
    ) -> None:
        if self.closed and state == "done":  # the session has gone: nobody takes the result
            state = "cancelled"
        job.state, job.fraction = state, 1.0
        if job in self.active:
            self.active.remove(job)
        try:
            if state == "done" and done is not None:
                done(job.result)
            elif state != "done" and failed is not None and job.error is not None:
                failed(job.error)
        finally:
            job.ended.emit(job)
            self._tell(job)

    def _tell(self, job: Job) -> None:
        job.changed.emit(job)
        self.changed.emit(job)

    def close(self) -> None:
        """Cancel everything and let the threads go."""
        self.closed = True
        for job in list(self.active):
            job.cancel()
        for pool in filter(None, (self._pool, self._reading, self._background)):
            pool.shutdown(wait=True)  # those that still wait end at their first step, as cancelled

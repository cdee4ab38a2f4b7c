"""A job ends exactly once, whatever happens to it."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from app.background.jobs import Job, Jobs
from app.session import Session
from app.settings import Settings
from models.core.errors import Cancelled, UserError
from models.core.progress import Progress


class Owner:
    """The thread that owns the models: calls what was posted when it is asked to."""

    def __init__(self) -> None:
        self.calls: queue.Queue[Callable[[], None]] = queue.Queue()

    def run_until(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "nothing came"
            try:
                self.calls.get(timeout=0.02)()
            except queue.Empty:
                continue


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
def jobs(owner: Owner) -> Iterator[Jobs]:
    made = Jobs(post=owner.calls.put)
    yield made
    made.close()


def test_the_result_is_delivered_on_the_owning_thread(jobs: Jobs, owner: Owner) -> None:
    where: list[tuple[str, int, int]] = []
    main = threading.get_ident()
    job = jobs.run(
        "t",
        lambda progress: threading.get_ident(),
        lambda worker: where.append(("done", worker, threading.get_ident())),
    )
    owner.run_until(lambda: job.is_over)
    assert job.state == "done"
    (_, worker, deliverer) = where[0]
    assert worker != main
    assert deliverer == main


@pytest.mark.parametrize("error", [UserError("io.empty", file="a"), RuntimeError("x"), SystemExit(1), MemoryError()])
def test_a_job_that_raises_anything_ends_once_as_failed(jobs: Jobs, owner: Owner, error: BaseException) -> None:
    ended: list[Job] = []
    failures: list[BaseException] = []

    def work(progress: Progress) -> None:
        progress.step(0.5)
        raise error

    job = jobs.run("t", work, failed=failures.append)
    job.ended.connect(ended.append)
    owner.run_until(lambda: job.is_over)
    owner.run_until(owner.calls.empty)
    assert (job.state, failures, ended) == ("failed", [error], [job])
    assert not jobs.active


def test_a_cancelled_job_ends_within_a_second(jobs: Jobs, owner: Owner) -> None:
    started = threading.Event()

    def work(progress: Progress) -> None:
        started.set()
        while True:
            progress.step(0.1)
            time.sleep(0.01)

    done: list[object] = []
    failures: list[BaseException] = []
    job = jobs.run("t", work, done.append, failed=failures.append)
    assert started.wait(5)
    begun = time.monotonic()
    job.cancel()
    owner.run_until(lambda: job.is_over)
    assert time.monotonic() - begun < 10
    assert job.state == "cancelled"
    assert not done
    assert isinstance(failures[0], Cancelled)


def test_a_cancel_during_the_last_stretch_counts(jobs: Jobs, owner: Owner) -> None:
    gate, started, done = threading.Event(), threading.Event(), []

    def work(progress: Progress) -> str:
        started.set()
        gate.wait(5)
        return "too late"

    job = jobs.run("t", work, done.append)
    started.wait(5)
    job.cancel()
    gate.set()
    owner.run_until(lambda: job.is_over)
    assert job.state == "cancelled"
    assert not done


def test_a_job_cancelled_while_it_waits_never_starts(jobs: Jobs, owner: Owner) -> None:
    gate, ran = threading.Event(), []
    busy = [jobs.run("t", lambda progress: gate.wait(5)) for _ in range(2)]
    waiting = jobs.run("t", lambda progress: ran.append(1))
    waiting.cancel()
    gate.set()
    owner.run_until(lambda: waiting.is_over and all(job.is_over for job in busy))
    assert waiting.state == "cancelled"
    assert not ran


def test_a_listener_that_fails_does_not_keep_a_job_alive(jobs: Jobs, owner: Owner) -> None:
    def done(_: object) -> None:
        raise ValueError("a bug in a panel")

    job = jobs.run("t", lambda progress: 1, done)
    with pytest.raises(ValueError, match="a bug"):
        owner.run_until(lambda: job.is_over and owner.calls.empty())
    assert job.state == "done"
    assert not jobs.active


def test_inline_jobs_raise_to_their_caller() -> None:
    def work(progress: Progress) -> None:
        raise UserError("io.empty", file="a")

    with pytest.raises(UserError):
        Jobs(inline=True).run("t", work)


def test_in_the_window_a_failure_becomes_a_notice(owner: Owner) -> None:
    session = Session(Settings(None), Jobs(post=owner.calls.put), lang="zh")

    def work(progress: Progress) -> None:
        raise UserError("view.no_name")

    job = session.run("job.open_file", work, file="a")
    owner.run_until(lambda: job.is_over)
    session.close()
    assert [notice.key for notice in session.notices.all] == ["error.view.no_name"]


def test_progress_is_reported_and_parts_fill_the_whole() -> None:
    said: list[float] = []
    progress = Progress(lambda fraction, code: said.append(fraction))
    progress.part(0.0, 0.5).step(1.0)
    progress.part(0.5, 1.0).step(0.5)
    assert said == [0.5, 0.75]
    progress.cancel()
    with pytest.raises(Cancelled):
        progress.part(0, 1).step()


def test_closing_ends_all_threads() -> None:
    before = threading.active_count()
    jobs = Jobs()
    for _ in range(6):
        jobs.run("t", lambda progress: [progress.step() or time.sleep(0.01) for _ in range(500)])
    jobs.close()
    assert threading.active_count() == before
    assert not jobs.active

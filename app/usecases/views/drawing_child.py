"""The child process that draws one picture: ``python -m app.usecases.views.drawing_child -``.

One request on standard input, answers as :mod:`models.io.child_protocol` has them: the project ``file``, the ``path``
where it belongs, what it may reach, the geometry cache, the specification of the picture and where it goes.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.io.child_protocol import Answers, answer_and_end, listen, own_output

if TYPE_CHECKING:
    from app.session import Session

#: Shares of the whole: the project is opened, then drawn.
OPENED = 0.45


def answer_one(argv: list[str], work: Callable[[dict[str, Any], Answers], str]) -> None:
    """Do what the one request of this process asks for, and end; ``warm`` loads the libraries before it comes."""
    answers, requests = own_output(), listen()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if "warm" in argv:
        warm_up()
    request = requests.get()
    answer_and_end(answers, lambda: work(request, answers))


def draw(request: dict[str, Any], answers: Answers) -> str:
    """Open the project, draw the picture, and return where it was written."""
    from app.usecases.views import snapshots
    from models.store.rows.snapshot_json import of_json

    spec, out = of_json(request["spec"]), Path(request["out"])
    with opened(request, answers, spec.lang, "job.snapshot") as session:
        snapshots.take_snapshot(session, spec, out)
    return str(out)


def session_of(request: dict[str, Any], lang: str) -> Session:
    """Return a session that reaches what the one reached that hands over, and keeps nothing of a person."""
    from app.background.jobs import Jobs
    from app.key_store import KeyStore, of_system
    from app.session import Session
    from app.settings import Settings
    from app.trusted import Trusted
    from models.project.reaches import Reach

    settings = Settings(None)
    settings.set("cache_gb", request["cache_gb"])
    session = Session(
        settings, Jobs(inline=True), lang=lang, cache_root=Path(request["cache"]), trusted=Trusted(None),
        keys=KeyStore(of_system),
    )  # fmt: skip
    session.trusted.remember(Path(request["file"]), [Reach(kind, where) for kind, where in request["reaches"]])
    return session


@contextlib.contextmanager
def opened(request: dict[str, Any], answers: Answers, lang: str, title: str) -> Iterator[Session]:
    """Open what a request hands over, and tell how far the opening and then the job called ``title`` are."""
    from app.background.jobs import Job
    from app.usecases.project import opening
    from models.core.watch import watch

    session = session_of(request, lang)
    progress, first = answers.progress(), [True]

    def on_job(job: Job) -> None:
        if job.title == title:
            first[0] = False
            progress.step(OPENED + (1 - OPENED) * max(job.fraction, 0.0), job.code or "progress.rendering")
        elif first[0]:
            progress.step(OPENED * max(job.fraction, 0.0), "progress.rendering")

    stop = watch(session.jobs.changed, on_job)
    try:
        opening.open_copy(
            session, Path(request["file"]), Path(request["path"]) if request["path"] else None, lambda: None
        )
        yield session
    finally:
        stop()
        session.close()


def warm_up() -> None:
    """Load what drawing needs; a library that is missing is found out by the one who needs it."""
    with contextlib.suppress(Exception):
        from app.background import project_reading  # noqa: F401
        from app.usecases.project import opening  # noqa: F401
        from app.usecases.views import snapshots  # noqa: F401
        from viewers.render.scene import offscreen  # noqa: F401
        from viewers.render.symbology import theming  # noqa: F401
        from viewers.sheets import compose, record  # noqa: F401


if __name__ == "__main__":
    answer_one(sys.argv[1:], draw)

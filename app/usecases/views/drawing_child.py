"""The child process that draws one picture: ``python -m app.usecases.views.drawing_child -``.

One request on standard input, answers as :mod:`models.io.child_protocol` has them: the project ``file``, the ``path``
where it belongs, what it may reach, the geometry cache, the specification of the picture and where it goes.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

from models.io.child_protocol import Answers, answer_and_end, listen, own_output

#: Shares of the whole: the project is opened, then drawn.
_OPENED = 0.45


def main(argv: list[str]) -> None:
    """Draw what is asked for; ``warm`` loads the libraries before."""
    answers, requests = own_output(), listen()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if "warm" in argv:
        _warm_up()
    request = requests.get()
    answer_and_end(answers, lambda: draw(request, answers))


def draw(request: dict[str, Any], answers: Answers) -> str:
    """Open the project, draw the picture, and return where it was written."""
    from app.background.jobs import Job, Jobs
    from app.key_store import KeyStore, of_system
    from app.session import Session
    from app.settings import Settings
    from app.trusted import Trusted
    from app.usecases.project import opening
    from app.usecases.views import snapshots
    from models.core.watch import watch
    from models.project.reaches import Reach
    from models.store.rows.snapshot_json import of_json

    spec, file, out = of_json(request["spec"]), Path(request["file"]), Path(request["out"])
    settings = Settings(None)
    settings.set("cache_gb", request["cache_gb"])
    session = Session(
        settings, Jobs(inline=True), lang=spec.lang, cache_root=Path(request["cache"]), trusted=Trusted(None),
        keys=KeyStore(of_system),
    )  # fmt: skip
    session.trusted.remember(file, [Reach(kind, where) for kind, where in request["reaches"]])
    progress, first = answers.progress(), [True]

    def on_job(job: Job) -> None:
        if job.title == "job.snapshot":
            first[0] = False
            progress.step(_OPENED + (1 - _OPENED) * max(job.fraction, 0.0), job.code or "progress.rendering")
        elif first[0]:
            progress.step(_OPENED * max(job.fraction, 0.0), "progress.rendering")

    stop = watch(session.jobs.changed, on_job)
    try:
        opening.open_copy(session, file, Path(request["path"]) if request["path"] else None, lambda: None)
        snapshots.take_snapshot(session, spec, out)
    finally:
        stop()
        session.close()
    return str(out)


def _warm_up() -> None:
    """Load what drawing needs; a library that is missing is found out by the one who needs it."""
    with contextlib.suppress(Exception):
        from app.background import project_reading  # noqa: F401
        from app.usecases.project import opening  # noqa: F401
        from app.usecases.views import snapshots  # noqa: F401
        from viewers.render.scene import offscreen  # noqa: F401
        from viewers.render.symbology import theming  # noqa: F401
        from viewers.sheets import compose, record  # noqa: F401


if __name__ == "__main__":
    main(sys.argv[1:])

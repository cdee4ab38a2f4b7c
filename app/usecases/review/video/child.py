"""The child process that makes a video: ``python -m app.usecases.review.video.child -``.

One request as :mod:`app.usecases.views.drawing_child` has it, with ``lang``, ``video`` (the specification) and ``out``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from app.usecases.review.video.making import TITLE, make_video
from app.usecases.review.video.plan import VideoSpec
from app.usecases.views.drawing_child import opened, warm_up
from models.io.child_protocol import Answers, answer_and_end, listen, own_output


def main(argv: list[str]) -> None:
    """Make what is asked for; ``warm`` loads the libraries before."""
    answers, requests = own_output(), listen()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if "warm" in argv:
        warm_up()
    request = requests.get()
    answer_and_end(answers, lambda: _made(request, answers))


def _made(request: dict[str, Any], answers: Answers) -> str:
    spec = VideoSpec(**{**request["video"], "size": tuple(request["video"]["size"])})
    with opened(request, answers, request["lang"], TITLE) as session:
        make_video(session, spec, Path(request["out"]))
    return str(request["out"])


if __name__ == "__main__":
    main(sys.argv[1:])

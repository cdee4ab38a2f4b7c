"""The child process that makes a video: ``python -m app.usecases.review.video.child -``.

One request as :mod:`app.usecases.views.drawing_child` has it, with ``lang``, ``video`` (the specification) and ``out``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from app.usecases.review.video.making import TITLE, make_video
from app.usecases.review.video.plan import VideoSpec
from app.usecases.views.drawing_child import answer_one, opened
from models.io.child_protocol import Answers


def make(request: dict[str, Any], answers: Answers) -> str:
    """Open the project and make the video; return where it was written."""
    spec = VideoSpec(**{**request["video"], "size": tuple(request["video"]["size"])})
    with opened(request, answers, request["lang"], TITLE) as session:
        make_video(session, spec, Path(request["out"]))
    return str(request["out"])


if __name__ == "__main__":
    answer_one(sys.argv[1:], make)

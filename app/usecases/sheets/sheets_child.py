"""The child process that draws sheets and their pictures: ``python -m app.usecases.sheets.sheets_child -``.

One request as :mod:`app.usecases.views.drawing_child` has it, with ``lang`` and

* ``pictures``: specifications and the files to which their pictures go, without furniture; or
* ``files``: sheets and the file to which they go, several in a PDF.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.usecases.views.drawing_child import answer_one, opened
from models.io.child_protocol import Answers

if TYPE_CHECKING:
    from app.session import Session
    from models.core.progress import Progress

#: Under this name the drawing tells how far it is.
TITLE = "job.sheet"


def draw(request: dict[str, Any], answers: Answers) -> str:
    """Open the project and draw; return how much."""
    work = _pictures if "pictures" in request else _files
    with opened(request, answers, request["lang"], TITLE) as session:
        session.run(TITLE, lambda progress: work(session, request, progress), file="")
    return str(len(request.get("pictures") or request["files"]))


def _pictures(session: Session, request: dict[str, Any], progress: Progress) -> None:
    from PIL import Image

    from app.usecases.views.pictures import Pictures
    from models.store.rows.snapshot_json import of_json

    wanted = request["pictures"]
    with Pictures(session) as pictures:
        for at, one in enumerate(wanted):
            progress.step(at / len(wanted), "progress.rendering")
            pixels = pictures.picture(of_json(one["spec"]), with_occlusion=bool(request.get("fine", True)))
            Image.fromarray(pixels).save(one["out"], compress_level=1)


def _files(session: Session, request: dict[str, Any], progress: Progress) -> None:
    from app.usecases.sheets.writing import write_file
    from app.usecases.views.pictures import Pictures
    from models.store.rows.sheet_json import sheet_of_json

    files = request["files"]
    with Pictures(session) as pictures:
        for at, one in enumerate(files):
            sheets = [sheet_of_json(stored) for stored in one["sheets"]]
            part = progress.part(at / len(files), (at + 1) / len(files))
            write_file(session, sheets, Path(one["out"]), pictures, part)


if __name__ == "__main__":
    answer_one(sys.argv[1:], draw)

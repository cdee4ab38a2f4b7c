"""The child process that draws pages of an atlas: ``python -m app.usecases.sheets.atlas.child -``.

First comes a request with the project's ``file``, the ``path`` where it belongs, what it may reach, the geometry cache,
the atlas (``spec``), its ``folder`` and the hash of the data (``content``); then lists of ``places`` to be drawn. Each
page is answered by ``{"page": record, "seconds": …}``, each list by ``{"ready": true}`` with the memory in use; a fault
ends the process (:mod:`models.io.child_protocol`).
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from models.core.errors import UserError
from models.io.child_protocol import Answers, Requests, listen, own_output


def main() -> None:
    """Open the project and draw what is asked for until the parent goes."""
    answers, requests = own_output(), listen()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        serve(requests.get(), requests, answers)
    except UserError as error:
        answers.say(error=error.as_dict())
    except BaseException:  # whatever it was, the parent must hear of it in words
        answers.say(fault=traceback.format_exc())
    # Not sys.exit: native libraries have crashed while they were being torn down.
    os._exit(0)


def serve(request: dict[str, Any], requests: Requests, answers: Answers) -> None:
    """Draw the pages of one atlas."""
    from app.usecases.project import opening
    from app.usecases.sheets.atlas.drawing import PageDrawer
    from app.usecases.sheets.atlas.entries import pages_of
    from app.usecases.views.drawing_child import session_of
    from models.sheets.atlas.spec import AtlasSpec
    from models.store.rows.state_rows import converter

    spec = converter.structure(request["spec"], AtlasSpec)
    session = session_of(request, spec.lang)
    path = Path(request["path"]) if request["path"] else None
    opening.open_copy(session, Path(request["file"]), path, lambda: None)
    pages = {page.place: page for page in pages_of(session, spec)}
    with PageDrawer(session, spec, Path(request["folder"]), request["content"]) as drawer:
        while True:
            for place in requests.get()["places"]:
                begin = time.monotonic()
                record = drawer.draw(pages[place])
                answers.say(page=record, seconds=time.monotonic() - begin)
            answers.say(ready=True, memory_mb=memory_mb())


def memory_mb() -> float:
    """Return the memory that this process holds, MB; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0


if __name__ == "__main__":
    del sys.argv[1:]
    main()

"""The child process in which files are read: ``python -m models.io.worker -`` with a request on standard input.

A geometry kernel that crashes takes this process and nothing else. The request is one line of JSON; standard output
carries one JSON object a line: ``{"fraction": 0.4, "code": "progress.io.geometry"}`` while it works, and at the end
``{"done": folder}``, ``{"error": {"code": …, "facts": …}}`` or ``{"fault": trace}``. Standard output is kept for that:
what native libraries print goes to standard error. When standard input closes, the parent is gone and so is this.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import Any, TextIO

from models.errors import UserError
from models.progress import Progress

_REPORT_EVERY_S = 0.1


def main(argv: list[str]) -> int:
    """Serve one request, from the file named or from standard input for ``-``."""
    # A private copy of standard output; file descriptor 1 then leads to standard error.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    if argv[0] == "-":
        request = json.loads(sys.stdin.readline())
        threading.Thread(target=_end_with_parent, daemon=True).start()
    else:
        request = json.loads(Path(argv[0]).read_text(encoding="utf-8"))
    try:
        _say(answers, done=str(serve(request, _progress(answers))))
    except UserError as error:
        _say(answers, error=error.as_dict())
    except BaseException:  # whatever it was, the parent must hear of it in words
        _say(answers, fault=traceback.format_exc())
    answers.flush()
    # Not sys.exit: native libraries have crashed while they were being torn down.
    os._exit(0)


def serve(request: dict[str, Any], progress: Progress) -> Path:
    """Read the file and write the entry; return the folder it was written into.

    Parameters
    ----------
    request : dict
        ``path``, ``reader``, ``request`` (see :meth:`models.io.request.ReadRequest.as_dict`) and ``folder``: an empty
        folder to write to, or ``""`` when the cache cannot be written.
    progress : Progress

    Raises
    ------
    UserError
        From the reader; ``io.no_space`` when neither the folder nor the system's temporary folder takes the result.
    """
    from models.io.request import ReadRequest
    from models.io.table import reader
    from models.store.cache import write_entry

    row = reader(request["reader"])
    opened = row.read(Path(request["path"]), ReadRequest.from_dict(request["request"]), progress.part(0.0, 0.95))
    progress.step(0.95, "progress.io.writing")
    for folder in filter(None, (request["folder"], "temporary")):
        try:
            target = Path(tempfile.mkdtemp(prefix="chengjing_") if folder == "temporary" else folder)
            write_entry(target, opened)
        except OSError as error:
            last = error
            continue
        return target
    raise UserError("io.no_space", file=Path(request["path"]).name, reason=last.strerror or str(last))


def _progress(answers: TextIO) -> Progress:
    last = [0.0]

    def report(fraction: float, code: str) -> None:
        now = time.monotonic()
        if now - last[0] > _REPORT_EVERY_S:
            last[0] = now
            _say(answers, fraction=fraction, code=code)

    return Progress(report)


def _say(answers: TextIO, **answer: object) -> None:
    answers.write(json.dumps(answer, ensure_ascii=False, default=str) + "\n")


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

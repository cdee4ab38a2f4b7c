"""How a child process and the application talk: requests and answers, one JSON object a line.

Answers are ``{"fraction": 0.4, "code": "progress.io.geometry"}`` while the child works, and at the end ``{"done":
result}``, ``{"error": {"code": …, "facts": …}}`` or ``{"fault": trace}``. What was read is not sent but written as a
cache entry, whose folder is the result.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from models.core.errors import UserError
from models.core.foreign import UNREAD
from models.core.progress import Progress

_REPORT_EVERY_S = 0.1

Requests = queue.Queue[dict[str, Any]]


class Answers:
    """Writes answers, one JSON object a line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def say(self, **answer: object) -> None:
        """Write one answer; the parent has it when this returns."""
        with self._lock:
            self._stream.write(json.dumps(answer, ensure_ascii=False, default=str) + "\n")
            self._stream.flush()

    def progress(self) -> Progress:
        """Return a progress that says its steps, ten a second at the most."""
        last = [0.0]

        def report(fraction: float, code: str) -> None:
            now = time.monotonic()
            if now - last[0] > _REPORT_EVERY_S:
                last[0] = now
                self.say(fraction=fraction, code=code)

        return Progress(report)


def own_output() -> Answers:
    """Return answers to a private copy of standard output; what native libraries print goes to standard error."""
    answers = Answers(os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1))
    os.dup2(2, 1)
    return answers


def listen() -> Requests:
    """Return the requests on standard input; when it closes, the parent is gone and so is this process."""
    requests: Requests = queue.Queue()

    def hear() -> None:
        for line in sys.stdin:
            requests.put(json.loads(line))
        os._exit(1)

    threading.Thread(target=hear, daemon=True).start()
    return requests


def answer_and_end(answers: Answers, work: Callable[[], Any]) -> None:
    """Do the work, say how it ended, and end the process."""
    try:
        answers.say(done=work())
    except UserError as error:
        unexpected = error.code == UNREAD and error.__cause__ is not None
        answers.say(error=error.as_dict(), **({"trace": traceback.format_exc()} if unexpected else {}))
    except BaseException:  # whatever it was, the parent must hear of it in words
        answers.say(fault=traceback.format_exc())
    # Not sys.exit: native libraries have crashed while they were being torn down.
    os._exit(0)


def write(opened: list[Any], folder: str, file: str) -> Path:
    """Write an entry into the folder or, where that fails, into one among the system's temporary ones.

    Raises
    ------
    UserError
        ``io.no_space``.
    """
    from models.store.cache import write_entry

    for candidate in filter(None, (folder, "temporary")):
        try:
            target = Path(tempfile.mkdtemp(prefix="chengjing_") if candidate == "temporary" else candidate)
            write_entry(target, opened)
        except OSError as error:
            last = error
            continue
        return target
    raise UserError("io.no_space", file=file, reason=last.strerror or str(last))

"""The child process in which files are read: ``python -m models.io.worker -`` with requests on standard input.

A geometry kernel that crashes takes this process and nothing else. Requests and answers are one JSON object a line.
The first request says what the process is for, its ``job``:

``read`` (or none)
    Read a file and write it as a cache entry; see :func:`serve`.
``call``
    Call ``target``, ``"module:function"`` in ``models``, with ``arguments`` and the progress.
``ifc``
    Read an IFC model in stages; see :mod:`models.io.ifc.child`.

Answers are ``{"fraction": 0.4, "code": "progress.io.geometry"}`` while it works, and at the end ``{"done": result}``,
``{"error": {"code": …, "facts": …}}`` or ``{"fault": trace}``. Whatever a file did to a reader is an ``error`` that
names the file, with a ``trace`` beside it where no reader expected it; a ``fault`` belongs to no file. Standard output
is kept for them: what native libraries print goes to standard error. When standard input closes, the parent is gone and
so is this.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import sys
from pathlib import Path
from typing import Any

from models.core.foreign import foreign
from models.core.progress import Progress
from models.io.child_protocol import Answers, Requests, answer_and_end, listen, own_output, write

#: Address space that libraries reserve and never touch, and files of the person that are mapped.
_RESERVED_BYTES = 16 * 1024**3


def main(argv: list[str]) -> None:
    """Serve one job, named in a file or, for ``-``, on standard input.

    Before it is asked it loads the libraries of IFC for ``warm``, and each module of ``models`` that is named.
    """
    answers = own_output()
    requests: Requests = queue.Queue()
    if argv[0] == "-":
        requests = listen()
        if "warm" in argv:
            _warm_up()
        for module in (name for name in argv[1:] if name.startswith("models.")):
            with contextlib.suppress(ImportError):
                importlib.import_module(module)
        request = requests.get()
    else:
        request = json.loads(Path(argv[0]).read_text(encoding="utf-8"))
    answer_and_end(answers, lambda: _work(request, requests, answers))


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
    from models.io.registry import format_of
    from models.io.request import ReadRequest

    row, asked = format_of(request["reader"]), ReadRequest.from_dict(request["request"])
    opened = row.read(Path(request["path"]), asked, progress.part(0.0, 0.95))
    progress.step(0.95, "progress.io.writing")
    return write(opened, request["folder"], Path(request["path"]).name)


def _work(request: dict[str, Any], requests: Requests, answers: Answers) -> Any:
    """Do the job; the one place where all that a reader did not expect becomes an error of its file."""
    asked = request.get("arguments") or {}
    _limit_memory()
    file = request.get("path") or asked.get("path") or asked.get("file")
    with foreign(str(file)) if file else contextlib.nullcontext():
        return _done(request, requests, answers)


def _limit_memory() -> None:
    """Let this process have the machine's memory and what libraries reserve, no more: a damaged file asks for any."""
    try:
        import resource

        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = machine + _RESERVED_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard < 0 else min(limit, hard), hard))
    except (ImportError, OSError, ValueError, AttributeError):
        return  # a system without such limits


def _done(request: dict[str, Any], requests: Requests, answers: Answers) -> Any:
    job = request.get("job", "read")
    if job == "read":
        return str(serve(request, answers.progress()))
    if job == "call":
        module, _, function = str(request["target"]).partition(":")
        if module.split(".")[0] != "models":
            raise ValueError(f"{module} is not in models")
        return getattr(importlib.import_module(module), function)(request["arguments"], answers.progress())
    from models.io.ifc import child as ifc_child

    return ifc_child.serve(request, requests, answers)


def _warm_up() -> None:
    """Load what reading IFC and tables needs; a library that is missing is found out by the one who needs it."""
    with contextlib.suppress(Exception):
        from models.io.ifc import child as ifc_child

        ifc_child.warm_up()
    with contextlib.suppress(Exception):
        import pyogrio  # noqa: F401

        from models.crs.frame import parse_crs
        from models.io.vector import gdal_reader as vector  # noqa: F401
        from models.store import cache  # noqa: F401

        parse_crs("EPSG:4490")  # opens the database of PROJ


if __name__ == "__main__":
    main(sys.argv[1:])

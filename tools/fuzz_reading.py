"""The reading side of ``tools/fuzz_ifc.py``: one path a line on standard input, one JSON answer a line.

``parse`` lists the elements in this process, ``place`` georeferences them too. ``whole`` is the app without its window:
a session whose jobs run on threads and report to this thread, readers in child processes with their supervisor, first
picture, exact stage, cache. What dies there is a child; were this process to die, that would be the app.
"""

from __future__ import annotations

import ctypes
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

#: Seconds for opening a mutant, for one element of it, and for all of them: small, as the seeds are.
OPENING_S, ELEMENT_S, BUDGET_S = 2.0, 1.0, 5.0


def main(argv: list[str]) -> int:
    """Answer ``{"ok": true}``, ``{"code": …}`` for what was refused by name, or ``{"fault": trace}``."""
    if argv[0] == "nursery":
        return _nurse(int(argv[1]))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.dup2(2, 1)
    read = {"parse": parse, "place": place, "whole": _whole}[argv[0]]()
    answers.write("ready\n")
    for line in sys.stdin:
        answers.write(json.dumps(_answer(read, Path(line.strip()))) + "\n")
    return 0


def _answer(read: Callable[[Path], str], path: Path) -> dict[str, Any]:
    from models.core.errors import UserError

    try:
        code = read(path)
    except UserError as error:
        code = error.code
    except BaseException:  # whatever it was, it must be told
        return {"fault": traceback.format_exc()}
    return {"code": code} if code else {"ok": True}


def parse(*, is_placed: bool = False) -> Callable[[Path], str]:
    """Return what reads a file as text, instances and table of elements."""
    from models.io.ifc.elements import collect
    from models.io.ifc.open_file import opened
    from models.io.ifc.place.georeference import find
    from models.io.ifc.units import Units
    from models.io.registry import find_format

    def read(path: Path) -> str:
        find_format(path)
        with opened(path) as (model, _, _):
            length_m = Units(model).length_m
            elements = collect(model, set(), length_m)
            elements.frame.to_feather(path.with_suffix(".feather"))
            for oid in elements.psets:
                _ = elements.psets[oid]
            if is_placed:
                json.dumps(find(model, length_m, None, "", path.name).detail, allow_nan=False)
        return ""

    return read


def place() -> Callable[[Path], str]:
    """Return what also finds out where the model stands."""
    return parse(is_placed=True)


def _whole() -> Callable[[Path], str]:
    from app.background import staged_reading as stages
    from app.background import workers

    stages._OPENING_S = OPENING_S
    if sys.platform == "linux":
        forked: Any = SimpleNamespace(PIPE=subprocess.PIPE, Popen=Nursery().born)
        workers.subprocess = forked  # type: ignore[attr-defined]
    return open_as_the_window


def open_as_the_window(path: Path) -> str:
    """Open a file in a session of its own, to the end; return the code of the error that it met, empty for none."""
    from app.background.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from app.usecases.project import opening
    from models.layers.layer import ModelData

    calls: queue.Queue[Callable[[], None]] = queue.Queue()
    with tempfile.TemporaryDirectory(prefix="chengjing_fuzz_") as folder:
        session = Session(Settings(None), Jobs(post=calls.put), lang="zh", cache_root=Path(folder))
        options = {"element_s": str(ELEMENT_S), "budget_s": str(BUDGET_S)}
        opening.open_files(session, [path], "", options)
        while session.jobs.active or not calls.empty():
            calls.get()()
        for data in session.project.data.values():
            if not isinstance(data, ModelData):
                raise TypeError(f"a model was opened as {type(data)}")
            json.dumps(dict(data.info), allow_nan=False)
            for oid in data.elements.index:
                _ = data.psets[int(oid)]
            data.meshes.bounds()
        session.close()
    code = ""
    for notice in session.notices.all:
        if notice.level == "fault" or not all(notice.text(lang) for lang in ("zh", "en")):
            raise RuntimeError(f"{notice.key}: {notice.details}")
        code = code or (notice.key.removeprefix("error.") if notice.level == "error" else "")
    return code


# --------------------------------------------------------------------------------------------- children that are forked


class Nursery:
    """Children for a thousand files: a process that has imported everything forks one for each.

    A child of the app is a new process that imports for half a second; here that would be most of the work. A fork of
    one that has imported, and has read nothing, is as untouched and stands at once.
    """

    def __init__(self) -> None:
        # Children of children that lost their parent become ours, so that we hear how they ended.
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
        self._line, theirs = socket.socketpair()
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-X", "utf8", __file__, "nursery", str(theirs.fileno())],
            pass_fds=[theirs.fileno()], cwd=ROOT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()

    def born(self, *_: object, **__: object) -> Born:
        """Return a new child that waits for its job, in the place of ``subprocess.Popen``."""
        pipes = [os.pipe() for _ in range(3)]
        theirs = [pipes[0][0], pipes[1][1], pipes[2][1]]
        with self._lock:
            socket.send_fds(self._line, [b"+"], theirs)
            pid = int(self._line.recv(32))
        for end in theirs:
            os.close(end)
        return Born(pid, pipes[0][1], pipes[1][0], pipes[2][0])


class Born:
    """As much of ``subprocess.Popen`` as :class:`app.background.workers.Child` asks for."""

    def __init__(self, pid: int, stdin: int, stdout: int, stderr: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin: IO[str] = os.fdopen(stdin, "w", encoding="utf-8")
        self.stdout: IO[str] = os.fdopen(stdout, encoding="utf-8", errors="replace")
        self.stderr: IO[str] = os.fdopen(stderr, encoding="utf-8", errors="replace")
        self._lock = threading.Lock()

    def poll(self, how: int = os.WNOHANG) -> int | None:
        """Return how it ended, None while it lives."""
        with self._lock:
            if self.returncode is None and (status := os.waitpid(self.pid, how))[0]:
                self.returncode = os.waitstatus_to_exitcode(status[1])
        return self.returncode

    def wait(self) -> int | None:
        """Return how it ended, once it has."""
        return self.poll(0)

    def kill(self) -> None:
        """Kill it, if it still lives."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


def _nurse(line: int) -> int:
    import faulthandler  # noqa: F401

    import ifclite_geom  # noqa: F401
    import pyarrow.feather  # noqa: F401
    import pyproj  # noqa: F401
    from ifcopenshell import ifcopenshell_wrapper

    from models.io import worker
    from models.io.ifc import child as ifc_child  # noqa: F401
    from models.store import cache  # noqa: F401

    for schema in ("IFC2X3", "IFC4", "IFC4X3_ADD2"):
        ifcopenshell_wrapper.schema_by_name(schema)
    with socket.socket(fileno=line) as asked:
        while True:
            word, ends, *_ = socket.recv_fds(asked, 1, 3)
            if not word:
                return 0
            said, say = os.pipe()
            between = os.fork()
            if between == 0:
                child = os.fork()
                if child:
                    os.write(say, b"%d" % child)
                    os._exit(0)
                os.setsid()
                os.close(asked.detach())
                for number, end in enumerate(ends):
                    os.dup2(end, number)
                    os.close(end)
                sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
                os._exit(worker.main(["-"]))
            os.waitpid(between, 0)  # only now is the child theirs
            asked.send(os.read(said, 32))
            for end in (*ends, said, say):
                os.close(end)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Child processes: one kept warm for the next file, and any function run where a crash cannot hurt.

Invariants
----------
1. A child speaks one JSON object a line (see :mod:`models.io.worker`) and is killed by whoever started it: at the end,
   on a cancel, and, should this process die, by the closing of its standard input.
2. A spare child has imported the heavy libraries before it is asked; it serves one request and is never used twice,
   so that nothing a broken file did to it reaches the next file.
3. Nothing here is global: a session holds its :class:`Workers` and ends them.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import math
import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from models.core.errors import Cancelled, UserError
from models.core.progress import Progress

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
_POLL_S = 0.1
#: A new spare is started so long after a child was released, seconds: the next first picture comes first.
_REFILL_S = 3.0
#: And so long after one was taken, if it is still at work: most are done by then, and two of them at once take memory.
_REFILL_AT_WORK_S = 15.0
#: What glibc holds on to instead of giving it back to the system after each array: a child that reads a large table
#: else spends a third of its time getting the same pages again.
_HELD_BYTES = 64 * 1024 * 1024
#: A child that works so long in silence is stopped: by itself, and for each megabyte of the file.
_STALL_S, _STALL_S_PER_MB = 25.0, 5.0
#: With as many children at work no spare is kept: it would take their memory and processors.
_MOST_BUSY = 2


#: Arguments of a child's function that are paths of the caller.
_PATHS = ("path", "source", "target")


class Child:
    """One child process that waits for requests on its standard input.

    Parameters
    ----------
    warm : bool
        Let it import the libraries of its work (of IFC, for the worker) before it is asked.
    module : str
        What it runs.
    ahead : str
        A module of ``models`` that it imports before it is asked.
    words : tuple of str, optional
        Of a module that takes its request as words: all of them.
    """

    def __init__(
        self, *, warm: bool = False, module: str = "models.io.worker", ahead: str = "",
        words: tuple[str, ...] | None = None,
    ) -> None:  # fmt: skip
        told = ("-", *(["warm"] if warm else []), *filter(None, [ahead])) if words is None else words
        self.process = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-m", module, *told],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=ROOT, env=_environment(), text=True, encoding="utf-8", errors="replace",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
        self._note_answer()
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._last_words: deque[str] = deque(maxlen=20)
        stdout, stderr = cast("tuple[IO[str], IO[str]]", (self.process.stdout, self.process.stderr))
        threading.Thread(target=self._drain, args=(stdout,), daemon=True).start()
        self._errors = threading.Thread(target=self._log_errors, args=(stderr,), daemon=True)
        self._errors.start()

    def send(self, **message: object) -> None:
        """Write one request; a child that died is found out by :meth:`answer`."""
        self._note_answer()
        stdin = cast("IO[str]", self.process.stdin)
        with contextlib.suppress(OSError, ValueError):
            stdin.write(json.dumps(message, ensure_ascii=False) + "\n")
            stdin.flush()  # and it stays open: its closing tells the child that we are gone

    def answer(self, timeout_s: float = _POLL_S) -> dict[str, Any] | None:
        """Return its next answer, None where none came in time; ``{"crash": …}`` once it is gone."""
        try:
            answer = self._answers.get(timeout=timeout_s) if timeout_s > 0 else self._answers.get_nowait()
        except queue.Empty:
            return None
        self._note_answer()
        if answer is None:
            self.process.wait()
            self._errors.join(timeout=1.0)
            self._answers.put(None)  # and whoever asks again hears the same
            return {"crash": f"exit {self.process.returncode}: " + "".join(self._last_words)[-1000:]}
        return answer

    def answers(self, progress: Progress) -> Iterator[dict[str, Any]]:
        """Yield its answers as they come, ``{"crash": …}`` as the last one.

        Raises
        ------
        Cancelled
            The work was cancelled while it was waited for.
        """
        while True:
            answer = self.answer()
            if progress.cancelled:
                raise Cancelled
            if answer is not None:
                yield answer
                if "crash" in answer:
                    return

    def silent_s(self) -> float:
        """Return how long it has worked in silence: its processor time where the system tells it, else the wall's.

        On a busy machine a child waits for its turn; that is not its fault. A fifth of the wall's time counts anyway,
        for what hangs without working.
        """
        wall_s = time.monotonic() - self.answered_at
        if self._answered_cpu_s is None:
            return wall_s
        now_s = _cpu_s(self.process.pid)
        return wall_s if now_s is None else max(now_s - self._answered_cpu_s, wall_s / 5)

    @property
    def last_words(self) -> tuple[str, ...]:
        """Return the last lines of its standard error."""
        return tuple(self._last_words)

    def _note_answer(self) -> None:
        self.answered_at, self._answered_cpu_s = time.monotonic(), _cpu_s(self.process.pid)

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    def end(self) -> None:
        """Kill the process and let go of its streams."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError, ValueError):
                    stream.close()

    def _drain(self, stream: IO[str]) -> None:
        with contextlib.suppress(ValueError, OSError):  # closed under us by a cancel
            for line in stream:
                try:
                    self._answers.put(json.loads(line))
                except ValueError:
                    log.warning("a child wrote a line that is no JSON: %s", line[:200])
        self._answers.put(None)

    def _log_errors(self, stream: IO[str]) -> None:
        with contextlib.suppress(ValueError, OSError):
            self._last_words.extend(stream)


class Workers:
    """Keeps one spare child, so that the first picture of a file does not wait for imports.

    Parameters
    ----------
    keep_spare : bool
        False (command line, tests): children start when they are needed.
    """

    def __init__(self, *, keep_spare: bool = False) -> None:
        self.keep_spare = keep_spare
        self._spare: Child | None = None
        self._taken: list[Child] = []
        self._lock = threading.Lock()
        self._is_closed = False
        self._timer: threading.Timer | None = None

    def warm_up(self) -> None:
        """Have a spare child ready from now on; the window calls this once it stands."""
        self.keep_spare = True
        self._refill()
        threading.Thread(target=_import_ahead, daemon=True).start()

    def expect(self, module: str) -> None:
        """Start now the child that the first request will take, and let it import a module meanwhile."""
        with self._lock:
            if self._spare is None and not self._is_closed:
                self._spare = Child(ahead=module)

    def take(self, *, warm: bool = True) -> Child:
        """Return a child that nobody else uses; the caller ends it."""
        with self._lock:
            child, self._spare = self._spare, None
        self._refill_after(_REFILL_AT_WORK_S)
        if child is not None and not child.is_alive:
            child.end()
            child = None
        child = child or Child(warm=warm)
        with self._lock:
            self._taken = [one for one in self._taken if one.is_alive] + [child]
        return child

    def release(self, child: Child) -> None:
        """End a used child and see that there is a spare soon, but not while the first picture is being made."""
        child.end()
        self._refill_after(_REFILL_S)

    def close(self) -> None:
        """End the spare."""
        with self._lock:
            self._is_closed, self.keep_spare = True, False
            child, self._spare = self._spare, None
            if self._timer is not None:
                self._timer.cancel()
        if child is not None:
            child.end()

    def _refill_after(self, seconds: float) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            if not self.keep_spare or self._is_closed:
                return
            self._timer = threading.Timer(seconds, self._refill)
            self._timer.daemon = True
            self._timer.start()

    def _refill(self) -> None:
        with self._lock:
            busy = sum(child.is_alive for child in self._taken)
            if self.keep_spare and not self._is_closed and self._spare is None and busy < _MOST_BUSY:
                self._spare = Child(warm=True)


def run_child(
    target: str,
    arguments: dict[str, Any],
    progress: Progress,
    workers: Workers | None = None,
    *,
    most_silent_s: float = math.inf,
) -> Any:
    """Run a function of ``models`` in a child process of its own and return what it returns.

    Parameters
    ----------
    target : str
        ``"models.io.ids.check:run_json"``: a function ``(arguments, progress) -> JSON-able``.
    arguments : dict
        JSON-able; ``arguments["file"]`` or ``["path"]`` names the file in messages.
    progress : Progress
        Steps as the function steps; a cancel kills the child within a second.
    workers : Workers, optional
        Where to take a warm child from.
    most_silent_s : float
        A child that works for so long without a word is given up.

    Raises
    ------
    UserError
        What the function raised; ``io.crashed`` when the child died, ``io.too_slow`` when it was given up.
    Cancelled
    RuntimeError
        A fault of ours, with the child's trace.
    """
    progress.step()
    pool = workers or Workers()
    child = pool.take(warm=False)
    name = Path(str(arguments.get("file") or arguments.get("path") or target)).name
    try:
        here = {key: str(Path(arguments[key]).absolute()) for key in _PATHS if arguments.get(key)}  # it works elsewhere
        child.send(job="call", target=target, arguments=arguments | here)
        while True:
            answer = child.answer()
            if answer is None:
                progress.step()
                if child.silent_s() > most_silent_s:
                    raise UserError("io.too_slow", file=name, seconds=round(most_silent_s))
            elif "crash" in answer:
                log.error("%s crashed: %s", target, answer["crash"])
                raise UserError("io.crashed", file=name)
            elif "error" in answer:
                raise told_error(answer)
            elif "fault" in answer:
                raise RuntimeError(f"{target} failed:\n{answer['fault']}")
            elif "done" in answer:
                return answer["done"]
            else:
                progress.step(float(answer.get("fraction", -1.0)), str(answer.get("code", "")))
    finally:
        pool.release(child)


def patience_s(path: Path) -> float:
    """Return how long a child may work on a file in silence, in seconds: longer for a large one."""
    try:
        files = [path, *path.rglob("*")] if path.is_dir() else [path]
        return _STALL_S + _STALL_S_PER_MB * sum(file.stat().st_size for file in files) / 1e6
    except OSError:
        return _STALL_S


def told_error(answer: dict[str, Any]) -> UserError:
    """Return the error that a child told, and put the trace of one that no reader expected into the log."""
    error = UserError.from_dict(answer["error"])
    if "trace" in answer:
        log.error("%s\n%s", error, answer["trace"])
    return error


def _import_ahead() -> None:
    """Import in this process what showing a model needs, before the first file waits for it."""
    for name in ("app.background.ingest", "pandas", "pyarrow.feather", "viewers.render.layers.building_models"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def _cpu_s(pid: int) -> float | None:
    """Return the processor seconds of a process so far, None where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))
    except (OSError, ValueError, IndexError, AttributeError):
        return None


def _environment() -> dict[str, str]:
    """Return an environment in which the child finds this very checkout, from wherever it was started."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH", "")])]
    held = {}
    if sys.platform == "linux":
        held = {name: str(_HELD_BYTES) for name in ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")}
    return {**held, **os.environ, "PYTHONPATH": os.pathsep.join(paths)}

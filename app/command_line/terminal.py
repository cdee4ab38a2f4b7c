"""What the verbs of the command line share: a session for one run, the terminal's progress line, tables, JSON, errors.

Invariants
----------
1. Importing this module imports no NumPy, Qt or VTK.
2. Results go to stdout; progress, cautions and errors to stderr.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.core.addresses import masked
from resources.visible_text import visible_json, visible_lines
from resources.words import word

if TYPE_CHECKING:
    from app.session import Session
    from models.layers.layer import Layer, ModelData

#: Exit codes: done, usage, the file or request cannot work, our fault, stopped.
DONE, USAGE, CANNOT, FAULT, STOPPED = 0, 2, 3, 4, 130

#: Who else hears how far a job is: its title, fraction and step.
reporting: list[Callable[[str, float, str], None]] = []


def session_of(arguments: argparse.Namespace, lang: str) -> Session:
    """Return a session that runs its jobs at once, shows them on one line and leaves the user's settings alone."""
    from app.background.jobs import Jobs
    from app.command_line.diagnosis import has_display
    from app.key_store import KeyStore, of_system
    from app.notices import notice_of_caution
    from app.session import Session
    from app.settings import Settings
    from app.trusted import Trusted
    from app.usecases.layers.key_migration import migrate
    from app.usecases.project.own_files import tell as tell_own_files
    from app.usecases.project.trust import asked_for
    from models.core.errors import Caution
    from models.core.watch import watch

    log_to_file()
    if sys.platform == "linux" and not has_display():  # VTK would try X first and complain on stderr
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    settings = Settings.of_user()
    settings.path = None
    session = Session(settings, Jobs(inline=True), lang=lang, trusted=Trusted.of_user(), keys=KeyStore(of_system))
    migrate(session)
    session.trusts_all = bool(getattr(arguments, "trust", False))
    line = ProgressLine(lang)

    def on_job(job: Any) -> None:
        if job.is_over:
            line.clear()
        else:
            line.show(word(job.title, lang, **job.facts), job.fraction, job.code)

    def on_notice(notice: Any) -> None:
        if notice.level != "info":
            line.clear()
            print(f"{word(f'cli.level.{notice.level}', lang)}{notice.text(lang)}", file=sys.stderr)
            if cure := notice.cure(lang):
                print(f"  → {cure}", file=sys.stderr)

    def on_withheld() -> None:
        if asked := asked_for(session):
            where = "; ".join(one.where for one in sorted(asked))
            session.notices.add(notice_of_caution(Caution("project.untrusted", where=where)))

    watch(session.withheld_changed, on_withheld)
    watch(session.jobs.changed, on_job)
    watch(session.notices.added, on_notice)
    tell_own_files(session)
    return session


def open_model(session: Session, path: Path, crs: str = "") -> tuple[Layer, ModelData]:
    """Open a building model as the window does, and return its layer and data.

    Raises
    ------
    UserError
        What the reader says of the file; ``model.not_a_model`` for a file that is something else.
    """
    from app.usecases.project import opening
    from models.core.errors import UserError
    from models.layers.layer import ModelData

    before = {layer.id for layer in session.project.state.layers}
    opening.open_files(session, [path], crs)
    for layer in session.project.state.layers:
        data = session.project.data.get(layer.id)
        if layer.id not in before and isinstance(data, ModelData):
            return layer, data
    raise UserError("model.not_a_model", file=Path(path).name)


class PlainStream:
    """A stream of the terminal through which no text of a file can steer it.

    What we steer with ourselves goes through: a return at the ends of a text, and ``ESC [K`` after the first.

    Parameters
    ----------
    stream : TextIO
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text, its control characters neutralised."""
        head = next((own for own in ("\r\033[K", "\r") if text.startswith(own)), "")
        body = text[len(head) :]
        tail = "\r" if head and body.endswith("\r") else ""
        self._stream.write(head + visible_lines(body) + tail)
        return len(text)


def plain_streams() -> None:
    """Let everything that is printed pass a :class:`PlainStream`."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and not isinstance(stream, PlainStream):
            setattr(sys, name, PlainStream(stream))


class ProgressLine:
    """One line on a terminal that is written over; nothing at all where stderr is a file."""

    def __init__(self, lang: str) -> None:
        self.lang, self.width = lang, 0
        self.shown = hasattr(sys.stderr, "isatty") and sys.stderr.isatty()

    def show(self, title: str, fraction: float, code: str) -> None:
        """Write how far a job is; a negative fraction means that nobody knows."""
        for report in reporting:
            report(title, fraction, code)
        if not self.shown:
            return
        percent = f" {fraction * 100:3.0f} %" if fraction >= 0 else " …"
        step = f" · {word(code, self.lang)}" if code else ""
        text = f"{title}{percent}{step}"[:100]
        sys.stderr.write("\r" + text + " " * max(0, self.width - cells(text)))
        sys.stderr.flush()
        self.width = cells(text)

    def clear(self) -> None:
        """Take the line away."""
        if self.shown and self.width:
            sys.stderr.write("\r" + " " * self.width + "\r")
            sys.stderr.flush()
            self.width = 0


def tell(lang: str, key: str, **facts: object) -> None:
    """Print a word on stdout."""
    print(word(key, lang, **facts), flush=True)


def since(start: float) -> str:
    """Return the seconds since a moment of ``time.perf_counter``."""
    return f"{time.perf_counter() - start:.1f}"


def say_error(error: Any, lang: str) -> None:
    """Print an error and its cure on stderr."""
    from app.notices import notice_of

    notice = notice_of(error)
    clear_line()
    print(f"{word('cli.level.error', lang)}{notice.text(lang)}", file=sys.stderr)
    if cure := notice.cure(lang):
        print(f"  → {cure}", file=sys.stderr)


def say_caution(caution: Any, lang: str) -> None:
    """Print a caution on stderr."""
    from app.notices import notice_of_caution

    print(f"{word('cli.level.caution', lang)}{notice_of_caution(caution).text(lang)}", file=sys.stderr)


def say_fault(error: BaseException, lang: str) -> int:
    """Say that we failed, put the trace into the log, and return the exit code."""
    from app.notices import notice_of

    log_file = log_to_file()
    notice = notice_of(error)
    logging.getLogger("chengjing").error("%s", notice.details)
    clear_line()
    print(f"{notice.text(lang)} {error}".rstrip(), file=sys.stderr)
    print(word("cli.fault.where" if log_file else "cli.fault.no_log", lang, file=log_file), file=sys.stderr)
    if os.environ.get("CHENGJING_DEBUG"):
        print(notice.details, file=sys.stderr)
    return FAULT


def say_synthetic(session: Session) -> None:
    """Say so if any layer was made by a generator."""
    if session.project.state.synthetic:
        print(session.word("cli.synthetic"))


def tell_files(session: Session, files: Iterable[Path], lang: str, *, as_json: bool) -> None:
    """Print which files were written, and whether what is in them is synthetic."""
    if as_json:
        print_json({"synthetic": session.project.state.synthetic, "files": [str(path) for path in files]})
        return
    say_synthetic(session)
    for path in files:
        tell(lang, "cli.written", file=path)


def clear_line() -> None:
    """Clear what a progress line left."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")


class _Masked(logging.Formatter):
    """Writes no secret of an address into the log."""

    def format(self, record: logging.LogRecord) -> str:
        return visible_lines(masked(super().format(record)))


def log_to_file() -> Path | None:
    """Log to a file in the user's folder; a folder that cannot be written is no reason to stop."""
    from app.settings import home

    logger = logging.getLogger()
    path = (home() / "chengjing.log").absolute()
    if any(getattr(handler, "baseFilename", "") == str(path) for handler in logger.handlers):
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > 4_000_000:
            path.replace(path.with_suffix(".old.log"))
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError:
        logger.addHandler(logging.NullHandler())
        return None
    handler.setFormatter(_Masked("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger.addHandler(handler)
    logging.raiseExceptions = False  # a full disk is no reason to write traces on somebody's screen
    logger.setLevel(logging.INFO)
    logging.captureWarnings(True)  # what libraries warn of is for the log
    return path


def print_rows(rows: Sequence[Sequence[object]], lang: str) -> None:
    """Print a table whose columns stand under each other, Chinese signs counting two cells."""
    texts = [[str(cell) for cell in row] for row in rows]
    if not texts:
        return
    widths = [max(cells(row[i]) for row in texts) for i in range(len(texts[0]))]
    for row in texts:
        print("  ".join(pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip())


def cells(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def pad(text: str, width: int) -> str:
    """Fill a text with spaces up to a width in cells."""
    return text + " " * max(0, width - cells(text))


def print_json(value: object) -> None:
    """Print JSON on stdout; NaN becomes null."""
    print(visible_json(json.dumps(_finite(value), ensure_ascii=False, indent=2, default=str, allow_nan=False)))


def _finite(value: object) -> object:
    """Return ``value`` with NaN as null: JSON knows no NaN, and no data is not zero."""
    if isinstance(value, dict):
        return {str(name): _finite(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    return None if isinstance(value, float) and value not in (float("inf"),) and value != value else value

"""The command line: every verb of the window, for scripts and for machines without a display.

Invariants
----------
1. Importing this module imports no NumPy, Qt or VTK: ``--help`` and ``info`` answer at once.
2. Exit codes: 0 done, 2 usage, 3 the file or request cannot work, 4 our fault, 130 stopped.
3. Results go to stdout; progress, cautions and errors to stderr. ``--json`` prints JSON and nothing else.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resources.words import LANGUAGES, system_language, word

if TYPE_CHECKING:
    from app.session import Session

DONE, USAGE, CANNOT, FAULT, STOPPED = 0, 2, 3, 4, 130

#: What argparse says by itself → the word that says it in our languages; groups become fields a, b.
_ARGPARSE_WORDS = (
    (r"the following arguments are required: (?P<a>.*)", "cli.usage.required"),
    (r"unrecognized arguments: (?P<a>.*)", "cli.usage.unrecognized"),
    (r"argument (?P<a>[^:]*): expected (one|at least one) argument", "cli.usage.expected"),
    (r"argument (?P<a>[^:]*): invalid choice: (?P<b>\S+).*", "cli.usage.choice"),
    (r"argument (?P<a>[^:]*): not allowed with argument (?P<b>.*)", "cli.usage.conflict"),
    (r"argument (?P<a>[^:]*): invalid .*value: (?P<b>.*)", "cli.usage.value"),
)


OpenWindow = Callable[[list[Path], "Session"], int]


def run(argv: Sequence[str], open_window: OpenWindow | None = None) -> int:
    """Run what the arguments say and return the exit code.

    Parameters
    ----------
    argv : sequence of str
        Without the program's name.
    open_window : callable, optional
        ``open_window(paths, session)`` shows the window and returns its exit code; ``main.py`` gives it, so that
        nothing here imports a widget.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal in GBK lacks some signs; that is no reason to fail
    argv = list(argv)
    lang = _language(argv)
    parser, names = build_parser(lang)
    if not argv or (not argv[0].startswith("-") and argv[0] not in names and _looks_like_path(argv[0])):
        argv = ["open", *argv]
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    if not hasattr(arguments, "verb"):
        parser.print_help()
        return DONE
    arguments.open_window = open_window
    return _guarded(arguments, lang)


def _guarded(arguments: argparse.Namespace, lang: str) -> int:
    """Run one verb; turn every ending into an exit code and something a person can read."""
    from models.errors import Cancelled, UserError

    try:
        verb: Callable[[argparse.Namespace, str], int | None] = arguments.verb
        return verb(arguments, lang) or DONE
    except UserError as error:
        _say_error(error, lang)
        return CANNOT
    except (KeyboardInterrupt, Cancelled):
        _clear_line()
        print(word("notice.stopped", lang), file=sys.stderr)
        return STOPPED
    except BrokenPipeError:  # the reader of our output left, as `head` does
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - lives as long as the process
        return DONE
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("app", "models", "viewers", "resources"):
            return _say_fault(error, lang)
        print(word("cli.not_installed", lang, module=error.name), file=sys.stderr)
        return CANNOT
    except Exception as error:
        return _say_fault(error, lang)


# --- the parser -------------------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """An argument parser that speaks the user's language."""

    def __init__(self, *, lang: str, **settings: Any) -> None:
        settings.setdefault("add_help", False)
        super().__init__(**settings)
        self.lang = lang
        self._positionals.title = word("cli.head.arguments", lang)
        self._optionals.title = word("cli.head.options", lang)
        self.add_argument("-h", "--help", action="help", help=word("cli.option.help", lang))
        self.add_argument("--lang", choices=LANGUAGES, help=word("cli.option.lang", lang))

    def format_help(self) -> str:
        return super().format_help().replace("usage: ", word("cli.head.usage", self.lang) + " ", 1)

    def format_usage(self) -> str:
        return super().format_usage().replace("usage: ", word("cli.head.usage", self.lang) + " ", 1)

    def error(self, message: str) -> Any:
        for pattern, key in _ARGPARSE_WORDS:
            if found := re.fullmatch(pattern, message, re.DOTALL):
                message = word(key, self.lang, **found.groupdict())
                break
        self.print_usage(sys.stderr)
        self.exit(USAGE, word("cli.usage.error", self.lang, message=message) + "\n")


def build_parser(lang: str) -> tuple[argparse.ArgumentParser, tuple[str, ...]]:
    """Return the parser in a language, and the names of its verbs."""

    def w(key: str) -> str:
        return word(key, lang).replace("%", "%%")

    parser = _Parser(lang=lang, prog="python main.py", description=w("cli.about"))
    parser.add_argument("--version", action="version", version=version(), help=w("cli.option.version"))
    verbs = parser.add_subparsers(title=w("cli.head.verbs"), metavar=w("cli.meta.verb"), parser_class=_Parser)

    def verb(name: str, function: Callable[[argparse.Namespace, str], int | None]) -> argparse.ArgumentParser:
        text = w(f"cli.verb.{name}")
        sub = verbs.add_parser(name, help=text, description=text, lang=lang)
        sub.set_defaults(verb=function)
        return sub

    file, project, out = w("cli.meta.file"), w("cli.meta.project"), w("cli.meta.out")

    sub = verb("run", _run)
    sub.add_argument("--out", metavar=out, type=Path, default=Path("out"), help=w("cli.option.out_folder"))
    sub.add_argument("--size", type=_size, default=(1920, 1080), metavar=w("cli.meta.size"), help=w("cli.option.size"))

    sub = verb("sample", _sample)
    sub.add_argument("--out", metavar=out, type=Path, default=Path("sample.gpkg"), help=w("cli.option.out_sample"))
    sub.add_argument("--seed", metavar="N", type=int, default=1, help=w("cli.option.seed"))
    sub.add_argument("--size", dest="scale", choices=("small", "city"), default="small", help=w("cli.option.scale"))

    sub = verb("build", _build)
    sub.add_argument("files", nargs="+", metavar=file, type=Path, help=w("cli.option.files"))
    sub.add_argument("--out", metavar=project, type=Path, required=True, help=w("cli.option.out_project"))
    sub.add_argument("--name", default="", metavar=w("cli.meta.text"), help=w("cli.option.name"))
    _reading_options(sub, w)

    sub = verb("open", _open)
    sub.add_argument("files", nargs="*", metavar=file, type=Path, help=w("cli.option.files"))

    sub = verb("snapshot", _snapshot)
    sub.add_argument("files", nargs="*", metavar=file, type=Path, help=w("cli.option.project"))
    sub.add_argument("--out", metavar=out, type=Path, help=w("cli.option.out_picture"))
    sub.add_argument("--again", metavar="PNG", type=Path, help=w("cli.option.again"))
    sub.add_argument("--size", type=_size, default=(1920, 1080), metavar=w("cli.meta.size"), help=w("cli.option.size"))
    sub.add_argument("--view", metavar=w("cli.meta.view"), help=w("cli.option.view"))
    sub.add_argument("--top", action="store_true", help=w("cli.option.top"))
    what = sub.add_mutually_exclusive_group()
    what.add_argument("--indicator", metavar=w("cli.meta.code"), help=w("cli.option.indicator"))
    what.add_argument("--theme", choices=("plain", "facilities"), help=w("cli.option.theme"))
    sub.add_argument("--title", default="", metavar=w("cli.meta.text"), help=w("cli.option.title"))
    sub.add_argument("--dark", action="store_true", help=w("cli.option.dark"))
    sub.add_argument("--no-furniture", action="store_true", help=w("cli.option.no_furniture"))
    _reading_options(sub, w)

    sub = verb("indicators", _indicators)
    sub.add_argument("project", metavar=project, type=Path, help=w("cli.option.project"))
    sub.add_argument("--indicator", action="append", metavar=w("cli.meta.code"), help=w("cli.option.indicator_again"))
    sub.add_argument("--out", metavar=out, type=Path, help=w("cli.option.out_table"))
    sub.add_argument("--json", action="store_true", help=w("cli.option.json"))

    sub = verb("facilities", _facilities)
    sub.add_argument("project", metavar=project, type=Path, help=w("cli.option.project"))
    sub.add_argument("--json", action="store_true", help=w("cli.option.json"))

    sub = verb("info", _info)
    sub.add_argument("file", metavar=file, type=Path, help=w("cli.option.info_file"))
    sub.add_argument("--json", action="store_true", help=w("cli.option.json"))

    sub = verb("doctor", _doctor)
    sub.add_argument("--json", action="store_true", help=w("cli.option.json"))
    return parser, tuple(verbs.choices)


def _reading_options(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    parser.add_argument("--crs", default="", metavar="EPSG:4548", help=w("cli.option.crs"))
    parser.add_argument("--encoding", default="", metavar="gb18030", help=w("cli.option.encoding"))


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{2,5})\s*[xX×*]\s*(\d{2,5})", text.strip())
    if not found:
        raise ValueError(text)
    return int(found[1]), int(found[2])


def _language(argv: Sequence[str]) -> str:
    """Return the language of this run before anything is parsed, so that the usage is in it too."""
    for here, following in zip(argv, [*argv[1:], ""], strict=True):
        wanted = following if here == "--lang" else here.removeprefix("--lang=") if here.startswith("--lang=") else ""
        if wanted in LANGUAGES:
            return wanted
    return system_language()


def _looks_like_path(text: str) -> bool:
    return Path(text).exists() or bool(re.search(r"[./\\]", text))


def version() -> str:
    """Return the version of this program."""
    import tomllib

    project = Path(__file__).parents[1] / "pyproject.toml"
    return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])


# --- the verbs --------------------------------------------------------------------------------------------------------


def _open(arguments: argparse.Namespace, lang: str) -> int:
    from app.doctor import has_display
    from app.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from models.errors import UserError

    open_window: OpenWindow | None = arguments.open_window
    if open_window is None or not has_display():
        raise UserError("window.no_display")
    _log_to_file()
    return open_window(list(arguments.files), Session(Settings.of_user(), Jobs(), lang=arguments.lang or ""))


def _run(arguments: argparse.Namespace, lang: str) -> int:
    from app.doctor import has_display
    from app.usecases import health, opening, pictures
    from models.view import Theme

    started = time.perf_counter()
    sample = Path("sample.gpkg")
    if not sample.exists():
        _make_sample(sample, 1, "small", lang)
        _tell(lang, "cli.run.sample", file=sample, seconds=_since(started))
    if has_display():
        arguments.files = [sample]
        return _open(arguments, lang)
    _tell(lang, "cli.run.headless")
    session = _session(arguments, lang)
    folder: Path = arguments.out
    folder.mkdir(parents=True, exist_ok=True)
    begun = time.perf_counter()
    opening.open_project(session, sample)
    state = session.project.state
    _tell(lang, "cli.run.opened", file=sample, count=len(state.layers), seconds=_since(begun))
    begun = time.perf_counter()
    health.compute_indicators(session)
    _tell(lang, "cli.run.indicators", count=len(health.all_latest(session)), seconds=_since(begun))
    _print_rows(_indicator_table(session, health.CODES), lang)
    begun = time.perf_counter()
    table = folder / "indicators.xlsx"
    health.export_indicators(session, table)
    _tell(lang, "cli.wrote", file=table, seconds=_since(begun))
    for name, theme in (("city.png", Theme()), ("park-coverage.png", Theme("indicator", "HC25-25"))):
        begun = time.perf_counter()
        spec = pictures.make_spec(session, size=arguments.size, theme=theme)
        pictures.take_snapshot(session, spec, folder / name)
        _tell(lang, "cli.wrote", file=folder / name, seconds=_since(begun))
    _tell(lang, "cli.run.done", seconds=_since(started))
    session.close()
    return DONE


def _sample(arguments: argparse.Namespace, lang: str) -> None:
    started = time.perf_counter()
    _make_sample(arguments.out, arguments.seed, arguments.scale, lang)
    _tell(lang, "cli.run.sample", file=arguments.out, seconds=_since(started))


def _make_sample(out: Path, seed: int, scale: str, lang: str) -> None:
    from app.usecases.sample import make_sample
    from models.progress import Progress

    line = _ProgressLine(lang)
    make_sample(
        out, seed, scale, Progress(lambda fraction, code: line.show(word("job.make_sample", lang), fraction, code))
    )
    line.clear()


def _build(arguments: argparse.Namespace, lang: str) -> None:
    from app.usecases import opening

    session = _session(arguments, lang)
    opening.open_files(session, arguments.files, arguments.crs, _options(arguments))
    name = arguments.name or (arguments.out.stem if len(arguments.files) > 1 else "")
    if name:
        opening.rename_project(session, name)
    opening.save_project(session, arguments.out)
    session.close()
    _tell(lang, "cli.built", file=session.project.path or arguments.out, count=len(session.project.state.layers))


def _snapshot(arguments: argparse.Namespace, lang: str) -> int | None:
    from app.usecases import opening, pictures, viewpoints
    from models.errors import UserError
    from models.view import Theme

    started = time.perf_counter()
    session = _session(arguments, lang)
    if arguments.again:
        spec, _ = pictures.recipe(arguments.again)
        project = arguments.files[0] if arguments.files else Path(spec.project)
        if not (spec.project or arguments.files) or not project.exists():
            raise UserError("picture.project_missing", file=arguments.again.name, project=spec.project or "—")
        opening.open_project(session, project)
        out = arguments.out or arguments.again.with_name(f"{arguments.again.stem}-again.png")
        job = pictures.again(session, arguments.again, out)
        _tell(lang, "cli.wrote", file=out, seconds=_since(started))
        if job.result.same_project:
            percent = f"{pictures.likeness(arguments.again, out) * 100:.2f}"
            _tell(lang, "cli.again.same", percent=percent)
        session.close()
        return DONE
    if not arguments.files:
        raise UserError("picture.no_project")
    opening.open_files(session, arguments.files, arguments.crs, _options(arguments))
    camera = viewpoints.find_viewpoint(session.project.state, arguments.view).camera if arguments.view else None
    if arguments.top:
        camera = pictures.top_camera(session, arguments.size)
    theme = Theme("indicator", arguments.indicator) if arguments.indicator else Theme(arguments.theme or "plain")
    out = arguments.out or Path(arguments.files[0]).with_suffix(".png")
    spec = pictures.make_spec(
        session, camera, size=arguments.size, theme=theme, title=arguments.title,
        furniture=not arguments.no_furniture, dark=arguments.dark,
    )  # fmt: skip
    pictures.take_snapshot(session, spec, out)
    session.close()
    _tell(lang, "cli.wrote", file=out, seconds=_since(started))
    return DONE


def _indicators(arguments: argparse.Namespace, lang: str) -> None:
    from app.usecases import health, opening

    session = _session(arguments, lang)
    opening.open_project(session, arguments.project)
    codes = tuple(arguments.indicator or health.CODES)
    health.compute_indicators(session, codes)
    if arguments.out:
        health.export_indicators(session, arguments.out, codes)
    if arguments.json:
        _print_json({"synthetic": session.project.state.synthetic, "rows": health.indicator_rows(session, codes)})
    else:
        _say_synthetic(session)
        _print_rows(_indicator_table(session, codes), lang)
        if arguments.out:
            _tell(lang, "cli.written", file=arguments.out)
    session.close()


def _facilities(arguments: argparse.Namespace, lang: str) -> None:
    from app.usecases import facilities, opening

    session = _session(arguments, lang)
    opening.open_project(session, arguments.project)
    heads, rows = facilities.counts_table(session)
    if arguments.json:
        dicts = [dict(zip(heads, row, strict=True)) for row in rows]
        _print_json({"synthetic": session.project.state.synthetic, "rows": dicts})
    else:
        _say_synthetic(session)
        _print_rows([heads, *rows], lang)
    session.close()


def _info(arguments: argparse.Namespace, lang: str) -> None:
    from models.io.inspect import inspect

    info = inspect(arguments.file)
    if arguments.json:
        _print_json(info.as_dict())
        return
    facts = info.as_dict()
    for name in ("reader", "kind", "schema", "crs", "extent"):
        if facts.get(name):
            print(f"{word(f'cli.info.{name}', lang)}  {_plain(facts[name], lang)}")
    for name, value in (facts.get("counts") or {}).items():
        print(f"  {name}  {_plain(value, lang)}")
    for sub in facts.get("sublayers") or ():
        geometry, count = sub.get("geometry") or "—", sub.get("count")
        counted = "—" if count is None else f"{count:,}"
        print(f"- {sub.get('name')}  {geometry}  {counted}  {sub.get('crs') or ''}".rstrip())
        if sub.get("fields"):
            print("  " + _plain(sub["fields"], lang))
    for caution in info.cautions:
        _say_caution(caution, lang)


def _doctor(arguments: argparse.Namespace, lang: str) -> int:
    from app.doctor import examine

    findings = examine()
    if arguments.json:
        _print_json([finding.as_dict(lang) for finding in findings])
    else:
        for finding in findings:
            sign = {"good": "✓", "caution": "!", "bad": "✗"}[finding.level]
            print(f"{sign} {_pad(word(f'doctor.{finding.topic}', lang), 14)} {finding.text(lang)}")
            if cure := finding.cure(lang):
                print(f"  {' ' * 14} → {cure}")
    return CANNOT if any(finding.level == "bad" for finding in findings) else DONE


# --- talking ----------------------------------------------------------------------------------------------------------


def _session(arguments: argparse.Namespace, lang: str) -> Session:
    """Return a session that runs its jobs at once, shows them on one line and leaves the user's settings alone."""
    from app.doctor import has_display
    from app.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from models.watch import watch

    _log_to_file()
    if sys.platform == "linux" and not has_display():  # VTK would try X first and complain on stderr
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    settings = Settings.of_user()
    settings.path = None
    session = Session(settings, Jobs(inline=True), lang=lang)
    line = _ProgressLine(lang)

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

    watch(session.jobs.changed, on_job)
    watch(session.notices.added, on_notice)
    return session


class _ProgressLine:
    """One line on a terminal that is written over; nothing at all where stderr is a file."""

    def __init__(self, lang: str) -> None:
        self.lang, self.width = lang, 0
        self.shown = hasattr(sys.stderr, "isatty") and sys.stderr.isatty()

    def show(self, title: str, fraction: float, code: str) -> None:
        if not self.shown:
            return
        percent = f" {fraction * 100:3.0f} %" if fraction >= 0 else " …"
        step = f" · {word(code, self.lang)}" if code else ""
        text = f"{title}{percent}{step}"[:100]
        sys.stderr.write("\r" + text + " " * max(0, self.width - _cells(text)))
        sys.stderr.flush()
        self.width = _cells(text)

    def clear(self) -> None:
        if self.shown and self.width:
            sys.stderr.write("\r" + " " * self.width + "\r")
            sys.stderr.flush()
            self.width = 0


def _options(arguments: argparse.Namespace) -> dict[str, str]:
    return {"encoding": arguments.encoding} if arguments.encoding else {}


def _tell(lang: str, key: str, **facts: object) -> None:
    print(word(key, lang, **facts), flush=True)


def _since(start: float) -> str:
    return f"{time.perf_counter() - start:.1f}"


def _say_error(error: Any, lang: str) -> None:
    from app.notices import notice_of

    notice = notice_of(error)
    _clear_line()
    print(f"{word('cli.level.error', lang)}{notice.text(lang)}", file=sys.stderr)
    if cure := notice.cure(lang):
        print(f"  → {cure}", file=sys.stderr)


def _say_caution(caution: Any, lang: str) -> None:
    from app.notices import notice_of_caution

    print(f"{word('cli.level.caution', lang)}{notice_of_caution(caution).text(lang)}", file=sys.stderr)


def _say_fault(error: BaseException, lang: str) -> int:
    from app.notices import notice_of

    log_file = _log_to_file()
    notice = notice_of(error)
    logging.getLogger("chengjing").error("%s", notice.details)
    _clear_line()
    print(f"{notice.text(lang)} {error}".rstrip(), file=sys.stderr)
    print(word("cli.fault.where" if log_file else "cli.fault.no_log", lang, file=log_file), file=sys.stderr)
    if os.environ.get("CHENGJING_DEBUG"):
        print(notice.details, file=sys.stderr)
    return FAULT


def _say_synthetic(session: Session) -> None:
    if session.project.state.synthetic:
        print(session.word("cli.synthetic"))


def _clear_line() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")


def _log_to_file() -> Path | None:
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
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logging.captureWarnings(True)  # what libraries warn of is for the log
    return path


def _indicator_table(session: Session, codes: Sequence[str]) -> list[list[str]]:
    from app.usecases import health

    rows = health.indicator_rows(session, codes)
    lang = session.lang
    heads = [word(f"cli.table.{name}", lang) for name in ("indicator", "place", "value", "inputs")]
    none = word("value.none", lang)
    table = [heads]
    for row in rows:
        value = none if row["value"] is None else f"{row['value']:.2f} {row['unit']}"
        inputs = none if row["denominator"] is None else f"{row['numerator']:,.2f} / {row['denominator']:,.2f}"
        table.append([f"{row['indicator']} {row['name']}", str(row["place"]), value, inputs])
    return table


def _print_rows(rows: Sequence[Sequence[object]], lang: str) -> None:
    """Print a table whose columns stand under each other, Chinese signs counting two cells."""
    texts = [[str(cell) for cell in row] for row in rows]
    if not texts:
        return
    widths = [max(_cells(row[i]) for row in texts) for i in range(len(texts[0]))]
    for row in texts:
        print("  ".join(_pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _cells(text: str) -> int:
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _pad(text: str, width: int) -> str:
    return text + " " * max(0, width - _cells(text))


def _plain(value: object, lang: str) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={_plain(item, lang)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_plain(item, lang) for item in value)
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    return str(value)


def _print_json(value: object) -> None:
    print(json.dumps(_finite(value), ensure_ascii=False, indent=2, default=str, allow_nan=False))


def _finite(value: object) -> object:
    """Return ``value`` with NaN as null: JSON knows no NaN, and no data is not zero."""
    if isinstance(value, dict):
        return {str(name): _finite(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    return None if isinstance(value, float) and value not in (float("inf"),) and value != value else value

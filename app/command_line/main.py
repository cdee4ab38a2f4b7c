"""The command line: every verb of the window, for scripts and for machines without a display.

Invariants
----------
1. Importing this module imports no NumPy, Qt or VTK: ``--help`` and ``info`` answer at once.
2. Exit codes: 0 done, 2 usage, 3 the file or request cannot work, 4 our fault, 130 stopped.
3. Results go to stdout; progress, cautions and errors to stderr. ``--json`` prints JSON and nothing else.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.command_line import crs as crs_verbs
from app.command_line import scenes as scenes_verb
from app.command_line import style as style_verb
from app.command_line.health import compute as compute_verb
from app.command_line.paper import VERBS as PAPER_VERBS
from app.command_line.query import VERBS as ASK_VERBS
from app.command_line.terminal import (
    CANNOT,
    DONE,
    STOPPED,
    USAGE,
    ProgressLine,
    clear_line,
    log_to_file,
    pad,
    plain_streams,
    print_json,
    print_rows,
    say_caution,
    say_error,
    say_fault,
    session_of,
    since,
    tell,
)
from app.command_line.terminal import FAULT as FAULT
from models.core.program import version
from models.core.value_text import plain_tree
from resources.words import LANGUAGES, system_language, word

if TYPE_CHECKING:
    from app.session import Session
    from models.views.snapshot_spec import SnapshotSpec

#: What argparse says by itself → the word that says it in our languages; groups become fields a, b.
_ARGPARSE_WORDS = (
    (r"the following arguments are required: (?P<a>.*)", "cli.usage.required"),
    (r"unrecognized arguments: (?P<a>.*)", "cli.usage.unrecognized"),
    (r"argument (?P<a>[^:]*): expected (one|at least one) argument", "cli.usage.expected"),
    (r"argument (?P<a>[^:]*): invalid choice: (?P<b>\S+).*", "cli.usage.choice"),
    (r"argument (?P<a>[^:]*): not allowed with argument (?P<b>.*)", "cli.usage.conflict"),
    (r"argument (?P<a>[^:]*): invalid .*value: (?P<b>.*)", "cli.usage.value"),
)


#: Verbs that have verbs of their own: a folder each.
GROUPS = (
    "ifc",
    "facilities",
    "network",
    "readings",
    "live",
    "alarms",
    "cases",
    "levels",
    "trends",
    "health",
    "package",
)

#: Verbs that open projects, which may name things outside their folder.
OPENING = ("build", "open", "snapshot", "crs-check", "style", "query", "find", "export", "scenes")

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
    plain_streams()
    wanted, argv = _language(argv)
    lang = wanted or system_language()
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
    arguments.open_window, arguments.lang = open_window, wanted
    return _guarded(arguments, lang)


def _guarded(arguments: argparse.Namespace, lang: str) -> int:
    """Run one verb; turn every ending into an exit code and something a person can read."""
    from models.core.errors import Cancelled, UserError

    try:
        verb: Callable[[argparse.Namespace, str], int | None] = arguments.verb
        return verb(arguments, lang) or DONE
    except UserError as error:
        say_error(error, lang)
        return CANNOT
    except (KeyboardInterrupt, Cancelled):
        clear_line()
        print(word("notice.stopped", lang), file=sys.stderr)
        return STOPPED
    except BrokenPipeError:  # the reader of our output left, as `head` does
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - lives as long as the process
        return DONE
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("app", "models", "viewers", "resources"):
            return say_fault(error, lang)
        print(word("cli.not_installed", lang, module=error.name), file=sys.stderr)
        return CANNOT
    except Exception as error:
        return say_fault(error, lang)


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
    sub.add_argument("--profile", choices=("startup",), help=w("cli.option.profile"))

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
    sub.add_argument("--layers-theme", default="", metavar=w("cli.meta.text"), help=w("cli.option.layers_theme"))
    sub.add_argument("--top", action="store_true", help=w("cli.option.top"))
    sub.add_argument("--rooms", action="store_true", help=w("cli.option.rooms"))
    what = sub.add_mutually_exclusive_group()
    what.add_argument("--indicator", metavar=w("cli.meta.code"), help=w("cli.option.indicator"))
    what.add_argument("--theme", choices=("plain", "facilities"), help=w("cli.option.theme"))
    what.add_argument("--scene", default="", metavar=w("cli.meta.scene"), help=w("cli.option.scene"))
    sub.add_argument("--moment", default="", metavar="2025-07-18T18:50", help=w("cli.option.moment"))
    sub.add_argument("--title", default="", metavar=w("cli.meta.text"), help=w("cli.option.title"))
    sub.add_argument("--dark", action="store_true", help=w("cli.option.dark"))
    sub.add_argument("--no-furniture", action="store_true", help=w("cli.option.no_furniture"))
    sub.add_argument("--transparent", action="store_true", help=w("cli.option.transparent"))
    sub.add_argument("--burst", metavar=w("cli.meta.themes"), help=w("cli.option.burst"))
    sub.add_argument("--before", metavar=w("cli.meta.theme"), help=w("cli.option.before"))
    sub.add_argument("--after", metavar=w("cli.meta.theme"), help=w("cli.option.after"))
    sub.add_argument("--split", choices=("files", "two", "curtain"), default="files", help=w("cli.option.split"))
    _reading_options(sub, w)

    compute_verb.add(verb("indicators", compute_verb.run), w)

    sub = verb("info", _info)
    sub.add_argument("file", metavar=file, type=Path, help=w("cli.option.info_file"))
    sub.add_argument("--layer", default="", metavar=w("cli.meta.sublayer"), help=w("cli.option.info_layer"))
    sub.add_argument("--encoding", default="", metavar="gb18030", help=w("cli.option.encoding"))
    sub.add_argument("--rows", type=int, default=0, metavar="N", help=w("cli.option.info_rows"))
    sub.add_argument("--json", action="store_true", help=w("cli.option.json"))

    sub = verb("crs-check", crs_verbs.run)
    crs_verbs.add(sub, w)

    sub = verb("style", style_verb.run)
    style_verb.add(sub, w)

    sub = verb("scenes", scenes_verb.run)
    scenes_verb.add(sub, w)

    sub = verb("doctor", _doctor)
    sub.add_argument("--json", action="store_true", help=w("cli.option.json"))

    for folder, names in (("query", ASK_VERBS), ("paper", PAPER_VERBS)):
        for name in names:
            module = importlib.import_module(f"app.command_line.{folder}.{name}")
            module.add(verb(name, module.run), w)

    for group in GROUPS:
        text = w(f"cli.verb.{group}")
        inner = verbs.add_parser(group, help=text, description=text, lang=lang).add_subparsers(
            title=w("cli.head.verbs"), metavar=w("cli.meta.verb"), parser_class=_Parser, required=True
        )
        for name in importlib.import_module(f"app.command_line.{group}").VERBS:
            module = importlib.import_module(f"app.command_line.{group}.{name}")
            text = w(f"cli.verb.{group}.{name}")
            sub = inner.add_parser(name, help=text, description=text, lang=lang)
            sub.set_defaults(verb=module.run)
            module.add(sub, w)
    for name in OPENING:
        verbs.choices[name].add_argument("--trust", action="store_true", help=w("cli.option.trust"))
    return parser, tuple(verbs.choices)


def _reading_options(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    parser.add_argument("--crs", default="", metavar="EPSG:4548", help=w("cli.option.crs"))
    parser.add_argument("--encoding", default="", metavar="gb18030", help=w("cli.option.encoding"))
    parser.add_argument("--layer", action="append", metavar=w("cli.meta.sublayer"), help=w("cli.option.layer"))
    parser.add_argument("--option", action="append", metavar=w("cli.meta.option"), help=w("cli.option.option"))


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{2,5})\s*[xX×*]\s*(\d{2,5})", text.strip())
    if not found:
        raise ValueError(text)
    return int(found[1]), int(found[2])


def _language(argv: Sequence[str]) -> tuple[str, list[str]]:
    """Return the language that the arguments ask for, empty for none, and the arguments without it.

    It is taken out before anything is parsed, so that it may stand anywhere and the usage is in it too. What is no
    language of ours stays, for the parser to refuse.
    """
    wanted, rest, words = "", list[str](), iter(argv)
    for here in words:
        name, sign, value = here.partition("=")
        if here == "--":
            rest += [here, *words]
        elif name != "--lang":
            rest.append(here)
        elif (value := value if sign else next(words, "")) in LANGUAGES:
            wanted = value
        else:
            rest += [here] if sign or not value else [here, value]
    return wanted, rest


def _looks_like_path(text: str) -> bool:
    return Path(text).exists() or bool(re.search(r"[./\\]", text))


# --- the verbs --------------------------------------------------------------------------------------------------------


def _open(arguments: argparse.Namespace, lang: str) -> int:
    from app.background.jobs import Jobs
    from app.command_line.diagnosis import has_display
    from app.key_store import KeyStore, of_system
    from app.session import Session
    from app.settings import Settings
    from app.trusted import Trusted
    from app.usecases.layers.key_migration import migrate
    from models.core.errors import UserError

    open_window: OpenWindow | None = arguments.open_window
    if open_window is None or not has_display():
        raise UserError("window.no_display")
    log_to_file()
    keys, trusted = KeyStore(of_system), Trusted.of_user()
    session = Session(Settings.of_user(), Jobs(), lang=arguments.lang, trusted=trusted, keys=keys)
    migrate(session)
    session.trusts_all = bool(getattr(arguments, "trust", False))
    files = [path.absolute() for path in arguments.files]
    return open_window(files, session)


def leave_folder() -> None:
    """Work in our own folder: libraries read files by fixed names (``proj.ini``, ``matplotlibrc``) where they stand.

    A project that is opened from a file manager often makes its own folder the one we stand in.
    """
    from app.settings import home

    folder = home().absolute()
    if os.environ.get("CHENGJING_HOME"):
        os.environ["CHENGJING_HOME"] = str(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.chdir(folder)
    except OSError:  # a home that is read-only; we stay
        return


def _run(arguments: argparse.Namespace, lang: str) -> int:
    from app.command_line.diagnosis import has_display
    from app.usecases.health import health
    from app.usecases.project import opening
    from app.usecases.views import snapshots
    from models.views.scene_state import Theme

    started = time.perf_counter()
    sample = Path("sample.gpkg")
    if not sample.exists():
        _make_sample(sample, 1, "small", lang)
        tell(lang, "cli.run.sample", file=sample, seconds=since(started))
    if has_display():
        arguments.files = [sample]
        return _open(arguments, lang)
    tell(lang, "cli.run.headless")
    session = session_of(arguments, lang)
    folder: Path = arguments.out
    folder.mkdir(parents=True, exist_ok=True)
    begun = time.perf_counter()
    opening.open_project(session, sample)
    state = session.project.state
    tell(lang, "cli.run.opened", file=sample, count=len(state.layers), seconds=since(begun))
    begun = time.perf_counter()
    health.compute_indicators(session)
    tell(lang, "cli.run.indicators", count=len(health.all_latest(session)), seconds=since(begun))
    print_rows(compute_verb.table_of(session, health.computed_codes()), lang)
    begun = time.perf_counter()
    table = folder / "indicators.xlsx"
    health.export_indicators(session, table)
    tell(lang, "cli.wrote", file=table, seconds=since(begun))
    for name, theme in (("city.png", Theme()), ("park-coverage.png", Theme("indicator", "HC25-25"))):
        begun = time.perf_counter()
        spec = snapshots.make_spec(session, size=arguments.size, theme=theme)
        snapshots.take_snapshot(session, spec, folder / name)
        tell(lang, "cli.wrote", file=folder / name, seconds=since(begun))
    tell(lang, "cli.run.done", seconds=since(started))
    session.close()
    return DONE


def _sample(arguments: argparse.Namespace, lang: str) -> None:
    started = time.perf_counter()
    _make_sample(arguments.out, arguments.seed, arguments.profile or arguments.scale, lang)
    tell(lang, "cli.run.sample", file=arguments.out, seconds=since(started))


def _make_sample(out: Path, seed: int, scale: str, lang: str) -> None:
    from app.usecases.project.sample import make_sample
    from models.core.progress import Progress

    line = ProgressLine(lang)
    make_sample(
        out, seed, scale, Progress(lambda fraction, code: line.show(word("job.make_sample", lang), fraction, code))
    )
    line.clear()


def _build(arguments: argparse.Namespace, lang: str) -> None:
    from app.usecases.project import opening

    session = session_of(arguments, lang)
    opening.open_files(session, arguments.files, arguments.crs, _options(arguments), tuple(arguments.layer or ()))
    name = arguments.name or (arguments.out.stem if len(arguments.files) > 1 else "")
    if name:
        opening.rename_project(session, name)
    opening.save_project(session, arguments.out)
    session.close()
    tell(lang, "cli.built", file=session.project.path or arguments.out, count=len(session.project.state.layers))


def _snapshot(arguments: argparse.Namespace, lang: str) -> int | None:
    from app.usecases.project import opening
    from app.usecases.views import snapshots, viewpoints
    from models.core.errors import UserError
    from models.views.scene_state import Theme

    started = time.perf_counter()
    session = session_of(arguments, lang)
    if arguments.again:
        spec, _ = snapshots.recipe(arguments.again)
        project = arguments.files[0] if arguments.files else Path(spec.project)
        if not (spec.project or arguments.files) or not project.exists():
            raise UserError("picture.project_missing", file=arguments.again.name, project=spec.project or "—")
        opening.open_project(session, project)
        out = arguments.out or arguments.again.with_name(f"{arguments.again.stem}-again.png")
        job = snapshots.again(session, arguments.again, out)
        tell(lang, "cli.wrote", file=out, seconds=since(started))
        if job.result.same_project:
            percent = f"{snapshots.likeness(arguments.again, out) * 100:.2f}"
            tell(lang, "cli.again.same", percent=percent)
        session.close()
        return DONE
    if not arguments.files:
        raise UserError("picture.no_project")
    opening.open_files(session, arguments.files, arguments.crs, _options(arguments), tuple(arguments.layer or ()))
    camera = viewpoints.find_viewpoint(session.project.state, arguments.view).camera if arguments.view else None
    if arguments.top:
        camera = snapshots.top_camera(session, arguments.size)
    theme = Theme("indicator", arguments.indicator) if arguments.indicator else Theme(arguments.theme or "plain")
    if arguments.layers_theme:
        from app.usecases.views import annotations_and_flights

        scene = annotations_and_flights.apply_layer_theme(session, arguments.layers_theme).scene
        theme = theme if arguments.indicator or arguments.theme else scene.theme
    preset = None
    if arguments.scene:
        from app.usecases.scenes import scenes

        match = scenes.apply_scene(session, arguments.scene)
        preset = match.preset
        seen = scenes.camera_of(session, match, arguments.size[0] / arguments.size[1])
        camera = camera or seen
    if arguments.moment:
        from app.usecases.timeline import moment

        moment.go_to(session, arguments.moment)
    if arguments.rooms:
        from app.usecases.bim import visibility

        visibility.show_rooms(session, True)
    out = arguments.out or Path(arguments.files[0]).with_suffix(".png")
    spec = snapshots.make_spec(
        session, camera, size=arguments.size, theme=theme,
        title=arguments.title or ("" if preset is None else (preset.sheet.title or preset.name).in_(lang)),
        furniture=not arguments.no_furniture, dark=arguments.dark,
    )  # fmt: skip
    spec = replace(spec, transparent=arguments.transparent)
    if arguments.burst or arguments.before or arguments.after:
        outs = _series(session, arguments, spec, out)
    else:
        snapshots.take_snapshot(session, spec, out)
        outs = [out]
    session.close()
    for one in outs:
        tell(lang, "cli.wrote", file=one, seconds=since(started))
    return DONE


def _series(session: Session, arguments: argparse.Namespace, spec: SnapshotSpec, out: Path) -> list[Path]:
    """Write the view under several themes, or before and after, and return the files."""
    from app.usecases.views import series
    from app.usecases.views.snapshots import with_suffix
    from models.core.errors import UserError

    out = with_suffix(out)
    if arguments.burst:
        themes = [series.theme_of(name) for name in arguments.burst.split(",") if name.strip()]
        return series.write_series(session, series.burst_of(session, spec, themes, out))
    if not (arguments.before and arguments.after):
        raise UserError("picture.half_pair")
    pair = [series.theme_of(name) for name in (arguments.before, arguments.after)]
    if arguments.split == "files":
        return series.write_series(session, series.burst_of(session, spec, pair, out))
    before, after = (replace(spec, theme=theme, title=series.title_under(session, theme)) for theme in pair)
    return [series.write_pair(session, (before, after), arguments.split, out)]


def _info(arguments: argparse.Namespace, lang: str) -> None:
    from app.background.workers import patience_s, run_child
    from models.core.errors import Caution, UserError
    from models.core.progress import Progress

    log_to_file()
    # In a child, as the window does it: a library that dies of a broken file takes only that along.
    limit_s = patience_s(arguments.file)
    asked = {"path": str(arguments.file)}
    facts = run_child("models.io.inspect:info_json", asked, Progress(), most_silent_s=limit_s)
    if arguments.layer:
        facts["sublayers"] = [s for s in facts["sublayers"] if arguments.layer in (s["name"], s["sublayer"])]
        if not facts["sublayers"]:
            raise UserError("io.no_sublayer", file=arguments.file.name, name=arguments.layer)
    if arguments.rows > 0:
        first = facts["sublayers"][0] if facts["sublayers"] else {"name": "", "sublayer": ""}
        asked |= {"sublayer": first["sublayer"] or first["name"], "encoding": arguments.encoding}
        try:
            rows = run_child("models.io.preview_table:rows_json", asked, Progress(), most_silent_s=limit_s)
            facts["rows"] = rows | {"rows": rows["rows"][: arguments.rows]}
        except UserError as error:
            if error.code != "io.holds_no_rows":
                raise
            facts["cautions"].append(Caution(error.code, **error.facts).as_dict())
    if arguments.json:
        print_json(facts)
        return
    for name in ("reader", "kind", "schema", "crs", "extent"):
        if facts.get(name):
            is_degrees = name == "extent" and max(map(abs, facts[name])) <= 360
            print(f"{word(f'cli.info.{name}', lang)}  {plain_tree(facts[name], 7 if is_degrees else 3)}")
    for name, value in (facts.get("counts") or {}).items():
        print(f"  {name}  {plain_tree(value)}")
    for sub in facts.get("sublayers") or ():
        geometry, count = sub.get("geometry") or "—", sub.get("count")
        counted = "—" if count is None else f"{count:,}"
        print(f"- {sub.get('name')}  {geometry}  {counted}  {sub.get('crs') or ''}".rstrip())
        if sub.get("fields"):
            print("  " + plain_tree(sub["fields"]))
    if found := facts.get("rows"):
        print_rows([found["fields"], *([value or "—" for value in row] for row in found["rows"])], lang)
    for caution in facts["cautions"]:
        say_caution(Caution.from_dict(caution), lang)


def _doctor(arguments: argparse.Namespace, lang: str) -> int:
    from app.command_line.diagnosis import examine

    findings = examine()
    if arguments.json:
        print_json([finding.as_dict(lang) for finding in findings])
    else:
        for finding in findings:
            sign = {"good": "✓", "caution": "!", "bad": "✗"}[finding.level]
            print(f"{sign} {pad(word(f'doctor.{finding.topic}', lang), 14)} {finding.text(lang)}")
            if cure := finding.cure(lang):
                print(f"  {' ' * 14} → {cure}")
    return CANNOT if any(finding.level == "bad" for finding in findings) else DONE


def _options(arguments: argparse.Namespace) -> dict[str, str]:
    from models.core.errors import UserError
    from models.io.common.column_types import KINDS

    options = {"encoding": arguments.encoding} if arguments.encoding else {}
    types = {}
    for text in arguments.option or ():
        name, sign, value = text.rpartition("=")
        if not sign or not name:
            raise UserError("vector.bad_types", types=text)
        if value in KINDS:
            types[name] = value
        else:
            options[name] = value
    return options | ({"types": json.dumps(types, ensure_ascii=False)} if types else {})

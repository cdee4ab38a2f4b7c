"""``report``: the report of the health check as a Word document, with PDF and workbook."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.command_line.options import add_project, add_trust_and_json

if TYPE_CHECKING:
    from app.session import Session


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument(
        "--out", metavar="report.docx", type=Path, default=Path("report.docx"), help=w("cli.report.out")
    )
    parser.add_argument("--pdf", action="store_true", help=w("cli.report.pdf"))
    parser.add_argument("--xlsx", metavar="report.xlsx", type=Path, help=w("cli.report.xlsx"))
    parser.add_argument("--no-maps", action="store_true", help=w("cli.report.no_maps"))
    parser.add_argument("--compute", action="store_true", help=w("cli.report.compute"))
    parser.add_argument("--templates", metavar="sentences.toml", type=Path, help=w("cli.report.templates"))
    parser.add_argument("--date", metavar="2026-11-30", default="", help=w("cli.report.date"))
    parser.add_argument("--check", metavar="report.docx", type=Path, help=w("cli.report.check"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> int:
    """Write the report; the project file stays as it is."""
    from app.command_line.terminal import session_of, tell_files
    from app.usecases.health import health, lists
    from app.usecases.project import opening
    from app.usecases.report.writing import Wanted, write_report
    from models.report.text.sentences_book import read_templates

    templates = read_templates(arguments.templates) if arguments.templates else ()
    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    if arguments.compute:
        health.compute_indicators(session)
        lists.make_lists(session)
    if arguments.check:
        code = _check(session, arguments, lang)
        session.close()
        return code
    out: Path = arguments.out
    wanted = Wanted(
        out, out.with_suffix(".pdf") if arguments.pdf else None, arguments.xlsx, lang,
        not arguments.no_maps, templates, date=arguments.date,
    )  # fmt: skip
    job = write_report(session, wanted)
    tell_files(session, job.result, lang, as_json=arguments.json)
    session.close()
    return 0


def _check(session: Session, arguments: argparse.Namespace, lang: str) -> int:
    """Hold a report against the project; 1 where a number differs, or another city or year is named."""
    from dataclasses import asdict

    from app.command_line.terminal import print_json, tell
    from app.usecases.report.checking import check_report

    found = check_report(session, arguments.check, lang)
    if arguments.json:
        print_json(asdict(found))
        return int(not found.is_good)
    tell(lang, "cli.report.checked", count=found.count, stray=len(found.stray))
    for one in found.stray[:50]:
        tell(lang, "cli.report.stray", figure=one.figure, shown=one.shown, now=one.now or "—")
    for name in found.foreign[:50]:
        tell(lang, f"cli.report.foreign.{name.kind}", name=name.name, context=name.context)
    return int(not found.is_good)

"""``deck``: the slides of the meeting as a PowerPoint file."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--out", metavar="deck.pptx", type=Path, default=Path("deck.pptx"), help=w("cli.deck.out"))
    parser.add_argument("--stops", metavar="N", type=int, nargs="+", default=[], help=w("cli.deck.stops"))
    parser.add_argument("--no-pictures", action="store_true", help=w("cli.deck.no_pictures"))
    parser.add_argument("--compute", action="store_true", help=w("cli.report.compute"))
    parser.add_argument("--date", metavar="2026-11-30", default="", help=w("cli.deck.date"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> int:
    """Write the slides; the project file stays as it is."""
    from app.command_line.terminal import session_of, tell_files
    from app.usecases.health import health, lists
    from app.usecases.project import opening
    from app.usecases.report.deck import write_deck

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    if arguments.compute:
        health.compute_indicators(session)
        lists.make_lists(session)
    job = write_deck(
        session, arguments.out, lang, with_pictures=not arguments.no_pictures, date=arguments.date,
        numbers=arguments.stops,
    )  # fmt: skip
    tell_files(session, job.result, lang, as_json=arguments.json)
    session.close()
    return 0

"""``levels merge``: what other levels handed out, merged into a project."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    from models.exchange.kinds import POLICIES

    add_project(parser, w)
    parser.add_argument("--from", dest="place", required=True, metavar=w("cli.meta.place"), help=w("cli.levels.from"))
    parser.add_argument("--as", dest="party", default="", metavar="370102", help=w("cli.levels.as"))
    parser.add_argument("--conflicts", choices=POLICIES, default="hand", help=w("cli.levels.conflicts"))
    parser.add_argument("--choices", metavar="conflicts.xlsx", type=Path, help=w("cli.levels.choices"))
    parser.add_argument("--report", metavar="conflicts.xlsx", type=Path, help=w("cli.levels.report"))
    parser.add_argument("--dry-run", action="store_true", help=w("cli.levels.dry_run"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Read, hold against the project, report conflicts, and unless it is a dry run take over and save."""
    from app.command_line.terminal import print_json, print_rows, say_error, say_synthetic, session_of, tell
    from app.usecases.exchange import levels
    from app.usecases.exchange.conflict_report import write_report
    from app.usecases.project import opening
    from models.exchange.merging import facts
    from models.io.exchange.choices import read_choices
    from resources.words import word

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    if arguments.party:
        levels.set_party(session, arguments.party)
    choices = read_choices(arguments.choices) if arguments.choices else {}
    met: list[levels.Meeting] = []
    levels.look(session, arguments.place, met.append)
    meeting = met[0]
    for error in meeting.unread:
        say_error(error, lang)
    taken: list[levels.Taken] = []
    if not arguments.dry_run:
        levels.merge(session, meeting, arguments.conflicts, choices, taken.append)
        opening.save_project(session)
    if arguments.report:
        write_report(session, arguments.report, meeting.conflicts, taken[0].decided if taken else {})
    counts = dict(taken[0].counts) if taken else {}
    if arguments.json:
        print_json(
            {
                "packages": [package.hash for package in meeting.packages], "unread": len(meeting.unread),
                "records": len(meeting.touched), "counts": counts, "dry_run": arguments.dry_run,
                "conflicts": [facts(one) for one in meeting.conflicts],
            }
        )  # fmt: skip
    else:
        say_synthetic(session)
        heads = [word(f"exchange.column.{name}", lang) for name in ("class", "added", "changed", "deleted")]
        rows = [
            [word(f"exchange.class.{kind}", lang), *(one[name] for name in ("added", "changed", "deleted"))]
            for kind, one in counts.items()
        ]
        if rows:
            print_rows([heads, *rows], lang)
        tell(
            lang, "cli.levels.merged", packages=len(meeting.packages), records=len(meeting.touched),
            conflicts=len(meeting.conflicts),
        )  # fmt: skip
    session.close()

"""``levels send``: records handed out to another level."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    from models.exchange.kinds import CLASSES

    add_project(parser, w)
    parser.add_argument("--to", required=True, metavar=w("cli.meta.place"), help=w("cli.levels.to"))
    parser.add_argument("--as", dest="party", default="", metavar="370102", help=w("cli.levels.as"))
    parser.add_argument("--name", default="", help=w("cli.levels.name"))
    parser.add_argument("--class", dest="kinds", action="append", choices=CLASSES, help=w("cli.levels.class"))
    parser.add_argument("--all", action="store_true", help=w("cli.levels.all"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Hand out what changed, and keep in the project that it was."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of, tell
    from app.usecases.exchange import levels
    from app.usecases.project import opening
    from models.io.exchange.rows import head_of
    from resources.words import word

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    if arguments.party:
        levels.set_party(session, arguments.party, arguments.name)
    told: list[levels.HandedOut] = []
    levels.hand_out(session, arguments.to, arguments.kinds or (), whole=arguments.all, done=told.append)
    opening.save_project(session)
    made = told[0]
    if arguments.json:
        counts = {kind: {"records": both[0], "deleted": both[1]} for kind, both in made.counts.items()}
        print_json({**head_of(made.package), "where": arguments.to, "counts": counts})
    else:
        say_synthetic(session)
        heads = [word(f"exchange.column.{name}", lang) for name in ("class", "records", "deleted", "left_out")]
        rows = [
            [word(f"exchange.class.{kind}", lang), count, gone, _left(made, kind)]
            for kind, (count, gone) in made.counts.items()
        ]
        print_rows([heads, *rows], lang)
        tell(lang, "cli.levels.sent", package=made.package.hash[:8])
    session.close()


def _left(made: object, kind: str) -> int:
    left = made.left.get(kind)  # type: ignore[attr-defined]
    return 0 if left is None else left.keyless + left.doubled

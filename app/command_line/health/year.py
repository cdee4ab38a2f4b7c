"""``health year``: keep what the check came to, in the project or as a file; take another year or city in."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--year", type=int, default=0, metavar="2026", help=w("cli.year.year"))
    parser.add_argument("--out", metavar="2026.json", type=Path, help=w("cli.year.out"))
    parser.add_argument("--take", metavar="last_year.json", type=Path, help=w("cli.year.take"))
    parser.add_argument("--compute", action="store_true", help=w("cli.year.compute"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Take another year in, write this one as a file, or close it in the project."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of, tell
    from app.usecases.health import health, years
    from app.usecases.project import opening
    from resources.words import word

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    before = session.project.state
    if arguments.compute:
        health.compute_indicators(session)
    if arguments.take:
        years.take_year(session, arguments.take)
    if arguments.out:
        years.write_year(session, arguments.out, arguments.year)
    elif not arguments.take:
        years.close_year(session, arguments.year)
    if session.project.state != before:
        opening.save_project(session, arguments.project, overwrite=True)
    kept = session.project.state.health.years
    if arguments.json:
        print_json([
            {"year": one.year, "city": one.city, "edition": one.edition, "made_at": one.made_at,
             "indicators": len(one.indicators), "problems": len(one.problems), "source": one.source}
            for one in kept
        ])  # fmt: skip
    else:
        say_synthetic(session)
        heads = [word(f"year.column.{name}", lang) for name in ("year", "city", "made_at", "indicators", "problems")]
        rows = [[one.year, one.title(lang), one.made_at[:10], len(one.indicators), len(one.problems)] for one in kept]
        if rows:
            print_rows([heads, *rows], lang)
        if arguments.out:
            tell(lang, "cli.written", file=arguments.out)
    session.close()

"""``network draft``: a SWMM model from the drains of a project and its terrain, with every assumption listed."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--out", metavar="MODEL.inp", type=Path, required=True, help=w("cli.network.draft.out"))
    parser.add_argument("--rain", metavar="ID|A1,C,b,n", default="", help=w("cli.network.draft.rain"))
    parser.add_argument("--years", metavar="P", type=float, default=3.0, help=w("cli.network.draft.years"))
    parser.add_argument("--minutes", metavar="T", type=float, default=120.0, help=w("cli.network.draft.minutes"))
    parser.add_argument("--peak", metavar="r", type=float, default=0.4, help=w("cli.network.draft.peak"))
    parser.add_argument("--no-run", action="store_true", help=w("cli.network.draft.no_run"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Draft, list what was assumed, and run the draft once."""
    from dataclasses import asdict

    from app.command_line.network.models import facts_of, print_results
    from app.command_line.terminal import print_json, print_rows, session_of, tell
    from app.usecases.network import drafting, simulation
    from app.usecases.project import opening
    from models.network.hydraulics.draft.rain import formula_of
    from models.network.hydraulics.draft.rules import Storm

    session = session_of(arguments, lang)
    storm = Storm(formula_of(arguments.rain), arguments.years, arguments.minutes, arguments.peak)
    opening.open_project(session, arguments.project)
    drafted = drafting.draft(session, storm)
    report = drafting.write(drafted, arguments.out, lang)
    results = None if arguments.no_run else simulation.run(session, arguments.out).result
    if arguments.json:
        rows = [asdict(one) for one in drafted.assumptions]
        print_json({"out": str(arguments.out), "counts": dict(drafted.counts), "assumptions": rows,
                    "run": None if results is None else facts_of(results)})  # fmt: skip
    else:
        tell(lang, "cli.network.drafted", file=arguments.out, **drafted.counts)
        rows_said = [(text, f"{count:,}/{total:,}", value)
                     for text, count, total, value in drafting.assumption_rows(drafted, lang)]  # fmt: skip
        print_rows(rows_said, lang)
        tell(lang, "cli.written", file=report)
        if results is not None:
            print_results(results, lang)
    session.close()

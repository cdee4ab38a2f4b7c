"""``readings info``: what the store beside a project holds."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("project", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.readings_project"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print a line a quantity."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of
    from app.usecases.project import opening
    from app.usecases.readings import overview
    from resources.words import word

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    found = overview.of(session)
    if arguments.json:
        print_json({"synthetic": session.project.state.synthetic, **found.as_dict()})
    else:
        say_synthetic(session)
        if found.quantities:
            heads = [word(f"readings.head.{name}", lang) for name in overview.HEADS]
            print_rows([heads, *(overview.row(one, found.zone, lang) for one in found.quantities)], lang)
        else:
            print(word("readings.none", lang))
    session.close()

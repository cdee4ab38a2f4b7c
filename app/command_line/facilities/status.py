"""``facilities status``: municipal components counted by class and state."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("project", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.project"))
    parser.add_argument("--trust", action="store_true", help=w("cli.option.trust"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print the counts of a project's components."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of
    from app.usecases.facilities import facilities
    from app.usecases.project import opening

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    heads, rows = facilities.counts_table(session)
    if arguments.json:
        dicts = [dict(zip(heads, row, strict=True)) for row in rows]
        print_json({"synthetic": session.project.state.synthetic, "rows": dicts})
    else:
        say_synthetic(session)
        print_rows([heads, *rows], lang)
    session.close()

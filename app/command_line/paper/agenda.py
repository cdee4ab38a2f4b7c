"""``agenda``: the stops of the review session."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--out", metavar="agenda.xlsx", type=Path, help=w("cli.agenda.out"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """List the stops, or write them to a file; the project file stays as it is."""
    from app.command_line.terminal import print_json, session_of
    from app.usecases.project import opening
    from app.usecases.review import agenda

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    if arguments.out:
        agenda.export_agenda(session, arguments.out)
    if arguments.json:
        print_json({"synthetic": session.project.state.synthetic, "stops": agenda.agenda_rows(session)})
    elif not arguments.out:
        print(agenda.agenda_text(session), end="")
    session.close()

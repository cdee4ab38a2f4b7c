"""``facilities status``: municipal components counted, and which changed their state since a day."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from app.command_line.options import add_project, add_trust_and_json

#: As :data:`app.usecases.facilities.facilities.BY`, without what that imports.
BY = ("class", "state", "department", "owner", "maintainer", "district", "layer")


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--by", choices=BY, default="class", help=w("cli.option.by"))
    parser.add_argument("--since", default="", metavar="2026-07-01", help=w("cli.option.since"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print the counts of a project's components."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of
    from app.usecases.facilities import facilities, state_export
    from app.usecases.project import opening

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    heads, rows = facilities.counts_by(session, arguments.by)
    changes = state_export.table(session, arguments.since) if arguments.since else None
    if arguments.json:
        dicts = [dict(zip(heads, row, strict=True)) for row in rows]
        told: dict[str, Any] = {"synthetic": session.project.state.synthetic, "by": arguments.by, "rows": dicts}
        if changes is not None:
            told |= {"since": arguments.since, "changes": changes.to_dict("records")}
        print_json(told)
    else:
        say_synthetic(session)
        print_rows([heads, *rows], lang)
        if changes is not None:
            print()
            columns = [session.word(f"component.column.{name}") for name in changes.columns]
            print_rows(
                [columns, *changes.to_numpy().tolist()] if len(changes) else [[session.word("component.no_history")]],
                lang,
            )
    session.close()

"""``cases list``: the cases of a project, the overdue first."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--state", default="", metavar="filed", help=w("cli.option.case_state"))
    parser.add_argument("--red", action="store_true", help=w("cli.option.case_red"))
    parser.add_argument("--out", metavar=w("cli.meta.out"), type=Path, help=w("cli.option.case_list_out"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print cases, or write them as a workbook."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of, tell
    from app.usecases.cases import listing, papers
    from app.usecases.project import opening
    from models.cases.times import iso_of

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    zone = session.project.state.operations.zone.name
    rows = listing.rows_of(session, states=(arguments.state,) if arguments.state else (), red=arguments.red)
    if arguments.out is not None:
        papers.write_list(session, arguments.out, rows)
    if arguments.json:
        print_json({
            "synthetic": session.project.state.synthetic,
            "cases": [
                {"case": row.number, "state": row.state, "light": row.light, "description": row.description,
                 "department": row.department, "reported_at": iso_of(row.reported_us, zone),
                 "due_at": iso_of(row.due_us, zone), "layer": row.key.layer, "oid": row.key.oid}
                for row in rows
            ],
        })  # fmt: skip
    elif arguments.out is not None:
        tell(lang, "cli.written", file=arguments.out)
    else:
        say_synthetic(session)
        heads = [session.word(f"cases.column.{name}") for name in papers.COLUMNS]
        print_rows([heads, *(papers.cells(session, row) for row in rows)], lang)
    session.close()

"""``network clearance``: clear distances of pipes among themselves and to buildings, against the tables of GB 50289."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    from app.command_line.ifc.check import add_output

    add_project(parser, w)
    parser.add_argument("--kinds", metavar="RQ,TX", default="", help=w("cli.clearance.kinds"))
    parser.add_argument("--rules", metavar="TOML", type=Path, help=w("cli.clearance.rules"))
    parser.add_argument("--pipes-only", action="store_true", help=w("cli.clearance.pipes_only"))
    parser.add_argument("--trust", action="store_true", help=w("cli.option.trust"))
    add_output(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Measure, and print what is too near."""
    from app.command_line.ifc.check import hand_out
    from app.command_line.terminal import session_of
    from app.usecases.network import clearances, graph
    from app.usecases.project import opening
    from models.core.errors import UserError

    session = session_of(arguments, lang)
    opening.open_files(session, [arguments.project])
    kinds = frozenset(kind.strip().upper() for kind in arguments.kinds.split(",") if kind.strip())
    there = graph.pipe_kinds(session)
    if unknown := sorted(kinds - set(there)):
        raise UserError("network.no_kind", kind=", ".join(unknown), there=", ".join(there))
    job = clearances.check_clearances(
        session, kinds=kinds, buildings=not arguments.pipes_only, rules_file=arguments.rules
    )
    hand_out(session, job.result, arguments)

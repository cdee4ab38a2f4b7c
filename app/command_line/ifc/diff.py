"""``ifc diff``: elements added, deleted and changed between two versions of a model."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    from app.command_line.ifc.check import add_output

    parser.add_argument("old", metavar="OLD.ifc", type=Path, help=w("cli.checks.old"))
    parser.add_argument("new", metavar="NEW.ifc", type=Path, help=w("cli.checks.new"))
    parser.add_argument("--tolerance", metavar="M", type=float, default=0.001, help=w("cli.checks.diff_tolerance"))
    add_output(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Compare, and print the differences by kind and class."""
    from app.command_line.ifc.check import hand_out
    from app.command_line.terminal import open_model, session_of
    from app.usecases.checks import checks

    session = session_of(arguments, lang)
    old, _ = open_model(session, arguments.old)
    new, _ = open_model(session, arguments.new)
    job = checks.compare_versions(session, old.id, new.id, tolerance_m=arguments.tolerance)
    hand_out(session, job.result, arguments)

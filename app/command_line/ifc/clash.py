"""``ifc clash``: clashes within a model, between two models, or between a model and underground pipes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    from app.command_line.ifc.check import add_output

    parser.add_argument("first", metavar="A.ifc", type=Path, help=w("cli.checks.first"))
    other = parser.add_mutually_exclusive_group()
    other.add_argument("second", metavar="B.ifc", type=Path, nargs="?", help=w("cli.checks.second"))
    other.add_argument("--pipes", metavar=w("cli.meta.project"), type=Path, help=w("cli.checks.pipes"))
    parser.add_argument("--tolerance", metavar="M", type=float, default=0.01, help=w("cli.checks.tolerance"))
    parser.add_argument("--clearance", metavar="M", type=float, help=w("cli.checks.clearance"))
    parser.add_argument("--same-origin", action="store_true", help=w("cli.checks.same_origin"))
    add_output(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Look for clashes, and print them by pair of classes."""
    from app.command_line.ifc.check import hand_out
    from app.command_line.terminal import open_model, session_of
    from app.usecases.checks import checks
    from app.usecases.crs.unsure_place import stand_together
    from app.usecases.project import opening
    from models.core.errors import UserError

    session = session_of(arguments, lang)
    if arguments.pipes is not None:  # first, so that the model comes into the pipes' coordinate system
        opening.open_files(session, [arguments.pipes])
        pipes = [layer.id for layer in session.project.state.with_role("pipes")]
        if not pipes:
            raise UserError("checks.pipes_missing", file=arguments.pipes.name)
    layer, _ = open_model(session, arguments.first)
    if arguments.pipes is not None:
        other, clearance = pipes[0], arguments.clearance
    else:
        other = open_model(session, arguments.second)[0].id if arguments.second is not None else layer.id
        if arguments.same_origin and other != layer.id:
            stand_together(session, layer.id, other)
        clearance = arguments.clearance or 0.0
    job = checks.check_clashes(session, layer.id, other, tolerance_m=arguments.tolerance, clearance_m=clearance)
    hand_out(session, job.result, arguments)

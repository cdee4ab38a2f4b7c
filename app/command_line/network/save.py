"""``network save``: write a model with what was changed in the layers of a project into another file."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--out", metavar="MODEL.inp", type=Path, required=True, help=w("cli.network.save.out"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Write, and say how many values differ."""
    from app.command_line.network.models import model_of
    from app.command_line.terminal import print_json, session_of, tell
    from app.usecases.network import simulation

    session = session_of(arguments, lang)
    path = model_of(session, arguments.project)
    written = simulation.save_as(session, path, arguments.out)
    if arguments.json:
        print_json({"model": str(path), "out": str(arguments.out), "changed": written.changed})
    else:
        tell(lang, "cli.network.saved", file=arguments.out, count=written.changed)
    session.close()

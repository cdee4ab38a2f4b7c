"""``network save``: write a model with what was changed in the layers of a project into another file."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("project", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.project"))
    parser.add_argument("--out", metavar="MODEL.inp", type=Path, required=True, help=w("cli.network.save.out"))
    parser.add_argument("--trust", action="store_true", help=w("cli.option.trust"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))


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

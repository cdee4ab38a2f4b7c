"""``readings keep``: how long readings stay as they are, and how older ones are thinned."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("project", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.readings_project"))
    parser.add_argument("--days", type=int, required=True, metavar="N", help=w("cli.option.readings_days"))
    parser.add_argument("--step", type=int, default=3600, metavar="S", help=w("cli.option.readings_step"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Thin what is older and say how much that was."""
    from app.command_line.terminal import print_json, session_of, tell
    from app.usecases.project import opening
    from app.usecases.readings.readings import store_of
    from models.core.errors import UserError

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    store = store_of(session)
    if store is None:
        raise UserError("readings.none_yet", file=arguments.project.name)
    thinned = store.keep(arguments.days, arguments.step)
    session.close()
    if arguments.json:
        print_json({"days": arguments.days, "step_s": arguments.step, "thinned": thinned})
    else:
        tell(lang, "cli.readings.kept", days=arguments.days, step=arguments.step, thinned=f"{thinned:,}")

"""``health values``: a workbook in which values of indicators are entered by unit."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--out", metavar="values.xlsx", type=Path, required=True, help=w("cli.option.values_out"))
    parser.add_argument("--dimension", metavar="housing", default="", help=w("cli.option.dimension"))
    parser.add_argument(
        "--indicator", action="append", metavar=w("cli.meta.code"), help=w("cli.option.indicator_again")
    )
    parser.add_argument("--trust", action="store_true", help=w("cli.option.trust"))


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Write the workbook."""
    from app.command_line.terminal import session_of, tell
    from app.usecases.health import entering
    from app.usecases.project import opening

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    entering.write_template(session, arguments.out, arguments.dimension, tuple(arguments.indicator or ()))
    session.close()
    tell(lang, "cli.written", file=arguments.out)

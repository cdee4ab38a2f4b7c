"""``cases import``: a table of another system as cases, its states and codes told and never guessed."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("file", metavar=w("cli.meta.file"), type=Path, help=w("cli.option.case_file"))
    parser.add_argument("--edition", default="", metavar="gbt47678_2026", help=w("cli.option.case_edition"))
    parser.add_argument("--crs", default="", metavar="EPSG:4548", help=w("cli.option.crs"))
    parser.add_argument("--encoding", default="", metavar="gb18030", help=w("cli.option.encoding"))
    parser.add_argument("--out", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.case_out"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Read the table, say what was understood of it, and save the project."""
    from app.command_line.terminal import print_json, print_rows, session_of
    from app.usecases.cases import importing
    from app.usecases.project import opening

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    before = {layer.id for layer in session.project.state.layers}
    options = {"encoding": arguments.encoding} if arguments.encoding else {}
    opening.open_files(session, [arguments.file], arguments.crs, options)
    fresh = [layer.id for layer in session.project.state.layers if layer.id not in before]
    told = importing.take_over(session, fresh, arguments.file.name, arguments.edition)
    opening.save_project(session, arguments.out or arguments.project, overwrite=arguments.out is None)
    session.close()
    if arguments.json:
        print_json(told.as_dict())
    else:
        print_rows([(session.word(f"cases.import.{name}"), value) for name, value in told.as_dict().items()], lang)

"""``cases file``: take a case in."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--what", required=True, metavar=w("cli.meta.text"), help=w("cli.option.case_what"))
    parser.add_argument("--source", default="inspector", metavar="inspector", help=w("cli.option.case_source"))
    parser.add_argument("--source-id", default="", metavar=w("cli.meta.text"), help=w("cli.option.case_source_id"))
    parser.add_argument("--at", default="", metavar="E,N", help=w("cli.option.case_at"))
    parser.add_argument("--address", default="", metavar=w("cli.meta.text"), help=w("cli.option.case_address"))
    parser.add_argument("--class", dest="class_code", default="", metavar="0103", help=w("cli.option.case_class"))
    parser.add_argument("--urgent", action="store_true", help=w("cli.option.case_urgent"))
    parser.add_argument("--out", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.case_out"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """File the case, save the project and print the number."""
    from app.command_line.terminal import print_json, session_of, tell
    from app.usecases.cases import cases
    from app.usecases.project import opening
    from models.cases.draft import CaseDraft
    from models.core.errors import UserError

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    at = None
    if arguments.at:
        try:
            east, north = (float(part) for part in arguments.at.split(","))
        except ValueError:
            raise UserError("cases.bad_place", place=arguments.at) from None
        at = (east, north, 0.0)
    number = cases.file(session, CaseDraft(
        arguments.what, arguments.source, arguments.source_id, at, arguments.address, None, arguments.class_code,
        arguments.urgent,
    ))  # fmt: skip
    opening.save_project(session, arguments.out or arguments.project, overwrite=arguments.out is None)
    session.close()
    if arguments.json:
        print_json({"case": number, "project": str(arguments.out or arguments.project)})
    else:
        tell(lang, "cli.cases.filed", case=number)

"""``health template``: definitions of indicators out to a file and in again, as TOML or as a workbook."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("task", choices=("export", "import"), help=w("cli.option.template_task"))
    parser.add_argument("file", metavar="definitions.xlsx", type=Path, help=w("cli.option.template_file"))
    parser.add_argument(
        "project", metavar=w("cli.meta.project"), type=Path, nargs="?", help=w("cli.option.template_project")
    )
    parser.add_argument("--edition", metavar="2025", default="", help=w("cli.option.edition"))
    parser.add_argument(
        "--indicator", action="append", metavar=w("cli.meta.code"), help=w("cli.option.indicator_of_template")
    )
    parser.add_argument("--document", metavar=w("cli.meta.text"), default="", help=w("cli.option.document"))
    parser.add_argument("--out", metavar="project.gpkg", type=Path, help=w("cli.option.template_out"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Write or take in a file of definitions."""
    from dataclasses import replace

    from app.command_line.terminal import print_json, session_of, tell
    from app.usecases.health import definition_files
    from app.usecases.project import opening
    from models.core.errors import UserError
    from models.health.book import tables_of

    if arguments.task == "import" and arguments.project is None:
        raise UserError("health.template_needs_project", file=arguments.file.name)
    session = session_of(arguments, lang)
    if arguments.project:
        opening.open_project(session, arguments.project)
    if arguments.task == "export":
        health = session.project.state.health
        health = replace(health, edition=arguments.edition) if arguments.edition else health
        definition_files.export_definitions(tables_of(health), arguments.file, lang, tuple(arguments.indicator or ()))
        session.close()
        tell(lang, "cli.written", file=arguments.file)
        return
    taken = definition_files.import_definitions(session, arguments.file, arguments.document)
    opening.save_project(session, arguments.out or arguments.project, overwrite=True)
    session.close()
    if arguments.json:
        print_json({"changed": taken.changed, "added": taken.added, "stars": taken.stars})
    elif taken.stars:
        tell(lang, "cli.health.template_stars", name=taken.stars)
    else:
        tell(lang, "cli.health.template_in", changed=taken.changed, added=taken.added)

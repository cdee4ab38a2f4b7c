"""``health import``: take a filled-in workbook of values into a project."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.command_line.options import add_trust_and_json

if TYPE_CHECKING:
    from models.health.entered.changes import Changes
    from models.health.entered.reading import ValuesRead


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("file", metavar="values.xlsx", type=Path, help=w("cli.option.values_file"))
    parser.add_argument(
        "--project", metavar=w("cli.meta.project"), type=Path, required=True, help=w("cli.option.project")
    )
    parser.add_argument("--out", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.out_project"))
    parser.add_argument("--dry-run", action="store_true", help=w("cli.option.dry_run_values"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Read the workbook, say what it would change, and take it unless told otherwise."""
    from app.command_line.terminal import print_json, session_of, tell
    from app.usecases.health import entering
    from app.usecases.project import opening
    from viewers.texts.health_faults import fault_text

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    got: list[tuple[ValuesRead, Changes]] = []
    entering.read_workbook(session, arguments.file, lambda read, changes: got.append((read, changes)))
    read, changes = got[0]
    if not arguments.dry_run and changes.taken:
        entering.take(session, changes.taken)
        opening.save_project(session, arguments.out or arguments.project, overwrite=arguments.out is None)
    session.close()
    faults = [fault_text(one, lang) for one in read.faults]
    if arguments.json:
        print_json(
            {
                "new": len(changes.new), "changed": len(changes.changed), "same": len(changes.same),
                "taken": 0 if arguments.dry_run else len(changes.taken),
                "faults": [
                    {"code": one.code, "sheet": one.sheet, "place": one.place, "is_error": one.is_error, "text": text}
                    for one, text in zip(read.faults, faults, strict=True)
                ],
            }
        )  # fmt: skip
        return
    for text in faults:
        print(text)
    tell(lang, "cli.health.imported", new=len(changes.new), changed=len(changes.changed), same=len(changes.same),
         faults=len(faults))  # fmt: skip
    if arguments.dry_run:
        tell(lang, "cli.health.nothing_taken")

"""``readings import``: tables, or the layers of readings that a project holds, taken into the store beside it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.usecases.readings.importing import Imported


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("project", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.readings_project"))
    parser.add_argument("files", nargs="*", metavar=w("cli.meta.file"), type=Path, help=w("cli.option.readings_files"))
    parser.add_argument("--mapping", metavar=w("cli.meta.file"), type=Path, help=w("cli.option.readings_mapping"))
    parser.add_argument("--save-mapping", metavar=w("cli.meta.file"), type=Path, help=w("cli.option.save_mapping"))
    parser.add_argument("--zone", metavar="Asia/Shanghai", default="", help=w("cli.option.readings_zone"))
    parser.add_argument("--sheet", metavar=w("cli.meta.sublayer"), default="", help=w("cli.option.readings_sheet"))
    parser.add_argument("--encoding", default="", metavar="gb18030", help=w("cli.option.encoding"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Take the tables in and say what became of them."""
    from app.command_line.terminal import print_json, session_of
    from app.usecases.project import opening
    from app.usecases.readings import importing, mappings
    from models.core.errors import UserError
    from models.timeline.zone import zone

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    told: list[Imported] = []
    if arguments.zone:
        zone(arguments.zone)
    given = mappings.read(arguments.mapping) if arguments.mapping else None
    for path in arguments.files:
        mapping = given or importing.guessed(session, path, sheet=arguments.sheet, encoding=arguments.encoding)
        if arguments.zone:
            mapping = replace(mapping, zone=arguments.zone)
        if arguments.save_mapping is not None:
            mappings.write(mapping, arguments.save_mapping)
        importing.import_file(session, path, mapping, told.append, sheet=arguments.sheet, encoding=arguments.encoding)
    if not arguments.files:
        layers = session.project.state.with_role("readings")
        if not layers:
            raise UserError("readings.nothing_to_import", file=arguments.project.name)
        for layer in layers:
            importing.import_layer(session, layer.id, told.append)
    session.close()
    if arguments.json:
        print_json({"files": [one.as_dict() for one in told]})
        return
    for one in told:
        for line in importing.lines(one, lang):
            print(line)

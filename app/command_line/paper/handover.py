"""``handover``: the city as it is shown, and its lists, as files of other programs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json

#: Of :data:`app.usecases.delivery.handover.FORMATS`, which help names without loading anything.
FORMATS = ("3dtiles", "gltf", "cityjson", "gpkg", "kmz", "csv", "xlsx")


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--out", metavar=w("cli.meta.folder"), type=Path, required=True, help=w("cli.handover.out"))
    known = ",".join(FORMATS)
    parser.add_argument("--formats", metavar="3dtiles,gpkg", default=known,
                        help=f"{w('cli.handover.formats')}: {known}")  # fmt: skip
    parser.add_argument("--indicator", metavar=w("cli.meta.code"), default="", help=w("cli.option.indicator"))
    parser.add_argument("--geoid", metavar="M", type=float, default=None, help=w("cli.handover.geoid"))
    parser.add_argument("--licence", metavar=w("cli.meta.text"), default="", help=w("cli.handover.licence"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Write the folder and say what is in it."""
    from app.command_line.terminal import print_json, session_of
    from app.usecases.delivery import handover
    from app.usecases.health import health
    from app.usecases.project import opening
    from models.views.scene_state import Theme

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    if arguments.indicator:
        health.compute_indicators(session, (arguments.indicator,))
        health.set_theme(session, Theme("indicator", arguments.indicator))
    names = [name.strip() for name in arguments.formats.split(",") if name.strip()]
    handover.hand_over(session, arguments.out, names, geoid_m=arguments.geoid, licence=arguments.licence)
    if arguments.json:
        files = sorted(
            file.relative_to(arguments.out).as_posix() for file in arguments.out.rglob("*") if file.is_file()
        )
        print_json({"synthetic": session.project.state.synthetic, "formats": names, "files": files})
    session.close()

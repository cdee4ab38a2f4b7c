"""``facilities positions``: take the positions of components from points that a receiver measured."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json

#: Columns that are printed, in their order.
SHOWN = ("point", "oid", "matched", "why", "offset_m", "fix", "error_m", "accuracy_class", "epochs", "spread_m")


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("points", metavar=w("cli.meta.file"), type=Path, help=w("cli.option.gnss_points"))
    parser.add_argument("--layer", metavar=w("cli.meta.text"), default="", help=w("cli.option.gnss_layer"))
    parser.add_argument("--crs", metavar="EPSG:4548", default="", help=w("cli.option.crs"))
    parser.add_argument("--antenna", metavar="M", type=float, default=0.0, help=w("cli.option.gnss_antenna"))
    parser.add_argument("--reach", metavar="M", type=float, default=5.0, help=w("cli.option.gnss_reach"))
    parser.add_argument("--heights", action="store_true", help=w("cli.option.gnss_heights"))
    parser.add_argument("--out", metavar=w("cli.meta.out"), type=Path, help=w("cli.option.gnss_out"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print what was measured against what the register holds; with ``--out`` take what is surer and save."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of, tell
    from app.usecases.facilities import facilities, positions
    from app.usecases.layers import layers
    from app.usecases.project import opening
    from models.core.errors import UserError
    from models.core.plain_values import plain
    from models.facilities.positions.fixes import fixes
    from resources.words import word

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    wanted = arguments.layer.strip()
    registers = [one for one in facilities.facility_layers(session) if wanted in ("", one.id, one.name, one.name_en)]
    if not registers:
        raise UserError("facilities.none")
    before = {layer.id for layer in session.project.state.layers}
    opening.open_files(session, [arguments.points], arguments.crs)
    points = next(layer for layer in session.project.state.layers if layer.id not in before)
    found = positions.compare(
        session, points.id, registers[0].id, antenna_m=arguments.antenna, reach_m=arguments.reach
    ).table  # fmt: skip
    taken = 0
    if arguments.out:
        taken = positions.take(
            session, registers[0].id, found[found["better"]], source=arguments.points.name, heights=arguments.heights
        )
        layers.remove_layer(session, points.id)
        opening.save_project(session, arguments.out)
    if arguments.json:
        rows = [{name: plain(row[name]) for name in (*SHOWN, "better")} for row in found.to_dict("records")]
        print_json({"synthetic": session.project.state.synthetic, "taken": taken, "rows": rows})
    else:
        say_synthetic(session)
        kinds = {one.id: one.title(lang) for one in fixes().values()}
        heads = [word(f"gnss.{name}", lang) for name in SHOWN]
        texts = [
            [
                word(f"gnss.{name}.{row[name]}", lang) if name in ("matched", "why") and row[name]
                else kinds.get(row[name], "–") if name == "fix"
                else "–" if row[name] != row[name] or row[name] in ("", -1)
                else f"{row[name]:.3f}" if isinstance(row[name], float)
                else str(row[name])
                for name in SHOWN
            ]
            for row in found.to_dict("records")
        ]  # fmt: skip
        print_rows([heads, *texts], lang)
        if arguments.out:
            tell(lang, "gnss.taken", count=taken)
            tell(lang, "cli.written", file=arguments.out)
    session.close()

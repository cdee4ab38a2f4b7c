"""``export``: write the objects of a layer that satisfy a condition to another format."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


class _Suffixes:
    """The endings that can be written, as text for the help of this verb; only showing it imports the formats."""

    def __str__(self) -> str:
        from models.io.registry import WRITERS

        return " ".join(row.suffix for row in WRITERS)


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("files", nargs="+", metavar=w("cli.meta.file"), type=Path, help=w("cli.option.files"))
    help_ = f"{w('cli.option.export_out')} %(default)s"
    parser.add_argument(
        "--out", metavar=w("cli.meta.out"), type=Path, required=True, default=_Suffixes(), help=help_
    )  # fmt: skip
    parser.add_argument("--layer", default="", metavar=w("cli.meta.layer"), help=w("cli.option.query_layer"))
    parser.add_argument("--where", default="", metavar=w("cli.meta.expression"), help=w("cli.option.query_where"))
    parser.add_argument("--to-crs", default="", metavar="EPSG:4490", help=w("cli.option.export_crs"))
    parser.add_argument("--crs", default="", metavar="EPSG:4548", help=w("cli.option.crs"))


def run(arguments: argparse.Namespace, lang: str) -> int | None:
    """Write the file, and say what it could not hold."""
    from app.command_line.query.query import layer_named
    from app.command_line.terminal import say_synthetic, session_of, tell
    from app.usecases.layers import exporting
    from app.usecases.project import opening
    from app.usecases.query import query

    session = session_of(arguments, lang)
    opening.open_files(session, arguments.files, arguments.crs)
    layer = layer_named(session, arguments.layer)
    oids = query.matched(session, layer.id, arguments.where).oids if arguments.where else None
    exporting.export(session, layer.id, arguments.out, oids, arguments.to_crs)
    say_synthetic(session)
    tell(lang, "cli.export.written", file=str(arguments.out))
    session.close()
    return None

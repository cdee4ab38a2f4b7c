"""``facilities export``: the exchange table of components."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("files", nargs="+", metavar=w("cli.meta.file"), type=Path, help=w("cli.option.files"))
    parser.add_argument("--layer", default="", metavar=w("cli.meta.layer"), help=w("cli.option.facility_layer"))
    parser.add_argument("--out", required=True, metavar=w("cli.meta.out"), type=Path, help=w("cli.option.exchange_out"))
    parser.add_argument("--encoding", choices=("utf-8-sig", "gbk"), default="", help=w("cli.option.exchange_encoding"))
    parser.add_argument("--to-crs", default="", metavar="EPSG:4490", help=w("cli.option.export_crs"))
    parser.add_argument("--crs", default="", metavar="EPSG:4548", help=w("cli.option.crs"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> int | None:
    """Write the table."""
    from app.command_line.facilities.layer import facility_layer
    from app.command_line.terminal import print_json, say_synthetic, session_of, tell
    from app.usecases.facilities.exchange import export_exchange
    from app.usecases.project import opening

    session = session_of(arguments, lang)
    opening.open_files(session, arguments.files, arguments.crs)
    layer = facility_layer(session, arguments.layer)
    export_exchange(session, layer.id, arguments.out, arguments.encoding, arguments.to_crs)
    state = session.project.state
    if arguments.json:
        print_json({"layer": layer.id, "edition": layer.code_edition or None, "file": str(arguments.out),
                    "synthetic": state.synthetic})  # fmt: skip
    else:
        say_synthetic(session)
        tell(lang, "cli.export.written", file=str(arguments.out))
    session.close()
    return None

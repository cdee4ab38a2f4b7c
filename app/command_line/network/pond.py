"""``network pond``: where the water of a kept run stands on the streets, and which roads it closes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--run", metavar=w("cli.network.pond.folder"), type=Path, required=True, dest="results",
                        help=w("cli.network.pond.run"))  # fmt: skip
    parser.add_argument("--out", metavar="ponding.gpkg", type=Path, required=True, help=w("cli.network.pond.out"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Lay the water out, write it, and say how deep and how wide it stands."""
    from app.command_line.terminal import print_json, print_rows, session_of, tell
    from app.usecases.network import ponding
    from app.usecases.project import opening
    from models.network.hydraulics.ponding import depth_classes
    from models.network.hydraulics.results import open_results

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    results = open_results(arguments.results)
    found = ponding.pond(session, results, arguments.out).result
    facts = ponding.facts_of(results, found)
    if arguments.json:
        print_json(facts)
    else:
        tell(lang, "cli.network.pond.facts", flooded=facts["flooded_m3"], left=facts["left_m3"],
             deepest=facts["deepest_m"], outside=len(facts["outside"]))  # fmt: skip
        print_rows(
            [(getattr(one, lang), f"{facts['largest_area_m2'][one.id]:,.0f} m²") for one in depth_classes()], lang
        )
        if len(found.areas):
            tell(lang, "cli.written", file=arguments.out)
    session.close()

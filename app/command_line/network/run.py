"""``network run``: run a model of SWMM or EPANET on a copy, and keep its results where that is asked."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("file", metavar="MODEL.inp", type=Path, help=w("cli.network.run.model"))
    parser.add_argument("--out", metavar=w("cli.meta.out"), type=Path, help=w("cli.network.run.out"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Run, and print what came of it."""
    import shutil

    from app.command_line.network.models import facts_of, model_of, print_results
    from app.command_line.terminal import print_json, print_rows, session_of, tell
    from app.usecases.network import simulation
    from models.network.hydraulics.results import Results
    from models.network.hydraulics.run import EngineRefusedError
    from viewers.texts import simulation_texts as texts

    session = session_of(arguments, lang)
    if arguments.out is not None:
        simulation.require_new(arguments.out)
    path = model_of(session, arguments.file)
    try:
        results: Results = simulation.run(session, path).result
    except EngineRefusedError as error:
        rows = [(texts.severity_text(one.severity, lang), texts.message_text(one, error.dialect, lang))
                for one in error.messages]  # fmt: skip
        print_rows(rows, lang)
        raise
    if arguments.out is not None:
        simulation.keep(results, arguments.out)
        simulation.export_results(results, arguments.out / "results.xlsx", lang)
    if arguments.json:
        print_json(facts_of(results))
    else:
        print_results(results, lang)
        if arguments.out is not None:
            tell(lang, "cli.written", file=arguments.out)
    shutil.rmtree(results.folder, ignore_errors=True)
    session.close()

"""``network check``: what is wrong with a model before it is run. Findings are a result, not a failure: exit code 0."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("file", metavar="MODEL.inp", type=Path, help=w("cli.network.model"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Check, and print what was found."""
    from dataclasses import asdict

    from app.command_line.network.models import require_model
    from app.command_line.terminal import print_json, print_rows, session_of
    from app.usecases.network import simulation
    from viewers.texts import simulation_texts as texts

    session = session_of(arguments, lang)
    issues = simulation.check(session, require_model(arguments.file)).result
    if arguments.json:
        print_json({"file": arguments.file.name, "issues": [asdict(one) for one in issues]})
    elif issues:
        print_rows([(texts.severity_text(one.severity, lang), texts.issue_text(one, lang)) for one in issues], lang)
    else:
        print(session.word("network.check.none"))
    session.close()

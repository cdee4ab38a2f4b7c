"""``alarms rules``: the rules that a project judges by, or those of a file, checked."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--rules", type=Path, default=None, metavar="rules.toml", help=w("cli.option.alarms_rules"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print the rules."""
    import cattrs

    from app.command_line.alarms.tables import rule_rows
    from app.command_line.terminal import print_json, print_rows, session_of
    from app.usecases.alarms import alarms
    from app.usecases.project import opening
    from models.alarms.library import rules_of_file

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    rules = alarms.rules_of(session) if arguments.rules is None else tuple(rules_of_file(arguments.rules))
    changed = frozenset(rule.id for rule in session.project.state.operations.alarm_rules)
    if arguments.json:
        print_json({"rules": [cattrs.unstructure(rule) | {"changed": rule.id in changed} for rule in rules]})
    else:
        print_rows(rule_rows(session, rules, changed), lang)
    session.close()

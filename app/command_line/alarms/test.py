"""``alarms test``: what one rule would have raised (dry run), counted."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.alarms.span import add_span
from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("rule", metavar="cover_tilt", help=w("cli.option.alarms_rule"))
    add_span(parser, w)
    parser.add_argument("--rules", type=Path, default=None, metavar="rules.toml", help=w("cli.option.alarms_rules"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print the counts of a dry run."""
    from app.command_line.alarms.span import span_of
    from app.command_line.alarms.tables import count_rows
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of
    from app.usecases.alarms import alarms
    from app.usecases.project import opening
    from models.alarms.library import rules_of_file
    from models.alarms.records import counts_record
    from models.core.errors import UserError

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    if arguments.rules is None:
        rule = alarms.rule_named(session, arguments.rule)
    else:
        named = {one.id: one for one in rules_of_file(arguments.rules)}
        if arguments.rule not in named:
            raise UserError("alarms.no_rule", rule=arguments.rule)
        rule = named[arguments.rule]
    counts = alarms.dry_run(session, rule, span_of(session, arguments))
    if arguments.json:
        zone = session.project.state.operations.zone.name
        print_json({"synthetic": session.project.state.synthetic, **counts_record(counts, zone)})
    else:
        say_synthetic(session)
        print_rows(count_rows(session, [counts], [rule]), lang)
    session.close()

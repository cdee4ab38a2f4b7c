"""``replay``: what the alarm rules raise on recorded readings."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.alarms.span import add_span
from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    add_span(parser, w)
    parser.add_argument("--rules", type=Path, default=None, metavar="rules.toml", help=w("cli.option.alarms_rules"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print the alarms of a span and the counts of each rule."""
    from app.command_line.alarms.span import span_of
    from app.command_line.alarms.tables import alarm_rows, count_rows
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of
    from app.usecases.alarms import alarms
    from app.usecases.project import opening
    from models.alarms.library import rules_of_file
    from models.alarms.records import replay_record

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    given = None if arguments.rules is None else rules_of_file(arguments.rules)
    found = alarms.replay(session, *span_of(session, arguments), given)
    if arguments.json:
        zone = session.project.state.operations.zone.name
        print_json({"synthetic": session.project.state.synthetic, **replay_record(found, zone)})
    else:
        say_synthetic(session)
        rules = alarms.rules_of(session) if given is None else given
        print_rows(alarm_rows(session, found.alarms, rules), lang)
        print()
        print_rows(count_rows(session, found.counts, rules), lang)
    session.close()

"""``alarms list``: what the log of alarms holds, the active ones or those of a span."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from app.command_line.alarms.span import add_span
from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    add_span(parser, w)
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print alarms."""
    from app.command_line.alarms.span import span_of
    from app.command_line.alarms.tables import alarm_rows
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of
    from app.usecases.alarms import alarms
    from app.usecases.project import opening
    from models.alarms.records import alarm_record

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    if arguments.start or arguments.end:
        found = alarms.alarms_in(session, *span_of(session, arguments))
    else:
        found = alarms.alarms_at(session, None)
    if arguments.json:
        zone = session.project.state.operations.zone.name
        rows = [alarm_record(alarm, zone) for alarm in found]
        print_json({"synthetic": session.project.state.synthetic, "alarms": rows})
    else:
        say_synthetic(session)
        print_rows(alarm_rows(session, found, alarms.rules_of(session)), lang)
    session.close()

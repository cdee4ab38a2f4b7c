"""The span that a verb speaks of: ``--from`` and ``--to``, in the zone of the project where they state none."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.session import Session


def add_span(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Let a verb be told a span of time."""
    parser.add_argument(
        "--from", dest="start", default="", metavar="2025-07-01T00:00", help=w("cli.option.alarms_from")
    )
    parser.add_argument("--to", dest="end", default="", metavar="2025-08-01T00:00", help=w("cli.option.alarms_to"))


def span_of(session: Session, arguments: argparse.Namespace) -> tuple[int, int]:
    """Return the span (µs), that of all readings where nothing is said.

    Raises
    ------
    UserError
        For a time that is none, for a project without readings.
    """
    from app.usecases.alarms.alarms import whole_span
    from models.timeline.zone import us_of_iso

    zone = session.project.state.operations.zone.name
    if arguments.start and arguments.end:
        return us_of_iso(arguments.start, zone), us_of_iso(arguments.end, zone)
    first, last = whole_span(session)
    return (
        us_of_iso(arguments.start, zone) if arguments.start else first,
        us_of_iso(arguments.end, zone) if arguments.end else last,
    )

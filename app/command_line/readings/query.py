"""``readings query``: readings of devices in a span, or the state at a moment, as text or JSON."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("project", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.readings_project"))
    parser.add_argument("--sensor", action="append", metavar=w("cli.meta.code"), help=w("cli.option.readings_sensor"))
    parser.add_argument("--quantity", action="append", metavar="level", help=w("cli.option.readings_quantity"))
    parser.add_argument("--from", dest="start", default="", metavar="2025-07-01", help=w("cli.option.readings_from"))
    parser.add_argument("--to", dest="end", default="", metavar="2025-07-02", help=w("cli.option.readings_to"))
    parser.add_argument("--at", default="", metavar="2025-07-18T19:00", help=w("cli.option.readings_at"))
    parser.add_argument("--most", type=int, default=0, metavar="N", help=w("cli.option.readings_most"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print the readings, channel by channel."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of
    from app.usecases.project import opening
    from app.usecases.readings.readings import store_of
    from models.core.errors import UserError
    from models.readings.quantities import quantity_name
    from models.timeline.zone import iso, us_of_iso
    from resources.words import word

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    store, zone = store_of(session), session.project.state.operations.zone.name
    if store is None:
        raise UserError("readings.none_yet", file=arguments.project.name)
    chosen = {
        one.id: one for one in store.channels()
        if (not arguments.sensor or one.sensor in arguments.sensor)
        and (not arguments.quantity or one.quantity in arguments.quantity)
    }  # fmt: skip
    if not chosen:
        raise UserError("readings.no_such_channel", file=arguments.project.name)
    if arguments.at:
        found = store.state_at(us_of_iso(arguments.at, zone), list(chosen))
    else:
        first, last = store.span() or (0, 0)
        start = us_of_iso(arguments.start, zone) if arguments.start else first
        end = us_of_iso(arguments.end, zone) if arguments.end else last + 1
        found = store.series(list(chosen), start, end, max(arguments.most, 0))
    columns = (found.channel.tolist(), found.time_us.tolist(), found.value.tolist(), found.quality.tolist())
    rows = list(zip(*columns, strict=True))
    if arguments.json:
        fields = ("sensor", "quantity", "unit")
        listed = [
            {
                **{name: getattr(chosen[channel], name) for name in fields},
                "time": iso(moment, zone), "value": value, "quality": _flags(quality),
            }
            for channel, moment, value, quality in rows
        ]  # fmt: skip
        print_json({"synthetic": session.project.state.synthetic, "zone": zone, "readings": listed})
    else:
        say_synthetic(session)
        heads = ("sensor", "quantity", "time", "value", "unit", "flags")
        table = [[word(f"readings.head.{name}", lang) for name in heads]]
        for channel, moment, value, quality in rows:
            one, flags = chosen[channel], [word(f"readings.flag.{flag}", lang) for flag in _flags(quality)]
            name = quantity_name(one.quantity, lang)
            table.append([one.sensor, name, iso(moment, zone), f"{value:.12g}", one.unit, " ".join(flags)])
        print_rows(table, lang) if rows else print(word("readings.none", lang))
    session.close()


def _flags(quality: int) -> list[str]:
    from models.readings.batch import Quality

    return [str(flag.name).lower() for flag in Quality if flag and quality & flag]

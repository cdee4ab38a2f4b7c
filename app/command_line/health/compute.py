"""``health compute``: indicators of the health check from a project's layers, by unit and for the city."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.command_line.health import scheduling
from app.command_line.options import add_project
from models.core.value_text import rounded
from resources.words import word

#: Levels of which values can be listed: by sub-district, by estate, for the city alone.
LEVELS = ("district", "estate", "city")

if TYPE_CHECKING:
    from app.session import Session


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument(
        "--indicator", action="append", metavar=w("cli.meta.code"), help=w("cli.option.indicator_again")
    )
    parser.add_argument("--city-class", metavar="prefecture", default="", help=w("cli.option.city_class"))
    parser.add_argument("--city-size", metavar="large_1", default="", help=w("cli.option.city_size"))
    parser.add_argument(
        "--reading", action="append", metavar="HC25-22=walk", default=[], help=w("cli.option.health_reading")
    )
    parser.add_argument("--level", choices=LEVELS, default=LEVELS[0], help=w("cli.option.health_level"))
    parser.add_argument("--xlsx", metavar="indicators.xlsx", type=Path, help=w("cli.option.health_xlsx"))
    parser.add_argument("--out", metavar=w("cli.meta.out"), type=Path, help=w("cli.option.out_table"))
    parser.add_argument("--trust", action="store_true", help=w("cli.option.trust"))
    scheduling.add(parser, w)
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Compute the indicators and print or write them."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of, tell
    from app.usecases.health import definitions, health
    from app.usecases.project import opening
    from models.core.errors import UserError

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    if arguments.city_class or arguments.city_size:
        health.set_profile(session, health.profile_named(session, arguments.city_class, arguments.city_size))
    definitions.choose_readings(session, arguments.reading)
    codes = tuple(arguments.indicator or health.computed_codes())
    with scheduling.measuring(arguments, session) as over_tiles:
        health.compute_indicators(session, codes, over_tiles)
    told = over_tiles.told if over_tiles is not None else []
    written = [path for path in (arguments.out, arguments.xlsx) if path]
    if arguments.xlsx and arguments.xlsx.suffix.lower() != ".xlsx":
        raise UserError("health.no_workbook", file=arguments.xlsx.name)
    for path in written:
        health.export_indicators(session, path, codes)
    if arguments.json:
        print_json(
            {
                "synthetic": session.project.state.synthetic,
                "rows": health.indicator_rows(session, codes, arguments.level),
            }
            | ({"scheduling": [one.facts() for one in told]} if told else {})
        )
    else:
        say_synthetic(session)
        print_rows(table_of(session, codes, arguments.level), lang)
        for sentence in scheduling.sentences(session, told):
            print(sentence)
        for path in written:
            tell(lang, "cli.written", file=path)
    session.close()


def table_of(session: Session, codes: Sequence[str], level: str = LEVELS[0]) -> list[list[str]]:
    """Return the values of indicators as rows for the terminal, heads first."""
    from app.usecases.health import health
    from viewers.texts.values import indicator_value

    rows = health.indicator_rows(session, codes, level)
    lang = session.lang
    heads = [word(f"cli.table.{name}", lang) for name in ("indicator", "place", "value", "inputs")]
    none = word("value.none", lang)
    table = [heads]
    for row in rows:
        value = indicator_value(row["value"], row["unit"], none)
        parts = (row["numerator"], row["denominator"])
        inputs = none if parts[1] is None else " / ".join(rounded(one, 2) for one in parts)
        table.append([f"{row['indicator']} {row['name']}", str(row["place"]), value, inputs])
    return table

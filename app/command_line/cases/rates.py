"""``cases rates``: the rates of cases, each with its denominator."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json

#: As :data:`models.cases.rates.GROUPS`, without what that imports.
BY = ("all", "district", "month", "class", "department")


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--by", choices=BY, default="all", help=w("cli.option.case_by"))
    parser.add_argument("--from", dest="since", default="", metavar="2025-01", help=w("cli.option.month_from"))
    parser.add_argument("--to", dest="until", default="", metavar="2025-12", help=w("cli.option.month_to"))
    parser.add_argument("--out", metavar=w("cli.meta.out"), type=Path, help=w("cli.option.case_rates_out"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print the rates and what is counted beside them."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of, tell
    from app.usecases.cases import papers, rates
    from app.usecases.project import opening
    from models.cases.rates import tallied
    from models.cases.times import iso_of

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    book = rates.book_of(session)
    found = rates.rates(session, arguments.by, book, arguments.since, arguments.until)
    counted = tallied(book.measures, rates.in_months(book, arguments.since, arguments.until))
    if arguments.out is not None:
        papers.write_rates(session, arguments.out, found, counted, arguments.by)
    if arguments.json:
        print_json({
            "synthetic": session.project.state.synthetic, "by": arguments.by,
            "as_of": iso_of(book.as_of_us, session.project.state.operations.zone.name),
            "without_zone": book.measures.without_zone, "counts": counted,
            "rates": [
                {"rate": one.rate.id, "group": one.group, "value": one.value, "numerator": one.numerator,
                 "numerator_of": one.rate.numerator, "denominator": one.denominator if one.rate.denominator else None,
                 "denominator_of": one.rate.denominator or None, "unknown": one.unknown, "why": one.why,
                 "source": one.rate.source, "certainty": one.rate.certainty}
                for one in found
            ],
        })  # fmt: skip
    elif arguments.out is not None:
        tell(lang, "cli.written", file=arguments.out)
    else:
        say_synthetic(session)
        print_rows([papers.rate_heads(session), *papers.rate_rows(session, found, arguments.by)], lang)
        print()
        print_rows(papers.tally_rows(session, counted), lang)
    session.close()

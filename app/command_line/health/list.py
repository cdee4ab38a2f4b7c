"""``health list``: of every indicator, whether it is computed, entered, imported or missing, and why."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable

from app.command_line.options import add_project, add_trust_and_json
from resources.words import word


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--dimension", metavar="housing", default="", help=w("cli.option.dimension"))
    parser.add_argument("--compute", action="store_true", help=w("cli.option.compute_first"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print how every indicator is answered."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of, tell
    from app.usecases.health import answering, health
    from app.usecases.project import opening
    from models.core.errors import UserError
    from models.health.book import book_of
    from viewers.texts.values import indicator_value

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    book = book_of(session.project.state.health)
    if arguments.dimension and arguments.dimension not in book.dimensions:
        raise UserError("health.no_dimension", name=arguments.dimension, known=", ".join(book.dimensions))
    if arguments.compute:
        health.compute_indicators(session)
    rows = [row for row in answering.answer_rows(session) if arguments.dimension in ("", row["dimension"])]
    counts = Counter(str(row["state"]) for row in rows)
    if arguments.json:
        print_json({"synthetic": session.project.state.synthetic, "edition": book.id, "counts": counts, "rows": rows})
        session.close()
        return
    say_synthetic(session)
    none = word("value.none", lang)
    table = [[word(f"cli.table.{name}", lang) for name in ("indicator", "state", "value", "why")]]
    for row in rows:
        value = indicator_value(row["value"], row["unit"], none)
        state = word(f"health.answer.{row['state']}", lang)
        table.append([f"{row['indicator']} {row['name']}", state, value, row["why"]])
    print_rows(table, lang)
    told = [f"{word(f'health.answer.{name}', lang)} {count}" for name, count in counts.items()]
    tell(lang, "cli.health.counts", counts=word("sheet.comma", lang).join(told))
    session.close()

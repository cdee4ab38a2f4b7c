"""``health patterns``: density, hot spots, what comes together, where renewal should begin."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.command_line.options import add_project, add_trust_and_json

if TYPE_CHECKING:
    from app.session import Session
    from models.health.patterns.analysis import Patterns

#: So many rows of each table are printed; a workbook and JSON have all.
SHOWN = 10


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--indicator", default="", metavar=w("cli.meta.code"), help=w("cli.patterns.indicator"))
    parser.add_argument(
        "--measure", default="count", choices=("count", "rate"), metavar="rate", help=w("cli.patterns.measure")
    )
    parser.add_argument("--bandwidth", type=float, default=0.0, metavar="300", help=w("cli.patterns.bandwidth"))
    parser.add_argument("--cell", type=float, default=0.0, metavar="200", help=w("cli.patterns.cell"))
    parser.add_argument("--weight", action="append", default=[], metavar="density=0.4", help=w("cli.patterns.weight"))
    parser.add_argument("--xlsx", metavar="patterns.xlsx", type=Path, help=w("cli.patterns.xlsx"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Work patterns out and print them; the project file stays as it is."""
    from app.command_line.terminal import print_json, session_of
    from app.usecases.health import patterns
    from app.usecases.project import opening
    from viewers.texts.pattern_texts import document_of

    wanted = patterns.wanted_of(arguments.indicator, arguments.measure, arguments.bandwidth, arguments.cell)
    weights = [patterns.weight_named(text) for text in arguments.weight]
    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    for component, weight in weights:
        patterns.set_weight(session, component, weight)
    got: list[Patterns] = []
    patterns.analyse(session, wanted, got.append)
    (found,) = got
    if arguments.xlsx:
        patterns.export(session, found, arguments.xlsx)
    if arguments.json:
        print_json(document_of(found, session.project.state, lang))
    else:
        _print(session, found)
    session.close()


def _print(session: Session, found: Patterns) -> None:
    from app.command_line.terminal import print_rows, say_synthetic
    from viewers.documents.pattern_sheets import pattern_sheets
    from viewers.texts.values import no_data

    say_synthetic(session)
    lang = session.lang
    for sheet in pattern_sheets(found, session.project.state, lang):
        print(f"\n{sheet.title}\n{sheet.about}")
        rows = [[_cell(one, no_data(lang)) for one in row] for row in sheet.rows[:SHOWN]]
        print_rows([list(sheet.heads), *rows], lang)
        if len(sheet.rows) > SHOWN:
            print(session.word("cli.patterns.more", count=len(sheet.rows) - SHOWN))


def _cell(value: object, none: str) -> str:
    if value is None:
        return none
    if not isinstance(value, float):
        return str(value)
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"

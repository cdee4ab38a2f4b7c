"""``levels sum``: figures of many parties by division of a level."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    from models.exchange.divisions import LEVELS

    parser.add_argument("place", metavar=w("cli.meta.place"), help=w("cli.levels.from"))
    parser.add_argument("--level", choices=LEVELS, required=True, help=w("cli.levels.level"))
    parser.add_argument("--xlsx", metavar="levels.xlsx", type=Path, help=w("cli.levels.xlsx"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Add up and print, or write, the sums."""
    from app.command_line.terminal import print_json, print_rows, tell
    from app.usecases.exchange.levels import rolled_up
    from resources.words import word
    from viewers.documents.level_sums import sums_as_sheets

    found = rolled_up(arguments.place, arguments.level)
    sheets = sums_as_sheets(found, lang)
    if arguments.xlsx:
        from viewers.documents.plain_sheets import write_sheets

        write_sheets(arguments.xlsx, sheets)
    if arguments.json:
        print_json(found.as_dict())
        return
    for sheet in sheets:
        print(f"\n{sheet.title}" if sheet is not sheets[0] else sheet.title)
        print_rows(
            [list(sheet.heads), *[["–" if cell is None else cell for cell in row] for row in sheet.rows]]
            if sheet.rows else [[word("exchange.none", lang)]], lang,
        )  # fmt: skip
    if found.conflicts:
        tell(lang, "exchange.sum.conflicts", count=found.conflicts)
    if arguments.xlsx:
        tell(lang, "cli.written", file=arguments.xlsx)

"""``health diff``: two years, or two cities, held against each other."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_trust_and_json
from resources.words import word


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("before", metavar="last_year.json", type=Path, help=w("cli.year.before"))
    parser.add_argument("now", metavar=w("cli.meta.project"), type=Path, help=w("cli.year.now"))
    parser.add_argument("--xlsx", metavar="year_on_year.xlsx", type=Path, help=w("cli.year.xlsx"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Read both, and print or write what became of the one in the other."""
    from app.command_line.terminal import print_json, print_rows, session_of, tell
    from app.usecases.health import years
    from models.core.errors import UserError
    from viewers.texts import year_texts

    if arguments.xlsx and arguments.xlsx.suffix.lower() != ".xlsx":
        raise UserError("health.no_workbook", file=arguments.xlsx.name)
    session = session_of(arguments, lang)
    found = years.compare_files(session, arguments.before, arguments.now)
    if arguments.xlsx:
        years.export_comparison(session, found, arguments.xlsx)
    session.close()
    if arguments.json:
        print_json(years.comparison_facts(found))
        return
    if found.before.synthetic or found.now.synthetic:
        print(word("sheet.synthetic", lang))
    heads = [word(f"year.column.{name}", lang) for name in ("indicator", "before", "now", "change", "verdict", "note")]
    rows = [
        [
            f"{one.code} {one.title(lang)}",
            year_texts.value_text(one.city.before, unit, lang),
            year_texts.value_text(one.city.now, unit, lang),
            year_texts.change_text(one.city.change, unit),
            year_texts.verdict_text(one.city, lang),
            year_texts.note_text(one, lang),
        ]
        for one in found.indicators
        for unit in (year_texts.unit_of(one, lang),)
    ]  # fmt: skip
    print_rows([heads, *rows], lang)
    print(year_texts.summary_text(found, lang))
    if found.is_other_city:
        tell(lang, "year.other_city")
    else:
        print(year_texts.fates_text(found, lang))
        if text := year_texts.rectified_text(found, lang):
            print(text)
    changed = [one for one in found.layers if one.state != "same"]
    if changed:
        heads = [word(f"year.column.{name}", lang) for name in ("layer", "what", "fields")]
        print_rows(
            [heads, *([one.layer.title(lang), year_texts.layer_text(one, lang), year_texts.fields_text(one, lang)]
                      for one in changed)], lang,
        )  # fmt: skip
    if arguments.xlsx:
        tell(lang, "cli.written", file=arguments.xlsx)

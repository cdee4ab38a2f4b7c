"""``cases citizens``: messages of citizens (12345) classed, placed, grouped and held against cases."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("file", metavar=w("cli.meta.file"), type=Path, help=w("cli.citizens.file"))
    parser.add_argument("--set", dest="rule_set", default="matters", metavar="topics", help=w("cli.citizens.set"))
    parser.add_argument("--rules", metavar="rules.toml", type=Path, help=w("cli.citizens.rules"))
    parser.add_argument("--personal", action="store_true", help=w("cli.citizens.personal"))
    parser.add_argument("--out", metavar=w("cli.meta.project"), type=Path, help=w("cli.citizens.out"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Read the messages and print what they come to; the project is written only where it is asked for."""
    from app.command_line.terminal import print_json, print_rows, session_of, tell
    from app.usecases.cases import citizens
    from app.usecases.project import opening
    from models.cases.citizens.rules import message_rules, rules_of_file
    from resources.words import word

    name = arguments.rule_set
    rules = rules_of_file(arguments.rules, name) if arguments.rules else message_rules(name)
    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    told: list[citizens.Citizens] = []
    citizens.bring_in(session, arguments.file, rules, personal=arguments.personal, done=told.append)
    if arguments.out:
        opening.save_project(session, arguments.out)
    session.close()
    found = told[0]
    if arguments.json:
        print_json(
            {
                "messages": found.count, "classes": found.classes, "placed": found.placed,
                "unplaced_share": found.unplaced_share, "districts": found.districts, "months": found.months,
                "matters": found.matters, "cases": found.cases, "times_without_zone": found.bare_times,
                "measured": [
                    {"class": one.name, "precision": one.precision, "recall": one.recall, "given": one.given}
                    for one in found.measured
                ],
            }
        )  # fmt: skip
        return

    def title(one: str) -> str:
        row = rules.row(one)
        return row.title(lang) if row is not None else word("citizens.no_class", lang)

    rows: list[list[object]] = [[word("citizens.column.class", lang), word("citizens.column.count", lang)]]
    rows += [[title(name), count] for name, count in sorted(found.classes.items(), key=lambda one: -one[1])]
    print_rows(rows, lang)
    if found.measured:
        heads = [word(f"citizens.column.{one}", lang) for one in ("class", "precision", "recall", "given")]
        shares = [[title(one.name), _percent(one.precision), _percent(one.recall), one.given] for one in found.measured]
        print_rows([heads, *shares], lang)
    tell(
        lang, "cli.citizens.told", count=found.count, unplaced=found.placed.get("", 0),
        share=_percent(found.unplaced_share), matters=found.matters, spoken=sum(found.cases.values()),
        cases=len(found.cases),
    )  # fmt: skip
    if found.bare_times:
        tell(lang, "cli.citizens.times", count=found.bare_times)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"

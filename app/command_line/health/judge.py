"""``health judge``: grades that are proposed, grades that persons decided, and grades put together."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from app.command_line.options import add_project, add_trust_and_json
from resources.words import word

if TYPE_CHECKING:
    from app.session import Session

_TRIED = ("indicator", "limit", "limit_other", "proposed", "other")


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument(
        "--indicator", action="append", metavar=w("cli.meta.code"), help=w("cli.option.indicator_again")
    )
    parser.add_argument("--decide", action="append", default=[], metavar="HC25-25=good", help=w("cli.judge.decide"))
    parser.add_argument("--decide-all", action="append", default=[], metavar="housing=medium", help=w("cli.judge.all"))
    parser.add_argument("--figure", action="append", default=[], metavar="HC25-25:peer=85", help=w("cli.judge.figure"))
    parser.add_argument("--name", default="", metavar=w("cli.meta.name"), help=w("cli.judge.name"))
    parser.add_argument("--rule", action="append", default=[], metavar="clear_margin=0.1", help=w("cli.judge.rule"))
    parser.add_argument("--limit", action="append", default=[], metavar="HC25-25=90", help=w("cli.judge.limit"))
    parser.add_argument("--by", default="", metavar=w("cli.meta.name"), help=w("cli.judge.by"))
    parser.add_argument("--why", default="", metavar=w("cli.meta.text"), help=w("cli.judge.why"))
    parser.add_argument("--source", default="", metavar=w("cli.meta.text"), help=w("cli.judge.source"))
    parser.add_argument("--compute", action="store_true", help=w("cli.judge.compute"))
    parser.add_argument("--decided-only", action="store_true", help=w("cli.judge.decided_only"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Keep what is decided, and print what stands."""
    from app.command_line.terminal import print_json, say_synthetic, session_of, tell
    from app.usecases.health import health, judging
    from app.usecases.project import opening

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    before = session.project.state
    if arguments.compute:
        health.compute_indicators(session)
    _keep(session, arguments)
    if session.project.state != before:
        opening.save_project(session, arguments.project, overwrite=True)
    limits = {code: _number(value) for code, value in _pairs(arguments.limit)}
    tried = judging.under_limits(session, limits)
    rows = judging.judging_rows(session, arguments.indicator or ())
    rolled = judging.roll_ups(session, with_proposals=not arguments.decided_only)
    if arguments.json:
        print_json(
            {
                "synthetic": session.project.state.synthetic,
                "rows": rows,
                "in_all": [asdict(one) for one in rolled],
                "under_limits": [asdict(one) | {"is_other": one.is_other} for one in tried],
            }
        )
    else:
        say_synthetic(session)
        _print(session, rows, rolled, tried)
        tell(lang, "judging.own_rule")
    session.close()


def _keep(session: Session, arguments: argparse.Namespace) -> None:
    from app.usecases.health import judging
    from viewers.texts import judging_texts

    for name, value in _pairs(arguments.rule):
        judging.set_rule(session, name, judging_texts.grade_of(value) or value, arguments.by, arguments.source)
    for name, value in _pairs(arguments.figure):
        code, _, kind = name.partition(":")
        judging.enter_figure(session, code, kind, _number(value), arguments.name, arguments.source, arguments.by)
    for code, grade in _pairs(arguments.decide):
        judging.decide(session, code, judging_texts.grade_of(grade) or grade, arguments.by, arguments.why)
    for scope, grade in _pairs(arguments.decide_all):
        judging.decide_all(session, scope, judging_texts.overall_of(grade) or grade, arguments.by, arguments.why)


def _pairs(given: list[str]) -> list[tuple[str, str]]:
    from models.core.errors import UserError

    pairs = []
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UserError("health.judging.no_pair", text=text)
        pairs.append((name.strip(), value.strip()))
    return pairs


def _number(text: str) -> float:
    from models.core.errors import UserError

    try:
        return float(text)
    except ValueError:
        raise UserError("health.judging.no_pair", text=text) from None


def _print(session: Session, rows: list[dict[str, Any]], rolled: Any, tried: Any) -> None:
    from app.command_line.terminal import print_rows
    from viewers.texts import judging_texts
    from viewers.texts.values import indicator_value

    lang, none = session.lang, word("value.none", session.lang)
    heads = [
        word(f"judging.column.{name}", lang) for name in ("indicator", "value", "proposed", "why", "decided", "by")
    ]
    table = [heads]
    for row in rows:
        decided = judging_texts.grade_text(row["decided"], lang) or none
        older = word("judging.older", lang) if row["stands_on_older"] else ""
        table.append(
            [
                f"{row['indicator']} {row['name']}",
                indicator_value(row["value"], row["unit"], none),
                judging_texts.grade_text(row["proposed"], lang) or none,
                judging_texts.short_reason(row, lang),
                f"{decided} {older}".strip(),
                row["by"],
            ]
        )
    print_rows(table, lang)
    scopes = session.project.state.health
    print_rows(
        [
            [word(f"judging.column.{name}", lang) for name in ("scope", "overall", "counts")],
            *(
                [
                    judging_texts.scope_text(one.scope, scopes, lang),
                    judging_texts.overall_text(one, lang),
                    judging_texts.counts_text(one, lang),
                ]
                for one in rolled
            ),
        ],
        lang,
    )
    if tried:
        print_rows(
            [
                [word(f"judging.column.{name}", lang) for name in _TRIED],
                *(
                    [
                        one.code, f"{one.limit_before:g}", f"{one.limit_after:g}",
                        judging_texts.grade_text(one.before.grade, lang) or none,
                        judging_texts.grade_text(one.after.grade, lang) or none,
                    ]
                    for one in tried
                ),
            ],
            lang,
        )  # fmt: skip

"""``trends find``: what repeats and what drifts in readings and cases, with test, n, p and q."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.trends.finding import Finding


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("project", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.readings_project"))
    parser.add_argument("--all", action="store_true", help=w("cli.option.trends_all"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print the findings, the surest first."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of, tell
    from app.usecases.project import opening
    from app.usecases.trends import trends
    from resources.words import word

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    told: list[Finding] = []
    trends.find(session, told.extend)
    shown = told if arguments.all else [one for one in told if one.holds]
    if arguments.json:
        print_json({"synthetic": session.project.state.synthetic, "tests": sum(not one.refused for one in told),
                    "findings": [one.as_dict() for one in shown]})  # fmt: skip
    else:
        say_synthetic(session)
        made, refused = sum(not one.refused for one in told), sum(bool(one.refused) for one in told)
        tell(lang, "cli.trends.tests", tests=made, holds=sum(one.holds for one in told), refused=refused)
        heads = [word(f"trends.head.{name}", lang) for name in ("finding", "test", "n", "p", "q")]
        rows = [
            [
                trends.sentence(one, lang),
                one.test,
                str(one.n),
                *("—" if one.refused else f"{v:.2g}" for v in (one.p, one.q)),
            ]
            for one in shown
        ]
        if rows:
            print_rows([heads, *rows], lang)
    session.close()

"""``cases move``: do a step of a case, or print what can be done."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("case", metavar=w("cli.meta.case"), help=w("cli.option.case"))
    parser.add_argument("--to", dest="move", default="", metavar="accept", help=w("cli.option.case_move"))
    parser.add_argument("--note", default="", metavar=w("cli.meta.text"), help=w("cli.option.case_note"))
    parser.add_argument("--reason", default="", metavar=w("cli.meta.text"), help=w("cli.option.case_reason"))
    parser.add_argument("--department", default="", metavar=w("cli.meta.text"), help=w("cli.option.case_department"))
    parser.add_argument("--due", default="", metavar="2026-07-01T18:00+08:00", help=w("cli.option.case_due"))
    parser.add_argument("--rating", default="", choices=("good", "bad"), help=w("cli.option.case_rating"))
    parser.add_argument("--who", default="", metavar=w("cli.meta.text"), help=w("cli.option.case_who"))
    parser.add_argument("--out", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.case_out"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Do the step and save; without one, print the case."""
    from app.command_line.terminal import print_json, print_rows, session_of
    from app.usecases.cases import cases, papers
    from app.usecases.project import opening
    from models.cases.times import iso_of, us_of
    from models.core.errors import UserError

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    zone = session.project.state.operations.zone.name
    due = us_of(arguments.due, zone) if arguments.due else 0
    if due is None:
        raise UserError("cases.bad_time", time=arguments.due)
    if arguments.move:
        cases.move(
            session, arguments.case, arguments.move, note=arguments.note, reason=arguments.reason,
            department=arguments.department, due_us=due, rating=arguments.rating, who=arguments.who,
        )  # fmt: skip
        opening.save_project(session, arguments.out or arguments.project, overwrite=arguments.out is None)
    case = cases.case_of(session, arguments.case)
    if arguments.json:
        print_json({
            "case": case.now.number, "state": case.now.state, "owner": case.now.owner,
            "department": case.now.department, "due_at": iso_of(case.now.due_us, zone),
            "due_unknown": case.now.due_unknown, "next": [one.id for one in case.moves],
            "steps": [{"move": one.move, "time": iso_of(one.time_us, zone), "state": one.state, "who": one.who,
                       "department": one.department, "note": one.note, "reason": one.reason} for one in case.steps],
        })  # fmt: skip
    else:
        print_rows(papers.facts(session, case), lang)
        print()
        print_rows([(one.id, one.title(lang)) for one in case.moves], lang)
    session.close()

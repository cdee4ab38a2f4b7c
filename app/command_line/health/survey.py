"""``health survey import|quota|satisfaction``: the residents' questionnaire."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.command_line.options import add_project, add_trust_and_json

if TYPE_CHECKING:
    from app.session import Session
    from models.health.questionnaire.reading import SurveyMapping, SurveyRead

ACTIONS = ("import", "quota", "satisfaction")


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("action", choices=ACTIONS, metavar="quota", help=w("cli.survey.action"))
    add_project(parser, w)
    parser.add_argument("--file", metavar="answers.xlsx", type=Path, help=w("cli.survey.file"))
    parser.add_argument("--map", action="append", default=[], metavar="age=Age", help=w("cli.survey.map"))
    parser.add_argument("--scale", default="auto", metavar="1-5", help=w("cli.survey.scale"))
    parser.add_argument("--encoding", default="", metavar="gb18030", help=w("cli.option.encoding"))
    parser.add_argument("--unit", default="", metavar=w("cli.meta.code"), help=w("cli.survey.unit"))
    parser.add_argument("--question", default="", metavar="Q-C1", help=w("cli.survey.question"))
    parser.add_argument("--weighted", action="store_true", help=w("cli.survey.weighted"))
    parser.add_argument("--out", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.out_project"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Take answers in, or say what they come to."""
    from app.command_line.terminal import session_of
    from app.usecases.project import opening

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    {"import": _import, "quota": _quota, "satisfaction": _satisfaction}[arguments.action](session, arguments)
    session.close()


def _import(session: Session, arguments: argparse.Namespace) -> None:
    from app.command_line.terminal import print_json, tell
    from app.usecases.health import survey
    from app.usecases.project import opening
    from models.core.errors import UserError

    if arguments.file is None:
        raise UserError("survey.no_file")
    raws: list[Any] = []
    survey.columns_of(session, arguments.file, raws.append, arguments.encoding)
    got: list[SurveyRead] = []
    survey.read(session, raws[0], _mapping(arguments, [str(one) for one in raws[0].columns]), got.append)
    (found,) = got
    survey.take(session, found, arguments.file.name)
    out = arguments.out or arguments.project
    opening.save_project(session, out, overwrite=arguments.out is None)
    report = {
        "rows": found.rows, "kept": len(found.table), "duplicates": found.duplicates, "too_young": found.too_young,
        "too_short": found.too_short, "scale": found.scale, "columns": dict(found.mapping.columns),
        "unread": dict(found.unread), "personal": list(found.personal), "unused": list(found.unused),
        "unknown_places": list(found.unknown_places),
    }  # fmt: skip
    if arguments.json:
        print_json(report)
        return
    from viewers.texts.survey_texts import read_lines

    for line in read_lines(found, session.lang):
        print(line)
    tell(session.lang, "cli.written", file=out)


def _mapping(arguments: argparse.Namespace, columns: list[str]) -> SurveyMapping:
    """Return the guessed mapping with what the person says."""
    from models.core.errors import UserError
    from models.health.questionnaire.questions import questionnaire
    from models.health.questionnaire.reading import MAPPED, SCALES, guessed

    if arguments.scale != "auto" and arguments.scale not in SCALES:
        raise UserError("survey.no_scale", scale=arguments.scale, known=", ".join(("auto", *SCALES)))
    said = guessed(columns)
    found = dict(said.columns)
    for one in arguments.map:
        name, equals, column = one.partition("=")
        if not equals or name not in (*MAPPED, *questionnaire().questions):
            raise UserError("survey.bad_map", text=one, known=", ".join(MAPPED))
        found = {field: other for field, other in found.items() if other != column and field != name}
        if column:
            found[name] = column
    return replace(said, columns=found, scale=arguments.scale)


def _quota(session: Session, arguments: argparse.Namespace) -> None:
    from app.command_line.terminal import print_json, print_rows, say_synthetic
    from app.usecases.health import survey
    from models.core.errors import UserError
    from viewers.texts.survey_texts import quota_cells

    rows = survey.quota_rows(session)
    if not rows:
        raise UserError("survey.none")
    if arguments.json:
        print_json({"synthetic": session.project.state.synthetic, "quotas": [asdict(one) for one in rows]})
        return
    say_synthetic(session)
    heads = [session.word(f"survey.head.{name}") for name in ("quota", "found", "wanted", "state", "missing")]
    print_rows([heads, *(list(quota_cells(one, session.lang)) for one in rows)], session.lang)


def _satisfaction(session: Session, arguments: argparse.Namespace) -> None:
    from app.command_line.terminal import print_json, print_rows, say_synthetic
    from app.usecases.health import survey
    from models.core.errors import UserError
    from models.health.questionnaire.questions import questionnaire
    from viewers.texts.survey_texts import satisfaction_cells

    book, places = questionnaire(), survey.places_of(session)
    if arguments.question and arguments.question not in book.questions:
        raise UserError("survey.no_question", question=arguments.question, known="Q-H1 … Q-U20")
    found = survey.felt(session, arguments.unit, arguments.question, weighted=arguments.weighted)
    if found is None:
        raise UserError("survey.none")
    if arguments.json:
        print_json({
            "synthetic": session.project.state.synthetic, "answers": found.answers, "weighted": arguments.weighted,
            "questions": {name: asdict(one) for name, one in found.questions.items()},
            "units": {name: asdict(one) for name, one in found.units.items()},
        })  # fmt: skip
        return
    say_synthetic(session)
    heads = [session.word(f"survey.head.{name}") for name in ("subject", "value", "interval", "answers")]
    lang = session.lang
    if not arguments.question:
        cells = [[f"{name} {book.questions[name].title(lang)}", *satisfaction_cells(one, lang)]
                 for name, one in found.questions.items()]  # fmt: skip
        print_rows([heads, *cells], lang)
    if not arguments.unit:
        cells = [[places.title(name, lang), *satisfaction_cells(one, lang)] for name, one in found.units.items()]
        print_rows([heads, *cells], lang)

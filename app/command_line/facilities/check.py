"""``facilities check``: the quality gate. Failures are a result, not an error: exit code 0."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.command_line.options import add_trust_and_json

if TYPE_CHECKING:
    from app.session import Session
    from models.facilities.quality.kept import Gate

#: Failures of a rule that are printed; all of them are in ``--json`` and ``--out``.
LISTED = 5


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("project", metavar=w("cli.meta.project"), type=Path, nargs="+", help=w("cli.gate.files"))
    parser.add_argument("--rules", metavar="TOML", type=Path, help=w("cli.gate.rules"))
    parser.add_argument("--layer", metavar=w("cli.meta.layer"), action="append", default=[], help=w("cli.gate.layer"))
    parser.add_argument("--role", metavar=w("cli.meta.role"), action="append", default=[], help=w("cli.gate.role"))
    parser.add_argument("--edition", metavar="ID", default="", help=w("cli.gate.edition"))
    parser.add_argument("--out", metavar=w("cli.meta.out"), type=Path, help=w("cli.gate.out"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Judge, and print what fails."""
    from app.command_line.terminal import print_json, session_of, tell
    from app.usecases.facilities import quality_gate
    from app.usecases.project import opening
    from models.core.errors import UserError
    from models.facilities.quality.rules import read_book

    book = None if arguments.rules is None else read_book(arguments.rules)
    session = session_of(arguments, lang)
    opening.open_files(session, arguments.project)
    _say_what_files_are(session, arguments)
    wanted = [_layer_named(session, name) for name in arguments.layer]
    if arguments.out is not None and arguments.out.suffix.lower() not in (".xlsx", ".gpkg", ".bcfzip", ".bcf", ".json"):
        raise UserError("gate.bad_suffix", file=arguments.out.name)
    gate = quality_gate.run_gate(session, None, wanted, book).result
    if arguments.out is not None:
        quality_gate.export(session, gate, arguments.out)
    if arguments.json:
        report = quality_gate.report_of(session, gate)
        print_json(report.as_dict() | {"synthetic": session.project.state.synthetic})
    else:
        _print(session, gate)
        if arguments.out is not None:
            tell(session.lang, "cli.written", file=arguments.out)
    session.close()


def _layer_named(session: Session, name: str) -> str:
    """Return the id of a layer by its id or name.

    Raises
    ------
    UserError
        ``project.no_layer``.
    """
    from models.core.errors import UserError

    for layer in session.project.state.layers:
        if name in (layer.id, layer.name, layer.name_en):
            return layer.id
    raise UserError("project.no_layer", layer=name)


def _say_what_files_are(session: Session, arguments: argparse.Namespace) -> None:
    """Give layers of bare files the roles and the edition of codes that were stated, in the order of the files."""
    from dataclasses import replace
    from typing import get_args

    from models.core.errors import UserError
    from models.facilities.coding.editions import edition_named
    from models.roles import Role

    for number, role in enumerate(arguments.role):
        if role not in get_args(Role) or number >= len(session.project.state.layers):
            raise UserError("gate.bad_role", role=role)
        layer = session.project.state.layers[number]
        session.project.set_state(session.project.state.with_layer(replace(layer, role=role)))
    if arguments.edition:
        edition = edition_named(arguments.edition).id
        for layer in session.project.state.with_role("facilities"):
            session.project.set_state(session.project.state.with_layer(replace(layer, code_edition=edition)))


def _print(session: Session, gate: Gate) -> None:
    from app.command_line.terminal import print_rows, say_synthetic
    from app.usecases.facilities import quality_gate
    from viewers.texts import gate_texts

    lang, party = session.lang, quality_gate.parties(session)
    say_synthetic(session)
    rows: list[list[str]] = [[session.word(f"gate.head.{name}") for name in ("rule", "failed", "passed", "unjudged")]]
    for one in gate.result.results:
        title = f"{session.word(f'gate.severity.{one.rule.severity}')} · {one.rule.title(lang)}"
        rows.append([title, *(f"{count:,}" for count in (one.failed, one.passed, one.not_judged))])
        told = gate_texts.sentences(one, lang) if one.failed else []
        for row in range(min(len(one.failures), LISTED)):
            rows.append([f"  - {party(one.failures.key(row)).name}  {told[row]}", "", "", ""])
        if one.failed > LISTED:
            rows.append([f"  … +{one.failed - LISTED:,}", "", "", ""])
        for code, facts, count in one.gaps:
            rows.append([f"  {gate_texts.gap_text(code, facts, count, lang)}", "", "", ""])
    print_rows(rows, lang)
    whole = gate.result.scores[0]
    coverage = "–" if whole.coverage is None else f"{100 * whole.coverage:.1f} %"
    told_score = gate_texts.percent_text(whole.percent, lang)
    print_rows([[session.word("cli.gate.score", score=told_score, coverage=coverage)]], lang)

"""``findings``: opinions of the review, written as paper or BCF, decisions brought back."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.command_line.options import add_project, add_trust_and_json

if TYPE_CHECKING:
    from app.session import Session
    from app.usecases.review.opinion_papers import Change

_BCF = (".bcf", ".bcfzip")
#: What a cell of the terminal holds.
_MOST_SIGNS = 36


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--out", metavar="opinions.docx", type=Path, help=w("cli.findings.out"))
    parser.add_argument("--minutes", metavar="minutes.docx", type=Path, help=w("cli.findings.minutes"))
    parser.add_argument("--import", dest="bring", metavar="opinions.xlsx", type=Path, help=w("cli.findings.import"))
    parser.add_argument("--bcf-version", choices=("2.1", "3.0"), default="3.0", help=w("cli.findings.bcf"))
    parser.add_argument("--dry-run", action="store_true", help=w("cli.findings.dry_run"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Bring in, write, or list the opinions."""
    from app.command_line.terminal import print_json, print_rows, session_of
    from app.usecases.project import opening
    from app.usecases.review import opinion_papers, topics

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    changes: list[Change] = []
    if arguments.bring is not None:
        changes = _bring(session, arguments, lang)
    if arguments.out is not None:
        if arguments.out.suffix.lower() in _BCF:
            topics.export_bcf(session, arguments.out, arguments.bcf_version)
        else:
            opinion_papers.export_table(session, arguments.out)
    if arguments.minutes is not None:
        opinion_papers.export_minutes(session, arguments.minutes)
    rows = _rows(session)
    if arguments.json:
        told = {"synthetic": session.project.state.synthetic, "opinions": rows}
        print_json(told | ({"changes": [_plain(one, session) for one in changes]} if arguments.bring else {}))
    elif not (arguments.bring or arguments.out or arguments.minutes):
        names = ("number", "author", "text", "verdict", "reply")
        heads = [session.word(f"cli.findings.column.{name}") for name in names]
        print_rows([heads, *([_short(row, name, session) for name in names] for row in rows)], lang)
    session.close()


def _bring(session: Session, arguments: argparse.Namespace, lang: str) -> list[Change]:
    """Read what comes back, say what it changes, and save unless it is only a trial."""
    from app.command_line.terminal import tell
    from app.usecases.project import opening
    from app.usecases.review import opinion_papers, topics

    changes: list[Change] = []
    before = session.project.state
    if arguments.bring.suffix.lower() in _BCF:
        topics.import_bcf(session, arguments.bring)
    else:
        opinion_papers.read_decisions(session, arguments.bring, changes.extend)
        count = sum(one.after is not None for one in changes)
        if not arguments.json:
            for one in changes:
                print(opinion_papers.change_text(one, session))
            tell(lang, "cli.findings.would" if arguments.dry_run else "cli.findings.taken", count=count)
        if not arguments.dry_run:
            opinion_papers.take_over(session, changes)
    if session.project.state != before and not arguments.dry_run:
        opening.save_project(session, arguments.project, overwrite=True)
    return changes


def _rows(session: Session) -> list[dict[str, Any]]:
    from app.usecases.review.opinions import opinions_of

    return [
        {
            "id": topic.guid, "number": topic.number, "kind": topic.kind, "author": topic.author,
            "organisation": topic.organisation, "date": topic.date, "text": topic.text,
            "indicator": topic.indicator, "stop": topic.stop, "status": topic.status, "verdict": topic.verdict,
            "reply": topic.decision.reply if topic.decision else "",
            "objects": [
                {"name": pin.name, "layer": pin.layer, "position": pin.point, "ifc_guid": pin.component.ifc_guid,
                 "object": pin.component.tool_id}
                for pin in topic.pins
            ],
        }
        for topic in opinions_of(session.project.state)
    ]  # fmt: skip


def _short(row: dict[str, Any], name: str, session: Session) -> str:
    if name == "verdict":
        return session.word(f"topics.verdict.{row[name] or 'open'}")
    text = " ".join(str(row[name]).split())
    return text if len(text) <= _MOST_SIGNS else f"{text[: _MOST_SIGNS - 1]}…"


def _plain(one: Change, session: Session) -> dict[str, Any]:
    from app.usecases.review.opinion_papers import reason_of

    after = one.after.decisions[-1] if one.after is not None else None
    return {
        "row": one.row,
        "id": one.before.guid if one.before is not None else "",
        "before": one.before.verdict if one.before is not None else "",
        "after": after.verdict if after is not None else None,
        "reply": after.reply if after is not None else "",
        "problem": reason_of(one, session),
        "also_here": one.also_here,
    }

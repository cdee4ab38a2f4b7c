"""``ifc check``: a model's quality, or what an IDS asks of it. Findings are a result, not a failure: exit code 0."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.session import Session
    from models.checks.findings import Finding, Report

#: Findings printed of one group; all of them are in ``--json`` and ``--out``.
LISTED = 12


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("file", metavar=w("cli.meta.file"), type=Path, help=w("cli.checks.file"))
    parser.add_argument("--ids", metavar="IDS", type=Path, help=w("cli.checks.ids"))
    add_output(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Check, and print what was found."""
    from app.command_line.terminal import open_model, session_of
    from app.usecases.checks import checks

    session = session_of(arguments, lang)
    layer, _ = open_model(session, arguments.file)
    if arguments.ids is not None:
        job = checks.check_ids(session, layer.id, arguments.ids)
    else:
        job = checks.check_quality(session, layer.id)
    hand_out(session, job.result, arguments)


def add_output(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Add what all checks share."""
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))
    parser.add_argument("--out", metavar=w("cli.meta.out"), type=Path, help=w("cli.checks.out"))


def hand_out(session: Session, report: Report, arguments: argparse.Namespace) -> None:
    """Print a report or write it to a file, and end the session."""
    from app.command_line.terminal import print_json, tell
    from app.usecases.checks.checks import export_report

    if arguments.out is not None:
        export_report(session, report, arguments.out)
    if arguments.json:
        print_json(report.as_dict())
    else:
        _print(report, session.lang)
        if arguments.out is not None:
            tell(session.lang, "cli.written", file=arguments.out)
    session.close()


def _said(finding: Finding, lang: str) -> str:
    from viewers.texts import finding_texts

    return finding_texts.sentence(finding, lang) if finding.parties else ""


def _print(report: Report, lang: str) -> None:
    from app.command_line.terminal import print_rows, say_caution
    from viewers.texts import finding_texts

    for caution in report.cautions:
        say_caution(caution, lang)
    rows: list[tuple[str, str, str]] = []
    found = report.by_group()
    depth: dict[str, int] = {}
    for group in report.groups:
        depth[group.id] = depth.get(group.parent, -1) + 1
        count = group.counts.get("failed", len(found[group.id]))
        of = group.counts.get("applicable")
        counted = f"{count:,}" if of is None else f"{count:,}/{of:,}"
        status = finding_texts.status_text(group.status, lang)
        rows.append(("  " * depth[group.id] + finding_texts.group_title(group, lang), counted, status))
        mine = found[group.id]
        indent = "  " * (depth[group.id] + 1)
        for finding in mine[:LISTED]:
            rows.append(
                (f"{indent}- {finding_texts.title(finding, lang)}", finding_texts.figure(finding), _said(finding, lang))
            )
        if len(mine) > LISTED:
            rows.append((f"{indent}… +{len(mine) - LISTED:,}", "", ""))
    print_rows(rows, lang)
    print_rows([[finding_texts.summary(report, lang)]], lang)

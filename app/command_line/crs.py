"""``crs-check``: the coordinate system of files, with evidence and confidence."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.crs.doctor.verdict import Verdict
    from models.io.request import Opened


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help=w("cli.crs_check.files"))
    parser.add_argument("--json", action="store_true", help=w("cli.crs_check.json"))
    parser.add_argument("--against", metavar="FILE", action="append", type=Path, default=[],
                        help=w("cli.crs_check.against"))  # fmt: skip


def run(arguments: argparse.Namespace, lang: str) -> int:
    """Judge every layer of every file; 3 where one could not be read, is wrong or cannot be told."""
    from app.command_line import terminal
    from app.usecases.crs import crs_doctor
    from models.core.errors import UserError
    from models.crs.doctor.evidence import neighbour_of
    from resources.words import word

    session = terminal.session_of(arguments, lang)
    ending = terminal.DONE
    read: list[tuple[Path, Opened]] = []
    around: list[Any] = []
    found: list[dict[str, Any]] = []
    try:
        for path in [*arguments.against, *arguments.files]:
            known = path in arguments.against
            try:
                opened = crs_doctor.read_raw(session, path)
            except UserError as error:
                terminal.say_error(error, lang)
                ending = terminal.CANNOT
                found.append({"file": str(path), "error": error.as_dict()})
                continue
            for item in opened:
                one = neighbour_of(item.layer, item.data, 0.95 if known else crs_doctor.UNCONFIRMED)
                if one is not None and (known or not arguments.against):
                    around.append(one)
            if path in arguments.files:
                read += [(path, item) for item in opened]
        rows = [[word(f"cli.crs_check.head.{name}", lang) for name in
                 ("file", "layer", "declared", "verdict", "crs", "sure")]]  # fmt: skip
        notes: list[tuple[str, Verdict | None]] = [("", None)]
        for path, item in read:
            verdict = crs_doctor.verdict_on(item.layer, item.data, around)
            found.append({"file": str(path), "layer": item.layer.name, **(verdict.as_dict() if verdict else {})})
            rows.append(_row(path, item, verdict, lang))
            notes.append((item.layer.title(lang), verdict))
            if verdict is not None and (verdict.differs or verdict.code == "cannot_tell"):
                ending = terminal.CANNOT
    finally:
        session.close()
    if arguments.json:
        terminal.print_json(found)
    elif len(rows) > 1:
        terminal.print_rows(rows, lang)
        _explain(notes[1:], lang)
    return ending


def _row(path: Path, item: Opened, verdict: Verdict | None, lang: str) -> list[str]:
    from resources.words import word
    from viewers.texts.crs_texts import code_text, short_crs, target_text

    if verdict is None:
        return [path.name, item.layer.title(lang), "—", word("cli.crs_check.none", lang), "—", "—"]
    sure = "—" if verdict.code == "cannot_tell" else f"{verdict.sure * 100:.0f} %"
    return [
        path.name, item.layer.title(lang), short_crs(verdict.declared, lang), code_text(verdict.code, lang),
        target_text(verdict.crs, verdict.steps, lang), sure,
    ]  # fmt: skip


def _explain(notes: list[tuple[str, Verdict | None]], lang: str) -> None:
    from app.command_line.terminal import print_rows
    from resources.words import word
    from viewers.texts.crs_texts import code_text, reason_text, target_text

    for name, verdict in notes:
        if verdict is None or not (verdict.reasons or verdict.alternatives):
            continue
        lines = ["", name, *(f"  - {reason_text(reason, lang)}" for reason in verdict.reasons)]
        for one in verdict.alternatives[:4]:
            what, crs = code_text(one.code, lang), target_text(one.crs, one.steps, lang)
            lines.append(f"  {word('cli.crs_check.or', lang, what=what, crs=crs, percent=round(100 * one.sure))}")
        print_rows([[line] for line in lines], lang)

"""``health collect out|back|progress``: forms into the field, returns back, and how far it is."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.command_line.options import add_project, add_trust_and_json
from resources.words import word

if TYPE_CHECKING:
    from app.session import Session
    from models.health.collection.joining import Difference, Joined
    from models.health.collection.progress import UnitProgress
    from models.health.collection.returns import Returned


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("step", choices=("out", "back", "progress"), help=w("cli.option.collect_step"))
    add_project(parser, w)
    parser.add_argument("files", metavar=w("cli.meta.file"), type=Path, nargs="*", help=w("cli.option.collect_files"))
    parser.add_argument(
        "--indicator", action="append", metavar=w("cli.meta.code"), help=w("cli.option.collect_indicator")
    )
    parser.add_argument("--unit", action="append", metavar=w("cli.meta.code"), help=w("cli.option.unit_again"))
    parser.add_argument("--format", action="append", metavar="xlsx", help=w("cli.option.collect_format"))
    parser.add_argument(
        "--prefer", choices=("ask", "latest", "first"), default="ask", help=w("cli.option.collect_prefer")
    )
    parser.add_argument("--dry-run", action="store_true", help=w("cli.option.dry_run_values"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Do one step."""
    from app.command_line.terminal import session_of
    from app.usecases.project import opening

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    {"out": _out, "back": _back, "progress": _progress}[arguments.step](arguments, session, lang)
    session.close()


def _out(arguments: argparse.Namespace, session: Session, lang: str) -> None:
    from app.command_line.terminal import print_json, tell
    from app.usecases.health import collecting
    from app.usecases.project import opening
    from models.core.errors import UserError
    from models.health.collection.kinds import object_kinds

    if len(arguments.files) != 1:
        raise UserError("health.collect_folder")
    codes = arguments.indicator or [code for kind in object_kinds() for code in kind.indicators]
    formats = tuple(arguments.format or collecting.FORMATS)
    collecting.send_out(session, arguments.files[0], codes, tuple(arguments.unit or ()), formats)
    opening.save_project(session, arguments.project)
    batch = session.project.state.health.batches[-1]
    if arguments.json:
        units = [{"code": one.code, "name": one.name, "objects": one.objects} for one in batch.units]
        print_json({"batch": batch.id, "indicators": batch.indicators, "units": units})
        return
    tell(
        lang, "cli.health.sent", batch=batch.id, units=len(batch.units), objects=sum(one.objects for one in batch.units)
    )
    tell(lang, "cli.written", file=arguments.files[0])


def _back(arguments: argparse.Namespace, session: Session, lang: str) -> None:
    from app.command_line.terminal import print_json, tell
    from app.usecases.health import collecting
    from app.usecases.project import opening
    from models.core.errors import UserError
    from viewers.texts.health_faults import fault_text

    if not arguments.files:
        raise UserError("health.collect_no_files")
    got: list[tuple[tuple[Returned, ...], Joined]] = []
    collecting.read_returns(session, arguments.files, lambda read, joined: got.append((read, joined)))
    returns, joined = got[0]
    chosen = {one.key: place for one in joined.differences if (place := _preferred(one, arguments.prefer)) >= 0}
    values = sum(len(one.values) for one in returns)
    if not arguments.dry_run and returns:
        collecting.take_returns(session, returns, joined, chosen)
        opening.save_project(session, arguments.project)
    faults = [fault_text(one, lang) for one in joined.faults]
    if arguments.json:
        print_json({
            "files": [one.file for one in returns], "new": len(joined.new), "same": joined.same,
            "agreed": joined.agreed, "values": values, "taken": not arguments.dry_run,
            "differences": [_difference(one, chosen) for one in joined.differences],
            "faults": [
                {"code": one.code, "where": one.sheet, "place": one.place, "is_error": one.is_error, "text": text}
                for one, text in zip(joined.faults, faults, strict=True)
            ],
        })  # fmt: skip
        return
    for text in faults:
        print(text)
    for one in joined.differences:
        answers = word("sheet.comma", lang).join(f"{said.found} ({said.by} {said.on})" for said in one.answers)
        tell(lang, "cli.health.difference", object=one.object_code, item=one.item, answers=answers)
    tell(lang, "cli.health.returned", files=len(returns), new=len(joined.new), same=joined.same, agreed=joined.agreed,
         open=len(joined.differences) - len(chosen), values=values)  # fmt: skip
    if arguments.dry_run:
        tell(lang, "cli.health.nothing_taken")


def _preferred(one: Difference, way: str) -> int:
    """Return the place of the answer that a rule which a person named prefers, -1 for none."""
    if way == "first":
        return 0
    if way == "latest":
        return max(range(len(one.answers)), key=lambda place: one.answers[place].on)
    return -1


def _difference(one: Difference, chosen: dict[tuple[str, str, str], int]) -> dict[str, Any]:
    return {
        "object": one.object_code, "kind": one.object_kind, "indicator": one.indicator, "item": one.item,
        "answers": [{"found": said.found, "by": said.by, "on": said.on, "source": said.source} for said in one.answers],
        "decided": chosen.get(one.key),
    }  # fmt: skip


def _progress(arguments: argparse.Namespace, session: Session, lang: str) -> None:
    from app.command_line.terminal import print_json, print_rows
    from app.usecases.health import collecting

    got: list[tuple[UnitProgress, ...]] = []
    collecting.progress_now(session, got.append)
    found = got[0] if got else ()
    if arguments.json:
        print_json([
            {"code": one.code, "name": one.name, "state": one.state, "sent": one.sent, "returns": one.returns,
             "checked": one.checked, "complete": one.complete, "found": one.found, "last": one.last}
            for one in found
        ])  # fmt: skip
        return
    heads = [word(f"cli.table.{name}", lang) for name in ("place", "state", "sent", "back", "checked", "complete")]
    print_rows([heads, *([one.title(lang), word(f"health.progress.{one.state}", lang), one.sent, one.returns,
                          one.checked, one.complete] for one in found)], lang)  # fmt: skip

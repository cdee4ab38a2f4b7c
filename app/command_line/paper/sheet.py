"""``sheet``: one map sheet, from a template and a subject or as it is kept in the project."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.command_line.options import add_project, add_trust_and_json

if TYPE_CHECKING:
    from app.session import Session
    from models.sheets.spec import SheetSpec, Subject, SubjectKind

_PAPERS = ("A0", "A1", "A2", "A3", "A4")
_STANDINGS = ("draft", "checked", "approved")


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--out", metavar=w("cli.meta.out"), type=Path, help=w("cli.sheet.out"))
    parser.add_argument("--template", metavar="health_map", default="health_map", help=w("cli.sheet.template"))
    parser.add_argument("--indicator", metavar=w("cli.meta.code"), default="", help=w("cli.sheet.indicator"))
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--unit", metavar=w("cli.meta.text"), default="", help=w("cli.sheet.unit"))
    what.add_argument("--problem", metavar="N", type=int, default=0, help=w("cli.sheet.problem"))
    what.add_argument("--object", metavar="buildings/12", action="append", help=w("cli.sheet.object"))
    what.add_argument("--saved", metavar=w("cli.meta.text"), default="", help=w("cli.sheet.saved"))
    parser.add_argument("--paper", choices=_PAPERS, default="", help=w("cli.sheet.paper"))
    parser.add_argument("--portrait", action="store_true", help=w("cli.sheet.portrait"))
    parser.add_argument("--landscape", action="store_true", help=w("cli.sheet.landscape"))
    parser.add_argument("--title", metavar=w("cli.meta.text"), default="", help=w("cli.sheet.title"))
    parser.add_argument("--number", metavar="3-07", default="", help=w("cli.sheet.number"))
    parser.add_argument("--standing", choices=_STANDINGS, default="", help=w("cli.sheet.standing"))
    parser.add_argument("--dpi", type=int, default=0, metavar="300", help=w("cli.sheet.dpi"))
    parser.add_argument("--dark", action="store_true", help=w("cli.option.dark"))
    parser.add_argument("--keep", metavar=w("cli.meta.text"), default="", help=w("cli.sheet.keep"))
    parser.add_argument("--list", action="store_true", help=w("cli.sheet.list"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> int:
    """Draw a sheet, keep it in the project, or list those that are kept."""
    import time

    from app.command_line.terminal import DONE, print_json, say_synthetic, session_of, since, tell
    from app.usecases.project import opening
    from app.usecases.sheets import keeping, sheets

    started = time.perf_counter()
    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    if arguments.list:
        _list(session, arguments.json)
        session.close()
        return DONE
    sheet = _sheet(session, arguments)
    if arguments.keep:
        sheet = keeping.keep_sheet(session, replace(sheet, name=arguments.keep))
        opening.save_project(session, arguments.project, overwrite=True)
    out = arguments.out
    if out is None and not arguments.keep:
        out = Path(arguments.project).with_suffix(".pdf")
    if out is not None:
        sheets.draw_sheet(session, sheet, out)
    if arguments.json:
        print_json({
            "synthetic": session.project.state.synthetic, "path": "" if out is None else str(out), "kept": sheet.name,
            **_about(sheet),
        })  # fmt: skip
    else:
        say_synthetic(session)
        if out is not None:
            tell(lang, "cli.wrote", file=out, seconds=since(started))
        if arguments.keep:
            tell(lang, "cli.sheet.kept", name=sheet.name)
    session.close()
    return DONE


def _sheet(session: Session, arguments: argparse.Namespace) -> SheetSpec:
    """Return the sheet that the arguments mean."""
    from app.usecases.sheets import keeping, sheets
    from models.sheets.spec import require_dpi

    if arguments.dpi:
        require_dpi(arguments.dpi)
    if arguments.saved:
        sheet = keeping.find_sheet(session.project.state, arguments.saved)
        sheet = replace(sheet, dpi=arguments.dpi or sheet.dpi, dark=arguments.dark or sheet.dark)
    else:
        wide = True if arguments.landscape else False if arguments.portrait else None
        sheet = sheets.sheet_for(
            session, arguments.template, _subject(session, arguments), paper=arguments.paper, landscape=wide,
            dark=arguments.dark, dpi=arguments.dpi or 300,
        )  # fmt: skip
    return replace(
        sheet, title=arguments.title or sheet.title, number=arguments.number or sheet.number,
        standing=arguments.standing or sheet.standing,
    )  # fmt: skip


def _subject(session: Session, arguments: argparse.Namespace) -> Subject:
    from app.usecases.sheets import sheets, subjects
    from models.core.errors import UserError
    from models.project.selection import ObjectKey
    from models.sheets.templates import template

    sheets.compute_missing(session, arguments.indicator)
    kinds = template(arguments.template).subjects
    if arguments.object:
        named = [text.rpartition("/") for text in arguments.object]
        keys = [ObjectKey(layer, int(oid)) for layer, _, oid in named if layer and oid.isdecimal()]
        if len(keys) < len(named):
            raise UserError("sheets.bad_object", text=", ".join(arguments.object))
        kind: SubjectKind = next((one for one in kinds if one in ("building", "problem", "scene")), "building")
        return subjects.subject_of_objects(session, keys, arguments.indicator, kind)
    if arguments.problem:
        return subjects.subject_of_problems(session, arguments.indicator, arguments.problem)
    found = subjects.subject_named(session, arguments.unit, arguments.indicator)
    return found if found.kind in kinds or arguments.unit else replace(found, kind=kinds[0])


def _about(sheet: SheetSpec) -> dict[str, Any]:
    """Return what a list says of a sheet."""
    return {
        "id": sheet.id, "name": sheet.name, "template": sheet.template, "paper": sheet.paper,
        "landscape": sheet.landscape, "number": sheet.number, "standing": sheet.standing,
        "subject": sheet.subject.name, "indicator": sheet.subject.indicator,
    }  # fmt: skip


def _list(session: Session, as_json: bool) -> None:
    from app.command_line.terminal import print_json, print_rows
    from models.sheets.templates import template

    kept = session.project.state.review.sheets
    if as_json:
        print_json({"synthetic": session.project.state.synthetic, "sheets": [_about(sheet) for sheet in kept]})
        return
    heads = [session.word(f"cli.sheet.column.{name}") for name in ("name", "template", "paper", "number", "standing")]
    rows = [
        [sheet.name, template(sheet.template).title(session.lang), "{} {}×{}".format(sheet.paper, *sheet.size_mm),
         sheet.number, session.word(f"sheets.standing.{sheet.standing}")]
        for sheet in kept
    ]  # fmt: skip
    print_rows([heads, *rows], session.lang)

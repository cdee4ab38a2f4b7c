"""``facilities import``: tables of others brought to the fields of a register, or merged into one by its key."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.command_line.options import add_trust_and_json

if TYPE_CHECKING:
    from app.session import Session
    from app.usecases.facilities.register_import import Brought
    from models.facilities.register.mapping import Mapping


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("files", nargs="+", metavar=w("cli.meta.file"), type=Path, help=w("cli.option.files"))
    parser.add_argument("--kind", choices=("components", "pipes", "nodes"), required=True, help=w("cli.option.kind"))
    parser.add_argument("--guess", action="store_true", help=w("cli.option.guess"))
    parser.add_argument("--mapping", default="", metavar=w("cli.meta.file"), help=w("cli.option.mapping"))
    parser.add_argument("--save-mapping", metavar=w("cli.meta.file"), type=Path, help=w("cli.option.save_mapping"))
    parser.add_argument("--into", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.into"))
    parser.add_argument("--vanished", choices=("keep", "deactivate"), default="keep", help=w("cli.option.vanished"))
    parser.add_argument("--out", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.out_project"))
    parser.add_argument("--crs", default="", metavar="EPSG:4548", help=w("cli.option.crs"))
    parser.add_argument("--encoding", default="", metavar="gb18030", help=w("cli.option.encoding"))
    parser.add_argument("--layer", action="append", metavar=w("cli.meta.sublayer"), help=w("cli.option.layer"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Read the tables, map them, and write the project."""
    from app.command_line.terminal import print_json, session_of, tell
    from app.usecases.facilities import profiles
    from app.usecases.facilities import register_import as registers
    from app.usecases.project import opening
    from models.core.errors import UserError

    if not arguments.guess and not arguments.mapping:
        raise UserError("register.no_mapping", kind=arguments.kind)
    if arguments.out is None and arguments.into is None:
        raise UserError("register.no_out")
    given = profiles.of_name(arguments.mapping, arguments.kind) if arguments.mapping else None
    session = session_of(arguments, lang)
    if arguments.into is not None:
        opening.open_project(session, arguments.into)
    target = registers.registers(session, arguments.kind) if arguments.into is not None else []
    before = {layer.id for layer in session.project.state.layers}
    options = {"encoding": arguments.encoding} if arguments.encoding else {}
    opening.open_files(session, arguments.files, arguments.crs, options, tuple(arguments.layer or ()))
    fresh = [layer for layer in registers.candidates(session) if layer.id not in before]
    if not fresh:
        raise UserError("register.no_tables", files=", ".join(path.name for path in arguments.files))
    told = []
    register_id = target[0].id if target else ""
    for layer in fresh:
        mapping = given if given is not None else registers.guessed(session, layer.id, arguments.kind)
        if arguments.save_mapping is not None:
            profiles.give_away(mapping, arguments.save_mapping)
        brought = _bring(session, layer.id, mapping, register_id, arguments.vanished)
        register_id = brought.layer if register_id else ""
        told.append((layer.title(lang), mapping, brought))
    opening.save_project(session, arguments.out or arguments.into, overwrite=arguments.out is None)
    session.close()
    if arguments.json:
        print_json({"project": str(arguments.out or arguments.into), "tables": [_as_dict(*one) for one in told]})
        return
    for name, mapping, brought in told:
        _print(name, mapping, brought, lang)
    tell(lang, "cli.register.saved", file=arguments.out or arguments.into)


def _bring(session: Session, layer_id: str, mapping: Mapping, register_id: str, vanished: str) -> Brought:
    from app.usecases.facilities import register_import as registers

    came: list[Brought] = []
    if register_id:
        registers.merge_into(session, layer_id, mapping, register_id, vanished=vanished, done=came.append)
    else:
        registers.take_over(session, layer_id, mapping, done=came.append)
    return came[0]


def _as_dict(name: str, mapping: Mapping, brought: Brought) -> dict[str, Any]:
    guessed = [{"field": one.target, "reason": one.reason, "unit": one.unit} for one in mapping.fields]
    merged = None if brought.merged is None else brought.merged.as_dict()
    return {"table": name, "mapping": guessed, "report": brought.report.as_dict(), "merged": merged}


def _print(name: str, mapping: Mapping, brought: Brought, lang: str) -> None:
    """Print a line a field, what is lacking, and what a merge changed."""
    from app.command_line.terminal import print_rows, tell
    from resources.words import word
    from viewers.texts.mapping import field_line, reason_text

    report = brought.report
    tell(lang, "cli.register.table", name=name, rows=f"{report.rows:,}")
    heads = [word(f"register.head.{one}", lang) for one in ("field", "column", "reason", "filled", "note")]
    rows = []
    for one in report.fields:
        mapped, field = mapping.of(one.target), mapping.schema.field(one.target)
        assert mapped is not None  # noqa: S101 - a report tells of mapped fields alone
        assert field is not None  # noqa: S101 - of the schema
        source = ", ".join(one.sources) or mapped.constant
        rows.append([field.title(lang), source, reason_text(mapped, lang), f"{one.filled:,}", field_line(one, lang)])
    print_rows([heads, *rows], lang)
    if report.lacking:
        titles = [field.title(lang) for field in mapping.schema.fields if field.name in report.lacking]
        tell(lang, "cli.register.lacking", fields=word("sheet.comma", lang).join(titles))
    if report.absent:
        tell(lang, "cli.register.absent", columns=word("sheet.comma", lang).join(report.absent))
    if brought.merged is not None:
        told = brought.merged
        tell(lang, "cli.register.merged", added=len(told.added), changed=len(told.changed), same=told.same,
             vanished=len(told.vanished), off=told.deactivated, left_out=told.keyless + told.doubled)  # fmt: skip

"""``ifc psets``: property and quantity sets of elements, or which properties a model has."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models.core.value_text import plain


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("file", metavar=w("cli.meta.file"), type=Path, help=w("cli.option.ifc_file"))
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--guid", action="append", metavar="GUID", help=w("cli.option.ifc_guid"))
    which.add_argument("--rule", metavar=w("cli.meta.rule"), help=w("cli.option.ifc_rule"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))


def run(arguments: argparse.Namespace, lang: str) -> int | None:
    """Print the sets of the elements asked for; without a question, the properties of the whole model."""
    from app.command_line.terminal import open_model, print_json, print_rows, session_of, tell
    from models.bim.columns import fields
    from models.bim.rules import parse
    from models.core.errors import UserError
    from resources.words import has, word

    rule = parse(arguments.rule) if arguments.rule else None
    session = session_of(arguments, lang)
    _, data = open_model(session, arguments.file)
    if rule is None and not arguments.guid:
        found = fields(data)
        if arguments.json:
            print_json(
                [
                    {name: getattr(one, name) for name in ("id", "group", "label", "kind", "unit", "count")}
                    for one in found
                ]
            )
        else:
            heads = [word(f"cli.table.{name}", lang) for name in ("set", "property", "kind", "unit", "count")]
            print_rows(
                [heads]
                + [
                    [
                        one.group or "—",
                        word(f"field.{one.id}", lang) if not one.group and has(f"field.{one.id}") else one.label,
                        word(f"bim.kind.{one.kind}", lang),
                        one.unit,
                        f"{one.count:,}",
                    ]
                    for one in found
                ],
                lang,
            )
        session.close()
        return None
    silent = 0
    if rule is not None:
        matched = rule.evaluate(data)
        oids, silent = matched.oids.tolist(), len(matched.silent)
    else:
        of_guid: dict[str, list[int]] = {}
        for oid, guid in enumerate(data.elements["guid"]):
            of_guid.setdefault(guid, []).append(oid)
        unknown = [guid for guid in arguments.guid if guid not in of_guid]
        if unknown:
            raise UserError("bim.no_guid", guid=unknown[0], file=arguments.file.name)
        oids = [oid for guid in arguments.guid for oid in of_guid[guid]]
    shown = [_element(data, oid) for oid in oids]
    if arguments.json:
        print_json({"count": len(oids), "not_stated": silent, "elements": shown})
    else:
        for element in shown:
            print(f"{element['class']}  {element['name']}  {element['guid']}")
            for name, values in element["psets"].items():
                print(f"  {name}")
                for label, value in values.items():
                    print(f"    {label}  {plain(value, 4, grouped=False)} {_unit(data, name, label)}".rstrip())
        tell(lang, "cli.ifc.found_silent" if silent else "cli.ifc.found", count=f"{len(oids):,}", silent=f"{silent:,}")
    session.close()
    return None


def _element(data: Any, oid: int) -> dict[str, Any]:
    row = data.elements.iloc[oid]
    return {"guid": row["guid"], "class": row["ifc_class"], "name": row["name"], "psets": data.psets.get(oid, {})}


def _unit(data: Any, group: str, name: str) -> str:
    unit_of = getattr(data.psets, "unit_of", None)
    return str(unit_of(group, name)) if unit_of else ""

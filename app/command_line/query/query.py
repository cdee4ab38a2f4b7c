"""``query``: the objects of a layer that satisfy a condition or a spatial relation to another layer."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.session import Session
    from models.layers.layer import Layer


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("files", nargs="+", metavar=w("cli.meta.file"), type=Path, help=w("cli.option.files"))
    parser.add_argument("--layer", default="", metavar=w("cli.meta.layer"), help=w("cli.option.query_layer"))
    parser.add_argument("--where", default="", metavar=w("cli.meta.expression"), help=w("cli.option.query_where"))
    how = parser.add_mutually_exclusive_group()
    for relation, key in RELATIONS.items():
        how.add_argument(f"--{relation}", default="", metavar=w("cli.meta.layer"), help=w(key))
    parser.add_argument("--within-m", type=float, default=100.0, metavar="M", help=w("cli.option.query_within_m"))
    parser.add_argument("--other-where", default="", metavar=w("cli.meta.expression"), help=w("cli.option.query_other"))
    parser.add_argument("--select", default="", metavar=w("cli.meta.fields"), help=w("cli.option.query_select"))
    parser.add_argument("--most", type=int, default=50, metavar="N", help=w("cli.option.query_most"))
    parser.add_argument("--count", action="store_true", help=w("cli.option.query_count"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))
    parser.add_argument("--crs", default="", metavar="EPSG:4548", help=w("cli.option.crs"))


def run(arguments: argparse.Namespace, lang: str) -> int | None:
    """Print the objects, their number, or both as JSON."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of, tell
    from app.usecases.project import opening
    from app.usecases.query import query
    from models.query.cells import plain_of
    from viewers.texts.values import field_label, field_value

    session = session_of(arguments, lang)
    opening.open_files(session, arguments.files, arguments.crs)
    layer = layer_named(session, arguments.layer)
    columns = query.table_of(session, layer.id)
    oids, silent, asked = columns.oids, 0, len(columns)
    if arguments.where:
        matched = query.matched(session, layer.id, arguments.where)
        oids, silent = matched.oids, matched.silent
    nothing = "" if len(oids) or not arguments.where else query.why_nothing(session, layer.id, arguments.where)
    relation = next((name for name in RELATIONS if getattr(arguments, name)), "")
    if relation:
        oids, unplaced = _related(session, layer, relation, arguments, oids)
        silent += unplaced
    fields = [one.strip() for one in arguments.select.replace("，", ",").split(",") if one.strip()]
    wanted = [query.field_named(columns, one) for one in fields] or list(columns.fields)
    rows = columns.rows_of(oids)
    if arguments.json:
        objects: list[Any] = [
            {"id": int(columns.oids[row]), **{name: plain_of(columns.cell(name, row)) for name in wanted}}
            for row in ([] if arguments.count else rows[: max(arguments.most, 0)].tolist())
        ]
        answer = {"synthetic": layer.synthetic, "layer": layer.id, "count": len(oids), "silent": silent, "asked": asked}
        if nothing:
            answer["nothing"] = nothing
        print_json(answer if arguments.count else answer | {"objects": objects})
    else:
        say_synthetic(session)
        if not arguments.count and len(rows):
            heads = ["id", *(field_label(name, session.lang) for name in wanted)]
            table = [heads]
            for row in rows[: max(arguments.most, 0)].tolist():
                cells = [
                    field_value(name, columns.cell(name, row), session.lang, columns.form(name)) for name in wanted
                ]
                table.append([str(columns.oids[row]), *cells])
            print_rows(table, lang)
        key = "cli.query.found_silent" if silent else "cli.query.found"
        tell(lang, key, count=f"{len(oids):,}", asked=f"{asked:,}", silent=f"{silent:,}")
        if nothing:
            print(nothing)
    session.close()
    return None


#: Relations to another layer, with the words that explain them.
RELATIONS = {
    "near": "cli.option.query_near", "intersects": "cli.option.query_intersects", "within": "cli.option.query_within",
    "contains": "cli.option.query_contains", "nearest": "cli.option.query_nearest",
}  # fmt: skip


def _related(
    session: Session, layer: Layer, relation: str, arguments: argparse.Namespace, oids: Any
) -> tuple[Any, int]:
    """Return the objects that stand in the relation too, and how many of them have no place."""
    import numpy as np

    from app.usecases.query import query

    other = layer_named(session, getattr(arguments, relation))
    only = query.matched(session, other.id, arguments.other_where).oids if arguments.other_where else None
    found = query.related(session, layer.id, relation, other.id, arguments.within_m, only=only)
    return oids[np.isin(oids, found.oids)], int(np.isin(oids, found.silent).sum())


def layer_named(session: Session, name: str) -> Layer:
    """Return the layer of an id, a name, a sublayer or a role; the only one where none is named.

    Raises
    ------
    UserError
        ``query.which_layer`` with those there are.
    """
    from models.core.errors import UserError
    from models.query.columns import columns_of

    layers = [
        layer for layer in session.project.state.layers
        if layer.id in session.project.data and columns_of(session.project.data[layer.id]) is not None
    ]  # fmt: skip
    low = name.casefold()
    for names in (
        lambda one: (one.id, one.name, one.name_en),
        lambda one: (one.source.sublayer, one.role, Path(one.source.path).stem),
    ):
        found = [one for one in layers if low in (str(text).casefold() for text in names(one))] if name else layers
        if len(found) == 1:
            return found[0]
    shown = "  ".join(one.title(session.lang) for one in layers[:30])
    raise UserError("ask.which_layer", name=name or "—", layers=shown or "—")

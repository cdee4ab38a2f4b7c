"""``health lists``: survey table, ledger, problems, suggestions and projects of a health check."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.command_line.options import add_project, add_trust_and_json
from resources.words import word

if TYPE_CHECKING:
    from app.session import Session

KINDS = ("survey", "ledger", "problems", "suggestions", "projects")
#: What a cell of the terminal holds.
MOST_SIGNS = 60
#: Columns that fit a terminal.
_SHOWN = {
    "survey": ("indicator", "place", "item", "found", "looked_at", "value"),
    "ledger": ("indicator", "what", "object", "place", "severity", "state", "status"),
    "problems": ("indicator", "sentence", "kind", "priority", "finding", "state"),
    "suggestions": ("indicator", "sentence_shown", "advice", "responsible", "due_on", "status"),
    "projects": ("id", "name", "kind", "cost_wan", "owner", "from_year", "to_year", "place"),
}


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--kind", "--kinds", dest="kinds", action="append", choices=KINDS, help=w("cli.lists.kind"))
    parser.add_argument("--dimension", default="", metavar="housing", help=w("cli.lists.dimension"))
    parser.add_argument("--make", action="store_true", help=w("cli.lists.make"))
    parser.add_argument("--compute", action="store_true", help=w("cli.judge.compute"))
    parser.add_argument("--year", type=int, default=0, metavar="2026", help=w("cli.lists.year"))
    parser.add_argument("--import", dest="bring", type=Path, metavar=w("cli.meta.file"), help=w("cli.lists.import"))
    parser.add_argument("--dry-run", action="store_true", help=w("cli.lists.dry_run"))
    parser.add_argument("--xlsx", "--out", dest="out", type=Path, metavar=w("cli.meta.out"), help=w("cli.lists.out"))
    parser.add_argument("--notices", type=Path, metavar=w("cli.meta.out"), help=w("cli.lists.notices"))
    parser.add_argument("--area", default="", metavar="parcels:A1,A2", help=w("cli.lists.area"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Make, bring in, write and print the lists."""
    from app.command_line.terminal import print_json, say_synthetic, session_of, tell
    from app.usecases.health import health, list_files, lists
    from app.usecases.project import opening

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    before = session.project.state
    said = before.health
    if arguments.compute:
        health.compute_indicators(session)
    if arguments.make or not (said.problems or said.ledger):
        lists.make_lists(session, arguments.year)
    found: list[Any] = []
    if arguments.bring is not None:
        list_files.read_lists(session, arguments.bring, found.extend)
        if not arguments.dry_run:
            list_files.take_over(session, found)
    if session.project.state != before and not arguments.dry_run:
        opening.save_project(session, arguments.project, overwrite=True)
    kinds = tuple(dict.fromkeys(arguments.kinds or ("problems",)))
    if arguments.out is not None:
        list_files.export_lists(session, arguments.out, arguments.kinds or (), arguments.dimension)
    if arguments.notices is not None:
        list_files.export_notices(session, arguments.notices)
    area = lists.check_area(session, arguments.area) if arguments.area else None
    tables = {kind: lists.rows_of(session, kind, arguments.dimension) for kind in kinds}
    if arguments.json:
        print_json(
            {
                "synthetic": session.project.state.synthetic,
                **{kind: _json(session, kind, rows) for kind, rows in tables.items()},
                "rectified": asdict(lists.rectified(session, arguments.year)),
                "differences": [asdict(one) | {"rows": len(one.rows)} for one in found],
                "area": None if area is None else asdict(area),
            }
        )
    else:
        say_synthetic(session)
        _print(session, tables, found, area)
        for file in (arguments.out, arguments.notices):
            if file is not None:
                tell(lang, "cli.written", file=file)
    session.close()


def _json(session: Session, kind: str, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Return rows as the project keeps them, with the sentence and what follows from them."""
    from app.usecases.health import lists
    from models.health.lists.columns import COLUMNS
    from models.health.lists.rows import is_finding
    from models.health.lists.rules import never_findings

    made = []
    for row, cells in zip(rows, lists.cells_of(session, kind, rows), strict=True):
        texts = {column.name: cell for column, cell in zip(COLUMNS[kind], cells, strict=True)}
        own = asdict(row)
        if kind in ("problems", "suggestions"):
            own["sentence"] = texts.get("sentence") or texts.get("sentence_shown")
            own["is_finding"] = is_finding(row, never_findings())
            own["is_overdue"] = row.is_overdue(lists.today())
        made.append(own)
    return made


def _short(cell: Any) -> str:
    """Return a cell as a line of the terminal holds it."""
    text = "" if cell is None else str(cell)
    return text if len(text) <= MOST_SIGNS else text[: MOST_SIGNS - 1] + "…"


def _print(session: Session, tables: dict[str, list[Any]], found: Sequence[Any], area: Any) -> None:
    from app.command_line.terminal import print_rows
    from app.usecases.health import lists
    from models.health.lists.columns import COLUMNS
    from viewers.texts import list_texts

    lang = session.lang
    for one in found:
        table = [[word(f"lists.difference.{name}", lang) for name in ("row", "column", "before", "after")]]
        table += [[change.row, change.column, str(change.before), str(change.after)] for change in one.changes]
        table += [
            [refused.id, refused.column, refused.value, list_texts.refused_text(refused, lang)]
            for refused in one.refused
        ]
        print_rows(table, lang)
    for kind, rows in tables.items():
        at = [k for k, column in enumerate(COLUMNS[kind]) if column.name in _SHOWN[kind]]
        heads = [list_texts.head(COLUMNS[kind][k], lang) for k in at]
        cells = lists.cells_of(session, kind, rows)
        print_rows([heads, *([_short(row[k]) for k in at] for row in cells)], lang)
    if area is not None:
        print_rows(list_texts.area_rows(area, lang), lang)

"""``facilities migrate``: codes of a layer brought to another edition by a crosswalk."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--layer", default="", metavar=w("cli.meta.layer"), help=w("cli.option.facility_layer"))
    parser.add_argument("--to", required=True, metavar="gbt47678_2026", help=w("cli.option.code_edition_to"))
    parser.add_argument(
        "--from", dest="from_", default="", metavar="cjt214_2007", help=w("cli.option.code_edition_from")
    )
    parser.add_argument(
        "--crosswalk", required=True, metavar=w("cli.meta.file"), type=Path, help=w("cli.option.crosswalk")
    )
    parser.add_argument("--out", metavar=w("cli.meta.out"), type=Path, help=w("cli.option.migrate_out"))
    parser.add_argument("--unmatched", metavar=w("cli.meta.out"), type=Path, help=w("cli.option.unmatched_out"))
    parser.add_argument("--preview", action="store_true", help=w("cli.option.migrate_preview"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> int | None:
    """Print what becomes of the codes, and save the project under another name."""
    from app.command_line.facilities.layer import facility_layer
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of, tell
    from app.usecases.facilities import coding
    from app.usecases.project import opening
    from models.core.errors import UserError
    from models.core.progress import Progress
    from models.facilities.coding.editions import edition_named

    if not arguments.preview and arguments.out is None:
        raise UserError("facilities.migrate_needs_out")
    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    layer = facility_layer(session, arguments.layer)
    if arguments.from_:
        coding.set_edition(session, layer.id, arguments.from_)
    state = session.project.state
    old, new = state.edition_of(state.layer(layer.id)), edition_named(arguments.to, state.class_tables)
    if not old.is_stated:
        raise UserError("facilities.layer_without_edition", layer=layer.name, layer_en=layer.name_en)
    rows = coding.read_rows(session, arguments.crosswalk, Progress())
    made = coding.preview_migration(session, layer.id, new, coding.crosswalk_in(rows, old, new, arguments.crosswalk))
    if arguments.unmatched is not None:
        coding.export_unmatched(session, made, arguments.unmatched)
    if not arguments.preview:
        coding.apply_migration(session, layer.id, made)
        opening.save_project(session, arguments.out)
    if arguments.json:
        print_json({
            "layer": layer.id, "from": old.id, "to": new.id, "synthetic": state.synthetic, "total": len(made.rows),
            "migrated": int((made.rows["new"] != "").sum()), "unmatched": len(made.unmatched), "notes": made.counts,
            "unmatched_classes": made.unmatched_classes().to_dict("records"), "applied": not arguments.preview,
        })  # fmt: skip
    else:
        say_synthetic(session)
        print_rows([(session.word(f"codes.note.{note}"), f"{count:,}") for note, count in made.counts.items()], lang)
        for row in made.unmatched_classes().to_dict("records"):
            kind = old.classes.get(str(row["old_class"]))
            tell(lang, "cli.facilities.unmatched", code=row["old_class"], name=kind.title(lang) if kind else "—",
                 count=f"{row['count']:,}")  # fmt: skip
        tell(lang, "cli.facilities.previewed" if arguments.preview else "cli.facilities.migrated",
             file=arguments.out or "")  # fmt: skip
    session.close()
    return None

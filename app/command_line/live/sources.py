"""``live sources``: the sources of a project, and whether they answer."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.terminal import CANNOT, DONE, print_json, session_of
from resources.words import word


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Declare the arguments."""
    parser.add_argument("project", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.project"))
    parser.add_argument("--test", action="store_true", help=w("live.option.test"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))
    parser.add_argument("--trust", action="store_true", help=w("cli.option.trust"))


def run(arguments: argparse.Namespace, lang: str) -> int:
    """List the sources; with ``--test`` listen to each for five seconds and keep nothing."""
    from app.usecases.project import opening
    from app.usecases.readings import feeds

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    rows, silent = [], 0
    for source in feeds.sources_of(session):
        row: dict[str, object] = {
            "id": source.id, "name": source.name, "kind": source.kind, "address": source.address,
            "topics": list(source.topics), "enabled": source.enabled,
        }  # fmt: skip
        if arguments.test:
            came, decoded, decoder, error = feeds.preview(session, source)
            faults = {kind: fault.count for kind, fault in decoder.faults.by_kind().items()}
            row |= {"messages": len(came), "readings": len(decoded), "faults": faults, "error": error}
            silent += not came
        rows.append(row)
    session.close()
    if arguments.json:
        print_json({"sources": rows})
    elif not rows:
        print(word("live.none_yet", lang))
    else:
        for row in rows:
            print("  ".join(str(row[name]) for name in ("name", "kind", "address")))
            if arguments.test:
                print(
                    "  " + word("live.tested", lang, messages=row["messages"], readings=row["readings"]), row["error"]
                )
    return CANNOT if silent else DONE

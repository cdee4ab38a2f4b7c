"""``find``: objects by name, address or code, over all layers of a project."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("file", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.find_file"))
    parser.add_argument("text", metavar=w("cli.meta.text"), help=w("cli.option.find_text"))
    parser.add_argument("--most", metavar="N", type=int, default=20, help=w("cli.option.find_most"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))


def run(arguments: argparse.Namespace, lang: str) -> int | None:
    """Print what was found, the best first."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of
    from app.usecases.project import opening
    from app.usecases.query import search
    from models.core.value_text import coordinate
    from models.query.coordinates_text import place_of
    from resources.words import word
    from viewers.texts.values import field_label

    session = session_of(arguments, lang)
    opening.open_files(session, [arguments.file])
    state = session.project.state
    place = place_of(arguments.text, state.frame)
    hits = search.finder_of(session).find(arguments.text, max(arguments.most, 1))
    if arguments.json:
        rows = [
            {"layer": hit.key.layer, "id": hit.key.oid, "field": hit.field, "text": hit.text, "score": hit.score}
            for hit in hits
        ]
        print_json({"synthetic": state.synthetic, "place": place, "objects": rows})
    else:
        say_synthetic(session)
        if place is not None:
            print(f"E {coordinate(place[0])}  N {coordinate(place[1])}  {state.frame.label if state.frame else ''}")
        table = [[word(f"cli.table.{name}", lang) for name in ("object", "layer", "id", "field")]]
        for hit in hits:
            layer = state.layer(hit.key.layer).title(lang)
            table.append([hit.text, layer, str(hit.key.oid), field_label(hit.field, session.lang)])
        if hits:
            print_rows(table, lang)
        elif place is None:
            print(word("cli.nothing_found", lang))
    session.close()
    return None

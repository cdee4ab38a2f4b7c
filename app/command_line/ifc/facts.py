"""``ifc facts``: the facts of a building that a city's records keep, as far as its model states them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("file", metavar=w("cli.meta.file"), type=Path, help=w("cli.option.ifc_file"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))


def run(arguments: argparse.Namespace, lang: str) -> int | None:
    """Print all facts; what the model does not state is said to be so."""
    from app.command_line.terminal import open_model, print_json, print_rows, session_of
    from models.bim import facts
    from resources.words import word
    from viewers.texts.fact_texts import basis_text, certainty_text, refused_text
    from viewers.texts.values import fact_value

    session = session_of(arguments, lang)
    _, data = open_model(session, arguments.file)
    found = facts.facts(data)
    if arguments.json:
        print_json([facts.as_dict(data, fact) for fact in found])
    else:
        rows = [[word(f"cli.table.{name}", lang) for name in ("fact", "value", "basis", "certainty", "elements")]]
        for fact in found:
            basis, certainty = basis_text(fact, lang), certainty_text(fact, lang)
            value = fact_value(fact, lang, word("bim.not_stated", lang), trimmed=False)
            elements = f"{len(fact.oids):,}" if fact.oids else ""
            rows.append([word(f"fact.{fact.code}", lang), shortened(value), basis, certainty, elements])
            if fact.code == "areas_by_use":
                rows += [
                    [f"  {facts.named('use', name, lang)}", f"{area:,.1f} m²", "", "", ""] for name, area in fact.parts
                ]
        print_rows(rows, lang)
        for fact in found:
            if refused := refused_text(fact, lang):
                print(word("cli.ifc.facts.refused", lang, fact=word(f"fact.{fact.code}", lang), refused=refused))
    session.close()
    return None


def shortened(text: str, most: int = 48) -> str:
    """Return a text that leaves room for other columns."""
    return text if len(text) <= most else text[: most - 1] + "…"

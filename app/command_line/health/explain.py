"""``health explain``: what an indicator is, which benchmark holds, and its formula with its numbers in it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.command_line.options import add_trust_and_json
from resources.words import word

if TYPE_CHECKING:
    from app.session import Session
    from models.health.editions import IndicatorDef


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("code", metavar=w("cli.meta.code"), help=w("cli.option.explain_code"))
    parser.add_argument(
        "project", metavar=w("cli.meta.project"), type=Path, nargs="?", help=w("cli.option.explain_project")
    )
    parser.add_argument("--edition", metavar="2025", default="", help=w("cli.option.edition"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print what an indicator is."""
    from dataclasses import replace

    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of
    from app.usecases.project import opening
    from models.health.book import definition_of, whole_book_of
    from viewers.texts import definition_texts as texts

    session = session_of(arguments, lang)
    if arguments.project:
        opening.open_project(session, arguments.project)
    state = session.project.state
    health = replace(state.health, edition=arguments.edition) if arguments.edition else state.health
    definition = definition_of(health, arguments.code)
    facts = texts.explained(definition, whole_book_of(health), state.profile, lang)
    if arguments.project:
        facts["result"] = _result(session, definition)
        facts["candidates"] = _candidates(session, definition)
    if arguments.json:
        print_json({"synthetic": state.synthetic, **facts})
        session.close()
        return
    say_synthetic(session)
    rows = [[f"{definition.code} {definition.title(lang)}", definition.unit_text(lang)]]
    if formula := definition.formula_text(lang):
        rows.append([word("health.definition.field.formula", lang), formula])
    if facts["expression"]:
        rows.append([word("health.definition.field.expression", lang), facts["expression"]])
    for one in definition.readings:
        mark = "●" if one.id == definition.reading else "○"
        rows.append([word("health.definition.readings", lang), f"{mark} {one.id}: {one.title(lang)}"])
    rows += [list(pair) for pair in texts.plain_rows(definition, whole_book_of(health), lang)]
    rows.append([word("health.definition.holds", lang), texts.verdict_text(definition, state.profile, lang)])
    for row in definition.benchmarks:
        unsure = f" · {word('health.definition.uncertain', lang)}" if row.uncertain else ""
        said = " · ".join(
            part for part in (row.title(lang), texts.chosen_by_text(row, definition, lang), row.source) if part
        )
        rows.append(
            [
                word("health.definition.sheet.benchmarks", lang),
                f"{texts.benchmark_text(row, definition, lang)} · {said}{unsure}",
            ]
        )
    rows += [
        [word("health.definition.sheet.items", lang), f"{one.id} {one.title(lang)}"] for one in definition.check_items
    ]
    rows += [[word("health.definition.inputs", lang), f"{one.role}: {one.title(lang)}"] for one in definition.inputs]
    if found := facts.get("candidates"):
        told = word("health.definition.candidates.told", lang, **{name: f"{n:,}" for name, n in found.items()})
        rows.append([word("health.definition.candidates", lang), told])
    for key in ("equation", "coverage", "reason", "made_at", "definitions"):
        if text := (facts.get("result") or {}).get(key):
            rows.append([word(f"health.definition.result.{key}", lang), str(text)])
    for used in (facts.get("result") or {}).get("inputs", []):
        rows.append([word("health.definition.result.inputs", lang), f"{used['layer']} · {used['count']:,}"])
    print_rows(rows, lang)
    session.close()


def _candidates(session: Session, definition: IndicatorDef) -> dict[str, int] | None:
    """Return how many objects are worth looking at by their attributes; None where the edition has no rule for them."""
    from models.health.candidates import candidates

    found = candidates(definition, session.project.state, session.project.data)
    return None if found is None else {"count": len(found.keys), "unknown": found.unknown}


def _result(session: Session, definition: IndicatorDef) -> dict[str, Any] | None:
    """Return the figure of the city with its formula and where its inputs came from; None where there is none."""
    from app.usecases.health import health
    from models.health.mending import factor_of
    from viewers.texts import health_texts

    kept = health.kept(session, definition.code)
    if kept is None:
        return None
    layers = {layer.id: layer for layer in session.project.state.layers}
    city, lang = kept.city, session.lang
    return {
        "value": city.value,
        "numerator": city.numerator,
        "denominator": city.denominator,
        "equation": health_texts.equation_text(definition, city, factor_of(kept), lang),
        "coverage": health_texts.coverage_text(city, lang) if city.value is not None else "",
        "reason": health_texts.reason_text(city.reason, lang),
        "grade": city.grade,
        "origin": kept.origin,
        "reading": kept.reading,
        "up_to_date": not health.is_old(session, kept),
        "made_at": kept.made_at,
        "program": kept.program,
        "definitions": kept.definitions,
        "rules": [health_texts.threshold_text(rule, lang) for rule in kept.thresholds],
        "inputs": [
            {
                "role": used.role,
                "layer": layers[used.layer_id].title(lang) if used.layer_id in layers else used.layer_id,
                "file": layers[used.layer_id].source if used.layer_id in layers else "",
                "count": used.count,
            }
            for used in kept.inputs
        ],
    }

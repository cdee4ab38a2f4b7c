"""Patterns of problems in words: method and limits, names of components, and everything as plain values."""

from __future__ import annotations

from typing import Any

import pandas as pd

from models.core.value_text import number, percent
from models.health.book import book_of
from models.health.patterns.analysis import Patterns
from models.health.patterns.places import Ground
from models.health.patterns.rules import components, pattern_rules
from models.health.patterns.tables import density_table, hot_table, priority_table
from models.project.project import ProjectState
from resources.words import word

#: The four analyses.
KINDS = ("density", "hot", "together", "priority")
KIND_OF = {1: "hot", -1: "cold"}


def unit_title(ground: Ground, at: int, lang: str) -> str:
    """Return the name of a unit, else its code; a dash outside all."""
    if at < 0:
        return word("value.none", lang)
    row = ground.units.iloc[at]
    english = row["name_en"] if lang == "en" else ""
    return str(english or row["name"] or row["code"] or f"#{row['_oid']}")


def indicator_title(code: str, state: ProjectState, lang: str) -> str:
    """Return the name of an indicator, its code where the book does not know it."""
    known = book_of(state.health).indicators.get(code)
    return known.title(lang) if known is not None else code


def method_text(kind: str, found: Patterns, lang: str) -> str:
    """Return how an analysis was made, in a line."""
    rules = pattern_rules()
    weights = " · ".join(
        f"{word(f'patterns.component.{name}', lang)} {percent(weight, 0)}\u00a0%"
        for name, weight in found.priority.weights.items()
    )
    facts = {
        "bandwidth": number(found.density.bandwidth_m, 0), "cell": number(found.density.grid.cell_m, 0),
        "hot_cell": number(found.hot.grid.cell_m, 0), "cells": f"{len(found.hot.cells):,}",
        "rate": percent(rules["hot_spots"]["false_discovery_rate"], 0), "weights": weights,
        "measure": word(f"patterns.measure.{found.hot.measure}", lang),
    }  # fmt: skip
    return word(f"patterns.method.{kind}", lang, **facts)


def limits_text(kind: str, found: Patterns, lang: str) -> str:
    """Return what an analysis does not tell, in a line, with what was left out."""
    rules = pattern_rules()
    facts = {
        "least": number(rules["together"]["least_expected"], 0), "vary": percent(found.priority.vary, 0),
        "draws": f"{found.priority.draws:,}",
    }  # fmt: skip
    parts = [word(f"patterns.limits.{kind}", lang, **facts)]
    if kind != "together" and (leader := _leader(found)) is not None:
        parts.append(word("patterns.led", lang, code=leader[0], share=percent(leader[1], 0)))
    if kind != "together" and found.problems.areas:
        parts.append(word("patterns.left_out.areas", lang, count=found.problems.areas))
    if kind != "together" and found.problems.unplaced:
        parts.append(word("patterns.left_out.unplaced", lang, count=found.problems.unplaced))
    if found.old:
        parts.append(word("patterns.old", lang, count=len(found.old)))
    return " ".join(parts)


def _leader(found: Patterns) -> tuple[str, float] | None:
    """Return the indicator of which more than half of all problems are, and its share."""
    shares = found.problems.rows["code"].value_counts(normalize=True)
    if found.wanted.code or len(shares) < 2 or shares.iloc[0] <= 0.5:
        return None
    return str(shares.index[0]), float(shares.iloc[0])


def refusal_text(kind: str, found: Patterns, lang: str) -> str:
    """Return why there is no analysis, empty where there is one."""
    rules = pattern_rules()
    reason = {"density": found.density.refusal, "hot": found.hot.refusal}.get(kind, "")
    if kind == "together" and not len(found.at_objects.pairs) and not len(found.in_units.pairs):
        reason = "no_pairs"
    if kind == "priority" and not found.priority.rows["score"].notna().any():
        reason = "no_values"
    facts = {"least": rules["density"]["least_points"], "count": found.density.count}
    if reason == "few_cells":
        facts = {"least": rules["hot_spots"]["least_cells"], "count": len(found.hot.cells)}
    return word(f"patterns.refusal.{reason}", lang, **facts) if reason else ""


def document_of(found: Patterns, state: ProjectState, lang: str) -> dict[str, Any]:
    """Return patterns as plain values for JSON, None for no data."""
    ground = found.ground

    def units(table: pd.DataFrame) -> list[dict[str, Any]]:
        named = table.assign(
            code=ground.units["code"].to_numpy()[table["unit"]],
            name=[unit_title(ground, at, lang) for at in table["unit"]],
        ).drop(columns=["unit", "layer"])
        return _records(named)

    hot = hot_table(found.hot, found.chosen, ground)
    places = hot.assign(
        kind=hot["kind"].map(KIND_OF), place=[unit_title(ground, at, lang) if at >= 0 else "" for at in hot["unit"]]
    ).drop(columns="unit")
    return {
        "synthetic": state.synthetic,
        "indicator": found.wanted.code,
        "problems": len(found.problems.rows),
        "left_out": {"areas": found.problems.areas, "unplaced": found.problems.unplaced},
        "old": list(found.old),
        "units": ground.role,
        "density": {
            "bandwidth_m": found.density.bandwidth_m, "cell_m": found.density.grid.cell_m,
            "problems": found.density.count, "refused": found.density.refusal,
            "units": units(density_table(found.density, found.chosen, ground)),
        },
        "hot_spots": {
            "measure": found.hot.measure, "cell_m": found.hot.grid.cell_m, "cells": len(found.hot.cells),
            "p_limit": found.hot.p_limit, "refused": found.hot.refusal, "spots": _records(places),
        },
        "together": {
            "at_objects": _records(found.at_objects.pairs), "in_units": _records(found.in_units.pairs),
        },
        "priority": {
            "weights": dict(found.priority.weights), "vary": found.priority.vary, "draws": found.priority.draws,
            "first": found.priority.first, "units": units(priority_table(found.priority, ground)),
        },
        "method": {kind: method_text(kind, found, lang) for kind in KINDS},
        "limits": {kind: limits_text(kind, found, lang) for kind in KINDS},
    }  # fmt: skip


def component_value(name: str, value: float, lang: str) -> str:
    """Return a component of the priority as it is written: a share in percent, anything else whole."""
    if value != value:
        return word("value.none", lang)
    return f"{percent(value, 0)} %" if name in ("severe", "age") else number(value, 0)


def component_head(name: str, lang: str) -> str:
    """Return the name of a component with its unit."""
    return word(f"patterns.component.{name}.head", lang, year=pattern_rules()["priority"]["old_before"])


def component_heads(lang: str) -> list[str]:
    """Return the names of the components with their units."""
    return [component_head(name, lang) for name in components()]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value

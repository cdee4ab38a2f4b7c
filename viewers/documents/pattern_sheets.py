"""Patterns of problems as sheets of a workbook, each with its method and its limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from models.health.patterns.analysis import Patterns
from models.health.patterns.rules import components
from models.health.patterns.tables import density_table, hot_table, priority_table
from models.project.project import ProjectState
from resources.words import word
from viewers.documents.plain_sheets import PlainSheet
from viewers.texts import pattern_texts


def pattern_sheets(found: Patterns, state: ProjectState, lang: str) -> list[PlainSheet]:
    """Return the sheets: priority, density, hot spots, pairs at objects, pairs in units."""
    ground = found.ground

    def say(key: str) -> str:
        return word(f"patterns.{key}", lang)

    def place(at: int) -> str:
        return pattern_texts.unit_title(ground, at, lang) if at >= 0 else ""

    def sheet(kind: str, heads: list[str], rows: list[list[Any]], tab: str = "") -> PlainSheet:
        title = say(f"tab.{kind}") + (f" · {tab}" if tab else "")
        refused = pattern_texts.refusal_text(kind, found, lang)
        about = [word("app.synthetic", lang)] if state.synthetic else []
        about += [refused, pattern_texts.method_text(kind, found, lang), pattern_texts.limits_text(kind, found, lang)]
        return PlainSheet(title, title, " ".join(one for one in about if one), heads, rows)

    dense = density_table(found.density, found.chosen, ground)
    hot = hot_table(found.hot, found.chosen, ground)
    first = priority_table(found.priority, ground)
    shown = components()
    return [
        sheet(
            "priority",
            [say("head.rank"), say("head.unit"), say("head.score"), say("head.known"), say("head.rank_low"),
             say("head.rank_high"), say("head.firm"), say("head.problems"), *pattern_texts.component_heads(lang),
             *(f"{say(f'component.{name}')} 0–1" for name in shown)],
            _rows(first, lambda row: [row["rank"], place(row["unit"]), row["score"], row["known"], row["rank_low"],
                                      row["rank_high"], row["firm"], row["problems"], *(row[name] for name in shown),
                                      *(row[f"scaled_{name}"] for name in shown)]),
        ),
        sheet(
            "density", [say("head.unit"), say("head.problems"), say("head.per_km2"), say("head.peak")],
            _rows(dense, lambda row: [place(row["unit"]), row["problems"], row["per_km2"], row["peak_per_km2"]]),
        ),
        sheet(
            "hot",
            [say("head.kind"), say("head.unit"), say("head.problems"), say(f"measure.{found.hot.measure}"), "z", "p",
             say("head.x"), say("head.y")],
            _rows(hot, lambda row: [say(f"kind.{pattern_texts.KIND_OF[row['kind']]}"), place(row["unit"]),
                                    row["problems"], row["value"], row["z"], row["p"], row["x"], row["y"]]),
        ),
        *(
            sheet(
                "together", [*(say(f"head.{name}") for name in _PAIR), say("head.few")],
                _rows(pairs, lambda row: [
                    *(f"{row[name]} {pattern_texts.indicator_title(row[name], state, lang)}" for name in _PAIR[:2]),
                    *(row[name] for name in _PAIR[2:]), say("few") if row["few"] else "",
                ]), say(f"base.{base}"),
            )
            for base, pairs in (("objects", found.at_objects.pairs), ("units", found.in_units.pairs))
        ),
    ]  # fmt: skip


_PAIR = ("first", "second", "looked", "n_first", "n_second", "both", "expected", "lift", "jaccard")


def _rows(table: pd.DataFrame, cells: Callable[[Any], list[Any]]) -> list[list[Any]]:
    return [[None if one != one else one for one in cells(row)] for row in table.to_dict("records")]

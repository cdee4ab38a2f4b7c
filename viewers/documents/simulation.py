"""Results of a run as a workbook: how it was made, every object's figures, the worst places; series by object."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from models.core.value_text import text_or_empty
from models.network.hydraulics.results import Results, Variable
from models.network.hydraulics.run import engine_of
from models.network.hydraulics.summary import summary_of, totals_of, worst_of
from resources.words import word
from viewers.documents.plain_sheets import PlainSheet, write_sheets
from viewers.texts import simulation_texts as texts


def write_results(path: Path, results: Results, lang: str) -> None:
    """Write what a run came to as a workbook."""
    tables = summary_of(results)
    about = about_text(results, lang)
    model = text_or_empty(results.facts.get("model"))

    def sheet(tab: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> PlainSheet:
        return PlainSheet(word(f"network.tab.{tab}", lang), model, about, heads, rows)

    run = texts.run_rows(results, totals_of(results, tables), lang)
    messages = texts.message_rows(results, lang)
    heads = [word("network.head.what", lang), word("network.head.value", lang)]
    sheets = [sheet("run", heads, [*run, *messages])]
    worst = worst_of(results, tables)
    if len(worst):
        places = [word(f"network.head.{name}", lang) for name in ("code", "finding", "figure", "hours")]
        sheets.append(sheet("worst", places, texts.worst_rows(worst, lang)))
    for element, table in tables.items():
        columns = [texts.field_text(str(name), lang) for name in table.columns]
        sheets.append(sheet(element, columns, _rows(table)))
    write_sheets(path, sheets)


def write_series(path: Path, results: Results, chosen: Sequence[tuple[Variable, int]], lang: str) -> None:
    """Write series of objects, a column each, as a workbook or text with commas."""
    columns = [results.series(variable, index) for variable, index in chosen]
    heads = [word("network.head.time", lang), word("network.head.seconds", lang)] + [
        f"{results.names[variable.element][index]} · {texts.variable_text(variable, lang)}"
        for variable, index in chosen
    ]
    rows = [
        [results.clock(step), float(results.times_s[step]), *(float(column[step]) for column in columns)]
        for step in range(results.count)
    ]
    model = text_or_empty(results.facts.get("model"))
    write_sheets(path, [PlainSheet(word("network.tab.series", lang), model, about_text(results, lang), heads, rows)])


def about_text(results: Results, lang: str) -> str:
    """Return which engine made results, and of which steps."""
    return word(
        "network.about", lang, engine=engine_of(results.facts), steps=f"{results.count:,}", start=results.clock(0),
        end=results.clock(results.count - 1),
    )  # fmt: skip


def _rows(table: pd.DataFrame) -> list[list[object]]:
    plain = table.astype(object).where(table.notna(), None)
    rows: list[list[object]] = plain.to_numpy(dtype=object).tolist()
    return [[float(f"{one:.6g}") if isinstance(one, (float, np.floating)) else one for one in row] for row in rows]

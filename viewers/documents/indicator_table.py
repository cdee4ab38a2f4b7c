"""Indicator values and problem lists as a workbook (.xlsx) or plain table (.csv).

Empty cells are *no data*; nothing is written as zero that was not measured. Synthetic data is said on every sheet.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.errors import UserError
from models.project import ProjectState
from models.store.atomic import replacing
from resources.words import has, word

COLUMNS = ("indicator", "name", "place", "value", "unit", "numerator", "denominator", "coverage", "status")


def write_table(
    rows: Sequence[Mapping[str, Any]], results: Sequence[Any], state: ProjectState, lang: str, path: Path
) -> None:
    """Write indicator rows, whole or not at all.

    Parameters
    ----------
    rows : sequence of mapping
        One an indicator and unit, keys as in :data:`COLUMNS` (``app.usecases.health.indicator_rows``).
    results : sequence of IndicatorResult
        For formulas and problem lists.
    state : ProjectState
    lang : str
    path : Path
        ``.xlsx`` or ``.csv`` (UTF-8 with a byte-order mark, as Excel wants it).

    Raises
    ------
    UserError
        ``table.bad_suffix``, or what :func:`models.store.atomic.replacing` raises.
    """
    suffix = path.suffix.lower()
    if suffix not in (".xlsx", ".csv"):
        raise UserError("table.bad_suffix", file=path.name)
    with replacing(path) as temporary:
        if suffix == ".csv":
            _write_csv(rows, state, lang, temporary)
        else:
            _write_xlsx(rows, results, state, lang, temporary)


def _write_csv(rows: Sequence[Mapping[str, Any]], state: ProjectState, lang: str, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        heads = [word(f"sheet.column.{name}", lang) for name in COLUMNS]
        writer.writerow([*heads, word("sheet.about.data", lang)] if state.synthetic else heads)
        label = [word("sheet.synthetic", lang)] if state.synthetic else []
        writer.writerows([_cell(row[name], name, lang) for name in COLUMNS] + label for row in rows)


def _write_xlsx(
    rows: Sequence[Mapping[str, Any]], results: Sequence[Any], state: ProjectState, lang: str, path: Path
) -> None:
    from openpyxl import Workbook

    book = Workbook()
    values = book.active
    values.title = word("sheet.tab.values", lang)
    _fill(
        values,
        [word(f"sheet.column.{name}", lang) for name in COLUMNS],
        [[_cell(row[name], name, lang) for name in COLUMNS] for row in rows],
        state,
        lang,
    )
    for row in values.iter_rows(min_row=2):
        for cell in row:
            if isinstance(cell.value, float):
                cell.number_format = "0.0%" if COLUMNS[cell.column - 1] == "coverage" else "#,##0.00"
    problems = book.create_sheet(word("sheet.tab.problems", lang))
    _fill(
        problems,
        [word(f"sheet.column.{name}", lang) for name in ("indicator", "layer", "object", "reason", "value")],
        [_problem(result, problem, state, lang) for result in results for problem in result.problems],
        state,
        lang,
    )
    about = book.create_sheet(word("sheet.tab.about", lang))
    for label, text in _about(results, state, lang):
        about.append([label, text])
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 30, 100
    book.save(path)


def _fill(sheet: Any, heads: list[str], rows: list[list[Any]], state: ProjectState, lang: str) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet.append(heads)
    for row in rows:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="24475C")
        cell.alignment = Alignment(vertical="center")
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    for i in range(1, len(heads) + 1):
        texts = [str(sheet.cell(row, i).value or "") for row in range(1, min(sheet.max_row, 200) + 1)]
        cells = max(sum(2 if ord(sign) > 0x2E80 else 1 for sign in text) for text in texts)
        sheet.column_dimensions[get_column_letter(i)].width = min(max(cells + 2, 8), 60)
    if state.synthetic:
        sheet.oddFooter.center.text = word("sheet.synthetic", lang)
        sheet.append([])
        sheet.append([word("sheet.synthetic", lang)])
        sheet.cell(sheet.max_row, 1).font = Font(bold=True, color="B45F06")


def _problem(result: Any, problem: Any, state: ProjectState, lang: str) -> list[Any]:
    key = f"problem.{problem.reason}"
    reason = word(key, lang) if has(key) else problem.reason
    layer = next((layer.title(lang) for layer in state.layers if layer.id == problem.key.layer), problem.key.layer)
    return [result.code, layer, problem.key.oid, reason, problem.value]


def _about(results: Sequence[Any], state: ProjectState, lang: str) -> list[tuple[str, str]]:
    english = lang == "en"
    name = (state.name_en if english else "") or state.name
    sources = dict.fromkeys(layer.data_source for layer in state.layers if layer.data_source)
    lines = [
        (word("sheet.about.project", lang), name),
        (word("sheet.about.crs", lang), state.frame.label if state.frame else ""),
        (word("sheet.about.source", lang), "; ".join(sources)),
        (word("sheet.about.made", lang), datetime.date.today().isoformat()),
    ]
    if state.synthetic:
        lines.append((word("sheet.about.data", lang), word("sheet.synthetic", lang)))
    for result in results:
        lines.append((f"{result.code} {result.definition.title(lang)}", result.definition.formula_text(lang)))
    lines.append(("", word("sheet.about.no_data", lang)))
    return lines


def _cell(value: Any, column: str, lang: str) -> Any:
    if column == "status":
        key = f"status.{value}"
        return word(key, lang) if has(key) else value
    return value

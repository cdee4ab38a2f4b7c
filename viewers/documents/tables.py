"""Indicator values, problem lists and facility counts as a workbook (.xlsx) or a plain table (.csv).

A reader of the workbook can check it: values are formulas over the numerator and denominator beside them, the city's
row sums the districts, and a sheet says which rule came from which document. What has no data says so in hatched grey;
nothing is written as zero that was not measured. Synthetic data is named on every sheet.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.core.errors import UserError
from models.core.spreadsheet_text import guarded
from models.health.editions import edition
from models.health.results import IndicatorResult, UnitValue
from models.project.project import ProjectState
from models.store.atomic import replacing
from models.store.whole_files import of_rows, of_sheets
from resources.words import word
from viewers.documents import paper
from viewers.sheets.content import crs_text
from viewers.texts import health_texts

if TYPE_CHECKING:
    import pandas as pd

_VALUE_COLUMNS = (
    "sheet.column.indicator", "sheet.column.name", "sheet.column.place", "sheet.column.value", "sheet.column.unit",
    "sheet.column.numerator", "sheet.column.denominator", "sheet.column.coverage", "sheet.column.status",
    "report.column.benchmark", "report.column.grade", "report.column.remark",
)  # fmt: skip
_PROBLEM_COLUMNS = (
    "report.column.number", "sheet.column.indicator", "sheet.column.name", "sheet.column.place",
    "report.column.problem", "sheet.column.object", "report.column.object_code", "report.column.extent",
    "sheet.column.layer", "report.column.fid", "report.column.loss", "report.column.loss_unit", "report.column.share",
    "report.column.beyond",
)  # fmt: skip
#: First row of the column heads; above it title, source line and label.
_HEAD_ROW = 4
_INK, _ACCENT, _PALE, _GREY, _LABEL = "1D2A31", "24475C", "EEF3F5", "9AA5AB", "B45F06"


def write_results(
    path: Path,
    results: Sequence[IndicatorResult],
    state: ProjectState,
    lang: str,
    facilities: pd.DataFrame | None = None,
    made_on: str = "",
    old: Container[str] = (),
) -> None:
    """Write results as a workbook or a plain table, whole or not at all.

    Parameters
    ----------
    path : Path
        ``.xlsx`` or ``.csv``.
    results : sequence of IndicatorResult
    state : ProjectState
        For titles, CRS, data sources and the synthetic label.
    lang : str
        ``"zh"`` or ``"en"``.
    facilities : DataFrame, optional
        As :func:`models.facilities.register.counts_by_class` gives it.
    made_on : str, optional
        ISO date; today if empty.
    old : container of str
        Codes of indicators whose result is out of date, which is said beside each value.

    Raises
    ------
    UserError
        ``table.bad_suffix``, or what :func:`models.store.atomic.replacing` raises.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".xlsx":
        write_results_xlsx(path, results, state, lang, facilities, made_on, old)
    elif suffix == ".csv":
        write_results_csv(path, results, state, lang, old)
    else:
        raise UserError("table.bad_suffix", file=Path(path).name)


def write_results_csv(
    path: Path, results: Sequence[IndicatorResult], state: ProjectState, lang: str, old: Container[str] = ()
) -> None:
    """Write one row an indicator and place, UTF-8 with the byte-order mark that Excel wants; no data is empty."""
    heads = [word(key, lang) for key in _VALUE_COLUMNS]
    label = [word("sheet.synthetic", lang)] if state.synthetic else []
    count = 1 + sum(len(result.units) + 1 for result in results)
    with replacing(Path(path), of_rows(count)) as fresh, fresh.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*heads, *([word("sheet.about.data", lang)] if label else [])])
        for result in results:
            for unit in (*result.units, result.city):
                writer.writerow(
                    [guarded(cell) for cell in (*_value_row(result, unit, lang, result.code in old), *label)]
                )


def write_results_xlsx(
    path: Path,
    results: Sequence[IndicatorResult],
    state: ProjectState,
    lang: str,
    facilities: pd.DataFrame | None = None,
    made_on: str = "",
    old: Container[str] = (),
) -> None:
    """Write a workbook with values, problems, facility counts and the rules behind them; see :func:`write_results`."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    about = _source_line(state, results, lang, made_on or dt.date.today().isoformat())
    label = word("sheet.synthetic", lang) if state.synthetic else ""

    def sheet(tab: str, title: str, heads: Iterable[str]) -> Any:
        page = book.create_sheet(word(tab, lang))
        _head(page, word(title, lang), about, label, list(heads))
        return page

    values = sheet("sheet.tab.values", "report.title.values", (word(key, lang) for key in _VALUE_COLUMNS))
    _fill_values(values, results, lang, old)
    problems = sheet("sheet.tab.problems", "report.title.problems", (word(key, lang) for key in _PROBLEM_COLUMNS))
    _fill_problems(problems, results, state, lang)
    if facilities is not None:
        counted = sheet("report.tab.facilities", "report.title.facilities", _facility_heads(lang))
        _fill_facilities(counted, facilities, lang)
    basis = sheet(
        "sheet.tab.about",
        "report.title.basis",
        (
            word(key, lang)
            for key in ("sheet.column.indicator", "report.column.rule", "report.column.source", "report.column.remark")
        ),
    )
    _fill_basis(basis, results, state, lang)
    for page in book.worksheets:
        _finish(page, label)
    with replacing(Path(path), of_sheets([page.max_row for page in book.worksheets])) as fresh:
        book.save(fresh)


def write_list(
    path: Path, title: str, heads: Sequence[str], rows: Sequence[Sequence[Any]], formats: Sequence[str],
    state: ProjectState, lang: str,
) -> None:  # fmt: skip
    """Write a list of objects as a workbook or a plain table, whole or not at all.

    Parameters
    ----------
    path : Path
        ``.xlsx`` or ``.csv``.
    title : str
    heads : sequence of str
    rows : sequence of sequence
        Numbers as numbers, None for no data.
    formats : sequence of str
        Number format of each column, empty for text.
    state : ProjectState
        For data sources, CRS and the synthetic label.
    lang : str

    Raises
    ------
    UserError
        ``table.bad_suffix``, or what :func:`models.store.atomic.replacing` raises.
    """
    suffix, label = Path(path).suffix.lower(), word("sheet.synthetic", lang) if state.synthetic else ""
    if suffix == ".csv":
        with (
            replacing(Path(path), of_rows(len(rows) + 1)) as fresh,
            fresh.open("w", encoding="utf-8-sig", newline="") as stream,
        ):
            writer = csv.writer(stream)
            writer.writerow([*heads, *([word("sheet.about.data", lang)] if label else [])])
            writer.writerows([guarded(cell) for cell in (*row, *([label] if label else []))] for row in rows)
        return
    if suffix != ".xlsx":
        raise UserError("table.bad_suffix", file=Path(path).name)
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    page = book.create_sheet(word("sheet.tab.problems", lang))
    _head(page, title, _source_line(state, (), lang, dt.date.today().isoformat()), label, list(heads))
    for row in rows:
        line = _append(page, row)
        for at, number_format in enumerate(formats, 1):
            page.cell(line, at).number_format = number_format or "@"
    _finish(page, label)
    with replacing(Path(path), of_sheets([page.max_row])) as fresh:
        book.save(fresh)


def _value_row(result: IndicatorResult, unit: UnitValue, lang: str, is_old: bool) -> list[Any]:
    definition = result.definition
    remarks = (word("health.old", lang) if is_old else "", health_texts.reason_text(unit.reason, lang))
    return [
        result.code,
        definition.title(lang),
        unit.title(lang),
        unit.value,
        definition.unit_text(lang),
        unit.numerator,
        unit.denominator,
        unit.coverage,
        word(f"health.status.{unit.status}", lang),
        health_texts.benchmark_sentence(result.benchmarks[0], definition, lang) if result.benchmarks else "",
        word(f"health.grade.{unit.grade}", lang),
        " ".join(remark for remark in remarks if remark),
    ]


def _fill_values(page: Any, results: Sequence[IndicatorResult], lang: str, old: Container[str]) -> None:
    from openpyxl.styles import Font

    from models.io.common.workbook_cells import Formula

    nothing, last = word("health.status.no_data", lang), page.max_row
    for result in results:
        first = last + 1
        factor = "*100" if result.definition.unit == "%" else ""
        counts = result.definition.form == "count"
        for unit in (*result.units, result.city):
            cells = _value_row(result, unit, lang, result.code in old)
            row = last + 1
            if unit.value is None:
                cells[3] = cells[5] = cells[6] = nothing
            else:
                cells[3] = Formula(f"=F{row}" if counts else f"=F{row}/G{row}{factor}")
                if unit is result.city:  # text is left out of a sum
                    cells[5], cells[6] = (Formula(f"=SUM({column}{first}:{column}{row - 1})") for column in "FG")
            last = _append(page, cells)
            for column in "DFG":
                cell = page[f"{column}{row}"]
                cell.number_format = _number_format(
                    unit.numerator if column == "F" else unit.denominator if column == "G" else None
                )
                if unit.value is None:
                    _hatch(cell)
            if unit.value is not None:  # as many decimals as the card and the sheet
                coarse = result.definition.unit == "%" or abs(unit.value) >= 100
                page[f"D{row}"].number_format = "#,##0.0" if coarse else "#,##0.00"
            page[f"H{row}"].number_format = "0.0%"
            if unit is result.city:
                for cell in page[row]:
                    cell.font = Font(bold=True, color=_INK)
                    cell.border = _line("medium")


def _fill_problems(page: Any, results: Sequence[IndicatorResult], state: ProjectState, lang: str) -> None:
    titles = {layer.id: layer.title(lang) for layer in state.layers}
    number = 0
    for result in results:
        places = {unit.unit_oid: unit.title(lang) for unit in result.units}
        for problem in result.problems:
            number += 1
            row = _append(
                page,
                [
                    number,
                    result.code,
                    result.definition.title(lang),
                    places.get(problem.unit_oid, ""),
                    word(f"problem.{problem.reason}", lang),
                    problem.title(lang),
                    problem.code,
                    problem.value,
                    titles.get(problem.key.layer, problem.key.layer),
                    problem.key.oid,
                    problem.loss,
                    result.definition.quantity_text(lang),
                    problem.loss_share,
                    problem.beyond_m,
                ],
            )
            share = problem.reason == "parcel_uncovered"
            page.cell(row, 8).number_format = "0.0%" if share else "0.00"
            page.cell(row, 7).number_format = "@"
            for at, number_format in ((11, _number_format(problem.loss)), (13, "0.0%"), (14, "#,##0")):
                page.cell(row, at).number_format = number_format


def _facility_heads(lang: str) -> list[str]:
    from models.facilities.register import states

    fixed = [word(f"report.column.{name}", lang) for name in ("class_code", "class", "group")]
    return [*fixed, *(state.title(lang) for state in states().values()), word("report.column.total", lang)]


def _fill_facilities(page: Any, counted: pd.DataFrame, lang: str) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    from models.facilities.coding.editions import NO_CLASS
    from models.facilities.register import rows_by_class, states
    from models.io.common.workbook_cells import Formula

    names = list(states())
    first, last_state = _HEAD_ROW + 1, get_column_letter(3 + len(names))
    for kind, row in rows_by_class(counted):
        title = word("facilities.unknown_class", lang) if kind == NO_CLASS else kind.title(lang)
        line = page.max_row + 1
        _append(
            page,
            [
                kind.code,
                title,
                kind.group_title(lang),
                *(int(row[name]) for name in names),
                Formula(f"=SUM(D{line}:{last_state}{line})"),
            ],
        )
        page.cell(line, 1).number_format = "@"
    total = page.max_row + 1
    columns = [get_column_letter(4 + position) for position in range(len(names) + 1)]
    _append(
        page,
        ["", word("report.column.total", lang), "", *(Formula(f"=SUM({c}{first}:{c}{total - 1})") for c in columns)],
    )
    for line in range(first, total + 1):
        for position in range(4, 5 + len(names)):
            page.cell(line, position).number_format = "#,##0"
    for cell in page[total]:
        cell.font = Font(bold=True, color=_INK)
        cell.border = _line("medium")


def _fill_basis(page: Any, results: Sequence[IndicatorResult], state: ProjectState, lang: str) -> None:
    titles = {layer.id: layer for layer in state.layers}
    doubtful = word("health.uncertain", lang)
    for result in results:
        definition = result.definition
        title = f"{result.code} {definition.title(lang)}"
        book = edition(definition.edition) if definition.edition == result.edition else None
        _append(
            page,
            [
                title,
                definition.formula_text(lang),
                book.title(lang) if book else definition.edition,
                doubtful if definition.uncertain else "",
            ],
        )
        for threshold in result.thresholds:
            source = threshold.source or word("health.own_rule", lang)
            _append(
                page,
                [title, health_texts.threshold_text(threshold, lang), source, doubtful if threshold.uncertain else ""],
            )
        for used in result.inputs:
            layer = titles.get(used.layer_id)
            text = word(
                "report.inputs", lang, layer=layer.title(lang) if layer else used.layer_id, count=f"{used.count:,}"
            )
            _append(page, [title, text, _source_in(layer.data_source, lang) if layer else "", ""])
    _append(page, ["", word("sheet.about.no_data", lang), "", ""])


def _append(page: Any, row: Iterable[Any]) -> int:
    """Append a row in which no text is a formula but our own, and return its number."""
    from models.io.common.workbook_cells import cells

    page.append(cells(page, row))
    return int(page._current_row)  # max_row looks through all cells, which is quadratic over a list


def _head(page: Any, title: str, about: str, label: str, heads: list[str]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    _append(page, [title])
    _append(page, [about])
    _append(page, [label])
    _append(page, heads)
    page["A1"].font = Font(bold=True, size=14, color=_INK)
    page["A2"].font = Font(size=9, color=_GREY)
    page["A3"].font = Font(bold=True, color=_LABEL)
    page.row_dimensions[1].height = 24
    page.row_dimensions[_HEAD_ROW].height = 22
    for cell in page[_HEAD_ROW]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=_ACCENT)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    page.freeze_panes = f"A{_HEAD_ROW + 1}"  # a cell asked for here would be an empty first row


def _finish(page: Any, label: str) -> None:
    """Set widths, filter, print set-up; widths count a Chinese character as two."""
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    for position, column in enumerate(page.iter_cols(min_row=_HEAD_ROW, max_row=min(page.max_row, 300)), 1):
        texts = ["" if cell.value is None or str(cell.value).startswith("=") else str(cell.value) for cell in column]
        width = max(sum(2 if ord(sign) > 0x2E80 else 1 for sign in text) for text in texts)
        page.column_dimensions[get_column_letter(position)].width = min(max(width + 2, 11), 58)
        if width > 56:
            for cell in column[1:]:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    page.auto_filter.ref = f"A{_HEAD_ROW}:{get_column_letter(page.max_column)}{page.max_row}"
    paper.lay_out(page)
    page.print_title_rows = f"{_HEAD_ROW}:{_HEAD_ROW}"
    page.sheet_view.showGridLines = False
    page.oddFooter.center.text = label
    page.oddFooter.right.text = "&P / &N"


def _hatch(cell: Any) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    cell.fill = PatternFill("lightUp", fgColor=_GREY, bgColor=_PALE)
    cell.font = Font(italic=True, color=_GREY)
    cell.alignment = Alignment(horizontal="center")


def _line(style: str) -> Any:
    from openpyxl.styles import Border, Side

    return Border(bottom=Side(style=style, color=_GREY))


def _number_format(value: float | None) -> str:
    if value and abs(value) < 0.01:
        return "General"  # two decimals would show it as zero
    whole = value is not None and (abs(value) >= 100 or value == int(value))
    return "#,##0" if whole else "#,##0.00"


def _source_line(state: ProjectState, results: Sequence[IndicatorResult], lang: str, made_on: str) -> str:
    used = {item.layer_id for result in results for item in result.inputs}
    named = [layer.data_source for layer in state.layers if layer.data_source and (layer.id in used or not used)]
    sources = list(dict.fromkeys(_source_in(text, lang) for text in named))
    parts = [
        (state.name_en if lang == "en" and state.name_en else state.name),
        word(
            "sheet.source", lang, source=word("sheet.comma", lang).join(sources) or word("sheet.source_unknown", lang)
        ),
        word("sheet.crs", lang, crs=crs_text(state, lang)) if state.frame else "",
        edition(results[0].edition).title(lang) if results else "",
        word("report.made", lang, date=made_on),
    ]
    return "  ·  ".join(part for part in parts if part)


def _source_in(text: str, lang: str) -> str:
    """Return one half of ``"中文 / English"``."""
    halves = [half.strip() for half in text.split(" / ")]
    return halves[-1 if lang == "en" else 0]

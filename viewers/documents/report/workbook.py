"""The figures of the report as a workbook that computes: values and sums are formulas over the numbers beside them.

A value is numerator ÷ denominator, a sum adds up its column. Where a formula would not give the very figure (an area
that two sub-districts share counts once for the city), the figure itself stands there, and the cell says so by its
colour.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from models.health.mending import factor_of
from models.health.results import IndicatorResult, UnitValue
from models.io.common.workbook_cells import Formula, cells
from models.report.figure import CITY, figure_id
from models.store.atomic import replacing
from models.store.steady_files import steady_zip
from models.store.whole_files import of_sheets
from viewers.documents import paper
from viewers.documents.report.basis import ReportBasis

_HEAD = 3
_INK, _ACCENT, _LABEL, _PLAIN = "1D2A31", "24475C", "B45F06", "7A878E"


def write_workbook(path: Path, basis: ReportBasis) -> None:
    """Write the figures of a report as a workbook, whole or not at all.

    Raises
    ------
    UserError
        What :func:`models.store.atomic.replacing` raises.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    last = [
        _page(book, basis, name, heads, rows)
        for name, heads, rows in (
            ("indicators", _UNIT_HEADS, list(_units(basis))),
            ("standing", ("dimension", *_STANDING), list(_standing(basis))),
            ("lists", ("dimension", "ledger", *_LISTS), list(_lists(basis))),
        )
    ]
    with replacing(Path(path), of_sheets(last)) as fresh:
        book.save(fresh)
        steady_zip(fresh, f"{basis.date}T00:00:00Z")


_UNIT_HEADS = ("code", "indicator", "unit", "value", "in", "above", "below", "coverage", "grade", "before", "change")
_STANDING = ("standing.met", "standing.not_met", "standing.ungraded", "standing.no_data", "standing.missing",
             "standing.not_applicable", "indicators")  # fmt: skip
_LISTS = ("limited", "best_effort", "unsorted", "problems")


def _units(basis: ReportBasis) -> Iterator[list[Any]]:
    """Yield the rows of each indicator: its sub-districts, then the city."""
    row = _HEAD
    for standing in basis.standings:
        result = standing.result
        if result is None or standing.definition.hidden:
            continue
        first = row + 1
        for unit in (*result.units, result.city):
            row += 1
            yield _unit(basis, result, unit, row, first)


def _unit(basis: ReportBasis, result: IndicatorResult, unit: UnitValue, row: int, first: int) -> list[Any]:
    own, is_city = result.definition, unit is result.city
    factor = factor_of(result)
    parts: list[Any] = [unit.numerator, unit.denominator]
    if is_city:
        for at, (name, letter) in enumerate((("numerator", "F"), ("denominator", "G"))):
            total = math.fsum(getattr(one, name) or 0.0 for one in result.units)
            if row > first and parts[at] is not None and math.isclose(total, parts[at], rel_tol=1e-9):
                parts[at] = Formula(f"=SUM({letter}{first}:{letter}{row - 1})")
    value: Any = unit.value
    if unit.value is not None and unit.numerator is not None:
        if own.form == "count" and math.isclose(unit.value, unit.numerator, rel_tol=1e-9, abs_tol=1e-12):
            value = Formula(f"=F{row}")
        elif unit.denominator and math.isclose(unit.value, factor * unit.numerator / unit.denominator, rel_tol=1e-9):
            value = Formula(f"=F{row}/G{row}*{factor!r}" if factor != 1.0 else f"=F{row}/G{row}")
    before = basis.figures.value(figure_id(own.code, CITY, "before")) if is_city else None
    change = Formula(f"=D{row}-J{row}") if before is not None and unit.value is not None else None
    name = basis.word("report.whole_city") if is_city else unit.title(basis.lang)
    return [
        own.code, own.title(basis.lang), name, value, own.unit_text(basis.lang), *parts, unit.coverage,
        basis.word(f"health.grade.{unit.grade}"), before, change,
    ]  # fmt: skip


def _standing(basis: ReportBasis) -> Iterator[list[Any]]:
    names = ("met", "not_met", "ungraded", "no_data", "missing", "not_applicable")
    scopes = [scope for scope in basis.edition.dimensions if basis.n(f"standing/{scope}/indicators")]
    for row, scope in enumerate(scopes, _HEAD + 1):
        counts = [basis.n(f"standing/{scope}/{name}") for name in names]
        yield [basis.edition.dimensions[scope][basis.lang == "en"], *counts, Formula(f"=SUM(B{row}:G{row})")]
    yield _sums(basis, len(scopes), "BCDEFGH")


def _lists(basis: ReportBasis) -> Iterator[list[Any]]:
    scopes = [scope for scope in basis.edition.dimensions if basis.n(f"standing/{scope}/indicators")]
    for row, scope in enumerate(scopes, _HEAD + 1):
        kinds = [basis.n(f"problems/{scope}/{name}") for name in ("limited", "best_effort", "unsorted")]
        name = basis.edition.dimensions[scope][basis.lang == "en"]
        yield [name, basis.n(f"ledger/{scope}/count"), *kinds, Formula(f"=SUM(C{row}:E{row})")]
    yield _sums(basis, len(scopes), "BCDEF")


def _sums(basis: ReportBasis, count: int, letters: str) -> list[Any]:
    span = f"{_HEAD + 1}:{{}}{_HEAD + count}"
    return [basis.word("report.sum"), *(Formula(f"=SUM({one}{span.format(one)})") for one in letters)]


def _page(book: Any, basis: ReportBasis, name: str, heads: Sequence[str], rows: list[list[Any]]) -> int:
    """Write one sheet and return the number of its last row."""
    from openpyxl.styles import Alignment, Font, PatternFill

    page = book.create_sheet(basis.word(f"report.sheet.{name}"))
    page.append(cells(page, [basis.word(f"report.sheet.{name}")]))
    page.append(cells(page, [basis.word("report.mark.synthetic") if basis.state.synthetic else basis.city]))
    page.append(cells(page, [basis.word(f"report.head.{head}") for head in heads]))
    page["A1"].font, page["A2"].font = Font(bold=True, size=14, color=_INK), Font(bold=True, color=_LABEL)
    for cell in page[_HEAD]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor=_ACCENT)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    for row in rows:
        page.append(cells(page, row))
    if name == "indicators":
        for at, row in enumerate(rows, _HEAD + 1):
            page.cell(at, 8).number_format = "0%"
            for column in (4, 6, 7, 10, 11):
                page.cell(at, column).number_format = "#,##0.##"
                if column in (4, 6, 7) and not isinstance(row[column - 1], Formula):
                    page.cell(at, column).font = Font(color=_PLAIN)
    for at in range(len(heads)):
        page.column_dimensions[chr(65 + at)].width = 44 if heads[at] == "indicator" else 16
    page.freeze_panes = f"A{_HEAD + 1}"
    page.sheet_view.showGridLines = False
    paper.lay_out(page)
    page.print_title_rows = f"{_HEAD}:{_HEAD}"
    return _HEAD + len(rows)

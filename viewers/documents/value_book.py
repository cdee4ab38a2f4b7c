"""Workbooks in which values of indicators are entered by unit, laid out as :mod:`models.health.entered.layout` says.

What is in the project already stands in them, so that a workbook that is taken in unchanged changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.health.editions import Edition, IndicatorDef
from models.health.entered.layout import (
    EVIDENCE_COLUMNS,
    EVIDENCE_HEAD,
    FILE_MARK,
    FIRST_COLUMN,
    FIRST_ROW,
    KEY_ROW,
    MARK,
    MARK_SHEET,
    NAME_ROW,
    UNIT_ROW,
    VERSION,
    ValueColumn,
    columns_of,
    evidence_rows,
)
from models.health.entered.units import Unit
from models.health.entered.values import GRADES, LEVELS, EnteredValue
from models.io.common.workbook_cells import cells
from models.store.atomic import replacing
from models.store.whole_files import of_sheets
from resources.words import word
from viewers.documents import paper
from viewers.texts.health_texts import benchmark_sentence

_INK, _ACCENT, _PALE, _GREY = "1D2A31", "24475C", "EEF3F5", "9AA5AB"
#: Rows below the last unit that a list of choices reaches on the sheet of evidence.
_SPARE_ROWS = 500


def write_value_book(
    path: Path,
    book: Edition,
    definitions: Sequence[IndicatorDef],
    units: Mapping[str, Sequence[Unit]],
    values: Sequence[EnteredValue],
    title: str,
    lang: str,
) -> None:
    """Write a workbook for values of some indicators, whole or not at all.

    Parameters
    ----------
    path : Path
        ``.xlsx``.
    book : Edition
    definitions : sequence of IndicatorDef
    units : mapping of str to sequence of Unit
        By level, in the order of the sheets; the level of the city has none.
    values : sequence of EnteredValue
        What stands in the project.
    title : str
        Above each sheet: project and dimension.
    lang : str

    Raises
    ------
    UserError
        What :func:`models.store.atomic.replacing` raises.
    """
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.active)
    held = {one.key: one for one in values}
    columns = columns_of(definitions)
    by_code = {one.code: one for one in definitions}
    for level, listed in units.items():
        page = workbook.create_sheet(word(f"health.level.{level}", lang))
        _fill_level(page, level, listed, columns, by_code, held, title, lang)
    proof = workbook.create_sheet(word("health.values.tab.evidence", lang))
    wanted = [one for one in values if one.indicator in by_code and one.level in units]
    _fill_evidence(proof, wanted, list(by_code), title, lang)
    notes = workbook.create_sheet(word("health.values.tab.notes", lang))
    _fill_notes(notes, definitions, title, lang)
    mark = workbook.create_sheet(MARK_SHEET)
    mark.append(cells(mark, [MARK, VERSION]))
    mark.append(cells(mark, ["edition", book.id]))
    mark.append(cells(mark, ["evidence", proof.title]))
    for level in LEVELS:
        mark.append(cells(mark, ["level", word(f"health.level.{level}", lang), level]))
    for level in units:
        mark.append(cells(mark, ["sheet", word(f"health.level.{level}", lang), level]))
    mark.sheet_state = "hidden"
    with replacing(Path(path), of_sheets([page.max_row for page in workbook.worksheets])) as fresh:
        workbook.save(fresh)


def _fill_level(
    page: Any,
    level: str,
    units: Sequence[Unit],
    columns: Sequence[ValueColumn],
    definitions: Mapping[str, IndicatorDef],
    held: Mapping[tuple[str, str, str], EnteredValue],
    title: str,
    lang: str,
) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    page.append(cells(page, [f"{title} · {word(f'health.level.{level}', lang)}"]))
    page.append(cells(page, [word("health.values.how", lang)]))
    page.append(cells(page, ["", "", *(column.key for column in columns)]))
    page.append(cells(page, ["", "", *(definitions[column.code].title(lang) for column in columns)]))
    page.append(cells(page, ["", "", *(word(f"health.values.part.{column.part}", lang) for column in columns)]))
    at = 1 if lang == "en" else 0
    page.append(cells(page, [word("health.values.unit_code", lang), word("health.values.unit_name", lang),
                 *(column.units[at] or column.units[0] for column in columns)]))  # fmt: skip
    named = [(unit.code, unit.title(lang)) for unit in units] or [("", word("health.level.city", lang))]
    for code, name in named:
        numbers = []
        for column in columns:
            one = held.get((column.code, level, code))
            numbers.append(None if one is None else getattr(one, column.part))
        page.append(cells(page, [code, name, *numbers]))
    page["A1"].font = Font(bold=True, size=14, color=_INK)
    page["A2"].font = Font(size=9, color=_GREY)
    line = Border(bottom=Side(style="hair", color=_GREY), left=Side(style="hair", color=_GREY))
    for row in range(KEY_ROW, UNIT_ROW + 1):
        for cell in page[row]:
            cell.font = Font(bold=row in (NAME_ROW, UNIT_ROW), size=8 if row == KEY_ROW else 10, color="FFFFFF")
            cell.fill = PatternFill("solid", fgColor=_ACCENT)
            cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
    page.row_dimensions[NAME_ROW].height = 62
    last = FIRST_ROW + len(named) - 1
    for row in page.iter_rows(min_row=FIRST_ROW, max_row=last):
        for cell in row:
            cell.border = line
            if cell.column < FIRST_COLUMN:
                cell.fill = PatternFill("solid", fgColor=_PALE)
                cell.number_format = "@"
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 16, 22
    for number in range(FIRST_COLUMN, FIRST_COLUMN + len(columns)):
        page.column_dimensions[get_column_letter(number)].width = 15
    page.freeze_panes = page.cell(FIRST_ROW, FIRST_COLUMN)
    if columns:
        check = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
        check.error, check.errorTitle = word("health.values.only_numbers", lang), word("health.values.check", lang)
        check.showErrorMessage = True
        check.add(f"{get_column_letter(FIRST_COLUMN)}{FIRST_ROW}:"
                  f"{get_column_letter(FIRST_COLUMN + len(columns) - 1)}{last}")  # fmt: skip
        page.add_data_validation(check)
    page.sheet_view.showGridLines = False
    paper.lay_out(page)
    page.print_title_rows, page.print_title_cols = f"{KEY_ROW}:{UNIT_ROW}", "A:B"


def _fill_evidence(page: Any, values: Sequence[EnteredValue], codes: Sequence[str], title: str, lang: str) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    page.append(cells(page, [f"{title} · {page.title}"]))
    page.append(cells(page, [word("health.values.how_evidence", lang)]))
    page.append(cells(page, [word(f"health.values.column.{name}", lang) for name in EVIDENCE_COLUMNS]))
    rows = evidence_rows(values)
    for code, level, unit, told in rows:
        page.append(cells(page, [
            code, word(f"health.level.{level}", lang) if level else "", unit, told.as_of, told.source, told.department,
            told.grade, FILE_MARK.join(one.path for one in told.files), told.note,
        ]))  # fmt: skip
    for code in codes:  # a row for each indicator, so that nobody has to look up a code
        if not any(row[0] == code for row in rows):
            page.append(cells(page, [code]))
    _dress(page, EVIDENCE_HEAD, (12, 12, 14, 12, 30, 22, 12, 40, 40))
    last = page.max_row + _SPARE_ROWS
    choices = {"B": ",".join(word(f"health.level.{level}", lang) for level in LEVELS), "G": ",".join(GRADES)}
    for letter, listed in choices.items():
        check = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=True)
        check.add(f"{letter}{EVIDENCE_HEAD + 1}:{letter}{last}")
        page.add_data_validation(check)


def _fill_notes(page: Any, definitions: Sequence[IndicatorDef], title: str, lang: str) -> None:
    page.append(cells(page, [f"{title} · {page.title}"]))
    page.append(cells(page, [word("health.values.grades", lang)]))
    heads = ("indicator", "name", "unit_of", "formula", "numerator", "denominator", "benchmark", "wanted", "department")
    page.append(cells(page, [word(f"health.values.column.{name}", lang) for name in heads]))
    is_en = lang == "en"
    for one in definitions:
        wanted = one.evidence_en if is_en and one.evidence_en else one.evidence
        page.append(cells(page, [
            one.code, one.title(lang), one.unit_text(lang), one.formula_text(lang) or one.formula,
            (one.numerator_en if is_en else one.numerator) or one.numerator,
            (one.denominator_en if is_en else one.denominator) or one.denominator,
            "\n".join(benchmark_sentence(row, one, lang) for row in one.benchmarks), "\n".join(wanted),
            (one.department_en if is_en else one.department) or one.department,
        ]))  # fmt: skip
    _dress(page, 3, (12, 36, 12, 44, 26, 26, 30, 36, 24))


def _dress(page: Any, head: int, widths: Sequence[int]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    page["A1"].font = Font(bold=True, size=14, color=_INK)
    page["A2"].font = Font(size=9, color=_GREY)
    for cell in page[head]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor=_ACCENT)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    for number, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(number)].width = width
    for row in page.iter_rows(min_row=head + 1):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    page.freeze_panes = f"A{head + 1}"
    page.sheet_view.showGridLines = False
    paper.lay_out(page)

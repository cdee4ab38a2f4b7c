"""The lists of the health check as a workbook that is edited and read back, or as text with commas.

The first column leads each row back home; columns that the program works out are grey, choices are lists to choose
from. Nothing in a cell is a formula.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.core.errors import UserError
from models.core.progress import Progress
from models.health.lists.columns import Column
from models.store.atomic import replacing
from models.store.whole_files import of_sheets
from resources.words import word
from viewers.documents import paper
from viewers.documents.plain_sheets import MOST_ROWS, PlainSheet, write_sheets
from viewers.texts import list_texts

_HEAD_ROW = 4
_INK, _ACCENT, _GREY, _LABEL, _LATE = "1D2A31", "24475C", "7A878E", "B45F06", "A61B1B"
_WIDE = {"sentence", "sentence_shown", "advice", "content", "what", "problems"}


@dataclass(frozen=True, slots=True)
class ListSheet:
    """One list.

    Parameters
    ----------
    kind : str
    title, about, label : str
        Above the table: what it is, where it is from, that the data is synthetic.
    columns : sequence of Column
    rows : sequence of sequence
        Cells, in the order of the columns.
    """

    kind: str
    title: str
    about: str
    label: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]


def write_lists(path: Path, sheets: Sequence[ListSheet], lang: str, progress: Progress) -> None:
    """Write lists as a workbook, or the first of them as text with commas; whole or not at all.

    Raises
    ------
    UserError
        ``table.bad_suffix``, ``health.lists.too_long``, or what :func:`models.store.atomic.replacing` raises.
    """
    path = Path(path)
    for sheet in sheets:
        if len(sheet.rows) > MOST_ROWS:
            raise UserError("health.lists.too_long", file=path.name, most=f"{MOST_ROWS:,}")
    if path.suffix.lower() == ".csv":
        first = sheets[0]
        heads = [list_texts.head(column, lang) for column in first.columns]
        write_sheets(path, [PlainSheet(first.kind, first.title, first.about, heads, first.rows)])
        return
    if path.suffix.lower() != ".xlsx":
        raise UserError("table.bad_suffix", file=path.name)
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _fill(book.create_sheet(word(f"lists.tab.{sheet.kind}", lang)), sheet, lang, progress)
    with replacing(path, of_sheets([_HEAD_ROW + len(sheet.rows) for sheet in sheets])) as fresh:
        book.save(fresh)


def _fill(page: Any, sheet: ListSheet, lang: str, progress: Progress) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    from models.io.common.workbook_cells import cells

    for text in (sheet.title, sheet.about, sheet.label):
        page.append(cells(page, [text]))
    page["A1"].font = Font(bold=True, size=14, color=_INK)
    page["A2"].font = Font(size=9, color=_GREY)
    page["A3"].font = Font(bold=True, color=_LABEL)
    page.append(cells(page, [list_texts.head(column, lang) for column in sheet.columns]))
    for cell, column in zip(page[_HEAD_ROW], sheet.columns, strict=True):
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=_ACCENT if column.is_editable else _GREY)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    grey, late, top = Font(color=_GREY), Font(color=_LATE, bold=True), Alignment(vertical="top", wrap_text=True)
    at_late = next((at for at, column in enumerate(sheet.columns, 1) if column.name == "overdue"), 0)
    for number, row in enumerate(sheet.rows, _HEAD_ROW + 1):  # asked for its last row, a sheet goes through all cells
        if number % 500 == 0:
            progress.step()
        page.append(cells(page, row))
        for at, column in enumerate(sheet.columns, 1):
            if not column.is_editable:
                page.cell(number, at).font = grey
            if column.name in _WIDE:
                page.cell(number, at).alignment = top
        if at_late and row[at_late - 1]:
            page.cell(number, at_late).font = late
    last = _HEAD_ROW + max(len(sheet.rows), 1)
    for at, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(at)
        page.column_dimensions[letter].width = 46 if column.name in _WIDE else 12 if column.kind != "text" else 18
        if column.kind == "choice" and column.choices:
            words = [list_texts.choice_text(column, choice, lang) for choice in column.choices]
            held = DataValidation("list", formula1='"' + ",".join(one.replace(",", "") for one in words) + '"')
            held.allow_blank = column.name != "status"
            held.add(f"{letter}{_HEAD_ROW + 1}:{letter}{last}")
            page.add_data_validation(held)
    page.freeze_panes = f"C{_HEAD_ROW + 1}"
    page.auto_filter.ref = f"A{_HEAD_ROW}:{get_column_letter(len(sheet.columns))}{last}"
    paper.lay_out(page)
    page.print_title_rows = f"{_HEAD_ROW}:{_HEAD_ROW}"
    page.sheet_view.showGridLines = False
    page.oddFooter.center.text = sheet.label
    page.oddFooter.right.text = "&P / &N"


@dataclass(frozen=True, slots=True)
class Notice:
    """What one responsible unit is asked to mend (督办单).

    Parameters
    ----------
    to : str
        The unit; empty where nobody said.
    lines : sequence of (str, str, str, int)
        Indicator, sentence, due date, days overdue.
    """

    to: str
    lines: Sequence[tuple[str, str, str, int]]


def write_notices(path: Path, notices: Sequence[Notice], project: str, label: str, lang: str, today: str) -> None:
    """Write notices of what is overdue, a sheet a responsible unit, each to be printed on its own.

    Raises
    ------
    UserError
        ``table.bad_suffix``, or what :func:`models.store.atomic.replacing` raises.
    """
    if Path(path).suffix.lower() != ".xlsx":
        raise UserError("table.bad_suffix", file=Path(path).name)
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for at, notice in enumerate(notices, 1):
        _fill_notice(book.create_sheet(f"{at}"), notice, project, label, lang, today)
    with replacing(Path(path), of_sheets([page.max_row for page in book.worksheets])) as fresh:
        book.save(fresh)


def _fill_notice(page: Any, notice: Notice, project: str, label: str, lang: str, today: str) -> None:
    from openpyxl.styles import Alignment, Border, Font, Side

    from models.io.common.workbook_cells import cells

    to = notice.to or word("lists.notice.nobody", lang)
    lines: list[list[Any]] = [
        [word("lists.notice.title", lang)],
        [word("lists.notice.to", lang, to=to)],
        [word("lists.notice.text", lang, project=project, count=len(notice.lines))],
        [label],
        [word(f"lists.notice.{name}", lang) for name in ("number", "indicator", "what", "due", "late", "answer")],
        *([at, *line, ""] for at, line in enumerate(notice.lines, 1)),
        [],
        [word("lists.notice.sign", lang, date=dt.date.fromisoformat(today).isoformat())],
    ]
    for one in lines:
        page.append(cells(page, one))
    head = 5
    page["A1"].font, page["A4"].font = Font(bold=True, size=16, color=_INK), Font(bold=True, color=_LABEL)
    page["A1"].alignment = Alignment(horizontal="center")
    for row in (1, 2, 3, 4, head + len(notice.lines) + 2):
        page.merge_cells(start_row=row, start_column=1, end_row=row, end_column=6)
    page["A3"].alignment = Alignment(wrap_text=True, vertical="top")
    page.row_dimensions[3].height = 48
    thin = Side(style="thin", color=_GREY)
    for row in page.iter_rows(min_row=head, max_row=head + len(notice.lines), max_col=6):
        for cell in row:
            cell.border = Border(left=thin, right=thin, top=thin, bottom=thin)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if cell.row == head:
                cell.font = Font(bold=True)
    for letter, width in zip("ABCDEF", (6, 24, 52, 12, 10, 24), strict=True):
        page.column_dimensions[letter].width = width
    paper.lay_out(page)

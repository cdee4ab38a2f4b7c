"""Plain tables as a workbook of several sheets or as text with commas: a title, where it is from, heads, rows."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.core.errors import UserError
from models.core.spreadsheet_text import guarded
from models.store.atomic import replacing
from models.store.whole_files import of_rows, of_sheets

_HEAD_ROW = 3
_INK, _ACCENT, _GREY = "1D2A31", "24475C", "9AA5AB"
#: What a sheet of a workbook holds at the most, less the head.
MOST_ROWS = 1_048_000


@dataclass(frozen=True, slots=True)
class PlainSheet:
    """One sheet.

    Parameters
    ----------
    tab : str
    title, about : str
        Above the table; ``about`` says where it is from.
    heads : sequence of str
    rows : iterable of sequence
        Numbers as numbers, None for no data.
    """

    tab: str
    title: str
    about: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]


def write_sheets(path: Path, sheets: Sequence[PlainSheet]) -> None:
    """Write sheets as a workbook, or the first of them as text with commas; whole or not at all.

    Raises
    ------
    UserError
        ``table.bad_suffix``, or what :func:`models.store.atomic.replacing` raises.
    """
    path, suffix = Path(path), Path(path).suffix.lower()
    if suffix == ".csv":
        first = sheets[0]
        with (
            replacing(path, of_rows(len(first.rows) + 1)) as fresh,
            fresh.open("w", encoding="utf-8-sig", newline="") as stream,
        ):
            writer = csv.writer(stream)
            writer.writerow([guarded(head) for head in first.heads])
            writer.writerows([guarded(cell) for cell in row] for row in first.rows)
    elif suffix == ".xlsx":
        _write_book(path, sheets)
    else:
        raise UserError("table.bad_suffix", file=path.name)


def _write_book(path: Path, sheets: Sequence[PlainSheet]) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    from models.io.common.workbook_cells import cell, cells

    book = Workbook(write_only=True)
    for sheet in sheets:
        page = book.create_sheet(sheet.tab[:31])
        page.freeze_panes = f"A{_HEAD_ROW + 1}"
        for at, width in enumerate(_widths(sheet), 1):
            page.column_dimensions[get_column_letter(at)].width = width

        def styled(value: Any, font: Any, page: Any = page) -> Any:
            text = cell(page, value)
            made = text if hasattr(text, "data_type") else WriteOnlyCell(page, value=text)
            made.font = font
            return made

        page.append([styled(sheet.title, Font(bold=True, size=14, color=_INK))])
        page.append([styled(sheet.about, Font(size=9, color=_GREY))])
        heads = [styled(head, Font(bold=True, color="FFFFFF")) for head in sheet.heads]
        for head in heads:
            head.fill, head.alignment = PatternFill("solid", fgColor=_ACCENT), Alignment(vertical="center")
        page.append(heads)
        for row in sheet.rows[:MOST_ROWS]:
            page.append(cells(page, row))
    last_rows = [min(len(sheet.rows), MOST_ROWS) + _HEAD_ROW for sheet in sheets]
    with replacing(path, of_sheets(last_rows)) as fresh:
        book.save(fresh)


def _widths(sheet: PlainSheet) -> Iterable[float]:
    """Return widths of columns by what stands in their first rows; a Chinese character counts as two."""
    for at, head in enumerate(sheet.heads):
        texts = [str(head), *(str(row[at]) for row in sheet.rows[:200] if at < len(row) and row[at] is not None)]
        widest = max(sum(2 if ord(sign) > 0x2E80 else 1 for sign in text) for text in texts)
        yield min(max(widest + 2, 11), 70)

"""Forms of a community as a workbook and as a GeoPackage for QField: objects, check items, values, and a mark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from models.health.collection.forms import OBJECT_COLUMNS, Form, FormSheet
from models.health.collection.layout import (
    FIRST_ROW,
    INDICATOR_ROW,
    ITEM_ROW,
    KEY_ROW,
    MARK,
    MARK_SHEET,
    NO,
    TAIL,
    VALUE_COLUMNS,
    VALUES,
    VALUES_HEAD,
    VERSION,
    YES,
)
from models.health.editions import Edition
from models.io.common.workbook_cells import cells
from models.io.field.geopackage import FieldLayer, FormField, write_field_geopackage
from resources.words import word
from viewers.documents import paper

_INK, _ACCENT, _PALE, _GREY = "1D2A31", "24475C", "EEF3F5", "9AA5AB"


def marks_of(form: Form, book: Edition, batch: str, indicators: Sequence[str]) -> dict[str, str]:
    """Return what a form says it is."""
    return {
        "format": MARK, "version": VERSION, "edition": book.id, "batch": batch, "unit": form.unit.code,
        "indicators": ",".join(indicators),
    }  # fmt: skip


def write_form_workbook(path: Path, form: Form, book: Edition, marks: dict[str, str], lang: str) -> None:
    """Write a form as a workbook to a path that is put in place by the caller."""
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.active)
    listed: list[tuple[str, str]] = []
    for sheet in form.sheets:
        page = workbook.create_sheet(sheet.kind.title(lang)[:31])
        _fill_objects(page, form, sheet, book, lang)
        listed.append((page.title, sheet.kind.id))
    if form.values:
        page = workbook.create_sheet(word("health.collect.tab.values", lang))
        _fill_values(page, form, lang)
        listed.append((page.title, VALUES))
    mark = workbook.create_sheet(MARK_SHEET)
    for name, value in marks.items():
        mark.append(cells(mark, [name, value]))
    for title, kind in listed:
        mark.append(cells(mark, ["sheet", title, kind]))
    mark.sheet_state = "hidden"
    workbook.save(path)


def write_form_geopackage(path: Path, form: Form, book: Edition, marks: dict[str, str], lang: str) -> None:
    """Write a form as a GeoPackage to a path that is put in place by the caller."""
    layers = []
    yes_no = {word("health.collect.yes", lang): YES, word("health.collect.no", lang): NO}
    object_tab = word("health.collect.tab.object", lang)
    for sheet in form.sheets:
        frame = sheet.objects.drop(columns="kind_value").reset_index(drop=True)
        fields = [
            FormField("object_code", word("health.collect.code", lang), "fixed", object_tab),
            FormField("object_name", word("health.collect.name", lang), "fixed", object_tab),
        ]
        for item in sheet.items:
            frame[item.column] = pd.Series(None, index=frame.index, dtype="str")
            tab = book.indicators[item.indicator].title(lang)
            fields.append(FormField(item.column, f"{item.item.id} {item.item.title(lang)}", "choice", tab, yes_no))
        widgets = {"checked_on": "date", "photo": "photo"}
        for name in TAIL:
            frame[name] = pd.Series(None, index=frame.index, dtype="str")
            fields.append(FormField(name, word(f"health.collect.{name}", lang), widgets.get(name, "text"), object_tab))
        frame = frame[[*(one.name for one in fields), "geometry"]]
        layers.append(FieldLayer(sheet.kind.id, f"{form.unit.title(lang)} · {sheet.kind.title(lang)}", frame, fields))
    if form.values:
        table = pd.DataFrame(_value_rows(form, lang), columns=list(VALUE_COLUMNS))
        for name in ("numerator", "denominator", "value"):
            table[name] = table[name].astype("Float64")
        for name in ("as_of", "source", "note"):
            table[name] = table[name].astype("str").where(table[name].notna(), None)
        tab = word("health.collect.tab.values", lang)
        shown = [
            FormField(name, word(f"health.values.column.{_HEADS.get(name, name)}", lang),
                      "fixed" if name in ("indicator", "name", "unit") else "date" if name == "as_of" else "text", tab)
            for name in VALUE_COLUMNS
        ]  # fmt: skip
        layers.append(FieldLayer(VALUES, f"{form.unit.title(lang)} · {tab}", table, shown))
    write_field_geopackage(path, layers, marks)


_HEADS = {"unit": "unit_of"}


def _fill_objects(page: Any, form: Form, sheet: FormSheet, book: Edition, lang: str) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    keys = ["object_code", "object_name", *(item.column for item in sheet.items), *TAIL]
    page.append(cells(page, [f"{form.unit.title(lang)} {form.unit.code} · {sheet.kind.title(lang)}"]))
    page.append(cells(page, [word("health.collect.how", lang)]))
    page.append(cells(page, keys))
    page.append(cells(page, ["", "", *(book.indicators[item.indicator].title(lang) for item in sheet.items)]))
    page.append(cells(page, [
        word("health.collect.code", lang), word("health.collect.name", lang),
        *(f"{item.item.id} {item.item.title(lang)}" for item in sheet.items),
        *(word(f"health.collect.{name}", lang) for name in TAIL),
    ]))  # fmt: skip
    objects = list(zip(*(sheet.objects[name] for name in OBJECT_COLUMNS), strict=True))
    for code, name, _ in objects:
        page.append(cells(page, [code, name]))
    page["A1"].font, page["A2"].font = Font(bold=True, size=14, color=_INK), Font(size=9, color=_GREY)
    for row in (KEY_ROW, INDICATOR_ROW, ITEM_ROW):
        for at in range(1, len(keys) + 1):
            cell = page.cell(row, at)
            cell.font = Font(bold=row == ITEM_ROW, size=8 if row == KEY_ROW else 9, color="FFFFFF")
            cell.fill = PatternFill("solid", fgColor=_ACCENT)
            cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
    page.row_dimensions[INDICATOR_ROW].height, page.row_dimensions[ITEM_ROW].height = 40, 84
    last = FIRST_ROW + len(sheet.objects) - 1
    line = Border(bottom=Side(style="hair", color=_GREY), left=Side(style="hair", color=_GREY))
    for row in page.iter_rows(min_row=FIRST_ROW, max_row=last, max_col=len(keys)):
        for cell in row:
            cell.border = line
        for cell in row[:2]:
            cell.fill, cell.number_format = PatternFill("solid", fgColor=_PALE), "@"
    for at, item in enumerate(sheet.items, 3):  # what is not asked of an object is hatched
        for row, (_, _, value) in enumerate(objects, FIRST_ROW):
            if not sheet.kind.concerns(item.indicator, value):
                page.cell(row, at).fill = PatternFill("lightUp", fgColor=_GREY, bgColor=_PALE)
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 18, 20
    for at in range(3, len(keys) + 1):
        page.column_dimensions[get_column_letter(at)].width = 13 if at <= 2 + len(sheet.items) else 16
    page.freeze_panes = page.cell(FIRST_ROW, 3)
    choices = f'"{word("health.collect.yes", lang)},{word("health.collect.no", lang)}"'
    check = DataValidation(type="list", formula1=choices, allow_blank=True, showErrorMessage=True)
    check.add(f"C{FIRST_ROW}:{get_column_letter(2 + len(sheet.items))}{last}")
    page.add_data_validation(check)
    _paper(page)
    page.print_title_rows, page.print_title_cols = f"{INDICATOR_ROW}:{ITEM_ROW}", "A:B"


def _value_rows(form: Form, lang: str) -> list[list[Any]]:
    return [[one.code, one.title(lang), one.unit_text(lang), None, None, None, None, None, None] for one in form.values]


def _fill_values(page: Any, form: Form, lang: str) -> None:
    from openpyxl.styles import Font, PatternFill

    page.append(cells(page, [f"{form.unit.title(lang)} {form.unit.code} · {page.title}"]))
    page.append(cells(page, [word("health.collect.how_values", lang)]))
    page.append(cells(page, [word(f"health.values.column.{_HEADS.get(name, name)}", lang) for name in VALUE_COLUMNS]))
    for row in _value_rows(form, lang):
        page.append(cells(page, row))
    page["A1"].font, page["A2"].font = Font(bold=True, size=14, color=_INK), Font(size=9, color=_GREY)
    for cell in page[VALUES_HEAD]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor=_ACCENT)
    for letter, width in zip("ABCDEFGHI", (12, 44, 12, 14, 14, 14, 14, 30, 30), strict=True):
        page.column_dimensions[letter].width = width
    page.freeze_panes = f"C{VALUES_HEAD + 1}"
    _paper(page)


def _paper(page: Any) -> None:
    page.sheet_view.showGridLines = False
    paper.lay_out(page)

"""No text that a stranger wrote leaves as a formula, in whatever table it leaves: CSV, workbook, heads and titles."""

import ast
import csv
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from models.core.progress import Progress
from models.io import text_table
from models.io.format import WriteRequest
from models.io.vector.write_features import write_features
from viewers.documents.plain_sheets import PlainSheet, write_sheets

ROOT = Path(__file__).parents[2]
NASTY = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://x\")",
    "＝1+1", "'=1", "==1",
]  # fmt: skip


def plain(path):
    write_sheets(path, [PlainSheet("=t", "=title", "+about", NASTY, [NASTY, NASTY])])


def features(path):
    frame = pd.DataFrame([NASTY], columns=NASTY)
    write_features(path, frame, WriteRequest("=n", "=title", False), Progress())


def table(path):
    text_table.write_texts(path, pd.DataFrame([NASTY], columns=NASTY))


WRITERS = {"plain": plain, "features": features, "table": table}


@pytest.mark.parametrize("name", WRITERS)
def test_a_csv_runs_nothing_in_heads_and_cells(name, tmp_path):
    path = tmp_path / "=a.csv"
    WRITERS[name](path)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert [
        cell for cell in cells if cell[:1] in ("=", "+", "@", "\t", "\r", "\n", "＝") or cell.startswith("-1+")
    ] == []
    assert sum("cmd|" in cell for cell in cells) >= 2


@pytest.mark.parametrize("name", WRITERS)
def test_a_workbook_runs_nothing_in_titles_heads_and_cells(name, tmp_path):
    path = tmp_path / "=a.xlsx"
    WRITERS[name](path)
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert sum(str(cell.value) == "=1+1" for cell in cells) >= 2  # the text is kept as it was


def receivers(tree):
    """Yield the rows that a module appends to something that it made as a sheet, or that is called one."""
    sheets = {"page", "sheet", "mark", "tab"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append":
            held = node.func.value
            if isinstance(held, ast.Name) and held.id in sheets and node.args:
                yield node.args[0]


def test_every_row_of_a_workbook_goes_through_the_one_function_that_makes_text_of_formulas():
    bare = []
    for folder in ("viewers/documents", "models/io", "app"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            text = file.read_text(encoding="utf-8")
            if "Workbook" not in text and "cells(" not in text:
                continue
            for row in receivers(ast.parse(text)):
                named = row.func.attr if isinstance(row, ast.Call) and isinstance(row.func, ast.Attribute) else (
                    row.func.id if isinstance(row, ast.Call) and isinstance(row.func, ast.Name) else "")  # fmt: skip
                made = isinstance(row, (ast.List, ast.ListComp)) and "cell(" in ast.unparse(row)
                styled = isinstance(row, ast.Name) and row.id == "heads"
                kept = isinstance(row, ast.List) and "styled(" in ast.unparse(row)
                if named != "cells" and not (made or styled or kept):
                    bare.append(f"{file.relative_to(ROOT)}: {ast.unparse(row)[:60]}")
    assert bare == []

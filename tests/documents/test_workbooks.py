"""Workbooks and tables: right figures, no data said as such, sources and the synthetic label on every sheet."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from models.core.errors import UserError
from models.facilities.register import counts_by_class
from models.health.compute import compute
from tests.support.components import EDITION, components
from tests.support.health_city import PARK, park, strip_city, survey
from viewers.documents.tables import write_results
from viewers.texts.health_texts import threshold_text

SOURCE = "城镜示例生成器 / Chengjing sample generator"


@pytest.fixture
def results():
    state, data = strip_city(survey(("B", "parks", 0.0)), green=park(PARK))
    layers = tuple(replace(layer, synthetic=True, data_source=SOURCE) for layer in state.layers)
    state = replace(state, name="示例城", name_en="Sample city", layers=layers)
    return [compute("HC25-25", state, data), compute("HC25-35", state, data)], state


def evaluate(page, cell) -> float:
    """Work out the few kinds of formula that the workbook uses."""
    value = cell.value
    if not isinstance(value, str) or not value.startswith("="):
        return value
    if total := re.fullmatch(r"=SUM\(([A-Z]+\d+):([A-Z]+\d+)\)", value):
        found = [evaluate(page, item) for row in page[f"{total[1]}:{total[2]}"] for item in row]
        return sum(item for item in found if isinstance(item, (int, float)))
    above, below, factor = re.fullmatch(r"=([A-Z]+\d+)/([A-Z]+\d+)(\*100)?", value).groups()
    return evaluate(page, page[above]) / evaluate(page, page[below]) * (100 if factor else 1)


def test_the_workbooks_formulas_give_the_results_values(results, tmp_path: Path):
    found, state = results
    write_results(tmp_path / "表.xlsx", found, state, "zh", counts_by_class([(components(), EDITION)]), "2025-08-01")
    book = openpyxl.load_workbook(tmp_path / "表.xlsx")
    assert book.sheetnames == ["指标值", "问题清单", "部件统计", "说明"]
    page = book["指标值"]
    rows = {(row[0].value, row[2].value): row for row in page.iter_rows(min_row=5)}
    for result in found:
        for unit in (*result.units, result.city):
            row = rows[result.code, unit.unit_name]
            if unit.value is None:
                assert {row[column].value for column in (3, 5, 6)} == {"无数据"}
                assert row[3].fill.patternType == "lightUp"
            else:
                assert evaluate(page, row[3]) == pytest.approx(unit.value)
                assert evaluate(page, row[6]) == pytest.approx(unit.denominator)
            assert row[7].value == pytest.approx(unit.coverage)


def test_every_sheet_says_what_the_data_is_and_where_it_comes_from(results, tmp_path: Path):
    write_results(tmp_path / "t.xlsx", *results, "en", counts_by_class([(components(), EDITION)]), "2025-08-01")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    for page in book.worksheets:
        assert "Chengjing sample generator" in page["A2"].value
        assert "2025-08-01" in page["A2"].value
        assert page["A3"].value == "Sample data · not a survey"
        assert page.oddFooter.center.text == "Sample data · not a survey"
        assert page.freeze_panes == "A5"
        cells = [cell.value for row in page.iter_rows(min_row=4) for cell in row if isinstance(cell.value, str)]
        assert not [text for text in cells if "{" in text or re.search(r"health\.|problem\.|report\.|sheet\.", text)]


def test_the_problem_list_leads_back_to_the_objects(results, tmp_path: Path):
    found, state = results
    write_results(tmp_path / "t.xlsx", found, state, "zh")
    page = openpyxl.load_workbook(tmp_path / "t.xlsx")["问题清单"]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=5)]
    assert len(rows) == sum(len(result.problems) for result in found)
    assert rows[0][1] == "HC25-25"
    assert (rows[0][3], rows[0][6], rows[0][9]) == ("甲街道", "P1", 1)


def test_facilities_are_counted_by_class_and_state(results, tmp_path: Path):
    counted = counts_by_class([(components(), EDITION)])
    write_results(tmp_path / "t.xlsx", *results, "zh", counted)
    page = openpyxl.load_workbook(tmp_path / "t.xlsx")["部件统计"]
    rows = list(page.iter_rows(min_row=5))
    assert [row[0].value for row in rows[:-1]] == ["0101", "0103", "0104", "0118", None]
    assert rows[0][1].value == "上水井盖"
    assert evaluate(page, rows[-1][-1]) == 6


def test_a_plain_table_leaves_no_data_empty(results, tmp_path: Path):
    write_results(tmp_path / "t.csv", *results, "zh")
    raw = (tmp_path / "t.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")  # or Excel takes it for GBK
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["指标值"] for row in rows if row["单元"] == "乙街道"][:1] == [""]
    assert {row["数据性质"] for row in rows} == {"示例数据 · 非真实测量"}
    table = pd.read_csv(tmp_path / "t.csv")
    assert table["指标值"].iloc[0] == pytest.approx(results[0][0].units[0].value)


def test_a_suffix_that_is_no_table_is_refused(results, tmp_path: Path):
    with pytest.raises(UserError, match=r"table\.bad_suffix"):
        write_results(tmp_path / "t.pdf", *results, "zh")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_rule_can_be_said_in_words(results, lang: str):
    for result in results[0]:
        for rule in result.thresholds:
            text = threshold_text(rule, lang)
            assert "{" not in text
            assert not text.startswith("health.")


def test_names_that_look_like_formulas_stay_names_and_our_own_formulas_work(results, tmp_path: Path):
    found, state = results
    evil = "=HYPERLINK(1)"
    found = [replace(one, units=tuple(replace(unit, unit_name=evil, unit_name_en=evil) for unit in one.units),
                     problems=tuple(replace(each, name=evil, name_en=evil, code="@x") for each in one.problems))
             for one in found]  # fmt: skip
    state = replace(state, layers=tuple(replace(layer, name=evil, name_en=evil) for layer in state.layers))
    write_results(tmp_path / "a.xlsx", found, state, "en", counts_by_class([(components(), EDITION)]), "2025-08-01")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    live = [cell.value for page in book for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    assert live
    assert not [text for text in live if "HYPERLINK" in text or "@" in text]
    assert evil in [cell.value for page in book for row in page.iter_rows() for cell in row if cell.data_type == "s"]
    write_results(tmp_path / "a.csv", found, state, "en")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert f"'{evil}" in cells
    assert evil not in cells

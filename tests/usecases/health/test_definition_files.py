"""Definitions out to a file and back: what was not touched stays, what was is a line of the log."""

from __future__ import annotations

import tomllib

import openpyxl
import pytest
import tomli_w

from app.usecases.health import definition_files, definitions
from models.core.errors import UserError
from models.health.book import definition_of, tables_of, whole_book_of
from models.health.definitions.freeze import fingerprint_of
from resources import HERE
from tests.support.health_city import strip_city


@pytest.fixture
def city(session):
    session.settings.set("author", "王工")
    session.project.replace_all(*strip_city(), None)
    session.history.clear()
    return session


def of(city):
    return city.project.state.health


@pytest.mark.parametrize("suffix", [".toml", ".xlsx"])
def test_what_goes_out_and_comes_back_untouched_changes_nothing(city, tmp_path, suffix):
    before = fingerprint_of(whole_book_of(of(city)))
    file = tmp_path / f"a{suffix}"
    definition_files.export_definitions(tables_of(of(city)), file, "zh")
    taken = definition_files.import_definitions(city, file)
    assert (taken.changed, taken.added) == (0, 0)
    assert not of(city).changes
    assert fingerprint_of(whole_book_of(of(city))) == before


def test_a_threshold_edited_in_a_workbook_comes_back_with_the_document_in_the_log(city, tmp_path):
    file = tmp_path / "口径.xlsx"
    definition_files.export_definitions(tables_of(of(city)), file, "en")
    book = openpyxl.load_workbook(file)
    page = book["Benchmarks"]
    heads = {cell.value: cell.column for cell in page[3]}
    row = next(row for row in range(4, page.max_row + 1) if page.cell(row, heads["Code"]).value == "HC25-25")
    page.cell(row, heads["Value"]).value = 88
    indicators = book["Indicators"]
    columns = {cell.value: cell.column for cell in indicators[3]}
    new = indicators.max_row + 1
    for head, value in {
        "Code": "SD-01", "Name": "口袋公园数量", "Dimension": "block", "Unit": "个", "Direction": "up",
        "Origin": "provincial", "Formula to compute": "count(green where kind = 'park')",
    }.items():  # fmt: skip
        indicators.cell(new, columns[head]).value = value
    book.save(file)
    taken = definition_files.import_definitions(city, file, "鲁建〔2026〕1号")
    assert (taken.changed, taken.added) == (1, 1)
    own = definition_of(of(city), "HC25-25")
    assert [one.value for one in own.benchmarks] == [88, 90]
    assert own.check_items
    assert own.parameters["radius"]
    added = definition_of(of(city), "SD-01")
    assert (added.origin, added.form, [one.role for one in added.inputs]) == ("provincial", "count", ["green"])
    assert {line.document for line in of(city).changes} == {"鲁建〔2026〕1号"}
    city.history.undo()
    assert not of(city).changes


def test_a_template_brings_dimensions_readings_and_methods(city, tmp_path):
    file = tmp_path / "a.toml"
    table = {
        "dimension": [{"id": "good_city", "zh": "好城区", "en": "Good city"}],
        "indicator": [
            {"code": "SD-02", "name": "本地", "dimension": "good_city", "unit": "%", "readings": [
                {"id": "a", "zh": "甲", "en": "A"}, {"id": "b", "zh": "乙", "en": "B"}]},
        ],
    }  # fmt: skip
    file.write_text(tomli_w.dumps(table), encoding="utf-8")
    definition_files.import_definitions(city, file)
    added = definition_of(of(city), "SD-02")
    assert (added.reading, len(added.readings)) == ("a", 2)
    assert whole_book_of(of(city)).dimensions["good_city"] == ("好城区", "Good city")


def test_star_items_of_a_city_are_kept_and_give_an_official_star_only_when_whole(city, tmp_path):
    file = tmp_path / "星级.toml"
    table = tomllib.loads((HERE / "standards/stars/dbt37_3890_city.toml").read_text(encoding="utf-8"))
    file.write_text(tomli_w.dumps(table), encoding="utf-8")
    assert "合成" in definition_files.import_definitions(city, file).stars
    assert [one.is_official for one in of(city).star_sets] == [False]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.toml", b"not = [toml"),
        ("a.toml", b"\xff\xfe"),
        ("a.toml", b"x = 1"),
        ("a.toml", b"indicator = 3"),
        ("a.toml", b"[[indicator]]\ncode = 'X'\n"),
        ("a.toml", b"[[indicator]]\nname = 'X'\n"),
        ("a.toml", b"[[indicator]]\ncode='X'\nname='X'\ndimension='city'\n[[indicator.benchmark]]\nvalue='a'\n"),
        ("a.toml", b"[[indicator]]\ncode='X'\nname='X'\ndimension='city'\nmethod='formula'\n"),
        ("a.toml", b"[[dimension]]\nid='x'\n[[indicator]]\ncode='X'\n"),
        ("a.xlsx", b"PK\x03\x04 broken"),
        ("a.xlsx", b""),
        ("a.docx", b"x"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused_and_changes_nothing(city, tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(UserError):
        definition_files.import_definitions(city, file)
    assert not of(city).changes


def test_a_workbook_of_something_else_and_frozen_definitions_are_refused(city, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(UserError, match=r"health\.template_damaged"):
        definition_files.import_definitions(city, tmp_path / "a.xlsx")
    definition_files.export_definitions(tables_of(of(city)), tmp_path / "b.toml", "zh")
    definitions.freeze(city)
    with pytest.raises(UserError, match=r"health\.frozen"):
        definition_files.import_definitions(city, tmp_path / "b.toml")

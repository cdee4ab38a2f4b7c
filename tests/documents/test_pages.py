"""Pages: the same bytes twice, words that can be found, call-outs clear of each other, characters that no font has."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.sheets.spec import Item, SheetSpec, Subject
from tests.support.paths import ROOT
from viewers.legend import Legend, LegendEntry
from viewers.sheets.pages import content as parts

RARE = "昇喆堃垚峧澥"
PAGE = parts.PageContent(
    (297, 210), 0.8, 8.0,
    (
        parts.Piece(parts.Heading("示民青风 · 覆盖率", "HC25-25", "示例数据"), (12, 12, 270, 16)),
        parts.Piece(
            parts.Picture(np.full((60, 90, 3), 150, np.uint8), "甲", (parts.Mark("1", 0.5, 0.5, (0.4, 0.4, 0, 0)),)),
            (12, 30, 160, 120),
        ),
        parts.Piece(Legend("图例", (LegendEntry("≥ 90", "#22aa66", count=3), LegendEntry("无数据", "", "hatch"))),
                    (180, 30, 80, 60)),
        parts.Piece(parts.Chart("值", (parts.Column("A", 3.0, "3"), parts.Column("B", None, "无"))), (180, 92, 80, 40)),
        parts.Piece(parts.Table("表", ("名称", "值"), (("甲", "1"), ("乙", "2")), (False, True)), (180, 134, 80, 30)),
        parts.Piece(parts.KeyMap("位置", (np.array([[0, 0], [9, 0], [9, 9.0]]),)), (262, 30, 25, 40)),
        parts.Piece(parts.Photo(b""), (262, 80, 25, 20)),
        parts.Piece(parts.Bar(20.0, "200 m", "1 : 10 000"), (14, 130, 50, 12)),
        parts.Piece(parts.Needle(30.0), (150, 32, 14, 14)),
        parts.Piece(parts.Block((("编制单位", "院"), ("审图号", "内部资料"))), (12, 170, 270, 20)),
    ),
    watermark="草稿", title="页",
)  # fmt: skip


def words_in(path: Path) -> str:
    """Return every character that the fonts of a PDF can be asked back."""
    with pikepdf.open(path) as pdf:
        tables = [thing.ToUnicode.read_bytes() for thing in pdf.objects
                  if isinstance(thing, pikepdf.Dictionary) and "/ToUnicode" in thing]  # fmt: skip
    signs = [bytes.fromhex(code.decode()) for table in tables for code in re.findall(rb"<(\w{4})>", table)]
    return "".join(sign.decode("utf-16-be", "ignore") for sign in signs)


@pytest.mark.usefixtures("offscreen")
@pytest.mark.parametrize("dark", [False, True])
def test_a_page_drawn_twice_is_the_same_bytes_and_its_fonts_are_in_it(tmp_path: Path, dark: bool) -> None:
    from viewers.sheets.pages.pdf_file import record_in, write_pages

    one, two = tmp_path / "a.pdf", tmp_path / "b.pdf"
    for path in (one, two):
        write_pages(path, (replace(PAGE, dark=dark), PAGE), '{"甲": 1}', "题")
    assert one.read_bytes() == two.read_bytes()
    assert record_in(one) == '{"甲": 1}'
    with pikepdf.open(one) as pdf:
        assert len(pdf.pages) == 2
        assert [float(side) for side in pdf.pages[0].mediabox[2:]] == pytest.approx([841.9, 595.3], abs=0.6)
        assert "/CreationDate" not in pdf.docinfo
        fonts = [thing for thing in pdf.objects
                 if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor"]  # fmt: skip
        assert fonts
        assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)


@pytest.mark.usefixtures("offscreen")
def test_what_is_copied_out_of_a_page_is_what_was_written(tmp_path: Path) -> None:
    from viewers.sheets.pages.pdf_file import write_pages

    write_pages(tmp_path / "a.pdf", (PAGE,))
    found = words_in(tmp_path / "a.pdf")
    assert set("示民青风覆盖率HC25-25草内部资料1:") - set(found) == {"草"}, "a watermark is no text"


@pytest.mark.usefixtures("offscreen")
@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.floats(0.05, 0.95), st.floats(0.05, 0.95)), min_size=1, max_size=40))
def test_numbers_at_objects_stand_in_the_picture_and_not_over_each_other(places: list[tuple[float, float]]) -> None:
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QImage, QPainter

    from viewers.sheets.pages.callouts import placed
    from viewers.sheets.pages.page_pen import PagePen

    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    room = QRectF(0, 0, 5000, 3600)
    marks = [parts.Mark(str(k), x, y, (x, y, 0.0, 0.0)) for k, (x, y) in enumerate(places, 1)]
    labels = placed(PagePen(painter, PAGE), room, marks)
    painter.end()
    assert len(labels) == len(marks)
    assert all(room.contains(label.box) for label in labels)
    assert not any(one.box.intersects(two.box) for one, two in combinations(labels, 2))


@pytest.mark.usefixtures("offscreen")
def test_a_name_beyond_our_font_is_printed_where_the_system_has_a_font_and_told_where_it_has_none() -> None:
    from viewers.sheets.glyphs import missing_glyphs, stepping_in

    assert missing_glyphs(["甲乙 abc\n", "²"]) == ""
    assert missing_glyphs(["\U0010fffd", "甲"]) in ("\U0010fffd", ""), "private use is not printable"
    if len(stepping_in()) > 1:
        level_1 = "".join(map(chr, range(0x4E00, 0x9FA6)))
        assert missing_glyphs([RARE, level_1]) == ""


@pytest.mark.skipif(sys.platform != "linux", reason="fonts are hidden by fontconfig")
def test_without_a_font_of_the_system_the_characters_are_named(tmp_path: Path) -> None:
    (tmp_path / "fonts.conf").write_text(f"<fontconfig><cachedir>{tmp_path / 'c'}</cachedir></fontconfig>")
    code = f"from viewers.sheets.glyphs import missing_glyphs; print(missing_glyphs(['王{RARE}', '李']))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8",
        env={**os.environ, "FONTCONFIG_FILE": str(tmp_path / "fonts.conf"), "QT_QPA_PLATFORM": "offscreen",
             "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.stdout.strip() == RARE


def test_a_sheet_and_a_picture_read_their_specification_back_from_png_and_pdf(tmp_path: Path) -> None:
    from viewers.sheets.pages.pdf_file import write_pages
    from viewers.sheets.record import read_sheet, record_text, write_png

    sheet = SheetSpec("a", "图", subject=Subject("district", "D1", "甲"), items=(Item("v", "view", (1, 2, 3, 4)),))
    write_pages(tmp_path / "a.pdf", (PAGE,), record_text(sheet, "f00"))
    write_png(np.zeros((4, 4, 3), np.uint8), sheet, tmp_path / "a.png", "f00")
    assert read_sheet(tmp_path / "a.pdf") == read_sheet(tmp_path / "a.png") == (sheet, "f00")


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4\n", b"\x00" * 400, b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"])
def test_a_file_that_is_no_sheet_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    from models.core.errors import UserError
    from viewers.sheets.record import read_record, read_sheet

    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    for read in (read_record, read_sheet):
        with pytest.raises(UserError, match=r"picture\."):
            read(path)


@pytest.fixture
def offscreen() -> None:
    """One Qt application serves all tests of a process."""

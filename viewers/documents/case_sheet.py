"""The sheet of one case (案件单): what it is, its deadline, its steps, its photos, lines to sign on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.store.atomic import replacing
from models.store.whole_files import of_members
from viewers.documents.opinions.content import thumbnail

_INK, _LABEL, _SHADE = "1D2A31", "B45F06", "E6ECEF"
#: Signs that no XML holds.
_BARE = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}


@dataclass(frozen=True, slots=True)
class CaseSheet:
    """What stands on the sheet, in words.

    Parameters
    ----------
    title, label : str
        ``label`` says that the data is synthetic, empty where it is not.
    facts : sequence of (str, str)
    heads : sequence of str
        Of the steps.
    steps : sequence of sequence of str
    steps_title, photos_title : str
    photos : sequence of Path
    signatures : sequence of str
    """

    title: str
    label: str
    facts: Sequence[tuple[str, str]]
    heads: Sequence[str]
    steps: Sequence[Sequence[str]]
    steps_title: str
    photos_title: str
    photos: Sequence[Path]
    signatures: Sequence[str]


def write_case_sheet(path: Path, sheet: CaseSheet) -> None:
    """Write the sheet as a Word document, A4; whole or not at all."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    document = Document()
    style = document.styles["Normal"]
    style.font.size, style.font.name = Pt(10.5), "Times New Roman"
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "SimSun")
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(18)
    document.core_properties.author, document.core_properties.comments = "Chengjing", ""

    def line(text: str, size: float = 10.5, colour: str = _INK, *, bold: bool = False, middle: bool = False) -> Any:
        one = document.add_paragraph()
        run = one.add_run(_clean(text))
        run.bold, run.font.size, run.font.color.rgb = bold, Pt(size), RGBColor.from_string(colour)
        if middle:
            one.alignment = WD_ALIGN_PARAGRAPH.CENTER
        one.paragraph_format.space_after = Pt(4)
        return one

    line(sheet.title, 18, bold=True, middle=True)
    if sheet.label:
        line(sheet.label, colour=_LABEL, bold=True, middle=True)
    _table(document, [(name, value) for name, value in sheet.facts], (34, 136), None)
    line(sheet.steps_title, 13, bold=True).paragraph_format.space_before = Pt(10)
    _table(document, sheet.steps, (32, 24, 30, 84), sheet.heads)
    pictures = [found for found in map(_picture, sheet.photos) if found]
    if pictures:
        line(sheet.photos_title, 13, bold=True).paragraph_format.space_before = Pt(10)
        row = document.add_paragraph()
        for picture in pictures:
            import io

            row.add_run().add_picture(io.BytesIO(picture), width=Mm(80))
    last = line("        ".join(f"{name} ＿＿＿＿＿＿" for name in sheet.signatures))
    last.paragraph_format.space_before, last.paragraph_format.keep_together = Pt(24), True
    with replacing(Path(path), of_members(["word/document.xml", "[Content_Types].xml"])) as fresh:
        document.save(str(fresh))


def _table(document: Any, rows: Sequence[Sequence[str]], widths: tuple[int, ...], heads: Sequence[str] | None) -> None:
    from docx.shared import Mm

    table = document.add_table(rows=0, cols=len(widths))
    table.style, table.autofit = "Table Grid", False
    for number, texts in enumerate([heads, *rows] if heads else rows):
        cells = table.add_row().cells
        for place, (cell, text, width) in enumerate(zip(cells, texts or (), widths, strict=True)):
            cell.width = Mm(width)
            shaded = number == 0 if heads else place == 0
            _fill(cell, text, shaded)


def _fill(cell: Any, text: str, shaded: bool) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run = cell.paragraphs[0].add_run(_clean(text))
    run.font.size, run.bold = Pt(9.5), shaded
    if shaded:
        fill = OxmlElement("w:shd")
        fill.set(qn("w:val"), "clear")
        fill.set(qn("w:fill"), _SHADE)
        cell._tc.get_or_add_tcPr().append(fill)


def _picture(path: Path) -> bytes:
    """Return a photo made small, empty where it is none."""
    try:
        return thumbnail(path.read_bytes())
    except (OSError, ValueError):
        return b""


def _clean(text: str) -> str:
    return text.translate(_BARE).encode("utf-8", "ignore").decode()

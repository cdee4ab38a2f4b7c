"""The minutes of a review (评审会纪要) and the table of decisions (意见采纳表) as a document to be signed."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from models.store.atomic import replacing
from models.store.steady_files import steady_zip
from models.store.whole_files import of_members
from resources.words import word
from viewers.documents.opinions.content import Opinion, Review, summary, thumbnail, verdict_word

#: Fonts of Latin and of Chinese text.
_BODY, _HEAD = ("Times New Roman", "SimSun"), ("Arial", "SimHei")
_INK, _GREY, _LABEL = "1D2A31", "7A878E", "B45F06"
#: Columns of the table of decisions with their widths, millimetres; together as wide as an A4 page lying.
_TABLE = (("number", 12), ("author", 30), ("about", 36), ("text", 74), ("verdict", 21), ("reply", 58), ("decided", 26))
#: Signs that no XML holds.
_BARE = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}


def write_table(path: Path, review: Review, lang: str) -> None:
    """Write the table of decisions, A4 lying, its head repeated on each page."""
    page = _Paper(review, lang, lying=True)
    page.title(f"{review.project} {word('opinions.table', lang)}".strip())
    page.line(" · ".join(filter(None, (review.dates, summary(review, lang)))), grey=True)
    page.table_of(review.opinions)
    page.signatures(("opinions.sign.expert", "opinions.sign.owner", "opinions.sign.date"))
    page.save(path)


def write_minutes(path: Path, review: Review, lang: str) -> None:
    """Write the minutes: what is known of the meeting, what was said with its picture, what was decided, lines to sign.

    Time, place and chair of a meeting are known to nobody here: lines stand ready for them.
    """
    page = _Paper(review, lang)
    page.title(f"{review.project} {word('opinions.minutes', lang)}".strip())
    blank = "＿" * 12 if lang == "zh" else "_" * 24
    people = "；".join(_people(names, organisation, lang) for organisation, names in review.people)
    if lang == "en":
        people = people.replace("；", "; ")
    for name, value in (
        ("dates", review.dates or blank), ("place", blank), ("chair", blank), ("people", people or blank),
        ("recorder", blank),
    ):  # fmt: skip
        page.fact(word(f"opinions.minutes.{name}", lang), value)
    if review.agenda:
        page.heading(word("opinions.minutes.agenda", lang))
        for number, title in enumerate(review.agenda, 1):
            page.line(f"{number}. {title}")
    page.heading(word("opinions.minutes.opinions", lang))
    if not review.opinions:
        page.line(word("opinions.none", lang))
    for one in review.opinions:
        page.opinion(one)
    page.heading(word("opinions.minutes.decided", lang))
    page.line(summary(review, lang))
    undecided = [one.number for one in review.opinions if not one.verdict and one.number]
    if undecided:
        page.line(word("opinions.minutes.open", lang, numbers=("、" if lang == "zh" else ", ").join(undecided)))
    page.signatures(("opinions.sign.chair", "opinions.sign.recorder", "opinions.sign.date"))
    page.save(path)


def _people(names: list[str], organisation: str, lang: str) -> str:
    joined = ("、" if lang == "zh" else ", ").join(names)
    if not organisation:
        return joined
    return f"{organisation}（{joined}）" if lang == "zh" else f"{organisation} ({joined})"


class _Paper:
    """A document being written: A4, page numbers and the label in the foot."""

    def __init__(self, review: Review, lang: str, *, lying: bool = False) -> None:
        from docx import Document
        from docx.enum.section import WD_ORIENT
        from docx.shared import Mm, Pt

        self._review, self._lang = review, lang
        self._doc: Any = Document()
        self._headings = 0
        style = self._doc.styles["Normal"]
        style.font.size = Pt(10.5)
        _set_font(style, *_BODY)
        section = self._doc.sections[0]
        wide, tall = (Mm(297), Mm(210)) if lying else (Mm(210), Mm(297))
        section.page_width, section.page_height = wide, tall
        section.orientation = WD_ORIENT.LANDSCAPE if lying else WD_ORIENT.PORTRAIT
        section.left_margin = section.right_margin = Mm(20)
        section.top_margin = section.bottom_margin = Mm(18)
        self._foot(section)
        core = self._doc.core_properties
        core.author, core.title, core.comments = "Chengjing", _clean(review.project)[:200], ""

    def title(self, text: str) -> None:
        """Put the title."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        one = self._paragraph(text, size=Pt(18), bold=True, head=True)
        one.alignment = WD_ALIGN_PARAGRAPH.CENTER
        one.paragraph_format.space_after = Pt(4)
        if self._review.label:
            mark = self._paragraph(self._review.label, bold=True, colour=_LABEL)
            mark.alignment = WD_ALIGN_PARAGRAPH.CENTER

    def heading(self, text: str) -> None:
        """Put a heading that stays with what follows."""
        from docx.shared import Pt

        one = self._doc.add_heading("", level=1)
        self._headings += 1
        run = one.add_run(_clean(word(f"opinions.heading.{self._headings}", self._lang, text=text)))
        run.font.size, run.font.bold = Pt(13), True
        _paint(run, _INK)
        _set_font(run, *_HEAD)
        one.paragraph_format.space_before, one.paragraph_format.space_after = Pt(10), Pt(4)

    def line(self, text: str, *, grey: bool = False) -> None:
        """Put a paragraph."""
        from docx.shared import Pt

        one = self._paragraph(text, colour=_GREY if grey else "")
        one.paragraph_format.space_after = Pt(4)

    def fact(self, name: str, value: str) -> None:
        """Put a name and what is known of it."""
        from docx.shared import Mm, Pt

        one = self._doc.add_paragraph()
        one.paragraph_format.space_after = Pt(2)
        one.paragraph_format.left_indent, one.paragraph_format.first_line_indent = Mm(30), Mm(-30)
        one.paragraph_format.tab_stops.add_tab_stop(Mm(30))
        one.add_run(f"{_clean(name)}\t").bold = True
        one.add_run(_clean(value))

    def opinion(self, one: Opinion) -> None:
        """Put one opinion: who, what, its picture, what was decided."""
        from docx.shared import Mm, Pt

        lang = self._lang
        who = " · ".join(filter(None, (one.kind, one.organisation, one.author)))
        head = self._paragraph(f"{one.number or '–'}  {who}", bold=True, head=True)
        head.paragraph_format.keep_with_next = True
        head.paragraph_format.space_before, head.paragraph_format.space_after = Pt(8), Pt(2)
        about = " · ".join(filter(None, (*one.about.splitlines(), one.objects)))
        if about:
            small = self._paragraph(about, colour=_GREY, size=Pt(9))
            small.paragraph_format.keep_with_next = True
            small.paragraph_format.space_after = Pt(2)
        said = self._paragraph(one.text)
        said.paragraph_format.space_after = Pt(3)
        picture = thumbnail(one.picture)
        if picture:
            said.paragraph_format.keep_with_next = True
            frame = self._doc.add_paragraph()
            frame.paragraph_format.keep_with_next = True
            frame.paragraph_format.space_after = Pt(3)
            _put_picture(frame, picture, Mm(100))
        last = word("opinions.decided", lang, verdict=verdict_word(one.verdict, lang))
        decided = self._paragraph("", size=Pt(10.5))
        decided.add_run(last).bold = True
        if one.reply:
            decided.add_run(_clean(f"  {one.reply}"))
        by = " ".join(filter(None, (one.decided_by, one.decided_on)))
        if by:
            _paint(decided.add_run(_clean(f"  {by}")), _GREY)

    def table_of(self, opinions: Any) -> None:
        """Put the table of decisions; its head stands on each page, no row is cut."""
        from docx.enum.table import WD_TABLE_ALIGNMENT
        from docx.shared import Mm, Pt

        lang = self._lang
        table = self._doc.add_table(rows=1, cols=len(_TABLE))
        table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
        for cell, (name, _) in zip(table.rows[0].cells, _TABLE, strict=True):
            self._cell(cell, word(f"opinions.head.{name}", lang), bold=True, shade="E6ECEF")
        _mark_row(table.rows[0], "w:tblHeader")
        for one in opinions:
            row = table.add_row()
            _mark_row(row, "w:cantSplit")
            who = "\n".join(filter(None, (one.author, one.organisation, one.kind)))
            decided = "\n".join(filter(None, (one.decided_by, one.decided_on)))
            about = "\n".join(filter(None, (one.about, one.objects)))
            verdict = verdict_word(one.verdict, lang)
            for cell, text in zip(
                row.cells, (one.number, who, about, one.text, verdict, one.reply, decided), strict=True
            ):  # fmt: skip
                self._cell(cell, text)
            picture = thumbnail(one.picture)
            if picture:
                frame = row.cells[3].add_paragraph()
                frame.paragraph_format.space_before = Pt(3)
                _put_picture(frame, picture, Mm(64))
        _put_margins(table)
        for column, (_, width) in zip(table.columns, _TABLE, strict=True):
            column.width = Mm(width)
        for row in table.rows:
            for cell, (_, width) in zip(row.cells, _TABLE, strict=True):
                cell.width = Mm(width)

    def signatures(self, keys: tuple[str, ...]) -> None:
        """Put lines to sign on, together on one page."""
        from docx.shared import Pt

        lines = "    ".join(
            f"{word(key, self._lang)}{'＿' * 8 if self._lang == 'zh' else ' ' + '_' * 18}" for key in keys
        )
        one = self._paragraph(lines)
        one.paragraph_format.space_before = Pt(24)
        one.paragraph_format.keep_together = True

    def save(self, path: Path) -> None:
        """Write the file; whole or not at all."""
        with replacing(Path(path), of_members(["word/document.xml", "[Content_Types].xml"])) as fresh:
            self._doc.save(fresh)
            steady_zip(fresh, self._review.when)

    def _paragraph(
        self, text: str, *, size: Any = None, bold: bool = False, colour: str = "", head: bool = False
    ) -> Any:
        one = self._doc.add_paragraph()
        run = one.add_run(_clean(text))
        run.bold = bold
        if size is not None:
            run.font.size = size
        if colour:
            _paint(run, colour)
        if head:
            _set_font(run, *_HEAD)
        return one

    def _cell(self, cell: Any, text: str, *, bold: bool = False, shade: str = "") -> None:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn
        from docx.shared import Pt

        one = cell.paragraphs[0]
        run = one.add_run(_clean(text))
        run.bold, run.font.size = bold, Pt(9)
        if shade:
            fill = OxmlElement("w:shd")
            fill.set(qn("w:val"), "clear")
            fill.set(qn("w:fill"), shade)
            cell._tc.get_or_add_tcPr().append(fill)

    def _foot(self, section: Any) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        one = section.footer.paragraphs[0]
        one.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if self._review.label:
            mark = one.add_run(f"{_clean(self._review.label)}    ")
            mark.font.size = Pt(9)
            _paint(mark, _LABEL)
        for part in ("PAGE", " / ", "NUMPAGES"):
            run = one.add_run("" if part.isalpha() else part)
            run.font.size = Pt(9)
            if part.isalpha():
                _put_field(run, part)


def _put_picture(paragraph: Any, picture: bytes, width: Any) -> None:
    """Put a picture that begins where the text does."""
    inline = paragraph.add_run().add_picture(io.BytesIO(picture), width=width)._inline
    for side in ("distL", "distR"):
        inline.set(side, "0")


def _put_margins(table: Any) -> None:
    """Keep text away from the lines of a table: 1 mm above and below, 1.5 mm beside."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    margins = OxmlElement("w:tblCellMar")
    for side, twips in (("top", 57), ("left", 85), ("bottom", 57), ("right", 85)):
        one = OxmlElement(f"w:{side}")
        one.set(qn("w:w"), str(twips))
        one.set(qn("w:type"), "dxa")
        margins.append(one)
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    if look is None:
        table._tbl.tblPr.append(margins)
    else:
        look.addprevious(margins)


def _put_field(run: Any, name: str) -> None:
    """Put a field that the program that shows the document works out."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind, text in (("begin", ""), ("", name), ("separate", ""), ("shown", "1"), ("end", "")):
        if kind in ("begin", "separate", "end"):
            made = OxmlElement("w:fldChar")
            made.set(qn("w:fldCharType"), kind)
        else:
            made = OxmlElement("w:t" if kind else "w:instrText")
            made.text = text
        run._r.append(made)


def _mark_row(row: Any, name: str) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _set_font(of: Any, latin: str, chinese: str) -> None:
    from docx.oxml.ns import qn

    of.font.name = latin
    of.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), chinese)


def _paint(run: Any, colour: str) -> None:
    from docx.shared import RGBColor

    run.font.color.rgb = RGBColor.from_string(colour)


def _clean(text: str) -> str:
    """Return a text without what no XML holds."""
    return text.translate(_BARE).encode("utf-8", "ignore").decode()

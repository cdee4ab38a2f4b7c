"""The report as a Word document: cover, contents, chapters with captions, references and page numbers, annexes."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from models.report.numbering import Number
from models.report.pieces import Heading, Paragraph, Picture, Piece, Report, Table, Turn
from models.report.text.chinese import chinese_number
from models.report.text.marked import plain
from models.store.atomic import replacing
from models.store.steady_files import steady_zip
from models.store.whole_files import of_members
from resources.words import word
from viewers.documents.report import wordml
from viewers.documents.report.composing import number_text
from viewers.documents.report.docx_styles import dress
from viewers.documents.report.wordml import BLOCK, Ids, bookmark_name, bookmarked, control, paragraph, run, runs, tag_of

#: Width of the text, twentieths of a point: of a page that stands, and of one that lies.
WIDE_DXA = {False: 8957, True: 13_890}
_PAGE = {False: (11_906, 16_838), True: (16_838, 11_906)}
_MARGINS = 'w:top="1587" w:right="1474" w:bottom="1361" w:left="1474" w:header="850" w:footer="737" w:gutter="0"'
_LOOKS = {"text": "ReportText", "missing": "ReportMissing", "note": "ReportMissing", "item": "ReportText"}
#: Levels of headings in the table of contents.
CONTENTS_LEVELS = 3
#: Styles by the names that python-docx gives them.
_TOC, _FIGURES = "toc{}", "tableoffigures"


def write_docx(
    path: Path, report: Report, numbers: Mapping[str, Number], pages: Mapping[str, str] | None = None
) -> None:
    """Write a report as a Word document, whole or not at all; the same report gives the same bytes.

    Parameters
    ----------
    path : Path
    report : Report
    numbers : mapping of str to Number
        Of its tables and pictures.
    pages : mapping of str to str, optional
        On which page each heading, table and picture stands, by the name of its bookmark; without it the lists of
        contents have no page numbers until Word or LibreOffice works them out.

    Raises
    ------
    UserError
        What :func:`models.store.atomic.replacing` raises.
    """
    raw = docx_bytes(report, numbers, pages)
    with replacing(Path(path), of_members(["word/document.xml", "[Content_Types].xml"])) as fresh:
        fresh.write_bytes(raw)
        steady_zip(fresh, f"{report.date}T00:00:00Z")


def docx_bytes(report: Report, numbers: Mapping[str, Number], pages: Mapping[str, str] | None = None) -> bytes:
    """Return a report as a Word document, see :func:`write_docx`."""
    from docx import Document
    from docx.oxml import parse_xml

    document = Document()
    dress(document, report.lang)
    writer = _Writer(document, report, numbers, pages or {})
    body = document.element.body
    for child in list(body):
        if not child.tag.endswith("}sectPr"):
            body.remove(child)
    last = body[-1]
    for child in list(parse_xml(wordml.joined(writer.parts()))):
        last.addprevious(child)
    _close(document, report, last, lies=writer.lies)
    about = document.core_properties
    about.title, about.subject, about.author = plain(report.title), report.subtitle, "Chengjing"
    about.last_modified_by, about.comments, about.keywords = "Chengjing", "; ".join(report.marks), ""
    about.language = "zh-CN" if report.lang == "zh" else "en-GB"
    about.revision = 1
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


class _Writer:
    """Writes the pieces of a report as WordprocessingML."""

    def __init__(self, document: Any, report: Report, numbers: Mapping[str, Number], pages: Mapping[str, str]) -> None:
        self.document, self.report, self.numbers, self.pages = document, report, numbers, pages
        self.ids, self.lies = Ids(), False
        self.has_begun = False

    def parts(self) -> Iterator[str]:
        yield from self._cover()
        yield from self._contents()
        yield _section(lies=False, first=True, number="lowerRoman")
        waiting: list[str] = []
        block = ""
        for piece in self.report.pieces:
            own = piece.block if isinstance(piece, Paragraph) else ""
            if waiting and own != block:
                yield control(tag_of(BLOCK, block), "".join(waiting), self.ids)
                waiting = []
            block = own
            if own:
                waiting.append(self._piece(piece))
            else:
                yield self._piece(piece)
        if waiting:
            yield control(tag_of(BLOCK, block), "".join(waiting), self.ids)

    def _piece(self, piece: Piece) -> str:
        match piece:
            case Heading():
                return self._heading(piece)
            case Paragraph():
                return paragraph(_LOOKS[piece.look], runs(piece.text, self.ids))
            case Table():
                return self._table(piece)
            case Picture():
                return self._picture(piece)
            case Turn():
                before, self.lies = self.lies, piece.landscape
                return _section(lies=before, first=False, number="decimal", is_start=not self._restarted())

    def _restarted(self) -> bool:
        before, self.has_begun = self.has_begun, True
        return before

    def _heading(self, piece: Heading) -> str:
        text = bookmarked(bookmark_name(piece.id), run(piece.text), self.ids)
        if piece.level == 0:
            return paragraph("AnnexHeading", text, "<w:pageBreakBefore/>")
        is_chapter = piece.level == 1 and piece.id != "1"
        return paragraph(f"Heading{piece.level}", text, "<w:pageBreakBefore/>" if is_chapter else "")

    def _caption(self, name: str, caption: str, *, keep: bool) -> str:
        number = self.numbers[name]
        whole = number_text(number, self.report.lang)
        head, _, _ = whole.rpartition(str(number.place))
        kept = "<w:keepNext/>" if keep else ""
        sequence = f"SEQ {self._sequence(number.kind)} \\* ARABIC" + (" \\r 1" if number.place == 1 else "")
        label = bookmarked(bookmark_name(name), run(head) + wordml.field(sequence, run(str(number.place))), self.ids)
        return paragraph(
            "ReportCaption", label + run("　" if self.report.lang == "zh" else "  ") + runs(caption, self.ids), kept
        )

    def _sequence(self, kind: str) -> str:
        return word(f"report.seq.{kind}", self.report.lang).replace(" ", "_")

    def _table(self, piece: Table) -> str:
        made = wordml.table(piece, WIDE_DXA[self.lies], self.ids)
        return self._caption(piece.id, piece.caption, keep=True) + made + paragraph("TableText", "")

    def _picture(self, piece: Picture) -> str:
        relation, image = self.document.part.get_or_add_image(io.BytesIO(piece.image))
        tall = piece.width_mm * image.px_height / image.px_width
        shown = wordml.picture(relation, piece.width_mm, tall, piece.alt, self.ids)
        return paragraph("ReportPicture", shown) + self._caption(piece.id, piece.caption, keep=False)

    # --- what stands before the chapters ------------------------------------------------------------------------------

    def _cover(self) -> Iterator[str]:
        report = self.report
        yield paragraph("CoverSub", "", '<w:spacing w:before="2600" w:after="0"/>')
        yield paragraph("CoverTitle", runs(report.title, self.ids))
        yield paragraph("CoverSub", run(report.subtitle), '<w:spacing w:before="0" w:after="1200"/>')
        for mark in report.marks:
            yield paragraph("CoverMark", run(mark))
        yield paragraph("CoverSub", "", '<w:spacing w:before="0" w:after="2600"/>')
        colon = "：" if report.lang == "zh" else ": "
        for name, text in report.facts:
            yield paragraph("CoverFact", run(f"{name}{colon}{text}"))

    def _contents(self) -> Iterator[str]:
        lang, report = self.report.lang, self.report
        yield paragraph("ContentsHeading", run(word("report.contents", lang)), "<w:pageBreakBefore/>")
        numbers = _heading_numbers(report)
        lines = [
            (
                _TOC.format(max(piece.level, 1)),
                numbers[piece.id] + piece.text,
                bookmark_name(piece.id),
                self._page(piece.id),
            )
            for piece in report.pieces
            if isinstance(piece, Heading) and piece.level <= CONTENTS_LEVELS
        ]
        yield wordml.listed(lines, f'TOC \\o "1-{CONTENTS_LEVELS}" \\h \\z \\t "AnnexHeading,1"')
        for kind, heading in (("picture", "report.pictures"), ("table", "report.tables")):
            shown = [
                piece
                for piece in report.pieces
                if isinstance(piece, (Table, Picture)) and self.numbers[piece.id].kind == kind
            ]
            if not shown:
                continue
            yield paragraph("ContentsHeading", run(word(heading, lang)), "<w:pageBreakBefore/>")
            lines = [
                (
                    _FIGURES,
                    f"{number_text(self.numbers[one.id], lang)}　{plain(one.caption)}",
                    bookmark_name(one.id),
                    self._page(one.id),
                )
                for one in shown
            ]
            yield wordml.listed(lines, f'TOC \\h \\z \\c "{self._sequence(kind)}"')

    def _page(self, name: str) -> str:
        return self.pages.get(bookmark_name(name), "")


def _heading_numbers(report: Report) -> dict[str, str]:
    """Return the numbers that Word gives the headings, as the contents have them."""
    counts = [0, 0, 0, 0]
    found = {}
    for piece in report.pieces:
        if not isinstance(piece, Heading):
            continue
        if piece.level == 0:
            found[piece.id] = ""
            continue
        counts[piece.level - 1] += 1
        counts[piece.level :] = [0] * (4 - piece.level)
        if report.lang == "zh":
            own = counts[piece.level - 1]
            found[piece.id] = (f"{chinese_number(own)}、", f"（{chinese_number(own)}）", f"{own}.", f"（{own}）")[
                piece.level - 1
            ]
        else:
            found[piece.id] = ".".join(str(one) for one in counts[: piece.level]) + " "
    return found


def _section(*, lies: bool, first: bool, number: str, is_start: bool = False) -> str:
    """Return the end of a section: what stands before it has this page."""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="TableText"/>{_section_properties(lies, first, number, is_start)}</w:pPr></w:p>'
    )


def _section_properties(lies: bool, first: bool, number: str, is_start: bool) -> str:
    wide, tall = _PAGE[lies]
    turned = ' w:orient="landscape"' if lies else ""
    start = ' w:start="1"' if is_start or first else ""
    title = "<w:titlePg/>" if first else ""
    return (
        f'<w:sectPr><w:type w:val="nextPage"/><w:pgSz w:w="{wide}" w:h="{tall}"{turned}/><w:pgMar {_MARGINS}/>'
        f'<w:pgNumType w:fmt="{number}"{start}/>{title}</w:sectPr>'
    )


def _close(document: Any, report: Report, last: Any, *, lies: bool) -> None:
    """Give the last section its page, the first its header and footer, which the others go on with."""
    from docx.enum.section import WD_ORIENT
    from docx.oxml import parse_xml
    from docx.oxml.ns import qn

    section = document.sections[-1]
    wide, tall = _PAGE[lies]
    section.page_width, section.page_height = wide * 635, tall * 635
    section.orientation = WD_ORIENT.LANDSCAPE if lies else WD_ORIENT.PORTRAIT
    for child in last.findall(qn("w:pgNumType")):
        last.remove(child)
    first = document.sections[0]
    text = plain(report.title) + "".join(f" · {mark}" for mark in report.marks)
    for part, style, content in (
        (first.header, "Header", run(text)),
        (first.footer, "Footer", run("— ") + wordml.field("PAGE", run("1")) + run(" —")),
    ):
        part.is_linked_to_previous = False
        for old in list(part._element):
            part._element.remove(old)
        part._element.append(
            parse_xml(
                f'<w:p {wordml.NAMESPACES}><w:pPr><w:pStyle w:val="{style}"/><w:jc w:val="center"/></w:pPr>'
                f"{content}</w:p>"
            )
        )
    settings = document.settings.element
    settings.append(parse_xml(f'<w:updateFields xmlns:w="{wordml.W}" w:val="true"/>'))

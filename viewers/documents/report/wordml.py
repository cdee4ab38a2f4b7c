"""Pieces of WordprocessingML as text: runs, fields, bookmarks, content controls, tables.

A number is a run in a content control whose tag is the id of its figure, a block a content control around its
paragraphs: both survive editing in Word, and are found again by their tags (:mod:`viewers.documents.report.read_back`).
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from models.report.pieces import Align, Table
from models.report.text.marked import parts_of

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
#: Beginnings of the tags of content controls. Word takes 64 signs of a tag.
FIGURE, BLOCK, MOST_TAG = "figure:", "block:", 64
EMU_MM = 36_000
#: What XML 1.0 cannot hold.
_NO_XML = re.compile(r"[\x00-\x08\x0a-\x1f\ud800-\udfff\ufffe\uffff]")


class Ids:
    """Numbers of content controls, bookmarks and drawings, which must be unique in a document."""

    def __init__(self) -> None:
        self._next = itertools.count(1)

    def __call__(self) -> int:
        """Return the next number."""
        return next(self._next)


def tag_of(head: str, name: str) -> str:
    """Return the tag of a figure or block; a long name by its hash."""
    tag = head + name
    return tag if len(tag) <= MOST_TAG else f"{head}#{hashlib.sha256(name.encode()).hexdigest()[:24]}"


def bookmark_name(name: str) -> str:
    """Return the name of the bookmark of a heading, table or picture: letters and digits, at most 40."""
    return f"_c{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def text_of(text: str) -> str:
    """Return a text without the signs that XML cannot hold."""
    return escape(_NO_XML.sub("", text))


def run(text: str, properties: str = "") -> str:
    """Return a run of text."""
    own = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{own}<w:t xml:space="preserve">{text_of(text)}</w:t></w:r>'


def control(tag: str, content: str, ids: Ids) -> str:
    """Return a content control around runs or paragraphs."""
    return (
        f'<w:sdt><w:sdtPr><w:tag w:val={quoteattr(tag)}/><w:id w:val="{ids()}"/></w:sdtPr>'
        f"<w:sdtContent>{content}</w:sdtContent></w:sdt>"
    )


def field(instruction: str, shown: str, *, is_dirty: bool = False) -> str:
    """Return a complex field with what it shows until somebody brings it up to date."""
    dirty = ' w:dirty="true"' if is_dirty else ""
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"{dirty}/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {text_of(instruction)} </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{shown}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def bookmarked(name: str, content: str, ids: Ids) -> str:
    """Return content within a bookmark."""
    number = ids()
    return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{content}<w:bookmarkEnd w:id="{number}"/>'


def paragraph(style: str, content: str, properties: str = "") -> str:
    """Return a paragraph of a style."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{content}</w:p>'


def runs(text: str, ids: Ids, properties: str = "") -> str:
    """Return a marked text as runs: numbers in their controls, references as fields."""
    made = []
    for part in parts_of(text):
        if part.figure.startswith("ref:"):
            target = bookmark_name(part.figure.removeprefix("ref:"))
            made.append(field(f"REF {target} \\h", run(part.text, properties)))
        elif part.figure:
            made.append(control(tag_of(FIGURE, part.figure), run(part.text, properties), ids))
        else:
            made.append(run(part.text, properties))
    return "".join(made)


def table(told: Table, width_dxa: int, ids: Ids, most_whole: int = 14) -> str:
    """Return a table: head rows repeat on each page, rows are never divided, a short table stays on one page.

    Parameters
    ----------
    told : Table
    width_dxa : int
        Twentieths of a point.
    ids : Ids
    most_whole : int
        Rows up to which it is kept together.
    """
    total = sum(column.share for column in told.columns)
    widths = [round(width_dxa * column.share / total) for column in told.columns]
    is_whole = len(told.rows) <= most_whole
    heads = "".join(
        _cell(run(column.head, "<w:b/>"), width, "center", "TableHead", shade=True, keep=True)
        for column, width in zip(told.columns, widths, strict=True)
    )
    rows = [_row(heads, is_head=True)]
    for at, row in enumerate(told.rows):
        bold = "<w:b/>" if at in told.strong else ""
        keep = (is_whole and at < len(told.rows) - 1) or at == 0 or at == len(told.rows) - 2
        cells = (
            _cell(runs(text, ids, bold), width, column.align, "TableText", keep=keep)
            for text, width, column in zip(row, widths, told.columns, strict=True)
        )
        rows.append(_row("".join(cells)))
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="ReportTable"/>'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )


def _row(cells: str, *, is_head: bool = False) -> str:
    head = "<w:tblHeader/>" if is_head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{cells}</w:tr>"


def _cell(content: str, width: int, align: Align, style: str, *, shade: bool = False, keep: bool = False) -> str:
    shading = '<w:shd w:val="clear" w:color="auto" w:fill="E8EEF1"/>' if shade else ""
    properties = f'{"<w:keepNext/>" if keep else ""}<w:jc w:val="{align}"/>'
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shading}<w:vAlign w:val="center"/></w:tcPr>'
        f"{paragraph(style, content, properties)}</w:tc>"
    )


def picture(relation: str, width_mm: float, height_mm: float, alt: str, ids: Ids) -> str:
    """Return a picture in a run."""
    wide, tall, number = round(width_mm * EMU_MM), round(height_mm * EMU_MM), ids()
    told = quoteattr(text_of(alt))
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{wide}" cy="{tall}"/>'
        f'<wp:docPr id="{number}" name="Picture {number}" descr={told}/><a:graphic>'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
        f'<pic:cNvPr id="{number}" name="Picture {number}" descr={told}/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
        f'<a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>'
        f'<a:off x="0" y="0"/><a:ext cx="{wide}" cy="{tall}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        "</pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def listed(lines: Sequence[tuple[str, str, str, str]], instruction: str, head: str = "") -> str:
    """Return a list of contents as one field whose entries are filled in.

    Parameters
    ----------
    lines : sequence of (str, str, str, str)
        Style, text, bookmark, page (empty where nobody knows it yet).
    instruction : str
        As ``TOC`` with its switches.
    head : str
        Runs before the first line.
    """
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {text_of(instruction)} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    made = []
    for at, (style, text, target, page) in enumerate(lines):
        inner = run(text) + "<w:r><w:tab/></w:r>" + field(f"PAGEREF {target} \\h", run(page or " "))
        link = f'<w:hyperlink w:anchor="{target}" w:history="1">{inner}</w:hyperlink>'
        made.append(paragraph(style, (head + begin if at == 0 else "") + link + (end if at == len(lines) - 1 else "")))
    return "".join(made)


def joined(parts: Iterable[str]) -> str:
    """Return pieces one after another as a body that can be parsed."""
    return f"<w:body {NAMESPACES}>{''.join(parts)}</w:body>"

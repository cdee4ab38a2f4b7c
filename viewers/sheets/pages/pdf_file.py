"""PDF files that are equal byte for byte when their pages are, and that say how they were made.

Qt writes the time of day and a random id into each file. Both are taken out again; title, specification and hash of the
data are written instead, as XMP (ISO 16684-1), where readers and other programs look for them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMarginsF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from models.core.errors import UserError
from models.store.atomic import replacing
from models.store.whole_files import NotWhole, of_pages
from resources.standards import standard
from viewers.sheets.pages.content import PageContent
from viewers.sheets.pages.painting import paint_page

if TYPE_CHECKING:
    import pikepdf

#: Dots an inch in which Qt places letters and lines.
RESOLUTION = 1200
CREATOR = "Chengjing"
NAMESPACE = "urn:chengjing:record:1"
_RECORD = f"{{{NAMESPACE}}}record"

Paint = Callable[[QPainter], None]


def write_pages(path: Path, pages: Iterable[PageContent], record: str = "", title: str = "") -> None:
    """Write pages into one file, each of its own size; whole or not at all.

    Parameters
    ----------
    path : Path
    pages : iterable of PageContent
        Asked for one by one, so that only one is in memory.
    record : str
        How they were made (JSON), empty for nothing.
    title : str
        Of the file.
    """
    write_painted(path, ((page.size_mm, partial(paint_page, page=page)) for page in pages), record, title)


def write_painted(
    path: Path, pages: Iterable[tuple[tuple[float, float], Paint]], record: str = "", title: str = ""
) -> None:
    """Write what functions paint on pages of given sizes (millimetres); as :func:`write_pages`."""
    count = 0

    def whole(file: Path) -> None:
        of_pages(count)(file)

    with replacing(path, whole) as temporary:
        writer = QPdfWriter(str(temporary))
        writer.setResolution(RESOLUTION)
        writer.setCreator(CREATOR)
        painter = QPainter()
        try:
            for size_mm, paint in pages:
                writer.setPageLayout(_layout(size_mm))
                if count:
                    writer.newPage()
                elif not painter.begin(writer):
                    raise OSError(f"cannot write {temporary}")
                painter.resetTransform()
                paint(painter)
                count += 1
        finally:
            painter.end()
        make_steady(temporary, record, title)


def _layout(size_mm: tuple[float, float]) -> QPageLayout:
    size = QPageSize(QSizeF(*size_mm), QPageSize.Unit.Millimeter, "", QPageSize.SizeMatchPolicy.ExactMatch)
    return QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0))


def make_steady(path: Path, record: str = "", title: str = "") -> None:
    """Take out of a PDF what differs from one writing to the next, and write into it how it was made.

    Parameters
    ----------
    path : Path
        A file that nobody reads yet; it is written anew in its place.
    record : str
    title : str

    Raises
    ------
    NotWhole
        For a file that breaks off.
    """
    import pikepdf

    try:
        _rewrite(path, record, title)
    except pikepdf.PdfError as error:  # what Qt wrote breaks off: it says nothing of a full disk
        raise NotWhole(str(error)) from error


def _rewrite(path: Path, record: str, title: str) -> None:
    import pikepdf

    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        for name in ("/CreationDate", "/ModDate"):
            if name in pdf.docinfo:
                del pdf.docinfo[name]
        pdf.docinfo["/Title"] = title
        pdf.docinfo["/Creator"] = CREATOR
        if "/Metadata" in pdf.Root:
            del pdf.Root["/Metadata"]
        pikepdf.models.metadata.PdfMetadata.register_xml_namespace(NAMESPACE, "chengjing")
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
            xmp["dc:title"] = title or CREATOR
            xmp["xmp:CreatorTool"] = CREATOR
            if record:
                xmp[_RECORD] = record
        _say_the_usual_signs(pdf)
        _name_subsets(pdf)
        for name in ("/ID", "/DocChecksum"):  # the latter is LibreOffice's, of the bytes with their dates
            if name in pdf.trailer:
                del pdf.trailer[name]
        pdf.save(path, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable,
                 stream_decode_level=pikepdf.StreamDecodeLevel.none)  # fmt: skip


def _say_the_usual_signs(pdf: pikepdf.Pdf) -> None:
    """Have letters that are copied out be the ones that were written in.

    Where a font has one glyph for a character and its radical (示, U+793A and U+2F70), Qt names the radical: the word
    would look right and nobody would find it.
    """
    import pikepdf

    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Dictionary) and isinstance(thing.get("/ToUnicode"), pikepdf.Stream):
            table = thing.ToUnicode.read_bytes()
            table = _LISTS.sub(lambda found: found[0].replace(b"<0009>", b"<0020>"), table)  # a space is no tabulator
            thing.ToUnicode.write(_RADICAL.sub(_usual, table))


def _name_subsets(pdf: pikepdf.Pdf) -> None:
    """Name the subsets of fonts by their content (ISO 32000-1, 9.6.4): Qt counts them through the life of a process."""
    import pikepdf

    fonts = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/Font"]
    for font in fonts:
        outlines = font.get("/FontDescriptor", pikepdf.Dictionary()).get("/FontFile2")
        if outlines is not None:
            number = int.from_bytes(hashlib.sha256(outlines.read_bytes()).digest()[:8], "big")
            tag = "".join(chr(ord("A") + number // 26**place % 26) for place in range(6))
            name = pikepdf.Name("/" + _SUBSET.sub(f"{tag}+", str(font.BaseFont)[1:]))
            font.BaseFont = font.FontDescriptor.FontName = name
    for font in fonts:
        if "/DescendantFonts" in font:
            font.BaseFont = font.DescendantFonts[0].BaseFont


_LISTS = re.compile(rb"\[[^\]]*\]")
_SUBSET = re.compile(r"^[A-Z]{6}\+")
#: Radicals (the value of a line of such a table), and ideographs that other encodings have twice.
_RADICAL = re.compile(rb"<(2E[89A-F][0-9A-F]|2F[0-9A-D][0-9A-F]|F9[0-9A-F]{2}|FA[0-9A-D][0-9A-F])>", re.IGNORECASE)


@lru_cache(maxsize=1)
def _same() -> dict[str, str]:
    """Return the characters that look as radicals do which have no normal form."""
    table = standard("radicals")
    return dict(zip(table["radicals"], table["characters"], strict=True))


def _usual(found: re.Match[bytes]) -> bytes:
    sign = chr(int(found[1], 16))
    return b"<%s>" % _same().get(sign, unicodedata.normalize("NFKC", sign)).encode("utf-16-be").hex().upper().encode()


def record_in(path: Path) -> str:
    """Return how a PDF says that it was made, empty where it says nothing.

    Raises
    ------
    UserError
        ``picture.missing`` or ``picture.unreadable``.
    """
    import pikepdf

    try:
        with pikepdf.open(path) as pdf, pdf.open_metadata() as xmp:
            return str(xmp.get(_RECORD) or "")
    except FileNotFoundError:
        raise UserError("picture.missing", file=str(path)) from None
    except (pikepdf.PdfError, pikepdf.PasswordError, OSError, ValueError, SyntaxError) as error:
        raise UserError("picture.unreadable", file=path.name) from error

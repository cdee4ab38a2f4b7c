"""Profiles and sections on paper: pages of A3 or A4 at a round scale, with legend, notes and title block; PDF and PNG.

Invariants
----------
1. Scales are round: lengths at 1 : n, heights at 1 : m, and the exaggeration n / m is printed.
2. A profile that is too long for one page goes on on the next, each with its own table.
3. Synthetic data is labelled on every page.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPdfWriter

from models.core.errors import UserError
from models.network.profile.cross_section import CrossSection
from models.network.profile.longitudinal import LongProfile
from models.store.atomic import replacing
from models.store.whole_files import of_pages, of_picture
from resources.words import word
from viewers.sheets.fonts import ensure_qt, font_family
from viewers.sheets.network import cross_section, longitudinal
from viewers.sheets.network.axes import SCALES, Extent, scale_for
from viewers.sheets.network.pen import BODY, SMALL, TITLE, UNIT_MM, Look, Pen, paper
from viewers.sheets.network.texts import kind as kind_name
from viewers.sheets.pen import BADGE, BADGE_TEXT

#: Paper in landscape, millimetres.
PAPERS = {"A3": (420.0, 297.0), "A4": (297.0, 210.0)}
#: Margins: left (binding), others.
_BINDING_MM, _MARGIN_MM = 20.0, 10.0
#: Height of the strip with legend, notes and title block, units.
_FOOT_UNITS = 168.0
_HEAD_UNITS = 34.0
_BLOCK_UNITS = 420.0
#: A profile longer than this many pages is drawn at a smaller scale.
MOST_PAGES = 6
_PNG_DPI = 200


@dataclass(frozen=True, slots=True)
class TitleBlock:
    """What stands in the corner.

    Parameters
    ----------
    project : str
    range : str
        From where to where.
    datum : str
        Coordinate system and heights.
    synthetic : bool
    date : str
    """

    project: str
    range: str
    datum: str
    synthetic: bool
    date: str = ""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Scales and pages of a drawing on a paper."""

    size_mm: tuple[float, float]
    horizontal: int
    vertical: int
    extents: tuple[Extent, ...]


def write(
    path: Path, subject: LongProfile | CrossSection, block: TitleBlock, lang: str, *, size: str = "A3", scale: int = 0,
    vertical: int = 0,
) -> int:  # fmt: skip
    """Write a drawing, whole or not at all.

    Parameters
    ----------
    path : Path
        ``.pdf``, or ``.png`` (several pages below one another).
    subject : LongProfile or CrossSection
    block : TitleBlock
    lang : str
    size : str
        One of :data:`PAPERS`.
    scale, vertical : int
        Of lengths and heights as 1 : n; 0 chooses.

    Returns
    -------
    int
        Pages.

    Raises
    ------
    UserError
        ``network.bad_suffix``; ``network.too_many_pages`` where a scale was asked for that takes more than 60.
    """
    ensure_qt()
    suffix = Path(path).suffix.lower()
    probe = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(probe)
    layout = _layout(Pen(painter, paper(), font_family()), subject, lang, size, scale, vertical)
    painter.end()
    if len(layout.extents) > 60:
        raise UserError("network.too_many_pages", pages=len(layout.extents))
    if suffix == ".pdf":
        _write_pdf(Path(path), subject, block, lang, layout)
    elif suffix == ".png":
        _write_png(Path(path), subject, block, lang, layout)
    else:
        raise UserError("network.bad_suffix", file=Path(path).name)
    return len(layout.extents)


def _frame_of(size_mm: tuple[float, float]) -> QRectF:
    """Return the frame of a page in units."""
    width, height = size_mm
    return QRectF(
        _BINDING_MM / UNIT_MM, _MARGIN_MM / UNIT_MM, (width - _BINDING_MM - _MARGIN_MM) / UNIT_MM,
        (height - 2 * _MARGIN_MM) / UNIT_MM,
    )  # fmt: skip


def _body_of(size_mm: tuple[float, float]) -> QRectF:
    frame = _frame_of(size_mm)
    return frame.adjusted(10, _HEAD_UNITS, -10, -_FOOT_UNITS)


def _layout(pen: Pen, subject: LongProfile | CrossSection, lang: str, size: str, scale: int, vertical: int) -> _Layout:
    size_mm = PAPERS[size]
    body = _body_of(size_mm)
    if isinstance(subject, CrossSection):
        return _section_layout(cross_section.plot_of(pen, body, subject, lang, upright=True), subject, size_mm, scale,
                               vertical)  # fmt: skip
    plot = longitudinal.plot_of(pen, body, subject, lang, upright=True)
    length = subject.length_m
    horizontal = scale or max(scale_for(length / MOST_PAGES, plot.width(), UNIT_MM), 500)
    if not scale and length * 1000 / horizontal < plot.width() * UNIT_MM:
        horizontal = max(scale_for(length, plot.width(), UNIT_MM), 100)  # a short one fills its page
    metres = plot.width() * UNIT_MM * horizontal / 1000
    pages = max(math.ceil(length / metres - 1e-6), 1)
    # each page stands at its own heights; their scale is one
    parts = [longitudinal.whole(subject, n * metres, (n + 1) * metres) for n in range(pages)]
    fitting = vertical or scale_for(max(part.high_m - part.low_m for part in parts), plot.height(), UNIT_MM)
    tall = plot.height() * UNIT_MM * fitting / 1000
    extents = tuple(
        _at_height(n * metres, (n + 1) * metres, part, tall) for n, part in enumerate(parts)
    )  # fmt: skip
    return _Layout(size_mm, horizontal, fitting, extents)


def _section_layout(
    plot: QRectF, section: CrossSection, size_mm: tuple[float, float], scale: int, vertical: int
) -> _Layout:
    """Lay a section out on one page: heights to the scale of lengths, twice as large where there is room."""
    whole = cross_section.whole(section)
    span, up = whole.to_m - whole.from_m, whole.high_m - whole.low_m
    horizontal = scale or scale_for(span, plot.width(), UNIT_MM)
    fitting = vertical or max(scale_for(up, plot.height(), UNIT_MM), _round(horizontal / 2))
    if not scale and not vertical:
        horizontal = max(horizontal, fitting)
    metres, tall = (side * UNIT_MM * n / 1000 for side, n in ((plot.width(), horizontal), (plot.height(), fitting)))
    start = whole.from_m - (metres - span) / 2
    return _Layout(size_mm, horizontal, fitting, (_at_height(start, start + metres, whole, tall),))


def _round(scale: float) -> int:
    """Return the next scale that drawings have."""
    return next((n for n in SCALES if n >= scale), SCALES[-1])


def _at_height(from_m: float, to_m: float, part: Extent, tall_m: float) -> Extent:
    """Return an extent of a height that holds a part, most of what is to spare below it."""
    spare = tall_m - (part.high_m - part.low_m)
    low = math.floor((part.low_m - 0.75 * spare) * 10) / 10
    return Extent(from_m, to_m, low, low + tall_m)


def _write_pdf(path: Path, subject: LongProfile | CrossSection, block: TitleBlock, lang: str, layout: _Layout) -> None:
    with replacing(path, of_pages(len(layout.extents))) as temporary:
        writer = QPdfWriter(str(temporary))
        size = QPageSize(QPageSize.PageSizeId.A3 if layout.size_mm[0] > 400 else QPageSize.PageSizeId.A4)
        writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Landscape, QMarginsF(0, 0, 0, 0)))
        writer.setResolution(600)
        writer.setTitle(_title(subject, lang))
        writer.setCreator("Chengjing")
        painter = QPainter(writer)
        if not painter.isActive():
            raise OSError(f"cannot write {temporary}")
        try:
            for number in range(len(layout.extents)):
                if number:
                    writer.newPage()
                painter.save()
                painter.scale(600 * UNIT_MM / 25.4, 600 * UNIT_MM / 25.4)
                _page(painter, subject, block, lang, layout, number)
                painter.restore()
        finally:
            painter.end()


def _write_png(path: Path, subject: LongProfile | CrossSection, block: TitleBlock, lang: str, layout: _Layout) -> None:
    wide, tall = (round(side / 25.4 * _PNG_DPI) for side in layout.size_mm)
    pages = len(layout.extents)
    image = QImage(wide, tall * pages, QImage.Format.Format_RGB32)
    if image.isNull():
        raise UserError("network.too_many_pages", pages=pages)
    image.fill(Qt.GlobalColor.white)
    image.setDotsPerMeterX(round(_PNG_DPI / 0.0254))
    image.setDotsPerMeterY(round(_PNG_DPI / 0.0254))
    painter = QPainter(image)
    try:
        for number in range(pages):
            painter.save()
            painter.translate(0, tall * number)
            painter.scale(_PNG_DPI * UNIT_MM / 25.4, _PNG_DPI * UNIT_MM / 25.4)
            _page(painter, subject, block, lang, layout, number)
            painter.restore()
    finally:
        painter.end()
    with replacing(path, of_picture(wide, tall * pages)) as temporary:
        if not image.save(str(temporary)):
            raise OSError(f"cannot write {temporary}")


def _page(
    painter: QPainter, subject: LongProfile | CrossSection, block: TitleBlock, lang: str, layout: _Layout, number: int
) -> None:
    look: Look = paper()
    pen = Pen(painter, look, font_family())
    frame, body = _frame_of(layout.size_mm), _body_of(layout.size_mm)
    pen.box(frame, None, "text", 2.0)
    title = _title(subject, lang)
    pen.text(QRectF(frame.left(), frame.top() + 4, frame.width(), _HEAD_UNITS - 4), title, size=TITLE, bold=True)
    extent = layout.extents[number]
    if isinstance(subject, LongProfile):
        _, left_out = longitudinal.draw(pen, body, subject, extent, lang, upright=True)
        notes = longitudinal.notes_of(subject, lang)
    else:
        _, left_out = cross_section.draw(pen, body, subject, extent, lang, upright=True)
        notes = cross_section.notes_of(subject, lang)
    if left_out:
        notes.append(word("profile.note.left_out", lang, count=left_out))
    foot = QRectF(frame.left(), frame.bottom() - _FOOT_UNITS, frame.width(), _FOOT_UNITS)
    if block.synthetic:
        _badge(pen, frame, word("sheet.synthetic", lang))
    _block(pen, QRectF(foot.right() - _BLOCK_UNITS, foot.top() + 24, _BLOCK_UNITS, _FOOT_UNITS - 24), subject, block,
           lang, layout, number)  # fmt: skip
    left = QRectF(foot.left() + 14, foot.top() + 14, foot.width() - _BLOCK_UNITS - 34, _FOOT_UNITS - 20)
    _legend(pen, left, subject, notes, lang)


def _title(subject: LongProfile | CrossSection, lang: str) -> str:
    if isinstance(subject, CrossSection):
        return word("profile.title.section", lang)
    if len(subject.kinds) == 1 and subject.kinds[0]:
        return word("profile.title.kind", lang, kind=kind_name(subject.kinds[0], lang))
    return word("profile.title", lang)


def _badge(pen: Pen, frame: QRectF, text: str) -> None:
    wide = pen.width(text, BODY, bold=True) + 22
    box = QRectF(frame.right() - wide - 12, frame.top() + 9, wide, 20)
    pen.painter.setPen(Qt.PenStyle.NoPen)
    pen.painter.setBrush(pen.look.colour(BADGE))
    pen.painter.drawRoundedRect(box, 10, 10)
    pen.text(box, text, BADGE_TEXT, bold=True)


def _block(
    pen: Pen, box: QRectF, subject: LongProfile | CrossSection, block: TitleBlock, lang: str, layout: _Layout,
    number: int,
) -> None:  # fmt: skip
    scale = word(
        "profile.block.scale.value", lang, horizontal=f"{layout.horizontal:,}", vertical=f"{layout.vertical:,}",
        times=f"{layout.horizontal / layout.vertical:g}",
    )  # fmt: skip
    rows = [
        (word("profile.block.project", lang), block.project),
        (word("profile.block.range", lang), block.range),
        (word("profile.block.length", lang), f"{subject.length_m:,.2f} m"),
        (word("profile.block.scale", lang), scale),
        (word("profile.block.datum", lang), block.datum),
        (word("profile.block.date", lang), f"{block.date or dt.date.today().isoformat()}    "
         + word("profile.block.page", lang, page=number + 1, pages=len(layout.extents))),
    ]  # fmt: skip
    height = box.height() / len(rows)
    head = max(pen.width(name) for name, _ in rows) + 18
    pen.box(box, "surface", "text", 1.4)
    for at, (name, value) in enumerate(rows):
        top = box.top() + at * height
        if at:
            pen.line(box.left(), top, box.right(), top, "line_strong")
        pen.text(QRectF(box.left() + 8, top, head, height), name, "text_soft", place="left")
        room = box.width() - head - 14
        size = BODY if pen.width(value) <= room else SMALL
        pen.text(
            QRectF(box.left() + head + 8, top, room, height), _fitted(pen, value, room, size), place="left", size=size
        )
    pen.line(box.left() + head, box.top(), box.left() + head, box.bottom(), "line_strong")


def _fitted(pen: Pen, text: str, room: float, size: float) -> str:
    """Return a text shortened with an ellipsis where it does not fit."""
    while len(text) > 2 and pen.width(text, size) > room:
        text = text[:-2].rstrip("…") + "…"
    return text


def _legend(
    pen: Pen, box: QRectF, subject: LongProfile | CrossSection, notes: Sequence[str], lang: str
) -> None:  # fmt: skip
    y = box.top() + 12
    if isinstance(subject, LongProfile):
        x = box.left()
        for name in longitudinal.legend_of(subject):
            text = word(f"profile.sign.{name}", lang)
            wide = 34 + pen.width(text) + 22
            if x + wide > box.right():
                x, y = box.left(), y + 20
            longitudinal.draw_sign(pen, QPointF(x, y), name)
            pen.text(QRectF(x + 34, y - 9, wide, 18), text, place="left")
            x += wide
        y += 16
    for note in notes:
        if y + 16 > box.bottom():
            break
        pen.text(QRectF(box.left(), y, box.width(), 16), _fitted(pen, f"· {note}", box.width(), BODY), "text_soft",
                 place="left")  # fmt: skip
        y += 16

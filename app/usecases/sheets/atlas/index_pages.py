"""The index of an atlas: what stands in it, and its pages as files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.usecases.sheets.sheets import INCH_MM
from app.usecases.sheets.subjects import UNIT_ROLES, city_name, units_of
from models.core.errors import UserError
from models.sheets.atlas.plan import AtlasPage
from models.sheets.atlas.spec import AtlasSpec
from models.sheets.spec import PAPERS
from models.sheets.templates import MARGIN_MM, letters
from resources.words import word

if TYPE_CHECKING:
    from app.session import Session
    from viewers.sheets.atlas.index_content import IndexLine, IndexPage, KeyMap, Mark, Ring

#: Roman numerals are said up to so many pages of index.
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")


def index_of(session: Session, spec: AtlasSpec, pages: Sequence[AtlasPage]) -> tuple[IndexPage, ...]:
    """Return the pages of the index."""
    from viewers.sheets.atlas.index_content import IndexPage, columns_of

    short, long = PAPERS[spec.paper]
    size = (long, short) if spec.landscape else (short, long)
    scale = letters(spec.paper)
    key_map = _key_map(session, spec, pages)
    parts = columns_of(_lines(pages), size, scale, MARGIN_MM * scale, has_map=key_map is not None)
    title, badge = (
        title_of(session, spec),
        word("sheet.synthetic", spec.lang) if session.project.state.synthetic else "",
    )
    subtitle = word(
        "atlas.index.subtitle", spec.lang, by=word(f"atlas.by.{spec.by}", spec.lang), count=f"{len(pages):,}"
    )
    return tuple(
        IndexPage(
            title, subtitle, badge,
            word("atlas.index.foot", spec.lang, page=_ROMAN[k] if k < len(_ROMAN) else str(k + 1)),
            size, scale, columns, key_map if k == 0 else None, spec.lang, spec.dark,
        )
        for k, columns in enumerate(parts)
    )  # fmt: skip


def title_of(session: Session, spec: AtlasSpec) -> str:
    """Return the title of an atlas: what somebody wrote, else the city's."""
    return spec.name or word("atlas.title", spec.lang, city=city_name(session))


def write_index(index: Sequence[IndexPage], folder: Path, spec: AtlasSpec) -> list[Path]:
    """Write the index: one PDF, or a picture a page; whole or not at all."""
    from viewers.sheets.atlas.index_page import paint_index
    from viewers.sheets.pages.pdf_file import write_painted

    if spec.suffix == ".pdf":
        file = folder / "index.pdf"
        write_painted(file, ((one.size_mm, partial(_paint, page=one)) for one in index), title=index[0].title)
        return [file]
    from PySide6.QtGui import QImage, QPainter

    from models.store.atomic import replacing
    from models.store.whole_files import of_picture
    from viewers.sheets.fonts import ensure_qt

    ensure_qt()
    files = []
    for number, one in enumerate(index, start=1):
        width, height = (round(side / INCH_MM * spec.dpi) for side in one.size_mm)
        image = QImage(width, height, QImage.Format.Format_RGB32)
        if image.isNull():
            raise UserError("sheets.too_large", size=f"{width}x{height}")
        painter = QPainter(image)
        try:
            paint_index(painter, one, MARGIN_MM * one.letters)
        finally:
            painter.end()
        files.append(folder / f"index-{number}.png")
        with replacing(files[-1], of_picture(width, height)) as temporary:
            image.save(str(temporary))
    return files


def _paint(painter: object, page: IndexPage) -> None:
    from viewers.sheets.atlas.index_page import paint_index

    paint_index(painter, page, MARGIN_MM * page.letters)  # type: ignore[arg-type]


def _lines(pages: Sequence[AtlasPage]) -> list[IndexLine]:
    from viewers.sheets.atlas.index_content import IndexLine

    lines: list[IndexLine] = []
    chapter = None
    for page in pages:
        entry = page.entry
        if entry.chapter != chapter:
            chapter = entry.chapter
            code = f"{entry.indicator}  " if entry.indicator else ""
            lines.append(IndexLine("", f"{page.number.partition('-')[0]}  {code}{entry.chapter_name or entry.chapter}"))
        lines.append(IndexLine(page.number, entry.name, entry.value_text, f"{page.place}"))
    return lines


def _key_map(session: Session, spec: AtlasSpec, pages: Sequence[AtlasPage]) -> KeyMap | None:
    """Return where the pages are: their units with numbers, else dots over the outlines of the districts."""
    import numpy as np
    import shapely

    from viewers.sheets.atlas.index_content import KeyMap, Mark

    numbers: dict[str, str] = {}
    chapters = len({page.entry.chapter for page in pages})
    for page in pages:
        number = page.number if chapters > 1 and spec.order == "value" else page.number.partition("-")[2]
        numbers.setdefault(page.entry.code, number)
    by_unit = spec.by in UNIT_ROLES
    shapes = [
        (unit.code if by_unit else "", unit.shape) for unit in units_of(session, spec.by if by_unit else "district")
    ]
    shapes = [(code, shape) for code, shape in shapes if shape is not None and not shape.is_empty]
    dots = [] if by_unit else _dots(session, pages)
    if not shapes and not dots:
        return None
    boxes = np.array([shape.bounds for _, shape in shapes] + [(x, y, x, y) for x, y, _ in dots])
    (x0, y0), (x1, y1) = boxes[:, :2].min(axis=0).tolist(), boxes[:, 2:].max(axis=0).tolist()
    wide, tall = max(x1 - x0, 1.0), max(y1 - y0, 1.0)

    def place(x: float, y: float) -> tuple[float, float]:
        return (x - x0) / wide, (y1 - y) / tall

    def rings(shape: shapely.Geometry) -> tuple[Ring, ...]:
        plain = shapely.simplify(shape, max(wide, tall) / 900)
        found = [
            part.exterior for part in shapely.get_parts(plain) if part.geom_type == "Polygon" and not part.is_empty
        ]
        return tuple(tuple(place(x, y) for x, y in shapely.get_coordinates(ring).tolist()) for ring in found)

    marks: list[Mark] = []
    for code, shape in shapes:
        inner = shapely.point_on_surface(shape)
        marks.append(Mark(rings(shape), place(inner.x, inner.y), numbers.get(code, "")))
    marks += [Mark((), place(x, y), text) for x, y, text in dots]
    return KeyMap(wide / tall, tuple(marks))


def _dots(session: Session, pages: Sequence[AtlasPage]) -> list[tuple[float, float, str]]:
    """Return where the pages' objects are in the middle, project CRS, with their numbers; classes are everywhere."""
    import numpy as np
    import shapely

    from models.health.failing import shapes_in
    from models.layers.layer import VectorData

    frame = session.project.state.frame
    found = []
    for page in pages:
        entry = page.entry
        if frame is None or entry.kind == "facilities" or not entry.frame:
            continue
        key = entry.frame[0]
        data = session.project.data.get(key.layer)
        if isinstance(data, VectorData):
            shape = shapes_in(data, np.array([key.oid], np.int64), frame.horizontal)[0]
            if shape is not None and not shapely.is_empty(shape):
                middle = shapely.centroid(shape)
                found.append((float(middle.x), float(middle.y), page.number))
    return found

"""From the specification of a sheet to a page that can be drawn: the words, figures and pictures of *this* page.

Nothing is kept from one page to the next (:mod:`models.sheets.spec`, invariant 2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.usecases.sheets import page_figures
from app.usecases.sheets.drawing import Draw, Drawing, drawing_of
from app.usecases.sheets.framing import views_of
from app.usecases.sheets.page import Page, in_language
from app.usecases.sheets.places import rings_of
from app.usecases.sheets.subjects import city_name, result_of, units_of
from app.usecases.sheets.title_block import cells_of
from app.usecases.timeline.moment import moment_caption
from models.sheets.spec import Item, SheetSpec
from models.sheets.templates import MARGIN_MM, letters, template
from models.views.snapshot_spec import SnapshotSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.session import Session
    from app.usecases.views.pictures import Pictures
    from viewers.sheets.pages.content import Content, Mark, PageContent

#: So many objects have their names beside them in the picture; more have numbers, and a list.
MOST_NAMED = 8
#: More are not numbered: nobody would find one.
MOST_NUMBERED = 60


def page_of(session: Session, sheet: SheetSpec, draw: Pictures | Draw | None) -> PageContent:
    """Return a page with everything that is on it.

    Parameters
    ----------
    session : Session
    sheet : SheetSpec
    draw : Pictures, callable or None
        Who draws its pictures: with a scene things are numbered where they are drawn, else where the tables say. None
        leaves them empty.
    """
    from viewers.sheets.pages.content import PageContent, Piece

    session = in_language(session, sheet.lang)
    drawing = drawing_of(session, draw)
    views = views_of(session, sheet, drawing)
    page = Page(session, sheet, views)
    pieces = []
    for item in sheet.items:
        if item.hidden:
            continue
        content = _FILL[item.kind](page, item, drawing)
        if content is not None:
            pieces.append(Piece(content, item.box, item.id))
    size = letters(sheet.paper)
    watermark = "" if sheet.standing == "approved" else page.word(f"sheets.watermark.{sheet.standing}")
    return PageContent(
        sheet.size_mm, size, MARGIN_MM * size, tuple(pieces), sheet.lang, sheet.dark, watermark,
        title_of(session, sheet),
    )  # fmt: skip


def title_of(session: Session, sheet: SheetSpec) -> str:
    """Return the title of a page: what somebody wrote, else what it is about and the indicator."""
    if sheet.title:
        return sheet.title
    result = result_of(session, sheet.subject)
    what = template(sheet.template).title(sheet.lang) if result is None else result.definition.title(sheet.lang)
    name = "" if sheet.subject.kind == "city" else sheet.subject.name
    return " · ".join(part for part in (name or city_name(session), what) if part)


def _title(page: Page, item: Item, _: Drawing) -> Content:
    from viewers.sheets.pages.content import Heading

    badge = page.word("sheet.synthetic") if page.session.project.state.synthetic else ""
    parts = [template(page.sheet.template).title(page.lang)]
    if page.sheet.subject.kind != "city":
        parts.insert(0, city_name(page.session))
    if page.result is not None:
        parts.append(page.result.code)
    title = title_of(page.session, page.sheet)
    text = item.text.replace("{title}", title) if item.text else title
    return Heading(text, " · ".join(part for part in parts if part not in text), badge)


def _view(page: Page, item: Item, drawing: Drawing) -> Content:
    from viewers.sheets.pages.content import Picture

    view = page.views[item.id]
    pixels = drawing.picture(view)
    caption = item.text
    if item.source == "curtain":
        pixels = _curtain(pixels, drawing.picture(replace(view, theme=replace(view.theme, focus=""))))
    elif not caption and item.source in ("before", "after"):
        caption = _year_caption(page, item.source)
    if view.moment:
        caption = " · ".join(filter(None, (caption, moment_caption(page.session, view.moment, view.lang))))
    return Picture(pixels, caption, _marks(page, view, drawing), _covered(page.sheet, item))


def _curtain(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the left half of one picture beside the right half of another, with a line between."""
    import numpy as np

    if left.shape != right.shape:
        return left
    half = left.shape[1] // 2
    both = np.concatenate([left[:, :half], right[:, half:]], axis=1)
    both[:, max(half - 1, 0) : half + 2] = 255
    return both


def _year_caption(page: Page, which: str) -> str:
    from viewers.render.symbology.year_view import result_before

    stood = None if page.result is None else result_before(page.session.project.state, page.result)
    if which == "before":
        return page.word("sheets.before", year=stood[0].year) if stood is not None else ""
    return page.word("sheets.after") if stood is not None else ""


def _covered(sheet: SheetSpec, item: Item) -> tuple[tuple[float, float, float, float], ...]:
    """Return what lies over a view, in shares of it."""
    x, y, wide, tall = item.box
    later = sheet.items[sheet.items.index(item) + 1 :]
    return tuple(
        ((one.box[0] - x) / wide, (one.box[1] - y) / tall, one.box[2] / wide, one.box[3] / tall)
        for one in later
        if not one.hidden and one.box[0] < x + wide and one.box[0] + one.box[2] > x
        and one.box[1] < y + tall and one.box[1] + one.box[3] > y
    )  # fmt: skip


def _marks(page: Page, view: SnapshotSpec, drawing: Drawing) -> tuple[Mark, ...]:
    """Return the numbered objects that lie in a picture."""
    from app.usecases.query.describe import title_of as name_of
    from viewers.sheets.content import on_sheet
    from viewers.sheets.pages.content import Mark

    boxes = drawing.boxes(view, page.objects[:MOST_NUMBERED])
    marks = []
    for number, key in enumerate(page.objects[:MOST_NUMBERED], 1):
        box = boxes.get(key)
        if box is None:
            continue
        middle = (box[0] + box[1]) / 2
        top = on_sheet(view, (float(middle[0]), float(middle[1]), float(box[1][2])))
        if top is None:
            continue
        corners = [
            on_sheet(view, (float(x), float(y), float(z))) for x in box[:, 0] for y in box[:, 1] for z in box[:, 2]
        ]
        seen = [corner for corner in corners if corner is not None] or [top]
        left, low = min(at[0] for at in seen), min(at[1] for at in seen)
        width, height = max(at[0] for at in seen) - left, max(at[1] for at in seen) - low
        text = ""
        if len(page.objects) <= MOST_NAMED:
            text = "  ".join(part for part in (name_of(page.session, key), page.losses.get(key, "")) if part)
        across, down = view.width_px, view.height_px
        marks.append(
            Mark(
                "" if len(page.objects) == 1 else str(number),
                top[0] / across,
                top[1] / down,
                (left / across, low / down, width / across, height / down),
                text,
            )
        )
    return tuple(marks)


def _legend(page: Page, item: Item, drawing: Drawing) -> Content | None:
    view = page.view_of(item)
    legend = None if view is None else drawing.legend(view)
    return legend if legend is not None and legend.entries else None


def _north(page: Page, item: Item, _: Drawing) -> Content | None:
    from viewers.sheets.content import north_on_sheet_deg
    from viewers.sheets.pages.content import Needle

    view = page.view_of(item)
    return None if view is None else Needle(north_on_sheet_deg(view.camera))


def _scale(page: Page, item: Item, _: Drawing) -> Content | None:
    """Return the scale bar: of a plan with the scale as a ratio, of a perspective with the place where it holds."""
    from viewers.sheets.content import scale_bar
    from viewers.sheets.pages.content import Bar

    view, own = page.view_of(item), page.item_of(item)
    if view is None or own is None:
        return None
    bar = scale_bar(view, page.lang, share=min(item.box[2] / own.box[2] * 0.85, 0.5))
    if bar is None:
        return None
    note = page.word("sheets.scale.middle")
    if view.camera.parallel_scale_m is not None:
        ratio = round(2 * view.camera.parallel_scale_m / own.box[3] * 1000)
        note = f"1 : {ratio:,}".replace(",", " ")
    return Bar(bar.length_px / view.width_px * own.box[2], bar.text, note)


def _keymap(page: Page, item: Item, drawing: Drawing) -> Content | None:
    """Return the small map: the units of the city outlined, this one marked, or the place of the objects."""
    from viewers.sheets.pages.content import KeyMap

    kind = page.sheet.subject.kind
    units = units_of(page.session, kind if kind in ("district", "community") else "district")
    if not units:
        return None
    heading = page.word("sheets.keymap")
    rings = rings_of([unit.shape for unit in units])
    if page.unit is not None:
        return KeyMap(heading, rings, rings_of([page.unit.shape]), name=page.sheet.subject.name)
    view = page.view_of(item)
    boxes = [] if view is None else list(drawing.boxes(view, page.objects[:MOST_NUMBERED]).values())
    if not boxes:
        return None
    middle = sum(box[0] + box[1] for box in boxes) / (2 * len(boxes))
    return KeyMap(heading, rings, point=(float(middle[0]), float(middle[1])), name=page.sheet.subject.name)


def _block(page: Page, item: Item, _: Drawing) -> Content:
    from viewers.sheets.pages.content import Block

    return Block(cells_of(page))


def _logo(page: Page, item: Item, _: Drawing) -> Content | None:
    from viewers.sheets.pages.content import Logo

    content = page.session.project.state.review.title_block.logo
    return Logo(content) if content else None


def _text(page: Page, item: Item, _: Drawing) -> Content:
    from viewers.sheets.pages.content import Words

    title = page.result.definition.title(page.lang) if page.result is not None else ""
    fields = {"subject": page.sheet.subject.name, "indicator": title, "title": title_of(page.session, page.sheet),
              "number": page.sheet.number, "city": city_name(page.session)}  # fmt: skip
    text = item.text
    for name, value in fields.items():
        text = text.replace(f"{{{name}}}", value)
    return Words(text, page.word(f"sheets.text.{item.source}") if item.source else "")


def _photo(page: Page, item: Item, _: Drawing) -> Content:
    from app.usecases.sheets.photos import photo_of
    from viewers.sheets.pages.content import Photo

    content, caption = photo_of(page.session, page.sheet.subject, item.source)
    return Photo(content, item.text or caption)


_FILL: dict[str, Callable[[Page, Item, Any], Any]] = {
    "title": _title, "view": _view, "legend": _legend, "north": _north, "scale": _scale, "keymap": _keymap,
    "values": lambda page, item, _: page_figures.value(page, item),
    "chart": lambda page, item, _: page_figures.chart(page, item),
    "table": lambda page, item, _: page_figures.table(page, item),
    "block": _block, "logo": _logo, "text": _text, "photo": _photo,
}  # fmt: skip

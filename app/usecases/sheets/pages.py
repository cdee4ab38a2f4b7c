"""From the specification of a sheet to a page that can be drawn: the words, figures and pictures of *this* page.

Nothing is kept from one page to the next (:mod:`models.sheets.spec`, invariant 2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.usecases.health import health
from app.usecases.sheets.framing import view_of
from app.usecases.sheets.subjects import city_name, result_of, value_of
from models.sheets.spec import Item, SheetSpec
from models.sheets.templates import MARGIN_MM, letters, template
from models.views.snapshot_spec import SnapshotSpec
from resources.words import word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.session import Session
    from models.health.results import IndicatorResult, UnitValue
    from viewers.legend import Legend
    from viewers.sheets.pages.content import Content, PageContent

#: Draws a picture: the specification, what its theme gives.
Draw = Callable[[SnapshotSpec], "NDArray[np.uint8]"]


@dataclass(frozen=True, slots=True)
class _Page:
    """What the items of one page are filled from."""

    session: Session
    sheet: SheetSpec
    result: IndicatorResult | None
    value: UnitValue | None
    views: dict[str, SnapshotSpec]
    pixels: dict[str, Any]
    legends: dict[str, Legend]

    def word(self, key: str, **fields: object) -> str:
        return word(key, self.sheet.lang, **fields)

    def view_of(self, item: Item) -> SnapshotSpec | None:
        """Return the view of which a legend, north arrow or scale bar speaks."""
        return self.views.get(item.of) or next(iter(self.views.values()), None)

    def box_of(self, item: Item) -> Item | None:
        """Return the item of that view."""
        wanted = item.of if item.of in self.views else next(iter(self.views), "")
        return next((one for one in self.sheet.items if one.id == wanted), None)


def views_of(session: Session, sheet: SheetSpec) -> dict[str, SnapshotSpec]:
    """Return the pictures of a page by the ids of their items."""
    return {item.id: view_of(session, sheet, item) for item in sheet.items if item.kind == "view" and not item.hidden}


def page_of(session: Session, sheet: SheetSpec, draw: Draw) -> PageContent:
    """Return a page with everything that is on it.

    Parameters
    ----------
    session : Session
    sheet : SheetSpec
    draw : callable
        Draws the picture of a specification.
    """
    from viewers.sheets.pages.content import PageContent, Piece

    result = result_of(session, sheet.subject)
    views = views_of(session, sheet)
    page = _Page(
        session, sheet, result, None if result is None else value_of(result, sheet.subject), views,
        {name: draw(view) for name, view in views.items()},
        {name: _legend_of(session, view) for name, view in views.items()},
    )  # fmt: skip
    pieces = []
    for item in sheet.items:
        content = None if item.hidden or item.kind not in _FILL else _FILL[item.kind](page, item)
        if content is not None:
            pieces.append(Piece(content, item.box, item.id))
    size = letters(sheet.paper)
    watermark = "" if sheet.standing == "approved" else page.word(f"sheets.watermark.{sheet.standing}")
    return PageContent(
        sheet.size_mm,
        size,
        MARGIN_MM * size,
        tuple(pieces),
        sheet.lang,
        sheet.dark,
        watermark,
        title_of(session, sheet),
    )


def title_of(session: Session, sheet: SheetSpec) -> str:
    """Return the title of a page: what somebody wrote, else the indicator and what it is about."""
    if sheet.title:
        return sheet.title
    result = result_of(session, sheet.subject)
    what = template(sheet.template).title(sheet.lang) if result is None else result.definition.title(sheet.lang)
    name = "" if sheet.subject.kind == "city" else sheet.subject.name
    return " · ".join(part for part in (name or city_name(session), what) if part)


def _legend_of(session: Session, view: SnapshotSpec) -> Legend:
    """Return the legend of one picture, made of its own theme and layers."""
    from app.usecases.views.snapshots import state_of
    from viewers.render.symbology.theming import pictured

    return pictured(
        state_of(session, view), session.project.data, view.theme, health.all_kept(session), view.lang,
        health.old_codes(session), view.dark,
    ).legend  # fmt: skip


def _title(page: _Page, item: Item) -> Content:
    from viewers.sheets.pages.content import Heading

    badge = page.word("sheet.synthetic") if page.session.project.state.synthetic else ""
    subtitle = template(page.sheet.template).title(page.sheet.lang)
    if page.result is not None:
        subtitle = f"{city_name(page.session)}    {subtitle}    {page.result.code}"
    return Heading(item.text or title_of(page.session, page.sheet), subtitle, badge)


def _view(page: _Page, item: Item) -> Content:
    from viewers.sheets.pages.content import Picture

    return Picture(page.pixels[item.id], item.text)


def _legend(page: _Page, item: Item) -> Content | None:
    wanted = item.of if item.of in page.legends else next(iter(page.legends), "")
    legend = page.legends.get(wanted)
    return legend if legend is not None and legend.entries else None


def _north(page: _Page, item: Item) -> Content | None:
    from viewers.sheets.content import north_on_sheet_deg
    from viewers.sheets.pages.content import Needle

    view = page.view_of(item)
    return None if view is None else Needle(north_on_sheet_deg(view.camera))


def _scale(page: _Page, item: Item) -> Content | None:
    from viewers.sheets.content import metres_per_pixel, scale_bar
    from viewers.sheets.pages.content import Bar

    view, own = page.view_of(item), page.box_of(item)
    if view is None or own is None:
        return None
    bar = scale_bar(view, page.sheet.lang, share=min(item.box[2] / own.box[2] * 0.8, 0.5))
    if bar is None:
        return None
    length_mm = bar.length_px / view.width_px * own.box[2]
    note = bar.note
    if view.camera.parallel_scale_m is not None:
        ratio = metres_per_pixel(view) * view.width_px / own.box[2] * 1000
        note = f"1:{ratio:,.0f}".replace(",", " ")
    return Bar(length_mm, bar.text, note)


def _values(page: _Page, item: Item) -> Content | None:
    from viewers.sheets.pages.content import Value
    from viewers.texts.health_texts import benchmark_sentence, coverage_text, reason_text
    from viewers.texts.values import indicator_value

    result, unit, lang = page.result, page.value, page.sheet.lang
    if result is None or unit is None:
        return None
    definition = result.definition
    lines = [benchmark_sentence(one, definition, lang) for one in result.benchmarks[:1]]
    lines += [coverage_text(unit, lang), reason_text(unit.reason, lang)]
    return Value(
        page.sheet.subject.name or page.word("sheet.whole_city"),
        indicator_value(unit.value, definition.unit_text(lang), page.word("health.status.no_data")),
        page.word(f"health.grade.{unit.grade}") if unit.value is not None else "",
        _verdict_colour(unit.grade), tuple(line for line in lines if line),
    )  # fmt: skip


def _verdict_colour(grade: str) -> str:
    return {"met": "#1f7a72", "not_met": "#b4532a"}.get(grade, "#6b7a85")


def _block(page: _Page, item: Item) -> Content:
    from viewers.sheets.content import crs_text
    from viewers.sheets.pages.content import Block

    sheet, block, state = page.sheet, page.session.project.state.review.title_block, page.session.project.state
    cells = [
        ("organisation", block.organisation), ("project", city_name(page.session)), ("drawn", block.drawn_by),
        ("checked", block.checked_by), ("approved", block.approved_by), ("crs", crs_text(state, sheet.lang)),
        ("standing", page.word(f"sheets.standing.{sheet.standing}")),
        ("map_approval", block.map_approval or page.word("sheets.internal")),
        ("secrecy", block.secrecy or page.word("value.none")), ("number", sheet.number or page.word("value.none")),
    ]  # fmt: skip
    return Block(tuple((page.word(f"sheets.block.{name}"), value) for name, value in cells))


def _logo(page: _Page, item: Item) -> Content | None:
    from viewers.sheets.pages.content import Logo

    content = page.session.project.state.review.title_block.logo
    return Logo(content) if content else None


def _text(page: _Page, item: Item) -> Content:
    from viewers.sheets.pages.content import Words

    return Words(item.text)


_FILL: dict[str, Callable[[_Page, Item], Any]] = {
    "title": _title, "view": _view, "legend": _legend, "north": _north, "scale": _scale, "values": _values,
    "block": _block, "logo": _logo, "text": _text,
}  # fmt: skip

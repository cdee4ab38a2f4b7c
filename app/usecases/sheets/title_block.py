"""The block of title, unit and approval: what a sheet owes its reader of who made it, of what, and for whom."""

from __future__ import annotations

from app.usecases.sheets.page import Page
from models.layers.layer import VectorData
from viewers.sheets.content import crs_text, sources_text
from viewers.texts.crs_texts import crs_name


def cells_of(page: Page) -> tuple[tuple[str, str], ...]:
    """Return label and value of each cell; what nobody said is said to be so, what is signed by hand stays free."""
    sheet, state = page.sheet, page.session.project.state
    block = state.review.title_block
    none = page.word("sheets.not_stated")
    frame = state.frame
    crs = crs_text(state, page.lang) if frame is None else crs_name(frame.horizontal, page.lang).replace("  ", " ")
    heights = none if frame is None or not frame.vertical else crs_name(frame.vertical, page.lang).replace("  ", " ")
    cells = [
        ("organisation", block.organisation), ("drawn", block.drawn_by), ("checked", block.checked_by),
        ("approved", block.approved_by), ("crs", crs), ("heights", heights),
        ("source", sources_text(_shown(page), page.lang)), ("dates", dates_text(page) or none),
        ("coverage", _coverage(page)), ("standing", page.word(f"sheets.standing.{sheet.standing}")),
        ("map_approval", block.map_approval or page.word("sheets.internal")),
        ("secrecy", block.secrecy), ("number", sheet.number),
    ]  # fmt: skip
    always = {"organisation", "drawn", "checked", "approved", "crs", "heights", "source", "dates", "standing",
              "map_approval"}  # fmt: skip
    return tuple((page.word(f"sheets.block.{name}"), value) for name, value in cells if value or name in always)


def _shown(page: Page) -> list[str]:
    """Return who made the data of the layers that are seen in the page's views."""
    hidden = [set(view.hidden) for view in page.views.values()]
    state = page.session.project.state
    return [layer.data_source for layer in state.layers
            if layer.data_source and (not hidden or any(layer.id not in one for one in hidden))]  # fmt: skip


def _coverage(page: Page) -> str:
    from models.core.value_text import percent

    if page.value is None:
        return ""
    known = page.value.coverage
    return page.word("health.status.unstated") if known is None else f"{percent(known)} %"


def dates_text(page: Page) -> str:
    """Return from when to when the data was surveyed, as the survey records say; empty where none does."""
    import pandas as pd

    dates: list[str] = []
    for layer in page.session.project.state.with_role("surveys"):
        data = page.session.project.data.get(layer.id)
        if isinstance(data, VectorData) and "surveyed_on" in data.fields:
            found = pd.to_datetime(data.attributes["surveyed_on"], errors="coerce").dropna()
            if len(found):
                dates += [found.min().date().isoformat(), found.max().date().isoformat()]
    return "" if not dates else min(dates) if min(dates) == max(dates) else f"{min(dates)} – {max(dates)}"

"""An order (派单) as a document: who goes where, until when, lines for what came of it and to sign on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.cases.command.order import Order
from models.cases.command.resource import Resource
from models.project.project import ProjectState
from models.store.atomic import replacing
from models.store.steady_files import steady_zip
from models.store.whole_files import of_members
from models.timeline.zone import local
from resources.words import word

_BARE = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}


def write_order(path: Path, order: Order, sent: Sequence[Resource], state: ProjectState, lang: str) -> None:
    """Write an order, A4, whole or not at all; telephones stand in it, for it goes to whoever is called."""
    from docx import Document
    from docx.shared import Mm, Pt

    zone = state.operations.zone.name
    blank = "＿" * 14 if lang == "zh" else "_" * 28

    def at(moment_us: int) -> str:
        return f"{local(moment_us, zone):%Y-%m-%d %H:%M} ({zone})" if moment_us else blank

    page: Any = Document()
    page.styles["Normal"].font.size = Pt(10.5)
    section = page.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    page.add_heading(_clean(f"{word('command.order', lang)} {order.id}"), level=1)
    if state.synthetic:
        page.add_paragraph(word("sheet.synthetic", lang))
    place = order.address or ("–" if order.at is None else f"E {order.at[0]:.1f}  N {order.at[1]:.1f}")
    road = word("command.no_road", lang) if order.road_m is None else f"{order.road_m / 1000:.2f} km"
    names = "\n".join(filter(None, (" ".join(filter(None, (one.name, one.phone))) for one in sent)))
    facts = (
        ("subject", order.subject), ("who", names or ", ".join(order.resources)), ("place", place), ("road", road),
        ("task", order.text or blank), ("dispatched", at(order.dispatched_us)), ("arrive_by", at(order.arrive_by_us)),
        ("done_by", at(order.done_by_us)), ("arrived", at(order.arrived_us)), ("done", at(order.done_us)),
        ("result", blank), ("sign", blank),
    )  # fmt: skip
    table = page.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    for name, value in facts:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = word(f"command.order.{name}", lang), _clean(value)
        cells[0].width, cells[1].width = Mm(40), Mm(125)
    page.core_properties.author, page.core_properties.comments = "Chengjing", ""
    with replacing(Path(path), of_members(["word/document.xml", "[Content_Types].xml"])) as fresh:
        page.save(fresh)
        steady_zip(fresh)


def _clean(text: str) -> str:
    return text.translate(_BARE).encode("utf-8", "ignore").decode()

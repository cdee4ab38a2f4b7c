"""Map sheets: make the specification of one from a template and a subject, and draw it as PNG or PDF."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from app.notices import Notice
from app.usecases.health import health
from app.usecases.sheets.pages import page_of
from app.usecases.sheets.subjects import result_of, unit_of
from app.usecases.views.snapshots import SUFFIXES, content_hash
from models.core.errors import UserError
from models.core.progress import Progress
from models.sheets.spec import SheetSpec, Subject
from models.sheets.templates import items_on, template
from models.views.snapshot_spec import SnapshotSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.session import Session

#: Millimetres an inch.
INCH_MM = 25.4


@dataclass(frozen=True, slots=True)
class Drawn:
    """What drawing a sheet gave."""

    path: Path
    sheet: SheetSpec


def sheet_for(
    session: Session, template_id: str, subject: Subject, *, paper: str = "", landscape: bool | None = None,
    name: str = "", number: str = "", dark: bool = False, dpi: int = 300,
) -> SheetSpec:  # fmt: skip
    """Return the specification of a sheet about a subject, its items in the boxes that the template gives them.

    Its id is made of template and subject, so that the same page has the same.

    Parameters
    ----------
    session : Session
    template_id : str
    subject : Subject
    paper : str
        Empty for the template's own.
    landscape : bool, optional
    name : str
        In the list of sheets; empty for the title.
    number : str
        Sheet number.
    dark : bool
    dpi : int

    Raises
    ------
    UserError
        ``sheet.no_template``, ``sheet.no_paper``; ``sheet.wrong_subject`` for a template that is not made for it.
    """
    chosen = template(template_id)
    if subject.kind not in chosen.subjects:
        raise UserError("sheet.wrong_subject", template=chosen.title(session.lang))
    wide = chosen.is_landscape if landscape is None else landscape
    paper = paper or chosen.paper
    without = _nothing_to_say(session, subject)
    items = items_on(chosen, paper, wide, {item.id for item in chosen.items if item.kind in without})
    named = "-".join(part for part in (template_id, subject.indicator, subject.kind, subject.code) if part)
    return SheetSpec(
        id=named, name=name, template=template_id, paper=paper, landscape=wide, subject=subject, items=items,
        number=number, lang=session.lang, dark=dark, dpi=dpi,
    )  # fmt: skip


def _nothing_to_say(session: Session, subject: Subject) -> set[str]:
    """Return the kinds of items that would be empty on a page."""
    without = set()
    if not session.project.state.review.title_block.logo:
        without.add("logo")
    if unit_of(session, subject) is None:
        without.add("keymap")
    if result_of(session, subject) is None:
        without |= {"values", "chart"}
    return without


def draw_sheet(session: Session, sheet: SheetSpec, out: Path, pictures: Any = None) -> Job:
    """Draw a sheet and write it as PNG or PDF, by the suffix of ``out``.

    Parameters
    ----------
    session : Session
    sheet : SheetSpec
    out : Path
    pictures : Pictures, optional
        Who draws the pictures (:mod:`app.usecases.views.pictures`), where many sheets are drawn with one scene.

    Returns
    -------
    Job
        With a :class:`Drawn`.
    """
    out = Path(out).resolve()
    if out.suffix.lower() not in SUFFIXES:
        raise UserError("picture.bad_suffix", file=out.name)
    if not session.project.data:
        raise UserError("picture.nothing")
    compute_missing(session, sheet)

    def work(progress: Progress) -> Drawn:
        progress.step(0.05, "progress.rendering")
        write_sheet(session, sheet, out, drawing(session) if pictures is None else pictures.picture)
        return Drawn(out, sheet)

    def announce(drawn: Drawn) -> None:
        facts: dict[str, object] = {"file": drawn.path.name, "path": str(drawn.path)}
        session.notices.add(Notice("info", "notice.written", facts, alone=True))

    return session.run("job.sheet", work, announce, file=out.name)


def compute_missing(session: Session, sheet: SheetSpec) -> None:
    """Have the indicator of a sheet computed where nobody did, as a picture of it does."""
    code = sheet.subject.indicator
    if code and health.wants_computing(session, code):
        if not session.jobs.inline:
            raise UserError("picture.no_result", indicator=code)
        health.compute_indicators(session, (code,))


def write_sheet(session: Session, sheet: SheetSpec, out: Path, draw: Callable[[SnapshotSpec], Any]) -> None:
    """Draw a sheet in this very process and write it; ``draw`` gives the pixels of a picture."""
    from viewers.sheets.pages.pdf_file import write_pages
    from viewers.sheets.record import record_text, write_png

    path = session.project.path
    content = content_hash(session, path, session.project.state) if path else ""
    page = page_of(session, sheet, draw)
    if out.suffix.lower() == ".pdf":
        write_pages(out, (page,), record_text(sheet, content), page.title)
    else:
        write_png(picture_of(page, sheet.dpi), sheet, out, content)


def picture_of(page: Any, dpi: int) -> Any:
    """Return a page as a QImage of a resolution.

    Raises
    ------
    UserError
        ``sheet.too_large`` where no such picture can be made.
    """
    from PySide6.QtGui import QImage, QPainter

    from viewers.sheets.pages.painting import paint_page
    from viewers.sheets.pen import ensure_qt

    ensure_qt()
    width, height = (round(side / INCH_MM * dpi) for side in page.size_mm)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    if image.isNull():
        raise UserError("sheet.too_large", size=f"{width}x{height}")
    painter = QPainter(image)
    try:
        paint_page(painter, page)
    finally:
        painter.end()
    return image


def drawing(session: Session) -> Callable[[SnapshotSpec], NDArray[np.uint8]]:
    """Return who draws the pictures of one sheet."""
    from app.usecases.views.snapshots import pixels_of

    return lambda spec: pixels_of(session, spec)

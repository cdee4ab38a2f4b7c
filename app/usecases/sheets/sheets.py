"""Map sheets: make the specification of one from a template and a subject, and draw it as PNG or PDF."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from app.notices import Notice, notice_of_caution
from app.usecases.health import health
from app.usecases.sheets import page_figures
from app.usecases.sheets.page import Page, in_language
from app.usecases.sheets.pages import page_of
from app.usecases.sheets.photos import photo_named
from app.usecases.sheets.subjects import UNIT_ROLES, units_of
from app.usecases.views.pictures import Pictures
from app.usecases.views.snapshots import SUFFIXES, content_hash
from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.sheets.spec import Item, SheetSpec, Subject
from models.sheets.templates import items_on, template

if TYPE_CHECKING:
    from app.session import Session
    from viewers.sheets.pages.content import PageContent

#: Dots an inch that a sheet may have.
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
        ``sheets.no_template``, ``sheets.no_paper``; ``sheets.wrong_subject`` for a template that is not made for it.
    """
    chosen = template(template_id)
    if subject.kind not in chosen.subjects:
        raise UserError("sheets.wrong_subject", template=chosen.title(session.lang))
    wide = chosen.is_landscape if landscape is None else landscape
    paper = paper or chosen.paper
    objects = "-".join(f"{key.layer}.{key.oid}" for key in subject.objects[:2])
    named = "-".join(part for part in (template_id, subject.indicator, subject.kind, subject.code, objects) if part)
    sheet = SheetSpec(
        id=named, name=name, template=template_id, paper=paper, landscape=wide, subject=subject, number=number,
        lang=session.lang, dark=dark, dpi=dpi,
    )  # fmt: skip
    return replace(sheet, items=items_on(chosen, paper, wide, _nothing_to_say(session, sheet)))


def _nothing_to_say(session: Session, sheet: SheetSpec) -> set[str]:
    """Return the ids of the items that would be empty on a page: their room goes to their neighbours."""
    page = Page(in_language(session, sheet.lang), sheet, {})
    return {item.id for item in template(sheet.template).items if not _says_something(page, item)}


def _says_something(page: Page, item: Item) -> bool:
    if item.kind == "logo":
        return bool(page.session.project.state.review.title_block.logo)
    if item.kind == "keymap":
        kind = page.sheet.subject.kind
        return (page.unit is not None or bool(page.objects)) and bool(
            units_of(page.session, kind if kind in UNIT_ROLES else "district")
        )
    if item.kind == "values":
        return page.result is not None
    if item.kind == "chart":
        return page_figures.chart(page, item) is not None
    if item.kind == "table":
        return page_figures.table(page, item) is not None
    if item.kind == "photo":
        return bool(item.source or photo_named(page.session, page.sheet.subject))
    return True


def draw_sheet(session: Session, sheet: SheetSpec, out: Path, pictures: Pictures | None = None) -> Job:
    """Draw a sheet and write it as PNG or PDF, by the suffix of ``out``.

    It is drawn in this very process; the window has sheets drawn by a child (:mod:`app.usecases.sheets.writing`).

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
    compute_missing(session, sheet.subject.indicator)

    def work(progress: Progress) -> Drawn:
        progress.step(0.05, "progress.rendering")
        if pictures is not None:
            write_sheet(session, sheet, out, pictures)
        else:
            with Pictures(session, sheet.lang, sheet.dark) as own:
                write_sheet(session, sheet, out, own)
        return Drawn(out, sheet)

    def announce(drawn: Drawn) -> None:
        facts: dict[str, object] = {"file": drawn.path.name, "path": str(drawn.path)}
        session.notices.add(Notice("info", "notice.written", facts, alone=True))

    return session.run("job.sheet", work, announce, file=out.name)


def compute_missing(session: Session, code: str) -> None:
    """Have the indicator of a sheet computed where nobody did, as a picture of it does.

    Raises
    ------
    UserError
        ``picture.no_result`` where jobs run beside the window; for an indicator that nobody knows.
    """
    if code and health.wants_computing(session, code):
        if not session.jobs.inline:
            raise UserError("picture.no_result", indicator=code)
        health.compute_indicators(session, (code,))


def write_sheet(session: Session, sheet: SheetSpec, out: Path, pictures: Pictures) -> None:
    """Draw a sheet in this very process and write it, on the thread that owns VTK."""
    from viewers.sheets.pages.pdf_file import write_pages
    from viewers.sheets.record import record_text, write_png

    path = session.project.path
    content = content_hash(session, path, session.project.state) if path else ""
    page = page_of(session, sheet, pictures)
    for caution in lacking_glyphs(page):
        session.notices.add(notice_of_caution(caution))
    if out.suffix.lower() == ".pdf":
        write_pages(out, (page,), record_text(sheet, content), page.title)
    else:
        write_png(picture_of(page, sheet.dpi), sheet, out, content)


def lacking_glyphs(page: PageContent) -> list[Caution]:
    """Return which characters of a page no font here has: they are drawn as boxes."""
    from viewers.sheets.glyphs import missing_glyphs
    from viewers.sheets.pages.content import texts_of

    missing = missing_glyphs(texts_of(page))
    return [Caution("sheets.glyphs", sheet=page.title, signs=" ".join(missing))] if missing else []


def picture_of(page: Any, dpi: int) -> Any:
    """Return a page as a QImage of a resolution.

    Raises
    ------
    UserError
        ``sheets.too_large`` where no such picture can be made.
    """
    from PySide6.QtGui import QImage, QPainter

    from viewers.sheets.fonts import ensure_qt
    from viewers.sheets.pages.painting import paint_page

    ensure_qt()
    width, height = (round(side / INCH_MM * dpi) for side in page.size_mm)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    if image.isNull():
        raise UserError("sheets.too_large", size=f"{width}x{height}")
    painter = QPainter(image)
    try:
        paint_page(painter, page)
    finally:
        painter.end()
    return image

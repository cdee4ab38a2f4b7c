"""Print sheets at the printer's own resolution, by the code that draws them everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from app.usecases.sheets.framing import views_of
from app.usecases.sheets.pages import page_of
from app.usecases.sheets.previews import draw_wanted
from app.usecases.sheets.sheets import compute_missing
from models.core.errors import UserError
from models.core.progress import Progress
from models.sheets.print_order import PrintOrder
from models.sheets.spec import SheetSpec

if TYPE_CHECKING:
    from app.session import Session

#: Pictures are drawn no finer than this for a printer: an A3 at 600 dpi shows no more.
MOST_DPI = 400


def print_sheets(session: Session, sheets: Sequence[SheetSpec], order: PrintOrder) -> Job:
    """Draw the pictures of sheets in a child process, then print the pages.

    Raises
    ------
    UserError
        ``print.no_printer`` where the system has none of that name.
    """
    from viewers.sheets.pages.paper import ensure_printer

    ensure_printer(order.printer)
    wanted_sheets = [replace(sheets[at], dpi=min(sheets[at].dpi, MOST_DPI)) for at in order.pages]
    if not wanted_sheets:
        raise UserError("print.bad_pages", text="", count=len(sheets))
    for sheet in wanted_sheets:
        compute_missing(session, sheet.subject.indicator)
    specs = [spec for sheet in wanted_sheets for spec in views_of(session, sheet).values()]
    draw = draw_wanted(session, specs, fine=True) if specs else None

    def work(progress: Progress) -> int:
        from viewers.sheets.pages.paper import print_pages

        drawn = [] if draw is None else draw(progress.part(0.0, 0.8))
        pictures = {_named(spec): pixels for spec, pixels in drawn}
        take: Callable[[Any], Any] = lambda spec: pictures[_named(spec)]  # noqa: E731
        progress.step(0.82, "progress.printing")
        pages = (page_of(session, sheet, take) for sheet in wanted_sheets)
        return print_pages(pages, order, session.word("print.job", count=len(wanted_sheets)), progress.part(0.82, 1.0))

    def announce(count: int) -> None:
        session.notices.info("notice.printed", printer=order.printer, count=count)

    return session.run("job.print", work, announce, count=len(wanted_sheets))


def _named(spec: Any) -> str:
    from models.store.rows.snapshot_json import as_json

    return repr(as_json(spec))

"""Pages on a printer: the code that paints pages, on what Qt gives for the system's printers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from PySide6.QtCore import QMarginsF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.sheets.print_order import Duplex, PrintOrder, placed
from models.sheets.spec import PAPERS
from viewers.sheets.pages.content import PageContent
from viewers.sheets.pages.painting import paint_page

#: Dots an inch that are asked of a printer; what it cannot, it says itself.
PRINTER_DPI = 600
_DUPLEX = {
    "none": QPrinter.DuplexMode.DuplexNone,
    "long": QPrinter.DuplexMode.DuplexLongSide,
    "short": QPrinter.DuplexMode.DuplexShortSide,
}


def printers() -> list[str]:
    """Return the names of the system's printers, the usual one first."""
    usual = QPrinterInfo.defaultPrinterName()
    names = QPrinterInfo.availablePrinterNames()
    return sorted(names, key=lambda name: (name != usual, name.lower()))


def sides_of(printer: str) -> tuple[Duplex, ...]:
    """Return how a printer can turn paper over."""
    able = QPrinterInfo.printerInfo(printer).supportedDuplexModes()
    turned: tuple[Duplex, ...] = ("long", "short")
    return ("none", *(side for side in turned if _DUPLEX[side] in able or QPrinter.DuplexMode.DuplexAuto in able))


def papers_of(printer: str) -> tuple[str, ...]:
    """Return which of our papers a printer says it has; all of them where it says nothing."""
    able = {size.id() for size in QPrinterInfo.printerInfo(printer).supportedPageSizes()}
    found = tuple(name for name in PAPERS if _size(name).id() in able)
    return found or tuple(PAPERS)


def ensure_printer(name: str) -> None:
    """Refuse a printer that the system does not have.

    Raises
    ------
    UserError
        ``print.no_printer``
    """
    if QPrinterInfo.printerInfo(name).isNull():
        raise UserError("print.no_printer", name=name or "—", known=", ".join(printers()) or "—")


def print_pages(pages: Iterable[PageContent], order: PrintOrder, title: str, progress: Progress) -> int:
    """Print pages and return how many.

    A queue holds one kind of paper a job, and makes the pages of another fit it: where the paper changes another job
    begins. Cancelled, the job at hand is given up; what was sent before it is in the queue.

    Parameters
    ----------
    pages : iterable of PageContent
        Asked for one by one.
    order : PrintOrder
    title : str
        Of the job in the printer's queue.
    progress : Progress
    """
    count = 0
    for paper, of_paper in groupby(pages, lambda page: _paper_of(page.size_mm, order.paper).key()):
        count += _print_job(of_paper, order, f"{title} {paper}", progress)
    return count


def _print_job(pages: Iterable[PageContent], order: PrintOrder, title: str, progress: Progress) -> int:
    """Print pages that go on the same paper as one job of the queue."""
    printer = QPrinter(QPrinterInfo.printerInfo(order.printer), QPrinter.PrinterMode.HighResolution)
    printer.setDocName(title)
    printer.setCreator("Chengjing")
    printer.setResolution(PRINTER_DPI)
    printer.setCopyCount(order.copies)
    printer.setCollateCopies(order.collate)
    printer.setDuplex(_DUPLEX[order.duplex])
    printer.setColorMode(QPrinter.ColorMode.GrayScale if order.grey else QPrinter.ColorMode.Color)
    painter, count = QPainter(), 0
    try:
        for page in pages:
            if progress.cancelled:
                printer.abort()
                raise Cancelled
            printer.setPageLayout(_layout(page.size_mm, order.paper))
            printer.setFullPage(True)
            if count:
                printer.newPage()
            elif not painter.begin(printer):
                raise UserError("print.failed", name=order.printer)
            _paint(painter, printer, page, order)
            count += 1
    finally:
        if painter.isActive():
            painter.end()
    if printer.printerState() == QPrinter.PrinterState.Error:
        raise UserError("print.failed", name=order.printer)
    return count


def _paint(painter: QPainter, printer: QPrinter, page: PageContent, order: PrintOrder) -> None:
    """Paint a page on the paper that lies in the printer."""
    layout = printer.pageLayout()
    unit = QPageLayout.Unit.Millimeter
    full, room = layout.fullRect(unit), layout.paintRect(unit)
    paper = (full.width(), full.height())
    left, top, width, height = placed(page.size_mm, paper, (room.x(), room.y(), room.width(), room.height()), order.fit)
    dots_x, dots_y = printer.width() / paper[0], printer.height() / paper[1]
    painter.save()
    painter.setViewport(
        round(left * dots_x), round(top * dots_y), max(round(width * dots_x), 1), max(round(height * dots_y), 1)
    )
    painter.setWindow(0, 0, painter.viewport().width(), painter.viewport().height())
    paint_page(painter, page)
    painter.restore()


def _size(paper: str) -> QPageSize:
    return QPageSize(getattr(QPageSize.PageSizeId, paper))


def _layout(size_mm: tuple[float, float], paper: str) -> QPageLayout:
    """Return paper the way round that a page needs."""
    is_wide = size_mm[0] > size_mm[1]
    way = QPageLayout.Orientation.Landscape if is_wide else QPageLayout.Orientation.Portrait
    return QPageLayout(_paper_of(size_mm, paper), way, QMarginsF(0, 0, 0, 0))


def _paper_of(size_mm: tuple[float, float], paper: str) -> QPageSize:
    """Return the paper that is asked for, or the page's own."""
    own = next((name for name, sides in PAPERS.items() if sorted(size_mm) == list(sides)), "")
    if paper or own:
        return _size(paper or own)
    return QPageSize(QSizeF(*sorted(size_mm)), QPageSize.Unit.Millimeter, "", QPageSize.SizeMatchPolicy.ExactMatch)

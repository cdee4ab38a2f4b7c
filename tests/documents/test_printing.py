"""Sheets on a queue of the system that prints to PDF; left out where the system has none."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from models.core.errors import UserError
from models.core.progress import Progress
from models.sheets.print_order import PrintOrder
from viewers.sheets.fonts import ensure_qt
from viewers.sheets.pages import paper
from viewers.sheets.pages.content import PageContent, Piece, Words

QUEUE = "CUPS-PDF"


def queue_folder() -> Path | None:
    """Return where the queue puts its files, None where there is no such queue."""
    if shutil.which("lpstat") is None:
        return None
    told = subprocess.run(["lpstat", "-v", QUEUE], capture_output=True, text=True, timeout=20, check=False)
    return Path.home() / "PDF" if told.returncode == 0 and "cups-pdf:" in told.stdout else None


def page(width: float, height: float, text: str) -> PageContent:
    piece = Piece(Words(text), (20.0, 20.0, 100.0, 20.0), "text")
    return PageContent((width, height), 1.0, 10.0, (piece,))


def test_a_printer_that_the_system_does_not_have_is_refused_by_name() -> None:
    ensure_qt()
    with pytest.raises(UserError, match="no_printer") as refused:
        paper.ensure_printer("no such printer")
    assert refused.value.facts["name"] == "no such printer"


@pytest.mark.slow
def test_three_sheets_come_out_of_the_queue_each_on_its_paper() -> None:
    folder = queue_folder()
    if folder is None:
        pytest.skip("no queue CUPS-PDF in this system")
    import pikepdf

    ensure_qt()
    before = set(folder.glob("*.pdf")) if folder.is_dir() else set()
    pages = [page(297, 210, "甲"), page(420, 297, "乙"), page(297, 420, "丙")]
    assert paper.print_pages(pages, PrintOrder(QUEUE), "test", Progress()) == 3
    sizes: dict[Path, list[list[int]]] = {}
    for _ in range(240):
        for file in (set(folder.glob("*.pdf")) if folder.is_dir() else set()) - before - set(sizes):
            with contextlib.suppress(pikepdf.PdfError), pikepdf.open(file) as printed:  # it may be written just now
                sizes[file] = [
                    sorted(round(float(side) / 72 * 25.4) for side in one.mediabox[2:]) for one in printed.pages
                ]
        if len(sizes) == 2:
            break
        time.sleep(0.25)
    for file in sizes:
        file.unlink()
    assert sorted(size for pages_ in sizes.values() for size in pages_) == [[210, 297], [297, 420], [297, 420]]

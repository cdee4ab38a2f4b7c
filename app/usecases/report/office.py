"""PDF of a Word document by LibreOffice, where it is installed: its pages are the very pages of the document.

A page of our own making would be another report than the one that people edit. Where there is no LibreOffice that is
said; nothing else is tried in its place.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from models.core.errors import UserError
from models.core.progress import Progress

#: A conversion that takes longer has hung.
LONGEST_S = 600.0
_NAMES = ("soffice", "libreoffice", "soffice.exe")
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice", r"C:\Program Files\LibreOffice\program\soffice.exe",
    "/usr/lib/libreoffice/program/soffice",
)  # fmt: skip
#: Bookmarks become destinations, by which pages are found; pages that only fill a sheet of paper are left out.
_FILTER = (
    'pdf:writer_pdf_Export:{"ExportBookmarksToPDFDestination":{"type":"boolean","value":"true"},'
    '"IsSkipEmptyPages":{"type":"boolean","value":"true"}}'
)


def office() -> str:
    """Return the program of LibreOffice; empty where there is none."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), "")
    return found or next((place for place in _PLACES if Path(place).exists()), "")


def to_pdf(document: bytes, progress: Progress) -> bytes:
    """Return a Word document as PDF.

    It is converted in a folder of its own with a profile of its own, so that an open LibreOffice is left alone and no
    macro setting of the person counts.

    Raises
    ------
    UserError
        ``report.no_office`` where LibreOffice is not installed, ``report.office_failed``.
    Cancelled
    """
    program = office()
    if not program:
        raise UserError("report.no_office")
    folder = Path(tempfile.mkdtemp(prefix="chengjing_"))
    try:
        (folder / "report.docx").write_bytes(document)
        child = subprocess.Popen(
            [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore",
             "--convert-to", _FILTER, "--outdir", str(folder), str(folder / "report.docx")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=os.name != "nt",
        )  # fmt: skip
        _wait(child, progress)
        made = folder / "report.pdf"
        if not made.exists() or not made.stat().st_size:
            raise UserError("report.office_failed", reason=f"exit {child.returncode}")
        return made.read_bytes()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(child: subprocess.Popen[bytes], progress: Progress) -> None:
    end = time.monotonic() + LONGEST_S
    try:
        while child.poll() is None:
            progress.step(-1.0, "progress.report.pdf")
            if time.monotonic() > end:
                raise UserError("report.office_failed", reason=f"> {LONGEST_S:.0f} s")
            time.sleep(0.1)
    finally:
        if child.poll() is None:
            if os.name == "nt":
                child.kill()
            else:
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def pages_in(pdf: bytes) -> dict[str, int]:
    """Return the page, counted from 0, of each bookmark of the document that was converted."""
    import io

    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as file:
        places = {page.obj.objgen: at for at, page in enumerate(file.pages)}
        named = file.Root.get("/Dests")
        found: dict[str, int] = {}
        for name, target in named.items() if isinstance(named, pikepdf.Dictionary) else ():
            page = target[0] if isinstance(target, pikepdf.Array) and len(target) else None
            if isinstance(page, pikepdf.Dictionary) and page.objgen in places:
                # LibreOffice writes signs that are no letters by their number: "_c1f" is "/5Fc1f".
                found[str(name).removeprefix("/").replace("5F", "_", 1)] = places[page.objgen]
    return found

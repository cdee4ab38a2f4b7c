"""Write sheets of the project as PNG or PDF, several into one PDF; in the window a child process draws them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.background.jobs import Job
from app.notices import Notice, notice_of_caution
from app.usecases.sheets.pages import page_of
from app.usecases.sheets.sheets import compute_missing, lacking_glyphs, write_sheet
from app.usecases.views.drawing_apart import Drawer, Handover
from app.usecases.views.snapshots import SUFFIXES, content_hash
from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.sheets.spec import SheetSpec
from models.store.rows.sheet_json import sheet_json

if TYPE_CHECKING:
    from app.session import Session
    from app.usecases.views.pictures import Pictures
    from viewers.sheets.pages.content import PageContent

CHILD = "app.usecases.sheets.sheets_child"
#: What no file system takes in a name, and the longest name of a file.
_NO_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
MOST_LETTERS = 80
#: Sheets and the file to which they go.
Files = Sequence[tuple[Sequence[SheetSpec], Path]]


def files_of(sheets: Sequence[SheetSpec], out: Path, *, together: bool) -> list[tuple[Sequence[SheetSpec], Path]]:
    """Return which sheets go to which file: all to one PDF, or each to a file of its own, numbered beside ``out``."""
    out = Path(out).resolve()
    if out.suffix.lower() not in SUFFIXES:
        raise UserError("picture.bad_suffix", file=out.name)
    if len(sheets) == 1 or (together and out.suffix.lower() == ".pdf"):
        return [(sheets, out)]
    digits = len(str(len(sheets)))
    return [
        ([sheet], out.with_name(f"{out.stem}_{at:0{digits}d}_{plain_name(sheet.name)}{out.suffix}"))
        for at, sheet in enumerate(sheets, 1)
    ]


def plain_name(name: str) -> str:
    """Return a name as a file may have it."""
    return _NO_NAME.sub("_", name).strip(" .")[:MOST_LETTERS] or "sheet"


def write_sheets(session: Session, files: Files) -> Job:
    """Draw sheets and write them; whole files or none.

    Returns
    -------
    Job
        With the list of the files.
    """
    if not session.project.data:
        raise UserError("picture.nothing")
    for sheets, _ in files:
        for sheet in sheets:
            compute_missing(session, sheet.subject.indicator)
    outs = [out for _, out in files]

    def announce(_: object) -> None:
        facts: dict[str, object] = {"file": outs[0].name, "path": str(outs[0])}
        session.notices.add(Notice("info", "notice.written", facts, alone=True))

    if session.jobs.inline:

        def here(progress: Progress) -> list[Path]:
            from app.usecases.views.pictures import Pictures

            with Pictures(session) as pictures:
                for at, (sheets, out) in enumerate(files):
                    part = progress.part(at / len(files), (at + 1) / len(files))
                    write_file(session, sheets, out, pictures, part)
            return outs

        return session.run("job.sheet", here, announce, file=outs[0].name)
    given = Handover(session)
    wishes = {
        "lang": session.lang,
        "files": [{"sheets": [sheet_json(one) for one in sheets], "out": str(out)} for sheets, out in files],
    }

    def apart(progress: Progress) -> list[Caution]:
        given.hand(Drawer(CHILD), wishes, outs[0], progress)
        # the child's messages stay there
        pages = (page_of(session, sheet, None) for sheets, _ in files for sheet in sheets)
        return [caution for page in pages for caution in lacking_glyphs(page)]

    def told(cautions: list[Caution]) -> None:
        announce(outs)
        for caution in cautions:
            session.notices.add(notice_of_caution(caution))

    return session.run("job.sheet", apart, told, file=outs[0].name)


def write_file(session: Session, sheets: Sequence[SheetSpec], out: Path, draw: Pictures, progress: Progress) -> None:
    """Draw sheets in this very process and write them into one file."""
    if len(sheets) == 1:
        progress.step(0.05, "progress.rendering")
        write_sheet(session, sheets[0], out, draw)
        return
    from viewers.sheets.pages.pdf_file import write_pages
    from viewers.sheets.record import record_text

    def pages() -> Iterator[PageContent]:
        for at, sheet in enumerate(sheets):
            progress.step(at / len(sheets), "progress.rendering")
            yield page_of(session, sheet, draw)

    path = session.project.path
    content = content_hash(session, path, session.project.state) if path else ""
    write_pages(out, pages(), record_text(sheets[0], content), out.stem)

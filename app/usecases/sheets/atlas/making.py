"""Make an atlas: child processes draw its pages, whole files are kept, and all are joined with an index.

Invariants
----------
1. What was drawn stays: a run that was stopped, killed or crashed is taken up where it ended. A page is asked for only
   while no whole file of the same hash is there, and by one child at a time.
2. ``all.pdf``, the index and ``pages.json`` are written last, from records alone; until then the old ones stay.
3. A child that drew :data:`RETIRE_AFTER` pages, or holds too much memory, makes room for a fresh one.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from app.background.workers import Child, told_error
from app.notices import Notice
from app.usecases.health import health
from app.usecases.sheets.atlas.drawing import (
    FORMAT,
    PAGES,
    PageDrawer,
    Record,
    content_of,
    page_file,
    sheet_and_key,
    whole_record,
    write_json,
)
from app.usecases.sheets.atlas.entries import pages_of
from app.usecases.sheets.atlas.index_pages import index_of, title_of, write_index
from app.usecases.views.drawing_apart import Handover
from models.core.errors import UserError
from models.core.progress import Progress
from models.sheets.atlas.plan import AtlasPage, in_range
from models.sheets.atlas.spec import AtlasSpec
from models.store.atomic import translated
from models.store.held import hold

if TYPE_CHECKING:
    from app.session import Session

log = logging.getLogger(__name__)

CHILD = "app.usecases.sheets.atlas.child"
#: Pages that a child is asked for at once, and after which it retires.
CHUNK, RETIRE_AFTER = 4, 120
#: A child that holds more retires as well, MB.
MOST_MEMORY_MB = 3_500.0
#: Memory that a child needs, MB, for the choice of how many there are.
CHILD_MB = 2_500.0
#: Shares of the whole: a copy of unsaved work, the pages, the joining.
_COPIED, _DRAWN = 0.05, 0.93
#: A page on which so many children died ends the run.
_MOST_DEATHS = 2
_OURS = re.compile(r"\d+-\d+_[0-9a-f]{12}\.(pdf|png|json)")


@dataclass(frozen=True, slots=True)
class Atlas:
    """What making an atlas gave.

    Parameters
    ----------
    folder : Path
    pdf : Path or None
    count : int
        Pages, without the index.
    drawn : int
        How many of them were drawn now; the others were there.
    hidden : tuple of str
        Numbers of pages on which something stays hidden.
    seconds_a_page : float
        As it was drawn now; 0 where none was.
    """

    folder: Path
    pdf: Path | None
    count: int
    drawn: int
    hidden: tuple[str, ...]
    seconds_a_page: float = 0.0


@dataclass(frozen=True, slots=True)
class _Todo:
    page: AtlasPage
    file: Path
    key: str


def make_atlas(
    session: Session, spec: AtlasSpec, folder: Path, *, pdf: str = "all.pdf", workers: int | None = None,
    pages: str = "", quiet: bool = False,
) -> Job:  # fmt: skip
    """Draw the pages of an atlas that are not there yet, and join them.

    Parameters
    ----------
    session : Session
    spec : AtlasSpec
    folder : Path
        Takes the pages, the index, ``all.pdf`` and ``pages.json``.
    pdf : str
        Name of the joined file in the folder, or an absolute path; empty for none. Pictures are not joined.
    workers : int, optional
        Child processes; None goes by processors and memory, 0 draws in this very process.
    pages : str
        Places of the pages that are made, ``"1-20"``; empty for all.
    quiet : bool
        Whether nobody is told when it is done.

    Returns
    -------
    Job
        With an :class:`Atlas`.

    Raises
    ------
    UserError
        What :func:`~app.usecases.sheets.atlas.entries.pages_of` raises; ``atlas.bad_pages``; ``atlas.bad_suffix``.
    """
    folder = Path(folder).resolve()
    if spec.suffix not in (".pdf", ".png"):
        raise UserError("atlas.bad_suffix", name=spec.suffix)
    if not session.project.data:
        raise UserError("picture.nothing")
    content = content_of(session) if session.jobs.inline else ""  # before figures are computed that nobody saved
    compute_missing(session, spec)
    plan = pages_of(session, spec)
    try:
        chosen = in_range(plan, pages)
    except ValueError:
        raise UserError("atlas.bad_pages", text=pages) from None
    if not chosen:
        raise UserError("atlas.bad_pages", text=pages)
    run, title = _Run(session, spec, folder, chosen, workers), title_of(session, spec)
    joined = folder / pdf if pdf and spec.suffix == ".pdf" else None
    if joined is not None and joined.suffix.lower() != ".pdf":
        joined = joined.with_name(f"{joined.name}.pdf")

    def work(progress: Progress) -> Atlas:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = hold(folder / ".atlas.lock")
        except OSError as error:
            raise translated(error, folder) from error
        if lock is None:
            raise UserError("atlas.busy", folder=str(folder))
        with lock:
            _sweep(folder / PAGES)
            told = content or content_of(session)
            records, drawn = run.records(told, progress)
            progress.step(_COPIED + _DRAWN, "progress.writing")
            files = write_index(index_of(session, spec, chosen), folder, spec)
            listing = _listing(spec, title, told, records)
            if joined is not None:
                _join(joined, files[0], folder, records, title, listing)
            write_json(folder / "pages.json", listing)
            if len(chosen) == len(plan):
                _drop_others(folder / PAGES, records)
        hidden = tuple(record["number"] for record in records if record["hidden"])
        return Atlas(folder, joined, len(records), drawn, hidden, run.seconds_a_page)

    def announce(made: Atlas) -> None:
        if quiet:
            return
        facts: dict[str, object] = {"count": made.count, "folder": folder.name, "path": str(made.pdf or folder)}
        session.notices.add(Notice("info", "notice.atlas", facts, alone=True))

    return session.run("job.atlas", work, announce, folder=folder.name)


def compute_missing(session: Session, spec: AtlasSpec) -> None:
    """Have the indicators of an atlas computed where nobody did.

    Raises
    ------
    UserError
        ``picture.no_result`` in a window, where that takes a moment of its own.
    """
    codes = tuple(code for code in spec.indicators if health.wants_computing(session, code))
    if codes:
        if not session.jobs.inline:
            raise UserError("picture.no_result", indicator=", ".join(codes))
        health.compute_indicators(session, codes)


def usual_workers() -> int:
    """Return how many children draw: two where there are processors and memory for them."""
    try:
        pages = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, AttributeError):
        pages = 2 * CHILD_MB
    return 2 if (os.cpu_count() or 1) >= 2 and pages >= 2 * CHILD_MB else 1


class _Run:
    """Has pages drawn, and gives the records of all."""

    def __init__(
        self, session: Session, spec: AtlasSpec, folder: Path, pages: Sequence[AtlasPage], workers: int | None
    ) -> None:  # fmt: skip
        self._session, self._spec, self._folder, self._pages = session, spec, folder, pages
        self._content = ""
        self._seconds: list[float] = []
        self._workers = usual_workers() if workers is None else max(workers, 0)
        self._given = Handover(session)
        self._found: dict[int, Record] = {}

    @property
    def seconds_a_page(self) -> float:
        """Return how long a page took."""
        return sum(self._seconds) / len(self._seconds) if self._seconds else 0.0

    def records(self, content: str, progress: Progress) -> tuple[list[Record], int]:
        """Return the records of all pages in their order, and how many pages were drawn for it.

        Parameters
        ----------
        content : str
            Hash of the project's data.
        progress : Progress
        """
        self._content, todo = content, []
        for page in self._pages:
            progress.step(0.0, "progress.atlas.looking")
            _, key = sheet_and_key(self._session, self._spec, page, content)
            one = _Todo(page, page_file(self._folder, self._spec, page, key), key)
            todo.append(one)
            record = whole_record(one.file, one.key)
            if record is not None:
                self._found[one.page.place] = record | {"place": one.page.place}
        missing = [one for one in todo if one.page.place not in self._found]
        drawer = self._here(missing) if self._workers == 0 else self._apart(missing, progress)
        for done, record in enumerate(drawer, start=len(self._found)):
            self._found[record["place"]] = record
            progress.step(_COPIED + _DRAWN * (done + 1) / len(todo), "progress.atlas.pages")
        return [self._found[one.page.place] for one in todo], len(missing)

    def _here(self, missing: Sequence[_Todo]) -> Iterator[Record]:
        if missing:
            with PageDrawer(self._session, self._spec, self._folder, self._content) as drawer:
                for one in missing:
                    yield drawer.draw(one.page)

    def _apart(self, missing: Sequence[_Todo], progress: Progress) -> Iterator[Record]:
        """Yield the records of pages that children draw."""
        if not missing:
            return
        copy = Path(tempfile.mkdtemp(prefix="chengjing_"))
        waiting, deaths = deque(missing), dict.fromkeys((one.page.place for one in missing), 0)
        crew: list[_Hand] = []
        try:
            request = self._request(copy, progress)
            while waiting or any(hand.asked for hand in crew):
                progress.step()  # raises where it was cancelled; the children end below
                crew = [hand for hand in crew if hand.keep(waiting)]
                while len(crew) < min(self._workers, len(waiting) + len(crew)) and waiting:
                    crew.append(_Hand(request))
                for hand in crew:
                    hand.ask(waiting)
                    for answer in hand.answers(0.1 / len(crew)):
                        if "page" in answer:
                            self._seconds.append(float(answer["seconds"]))
                            yield answer["page"]
                        elif "crash" in answer:
                            self._died(hand, answer, waiting, deaths)
        finally:
            for hand in crew:
                hand.child.end()
            shutil.rmtree(copy, ignore_errors=True)

    def _died(self, hand: _Hand, answer: dict[str, Any], waiting: deque[_Todo], deaths: dict[int, int]) -> None:
        log.error("the process of an atlas died: %s", answer["crash"])
        left = list(hand.asked)
        hand.asked.clear()
        if left:
            deaths[left[0].page.place] += 1
            if deaths[left[0].page.place] >= _MOST_DEATHS:
                raise UserError("atlas.crashed", number=left[0].page.number)
        waiting.extendleft(reversed(left))

    def _request(self, copy: Path, progress: Progress) -> dict[str, Any]:
        from models.store.rows.state_rows import converter

        return self._given.request(copy, progress.part(0.0, _COPIED)) | {
            "spec": converter.unstructure(self._spec), "folder": str(self._folder), "content": self._content,
        }  # fmt: skip


class _Hand:
    """One child and what it is asked for."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.child = Child(module=CHILD)
        self.child.send(**request)
        self.asked: deque[_Todo] = deque()
        self._drawn, self._memory_mb, self._is_over = 0, 0.0, False

    def keep(self, waiting: deque[_Todo]) -> bool:
        """Whether it goes on: one that died or is to retire ends here, once nothing is asked of it."""
        tired = self._drawn >= RETIRE_AFTER or self._memory_mb > MOST_MEMORY_MB
        if not self.asked and (self._is_over or tired or not waiting):
            self.child.end()
            return False
        return True

    def ask(self, waiting: deque[_Todo]) -> None:
        """Ask for the next pages, if it has none."""
        if self._is_over or self.asked or self._drawn >= RETIRE_AFTER:
            return
        while waiting and len(self.asked) < CHUNK:
            self.asked.append(waiting.popleft())
        if self.asked:
            self.child.send(places=[one.page.place for one in self.asked])

    def answers(self, timeout_s: float) -> Iterator[dict[str, Any]]:
        """Yield what it said."""
        while not self._is_over and (answer := self.child.answer(timeout_s)) is not None:
            timeout_s = 0.0
            if "error" in answer:
                raise told_error(answer)
            if "fault" in answer:
                raise RuntimeError(f"an atlas failed:\n{answer['fault']}")
            if "page" in answer:
                self.asked.popleft()
                self._drawn += 1
            if "ready" in answer:
                self._memory_mb = float(answer["memory_mb"])
            self._is_over = "crash" in answer
            yield answer


def _listing(spec: AtlasSpec, title: str, content: str, records: Sequence[Record]) -> dict[str, Any]:
    from models.store.rows.state_rows import converter

    return {
        "format": FORMAT, "title": title, "content": content, "atlas": converter.unstructure(spec),
        "count": len(records), "pages": list(records),
    }  # fmt: skip


def _join(
    out: Path, index: Path, folder: Path, records: Sequence[Record], title: str, listing: dict[str, Any]
) -> None:  # fmt: skip
    from viewers.sheets.atlas.book import BookPage, join_book

    out.parent.mkdir(parents=True, exist_ok=True)
    pages = [BookPage(index, "", "")]
    for record in records:
        chapter = f"{record['number'].partition('-')[0]}  {record['chapter_name'] or record['chapter']}".strip()
        pages.append(
            BookPage(folder / record["file"], record["number"], f"{record['number']}  {record['name']}", chapter)
        )
    text = json.dumps(listing, ensure_ascii=False, sort_keys=True)
    made_of = json.dumps({"atlas": listing["atlas"], "content": listing["content"]}, ensure_ascii=False, sort_keys=True)
    join_book(pages, out, title, made_of, text.encode())


def _sweep(pages: Path) -> None:
    """Remove what a killed child left half-written."""
    for left in pages.glob(".*-saving-*"):
        left.unlink(missing_ok=True)


def _drop_others(pages: Path, records: Sequence[Record]) -> None:
    """Remove pages that belong to no atlas any more: of data or numbers that have changed."""
    names = {Path(record["file"]).name for record in records}
    known = names | {Path(name).with_suffix(".json").name for name in names}
    for file in pages.iterdir():
        if _OURS.fullmatch(file.name) and file.name not in known:
            file.unlink(missing_ok=True)

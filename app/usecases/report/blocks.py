"""The blocks of the report: generated, edited, approved, locked by named persons, and taken back from Word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from models.core.errors import UserError
from models.core.progress import Progress
from models.report.blocks import states
from models.report.blocks.states import KEPT, BlockText, State

if TYPE_CHECKING:
    from app.session import Session
    from viewers.documents.report.composing import MadeBlock

#: What the history calls a step into a state.
_STEPS: Mapping[str, str] = {
    "approved": "history.report_approved", "locked": "history.report_locked", "edited": "history.report_edited",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BlockView:
    """A block with what is generated now and what people made of it.

    Parameters
    ----------
    made : MadeBlock
    kept : BlockText or None
    """

    made: MadeBlock
    kept: BlockText | None

    @property
    def id(self) -> str:
        """Return its id."""
        return self.made.id

    @property
    def state(self) -> State:
        """Return its state."""
        return "not_generated" if self.kept is None else self.kept.state

    @property
    def text(self) -> str:
        """Return what the report prints, marked."""
        return self.kept.text if self.kept is not None and self.state in KEPT else self.made.made

    @property
    def has_moved(self) -> bool:
        """Whether the data beneath has changed since a person touched it."""
        return self.kept is not None and self.state in KEPT and self.kept.has_moved(self.made.made)

    @property
    def is_missing(self) -> bool:
        """Whether only people know it and nobody said it yet."""
        return self.made.kind == "own" and self.state not in KEPT


@dataclass(frozen=True, slots=True)
class Returned:
    """A block that somebody changed in Word.

    Parameters
    ----------
    id, title, before, after : str
        Texts are marked.
    refused : str
        Code of why it cannot be taken; empty where it can.
    """

    id: str
    title: str
    before: str
    after: str
    refused: str = ""


def composed_later(session: Session, lang: str = "") -> Callable[[Progress], tuple[MadeBlock, ...]]:
    """Return work that gives the blocks as they are generated now; it may run beside the window.

    Raises
    ------
    UserError
        ``report.nothing`` where no indicator has a result.
    """
    from app.usecases.health.health import all_kept
    from app.usecases.report.basis import report_basis

    if not all_kept(session):
        raise UserError("report.nothing")
    basis = report_basis(session, lang)

    def work(_: Progress) -> tuple[MadeBlock, ...]:
        from viewers.documents.report.composing import compose

        return compose(replace(basis, kept={})).blocks

    return work


def views(session: Session, made: Iterable[MadeBlock], lang: str = "") -> tuple[BlockView, ...]:
    """Return each block with what people made of it."""
    kept = _kept(session, lang)
    return tuple(BlockView(one, kept.get(one.id)) for one in made)


def generate(session: Session, made: Iterable[MadeBlock], lang: str = "") -> tuple[str, ...]:
    """Keep what is generated now, and return the ids of the blocks that people wrote, which stay as they are."""
    fresh = {one.id: one.made for one in made if one.kind != "own"}
    blocks, left = states.generated(
        session.project.state.review.report_blocks, fresh, lang or session.lang, _author(session), _now()
    )
    _put(session, "history.report_generate", blocks)
    return left


def edit(session: Session, made: MadeBlock, text: str, lang: str = "") -> None:
    """Keep a text that a person wrote for a block; numbers that were left as they were keep their figures.

    Raises
    ------
    UserError
        ``report.locked``, ``report.too_long``.
    """
    from models.report.text.marked import remarked

    view = views(session, (made,), lang)[0]
    before = "" if view.is_missing else view.text
    _change(session, "history.report_edit", _edited(session, view, remarked(before, text), lang))


def move_to(session: Session, block_id: str, state: State, lang: str = "") -> None:
    """Approve or lock a block, or open it again.

    Raises
    ------
    UserError
        ``report.bad_step``, ``report.no_person``.
    """
    before = _kept(session, lang).get(block_id)
    block = states.moved_to(before, block_id, state, _author(session), _now())
    _change(session, _STEPS[state], block)


def generate_anew(session: Session, made: MadeBlock, lang: str = "") -> None:
    """Put what is generated now in the place of what a person wrote; undo brings that back.

    Raises
    ------
    UserError
        ``report.locked``.
    """
    before = _kept(session, lang).get(made.id)
    if before is not None and before.state == "locked":
        raise UserError("report.locked", block=made.title, by=before.by)
    fresh = BlockText(made.id, lang or session.lang, "generated", made.made, made.made, _author(session), _now())
    _change(session, "history.report_generate", fresh)


def returned(session: Session, path: Path, made: Sequence[MadeBlock], lang: str = "") -> tuple[Returned, ...]:
    """Return which blocks somebody changed in Word, as a preview; nothing is taken yet.

    Raises
    ------
    UserError
        As :func:`viewers.documents.report.read_back.read_docx`.
    """
    from models.report.text.marked import plain
    from viewers.documents.report.read_back import read_docx
    from viewers.documents.report.wordml import BLOCK, tag_of

    found = read_docx(path).blocks
    changed = []
    for view in views(session, made, lang):
        tag = tag_of(BLOCK, view.id)
        before = "\n".join(line.strip() for line in view.text.split("\n") if line.strip())
        if tag in found and plain(found[tag]) != plain(before):
            refused = "report.locked" if view.state == "locked" else ""
            changed.append(
                Returned(view.id, view.made.title, "" if view.is_missing else view.text, found[tag], refused)
            )
    return tuple(changed)


def take_back(session: Session, changed: Iterable[Returned], made: Sequence[MadeBlock], lang: str = "") -> int:
    """Keep the texts that came back from Word as one step, and return how many there were."""
    from models.report.text.marked import plain, remarked

    known = {one.id: one for one in views(session, made, lang)}
    fresh = [
        _edited(session, known[one.id], remarked(one.before, plain(one.after)), lang)
        for one in changed
        if not one.refused and one.id in known
    ]
    if fresh:
        _put(session, "history.report_take_back", states.put(session.project.state.review.report_blocks, fresh))
    return len(fresh)


def _edited(session: Session, view: BlockView, text: str, lang: str) -> BlockText:
    return states.edited(
        view.kept, view.id, lang or session.lang, text, view.made.made, _author(session), _now()
    )  # fmt: skip


def _kept(session: Session, lang: str) -> Mapping[str, BlockText]:
    wanted = lang or session.lang
    return {one.id: one for one in session.project.state.review.report_blocks if one.lang == wanted}


def _change(session: Session, label: str, block: BlockText) -> None:
    _put(session, label, states.put(session.project.state.review.report_blocks, (block,)))


def _put(session: Session, label: str, blocks: tuple[BlockText, ...]) -> None:
    session.history.do(label, lambda state: replace(state, review=replace(state.review, report_blocks=blocks)))


def _author(session: Session) -> str:
    """Return the name in the settings; the machine's user is no person who approves anything."""
    return str(session.settings.get("author") or "").strip()


def _now() -> str:
    return dt.datetime.now().astimezone().isoformat(timespec="seconds")

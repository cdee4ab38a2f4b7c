"""Blocks of the report as people leave them: not generated → generated → edited → approved → locked.

Invariants
----------
1. Generating writes only into blocks that are not generated, or generated: what a person wrote, approved or locked
   stays.
2. A block keeps what was generated when its text was last touched, so that it can be said that the data beneath has
   changed since.
3. A locked block is changed by nobody before somebody unlocks it, and each step has a name and a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from models.core.errors import UserError

State = Literal["not_generated", "generated", "edited", "approved", "locked"]
STATES: tuple[State, ...] = ("not_generated", "generated", "edited", "approved", "locked")
#: What generating leaves alone.
KEPT: frozenset[State] = frozenset({"edited", "approved", "locked"})
#: Signs of a block at the most.
MOST_SIGNS = 20_000


@dataclass(frozen=True, slots=True)
class BlockText:
    """The text of a block as the project keeps it.

    Parameters
    ----------
    id : str
        ``"1.scope/coverage"``: section and sentence; ``"4.housing.items/HC25-01"`` of an indicator.
    lang : str
    state : str
        One of :data:`STATES`.
    text : str
        Marked (:mod:`models.report.text.marked`).
    made : str
        What was generated when the text was last touched.
    by, at : str
        Who brought it into its state, and when (ISO 8601).
    """

    id: str
    lang: str
    state: State
    text: str
    made: str = ""
    by: str = ""
    at: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Return id and language."""
        return self.id, self.lang

    def has_moved(self, made_now: str) -> bool:
        """Whether the data beneath has changed since the text was last touched."""
        return self.made != made_now


def generated(
    kept: Iterable[BlockText], made: Mapping[str, str], lang: str, by: str, at: str
) -> tuple[tuple[BlockText, ...], tuple[str, ...]]:
    """Return the blocks with newly generated texts, and the ids of those that were left alone.

    Parameters
    ----------
    kept : iterable of BlockText
    made : mapping of str to str
        What is generated now, by block.
    lang, by, at : str
    """
    blocks = {one.key: one for one in kept}
    left = []
    for block_id, text in made.items():
        before = blocks.get((block_id, lang))
        if before is not None and before.state in KEPT:
            left.append(block_id)
        elif before is None or (before.text, before.made) != (text, text):
            blocks[block_id, lang] = BlockText(block_id, lang, "generated", text, text, by, at)
    return tuple(blocks.values()), tuple(left)


def edited(before: BlockText | None, block_id: str, lang: str, text: str, made: str, by: str, at: str) -> BlockText:
    """Return a block with a text that a person wrote.

    Raises
    ------
    UserError
        ``report.locked``, ``report.too_long``.
    """
    if before is not None and before.state == "locked":
        raise UserError("report.locked", block=block_id, by=before.by)
    if len(text) > MOST_SIGNS:
        raise UserError("report.too_long", block=block_id, most=f"{MOST_SIGNS:,}")
    return BlockText(block_id, lang, "edited", text.strip(), made, by, at)


def moved_to(before: BlockText | None, block_id: str, state: State, by: str, at: str) -> BlockText:
    """Return a block that a person approved, locked, or took back to edited.

    Raises
    ------
    UserError
        ``report.no_person``, ``report.bad_step`` where the block is not far enough: only what has a text is approved,
        only what is approved is locked, and only what is approved or locked is opened again.
    """
    if not by.strip():
        raise UserError("report.no_person")
    allowed: dict[str, tuple[State, ...]] = {
        "approved": ("generated", "edited"), "locked": ("approved",), "edited": ("approved", "locked"),
    }  # fmt: skip
    if before is None or before.state not in allowed.get(state, ()):
        raise UserError("report.bad_step", block=block_id, state=state)
    return replace(before, state=state, by=by.strip(), at=at)


def put(blocks: Iterable[BlockText], fresh: Iterable[BlockText]) -> tuple[BlockText, ...]:
    """Return blocks with others in the place of those of the same id and language, new ones at the end."""
    found = {one.key: one for one in blocks} | {one.key: one for one in fresh}
    return tuple(found.values())

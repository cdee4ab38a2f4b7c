"""Every message passes one door."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field

from psygnal import Signal

from models.core.addresses import masked
from models.core.errors import Cancelled, Caution, UserError
from resources.words import has, word

log = logging.getLogger("chengjing")

#: Levels of which many alike are one message.
GROUPED = frozenset({"info", "caution"})
#: Errors of expressions that name kinds of values ("number", "text" …), and under which facts.
KINDS_SAID = ("error.ask.operand", "error.ask.needs_text", "error.ask.kinds", "error.ask.argument",
              "error.ask.no_condition", "error.ask.wrong_kind")  # fmt: skip
KIND_FACTS = frozenset({"found", "wanted", "left", "right"})


@dataclass(frozen=True)
class Notice:
    """One message, still in codes; :meth:`text` puts it into a language.

    Parameters
    ----------
    level : str
        ``"info"``, ``"caution"``, ``"error"`` or ``"fault"`` (ours).
    key : str
        Word key.
    facts : dict
        Its fields.
    details : str
        A trace to copy, for faults only.
    at_s : float
        When it was said, on the monotonic clock.
    alone : bool
        Never told together with others that say the same: what it offers is for itself.
    """

    level: str
    key: str
    facts: dict[str, object] = field(default_factory=dict)
    details: str = ""
    at_s: float = field(default_factory=time.monotonic, compare=False)
    alone: bool = False

    def text(self, lang: str) -> str:
        """Return what happened."""
        return masked(word(self.key, lang, **self._said(lang)))

    def cure(self, lang: str) -> str:
        """Return what to do about it, empty if nothing need be done."""
        key = f"{self.key}.cure"
        return masked(word(key, lang, **self._said(lang))) if has(key) else ""

    def _said(self, lang: str) -> dict[str, object]:
        """Return the facts: English names where there are some, kinds of values that an expression names in words."""
        if lang == "en":  # beside ``layer`` stands ``layer_en``
            facts = {name: self.facts.get(f"{name}_en") or value for name, value in self.facts.items()}
        else:
            facts = self.facts
        if not self.key.startswith(KINDS_SAID):
            return facts
        return {
            name: word(f"ask.kind.{value}", lang) if name in KIND_FACTS and has(f"ask.kind.{value}") else value
            for name, value in facts.items()
        }


def notice_of(error: BaseException) -> Notice:
    """Return the notice for any ending but success."""
    if isinstance(error, UserError):
        return Notice("error", f"error.{error.code}", dict(error.facts))
    if isinstance(error, Cancelled):
        return Notice("info", "notice.stopped")
    details = masked("".join(traceback.format_exception(error)))
    return Notice("fault", "error.fault", {"kind": type(error).__name__}, details)


def notice_of_caution(caution: Caution) -> Notice:
    """Return the notice for something a reader guessed or skipped."""
    return Notice("caution", f"caution.{caution.code}", dict(caution.facts))


def grouped(notices: Sequence[Notice], within_s: float) -> list[tuple[int, list[Notice]]]:
    """Put messages together that say the same of different things, each soon after the one before.

    Errors and faults stay alone: each wants its own answer.

    Returns
    -------
    list of (int, list of Notice)
        Place of the last message of a group, and the group; in the order of the last messages.
    """
    groups: dict[int, tuple[int, list[Notice]]] = {}
    latest: dict[str, int] = {}
    for at, notice in enumerate(notices):
        key = latest.get(notice.key)
        if key is not None and notice.at_s - groups[key][1][-1].at_s <= within_s:
            members = groups.pop(key)[1]
            groups[at] = (at, [*(one for one in members if one != notice), notice])
        else:
            groups[at] = (at, [notice])
        if notice.level in GROUPED and notice.facts and not notice.alone:
            latest[notice.key] = at
    return list(groups.values())


class Notices:
    """The door.

    Signals
    -------
    added : (Notice)
    """

    added = Signal(Notice)

    def __init__(self) -> None:
        self.all: list[Notice] = []

    def add(self, notice: Notice) -> None:
        """Remember, log and announce a notice."""
        self.all.append(notice)
        if notice.level == "fault":
            log.error("%s\n%s", notice.text("en"), notice.details)
        else:
            log.info("%s: %s", notice.level, notice.text("en"))
        self.added.emit(notice)

    def info(self, key: str, **facts: object) -> None:
        """Say that something was done."""
        self.add(Notice("info", key, facts))

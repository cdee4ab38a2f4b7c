"""Every message passes one door."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass, field

from psygnal import Signal

from models.errors import Cancelled, Caution, UserError
from resources.words import has, word

log = logging.getLogger("chengjing")


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
    """

    level: str
    key: str
    facts: dict[str, object] = field(default_factory=dict)
    details: str = ""

    def text(self, lang: str) -> str:
        """Return what happened."""
        return word(self.key, lang, **self.facts)

    def cure(self, lang: str) -> str:
        """Return what to do about it, empty if nothing need be done."""
        key = f"{self.key}.cure"
        return word(key, lang, **self.facts) if has(key) else ""


def notice_of(error: BaseException) -> Notice:
    """Return the notice for any ending but success."""
    if isinstance(error, UserError):
        return Notice("error", f"error.{error.code}", dict(error.facts))
    if isinstance(error, Cancelled):
        return Notice("info", "notice.stopped")
    details = "".join(traceback.format_exception(error))
    return Notice("fault", "error.fault", {"kind": type(error).__name__}, details)


def notice_of_caution(caution: Caution) -> Notice:
    """Return the notice for something a reader guessed or skipped."""
    return Notice("caution", f"caution.{caution.code}", dict(caution.facts))


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

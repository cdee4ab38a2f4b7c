"""How a live source stands, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from models.readings.messages.faults import Fault
from resources.words import word


class Standing(Protocol):
    """What is said of a source (:class:`app.background.receiving.SourceState`)."""

    @property
    def word(self) -> str:
        """Return the word key of how it stands."""
        ...

    @property
    def rate(self) -> float:
        """Return messages a second."""
        ...

    @property
    def received(self) -> int:
        """Return messages."""
        ...

    @property
    def readings(self) -> int:
        """Return readings."""
        ...

    @property
    def backlog(self) -> int:
        """Return messages that are not in the store yet."""
        ...

    @property
    def faults(self) -> Mapping[str, Fault]:
        """Return what was wrong, by kind."""
        ...


def state_line(state: Standing, lang: str) -> str:
    """Return one line: connected or not, messages, rate, backlog, what was wrong."""
    wrong = sum(fault.count for fault in state.faults.values())
    said = [
        word(state.word, lang),
        word(
            "live.line", lang, received=f"{state.received:,}", readings=f"{state.readings:,}", rate=f"{state.rate:.0f}"
        ),
    ]
    if state.backlog:
        said.append(word("live.line.backlog", lang, count=f"{state.backlog:,}"))
    if wrong:
        said.append(word("live.line.wrong", lang, count=f"{wrong:,}"))
    return " · ".join(said)

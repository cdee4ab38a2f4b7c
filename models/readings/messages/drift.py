"""Schema drift: a field of a source's messages that vanishes or appears is told once, with a count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.readings.messages.faults import shown

#: So many messages make the usual fields of a source.
SETTLED = 200
#: So many different sets of fields are told apart; more are no schema.
MOST_SHAPES = 64
MOST_FIELDS = 32


@dataclass(frozen=True, slots=True)
class Drift:
    """A field that was not always there.

    Parameters
    ----------
    field : str
    appeared : bool
        Whether it came; otherwise it vanished.
    count : int
        Of items with a field that came, or without one that vanished.
    """

    field: str
    appeared: bool
    count: int


class Shapes:
    """Which fields the items of a source have."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, ...], int] = {}
        self._usual: frozenset[str] | None = None
        self._always: frozenset[str] = frozenset()
        self._seen = 0
        self._drifts: dict[tuple[str, bool], int] = {}

    def add(self, item: Mapping[str, object]) -> None:
        """Look at the fields of one item."""
        shape = tuple(item)
        self._seen += 1
        if self._usual is None:
            if shape in self._counts or len(self._counts) < MOST_SHAPES:
                self._counts[shape] = self._counts.get(shape, 0) + 1
            if self._seen >= SETTLED:
                self._usual = frozenset(name for known in self._counts for name in known)
                self._always = frozenset.intersection(*(frozenset(known) for known in self._counts))
            return
        if shape in self._counts:
            return
        fields = frozenset(shape)
        self._count(((name, True) for name in fields - self._usual), ((name, False) for name in self._always - fields))

    def drifts(self) -> tuple[Drift, ...]:
        """Return what changed since the first messages, most frequent first."""
        rows = sorted(self._drifts.items(), key=lambda row: (-row[1], row[0]))
        return tuple(Drift(shown(name, 40), appeared, count) for (name, appeared), count in rows)

    def _count(self, *changes: Iterable[tuple[str, bool]]) -> None:
        for change in changes:
            for key in change:
                if key in self._drifts or len(self._drifts) < MOST_FIELDS:
                    self._drifts[key] = self._drifts.get(key, 0) + 1

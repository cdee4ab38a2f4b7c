"""Whose word counts where two levels say different things of a field (``standards/exchange/authority.toml``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from models.exchange.divisions import LEVELS, holds, level_of
from resources.standards import standard


@dataclass(frozen=True, slots=True)
class Authority:
    """A row: of which fields of which class, and whose word comes first.

    Parameters
    ----------
    kind : str
        Class of records; ``"*"`` for all.
    fields : tuple of str
        ``"*"`` for all.
    levels : tuple of str
        Levels, first the one whose word counts most.
    """

    kind: str
    fields: tuple[str, ...]
    levels: tuple[str, ...]

    def speaks_of(self, kind: str, field: str) -> bool:
        """Whether the row decides over a field."""
        return self.kind in (kind, "*") and (field in self.fields or "*" in self.fields)


@lru_cache(maxsize=1)
def authorities() -> tuple[Authority, ...]:
    """Return the rows of the program, in the order in which they are asked."""
    rows = standard("exchange/authority")["row"]
    return tuple(Authority(row["class"], tuple(row["fields"]), tuple(row["levels"])) for row in rows)


def rank(sender: str, kind: str, key: str, field: str) -> tuple[int, int]:
    """Return how far from the first word a sender stands: place of its level, then whether the record is another's.

    Parameters
    ----------
    sender : str
        Division code.
    kind, key, field : str
    """
    levels = next((row.levels for row in authorities() if row.speaks_of(kind, field)), LEVELS)
    level = level_of(sender)
    return (levels.index(level) if level in levels else len(levels), 0 if holds(sender, key) else 1)

"""What taking in values would change, before anybody takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.health.entered.values import EnteredValue


@dataclass(frozen=True, slots=True)
class Changes:
    """Values that come, beside those that are there.

    Parameters
    ----------
    new : tuple of EnteredValue
    changed : tuple of (EnteredValue, EnteredValue)
        Before and after.
    same : tuple of EnteredValue
    """

    new: tuple[EnteredValue, ...]
    changed: tuple[tuple[EnteredValue, EnteredValue], ...]
    same: tuple[EnteredValue, ...]

    @property
    def taken(self) -> tuple[EnteredValue, ...]:
        """Return the values that would be put into the project."""
        return (*self.new, *(after for _, after in self.changed))


def changes_of(before: Sequence[EnteredValue], fresh: Sequence[EnteredValue]) -> Changes:
    """Return what fresh values would change."""
    held = {one.key: one for one in before}
    new = tuple(one for one in fresh if one.key not in held)
    known = [(held[one.key], one) for one in fresh if one.key in held]
    return Changes(
        new,
        tuple((was, one) for was, one in known if not was.says_the_same(one)),
        tuple(one for was, one in known if was.says_the_same(one)),
    )

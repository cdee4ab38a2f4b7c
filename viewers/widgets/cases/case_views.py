"""What the panel of cases shows, in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowView:
    """One case of the list; ``light`` is a colour of the theme, empty for none."""

    number: str
    title: str
    detail: str
    light: str


@dataclass(frozen=True, slots=True)
class MoveView:
    """What can be done with a case: its name, who does it, what has to be said, whether it leads back."""

    id: str
    title: str
    role: str
    asks: tuple[str, ...]
    may: tuple[str, ...]
    back: bool


@dataclass(frozen=True, slots=True)
class CardView:
    """One case.

    Parameters
    ----------
    number, title, state, light : str
    steps : tuple of (str, bool)
        The seven steps, and whether each is done.
    facts : tuple of (str, str)
    log : tuple of (str, str, str, str)
        When, what, who, what was said.
    moves : tuple of MoveView
    department : str
        Proposed for a dispatch.
    """

    number: str
    title: str
    state: str
    light: str
    steps: tuple[tuple[str, bool], ...]
    facts: tuple[tuple[str, str], ...]
    log: tuple[tuple[str, str, str, str], ...]
    moves: tuple[MoveView, ...]
    department: str = ""


@dataclass(frozen=True, slots=True)
class RateView:
    """One rate: its value or why there is none, and numerator over denominator in words."""

    id: str
    group: str
    heading: str
    title: str
    value: str
    parts: str
    source: str
    is_open: bool

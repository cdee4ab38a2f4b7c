"""What a project says of itself beside its name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class About:
    """Who made a project and of what.

    Parameters
    ----------
    source : str
        Where its data come from.
    author : str
        Who made it, a person or an office.
    note : str
        Anything else.
    """

    source: str = ""
    author: str = ""
    note: str = ""

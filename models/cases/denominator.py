"""Which cases a rate is taken of, where a city set it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Denominator:
    """A denominator that a city set for a rate that has none.

    Parameters
    ----------
    rate : str
        Id of the rate.
    of : str
        Id of the count that it is divided by.
    document, clause : str
        Where the city says so.
    """

    rate: str
    of: str
    document: str
    clause: str = ""

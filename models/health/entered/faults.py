"""What could not be taken of a file that somebody filled in, place by place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a file that was not taken, or was taken and looks wrong.

    Parameters
    ----------
    code : str
        ``health.fault.<code>`` is its sentence.
    sheet, place : str
        Sheet or layer, and cell or row in it.
    facts : mapping
        Values for the sentence.
    is_error : bool
        Whether the place was left out.
    """

    code: str
    sheet: str
    place: str
    facts: Mapping[str, str] = field(default_factory=dict)
    is_error: bool = True

"""One fact of a building, and the terms in texts that state it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

Value = float | int | str | bool | None

#: All facts, in the order in which they are told.
CODES = (
    "storeys_above", "storeys_below", "gross_floor_area_m2", "height_m", "footprint_m2", "year", "structure", "use",
    "dwellings", "rooms", "areas_by_use", "lifts", "ramps", "accessible", "accessible_toilets", "fire_exits",
    "external_wall_m2", "window_m2", "wall_materials", "wall_u_value",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refused:
    """What the model states and its geometry rules out.

    Parameters
    ----------
    source : str
        Set and property.
    value : float
        As stated, in the unit of the fact.
    count : int
        Elements whose size cannot be; 0 where the figure of the building cannot.
    """

    source: str
    value: float
    count: int = 0


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a building.

    Parameters
    ----------
    code : str
        ``fact.<code>`` is its word.
    value : float, int, str, bool or None
        None where the model does not state it. Of ``structure`` an id that :func:`named` says.
    unit : str
        ``"m"``, ``"m²"``, ``"W/(m²·K)"`` or empty.
    oids : tuple of int
        Elements it rests on.
    basis : str
        ``"property"``, ``"quantity"``, ``"elements"`` (counted), ``"geometry"``; empty where there is no value.
    source : str
        Set and property, class, or an id of how it was worked out, which ``bim.source.<id>`` says.
    certainty : str
        ``"stated"``, ``"derived"``, ``"guessed"`` (rests on names that people gave), ``"corrected"`` (stated, but
        impossible, so measured instead) or ``"refused"`` (stated, but impossible, and nothing to measure).
    parts : tuple of (str, float)
        What the value is made of: area by use, ids that :func:`named` says; share by material.
    refused : Refused or None
        What was stated and cannot be.
    """

    code: str
    value: Value
    unit: str = ""
    oids: tuple[int, ...] = ()
    basis: str = ""
    source: str = ""
    certainty: str = ""
    parts: tuple[tuple[str, float], ...] = ()
    refused: Refused | None = None


def says(text: str, words: Iterable[str]) -> bool:
    """Whether a text holds one of some words; a word in Latin letters must begin a word of the text.

    Examples
    --------
    >>> says("Open Office 2", ["office"]), says("Postoffice", ["office"]), says("男卫生间", ["卫生间"])
    (True, False, True)
    """
    low = text.casefold()
    return any(
        re.search(rf"(?<![^\W\d_]){re.escape(word)}", low) is not None if word.isascii() else word in low
        for word in words
    )

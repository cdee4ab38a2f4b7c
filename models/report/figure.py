"""One number that is printed, and where it comes from.

Invariants
----------
1. A figure keeps its raw value; how many decimals are shown is said beside it and takes nothing from it.
2. A figure that nobody knows has no value; it is never zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from models.core.value_text import indicator_digits
from models.health.results import CITY_OID, UnitValue

#: What a figure is: an amount in a unit, how many there are, a share (1 for the whole), a year.
Form = Literal["amount", "count", "share", "year"]
#: The place of the whole city in an id.
CITY = "city"


@dataclass(frozen=True, slots=True)
class FigureSource:
    """What a figure was taken from.

    Parameters
    ----------
    of : str
        ``"result"``, ``"list"``, ``"survey"``, ``"layer"``, ``"year"`` or ``"statement"`` (what a person said).
    hash : str
        Of the result, see :func:`models.report.result_hash.result_hash`; empty for what has none.
    made_at : str
        When the result was computed, ISO 8601; empty where nobody kept it.
    is_old : bool
        Whether something that the result read has changed since.
    """

    of: str
    hash: str = ""
    made_at: str = ""
    is_old: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One number.

    Parameters
    ----------
    id : str
        ``"<of what>/<where>/<which>"``: ``"HC25-25/370102001/value"``.
    value : float or int or None
        Raw: a share is 0…1, an amount is in ``unit``; None for no data.
    unit, unit_en : str
    form : str
    digits : int
        Decimals at the most that are shown.
    source : FigureSource
    """

    id: str
    value: float | int | None
    unit: str = ""
    unit_en: str = ""
    form: Form = "amount"
    digits: int = 0
    source: FigureSource = FigureSource("statement")

    def unit_text(self, lang: str) -> str:
        """Return its unit in a language."""
        return self.unit_en if lang == "en" else self.unit


@dataclass(frozen=True, slots=True)
class Figures:
    """Every number that report, atlas, lists and deck print, by its id.

    Parameters
    ----------
    by_id : mapping of str to Figure
    """

    by_id: Mapping[str, Figure] = field(default_factory=dict)

    def __getitem__(self, figure_id: str) -> Figure:
        return self.by_id[figure_id]

    def __contains__(self, figure_id: object) -> bool:
        return figure_id in self.by_id

    def __iter__(self) -> Iterator[Figure]:
        return iter(self.by_id.values())

    def __len__(self) -> int:
        return len(self.by_id)

    def get(self, figure_id: str) -> Figure:
        """Return a figure; one without value where there is none of this id."""
        return self.by_id.get(figure_id) or Figure(figure_id, None)

    def value(self, figure_id: str) -> float | int | None:
        """Return the raw value of a figure; None where there is none."""
        found = self.by_id.get(figure_id)
        return None if found is None else found.value

    def of_unit(self, code: str, unit: UnitValue, which: str = "value") -> Figure:
        """Return a figure of an indicator in a unit, or in the whole city."""
        return self.get(figure_id(code, place_of(unit), which))


def figure_id(of: str, place: str, which: str) -> str:
    """Return the id of a figure; no part of it may hold the sign that parts them."""
    return "/".join(part.replace("/", "∕") for part in (of, place, which))


def place_of(unit: UnitValue) -> str:
    """Return how a unit is named in ids: by its code, the whole city by :data:`CITY`, one without code by its row."""
    if unit.unit_oid == CITY_OID:
        return CITY
    return unit.unit_code or f"{unit.unit_layer}#{unit.unit_oid}"


def amount(
    figure_id: str, value: float | None, unit: str, unit_en: str, source: FigureSource, digits: int | None = None
) -> Figure:
    """Return an amount with the decimals that amounts of such a size have."""
    shown = indicator_digits(value or 0.0, unit) if digits is None else digits
    return Figure(figure_id, value, unit, unit_en, "amount", shown, source)

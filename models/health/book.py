"""The definitions that hold in a project: its edition, as people have changed it, by the readings that they chose."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from models.core.errors import UserError
from models.health.editions import Edition, IndicatorDef, edition
from models.health.state import HealthState


@lru_cache(maxsize=8)
def book_of(health: HealthState) -> Edition:
    """Return the indicators of a project.

    Raises
    ------
    UserError
        ``health.no_edition``.
    """
    book = edition(health.edition)
    chosen = {one.code: one.reading for one in health.readings}
    found = {code: _read(row, chosen.get(code, "")) for code, row in book.indicators.items()}
    return replace(book, indicators=found)


def definition_of(health: HealthState, code: str) -> IndicatorDef:
    """Return an indicator as a project defines it.

    Raises
    ------
    UserError
        ``health.no_indicator``.
    """
    book = book_of(health)
    if code not in book.indicators:
        raise UserError("health.no_indicator", indicator=code, edition=book.id, known=", ".join(book.computed))
    return book.indicators[code]


def _read(row: IndicatorDef, reading: str) -> IndicatorDef:
    return row.read_as(reading or row.readings[0].id) if row.readings else row

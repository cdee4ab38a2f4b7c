"""The rate of rectification (HC25-60) as it follows from last year's list and the present one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.session import Session
    from models.health.results import IndicatorResult
    from models.health.years.record import YearRecord


def base_record(session: Session) -> YearRecord | None:
    """Return the record that the present check is held against; None where there is none."""
    from models.health.years.choosing import base_of, this_year

    state = session.project.state
    return base_of(state.health, state.name, this_year())


def last_year_of_city(session: Session) -> YearRecord | None:
    """Return the latest record of this very city before this year: what "last year" means, whatever is compared."""
    from models.health.years.choosing import last_year, this_year

    state = session.project.state
    return last_year(state.health.years, state.name, this_year())


def rectified_result(session: Session) -> IndicatorResult | None:
    """Return the result of HC25-60 that follows from the lists, made anew when they change; None without a list."""
    from models.health.years.choosing import this_year

    state = session.project.state
    basis = (id(state.health), state.name, state.profile, this_year())
    held = session.rectified
    if held is None or held[0] != basis:
        from models.health.years.choosing import rectified_result as made_of

        made = made_of(state, last_year_of_city(session), this_year())
        held = session.rectified = (basis, state.health, made)  # holding the state keeps its id its own
    return held[2]

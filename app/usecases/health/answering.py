"""Every indicator of the project's edition and how it is answered, for the command line and the window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.usecases.health import health, matching

if TYPE_CHECKING:
    from app.session import Session
    from models.health.answers import Answer


def answers(session: Session) -> tuple[Answer, ...]:
    """Return how every indicator is answered, in the order of the edition."""
    from models.health.answers import answer
    from models.health.availability import availabilities
    from models.health.book import book_of

    state = session.project.state
    book = book_of(state.health)
    computed, entered, counting = (
        health.all_computed(session), health.entered_results(session), health.all_kept(session),
    )  # fmt: skip
    decided = {one.code: one.origin for one in state.health.counting}
    return tuple(
        answer(book.indicators[one.code], one, computed.get(one.code), entered.get(one.code), counting.get(one.code),
               decided)
        for one in availabilities(state, session.project.data)
    )  # fmt: skip


def answer_rows(session: Session, found: Sequence[Answer] = ()) -> list[dict[str, Any]]:
    """Return one row an indicator for JSON: numbers as numbers, None for no data."""
    from viewers.texts.health_texts import reason_text, threshold_text

    rows = []
    for one in found or answers(session):
        definition, result = one.definition, one.counting
        rows.append(
            {
                "indicator": definition.code,
                "name": definition.title(session.lang),
                "dimension": definition.dimension,
                "state": one.state,
                "reason": one.reason,
                "why": reason_text(one.reason, session.lang),
                "value": None if result is None else result.city.value,
                "unit": definition.unit_text(session.lang),
                "grade": "no_data" if result is None else result.city.grade,
                "origin": "" if result is None else result.origin,
                "up_to_date": result is not None and not health.is_old(session, result),
                "units_with_data": 0 if result is None else sum(unit.value is not None for unit in result.units),
                "missing_layers": list(one.availability.layers),
                "missing_fields": list(one.availability.fields),
                "absent_fields": list(one.availability.further),
                "assumed": [threshold_text(rule, session.lang) for rule in matching.assumed(definition)],
                "computed_value": None if one.computed is None else one.computed.city.value,
                "entered_value": None if one.entered is None else one.entered.city.value,
                "difference": one.difference,
                "decided": one.is_decided,
            }
        )
    return rows

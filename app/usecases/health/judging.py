"""Judging indicators: what is proposed, what named persons decide, and grades put together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.usecases.health import health
from models.health.judging import decisions, proposal, rollup, what_if, yardsticks
from models.health.judging.rules import RuleChange, rules_of
from models.health.judging.yardsticks import Figure

if TYPE_CHECKING:
    from app.session import Session
    from models.health.editions import Edition, IndicatorDef
    from models.health.judging.proposal import Proposal
    from models.health.judging.rollup import RollUp
    from models.health.judging.what_if import WhatIf
    from models.project.project import ProjectState


def now() -> str:
    """Return the time as it is kept with what a person says."""
    return dt.datetime.now().isoformat(timespec="seconds")


def _book(session: Session) -> Edition:
    from models.health.book import book_of

    return book_of(session.project.state.health)


def proposals(session: Session) -> dict[str, Proposal]:
    """Return what is proposed for each indicator of the project's edition."""
    figures, unfit = _figures(session), _unfit(session)
    return {
        code: _proposed(session, definition, figures, unfit) for code, definition in _book(session).indicators.items()
    }


def proposed(session: Session, definition: IndicatorDef) -> Proposal:
    """Return what is proposed for an indicator, as it is defined or as it would be."""
    return _proposed(session, definition, _figures(session), _unfit(session))


def _proposed(session: Session, definition: IndicatorDef, figures: Sequence[Figure], unfit: frozenset[str]) -> Proposal:
    state = session.project.state
    return proposal.propose(
        definition,
        health.kept(session, definition.code),
        state.profile,
        rules_of(state.health.judging_rules),
        [one for one in figures if one.code == definition.code],
        are_units_unfit=definition.code in unfit,
    )


def _figures(session: Session) -> list[Figure]:
    """Return the figures that values are held against.

    As entered; beside these, where nobody entered one, last year's value of a year that was closed, and satisfaction as
    residents answered.
    """
    from app.usecases.health.rectified import last_year_of_city
    from models.health.questionnaire.satisfaction import satisfaction
    from models.health.years.choosing import values_before

    state, data = session.project.state, session.project.data
    found = list(state.health.figures)
    last = last_year_of_city(session)
    if last is not None:
        entered = {one.code for one in found if one.kind == "last_year"}
        before = values_before(last, _book(session).indicators.values())
        found += [
            Figure(code, "last_year", value, str(last.year)) for code, value in before.items() if code not in entered
        ]
    for code in health.all_kept(session):
        answered = satisfaction(state, data, code) if code in _book(session).indicators else None
        if answered is not None and answered.value is not None:
            source = session.word("judging.of_survey", count=f"{answered.answers:,}")
            found.append(Figure(code, "satisfaction", answered.value, source=source))
    return found


def _unfit(session: Session) -> frozenset[str]:
    """Return the indicators that may not be judged: most of the units that they need at full size are not so."""
    from models.health.units.fitness import unit_fitness
    from models.health.units.rules import unit_rules

    units, rules = unit_fitness(session.project.state, session.project.data).values(), unit_rules()
    most = rules_of(session.project.state.health.judging_rules).most_unfit
    unfit = set()
    for level in {one.level for one in units}:
        own = [one.fits is False for one in units if one.level == level]
        if sum(own) > most * len(own):
            unfit |= set(rules.dependent(level))
    return frozenset(unfit)


def decide(session: Session, code: str, grade: str, by: str, why: str = "") -> None:
    """Keep what a person decided of an indicator; an empty grade takes it back.

    Raises
    ------
    UserError
        ``health.no_indicator``, and those of :func:`models.health.judging.decisions.decision`.
    """
    from models.health.book import definition_of

    definition = definition_of(session.project.state.health, code)
    made = decisions.decision(
        proposed(session, definition), health.kept(session, code), grade, by, now(), why
    )  # fmt: skip
    _add(session, "history.health.decide", "decisions", made)


def decide_all(session: Session, scope: str, grade: str, by: str, why: str = "") -> None:
    """Keep what a person decided of a dimension or of all; an empty grade takes it back.

    Raises
    ------
    UserError
        ``health.judging.no_scope``, and those of :func:`models.health.judging.decisions.overall_decision`.
    """
    from models.core.errors import UserError

    known = {one.scope: one for one in roll_ups(session)}
    if scope not in known:
        raise UserError("health.judging.no_scope", scope=scope, known=", ".join(known))
    rolled = known[scope]
    made = decisions.overall_decision(scope, grade, by, now(), why, rolled.counts_text)
    _add(session, "history.health.decide", "overall_decisions", made)


def enter_figure(
    session: Session, code: str, kind: str, value: float, name: str = "", source: str = "", by: str = ""
) -> None:
    """Keep a figure against which an indicator's value is held.

    Raises
    ------
    UserError
        ``health.no_indicator``, ``health.judging.bad_figure``.
    """
    import math

    from models.core.errors import UserError
    from models.health.book import definition_of

    definition_of(session.project.state.health, code)
    is_share = kind == "satisfaction"
    if kind not in yardsticks.FIGURES or not math.isfinite(value) or (is_share and not 0 <= value <= 100):
        raise UserError("health.judging.bad_figure", kind=kind, value=value, known=", ".join(yardsticks.FIGURES))
    made = Figure(code, kind, value, name.strip(), source.strip(), by.strip(), now())
    _add(session, "history.health.figure", "figures", made)


def set_rule(session: Session, name: str, value: str, by: str, source: str = "") -> None:
    """Set a value of the rules otherwise in this project.

    Raises
    ------
    UserError
        ``health.judging.no_person``, ``health.judging.no_rule``, ``health.judging.bad_rule``.
    """
    from models.core.errors import UserError

    if not by.strip():
        raise UserError("health.judging.no_person")
    made = RuleChange(name, value, by.strip(), now(), source.strip())
    rules_of((*session.project.state.health.judging_rules, made))
    _add(session, "history.health.rule", "judging_rules", made)


def roll_ups(session: Session, *, with_proposals: bool = True) -> tuple[RollUp, ...]:
    """Return the grade of each dimension, and last that of all."""
    book, state = _book(session), session.project.state
    dimensions = {
        name: [code for code, row in book.indicators.items() if row.dimension == name and row.edition == book.id]
        for name in book.dimensions
    }
    return rollup.roll_ups(
        dimensions, decisions.standing(state.health.decisions), proposals(session),
        rules_of(state.health.judging_rules), with_proposals=with_proposals,
    )  # fmt: skip


def under_limits(session: Session, limits: Mapping[str, float]) -> tuple[WhatIf, ...]:
    """Return what would be proposed under other limits; nothing of the project changes."""
    profile = session.project.state.profile

    def holds(definition: IndicatorDef) -> int:
        held = definition.benchmarks_for(profile)
        return definition.benchmarks.index(held[0]) if held else len(definition.benchmarks)

    return what_if.under_limits(
        limits, _book(session).indicators, holds, lambda definition: proposed(session, definition)
    )


def try_limit(session: Session, code: str, text: str) -> WhatIf:
    """Return what would be proposed under another limit that somebody wrote.

    Raises
    ------
    UserError
        ``health.judging.no_pair``, ``health.judging.no_limit``.
    """
    import math

    from models.core.errors import UserError

    try:
        limit = float(text)
    except ValueError:
        limit = math.nan
    if not math.isfinite(limit):
        raise UserError("health.judging.no_pair", text=text)
    return under_limits(session, {code: limit})[0]


def judging_rows(session: Session, codes: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return one row an indicator for tables and JSON: what is proposed, why, and what was decided."""
    book, state = _book(session), session.project.state
    decided = decisions.standing(state.health.decisions)
    rows = []
    for code, offered in proposals(session).items():
        if codes and code not in codes:
            continue
        own, definition = decided.get(code), book.indicators[code]
        result = health.kept(session, code)
        rows.append(
            {
                "indicator": code,
                "name": definition.title(session.lang),
                "dimension": definition.dimension,
                "value": offered.value,
                "unit": definition.unit_text(session.lang),
                "coverage": offered.coverage,
                "proposed": offered.grade,
                "refusal": offered.refusal,
                "moves": list(offered.moves),
                "occurrences": offered.occurrences,
                "yardsticks": [
                    {"kind": one.kind, "says": one.says, "held_against": one.held_against, "name": one.name,
                     "source": one.source, "count": one.count}
                    for one in offered.yardsticks
                ],
                "decided": own.grade if own else "",
                "by": own.by if own else "",
                "at": own.at if own else "",
                "why": own.why if own else "",
                "stands_on_older": own is not None and decisions.is_outdated(own, result),
                "up_to_date": result is not None and not health.is_old(session, result),
            }
        )  # fmt: skip
    return rows


def _add(session: Session, label: str, part: str, item: object) -> None:
    """Put one item at the end of a part of what people say, as a step of the history."""

    def change(state: ProjectState) -> ProjectState:
        longer: dict[str, Any] = {part: (*getattr(state.health, part), item)}
        return replace(state, health=replace(state.health, **longer))

    session.history.do(label, change)

"""Patterns of problems in a project: density, hot spots, what comes together, where renewal should begin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.usecases.health import health
from models.core.errors import UserError
from models.core.progress import Progress
from models.health.patterns.rules import PatternWeight, components

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session
    from models.health.patterns.analysis import Patterns, Wanted
    from models.project.project import ProjectState

#: Widths that make sense, metres.
LEAST_M, MOST_M = 10.0, 5000.0


def wanted_of(code: str = "", measure: str = "count", bandwidth_m: float = 0.0, cell_m: float = 0.0) -> Wanted:
    """Return what is analysed.

    Raises
    ------
    UserError
        ``health.patterns.bad_width`` beyond :data:`LEAST_M` … :data:`MOST_M`; 0 is the width of the rules.
    """
    for width in (bandwidth_m, cell_m):
        if width and not LEAST_M <= width <= MOST_M:  # also what is no number
            raise UserError("health.patterns.bad_width", value=f"{width:g}", low=f"{LEAST_M:g}", high=f"{MOST_M:g}")
    from models.health.patterns.analysis import Wanted

    return Wanted(code, measure, bandwidth_m, cell_m)


def analyse(session: Session, wanted: Wanted, then: Callable[[Patterns], None]) -> Job:
    """Work the patterns out, off the thread of the window.

    Raises
    ------
    UserError
        ``health.no_indicator``; on the job ``health.patterns.no_units``.
    """
    from models.health.book import book_of, definition_of
    from models.health.patterns.analysis import patterns_of

    state, data = session.project.state, dict(session.project.data)
    if wanted.code:
        definition_of(state.health, wanted.code)
    results = health.all_kept(session)
    old = tuple(sorted(health.old_codes(session)))
    book = book_of(state.health)
    return session.run(
        "job.health.patterns", lambda progress: patterns_of(state, data, results, book, wanted, old, progress), then
    )


def weight_named(text: str) -> tuple[str, float]:
    """Return component and weight of ``"density=0.4"``.

    Raises
    ------
    UserError
        ``health.patterns.no_component``, ``health.patterns.bad_weight``.
    """
    component, _, value = text.partition("=")
    if component not in components():
        raise UserError("health.patterns.no_component", name=component, known=", ".join(components()))
    try:
        return component, float(value)
    except ValueError:
        raise UserError("health.patterns.bad_weight", value=value) from None


def set_weight(session: Session, component: str, weight: float) -> None:
    """Say how much a component of the priority of renewal counts in this project.

    Raises
    ------
    UserError
        ``health.patterns.no_component``, ``health.patterns.bad_weight``.
    """
    if component not in components():
        raise UserError("health.patterns.no_component", name=component, known=", ".join(components()))
    if not 0.0 <= weight <= 100.0:
        raise UserError("health.patterns.bad_weight", value=f"{weight:g}")

    def changed(state: ProjectState) -> ProjectState:
        others = tuple(one for one in state.health.pattern_weights if one.component != component)
        weights = (*others, PatternWeight(component, float(weight)))
        return replace(state, health=replace(state.health, pattern_weights=weights))

    session.history.do("history.health.pattern_weight", changed)


def reset_weights(session: Session) -> None:
    """Let the weights of the rules hold again."""
    session.history.do(
        "history.health.pattern_weight",
        lambda state: replace(state, health=replace(state.health, pattern_weights=())),
    )


def export(session: Session, found: Patterns, out: Path) -> Job:
    """Write patterns to an .xlsx (or the units in their order to a .csv), with method and limits."""
    out = Path(out).resolve()
    state, lang = session.project.state, session.lang

    def work(progress: Progress) -> None:
        from viewers.documents.pattern_sheets import pattern_sheets
        from viewers.documents.plain_sheets import write_sheets

        progress.step(0.1, "progress.writing")
        write_sheets(out, pattern_sheets(found, state, lang))

    return session.run(
        "job.export_indicators", work, lambda _: session.notices.info("notice.written", file=out.name), file=out.name
    )

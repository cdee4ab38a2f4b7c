"""Indicators of the city health check: compute and keep them, colour the city by them, export them as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from app.usecases.facilities.facilities import facility_counts, facility_layers
from models.core.progress import Progress
from models.health.entered.values import COMPUTED
from models.project.project import ProjectState
from models.views.scene_state import Theme

if TYPE_CHECKING:
    from app.session import Session
    from models.health.compute import Measure
    from models.health.editions import IndicatorDef
    from models.health.profile import CityProfile
    from models.health.results import IndicatorResult, UnitValue


def computed_codes() -> tuple[str, ...]:
    """Return the indicators that are computed when nobody names some."""
    from models.health.editions import edition

    return edition().computed


def compute_indicators(session: Session, codes: Sequence[str] = (), measure: Measure | None = None) -> Job:
    """Compute indicators from the open layers and keep their results in the project.

    Parameters
    ----------
    session : Session
    codes : sequence of str
        Empty for all that can be computed.
    measure : callable, optional
        Who measures in the place of the methods (:mod:`app.usecases.health.tiled`).
    """
    codes = codes or computed_codes()
    state, data = session.project.state, dict(session.project.data)
    fingerprints = session.project.fingerprints

    def work(progress: Progress) -> list[IndicatorResult]:
        from models.health.compute import compute

        share = 1 / max(len(codes), 1)
        return [
            compute(code, state, data, progress.part(i * share, (i + 1) * share), fingerprints, measure=measure)
            for i, code in enumerate(codes)
        ]

    def done(results: list[IndicatorResult]) -> None:
        session.history.do("history.compute_indicators", lambda before: with_results(before, results))
        session.results_changed.emit()
        session.notices.info("notice.indicators_computed", count=len(results))

    return session.run("job.compute_indicators", work, done, count=len(codes))


def with_results(state: ProjectState, results: Sequence[IndicatorResult]) -> ProjectState:
    """Return a state with results in the place of those of the same indicators."""
    fresh = {result.code: result for result in results}
    if all(code in {result.code for result in state.results} for code in fresh):
        return replace(state, results=tuple(fresh.get(result.code, result) for result in state.results))
    others = tuple(result for result in state.results if result.code not in fresh)
    return replace(state, results=(*others, *results))


def set_profile(session: Session, profile: CityProfile) -> None:
    """Say what kind of city it is; results whose benchmark that decides are computed again."""

    def depends(result: IndicatorResult) -> bool:
        return result.is_known and bool(result.definition.profile_fields)

    session.history.do("history.set_profile", lambda state: replace(state, profile=profile))
    if codes := [result.code for result in session.project.state.results if depends(result)]:
        compute_indicators(session, codes)


def profile_named(session: Session, admin_class: str, size_class: str) -> CityProfile:
    """Return the profile of the city with what is named instead of what stands there.

    Raises
    ------
    UserError
        ``health.no_class``.
    """
    from models.core.errors import UserError
    from models.health.profile import profile_classes

    named = {field: name for field, name in (("admin_class", admin_class), ("size_class", size_class)) if name}
    for field, name in named.items():
        known = [one.id for one in profile_classes()[field]]
        if name not in known:
            raise UserError("health.no_class", name=name, known=", ".join(known))
    return replace(session.project.state.profile, **named)


def kept(session: Session, code: str) -> IndicatorResult | None:
    """Return the result that counts of an indicator, old or not; None if there is none."""
    return all_kept(session).get(code)


def all_kept(session: Session) -> dict[str, IndicatorResult]:
    """Return the result that counts of every indicator, old or not, by code.

    A computed one where there is one with data, else an entered or imported one; where both are there, what a person
    said (:class:`models.health.entered.values.Counting`). The rate of rectification follows from the lists.
    """
    from app.usecases.health.rectified import rectified_result

    state = session.project.state
    return that_count(state, all_computed(session), entered_results(session), rectified_result(session))


def that_count(
    state: ProjectState,
    computed: Mapping[str, IndicatorResult],
    entered: Mapping[str, IndicatorResult],
    rectified: IndicatorResult | None,
) -> dict[str, IndicatorResult]:
    """Return which results count in a project, see :func:`all_kept`."""
    chosen = {one.code for one in state.health.counting if one.origin != COMPUTED}
    found = dict(computed)
    if rectified is not None:
        found[rectified.code] = rectified
    for code, result in entered.items():
        own = found.get(code)
        if own is None or own.city.value is None or code in chosen:
            found[code] = result
    return found


def state_that_counts(session: Session) -> ProjectState:
    """Return the state with the results that count, to ask of; never to go into the history."""
    return replace(session.project.state, results=tuple(all_kept(session).values()))


def all_computed(session: Session) -> dict[str, IndicatorResult]:
    """Return what was computed last of every indicator, old or not, by code, whether or not it counts."""
    return {result.code: result for result in session.project.state.results if result.is_known}


def entered_results(session: Session) -> dict[str, IndicatorResult]:
    """Return what the entered and imported values come to, by code, whether or not it counts."""
    from models.health.entered.results import entered_results as made_of

    state = session.project.state
    basis = (state.health, state.layers, state.profile, session.project.data_stamp())
    if session.entered is None or session.entered[0] != basis:
        session.entered = (basis, made_of(state, session.project.data))
    return dict(session.entered[1])


def is_old(session: Session, result: IndicatorResult) -> bool:
    """Whether something that a result read has changed since: a layer, a field, a filter, a threshold.

    On the command line and in tests this is worked out now. In the window it is what was worked out last, off its
    thread (:mod:`app.usecases.health.upkeep`): fingerprints of large tables take longer than a frame.
    """
    if result.origin != COMPUTED:  # made anew whenever it is asked for
        return False
    held = session.stamps.get((result.code, result.edition))
    if session.jobs.inline and (held is None or held[0] != stamp_basis(session)):
        from models.health.compute import stamp_now

        project = session.project
        now = stamp_now(result.code, result.edition, project.state, project.data, project.fingerprints)
        held = session.stamps[result.code, result.edition] = (stamp_basis(session), now)
    return held is not None and not result.stamp.holds(held[1], absent_layers(session))


def old_codes(session: Session) -> frozenset[str]:
    """Return the indicators whose results are out of date."""
    return frozenset(code for code, result in all_kept(session).items() if is_old(session, result))


def absent_layers(session: Session) -> frozenset[str]:
    """Return the ids of layers whose data is not here, or not yet."""
    return frozenset(layer.id for layer in session.project.state.layers if layer.id not in session.project.data)


def latest(session: Session, code: str) -> IndicatorResult | None:
    """Return the last result of an indicator, None if there is none or what it read has changed since."""
    result = kept(session, code)
    return None if result is None or is_old(session, result) else result


def all_latest(session: Session) -> dict[str, IndicatorResult]:
    """Return every result that is still true, by code."""
    return {code: result for code, result in all_kept(session).items() if not is_old(session, result)}


def stamp_basis(session: Session) -> object:
    """Return what stamps are worked out from; while it is the same, they are."""
    project = session.project
    return project.data_stamp(), project.state.layers, project.state.frame, project.state.profile, project.state.health


def wants_computing(session: Session, code: str) -> bool:
    """Whether an indicator has to be computed before it can be shown.

    In the window an old result is shown, says that it is old, and is computed again by itself.
    """
    return (latest if session.jobs.inline else kept)(session, code) is None


def set_theme(session: Session, theme: Theme) -> None:
    """Colour the city by nothing, the state of its facilities or an indicator (computed first where it was not)."""
    if theme.kind == "indicator" and wants_computing(session, theme.indicator):
        compute_indicators(session, (theme.indicator,))
    session.history.do("history.set_theme", lambda state: replace(state, theme=theme), burst="theme")


def indicator_rows(session: Session, codes: Sequence[str] = (), level: str = "district") -> list[dict[str, Any]]:
    """Return one row an indicator and unit, for tables and JSON: numbers as numbers, None for no data.

    Parameters
    ----------
    session : Session
    codes : sequence of str
        Empty for all that can be computed.
    level : str
        ``"district"``, ``"estate"`` or ``"city"``; the city is in all of them.
    """
    rows: list[dict[str, Any]] = []
    for code in codes or computed_codes():
        result = kept(session, code)
        if result is None:
            continue
        is_true = not is_old(session, result)
        levels = {"district": result.units, "estate": result.estates, "city": ()}
        rows.extend(
            {
                "indicator": code,
                "name": result.definition.title(session.lang),
                "place": unit.title(session.lang) or session.word("sheet.whole_city"),
                "unit_oid": unit.unit_oid,
                "value": unit.value,
                "unit": unit_text(result.definition, session.lang),
                "numerator": unit.numerator,
                "denominator": unit.denominator,
                "coverage": unit.coverage,
                "status": unit.status,
                "reason": unit.reason,
                "grade": unit.grade,
                "origin": result.origin,
                "reading": result.reading,
                "beside": {reading: units[-1].value for reading, units in result.beside.items()}
                if unit is result.city
                else {},
                "up_to_date": is_true,
            }
            | _estimated(session, result, unit)
            for unit in (*levels[level], result.city)
        )
    return rows


def _estimated(session: Session, result: IndicatorResult, unit: UnitValue) -> dict[str, Any]:
    """Return what the value of a sampled unit is an estimate of; nothing where it was checked whole."""
    from dataclasses import asdict

    from app.usecases.health.sampled import estimate_for

    found = estimate_for(session, result, unit)
    return {} if found is None else {"estimate": asdict(found)}


def export_indicators(session: Session, out: Path, codes: Sequence[str] = ()) -> Job:
    """Write values, problem lists and facility counts to an .xlsx or .csv, labelled synthetic where the data is."""
    out = Path(out).resolve()
    results = [result for code in codes or computed_codes() if (result := kept(session, code)) is not None]
    old = old_codes(session)
    state, lang = session.project.state, session.lang
    counted = facility_counts(session) if facility_layers(session) else None

    def work(progress: Progress) -> None:
        from viewers.documents.tables import write_results

        progress.step(0.1, "progress.writing")
        write_results(out, results, state, lang, counted, old=old)

    return session.run(
        "job.export_indicators", work, lambda _: session.notices.info("notice.written", file=out.name), file=out.name
    )


def unit_text(definition: IndicatorDef, lang: str) -> str:
    """Return the unit of an indicator as written: ``%``, ``km/km²``."""
    return definition.unit_text(lang)

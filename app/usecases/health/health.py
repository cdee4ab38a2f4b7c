"""Indicators of the city health check: compute and keep them, colour the city by them, export them as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from app.usecases.facilities.facilities import facility_counts, facility_layers
from models.core.progress import Progress
from models.project.project import ProjectState
from models.views.scene_state import Theme

if TYPE_CHECKING:
    from app.session import Session
    from models.health.editions import IndicatorDef
    from models.health.profile import CityProfile
    from models.health.results import IndicatorResult, Stamp


def computed_codes() -> tuple[str, ...]:
    """Return the indicators that are computed when nobody names some."""
    from models.health.editions import edition

    return edition().computed


def compute_indicators(session: Session, codes: Sequence[str] = ()) -> Job:
    """Compute indicators from the open layers and keep their results in the project."""
    codes = codes or computed_codes()
    state, data = session.project.state, dict(session.project.data)
    fingerprints = session.project.fingerprints

    def work(progress: Progress) -> list[IndicatorResult]:
        from models.health.compute import compute

        share = 1 / max(len(codes), 1)
        return [
            compute(code, state, data, progress.part(i * share, (i + 1) * share), fingerprints)
            for i, code in enumerate(codes)
        ]

    def done(results: list[IndicatorResult]) -> None:
        def change(before: ProjectState) -> ProjectState:
            others = tuple(result for result in before.results if result.code not in codes)
            return replace(before, results=(*others, *results))

        session.history.do("history.compute_indicators", change)
        session.results_changed.emit()
        session.notices.info("notice.indicators_computed", count=len(results))

    return session.run("job.compute_indicators", work, done, count=len(codes))


def set_profile(session: Session, profile: CityProfile) -> None:
    """Say what kind of city it is; results whose benchmark that decides are computed again."""
    from models.health.editions import indicator

    def depends(result: IndicatorResult) -> bool:
        return bool(indicator(result.code, result.edition).profile_fields)

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
    """Return what was computed last of an indicator, old or not; None if nothing was."""
    return next((result for result in session.project.state.results if result.code == code), None)


def is_old(session: Session, result: IndicatorResult) -> bool:
    """Whether something that a result read has changed since: a layer, a field, a filter, a threshold."""
    return result.stamp != _stamp_now(session, result)


def latest(session: Session, code: str) -> IndicatorResult | None:
    """Return the last result of an indicator, None if there is none or what it read has changed since."""
    result = kept(session, code)
    return None if result is None or is_old(session, result) else result


def all_latest(session: Session) -> dict[str, IndicatorResult]:
    """Return every result that is still true, by code."""
    return {result.code: result for result in session.project.state.results if not is_old(session, result)}


def _stamp_now(session: Session, result: IndicatorResult) -> Stamp | None:
    """Return the stamp that a result would have now; worked out again only where the project changed."""
    from models.health.compute import stamp_now

    project = session.project
    basis = project.data_stamp(), project.state.layers, project.state.frame, project.state.profile
    asked = result.code, result.edition
    held = session.stamps.get(asked)
    if held is None or held[0] != basis:
        now = stamp_now(*asked, project.state, project.data, project.fingerprints)
        held = session.stamps[asked] = (basis, now)
    return held[1]


def set_theme(session: Session, theme: Theme) -> None:
    """Colour the city by nothing, the state of its facilities or an indicator (computed first where it was not)."""
    if theme.kind == "indicator" and latest(session, theme.indicator) is None:
        compute_indicators(session, (theme.indicator,))
    session.history.do("history.set_theme", lambda state: replace(state, theme=theme))


def indicator_rows(session: Session, codes: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return one row an indicator and unit, for tables and JSON: numbers as numbers, None for no data."""
    rows: list[dict[str, Any]] = []
    for code in codes or computed_codes():
        result = latest(session, code)
        if result is None:
            continue
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
            }
            for unit in (*result.units, result.city)
        )
    return rows


def export_indicators(session: Session, out: Path, codes: Sequence[str] = ()) -> Job:
    """Write values, problem lists and facility counts to an .xlsx or .csv, labelled synthetic where the data is."""
    out = Path(out).resolve()
    results = [result for code in codes or computed_codes() if (result := latest(session, code)) is not None]
    state, lang = session.project.state, session.lang
    counted = facility_counts(session) if facility_layers(session) else None

    def work(progress: Progress) -> None:
        from viewers.documents.tables import write_results

        progress.step(0.1, "progress.writing")
        write_results(out, results, state, lang, counted)

    return session.run(
        "job.export_indicators", work, lambda _: session.notices.info("notice.written", file=out.name), file=out.name
    )


def unit_text(definition: IndicatorDef, lang: str) -> str:
    """Return the unit of an indicator as written: ``%``, ``km/km²``."""
    return definition.unit_text(lang)

"""Scenarios: what is tried stands beside the base, is kept under a name or dropped, and changes no layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from models.core.progress import Progress
from models.health.scenario.scenario import Added, Scenario
from models.health.scenario.working import Change, Outcome, changes, outcome_of
from models.layers.layer import VectorData
from models.project.selection import ObjectKey
from resources.standards import standard

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session
    from models.health.results import IndicatorResult

#: Roles whose objects can be moved, planned and closed: what serves, not what is served.
FACILITY_ROLES = ("amenities", "green", "greenways", "sites")


def try_out(session: Session, scenario: Scenario, before: Outcome, done: Callable[[Outcome], None]) -> Job:
    """Work out what a scenario comes to, off the thread of the window.

    Parameters
    ----------
    session : Session
    scenario : Scenario
    before : Outcome
        Of the last change over the same project; an empty one has everything worked out.
    done : callable
        Takes what came of it.
    """
    state, data = session.project.state, dict(session.project.data)

    def work(progress: Progress) -> Outcome:
        return outcome_of(scenario, before, state, data, progress)

    return session.jobs.run("job.scenario", work, done, failed=session.fail)


def compared(session: Session, outcome: Outcome) -> list[tuple[IndicatorResult, list[Change]]]:
    """Return of every indicator that depends on the scenario how its units stand in the base and under it.

    An indicator without a base is left out: what would it be compared with?
    """
    from app.usecases.health import health

    base = health.all_kept(session)
    return [(result, changes(base[code], result)) for code, result in outcome.results.items() if code in base]


def keep(session: Session, scenario: Scenario, name: str) -> None:
    """Keep a scenario in the project under a name, in the place of one of the same name."""
    kept = replace(scenario, name=name)

    def step(state: Any) -> Any:
        others = tuple(one for one in state.health.scenarios if one.name != name)
        return replace(state, health=replace(state.health, scenarios=(*others, kept)))

    session.history.do("history.keep_scenario", step)


def forget(session: Session, name: str) -> None:
    """Take a kept scenario out of the project."""

    def step(state: Any) -> Any:
        others = tuple(one for one in state.health.scenarios if one.name != name)
        return replace(state, health=replace(state.health, scenarios=others))

    session.history.do("history.forget_scenario", step)


def facility_at(session: Session, easting_m: float, northing_m: float, within_m: float = 40.0) -> ObjectKey | None:
    """Return the facility at a place of the project's CRS: whose site holds it, else the nearest one.

    Parameters
    ----------
    session : Session
    easting_m, northing_m : float
    within_m : float
        How far from a facility a click may be.
    """
    import shapely

    state, place = session.project.state, shapely.Point(easting_m, northing_m)
    best: tuple[float, ObjectKey] | None = None
    for layer in state.layers:
        held = session.project.data.get(layer.id)
        if layer.role not in FACILITY_ROLES or not isinstance(held, VectorData) or state.frame is None:
            continue
        frame = held.frame
        shapes = frame.geometry if frame.crs is None else frame.geometry.to_crs(state.frame.horizontal)
        away_m = shapely.distance(shapes.to_numpy(), place)
        if not len(away_m) or np.isnan(away_m).all():
            continue
        at = int(np.nanargmin(away_m))
        if away_m[at] <= within_m and (best is None or away_m[at] < best[0]):
            best = (float(away_m[at]), ObjectKey(layer.id, int(frame.index[at])))
    return None if best is None else best[1]


def place_of(session: Session, key: ObjectKey) -> tuple[float, float] | None:
    """Return where a facility stands in the project's CRS, None where it is not there."""
    held, frame = session.project.data.get(key.layer), session.project.state.frame
    if not isinstance(held, VectorData) or frame is None or key.oid not in held.frame.index:
        return None
    shape = held.frame.geometry.loc[[key.oid]]
    point = (shape if shape.crs is None else shape.to_crs(frame.horizontal)).iloc[0].centroid
    return float(point.x), float(point.y)


def plannable(session: Session) -> list[tuple[str, str]]:
    """Return which kinds of facility can be planned, each with the layer in which it would stand."""
    from models.health.book import book_of

    state = session.project.state
    layers = {layer.role: layer.id for layer in reversed(state.layers) if layer.role in FACILITY_ROLES}
    book = book_of(state.health)
    found: dict[tuple[str, str], None] = {}
    for code in book.computed:
        definition = book.indicators[code]
        kinds = definition.parameters.get("kinds", ())
        for role in (item.role for item in definition.inputs):
            if role in layers:
                found |= {(kind, layers[role]): None for kind in kinds}
    return list(found)


def planned(session: Session, kind: str, layer: str, place: tuple[float, float], area_m2: float) -> Added:
    """Return a planned facility with what ``planned_facilities.toml`` assumes of it.

    ``place`` is easting and northing in the project's CRS. Its site is a square where the layer holds areas, else a
    point.
    """
    held = session.project.data.get(layer)
    is_area = isinstance(held, VectorData) and bool(held.frame.geom_type.isin(["Polygon", "MultiPolygon"]).any())
    assumed = standard("planned_facilities")
    texts = {**assumed["all"], **assumed.get(kind, {})}
    values = {"kind": kind} | {name: text.format(area=f"{area_m2:g}") for name, text in texts.items()}
    return Added(layer, *place, tuple(values.items()), area_m2 if is_area else 0.0)

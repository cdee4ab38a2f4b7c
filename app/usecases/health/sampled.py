"""Sampled units (抽样体检): who says that a unit was sampled, and what its figures are estimates of."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from models.core.errors import UserError

if TYPE_CHECKING:
    from app.session import Session
    from models.health.results import IndicatorResult, UnitValue
    from models.health.units.sampling import Estimate
    from models.project.project import ProjectState


def state_sample(
    session: Session, level: str, unit_code: str, drawn: int, total: int, indicator: str = "", by: str = ""
) -> None:
    """Say that of a unit so many objects were drawn at random; ``drawn`` 0 says that it was checked whole.

    Parameters
    ----------
    session : Session
    level : str
        ``"community"`` or ``"block"``.
    unit_code : str
    drawn, total : int
        How many were drawn, and of how many.
    indicator : str
        Empty for all indicators of the unit.
    by : str
        Who says so; the author of the settings where it is empty.

    Raises
    ------
    UserError
        ``units.bad_sample``, ``units.no_unit``.
    """
    from models.health.units.unit_sets import SampledUnit

    if drawn and not 0 < drawn <= total:
        raise UserError("units.bad_sample", found=0, drawn=drawn, total=total)
    if unit_code not in _codes(session, level):
        raise UserError("units.no_unit", unit=unit_code)
    by = by or str(session.settings.get("author") or "")
    said = SampledUnit(level, unit_code, indicator, drawn, total, by, dt.date.today().isoformat())

    def same(one: SampledUnit) -> bool:
        return (one.level, one.unit_code, one.indicator) == (level, unit_code, indicator)

    def step(state: ProjectState) -> ProjectState:
        others = tuple(one for one in state.health.sampled if not same(one))
        sampled = (*others, said) if drawn else others
        return replace(state, health=replace(state.health, sampled=sampled))

    session.history.do("history.state_sample", step)


def estimate_for(session: Session, result: IndicatorResult, unit: UnitValue) -> Estimate | None:
    """Return what the value of a sampled unit says of all of it, None where the unit was checked whole.

    Only of indicators that count objects: land and lengths are no random sample.
    """
    from models.health.book import book_of
    from models.health.units.sampling import estimate_of, sample_of

    health = session.project.state.health
    if not health.sampled or unit.unit_oid < 0:
        return None
    level = "community" if unit in result.estates else "block"
    sampled = sample_of(health, level, unit.unit_code, result.code)
    definition = book_of(health).indicators.get(result.code)
    if sampled is None or definition is None or definition.form != "count":
        return None
    return estimate_of(unit, sampled)


def _codes(session: Session, level: str) -> set[str]:
    from models.health.units.sources import texts
    from models.layers.layer import VectorData

    role = "communities" if level == "community" else "districts"
    found: set[str] = set()
    for layer in session.project.state.with_role(role):
        data = session.project.data.get(layer.id)
        if isinstance(data, VectorData) and "code" in data.frame.columns:
            found |= set(texts(data.frame["code"]))
    return found

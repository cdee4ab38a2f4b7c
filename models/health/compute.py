"""Compute an indicator: the project's layers → inputs → method → grading → result."""

from __future__ import annotations

from collections.abc import Mapping

from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import require_projected
from models.health.editions import edition, indicator
from models.health.grading import graded
from models.health.inputs import inputs_of
from models.health.methods import method
from models.health.results import IndicatorResult
from models.layers.layer import LayerData
from models.project.project import KeptResult, ProjectState


def compute(
    code: str, state: ProjectState, data: Mapping[str, LayerData], progress: Progress | None = None
) -> IndicatorResult:
    """Work out one indicator from the project's layers.

    Parameters
    ----------
    code : str
        One that the edition marks as computed: ``"HC25-25"``, ``"HC25-58"`` …
    state : ProjectState
        Layers are found by their role; a layer without data counts as missing. Everything is measured in the
        project's projected CRS.
    data : mapping of str to LayerData
    progress : Progress, optional

    Raises
    ------
    UserError
        ``health.no_indicator``, ``health.not_computed``, ``health.no_frame``, ``health.no_districts``, ``crs.missing``.
    """
    progress = progress or Progress()
    progress.step(0.0, "progress.health.measuring")
    definition, book = indicator(code), edition("2025")
    if not definition.computed:
        raise UserError("health.not_computed", indicator=code)
    if state.frame is None:
        raise UserError("health.no_frame")
    require_projected(state.frame.horizontal, definition.name)
    way = method(definition.method)
    found = inputs_of(state, data, state.frame, definition, way)
    progress.step(0.3, "progress.health.measuring")
    measured = None if found.missing else way.measure(found.partition, definition)
    progress.step(0.9, "progress.health.measuring")
    return graded(definition, book, way, found.partition, found.surveyed, measured)


def keep(result: IndicatorResult) -> tuple[KeptResult, ...]:
    """Return what the project keeps of a result: a row a district and one for the city."""
    return tuple(
        KeptResult(
            indicator=result.code,
            unit_layer=unit.unit_layer,
            unit_oid=unit.unit_oid,
            unit_name=unit.unit_name,
            value=unit.value,
            numerator=unit.numerator,
            denominator=unit.denominator,
            coverage=unit.coverage,
            edition=result.edition,
        )
        for unit in (*result.units, result.city)
    )

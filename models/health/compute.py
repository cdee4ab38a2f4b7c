"""One indicator of the city, by estate (小区), by sub-district (街区) and as a whole: inputs → method → grading.

A result leads back to the objects behind it: both sides carry object keys, and its stamp says what was read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from models.core import program
from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import require_projected
from models.health import inputs, methods
from models.health.book import book_of, definition_of, frozen_print
from models.health.editions import Edition, IndicatorDef
from models.health.grading import graded
from models.health.partition import Measured, Method, Partition
from models.health.results import IndicatorResult, Stamp, UnitValue
from models.health.state import HealthState
from models.layers.layer import LayerData
from models.project.fingerprints import Fingerprints
from models.project.project import ProjectState

#: Measures a partition by a method.
Measure = Callable[[Method, Partition, IndicatorDef], Measured]


def compute(
    code: str,
    state: ProjectState,
    data: Mapping[str, LayerData],
    progress: Progress | None = None,
    fingerprints: Fingerprints | None = None,
    edition_id: str = "",
    measure: Measure | None = None,
) -> IndicatorResult:
    """Work out one indicator from the project's layers.

    Parameters
    ----------
    code : str
        One that the edition marks as computed: ``"HC25-25"``, ``"HC25-58"`` … It is worked out as the project defines
        it (:func:`models.health.book.definition_of`), by the reading that is chosen there.
    state : ProjectState
        Layers are found by their role; a layer without data counts as missing.
    data : mapping of str to LayerData
    progress : Progress, optional
    fingerprints : Fingerprints, optional
        Those of the project, so that each layer is fingerprinted once.
    edition_id : str
        Another edition than that of the project.
    measure : callable, optional
        Who measures in the place of the method itself: over tiles (:mod:`models.health.engine`).

    Raises
    ------
    UserError
        ``health.no_edition``, ``health.no_indicator``, ``health.not_computed``, ``health.no_frame``,
        ``health.no_districts``, ``crs.missing``.
    """
    progress = progress or Progress()
    progress.step(0.0, "progress.health.measuring")
    health = _health(state, edition_id)
    definition, book = definition_of(health, code), book_of(health)
    if not definition.computed:
        raise UserError("health.not_computed", indicator=code, known=", ".join(book.computed))
    if state.frame is None:
        raise UserError("health.no_frame")
    require_projected(state.frame.horizontal, definition.name)
    result = worked_out(definition, book, state, data, progress, measure)
    progress.step(0.9, "progress.health.measuring")
    method = methods.method(definition.method)
    return replace(
        result,
        stamp=inputs.stamp_of(definition, book, method, state, data, fingerprints or Fingerprints()),
        beside={other.reading: _beside(other, book, state, data) for other in definition.other_readings},
        made_at=datetime.now().astimezone().isoformat(timespec="seconds"),
        program=program.version(),
        definitions=frozen_print(health),
    )


def worked_out(
    definition: IndicatorDef,
    book: Edition,
    state: ProjectState,
    data: Mapping[str, LayerData],
    progress: Progress | None = None,
    measure: Measure | None = None,
    *,
    estates: bool = True,
) -> IndicatorResult:
    """Return what an indicator comes to by one definition: without a stamp, and without its other readings.

    Parameters
    ----------
    definition : IndicatorDef
        That of the project, or one with other rules.
    book : Edition
    state, data, progress, measure
        As :func:`compute` takes them.
    estates : bool
        Whether by estate too.
    """
    progress = progress or Progress()
    assert state.frame is not None  # noqa: S101 - compute() looked
    method, measuring = methods.method(definition.method), measure or _in_one_process
    found = inputs.gathered(definition, method, state, data, state.frame.horizontal)
    progress.step(0.3, "progress.health.measuring")
    measured = None if found.lacks else measuring(method, found.partition, definition)
    progress.step(0.6, "progress.health.measuring")
    level = found.estates if estates else None
    of_estates = None if found.lacks or level is None else measuring(method, level.partition, definition)
    return graded(definition, book, method, found, measured, Stamp(), state.profile, of_estates)


def _beside(
    definition: IndicatorDef, book: Edition, state: ProjectState, data: Mapping[str, LayerData]
) -> tuple[UnitValue, ...]:
    """Return the figures by a reading that does not count, by district and the city's last."""
    result = worked_out(definition, book, state, data, estates=False)
    return (*result.units, result.city)


def stamp_now(
    code: str, edition_id: str, state: ProjectState, data: Mapping[str, LayerData], fingerprints: Fingerprints
) -> Stamp | None:
    """Return the stamp that a result would have now.

    None where there is none: an indicator that this program does not compute, a filter that cannot be followed.
    """
    try:
        health = _health(state, edition_id)
        definition, book = definition_of(health, code), book_of(health)
        if not definition.computed:
            return None
        return inputs.stamp_of(definition, book, methods.method(definition.method), state, data, fingerprints)
    except UserError:
        return None


def _in_one_process(method: Method, partition: Partition, definition: IndicatorDef) -> Measured:
    return method.measure(partition, definition)


def _health(state: ProjectState, edition_id: str) -> HealthState:
    return replace(state.health, edition=edition_id) if edition_id else state.health

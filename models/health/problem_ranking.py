"""The problem list of a result as rows that are sorted, filtered and added up."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import shapely

from models.health.failing import places_of
from models.health.results import IndicatorResult
from models.layers.layer import LayerData
from models.query.ranking import Ranking, ranking_of


def ranked_problems(
    result: IndicatorResult,
    data: Mapping[str, LayerData],
    crs: str,
    lang: str,
    reason_text: Callable[[str], str],
    middle: tuple[float, float] | None = None,
) -> Ranking:
    """Return the problems of a result, worst first.

    Columns: ``name``, ``reason``, ``loss`` (in the unit of the indicator's numerator), ``share`` (0…1 of what the city
    lacks), ``district`` and ``distance_m``: how far beyond the nearest service radius where the method knows it, else
    how far from ``middle``.

    Parameters
    ----------
    result : IndicatorResult
    data : mapping of str to LayerData
    crs : str
        The project's, projected.
    lang : {"zh", "en"}
    reason_text : callable
        Code of a reason to its words.
    middle : (easting_m, northing_m), optional
        Of the view.
    """
    problems = result.problems
    districts = {unit.unit_oid: unit.title(lang) for unit in result.units}
    reasons = {reason: reason_text(reason) for reason in dict.fromkeys(problem.reason for problem in problems)}
    beyond = np.array([problem.beyond_m for problem in problems], dtype=np.float64)
    if knows_reach(result):
        distance_m = beyond
    elif middle is None or not len(problems):
        distance_m = np.full(len(problems), np.nan)
    else:
        shapes = places_of(result, data, crs).shapes
        distance_m = shapely.distance(shapely.point_on_surface(shapes), shapely.Point(*middle))
    return ranking_of(
        [problem.key.layer for problem in problems],
        [problem.key.oid for problem in problems],
        {
            "name": np.array([problem.title(lang) for problem in problems], dtype=object),
            "reason": np.array([reasons[problem.reason] for problem in problems], dtype=object),
            "loss": np.array([problem.loss for problem in problems], dtype=np.float64),
            "share": np.array([problem.loss_share for problem in problems], dtype=np.float64),
            "district": np.array([districts.get(problem.unit_oid, "") for problem in problems], dtype=object),
            "distance_m": distance_m,
        },
    )


def knows_reach(result: IndicatorResult) -> bool:
    """Whether the method of a result says how far beyond a service radius its problems lie."""
    return any(problem.beyond_m is not None for problem in result.problems)

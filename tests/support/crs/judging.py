"""Judge a verdict on a spoilt layer by where it puts the points, by PROJ itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from pyproj import Transformer

from models.core.errors import UserError
from models.crs.doctor.steps import apply
from models.crs.doctor.verdict import ACTS, Candidate, Verdict
from tests.support.crs.mistakes import Spoilt

#: Numbers rounded at 10⁻⁶ degrees are 0.1 m off, packed seconds less.
_NEAR_M, _OLD_M = 1.0, 150.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and what it is worth."""

    is_near: bool
    right: bool
    wrong: bool
    done: bool
    sure: float
    text: str


def miss_m(one: Candidate | Verdict, case: Spoilt) -> float:
    """Return how far a reading puts the points from where they are, metres; the median, for lost rows stay lost."""
    if not one.crs:
        return math.inf
    try:
        points = apply(one.steps, case.seen.points)
        lon, lat = Transformer.from_crs(one.crs, "EPSG:4490", always_xy=True).transform(*points.T)
    except UserError:
        return math.inf
    apart = np.abs(np.column_stack([lon, lat]) - case.truth) * [111_195.0 * math.cos(math.radians(31)), 111_195.0]
    apart = apart[np.isfinite(case.truth).all(axis=1)].max(axis=1)
    return float(np.quantile(apart, 0.98)) if len(apart) and np.isfinite(apart).mean() > 0.999 else math.inf


def judged(case: Spoilt, found: Verdict) -> Judged:
    """Return what a verdict is worth; see :mod:`benchmarks.crs_matrix`."""
    is_near, limit_m = bool(case.around), _OLD_M if case.old_datum else _NEAR_M
    top = miss_m(found, case) < limit_m
    among = top or any(miss_m(one, case) < limit_m for one in found.alternatives)
    # Alone, what numbers do not show can only be among the candidates; of two such things not even that is asked.
    open_ = found.sure < ACTS and (among or case.hidden > 1)
    right = top if is_near or not case.hidden else top or open_
    if case.old_datum:
        right = found.sure < ACTS and (among or (not is_near and case.hidden > 1))
    wrong = found.sure >= ACTS and not miss_m(found, case) < _NEAR_M
    others = [(one.code, one.crs, one.sure, round(miss_m(one, case), 1)) for one in found.alternatives[:4]]
    text = (
        f"{case.scene}{' beside' if is_near else ' alone'}: {found.code} {found.crs} {found.sure} "
        f"{[step.name for step in found.steps]} {miss_m(found, case):.1f} m; {others}"
    )
    return Judged(is_near, right, wrong, found.acts and not top, found.sure, text)

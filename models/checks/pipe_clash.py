"""Clashes of underground pipes with building models: through a foundation, or below the required clearance.

A pipe is a round body about its centre line (:mod:`models.network.pipe_bodies`). Its distance to an element is that
of the centre line less the pipe's radius. Clear distance to buildings is measured on plan, as GB 50289 does, and only
to elements that reach down to the pipe's surroundings: an eave high above a pipe is no neighbour of it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bim import mesh_intersection
from models.checks.clash import Bodies
from models.core.progress import Progress
from models.network.clearance.rules import Rules, to_buildings
from models.network.pipe_bodies import bodies_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Elements whose lowest point is higher than this above a pipe's crown are no neighbours of it.
REACH_M = 3.0


@dataclass(frozen=True, slots=True)
class PipeClash:
    """A pipe and an element that are in each other's way.

    Parameters
    ----------
    pipe : int
        Feature id.
    oid : int
        Of the element.
    code : str
        ``"pipe_hard"`` or ``"pipe_clearance"``.
    point : (3,) float64
        Local metres, between the two.
    distance_m : float
        Between outer faces; negative where the pipe runs in or through the element.
    required_m : float or None
        The limit that is not kept.
    """

    pipe: int
    oid: int
    code: str
    point: Floats
    distance_m: float
    required_m: float | None = None


@dataclass(slots=True)
class Pipes:
    """Straight runs of pipes in a local frame.

    Parameters
    ----------
    start, end : ndarray, shape (n, 3)
    radius_m : ndarray, shape (n,)
    fid : ndarray of int64, shape (n,)
        Which feature each run belongs to.
    limit_m : ndarray, shape (n,)
        Least clear distance to buildings, NaN where no rule is known.
    skipped : Counter
        ``no_height``: features without heights, left out. ``no_diameter``: taken as their centre line.
    """

    start: Floats
    end: Floats
    radius_m: Floats
    fid: Ints
    limit_m: Floats
    skipped: Counter[str]


def runs_of(frame: Any, origin: Floats, *, limit_m: float | None = None, rules: Rules | None = None) -> Pipes:
    """Return the straight runs of a layer of pipes.

    Parameters
    ----------
    frame : GeoDataFrame
        Lines in the project's CRS, Z the centre line; ``diameter_mm``, ``kind`` (codes of CJJ 61), ``pressure``.
        ``start_invert_m`` and ``end_invert_m`` say where its ends are, see :mod:`models.network.pipe_bodies`.
    origin : (3,)
        What is taken off world coordinates.
    limit_m : float, optional
        Clear distance for every pipe; None takes that of GB 50289 by kind, 0 asks for none.
    rules : Rules, optional
        Other rows than those shipped.
    """
    bodies = bodies_of(frame, origin)
    known = bodies.has_height
    skipped: Counter[str] = Counter()
    skipped["no_diameter"] = int((~bodies.sizes.size_known).sum())
    skipped["no_height"] = len(np.unique(bodies.row[~known]))
    limits = to_buildings(frame, rules)[0] if limit_m is None else np.full(len(frame), limit_m)
    row = bodies.row[known]
    fids = np.asarray(frame.index, dtype=np.int64)
    return Pipes(
        bodies.start[known], bodies.end[known], bodies.half_width_m[known], fids[row], limits[row], skipped
    )  # fmt: skip


def pipe_clashes(pipes: Pipes, bodies: Bodies, progress: Progress, *, tolerance_m: float = 0.01) -> list[PipeClash]:
    """Return, for each pipe and element that are in each other's way, the worst place."""
    progress.step(0.0, "progress.checks.boxes")
    limit = np.nan_to_num(pipes.limit_m)
    reach = pipes.radius_m + limit
    low, high = np.minimum(pipes.start, pipes.end), np.maximum(pipes.start, pipes.end)
    low = low - np.column_stack([reach, reach, pipes.radius_m])
    high = high + np.column_stack([reach, reach, pipes.radius_m])
    # a limit on plan asks for everything that reaches down to the pipe, and all that hangs below it
    tall = limit > 0
    high[tall, 2] += REACH_M
    low[tall, 2] = -np.inf
    run, body = _near(low, high, bodies)
    worst: dict[tuple[int, int], PipeClash] = {}
    order = np.lexsort((run, body))
    for count, at in enumerate(order):
        if count % 20 == 0:
            progress.step(count / len(order), "progress.checks.triangles")
        i, j = int(run[at]), int(body[at])
        found = _judge(pipes, i, bodies, j, tolerance_m)
        if found is None:
            continue
        old = worst.get((found.pipe, found.oid))
        if old is None or (found.code != "pipe_hard", found.distance_m) < (old.code != "pipe_hard", old.distance_m):
            worst[found.pipe, found.oid] = found
    return list(worst.values())


def _near(low: Floats, high: Floats, bodies: Bodies) -> tuple[Ints, Ints]:
    if not len(low) or not len(bodies):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return mesh_intersection.near_pairs(np.maximum(low, -1e9), high, bodies.low, bodies.high)


def _judge(pipes: Pipes, i: int, bodies: Bodies, j: int, tolerance_m: float) -> PipeClash | None:
    start, end, radius = pipes.start[i], pipes.end[i], float(pipes.radius_m[i])
    body = bodies.triangles(j)
    if not len(body):
        return None
    fid, oid = int(pipes.fid[i]), int(bodies.oids[j])
    gap = mesh_intersection.segment_gap(start, end, body)
    distance = gap.distance_m - radius
    if (
        gap.distance_m > 0
        and mesh_intersection.is_closed(body)
        and mesh_intersection.is_inside(((start + end) / 2)[None], body)[0]
    ):
        distance = -gap.distance_m - radius  # a run that begins and ends in the concrete meets no face of it
    if distance < -tolerance_m or gap.distance_m == 0:  # through a face, however thin the pipe is
        return PipeClash(fid, oid, "pipe_hard", (gap.a + gap.b) / 2, distance)
    limit = float(pipes.limit_m[i])
    if not limit > 0:
        return None
    flat = body * np.array([1.0, 1.0, 0.0])
    aside = mesh_intersection.segment_gap(start * [1, 1, 0], end * [1, 1, 0], flat)
    clear = max(0.0, aside.distance_m - radius)
    if clear >= limit:
        return None
    point = (aside.a + aside.b) / 2
    return PipeClash(fid, oid, "pipe_clearance", np.array([*point[:2], (start[2] + end[2]) / 2]), clear, limit)

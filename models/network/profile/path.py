"""A path of pipes: which pipes one after another, and which way each is walked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from models.core.errors import UserError
from models.network.pipe_bodies import numbers, texts

if TYPE_CHECKING:
    import geopandas as gpd

Floats = NDArray[np.float64]

#: Ends of pipes without common node codes meet within this distance on plan, metres.
MEET_M = 0.5
#: A pipe that lacks less than this is walked whole, metres.
_WHOLE_M = 0.01
INVERTS, NODES = ("start_invert_m", "end_invert_m"), ("start_node", "end_node")


@dataclass(frozen=True, slots=True)
class Step:
    """One pipe of a path.

    Parameters
    ----------
    fid : int
    forward : bool
        Walked from its start to its end.
    from_m, to_m : float
        Which part of it belongs to the path, plan metres from its start.
    """

    fid: int
    forward: bool = True
    from_m: float = 0.0
    to_m: float = float("inf")


def tips(lines: NDArray[Any]) -> Floats:
    """Return the plan positions of both ends of lines, (n, 2, 2); NaN for what is no line."""
    merged = shapely.line_merge(np.asarray(lines, dtype=object), directed=True)
    found = np.full((len(merged), 2, 2), np.nan)
    for number, shape in enumerate(merged):
        points = np.empty((0, 2)) if shape is None else shapely.get_coordinates(shape)
        if len(points) > 1:
            found[number] = points[0], points[-1]
    return found


def pieces_of(pipes: gpd.GeoDataFrame, steps: Sequence[Step]) -> gpd.GeoDataFrame:
    """Return the pipes of a path, one row a step; of a pipe that is walked in part that part.

    The inverts of a part lie on the straight line between those of the whole; the end that was cut has no code.
    """
    own = pipes.loc[[step.fid for step in steps]]
    lengths = shapely.length(shapely.force_2d(np.asarray(own.geometry.to_numpy(), dtype=object)))
    parts = [
        row for row, step in enumerate(steps) if step.from_m > _WHOLE_M or step.to_m < lengths[row] - _WHOLE_M
    ]  # fmt: skip
    if not parts:
        return own
    own = own.copy()
    shapes = np.array(own.geometry.to_numpy(), dtype=object)
    for row in parts:
        step, length = steps[row], float(lengths[row])
        low, high = step.from_m / length, min(step.to_m / length, 1.0)
        shapes[row] = substring(shapely.line_merge(shapes[row], directed=True), low, high, normalized=True)
        levels = [numbers(own, name)[row] for name in INVERTS]
        for side, share in enumerate((low, high)):
            if INVERTS[side] in own.columns:
                own.iloc[row, own.columns.get_loc(INVERTS[side])] = levels[0] + (levels[1] - levels[0]) * share
            if 0.0 < share < 1.0 and NODES[side] in own.columns:
                own.iloc[row, own.columns.get_loc(NODES[side])] = ""
    return own.set_geometry(shapes, crs=own.crs)


def in_order(pipes: gpd.GeoDataFrame, fids: Sequence[int]) -> tuple[Step, ...]:
    """Return how pipes that follow one another are walked.

    Parameters
    ----------
    pipes : GeoDataFrame
        Index = feature ids.
    fids : sequence of int
        In the order of the path.

    Raises
    ------
    UserError
        ``network.path_empty``; ``network.path_broken`` where two of them do not meet.
    """
    if not fids:
        raise UserError("network.path_empty")
    rows = pipes.loc[list(fids)]
    codes = np.column_stack([texts(rows, "start_node"), texts(rows, "end_node")])
    ends = tips(rows.geometry.to_numpy())
    names = texts(rows, "code")

    def meet(one: int, end: int, two: int, start: int) -> bool:
        if codes[one, end] and codes[one, end] == codes[two, start]:
            return True
        return bool(np.hypot(*(ends[one, end] - ends[two, start])) <= MEET_M)

    steps: list[Step] = []
    forward = True
    for number in range(len(fids)):
        if number == 0:
            # walked forwards where its end meets the next pipe, or where it stands alone
            forward = len(fids) == 1 or any(meet(0, 1, 1, start) for start in (0, 1))
        else:
            leaves = 1 if steps[-1].forward else 0
            ways = [start for start in (0, 1) if meet(number - 1, leaves, number, start)]
            if not ways:
                pair = [str(names[at] or fids[at]) for at in (number - 1, number)]
                raise UserError("network.path_broken", first=pair[0], second=pair[1])
            forward = ways[0] == 0
        steps.append(Step(int(fids[number]), forward))
    return tuple(steps)

"""A path of pipes: which pipes one after another, and which way each is walked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.core.errors import UserError
from models.network.pipe_bodies import texts

if TYPE_CHECKING:
    import geopandas as gpd

Floats = NDArray[np.float64]

#: Ends of pipes without common node codes meet within this distance on plan, metres.
MEET_M = 0.5


@dataclass(frozen=True, slots=True)
class Step:
    """One pipe of a path.

    Parameters
    ----------
    fid : int
    forward : bool
        Walked from its start to its end.
    """

    fid: int
    forward: bool = True


def tips(lines: NDArray[Any]) -> Floats:
    """Return the plan positions of both ends of lines, (n, 2, 2); NaN for what is no line."""
    merged = shapely.line_merge(np.asarray(lines, dtype=object), directed=True)
    found = np.full((len(merged), 2, 2), np.nan)
    for number, shape in enumerate(merged):
        points = np.empty((0, 2)) if shape is None else shapely.get_coordinates(shape)
        if len(points) > 1:
            found[number] = points[0], points[-1]
    return found


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

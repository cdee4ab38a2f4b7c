"""Choice of the level of detail: which chunks a camera needs, by screen-space error and a budget of triangles.

The error of a parent is never less than that of its children and its box holds theirs, so that what is too coarse is
closed upwards: the nodes to draw are those that are fine enough and whose parent is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewers.render.chunks.source import ChunkSource
from viewers.render.geometry.frame_size import seen_height

Floats = NDArray[np.float64]

#: Nothing that would be more pixels than this is left to the city texture, by quality.
LEAST_PX = {"moving": 5.0, "still": 3.0, "picture": 2.0}
#: Triangles (or their like) of a frame.
BUDGET = {"moving": 260_000, "still": 1_000_000, "picture": 3_000_000}
#: A chunk is drawn in full where a metre is so many pixels.
NEAR_PX = {"polygon": 0.9, "line": 2.5, "point": 3.0}
#: Triangles of an object in the plain and in the full form.
PLAIN_COST = {"polygon": 11, "line": 8, "point": 1}
FULL_COST = {"polygon": 45, "line": 90, "point": 120}
#: Share of the budget that the full forms may take.
FULL_SHARE = 0.6
_STEP = 1.35


@dataclass(frozen=True, slots=True)
class Eye:
    """Position, view frustum and scale of a camera.

    Parameters
    ----------
    position : ndarray (3,)
    planes : ndarray (6, 4)
        The view's pyramid: inside is where ``normal · p + distance >= 0``.
    px_per_m : float
        Pixels of a metre at one metre; where the view is parallel, everywhere.
    is_parallel : bool
    """

    position: Floats
    planes: Floats
    px_per_m: float
    is_parallel: bool = False

    @classmethod
    def of(cls, renderer: Any) -> Eye:
        """Read the camera of a VTK renderer."""
        camera = renderer.GetActiveCamera()
        width, height = renderer.GetSize()
        numbers = [0.0] * 24
        camera.GetFrustumPlanes(width / max(height, 1), numbers)
        if camera.GetParallelProjection():
            scale = seen_height(renderer) / (2 * max(camera.GetParallelScale(), 1e-9))
        else:
            scale = seen_height(renderer) / (2 * np.tan(np.radians(camera.GetViewAngle()) / 2))
        planes = np.array(numbers).reshape(6, 4)
        # The near and far planes follow what is drawn: they must not decide what is.
        return cls(np.array(camera.GetPosition()), planes[:4], float(scale), bool(camera.GetParallelProjection()))

    def pixels(self, low: Floats, high: Floats, at_least_m: float = 1.0) -> Floats:
        """Return how many pixels a metre at the nearest point of boxes has."""
        if self.is_parallel:
            return np.full(len(low), self.px_per_m)
        gap = np.maximum(np.maximum(low - self.position, self.position - high), 0.0)
        away: Floats = np.sqrt((gap**2).sum(axis=1))
        return self.px_per_m / np.maximum(away, at_least_m)

    def sees(self, low: Floats, high: Floats) -> NDArray[np.bool_]:
        """Return which boxes are not wholly outside one side of the view."""
        seen = np.ones(len(low), dtype=bool)
        for normal, distance in ((plane[:3], plane[3]) for plane in self.planes):
            nearest = np.where(normal > 0, high, low)
            seen &= nearest @ normal + distance >= 0
        return seen


@dataclass(frozen=True, slots=True)
class Choice:
    """The chunks of a layer that a camera needs.

    Parameters
    ----------
    refined : ndarray (k,) bool
        Nodes whose children are wanted in their place.
    shown : ndarray (k,) bool
        Nodes to draw: in sight, fine enough, their parent not.
    full : ndarray (k,) bool
        Leaves among them to draw in full.
    urgency : ndarray (k,) float64
        Pixels of what a node leaves out, or of a metre in it: what is larger is loaded first.
    seen : ndarray (k,) bool
    """

    refined: NDArray[np.bool_]
    shown: NDArray[np.bool_]
    full: NDArray[np.bool_]
    urgency: Floats
    seen: NDArray[np.bool_]


def choose(source: ChunkSource, eye: Eye, quality: str, share: float = 1.0) -> Choice:
    """Return which nodes a camera needs.

    Parameters
    ----------
    source : ChunkSource
    eye : Eye
    quality : {"moving", "still", "picture"}
    share : float
        Of the frame's budget that this layer has.
    """
    tree = source.tree
    budget = BUDGET[quality] * share
    px = eye.pixels(source.low, source.high)
    seen = eye.sees(source.low, source.high)
    error_px = np.where(seen, source.error * px, 0.0)
    inner = tree.child >= 0
    parent = parents(source)
    full, spent = _full(source, seen & ~inner, px, budget * FULL_SHARE)
    counts = np.where(inner, [len(k) for k in source.kept], tree.last - tree.first)
    cost = np.where(full, 0.0, counts * PLAIN_COST[source.shape])
    least = LEAST_PX[quality]
    while True:
        refined = inner & (error_px > least)
        above = np.concatenate([[True], refined[parent[1:]]])
        shown = seen & above & ~refined
        if float(cost[shown].sum()) <= budget - spent or not refined.any():
            break
        least *= _STEP
    return Choice(refined, shown, full & shown, np.maximum(error_px, np.where(inner, 0.0, px)), seen)


def _full(source: ChunkSource, leaves: NDArray[np.bool_], px: Floats, budget: float) -> tuple[NDArray[np.bool_], float]:
    """Return the leaves to draw in full, nearest first, as many as the budget allows, and what they cost."""
    near = np.flatnonzero(leaves & (px > NEAR_PX[source.shape]))
    near = near[np.argsort(-px[near], kind="stable")]
    cost = np.cumsum((source.tree.last - source.tree.first)[near] * float(FULL_COST[source.shape]))
    allowed = near[cost <= budget]
    full = np.zeros(len(leaves), dtype=bool)
    full[allowed] = True
    return full, float(cost[len(allowed) - 1]) if len(allowed) else 0.0


def parents(source: ChunkSource) -> NDArray[np.int64]:
    """Return the parent of each node, -1 for the root."""
    tree = source.tree
    parent = np.full(tree.count, -1, dtype=np.int64)
    inner = np.flatnonzero(tree.child >= 0)
    sizes = tree.children[inner].astype(np.int64)
    ends = np.cumsum(sizes)
    kids = np.repeat(tree.child[inner].astype(np.int64) - ends + sizes, sizes) + np.arange(int(sizes.sum()))
    parent[kids] = np.repeat(inner, sizes)
    return parent

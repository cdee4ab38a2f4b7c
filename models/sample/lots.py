"""A lot: one block turned so that its rows lie level, and what has been put on it so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon, box
from shapely.affinity import rotate

from models.sample.blocks import Block, largest

Array = NDArray[np.float64]


@dataclass(slots=True)
class Fabric:
    """Everything that stands on the blocks, local metres; rows become tables in ``tables.py``.

    Parameters
    ----------
    buildings, amenities, green, land, parcels, footways, water : list of dict
        Rows with ``geometry``.
    lanes : list of (list of LineString, str)
        Lanes of one quarter and their name; noded together later.
    gates : list of LineString
        From a quarter's loop lane to the centre line of a road.
    groves : list of (Polygon, spacing_m, share, kind)
        Where trees may grow.
    bare : list of Polygon
        Where no tree may grow though nothing stands there: pitches, plazas.
    sites : dict of str to (Polygon, float)
        Places kept for IFC buildings, with the bearing.
    """

    buildings: list[dict[str, Any]] = field(default_factory=list)
    amenities: list[dict[str, Any]] = field(default_factory=list)
    green: list[dict[str, Any]] = field(default_factory=list)
    land: list[dict[str, Any]] = field(default_factory=list)
    parcels: list[dict[str, Any]] = field(default_factory=list)
    footways: list[dict[str, Any]] = field(default_factory=list)
    water: list[dict[str, Any]] = field(default_factory=list)
    lanes: list[tuple[list[LineString], str]] = field(default_factory=list)
    gates: list[LineString] = field(default_factory=list)
    groves: list[tuple[Polygon, float, float, str]] = field(default_factory=list)
    bare: list[Polygon] = field(default_factory=list)
    sites: dict[str, tuple[Polygon, float, float, float]] = field(default_factory=dict)


class Lot:
    """One block while it is being built on.

    Parameters
    ----------
    block : Block
    fabric : Fabric
        Receives what is placed, turned back.
    rng : Generator
        The block's own random stream.
    inset_m : float
        How far buildings stay inside the block's outline.
    """

    def __init__(self, block: Block, fabric: Fabric, rng: np.random.Generator, inset_m: float = 6.0) -> None:
        self.block, self.fabric, self.rng = block, fabric, rng
        self.pivot = (block.polygon.centroid.x, block.polygon.centroid.y)
        self.outline: Polygon = self.inward(block.polygon)
        self.free: Polygon = self.outline.buffer(-inset_m, join_style="mitre")

    def inward(self, shape: Any) -> Any:
        """Turn a local shape into the lot's level frame."""
        return rotate(shape, -self.block.angle, origin=self.pivot, use_radians=True)

    def outward(self, shape: Any) -> Any:
        """Turn a shape of the lot's frame back."""
        return rotate(shape, self.block.angle, origin=self.pivot, use_radians=True)

    def keep_off(self, shape: Polygon, gap_m: float = 0.0) -> None:
        """Take ground away from what may be built on."""
        self.free = self.free.difference(shape.buffer(gap_m, join_style="mitre") if gap_m else shape)

    def build(self, shape: Polygon, gap_m: float = 6.0, **attributes: Any) -> None:
        """Put up a building."""
        self.fabric.buildings.append({"geometry": self.outward(shape), "block": self.block.number, **attributes})
        if not attributes.get("bottom_m"):
            self.keep_off(shape, gap_m)

    def find(self, width_m: float, depth_m: float, u: float, v: float, reach: float = 1.0) -> Polygon | None:
        """Return a free rectangle whose centre is as near as can be to a place in the lot.

        Parameters
        ----------
        u, v : float
            Place in the lot's bounding box, 0…1 from west and south.
        reach : float
            How far (share of the box) the rectangle may wander.
        """
        if self.free.is_empty:
            return None
        x0, y0, x1, y1 = self.outline.bounds
        grid = np.meshgrid(np.arange(x0, x1, 3.0), np.arange(y0, y1, 3.0))
        x, y = grid[0].ravel(), grid[1].ravel()
        du, dv = (x - x0) / (x1 - x0) - u, (y - y0) / (y1 - y0) - v
        order = np.argsort(np.round(du**2 + dv**2, 9), kind="stable")
        order = order[(np.abs(du[order]) <= reach) & (np.abs(dv[order]) <= reach)]
        x, y = x[order], y[order]
        shapely.prepare(self.free)
        hit = shapely.contains_properly(self.free, shapely.points(x, y))
        x, y = x[hit], y[hit]
        boxes = shapely.box(x - width_m / 2, y - depth_m / 2, x + width_m / 2, y + depth_m / 2)
        found = np.flatnonzero(shapely.contains(self.free, boxes))
        return boxes[found[0]] if len(found) else None

    def place(
        self,
        width_m: float,
        depth_m: float,
        u: float,
        v: float,
        gap_m: float = 8.0,
        shape: Any = None,
        **attributes: Any,
    ) -> Polygon | None:
        """Build a rectangle (or ``shape(rectangle)``) near a place, a little smaller where it does not fit."""
        for scale in (1.0, 0.88, 0.76, 0.64):
            spot = self.find(width_m * scale, depth_m * scale, u, v)
            if spot is not None:
                self.build(shape(spot) if shape else spot, gap_m, **attributes)
                return spot
        return None

    def intervals(self, low: float, high: float) -> list[tuple[float, float]]:
        """Return the stretches in x where the band between two y lies wholly in free ground."""
        x0, _, x1, _ = self.free.bounds if not self.free.is_empty else (0.0, 0.0, 0.0, 0.0)
        spans: list[tuple[float, float]] = [(x0, x1)]
        for y in np.linspace(low, high, 4):
            cut = self.free.intersection(LineString([(x0 - 1, y), (x1 + 1, y)]))
            here = [part.bounds for part in getattr(cut, "geoms", [cut]) if not part.is_empty and part.length > 1]
            spans = [(max(a, b[0]), min(c, b[2])) for a, c in spans for b in here if min(c, b[2]) - max(a, b[0]) > 8.0]
        good = []
        for a, c in spans:
            rest = box(a + 0.05, low, c - 0.05, high).difference(self.free.buffer(0.01))
            # A corner of something may poke into the band between the sampled lines: keep the clear side.
            if not rest.is_empty:
                r0, _, r1, _ = rest.bounds
                clear = (a, r0 - 0.1) if r0 - a > c - r1 else (r1 + 0.1, c)
            else:
                clear = (a, c)
            if clear[1] - clear[0] > 8.0:
                good.append(clear)
        return good


def core(lot: Lot, inset_m: float) -> Polygon:
    """Return the lot's outline moved inwards."""
    return largest(lot.outline.buffer(-inset_m, join_style="mitre"))

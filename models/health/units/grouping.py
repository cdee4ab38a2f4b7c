"""Join neighbours until each group has the size that is asked: greedy, smallest first, along the longest borders.

A community may join one of its own sub-district; others only where a person allows it. Neighbours that a road or water
parts, or that were built in another time, come last among the possible ones, and the join says so.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.health.units.barriers import Barriers
from models.health.units.rules import Level, Proposing

Floats = NDArray[np.float64]
#: Borders within this distance of each other are common, metres: neighbours are seldom drawn to the millimetre.
TOLERANCE_M = 1.0


@dataclass(slots=True)
class Link:
    """What two neighbours have in common: length of the border, and of its part that lies along a barrier, metres."""

    border_m: float
    barred_m: float = 0.0


Links = dict[int, dict[int, Link]]


@dataclass(slots=True)
class Groups:
    """What became of the units.

    Parameters
    ----------
    of : ndarray of int, shape (units,)
        Number of the group of each.
    advice : dict of int to str
        By group: why it is still too small, or ``"barrier"`` where it was joined across one.
    """

    of: NDArray[np.int64]
    advice: dict[int, str] = field(default_factory=dict)


def links_of(shapes: Any, barriers: Barriers | None, rules: Proposing, least_m: float | None = None) -> Links:
    """Return which units are neighbours.

    Parameters
    ----------
    shapes : sequence or ndarray of polygon
    barriers : Barriers or None
        None where it does not matter what lies between.
    rules : Proposing
    least_m : float, optional
        Shorter common borders are none; as the rules say where it is not given.
    """
    least = rules.least_border_m if least_m is None else least_m
    geometry = np.asarray(shapes, dtype=object)
    links: Links = {at: {} for at in range(len(geometry))}
    tree = shapely.STRtree(geometry)
    one, other = tree.query(geometry, predicate="dwithin", distance=TOLERANCE_M)
    keep = one < other
    one, other = one[keep], other[keep]
    near = shapely.buffer(geometry[other], TOLERANCE_M, quad_segs=2)
    borders = shapely.intersection(shapely.boundary(geometry[one]), near)
    for a, b, border in zip(one.tolist(), other.tolist(), borders, strict=True):
        if border.length >= least:
            barred = 0.0 if barriers is None else barriers.share_of(border, rules.barrier_m) * border.length
            links[a][b] = links[b][a] = Link(border.length, barred)
    return links


def grouped(
    population: Floats, area_m2: Floats, links: Links, level: Level, rules: Proposing, *, district: Sequence[str],
    built: Floats | None = None, may_cross: bool = False, is_whole: bool = False,
) -> Groups:  # fmt: skip
    """Join neighbours that are too small.

    Parameters
    ----------
    population, area_m2 : ndarray, shape (units,)
        NaN people: nobody knows, and such a unit is left alone.
    links : Links
    level : Level
    rules : Proposing
    district : sequence of str
        Sub-district of each unit.
    built : ndarray, shape (units,), optional
        Year of construction, NaN unknown.
    may_cross : bool
        Whether units of two sub-districts may be joined.
    is_whole : bool
        Whether empty units must join, as pieces of one that is divided.
    """
    state = _State(population.copy(), area_m2.copy(), links, level, rules, list(district), built, may_cross)
    heap = [(state.people[at], at) for at in range(len(population)) if state.is_small(at)]
    heapq.heapify(heap)
    advice: dict[int, str] = {}
    while heap:
        people, at = heapq.heappop(heap)
        if state.into[at] != at or people != state.people[at] or not state.is_small(at):
            continue
        partner = state.partner(at, is_whole and people <= 0)
        if partner is None:
            advice[at] = state.why_alone(at)
            continue
        kept = state.join(at, partner)
        advice.pop(partner, None)
        advice.pop(at, None)
        if state.is_small(kept):
            heapq.heappush(heap, (state.people[kept], kept))
    roots = np.array([state.root(at) for at in range(len(population))], dtype=np.int64)
    found = {at: why for at, why in advice.items() if state.into[at] == at}
    return Groups(roots, {at: "barrier" for at in state.barred if state.into[at] == at} | found)


class _State:
    def __init__(
        self, people: Floats, area_m2: Floats, links: Links, level: Level, rules: Proposing, district: list[str],
        built: Floats | None, may_cross: bool,
    ) -> None:  # fmt: skip
        self.people, self.area, self.level, self.rules = people, area_m2, level, rules
        self.links = {at: dict(near) for at, near in links.items()}
        self.district, self.may_cross = district, may_cross
        self.built = np.full(len(people), np.nan) if built is None else built.copy()
        self.into = list(range(len(people)))
        self.barred: set[int] = set()

    def root(self, at: int) -> int:
        while self.into[at] != at:
            at = self.into[at]
        return at

    def is_small(self, at: int) -> bool:
        level = self.level
        few = level.min_population is not None and self.people[at] < level.min_population
        narrow = level.min_area_m2 is not None and self.area[at] < level.min_area_m2
        return bool(np.isfinite(self.people[at]) and (few or narrow))

    def _fits(self, at: int, other: int) -> bool:
        most = self.level.max_population
        return most is None or self.people[at] + self.people[other] <= most

    def _may(self, at: int, other: int) -> bool:
        return self.may_cross or self.district[at] == self.district[other]

    def partner(self, at: int, is_empty: bool) -> int | None:
        """Return the best neighbour to join: at hand, of the same time, itself small, with the longest border."""
        near = [
            other for other in self.links[at]
            if np.isfinite(self.people[other]) and self._may(at, other) and (is_empty or self._fits(at, other))
        ]  # fmt: skip
        return min(near, key=lambda other: self._rank(at, other), default=None)

    def _rank(self, at: int, other: int) -> tuple[Any, ...]:
        link, most = self.links[at][other], self.level.max_area_m2
        years = abs(self.built[at] - self.built[other])
        return (
            self.district[at] != self.district[other], self._is_barred(link), bool(years > self.rules.year_span),
            most is not None and self.area[at] + self.area[other] > most, not self.is_small(other), -link.border_m,
            other,
        )  # fmt: skip

    def _is_barred(self, link: Link) -> bool:
        return link.barred_m >= self.rules.barrier_share * link.border_m

    def why_alone(self, at: int) -> str:
        near = [other for other in self.links[at] if np.isfinite(self.people[other])]
        if not near:
            return "no_neighbour"
        if any(self._fits(at, other) for other in near if not self._may(at, other)):
            return "other_district"
        return "no_partner"

    def join(self, one: int, other: int) -> int:
        """Join two groups and return the number of what they became: that with more people."""
        kept, gone = (one, other) if self.people[one] > self.people[other] else (other, one)
        if self._is_barred(self.links[one][other]) or gone in self.barred:
            self.barred.add(kept)
        self.built[kept] = np.nanmean([self.built[kept], self.built[gone]]) if self._known(kept, gone) else np.nan
        self.people[kept] += self.people[gone]
        self.area[kept] += self.area[gone]
        self.into[gone] = kept
        for far, link in self.links.pop(gone).items():
            self.links[far].pop(gone)
            if far == kept:
                continue
            mine = self.links[kept].get(far)
            whole = link if mine is None else Link(mine.border_m + link.border_m, mine.barred_m + link.barred_m)
            self.links[kept][far] = self.links[far][kept] = whole
        return kept

    def _known(self, one: int, other: int) -> bool:
        return bool(np.isfinite(self.built[one]) or np.isfinite(self.built[other]))

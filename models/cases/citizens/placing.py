"""Where a message speaks of: the longest names of the city's own layers that stand in its text.

Invariants
----------
1. A place is a name of this city. Nothing is looked up elsewhere, nothing is guessed: what names no place has none, and
   the share of it is told.
2. What is narrower counts first: an address or a named place before a road, a road before a community or sub-district,
   for which the message is known by its unit only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: From narrow to wide; a unit gives no point of its own.
POINT, ROAD, UNIT = "point", "road", "unit"
KINDS = (POINT, ROAD, UNIT)
#: Shorter names stand in too many texts by chance.
SHORTEST = {POINT: 3, ROAD: 3, UNIT: 2}
#: Two roads that come as near as this cross, metres.
_CROSSING_M = 60.0
#: A name that stands at points farther apart names several places, metres.
_ONE_PLACE_M = 400.0


@dataclass(frozen=True, slots=True)
class Place:
    """A name and where it is.

    Parameters
    ----------
    name : str
    kind : str
        ``"point"``, ``"road"`` or ``"unit"``.
    points : ndarray, shape (n, 2)
        Of a road, along it; else one. Project's CRS, metres.
    """

    name: str
    kind: str
    points: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a message is.

    Parameters
    ----------
    name : str
        What was found in it; two roads with ``" / "``.
    kind : str
        Of the place, ``""`` where none was found.
    x, y : float
        Project's CRS; NaN where no place was found.
    """

    name: str = ""
    kind: str = ""
    x: float = float("nan")
    y: float = float("nan")


NOWHERE = Placed()


class Gazetteer:
    """All names of a city.

    Parameters
    ----------
    places : iterable of Place
        Of several with one name and kind, their points are put together; a point that stands twice far apart names
        nothing.
    """

    def __init__(self, places: Iterable[Place]) -> None:
        by_name: dict[tuple[str, str], list[NDArray[np.float64]]] = defaultdict(list)
        for one in places:
            name = one.name.strip()
            if len(name) >= SHORTEST[one.kind] and len(one.points):
                by_name[(name, one.kind)].append(one.points)
        self._places: dict[str, Place] = {}
        for (name, kind), parts in by_name.items():
            points = np.concatenate(parts)
            spread = float(np.hypot(*np.ptp(points, axis=0)))
            if kind == POINT and spread > _ONE_PLACE_M:
                continue
            held = self._places.get(name)
            if held is None or KINDS.index(kind) < KINDS.index(held.kind):
                self._places[name] = Place(name, kind, points)
        self._lengths: dict[str, tuple[int, ...]] = {}
        starts: dict[str, set[int]] = defaultdict(set)
        for name in self._places:
            starts[name[:2]].add(len(name))
        self._lengths = {start: tuple(sorted(lengths, reverse=True)) for start, lengths in starts.items()}

    def __len__(self) -> int:
        return len(self._places)

    def names_in(self, text: str) -> list[Place]:
        """Return the places that a text names, the longest at each position, in their order."""
        found: list[Place] = []
        at = 0
        while at < len(text) - 1:
            for length in self._lengths.get(text[at : at + 2], ()):
                place = self._places.get(text[at : at + length])
                if place is not None:
                    found.append(place)
                    at += length - 1
                    break
            at += 1
        return found

    def place(self, texts: Sequence[str]) -> Placed:
        """Return where a message is; the first text that names the narrowest kind of place decides."""
        named = [self.names_in(text) for text in texts]
        for kind in KINDS:
            for places in named:
                held = list(dict.fromkeys(one.name for one in places if one.kind == kind))
                if not held:
                    continue
                if kind == ROAD:
                    return _on_roads([self._places[name] for name in held[:2]])
                one = self._places[max(held, key=len) if kind == POINT else held[-1]]
                return Placed(one.name, kind, *one.points.mean(axis=0))
        return NOWHERE


def _on_roads(roads: list[Place]) -> Placed:
    """Return the crossing of two roads, or the point of one road that lies nearest to its middle."""
    first = roads[0]
    if len(roads) > 1:
        from scipy.spatial import cKDTree

        distance, index = cKDTree(roads[1].points).query(first.points)
        at = int(np.argmin(distance))
        if distance[at] <= _CROSSING_M:
            middle = (first.points[at] + roads[1].points[index[at]]) / 2
            return Placed(f"{first.name} / {roads[1].name}", ROAD, *middle)
    away = np.hypot(*(first.points - first.points.mean(axis=0)).T)
    return Placed(first.name, ROAD, *first.points[int(np.argmin(away))])

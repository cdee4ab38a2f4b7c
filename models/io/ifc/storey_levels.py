"""Where the storeys of a model lie: by their own placement, by what they state where they have none.

A storey is placed like anything else, below its building and its site; its attribute ``Elevation`` says the same once
more, from the building's own zero, and is wrong more often. Elements stand by placements, so plans are cut by them.

Invariants
----------
1. A placement counts before ``Elevation``; unless the placements of a building's storeys do not tell them apart and the
   elevations do, for then nobody wrote placements.
2. Elevations that differ from the placements by one number for all storeys of a building have another zero: of the two,
   the one counts in which a storey lies nearest to zero. Any other difference is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.io.ifc.attributes import by_type, entity, number, text
from models.io.ifc.attributes import field as attribute
from models.io.ifc.place.statements import placed_origin

#: Metres in which two levels are one.
SAME_M = 0.002
_MAX_STEPS = 64
_NAMED = 4


@dataclass(slots=True)
class Levels:
    """Levels of storeys by STEP id, metres.

    Parameters
    ----------
    elevation_m : dict of int to float
        Above the zero of the building.
    level_m : dict of int to float
        In model coordinates.
    told : list of (str, dict)
        Cautions, as code and facts without the file.
    """

    elevation_m: dict[int, float] = field(default_factory=dict)
    level_m: dict[int, float] = field(default_factory=dict)
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


@dataclass(slots=True)
class _Storey:
    key: int
    name: str
    placed_m: float | None
    stated_m: float | None


def storey_levels(model: Any, length_m: float, parent_of: Mapping[int, int]) -> Levels:
    """Return the levels of all storeys of a model.

    Parameters
    ----------
    model : ifcopenshell.file
    length_m : float
        Metres in the file's unit of length.
    parent_of : mapping of int to int
        Who stands above whom, by STEP id.
    """
    hosts = {thing.id(): thing for name in ("IfcSite", "IfcBuilding", "IfcFacility") for thing in by_type(model, name)}
    groups: dict[int, list[_Storey]] = {}
    for storey in by_type(model, "IfcBuildingStorey"):
        stated = number(attribute(storey, "Elevation"))
        one = _Storey(
            storey.id(),
            text(storey, "Name") or text(storey, "LongName"),
            _height(storey, length_m),
            None if stated is None else stated * length_m,
        )
        groups.setdefault(_host(storey.id(), parent_of, hosts), []).append(one)
    found = Levels()
    for host, storeys in groups.items():
        base = _height(hosts.get(host), length_m)
        _settle(storeys, base or 0.0, found)
    return found


def _host(key: int, parent_of: Mapping[int, int], hosts: Mapping[int, Any]) -> int:
    """Return the building or site in which a storey is; 0 for none."""
    at = parent_of.get(key)
    for _ in range(_MAX_STEPS):
        if at is None or at in hosts:
            break
        at = parent_of.get(at)
    return at if at is not None and at in hosts else 0


def _height(thing: Any, length_m: float) -> float | None:
    """Return the height of a thing's placement in model coordinates, None where it has none that can be read."""
    if thing is None or entity(attribute(thing, "ObjectPlacement")) is None:
        return None
    origin = placed_origin(thing, length_m)
    return None if origin is None else float(origin[2])


def _settle(storeys: list[_Storey], base_m: float, found: Levels) -> None:
    both = [one for one in storeys if one.placed_m is not None and one.stated_m is not None]
    placed = np.array([one.placed_m for one in both], dtype=np.float64)
    stated = np.array([one.stated_m for one in both], dtype=np.float64)
    if len(both) > 1 and np.ptp(placed) < SAME_M <= np.ptp(stated):
        found.told.append(("io.storeys_unplaced", {"count": len(both)}))
        for one in both:
            one.placed_m = None
        both, placed, stated = [], placed[:0], stated[:0]
    shift = placed - base_m - stated
    constant = len(both) > 0 and float(np.ptp(shift)) < SAME_M
    offset = float(np.median(shift)) if constant else 0.0
    by_placement = not constant or float(np.abs(placed - base_m).min()) <= float(np.abs(stated).min()) + SAME_M
    if constant and abs(offset) >= SAME_M:
        code = "io.storeys_placed_zero" if by_placement else "io.storeys_stated_zero"
        found.told.append((code, {"by": f"{offset:+.3f}"}))
    elif not constant and both:
        _tell_differences(both, placed - base_m, stated, found)
    for one in storeys:
        if one.placed_m is not None:
            level = one.placed_m
        elif one.stated_m is not None:
            level = base_m + one.stated_m + offset
        else:
            continue
        found.level_m[one.key] = _plain(level)
        found.elevation_m[one.key] = _plain(level - base_m - (0.0 if by_placement else offset))


def _tell_differences(both: list[_Storey], placed: Any, stated: Any, found: Levels) -> None:
    """Name the storeys whose placement and elevation are apart, both from the building's zero."""
    apart = [at for at in range(len(both)) if abs(placed[at] - stated[at]) >= SAME_M]
    names = ", ".join(f"{both[at].name} {placed[at]:.3f} ≠ {stated[at]:.3f}" for at in apart[:_NAMED])
    more = " …" if len(apart) > _NAMED else ""
    found.told.append(("io.storeys_differ", {"count": len(apart), "names": names + more}))


def _plain(value: float) -> float:
    """Return a level without the last digits of a sum: 3 m and not 2.9999999999999996."""
    return round(value, 9) + 0.0

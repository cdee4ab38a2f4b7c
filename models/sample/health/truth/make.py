"""All truths of the health check, by indicator, reading and level; and the content of the sample's truth file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from models.sample.city import City
from models.sample.health.truth.checks import CHECKS, SHORTFALLS, checked, shortfall
from models.sample.health.truth.estates import BLOCKS, ESTATES, HEADS, blocks, estates, per_head
from models.sample.health.truth.land import covered, share_of
from models.sample.health.truth.lines import covers, roads
from models.sample.health.truth.reach import SERVICES, by_jurisdiction, lands, reached
from models.sample.health.truth.registers import sums
from models.sample.health.truth.rules import registers
from models.sample.health.truth.units import Level, Rows, Sums, Town, town
from models.sample.truth import note

#: Truth of an indicator: by reading, then ``"districts"``, ``"communities"`` (rows by code) and ``"city"`` (a row).
Truth = dict[str, dict[str, Any]]


def content(city: City, frames: Mapping[str, Any]) -> dict[str, Any]:
    """Return the truth file's content, and note the fabric's planted problems in ``city.planted``."""
    indicators, shares = make(frames)
    density = indicators["HC25-35"][""]["districts"]
    note(city, shares["HC25-25"], shares["HC25-22"], density)
    return {
        "seed": city.seed, "size": city.size, "synthetic": True, "crs": "EPSG:4548", "indicators": indicators,
        "planted": city.planted,
    }  # fmt: skip


def make(frames: Mapping[str, Any]) -> tuple[dict[str, Truth], dict[str, Any]]:
    """Return what every indicator with a truth comes to, from the tables of the sample city.

    Returns
    -------
    dict
        By indicator.
    dict
        By indicator of land in reach: the share of each parcel that is.
    """
    place = town(frames)
    found: dict[str, Truth] = {}
    for code, readings in registers(frames).items():
        found[code] = {
            reading: _truth(place, rule.themes, rule.factor, rule.is_count, partial(sums, rule, place))
            for reading, rule in readings.items()
        }
    for code, check in CHECKS.items():
        found[code] = {"": _truth(place, (check.theme,), 1.0, True, partial(checked, code, check, place))}
    for code, themes in SHORTFALLS.items():
        found[code] = {"": _truth(place, themes, 1.0, True, partial(shortfall, code, place))}
    for code, step, themes, factor in (
        ("HC25-35", roads, ("roads",), 1.0), ("HC21-49", covers, ("components",), 100.0),
        ("HC25-58", covered, ("buildings",), 100.0),
    ):  # fmt: skip
        found[code] = {"": _truth(place, themes, factor, False, partial(step, place))}
    for code, (themes, _) in ESTATES.items():
        found[code] = {"": _truth(place, themes, 1.0, True, partial(estates, code, place))}
    for code, (themes, block) in BLOCKS.items():
        found[code] = {"": _truth(place, themes, 1.0, True, partial(blocks, block, place), by_estate=False)}
    for code, (kinds, area, themes) in HEADS.items():
        head = partial(per_head, kinds, area, place)
        found[code] = {"": _truth(place, themes, 1.0, False, head, by_estate=False)}
    points, shares = lands(place), {}
    for code, service in SERVICES.items():
        land = points[service.land]
        mask, known = reached(service, land, place)
        shares[code] = land.shares(mask)
        found[code] = {
            service.reading: _truth(place, service.themes, 100.0, False, partial(share_of, land, mask, known=known))
        }
    stations = partial(by_jurisdiction, points["land"], place)
    found["HC25-53"]["area"] = _truth(place, SERVICES["HC25-53"].themes, 100.0, False, stations)
    return dict(sorted(found.items())), shares


def _truth(
    place: Town, themes: tuple[str, ...], factor: float, is_count: bool, counted: Callable[[Level], Sums], *,
    by_estate: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """Return the rows of both levels, and that of the city; without estates where an indicator has no such level."""

    def rows(level: Level) -> Rows:
        return level.rows(counted(level), themes, factor, is_count)

    districts = rows(place.districts)
    return {
        "districts": districts, "communities": rows(place.communities) if by_estate else {},
        "city": place.city(districts, factor, is_count),
    }  # fmt: skip

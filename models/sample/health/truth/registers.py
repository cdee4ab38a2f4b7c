"""Counts, sums and shares of registers: every object is asked one by one whether it counts.

An answer is True, False or None for "nobody knows". An object of which nobody knows stands on neither side; how much of
all that may count is known is the coverage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import shapely

from models.sample.health.truth.units import Level, Sums, Town

Answer = bool | None
Row = Mapping[str, Any]
#: Year of the check.
YEAR = 2026


def is_empty(value: Any) -> bool:
    """Return whether a cell says nothing."""
    return bool(pd.isna(value))


def both(*parts: Answer) -> Answer:
    """Return whether all hold: one that does not decides, else one that is unknown does."""
    return False if False in parts else None if None in parts else True


def either(*parts: Answer) -> Answer:
    """Return whether one holds."""
    return True if True in parts else None if None in parts else False


def is_one_of(value: Any, yes: str, no: str = "") -> Answer:
    """Return whether a word is one of some, not if it is one of others (or any other, where none are given)."""
    if is_empty(value):
        return None
    if str(value) in yes.split():
        return True
    return False if not no or str(value) in no.split() else None


def is_yes(value: Any) -> Answer:
    """Return whether a cell says yes."""
    return is_one_of(value, "yes", "no")


def number(value: Any) -> float | None:
    """Return a number, None for an empty cell."""
    return None if is_empty(value) else float(value)


def year(value: Any) -> int | None:
    """Return the year of a date or moment, None for an empty cell."""
    return None if is_empty(value) else datetime.fromisoformat(str(value)).year


@dataclass(frozen=True, slots=True)
class Register:
    """How an indicator reads its register.

    Parameters
    ----------
    tables : tuple of str
    themes : tuple of str
        Of the survey.
    among, counted : callable
        ``row -> answer``: whether an object belongs to what is looked at, and whether it is what is counted of that.
    amount, part : callable, optional
        ``row -> float or None``: what an object weighs, and how much of it is counted; one and the whole without.
    is_count : bool
        Whether the value is the numerator.
    built_up : bool
        Whether only what stands in the built-up area counts.
    by_length : bool
        Whether an object weighs its kilometres in each unit.
    per_land : bool
        Whether the denominator is the land of the unit, km².
    factor : float
    """

    tables: tuple[str, ...]
    themes: tuple[str, ...]
    among: Callable[[Row], Answer] = lambda _: True
    counted: Callable[[Row], Answer] = lambda _: True
    amount: Callable[[Row], float | None] = lambda _: 1.0
    part: Callable[[Row], float | None] | None = None
    is_count: bool = True
    built_up: bool = False
    by_length: bool = False
    per_land: bool = False
    factor: float = 1.0


@dataclass(slots=True)
class Tally:
    """Sums of one unit while objects are counted."""

    numerator: float = 0.0
    denominator: float = 0.0
    known: float = 0.0
    all: float = 0.0
    seen: list[str] = field(default_factory=list)


def sums(register: Register, town: Town, level: Level) -> Sums:
    """Count a register by the units of a level."""
    tallies = [Tally() for _ in level.codes]
    for row, places in _objects(register, town, level):
        among, counted, amount = register.among(row), register.counted(row), register.amount(row)
        part = amount if register.part is None else register.part(row)
        told = part is not None and (register.is_count or amount is not None)
        known = among is True and counted is not None and told
        may_be = among is not False and (among is True or counted is not False or not register.is_count)
        for position, weight in places.items():
            tally = tallies[position]
            if known or may_be:
                tally.all += weight
            if known:
                tally.known += weight
                tally.denominator += weight * (amount or 0.0)
                if counted:
                    tally.numerator += weight * (part or 0.0)
    if register.per_land:
        for tally, shape in zip(tallies, level.shapes, strict=True):
            tally.denominator = (shape & town.built_up).area / 1e6 if register.built_up else shape.area / 1e6
    whole = []
    for tally in tallies:
        if tally.denominator <= 0.0:
            whole.append(tally.all - tally.known)
        elif tally.all > tally.known:
            whole.append(tally.denominator * tally.all / tally.known if tally.known else float("inf"))
        else:
            whole.append(tally.denominator)
    return Sums([t.numerator for t in tallies], [t.denominator for t in tallies], whole)


def _objects(register: Register, town: Town, level: Level) -> Iterator[tuple[Row, dict[int, float]]]:
    """Yield every object with its weight in each unit."""
    for name in register.tables:
        shapes = town.shapes(name)
        within = town.built_up if register.built_up else None
        if register.by_length:
            key = f"{name} km {register.built_up}"
            places = level.kept[key] = level.kept.get(key) or lengths_km(shapes, level, within)
        else:
            homes = level.homes(name, shapes)
            if within is not None:
                homes = np.where(shapely.contains(within, shapely.point_on_surface(shapes)), homes, -1)
            places = [{int(home): 1.0} if home >= 0 else {} for home in homes]
        for row, shape, place in zip(town.records(name), shapes, places, strict=True):
            yield {**row, "_shape": shape}, place


def lengths_km(lines: Any, level: Level, within: Any = None) -> list[dict[int, float]]:
    """Return the kilometres of each line in each unit: walked from crossing to crossing, half left and half right.

    Between two crossings with a border a line lies on one side; a foot to its left and one to its right say on which,
    and where it runs along a border each foot counts for its own side.
    """
    flat = shapely.force_2d(lines)
    borders = shapely.union_all([*shapely.boundary(level.shapes), *([within.boundary] if within is not None else [])])
    shapely.prepare(borders)
    meets = shapely.intersects(borders, flat)
    found: list[dict[int, float]] = []
    for line, crosses in zip(flat, meets, strict=True):
        if crosses:
            found.append(_walked(line, borders, level, within))
            continue
        start = shapely.get_point(line, 0)
        position = level.at(start)
        outside = position < 0 or (within is not None and not within.contains(start))
        found.append({} if outside else {position: line.length / 1e3})
    return found


def _walked(line: Any, borders: Any, level: Level, within: Any) -> dict[int, float]:
    stops = {0.0, line.length}
    ends = shapely.get_coordinates(line)
    stops |= {float(at) for at in np.cumsum(np.hypot(*np.diff(ends, axis=0).T))}
    for point in shapely.points(shapely.get_coordinates(shapely.intersection(line, borders))):
        stops.add(line.project(point))
    found: dict[int, float] = {}
    for start, end in pairwise(sorted(stops)):
        if end - start < 1e-9:
            continue
        middle, near = line.interpolate((start + end) / 2), line.interpolate((start + end) / 2 + (end - start) / 4)
        step = np.array([near.x - middle.x, near.y - middle.y])
        step = step / np.hypot(*step) * 1e-5
        for side in (1.0, -1.0):
            foot = shapely.Point(middle.x - side * step[1], middle.y + side * step[0])
            position = level.at(foot)
            if position >= 0 and (within is None or within.contains(foot)):
                found[position] = found.get(position, 0.0) + (end - start) / 2e3
    return found

"""A person's edits of a draft: each gives a new set and leaves the old one as it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from models.core.errors import UserError
from models.health.units.barriers import Geometries, cells_of
from models.health.units.proposing import joined_name
from models.health.units.rules import unit_rules
from models.health.units.sources import SURENESS, People
from models.health.units.unit_sets import CheckUnit, UnitSet

#: Parts of a unit with less than this share of its area are left to it when an area is cut out.
LEAST_SHARE = 0.01


def merged(units: UnitSet, codes: Sequence[str], code: str) -> UnitSet:
    """Return a set in which some units are one.

    Parameters
    ----------
    units : UnitSet
    codes : sequence of str
        At least two.
    code : str
        Of the new unit.

    Raises
    ------
    UserError
        ``units.choose_several``, ``units.no_unit``.
    """
    chosen = chosen_units(units, codes)
    if len(chosen) < 2:
        raise UserError("units.choose_several")
    shape = shapely.union_all([shape_of(one) for one in chosen])
    return _with(units, chosen, [_one_of(chosen, code, "by_hand", shape)])


def divided(units: UnitSet, code: str, lines: Geometries, people: People, new_codes: Callable[[], str]) -> UnitSet:
    """Return a set in which one unit is cut along lines.

    Raises
    ------
    UserError
        ``units.no_unit``; ``units.no_cut`` where no line goes right through it.
    """
    (unit,) = chosen_units(units, [code])
    cells = cells_of(shape_of(unit), lines, unit_rules().proposing.least_cell_m2)
    if len(cells) < 2:
        raise UserError("units.no_cut", unit=unit.title("zh"))
    shares, known = people.shares(cells)
    parts = [
        _part(unit, cell, float(share), known, new_codes(), f" {number}")
        for number, (cell, share) in enumerate(zip(cells, shares, strict=True), 1)
    ]
    return _with(units, [unit], parts)


def with_area(units: UnitSet, area: Any, people: People, new_codes: Callable[[], str], name: str = "") -> UnitSet:
    """Return a set in which an area, across whatever borders, is a unit of its own, as a renewal area is.

    Parameters
    ----------
    units : UnitSet
    area : polygon
        In the CRS of the set.
    people : People
    new_codes : callable
        Gives a code that is not taken.
    name : str

    Raises
    ------
    UserError
        ``units.no_area`` where it lies in none of the units.
    """
    inside: list[CheckUnit] = []
    touched: list[CheckUnit] = []
    left: list[CheckUnit] = []
    for unit in units.units:
        shape = shape_of(unit)
        cut = shapely.intersection(shape, area)
        if cut.area < LEAST_SHARE * min(shape.area, area.area):
            continue
        touched.append(unit)
        rest = shapely.difference(shape, area)
        if rest.area < LEAST_SHARE * shape.area:
            inside.append(unit)
            continue
        (share, other), known = people.shares([cut, rest])
        inside.append(_part(unit, cut, float(share), known, unit.code, ""))
        left.append(_part(unit, rest, float(other), known, new_codes(), ""))
    if not touched:
        raise UserError("units.no_area")
    whole = shapely.union_all([shape_of(one) for one in inside])
    made = _one_of(inside, new_codes(), "renewal", whole)
    made = replace(made, name=name or made.name, name_en=name or made.name_en)
    return _with(units, touched, [*left, made])


def renamed(units: UnitSet, code: str, name: str) -> UnitSet:
    """Return a set in which one unit has another name."""
    (unit,) = chosen_units(units, [code])
    return _with(units, [unit], [replace(unit, name=name.strip(), name_en=name.strip())])


def shape_of(unit: CheckUnit) -> Any:
    """Return the shape of a unit."""
    return shapely.from_wkb(bytes.fromhex(unit.shape))


def shapes_of(units: UnitSet) -> Any:
    """Return the shapes of all units of a set."""
    return np.asarray(shapely.from_wkb([bytes.fromhex(unit.shape) for unit in units.units]), dtype=object)


def chosen_units(units: UnitSet, codes: Sequence[str]) -> list[CheckUnit]:
    """Return units by their codes, in the order of the set.

    Raises
    ------
    UserError
        ``units.no_unit``.
    """
    known = {unit.code: unit for unit in units.units}
    for code in codes:
        if code not in known:
            raise UserError("units.no_unit", unit=code)
    wanted = set(codes)
    return [unit for unit in units.units if unit.code in wanted]


def _one_of(chosen: Sequence[CheckUnit], code: str, reason: str, shape: Any) -> CheckUnit:
    known = all(unit.population is not None for unit in chosen)
    ways = [unit.population_from for unit in chosen]
    order = sorted(chosen, key=lambda unit: -(unit.population or 0.0))
    return CheckUnit(
        code,
        tuple(dict.fromkeys(member for unit in chosen for member in unit.members)),
        reason,
        sum(unit.population or 0.0 for unit in chosen) if known else None,
        max(ways, key=SURENESS.index) if known else "",
        float(shape.area),
        shapely.to_wkb(shape, hex=True),
        tuple(dict.fromkeys(one for unit in chosen for one in unit.districts)),
        "",
        *(_name_of([getattr(unit, name) for unit in order], sum(len(unit.members) for unit in chosen))
          for name in ("name", "name_en")),
    )  # fmt: skip


def _name_of(names: Sequence[str], members: int) -> str:
    """Return the name of units that are joined; units that were joined before are not named one by one."""
    first = names[0].partition(" + ")[0]
    return joined_name(names) if members <= len(names) or not first else f"{first} + {members - 1}"


def _part(unit: CheckUnit, shape: Any, share: float, known: str, code: str, ending: str) -> CheckUnit:
    population = None if unit.population is None else unit.population * share
    return replace(
        unit, code=code, reason="by_hand", population=population, population_from="" if population is None else known,
        area_m2=float(shape.area), shape=shapely.to_wkb(shape, hex=True), advice="",
        name=f"{unit.name}{ending}" if unit.name else "", name_en=f"{unit.name_en}{ending}" if unit.name_en else "",
    )  # fmt: skip


def _with(units: UnitSet, gone: Sequence[CheckUnit], come: Sequence[CheckUnit]) -> UnitSet:
    """Return a set in which new units stand where the first of the old ones stood."""
    out = {unit.code for unit in gone}
    at = next(at for at, unit in enumerate(units.units) if unit.code in out)
    kept = [unit for unit in units.units if unit.code not in out]
    return replace(units, units=(*kept[:at], *come, *kept[at:]))

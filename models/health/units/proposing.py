"""Propose check units from communities, sub-districts or scattered buildings; a person accepts, edits or drops them.

Small neighbours are joined, large units divided along roads, water and green, dwellings without estate management put
together by block. Every unit says its members, the reason, its people and how they are known, and why it does not fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import require_projected
from models.health.units.barriers import Barriers, barriers_of, cells_of
from models.health.units.codes import UnitCodes
from models.health.units.fitness import fitness
from models.health.units.grouping import grouped, links_of
from models.health.units.members import members_of
from models.health.units.rules import Level, unit_rules
from models.health.units.sources import People, people_of
from models.health.units.temporary import temporary_estates
from models.health.units.unit_sets import DRAFT, CheckUnit, UnitSet
from models.layers.layer import LayerData
from models.project.project import ProjectState


@dataclass(frozen=True, slots=True)
class ProposeOptions:
    """What a person asks of a proposal.

    Parameters
    ----------
    may_cross : bool
        Whether communities of two sub-districts may be joined.
    joins, divides : bool
        Whether small units are joined, large ones divided.
    """

    may_cross: bool = False
    joins: bool = True
    divides: bool = True


def propose(
    level_id: str, state: ProjectState, data: Mapping[str, LayerData], options: ProposeOptions | None = None,
    progress: Progress | None = None,
) -> UnitSet:  # fmt: skip
    """Return a draft of the units of one level.

    Parameters
    ----------
    level_id : str
        ``"community"``, ``"block"`` or ``"estate"``.
    state : ProjectState
    data : mapping of str to LayerData
    options : ProposeOptions, optional
    progress : Progress, optional

    Raises
    ------
    UserError
        ``units.no_frame``, ``units.no_layer`` (no communities, sub-districts or dwellings), ``crs.missing``.
    """
    options, progress = options or ProposeOptions(), progress or Progress()
    if state.frame is None:
        raise UserError("units.no_frame")
    crs = state.frame.horizontal
    level = unit_rules().level(level_id)
    require_projected(crs, level.name)
    progress.step(0.0, "progress.units")
    if level_id == "estate":
        return temporary_estates(level, state, data, crs, progress)
    base, layer = members_of(level, state, data, crs)
    people = people_of(state, data, crs)
    progress.step(0.15, "progress.units")
    return UnitSet(level.id, DRAFT, crs, _units(level, base, people, state, data, crs, options, progress),
                   from_layer=layer)  # fmt: skip


def _units(
    level: Level, base: pd.DataFrame, people: People, state: ProjectState, data: Mapping[str, LayerData], crs: str,
    options: ProposeOptions, progress: Progress,
) -> tuple[CheckUnit, ...]:  # fmt: skip
    rules = unit_rules().proposing
    shapes = base["_shape"].to_numpy()
    population, area = base["population"].to_numpy(np.float64), shapely.area(shapes)
    main = barriers_of(state, data, crs, rules.barrier_classes[0], rules.green_kinds)
    links = links_of(shapes, main, rules) if options.joins else {at: {} for at in range(len(base))}
    progress.step(0.4, "progress.units")
    district = base["district_code"] if level.id == "community" else [""] * len(base)
    built = base["built_year"].to_numpy(np.float64)
    groups = grouped(population, area, links, level, rules, district=list(district), built=built,
                     may_cross=options.may_cross)  # fmt: skip
    names, made = UnitCodes(state.health, level), []
    order = np.argsort(groups.of, kind="stable")
    runs = np.split(order, np.flatnonzero(np.diff(groups.of[order])) + 1) if len(order) else []
    runs = sorted(runs, key=lambda run: int(run[0]))
    ladder = [main, *(barriers_of(state, data, crs, sum(rules.barrier_classes[: at + 1], ()), rules.green_kinds)
                      for at in range(1, len(rules.barrier_classes)))]  # fmt: skip
    for done, run in enumerate(runs):
        progress.step(0.4 + 0.6 * done / len(runs), "progress.units")
        rows = base.iloc[run]
        advice = groups.advice.get(int(groups.of[run[0]]), "") if options.joins else ""
        one = _joined(level, rows, names, advice)
        large = len(run) == 1 and level.max_population is not None and (one.population or 0.0) > level.max_population
        if large and options.divides:
            made += _divided(level, one, shapely.union_all(rows["_shape"].to_numpy()), people, ladder, names)
        else:
            made.append(one)
    return tuple(made)


def _joined(level: Level, rows: pd.DataFrame, names: UnitCodes, advice: str) -> CheckUnit:
    shape = shapely.union_all(rows["_shape"].to_numpy()) if len(rows) > 1 else rows["_shape"].iloc[0]
    known = rows["population"].notna().all()
    members = tuple(rows["code"])
    biggest = rows.iloc[int(np.nanargmax(rows["population"].fillna(-1.0).to_numpy()))]
    districts = tuple(dict.fromkeys(rows["district_code"])) if level.id == "community" else members
    reason = "kept" if len(rows) == 1 else "merged"
    return CheckUnit(
        members[0] if len(rows) == 1 else names.of(members, reason), members, reason,
        float(rows["population"].sum()) if known else None, "stated" if known else "", float(shape.area),
        shapely.to_wkb(shape, hex=True), districts, advice,
        joined_name([biggest["name"], *rows["name"].drop(biggest.name)]),
        joined_name([biggest["name_en"], *rows["name_en"].drop(biggest.name)]),
    )  # fmt: skip


def joined_name(names: Sequence[str]) -> str:
    """Return the name of a unit of several: both names of two, the first and how many more of several."""
    names = [name for name in names if name]
    if len(names) < 2:
        return "".join(names)
    return f"{names[0]} + {names[1]}" if len(names) == 2 else f"{names[0]} + {len(names) - 1}"


def _divided(
    level: Level, one: CheckUnit, shape: Any, people: People, ladder: Sequence[Barriers], names: UnitCodes
) -> list[CheckUnit]:
    """Return the parts of a unit that is too large: along the widest roads first, then along narrower ones."""
    rules, most = unit_rules().proposing, level.max_population or np.inf
    cells: list[Any] = [shape]
    shares, known = people.shares(cells)
    for barriers in ladder:
        cells = cells_of(shape, barriers.near(shape), rules.least_cell_m2)
        shares, known = people.shares(cells)
        if (one.population or 0.0) * shares.max() <= most:
            break
    population = (one.population or 0.0) * shares
    area = shapely.area(np.asarray(cells, dtype=object))
    links = links_of(cells, None, rules, least_m=1.0)
    groups = grouped(population, area, links, level, rules, district=[""] * len(cells), is_whole=True)
    numbers = list(dict.fromkeys(groups.of.tolist()))
    if len(numbers) < 2:
        return [replace(one, advice="no_line")]
    parts = []
    for number, group in enumerate(numbers, 1):
        inside = np.flatnonzero(groups.of == group)
        part = shapely.union_all([cells[at] for at in inside])
        advice = "no_line" if population[inside].sum() > most else ""
        parts.append(replace(
            one, code=names.of((*one.members, str(number)), "split"), reason="split", advice=advice,
            population=float(population[inside].sum()), population_from=known, area_m2=float(part.area),
            shape=shapely.to_wkb(part, hex=True), name=f"{one.name} {number}" if one.name else "",
            name_en=f"{one.name_en} {number}" if one.name_en else "",
        ))  # fmt: skip
    return parts


def faults_of(unit: CheckUnit, level_id: str) -> tuple[str, ...]:
    """Return what is wrong with the size of a unit, as :func:`~models.health.units.fitness.fitness` says it."""
    return fitness(unit_rules().level(level_id), unit.population, unit.area_m2)

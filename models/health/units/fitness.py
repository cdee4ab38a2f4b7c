"""Whether the units of a project may be judged alone: their size against what the standard asks, by indicator.

Other areas ask :func:`unit_fitness` once and mark what they show: a value of a unit that is too small is still true,
but it may not be held against a limit that is stated for a unit of full size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.health.units.rules import Level, unit_rules
from models.layers.layer import LayerData, VectorData
from models.project.project import ProjectState
from models.project.selection import ObjectKey

#: Faults of size that forbid judging; the others are only said.
FORBIDDING = frozenset({"too_small", "too_large", "area_small"})


@dataclass(frozen=True, slots=True)
class Fitness:
    """The size of one unit against what is asked of its level.

    Parameters
    ----------
    level, code : str
    name, name_en : str
    population, area_m2 : float or None
        None where nobody knows.
    faults : tuple of str
        ``"too_small"``, ``"too_large"`` (people), ``"area_small"``, ``"area_large"``, ``"population_unknown"``.
    """

    level: str
    code: str
    name: str
    name_en: str
    population: float | None
    area_m2: float | None
    faults: tuple[str, ...]

    @property
    def fits(self) -> bool | None:
        """Whether its size is what is asked; None where its population is not known."""
        if FORBIDDING & set(self.faults):
            return False
        return None if "population_unknown" in self.faults else True

    def alone(self, indicator: str) -> bool | None:
        """Whether an indicator may be judged by this unit alone; None where its size is not known.

        Parameters
        ----------
        indicator : str
            Code; one whose limits need no unit of full size may always be.
        """
        return True if unit_rules().dependence(self.level, indicator) is None else self.fits

    def title(self, lang: str) -> str:
        """Return its name in a language; its code where it has none."""
        return (self.name_en if lang == "en" and self.name_en else self.name) or self.code


def unit_fitness(state: ProjectState, data: Mapping[str, LayerData]) -> dict[ObjectKey, Fitness]:
    """Return the fitness of every unit that the indicators are worked out by: communities and sub-districts.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData

    Returns
    -------
    dict of ObjectKey to Fitness
        By the keys that :class:`~models.health.results.UnitValue` has.
    """
    found: dict[ObjectKey, Fitness] = {}
    for level in unit_rules().levels:
        if level.role == "other":
            continue
        for layer in state.with_role(level.role):
            table = data.get(layer.id)
            if isinstance(table, VectorData):
                crs = state.frame.horizontal if state.frame is not None else ""
                found |= {ObjectKey(layer.id, oid): one for oid, one in _of_layer(level, table, crs).items()}
    return found


def not_alone(state: ProjectState, data: Mapping[str, LayerData], indicator: str) -> dict[ObjectKey, Fitness]:
    """Return the units by which an indicator may not be judged alone, or of which nobody knows."""
    return {key: one for key, one in unit_fitness(state, data).items() if one.alone(indicator) is not True}


def fitness(level: Level, population: float | None, area_m2: float | None) -> tuple[str, ...]:
    """Return what is wrong with the size of a unit, worst first.

    Parameters
    ----------
    level : Level
    population : float or None
        People.
    area_m2 : float or None
    """
    faults = []
    if level.min_population is not None and population is not None and population < level.min_population:
        faults.append("too_small")
    if level.max_population is not None and population is not None and population > level.max_population:
        faults.append("too_large")
    if level.min_area_m2 is not None and area_m2 is not None and area_m2 < level.min_area_m2:
        faults.append("area_small")
    if level.max_area_m2 is not None and area_m2 is not None and area_m2 > level.max_area_m2:
        faults.append("area_large")
    if population is None and level.min_population is not None:
        faults.append("population_unknown")
    return tuple(faults)


def _of_layer(level: Level, table: VectorData, crs: str) -> dict[int, Fitness]:
    rows = table.attributes
    people = pd.to_numeric(rows["population"], errors="coerce") if "population" in rows.columns else None
    areas = _areas_m2(table, crs)
    texts = {
        name: rows[name].astype("str").where(rows[name].notna(), "").to_numpy(object)
        if name in rows.columns
        else np.full(len(rows), "", dtype=object)
        for name in ("code", "name", "name_en")
    }
    found = {}
    for at, oid in enumerate(rows.index):
        population = None if people is None or not np.isfinite(people.iloc[at]) else float(people.iloc[at])
        area = None if areas is None else float(areas[at])
        found[int(oid)] = Fitness(
            level.id, texts["code"][at], texts["name"][at], texts["name_en"][at], population, area,
            fitness(level, population, area),
        )  # fmt: skip
    return found


def _areas_m2(table: VectorData, crs: str) -> np.ndarray | None:
    """Return the area of each row in a metre CRS; None where there is none to measure in."""
    frame = table.frame
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None or not crs:
        return None
    own = frame.crs.sub_crs_list[0] if frame.crs.is_compound else frame.crs
    return np.asarray(shapely.area(gpd.GeoSeries(frame.geometry.to_numpy(), crs=own).to_crs(crs).to_numpy()))

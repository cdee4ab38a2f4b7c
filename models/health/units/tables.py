"""A set of check units as a table of features, and which unit each administrative unit belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from models.health.partition import yes_or_no
from models.health.units.editing import shapes_of
from models.health.units.fitness import FORBIDDING
from models.health.units.proposing import faults_of
from models.health.units.sources import texts
from models.health.units.unit_sets import CheckUnit, UnitSet
from models.layers.layer import LayerData, VectorData
from resources.standards import standard


def table_of(units: UnitSet, data: Mapping[str, LayerData]) -> VectorData:
    """Return a set as a table: what a layer of communities or sub-districts has, members, reason and fitness beside it.

    Parameters
    ----------
    units : UnitSet
    data : mapping of str to LayerData
        Where the members' own fields are found.
    """
    rows = [
        {
            "code": unit.code, "name": unit.name, "name_en": unit.name_en,
            "district_code": unit.districts[0] if unit.districts else "", "population": unit.population,
            "population_from": unit.population_from, "area_m2": round(unit.area_m2, 1),
            "fits": fits(unit, units.level), "reason": unit.reason, "members": ",".join(unit.members),
        }
        for unit in units.units
    ]  # fmt: skip
    index = pd.RangeIndex(1, len(rows) + 1, name="fid")
    frame = gpd.GeoDataFrame(rows, geometry=shapes_of(units), crs=units.crs, index=index)
    members = data.get(units.from_layer)
    if units.level != "estate" and isinstance(members, VectorData):
        for name, values in _together(units, pd.DataFrame(members.attributes)).items():
            frame[name] = values
    return VectorData(frame)


def fits(unit: CheckUnit, level: str) -> str:
    """Return whether a unit has the size that is asked: ``"yes"``, ``"no"``, ``"unknown"``."""
    faults = set(faults_of(unit, level))
    if faults & FORBIDDING:
        return "no"
    return "unknown" if "population_unknown" in faults else "yes"


def _together(units: UnitSet, members: pd.DataFrame) -> dict[str, Any]:
    """Return the members' fields by unit, missing where a member has none or a unit holds but part of one."""
    rules = standard("health/units_2025")["together"]
    if "code" not in members.columns:
        return {}
    by_code = members.assign(_code=texts(members["code"])).drop_duplicates("_code").set_index("_code")
    owners = pd.Series([unit.code for unit in units.units for _ in unit.members])
    owned = pd.Series([member for unit in units.units for member in unit.members])
    parted = set(owned[owned.duplicated(keep=False)])
    rows = by_code.reindex(owned)
    found: dict[str, Any] = {}
    codes = [unit.code for unit in units.units]
    whole = np.array([not parted & set(unit.members) for unit in units.units])
    for name in [*rules["sums"], *rules["oldest"]]:
        if name in rows.columns and name != "population":
            groups = pd.to_numeric(rows[name], errors="coerce").groupby(owners.to_numpy())
            kept = groups.agg(lambda values: values.sum(skipna=False)) if name in rules["sums"] else groups.min()
            found[name] = np.where(whole, kept.reindex(codes).to_numpy(np.float64), np.nan)
    for name in rules["all_yes"]:
        if name in rows.columns:
            said = yes_or_no(rows[name]).groupby(owners.to_numpy())
            kept = said.agg(_all_yes).reindex(codes)
            found[name] = [value if is_whole else None for value, is_whole in zip(kept, whole, strict=True)]
    return found


def _all_yes(said: pd.Series) -> str | None:
    if (said == False).any():  # noqa: E712 - missing is neither
        return "no"
    return None if said.isna().any() else "yes"

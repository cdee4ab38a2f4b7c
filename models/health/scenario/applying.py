"""Inputs and definitions under a scenario: the project's, with a few tables and numbers replaced.

Indicators are then worked out by the very methods that work out the base.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.core.errors import UserError
from models.health.editions import IndicatorDef
from models.health.scenario.scenario import Added, ChangedRule, Deed, Scenario
from models.layers.layer import LayerData, VectorData


@dataclass(frozen=True, slots=True)
class Rule:
    """A number among the rules of an indicator that can be changed.

    Parameters
    ----------
    path : str
        As :class:`ChangedRule` names it.
    value : float
    unit : str
        ``"m"``, ``"%"`` …; empty for a bare number.
    about : mapping
        What else stands in its row: classes, sizes, whose benchmark.
    """

    path: str
    value: float
    unit: str
    about: Mapping[str, Any]


#: Ends of names of parameters and the unit that they tell.
_UNITS = (("_m2", "m²"), ("_km2", "km²"), ("_ha", "ha"), ("_m", "m"), ("_km_h", "km/h"), ("minutes", "min"))


def rules_of(definition: IndicatorDef) -> list[Rule]:
    """Return what of an indicator's rules is a number: its benchmarks, and radii and sizes among its parameters."""
    found = [
        Rule(f"benchmark.{at}", row.value, definition.unit, {"zh": row.name, "en": row.name_en, "op": row.op})
        for at, row in enumerate(definition.benchmarks)
    ]
    for name, value in definition.parameters.items():
        if _is_number(value) and _unit(name):
            found.append(Rule(name, float(value), _unit(name), {}))
        elif isinstance(value, (list, tuple)):
            found += [
                Rule(f"{name}.{at}.{key}", float(inner), _unit(key), {k: v for k, v in row.items() if k != key})
                for at, row in enumerate(value)
                if isinstance(row, Mapping)
                for key, inner in row.items()
                if _is_number(inner) and _unit(key)
            ]
    return found


def definition_under(scenario: Scenario, definition: IndicatorDef) -> IndicatorDef:
    """Return an indicator by the rules of a scenario.

    Raises
    ------
    UserError
        ``health.scenario.no_rule``: a rule that the indicator has not.
    """
    for change in scenario.rules:
        if change.code == definition.code:
            definition = _changed(definition, change)
    return definition


def data_under(scenario: Scenario, data: Mapping[str, LayerData], crs: str) -> dict[str, LayerData]:
    """Return the project's data with the tables replaced in which something is other; the others are the very same.

    Parameters
    ----------
    scenario : Scenario
    data : mapping of str to LayerData
    crs : str
        Of the project; moves and places are in it.
    """
    found = dict(data)
    for layer in sorted(scenario.layers):
        held = data.get(layer)
        if isinstance(held, VectorData):
            found[layer] = VectorData(_frame_under(scenario, layer, held.frame, crs))
    return found


def _frame_under(scenario: Scenario, layer: str, frame: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    closed = [one.key.oid for one in scenario.closed if one.layer == layer]
    frame = frame[~frame.index.isin(closed)]
    moves = {one.key.oid: (one.east_m, one.north_m) for one in scenario.moved if one.layer == layer}
    here = frame.index[frame.index.isin(list(moves))]
    if len(here):
        shapes = frame.geometry.to_crs(crs) if frame.crs is not None else frame.geometry
        steps = np.array([moves[oid] for oid in here])
        placed = shapes.loc[here].to_numpy()
        count = shapely.get_num_coordinates(placed)
        shifted = shapely.transform(placed, lambda xy: xy + np.repeat(steps, count, axis=0))
        back = gpd.GeoSeries(shifted, index=here, crs=shapes.crs)
        shapes = frame.geometry.copy()
        shapes.loc[here] = back.to_crs(frame.crs) if frame.crs is not None else back
        frame = frame.set_geometry(shapes)
    added = [one for one in scenario.added if one.layer == layer]
    if added:
        frame = pd.concat([frame, _rows(added, frame, crs)])
    return gpd.GeoDataFrame(frame)


def _rows(added: list[Added], frame: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    shapes = gpd.GeoSeries([_site(one) for one in added], crs=crs)
    first = int(frame.index.max()) + 1 if len(frame) else 1
    rows = {
        name: [_as(dict(one.values).get(name), frame[name]) for one in added]
        for name in frame.columns
        if name != frame.geometry.name
    }
    for name in dict.fromkeys(name for one in added for name, _ in one.values if name not in frame.columns):
        rows[name] = [dict(one.values).get(name) for one in added]
    placed = shapes.to_crs(frame.crs) if frame.crs is not None else shapes
    kinds = {name: frame[name].dtype if name in frame.columns else None for name in rows}
    table = gpd.GeoDataFrame(
        {name: pd.Series(values, dtype=kinds[name]) for name, values in rows.items()}
        | {frame.geometry.name: placed.to_numpy()},
        geometry=frame.geometry.name,
        crs=placed.crs,
    )
    table.index = pd.RangeIndex(first, first + len(added), name=frame.index.name)
    return table


def _site(one: Added) -> shapely.Geometry:
    half = one.area_m2**0.5 / 2
    place = (one.easting_m, one.northing_m)
    return (
        shapely.box(place[0] - half, place[1] - half, place[0] + half, place[1] + half)
        if half
        else shapely.Point(place)
    )


def _as(text: str | None, column: pd.Series) -> Any:
    """Return a text as a column holds its values; missing where it cannot."""
    if text is None or text == "":
        return None
    if pd.api.types.is_bool_dtype(column.dtype):
        return text.strip().casefold() in ("true", "yes", "1", "是")
    if pd.api.types.is_numeric_dtype(column.dtype):
        return pd.to_numeric(text, errors="coerce")
    return text


def _changed(definition: IndicatorDef, change: ChangedRule) -> IndicatorDef:
    if change.path not in {rule.path for rule in rules_of(definition)}:
        raise UserError("health.scenario.no_rule", indicator=definition.code, rule=change.path)
    name, *rest = change.path.split(".")
    if name == "benchmark":
        rows = list(definition.benchmarks)
        rows[int(rest[0])] = replace(rows[int(rest[0])], value=change.value)
        return replace(definition, benchmarks=tuple(rows))
    parameters = dict(definition.parameters)
    if not rest:
        parameters[name] = change.value
    else:
        at, key = int(rest[0]), rest[1]
        parameters[name] = [
            {**row, key: change.value} if number == at else row for number, row in enumerate(parameters[name])
        ]
    return replace(definition, parameters=parameters)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _unit(name: str) -> str:
    return next((unit for end, unit in _UNITS if name.endswith(end)), "")


def differences(scenario: Scenario, before: Scenario) -> Iterator[Deed]:
    """Yield what one scenario has and the other has not, either way."""
    yield from (one for one in scenario.deeds if one not in before.deeds)
    yield from (one for one in before.deeds if one not in scenario.deeds)

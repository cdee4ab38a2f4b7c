"""The rules of an indicator of registers: its parameters, with those of the chosen reading over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from models.health import coverage
from models.health.coverage import Geometries
from models.health.editions import IndicatorDef, Threshold
from models.health.partition import Partition
from models.health.registers.conditions import Around, in_signs

#: Role of the built-up area, and the extent of an indicator that is stated for it.
BUILT_UP = "built_up"


def rules_of(definition: IndicatorDef) -> Mapping[str, Any]:
    """Return the parameters of an indicator; what stands under ``by_reading.<reading>`` lies over the others."""
    own = definition.parameters
    over = own.get("by_reading", {}).get(definition.reading, {})
    return {name: value for name, value in own.items() if name != "by_reading"} | dict(over)


def year_of(rules: Mapping[str, Any]) -> int:
    """Return the year of the check; 0 where no rule asks for it."""
    return int(rules.get("year", 0))


def around(rules: Mapping[str, Any], partition: Partition) -> Around:
    """Return what the conditions of an indicator are asked against."""
    return Around(year_of(rules), partition.frames)


def extent_of(definition: IndicatorDef, partition: Partition) -> Geometries | None:
    """Return the built-up area where an indicator is stated for it and there is a layer of it."""
    frame = partition.frames.get(BUILT_UP) if definition.extent == BUILT_UP else None
    return None if frame is None or not len(frame) else coverage.polygons(frame["_shape"])


def extent_remark(definition: IndicatorDef, extent: Geometries | None) -> tuple[Threshold, ...]:
    """Return whether something outside the built-up area counts, for an indicator that is stated for it."""
    if definition.extent != BUILT_UP:
        return ()
    return (Threshold("within_built_up" if extent is not None else "no_built_up", {}),)


def reads_with_extent(definition: IndicatorDef, found: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the fields by role, with the built-up area where an indicator is stated for it."""
    return {**found, **({BUILT_UP: ()} if definition.extent == BUILT_UP else {})}


def condition_thresholds(definition: IndicatorDef, counted: str = "counted") -> list[Threshold]:
    """Return which objects count and which of them are counted, by the names of the fields."""
    rules = rules_of(definition)
    year = year_of(rules)
    return [
        Threshold(code, {"role": rules["role"], "rule": in_signs(rules[key], year)})
        for code, key in (("register_among", "among"), ("register_counted", counted))
        if rules.get(key)
    ]


def used_of(frame: pd.DataFrame, chosen: Any) -> pd.DataFrame:
    """Return the keys of what was counted."""
    return frame.loc[np.asarray(chosen, dtype=bool), ["_layer", "_oid"]]

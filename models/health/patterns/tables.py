"""Patterns as tables that lists, workbooks and JSON share: one row a unit, cell or pair, with the object to fly to."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.health.patterns.density import Density
from models.health.patterns.hot_spots import HotSpots
from models.health.patterns.places import Ground
from models.health.patterns.priority import Priority
from models.health.patterns.problems import Problems
from models.project.business_keys import GONE_OID


def density_table(density: Density, problems: Problems, ground: Ground) -> pd.DataFrame:
    """Return units by how densely problems lie in them.

    Returns
    -------
    DataFrame
        ``unit``, ``layer``, ``oid``, ``problems``, ``per_km2`` (its own problems on its own area) and ``peak_per_km2``
        (the highest kernel density in it, NaN where there is none).
    """
    count = len(ground.units)
    unit = problems.rows["unit"].to_numpy()
    number = np.bincount(unit[unit >= 0], minlength=count).astype(np.float64)
    at = np.flatnonzero(density.grid.inside)
    home, values = ground.unit_at(density.grid.middles(at)), density.per_km2.ravel()[at]
    peak = pd.Series(values).groupby(home).max().reindex(range(count)).to_numpy(np.float64)
    table = pd.DataFrame(
        {
            "unit": np.arange(count), "layer": ground.units["_layer"].to_numpy(),
            "oid": ground.units["_oid"].to_numpy(), "problems": number,
            "per_km2": number / ground.units["area_km2"].to_numpy(), "peak_per_km2": peak,
        }
    )  # fmt: skip
    return table.sort_values(["peak_per_km2", "per_km2"], ascending=False, kind="stable").reset_index(drop=True)


def hot_table(hot: HotSpots, problems: Problems, ground: Ground) -> pd.DataFrame:
    """Return the cells that are hot or cold, the hottest first.

    Returns
    -------
    DataFrame
        ``kind`` (1 or −1), ``problems``, ``value``, ``z``, ``p``, ``x``, ``y`` (middle, metres), ``unit`` (−1 outside
        all), ``layer`` and ``oid`` of a problem in it, the unit's where it holds none.
    """
    at = np.flatnonzero(hot.kind != 0)
    at = at[np.argsort(-hot.z[at], kind="stable")]
    cells = hot.cells[at]
    middles = hot.grid.middles(cells)
    unit = ground.unit_at(middles)
    own = pd.Series(np.arange(len(problems.rows)), index=hot.grid.cell_of(problems.xy))
    first = own[~own.index.duplicated()].reindex(cells).to_numpy(np.float64)
    has_one = np.isfinite(first)
    shown = np.where(has_one, first, 0).astype(np.int64)
    layers = np.full(len(at), "", dtype=object)
    oids = np.full(len(at), GONE_OID, dtype=np.int64)
    in_unit = unit >= 0
    layers[in_unit] = ground.units["_layer"].to_numpy(dtype=object)[unit[in_unit]]
    oids[in_unit] = ground.units["_oid"].to_numpy(dtype=np.int64)[unit[in_unit]]
    layers[has_one] = problems.rows["layer"].to_numpy(dtype=object)[shown[has_one]]
    oids[has_one] = problems.rows["oid"].to_numpy(dtype=np.int64)[shown[has_one]]
    return pd.DataFrame(
        {
            "kind": hot.kind[at], "problems": hot.counts[at], "value": hot.values[at], "z": hot.z[at], "p": hot.p[at],
            "x": middles[:, 0], "y": middles[:, 1], "unit": unit, "layer": layers, "oid": oids,
        }
    )  # fmt: skip


def priority_table(priority: Priority, ground: Ground) -> pd.DataFrame:
    """Return the rows of a priority with the key of each unit."""
    unit = priority.rows["unit"].to_numpy()
    return priority.rows.assign(
        layer=ground.units["_layer"].to_numpy()[unit], oid=ground.units["_oid"].to_numpy()[unit]
    )

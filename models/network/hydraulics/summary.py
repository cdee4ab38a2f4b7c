"""What a run came to, object by object: greatest depth, flow, velocity, least pressure, flooding, surcharge.

In SWMM these are counted by the engine at every routing step; in EPANET they are those of the reported steps, for the
engine counts nothing. All in SI.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.network.hydraulics.engines import LINK_STATISTICS, NODE_STATISTICS, STATISTICS
from models.network.hydraulics.results import Results

#: From here a reported value is flooding and not noise of float32, litres a second and cubic metres.
LEAST_FLOOD_M3 = 0.001


def summary_of(results: Results) -> dict[str, pd.DataFrame]:
    """Return a table by element (``nodes``, ``links``, ``subcatchments``), index = row of the results."""
    return _swmm(results) if results.dialect == "swmm" else _epanet(results)


def _swmm(results: Results) -> dict[str, pd.DataFrame]:
    with np.load(results.folder / STATISTICS, allow_pickle=False) as found:
        nodes = pd.DataFrame(found["nodes"].reshape(-1, len(NODE_STATISTICS)), columns=list(NODE_STATISTICS))
        links = pd.DataFrame(found["links"].reshape(-1, len(LINK_STATISTICS)), columns=list(LINK_STATISTICS))
    length = results.variable("nodes", "depth").factor
    litres = results.variable("nodes", "inflow").factor
    volume = results.variable("nodes", "volume").factor
    _, fill, _ = results.extremes(results.variable("links", "capacity"))
    tables = {
        "nodes": pd.DataFrame({
            "code": results.names["nodes"], "max_depth_m": nodes["maxDepth"] * length,
            "max_inflow_lps": nodes["maxInflow"] * litres, "max_flooding_lps": nodes["maxOverflow"] * litres,
            "flooded_m3": nodes["volFlooded"] * volume, "flooded_h": nodes["timeFlooded"],
            "surcharged_h": nodes["timeSurcharged"],
        }),
        "links": pd.DataFrame({
            "code": results.names["links"], "max_flow_lps": links["maxFlow"] * litres,
            "max_velocity_ms": links["maxVeloc"] * length, "max_fill_percent": np.minimum(fill, 100.0),
            "surcharged_h": links["timeSurcharged"], "above_full_flow_h": links["timeFullFlow"],
        }),
    }  # fmt: skip
    if results.names["subcatchments"]:
        runoff = results.variable("subcatchments", "runoff")
        _, most, _ = results.extremes(runoff)
        tables["subcatchments"] = pd.DataFrame({
            "code": results.names["subcatchments"], "max_runoff_lps": most, "runoff_m3": results.volume_m3(runoff),
        })  # fmt: skip
    return tables


def _epanet(results: Results) -> dict[str, pd.DataFrame]:
    low, high, _ = results.extremes(results.variable("nodes", "pressure"))
    _, demand, _ = results.extremes(results.variable("nodes", "demand"))
    _, flow, _ = results.extremes(results.variable("links", "flow"), absolute=True)
    _, velocity, _ = results.extremes(results.variable("links", "velocity"))
    return {
        "nodes": pd.DataFrame({
            "code": results.names["nodes"], "min_pressure_m": low, "max_pressure_m": high, "max_demand_lps": demand,
        }),
        "links": pd.DataFrame({
            "code": results.names["links"], "max_flow_lps": flow, "max_velocity_ms": velocity,
        }),
    }  # fmt: skip


def totals_of(results: Results, tables: dict[str, pd.DataFrame]) -> dict[str, float]:
    """Return the figures of the whole run: how many objects flood, are surcharged or lack pressure, and how much."""
    nodes, links = tables["nodes"], tables["links"]
    if results.dialect == "epanet":
        return {"negative_pressure": float((nodes["min_pressure_m"] < 0).sum())}
    flooded = nodes["flooded_m3"] > LEAST_FLOOD_M3
    return {
        "flooded_nodes": float(flooded.sum()), "flooded_m3": float(nodes.loc[flooded, "flooded_m3"].sum()),
        "surcharged_links": float((links["surcharged_h"] > 0).sum()),
    }  # fmt: skip


def worst_of(results: Results, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what a person looks at first, the worst first.

    Returns
    -------
    DataFrame
        ``element`` (``"nodes"`` or ``"links"``), ``row`` of the results, ``code``, ``reason`` (``"flooded"``,
        ``"surcharged"``, ``"negative_pressure"``), ``value`` and ``hours``.
    """
    nodes, links = tables["nodes"], tables["links"]
    if results.dialect == "epanet":
        bad = nodes[nodes["min_pressure_m"] < 0].sort_values("min_pressure_m", kind="stable")
        return _ranked(bad, "nodes", "negative_pressure", bad["min_pressure_m"], np.nan)
    flooded = nodes[nodes["flooded_m3"] > LEAST_FLOOD_M3].sort_values("flooded_m3", ascending=False, kind="stable")
    full = links[links["surcharged_h"] > 0].sort_values("surcharged_h", ascending=False, kind="stable")
    first = _ranked(flooded, "nodes", "flooded", flooded["flooded_m3"], flooded["flooded_h"])
    second = _ranked(full, "links", "surcharged", full["max_fill_percent"], full["surcharged_h"])
    return pd.concat([one for one in (first, second) if len(one)] or [first], ignore_index=True)


def _ranked(rows: pd.DataFrame, element: str, reason: str, value: object, hours: object) -> pd.DataFrame:
    made = pd.DataFrame({"element": element, "row": rows.index, "code": rows["code"], "reason": reason})
    made["value"], made["hours"] = np.asarray(value, dtype=np.float64), np.asarray(hours, dtype=np.float64)
    return made.reset_index(drop=True)

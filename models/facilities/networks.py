"""What is wrong with a pipe network as recorded: runs that fall the wrong way or narrow, ends that meet nothing."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from resources.standards import standard

#: An invert that rises by less than this is within the accuracy of the survey, metres.
TOLERANCE_M = 0.005
#: A line's end within this distance of its node touches it, metres.
REACH_M = 0.5


@lru_cache(maxsize=1)
def gravity_kinds() -> frozenset[str]:
    """Return the codes of pipes that drain by their slope (CJJ 61): rain, sewage, combined."""
    return frozenset(row["code"] for row in standard("pipes_cjj61")["kind"] if row["gravity"])


def adverse_slopes(pipes: pd.DataFrame) -> pd.DataFrame:
    """Find gravity pipes whose end lies higher than their start.

    Parameters
    ----------
    pipes : DataFrame
        ``kind``, ``start_invert_m``, ``end_invert_m``; with geometry also the slope.

    Returns
    -------
    DataFrame
        Index = fid of the pipe; ``rise_m`` (how much it climbs) and ``slope`` (rise per metre of plan length, NaN
        without geometry). Pipes without both inverts are not judged.
    """
    drains = pipes[pipes["kind"].isin(gravity_kinds())]
    rise_m = drains["end_invert_m"].astype(float) - drains["start_invert_m"].astype(float)
    bad = drains[rise_m > TOLERANCE_M]
    length_m = bad.geometry.length if hasattr(bad, "geometry") and len(bad) else pd.Series(np.nan, index=bad.index)
    climb_m = rise_m.loc[bad.index]
    return pd.DataFrame({"rise_m": climb_m, "slope": climb_m / length_m.where(length_m > 0)})


def dangling_ends(pipes: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    """Find pipe ends that meet no node.

    Parameters
    ----------
    pipes : GeoDataFrame
        ``start_node``, ``end_node`` and line geometry from start to end.
    nodes : GeoDataFrame
        ``code`` and point geometry, in the CRS of the pipes.

    Returns
    -------
    DataFrame
        ``pipe_fid``, ``end`` (``"start"`` or ``"end"``), ``reason`` (``"no_node"``: the code is empty or not in the
        table; ``"apart"``: the node lies more than half a metre away in plan) and ``distance_m``.
    """
    import shapely

    known = nodes.drop_duplicates("code").set_index("code")
    found: list[pd.DataFrame] = []
    lines = shapely.line_merge(pipes.geometry.to_numpy())
    for end, field, position in (("start", "start_node", 0), ("end", "end_node", -1)):
        codes = pipes[field]
        exists = codes.isin(known.index).to_numpy()
        there = known.geometry.reindex(codes).to_numpy()
        tips = shapely.force_2d(shapely.get_point(lines, position))
        distance_m = shapely.distance(tips, shapely.force_2d(there))
        apart = exists & (distance_m > REACH_M)
        bad = ~exists | apart
        found.append(
            pd.DataFrame(
                {
                    "pipe_fid": pipes.index.to_numpy()[bad],
                    "end": end,
                    "reason": np.where(exists[bad], "apart", "no_node"),
                    "distance_m": distance_m[bad],
                }
            )
        )
    return pd.concat(found, ignore_index=True).sort_values(["pipe_fid", "end"], ignore_index=True)


def sinks_without_outfall(pipes: pd.DataFrame, nodes: pd.DataFrame) -> list[str]:
    """Return codes of drainage nodes into which water flows and from which it flows nowhere, outfalls excepted."""
    drains = pipes[pipes["kind"].isin(gravity_kinds())]
    stuck = set(drains["end_node"].dropna()) - set(drains["start_node"].dropna())
    outfalls = set(nodes.loc[nodes["node_type"] == "outfall", "code"])
    return sorted(str(code) for code in stuck - outfalls)


def unused_nodes(pipes: pd.DataFrame, nodes: pd.DataFrame) -> list[str]:
    """Return the codes of nodes that no pipe meets."""
    met = set(pipes["start_node"].dropna()) | set(pipes["end_node"].dropna())
    return sorted(str(code) for code in nodes["code"] if code not in met)


def narrowings(pipes: pd.DataFrame) -> pd.DataFrame:
    """Find drains that are narrower than a drain that flows into them, where water backs up.

    Parameters
    ----------
    pipes : DataFrame
        ``kind``, ``start_node``, ``end_node``, ``diameter_mm``.

    Returns
    -------
    DataFrame
        Index = fid of the narrower pipe; ``diameter_mm`` and ``inflow_mm`` (the widest pipe of its kind upstream).
    """
    drains = pipes[pipes["kind"].isin(gravity_kinds())]
    widest = drains.groupby(["kind", "end_node"])["diameter_mm"].max().rename("inflow_mm")
    joined = drains[["kind", "start_node", "diameter_mm"]].join(widest, on=["kind", "start_node"])
    narrower = joined[joined["diameter_mm"] < joined["inflow_mm"]]
    return pd.DataFrame(narrower[["diameter_mm", "inflow_mm"]])

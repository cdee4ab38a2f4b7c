"""Small networks as tables of pipes and nodes, and the same edges as a networkx graph."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from models.network.network import Network

CRS = "EPSG:4548"


def pipes_of(
    rows: list[tuple[str | None, str | None]], places: dict[str, tuple[float, float]], **columns: Any
) -> gpd.GeoDataFrame:
    """Return pipes between coded nodes at their places, fids from 1."""
    lines = [shapely.LineString([places[a or ""], places[b or ""]]) for a, b in rows]
    frame = gpd.GeoDataFrame(
        {"start_node": [a for a, _ in rows], "end_node": [b for _, b in rows], **columns}, geometry=lines, crs=CRS
    )
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="fid")
    return frame


def drawn(lines: list[list[tuple[float, float]]], **columns: Any) -> gpd.GeoDataFrame:
    """Return pipes as lines alone, without codes, fids from 1."""
    frame = gpd.GeoDataFrame(columns, geometry=[shapely.LineString(line) for line in lines], crs=CRS)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="fid")
    return frame


def nodes_of(places: dict[str, tuple[float, float]], **columns: Any) -> gpd.GeoDataFrame:
    """Return a table of nodes by code, fids from 101."""
    frame = gpd.GeoDataFrame(
        {"code": list(places), **columns}, geometry=[shapely.Point(xy) for xy in places.values()], crs=CRS
    )
    frame.index = pd.RangeIndex(101, 101 + len(frame), name="fid")
    return frame


def random_tables(
    pairs: list[tuple[int, int]], count: int, **columns: Any
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return pipes and nodes of any graph: node ``i`` has the code ``N<i>`` and stands at a place of its own."""
    places = {f"N{i}": (100.0 * i, 10.0 * (i * i % 97)) for i in range(count)}
    pipe_columns = {name: columns.pop(name) for name in ("kind", "start_invert_m", "end_invert_m") if name in columns}
    pipes = pipes_of([(f"N{a}", f"N{b}") for a, b in pairs], places, **pipe_columns)
    return pipes, nodes_of(places, **columns)


def as_graph(network: Network, *, directed: bool = False) -> Any:
    """Return the edges of a network in networkx, their number as the key."""
    graph: Any = nx.MultiDiGraph() if directed else nx.MultiGraph()
    graph.add_nodes_from(range(network.node_count))
    for edge in range(network.edge_count):
        a, b, length = int(network.start[edge]), int(network.end[edge]), float(network.length_m[edge])
        if not directed or network.flow[edge] >= 0:
            graph.add_edge(a, b, key=edge, length=length)
        if directed and network.flow[edge] <= 0:
            graph.add_edge(b, a, key=edge if network.flow[edge] < 0 else (edge, "back"), length=length)
    return graph


def node(network: Network, key: str) -> int:
    """Return the one node of a code."""
    found = network.nodes_of(key)
    assert len(found) == 1, f"{key}: {len(found)} nodes"
    return int(found[0])


def keys(network: Network, nodes: Any) -> set[str]:
    """Return the codes of some nodes."""
    return {str(network.node_key[i]) for i in np.asarray(nodes, dtype=int)}

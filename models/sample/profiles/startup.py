"""The sample city that benchmarks of the start measure: the same layers, columns and numbers of rows for ever.

The small city grows with every part of the program that has something new to show; a figure of how soon the window
stands would grow with it. This profile takes of it what it held in version 0.6 and nothing that came later.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

#: Seed of the frozen city, whatever the default seed becomes.
SEED = 1
#: Rows (at most) and columns of each layer.
TABLES: Mapping[str, tuple[int, str]] = MappingProxyType({
    "land": (405, "use"),
    "parcels": (47, "code name name_en community_code district_code land_use area_m2"),
    "green": (62, "name name_en kind open_to_public area_m2 historic width_m"),
    "water": (6, "name name_en kind level_m"),
    "districts": (4, "code name name_en population"),
    "communities": (16, "code name name_en district_code population households"),
    "built_up": (1, "name name_en"),
    "surveys": (24, "district_code theme share surveyed_on source"),
    "roads": (645, "name name_en class width_m lanes bridge oneway elevated_m"),
    "footways": (515, "width_m condition"),
    "amenities": (30, "code name name_en kind capacity pitch_size district_code"),
    "buildings": (1741,
        "code name name_en use storeys height_m year structure roof base_m bottom_m community_code "
        "district_code"),
    "trees": (5600, "species height_m crown_m"),
    "pipes": (6114, "code kind material diameter_mm start_node end_node start_invert_m end_invert_m year pressure"),
    "pipe_nodes": (5906, "code kind node_type ground_m invert_m component"),
    "components": (27774,
        "ObjID ObjName ObjState DeptName1 DeptName2 DeptName3 BGID ORDate CHDate DataSource LocateDSC SetLoc "
        "Material district_code ground_m height_m bearing_deg"),
    "sensors": (150, "code kind component name unit period_min status"),
    "readings": (132457, "sensor time value battery_pct"),
    "cases": (24, "taskNum eventDesc eventSrc class_code component state reported_at closed_at address"),
})  # fmt: skip
#: Building models.
MODELS = ("tower.ifc", "school.ifc", "school_ifc2x3.ifc", "clinic.ifc")


def frozen_tables(frames: Mapping[str, Any]) -> dict[str, Any]:
    """Return of the tables of a city what the frozen profile has: its layers, their first rows, their columns."""
    found = {}
    for name, (count, columns) in TABLES.items():
        if name in frames:
            shape = ["geometry"] if hasattr(frames[name], "geometry") else []
            found[name] = frames[name][[*columns.split(), *shape]].iloc[:count]
    if "pipe_nodes" in found:
        found["pipe_nodes"] = _as_laid(found["pipe_nodes"])
    return found


def _as_laid(nodes: Any) -> Any:
    """Return nodes as they were before the water mains had hydrants, customers and a second source."""
    types = nodes["node_type"].replace({"hydrant": "valve", "customer": "valve"})
    water = (nodes["kind"] == "JS") & (types == "source")
    types[water & (nodes.geometry.x > nodes.geometry.x[water].min())] = "junction"
    return nodes.assign(node_type=types)

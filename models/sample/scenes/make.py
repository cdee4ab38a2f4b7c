"""All tables of the scenes, in one call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd

from models.roles import Role
from models.sample.city import City
from models.sample.scenes import crossings, drainage, poles, sanitation, structures, tunnel

#: As the list of layers of the city: id (= table), role, Chinese and English name, shown at first.
LAYERS: tuple[tuple[str, Role, str, str, bool], ...] = (
    ("drainage_areas", "drainage_areas", "汇水分区", "Drainage areas", False),
    ("utility_tunnel", "utility_tunnels", "综合管廊", "Utility tunnel", False),
    ("structures", "structures", "桥梁隧道档案", "Bridges and tunnels", False),
    ("drainage_sites", "sites", "排水设施点", "Drainage sites", False),
    ("sanitation_sites", "sites", "环卫设施点", "Sanitation sites", False),
    ("tunnel_sites", "sites", "管廊附属设施", "Tunnel sites", False),
    ("crossings", "sites", "智慧路口", "Smart crossings", False),
    ("poles", "poles", "智慧灯杆", "Smart poles", False),
    ("devices", "devices", "挂载与路侧设备", "Mounted and roadside devices", False),
)


def make(city: City, frames: Mapping[str, Any]) -> dict[str, gpd.GeoDataFrame]:
    """Return the tables of :data:`LAYERS` by name; ``frames`` are the tables made before."""
    pole_table, mounted = poles.make(city, frames["components"])
    crossing_table, roadside = crossings.make(city)
    tunnel_table, tunnel_sites = tunnel.make(city)
    drainage_sites, areas = drainage.make(city, frames["pipe_nodes"])
    return {
        "drainage_areas": areas, "utility_tunnel": tunnel_table, "structures": structures.make(city),
        "drainage_sites": drainage_sites, "sanitation_sites": sanitation.make(city), "tunnel_sites": tunnel_sites,
        "crossings": crossing_table, "poles": pole_table, "devices": poles.device_table([*mounted, *roadside]),
    }  # fmt: skip

"""OpenStreetMap: its few mixed tables taken apart into layers that mean something in a city."""

from __future__ import annotations

import re

import geopandas as gpd
import pandas as pd

from models.roles import Role

# sublayer → (name of the part, role, column, values or None for any); the first that fits takes the feature.
_PARTS: dict[str, tuple[tuple[str, Role, str, tuple[str, ...] | None], ...]] = {
    "lines": (
        ("footways", "footways", "highway", ("footway", "path", "pedestrian", "steps", "cycleway", "corridor")),
        ("roads", "roads", "highway", None),
        ("waterways", "other", "waterway", None),
        ("railways", "other", "railway", None),
    ),
    "multipolygons": (
        ("buildings", "buildings", "building", None),
        ("water", "water", "natural", ("water", "wetland")),
        ("green", "green", "leisure", ("park", "garden", "nature_reserve")),
        ("landuse", "land", "landuse", None),
    ),
}  # fmt: skip
_TAGS = ("building:levels", "height", "name:en", "surface", "lanes", "oneway", "bridge", "layer", "addr:street")


def tag(other_tags: pd.Series[str], key: str) -> pd.Series[str]:
    """Return one key of GDAL's ``other_tags`` text (``"key"=>"value",…``), None where a feature lacks it."""
    found = other_tags.str.extract(f'"{re.escape(key)}"=>"((?:[^"\\\\]|\\\\.)*)"', expand=False)
    return found.where(found.notna(), None)


def split_osm(sublayer: str, frame: gpd.GeoDataFrame) -> list[tuple[str, Role, gpd.GeoDataFrame]]:
    """Split one OSM table into ``(sublayer:part, role, frame)``; what fits no part stays in ``sublayer:other``."""
    frame = frame.reset_index(drop=True)
    if "other_tags" in frame and frame["other_tags"].notna().any():
        for key in _TAGS:
            found = tag(frame["other_tags"], key)
            if found.notna().any() and key not in frame:
                frame[key] = found
    left = pd.Series(True, index=frame.index)
    parts: list[tuple[str, Role, gpd.GeoDataFrame]] = []
    for name, role, column, values in _PARTS.get(sublayer, ()):
        if column not in frame:
            continue
        fits = left & (frame[column].isin(values) if values else frame[column].notna())
        if fits.any():
            parts.append((f"{sublayer}:{name}", role, frame[fits]))
            left &= ~fits
    if left.any():
        parts.append((f"{sublayer}:{sublayer}", "other", frame[left]))
    return [(name, role, part.dropna(axis="columns", how="all")) for name, role, part in parts]

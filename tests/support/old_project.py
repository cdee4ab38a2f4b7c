"""A project file as it was written at schema version 1, before results kept their objects and what they read.

The rows are written down here once and for all: they do not follow today's code.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from shapely import box

_META = {
    "format": "chengjing", "version": "1", "saved_at": "2026-11-20T08:00:00+00:00", "name": "旧城",
    "name_en": "Old town",
    "theme_kind": "indicator", "theme_indicator": "HC25-25", "frame_horizontal": "EPSG:4548",
    "frame_origin": "[502000, 4059000, 0]", "frame_vertical": "EPSG:5737",
}  # fmt: skip
_LAYER = (
    "layer", "table_name", "name", "name_en", "kind", "role", "visible", "synthetic", "data_source", "source_path",
    "source_sublayer", "source_reader", "source_crs", "source_options", "style", "place", "filter", "cim_level",
    "verdict", "standing", "row_count", "layout", "digest", "last_change",
)  # fmt: skip
_RESULT = (
    "indicator", "edition", "unit_layer", "unit_oid", "unit_name", "value", "numerator", "denominator", "coverage",
)  # fmt: skip


def write_old_project(path: Path) -> None:
    """Write a project of two districts, a viewpoint and two kept values of an indicator at version 1."""
    districts = gpd.GeoDataFrame(
        {"code": ["A", "B"], "name": ["甲街道", "乙街道"]},
        geometry=[box(502000, 4059000, 503000, 4060000), box(503000, 4059000, 504000, 4060000)], crs="EPSG:4548",
    )  # fmt: skip
    pyogrio.write_dataframe(districts, path, layer="districts", driver="GPKG")
    layer = dict.fromkeys(_LAYER, "") | {
        "layer": "districts", "table_name": "districts", "name": "街道", "name_en": "Districts", "kind": "vector",
        "role": "districts", "visible": 1, "synthetic": 0, "source_options": "{}", "style": "{}", "row_count": 2,
        "layout": None, "digest": None, "last_change": None, "verdict": None, "standing": None, "place": None,
    }  # fmt: skip
    view = {
        "view": "v1", "name": "北看", "name_en": "", "easting_m": 502500.0, "northing_m": 4058000.0, "height_m": 800.0,
        "focal_easting_m": 502500.0, "focal_northing_m": 4059500.0, "focal_height_m": 0.0, "up_x": 0.0, "up_y": 0.0,
        "up_z": 1.0, "angle_deg": 30.0, "parallel_scale_m": None, "scene": None, "thumbnail": None,
    }  # fmt: skip
    values = [
        ("HC25-25", "2025", "districts", 1, "甲街道", 55.5, 50000.0, 90000.0, 1.0),
        ("HC25-25", "2025", "districts", 2, "乙街道", None, None, None, 0.0),
        ("HC25-25", "2025", "districts", -1, "全市", 55.5, 50000.0, 90000.0, 0.5),
    ]
    tables = {
        "chengjing_meta": [{"key": key, "value": value} for key, value in _META.items()],
        "chengjing_layers": [layer],
        "chengjing_viewpoints": [view],
        "chengjing_results": [dict(zip(_RESULT, row, strict=True)) for row in values],
    }
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for name, rows in tables.items():
            pd.DataFrame(rows, index=range(1, len(rows) + 1)).to_sql(name, connection, index_label="id")
            connection.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, 'attributes', ?)",
                (name, name),
            )
        connection.commit()

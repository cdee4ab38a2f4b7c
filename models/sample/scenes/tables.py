"""Rows into tables, and problems that are planted in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from models.sample.city import CRS, City


def table(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> gpd.GeoDataFrame:
    """Return rows with a ``geometry`` each as a table with some columns, fids from 1."""
    frame = gpd.GeoDataFrame(
        {name: [row.get(name) for row in rows] for name in columns}, geometry=[row["geometry"] for row in rows], crs=CRS
    )
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="fid")
    return frame


def plant(city: City, name: str, kind: str, layer: str, codes: Sequence[str], why: str, why_zh: str) -> None:
    """Note a problem that was put in on purpose; one without objects is none."""
    if codes:
        city.planted.append(
            {"id": name, "kind": kind, "layer": layer, "codes": sorted(codes), "why": why, "why_zh": why_zh}
        )

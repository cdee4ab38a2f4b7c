"""Small tables for the quality gate, and rules made on the spot."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import LineString, Point

from models.facilities.coding.editions import Edition, editions
from models.facilities.quality.gate import RuleResult, run_gate
from models.facilities.quality.rules import Rule, RuleBook, checked_parameters
from models.facilities.quality.tables import Tables

EDITION = editions()["gbt30428_2013"]
CRS = "EPSG:4548"


def rule(check: str, role: str = "facilities", /, **more: Any) -> Rule:
    """Return a rule of a kind; what no rule has is a parameter."""
    own = {name: more.pop(name) for name in ("symbols", "kinds", "where", "severity", "repair") if name in more}
    return Rule("r", "规则", "Rule", own.pop("severity", "error"), role, check, checked_parameters(check, more), **own)


def judged(check: Rule, edition: Edition = EDITION, **layers: Any) -> RuleResult:
    """Return what a rule says of tables by role."""
    tables = Tables({role: [(role, frame, edition)] for role, frame in layers.items()})
    return run_gate(tables, RuleBook((check,))).results[0]


def failing(check: Rule, edition: Edition = EDITION, **layers: Any) -> list[int]:
    """Return the ids of what fails a rule."""
    return sorted(judged(check, edition, **layers).failures.oids.tolist())


def points(*places: tuple[float, float], **columns: Any) -> gpd.GeoDataFrame:
    """Return points with ids from 1."""
    frame = gpd.GeoDataFrame(columns, geometry=[Point(place) for place in places], crs=CRS)
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame


def pipes(*rows: tuple[str, str, list[tuple[float, float]], float | None, float | None], **columns: Any) -> Any:
    """Return drains: start node, end node, line, start and end invert; DN 400 of concrete for sewage if not said."""
    starts, ends, lines, above, below = zip(*rows, strict=True)
    frame = gpd.GeoDataFrame(
        {
            "code": [f"P{number}" for number in range(1, len(rows) + 1)], "kind": "WS", "material": "钢筋混凝土",
            "diameter_mm": 400.0, "start_node": starts, "end_node": ends, "start_invert_m": above,
            "end_invert_m": below,
        } | columns,
        geometry=[LineString(line) if line else None for line in lines], crs=CRS,
    )  # fmt: skip
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame


def nodes(**at: tuple[float, float, str]) -> gpd.GeoDataFrame:
    """Return nodes by code: place and type; ground 32 m."""
    frame = points(*((x, y) for x, y, _ in at.values()))
    frame["code"], frame["node_type"], frame["ground_m"], frame["kind"] = (
        list(at),
        [t for *_, t in at.values()],
        32.0,
        "WS",
    )
    return frame

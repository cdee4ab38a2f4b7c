"""Units of the sample city, and the row of an indicator for each of them.

A row is ``value``, ``numerator``, ``denominator`` and ``coverage``, as the program's values by unit; a value without
data is None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

Row = dict[str, float | None]
Rows = dict[str, Row]


@dataclass(frozen=True, slots=True)
class Sums:
    """What was found in each unit of a level.

    Parameters
    ----------
    numerator, denominator, whole : list of float
        ``whole`` is the denominator as it would be if everything were known.
    """

    numerator: list[float]
    denominator: list[float]
    whole: list[float]


@dataclass(frozen=True, slots=True)
class Level:
    """All units of one kind.

    Parameters
    ----------
    name : str
        ``"districts"`` or ``"communities"``.
    codes : list of str
    shapes : ndarray of polygon
    surveyed : list of mapping of str to float
        Of each unit, the share that was surveyed by theme: that of its sub-district.
    kept : dict
        Where the objects of a table are, worked out once.
    """

    name: str
    codes: list[str]
    shapes: Any
    surveyed: list[Mapping[str, float]]
    kept: dict[str, Any] = field(default_factory=dict)

    def homes(self, table: str, shapes: Any) -> Any:
        """Return the position of the unit of each object of a table: that in which a point inside of it lies."""
        if table not in self.kept:
            points = shapely.point_on_surface(shapes)
            found = np.full(len(points), -1, dtype=np.int64)
            for position in reversed(range(len(self.codes))):  # of two that share a border the first is written last
                found[shapely.intersects(self.shapes[position], points)] = position
            self.kept[table] = found
        return self.kept[table]

    def at(self, point: Any) -> int:
        """Return the position of the unit in which a point lies, of two on whose border the first; -1 for none."""
        for position, shape in enumerate(self.shapes):
            if shape.intersects(point):
                return position
        return -1

    def share(self, position: int, themes: Sequence[str]) -> float:
        """Return the least share of some themes that was surveyed in a unit."""
        return min(self.surveyed[position][theme] for theme in themes)

    def rows(self, sums: Sums, themes: Sequence[str], factor: float, is_count: bool) -> Rows:
        """Return the row of each unit."""
        return {
            code: row(numerator, denominator, whole, self.share(at, themes), factor, is_count)
            for at, (code, numerator, denominator, whole) in enumerate(
                zip(self.codes, sums.numerator, sums.denominator, sums.whole, strict=True)
            )
        }


@dataclass(frozen=True, slots=True)
class Town:
    """The city as its truth is worked out: both levels, the built-up area, and the tables.

    Parameters
    ----------
    districts, communities : Level
    built_up : polygon
    frames : mapping of str to GeoDataFrame
    kept : dict
        Rows of each table as records, made once.
    """

    districts: Level
    communities: Level
    built_up: Any
    frames: Mapping[str, Any]
    kept: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def levels(self) -> tuple[Level, Level]:
        """Return both levels."""
        return self.districts, self.communities

    def records(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of a table, without their shapes."""
        if table not in self.kept:
            frame = self.frames[table]
            columns = [name for name in frame.columns if name != "geometry"]
            values = [frame[name].astype(object).to_list() for name in columns]
            self.kept[table] = [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]
        return self.kept[table]

    def shapes(self, table: str) -> Any:
        """Return the shapes of a table."""
        return self.frames[table].geometry.to_numpy()

    def city(self, rows: Rows, factor: float, is_count: bool) -> Row:
        """Return the row of the city: sums over the sub-districts with data, coverage weighed by their land."""
        known = [one for one in rows.values() if one["value"] is not None]
        land = [shape.area for shape in self.districts.shapes]
        coverage = sum(area * (one["coverage"] or 0.0) for area, one in zip(land, rows.values(), strict=True)) / sum(
            land
        )
        if not known:
            return {"value": None, "numerator": None, "denominator": None, "coverage": 0.0}
        numerator, denominator = (sum(one[name] or 0.0 for one in known) for name in ("numerator", "denominator"))
        return row(numerator, denominator, denominator, coverage, factor, is_count)


def town(frames: Mapping[str, Any]) -> Town:
    """Return the city of some tables."""
    surveys = frames["surveys"]
    by_district: dict[str, dict[str, float]] = {}
    for code, theme, share in zip(surveys["district_code"], surveys["theme"], surveys["share"], strict=True):
        by_district.setdefault(str(code), {})[str(theme)] = float(share)
    districts, communities = (
        Level(name, [str(code) for code in frames[name]["code"]], frames[name].geometry.to_numpy(),
              [by_district[str(code)[:9]] for code in frames[name]["code"]])
        for name in ("districts", "communities")
    )  # fmt: skip
    for level in (districts, communities):
        shapely.prepare(level.shapes)
    built_up = frames["built_up"].geometry.iloc[0]
    shapely.prepare(built_up)
    return Town(districts, communities, built_up, frames)


def row(numerator: float, denominator: float, whole: float, share: float, factor: float, is_count: bool) -> Row:
    """Return a row from sums, the surveyed share and the factor of the indicator's unit."""
    nothing: Row = {"value": None, "numerator": None, "denominator": None, "coverage": 0.0}
    if share <= 0.0:
        return nothing
    if denominator > 0.0 and np.isfinite(whole):
        value = numerator if is_count else numerator / denominator
        return {
            "value": round(factor * value, 6), "numerator": round(numerator, 6), "denominator": round(denominator, 6),
            "coverage": round(share * denominator / whole, 6),
        }  # fmt: skip
    if whole > 0.0 or not is_count:
        return nothing
    return {"value": 0.0, "numerator": 0.0, "denominator": 0.0, "coverage": round(share, 6)}

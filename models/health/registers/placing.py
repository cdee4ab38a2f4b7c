"""In which unit an object of a register is, and how much of a line lies in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from models.health import coverage
from models.health.coverage import Floats, Geometries, Ints
from models.health.partition import NO_UNIT, Partition, has_value

#: Fields by which a row without a place names its unit.
PLACE_FIELDS = ("district_code", "community_code")


@dataclass(frozen=True, slots=True)
class Spread:
    """How the amount of each object is spread over the units.

    Parameters
    ----------
    thing, unit : ndarray of int, shape (pieces,)
        Position of the object and of the unit in which a piece of it lies.
    amount : ndarray of float, shape (pieces,)
    """

    thing: Ints
    unit: Ints
    amount: Floats

    def by_unit(self, chosen: Any, partition: Partition) -> Floats:
        """Return the sums of some objects (a mask) by unit, zero for units that are not worked out here."""
        mine = chosen[self.thing]
        sums = np.bincount(self.unit[mine], weights=self.amount[mine], minlength=len(partition.units))
        return partition.only(sums.astype(np.float64))

    def by_thing(self, count: int) -> Floats:
        """Return the amount of each object in all units together."""
        return np.bincount(self.thing, weights=self.amount, minlength=count).astype(np.float64)


def points_in(shapes: Any) -> Geometries:
    """Return a point inside each geometry, None where there is none."""
    values = shapely.force_2d(np.asarray(shapes, dtype=object))
    there = ~shapely.is_missing(values)
    there[there] &= ~shapely.is_empty(values[there])
    points = np.full(len(values), None, dtype=object)
    points[there] = shapely.point_on_surface(values[there])
    return points


def homes(frame: pd.DataFrame, partition: Partition) -> Ints:
    """Return the unit to which each object belongs, :data:`~models.health.partition.NO_UNIT` for none.

    A unit belongs to itself, and an object to the unit in which it lies; only a row without a place (a table) to the
    unit that it names by its code.
    """
    points = points_in(frame["_shape"])
    found = coverage.district_of(points, partition.shapes)
    itself = pd.MultiIndex.from_frame(partition.units[["_layer", "_oid"]]).get_indexer_for(
        pd.MultiIndex.from_frame(frame[["_layer", "_oid"]])
    )
    found = np.where(itself >= 0, itself, found)
    lost = (found < 0) & shapely.is_missing(points)
    if lost.any() and "code" in partition.units.columns:
        codes = partition.units["code"]
        told = codes[has_value(codes)].astype("str").str.strip().drop_duplicates()
        for name in PLACE_FIELDS:
            if name in frame.columns:
                named = pd.Index(told).get_indexer(pd.Index(frame[name].astype("str").str.strip()))
                at = np.where(named >= 0, told.index.to_numpy()[named] if len(told) else NO_UNIT, NO_UNIT)
                found = np.where(lost & (found < 0), at, found)
    return np.asarray(found, dtype=np.int64)


def is_placed(frame: pd.DataFrame, home: Ints) -> Any:
    """Return which objects say where they are: in a unit, or by a geometry outside of all of them."""
    return (home >= 0) | ~shapely.is_missing(points_in(frame["_shape"]))


def within(frame: pd.DataFrame, extent: Geometries) -> Any:
    """Return which objects lie in an area; a row without a place is taken to."""
    points = points_in(frame["_shape"])
    return (coverage.district_of(points, extent) >= 0) | shapely.is_missing(points)


def lengths_km(frame: pd.DataFrame, partition: Partition, extent: Geometries | None) -> Spread:
    """Return the length of lines in each unit, kilometres in plan.

    A stretch along the border of two units counts half for each, and a line that runs back over itself once.

    Parameters
    ----------
    frame : DataFrame
    partition : Partition
    extent : array of polygon or None
        Nothing outside of it counts.
    """
    lines = shapely.force_2d(np.asarray(frame["_shape"], dtype=object))
    lines = np.where(shapely.get_dimensions(lines) == 1, lines, shapely.LineString())
    if extent is not None:
        area = shapely.union_all(extent)
        shapely.prepare(area)
        across = ~shapely.covered_by(lines, area)
        lines[across] = shapely.intersection(lines[across], area)
    unit, thing = shapely.STRtree(lines).query(partition.shapes, predicate="intersects")
    order = np.lexsort((unit, thing))
    thing, unit = thing[order], unit[order]
    pieces = shapely.intersection(lines[thing], partition.shapes[unit])
    length_m = shapely.length(pieces)
    rows = pd.DataFrame({"thing": thing, "at": np.arange(len(thing))})
    several = rows[rows["thing"].duplicated(keep=False)]
    pairs = several.merge(several, on="thing")
    pairs = pairs[pairs["at_x"] < pairs["at_y"]]
    first, second = pairs["at_x"].to_numpy(), pairs["at_y"].to_numpy()
    shared_m = shapely.length(shapely.intersection(pieces[first], pieces[second])) / 2
    np.subtract.at(length_m, first, shared_m)
    np.subtract.at(length_m, second, shared_m)
    return Spread(thing, unit, length_m / 1e3)


def largest(spread: Spread, count: int) -> Ints:
    """Return the unit in which most of each object lies; of equal ones the first."""
    found = np.full(count, NO_UNIT, dtype=np.int64)
    order = np.lexsort((-spread.unit, spread.amount))  # the largest piece is written last
    found[spread.thing[order]] = spread.unit[order]
    return found

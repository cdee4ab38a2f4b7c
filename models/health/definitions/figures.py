"""The figures of a formula by unit and for all units, and what they come to between the signs of the formula."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.health.coverage import Floats, district_of
from models.health.definitions.formula_text import Figure, Node, Number
from models.health.partition import Partition

#: Fields by which an object without a place names its unit.
UNIT_CODES = ("district_code", "community_code")
M_PER_KM = 1000.0


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure of each unit, and what it rests on.

    Parameters
    ----------
    by_unit, whole : ndarray, float
        The figure of each unit and of all of them; NaN where there is none.
    known, seen : ndarray, shape (units,)
        Objects that say enough to be counted or not, and all objects.
    rows : ndarray of int
        Positions of the rows that went in.
    unit : ndarray of int
        Unit of each of those rows.
    share : ndarray of float
        What each of those rows gives to the figure.
    """

    by_unit: Floats
    whole: float
    known: Floats
    seen: Floats
    rows: NDArray[np.int64]
    unit: NDArray[np.int64]
    share: Floats


def counted(figure: Figure, partition: Partition) -> Counted:
    """Return a figure over the table of its role.

    An object belongs to the unit in which a point of it lies, or whose code it names where it has no place; areas and
    lengths are cut at the borders of units. A row whose condition or value is not known counts on no side.
    """
    frame, units = partition.frames[figure.role], len(partition.shapes)
    row, unit, size = _parts(figure.kind, frame, partition)
    is_true, is_told = np.ones(len(frame), bool), np.ones(len(frame), bool)
    if figure.where is not None:
        is_true, is_told = figure.where.truth(frame)
    value = np.ones(len(frame))
    if figure.value is not None:
        value = pd.to_numeric(pd.Series(figure.value.values(frame)), errors="coerce").to_numpy(np.float64)
        is_told = is_told & (np.isfinite(value) | ~is_true)
    weight = size if figure.kind in ("area", "length") else value[row]
    told, chosen = is_told[row], (is_true & is_told)[row]
    seen = np.bincount(unit, minlength=units).astype(np.float64)
    known = np.bincount(unit[told], minlength=units).astype(np.float64)
    rows, of_unit, given = row[chosen], unit[chosen], weight[chosen]
    by_unit = _by_unit(figure.kind, of_unit, given, known, units)
    whole = float(_by_unit(figure.kind, np.zeros(len(of_unit), np.int64), given, np.array([known.sum()]), 1)[0])
    return Counted(partition.only(by_unit), whole, partition.only(known), partition.only(seen), rows, of_unit, given)


def result(node: Node, figures: dict[Figure, Floats]) -> Floats:
    """Return what a part of a formula comes to, for each unit; NaN where a figure in it is not there."""
    if isinstance(node, Number):
        return np.full(len(next(iter(figures.values()))), node.value)
    if isinstance(node, Figure):
        return figures[node]
    first, *rest = (result(part, figures) for part in node.parts)
    made = first
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for other in rest:
            made = _joined(node.sign, made, other)
    found: Floats = np.where(np.isfinite(made), made, np.nan)
    return found


def _joined(sign: str, one: Floats, other: Floats) -> Floats:
    if sign in _COMPARE:
        truth: Floats = np.where(np.isnan(one) | np.isnan(other), np.nan, _COMPARE[sign](one, other).astype(np.float64))
        return truth
    made: Floats = _ARITHMETIC[sign](one, other)
    return made


_COMPARE = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "=": np.equal, "!=": np.not_equal,
}  # fmt: skip
_ARITHMETIC = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "min": np.minimum, "max": np.maximum,
}  # fmt: skip


def _by_unit(kind: str, unit: NDArray[np.int64], given: Floats, known: Floats, units: int) -> Floats:
    count = np.bincount(unit, minlength=units).astype(np.float64)
    if kind in ("min", "max"):
        made = np.full(units, np.nan)
        (np.fmin if kind == "min" else np.fmax).at(made, unit, given)
        return made
    total = np.bincount(unit, weights=given, minlength=units).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "mean":
            return np.where(count > 0, total / count, np.nan)
        if kind == "share":
            return np.where(known > 0, count / known, np.nan)
    return total


def _parts(kind: str, frame: pd.DataFrame, partition: Partition) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return the rows of a table in the units: row, unit and the area (m²) or length (km) there."""
    shapes = frame["_shape"].to_numpy(object)
    if kind in ("area", "length"):
        tree = shapely.STRtree(partition.shapes)
        row, unit = tree.query(shapes, predicate="intersects")
        cut = shapely.intersection(shapes[row], partition.shapes[unit])
        size = shapely.area(cut) if kind == "area" else shapely.length(cut) / M_PER_KM
        has_any = size > 0
        return row[has_any].astype(np.int64), unit[has_any].astype(np.int64), size[has_any]
    home = np.full(len(frame), -1, dtype=np.int64)
    placed = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if placed.any():
        home[placed] = district_of(shapely.point_on_surface(shapes[placed]), partition.shapes)
    codes = {str(code): at for at, code in enumerate(partition.units["code"])} if "code" in partition.units else {}
    for name in UNIT_CODES:
        if name in frame.columns and not placed.all():
            named = frame[name].astype("str").map(codes).fillna(-1).to_numpy(np.int64)
            home = np.where((home < 0) & ~placed, named, home)
    row = np.flatnonzero(home >= 0)
    return row, home[row], np.zeros(len(row))

"""From measured points to components: which point is which component, and how far off the register's position was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.facilities.positions.fixes import accuracy_class, column_of, error_of, fix_of, numbers_of
from models.project.business_keys import BusinessKeys

Floats = NDArray[np.float64]

#: Epochs of a log belong to one occupation while the antenna stays within this distance of the one before, metres …
STILL_M = 0.3
#: … and no more than this lies between them, seconds.
PAUSE_S = 30.0
#: Without a name a point is the component that lies nearest, within this distance, metres.
REACH_M = 5.0
#: A second component no farther than this many times the nearest leaves it open which one was measured.
AMBIGUOUS = 1.5


@dataclass(frozen=True, slots=True)
class Surveyed:
    """Measured points and what they mean for a layer of components, a row a point.

    Parameters
    ----------
    table : DataFrame
        ``point`` (name), ``oid`` (component, −1 where none was found), ``matched`` (``"name"``, ``"nearest"``, ``""``),
        ``why`` (why none was found: ``"no_such"``, ``"none_near"``, ``"ambiguous"``, ``"twice"``), ``x``, ``y``
        (CRS of the components), ``ground_m`` (height less the antenna's, NaN for none), ``offset_m`` (how far off the
        register's position was), ``fix``, ``error_m``, ``basis``, ``accuracy_class``, ``accuracy_before``, ``epochs``,
        ``spread_m``, ``better`` (whether the measured position is at
        least as sure as the one that is there; where nobody knows how sure that one is, only class A is).
    """

    table: pd.DataFrame


def occupations(points: Any) -> Any:
    """Put epochs of a log together that were measured on one spot, the best solution of each.

    Parameters
    ----------
    points : GeoDataFrame
        In metres; without a column of names. In the order of time.

    Returns
    -------
    GeoDataFrame
        A row an occupation: mean place and height of the epochs with its best solution, ``epochs`` (how many these
        are), ``spread_m`` (root mean square distance from the mean), other columns of the first of them.
    """
    x, y = shapely.get_x(points.geometry.to_numpy()), shapely.get_y(points.geometry.to_numpy())
    moved = np.hypot(np.diff(x, prepend=x[:1]), np.diff(y, prepend=y[:1])) > STILL_M
    clock = _seconds(points)
    moved |= np.diff(clock, prepend=clock[:1]) > PAUSE_S
    spot = np.cumsum(moved)
    error = np.nan_to_num(error_of(points)[0], nan=1e9)
    kind = fix_of(points)
    best = pd.Series(error).groupby(spot).transform("min").to_numpy()
    first_of_best = pd.Series(np.where(error <= best * (1 + 1e-9), np.arange(len(points)), len(points)))
    leading = kind[first_of_best.groupby(spot).transform("min").to_numpy()]
    keep = (kind == leading) & (error <= best * 2)
    held, groups = points[keep], spot[keep]
    mean = pd.DataFrame({"x": x[keep], "y": y[keep], "h": numbers_of(points, "height")[keep]}).groupby(groups).mean()
    off = np.hypot(x[keep] - mean["x"].loc[groups].to_numpy(), y[keep] - mean["y"].loc[groups].to_numpy())
    result = held.groupby(groups).first()
    result = result.set_geometry(shapely.points(mean["x"].to_numpy(), mean["y"].to_numpy()), crs=points.crs)
    height = column_of(points, "height")
    if height is not None:
        result[height] = mean["h"].to_numpy()
    result["epochs"] = pd.Series(groups).groupby(groups).size().to_numpy()
    result["spread_m"] = np.sqrt(pd.Series(off**2).groupby(groups).mean().to_numpy())
    return result.reset_index(drop=True)


def surveyed(
    points: Any, components: Any, keys: BusinessKeys | None, *, antenna_m: float = 0.0, reach_m: float = REACH_M
) -> Surveyed:
    """Match measured points with components.

    A point whose name is the business key of a component is that component, wherever it lies. Others are the component
    that lies nearest within reach, if no second one lies nearly as near. A component measured twice takes the surer.

    Parameters
    ----------
    points, components : GeoDataFrame
        Points, in one CRS in metres.
    keys : BusinessKeys or None
        Of the components.
    antenna_m : float
        Height of the antenna above the object, where the points do not say their own.
    reach_m : float
    """
    names = _names(points)
    place = points.geometry.to_numpy()
    x, y = shapely.get_x(place), shapely.get_y(place)
    antenna = numbers_of(points, "antenna")
    ground = numbers_of(points, "height") - np.where(np.isfinite(antenna), antenna, antenna_m)
    error, basis = error_of(points)
    by_name = {} if keys is None else keys.single()
    oid = np.array([by_name.get(name, -1) if name else -1 for name in names], dtype=np.int64)
    matched = np.where(oid >= 0, "name", "").astype(object)
    why = np.full(len(points), "", dtype=object)
    open_rows = np.flatnonzero(oid < 0)
    if len(open_rows) and len(components):
        near, reason = _nearest(place[open_rows], components, reach_m)
        oid[open_rows], why[open_rows] = near, reason
        matched[open_rows[near >= 0]] = "nearest"
    named_elsewhere = (why == "none_near") & np.array([bool(name) for name in names])
    why[named_elsewhere] = "no_such"
    table = pd.DataFrame(
        {
            "point": names, "oid": oid, "matched": matched, "why": why, "x": x, "y": y, "ground_m": ground,
            "fix": fix_of(points), "error_m": error, "basis": basis, "accuracy_class": accuracy_class(error),
            "epochs": points["epochs"].to_numpy() if "epochs" in points.columns else np.ones(len(points), np.int64),
            "spread_m": points["spread_m"].to_numpy() if "spread_m" in points.columns else np.full(len(points), np.nan),
        }
    )  # fmt: skip
    table = _once(table)
    old = components.geometry.reindex(table["oid"]).to_numpy()
    table["offset_m"] = shapely.distance(shapely.force_2d(old), shapely.points(x, y))
    before = components["accuracy_class"] if "accuracy_class" in components.columns else None
    text = pd.Series("", index=table.index) if before is None else before.reindex(table["oid"]).set_axis(table.index)
    table["accuracy_before"] = text.astype("str").where(text.notna(), "").str.strip().str.upper()
    order = {"A": 1, "B": 2, "C": 3}
    now, was = table["accuracy_class"].map(order).fillna(9), table["accuracy_before"].map(order).fillna(1)
    table["better"] = (table["oid"] >= 0) & (now <= was)
    return Surveyed(table)


def _once(table: pd.DataFrame) -> pd.DataFrame:
    """Leave each component to the surest of the points that were measured of it; the others say ``"twice"``."""
    hit = table[table["oid"] >= 0]
    order = hit.assign(unsure=hit["error_m"].fillna(np.inf)).sort_values(["unsure", "epochs"], ascending=[True, False])
    lost = order.index[order["oid"].duplicated(keep="first")]
    is_lost = table.index.isin(lost)
    return table.assign(
        oid=table["oid"].where(~is_lost, -1), matched=table["matched"].where(~is_lost, ""),
        why=table["why"].where(~is_lost, "twice"),
    )  # fmt: skip


def _nearest(places: Any, components: Any, reach_m: float) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    from scipy.spatial import cKDTree

    shapes = shapely.force_2d(components.geometry.to_numpy())
    usable = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    centres = shapely.centroid(shapes[usable])
    reason = np.full(len(places), "none_near", dtype=object)
    found = np.full(len(places), -1, dtype=np.int64)
    if not len(usable):
        return found, reason
    tree = cKDTree(np.column_stack([shapely.get_x(centres), shapely.get_y(centres)]))
    distance, at = tree.query(np.column_stack([shapely.get_x(places), shapely.get_y(places)]), k=2)
    hit = distance[:, 0] <= reach_m
    torn = hit & (distance[:, 1] <= np.maximum(AMBIGUOUS * distance[:, 0], 0.3))
    reason[hit], reason[torn] = "", "ambiguous"
    sure = hit & ~torn
    found[sure] = components.index.to_numpy(np.int64)[usable[at[sure, 0]]]
    return found, reason


def _names(points: pd.DataFrame) -> list[str]:
    field = column_of(points, "name")
    if field is None:
        return [""] * len(points)
    column = points[field]
    if pd.api.types.is_float_dtype(column):
        column = column.astype("Int64")
    return [text.strip() for text in column.astype("str").where(column.notna(), "").tolist()]


def _seconds(points: pd.DataFrame) -> Floats:
    """Return the time of each epoch in seconds, 0 where it is not said."""
    field = column_of(points, "time")
    if field is None:
        return np.zeros(len(points))
    moment = pd.to_datetime(points[field], errors="coerce", format="mixed", utc=True)
    return np.asarray((moment - moment.min()).dt.total_seconds().fillna(0.0), dtype=np.float64)

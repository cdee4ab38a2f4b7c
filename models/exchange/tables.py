"""Tables of a project as versions of records, and what was merged put back into a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.exchange.merging import Known, Merged, merged
from models.exchange.records import Package, Version, geometry_texts, plain, plain_values

#: Shapes whose corners differ by less are the same, metres: coordinates that went to another CRS and back.
SAME_PLACE_M = 0.0015
#: Field of a class of records that says when a record was changed last.
CHANGED_IN: Mapping[str, str] = {"components": "CHDate"}


@dataclass(frozen=True, slots=True)
class Table:
    """Records of one class as a project has them.

    Parameters
    ----------
    kind : str
    key : str
        Field of the business key.
    frame : DataFrame or GeoDataFrame
        By feature id.
    crs : str
        ``"EPSG:4547"``; empty where nothing has a place.
    edition : str
        Of the codes.
    zone : tzinfo
        Of days and times without an offset.
    own : str
        What the keys of this party's own records begin with; only of those does a missing row mean a deleted record.
    """

    kind: str
    key: str
    frame: Any
    crs: str = ""
    edition: str = ""
    zone: dt.tzinfo = dt.UTC
    own: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """Rows that cannot be handed out: without a key, or with one that stands twice."""

    keyless: int = 0
    doubled: int = 0


def versions_of(table: Table, held: Known, sender: str, now_us: int) -> tuple[list[Version], Left]:
    """Return what a table says that the held versions do not: changed, new and deleted records.

    Parameters
    ----------
    table : Table
    held : Known
        What this project handed out or merged before.
    sender : str
    now_us : int
        Time of records that do not say when they were changed, µs since 1970 UTC.
    """
    frame, kind = table.frame, table.kind
    keys = pd.Series([_key_text(value) for value in frame[table.key]], index=frame.index, dtype=object)
    usable = (keys != "") & ~keys.duplicated(keep=False)
    left = Left(int((keys == "").sum()), int(((keys != "") & keys.duplicated(keep=False)).sum()))
    rows = frame[usable.to_numpy()]
    columns = pd.DataFrame(rows.drop(columns="geometry", errors="ignore"))
    shapes = geometry_texts(rows["geometry"]) if "geometry" in rows.columns else [""] * len(rows)
    found: list[Version] = []
    for key, said, shape in zip(keys[usable], columns.to_dict("records"), shapes, strict=True):
        values = plain_values({str(name): value for name, value in said.items()})
        values.setdefault(table.key, key)
        heads = held.heads((kind, key))
        if heads and _is_said(held, heads, values, shape, table.crs):
            continue
        time_us = min(_time_us(values.get(CHANGED_IN.get(kind, "")), table.zone) or now_us, now_us)
        bases = tuple(sorted(one.hash for one in heads))
        found.append(Version(kind, key, values, shape, table.crs if shape else "", time_us, sender, bases))
    here = set(keys)
    for record in held.records():
        if record[0] != kind or record[1] in here or not record[1].startswith(table.own):
            continue
        said_last = merged(held, record)
        heads = held.heads(record)
        if said_last is not None and not said_last.deleted:
            bases = tuple(sorted(one.hash for one in heads))
            found.append(
                Version(
                    kind, record[1], said_last.values, said_last.geometry, said_last.crs, now_us, sender, bases, True
                )
            )
    return found, left


def _key_text(value: Any) -> str:
    text = plain(value)
    return "" if text is None else str(text).strip()


def _is_said(held: Known, heads: tuple[Version, ...], values: Mapping[str, Any], shape: str, crs: str) -> bool:
    """Whether the held versions say just this, with one voice."""
    if len(heads) == 1:
        one = heads[0]
        return not one.deleted and dict(one.values) == dict(values) and same_place(one.geometry, one.crs, shape, crs)
    view = merged(held, (heads[0].kind, heads[0].key))
    return (
        view is not None and not view.conflicts and not view.deleted and dict(view.values) == dict(values)
        and same_place(view.geometry, view.crs, shape, crs)
    )  # fmt: skip


def same_place(one: str, one_crs: str, other: str, other_crs: str) -> bool:
    """Whether two shapes (WKT) are the same, each in its CRS."""
    if one == other and (one_crs == other_crs or not one):
        return True
    if not one or not other:
        return False
    import shapely

    first, second = shapely.from_wkt([one, other])
    if one_crs != other_crs:
        first = moved([first], one_crs, other_crs)[0]
    return bool(shapely.equals_exact(first, second, SAME_PLACE_M))


def moved(shapes: Iterable[Any], before: str, after: str) -> NDArray[Any]:
    """Return shapes in another CRS.

    Raises
    ------
    pyproj.exceptions.CRSError
        A CRS that nobody knows.
    """
    import geopandas as gpd

    return np.asarray(gpd.GeoSeries(list(shapes), crs=before).to_crs(after).array, dtype=object)


def _time_us(text: Any, zone: dt.tzinfo) -> int:
    if not isinstance(text, str):
        return 0
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return 0
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return max(int(moment.timestamp()) * 1_000_000, 0)


@dataclass(frozen=True, slots=True)
class Applied:
    """What merging changed of a table.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        Rows that were there keep their feature id; new ones stand after them.
    added, changed, deleted : tuple of str
        Business keys.
    """

    frame: Any
    added: tuple[str, ...]
    changed: tuple[str, ...]
    deleted: tuple[str, ...]


def applied(table: Table, records: Iterable[Merged]) -> Applied:
    """Return a table with what records came to; the table that is given stays as it is.

    Parameters
    ----------
    table : Table
        May be without rows, with the columns that it should have.
    records : iterable of Merged
        Of the table's class.
    """
    frame = table.frame
    keys = [_key_text(value) for value in frame[table.key]]
    at = {key: number for number, key in enumerate(keys) if key}
    has_shapes = "geometry" in frame.columns
    old = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    shapes = np.array(frame["geometry"], dtype=object) if has_shapes else np.full(len(frame), None, dtype=object)
    changes: dict[str, dict[int, Any]] = {}
    fresh: list[tuple[Merged, Any]] = []
    gone: list[int] = []
    told: dict[str, list[str]] = {"added": [], "changed": [], "deleted": []}
    names = [str(name) for name in old.columns]
    by_row = {}
    for one in records:
        row = at.get(one.key)
        if row is None:
            if not one.deleted:
                fresh.append((one, None))
                told["added"].append(one.key)
        elif one.deleted:
            gone.append(row)
            told["deleted"].append(one.key)
        else:
            by_row[row] = one
    new_names = [name for one in [*by_row.values(), *(one for one, _ in fresh)] for name in one.values]
    names += [name for name in dict.fromkeys(new_names) if name not in names]
    wkts = geometry_texts(shapes[list(by_row)]) if by_row else []
    before = old.iloc[list(by_row)].to_dict("records") if by_row else []
    for (row, one), said, wkt in zip(by_row.items(), before, wkts, strict=True):
        values = plain_values({str(name): value for name, value in said.items()})
        differs = [name for name in names if values.get(name) != one.values.get(name) and name != table.key]
        moved_there = has_shapes and not same_place(wkt, table.crs, one.geometry, one.crs or table.crs)
        for name in differs:
            changes.setdefault(name, {})[row] = one.values.get(name)
        if moved_there:
            shapes[row] = _shape(one, table.crs)
        if differs or moved_there:
            told["changed"].append(one.key)
    made = old.copy(deep=False)
    for name in names:
        column = made[name].to_numpy(dtype=object).copy() if name in made.columns else np.full(len(old), None, object)
        for row, value in changes.get(name, {}).items():
            column[row] = value
        if name in changes or name not in made.columns:
            made[name] = _typed(column, old[name] if name in old.columns else None, old.index)
    if fresh:
        first = int(old.index.max()) + 1 if len(old) else 1
        more = pd.DataFrame([dict(one.values) for one, _ in fresh], columns=names, dtype=object)
        more.index = pd.Index(np.arange(first, first + len(fresh)), name=old.index.name)
        joined = {
            name: _typed(
                np.concatenate([made[name].to_numpy(dtype=object), more[name].to_numpy(dtype=object)]),
                made[name], made.index.append(more.index),
            )
            for name in names
        }  # fmt: skip
        made = pd.DataFrame(joined, index=made.index.append(more.index))
        shapes = np.concatenate([shapes, np.array([_shape(one, table.crs) for one, _ in fresh] + [None], object)[:-1]])
    if has_shapes:
        import geopandas as gpd

        made = gpd.GeoDataFrame(made, geometry=gpd.GeoSeries(list(shapes), index=made.index, crs=frame.crs))
    if gone:
        made = made.drop(index=old.index[gone])
    return Applied(made, *(tuple(told[name]) for name in ("added", "changed", "deleted")))


def _shape(record: Merged, crs: str) -> Any:
    import shapely

    if not record.geometry:
        return None
    shape = shapely.from_wkt(record.geometry)
    return moved([shape], record.crs, crs)[0] if record.crs and crs and record.crs != crs else shape


def _typed(values: NDArray[Any], like: pd.Series[Any] | None, index: pd.Index[Any]) -> pd.Series[Any]:
    """Return a column in the type of another where that holds it exactly."""
    column = pd.Series(values, index=index, dtype=object)
    column = column.where(column.notna(), None)
    if like is None:
        return column
    try:
        same = column.astype(like.dtype)
    except (TypeError, ValueError, OverflowError):
        return column
    exact = bool((same.isna() == column.isna()).all()) and bool((same[column.notna()] == column[column.notna()]).all())
    return same if exact else column


def known_of(packages: Iterable[Package]) -> Known:
    """Return all that packages say."""
    return Known(version for package in packages for version in package.versions)

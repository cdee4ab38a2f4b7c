"""What the alarm engine is told of a project: whose channels, numbers of registers, neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from app.usecases.readings.readings import facilities_of, places_of
from models.alarms.facts import Facts
from models.alarms.judging.subjects import conditions, leaves
from models.alarms.rule import AlarmRule, Compare
from models.layers.layer import VectorData
from models.project.selection import ObjectKey

if TYPE_CHECKING:
    from app.session import Session

#: What a register holds as two columns: the depth of a manhole is its ground less its invert.
_DIFFERENCES: Mapping[str, tuple[str, str]] = {"depth_m": ("ground_m", "invert_m")}


def facts_of(session: Session, rules: Iterable[AlarmRule]) -> Facts:
    """Return what rules need to know of the open project.

    A number is taken from the column of that name of the device, else of its facility, else of an object that names the
    facility in ``component``.
    """
    devices, facilities = places_of(session), facilities_of(session)
    compared = [
        leaf for rule in rules for one in conditions(rule) for leaf in leaves(one) if isinstance(leaf, Compare)
    ]  # fmt: skip
    names = {leaf.fact for leaf in compared if leaf.fact}
    numbers = {name: _numbers(session, name, devices, facilities) for name in sorted(names)}
    kinds = {leaf.neighbour for leaf in compared if leaf.neighbour}
    neighbours = {kind: _nearest(session, facilities) for kind in kinds if kind in ("nearest", "same_class")}
    zone = session.project.state.operations.zone.name
    return Facts(facilities, numbers, neighbours, zone, kinds=_kinds(session, devices))


def _kinds(session: Session, devices: Mapping[int, ObjectKey]) -> dict[int, str]:
    """Return the kind of the device of each channel, where its layer says it."""
    frames = _frames(session)
    kinds = {layer: frame["kind"].to_dict() for layer, frame in frames.items() if "kind" in frame.columns}
    return {
        channel: str(kinds[key.layer][key.oid])
        for channel, key in devices.items()
        if key.layer in kinds and key.oid in kinds[key.layer]
    }


def _frames(session: Session) -> dict[str, pd.DataFrame]:
    found = {}
    for layer in session.project.state.layers:
        data = session.project.data.get(layer.id)
        if isinstance(data, VectorData):
            found[layer.id] = data.frame
    return found


def _column(frame: pd.DataFrame, name: str) -> pd.Series | None:
    if name in frame.columns:
        return pd.to_numeric(frame[name], errors="coerce")
    parts = _DIFFERENCES.get(name)
    if parts and all(part in frame.columns for part in parts):
        return pd.to_numeric(frame[parts[0]], errors="coerce") - pd.to_numeric(frame[parts[1]], errors="coerce")
    return None


def _numbers(
    session: Session, name: str, devices: Mapping[int, ObjectKey], facilities: Mapping[int, ObjectKey]
) -> dict[ObjectKey, float]:
    frames = _frames(session)
    columns = {layer: column for layer, frame in frames.items() if (column := _column(frame, name)) is not None}
    by_component: dict[str, float] = {}
    for layer, column in columns.items():
        if "component" in frames[layer].columns:
            named = frames[layer]["component"].notna() & column.notna()
            by_component |= dict(
                zip(frames[layer].loc[named, "component"].astype(str), column[named].astype(float), strict=True)
            )
    codes = _codes(session, facilities) if by_component else {}
    found: dict[ObjectKey, float] = {}
    for channel, key in facilities.items():
        for one in (devices.get(channel), key):
            column = None if one is None else columns.get(one.layer)
            if one is None or column is None or one.oid not in column.index:
                continue
            value = float(column.loc[one.oid])
            if np.isfinite(value):
                found.setdefault(key, value)
        if key not in found and codes.get(key) in by_component:
            found[key] = by_component[codes[key]]
    return found


def _codes(session: Session, facilities: Mapping[int, ObjectKey]) -> dict[ObjectKey, str]:
    """Return the business key of each facility that has one."""
    told: dict[ObjectKey, str] = {}
    for layer in {key.layer for key in facilities.values()}:
        keys = session.project.business_keys(layer)
        if keys is not None:
            told |= {ObjectKey(layer, oid): code for code, oid in keys.single().items()}
    return told


def _nearest(session: Session, facilities: Mapping[int, ObjectKey]) -> dict[ObjectKey, ObjectKey]:
    """Return the nearest other facility with channels, of each."""
    frames = _frames(session)
    keys = sorted(set(facilities.values()), key=lambda key: (key.layer, key.oid))
    points, held = [], []
    for key in keys:
        frame = frames.get(key.layer)
        shape = None if frame is None or key.oid not in frame.index else frame.geometry.loc[key.oid]
        if shape is not None and not shape.is_empty:
            points.append(shape.representative_point())
            held.append(key)
    if len(held) < 2:
        return {}
    near, other = shapely.STRtree(points).query_nearest(points, exclusive=True, all_matches=False)
    return {held[i]: held[j] for i, j in zip(near.tolist(), other.tolist(), strict=True)}

"""What was found at which object: from check records and from what results list.

An indicator that has check records is listed by them, by check item; any other by the problem objects of its result, by
reason. What neither speaks of was not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.core.column_texts import column_texts
from models.health.editions import Edition
from models.health.lists.rules import list_rules
from models.health.partition import yes_or_no
from models.health.results import IndicatorResult
from models.health.units.effect import UnitsInEffect
from models.layers.layer import LayerData, VectorData
from models.project.business_keys import GONE_OID, business_keys
from models.project.project import ProjectState

#: Columns of what was found.
COLUMNS = (
    "code", "item", "reason", "layer", "oid", "object_code", "object_name", "object_kind", "district", "severity",
    "checked_on", "checked_by", "note", "photo",
)  # fmt: skip
_RECORD_TEXTS = ("checked_on", "checked_by", "note", "photo")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a city.

    Parameters
    ----------
    rows : DataFrame
        One a finding, with :data:`COLUMNS`.
    looked_at : mapping of (str, str) to int
        How many objects were looked at, by indicator and code of the sub-district; ``""`` for the whole city.
    codes : frozenset of str
        Indicators that were looked at at all; of the others the lists stay as they are.
    recorded : frozenset of str
        Those of them that have check records: somebody was there.
    """

    rows: pd.DataFrame
    looked_at: Mapping[tuple[str, str], int]
    codes: frozenset[str]
    recorded: frozenset[str]


def found_in(state: ProjectState, data: Mapping[str, LayerData], book: Edition) -> Found:
    """Return what was found in the project's check records and results.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData
    book : Edition
        Whose indicators are listed.
    """
    records = _records(state, data, book)
    recorded = frozenset(records["code"].unique())
    results = [
        one for one in state.results if one.code in book.indicators and one.code not in recorded
        and one.city.value is not None
    ]  # fmt: skip
    parts = [_failing(records), *(_of_result(one, state, data) for one in results)]
    rows = pd.concat([part[list(COLUMNS)] for part in parts], ignore_index=True)
    looked = records.drop_duplicates(["code", "object_kind", "object_code"])
    by_place = looked.groupby(["code", "district"], as_index=False).size()
    counts = {(str(code), str(place)): int(n) for code, place, n in by_place.itertuples(index=False)}
    counts |= {(str(code), ""): int(n) for code, n in looked.groupby("code").size().items()}
    return Found(rows, counts, recorded | {one.code for one in results}, recorded)


def _records(state: ProjectState, data: Mapping[str, LayerData], book: Edition) -> pd.DataFrame:
    """Return the check records with the object, its name and its sub-district, one a row."""
    tables, in_effect = [], UnitsInEffect(state)
    for layer in state.with_role("check_records"):
        held = data.get(layer.id)
        if isinstance(held, VectorData) and {"object_code", "indicator", "found"} <= set(held.attributes.columns):
            tables.append(in_effect.led(pd.DataFrame(held.attributes), are_records=True))
    if not tables:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in (*COLUMNS, "found")})
    table = pd.concat(tables, ignore_index=True)
    made = pd.DataFrame(
        {
            "code": column_texts(table, "indicator"), "item": column_texts(table, "item"), "reason": "",
            "object_code": column_texts(table, "object_code"), "object_kind": column_texts(table, "object_kind"),
            "severity": _severity(table), "found": yes_or_no(table["found"]),
            **{name: column_texts(table, name) for name in _RECORD_TEXTS},
        }
    )  # fmt: skip
    known = made["code"].isin(list(book.indicators)) & made["object_code"].ne("") & made["found"].notna()
    made = made[known].reset_index(drop=True)
    kinds = [str(kind) for kind in made["object_kind"].unique()]
    places = {kind: _objects_of(kind, state, data) for kind in kinds}
    filled = [
        made[made["object_kind"] == kind].merge(places[kind], how="left", on="object_code") for kind in kinds
    ]  # fmt: skip
    whole = pd.concat(filled, ignore_index=True) if filled else made.reindex(columns=[*COLUMNS, "found"])
    texts = {name: whole[name].fillna("") for name in ("layer", "object_name", "district")}
    return whole.assign(**texts, oid=whole["oid"].fillna(GONE_OID).astype(np.int64))


def _failing(records: pd.DataFrame) -> pd.DataFrame:
    """Return the records that found something; of several of one item on one object the worst."""
    bad = records[records["found"].fillna(value=False).astype(bool)]
    bad = bad.sort_values(["severity", "checked_on"], ascending=False, kind="stable")
    return bad.drop_duplicates(["code", "item", "object_kind", "object_code"]).sort_index()


def _objects_of(kind: str, state: ProjectState, data: Mapping[str, LayerData]) -> pd.DataFrame:
    """Return the objects of a kind: code, key, name and sub-district; a code that stands twice names none."""
    parts = []
    for role in list_rules()["objects"].get(kind, ()):
        for layer in state.with_role(role):
            held = data.get(layer.id)
            field = "code" if isinstance(held, VectorData) and "code" in held.attributes.columns else ""
            keys = business_keys(held, field)
            if not isinstance(held, VectorData) or keys is None:
                continue
            parts.append(
                pd.DataFrame(
                    {
                        "object_code": keys.values, "layer": layer.id, "oid": keys.oids,
                        "object_name": column_texts(held.attributes, "name").to_numpy(),
                        "district": _districts(held, state, data),
                    }
                )
            )  # fmt: skip
    if not parts:
        return pd.DataFrame(
            {name: pd.Series(dtype=object) for name in ("object_code", "layer", "oid", "object_name", "district")}
        )
    table = pd.concat(parts, ignore_index=True)
    return table[table["object_code"].ne("") & ~table["object_code"].duplicated(keep=False)]


def _districts(held: VectorData, state: ProjectState, data: Mapping[str, LayerData]) -> np.ndarray:
    """Return the code of the sub-district of each object: as it says itself, else where it lies."""
    own = column_texts(UnitsInEffect(state).led(pd.DataFrame(held.attributes)), "district_code").to_numpy(
        dtype=object, copy=True
    )
    blank = own == ""
    frame = held.frame
    if not blank.any() or not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        return own
    for layer in state.with_role("districts"):
        units = data.get(layer.id)
        if (
            not isinstance(units, VectorData)
            or not isinstance(units.frame, gpd.GeoDataFrame)
            or units.frame.crs is None
        ):
            continue
        if "code" not in units.attributes.columns:
            continue
        shapes = units.frame.geometry.to_crs(frame.crs).to_numpy()
        codes = column_texts(units.attributes, "code").to_numpy(dtype=object)
        at = np.flatnonzero(blank & ~shapely.is_missing(frame.geometry.to_numpy()))
        points = shapely.point_on_surface(frame.geometry.to_numpy()[at])
        inside, unit = shapely.STRtree(shapes).query(points, predicate="intersects")
        first = np.unique(inside, return_index=True)[1]
        own[at[inside[first]]] = codes[unit[first]]
    return own


def _of_result(result: IndicatorResult, state: ProjectState, data: Mapping[str, LayerData]) -> pd.DataFrame:
    """Return the problem objects of a result."""
    problems, places = result.problems, {unit.unit_oid: unit.unit_code for unit in result.units}
    roles = {layer.id: layer.role for layer in state.layers}
    return pd.DataFrame(
        {
            "code": result.code, "item": "", "reason": [one.reason for one in problems],
            "layer": [one.key.layer for one in problems], "oid": [one.key.oid for one in problems],
            "object_code": [one.code or f"#{one.key.oid}" for one in problems],
            "object_name": [one.name for one in problems],
            "object_kind": [roles.get(one.key.layer, "") for one in problems],
            "district": [places.get(one.unit_oid, "") for one in problems],
            "severity": 0, "checked_on": "", "checked_by": "", "note": "", "photo": "",
        }
    )  # fmt: skip


def _severity(table: pd.DataFrame) -> pd.Series:
    if "severity" not in table.columns:
        return pd.Series(0, index=table.index)
    return pd.to_numeric(table["severity"], errors="coerce").fillna(0).clip(0, 5).round().astype(int)

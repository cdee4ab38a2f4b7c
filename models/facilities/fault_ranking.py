"""Components of a class or a state as rows that are sorted, filtered and added up, the most urgent first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from models.facilities.coding.editions import NO_CLASS, Edition
from models.facilities.register import NAME_FIELDS, classes_of, field_of, states, status_of
from models.query.ranking import Ranking, ranking_of

#: Columns that may say since when a state holds, the place, the sub-district and the code, best first.
SINCE_FIELDS = ("CHDate", "state_date", "changed_on", "ORDate")
PLACE_FIELDS = ("LocateDSC", "address", "place")
DISTRICT_FIELDS = ("district_code", "BGID")
CODE_FIELDS = ("ObjID", "code", "objid", "objcode")


def ranked_components(
    tables: Sequence[tuple[str, pd.DataFrame, Edition]],
    lang: str,
    class_key: str = "",
    state: str = "",
    districts: Mapping[str, str] | None = None,
) -> Ranking:
    """Return components, the most severe state first, then by class and code.

    Columns: ``name``, ``state``, ``class``, ``code``, ``district``, ``place`` and ``since`` (ISO date of the last
    change of the register, empty where it says none).

    Parameters
    ----------
    tables : sequence of (layer id, DataFrame, Edition)
    lang : {"zh", "en"}
    class_key : str
        :attr:`FacilityClass.key` of the class; empty for every class.
    state : str
        Id of the state; empty for every state that is a fault.
    districts : mapping of str to str, optional
        Name of a sub-district by its code; a component is of the one whose code its own begins with.
    """
    wanted = [state] if state else [one.id for one in states().values() if one.severity > 1]
    named = {one.id: one.title(lang) for one in states().values()}
    parts: list[pd.DataFrame] = []
    for layer_id, table, edition in tables:
        status, kind = status_of(table).astype(str), classes_of(table, edition).astype(str)
        hit = np.isin(status, wanted)
        if class_key:
            hit &= kind == next((one.code for one in edition.classes.values() if one.key == class_key), None)
        rows = np.flatnonzero(hit)
        few = table.iloc[rows]
        kinds = kind[rows]
        parts.append(
            pd.DataFrame(
                {
                    "layer": layer_id,
                    "oid": few.index.to_numpy(np.int64),
                    "status": status[rows],
                    "class": [edition.classes.get(one, NO_CLASS).title(lang) for one in kinds.tolist()],
                    "name": _texts(few, NAME_FIELDS),
                    "code": _texts(few, CODE_FIELDS),
                    "district": district_texts(few, districts or {}),
                    "place": _texts(few, PLACE_FIELDS),
                    "since": _dates(few),
                }
            )
        )
    if not parts:
        return ranking_of([], [], {name: np.zeros(0, dtype=object) for name in
                                   ("name", "state", "class", "code", "district", "place", "since")})  # fmt: skip
    every = pd.concat(parts, ignore_index=True)
    severity = every["status"].map({one.id: -one.severity for one in states().values()})
    order = np.lexsort((every["code"].to_numpy(str), every["class"].to_numpy(str), severity.to_numpy()))
    every = every.iloc[order]
    every["state"] = every["status"].map(named)
    every["name"] = every["name"].where(every["name"] != "", every["class"])
    columns = {name: every[name].to_numpy(dtype=object)
               for name in ("name", "state", "class", "code", "district", "place", "since")}  # fmt: skip
    return ranking_of(every["layer"].to_numpy(object), every["oid"].to_numpy(np.int64), columns)


def _texts(table: pd.DataFrame, fields: tuple[str, ...]) -> Any:
    field = field_of(table, fields)
    if field is None:
        return np.full(len(table), "", dtype=object)
    return np.where(table[field].notna(), table[field].astype("str"), "").astype(object)


def _dates(table: pd.DataFrame) -> Any:
    field = field_of(table, SINCE_FIELDS)
    if field is None:
        return np.full(len(table), "", dtype=object)
    read = pd.to_datetime(table[field], errors="coerce", format="mixed")
    return np.where(read.notna(), read.dt.strftime("%Y-%m-%d"), "").astype(object)


def district_texts(table: pd.DataFrame, districts: Mapping[str, str]) -> Any:
    """Return the names of sub-districts by their code, the code itself where no sub-district has it."""
    codes = _texts(table, DISTRICT_FIELDS)
    lengths = sorted({len(code) for code in districts}, reverse=True)

    def name(code: str) -> str:
        return next((districts[code[:n]] for n in lengths if code[:n] in districts), code)

    named = {code: name(code) for code in set(codes.tolist())}
    return np.array([named[code] for code in codes.tolist()], dtype=object)

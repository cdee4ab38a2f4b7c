"""How many objects fail what was looked at on site: buildings with hazards, estates without something, roads, quarters.

An object counts as checked if a record of the indicator says whether something was found; it fails if one of its check
items was found. Of an item that was looked at more than once the latest record holds, of several of one day the one
that found something.

Parameters: ``role`` and ``kind``, the layer of the objects and the ``object_kind`` of their records; ``among``,
conditions on what counts at all; ``pieces``, whether rows of one code are pieces of one object (a road);
``fails``, conditions under which an object without a record fails by its own
fields; ``reason``, by which such an object is listed.

A check unit fails if one of the communities in it does, and counts as checked if one fails or all were looked at.

Records that name an item of another indicator, or an object that is not there, count nowhere and are said.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.core.table_columns import numbers
from models.facilities.register.column_values import moments_in
from models.health.editions import IndicatorDef, Threshold
from models.health.partition import MEMBER, MEMBERS, Measured, Method, Need, Partition, object_texts, objects, yes_or_no
from models.health.registers.conditions import NO, UNKNOWN, YES, answers, fields
from models.health.registers.conditions import needs as needs_of
from models.health.registers.placing import PLACE_FIELDS, homes, points_in, within
from models.health.registers.rules import (
    around,
    condition_thresholds,
    extent_of,
    extent_remark,
    reads_with_extent,
    rules_of,
    used_of,
)  # fmt: skip

RECORDS = "check_records"
RECORD_FIELDS = ("object_code", "object_kind", "indicator", "item", "found", "severity", "checked_on")
#: How many names of what is left out are given.
NAMED = 5


def measure(partition: Partition, definition: IndicatorDef) -> Measured:
    """Return by unit the objects that fail and those that were looked at."""
    rules, extent = rules_of(definition), extent_of(definition, partition)
    frame, asked = partition.frames[rules["role"]], around(rules, partition)
    name = _names(frame)
    first = _largest_of_each(frame, name) if rules.get("pieces", False) else np.ones(len(frame), dtype=bool)
    member = answers(rules.get("among", ()), frame, asked)
    found, remarks = _found(partition.frames.get(RECORDS), definition, str(rules["kind"]), name, name[member != NO])
    fails = found["fails"].reindex(name).fillna(UNKNOWN).to_numpy().astype(np.uint8)
    from_records = fails != UNKNOWN
    own = answers(rules["fails"], frame, asked) if "fails" in rules else np.full(len(frame), UNKNOWN)
    fails = np.where(from_records, fails, own)
    is_object = first & ((member == YES) | ((member == UNKNOWN) & from_records))  # who records one, knows what it is
    home = homes(frame, partition)
    if extent is not None:
        home = np.where(within(frame, extent), home, -1)
    mine = partition.counts(home)
    known = is_object & (fails != UNKNOWN) & mine
    bad, good = np.flatnonzero(known & (fails == YES)), np.flatnonzero(known & (fails == NO))

    def tally(chosen: Any) -> Any:
        return np.bincount(home[chosen], minlength=len(partition.units)).astype(float)

    items = found["items"].reindex(name).to_numpy(np.float64)
    severity = found["severity"].reindex(name).fillna(0.0).to_numpy(np.float64)
    reasons = np.where(from_records, "check_failed", rules.get("reason", "check_failed")).astype(object)
    used = {rules["role"]: used_of(frame, known)}
    if len(found.attrs["used"]):
        used[RECORDS] = found.attrs["used"]
    return Measured(
        tally(bad),
        tally(known),
        seen=tally(first & (member != NO) & mine),
        good=objects(frame, good, home[good], "check_passed"),
        bad=objects(frame, bad, home[bad], reasons[bad], items[bad], severity[bad], loss=1.0),
        used=used,
        remarks=(*extent_remark(definition, extent), *remarks, *_again(name[first & (member != NO)])),
    )


def _names(frame: pd.DataFrame) -> NDArray[np.object_]:
    """Return by what records name each object: its code, or its name where it has none."""
    texts = object_texts(frame)
    return np.asarray(np.where(texts["code"] != "", texts["code"], texts["name"]), dtype=object)


def _largest_of_each(frame: pd.DataFrame, name: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return one row for each object: of several of one code (pieces of a road) the largest."""
    shapes = np.asarray(frame["_shape"], dtype=object)
    points = points_in(shapes)
    order = np.lexsort((shapely.get_y(points), shapely.get_x(points), -shapely.length(shapes)))
    again = pd.Series(name[order]).duplicated().to_numpy() & (name[order] != "")
    first = np.ones(len(frame), dtype=bool)
    first[order[again]] = False
    return first


def _found(
    records: pd.DataFrame | None, definition: IndicatorDef, kind: str, there: Any, count_here: Any
) -> tuple[pd.DataFrame, tuple[Threshold, ...]]:
    """Return by object what its records say, and which records say nothing.

    Returns
    -------
    DataFrame
        By object: ``fails`` (yes, no or unknown), ``items`` found and the greatest ``severity`` of them. Its attribute
        ``used`` has the keys of the records.
    tuple of Threshold
    """
    every = pd.DataFrame(columns=[*RECORD_FIELDS, "_layer", "_oid"]) if records is None else records
    every = every.reindex(columns=[*RECORD_FIELDS, MEMBER, MEMBERS, "_layer", "_oid"])
    members = every[MEMBER] if every[MEMBER].notna().all() else every["object_code"]
    texts = {name: _text(every[name]) for name in ("object_code", "object_kind", "indicator", "item")}
    of_ours = (texts["indicator"] == definition.code) & np.isin(texts["object_kind"], ("", kind))
    known_items = [item.id for item in definition.check_items]
    is_item = np.isin(texts["item"], known_items) | (not known_items)
    codes = pd.Series(texts["object_code"], dtype=object)  # pandas hashes; NumPy would compare each with each
    is_there, counts = (codes.isin(names).to_numpy(bool) for names in (there, count_here))
    said = yes_or_no(every["found"])
    holds = of_ours & is_item & counts & said.notna().to_numpy(bool)
    rows = pd.DataFrame(
        {
            "object": texts["object_code"], "item": texts["item"], "found": said.fillna(False).to_numpy(bool),
            "severity": numbers(every, "severity"), "on": moments_in(every["checked_on"]).to_numpy(),
            "member": _text(members),
            "members": numbers(every, MEMBERS),
        }
    )[holds]  # fmt: skip
    rows = rows.sort_values(["on", "found", "severity"], na_position="first", kind="stable")
    rows = rows.drop_duplicates(["object", "member", "item"], keep="last")
    usual = {item.id: float(item.severity) for item in definition.check_items}
    rows = rows.assign(severity=rows["severity"].fillna(rows["item"].map(usual)).where(rows["found"]))
    groups = rows.groupby("object")
    fails, is_whole = groups["found"].any(), groups["member"].nunique() >= groups["members"].max().fillna(1)
    table = pd.DataFrame(
        {
            "fails": fails.map({True: YES, False: NO}).where(fails | is_whole, UNKNOWN).astype(np.uint8),
            "items": groups["found"].sum().astype(float),
            "severity": groups["severity"].max().astype(float),
        }
    )
    table.attrs["used"] = used_of(every, holds)
    remarks = (
        _left_out("records_of_unknown_items", texts["item"], of_ours & ~is_item),
        _left_out("records_of_unknown_objects", texts["object_code"], of_ours & ~is_there),
        _left_out("records_of_other_objects", texts["object_code"], of_ours & is_there & ~counts),
    )
    return table, tuple(chain.from_iterable(remarks))


def _again(names: NDArray[np.object_]) -> tuple[Threshold, ...]:
    """Return that several objects have one code, so that a record speaks of all of them."""
    told = pd.Series(names[names != ""])
    return _left_out("codes_not_unique", told.to_numpy(object), told.duplicated(keep=False).to_numpy(bool))


def _left_out(code: str, names: NDArray[np.object_], chosen: NDArray[np.bool_]) -> tuple[Threshold, ...]:
    """Return how many records or objects one remark is about, and the first of what they name."""
    if not chosen.any():
        return ()
    first = ", ".join(sorted(set(names[chosen]))[:NAMED])
    return (Threshold(code, {"count": int(np.count_nonzero(chosen)), "names": first}),)


def _text(column: pd.Series[Any]) -> NDArray[np.object_]:
    return column.astype("str").where(column.notna(), "").str.strip().to_numpy(object)


def thresholds(definition: IndicatorDef) -> list[Threshold]:
    """Return which objects count, when one fails, and that the latest record of an item holds."""
    return [*condition_thresholds(definition, "fails"), Threshold("latest_record", {})]


def reads(definition: IndicatorDef) -> Mapping[str, tuple[str, ...]]:
    """Return the fields of the conditions, of the records, and of where an object is."""
    rules = rules_of(definition)
    role = rules["role"]
    found = fields((*rules.get("among", ()), *rules.get("fails", ())), role)
    found[role] = tuple(dict.fromkeys((*found[role], *PLACE_FIELDS)))
    return reads_with_extent(definition, found) | {RECORDS: RECORD_FIELDS}


def needs(definition: IndicatorDef) -> list[Need]:
    """Return what tells which objects count; and the records, or the fields that tell the same."""
    rules = rules_of(definition)
    found = list(needs_of(rules.get("among", ()), rules["role"]))
    if "fails" not in rules:
        return [*found, Need(RECORDS, ("found",)), Need(RECORDS, ("object_code",)),
                Need(RECORDS, ("indicator",), (definition.code,))]  # fmt: skip
    told = {need.fields for need in found}
    own = (need for need in needs_of(rules["fails"], rules["role"]) if need.fields not in told)
    return [*found, *(Need(need.role, need.fields, need.known, need.may_be_empty, RECORDS) for need in own)]


METHOD = Method(measure, thresholds, reads, needs=needs)

"""What a register comes to: how many of its objects meet a condition, their share, or their sum.

Parameters: ``role``, the register; ``among``, conditions on what counts at all; ``counted``, conditions on what is
counted of that (:mod:`models.health.registers.conditions`); ``amount``, what an object weighs: ``"one"``,
``"length_km"`` or the name of a field; ``part``, a field that tells how much of the object is counted; ``per``,
``"amount"`` (of what was looked at) or ``"area_km2"`` (of the unit's land); ``bad`` and ``good``, the reasons by which
objects are listed: ``counted`` and ``others``.

An object of which somebody does not say whether it counts stands on neither side and lowers the coverage.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from models.core.table_columns import numbers
from models.health.coverage import Floats
from models.health.editions import IndicatorDef, Threshold
from models.health.partition import Measured, Method, Need, Partition, no_objects, objects
from models.health.registers.conditions import NO, UNKNOWN, YES, answers, fields
from models.health.registers.conditions import needs as needs_of
from models.health.registers.placing import (
    PLACE_FIELDS,
    Spread,
    homes,
    is_placed,
    largest,
    lengths_km,
    within,
)  # fmt: skip
from models.health.registers.rules import (
    BUILT_UP,
    around,
    condition_thresholds,
    extent_of,
    extent_remark,
    reads_with_extent,
    rules_of,
    used_of,
)  # fmt: skip

ONE, LENGTH, AREA = "one", "length_km", "area_km2"


def measure(partition: Partition, definition: IndicatorDef) -> Measured:
    """Return by unit what is counted and what was looked at."""
    rules, extent = rules_of(definition), extent_of(definition, partition)
    frame = partition.frames[rules["role"]]
    asked = around(rules, partition)
    member = answers(rules.get("among", ()), frame, asked)
    counted = answers(rules.get("counted", ()), frame, asked)
    amount, part = _amounts(rules, frame)
    is_count = definition.form == "count"
    told = np.isfinite(part) if is_count else np.isfinite(part) & np.isfinite(amount)
    known = (member == YES) & (counted != UNKNOWN) & told
    # What surely is not counted adds nothing to a count, whether it is one of the objects or not.
    possible = (member != NO) & ((member == YES) | (counted != NO) | (not is_count))

    spread, home = _spread(rules, frame, partition, extent)
    chosen = known & (counted == YES)
    numerator = _weighed(spread, np.where(chosen, part, 0.0)).by_unit(chosen, partition)
    everything, seen = spread.by_unit(known | possible, partition), spread.by_unit(known, partition)
    if rules.get("per") == AREA:
        denominator = _land_km2(partition, extent)
    elif is_count and rules.get("amount", ONE) not in (ONE, LENGTH, *frame.columns):
        denominator = seen
    else:
        denominator = _weighed(spread, np.nan_to_num(amount)).by_unit(known, partition)
    with np.errstate(invalid="ignore", divide="ignore"):
        in_all = np.where(everything > seen, denominator * everything / seen, denominator)
    in_all = np.where(denominator > 0, in_all, everything - seen)
    whole = _weighed(spread, np.nan_to_num(part)).by_thing(len(frame))
    missed = _weighed(spread, np.nan_to_num(amount)).by_thing(len(frame)) - (whole if "part" in rules else 0.0)
    mine = partition.counts(home)
    placed = is_placed(frame, home)
    lost = int(np.count_nonzero((member != NO) & ~placed))
    used = {rules["role"]: used_of(frame, known & mine)}
    if extent is not None:
        used[BUILT_UP] = used_of(partition.frames[BUILT_UP], np.ones(len(partition.frames[BUILT_UP])))
    return Measured(
        numerator,
        denominator,
        factor=100.0 if definition.unit == "%" else 1.0,
        seen=in_all,
        bad=_listed(rules, "bad", frame, home, mine & known, counted, whole, missed),
        good=_listed(rules, "good", frame, home, mine & known, counted, whole, missed),
        used=used,
        remarks=(*extent_remark(definition, extent), *_lost(rules["role"], lost)),
    )


def _amounts(rules: Mapping[str, Any], frame: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return what each object weighs, and how much of that is counted if it is."""
    amount = rules.get("amount", ONE)
    weights = np.ones(len(frame)) if amount in (ONE, LENGTH) else numbers(frame, amount)
    if "part" not in rules:
        return weights, weights
    part = numbers(frame, rules["part"])
    if rules.get("is_part", False):  # more than the whole is a contradiction, and tells nothing
        part = np.where(part > weights, np.nan, part)
    return weights, part


def _spread(rules: Mapping[str, Any], frame: pd.DataFrame, partition: Partition, extent: Any) -> tuple[Spread, Any]:
    """Return where the objects are: whole, each in one unit, or by the length in each; and the unit of each."""
    if rules.get("amount") == LENGTH:
        spread = lengths_km(frame, partition, extent)
        return spread, largest(spread, len(frame))
    home = homes(frame, partition)
    if extent is not None:
        home = np.where(within(frame, extent), home, -1)
    thing = np.flatnonzero(home >= 0)
    return Spread(thing, home[thing], np.ones(len(thing))), home


def _weighed(spread: Spread, weights: Floats) -> Spread:
    return Spread(spread.thing, spread.unit, spread.amount * weights[spread.thing])


def _land_km2(partition: Partition, extent: Any) -> Floats:
    land = partition.shapes if extent is None else shapely.intersection(partition.shapes, shapely.union_all(extent))
    return partition.only(shapely.area(land) / 1e6)


def _listed(
    rules: Mapping[str, Any],
    side: str,
    frame: pd.DataFrame,
    home: Any,
    mine: Any,
    counted: Any,
    whole: Any,
    missed: Any,
) -> pd.DataFrame:
    """Return the objects of one side: those that are counted, or the others."""
    row = rules.get(side)
    if not row:
        return no_objects()
    is_counted = row["of"] == "counted"
    loss = whole if is_counted else missed
    if "part" in rules:  # an object can have a part on either side
        at = np.flatnonzero(mine & (counted == YES) & (loss > 0))
    else:
        at = np.flatnonzero(mine & ((counted == YES) == is_counted))
    loss = loss[at]
    return objects(frame, at, home[at], row["reason"], loss, loss, loss=loss)


def _lost(role: str, count: int) -> tuple[Threshold, ...]:
    return (Threshold("register_unplaced", {"role": role, "count": count}),) if count else ()


def thresholds(definition: IndicatorDef) -> list[Threshold]:
    """Return which objects count, and which of them are counted."""
    return condition_thresholds(definition)


def reads(definition: IndicatorDef) -> dict[str, tuple[str, ...]]:
    """Return the fields of the conditions, of the amounts, and of where a row is."""
    rules = rules_of(definition)
    role = rules["role"]
    found = fields((*rules.get("among", ()), *rules.get("counted", ())), role)
    own = [rules[name] for name in ("amount", "part") if rules.get(name, ONE) not in (ONE, LENGTH)]
    found[role] = tuple(dict.fromkeys((*found[role], *own, *PLACE_FIELDS)))
    return reads_with_extent(definition, found)


def needs(definition: IndicatorDef) -> list[Need]:
    """Return what tells which objects count, and how much they are."""
    rules = rules_of(definition)
    role = rules["role"]
    found = list(needs_of((*rules.get("among", ()), *rules.get("counted", ())), role))
    names = ("part",) if definition.form == "count" and "part" in rules else ("amount", "part")
    told = {need.fields[0] for need in found if need.role == role}
    own = (rules[name] for name in names if rules.get(name, ONE) not in (ONE, LENGTH))
    return [*found, *(Need(role, (name,)) for name in dict.fromkeys(own) if name not in told)]


METHOD = Method(measure, thresholds, reads, needs=needs)

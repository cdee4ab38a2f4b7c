"""How many places are missing: what estates need less what they have, never below nothing in an estate.

What one estate has too much does not help the next, so the sum is over the estates that lack something. Where nobody
knows what is needed, a usual need (a space a household) is assumed if the edition has one, and said; else the estate is
unknown and lowers the coverage.

Parameters: ``demand``, the field of what is needed; ``usual``, a field that stands for it, times ``usual_share``;
``supply``, the field of what is there. With ``places``, what is there is the ``capacity`` of amenities of some kinds,
given to the estates that they serve: those that ``community_code`` names, else that in which they stand. A school for
several estates is shared by what each of them needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from models.core.table_columns import numbers
from models.health import coverage
from models.health.coverage import Floats
from models.health.editions import IndicatorDef, Threshold
from models.health.partition import Measured, Method, Need, Partition, object_texts, objects
from models.health.registers.conditions import NO, UNKNOWN, answers, fields
from models.health.registers.conditions import needs as needs_of
from models.health.registers.placing import homes, points_in
from models.health.registers.rules import around, rules_of, used_of

ROLE = "communities"


def measure(partition: Partition, definition: IndicatorDef) -> Measured:
    """Return by unit what is missing and what is needed."""
    rules = rules_of(definition)
    frame = partition.frames[ROLE]
    demand = numbers(frame, rules["demand"])
    assumed = np.zeros(len(frame), dtype=bool)
    if "usual" in rules:
        usual = numbers(frame, rules["usual"]) * float(rules.get("usual_share", 1.0))
        assumed = np.isnan(demand) & np.isfinite(usual)
        demand = np.where(assumed, usual, demand)
    used: dict[str, pd.DataFrame] = {}
    if "places" in rules:
        supply, used["amenities"] = _places(rules, frame, partition, demand)
    else:
        supply = numbers(frame, rules["supply"])
    home = homes(frame, partition)
    mine = partition.counts(home)
    known = np.isfinite(demand) & np.isfinite(supply) & mine
    lacking = np.where(known, np.maximum(np.nan_to_num(demand) - np.nan_to_num(supply), 0.0), 0.0)

    def sums(values: Any, chosen: Any) -> Floats:
        return np.bincount(home[chosen], weights=values[chosen], minlength=len(partition.units)).astype(np.float64)

    needed, ones = sums(np.nan_to_num(demand), known), np.ones(len(frame))
    all_estates, told = sums(ones, mine), sums(ones, known)
    with np.errstate(invalid="ignore", divide="ignore"):
        seen = np.where(needed > 0, needed * all_estates / told, all_estates - told)
    short, enough = np.flatnonzero(known & (lacking > 0)), np.flatnonzero(known & (lacking <= 0))
    count = int(np.count_nonzero(assumed))
    remark = Threshold("assumed_need", {"count": count, "field": rules.get("usual", ""),
                                        "share": float(rules.get("usual_share", 1.0))})  # fmt: skip
    return Measured(
        sums(lacking, known),
        needed,
        seen=seen,
        good=objects(frame, enough, home[enough], "no_shortfall"),
        bad=objects(frame, short, home[short], "shortfall", lacking[short], lacking[short], loss=lacking[short]),
        used=used | {ROLE: used_of(frame, known)},
        remarks=(remark,) if count else (),
    )


def _places(
    rules: Mapping[str, Any], frame: pd.DataFrame, partition: Partition, demand: Floats
) -> tuple[Floats, pd.DataFrame]:
    """Return the places that each estate has; unknown where the capacity of something that serves it is."""
    amenities = partition.frames["amenities"]
    meant = answers(rules["places"], amenities, around(rules, partition)) != NO
    asked = amenities[meant].reset_index(drop=True)
    sure = answers(rules["places"], asked, around(rules, partition)) != UNKNOWN
    capacity = np.where(sure, numbers(asked, "capacity"), np.nan)
    codes = pd.Series(object_texts(frame)["code"])
    at = coverage.district_of(points_in(asked["_shape"]), coverage.polygons(frame["_shape"]))
    named = asked["community_code"] if "community_code" in asked.columns else pd.Series("", index=asked.index)
    links = pd.DataFrame({"school": asked.index, "code": named.astype("str").str.split(r"[,;，；、\s]+", regex=True)})
    links = links.explode("code")
    where = codes[codes != ""].drop_duplicates()
    links["estate"] = pd.Index(where).get_indexer(pd.Index(links["code"].fillna("")))
    links["estate"] = np.where(links["estate"] >= 0, where.index.to_numpy()[links["estate"]] if len(where) else -1, -1)
    links = links[links["estate"] >= 0]
    rest = np.flatnonzero(~np.isin(asked.index, links["school"]) & (at >= 0))
    links = pd.concat([links, pd.DataFrame({"school": rest, "estate": at[rest]})]).astype(
        {"school": int, "estate": int}
    )
    need = np.nan_to_num(demand)[links["estate"]]
    of_school = pd.Series(need).groupby(links["school"].to_numpy()).transform("sum").to_numpy()
    served = pd.Series(1.0, index=range(len(links))).groupby(links["school"].to_numpy()).transform("sum").to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(of_school > 0, need / of_school, 1.0 / served)
    given = capacity[links["school"]] * share
    supply = np.bincount(links["estate"], weights=np.nan_to_num(given), minlength=len(frame)).astype(np.float64)
    supply[links["estate"][np.isnan(given)]] = np.nan
    return supply, used_of(asked, np.isfinite(capacity))


def thresholds(definition: IndicatorDef) -> list[Threshold]:
    """Return that what one estate has too much does not help another, and what is assumed."""
    rules = rules_of(definition)
    found = [Threshold("shortfall_by_estate", {"demand": rules["demand"], "supply": rules.get("supply", "capacity")})]
    if "places" in rules:
        found.append(Threshold("places_shared", {}))
    return found


def reads(definition: IndicatorDef) -> Mapping[str, tuple[str, ...]]:
    """Return the fields of demand and supply."""
    rules = rules_of(definition)
    own = [rules[name] for name in ("demand", "usual", "supply") if name in rules]
    found = {ROLE: tuple(own)}
    if "places" in rules:
        kinds = fields(rules["places"], "amenities")["amenities"]
        found["amenities"] = (*kinds, "capacity", "community_code")
    return found


def needs(definition: IndicatorDef) -> list[Need]:
    """Return demand (or what stands for it) and supply."""
    rules = rules_of(definition)
    demand = (rules["demand"], rules["usual"]) if "usual" in rules else (rules["demand"],)
    found = [Need(ROLE, demand)]
    if "places" in rules:
        return [*found, *needs_of(rules["places"], "amenities"), Need("amenities", ("capacity",))]
    return [*found, Need(ROLE, (rules["supply"],))]


METHOD = Method(measure, thresholds, reads, needs=needs)

"""Estates (小区/社区) that lack a facility, or have too small a one: elderly care, infant care, kindergarten, grounds.

How an estate is judged, by the parameters of the indicator:

1. It has what says in ``community_code`` that it serves it, else what lies in it.
2. An estate of more than ``people_own`` people needs its own. A smaller one shares with the estate that has the nearest
   one within ``share_m`` of it, and then that has to do for both: what several small estates share is held against all
   of them together, so that nothing is counted twice.
3. What serves more than ``people_full`` people has to be so many times as many and as large.
4. Each of the ``parts`` has to be there and large enough (``least``): in estates built from ``new_from_year`` on after
   ``new``, else after ``old``, by number of people (``from_people``) where the edition grades it. In old estates
   several small places add up; in new ones one of them has to be large enough by itself.
5. A facility of a higher level (``higher``: by its size) within ``higher_m`` of the estate makes up for what it lacks.

An estate whose people nobody counted, or where it depends on a size or a year that nobody told, is not judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.health import coverage
from models.health.coverage import Floats, Geometries, Ints
from models.health.editions import IndicatorDef, Threshold
from models.health.partition import (
    NO_UNIT,
    Measured,
    Method,
    Need,
    Partition,
    has_value,
    numbers,
    objects,
    tally,
    yes_or_no,
)

#: Field of a place's own area, which its shape tells where nobody wrote it down.
SITE_AREA = "site_area_m2"
FAILS, UNKNOWN, MEETS = 0, 1, 2

Verdicts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Places:
    """The facilities of one part.

    Parameters
    ----------
    frame : DataFrame
    shapes : ndarray of geometry
    home : ndarray of int
        The estate that each serves, -1 for none.
    sizes : mapping of str to ndarray
        By field, NaN where nobody says.
    """

    frame: pd.DataFrame
    shapes: Geometries
    home: Ints
    sizes: Mapping[str, Floats]


def measure(partition: Partition, definition: IndicatorDef) -> Measured:
    """Return estates that fail and estates that were judged by unit; problems are those that fail."""
    rules = definition.parameters
    estates = partition.frames["communities"]
    shapes, people = coverage.polygons(estates["_shape"]), numbers(estates, "population")
    year = numbers(estates, "built_year")
    verdict, reason = np.full(len(estates), MEETS), np.full(len(estates), "", dtype=object)
    used: dict[str, list[pd.DataFrame]] = {"communities": [estates]}
    good = []
    for part in rules["parts"]:
        places = _places(partition.frames, part, estates, shapes)
        found, missing = _judged(places, part, shapes, people, year, rules)
        reason[(found == FAILS) & (reason == "")] = f"{part['name']}_small"
        reason[(found == FAILS) & missing] = f"{part['name']}_missing"
        verdict = np.minimum(verdict, found)
        for role, rows in places.frame.groupby("_role", sort=False):
            used.setdefault(str(role), []).append(rows)
        good.append(objects(places.frame, np.arange(len(places.frame)), NO_UNIT, "site"))
    unit = coverage.district_of(shapely.point_on_surface(shapes), partition.shapes)
    here, count = partition.counts(unit), len(partition.units)
    bad, fine = np.flatnonzero(here & (verdict == FAILS)), np.flatnonzero(here & (verdict == MEETS))
    return Measured(
        tally(unit, bad, count),
        tally(unit, here & (verdict != UNKNOWN), count),
        seen=tally(unit, here, count),
        good=pd.concat([objects(estates, fine, unit[fine], "estate_meets"), *good], ignore_index=True).drop_duplicates(
            ["layer", "oid"], ignore_index=True
        ),
        bad=objects(estates, bad, unit[bad], reason[bad], people[bad], people[bad], loss=1.0),
        used={role: pd.concat(rows).drop_duplicates(["_layer", "_oid"]) for role, rows in used.items()},
    )


def _places(
    frames: Mapping[str, pd.DataFrame], part: Mapping[str, Any], estates: pd.DataFrame, shapes: Geometries
) -> Places:
    """Return the facilities that count for a part; closed ones and those of unknown kind do not."""
    chosen = []
    for source in part["from"]:
        every = frames.get(source["role"])
        if every is None or "kind" not in every.columns:
            continue
        counts = every["kind"].isin(source["kinds"]).to_numpy(dtype=bool)
        rows = every.iloc[np.flatnonzero(counts & _open(every) if source.get("open") else counts)]
        chosen.append(rows.assign(_role=source["role"]))
    frame = pd.concat(chosen, ignore_index=True) if chosen else _no_places()
    places = np.asarray(frame["_shape"], dtype=object)
    there = ~shapely.is_missing(places)
    frame, places = frame[there].reset_index(drop=True), shapely.force_2d(places[there])
    home = coverage.district_of(shapely.point_on_surface(places), shapes)
    if "community_code" in frame.columns and "code" in estates.columns:
        known = has_value(estates["code"])
        row_of = pd.Series(np.arange(len(estates))[known], estates["code"][known].astype("str").str.strip())
        told = frame["community_code"].astype("str").str.strip().map(row_of[~row_of.index.duplicated()])
        home = told.fillna(pd.Series(home, frame.index)).to_numpy(np.int64)
    names = {name for rule in (*part.get("old", ()), *part.get("new", ())) for name in rule["least"]}
    names |= set(part.get("higher", {}))
    sizes = {name: numbers(frame, name) for name in sorted(names)}
    if SITE_AREA in sizes:
        area_m2 = shapely.area(places)
        sizes[SITE_AREA] = np.where(np.isnan(sizes[SITE_AREA]) & (area_m2 > 0), area_m2, sizes[SITE_AREA])
    return Places(frame, places, home, sizes)


def _open(rows: pd.DataFrame) -> Any:
    if "open_to_public" not in rows.columns:
        return np.zeros(len(rows), dtype=bool)
    return yes_or_no(rows["open_to_public"]).fillna(False).to_numpy(dtype=bool)


def _no_places() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=object) for name in ("_layer", "_oid", "_shape", "_role", "kind")})


def _judged(
    places: Places, part: Mapping[str, Any], shapes: Geometries, people: Floats, year: Floats, rules: Mapping[str, Any]
) -> tuple[Verdicts, NDArray[np.bool_]]:
    """Return the verdict on each estate for one part, and whether there is no facility for it at all."""
    count = len(shapes)
    served = np.arange(count)  # the estate whose facilities each uses
    has = np.bincount(places.home[places.home >= 0], minlength=count) > 0
    sharers = np.flatnonzero((people <= rules["people_own"]) & ~has)
    of_somebody = np.flatnonzero(places.home >= 0)
    if len(sharers) and len(of_somebody):
        at, place = shapely.STRtree(places.shapes[of_somebody]).query_nearest(
            shapes[sharers], max_distance=rules["share_m"], all_matches=False
        )
        served[sharers[at]] = places.home[of_somebody[place]]
    load = np.bincount(served, np.nan_to_num(people), minlength=count).astype(np.float64)
    unknown_load = np.bincount(served[np.isnan(people)], minlength=count) > 0
    old = _enough(places, part["old"], load, rules, dispersed=True)
    new = _enough(places, part["new"], load, rules, dispersed=False)
    is_new = year >= rules["new_from_year"]
    # Of an estate without a year only what holds either way is known.
    found = np.where(np.isnan(year), np.where(old == new, old, UNKNOWN), np.where(is_new, new, old))
    found = np.where(unknown_load & (found != FAILS), UNKNOWN, found)
    found, missing = found[served], ~has[served]
    near, unsure = _higher(places, part, shapes)
    found = np.where(near, MEETS, np.where(unsure & (found == FAILS), UNKNOWN, found))
    return np.where(np.isnan(people), UNKNOWN, found).astype(np.int64), missing & ~near


def _enough(
    places: Places,
    tiers: Sequence[Mapping[str, Any]],
    load: Floats,
    rules: Mapping[str, Any],
    *,
    dispersed: bool,
) -> Verdicts:
    """Return whether what lies in each estate is enough for so many people.

    Parameters
    ----------
    tiers : sequence of mapping
        ``from_people`` and ``least`` by field; the last whose number of people is reached holds.
    dispersed : bool
        Whether several places add up.
    """
    count = len(load)
    times = np.maximum(load / rules["people_full"], 1.0)
    home, mine = places.home, places.home >= 0
    number = np.bincount(home[mine], minlength=count)
    result = np.where(number >= np.ceil(times - 1e-9), MEETS, FAILS)
    step = np.searchsorted([tier.get("from_people", 0) for tier in tiers], load, side="right") - 1
    for at, tier in enumerate(tiers):
        holds = step == at
        fits = np.full(len(home), MEETS)  # each place by itself
        for name, least in tier["least"].items():
            size = places.sizes[name]
            total = np.bincount(home[mine], np.nan_to_num(size[mine]), minlength=count)
            silent = np.bincount(home[mine & np.isnan(size)], minlength=count) > 0
            wanted = least * times
            summed = np.where(total >= wanted - 1e-9, MEETS, np.where(silent, UNKNOWN, FAILS))
            result[holds] = np.minimum(result, summed)[holds]
            fits = np.minimum(fits, np.where(np.isnan(size), UNKNOWN, np.where(size >= least - 1e-9, MEETS, FAILS)))
        if not dispersed and tier["least"]:
            best = np.full(count, FAILS)
            np.maximum.at(best, home[mine], fits[mine])
            result[holds] = np.minimum(result, best)[holds]
    return result.astype(np.int64)


def _higher(places: Places, part: Mapping[str, Any], shapes: Geometries) -> tuple[Any, Any]:
    """Return which estates have a facility of a higher level close by, and which have one that may be such."""
    near, unsure = np.zeros(len(shapes), dtype=bool), np.zeros(len(shapes), dtype=bool)
    for name, least in part.get("higher", {}).items():
        size = places.sizes[name]
        for chosen, found in ((size >= least, near), (np.isnan(size), unsure)):
            tree = shapely.STRtree(places.shapes[chosen])
            at = tree.query(shapes, predicate="dwithin", distance=part["higher_m"])[0]
            found[at] = True
    return near, unsure & ~near


def thresholds(definition: IndicatorDef) -> list[Threshold]:
    """Return from how many people on an estate needs its own facility, how large it has to be, and what is shared."""
    rules = definition.parameters
    found = [
        Threshold("estate_people", {"own": rules["people_own"], "full": rules["people_full"]}, rules["source"]),
        Threshold("estate_new", {"year": rules["new_from_year"]}, "GB 50180-2018"),
        Threshold("estate_share", {"share_m": rules["share_m"]}, uncertain=True),
    ]
    for part in rules["parts"]:
        for age in ("old", "new"):
            for tier in part[age]:
                for name, least in tier["least"].items():
                    facts = {"least": least, "people": tier.get("from_people", 0)}
                    found.append(Threshold(f"least_{age}.{name}", facts, tier["source"], tier["uncertain"]))
        for name, least in part.get("higher", {}).items():
            facts = {"least": least, "higher_m": part["higher_m"]}
            found.append(Threshold(f"higher.{name}", facts, part["higher_source"], True))
    return found


def needs(definition: IndicatorDef) -> list[Need]:
    """Return how many people live in an estate, and the kind of facility."""
    rules = definition.parameters
    kinds: dict[str, dict[str, None]] = {}
    for part in rules["parts"]:
        for source in part["from"]:
            kinds.setdefault(source["role"], {}).update(dict.fromkeys(source["kinds"]))
    return [
        Need("communities", ("population",)),
        *(Need(role, ("kind",), (*own, *rules["other_kinds"])) for role, own in kinds.items()),
    ]


def fields(definition: IndicatorDef) -> dict[str, tuple[str, ...]]:
    """Return what is read of each role."""
    found: dict[str, dict[str, None]] = {"communities": dict.fromkeys(("code", "population", "built_year"))}
    for part in definition.parameters["parts"]:
        sizes = [name for rule in (*part["old"], *part["new"]) for name in rule["least"]]
        for source in part["from"]:
            own = ("kind", "community_code", *sizes, *part.get("higher", ()))
            found.setdefault(source["role"], {}).update(
                dict.fromkeys((*own, "open_to_public") if source.get("open") else own)
            )
    return {role: tuple(names) for role, names in found.items()}


METHOD = Method(measure, thresholds, fields, needs=needs)

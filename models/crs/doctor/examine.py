"""Weighs each hypothesis about a layer's coordinates by where it would put the data.

Invariants
----------
1. ``sure`` is a share: the weight of the best reading in the weight of all. It is high only where every other reading
   has been made unlikely by something that was seen, and each thing that was seen is a reason.
2. A lonely layer in degrees is never confidently WGS 84 nor confidently GCJ-02: nothing in its numbers can tell. Nor
   is any other lonely layer surer than :data:`ALONE`: a shift of hundreds of metres hides in a plane as well. Only
   lines that lie on another layer's lines lift this limit; that two boxes overlap is no agreement.
3. The doctor never fails: what cannot be judged is ``"cannot_tell"``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.crs.doctor import gcj02, heights, mixed, numbers
from models.crs.doctor.evidence import Evidence, Neighbour, lonlat_of, quick_lonlat
from models.crs.doctor.matching import Match, compare, constant_offset
from models.crs.doctor.numbers import Hypothesis
from models.crs.doctor.steps import Step
from models.crs.doctor.verdict import ACTS, Candidate, Reason, Verdict
from models.crs.frame import crs_label, parse_crs
from models.crs.names import central_meridian
from resources.standards import standard

Array = NDArray[np.float64]

#: What a verdict can be; ``crs_doctor.code.<code>`` is its word.
CODES = (
    "fine", "cannot_tell", "missing_found", "missing_degrees", "swapped", "degrees_as_metres", "metres_as_degrees",
    "zone_prefix", "zone_mismatch", "other_zone", "wrong_declared", "units", "false_origin", "longitude_sign", "dms",
    "scaled_degrees", "gcj02", "bd09", "old_datum", "local_grid", "datum_offset",
)  # fmt: skip
#: As sure as anything can be of which no other layer tells anything.
ALONE = 0.89
#: Readings with less weight than this share of the best are not told.
_LEAST = 0.004
_MOST_ALTERNATIVES, _MOST_OF_CODE, _MOST_ALIKE = 8, 4, 24
#: A best reading with less than this share is no verdict: many would do.
_LEAST_SHARE = 0.15
#: Layers that agree no better than this may be a datum apart.
_LOOSE_M = 1.0
#: The same for metres as they stand in the file: degrees are converted and rounded on their way, a survey is not.
_LOOSE_METRES_M = 0.35
#: What comes from a web map was mostly undone before by a formula that is metres off.
_LOOSE_WEB_M = 4.0
#: A plane at a town's height, or an old datum, is off by so much at the most.
_FAR_M = 900.0
#: A layer farther beyond its 3-degree zone may be in a 6-degree one, degrees from the central meridian.
_HALF_ZONE_DEG = 1.52
_FEW = 64
#: So many of the likeliest readings are also read as shifted by a web map, and so many compared with other layers.
_MOST_SHIFTED, _MOST_COMPARED = 16, 24
#: What features of a city are large, metres; smaller or larger ones were read in a wrong unit.
_GRAIN_M = (0.3, 1.5e6)
_DEGREE_M = 111_195.0
#: Readings that put a layer no farther apart than this are one to the patterns of its neighbours.
_TWIN_M = 8.0
#: Layers farther from each other are not compared, degrees.
_MARGIN_DEG = 0.02


@dataclass(slots=True)
class _Weighed:
    """A hypothesis with its weight so far and the reasons that made it."""

    what: Hypothesis
    weight: float
    reasons: list[Reason]
    lonlat: Array


def examine(seen: Evidence, neighbours: Sequence[Neighbour] = ()) -> Verdict:
    """Say where a layer's numbers stand.

    Parameters
    ----------
    seen : Evidence
    neighbours : sequence of Neighbour
        The other layers of the project as they are placed now.
    """
    unfit = _unfit(seen)
    if unfit is not None:
        return unfit
    parts = mixed.parts_of(seen)
    if parts is not None:
        larger, share = parts
        inner = examine(larger, neighbours)
        others = [replace(one, sure=round(one.sure * share, 3)) for one in (inner.as_candidate(), *inner.alternatives)]
        reason = Reason.of("mixed", percent=round(100 * (1 - share)))
        return Verdict("cannot_tell", seen.declared, 0.0, seen.declared, (reason,),
                       alternatives=tuple(one for one in others if one.crs)[:_MOST_ALTERNATIVES])  # fmt: skip
    seen = seen.bulk()
    if (unfit := _unfit(seen)) is not None:
        return unfit
    try:
        found = _weighed(seen, neighbours)
    except UserError:  # a declared CRS that PROJ does not know
        found = _weighed(replace(seen, declared=""), neighbours)
    facts = _compare(seen, found, neighbours)
    return _verdict(seen, found, facts, neighbours)


def _unfit(seen: Evidence) -> Verdict | None:
    """Return the verdict on numbers of which nothing can be said."""
    why = ""
    if not len(seen.points):
        why = "no_finite" if seen.lost else "no_numbers"
    elif len(seen.points) == 1:
        why = "one_point"
    elif not np.ptp(seen.points, axis=0).any():
        why = "same_point"
    return Verdict("cannot_tell", seen.declared, 0.0, seen.declared, (Reason.of(why),)) if why else None


def _weighed(seen: Evidence, neighbours: Sequence[Neighbour]) -> list[_Weighed]:
    """Return all readings, weighed by where they put the data and by what the words say."""
    few = _few(seen.points)
    result: list[_Weighed] = []
    found = numbers.hypotheses(few if len(few) >= 40 else seen.points[:400], seen.declared, seen.words)
    if seen.declared and parse_crs(seen.declared).is_projected and neighbours:
        at = _middle_in(neighbours, seen.declared)
        cut = numbers.truncated(few, seen.declared, at) if at is not None else None
        found += [cut] if cut is not None else []
    grain = seen.grain
    for one in found:
        if not one.crs:
            # No more likely than a layer far from all others.
            weight = one.weight * _grain_factor(one, grain) * (0.03 if neighbours else 1.0)
            result.append(_Weighed(one, weight, list(one.reasons), np.full((1, 2), np.nan)))
            continue
        lonlat = quick_lonlat(few, one.crs, one.steps)
        reasons = list(one.reasons)
        weight = one.weight * _place_factor(one, lonlat, seen, reasons) * _grain_factor(one, grain)
        weight *= _near_factor(lonlat, neighbours, reasons) * _word_factor(one, seen, reasons)
        result.append(_Weighed(one, weight, reasons, lonlat))
    result.sort(key=lambda one: -one.weight)
    result += [more for one in result[:_MOST_SHIFTED] for more in _shifted(one, few, seen)]
    return sorted(result, key=lambda one: -one.weight)


def _shifted(one: _Weighed, few: Array, seen: Evidence) -> list[_Weighed]:
    """Return a reading as it would be of numbers shifted by a web map: the same place but for some hundred metres."""
    good = one.lonlat[np.isfinite(one.lonlat).all(axis=1)]
    if not one.what.crs or not len(good) or not gcj02.inside(good).any():
        return []
    found: list[_Weighed] = []
    for what in numbers.shifted(one.what):
        reasons = [reason for reason in one.reasons if reason.code != "said_in_words"]
        weight = one.weight * what.weight / one.what.weight * _word_factor(what, seen, reasons)
        found.append(_Weighed(what, weight, reasons, lonlat_of(few, what.crs, what.steps)))
    return found


def _grain_factor(one: Hypothesis, grain: float) -> float:
    """Weigh a reading by how large it makes a usual feature: houses are neither a millimetre nor a country wide."""
    if not np.isfinite(grain) or grain <= 0:
        return 1.0
    size_m = grain * numbers.unit_m(one)
    least, most = _GRAIN_M
    return 1.0 if least <= size_m <= most else 0.03 if 0.1 * least <= size_m <= 3.0 * most else 0.001


def _few(points: Array) -> Array:
    """Return some points, the extremes among them."""
    ends = [int(f(points[:, axis])) for axis in (0, 1) for f in (np.argmin, np.argmax)]
    return np.asarray(points[np.unique([*ends, *range(0, len(points), max(1, len(points) // _FEW))])])


def _place_factor(one: Hypothesis, lonlat: Array, seen: Evidence, reasons: list[Reason]) -> float:
    """Weigh a reading by the place where it puts the data: its CRS's own area, the inhabited earth, China."""
    factor = standard("crs")["factor"]
    good = np.isfinite(lonlat).all(axis=1)
    if good.mean() < 0.9:
        reasons.append(Reason.of("not_on_earth"))
        return float(factor["outside_area"]) ** 2
    lon, lat = np.median(lonlat[good], axis=0)
    weight = 1.0
    if not -57.0 < lat < 73.0:
        reasons.append(Reason.of("uninhabited", lat=round(float(lat), 2)))
        weight *= factor["uninhabited"]
    area = _area_of(one.crs)
    if area is not None:
        west, south, east, north = area
        if west > east:  # across 180°
            east, lon_in = east + 360.0, lon if lon >= west else lon + 360.0
        else:
            lon_in = lon
        beyond = max(west - lon_in, lon_in - east, south - lat, lat - north, 0.0)
        slack, most = 0.4, 0.6 if central_meridian(one.crs)[0] is not None else 2.0
        if beyond > most:
            registered = parse_crs(one.crs).area_of_use is not None  # a plane that somebody made may be used anywhere
            weight *= factor["outside_area" if registered else "beside_area"]
            reasons.append(Reason.of("outside_area", crs=crs_label(one.crs), lon=_r(lon), lat=_r(lat)))
        elif beyond > slack:
            weight *= factor["beside_area"]
            reasons.append(Reason.of("beside_area", crs=crs_label(one.crs), lon=_r(lon), lat=_r(lat)))
    west, south, east, north = standard("crs")["china"]["box"]
    if not (west <= lon <= east and south <= lat <= north):
        weight *= factor["outside_china_cjk" if seen.speaks_chinese else "outside_china"]
        if seen.speaks_chinese:
            reasons.append(Reason.of("chinese_elsewhere", lon=_r(lon), lat=_r(lat)))
    return float(weight)


@lru_cache(maxsize=512)
def _area_of(crs: str) -> tuple[float, float, float, float] | None:
    """Return the area of use of a CRS in degrees, from the registry or, for one without, from its central meridian."""
    known = parse_crs(crs)
    if known.area_of_use is not None:
        area = known.area_of_use.bounds
        if known.is_projected and " / " in known.name and "Gauss" in known.name:
            middle = central_meridian(crs)[0]
            half = 1.5 if "3-degree" in known.name else 3.0
            if middle is not None:  # the registry cuts zones at the coast and at the frontier
                return middle - half, area[1] - 1.0, middle + half, area[3] + 1.0
        return float(area[0]), float(area[1]), float(area[2]), float(area[3])
    middle = central_meridian(crs)[0] if known.is_projected else None
    method = getattr(known.coordinate_operation, "method_name", "") if known.is_projected else ""
    return (middle - 4.0, -80.0, middle + 4.0, 84.0) if middle is not None and "Mercator" in method else None


def _near_factor(lonlat: Array, neighbours: Sequence[Neighbour], reasons: list[Reason]) -> float:
    """Weigh a reading by how near it puts the data to the rest of the project."""
    known = [one for one in neighbours if one.sure >= 0.5]
    good = lonlat[np.isfinite(lonlat).all(axis=1)]
    if not known or not len(good):
        return 1.0
    factor = standard("crs")["factor"]
    low, high = good.min(axis=0), good.max(axis=0)
    best, name, gap_km, shared = -1.0, "", 0.0, 0.0
    for one in known:
        their_low, their_high = one.lonlat.min(axis=0), one.lonlat.max(axis=0)
        gap_deg = np.maximum(np.maximum(low - their_high, their_low - high), 0.0)
        scale = np.array([111.2 * np.cos(np.radians(np.clip(low[1], -80, 80))), 111.2])
        gap = float(np.hypot(*(gap_deg * scale)))
        across = np.maximum(np.minimum(high, their_high) - np.maximum(low, their_low), 0.0)
        smaller = np.minimum(high - low, their_high - their_low) + 1e-9
        overlap = float(np.prod(np.minimum(across / smaller, 1.0))) if gap == 0 else 0.0
        weight = (
            factor["overlaps"] if overlap > 0.25 else factor["touches"] if gap < 2 else factor["within_50_km"]
            if gap < 50 else factor["within_300_km"] if gap < 300 else factor["far"]
        )  # fmt: skip
        if weight > best or (weight == best and overlap > shared):
            best, name, gap_km, shared = weight, one.name, gap, overlap
    if best >= factor["touches"]:
        reasons.append(Reason.of("overlaps", other=name, percent=round(100 * shared)))
    elif best <= factor["within_300_km"]:
        reasons.append(Reason.of("far_from", other=name, km=round(gap_km)))
    return float(best)


def _word_factor(one: Hypothesis, seen: Evidence, reasons: list[Reason]) -> float:
    """Weigh a reading by what names say: a system named in a file name, fields that only one publisher writes."""
    table = standard("crs")
    meant = one.code if one.code in ("gcj02", "bd09") else numbers.family_of(one.crs) if one.crs else ""
    named = [entry["code"] for entry in table["word"] if any(known in seen.words for known in entry["match"])]
    weight = 1.0
    if meant and meant in named and meant != "cgcs2000":
        weight *= table["factor"]["said_in_words"]
        reasons.append(Reason.of("said_in_words", system=meant))
    elif named and one.code == "fine" and "wgs84" not in named and any(name in ("gcj02", "bd09") for name in named):
        weight *= 0.3
    names = set(seen.fields)
    for entry in table["signature"]:
        if set(entry["fields"]) <= names and one.code == entry["code"]:
            weight *= entry["weight"]
            reasons.append(Reason.of("published_by", who=str(entry["who"]), system=str(entry["code"])))
            break
    return weight


@dataclass(frozen=True, slots=True)
class _Facts:
    """What comparing patterns has shown."""

    reasons: tuple[Reason, ...] = ()
    offset: tuple[float, float, str] | None = None
    limit: float = ALONE


def _same(points: Array) -> Array:
    return points


def _compare(seen: Evidence, found: list[_Weighed], neighbours: Sequence[Neighbour]) -> _Facts:
    """Lay the layer on its neighbours under every likely reading, and weigh the readings by that."""
    near = _apart([
        one for one in found[:80]
        if one.what.crs and one.weight > 1e-6 * found[0].weight and np.isfinite(one.lonlat).all(axis=1).mean() > 0.9
    ])[:_MOST_COMPARED]  # fmt: skip
    factor = standard("crs")["factor"]
    best: tuple[Match, int, Neighbour, str] | None = None
    alike: list[_Weighed] = []
    for other in sorted(_around(near, neighbours), key=lambda one: -len(one.lonlat))[:6]:
        for group in _alike(near):
            base, members = group
            own_lonlat = lonlat_of(seen.points, base.what.crs, base.what.steps)
            good = np.isfinite(own_lonlat).all(axis=1)
            own = Neighbour(seen.name, "", own_lonlat[good], seen.owner[good], seen.shape)
            raw = seen.points[good]
            pairs: list[tuple[Any, Any]] = []
            names: list[tuple[int, str]] = []
            for at in members:
                what = near[at].what
                lonlat = lonlat_of(raw, what.crs, what.steps)
                pairs.append((_fixed(own.lonlat, lonlat), _same))
                names.append((at, ""))
            if other.sure < ACTS and any(not numbers_shift(near[at].what) for at in members):
                plain = next(at for at in members if not numbers_shift(near[at].what))
                lonlat = lonlat_of(raw, near[plain].what.crs, near[plain].what.steps)
                for name, undo in (("gcj02", gcj02.wgs84_of_gcj02), ("bd09", gcj02.wgs84_of_bd09)):
                    pairs.append((_fixed(own.lonlat, lonlat), undo))
                    names.append((plain, name))
                for mine, their, undo in (
                    ("bd09", "gcj02", gcj02.wgs84_of_gcj02), ("gcj02", "bd09", gcj02.wgs84_of_bd09),
                ):  # fmt: skip
                    shifted_at = next((at for at in members if near[at].what.code == mine), None)
                    if shifted_at is not None:
                        moved = lonlat_of(raw, near[shifted_at].what.crs, near[shifted_at].what.steps)
                        pairs.append((_fixed(own.lonlat, moved), undo))
                        names.append((shifted_at, their))
            match = compare(own, other, pairs)
            if match.best >= 0 and (best is None or match.z > best[0].z):
                alike = [near[names[k][0]] for k in match.alike if names[k][1] == names[match.best][1]]
                at, theirs = names[match.best]
                best = match, at, other, theirs
    if best is None:
        return _offset(seen, found, neighbours)
    match, at, other, theirs = best
    percent, chance = round(100 * match.share), round(100 * match.chance)
    winner = near[at]
    how = Reason.of("lies_on" if match.how == "on" else "keeps_clear", other=other.name, percent=percent, chance=chance)
    winner.reasons.append(how)
    if theirs:
        winner.reasons.append(Reason.of("other_is_shifted", other=other.name, system=theirs))
    # They agree; where the other may be shifted itself, this one may be shifted as it is.
    undecided = not theirs and other.is_degrees and not numbers_shift(winner.what)
    if undecided:
        winner.reasons.append(Reason.of("both_may_be_shifted", other=other.name))
    strength = factor["matches"] if match.how == "on" else factor["matches"] / 40
    for one in found:
        if any(one is same for same in alike) or (undecided and numbers_shift(one.what)):
            one.weight *= strength
        else:
            one.weight *= factor["matched_by_other"]
    found.sort(key=lambda one: -one.weight)
    surveyed = not winner.what.steps and bool(parse_crs(winner.what.crs).is_projected)
    is_web = numbers_shift(winner.what) or bool(theirs)
    loose_m = _LOOSE_WEB_M if is_web else _LOOSE_METRES_M if surveyed else _LOOSE_M
    if match.how == "on" and match.spread_m > loose_m:
        # Near, but not on: perhaps one shift would do better.
        facts = _offset(seen, [winner, *found], [other])
        return facts if facts.offset is not None else _Facts()
    # A shift that the formula explains to the metre is no chance, whoever of the two is right; that two layers agree as
    # they are makes the one no surer than the other.
    explained = is_web or other.sure >= ACTS
    return _Facts(limit=ALONE if match.how != "on" or not explained else 1.0)


def _around(near: list[_Weighed], neighbours: Sequence[Neighbour]) -> list[Neighbour]:
    """Return the neighbours with which some reading shares ground: in a project of many cities only those tell."""
    boxes = [(one.lonlat[ok].min(axis=0), one.lonlat[ok].max(axis=0)) for one in near
             if (ok := np.isfinite(one.lonlat).all(axis=1)).any()]  # fmt: skip
    found = []
    for other in neighbours:
        low, high = other.lonlat.min(axis=0) - _MARGIN_DEG, other.lonlat.max(axis=0) + _MARGIN_DEG
        if any((first <= high).all() and (last >= low).all() for first, last in boxes):
            found.append(other)
    return found


def _apart(found: list[_Weighed]) -> list[_Weighed]:
    """Return readings without those of another datum that come to the same place within some metres.

    Without parameters an older datum is nowhere known to a hundred metres: that it lies on something to two is chance.
    """
    kept: list[_Weighed] = []
    for one in found:
        if not any(_metres_apart(one.lonlat, other.lonlat) < _TWIN_M for other in kept):
            kept.append(one)
    return kept


def _metres_apart(one: Array, other: Array) -> float:
    if one.shape != other.shape:
        return float("inf")
    away = np.abs(one - other).max(axis=1) * _DEGREE_M
    return float(np.median(away[np.isfinite(away)])) if np.isfinite(away).any() else float("inf")


def numbers_shift(one: Hypothesis) -> bool:
    """Whether a reading takes the numbers as GCJ-02 or BD-09."""
    return any(step.name in ("gcj02", "bd09") for step in one.steps)


def _fixed(before: Array, after: Array) -> Any:
    """Return the move that takes each of these points to its other place, for any part of them."""
    order = np.lexsort(before.T[::-1])
    sorted_before = before[order]
    keys = sorted_before[:, 0]

    def move(points: Array) -> Array:
        if points.shape == before.shape and np.array_equal(points, before):
            return after
        at = np.searchsorted(keys, points[:, 0])
        at = np.clip(at, 0, len(keys) - 1)
        delta = after[order][at] - sorted_before[at]
        return np.asarray(points + delta)

    return move


def _alike(near: list[_Weighed]) -> list[tuple[_Weighed, list[int]]]:
    """Group readings that put the data within a few kilometres of each other: only those can be told by patterns."""
    groups: list[tuple[_Weighed, list[int]]] = []
    middles = [np.nanmedian(one.lonlat, axis=0) for one in near]
    for at, one in enumerate(near):
        for _, members in groups:
            if np.abs(middles[members[0]] - middles[at]).max() < 0.06:
                members.append(at)
                break
        else:
            groups.append((one, [at]))
    return groups[:3]


def _same_place(one: _Weighed, other: _Weighed) -> bool:
    if one.lonlat.shape != other.lonlat.shape:
        return False
    apart = np.nanmax(np.abs(one.lonlat - other.lonlat)) if np.isfinite(one.lonlat).any() else np.inf
    return bool(apart < 2e-5)


def _offset(seen: Evidence, found: list[_Weighed], neighbours: Sequence[Neighbour]) -> _Facts:
    """Look for one translation that lays the layer on a neighbour, which no reading explains: another datum."""
    best = found[0]
    if not best.what.crs:
        return _Facts()
    for other in sorted(neighbours, key=lambda one: -one.sure)[:4]:
        lonlat = lonlat_of(seen.points, best.what.crs, best.what.steps)
        good = np.isfinite(lonlat).all(axis=1)
        own = Neighbour(seen.name, "", lonlat[good], seen.owner[good], seen.shape)
        shift = constant_offset(own, other) or constant_offset(own, other, _FAR_M)
        if shift is not None and 1.0 < np.hypot(shift[0], shift[1]) < _FAR_M:
            return _Facts(offset=(shift[0], shift[1], other.name), limit=0.7)
    return _Facts()


def _middle_in(neighbours: Sequence[Neighbour], crs: str) -> tuple[float, float] | None:
    from models.crs.frame import transformer

    known = [one for one in neighbours if one.sure >= 0.5]
    if not known:
        return None
    lon, lat = np.median(np.concatenate([one.lonlat[:: max(1, len(one.lonlat) // 500)] for one in known]), axis=0)
    x, y = transformer("EPSG:4326", crs).transform(lon, lat, errcheck=False)
    return (float(x), float(y)) if np.isfinite([x, y]).all() else None


def _verdict(seen: Evidence, found: list[_Weighed], facts: _Facts, neighbours: Sequence[Neighbour]) -> Verdict:
    total = sum(one.weight for one in found)
    if not total > 0:
        return Verdict("cannot_tell", seen.declared, 0.0, seen.declared, (Reason.of("nothing_fits"),))
    best = found[0]
    shares = _shares(found, total)
    sure = min(shares[0], facts.limit, 0.99)
    code, crs, steps = best.what.code, best.what.crs, best.what.steps
    reasons = list(dict.fromkeys([*best.reasons, *facts.reasons]))
    if seen.zeros:
        reasons.append(Reason.of("zeros_left_out", count=len(seen.zeros), first=seen.zeros[0]))
    if seen.far:
        reasons.append(Reason.of("far_left_out", count=len(seen.far), first=seen.far[0]))
    if seen.declared and code != "fine":
        reasons += [r for one in found if one.what.code == "fine" for r in one.reasons if r.code in _AGAINST]
    family = numbers.family_of(crs) if crs else ""
    alternatives = [
        Candidate(one.what.code, one.what.crs, round(share, 3), one.what.steps)
        for one, share in zip(found[1:], shares[1:], strict=True) if one.weight > _LEAST * best.weight
    ]  # fmt: skip
    if code == "fine" and family in ("xian80", "beijing54"):
        code = "old_datum"
        reasons.append(Reason.of("shift_unknown", metres="50–120" if family == "beijing54" else "30–120"))
        sure = min(sure, 0.85)
    elif code == "fine" and (doubts := _zone_and_name(seen, best)):
        sure = min(sure, 0.7)
        reasons += [reason for reason, _ in doubts]
        alternatives = [*(one for _, several in doubts for one in several), *alternatives]
    elif code == "fine" and _could_be_shifted(seen) and sure < 0.8:
        reasons.append(Reason.of("lonely_degrees"))
    elif crs and sure == ALONE and not any(reason.code in ("lies_on", "keeps_clear") for reason in reasons):
        reasons.append(Reason.of("nothing_to_compare"))
    if facts.offset is not None:
        east, north, name = facts.offset
        length = float(np.hypot(east, north))
        reasons.append(Reason.of("offset_seen", other=name, east=round(east, 1), north=round(north, 1)))
        sure = min(sure, 0.7)
        share = round(sure * (0.8 if length > 15 else 0.5), 3)
        shift = _shift_candidate(best, crs, steps, east, north, share)
        alternatives.insert(0, shift)
    if code == "local_grid":
        crs = seen.declared
    if sure < _LEAST_SHARE:
        alternatives.insert(0, Candidate(code, crs, round(sure, 3), steps))
        alike = [one for one in alternatives if one.sure > 0.3 * sure]
        alternatives = sorted(alike[:_MOST_ALIKE], key=lambda one: one.crs)
        code, crs, steps, sure = "cannot_tell", seen.declared, (), 0.0
        reasons = [r for r in reasons if r.code not in _AGAINST] + [Reason.of("many_fit", count=len(alternatives))]
    else:  # the file's own word is told in any case
        told = [one for at, one in enumerate(alternatives)
                if sum(one.code == other.code for other in alternatives[:at]) < _MOST_OF_CODE]  # fmt: skip
        own = [one for one in told[_MOST_ALTERNATIVES:] if one.code == "fine"]
        alternatives = [*told[: _MOST_ALTERNATIVES - len(own)], *own]
    vertical, more = heights.read(seen)
    return Verdict(
        code, crs, round(float(sure), 3), seen.declared, tuple(reasons + more), steps, "nothing",
        tuple(alternatives), vertical,
    )  # fmt: skip


def _zone_and_name(seen: Evidence, best: _Weighed) -> list[tuple[Reason, list[Candidate]]]:
    """Return what makes a declared zone doubtful though its numbers fit: another datum's name, the edge of the zone."""
    found: list[tuple[Reason, list[Candidate]]] = []
    declared = seen.declared
    named, family = numbers.family_in(seen.words), numbers.family_of(declared)
    if named and family and named != family:
        other = numbers.in_family(declared, named)
        several = [Candidate("wrong_declared", other, 0.25)] if other else []
        found.append((Reason.of("named_otherwise", system=named, crs=crs_label(declared)), several))
    lies_on = any(reason.code in ("lies_on", "keeps_clear") for reason in best.reasons)
    middle = central_meridian(declared)[0]
    if middle is not None and not lies_on and "3-degree" in parse_crs(declared).name:
        away = abs(float(np.nanmedian(best.lonlat[:, 0])) - middle)
        if away > _HALF_ZONE_DEG:
            wide = [round(middle) + step for step in (-3, 0, 3) if (round(middle) + step) % 6 == 3]
            numbered = (central_meridian(declared)[1] or 0) > 1e6
            several = [
                Candidate("other_zone", numbers.gauss_code(family, meridian=one, wide=True), 0.1)
                for one in wide if 75 <= one <= 135 and family and not numbered and one != round(middle)
            ]  # fmt: skip
            found.append((Reason.of("beyond_zone", degrees=round(away, 2), crs=crs_label(declared)), several))
    return found


#: Reasons of the file's own word that speak against it.
_AGAINST = frozenset({"not_on_earth", "uninhabited", "outside_area", "beside_area", "far_from", "chinese_elsewhere"})


def _shares(found: list[_Weighed], total: float) -> list[float]:
    """Return each reading's share; readings that put the data in the very same place count together for the best."""
    best = found[0]
    family = numbers.family_of(best.what.crs) if best.what.crs else ""
    twins = sum(
        one.weight for one in found[1:]
        if one.what.code == best.what.code and _same_place(one, best) and numbers.family_of(one.what.crs) == family
    )  # fmt: skip
    shares = [one.weight / total for one in found]
    shares[0] += twins / total
    return shares


def _could_be_shifted(seen: Evidence) -> bool:
    known = parse_crs(seen.declared) if seen.declared else None
    return known is not None and bool(known.is_geographic)


def _shift_candidate(
    best: _Weighed, crs: str, steps: tuple[Step, ...], east: float, north: float, sure: float
) -> Candidate:
    """Return the measured translation as a step in the units of the CRS."""
    if parse_crs(crs).is_projected:
        return Candidate("datum_offset", crs, sure, (*steps, Step("shift", (east, north))))
    lat = float(np.nanmedian(best.lonlat[:, 1]))
    shift = east / (111_195.0 * np.cos(np.radians(lat))), north / 111_195.0
    return Candidate("datum_offset", crs, sure, (*steps, Step("shift", (float(shift[0]), float(shift[1])))))


def _r(value: float) -> float:
    return round(float(value), 3)

"""Hypotheses about a layer's CRS from its coordinates alone, each with a prior weight.

A hypothesis is not judged here; :mod:`models.crs.doctor.examine` weighs each by where it would put the data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.crs.doctor.steps import Step, apply
from models.crs.doctor.verdict import Reason
from models.crs.frame import parse_crs
from models.crs.names import central_meridian
from resources.standards import standard

Array = NDArray[np.float64]

FAMILIES = ("cgcs2000", "xian80", "beijing54")
GEOGRAPHIC = {"cgcs2000": "EPSG:4490", "xian80": "EPSG:4610", "beijing54": "EPSG:4214"}
SWAP = Step("swap")
#: Metres in a unit that files leave unsaid: millimetres, kilometres, feet.
UNITS = (("mm", 0.001, "units"), ("km", 1000.0, "kilometres"), ("ft", 0.3048, "feet"))
#: Degrees that were written as whole numbers, in seconds, or in radians: what one of them is in degrees, and
#: how usual it is.
DEGREE_UNITS = (
    ("10⁻⁵ °", 1e-5, 0.03), ("10⁻⁶ °", 1e-6, 1.0), ("10⁻⁷ °", 1e-7, 1.0), ("″", 1 / 3600.0, 0.5),
    ("rad", 180.0 / np.pi, 0.1),
)  # fmt: skip


_DEGREE_M = 111_195.0


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One way to read a layer's numbers.

    Parameters
    ----------
    code : str
        What it would mean.
    crs : str
    weight : float
        Before anything but the numbers' size is known.
    steps : tuple of Step
    reasons : tuple of Reason
    """

    code: str
    crs: str
    weight: float
    steps: tuple[Step, ...] = ()
    reasons: tuple[Reason, ...] = ()


def gauss_code(family: str, *, meridian: int = 0, zone: int = 0, wide: bool = False) -> str:
    """Return the EPSG code of a Gauss-Krüger zone, by central meridian or by zone number, 3° or 6° (``wide``)."""
    table = standard("ifc_georef")["gauss"][FAMILIES.index(family)]
    width, first = (6, 13) if wide else (3, 25)
    if zone:
        return f"EPSG:{table['six_zone' if wide else 'three_zone'] + zone - first}"
    return f"EPSG:{table['six_meridian' if wide else 'three_meridian'] + (meridian - 75) // width}"


@lru_cache(maxsize=512)
def family_of(crs: str) -> str:
    """Return which of China's systems a CRS belongs to, empty for any other."""
    if not crs:
        return ""
    known = parse_crs(crs)
    base = known.geodetic_crs
    name = f"{known.name} {base.name if base is not None else ''}".lower()
    if "2000" in name and ("cgcs" in name or "china" in name):
        return "cgcs2000"
    if "xian" in name and "1980" in name:
        return "xian80"
    return "beijing54" if "beijing" in name and "1954" in name else ""


def hypotheses(points: Array, declared: str, words: str) -> list[Hypothesis]:
    """Return every way to read the numbers.

    Parameters
    ----------
    points : ndarray (n, 2)
        As in the file, finite.
    declared : str
        CRS as the file says, or empty.
    words : str
        Names and texts, lower case.
    """
    prior = standard("crs")["prior"]
    table = standard("crs")
    prior = table["prior"]
    found: list[Hypothesis] = []
    if declared:
        found.append(Hypothesis("fine", declared, prior["declared"]))
    projected = bool(declared) and parse_crs(declared).is_projected
    for swapped in (False, True):
        own = points[:, ::-1] if swapped else points
        steps = (SWAP,) if swapped else ()
        share = prior["swapped"] if swapped else 1.0
        found += _as_degrees(own, declared, steps, share, projected)
        found += _as_metres(own, declared, words, steps, share, projected)
        if declared and swapped:
            found.append(Hypothesis("swapped", declared, prior["swapped"], (SWAP,), (Reason.of("axes_swapped"),)))
    found += _as_units(points, declared, words, projected)
    found += _as_degree_units(points, declared, projected)
    found.append(_as_plane(points, declared, projected))
    return _without_twins(found)


def _as_plane(points: Array, declared: str, projected: bool) -> Hypothesis:
    """A plane of the site's or the city's own: nothing is known but that its numbers are small."""
    prior = standard("crs")["prior"]
    size, most = float(np.abs(np.median(points, axis=0)).max()), standard("crs")["metres"]["plane_most"]
    small = "local_small" if projected or not declared else "local_grid"
    weight = prior[small if size < most else "local_grid" if size < 50 * most else "local_huge"]
    return Hypothesis("local_grid", "", weight, (), (Reason.of("small_numbers"),))


def looks_like_degrees(points: Array) -> bool:
    """Whether numbers can be longitudes and latitudes."""
    return bool(len(points)) and bool((np.abs(points[:, 0]) <= 180).all() and (np.abs(points[:, 1]) <= 90).all())


def looks_packed(points: Array) -> bool:
    """Whether decimals never reach 60 where minutes and seconds stand: DDD.MMSS.

    With ordinary decimal degrees each pair of digits is below 60 in six cases of ten only, so that a few dozen places
    spread over more than a minute leave no doubt.
    """
    value = np.abs(np.round(np.asarray(points, dtype=np.float64), 9))
    seconds_all = np.round(value * 1e4, 5)
    minutes = np.floor(seconds_all / 100) % 100
    seconds = np.floor(seconds_all) % 100
    if not ((minutes < 60).all() and (seconds < 60).all()):
        return False
    tried = sum(len(np.unique(column)) for part in (minutes, seconds) for column in part.T)
    crosses = bool((np.ptp(np.floor(seconds_all / 100), axis=0) >= 1).any())  # else sixty may just not come
    return bool(0.6**tried < 1e-5 and crosses and np.ptp(seconds_all, axis=0).max() > 45)


def _as_degrees(own: Array, declared: str, steps: tuple[Step, ...], share: float, projected: bool) -> list[Hypothesis]:
    prior = standard("crs")["prior"]
    found: list[Hypothesis] = []
    if not looks_like_degrees(own):
        return found + _as_whole_dms(own, declared, steps, share) + _as_minutes(own, declared, steps, share, projected)
    family = family_of(declared)
    code = "swapped" if steps else "degrees_as_metres" if projected else "missing_degrees" if not declared else ""
    base = GEOGRAPHIC[family] if family else "EPSG:4326"
    if declared and not projected:
        base = declared
    if code:
        weight = prior["degrees_as_metres"] if projected else prior["missing_degrees"]
        if steps and declared and not projected:
            weight = 1.0
        found.append(Hypothesis(code, base, weight * share, steps, (Reason.of("numbers_are_degrees"),)))
    if looks_packed(own):
        found.append(Hypothesis("dms", base, prior["dms"] * share * 100, (*steps, Step("dms")),
                                (Reason.of("minutes_below_60"),)))  # fmt: skip
    west = own[:, 0]
    if (west < 0).all():
        reason = (Reason.of("longitude_negative"),)
        weight = prior["longitude_sign"] * share
        found.append(Hypothesis("longitude_sign", base, weight, (*steps, Step("negate_x")), reason))
    return found


def _as_whole_dms(own: Array, declared: str, steps: tuple[Step, ...], share: float) -> list[Hypothesis]:
    """DDDMMSS.s: 1170730.5 for 117° 07′ 30.5″."""
    prior = standard("crs")["prior"]
    x, y = own[:, 0], own[:, 1]
    if not ((x > 7e5) & (x < 1.37e6) & (y > 3e4) & (y < 5.5e5)).all() or not looks_packed(own / 1e4):
        return []
    base = declared if declared and parse_crs(declared).is_geographic else GEOGRAPHIC["cgcs2000"]
    reason = (Reason.of("minutes_below_60"),)
    return [Hypothesis("dms", base, prior["dms"] * share * 100, (*steps, Step("dms_whole")), reason)]


def _as_minutes(own: Array, declared: str, steps: tuple[Step, ...], share: float, projected: bool) -> list[Hypothesis]:
    """DDDMM.mmmm as GPS receivers write it: 12021.488 for 120° 21.488′."""
    west, south, east, north = standard("crs")["china"]["box"]
    lon, lat = np.floor(own / 100.0).T
    minutes = own - np.floor(own / 100.0) * 100.0
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    if not inside.all() or not (minutes < 60.0).all():
        return []
    reason = (Reason.of("minutes_seen"),)
    weight = standard("crs")["prior"]["minutes"] * share
    return [Hypothesis("dms", _degrees_base(declared, projected), weight, (*steps, Step("dmm")), reason)]


def _as_metres(
    own: Array, declared: str, words: str, steps: tuple[Step, ...], share: float, projected: bool
) -> list[Hypothesis]:
    """Gauss-Krüger with and without zone number, UTM, Web Mercator, numbers with leading digits cut off."""
    table = standard("crs")
    prior, metres = table["prior"], table["metres"]
    x, y = own[:, 0], own[:, 1]
    found: list[Hypothesis] = []
    if looks_like_degrees(own):
        return found
    family = family_of(declared) or family_in(words)
    in_north = bool((y > metres["northing_least"]).all() and (y < metres["northing_most"]).all())
    zone = _zone_of(x)
    meridian = central_meridian(declared)[0] if projected else None
    wrong_kind = bool(declared) and not projected
    if in_north and zone:
        wide = zone < 24
        code = _prefixed_code(declared, projected, zone, wide, meridian, steps)
        factor = prior["zone_prefix"] if projected else prior["metres_as_degrees"] if wrong_kind else 1.0
        factor *= 0.2 if wide and _in_mercator(x, y) else 1.0
        for name, weight in _families(family, declared):
            crs = gauss_code(name, zone=zone, wide=wide)
            reasons = (Reason.of("prefix_seen", zone=zone, meridian=zone * (6 if wide else 3) - (3 if wide else 0)),)
            if crs != declared:
                found.append(Hypothesis(code, crs, weight * factor * share, steps, reasons))
    if in_north and not zone and _has_false_easting(x):
        found += _plain_gauss(own, declared, family, steps, share, projected, meridian)
    if in_north and _has_false_easting(x + 5e5) and bool(np.abs(np.median(x)) < metres["zone_6_half"]):
        found += _without_false_easting(own, declared, family, steps, share, projected, meridian)
    if _in_mercator(x, y):
        weight = (
            prior["missing_mercator"] if not declared else prior["metres_as_degrees"] if wrong_kind
            else prior["other_mercator"]
        )  # fmt: skip
        reasons = (Reason.of("numbers_are_mercator"),)
        code = "swapped" if steps else "missing_found" if not declared else "wrong_declared"
        if declared != "EPSG:3857":
            found.append(Hypothesis(code, "EPSG:3857", weight * share, steps, reasons))
    return found


def _has_false_easting(x: Array) -> bool:
    """Whether eastings can lie about 500 km, as all do without a zone number; a province is wider than its zone."""
    return bool((np.abs(x - 5e5) < standard("crs")["metres"]["plain_half"]).all())


def _without_false_easting(
    own: Array, declared: str, family: str, steps: tuple[Step, ...], share: float, projected: bool,
    meridian: float | None,
) -> list[Hypothesis]:  # fmt: skip
    """Eastings from the meridian itself: the 500 km of the false origin were left out."""
    prior, reason = standard("crs")["prior"]["no_false_easting"] * share, Reason.of("no_false_easting")
    found: list[Hypothesis] = []
    if projected and meridian is not None:
        step = Step("shift", (central_meridian(declared)[1] or 500000.0, 0.0))
        found.append(Hypothesis("false_origin", declared, prior, (*steps, step), (reason,)))
    step = Step("shift", (500000.0, 0.0))
    for one in _plain_gauss(apply((step,), own), declared, family, (*steps, step), prior, projected, meridian):
        found.append(replace(one, code="false_origin", reasons=(reason,)))
    return found


def _plain_gauss(
    own: Array, declared: str, family: str, steps: tuple[Step, ...], share: float, projected: bool,
    meridian: float | None,
) -> list[Hypothesis]:  # fmt: skip
    """Six-digit eastings: any central meridian could be meant; the declared one, a name or a neighbour decides."""
    prior, half = standard("crs")["prior"], standard("crs")["metres"]["zone_3_half"]
    found: list[Hypothesis] = []
    wide_needed = bool(np.median(np.abs(own[:, 0] - 5e5)) > half)
    code = (
        "swapped" if steps else "missing_found" if not declared else "other_zone" if projected else "metres_as_degrees"
    )
    one = (
        prior["missing_gauss"] / 8
        if not declared
        else prior["other_zone"]
        if projected
        else prior["metres_as_degrees"] / 8
    )
    if projected and (central_meridian(declared)[1] or 0) > 1e6:
        one *= prior["zone_prefix"]  # two mistakes at once
    reason = (Reason.of("easting_without_prefix"),)
    for middle in range(75, 136, 3):
        if wide_needed and middle % 6 != 3:
            continue
        for name, weight in _families(family, declared):
            if projected and name != (family or "cgcs2000"):
                continue
            crs = gauss_code(name, meridian=middle, wide=wide_needed)
            same = projected and meridian is not None and round(meridian) == middle
            if crs == declared:
                continue
            if same:  # the declared zone counts with its number, the eastings do not
                kind = "swapped" if steps else "zone_prefix"
                if (central_meridian(declared)[1] or 0) > 1e6:
                    found.append(Hypothesis(kind, crs, prior["zone_prefix"] * share, steps, reason))
                elif parse_crs(declared).name.lower().find("utm") >= 0:
                    found.append(Hypothesis("wrong_declared", crs, prior["other_projection"] * share, steps, reason))
                continue
            # Beside the declared meridian stand the next zone, and the zone of the other width that holds the place.
            beside = projected and meridian is not None and abs(round(meridian) - middle) in (3, 6)
            likely = prior["next_zone"] / prior["other_zone"] if beside else 1.0
            found.append(Hypothesis(code, crs, one * likely * (1.0 if projected else weight) * share, steps, reason))
    for zone in range(43, 54):
        crs = f"EPSG:{32600 + zone}"
        same = projected and meridian is not None and round(meridian) == zone * 6 - 183
        if crs == declared:
            continue
        weight = (
            prior["missing_utm"] / 8 if not declared else prior["other_projection"] if same else prior["other_zone"] / 2
        )
        kind = code if not projected else "swapped" if steps else "wrong_declared"
        found.append(Hypothesis(kind, crs, weight * share, steps, reason))
    return found


def _as_units(points: Array, declared: str, words: str, projected: bool) -> list[Hypothesis]:
    """Millimetres, kilometres and feet, where they give coordinates that metres do not."""
    table = standard("crs")
    prior, metres = table["prior"], table["metres"]
    found: list[Hypothesis] = []
    for unit, factor, name in UNITS:
        for swapped in (False, True):
            steps = (Step("scale", (factor,)), *((SWAP,) if swapped else ()))
            own = apply(steps, points)
            x, y = own.T
            in_north = bool((y > metres["northing_least"]).all() and (y < metres["northing_most"]).all())
            if not in_north or not (_zone_of(x) or _has_false_easting(x)):
                continue
            # Nine digits that become a northing and an easting when swapped are no accident: less is taken off.
            share = prior[name] * (5 * prior["swapped"] if swapped else 1.0)
            reason = (Reason.of("unit_seen", unit=unit),)
            if projected:
                found.append(Hypothesis("units", declared, share, steps, reason))
            found += [
                replace(one, code="units", reasons=(*reason, *one.reasons))
                for one in _as_metres(own, declared, words, steps, share, projected) if one.crs != declared
            ]  # fmt: skip
    return found


def _as_degree_units(points: Array, declared: str, projected: bool) -> list[Hypothesis]:
    """Degrees times a power of ten, in seconds or in radians, where they fall into China."""
    if looks_like_degrees(points) and not bool((np.abs(points) <= np.pi).all()):
        return []
    prior, (west, south, east, north) = standard("crs")["prior"], standard("crs")["china"]["land"]
    found: list[Hypothesis] = []
    for unit, factor, usual in DEGREE_UNITS:
        for swapped in (False, True):
            steps = (Step("scale", (factor,)), *((SWAP,) if swapped else ()))
            own = apply(steps, points)
            lon, lat = np.median(own, axis=0)
            if not looks_like_degrees(own) or not (west < lon < east and south < lat < north):
                continue
            share = usual * prior["scaled_degrees"] * (5 * prior["swapped"] if swapped else 1.0)
            reason = (Reason.of("degree_unit_seen", unit=unit),)
            base = _degrees_base(declared, projected)
            found.append(Hypothesis("scaled_degrees", base, share, steps, reason))
    return found


def _degrees_base(declared: str, projected: bool) -> str:
    """Return the degrees that are meant where a file declares something: of the same datum."""
    if declared and not projected:
        return declared
    family = family_of(declared)
    return GEOGRAPHIC[family] if family else "EPSG:4326"


def shifted(one: Hypothesis) -> list[Hypothesis]:
    """Return the same reading of numbers that were put into a web map's shifted degrees before anything else.

    A plane is led back into itself, so that lengths stay lengths; old datums are not published in web maps.
    """
    if not one.crs or any(step.name in ("gcj02", "bd09") for step in one.steps):
        return []
    if family_of(one.crs) in ("xian80", "beijing54"):
        return []
    prior, known = standard("crs")["prior"], parse_crs(one.crs)
    found: list[Hypothesis] = []
    for name in ("gcj02", "bd09"):
        if known.is_geographic:
            kind = "cgcs2000" if family_of(one.crs) == "cgcs2000" else "wgs84"
            steps: tuple[Step, ...] = (*one.steps, Step(name))
        elif "Pseudo Mercator" in getattr(known.coordinate_operation, "method_name", ""):
            kind, steps = "wgs84", (*one.steps, *_around(one.crs, "EPSG:4326", name))
        elif central_meridian(one.crs)[0] is not None:
            base = GEOGRAPHIC["cgcs2000"] if family_of(one.crs) else "EPSG:4326"
            kind, steps = "plane", (*one.steps, *_around(one.crs, base, name))
        else:
            continue
        found.append(Hypothesis(name, one.crs, one.weight * prior[f"{name}_{kind}"], steps, one.reasons))
    return found


def _around(crs: str, base: str, name: str) -> tuple[Step, ...]:
    return Step("reproject", (), f"{crs}>{base}"), Step(name), Step("reproject", (), f"{base}>{crs}")


def truncated(points: Array, declared: str, target: tuple[float, float]) -> Hypothesis | None:
    """Return the reading in which leading digits were cut off, in whole 10 km, so that the data falls on ``target``.

    Parameters
    ----------
    points : ndarray (n, 2)
    declared : str
        Projected CRS.
    target : tuple of float
        Where other layers stand, in that CRS.
    """
    middle = np.median(points, axis=0)
    shift = np.round((np.asarray(target) - middle) / 1e5) * 1e5
    if not shift.any() or (np.abs(middle) > 1e6).all():
        return None
    moved = np.abs(middle + shift - target)
    if (moved > 2e4).any() or (np.abs(points).max(axis=0) > 1e6).any():
        return None
    reason = (Reason.of("digits_cut", east=float(shift[0]), north=float(shift[1])),)
    step = Step("shift", (float(shift[0]), float(shift[1])))
    return Hypothesis("false_origin", declared, standard("crs")["prior"]["truncated"], (step,), reason)


def _zone_of(x: Array) -> int:
    """Return the zone number that stands before eastings, 0 for none."""
    zones = np.unique(np.floor(x / 1e6))
    if len(zones) != 1 or not (13 <= zones[0] <= 23 or 25 <= zones[0] <= 45):
        return 0
    rest = np.abs(x - zones[0] * 1e6 - 5e5)
    half = standard("crs")["metres"]["zone_6_half" if zones[0] < 24 else "zone_3_half"]
    return int(zones[0]) if bool(np.median(rest) < half * 1.25) and _has_false_easting(x - zones[0] * 1e6) else 0


def _prefixed_code(
    declared: str, projected: bool, zone: int, wide: bool, meridian: float | None, steps: tuple[Step, ...]
) -> str:
    if steps:
        return "swapped"
    if not declared:
        return "missing_found"
    if not projected:
        return "metres_as_degrees"
    middle = zone * 6 - 3 if wide else zone * 3
    if wide:
        middle = zone * 6 - 3
    same = meridian is not None and abs(meridian - middle) < 0.01
    return "zone_prefix" if same else "zone_mismatch"


def _families(family: str, declared: str) -> list[tuple[str, float]]:
    """Return the datums to try with their weights: the one that is named, else all."""
    prior = standard("crs")["prior"]
    if family:
        rest = [(name, 0.02) for name in FAMILIES if name != family]
        return [(family, 1.0), *rest]
    if declared:
        return [("cgcs2000", 0.6), ("xian80", 0.08), ("beijing54", 0.08)]
    return [(name, prior["missing_gauss" if name == "cgcs2000" else f"missing_{name}"]) for name in FAMILIES]


def in_family(crs: str, family: str) -> str:
    """Return the same zone of another of China's systems, empty where the CRS is no zone of the registry."""
    tables = standard("ifc_georef")["gauss"]
    code = int(crs[5:]) if crs.startswith("EPSG:") and crs[5:].isdigit() else 0
    for table in tables:
        for key, count in (("three_meridian", 21), ("six_meridian", 11), ("three_zone", 21), ("six_zone", 11)):
            if 0 <= code - table[key] < count:
                return f"EPSG:{tables[FAMILIES.index(family)][key] + code - table[key]}"
    return ""


def family_in(words: str) -> str:
    """Return which of China's systems a name speaks of, empty for none."""
    for entry in standard("crs")["word"]:
        if entry["code"] in FAMILIES and any(known in words for known in entry["match"]):
            return str(entry["code"])
    return ""


def _in_mercator(x: Array, y: Array) -> bool:
    metres = standard("crs")["metres"]
    (west, east), (south, north) = metres["mercator_east"], metres["mercator_north"]
    return bool(((x > west) & (x < east) & (y > south) & (y < north)).all())


def _without_twins(found: list[Hypothesis]) -> list[Hypothesis]:
    """Keep of several readings that come to the same the one with most weight."""
    best: dict[tuple[str, tuple[Step, ...]], Hypothesis] = {}
    for one in found:
        key = (one.crs, one.steps)
        if key not in best or best[key].weight < one.weight:
            best[key] = one
    return list(best.values())


def unit_m(one: Hypothesis) -> float:
    """Return about how many metres one unit of a file's numbers is as a hypothesis reads them."""
    unit = _DEGREE_M if one.crs and parse_crs(one.crs).is_geographic else 1.0
    for step in reversed(one.steps):
        match step.name:
            case "scale":
                unit *= step.values[0]
            case "reproject":
                unit = _DEGREE_M if parse_crs(step.text.partition(">")[0]).is_geographic else 1.0
            case "dms_whole":
                unit *= 1e-4
            case "dmm":
                unit *= 1e-2
    return unit

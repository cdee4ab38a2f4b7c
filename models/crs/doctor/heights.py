"""The vertical datum of a layer (Yellow Sea 1956 or 1985, ellipsoidal), from its texts and against a terrain.

There is no geoid model at hand: between ellipsoidal and levelled heights only what the terrain shows is known, and that
is an estimate for the place, never for the country.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.crs.doctor.evidence import Evidence
from models.crs.doctor.levels import Levels
from models.crs.doctor.verdict import Lift, Reason
from models.crs.frame import parse_crs
from resources.standards import standard

Array = NDArray[np.float64]

ELLIPSOIDAL = "EPSG:4979"
H1956, H1985 = "EPSG:5736", "EPSG:5737"
#: Reasons that come from comparing with a terrain.
COMPARED = frozenset({"height_offset", "height_agrees", "height_no_geoid"})
#: An offset from the terrain is constant if its spread is below this share of it, or below these metres.
_SPREAD_SHARE = 0.25
_SPREAD_M = 2.0
#: Differences between geoid and ellipsoid in China lie between these, metres (about −70 in Tibet's west to +45 in the
#: south-east); smaller ones than the least cannot be told from a poor terrain.
_LEAST_M, _MOST_M = 4.0, 75.0
#: The least for pipes, of which only the usual depth is known.
_PIPE_LEAST_M = 10.0


def read(seen: Evidence) -> tuple[str, list[Reason]]:
    """Return the height datum that the words or the CRS name, EPSG code or empty, and why."""
    if seen.heights is None or not np.isfinite(seen.heights).any():
        return "", []
    table = standard("crs")
    for entry in table["height"]:
        if any(known in seen.words for known in entry["match"]):
            reasons = [Reason.of("height_named", datum=str(entry["crs"]))]
            if entry["crs"] == H1956:
                reasons.append(Reason.of("height_1956", metres=float(table["vertical"]["h1985_minus_h1956_m"])))
            return str(entry["crs"]), reasons
    if seen.declared:
        known = parse_crs(seen.declared)
        if known.is_compound:
            part = known.sub_crs_list[-1].to_authority(min_confidence=70)
            return (":".join(part), []) if part else ("", [])
        if known.is_geographic and len(known.axis_info) == 3:
            return ELLIPSOIDAL, [Reason.of("height_named", datum=ELLIPSOIDAL)]
    return "", []


def against_terrain(own_m: Array, terrain_m: Array) -> tuple[str, list[Reason], float]:
    """Compare heights on the ground with a terrain's at the same places.

    Parameters
    ----------
    own_m, terrain_m : ndarray (n,)
        NaN where there is none.

    Returns
    -------
    kind : str
        ``"agrees"``, ``"offset"`` (constant, as large as a geoid undulation), or empty where nothing can be said.
    reasons : list of Reason
    offset_m : float
        Median of own − terrain, NaN where nothing can be said.
    """
    difference = own_m - terrain_m
    difference = difference[np.isfinite(difference)]
    if len(difference) < 10:
        return "", [], float("nan")
    middle = float(np.median(difference))
    spread = float(1.4826 * np.median(np.abs(difference - middle)))
    facts = {"metres": round(middle, 2), "spread": round(spread, 2), "count": len(difference)}
    own = own_m[np.isfinite(own_m)]
    own_spread = float(1.4826 * np.median(np.abs(own - np.median(own))))
    constant = spread < max(_SPREAD_M, _SPREAD_SHARE * abs(middle))
    # Zeros beside any terrain, or heights above the floor, are "constantly" off as well: they do not follow the ground.
    if spread > own_spread + 0.5 or np.ptp(own) < 0.05:
        return "", [], middle
    if constant and _LEAST_M <= abs(middle) <= _MOST_M:
        return "offset", [Reason.of("height_offset", **facts)], middle
    if constant and abs(middle) < _LEAST_M:
        return "agrees", [Reason.of("height_agrees", **facts)], middle
    return "", [], middle


def lift_of(
    vertical: str, levels: Levels | None, terrain_m: Array | None, ground_vertical: str = ""
) -> tuple[Lift | None, list[Reason]]:
    """Return what could be added to a layer's heights, and why.

    Parameters
    ----------
    vertical : str
        Height datum as its words say it (:func:`read`), or empty.
    levels : Levels or None
        Its heights near the ground.
    terrain_m : ndarray (n,) or None
        The terrain's there, NaN where there is none; None without a terrain.
    ground_vertical : str
        Height datum of the project or its terrain, as far as known.
    """
    shift_m = float(standard("crs")["vertical"]["h1985_minus_h1956_m"])
    local_m = float(standard("crs")["vertical"]["local_differs_m"])
    kind, offset = "", float("nan")
    reasons: list[Reason] = []
    if levels is not None and terrain_m is not None:
        kind, reasons, offset = against_terrain(levels.heights + levels.below_m, terrain_m)
        if levels.below_m and abs(offset) < _PIPE_LEAST_M:  # how deep a pipe lies is not known to the metre
            kind, reasons = "", []
    if kind == "offset" and levels is not None:
        facts = dict(reasons[0].facts)
        spread = max(float(facts["spread"]), levels.unsure_m)
        code = "ellipsoid" if vertical == ELLIPSOIDAL else "offset"
        return Lift(code, round(-offset, 2), round(spread, 2), int(facts["count"])), reasons
    if vertical == ELLIPSOIDAL and kind != "agrees":
        return None, [*reasons, Reason.of("height_no_geoid")]
    if vertical == H1956 and ground_vertical != H1956:
        return Lift("h1956", shift_m, local_m), reasons
    if vertical == H1985 and ground_vertical == H1956:
        return Lift("h1985", -shift_m, local_m), reasons
    return None, reasons
